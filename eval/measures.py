"""The measures of EVALUATION, as pure functions on plain values. Every test shows its arithmetic."""

import math
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

__all__ = [
    "Abstention",
    "Interval",
    "Paired",
    "Prf",
    "abstention",
    "area_under_curve",
    "area_under_risk",
    "bootstrap",
    "citation_prf",
    "cohens_kappa",
    "fold",
    "k_precision",
    "mean",
    "nugget_hits",
    "paired",
    "pearson",
    "percentile",
    "token_f1",
    "tokens",
]

T = TypeVar("T")

SEED = 20_261
RESAMPLES = 1_000

_UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_UNITS_DE = ["null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"]
_NUMBERS = {word: str(value) for words in (_UNITS, _UNITS_DE) for value, word in enumerate(words)}
_ARTICLES = {"a", "an", "the"}
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True, slots=True)
class Prf:
    """Precision, recall and their harmonic mean, each from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Return the harmonic mean; 0 where both are 0."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Abstention:
    """Declining as a detector of unanswerable questions; None where a denominator is 0."""

    precision: float | None
    recall: float | None
    f1: float | None
    false_declines: float | None


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95% bootstrap interval and the number of cases it rests on."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Paired:
    """Two systems on the same cases: mean difference (first minus second) with interval, and who won how often."""

    difference: Interval
    wins: int
    losses: int
    ties: int


def fold(text: str) -> str:
    """Fold a text for matching: NFKC, case, quotes, dashes, invisible characters, number words, thousands marks.

    >>> fold("Two hours – 1,200 “cars”")
    '2 hours - 1200 "cars"'
    """
    text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).casefold()
    text = re.sub(r"[‘’ʼ´`]", "'", re.sub(r"[“”„«»]", '"', re.sub(r"[‐‑–—−]", "-", text)))
    text = re.sub(r"(?<=\d)[,.\u202f ](?=\d{3}(?!\d))", "", text)
    text = re.sub(r"[^\W\d_]+", lambda word: _NUMBERS.get(word[0], word[0]), text)
    return re.sub(r"\s+", " ", text).strip()


def tokens(text: str) -> list[str]:
    """Split as SQuAD does: lower case, no punctuation, without a, an, the."""
    return [token for token in re.findall(r"[^\W_]+", fold(text)) if token not in _ARTICLES]


def token_f1(answer: str, reference: str) -> float:
    """Return the F1 of shared tokens, counted with multiplicity (SQuAD)."""
    mine, gold = tokens(answer), tokens(reference)
    shared = sum((Counter(mine) & Counter(gold)).values())
    if not shared:
        return 0.0
    return Prf(shared / len(mine), shared / len(gold)).f1


def nugget_hits(text: str, nuggets: Iterable[Sequence[str]]) -> tuple[bool, ...]:
    """Tell for each nugget whether one of its alternatives occurs in the text.

    An alternative begins at a word's beginning; it also ends at a word's end where its last word is a number or has
    fewer than five letters, so that `bridge` finds `bridges`, but neither `2` finds `200` nor `men` finds `mention`.
    """
    folded = fold(text)
    return tuple(any(_occurs(fold(alternative), folded) for alternative in nugget) for nugget in nuggets)


def _occurs(needle: str, text: str) -> bool:
    head = r"(?<![^\W_])" if needle[:1].isalnum() else ""
    last = re.search(r"[^\W_]+$", needle)
    tail = r"(?![^\W_])" if last and (len(last[0]) < 5 or last[0].isdigit()) else ""
    return re.search(head + re.escape(needle) + tail, text) is not None


def citation_prf(cited: Collection[str], gold: Collection[str], also: Collection[str] = ()) -> Prf:
    """Compare cited ids with gold ids; `also` ids neither help nor harm. Nothing cited scores 0.

    An answer that cites only `also` ids counts as right: they say the same.
    """
    counted = set(cited) - (set(also) - set(gold))
    if cited and not counted:
        return Prf(1.0, 1.0)
    shared = len(counted & set(gold))
    return Prf(shared / len(counted) if counted else 0.0, shared / len(set(gold)) if gold else 0.0)


def k_precision(answer: str, sources: Iterable[str]) -> float | None:
    """Return the share of the answer's tokens that occur in the cited texts; None for an answer without tokens."""
    mine = tokens(answer)
    known = {token for source in sources for token in tokens(source)}
    return sum(token in known for token in mine) / len(mine) if mine else None


def abstention(outcomes: Iterable[tuple[bool, bool]]) -> Abstention:
    """Score declining from (answerable, declined) pairs; the positive class is an unanswerable question declined."""
    counts = Counter(outcomes)
    right, wrong, missed = counts[False, True], counts[True, True], counts[False, False]
    answerable = wrong + counts[True, False]
    precision = right / (right + wrong) if right + wrong else None
    recall = right / (right + missed) if right + missed else None
    f1 = None if recall is None else Prf(precision or 0.0, recall).f1
    return Abstention(precision, recall, f1, wrong / answerable if answerable else None)


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of those that are not None; None where there are none."""
    present = [value for value in values if value is not None]
    return math.fsum(present) / len(present) if present else None


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the value below which `share` (0 to 1) of them lie, interpolated linearly; None for no values."""
    ranked = sorted(values)
    if not ranked:
        return None
    place = share * (len(ranked) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (ranked[high] - ranked[low]) * (place - low)


def bootstrap(
    groups: Mapping[str, Sequence[T]],
    statistic: Callable[[Sequence[T]], float | None],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval | None:
    """Return a statistic with its 95% interval, resampling whole groups (threads) with replacement.

    A single group is resampled by its members instead. None where the statistic is undefined.
    """
    everything = [item for members in groups.values() for item in members]
    value = statistic(everything)
    if value is None:
        return None
    blocks: list[Sequence[T]] = list(groups.values()) if len(groups) > 1 else [[item] for item in everything]
    chance = random.Random(seed)  # noqa: S311 - resampling, not secrets
    drawn = []
    for _ in range(resamples):
        sample = [item for block in chance.choices(blocks, k=len(blocks)) for item in block]
        again = statistic(sample)
        if again is not None:
            drawn.append(again)
    low, high = percentile(drawn, 0.025), percentile(drawn, 0.975)
    return Interval(value, value if low is None else low, value if high is None else high, len(everything))


def paired(
    first: Mapping[str, float], second: Mapping[str, float], groups: Mapping[str, str] | None = None
) -> Paired | None:
    """Compare two systems case by case over the ids that both have; `groups` names each id's thread."""
    shared = sorted(first.keys() & second.keys())
    if not shared:
        return None
    differences = {key: first[key] - second[key] for key in shared}
    blocks: dict[str, list[float]] = {}
    for key in shared:
        blocks.setdefault((groups or {}).get(key, ""), []).append(differences[key])
    interval = bootstrap(blocks, mean)
    if interval is None:  # a mean over shared ids exists
        return None
    wins = sum(value > 0 for value in differences.values())
    losses = sum(value < 0 for value in differences.values())
    return Paired(interval, wins, losses, len(shared) - wins - losses)


def area_under_risk(scored: Iterable[tuple[float, bool]]) -> float | None:
    """Return the area under the risk-coverage curve of (confidence, right): the mean error rate over all coverages."""
    ranked = sorted(scored, key=lambda item: -item[0])
    errors, risks = 0, []
    for count, (_, right) in enumerate(ranked, start=1):
        errors += not right
        risks.append(errors / count)
    return mean(risks)


def area_under_curve(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return the chance that a (score, label) with label 1 scores above one with less; ties count half."""
    yes = [score for score, label in pairs if label == 1.0]
    no = [score for score, label in pairs if label < 1.0]
    if not yes or not no:
        return None
    wins = sum((a > b) + 0.5 * (a == b) for a in yes for b in no)
    return wins / (len(yes) * len(no))


def cohens_kappa(both: int, first_alone: int, second_alone: int, neither: int) -> float | None:
    """Return the agreement of two judges beyond chance, 1 for perfect; None where chance alone would make it so.

    >>> cohens_kappa(20, 5, 10, 15)  # alike 0.7, by chance 0.5
    0.4
    """
    n = both + first_alone + second_alone + neither
    if not n:
        return None
    first, second = (both + first_alone) / n, (both + second_alone) / n
    chance = first * second + (1 - first) * (1 - second)
    return round(((both + neither) / n - chance) / (1 - chance), 10) if chance < 1 else None


def pearson(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return the linear correlation of pairs; None where one side does not vary."""
    left, right = mean(a for a, _ in pairs), mean(b for _, b in pairs)
    if left is None or right is None:
        return None
    cross = math.fsum((a - left) * (b - right) for a, b in pairs)
    spread = math.fsum((a - left) ** 2 for a, _ in pairs) * math.fsum((b - right) ** 2 for _, b in pairs)
    return cross / math.sqrt(spread) if spread else None
