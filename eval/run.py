"""Run a cases file through the shipped path and score it: `python -m eval.run --cases FILE.jsonl --source FILE`.

Without `--cases` and `--source` it runs the product's own gold. One line a case goes to `--json`; a case that crashes
writes a line too and scores zero.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from eval.cases import Case, load_cases
from eval.command import plainly
from eval.gold import GOLD, read_cases, read_threads
from eval.peers.stored import STORED, stored_system
from eval.report import markdown_table, terminal_report
from eval.scores import crash_scores, score
from eval.summary import Record
from eval.systems import Asks, EngineSystem, Reply, System, decline_always, first_two_sentences
from ingest.errors import CommentariatError
from ingest.registry import load
from ingest.source import Source
from ingest.thread import Thread
from rag.evidence import Answerer, Scope
from rag.settings import Settings

__all__ = ["Job", "Progress", "controls", "evaluate", "gold_jobs", "main", "opened", "run_job", "stored_peers"]

Progress = Callable[[Record, int, int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """Cases with the threads that they are about; `name` groups them in tables and intervals."""

    name: str
    threads: tuple[Thread, ...]
    cases: tuple[Case, ...]


def evaluate(
    system: System, cases: Sequence[Case], threads: Sequence[Thread], name: str, progress: Progress | None = None
) -> list[Record]:
    """Put every case to a system and score what it says against the true threads."""
    records = []
    for count, case in enumerate(cases, start=1):
        try:
            reply = system.reply(case)
            scores = score(case, reply.answer, threads)
        except Exception as error:  # noqa: BLE001 - the evaluation's error boundary: a crash is a result
            message = str(error) if isinstance(error, CommentariatError) else f"{type(error).__name__}: {error}"
            reply, scores = Reply({"question": case.q, "answer": "", "error": message}), crash_scores(case, message)
        record = Record(system.name, name, case, reply.answer, scores, reply.ms)
        records.append(record)
        if progress:
            progress(record, count, len(cases))
    return records


def controls(records: Sequence[Record], threads: Sequence[Thread]) -> list[Record]:
    """Return the two controls on the cases of a run, made from the evidence that the run found."""
    made = []
    for name, control in (("first two sentences", first_two_sentences), ("decline always", decline_always)):
        for record in records:
            reply = control(Reply(record.answer))
            # A control has no offsets of its own, so its spans are not scored.
            scores = replace(score(record.case, reply.answer, threads), spans=(0, 0))
            made.append(Record(name, record.thread, record.case, reply.answer, scores))
    return made


def stored_peers(job: Job) -> list[Record]:
    """Return the records of other systems whose answers to a job's cases are stored and not stale."""
    if len(job.threads) != 1:
        return []
    records = []
    for name in STORED:
        system = stored_system(name, job.name, job.cases, job.threads[0])
        known = [case for case in job.cases if system.has(case)]
        records += evaluate(system, known, job.threads, job.name)
    return records


def gold_jobs(names: Sequence[str] = ()) -> tuple[Job, ...]:
    """Return the product's own gold, all of it or the sets named."""
    return tuple(
        Job(gold.name, read_threads(gold), read_cases(gold)) for gold in GOLD if not names or gold.name in names
    )


@contextmanager
def opened(threads: Sequence[Thread], settings: Settings) -> Iterator[Asks]:
    """Open a workspace in a temporary home with the threads added; everything is gone afterwards.

    No answer is one given before: what is measured is answering.
    """
    from rag.build import open_workspace

    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="commentariat-eval-")))
        workspace = open_workspace(replace(settings, home=home, answer_cache=False))
        stack.callback(workspace.close)
        for thread in threads:
            workspace.library.add(thread)
        yield workspace.engine


def run_job(
    job: Job, answerer: Answerer, settings: Settings, progress: Progress | None = None, name: str | None = None
) -> list[Record]:
    """Run one job through the engine in a library of its own."""
    with opened(job.threads, settings) as engine:
        scope = Scope(thread_ids=tuple(thread.id for thread in job.threads))
        system = EngineSystem(engine, answerer, scope, name or answerer)
        return evaluate(system, job.cases, job.threads, job.name, progress)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit code (2 for a failure that the person can mend)."""
    options = _parser().parse_args(arguments)
    return plainly(lambda: _run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval.run", description=__doc__.split("\n\n")[0] if __doc__ else "")
    parser.add_argument("--cases", type=Path, help="questions, JSON Lines; without it the shipped gold is run")
    parser.add_argument("--source", type=Path, action="append", help="the thread they are about (repeatable)")
    parser.add_argument(
        "--gold", action="append", default=[], choices=[gold.name for gold in GOLD], help="one gold set"
    )
    parser.add_argument("--answerer", choices=["auto", "quotes", "model"], default="quotes", help="default: quotes")
    parser.add_argument("--peer", choices=STORED, help="answer the cases with another system too (slow)")
    parser.add_argument("--limit", type=int, help="run the first N cases of each thread")
    parser.add_argument("--kind", action="append", default=[], help="run one kind alone (repeatable)")
    parser.add_argument("--split", choices=["dev", "held"], help="run one half alone; rules are tuned on dev")
    parser.add_argument("--json", type=Path, metavar="OUT.jsonl", help="write a line a case")
    parser.add_argument("--markdown", type=Path, metavar="OUT.md", help="write the table as Markdown")
    parser.add_argument("--judge", action="store_true", help="print how a language model agrees with the measures")
    parser.add_argument("--quiet", action="store_true", help="print the table alone")
    return parser


def _jobs(options: argparse.Namespace) -> tuple[Job, ...]:
    if bool(options.cases) != bool(options.source):
        raise CommentariatError("--cases and --source belong together.", remedy="Give both, or neither for the gold.")
    if options.cases:
        limits = Settings.from_environment().limits
        threads = tuple(thread for path in options.source for thread in load(Source.from_path(path, limits=limits)))
        jobs: tuple[Job, ...] = (Job(options.cases.stem, threads, load_cases(options.cases)),)
    else:
        jobs = gold_jobs(options.gold)
    kept = []
    for job in jobs:
        cases = [case for case in job.cases if not options.kind or case.kind in options.kind]
        cases = [case for case in cases if not options.split or case.split == options.split]
        kept.append(replace(job, cases=tuple(cases[: options.limit])))
    return tuple(kept)


def _peers(job: Job, peer: str | None, settings: Settings) -> list[Record]:
    """Return what is stored of other systems; with `peer`, answer what is not stored."""
    stored = stored_peers(job)
    if peer is None or len(job.threads) != 1:
        return stored
    from eval.peers.opened import answering

    known = {record.case.id for record in stored}
    with answering(peer, job.threads[0], settings) as system:
        rest = [case for case in job.cases if case.id not in known]
        return [*stored, *evaluate(system, rest, job.threads, job.name)]


def _judged(records: Sequence[Record], settings: Settings) -> str:
    from eval.judge import report
    from rag.models import ModelSlot

    slot = ModelSlot(settings)
    try:
        return report(records, slot.get())
    finally:
        slot.close()


def _run(options: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    records: list[Record] = []
    beside: list[Record] = []
    with ExitStack() as stack:
        out: TextIO | None = stack.enter_context(options.json.open("w", encoding="utf-8")) if options.json else None

        def progress(record: Record, count: int, total: int) -> None:
            if out:
                out.write(json.dumps(record.to_json(), ensure_ascii=False) + "\n")
                out.flush()
            if not options.quiet:
                mark = "ok " if record.scores.right else "BAD"
                print(f"{record.thread} {count}/{total} {mark} {record.case.id} {record.case.q[:80]}", file=sys.stderr)

        for job in _jobs(options):
            done = run_job(job, options.answerer, settings, progress)
            records += done
            beside += [*controls(done, job.threads), *_peers(job, options.peer, settings)]
    everything = [*records, *beside]
    print(terminal_report(everything))
    if options.judge:
        print("\n" + _judged(everything, settings))
    if options.markdown:
        options.markdown.write_text(markdown_table(everything), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
