"""Words to match by: tokens, stems, stop words, and an exact BM25 over a few thousand texts in memory.

Everything that compares words (retrieval, support, declining) reads them through `terms`, so that a question, a
comment and a claim are cut alike. Scripts written without spaces become overlapping pairs of characters.
"""

import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
import Stemmer
from numpy.typing import NDArray

from rag.stopwords import STOP_WORDS

__all__ = [
    "BM25",
    "STOP_WORDS",
    "Counts",
    "Spelling",
    "bm25_idf",
    "content",
    "coverage",
    "grams",
    "language_of",
    "stem",
    "terms",
    "words",
]

# Han, kana, Hangul, Thai, Lao, Khmer, Myanmar: no spaces between words, or particles glued to them.
_DENSE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_DENSE}]+|(?:(?![{_DENSE}])[^\W_])+(?:['.,](?:(?![{_DENSE}])[^\W_])+)*(?:\+\+|#)?")
_DENSE_RUN = re.compile(rf"[{_DENSE}]")
# What `_TOKEN` finds where no such script occurs, and where the text is plain ASCII: the same, three times as fast.
_SPACED_TOKEN = re.compile(r"[^\W_]+(?:['.,][^\W_]+)*(?:\+\+|#)?")
_ASCII_TOKEN = re.compile(r"[A-Za-z0-9]+(?:['.,][A-Za-z0-9]+)*(?:\+\+|#)?")
_NUMBER = re.compile(r"\d[\d.,]*")
_ACRONYMS = frozenset({"US", "IT", "WHO"})  # in capitals these are not the pronouns that stop words mean
_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu)'(?=\w)")
_LANGUAGES = {
    word: tuple(name for name, stop in STOP_WORDS.items() if word in stop)
    for word in frozenset().union(*STOP_WORDS.values())
    if len(word) > 1
}  # whose function word it is
_STEMMERS = threading.local()  # a Stemmer object must not be used by two threads at once


def words(text: str) -> list[str]:
    """Cut a text into lower-case words and numbers, in order, unstemmed, stop words included.

    Groups of three digits are joined ("40,000" → "40000"); text without spaces becomes pairs of characters.

    >>> words("Ada's 1,200 cars")
    ["ada's", '1200', 'cars']
    """
    text = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    dense = not text.isascii() and _DENSE_RUN.search(text) is not None
    pattern = _ASCII_TOKEN if text.isascii() else _TOKEN if dense else _SPACED_TOKEN
    raw = pattern.findall(text)
    joined = " ".join(raw)
    if not dense and "." not in joined and "," not in joined and _ACRONYMS.isdisjoint(raw):
        return joined.casefold().split(" ") if raw else []  # nearly every sentence
    shouting = text.isupper()
    return [word for one in raw for word in _words_of(one, shouting)]


def _words_of(raw: str, shouting: bool) -> Sequence[str]:
    """Return the words that a token stands for; `shouting` tells that the whole text is in capitals."""
    token = raw.casefold()
    if raw in _ACRONYMS and not shouting:
        return (f"{token}.",)
    if _DENSE_RUN.match(token):
        return [token[at : at + 2] for at in range(max(1, len(token) - 1))]
    if "." not in token and "," not in token:
        return (token,)
    if _NUMBER.fullmatch(token):
        return (re.sub(r"[.,](?=\d{3}(?:\D|$))", "", token),)
    return _pieces(token)


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
    counts = dict.fromkeys(STOP_WORDS, 0)
    seen = Counter(words(text[:20_000]))
    for word in seen.keys() & _LANGUAGES.keys():
        for name in _LANGUAGES[word]:
            counts[name] += seen[word]
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
    stems: list[str] = stemmer.stemWords(bare)
    return stems if "".join(stems).isascii() else [_unaccented(stemmed) for stemmed in stems]


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
    return content(words(text), language or language_of(text))


def content(tokens: Sequence[str], language: str) -> list[str]:
    """Return the stems of the words that `terms` keeps."""
    stop = STOP_WORDS.get(language, STOP_WORDS["english"])
    return stem([word for word in tokens if word not in stop] or tokens, language)


def grams(word: str) -> list[str]:
    """Return the overlapping runs of four characters of a word with its ends marked; what survives a typo.

    >>> grams("ferry")
    ['^fer', 'ferr', 'erry', 'rry$']
    """
    marked = f"^{word}$"
    return [marked[at : at + 4] for at in range(max(1, len(marked) - 3))]


def bm25_idf(count: int, frequency: NDArray[np.float32] | float) -> NDArray[np.float32]:
    """Return the BM25 inverse document frequency, never negative, for terms found in `frequency` of `count` texts."""
    return np.asarray(np.log1p((count - np.asarray(frequency) + 0.5) / (np.asarray(frequency) + 0.5)), np.float32)


class Counts:
    """How often which word occurs in which text: what `BM25` is computed from, kept as arrays.

    `rows[i]` holds word number `columns[i]` once; `vocabulary` numbers the words.
    """

    __slots__ = ("columns", "rows", "size", "vocabulary")

    def __init__(
        self, rows: NDArray[np.int64], columns: NDArray[np.int64], vocabulary: Mapping[str, int], size: int
    ) -> None:
        self.rows, self.columns, self.vocabulary, self.size = rows, columns, vocabulary, size

    @classmethod
    def of(cls, texts: Iterable[Sequence[str]]) -> "Counts":
        """Count texts given as lists of words."""
        texts = list(texts)
        flat = list(chain.from_iterable(texts))
        vocabulary = {word: number for number, word in enumerate(dict.fromkeys(flat))}
        columns = np.fromiter(map(vocabulary.__getitem__, flat), np.int64, len(flat))
        rows = np.repeat(np.arange(len(texts), dtype=np.int64), [len(text) for text in texts])
        return cls(rows, columns, vocabulary, len(texts))

    def content(self, languages: NDArray[np.str_]) -> "Counts":
        """Return the same texts as counts of what `content` keeps of them; `languages[i]` is that of text `i`."""
        vocabulary: dict[str, int] = {}
        kept, columns = np.zeros(len(self.rows), np.bool_), np.zeros(len(self.rows), np.int64)
        spoken = languages[self.rows]
        for language in np.unique(spoken).tolist():
            here = spoken == language
            stop = STOP_WORDS.get(language, STOP_WORDS["english"])
            stems = (vocabulary.setdefault(word, len(vocabulary)) for word in stem(list(self.vocabulary), language))
            columns[here] = np.fromiter(stems, np.int64, len(self.vocabulary))[self.columns[here]]
            kept[here] = np.asarray([word not in stop for word in self.vocabulary])[self.columns[here]]
        # A text of stop words only is kept whole, as `content` does.
        kept |= np.bincount(self.rows, kept, minlength=self.size)[self.rows] == 0
        return Counts(self.rows[kept], columns[kept], vocabulary, self.size)

    def gathered(self, owners: NDArray[np.intp], size: int) -> "Counts":
        """Return the counts of larger texts: text `i` becomes a piece of text `owners[i]`."""
        return Counts(np.asarray(owners, np.int64)[self.rows], self.columns, self.vocabulary, size)

    def with_texts(self, texts: Sequence[Sequence[str]]) -> "Counts":
        """Return the same texts, each made longer by the words of `texts[i]`."""
        vocabulary = dict(self.vocabulary)
        columns = [vocabulary.setdefault(word, len(vocabulary)) for text in texts for word in text]
        rows = np.repeat(np.arange(len(texts), dtype=np.int64), [len(text) for text in texts])
        return Counts(
            np.concatenate([self.rows, rows]),
            np.concatenate([self.columns, np.asarray(columns, np.int64)]),
            vocabulary,
            self.size,
        )


class BM25:
    """Okapi BM25; scores every text exactly.

    Robertson and Zaragoza (2009); the inverse document frequency is over these texts alone.
    """

    def __init__(self, texts: Iterable[Sequence[str]] | Counts, *, k1: float = 0.9, b: float = 0.4) -> None:
        counts = texts if isinstance(texts, Counts) else Counts.of(texts)
        self.size = counts.size
        self._vocabulary = counts.vocabulary
        self.lengths = np.bincount(counts.rows, minlength=self.size).astype(np.float32)
        keys, tf = np.unique(counts.columns * max(1, self.size) + counts.rows, return_counts=True)
        columns, self._rows = np.divmod(keys, max(1, self.size))
        self._starts = np.searchsorted(columns, np.arange(len(self._vocabulary) + 1))
        norm = _norm(self.lengths, b)[self._rows]
        self._saturated = (tf * (k1 + 1) / (tf + k1 * norm)).astype(np.float32)

    def __contains__(self, term: str) -> bool:
        return self.frequency(term) > 0

    def _span(self, term: str) -> slice:
        column = self._vocabulary.get(term)
        return slice(0, 0) if column is None else slice(int(self._starts[column]), int(self._starts[column + 1]))

    def frequency(self, term: str) -> int:
        """Return in how many texts a term occurs."""
        span = self._span(term)
        return int(span.stop) - int(span.start)

    def idf(self, term: str) -> float:
        """Return a term's weight: the rarer, the higher; a term that never occurs has the highest."""
        return float(bm25_idf(self.size, self.frequency(term)))

    def scores(self, query: Mapping[str, float]) -> NDArray[np.float32]:
        """Return the score of every text, shape (size,), for terms with their weights; 0 where none occurs."""
        total = np.zeros(self.size, np.float32)
        for term, weight in query.items():
            span = self._span(term)
            if span.stop > span.start:
                total[self._rows[span]] += weight * self.idf(term) * self._saturated[span]
        return total

    def matched(self, query: Mapping[str, float]) -> NDArray[np.float32]:
        """Return, for every text, the share of the query's weighted inverse document frequency that it contains."""
        total = np.zeros(self.size, np.float32)
        mass = 0.0
        for term, weight in query.items():
            value = weight * self.idf(term)
            mass += value
            total[self._rows[self._span(term)]] += value
        return total / mass if mass else total


def _norm(lengths: NDArray[np.float32], b: float) -> NDArray[np.float32]:
    mean = max(1.0, float(lengths.mean()) if len(lengths) else 1.0)
    return np.asarray(1 - b + b * lengths / mean, np.float32)


class Spelling:
    """BM25 over the `grams` of texts, which survive a typo: those asked for are looked for in every different word."""

    def __init__(self, counts: Counts, *, k1: float = 0.9, b: float = 0.4) -> None:
        self._size, self._k1 = counts.size, k1
        marked = [f"^{word}$" for word in counts.vocabulary]
        self._text = "".join(marked)
        lengths = np.fromiter(map(len, marked), np.int64, len(marked))
        self._words = np.cumsum(lengths) - lengths  # where each begins
        order = np.argsort(counts.columns, kind="stable")
        self._rows = counts.rows[order]
        self._starts = np.searchsorted(counts.columns[order], np.arange(len(marked) + 1))
        many = np.bincount(counts.rows, np.maximum(1, lengths - 3)[counts.columns], self._size)  # grams of each text
        self._norm = _norm(many.astype(np.float32), b)

    def scores(self, query: Mapping[str, float]) -> NDArray[np.float32]:
        """Return the score of every text, shape (size,), for grams with their weights; 0 where none occurs."""
        total = np.zeros(self._size, np.float32)
        for gram, weight in query.items():
            tf = self._frequencies(gram)
            (rows,) = np.nonzero(tf)
            saturated = tf[rows] * (self._k1 + 1) / (tf[rows] + self._k1 * self._norm[rows])
            total[rows] += weight * float(bm25_idf(self._size, len(rows))) * saturated.astype(np.float32)
        return total

    def _frequencies(self, gram: str) -> NDArray[np.int64]:
        """Return how often each text holds a gram, shape (size,)."""
        places, at = [], self._text.find(gram)
        while at >= 0:
            places.append(at)
            at = self._text.find(gram, at + 1)
        words = np.searchsorted(self._words, places, side="right") - 1
        rows = [self._rows[self._starts[word] : self._starts[word + 1]] for word in words]
        return np.bincount(np.concatenate(rows) if rows else self._rows[:0], minlength=self._size)


def coverage(query: Iterable[str], text: Iterable[str], weights: Mapping[str, float] | None = None) -> float:
    """Return the share (0 to 1) of the distinct query terms that a text contains, weighted where weights are given.

    >>> coverage(["ferri", "queue"], ["ferri", "slow"])
    0.5
    """
    wanted, present = set(query), set(text)
    value = {term: weights.get(term, 1.0) if weights else 1.0 for term in wanted}
    mass = sum(value.values())
    return sum(value[term] for term in wanted & present) / mass if mass else 0.0
