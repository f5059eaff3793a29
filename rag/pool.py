"""The texts that one question is asked of, in memory: passages, comments and sentences with their words and vectors.

A `Part` is one thread at one revision; a `Pool` joins parts, so that word rarity and score spreads are those of the
scope asked about. Matching happens at three levels at once: the comment, the passage, the sentence.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.thread import ARTICLE, Span, Thread
from rag.evidence import Passage
from rag.lexical import BM25, language_of, terms
from rag.ports import Vectors

__all__ = ["Floats", "Part", "Pool"]

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Part:
    """One thread at one revision, cut up: `sentences[i]` and `sentence_terms[i]` belong to passage `owners[i]`."""

    thread: Thread
    passages: tuple[Passage, ...]
    sentences: tuple[Span, ...]
    owners: tuple[int, ...]
    sentence_terms: tuple[tuple[str, ...], ...]
    title_terms: tuple[str, ...]
    vectors: Vectors  # (passages, dimension)
    sentence_vectors: Vectors  # (sentences, dimension)

    @classmethod
    def build(
        cls,
        thread: Thread,
        passages: Sequence[Passage],
        vectors: Mapping[str, Vectors],
        sentence_vectors: Mapping[str, Vectors],
        dimension: int,
    ) -> "Part":
        """Cut a thread's passages into words; a passage without a stored vector gets a zero one."""
        language = language_of(_sample(thread))
        sentences, owners, ids, cut = [], [], [], []
        for row, passage in enumerate(passages):
            body = thread.text_of(passage.comment_id) or ""
            for number, (start, end) in enumerate(passage.sentences):
                sentences.append((start, end))
                owners.append(row)
                ids.append(f"{passage.id}#{number}")
                cut.append(tuple(terms(body[start:end], language)))
        return cls(
            thread=thread,
            passages=tuple(passages),
            sentences=tuple(sentences),
            owners=tuple(owners),
            sentence_terms=tuple(cut),
            title_terms=tuple(terms(f"{thread.article.title} {thread.article.subtitle}", language)),
            vectors=_matrix([passage.id for passage in passages], vectors, dimension),
            sentence_vectors=_matrix(ids, sentence_vectors, dimension),
        )


def _sample(thread: Thread) -> str:
    bodies = (comment.body[:500] for comment in thread.visible[:40])
    return " ".join((thread.article.title, thread.article.text[:4000], *bodies))


def _matrix(ids: Sequence[str], vectors: Mapping[str, Vectors], dimension: int) -> Vectors:
    matrix = np.zeros((len(ids), dimension), np.float32)
    for row, key in enumerate(ids):
        vector = vectors.get(key)
        if vector is not None:
            matrix[row] = vector
    return matrix


class Pool:
    """Parts joined. Rows of passages, comments and sentences run through all parts in order."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)
        self.passages: list[Passage] = [passage for part in parts for passage in part.passages]
        self.sentences: list[Span] = [span for part in parts for span in part.sentences]
        self.languages = {language_of(_sample(part.thread)) for part in parts}
        starts = np.cumsum([0, *(len(part.passages) for part in parts)])
        self.part_of: Rows = np.repeat(np.arange(len(parts)), [len(part.passages) for part in parts])
        self.passage_of: Rows = np.asarray(
            [owner + start for part, start in zip(parts, starts, strict=False) for owner in part.owners], np.intp
        )
        rows: dict[tuple[str, str], int] = {}
        self.comment_of: Rows = np.asarray(
            [rows.setdefault((passage.thread_id, passage.comment_id), len(rows)) for passage in self.passages], np.intp
        )
        self.comments: list[tuple[str, str]] = list(rows)
        self.comment_of_sentence: Rows = self.comment_of[self.passage_of]
        self._index(parts)

    def _index(self, parts: Sequence[Part]) -> None:
        by_sentence = [words for part in parts for words in part.sentence_terms]
        by_passage: list[list[str]] = [[] for _ in self.passages]
        for owner, sentence in zip(self.passage_of, by_sentence, strict=True):
            by_passage[owner].extend(sentence)
        by_comment: list[list[str]] = [[] for _ in self.comments]
        for owner, passage in zip(self.comment_of, by_passage, strict=True):
            by_comment[owner].extend(passage)
        first = np.unique(self.comment_of, return_index=True)[1]
        for row, (_, comment_id) in enumerate(self.comments):
            if comment_id == ARTICLE:
                by_comment[row].extend(parts[self.part_of[first[row]]].title_terms)
        self.comment_words = BM25(by_comment, k1=1.2, b=0.75)
        self.passage_words = BM25(by_passage)
        self.sentence_words = BM25(by_sentence)
        self.lengths: Floats = self.comment_words.lengths
        self.vectors = _joined([part.vectors for part in parts])
        self.sentence_vectors = _joined([part.sentence_vectors for part in parts])
        self.comment_vectors: Vectors = _unit(_summed(self.vectors, self.comment_of, len(self.comments)))

    def __len__(self) -> int:
        return len(self.passages)

    def cut(self, text: str) -> Counter[str]:
        """Return the content words of a question, stemmed as the pool's texts are."""
        found: Counter[str] = Counter()
        for language in sorted(self.languages or {"english"}):
            for term, count in Counter(terms(text, language)).items():
                found[term] = max(found[term], count)
        return found

    def best_of_comment(self, values: Floats, rows: Rows | None = None) -> Floats:
        """Return each comment's highest value; `rows` names the comment of each value, by default of each passage."""
        return _highest(values, self.comment_of if rows is None else rows, len(self.comments))

    def best_of_passage(self, values: Floats) -> Floats:
        """Return each passage's highest value among its sentences."""
        return _highest(values, self.passage_of, len(self.passages))


def _highest(values: Floats, rows: Rows, count: int) -> Floats:
    highest = np.full(count, -np.inf, np.float32)
    np.maximum.at(highest, rows, values)
    highest[np.isneginf(highest)] = 0
    return highest


def _joined(matrices: Sequence[Vectors]) -> Vectors:
    if len(matrices) == 1:
        return matrices[0]
    return np.concatenate(matrices) if matrices else np.zeros((0, 0), np.float32)


def _summed(vectors: Vectors, rows: Rows, count: int) -> Vectors:
    total = np.zeros((count, vectors.shape[1]), np.float32)
    np.add.at(total, rows, vectors)
    return total


def _unit(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0, norms, 1), np.float32)
