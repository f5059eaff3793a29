"""How well do these sentences support this claim? A small calibrated model over words, numbers, names and vectors.

The features and their weights are few enough to read. `python -m eval.sets_trust --fit` fits the weights and prints
how they do on labelled claims; a bigger judge may stand in by keeping the methods of `Supporter`.
"""

import math
import re
from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.facts import missing_names, missing_numbers, names, numbers
from rag.lexical import language_of, stem, terms, words
from rag.ports import Encoder, Vectors
from rag.words import COMMON

__all__ = ["FEATURES", "THRESHOLD", "Supporter", "support", "weight"]

THRESHOLD = 0.5
"""A claim counts as supported from here on; chosen on the dev halves of the labelled sets."""

FEATURES = (
    "covered",  # weighted share of the claim's words in all the evidence
    "covered_1",  # the same in its best sentence
    "covered_3",  # the same in its best three neighbouring sentences
    "gap",  # longest run of the claim's words missing there, as a share of them
    "pairs",  # share of the claim's neighbouring content words that are neighbours in a sentence
    "triples",  # share of the claim's runs of three words that occur
    "cosine",  # nearest sentence
    "centre",  # the mean of all sentences
    "spanned",  # length of the claim's projection on its five nearest sentences
    "both",  # covered_3 times cosine
    "numbers",  # share of its numbers that are missing
    "names",  # share of its proper names that are missing
    "a_name",  # whether any is missing
    "negation",  # whether one of claim and best sentence is negated and the other not
)
_WEIGHTS = (-0.75, -0.02, 0.82, -0.83, 1.36, 0.52, -1.0, 2.1, 1.74, 0.93, -2.0, 0.78, -1.21, -0.08)
_BIAS = -2.19
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|hardly|nicht|kein\w*|nie|jamais|pas|nunca|sin)\b"
    r"|n['’]t\b|不|没|沒|無|无",
    re.I,
)
_KEPT = 4096
_LONGEST = 400
"""Evidence sentences beyond this many are not looked at."""


class Supporter:
    """Scores claims against evidence sentences; keeps the vectors of sentences it has seen."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def score(self, claim: str, evidence: Sequence[str]) -> float:
        """Return how likely the evidence sentences, taken together, support the claim, from 0 to 1."""
        if not words(claim) or not any(map(words, evidence)):
            return 0.0
        if _verbatim(claim, evidence):
            return 1.0
        return 1.0 / (1.0 + math.exp(-_BIAS - float(np.dot(_WEIGHTS, self.features(claim, evidence)))))

    def features(self, claim: str, evidence: Sequence[str]) -> NDArray[np.float32]:
        """Return the values of `FEATURES`, shape (14,), for a claim and at least one evidence sentence."""
        evidence = evidence[:_LONGEST]
        joined = " ".join(evidence)
        language = language_of(f"{claim} {joined}")
        wanted = terms(claim, language)
        cut = [terms(sentence, language) for sentence in evidence]
        near = max((_Share(wanted, _flat(cut[at : at + 3])) for at in range(len(cut))), key=lambda share: share.value)
        best = max(range(len(cut)), key=lambda row: _Share(wanted, cut[row]).value)
        claim_words, all_words = words(claim), words(joined)
        cosine, centre, spanned = self._nearness(claim, evidence)
        named = len(names(claim))
        lacking = len(missing_names(claim, [joined])) if named else 0
        figures = len(numbers(claim))
        values = (
            _Share(wanted, _flat(cut)).value,
            _Share(wanted, cut[best]).value,
            near.value,
            near.longest_gap(wanted),
            _share(_pairs(wanted), {pair for sentence in cut for pair in _pairs(sentence)}),
            _share(_triples(claim_words), _triples(all_words)),
            cosine,
            centre,
            spanned,
            near.value * cosine,
            len(missing_numbers(claim, joined)) / figures if figures else 0.0,
            lacking / named if named else 0.0,
            float(lacking > 0),
            float(bool(_NEGATION.search(claim)) != bool(_NEGATION.search(evidence[best]))),
        )
        return np.asarray(values, np.float32)

    def _nearness(self, claim: str, evidence: Sequence[str]) -> tuple[float, float, float]:
        rows = self.vectors([claim, *evidence])
        vector, others = rows[0], rows[1:]
        cosines = others @ vector
        mean = others.mean(0)
        norm = float(np.linalg.norm(mean))
        nearest = others[np.argsort(-cosines)[:5]]
        _, values, basis = np.linalg.svd(nearest, full_matrices=False)
        spanned = basis[values > 1e-2 * values[0]] @ vector if values[0] > 0 else np.zeros(1)
        return float(cosines.max()), float(mean @ vector) / norm if norm else 0.0, float(np.linalg.norm(spanned))

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, shape (n, dimension), encoding those that were not seen lately."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if fresh:
            self._vectors.update(zip(fresh, self._encoder.encode(fresh), strict=True))
        rows = np.stack([self._vectors[text] for text in texts])
        while len(self._vectors) > _KEPT:
            self._vectors.popitem(last=False)
        return rows


def support(claim: str, evidence: Sequence[str], encoder: Encoder) -> float:
    """Return how likely the evidence sentences support the claim, from 0 to 1."""
    return Supporter(encoder).score(claim, evidence)


class _Share:
    """How much of a claim's distinct words a text contains: figures weigh 1.5, everyday words a half."""

    def __init__(self, wanted: Sequence[str], present: Sequence[str]) -> None:
        self.present = set(present)
        distinct = set(wanted)
        mass = sum(map(weight, distinct))
        self.value = sum(map(weight, distinct & self.present)) / mass if mass else 0.0

    def longest_gap(self, wanted: Sequence[str]) -> float:
        """Return the longest run of words that the text lacks, as a share of them all."""
        run = longest = 0
        for term in wanted:
            run = 0 if term in self.present else run + 1
            longest = max(longest, run)
        return longest / len(wanted) if wanted else 0.0


_EVERYDAY = frozenset(stem(sorted(COMMON)))


def weight(term: str) -> float:
    """Return how much a stemmed word tells: figures 1.5, everyday words a half, others 1."""
    if any(letter.isdigit() for letter in term):
        return 1.5
    return 0.5 if term in _EVERYDAY else 1.0


def _flat(lists: Sequence[Sequence[str]]) -> list[str]:
    return [item for items in lists for item in items]


def _share(wanted: set[tuple[str, ...]], present: set[tuple[str, ...]]) -> float:
    return len(wanted & present) / len(wanted) if wanted else 0.0


def _pairs(items: Sequence[str]) -> set[tuple[str, ...]]:
    return set(pairwise(items))


def _triples(items: Sequence[str]) -> set[tuple[str, ...]]:
    return set(zip(items, items[1:], items[2:], strict=False))


def _verbatim(claim: str, evidence: Sequence[str]) -> bool:
    needle, hay = words(claim), words(" ".join(evidence))
    return len(needle) >= 3 and f" {' '.join(needle)} " in f" {' '.join(hay)} "
