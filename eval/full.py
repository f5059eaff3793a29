"""Everything in one go: `python -m eval.full` measures quotes, the local model, controls and stored peers on the gold.

Then the third-party sets with their floors. It tells which of its steps it is at, and goes on where it was stopped. It
writes `.eval/full.jsonl`, `.eval/full.html` (compared with the run before) and, with `--pin`, `eval/results.json` and
the README's tables. The local model answers every question that a peer has answered and a share of the rest: all of
them take two hours on two cores (`--model all`).
"""

import argparse
import json
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

from eval import setgate
from eval.beside import beside_tables, text_tables
from eval.cases import Case
from eval.command import plainly
from eval.gate import read_baseline
from eval.page import Curves, page
from eval.peers.found import Found, found_by
from eval.peers.opened import PEERS
from eval.peers.stored import stored_versions
from eval.report import readme_section, results_json, terminal_report, write_section
from eval.run import Job, controls, gold_jobs, run_job, stored_peers
from eval.sets import root
from eval.steps import Steps
from eval.summary import Record, read_records
from ingest.wording import counted
from rag.adapters.local_model import bundled_installed
from rag.evidence import Answerer
from rag.settings import Settings

__all__ = ["about", "main", "model_share"]

FOLDER = Path(".eval")
EVERY = 8
"""The local model answers every eighth of the questions that no peer has answered."""


def model_share(jobs: Sequence[Job], peers: Sequence[Record], every: int) -> tuple[Job, ...]:
    """Return what the local model answers: each case that a peer answered, and every n-th of the other cases."""
    answered = {(record.thread, record.case.id) for record in peers}
    shares = []
    for job in jobs:
        rest = [case.id for case in job.cases if (job.name, case.id) not in answered]
        kept = {*rest[::every], *(case.id for case in job.cases if (job.name, case.id) in answered)}
        shares.append(replace(job, cases=tuple(case for case in job.cases if case.id in kept)))
    return tuple(shares)


def about(records: Sequence[Record]) -> dict[str, str]:
    """Return what a reader needs to know of a run: when, on what, and with which versions."""
    names = ("torch", "onnxruntime", "chromadb", "llama-index-core", "xllamacpp")
    found = []
    for name in names:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    threads = len({record.thread for record in records})
    cases = len({record.case.id for record in records})
    when = datetime.now(UTC).strftime("%d %B %Y")
    peers = {name: stored_versions(name) for name in PEERS}
    told = "; ".join(f"{name}: {_written(versions)}" for name, versions in peers.items() if versions)
    return {
        "made": f"Made by `make eval-full` on {when}: {counted(cases, 'question')} on {counted(threads, 'thread')}, in "
        "percent; in brackets the 95% interval by bootstrap over threads. `n` differs where a system answered a part; "
        "`tokens` are read and written for a question, on average.",
        "systems": "*naive* is LlamaIndex's CitationQueryEngine, *condense* its condense_plus_context chat engine (it "
        "does not cite: of each source that it lists, the comment nearest to the answer counts as cited), *haystack* a "
        "Haystack pipeline with references, *haiku* haiku.rag's hybrid search; all with the product's encoder and "
        "local model, set up and answered by `python -m eval.peers NAME`, answers stored. *first two sentences* cites "
        "the top hit whatever is asked; *decline always* never answers.",
        "same": "On the questions that all peers have answered; their times were taken on a busy machine. Price of "
        "1,000 questions at the rates given (`--rates`), 0 for a local model:",
        "found": "What is found before a model speaks: share of the gold comments in the first source and in the first "
        "three, how many words those three are, the share found within 300 words, the share of sources that are one "
        "comment's words, and whether the first is mostly a right person's words. *condense* finds what *naive* does:",
        "versions": f"Python {platform.python_version()}, {', '.join(found)}. Peers: {told}.",
    }


def _written(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everything; return 0, 1 where a set is below its floor, or 2 for a failure that the person can mend."""
    parser = argparse.ArgumentParser(prog="python -m eval.full", description="Measure everything.")
    parser.add_argument("--model", choices=["none", "some", "all"], default="some", help="what the local model answers")
    parser.add_argument("--every", type=int, default=EVERY, help="with `some`: it answers every N-th other question")
    parser.add_argument("--model-limit", type=int, help="of each thread, it answers N questions at most (for a trial)")
    parser.add_argument("--no-sets", action="store_true", help="leave the third-party sets out")
    parser.add_argument("--fresh", action="store_true", help="forget what a stopped run had measured")
    parser.add_argument("--rates", type=float, nargs=2, default=(0.0, 0.0), metavar=("IN", "OUT"), help="per 1M tokens")
    parser.add_argument("--pin", action="store_true", help="write eval/results.json and the README's table")
    options = parser.parse_args(arguments)
    return plainly(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    jobs = gold_jobs()
    with_model = options.model != "none" and bool(settings.endpoint or bundled_installed())
    with_sets = not options.no_sets and root().is_dir()
    total = len(jobs) * (2 if with_model else 1) + (len(setgate.names()) if with_sets else 0)
    steps = Steps(FOLDER / "steps", total, fresh=options.fresh)
    records = [record for job in jobs for record in _step(steps, job, "quotes", settings)]
    found = found_by([(job.name, job.threads[0], job.cases) for job in jobs], records)
    peers = [record for job in jobs for record in stored_peers(job)]
    beside = [
        *peers,
        *(r for job in jobs for r in controls([one for one in records if one.thread == job.name], job.threads)),
    ]
    if with_model:
        share = jobs if options.model == "all" else model_share(jobs, peers, options.every)
        share = tuple(replace(job, cases=job.cases[: options.model_limit]) for job in share)
        records += [record for job in share for record in _step(steps, job, "model", settings)]
    sets = setgate.measure_all(steps, root()) if with_sets else setgate.Measured()
    everything = [*records, *beside]
    return _report(everything, found, sets, steps, options)


def _step(steps: Steps, job: Job, answerer: Answerer, settings: Settings) -> list[Record]:
    """Run a job as a step: what a stopped run had answered is not asked again."""

    def run(cases: Sequence[Case], keep: Callable[[Record], None]) -> None:
        run_job(replace(job, cases=tuple(cases)), answerer, settings, lambda record, _count, _total: keep(record))

    return steps.records(f"{answerer}-{job.name}", job.cases, run)


def _report(
    records: Sequence[Record],
    found: Mapping[str, Sequence[Found]],
    sets: setgate.Measured,
    steps: Steps,
    options: argparse.Namespace,
) -> int:
    results = results_json(records, about(records), found=found, sets=sets.figures, rates=tuple(options.rates))
    floors = read_baseline(Path(str(files("eval") / "baseline.json"))).sets
    _write(records, results, sets.curves)
    steps.clear()
    sys.stdout.write(terminal_report(records) + "\n\n" + text_tables(results) + "\n")
    if options.pin:
        Path(str(files("eval") / "results.json")).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        write_section(Path("README.md"), readme_section(results))
    red = setgate.red_sets(sets.figures, floors) if sets.figures else []
    told = setgate.sets_table(sets.figures, floors) if sets.figures else "The third-party sets were left out."
    sys.stdout.write(told + "\n")
    sys.stdout.write("".join(f"{line}\n" for line in red))
    return 1 if red else 0


def _write(records: Sequence[Record], results: Mapping[str, Any], curves: Curves) -> None:
    """Write the run and its page, compared with the run before."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / "full.jsonl"
    previous = read_records(path) if path.is_file() else []
    (FOLDER / "full.html").write_text(
        page(records, previous, tables=beside_tables(results), support=curves), encoding="utf-8"
    )
    lines = (json.dumps(record.to_json(), ensure_ascii=False) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
