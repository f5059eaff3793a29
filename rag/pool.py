"""The texts that one question is asked of, in memory: passages, comments and sentences with their words and vectors.

A `Part` is one thread at one revision; a `Pool` joins parts, so that word rarity and score spreads are those of the
scope asked about. Matching happens at three levels at once: the comment, the passage, the sentence. An article stands
among the comments as one of them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.thread import ARTICLE, Span, Thread
from rag.evidence import Passage
from rag.lexical import BM25, Counts, Spelling, language_of, terms, words
from rag.passages import sentence_id
from rag.ports import Vectors

__all__ = ["Floats", "Part", "Pool", "Rows", "unit"]

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Part:
    """One thread at one revision, cut up: `sentences[i]` and `sentence_words[i]` belong to passage `owners[i]`.

    `head` is the direction of what the thread is about: its article, or its title alone; zero where unknown.
    """

    thread: Thread
    language: str
    passages: tuple[Passage, ...]
    sentences: tuple[Span, ...]
    owners: tuple[int, ...]
    sentence_words: tuple[tuple[str, ...], ...]
    vectors: Vectors  # (passages, dimension)
    sentence_vectors: Vectors  # (sentences, dimension)
    head: Vectors  # (dimension,)

    @classmethod
    def build(
        cls,
        thread: Thread,
        passages: Sequence[Passage],
        vectors: Mapping[str, Vectors],
        sentence_vectors: Mapping[str, Vectors],
        title: Vectors,
    ) -> "Part":
        """Cut a thread's passages into words; a passage without a stored vector gets a zero one."""
        sentences, owners, ids, cut = [], [], [], []
        for row, passage in enumerate(passages):
            body = thread.text_of(passage.comment_id) or ""
            for number, (start, end) in enumerate(passage.sentences):
                sentences.append((start, end))
                owners.append(row)
                ids.append(sentence_id(passage.id, number))
                cut.append(tuple(words(body[start:end])))
        matrix = _matrix([passage.id for passage in passages], vectors, len(title))
        opening = [row for row, passage in enumerate(passages) if passage.comment_id == ARTICLE][:2]
        return cls(
            thread=thread,
            language=language_of(_sample(thread)),
            passages=tuple(passages),
            sentences=tuple(sentences),
            owners=tuple(owners),
            sentence_words=tuple(cut),
            vectors=matrix,
            sentence_vectors=_matrix(ids, sentence_vectors, len(title)),
            head=unit(matrix[opening].sum(axis=0)) if opening else title,
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
        self.parts = tuple(part for part in parts if part.passages)
        self.passages: list[Passage] = [passage for part in self.parts for passage in part.passages]
        self.sentences: list[Span] = [span for part in self.parts for span in part.sentences]
        starts = np.cumsum([0, *(len(part.passages) for part in self.parts)])
        self.passage_of: Rows = np.asarray(
            [owner + start for part, start in zip(self.parts, starts, strict=False) for owner in part.owners], np.intp
        )
        rows: dict[tuple[str, str], int] = {}
        self.comment_of: Rows = np.asarray(
            [rows.setdefault((passage.thread_id, passage.comment_id), len(rows)) for passage in self.passages], np.intp
        )
        self.comments: list[tuple[str, str]] = list(rows)
        self.comment_of_sentence: Rows = self.comment_of[self.passage_of]
        self._by_comment = _Groups(self.comment_of, len(self.comments))
        self._by_comment_of_sentence = _Groups(self.comment_of_sentence, len(self.comments))
        self._by_passage = _Groups(self.passage_of, len(self.passages))
        self.part_of: Rows = np.repeat(np.arange(len(self.parts)), [len(part.passages) for part in self.parts])
        first = np.unique(self.comment_of, return_index=True)[1]
        self.part_of_comment: Rows = self.part_of[first]
        self._join_words(first)
        self._join_vectors()

    def _join_words(self, first: Rows) -> None:
        every = Counts.of(found for part in self.parts for found in part.sentence_words)
        languages = [part.language for part in self.parts]
        counts = every.content(np.repeat(languages, [len(part.sentences) for part in self.parts]))
        by_passage = counts.gathered(self.passage_of, len(self.passages))
        # The title is what an article says first; a search for a thread's subject must meet it.
        titles: list[list[str]] = [[] for _ in self.comments]
        for row, (_, comment_id) in enumerate(self.comments):
            part = self.parts[self.part_of[first[row]]]
            if comment_id == ARTICLE:
                titles[row] = terms(f"{part.thread.article.title} {part.thread.article.subtitle}", part.language)
        self.counts = by_passage.gathered(self.comment_of, len(self.comments)).with_texts(titles)
        self.comment_words = BM25(self.counts, k1=1.2, b=0.75)
        self.passage_words = BM25(by_passage)
        self.sentence_words = BM25(counts)
        self.spelling = Spelling(every)
        self.lengths: Floats = self.comment_words.lengths

    def _join_vectors(self) -> None:
        self.vectors = _joined([part.vectors for part in self.parts])
        self.sentence_vectors = _joined([part.sentence_vectors for part in self.parts])
        weights = np.asarray([len(passage.text) for passage in self.passages], np.float32)
        self.sums: Vectors = self._by_comment.sum(self.vectors * weights[:, None])
        self.comment_vectors: Vectors = unit(self.sums)
        # What all sentences have in common tells none of them apart.
        self.common: Vectors = (
            self.sentence_vectors.mean(axis=0) if len(self.sentence_vectors) else self.sentence_vectors.sum(axis=0)
        )
        self.sentence_vectors_apart: Vectors = unit(self.sentence_vectors - self.common)
        self.heads: Vectors = np.stack([part.head for part in self.parts]) if self.parts else self.vectors

    def __len__(self) -> int:
        return len(self.passages)

    def cut(self, text: str) -> Counter[str]:
        """Return the content words of a question, stemmed as the pool's texts are."""
        found: Counter[str] = Counter()
        for language in sorted({part.language for part in self.parts} or {"english"}):
            for term, count in Counter(terms(text, language)).items():
                found[term] = max(found[term], count)
        return found

    def best_of_comment(self, values: Floats) -> Floats:
        """Return each comment's highest value among its passages."""
        return self._by_comment.highest(values)

    def best_sentence_of_comment(self, values: Floats) -> Floats:
        """Return each comment's highest value among its sentences."""
        return self._by_comment_of_sentence.highest(values)

    def best_of_passage(self, values: Floats) -> Floats:
        """Return each passage's highest value among its sentences."""
        return self._by_passage.highest(values)


class _Groups:
    """Pieces by what they are pieces of: piece `i` belongs to whole `owners[i]`; a whole without pieces counts 0."""

    def __init__(self, owners: Rows, count: int) -> None:
        self._count = count
        self._order: Rows = np.argsort(owners, kind="stable")
        self._present, self._starts = np.unique(owners[self._order], return_index=True)

    def highest(self, values: Floats) -> Floats:
        """Return the highest value among each whole's pieces."""
        found = np.zeros(self._count, np.float32)
        if len(self._present):
            found[self._present] = np.maximum.reduceat(values[self._order], self._starts)
        return found

    def sum(self, vectors: Vectors) -> Vectors:
        """Add up the vectors, shape (pieces, dimension), of each whole's pieces."""
        total = np.zeros((self._count, vectors.shape[1]), np.float32)
        if len(self._present):
            total[self._present] = np.add.reduceat(vectors[self._order], self._starts)
        return total


def _joined(matrices: Sequence[Vectors]) -> Vectors:
    if len(matrices) == 1:
        return matrices[0]
    return np.concatenate(matrices) if matrices else np.zeros((0, 0), np.float32)


def unit(vectors: Vectors) -> Vectors:
    """Scale vectors, along the last axis, to length one; zero ones stay zero."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0, norms, 1), np.float32)
