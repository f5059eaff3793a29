"""How well do these sentences support this claim? A small calibrated model over words, numbers, names and vectors.

The features and their weights are few enough to read. `eval/sets_trust.py` fits the weights and measures them on
labelled claims; a bigger judge may stand in by keeping the same method.
"""

import math
import re
from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.facts import missing_names, missing_numbers, names, numbers
from rag.lexical import stem, terms, words
from rag.ports import Encoder, Vectors

__all__ = ["FEATURES", "THRESHOLD", "Supporter", "support"]

THRESHOLD = 0.5
"""A claim counts as supported from here on; chosen on the dev halves of the labelled sets."""

FEATURES = ("covered", "covered_near", "pairs", "cosine", "numbers_missing", "names_missing", "negation", "run", "long")
_WEIGHTS = (2.0, 2.5, 1.0, 3.0, -1.0, -0.8, -0.5, 0.5, 0.0)
_BIAS = -3.6
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|hardly|nicht|kein\w*|nie|jamais|pas|ne|nunca|sin)\b"
    r"|n['’]t\b|不|没|沒|無|无",
    re.I,
)
_KEPT = 4096


class Supporter:
    """Scores claims against evidence sentences; keeps the vectors of sentences it has seen."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def score(self, claim: str, evidence: Sequence[str]) -> float:
        """Return how likely the evidence sentences, taken together, support the claim, from 0 to 1."""
        if not evidence or not words(claim):
            return 0.0
        if _verbatim(claim, evidence):
            return 1.0
        total = _BIAS + float(np.dot(_WEIGHTS, self.features(claim, evidence)))
        return 1.0 / (1.0 + math.exp(-total))

    def features(self, claim: str, evidence: Sequence[str]) -> NDArray[np.float32]:
        """Return the values of `FEATURES` for a claim and its evidence sentences."""
        wanted = terms(claim)
        cut = [terms(sentence) for sentence in evidence]
        whole = [term for sentence in cut for term in sentence]
        near = max(_share(wanted, [*left, *right]) for left, right in zip(cut, [*cut[1:], []], strict=True))
        best = max(range(len(cut)), key=lambda row: _share(wanted, cut[row]))
        joined = " ".join(evidence)
        total_numbers, total_names = len(numbers(claim)), len(names(claim))
        return np.asarray(
            [
                _share(wanted, whole),
                near,
                _share(_pairs(wanted), [pair for sentence in cut for pair in _pairs(sentence)]),
                self.nearest(claim, evidence),
                len(missing_numbers(claim, joined)) / total_numbers if total_numbers else 0.0,
                len(missing_names(claim, [joined])) / total_names if total_names else 0.0,
                float(bool(_NEGATION.search(claim)) != bool(_NEGATION.search(evidence[best]))),
                _longest_run(stem(words(claim)), stem(words(joined))) / max(1, len(words(claim))),
                math.log1p(len(evidence)),
            ],
            np.float32,
        )

    def nearest(self, claim: str, evidence: Sequence[str]) -> float:
        """Return the highest cosine between the claim and an evidence sentence."""
        vectors = self.vectors([claim, *evidence])
        return float(np.max(vectors[1:] @ vectors[0]))

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, encoding those that were not seen lately."""
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


def _share(wanted: Sequence[object], present: Sequence[object]) -> float:
    return len(set(wanted) & set(present)) / len(set(wanted)) if wanted else 0.0


def _pairs(items: Sequence[str]) -> list[tuple[str, str]]:
    return list(pairwise(items))


def _verbatim(claim: str, evidence: Sequence[str]) -> bool:
    needle, hay = words(claim), words(" ".join(evidence))
    return len(needle) >= 3 and f" {' '.join(needle)} " in f" {' '.join(hay)} "


def _longest_run(left: Sequence[str], right: Sequence[str]) -> int:
    """Return the length of the longest run of words that both share."""
    best = 0
    above: dict[int, int] = {}
    places: dict[str, list[int]] = {}
    for place, word in enumerate(right):
        places.setdefault(word, []).append(place)
    for word in left:
        row = {place: above.get(place - 1, 0) + 1 for place in places.get(word, ())}
        best = max(best, max(row.values(), default=0))
        above = row
    return best
