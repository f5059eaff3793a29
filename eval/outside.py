"""Measure any system on the gold: `python -m eval.outside mymodule:answer`. See eval/README.md.

The system is one function: `answer(question, history, thread)` → a mapping with `answer` (text; the citations may
stand in it as `[c10]`), and optionally `citations` (`[{"number": "c10", "quote": "…"}]`), `declined` (true or false),
`claims` (`[{"text", "speaker", "citations"}]`), `evidence` (numbers of what it found, best first), `prompt_tokens` and
`completion_tokens`. `thread` is the canonical JSON of `commentariat show --json`, `history` a list of (question,
answer). Whatever the function raises is recorded and scores zero.
"""

import argparse
import importlib
import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.cases import Case, load_cases
from eval.command import plainly
from eval.gold import GOLD
from eval.peers.layout import declines
from eval.report import terminal_report
from eval.run import Job, evaluate, gold_jobs
from eval.summary import Record
from eval.systems import Reply
from ingest.dump import to_json
from ingest.errors import CommentariatError
from ingest.registry import load
from ingest.source import Source
from ingest.thread import ARTICLE, Thread
from rag.sentences import sentences

__all__ = ["AnswerFunction", "OutsideSystem", "function_named", "main"]

AnswerFunction = Callable[[str, list[tuple[str, str]], dict[str, Any]], Mapping[str, Any]]
"""`answer(question, history, thread)`: the whole interface."""

_GIVE = "Give package.module:function."
_MARK = re.compile(r"\[(c\d+|article)\]")


class OutsideSystem:
    """A function over one thread, asked as the evaluation asks everybody."""

    def __init__(self, name: str, function: AnswerFunction, thread: Thread) -> None:
        self.name = name
        self._function = function
        self._thread = thread
        self._json = to_json(thread)
        self._ids = {comment.tag: comment.id for comment in thread.visible} | {ARTICLE: ARTICLE}

    def reply(self, case: Case) -> Reply:
        """Call the function and read what it returns. Raises whatever it raises, and ValueError for a wrong shape."""
        thread = json.loads(json.dumps(self._json))  # its own copy: a system may change what it is given
        start = time.perf_counter()
        said = self._function(case.q, list(case.history), thread)
        ms = (time.perf_counter() - start) * 1000
        if not isinstance(said, Mapping) or not isinstance(said.get("answer"), str):
            raise ValueError("the function returns a mapping whose `answer` is a text")
        text = said["answer"]
        declined = bool(said.get("declined", not said.get("citations") and declines(text)))
        answer = {
            "question": case.q,
            "answer": _MARK.sub("", text).strip(),
            "abstained": declined,
            "reason": None,
            "route": "declined" if declined else "model",
            "claims": [] if declined else self._claims(text, said),
            "evidence": [self._citation({"number": number}) | {"score": 0.0} for number in said.get("evidence") or ()],
            "rejected": [],
            "timings": {"total_ms": round(ms, 1)},
            "prompt_tokens": int(said.get("prompt_tokens") or 0),
            "completion_tokens": int(said.get("completion_tokens") or 0),
        }
        return Reply(answer, {"total_ms": ms})

    def _claims(self, text: str, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return claims as they were given, else a claim a sentence by its marks, else one with every citation."""
        if said.get("claims"):
            return [
                {**claim, "status": "supported", "citations": [self._citation(one) for one in claim["citations"]]}
                for claim in said["claims"]
            ]
        if said.get("citations"):
            cited = [self._citation(one) for one in said["citations"]]
            return [{"text": text, "status": "supported", "citations": cited}]
        return [
            {
                "text": _MARK.sub("", text[start:end]).strip(),
                "status": "supported",
                "citations": [self._citation({"number": mark}) for mark in _MARK.findall(text[start:end])],
            }
            for start, end in sentences(text)
        ]

    def _citation(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return a citation with its span: that of the quote where it stands in the text, else the whole text."""
        number = str(given["number"])
        comment = self._ids.get(number, "")
        text = self._thread.text_of(comment) or ""
        quote = str(given.get("quote") or text)
        start = max(0, text.find(quote))
        found = self._thread.get(comment)
        return {
            "thread": self._thread.id,
            "comment": comment,
            "number": number,
            "author": found.author if found else None,
            "start": start,
            "end": start + len(quote),
            "quote": quote,
            "text": quote,
        }


def function_named(name: str) -> AnswerFunction:
    """Import `package.module:function`. Raises `CommentariatError` where it is not there."""
    module, _, attribute = name.partition(":")
    try:
        function = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise CommentariatError(f"{name} cannot be imported: {error}.", remedy=_GIVE) from error
    if not callable(function):
        raise CommentariatError(f"{name} is no function.", remedy=_GIVE)
    return function  # type: ignore[no-any-return]


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask the function everything and print the tables; return 0, or 2 where it cannot be asked."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.outside", description=__doc__.split("\n\n")[0] if __doc__ else ""
    )
    parser.add_argument("function", help="package.module:function")
    parser.add_argument("--name", help="the name in tables; without it the function's")
    parser.add_argument(
        "--gold", action="append", default=[], choices=[gold.name for gold in GOLD], help="one gold set"
    )
    parser.add_argument("--cases", type=Path, help="questions of your own, JSON Lines")
    parser.add_argument("--source", type=Path, help="the thread that they are about")
    parser.add_argument("--limit", type=int, help="the first N questions of each thread")
    parser.add_argument("--json", type=Path, metavar="OUT.jsonl", help="write a line a case, for `eval.report`")
    options = parser.parse_args(arguments)
    return plainly(lambda: _run(options))


def _jobs(options: argparse.Namespace) -> tuple[Job, ...]:
    if bool(options.cases) != bool(options.source):
        raise CommentariatError("--cases and --source belong together.", remedy="Give both, or neither for the gold.")
    if options.cases:
        return (Job(options.cases.stem, load(Source.from_path(options.source)), load_cases(options.cases)),)
    return gold_jobs(options.gold)


def _run(options: argparse.Namespace) -> int:
    function = function_named(options.function)
    name = options.name or options.function.rpartition(":")[2]
    records: list[Record] = []
    for job in _jobs(options):
        system = OutsideSystem(name, function, job.threads[0])
        records += evaluate(system, job.cases[: options.limit], job.threads, job.name)
    sys.stdout.write(terminal_report(records) + "\n")
    if options.json:
        lines = (json.dumps(record.to_json(), ensure_ascii=False) + "\n" for record in records)
        options.json.write_text("".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
