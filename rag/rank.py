"""Scores of every text of a pool for a question: words and vectors, at three levels, weighed into one number.

Inside one thread everything is on topic and words tell texts apart; across threads meaning does. Which of the two to
trust is read off the question and the spread of its scores, never off the kind of source. The weights were found by
`eval/DECISIONS.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.evidence import Hit
from rag.pool import Floats, Pool
from rag.ports import Vectors

__all__ = ["Ranking", "Scores", "Search", "Signals", "rank"]


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for one hit, for deciding whether to answer at all. Cosines lie in -1..1, shares in 0..1.

    `coverage`, `comment_coverage` and `sentence_coverage` are the shares of the question's words, weighted by rarity
    in the scope, that the passage, its comment, and its best sentence contain. `bm25` is the comment's, unbounded.
    `score` is the fused one, in standard deviations of the scope; `margin` is the lead over the next comment.
    """

    coverage: float
    comment_coverage: float
    sentence_coverage: float
    bm25: float
    passage_cosine: float
    sentence_cosine: float
    score: float
    margin: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hits, best first, with their signals in the same order.

    `terms` are the question's content words as matched, with their rarity in the scope; `missing` those of them that
    occur nowhere in the scope; `texts` is how many comments and articles the scope holds.
    """

    hits: tuple[Hit, ...] = ()
    signals: tuple[Signals, ...] = ()
    terms: Mapping[str, float] | None = None
    missing: tuple[str, ...] = ()
    texts: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """One form of a question, ready to search with: its words with weights, and its unit vector."""

    words: Mapping[str, float]
    vector: Vectors


@dataclass(frozen=True, slots=True)
class Scores:
    """Every text's scores: `passage` and `sentence` fused, the rest what they were fused from."""

    passage: Floats
    comment: Floats
    sentence: Floats
    bm25: Floats
    passage_cosine: Floats
    sentence_cosine: Floats
    coverage: Floats
    comment_coverage: Floats
    sentence_coverage: Floats


def rank(pool: Pool, search: Search) -> Scores:
    """Score every passage, comment and sentence of a pool."""
    words = search.words
    comment_bm25 = pool.comment_words.scores(words)
    passage_bm25 = pool.passage_words.scores(words)
    sentence_bm25 = pool.sentence_words.scores(words)
    passage_cosine = pool.vectors @ search.vector
    sentence_cosine = pool.sentence_vectors @ search.vector
    comment_cosine = pool.comment_vectors @ search.vector
    dense, best = 0.8, pool.best_of_comment
    comment = (
        _spread(comment_bm25)
        + _spread(best(passage_bm25))
        + _spread(best(sentence_bm25, pool.comment_of_sentence))
        + dense
        * (
            _spread(comment_cosine)
            + _spread(best(passage_cosine))
            + _spread(best(sentence_cosine, pool.comment_of_sentence))
        )
    ) / (3 + 3 * dense)
    sentence = _spread(sentence_bm25) + dense * _spread(sentence_cosine)
    passage = _spread(passage_bm25) + dense * _spread(passage_cosine) + pool.best_of_passage(sentence)
    return Scores(
        passage=np.asarray(comment[pool.comment_of] + 0.1 * _below_best(pool, passage), np.float32),
        comment=np.asarray(comment, np.float32),
        sentence=sentence,
        bm25=comment_bm25,
        passage_cosine=passage_cosine,
        sentence_cosine=sentence_cosine,
        coverage=pool.passage_words.matched(words),
        comment_coverage=pool.comment_words.matched(words),
        sentence_coverage=pool.sentence_words.matched(words),
    )


def _below_best(pool: Pool, passage: Floats) -> Floats:
    """Return how far a passage falls behind the best of its comment: 0 for the best, negative for the others."""
    if not len(passage):
        return passage
    return np.asarray(passage - pool.best_of_comment(passage)[pool.comment_of], np.float32)


def _spread(values: Floats) -> Floats:
    """Return values in standard deviations from their mean; all zero where they do not differ."""
    deviation = float(values.std()) if len(values) else 0.0
    if deviation < 1e-6:
        return np.zeros_like(values)
    return np.asarray((values - values.mean()) / deviation, np.float32)


def blend(searches: Sequence[Search], weights: Sequence[float]) -> Search:
    """Join several forms of a question into one: words keep their highest weight, vectors are averaged."""
    words: dict[str, float] = {}
    vector = np.zeros_like(searches[0].vector)
    for search, weight in zip(searches, weights, strict=True):
        for term, value in search.words.items():
            words[term] = max(words.get(term, 0.0), weight * value)
        vector = vector + weight * search.vector
    norm = float(np.linalg.norm(vector))
    return Search(words, np.asarray(vector / norm if norm else vector, np.float32))
