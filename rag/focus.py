"""Which comments a phrase points at: "Bianca's comment about Turkey", "what Don replied to Bianca". Pure, lexical."""

import math
import re
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache

import Stemmer

from ingest.thread import Comment, Thread
from rag.addressing import Addressing
from rag.names import fold
from rag.query import UNNAMED
from rag.words import FUNCTION

__all__ = ["answers_to", "comments_about", "contains", "occurrences", "stems"]

_CLOSE = 0.75
_MOST = 3


_LOCAL = threading.local()  # a stemmer keeps state: one a thread


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    if not hasattr(_LOCAL, "stemmer"):
        _LOCAL.stemmer = Stemmer.Stemmer("english")
    return str(_LOCAL.stemmer.stemWord(word))


def stems(text: str) -> tuple[str, ...]:
    """Return the stems of a text's words without the function words, in order."""
    found = re.findall(r"\w+", fold(text))
    return tuple(_stem(word) for word in found if word not in FUNCTION)


def own_text(comment: Comment) -> str:
    """Return a comment's own words without what it quotes."""
    if not comment.quotes:
        return comment.body
    return " ".join(comment.body[start:end] for start, end in comment.own_spans)


def contains(comment: Comment, phrase: str) -> bool:
    """Tell whether a comment's own words contain every content word of a phrase."""
    return occurrences(comment, phrase) > 0


def occurrences(comment: Comment, phrase: str) -> int:
    """Count how often a phrase occurs in a comment's own words: its rarest content word.

    Singular and plural are the same word; other forms are not (`park` is no mention of `parking`).
    """
    text = fold(own_text(comment))
    plain, words = _forms(phrase)
    counts = [len(word.findall(text)) for word in words]
    if counts and all(counts):
        return min(counts)
    return text.count(plain) if not plain.isascii() else 0


@lru_cache(maxsize=256)
def _forms(phrase: str) -> tuple[str, tuple[re.Pattern[str], ...]]:
    """Return a phrase folded, and a pattern for each of its content words in singular and plural."""
    plain = fold(phrase).strip()
    words = [word for word in re.findall(r"\w+", plain) if word not in FUNCTION] or [plain]
    patterns = []
    for word in dict.fromkeys(map(_singular, words)):
        ending = rf"{re.escape(word[:-1])}(?:y|ies)" if word.endswith("y") else rf"{re.escape(word)}(?:s|es)?"
        patterns.append(re.compile(rf"(?<!\w){ending}(?!\w)"))
    return plain, tuple(patterns)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _head(stem: str) -> str:
    """Return the beginning that every form of a stem shares (`ferri` → `ferr`)."""
    return stem[:-1] if len(stem) > 3 and stem.endswith("i") else stem


def answers_to(threads: Sequence[Thread], speakers: Sequence[str], addressees: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of the speakers' comments that answer one of the addressees, as `rag.addressing` tells.

    Without speakers, those of everybody else's.
    """
    found = []
    for thread in threads:
        addressing = Addressing(thread)
        for comment in thread.visible:
            author = comment.author or UNNAMED
            if author not in speakers if speakers else author in addressees:
                continue
            parent = thread.parent(comment)
            nameless = parent is not None and parent.visible and parent.author is None
            if (nameless and UNNAMED in addressees) or addressing.answered(comment).intersection(addressees):
                found.append(comment.id)
    return tuple(found)


def comments_about(topic: str, threads: Sequence[Thread], by: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the ids of the comments (of some authors) that a topic fits best; none where no word of it occurs.

    Words are weighed by how few of the comments hold them; close runners-up are kept, three at most.
    """
    wanted = dict.fromkeys(stems(topic))
    if not wanted:
        return ()
    candidates = [c for thread in threads for c in thread.visible if not by or (c.author or UNNAMED) in by]
    held = [(comment, _held(comment, wanted)) for comment in candidates]
    spread = {stem: sum(stem in found for _, found in held) for stem in wanted}
    scored = [
        (sum(math.log(1 + len(candidates) / spread[stem]) for stem in found), comment)
        for comment, found in held
        if found
    ]
    if not scored:
        return ()
    best = max(score for score, _ in scored)
    kept = sorted((pair for pair in scored if pair[0] >= _CLOSE * best), key=lambda pair: -pair[0])
    return tuple(comment.id for _, comment in kept[:_MOST])


def _held(comment: Comment, wanted: Iterable[str]) -> set[str]:
    text = fold(comment.body)
    likely = {stem for stem in wanted if _head(stem) in text}
    return likely & {_stem(word) for word in re.findall(r"\w+", text)} if likely else set()
