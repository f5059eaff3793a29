"""Scores of every text of a pool for a question: words and vectors, at three levels, weighed into one number.

A statement looks for the text that says the same, and shares its words; a question looks for the text that answers
it, and often shares few. So a statement within one thread, where all is on one topic, trusts words (down to their
spelling); questions trust meaning as well, and across threads before all. How the weights were found, and what was
tried and lost, stands in `eval/DECISIONS.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.evidence import Hit
from rag.lexical import grams, words
from rag.pool import Floats, Pool
from rag.ports import Vectors
from rag.surroundings import Surroundings
from rag.weights import ACROSS, INSIDE, LATER_ACROSS, STATEMENT, Weights, is_question, mixed

__all__ = ["Ranking", "Scores", "Search", "Signals", "rank", "search"]

Mask = NDArray[np.bool_]


# For a question that a thread itself asks: early and substantial replies, not counter-questions, thanks, afterthoughts.
_ASKS, _THANKS, _AGAIN, _PLACE, _LENGTH = -1.1, -0.55, -0.4, -0.45, 0.4
_HEAD_FROM, _HEAD_TO = 0.4, 0.8  # cosine of a question and a thread's subject: from foreign to the same


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for one hit, for deciding whether to answer at all. Cosines lie in -1..1, shares in 0..1.

    `coverage`, `comment_coverage` and `sentence_coverage` are the shares of the question's words, weighted by rarity
    in the scope, that the passage, its comment, and its best sentence contain. `bm25` is the comment's, unbounded.
    `score` is the fused one, comparable within one question only; `margin` is the lead over the next comment.
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
    occur nowhere in the scope; `texts` is how many comments and articles the scope holds. `beside` are further
    passages of the comments of the first hits.
    """

    hits: tuple[Hit, ...] = ()
    signals: tuple[Signals, ...] = ()
    terms: Mapping[str, float] | None = None
    missing: tuple[str, ...] = ()
    texts: int = 0
    beside: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """One form of a question, ready to search with: its words as stems and as spelled, its unit vector, its weights."""

    words: Mapping[str, float]
    spelling: Mapping[str, float]
    vector: Vectors
    weights: Weights


def search(pool: Pool, text: str, vector: Vectors, *, later: bool = False, without: Sequence[str] = ()) -> Search:
    """Prepare one form of a question for a pool; `later` tells it is not the question as it was asked.

    The names `without` are no words to look for: others call those people by them, they themselves do not.
    """
    names = {word for name in without for word in words(name)}
    kept = [word for word in words(text) if word.split("'")[0] not in names] if names else words(text)
    spelling = {gram: 1.0 for word in kept for gram in grams(word)}
    stems = {term: 1.0 for term in pool.cut(" ".join(kept) if names else text)}
    return Search(stems, spelling, vector, _weights(pool, text, vector, later=later))


def _weights(pool: Pool, text: str, vector: Vectors, *, later: bool) -> Weights:
    if len(pool.parts) > 1:
        return LATER_ACROSS if later else ACROSS
    if not later and not is_question(text):
        return STATEMENT
    # What the thread itself asks, every reply is about: meaning tells them apart as it does across threads.
    asked = float(_asked(pool.heads @ vector).max(initial=0.0))
    return mixed(INSIDE, ACROSS, asked)


def _asked(cosines: Floats) -> Floats:
    """Return how far a question is the one that a thread asks, 0 to 1, from its cosine to the thread's subject."""
    return _float(np.clip((cosines - _HEAD_FROM) / (_HEAD_TO - _HEAD_FROM), 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Scores:
    """Every text's scores: `passage` and `sentence` fused over all forms, the rest those of the first form."""

    passage: Floats
    comment: Floats
    sentence: Floats
    bm25: Floats
    passage_cosine: Floats
    sentence_cosine: Floats
    coverage: Floats
    comment_coverage: Floats
    sentence_coverage: Floats


def rank(pool: Pool, around: Surroundings, searches: Sequence[Search], allowed: Mask) -> Scores:
    """Score every passage, comment and sentence of a pool; `allowed` marks the passages to compare with.

    The forms of a question are scored apart, the raw one counting as much as the others together; spreads are those
    of the allowed texts.
    """
    comments = np.zeros(len(pool.comments), np.bool_)
    comments[pool.comment_of[allowed]] = True
    inside = _Inside(allowed, comments, allowed[pool.passage_of], comments[pool.comment_of_sentence])
    scored = [_rank(pool, around, one, inside) for one in searches]
    first, later = scored[0], scored[1:]
    return Scores(
        passage=_joined(first.passage, [one.passage for one in later]),
        comment=_joined(first.comment, [one.comment for one in later]),
        sentence=_joined(first.sentence, [one.sentence for one in later]),
        bm25=first.bm25,
        passage_cosine=first.passage_cosine,
        sentence_cosine=first.sentence_cosine,
        coverage=first.coverage,
        comment_coverage=first.comment_coverage,
        sentence_coverage=first.sentence_coverage,
    )


@dataclass(frozen=True, slots=True)
class _Inside:
    passages: Mask
    comments: Mask
    sentences: Mask
    sentences_of_comments: Mask


def _rank(pool: Pool, around: Surroundings, one: Search, inside: _Inside) -> Scores:
    weights, best, best_sentence = one.weights, pool.best_of_comment, pool.best_sentence_of_comment
    bm25, passage_bm25 = pool.comment_words.scores(one.words), pool.passage_words.scores(one.words)
    spelling, share = pool.spelling.scores(one.spelling), pool.sentence_words.matched(one.words)
    passage_cosine = pool.vectors @ one.vector
    sentence_cosine = pool.sentence_vectors @ one.vector
    apart = pool.sentence_vectors_apart @ _unit(one.vector - pool.common)
    comment = (
        weights.words * _spread(bm25, inside.comments)
        + weights.spelling * _spread(best_sentence(spelling), inside.comments)
        + weights.share * _spread(best_sentence(share), inside.comments)
        + weights.comment * _spread(pool.comment_vectors @ one.vector, inside.comments)
        + weights.passage * _spread(best(passage_cosine), inside.comments)
        + weights.sentence * _spread(best_sentence(apart), inside.comments)
    )
    comment = (comment + _surroundings(pool, around, one, inside.comments)) / weights.total
    sentence = (
        (weights.words + weights.spelling) * _spread(spelling, inside.sentences)
        + weights.share * _spread(share, inside.sentences)
        + (weights.comment + weights.passage + weights.sentence) * _spread(apart, inside.sentences)
    )
    passage = (
        (weights.words + weights.spelling) * _spread(passage_bm25, inside.passages)
        + (weights.comment + weights.passage) * _spread(passage_cosine, inside.passages)
        + weights.sentence * _spread(pool.best_of_passage(apart), inside.passages)
    )
    return Scores(
        passage=_float(comment[pool.comment_of] + _behind(pool, _float(passage)) / weights.total),
        comment=_float(comment),
        sentence=_float(sentence / weights.total),
        bm25=bm25,
        passage_cosine=passage_cosine,
        sentence_cosine=sentence_cosine,
        coverage=pool.passage_words.matched(one.words),
        comment_coverage=pool.comment_words.matched(one.words),
        sentence_coverage=share,
    )


def _surroundings(pool: Pool, around: Surroundings, one: Search, comments: Mask) -> Floats:
    """Return what every comment gains from its thread and its neighbours."""
    total = np.zeros(len(pool.comments), np.float32)
    if not len(pool.parts):
        return total
    weights = one.weights
    heads = (pool.heads @ one.vector)[pool.part_of_comment]
    asked = _asked(_float(heads))
    if around.several:
        total += weights.head * np.where(around.alone, 0.0, _spread(_float(heads), comments & ~around.alone))
    if around.window_words is not None:
        beside = _spread(around.window_words.scores(one.words), comments & around.turns)
        beside = beside + _spread(around.window_vectors @ one.vector, comments & around.turns)
        total += weights.window * np.where(around.turns, beside, 0.0).astype(np.float32)
    if weights.asking:
        answers = (
            _ASKS * _spread(around.asks, comments)
            + _THANKS * _spread(around.thanks, comments)
            + _AGAIN * _spread(around.again, comments)
            + _PLACE * _spread(around.place, comments)
            + _LENGTH * _spread(around.length, comments)
        )
        total += _float(asked * answers)
    size = np.where(around.article, 0.0, np.log(np.maximum(1.0, around.passages)))
    total -= _float(weights.size * (1 - asked) * size)
    return total


def _behind(pool: Pool, passage: Floats) -> Floats:
    """Return how far a passage falls behind the best of its comment: 0 for the best, negative for the others."""
    if not len(passage):
        return passage
    return _float(passage - pool.best_of_comment(passage)[pool.comment_of])


def _spread(values: Floats, among: Mask) -> Floats:
    """Return values in standard deviations from their mean among those marked; all zero where they do not differ."""
    some = values[among]
    deviation = float(some.std()) if len(some) else 0.0
    if deviation < 1e-6:
        return np.zeros_like(values)
    return _float((values - some.mean()) / deviation)


def _unit(vector: Vectors) -> Vectors:
    norm = float(np.linalg.norm(vector))
    return _float(vector / norm) if norm else vector


def _joined(first: Floats, later: Sequence[Floats]) -> Floats:
    """Return the mean of the first form's scores and those of the later ones, which count as one together."""
    return _float((first + np.mean(later, axis=0)) / 2) if later else first


def _float(values: NDArray[np.floating]) -> Floats:
    return np.asarray(values, np.float32)
