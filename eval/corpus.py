"""Made-up discussions in the shape of real ones: as many comments as wanted, the same for the same seed.

Shapes (how long threads and comments are, who answers whom, how often one person speaks, how much is deleted) are
drawn from what real exports measure; see `SHAPE`. The words are made up, spread as words are (Zipf), and every thread
has a topic and words of its own, so that a search by words finds some threads and not others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ingest.thread import Article, Comment, Thread
from rag.lexical import STOP_WORDS

__all__ = ["SHAPE", "Corpus", "Shape", "Vocabulary"]

_Words = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shape:
    """How discussions are shaped. Logarithms are natural, shares between 0 and 1."""

    comments: tuple[float, float]  # mean and deviation of the logarithm of the comments of a thread
    most_comments: int
    words: tuple[float, float]  # of the words of a comment
    most_words: int
    depths: tuple[float, ...]  # share of the comments at each depth, the last with all below
    people: float  # different people for each comment of a thread, on average over threads
    deleted: float  # share of the comments that are deleted or hidden
    common: float  # share of function words among all words


SHAPE = Shape(
    comments=(3.39, 1.04),
    most_comments=3_000,
    words=(3.61, 1.17),
    most_words=900,
    depths=(0.57, 0.245, 0.088, 0.035, 0.018, 0.015, 0.011, 0.011, 0.007),
    people=0.65,
    deleted=0.069,
    common=0.45,
)
"""Measured on the 13 real threads of ten comments and more that keep replies among our reference exports (656 comments
of Discourse, Disqus-like and WordPress pages, Reddit, Slashdot and a newspaper); deleted and dead: 28 of the 407 items
of a Hacker News thread. The longest of these threads has 203 comments; the logarithmic normal distribution is carried
on up to 3,000, as large sites have them."""

_TOPICS = 400
_TOPIC_WORDS = 60
_OWN_WORDS = 12
_GATHERED = 0.2  # how evenly replies spread over top-level comments; the smaller, the fewer branches have them
_ONSETS = (
    "b", "br", "c", "ch", "cl", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "pr", "qu",
    "r", "s", "sh", "sl", "st", "t", "th", "tr", "v", "w", "z",
)  # fmt: skip
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "oo")
_CODAS = ("", "", "", "", "n", "r", "l", "s", "t", "m", "ck", "nd", "rt")
_FIRST = (
    "Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gita", "Hugo", "Ines", "Jon", "Kira", "Liam", "Mina", "Noor", "Omar",
    "Pia", "Quin", "Rosa", "Sven", "Tara", "Uma", "Vera", "Wim", "Yara", "Zeno", "Anton", "Bela", "Carl", "Dora",
    "Emil",
)  # fmt: skip


class Vocabulary:
    """Words by rank, the most frequent first: English function words, then made-up ones.

    `topics[t]` are the ranks of the words that belong to topic t.
    """

    def __init__(self, size: int, rng: np.random.Generator) -> None:
        self.common = sorted(word for word in STOP_WORDS["english"] if word.isalpha() and len(word) > 1)
        made: dict[str, None] = {}
        while len(made) < size:
            parts = [rng.integers(0, len(choice), 3) for choice in (_ONSETS, _VOWELS, _CODAS)]
            count = 2 + int(rng.random() < 0.35)
            word = "".join(_ONSETS[parts[0][at]] + _VOWELS[parts[1][at]] + _CODAS[parts[2][at]] for at in range(count))
            if len(word) > 3:
                made.setdefault(word)
        self.words = [*self.common, *made]
        self.topics: NDArray[np.int64] = rng.integers(len(self.common) + 200, len(self.words), (_TOPICS, _TOPIC_WORDS))
        self._common = np.cumsum(1.0 / np.arange(1, len(self.common) + 1))
        self._rest = np.cumsum(1.0 / np.arange(20, size + 20))

    def common_words(self, count: int, rng: np.random.Generator) -> _Words:
        """Draw function words."""
        return np.asarray(np.searchsorted(self._common, rng.random(count) * self._common[-1]))

    def other_words(self, count: int, rng: np.random.Generator) -> _Words:
        """Draw content words of no topic, the frequent ones more often (Zipf)."""
        drawn = np.searchsorted(self._rest, rng.random(count) * self._rest[-1])
        return np.asarray(len(self.common) + drawn)


class Corpus:
    """A library of discussions that is made up as it is read: `threads` yields the same ones for the same seed.

    `comments` are the visible comments of all threads together. `first` is the number of comments of the first
    thread, to ask within; 0 for one like the others.
    """

    def __init__(
        self, comments: int, *, seed: int = 1, first: int = 0, vocabulary: int = 30_000, shape: Shape = SHAPE
    ) -> None:
        self.comments = comments
        self.shape = shape
        self._seed = seed
        self._first = first
        self._vocabulary = vocabulary

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Return the words of all threads."""
        return Vocabulary(self._vocabulary, np.random.default_rng(self._seed))

    @cached_property
    def people(self) -> list[str]:
        """Return everybody who may comment, the busiest first: handles and names of two words."""
        rng = np.random.default_rng(self._seed + 1)
        count = max(60, int(self.comments**0.9 / 2))
        words = self.vocabulary.words
        picked = rng.integers(len(self.vocabulary.common), len(words), count)
        styles = rng.random(count)
        firsts = rng.integers(0, len(_FIRST), count)
        names: dict[str, None] = {}
        for number in range(count):
            word = words[picked[number]]
            full = f"{_FIRST[firsts[number]]} {word.capitalize()}"
            names.setdefault(f"{word}{number % 997}" if styles[number] < 0.5 else full)
        return list(names)

    def threads(self) -> Iterator[Thread]:
        """Yield threads until their visible comments are as many as wanted."""
        left, number = self.comments, 0
        while left > 0:
            rng = np.random.default_rng((self._seed, number))
            size = self._first if number == 0 and self._first else self._size(rng)
            thread = self._thread(number, min(size, left), rng)
            left -= len(thread.visible)
            number += 1
            yield thread

    def _size(self, rng: np.random.Generator) -> int:
        return int(np.clip(rng.lognormal(*self.shape.comments), 3, self.shape.most_comments))

    def _thread(self, number: int, visible: int, rng: np.random.Generator) -> Thread:
        name = f"made:{self._seed}-{number}"
        writer = _Writer(self.vocabulary, rng)
        hidden = int(rng.binomial(visible, self.shape.deleted / (1 - self.shape.deleted)))
        parents = _parents(visible + hidden, self.shape.depths, rng)
        answered = set(parents)
        leaves = [at for at in range(len(parents)) if at not in answered]
        stubs = set(rng.permutation(leaves)[:hidden].tolist())
        stubs |= set(rng.permutation(len(parents))[: hidden - len(stubs)].tolist()) if len(stubs) < hidden else set()
        lengths = np.clip(rng.lognormal(*self.shape.words, len(parents)), 1, self.shape.most_words).astype(int)
        authors = self._authors(len(parents), rng)
        bodies = writer.texts(lengths, self.shape.common)
        comments, place = [], 0
        for at, parent in enumerate(parents):
            above = f"{name}/{parent}" if parent is not None else None
            minute = f"2024-03-{1 + at % 28:02d}T{at // 60 % 24:02d}:{at % 60:02d}:00Z"
            if at in stubs:
                comments.append(Comment(f"{name}/{at}", None, above, above, None, "", status="deleted"))
                continue
            place += 1
            comments.append(Comment(f"{name}/{at}", place, above, above, authors[at], bodies[at], created_at=minute))
        text = "\n\n".join(writer.texts(np.asarray([60, 90, 70]), self.shape.common))
        title = " ".join(word.capitalize() for word in writer.title())
        return Thread(name, "made up", Article(title=title, text=text), tuple(comments), origin=name)

    def _authors(self, count: int, rng: np.random.Generator) -> list[str]:
        """Draw who wrote each comment: few people in a thread speak often, and some speak in many threads."""
        share = float(np.clip(rng.normal(self.shape.people, 0.2), 0.2, 1.0))
        group = max(2, int(count * share * 1.6))
        busy = (len(self.people) * rng.random(group) ** 2.5).astype(int)  # the busiest come first
        return [self.people[busy[member]] for member in (group * rng.random(count) ** 1.3).astype(int)]


def _parents(count: int, depths: Sequence[float], rng: np.random.Generator) -> list[int | None]:
    """Draw a tree in document order: whom each comment answers, None at the top."""
    wanted = rng.choice(len(depths), count, p=np.asarray(depths) / sum(depths))
    last: list[int] = []  # the comment now open at each depth
    parents: list[int | None] = []
    # Deeper comments follow shallower ones: a comment whose depth nothing open reaches waits for one that does.
    waiting = sorted(wanted[wanted > 0].tolist())
    tops = max(1, int((wanted == 0).sum()))
    # Most top-level comments stay alone and a few draw many replies.
    gaps = rng.multinomial(len(waiting), rng.dirichlet(np.full(tops, _GATHERED))) if waiting else np.zeros(tops, int)
    order = rng.permutation(len(waiting)).tolist()
    at = 0
    for below in gaps:
        parents.append(None)
        last = [len(parents) - 1]
        # A chain grows as deep as it can, then the next begins.
        for depth in _chains([waiting[order[at + step]] for step in range(int(below))]):
            level = min(depth, len(last))
            parents.append(last[level - 1])
            last = [*last[:level], len(parents) - 1]
        at += int(below)
    return parents[:count]


def _chains(depths: list[int]) -> list[int]:
    """Order depths so that each comment finds one a step above it, where there is one."""
    left = sorted(depths)
    ordered: list[int] = []
    while left:
        depth = 0
        rest = []
        for wanted in left:
            if wanted == depth + 1:
                ordered.append(wanted)
                depth = wanted
            else:
                rest.append(wanted)
        if not depth:
            return ordered + rest
        left = rest
    return ordered


class _Writer:
    """Writes in one thread: its topic, its own words, and the words that everybody uses."""

    def __init__(self, vocabulary: Vocabulary, rng: np.random.Generator) -> None:
        self._vocabulary = vocabulary
        self._rng = rng
        self._topic = vocabulary.topics[int(rng.integers(0, len(vocabulary.topics)))]
        self._own = rng.integers(len(vocabulary.common), len(vocabulary.words), _OWN_WORDS)

    def title(self) -> list[str]:
        """Name the thread by its topic and one word of its own."""
        picked = [*self._rng.permutation(self._topic)[:3], self._own[0]]
        return [self._vocabulary.words[rank] for rank in picked]

    def texts(self, lengths: NDArray[np.int64], common: float) -> list[str]:
        """Write texts of so many words each."""
        total = int(lengths.sum())
        rng, kind = self._rng, self._rng.random(total)
        ranks = self._vocabulary.other_words(total, rng)
        function = kind < common
        ranks[function] = self._vocabulary.common_words(int(function.sum()), rng)
        topical = (kind >= common) & (kind < common + 0.15)
        ranks[topical] = rng.choice(self._topic, int(topical.sum()))
        own = (kind >= common + 0.15) & (kind < common + 0.2)
        ranks[own] = rng.choice(self._own, int(own.sum()))
        every = [self._vocabulary.words[rank] for rank in ranks]
        ends = np.cumsum(lengths)
        return [self._sentences(every[end - length : end]) for end, length in zip(ends, lengths, strict=True)]

    def _sentences(self, words: list[str]) -> str:
        parts, at = [], 0
        steps = self._rng.integers(6, 24, 1 + len(words) // 6).tolist()
        for step in steps:
            part = words[at : at + step]
            if not part:
                break
            parts.append(f"{part[0].capitalize()} {' '.join(part[1:])}".strip() + ".")
            at += step
        return " ".join(parts)
