"""Are our own measures sound? `python -m eval.health` correlates K-precision with human labels of support.

The labelled sets lie in `../shared/evalsets`; where they are absent it says so. The correlation is printed per set
with the area under the ROC curve, and the command fails when one falls below its floor.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.measures import bootstrap, k_precision, pearson

__all__ = ["FLOORS", "Labelled", "Pair", "area_under_curve", "labelled", "main", "root"]

FLOORS = {"attributionbench": 0.3, "wice": 0.45}
"""Lowest correlation of K-precision with the label, by set."""

Pair = tuple[float, float]
"""(K-precision, label)."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A claim, what it cites, and whether people found it supported: 1, 0, or 0.5 for partly."""

    claim: str
    evidence: tuple[str, ...]
    label: float


def root() -> Path:
    """Return where the labelled sets lie, whether they do or not."""
    return Path(__file__).resolve().parents[2] / "shared" / "evalsets"


def labelled(name: str, folder: Path) -> Iterator[Labelled]:
    """Yield the claims of a set. Raises OSError where its file is absent."""
    if name == "attributionbench":
        for row in _rows(folder / name / "dev.A.jsonl"):
            yield Labelled(str(row["claim"]), tuple(map(str, row["evidence"])), float(row["label"]))
    else:
        degrees = {"supported": 1.0, "partially_supported": 0.5, "not_supported": 0.0}
        for row in _rows(folder / name / "claims.A.jsonl"):
            yield Labelled(str(row["claim"]), tuple(map(str, row["sentences"])), degrees[str(row["label"])])


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def area_under_curve(pairs: Sequence[Pair]) -> float | None:
    """Return the chance that a supported claim scores above one that is not fully supported; ties count half."""
    yes = [score for score, label in pairs if label == 1.0]
    no = [score for score, label in pairs if label < 1.0]
    if not yes or not no:
        return None
    wins = sum((a > b) + 0.5 * (a == b) for a in yes for b in no)
    return wins / (len(yes) * len(no))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the correlations; return 1 where one is below its floor."""
    parser = argparse.ArgumentParser(prog="python -m eval.health", description="Check our measures against people.")
    parser.add_argument("--sets", type=Path, default=root(), help="folder of the labelled sets")
    options = parser.parse_args(arguments)
    code = 0
    for name, floor in FLOORS.items():
        try:
            items = list(labelled(name, options.sets))
        except OSError:
            sys.stdout.write(f"{name}: not at {options.sets}, skipped\n")
            continue
        scored = [(k_precision(item.claim, item.evidence), item.label) for item in items]
        pairs = [(score, label) for score, label in scored if score is not None]
        interval, area = bootstrap({"": pairs}, pearson), area_under_curve(pairs)
        if interval is None or area is None:
            sys.stdout.write(f"{name}: unscored, its labels or scores do not vary\n")
            continue
        verdict = "ok" if interval.value >= floor else f"below its floor of {floor:.2f}"
        code = max(code, int(interval.value < floor))
        sys.stdout.write(
            f"{name}: K-precision against human labels, n = {interval.n}: r = {interval.value:.3f} "
            f"[{interval.low:.3f}, {interval.high:.3f}], AUC = {area:.3f}, {verdict}\n"
        )
    return code


if __name__ == "__main__":
    sys.exit(main())
