"""The gate: `python -m eval.gate` runs the gold and fails when a measure falls below its pinned floor.

Quotes mode runs whole, the local model on a fixed subset where it is installed. `eval/baseline.json` pins the floors,
the epsilon and the SHA-256 of the gold; `--update` raises floors and refuses to lower one without `--allow-lower`.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from eval.command import plainly
from eval.gold import gold_hashes
from eval.report import comparisons, terminal_report
from eval.run import Job, controls, gold_jobs, run_job, stored_peers
from eval.summary import MEASURES, Record, values
from ingest.errors import CommentariatError
from rag.adapters.local_model import bundled_installed
from rag.evidence import Answerer
from rag.settings import Settings

__all__ = ["Baseline", "Found", "GateError", "failures", "found_in", "main", "model_jobs", "raised", "read_baseline"]

Found = Mapping[str, Mapping[str, float]]
"""Measured values by system and measure, such as `found["quotes"]["cite_f1"]`."""

GATED = (
    *("right", "correct", "cite_f1", "evidence_recall", "attribution", "structure", "ids", "spans", "support"),
    *("k_precision", "abstain_f1", "false_declines", "resisted", "crashes"),
)
PER_KIND = ("right",)
MODEL_QUESTIONS = 12


class GateError(CommentariatError):
    """The gate cannot judge, or may not change its floors."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the gate holds: floors by system and measure, how far below is noise, and the gold they were taken on.

    A floor of a measure of which less is better (false declines, crashes) is a ceiling.
    """

    epsilon: float
    gold: Mapping[str, str]
    floors: Found
    sets: Found = field(default_factory=dict)
    """Floors of the third-party sets in percent (`eval.setgate`)."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Baseline":
        """Read a baseline. Raises `GateError` for a damaged one."""
        try:
            floors, sets = ({k: dict(v) for k, v in part.items()} for part in (data["floors"], data.get("sets", {})))
            return cls(float(data["epsilon"]), dict(data["gold"]), floors, sets)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise GateError(f"The baseline is damaged: {error}.", remedy="Take it from version control.") from error

    def to_json(self) -> dict[str, Any]:
        """Return the object that the file holds."""
        floors = {system: {key: round(value, 4) for key, value in row.items()} for system, row in self.floors.items()}
        sets = {name: dict(row) for name, row in self.sets.items()}
        return {"epsilon": self.epsilon, "gold": dict(self.gold), "floors": floors, **({"sets": sets} if sets else {})}


def found_in(records: Sequence[Record]) -> dict[str, dict[str, float]]:
    """Return the gated values of a run: each measure over all, and the share of right answers by kind."""
    found: dict[str, dict[str, float]] = {}
    for system in dict.fromkeys(record.system for record in records):
        mine = [record for record in records if record.system == system]
        everything = values(mine)
        row = {key: everything[key] for key in GATED if key in everything}
        for kind in sorted({record.case.kind for record in mine}):
            some = values([record for record in mine if record.case.kind == kind])
            row |= {f"{key}.{kind}": some[key] for key in PER_KIND if key in some}
        found[system] = row
    return found


def failures(found: Found, baseline: Baseline, hashes: Mapping[str, str]) -> list[str]:
    """Return why the gate is red, one line each; nothing when it is green.

    A gated measure that is missing from a system that was run fails: it would otherwise vanish unseen.
    """
    lines = []
    for name in sorted(hashes.keys() | baseline.gold.keys()):
        if hashes.get(name) != baseline.gold.get(name):
            lines.append(f"gold: {name} is not what the floors were taken on; run `python -m eval.gate --update`")
    for system, row in found.items():
        for key, floor in baseline.floors.get(system, {}).items():
            value = row.get(key)
            if value is None:
                lines.append(f"{system}: {key} is no longer measured; its floor is {floor:.3f}")
            elif _worse(key, value, floor) > baseline.epsilon:
                lines.append(f"{system}: {key} is {value:.3f}, its {_bound(key)} {floor:.3f}")
    return lines


def raised(found: Found, baseline: Baseline, hashes: Mapping[str, str], *, allow_lower: bool = False) -> Baseline:
    """Return the baseline with the floors that were found. Raises `GateError` if one is lower and that is not allowed.

    Systems that were not run keep their floors.
    """
    lower = [
        f"{system} {key} from {floor:.3f} to {row[key]:.3f}" if key in row else f"{system} {key}, no longer measured"
        for system, row in found.items()
        for key, floor in baseline.floors.get(system, {}).items()
        if key not in row or _worse(key, row[key], floor) > 1e-4  # floors are stored to four digits
    ]
    if lower and not allow_lower:
        raise GateError(
            f"This would lower {len(lower)} floor(s): {'; '.join(lower)}.",
            remedy="Mend the product, or say --allow-lower and why in the commit.",
        )
    return replace(baseline, gold=dict(hashes), floors={**baseline.floors, **found})


def _less_is_better(key: str) -> bool:
    name = key.partition(".")[0]
    return any(measure.key == name and not measure.more_is_better for measure in MEASURES)


def _worse(key: str, value: float, floor: float) -> float:
    return value - floor if _less_is_better(key) else floor - value


def _bound(key: str) -> str:
    return "ceiling is" if _less_is_better(key) else "floor is"


def model_jobs(jobs: Sequence[Job], count: int = MODEL_QUESTIONS) -> tuple[Job, ...]:
    """Return the fixed subset for the local model: of the first thread, two of each kind that needs a model.

    Chosen by the hash of the id, so the subset changes only with the questions themselves.
    """
    job = jobs[0]
    ranked = sorted(job.cases, key=lambda case: hashlib.sha256(f"model {case.id}".encode()).hexdigest())
    kinds = [kind for kind in dict.fromkeys(case.kind for case in job.cases) if kind not in ("structure", "overview")]
    chosen = {case.id for kind in kinds for case in [c for c in ranked if c.kind == kind][: -(-count // len(kinds))]}
    cases = [case for case in ranked if case.id in chosen][:count]
    return (replace(job, cases=tuple(cases)),)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the gate; return 0 for green, 1 for red, 2 where it cannot judge."""
    parser = argparse.ArgumentParser(prog="python -m eval.gate", description="Fail when a measure falls.")
    parser.add_argument("--update", action="store_true", help="write what was found as the new floors")
    parser.add_argument("--allow-lower", action="store_true", help="let --update lower floors")
    parser.add_argument("--no-model", action="store_true", help="leave the local model out")
    parser.add_argument("--baseline", type=Path, default=Path(str(files("eval") / "baseline.json")))
    parser.add_argument("--json", type=Path, metavar="OUT.jsonl", help="write a line a case")
    options = parser.parse_args(arguments)
    return plainly(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    baseline = read_baseline(options.baseline)
    settings = Settings.from_environment()
    jobs = gold_jobs()
    quotes = _records(jobs, "quotes", settings)
    beside = [record for job in jobs for record in (*controls(_of(quotes, job), job.threads), *stored_peers(job))]
    print(terminal_report([*quotes, *beside]))
    records = list(quotes)
    if options.no_model:
        print("\nThe local model was left out.")
    elif settings.endpoint or bundled_installed():
        model = _records(model_jobs(jobs), "model", settings)
        records += model
        print("\n" + terminal_report(model), *comparisons([*model, *quotes, *beside]), sep="\n")
    else:
        print("\nThe local model is not installed; its floors were not checked.")
    if options.json:
        lines = (json.dumps(record.to_json(), ensure_ascii=False) + "\n" for record in records)
        options.json.write_text("".join(lines), encoding="utf-8")
    return _judge(found_in(records), baseline, options)


def _judge(found: Found, baseline: Baseline, options: argparse.Namespace) -> int:
    if options.update:
        new = raised(found, baseline, gold_hashes(), allow_lower=options.allow_lower)
        options.baseline.write_text(json.dumps(new.to_json(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
        print(f"\nFloors written to {options.baseline.name}.")
        return 0
    red = failures(found, baseline, gold_hashes())
    print("\n" + "\n".join(["RED", *red] if red else ["GREEN: no measure is below its floor."]))
    return 1 if red else 0


def _records(jobs: Sequence[Job], answerer: Answerer, settings: Settings) -> list[Record]:
    return [record for job in jobs for record in run_job(job, answerer, settings)]


def _of(records: Sequence[Record], job: Job) -> list[Record]:
    return [record for record in records if record.thread == job.name]


def read_baseline(path: Path) -> Baseline:
    """Read the pinned floors. Raises `GateError` where they are missing or damaged."""
    try:
        return Baseline.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise GateError(f"{path} cannot be read: {error}.", remedy="Take it from version control.") from error


if __name__ == "__main__":
    sys.exit(main())
