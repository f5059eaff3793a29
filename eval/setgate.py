"""All third-party sets in one go, held to pinned floors: `python -m eval.setgate` (`make eval-sets`).

The health of our own measures first, then retrieval, support and declining, and real threads whole. The floors stand in
`eval/baseline.json` under `sets`: what was measured, less a margin; `--update` raises them. A stopped run goes on
where it was. Where the sets are absent it says so and is green.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from eval import health, sets, sets_stance, sets_threads, sets_trust
from eval.command import plainly
from eval.gate import Baseline, GateError, read_baseline
from eval.setdata import SETS
from eval.steps import Steps

__all__ = ["MARGIN", "Measured", "SetFigures", "main", "measure_all", "names", "red_sets", "sets_table", "with_floors"]

MARGIN = 1.0
"""How many points below what was measured a floor is set; correlations are in hundredths."""

SetFigures = dict[str, dict[str, float]]
"""Figures in percent by set and measure."""

_LESS_IS_BETTER = ("false declines",)
_UNGATED = ("own threshold", "chance", "on the side asked for")
"""Parts of a measure's name: a threshold fitted to a few rows of one source, or a figure at chance, gates nothing."""

FOLDER = Path(".eval") / "set-steps"


def names() -> tuple[str, ...]:
    """Return the steps, quickest first."""
    retrieval, trust = (f"retrieval/{name}" for name in SETS), (f"trust/{name}" for name in sets_trust.SETS)
    threads, stances = (f"threads/{name}" for name in sets_threads.SETS), (f"stance/{n}" for n in sets_stance.SETS)
    return ("health", *retrieval, *trust, *threads, *stances)


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of every set, and for support how often people agree at each level of the score, by set."""

    figures: SetFigures = field(default_factory=dict)
    curves: Mapping[str, Sequence[Sequence[float]]] = field(default_factory=dict)


def measure_all(steps: Steps, folder: Path) -> Measured:
    """Measure every set that is there; each is a step of its own."""
    found: dict[str, Any] = steps.value("health", lambda: asdict(health.study(folder)))
    figures: SetFigures = dict(found["figures"])
    for name in SETS:
        figures |= steps.value(f"retrieval-{name}", partial(sets.figures, name))
    for name in sets_trust.SETS:
        figures |= steps.value(f"trust-{name}", partial(sets_trust.figures, name))
    for name in sets_threads.SETS:
        figures |= steps.value(f"threads-{name}", partial(sets_threads.figures, name))
    for name in sets_stance.SETS:
        figures |= steps.value(f"stance-{name}", partial(sets_stance.figures, name))
    return Measured(figures, found["curves"])


def _gated(measure: str) -> bool:
    return not any(part in measure for part in _UNGATED)


def _lower_is_better(measure: str) -> bool:
    return any(part in measure for part in _LESS_IS_BETTER)


def red_sets(figures: Mapping[str, Mapping[str, float]], floors: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return which figures fall below their floors; a set or a measure that is gone fails too."""
    lines = []
    for name, row in floors.items():
        for measure, floor in row.items():
            value = figures.get(name, {}).get(measure)
            if value is None:
                lines.append(f"{name}: {measure} is no longer measured; its floor is {floor:.1f}")
            elif _lower_is_better(measure) and value > floor:
                lines.append(f"{name}: {measure} is {value:.1f}, its ceiling is {floor:.1f}")
            elif not _lower_is_better(measure) and value < floor:
                lines.append(f"{name}: {measure} is {value:.1f}, its floor is {floor:.1f}")
    return lines


def with_floors(
    figures: Mapping[str, Mapping[str, float]],
    floors: Mapping[str, Mapping[str, float]],
    *,
    margin: float = MARGIN,
    allow_lower: bool = False,
) -> SetFigures:
    """Return the floors that these figures allow, never lower than before. Raises `GateError` where one would fall.

    A floor that is above the figure less the margin stays as it is, unless lowering is allowed.
    """
    red = red_sets(figures, floors)
    if red and not allow_lower:
        raise GateError(f"This would lower {len(red)} floor(s): {'; '.join(red)}.", remedy="Say --allow-lower and why.")
    new: SetFigures = {}
    for name, row in figures.items():
        new[name] = {}
        for measure, value in row.items():
            if _gated(measure):
                less = _lower_is_better(measure)
                found = round(value + margin if less else value - margin, 1)
                old = floors.get(name, {}).get(measure)
                keep = old is not None and not allow_lower and (old < found if less else old > found)
                new[name][measure] = old if keep and old is not None else found
    return {**{name: dict(row) for name, row in floors.items()}, **new}


def sets_table(figures: Mapping[str, Mapping[str, float]], floors: Mapping[str, Mapping[str, float]]) -> str:
    """Return the figures beside their floors, a line each."""
    lines = []
    for name, row in figures.items():
        for measure, value in row.items():
            floor = floors.get(name, {}).get(measure)
            held = "" if floor is None else f"   {'at most' if _lower_is_better(measure) else 'floor'} {floor:.1f}"
            lines.append(f"{name:<24}{measure:<40}{value:>7.1f}{held}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everything; return 0 for green or absent sets, 1 for red, 2 where it cannot judge."""
    parser = argparse.ArgumentParser(prog="python -m eval.setgate", description=__doc__)
    parser.add_argument("--baseline", type=Path, default=Path(str(files("eval") / "baseline.json")))
    parser.add_argument("--update", action="store_true", help="write the floors that were found")
    parser.add_argument("--allow-lower", action="store_true", help="let --update lower floors")
    parser.add_argument("--fresh", action="store_true", help="forget what a stopped run had measured")
    options = parser.parse_args(arguments)
    return plainly(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    if not sets.root().is_dir():
        sys.stdout.write(f"Skipped: the third-party sets are not at {sets.root()}; their floors were not checked.\n")
        return 0
    baseline = read_baseline(options.baseline)
    steps = Steps(FOLDER, len(names()), fresh=options.fresh)
    figures = measure_all(steps, sets.root()).figures
    steps.clear()
    sys.stdout.write(sets_table(figures, baseline.sets) + "\n")
    if options.update:
        write_sets(options.baseline, baseline, with_floors(figures, baseline.sets, allow_lower=options.allow_lower))
        sys.stdout.write(f"\nFloors of the sets written to {options.baseline.name}.\n")
        return 0
    red = red_sets(figures, baseline.sets)
    sys.stdout.write("\n" + "\n".join(["RED", *red] if red else ["GREEN: no set is below its floor."]) + "\n")
    return 1 if red else 0


def write_sets(path: Path, baseline: Baseline, floors: SetFigures) -> None:
    """Write the sets' floors; those of the gold stay as they are."""
    data = {**baseline.to_json(), "sets": floors}
    path.write_text(json.dumps(data, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
