"""Which threads a question over a large library is about: found first, so that only they are read.

Words and meaning are searched over the whole library; the threads that hold the best of both, those whose title the
question names, those of the people it names and those the last answer cited are the shortlist. A library that is
small enough to be read whole has none, and a scope that the reader chose is left alone.
"""

import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.evidence import Scope, Turn
from rag.names import Word, fold, words
from rag.people_table import PeopleTable, Writer
from rag.ports import ThreadRow
from rag.wide import Found, Wide
from rag.words import COMMON, FUNCTION, SPEAKING

__all__ = ["SMALL", "Shortlist"]

SMALL = 6_000  # comments and articles up to which a library is read whole
_THREADS = 8
_COMMENTS = 2_500  # comments read for a question, beyond the two best threads
_PEOPLE = 8  # people that a name may mean
_OF_PERSON = 40  # threads of a person that are looked through
_FIRST = 3.0  # added to a rank, so that the very first hit does not decide alone
_TITLED = 1.0  # a title that the question names stands as high as three first hits
_NAMED_THREAD = re.compile(
    r"\b(?:articles?|threads?|story|stories|discussions?|pieces?|posts?|topics?|debates?|conversations?)\b", re.I
)
_BEFORE_NAME = frozenset(
    ("does", "did", "do", "has", "have", "by", "from", "user", "commenter", "poster", "named", "called", "to", "of",
     "and", "or", "with")
)  # fmt: skip


class Shelf(Protocol):
    """What a shortlist is made from."""

    def threads(self) -> list[ThreadRow]:
        """List the threads; cheap where nothing changed."""
        ...

    def revision(self) -> int:
        """Return a number that grows with every change."""
        ...

    @property
    def people(self) -> PeopleTable:
        """Return who wrote where."""
        ...


@dataclass(frozen=True, slots=True)
class _Shelved:
    """The library's threads at a revision; `titles` maps a folded word of a title to its threads."""

    revision: int
    rows: dict[str, ThreadRow]
    size: int
    titles: dict[str, list[str]]


class Shortlist:
    """Narrows questions to threads. Safe to share between threads."""

    def __init__(self, shelf: Shelf, wide: Wide, *, small: int = SMALL) -> None:
        self._shelf = shelf
        self._wide = wide
        self._small = small
        self._lock = threading.Lock()
        self._kept = _Shelved(-1, {}, 0, {})

    @property
    def comments(self) -> int:
        """Return how many comments and articles the library holds."""
        return self._shelved().size

    def narrowed(self, question: str, history: Sequence[Turn], scope: Scope) -> Scope:
        """Return a scope of the threads that a question may be about, or the given one where all can be read.

        A narrowed scope says of how many threads its own were chosen. Where nothing in the library speaks to the
        question, they are those that were added last.
        """
        shelved = self._shelved()
        if scope.thread_ids or shelved.size <= self._small:
            return scope
        chosen = self._chosen(question, history, shelved)
        return replace(scope, thread_ids=tuple(chosen), chosen_from=len(shelved.rows))

    def _shelved(self) -> _Shelved:
        revision = self._shelf.revision()
        with self._lock:
            kept = self._kept
        if kept.revision != revision:
            rows = {row.id: row for row in self._shelf.threads()}
            size = sum(row.comments + 1 for row in rows.values())
            titles: dict[str, list[str]] = {}
            if size > self._small:
                for row in rows.values():
                    for word in set(re.findall(r"\w+", fold(row.title))) - FUNCTION:
                        titles.setdefault(word, []).append(row.id)
            kept = _Shelved(revision, rows, size, titles)
            with self._lock:
                self._kept = kept
        return kept

    def _chosen(self, question: str, history: Sequence[Turn], shelved: _Shelved) -> list[str]:
        forms = [question]
        if history:
            forms.append(" ".join([*(turn.question for turn in history[-2:]), question]))
            if not history[-1].citations:
                forms.append(history[-1].answer[:500])
        scores: dict[str, float] = {}
        for form in forms:
            _add(scores, _by_hits(self._wide.find(form)))
        _add(scores, _by_titles(question, shelved))
        people = self._people(question)
        first = [citation.thread for citation in history[-1].citations] if history else []
        for writer in people[:_PEOPLE]:
            first += self._of_person(writer, question, scores)
        ranked = sorted(scores, key=lambda name: -scores[name])
        return _within_means([name for name in (*first, *ranked) if name in shelved.rows], shelved)

    def _of_person(self, writer: Writer, question: str, scores: dict[str, float]) -> list[str]:
        """Raise the threads of somebody named, and return the one that must be read: where they speak to the question.

        Their own threads are searched as well, for what they say may not be among the library's best.
        """
        theirs = dict(self._shelf.people.threads_of([writer.name], _OF_PERSON))
        found = self._wide.within(question, tuple(theirs))
        own = {name: weight for name, weight in _by_hits(found).items() if name in theirs}
        _add(scores, {name: 2 * weight for name, weight in own.items()})
        best = max(theirs, key=lambda name: (scores.get(name, 0.0), theirs[name]), default="")
        return [best] if best else []

    def _people(self, question: str) -> list[Writer]:
        """Return the people whom the question may name, who wrote most first; typos are forgiven beyond a first letter.

        Only words that stand like names are looked up: nearly every word is part of somebody's name in a large library.
        """
        tokens = words(question)
        spans = [(at, last) for at in range(len(tokens)) for last in range(at, min(at + 3, len(tokens)))]
        spelled = {_joined(question, tokens, at, last): at for at, last in spans if _like_a_name(question, tokens, at)}
        if not spelled:
            return []
        found = self._shelf.people.find(list(spelled), 4 * _PEOPLE)
        known = {fold(name) for writer in found for name in (writer.name, *re.split(r"[\W_]+", writer.name))}
        for name in spelled:
            if " " not in name and name not in known and len(name) > 3 and name not in COMMON:
                found += self._misspelt(name)
        exact = [writer for writer in found if fold(writer.name) in spelled]
        return list(dict.fromkeys((*exact, *found)))

    def _misspelt(self, name: str) -> list[Writer]:
        room = 1 if len(name) < 7 else 2 if len(name) < 12 else 3
        parts = self._shelf.people.parts_like(name, room)
        near = process.extract(name, parts, scorer=OSA.distance, score_cutoff=room, limit=_PEOPLE)
        return self._shelf.people.find([part for part, _, _ in near], _PEOPLE) if near else []


def _joined(question: str, tokens: Sequence[Word], first: int, last: int) -> str:
    return fold(question[tokens[first].start : tokens[last].start + len(tokens[last].text)].lstrip("@"))


def _like_a_name(question: str, tokens: Sequence[Word], at: int) -> bool:
    """Tell whether a word stands where a name stands, or is spelled like one."""
    token = tokens[at]
    word = token.text.lower().lstrip("@")
    before = tokens[at - 1].text.lower() if at else ""
    after = tokens[at + 1].text.lower() if at + 1 < len(tokens) else ""
    spelled = token.text.startswith("@") or any(char.isdigit() or char == "_" for char in word)
    if token.possessive or (spelled and not word.isdigit()):
        return True
    if word in FUNCTION or len(word) < 2:
        return False
    if token.text[:1].isupper() and (at or after in SPEAKING):
        return True
    return word not in COMMON and (before in _BEFORE_NAME or after in SPEAKING)


def _by_hits(found: Found) -> dict[str, float]:
    """Weigh threads by their hits: each counts by its rank, the later ones of a thread less and less."""
    scores: dict[str, float] = {}
    for ids in (found.by_words, found.by_meaning):
        seen: dict[str, int] = {}
        for rank, name in enumerate(ids):
            thread_id = found.threads.get(name)
            if thread_id is None:
                continue
            times = seen[thread_id] = seen.get(thread_id, 0) + 1
            scores[thread_id] = scores.get(thread_id, 0.0) + 1 / (_FIRST + rank) / times
    return scores


def _by_titles(question: str, shelved: _Shelved) -> dict[str, float]:
    """Weigh threads by how much of the question's words their titles bear; most where it speaks of a thread."""
    asked = [word for word in dict.fromkeys(re.findall(r"\w+", fold(question))) if word in shelved.titles]
    rare = [word for word in asked if len(shelved.titles[word]) <= max(_THREADS, len(shelved.rows) // 50)]
    weight = (_TITLED if _NAMED_THREAD.search(question) else _TITLED / 5) / max(1, len(rare))
    scores: dict[str, float] = {}
    for word in rare:
        _add(scores, dict.fromkeys(shelved.titles[word], weight))
    return scores


def _add(scores: dict[str, float], more: dict[str, float]) -> None:
    for name, value in more.items():
        scores[name] = scores.get(name, 0.0) + value


def _within_means(names: Iterable[str], shelved: _Shelved) -> list[str]:
    """Return the first threads that together are not too much to read; the first two whatever their size."""
    chosen: list[str] = []
    left = _COMMENTS
    for name in dict.fromkeys(names):
        comments = shelved.rows[name].comments
        if len(chosen) >= 2 and comments > left:
            continue
        chosen.append(name)
        left -= comments
        if len(chosen) == _THREADS:
            break
    return chosen or list(shelved.rows)[-_THREADS:]
