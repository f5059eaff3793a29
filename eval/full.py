"""Everything: `python -m eval.full` runs quotes, the local model, controls and stored peers on the whole gold.

Then the third-party sets. It writes `.eval/full.jsonl`, `.eval/full.html` (compared with the run before) and, with
`--pin`, `eval/results.json` and the README's table. The local model answers every question that a peer has answered
and a share of the rest: all of them take two hours on two cores (`--model all`).
"""

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from eval.page import page
from eval.report import readme_section, results_json, terminal_report, write_section
from eval.run import Job, controls, gold_jobs, run_job, stored_peers
from eval.summary import Record, read_records
from ingest.errors import CommentariatError
from rag.adapters.local_model import bundled_installed
from rag.settings import Settings

__all__ = ["about", "main", "model_share"]

FOLDER = Path(".eval")
SETS = ("eval.health", "eval.sets", "eval.sets_trust")


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
    return {
        "made": f"Made by `make eval-full` on {when}: {cases} questions on {threads} threads, in percent; in brackets "
        "the 95% interval by bootstrap over threads. `n` differs where a system answered a part.",
        "systems": "*first two sentences* cites the top hit whatever is asked; *decline always* never answers.",
        "versions": f"Python {platform.python_version()}, {', '.join(found)}.",
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everything; return 0, or 2 for a failure that the person can mend."""
    parser = argparse.ArgumentParser(prog="python -m eval.full", description="Measure everything.")
    parser.add_argument("--model", choices=["none", "some", "all"], default="some", help="what the local model answers")
    parser.add_argument("--no-sets", action="store_true", help="leave the third-party sets out")
    parser.add_argument("--pin", action="store_true", help="write eval/results.json and the README's table")
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except CommentariatError as error:
        sys.stderr.write(f"{error.message} {error.remedy}\n")
        return error.exit_code


def _run(options: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    jobs = gold_jobs()
    records = [record for job in jobs for record in run_job(job, "quotes", settings)]
    beside = [
        record
        for job in jobs
        for record in (*stored_peers(job), *controls([r for r in records if r.thread == job.name], job.threads))
    ]
    if options.model != "none" and (settings.endpoint or bundled_installed()):
        peers = [record for record in beside if record.system == "naive"]
        share = jobs if options.model == "all" else model_share(jobs, peers, 8)
        records += [record for job in share for record in run_job(job, "model", settings)]
    everything = [*records, *beside]
    _write(everything)
    sys.stdout.write(terminal_report(everything) + "\n")
    if options.pin:
        results = results_json(everything, about(everything))
        Path(str(files("eval") / "results.json")).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        write_section(Path("README.md"), readme_section(results))
    return 0 if options.no_sets else _sets()


def _write(records: Sequence[Record]) -> None:
    """Write the run and its page, compared with the run before."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / "full.jsonl"
    previous = read_records(path) if path.is_file() else []
    (FOLDER / "full.html").write_text(page(records, previous), encoding="utf-8")
    lines = (json.dumps(record.to_json(), ensure_ascii=False) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8")


def _sets() -> int:
    """Run the third-party sets that this installation has; return the worst exit code."""
    codes = [import_module(name).main([]) for name in SETS if find_spec(name)]
    return max(map(int, codes), default=0)


if __name__ == "__main__":
    sys.exit(main())
