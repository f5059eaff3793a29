"""Words to match by: tokens, stems, stop words, and an exact BM25 over a few thousand texts in memory.

Everything that compares words (retrieval, support, declining) reads them through `terms`, so that a question, a
comment and a claim are cut alike. Scripts written without spaces become overlapping pairs of characters.
"""

import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import Stemmer
from numpy.typing import NDArray

from rag.stopwords import STOP_WORDS

__all__ = ["BM25", "STOP_WORDS", "bm25_idf", "coverage", "language_of", "stem", "terms", "words"]

# Han, kana, Hangul, Thai, Lao, Khmer, Myanmar: no spaces between words, or particles glued to them.
_DENSE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_DENSE}]+|(?:(?![{_DENSE}])[^\W_])+(?:['.,](?:(?![{_DENSE}])[^\W_])+)*(?:\+\+|#)?")
_DENSE_RUN = re.compile(rf"[{_DENSE}]")
_NUMBER = re.compile(r"\d[\d.,]*")
_ACRONYMS = frozenset({"US", "IT", "WHO"})  # in capitals these are not the pronouns that stop words mean
_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu)'(?=\w)")
_STEMMERS = threading.local()  # a Stemmer object must not be used by two threads at once


def words(text: str) -> list[str]:
    """Cut a text into lower-case words and numbers, in order, unstemmed, stop words included.

    Groups of three digits are joined ("40,000" → "40000"); text without spaces becomes pairs of characters.

    >>> words("Ada's 1,200 cars")
    ["ada's", '1200', 'cars']
    """
    found: list[str] = []
    text = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    shouting = text.isupper()
    for raw in _TOKEN.findall(text):
        token = raw.casefold()
        if raw in _ACRONYMS and not shouting:
            found.append(f"{token}.")
        elif _DENSE_RUN.match(token):
            found.extend(token[at : at + 2] for at in range(max(1, len(token) - 1)))
        elif _NUMBER.fullmatch(token):
            found.append(re.sub(r"[.,](?=\d{3}(?:\D|$))", "", token))
        elif "." in token or "," in token:
            found.extend(_pieces(token))
        else:
            found.append(token)
    return found


def _pieces(token: str) -> list[str]:
    # "u.s." and "e.g" are one word, "end.Then" and "example.com" are several.
    parts = [part for part in re.split(r"[.,]", token) if part]
    if all(len(part) == 1 for part in parts):
        joined = "".join(parts)
        return [f"{joined}." if joined.upper() in _ACRONYMS else joined]
    return parts


def language_of(text: str) -> str:
    """Guess the language of a text by its function words: a Snowball name; English when in doubt.

    >>> language_of("Das ist nicht die Frage, die ich gestellt habe")
    'german'
    """
    seen = Counter(words(text[:20_000]))
    counts = {name: sum(seen[word] for word in stop if len(word) > 1) for name, stop in STOP_WORDS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] >= 2 and counts[best] > 1.5 * counts["english"] else "english"


def stem(tokens: Sequence[str], language: str = "english") -> list[str]:
    """Reduce words to their Snowball stems, in order; the possessive and the French elision fall away first."""
    stemmers: dict[str, Stemmer.Stemmer] = _STEMMERS.__dict__
    stemmer = stemmers.get(language)
    if stemmer is None:
        stemmer = stemmers[language] = Stemmer.Stemmer(language)
    bare = [token.split("'")[0] if token.endswith(("'s", "'")) else token for token in tokens]
    if language in {"french", "italian", "catalan"}:
        bare = [_ELISION.sub("", token) for token in bare]
    return [_unaccented(stemmed) for stemmed in stemmer.stemWords(bare)]


def _unaccented(word: str) -> str:
    if word.isascii():
        return word
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))


def terms(text: str, language: str | None = None) -> list[str]:
    """Return the content words of a text, stemmed, in order, repeats kept; without `language` it is guessed.

    Where a text has stop words only, those are returned, so that no question is empty.

    >>> terms("Who objects to the ferries?")
    ['object', 'ferri']
    """
    language = language or language_of(text)
    every = words(text)
    stop = STOP_WORDS.get(language, STOP_WORDS["english"])
    content = [word for word in every if word not in stop]
    return stem(content or every, language)


def bm25_idf(count: int, frequency: NDArray[np.float32] | float) -> NDArray[np.float32]:
    """Return the BM25 inverse document frequency, never negative, for terms found in `frequency` of `count` texts."""
    return np.asarray(np.log1p((count - np.asarray(frequency) + 0.5) / (np.asarray(frequency) + 0.5)), np.float32)


@dataclass(frozen=True, slots=True)
class _Posting:
    rows: NDArray[np.int32]
    counts: NDArray[np.float32]


class BM25:
    """Okapi BM25 over texts given as lists of terms; scores every text exactly.

    Robertson and Zaragoza (2009); the inverse document frequency is over these texts alone.
    """

    def __init__(self, texts: Iterable[Sequence[str]], *, k1: float = 0.9, b: float = 0.4) -> None:
        rows: dict[str, list[int]] = {}
        counts: dict[str, list[int]] = {}
        lengths: list[int] = []
        for row, text in enumerate(texts):
            lengths.append(len(text))
            for term, count in Counter(text).items():
                rows.setdefault(term, []).append(row)
                counts.setdefault(term, []).append(count)
        self.size = len(lengths)
        self.k1, self.b = k1, b
        self.lengths = np.asarray(lengths, np.float32)
        self._norm = 1 - b + b * self.lengths / max(1.0, float(self.lengths.mean()) if lengths else 1.0)
        self._postings = {
            term: _Posting(np.asarray(rows[term], np.int32), np.asarray(counts[term], np.float32)) for term in rows
        }

    def __contains__(self, term: str) -> bool:
        return term in self._postings

    @property
    def vocabulary(self) -> Iterable[str]:
        """Return every term that occurs."""
        return self._postings.keys()

    def frequency(self, term: str) -> int:
        """Return in how many texts a term occurs."""
        posting = self._postings.get(term)
        return len(posting.rows) if posting else 0

    def idf(self, term: str) -> float:
        """Return a term's weight: the rarer, the higher; a term that never occurs has the highest."""
        return float(bm25_idf(self.size, self.frequency(term)))

    def scores(self, query: Mapping[str, float]) -> NDArray[np.float32]:
        """Return the score of every text, shape (size,), for terms with their weights; 0 where none occurs."""
        total = np.zeros(self.size, np.float32)
        for term, weight in query.items():
            posting = self._postings.get(term)
            if posting is not None:
                tf = posting.counts
                saturated = tf * (self.k1 + 1) / (tf + self.k1 * self._norm[posting.rows])
                total[posting.rows] += weight * self.idf(term) * saturated
        return total

    def matched(self, query: Mapping[str, float]) -> NDArray[np.float32]:
        """Return, for every text, the share of the query's weighted inverse document frequency that it contains."""
        total = np.zeros(self.size, np.float32)
        mass = 0.0
        for term, weight in query.items():
            value = weight * self.idf(term)
            mass += value
            posting = self._postings.get(term)
            if posting is not None:
                total[posting.rows] += value
        return total / mass if mass else total


def coverage(query: Iterable[str], text: Iterable[str], weights: Mapping[str, float] | None = None) -> float:
    """Return the share (0 to 1) of the distinct query terms that a text contains, weighted where weights are given.

    >>> coverage(["ferri", "queue"], ["ferri", "slow"])
    0.5
    """
    wanted, present = set(query), set(text)
    value = {term: weights.get(term, 1.0) if weights else 1.0 for term in wanted}
    mass = sum(value.values())
    return sum(value[term] for term in wanted & present) / mass if mass else 0.0
