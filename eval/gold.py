"""The product's own gold: which questions go with which thread, and the hash that pins both."""

import hashlib
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from eval.cases import Case, load_cases
from ingest.registry import load
from ingest.source import Source
from ingest.thread import Thread

__all__ = ["GOLD", "GoldSet", "gold_hashes", "read_cases", "read_threads"]


@dataclass(frozen=True, slots=True)
class GoldSet:
    """One thread with its questions; `package` and `source` name the thread's file, `cases` that of the questions."""

    name: str
    package: str
    source: str
    cases: str
    about: str


GOLD: tuple[GoldSet, ...] = (
    GoldSet("idlib", "ingest.samples", "idlib_thread.txt", "idlib.jsonl", "war report, indented bullets"),
    GoldSet("driftnote", "eval.data", "driftnote.hackernews.json", "driftnote.jsonl", "software release, Hacker News"),
    GoldSet("millstreet", "eval.data", "millstreet.wordpress.xml", "millstreet.jsonl", "town council, WordPress"),
    GoldSet("kettle", "eval.data", "kettle.discourse.json", "kettle.jsonl", "coffee grinder, Discourse"),
    GoldSet("trailrace", "eval.data", "trailrace.reddit.json", "trailrace.jsonl", "mountain race, Reddit"),
    GoldSet("freibad", "eval.data", "freibad.txt", "freibad.jsonl", "open-air pool, German indented bullets"),
    GoldSet("whales", "eval.data", "whales.disqus.xml", "whales.jsonl", "whale song, Disqus without the article"),
)
"""Every thread of the gold; a new one is one line here."""


def read_cases(gold: GoldSet) -> tuple[Case, ...]:
    """Read the questions of a gold set."""
    with as_file(files("eval.data") / gold.cases) as path:
        return load_cases(path)


def read_threads(gold: GoldSet) -> tuple[Thread, ...]:
    """Read the thread of a gold set through the product's own loader."""
    with as_file(files(gold.package) / gold.source) as path:
        return load(Source.from_path(Path(path)))


def gold_hashes() -> dict[str, str]:
    """Return the SHA-256 of every gold file by name."""
    hashes = {}
    for gold in GOLD:
        for package, name in ((gold.package, gold.source), ("eval.data", gold.cases)):
            hashes[name] = hashlib.sha256((files(package) / name).read_bytes()).hexdigest()
    return hashes
