"""Answers of other systems, stored so that a table needs no half a minute a question: one JSON line an answer.

Each line is keyed by a hash of the thread's text, the question and its history: a changed nugget keeps the answer, a
changed thread or question makes it stale, and a stale answer is never shown.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from eval.cases import Case
from eval.systems import Reply, StoredSystem
from ingest.thread import Thread

__all__ = ["STORED", "answer_key", "answers_path", "recorder", "stored_keys", "stored_system", "stored_versions"]


STORED = ("naive", "condense", "haystack")
"""The systems whose answers are stored, in the order of the table."""


def answer_key(case: Case, thread: Thread) -> str:
    """Return what an answer depends on, hashed: the thread's words and authors, the question, its history."""
    words = [thread.article.title, thread.article.text]
    words += [f"{comment.author}\x1e{comment.body}" for comment in thread.visible]
    asked = [case.q, *(part for turn in case.history for part in turn)]
    return hashlib.sha256("\x1f".join([*words, "\x1d", *asked]).encode()).hexdigest()[:24]


def answers_path(system: str, name: str) -> Path:
    """Return where the answers of a system to a gold set are stored."""
    return Path(str(files("eval.peers") / "answers" / f"{system}.{name}.jsonl"))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def stored_keys(path: Path) -> set[str]:
    """Return the keys of the answers that are already there."""
    return {str(line["key"]) for line in _lines(path)}


def stored_system(system: str, name: str, cases: Sequence[Case], thread: Thread) -> StoredSystem:
    """Return a system that repeats the stored answers which are not stale; `has` tells which cases it knows."""
    lines = {str(line["key"]): line for line in _lines(answers_path(system, name))}
    answers = {}
    for case in cases:
        line = lines.get(answer_key(case, thread))
        if line is not None:
            answers[case.id] = Reply(line["answer"], line["ms"])
    return StoredSystem(system, answers)


def stored_versions(system: str) -> dict[str, str]:
    """Return the versions that a peer's stored answers, or what it found, were made with; empty without any."""
    folder = answers_path(system, "x").parent
    for path in sorted(folder.glob(f"{system}.*.jsonl")):
        for line in _lines(path):
            versions = line.get("versions") or (line.get("about") or {}).get("versions")
            if versions:
                return dict(versions)
    return {}


class _Recorder:
    """Appends answers to a file, one line at a time, so that a stopped run loses nothing."""

    def __init__(self, path: Path, thread: Thread) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")
        self._thread = thread

    def write(
        self, case: Case, reply: Reply, versions: Mapping[str, str], settings: Mapping[str, str | int | float]
    ) -> None:
        """Append one answer."""
        line = {
            "key": answer_key(case, self._thread),
            "case": case.id,
            "versions": dict(versions),
            "settings": dict(settings),
            "ms": {name: round(value, 1) for name, value in reply.ms.items()},
            "answer": dict(reply.answer),
        }
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@contextmanager
def recorder(path: Path, thread: Thread) -> Iterator[_Recorder]:
    """Open a file of answers for appending."""
    open_file = _Recorder(path, thread)
    try:
        yield open_file
    finally:
        open_file.close()
