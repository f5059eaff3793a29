"""Which sentences of one voice are quoted: those that fit best, wherever they stand in the comment. Pure."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.thread import ARTICLE, Span
from rag.context import asks_for_number, asks_for_question, has_amount, is_question
from rag.evidence import Hit
from rag.facts import without_links
from rag.hostile import gives_orders
from rag.lexical import terms
from rag.query import Query
from rag.telling import RUNS, Sentence, follow, telling
from rag.voices import sought

__all__ = ["extract"]

_NUMBER = 0.6  # a sentence with a number where one is asked for
_ASKS = 0.5  # a sentence that asks answers less, unless what somebody asks is asked for
_FEWEST = 3  # words from which on a sentence says something
_BESIDE = 0.3  # the neighbour of a chosen sentence reads on from it
_REASON = 1.0  # so does what follows it, where a reason is asked for
_ANNOUNCED = 3.0  # and what a colon announces
_APART = 0.3  # of the best fit, what a sentence that stands apart from the chosen ones needs to be quoted too
_ARTICLE = 1.2  # an article is quoted with so many times the words of a comment
_GREETING = re.compile(r"^\W*(?:@|(?:hi|hey|hello|dear|hallo|liebe[rs]?|salut|bonjour|hola)\b)|[:,]\s*$", re.IGNORECASE)
_WHY = re.compile(
    r"^\W*(?:and |but |so )?(?:why|how come|for what reason|warum|wieso|weshalb|pourquoi|por qué)\b", re.I
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence that may be quoted: how well it fits, its words, and whether it announces the next one.

    `raw` is its fit before what is wanted of it was looked at.
    """

    span: Span
    fit: float
    words: int
    announces: bool
    raw: float
    text: str


def extract(query: Query, hits: Sequence[Hit], most: int) -> list[Span]:
    """Return the stretches to quote from hits of one comment, in the comment's order, at most `most` words in all.

    The sentence that fits best is always among them, however long it is. Around it is quoted what reads on from it;
    what stands apart must have a share of its fit. Of an article, `rag.telling` chooses.
    """
    rated = sorted(_rated(query, hits), key=lambda one: one.span)
    if hits and all(hit.passage.comment_id == ARTICLE for hit in hits):
        read = [Sentence(one.span, one.raw, one.text) for one in rated]
        return _joined(telling(query, read, round(_ARTICLE * most)))
    reason = _REASON if _WHY.search(query.resolved) else _BESIDE
    chosen: list[_Sentence] = []
    budget = float(most)
    while True:
        left = [one for one in rated if one not in chosen and (not chosen or one.words <= budget)]
        if chosen:
            best = chosen[0]
            runs = _joined(sorted(one.span for one in chosen))
            around = next(run for run in runs if run[0] <= best.span[0] < run[1])
            floor = _APART * best.fit if len(runs) < RUNS and best.fit > 0 else math.inf
            left = [one for one in left if one.fit >= floor or _reads_on(one, around, chosen)]
        if not left:
            return _joined(one.span for one in rated if one in chosen)
        chosen.append(max(left, key=lambda one: one.fit + _drawn(one, chosen, reason)))
        budget -= chosen[-1].words


def _rated(query: Query, hits: Sequence[Hit]) -> list[_Sentence]:
    """Return the sentences that may be quoted; salutations and stray words only where there is nothing else."""
    wanted = sought(query)
    numeric, asking = asks_for_number(query.resolved), asks_for_question(query.resolved)
    rated: dict[Span, _Sentence] = {}
    bare: dict[Span, _Sentence] = {}
    for hit in hits:
        fits = hit.fits or tuple(
            0.1 * len(wanted.intersection(terms(hit.passage.at(s)))) for s in hit.passage.sentences
        )
        for span, raw in zip(hit.passage.sentences, fits, strict=True):
            text, fit = hit.passage.at(span), raw
            if gives_orders(hit.passage, span):
                continue
            fit += (_ASKS if asking else -_ASKS) if is_question(text) else 0.0
            fit += _NUMBER if numeric and has_amount(text) else 0.0
            said = len(re.findall(r"\w+", without_links(text)))
            place = bare if said < _FEWEST and (not said or _GREETING.search(text)) else rated
            place[span] = _Sentence(span, fit, len(text.split()), text.rstrip().endswith(":"), raw, text)
    return list((rated or bare).values())


def _drawn(one: _Sentence, chosen: Sequence[_Sentence], reason: float) -> float:
    """Return what a sentence gains from chosen neighbours."""
    gain = 0.0
    for other in chosen:
        if follow(other.span, one.span):
            gain = max(gain, _ANNOUNCED if other.announces else reason)
        elif follow(one.span, other.span):
            gain = max(gain, _BESIDE)
    return gain


def _reads_on(one: _Sentence, around: Span, chosen: Sequence[_Sentence]) -> bool:
    """Tell whether a sentence stands next to the stretch around the best one, or a chosen one announces it."""
    return (
        follow(around, one.span)
        or follow(one.span, around)
        or any(each.announces and follow(each.span, one.span) for each in chosen)
    )


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Join sentences that follow each other."""
    runs: list[Span] = []
    for span in spans:
        if runs and follow(runs[-1], span):
            runs[-1] = (runs[-1][0], span[1])
        else:
            runs.append(span)
    return runs
