"""Scores of every text of a pool for a question: words and vectors, at three levels, weighed into one number.

A statement looks for the text that says the same, and shares its words; a question looks for the text that answers
it, and often shares few. So a statement within one thread, where all is on one topic, trusts words (down to their
spelling); questions trust meaning as well, and across threads before all. How the weights were found, and what was
tried and lost, stands in `eval/DECISIONS.md`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from rag.evidence import Hit
from rag.lexical import grams, words
from rag.pool import Floats, Pool
from rag.ports import Vectors
from rag.surroundings import Surroundings

__all__ = [
    "ACROSS",
    "INSIDE",
    "STATEMENT",
    "Ranking",
    "Scores",
    "Search",
    "Signals",
    "Weights",
    "is_question",
    "rank",
    "search",
]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts; every kind is first brought to standard deviations of the scope.

    Words: the comment's BM25, its best sentence by spelling (runs of four characters), and by the share of the
    question's rarity it holds. Meaning: cosine of the comment, its best passage, its best sentence. `size` is
    subtracted per logarithm of a comment's passages: the best of many is high by chance. `head` is for the thread's
    subject where several are in scope, `window` for the turns around one in a conversation; `asking` prefers what
    looks like an answer where the thread asks the same.
    """

    words: float
    spelling: float
    share: float
    comment: float
    passage: float
    sentence: float
    size: float
    head: float
    window: float
    asking: bool

    @property
    def total(self) -> float:
        """Return what scores are divided by, so that questions and statements score alike."""
        return self.words + self.spelling + self.share + self.comment + self.passage + self.sentence


STATEMENT = Weights(
    0.45, 0.85, 0.35, comment=0.0, passage=0.0, sentence=0.6, size=0.0, head=0.5, window=0.6, asking=False
)
INSIDE = Weights(0.7, 0.7, 0.3, comment=0.1, passage=0.7, sentence=1.5, size=1.0, head=0.0, window=3.0, asking=True)
ACROSS = Weights(0.35, 0.35, 0.0, comment=1.0, passage=1.4, sentence=0.5, size=1.0, head=3.0, window=3.0, asking=True)
# A form that carries the turns before: long, so its vector means several things at once, while its words stay exact.
_LATER_ACROSS = replace(ACROSS, words=1.0, spelling=0.5)

# For a question that a thread itself asks: early and substantial replies, not counter-questions, thanks, afterthoughts.
_ASKS, _THANKS, _AGAIN, _PLACE, _LENGTH = -1.1, -0.55, -0.4, -0.45, 0.4
_HEAD_FROM, _HEAD_TO = 0.4, 0.8  # cosine of a question and a thread's subject: from foreign to the same

_QUESTION_MARK = re.compile(r"[?？؟]")
_OPENINGS = (
    "what who whom whose which when where why how is are was were do does did can could should would will has have had"
    " summarize summarise describe explain list tell name give compare find show outline discuss"
    " wer wen wem wessen welche welcher welches wann wo warum wieso weshalb wie ist sind hat haben gibt kann"
    " qui que quoi quel quelle quels quelles quand où pourquoi comment est qué quién cuál cuándo dónde cómo"
    " chi cosa quale quando dove perché come wat waar wanneer waarom hoe"
)
_OPENERS = frozenset(_OPENINGS.split())


def is_question(text: str) -> bool:
    """Tell whether a text asks, rather than states something: by its mark, or the word it opens with.

    >>> is_question("Summarise the objections"), is_question("The ferries are slow.")
    (True, False)
    """
    if _QUESTION_MARK.search(text):
        return True
    opening = words(text[:200])[:1]
    return bool(opening) and opening[0].split("'")[0] in _OPENERS


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
    occur nowhere in the scope; `texts` is how many comments and articles the scope holds.
    """

    hits: tuple[Hit, ...] = ()
    signals: tuple[Signals, ...] = ()
    terms: Mapping[str, float] | None = None
    missing: tuple[str, ...] = ()
    texts: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """One form of a question, ready to search with: its words as stems and as spelled, its unit vector, its weights."""

    words: Mapping[str, float]
    spelling: Mapping[str, float]
    vector: Vectors
    weights: Weights


def search(pool: Pool, text: str, vector: Vectors, *, later: bool = False) -> Search:
    """Prepare one form of a question for a pool; `later` tells it is not the question as it was asked."""
    spelling = {gram: 1.0 for word in words(text) for gram in grams(word)}
    stems = {term: 1.0 for term in pool.cut(text)}
    return Search(stems, spelling, vector, _weights(pool, text, vector, later=later))


def _weights(pool: Pool, text: str, vector: Vectors, *, later: bool) -> Weights:
    if len(pool.parts) > 1:
        return _LATER_ACROSS if later else ACROSS
    if not later and not is_question(text):
        return STATEMENT
    # What the thread itself asks, every reply is about: meaning tells them apart as it does across threads.
    asked = float(_asked(pool.heads @ vector).max(initial=0.0))
    return replace(_mixed(INSIDE, ACROSS, asked), asking=True)


def _mixed(first: Weights, second: Weights, share: float) -> Weights:
    mixed = {
        field.name: (1 - share) * getattr(first, field.name) + share * getattr(second, field.name)
        for field in fields(Weights)
    }
    return Weights(**mixed)


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
    """Score every passage, comment and sentence of a pool; `allowed` marks the passages in scope.

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
    weights, best = one.weights, pool.best_of_comment
    bm25, passage_bm25 = pool.comment_words.scores(one.words), pool.passage_words.scores(one.words)
    spelling, share = pool.spelling.scores(one.spelling), pool.sentence_words.matched(one.words)
    passage_cosine = pool.vectors @ one.vector
    sentence_cosine = pool.sentence_vectors @ one.vector
    apart = pool.sentence_vectors_apart @ _unit(one.vector - pool.common)
    comment = (
        weights.words * _spread(bm25, inside.comments)
        + weights.spelling * _spread(best(spelling, pool.comment_of_sentence), inside.comments)
        + weights.share * _spread(best(share, pool.comment_of_sentence), inside.comments)
        + weights.comment * _spread(pool.comment_vectors @ one.vector, inside.comments)
        + weights.passage * _spread(best(passage_cosine), inside.comments)
        + weights.sentence * _spread(best(apart, pool.comment_of_sentence), inside.comments)
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
