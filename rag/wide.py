"""Search over a whole library at a cost that hardly grows with it: the rare words of a question, and its meaning.

The full text scores every passage that holds one of the words asked for. In a large library nearly every passage
holds a frequent one, so words are taken from the rarest on until as many passages are named as may be scored; what a
frequent word would add to them is little. What a question found is kept until the library changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.kept import Kept
from rag.lexical import STOP_WORDS, words
from rag.ports import Catalogue, Encoder, VectorReader, Vectors

__all__ = ["CANDIDATES", "WITHIN", "Found", "Wide"]

CANDIDATES = 200  # passages from each of full text and vectors
WITHIN = 100  # passages by meaning within some threads
_SCORED = 40_000  # passages that the full text may score for a question: about 50 ms
_KEPT = 64  # questions
_KEPT_WORDS = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found: ids of passages by words and by meaning, best first, and the thread of each."""

    by_words: tuple[str, ...]
    by_meaning: tuple[str, ...]
    threads: dict[str, str]


class Wide:
    """Searches a library. Safe to share between threads."""

    def __init__(self, catalogue: Catalogue, index: VectorReader, encoder: Encoder) -> None:
        self._catalogue = catalogue
        self._index = index
        self._encoder = encoder
        self._vectors: Kept[str, Vectors] = Kept(_KEPT)
        self._found: Kept[tuple[int, str], Found] = Kept(_KEPT)
        self._counts: Kept[tuple[int, str], int] = Kept(_KEPT_WORDS)

    def encode(self, forms: Sequence[str]) -> Vectors:
        """Return one row a form, shape (forms, dimension); a question is encoded once, however often it is searched."""
        known = {form: vector for form in forms if (vector := self._vectors.get(form)) is not None}
        missing = [form for form in dict.fromkeys(forms) if form not in known]
        if missing:
            known.update(zip(missing, self._encoder.encode(missing), strict=True))
            for form in missing:
                self._vectors.keep(form, known[form])
        return np.stack([known[form] for form in forms])

    def find(self, form: str) -> Found:
        """Return what a form of a question finds in the whole library."""
        key = (self._catalogue.revision(), form)
        found = self._found.get(key)
        if found is None:
            by_words = tuple(name for name, _ in self.search(form, CANDIDATES))
            by_meaning = tuple(name for name, _ in self._index.query(self.encode([form])[0], CANDIDATES))
            threads = self._catalogue.threads_of(list(dict.fromkeys((*by_words, *by_meaning))))
            found = Found(by_words, by_meaning, threads)
            self._found.keep(key, found)
        return found

    def within(self, form: str, thread_ids: Sequence[str]) -> Found:
        """Return what a form of a question finds by meaning in some threads; nothing in none."""
        if not thread_ids:
            return Found((), (), {})
        ids = tuple(name for name, _ in self._index.query(self.encode([form])[0], WITHIN, thread_ids))
        return Found((), ids, self._catalogue.threads_of(ids))

    def search(self, form: str, k: int, thread_ids: Sequence[str] = ()) -> list[tuple[str, float]]:
        """Return up to k (passage id, BM25 score) for the rare words of a form, best first."""
        chosen = self.rare(form)
        return self._catalogue.search(chosen, k, thread_ids) if chosen else []

    def rare(self, form: str) -> list[str]:
        """Return the words to search for: all but function words, as long as they name few enough passages.

        The rarest word is among them, unless it alone names more than may be scored.
        """
        sought = list(dict.fromkeys(words(form)))
        sought = [word for word in sought if word not in STOP_WORDS["english"]] or sought
        revision = self._catalogue.revision()
        counted = sorted((self._frequency(word, revision), place, word) for place, word in enumerate(sought))
        chosen, total = set(), 0
        for count, _, word in counted:
            total += count
            if total > _SCORED:
                break
            chosen.add(word)
        return [word for word in sought if word in chosen]

    def _frequency(self, word: str, revision: int) -> int:
        key = (revision, word)
        count = self._counts.get(key)
        if count is None:
            count = self._catalogue.frequency(word, _SCORED + 1)
            self._counts.keep(key, count)
        return count
