"""Measures of a ranked list against the set of right ids, as pure functions. Every one is a share from 0 to 1."""

import math
from collections.abc import Collection, Sequence

__all__ = ["average_precision", "ndcg", "recall", "reciprocal_rank"]


def reciprocal_rank(ranked: Sequence[str], gold: Collection[str], k: int = 10) -> float:
    """Return one over the rank of the first right id among the first k, else 0.

    >>> reciprocal_rank(["a", "b", "c"], {"b", "c"})
    0.5
    """
    return next((1 / rank for rank, found in enumerate(ranked[:k], start=1) if found in gold), 0.0)


def recall(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """Return the share of the right ids that are among the first k; with one right id and k = 1 this is R@1.

    >>> recall(["a", "b", "c"], {"b", "z"}, 2)
    0.5
    """
    return len(set(ranked[:k]) & set(gold)) / len(set(gold)) if gold else 0.0


def ndcg(ranked: Sequence[str], gold: Collection[str], k: int = 10) -> float:
    """Return the discounted gain of the first k over that of the best order; every right id gains one.

    >>> round(ndcg(["a", "b"], {"b"}), 4)  # 1 / log2(3)
    0.6309
    """
    gain = sum(1 / math.log2(rank + 1) for rank, found in enumerate(ranked[:k], start=1) if found in gold)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(set(gold))) + 1))
    return gain / ideal if ideal else 0.0


def average_precision(ranked: Sequence[str], gold: Collection[str]) -> float:
    """Return the mean, over the right ids, of the precision where each is found; one not ranked counts 0.

    >>> average_precision(["a", "b", "c"], {"a", "c"})  # (1/1 + 2/3) / 2
    0.8333333333333333
    """
    hits, total = 0, 0.0
    for rank, found in enumerate(ranked, start=1):
        if found in gold:
            hits += 1
            total += hits / rank
    return total / len(set(gold)) if gold else 0.0
