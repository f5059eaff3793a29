"""Full text on PostgreSQL: tsvectors made of the words that SQLite would make, and its BM25 over them.

PostgreSQL's own configurations cut and stem otherwise, and its ranks know nothing of how rare a word is. So texts and
questions go through SQLite's tokeniser, in memory, and the score is computed as SQLite's `bm25()` does: k1 1.2, b 0.75,
rarity over the whole library. Both databases give the same passages in the same order.
"""

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from rag.database import Connection
from rag.store import TOKENIZER

__all__ = ["Words", "frequency", "search", "vector"]

_LONGEST = 500  # characters of a word that are compared: PostgreSQL refuses lexemes of 2 KiB
_LAST = 16_383  # position beyond which PostgreSQL counts no further
_K1, _B = 1.2, 0.75
_ALL = np.pi**2 / 6


class Words:
    """Cut texts into words as SQLite's full text does. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._memory: sqlite3.Connection | None = None

    def cut(self, texts: Sequence[str]) -> list[dict[str, list[int]]]:
        """Return the stems of each text with their places, counted from 1."""
        found: list[dict[str, list[int]]] = [{} for _ in texts]
        rows = [(number, text.encode("utf-8", "replace").decode()) for number, text in enumerate(texts)]
        with self._lock:
            memory = self._memory or self._open()
            memory.executemany("INSERT INTO words(rowid, text) VALUES (?, ?)", rows)
            for number, term, offset in memory.execute("SELECT doc, term, offset FROM places ORDER BY doc, offset"):
                found[number].setdefault(term[:_LONGEST], []).append(offset + 1)
            memory.execute("INSERT INTO words(words) VALUES ('delete-all')")
        return found

    def close(self) -> None:
        """Let the memory go."""
        with self._lock:
            if self._memory is not None:
                self._memory.close()
            self._memory = None

    def _open(self) -> sqlite3.Connection:
        self._memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._memory.execute(f"CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize='{TOKENIZER}')")
        self._memory.execute("CREATE VIRTUAL TABLE places USING fts5vocab(words, instance)")
        return self._memory


def vector(words: Mapping[str, Sequence[int]]) -> str:
    """Write words with their places as a tsvector.

    >>> vector({"ferri": [1, 4], "queue": [2]})
    "'ferri':1,4 'queue':2"
    """
    placed = {word: ",".join(str(min(place, _LAST)) for place in places) for word, places in words.items()}
    return " ".join(f"{_quoted(word)}:{places}" for word, places in placed.items())


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


class _Phrase:
    """One term of a question: a word, or several that must follow one another as "ada's" does."""

    def __init__(self, words: Mapping[str, Sequence[int]]) -> None:
        placed = sorted((at, word) for word, places in words.items() for at in places)
        self.words = tuple(word for _, word in placed)
        self.query = " <-> ".join(_quoted(word) for word in self.words)
        self.idf = 0.0


def frequency(connection: Connection, words: Words, term: str, most: int) -> int:
    """Return how many passages hold a term, counted no further than `most`."""
    phrases = [phrase for phrase in map(_Phrase, words.cut([term])) if phrase.words]
    if not phrases:
        return 0
    query = "SELECT count(*) FROM (SELECT 1 FROM passages WHERE words @@ ?::tsquery LIMIT ?) AS held"
    return int(connection.execute(query, (phrases[0].query, most)).fetchone()[0])


def search(
    connection: Connection,
    words: Words,
    terms: Sequence[str],
    k: int,
    thread_ids: Sequence[str],
    totals: Callable[[Connection, str], tuple[int, float]],
) -> list[tuple[str, float]]:
    """Return up to k (passage id, BM25 score) for any of the terms, best first.

    `totals` returns how many passages the library has at a revision, and how many words they have on average.
    """
    phrases = [phrase for phrase in map(_Phrase, words.cut(terms)) if phrase.words]
    if not phrases:
        return []
    mean = _weigh(connection, phrases, totals)
    parts, values = [], []
    for phrase in phrases:
        times, of = _times(phrase)
        parts.append(f"? * (1 - norm / ({times} + norm))")  # idf · tf / (tf + norm), with tf but once
        values += [phrase.idf * (_K1 + 1), *of]
    scope, chosen = "", []
    if thread_ids:
        scope, chosen = "AND p.thread IN (SELECT seq FROM threads WHERE id = ANY(?))", [list(thread_ids)]
    anything = " | ".join({f"({phrase.query})": None for phrase in phrases})
    rows = connection.execute(
        f"SELECT p.id, ({' + '.join(parts)})::float8 AS score FROM passages p,"  # noqa: S608 - constants
        " LATERAL (SELECT ?::float8 + p.length * ?::float8 AS norm) AS of_length"
        f" WHERE p.words @@ ?::tsquery {scope} ORDER BY score DESC, p.seq LIMIT ?",
        (*values, _K1 * (1 - _B), _K1 * _B / max(1.0, mean), anything, *chosen, k),
    ).fetchall()
    return [(str(row[0]), float(row[1])) for row in rows]


def _weigh(
    connection: Connection, phrases: Sequence[_Phrase], totals: Callable[[Connection, str], tuple[int, float]]
) -> float:
    """Give each phrase its rarity among all passages; return their mean length."""
    counts = ", ".join("(SELECT count(*) FROM passages WHERE words @@ ?::tsquery)" for _ in phrases)
    query = f"SELECT value, {counts} FROM meta WHERE key = 'revision'"  # noqa: S608 - constants
    revision, *found = connection.execute(query, [phrase.query for phrase in phrases]).fetchone()
    count, mean = totals(connection, revision)
    for phrase, frequency in zip(phrases, found, strict=True):
        rarity = np.log(max(1e-9, (count - frequency + 0.5) / (frequency + 0.5)))  # the count may be a moment later
        phrase.idf = max(1e-6, float(rarity))
    return mean


def _times(phrase: _Phrase) -> tuple[str, list[object]]:
    """Return an expression, and its values, for how often a phrase occurs in passage `p`; 0 where it does not."""
    if len(phrase.words) == 1:
        # With all weights 1, ts_rank of one word that occurs n times is the sum of 1/i² up to n over that of all
        # (π²/6); what is left of π²/6 lies so near 1/(n + ½) that n is found by rounding. Unpacking each tsvector to
        # count its places takes five to thirty times as long.
        rank = "ts_rank('{1,1,1,1}', p.words, ?::tsquery)"
        return f"round(1 / ({_ALL} * (1 - {rank})) - 0.5)", [phrase.query]
    after = "".join(
        f" AND EXISTS (SELECT 1 FROM unnest(p.words) AS w{step} WHERE w{step}.lexeme = ?"  # noqa: S608 - numbers
        f" AND first + {step} = ANY(w{step}.positions))"
        for step in range(1, len(phrase.words))
    )
    count = "SELECT count(*) FROM unnest(p.words) AS w, unnest(w.positions) AS first WHERE w.lexeme = ?"
    return f"CASE WHEN p.words @@ ?::tsquery THEN ({count}{after}) ELSE 0 END", [phrase.query, *phrase.words]
