"""Fit the weights that `rag.support` pins: logistic regression with a ridge, by Newton's method."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.sets_trust import read_pairs
from rag.ports import Encoder
from rag.support import Supporter

__all__ = ["Fit", "fit", "fitted"]

Floats = NDArray[np.float64]


class Fit:
    """Weights over raw features with their bias: `probability(values)` is the logistic of their sum."""

    def __init__(self, weights: Floats, bias: float) -> None:
        self.weights = weights
        self.bias = bias

    def probability(self, values: Floats) -> Floats:
        """Return the probability of each row of values, shape (n, features)."""
        return np.asarray(1.0 / (1.0 + np.exp(-(values @ self.weights + self.bias))))


def fit(values: Floats, labels: NDArray[np.bool_], *, ridge: float = 3.0, rounds: int = 30) -> Fit:
    """Fit standardised features, classes weighed to balance, `ridge` times the squared weights against overfitting."""
    mean, spread = values.mean(0), values.std(0) + 1e-9
    design = np.hstack([(values - mean) / spread, np.ones((len(values), 1))])
    sure = np.where(labels, 1.0, labels.sum() / max(1, (~labels).sum()))
    penalty = np.diag([ridge] * values.shape[1] + [0.0])
    beta = np.zeros(design.shape[1])
    for _ in range(rounds):
        guess = 1.0 / (1.0 + np.exp(-design @ beta))
        slope = design.T @ (sure * (labels - guess)) - penalty @ beta
        curve = (design * (sure * guess * (1 - guess))[:, None]).T @ design + penalty
        beta = beta + np.linalg.solve(curve, slope)
    weights = beta[:-1] / spread
    return Fit(weights, float(beta[-1] - weights @ mean))


def cross_validated(values: Floats, labels: NDArray[np.bool_], *, ridge: float, folds: int = 10) -> Floats:
    """Return each row's probability by a fit that has not seen it; folds are dealt by a fixed shuffle."""
    order = np.random.default_rng(0).permutation(len(values)) % folds
    found = np.zeros(len(values))
    for fold in range(folds):
        held = order == fold
        found[held] = fit(values[~held], labels[~held], ridge=ridge).probability(values[held])
    return found


def fitted(name: str, folder: Path, encoder: Encoder) -> str:
    """Return the weights fitted on a set as text, with the balanced accuracy that held-out folds reach."""
    from eval.sets_trust import balanced_accuracy, best_threshold

    values, labels = _data(name, folder, encoder)
    held = cross_validated(values, labels, ridge=3.0).tolist()
    truth = labels.tolist()
    at = best_threshold(truth, held)
    score = balanced_accuracy(truth, [one >= at for one in held])
    model = fit(values, labels)
    weights = ", ".join(f"{value:.2f}" for value in model.weights)
    return f"{name}: weights ({weights}), bias {model.bias:.2f}; held-out balanced accuracy {score:.1f} at {at:.2f}"


def _data(name: str, folder: Path, encoder: Encoder) -> tuple[Floats, NDArray[np.bool_]]:
    supporter, pairs = Supporter(encoder), [pair for pair in read_pairs(name, folder) if pair.evidence]
    encoder.encode([text for pair in pairs for text in (pair.claim, *pair.evidence)])
    rows: Sequence[Sequence[float]] = [supporter.features(one.claim, one.evidence).tolist() for one in pairs]
    return np.asarray(rows, np.float64), np.asarray([pair.supported for pair in pairs])
