"""Which sentences of one voice are quoted: those that fit best, wherever they stand in the comment. Pure."""

import re
from collections.abc import Sequence

from ingest.thread import Span
from rag.context import asks_for_number, is_question
from rag.evidence import Hit
from rag.facts import numbers
from rag.hostile import gives_orders
from rag.lexical import terms
from rag.query import Query

__all__ = ["extract"]

_NUMBER = 0.6  # a sentence with a number where one is asked for
_ASKS = 0.5  # a sentence that asks answers less
_BARE = 2.0  # a salutation or a stray word says nothing
_FEWEST = 3  # words from which on a sentence says something
_BESIDE = 0.3  # the neighbour of a chosen sentence reads on from it
_GAP = 3  # characters, at most, between a sentence and the one that follows it
_URL = re.compile(r"https?://\S+|www\.\S+")


def extract(query: Query, hits: Sequence[Hit], most: int) -> list[Span]:
    """Return the stretches to quote from hits of one comment, in the comment's order, at most `most` words in all.

    The first hit's best sentence, or one that fits better, is always among them, however long it is.
    """
    rated = _rated(query, hits)
    order = sorted(rated)
    chosen: set[Span] = set()
    budget = float(most)
    while True:
        open_ = [span for span in order if span not in chosen and (not chosen or rated[span][1] <= budget)]
        if not open_:
            return _joined(order, chosen)
        best = max(open_, key=lambda span: rated[span][0] + _BESIDE * _beside(order, chosen, span))
        chosen.add(best)
        budget -= rated[best][1]


def _rated(query: Query, hits: Sequence[Hit]) -> dict[Span, tuple[float, int]]:
    """Return how well every sentence that may be quoted fits, and its words."""
    wanted = frozenset(term for form in query.searches[:2] for term in terms(form))
    numeric = asks_for_number(query.resolved)
    rated: dict[Span, tuple[float, int]] = {}
    for hit in hits:
        fits = hit.fits or tuple(float(span == hit.sentence) for span in hit.passage.sentences)
        for span, fit in zip(hit.passage.sentences, fits, strict=True):
            text = hit.passage.at(span)
            if gives_orders(hit.passage, span):
                continue
            plain = _URL.sub(" ", text)
            said = len(re.findall(r"\w+", plain))
            fit -= _BARE if said < _FEWEST and text.isascii() else 0.0
            fit -= _ASKS if is_question(text) else 0.0
            fit += _NUMBER if numeric and numbers(plain) else 0.0
            fit += 0.0 if hit.fits else 0.1 * len(wanted.intersection(terms(text)))
            rated[span] = (fit, len(text.split()))
    return rated


def _beside(order: Sequence[Span], chosen: set[Span], span: Span) -> bool:
    return any(other in chosen and _follow(*sorted((span, other))) for other in order)


def _follow(first: Span, second: Span) -> bool:
    return 0 <= second[0] - first[1] <= _GAP


def _joined(order: Sequence[Span], chosen: set[Span]) -> list[Span]:
    """Join chosen sentences that follow each other."""
    runs: list[list[Span]] = []
    for span in (one for one in order if one in chosen):
        if runs and _follow(runs[-1][-1], span):
            runs[-1].append(span)
        else:
            runs.append([span])
    return [(run[0][0], run[-1][1]) for run in runs]
