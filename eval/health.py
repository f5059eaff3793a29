"""Are our own measures sound? `python -m eval.health` correlates them with what people said of the same answers.

Two of our measures judge a claim against what it cites: K-precision, by words alone, and support, by the verifier's
scorer. People judged the same thing in two labelled sets; in a third, the gist that somebody wrote of a comment stands
beside that comment and beside one that argues the opposite. The other measures compare with gold and need no judge.

Each correlation is printed with the area under the ROC curve; the command fails when one falls below its floor. The
sets lie in `../shared/evalsets`; where they are absent it says so.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.measures import Interval, area_under_curve, bootstrap, k_precision, pearson
from rag.sentences import sentences

__all__ = [
    "FLOORS",
    "Health",
    "Labelled",
    "Pair",
    "Study",
    "area_under_curve",
    "labelled",
    "main",
    "reliability",
    "root",
    "soundness",
    "study",
]

FLOORS: Mapping[tuple[str, str], float] = {
    ("K-precision", "attributionbench"): 0.3,
    ("K-precision", "wice"): 0.45,
    ("K-precision", "arct"): 0.68,
    ("support", "attributionbench"): 0.48,
    ("support", "wice"): 0.57,
    ("support", "arct"): 0.71,
}
"""Lowest correlation with the label, by measure and set."""

SETS = tuple(dict.fromkeys(name for _, name in FLOORS))

Pair = tuple[float, float]
"""(our measure, label)."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A claim, what it cites, and whether people found it supported: 1, 0, or 0.5 for partly."""

    claim: str
    evidence: tuple[str, ...]
    label: float


@dataclass(frozen=True, slots=True)
class Health:
    """How one measure goes with people on one set."""

    measure: str
    name: str
    correlation: Interval
    area: float
    curve: Sequence[Sequence[float]] = ()

    @property
    def floor(self) -> float:
        """Return the lowest correlation allowed."""
        return FLOORS[self.measure, self.name]

    @property
    def sound(self) -> bool:
        """Tell whether the correlation reaches its floor."""
        return self.correlation.value >= self.floor

    def line(self) -> str:
        """Return what is printed."""
        r = self.correlation
        verdict = "ok" if self.sound else f"below its floor of {self.floor:.2f}"
        return (
            f"{self.name}: {self.measure} against human labels, n = {r.n}: r = {r.value:.3f} "
            f"[{r.low:.3f}, {r.high:.3f}], AUC = {self.area:.3f}, {verdict}"
        )


def root() -> Path:
    """Return where the labelled sets lie, whether they do or not."""
    return Path(__file__).resolve().parents[2] / "shared" / "evalsets"


def labelled(name: str, folder: Path) -> Iterator[Labelled]:
    """Yield the claims of a set. Raises OSError where its file is absent."""
    if name == "attributionbench":
        for row in _rows(folder / name / "dev.A.jsonl"):
            yield Labelled(str(row["claim"]), tuple(map(str, row["evidence"])), float(row["label"]))
    elif name == "wice":
        degrees = {"supported": 1.0, "partially_supported": 0.5, "not_supported": 0.0}
        for row in _rows(folder / name / "claims.A.jsonl"):
            yield Labelled(str(row["claim"]), tuple(map(str, row["sentences"])), degrees[str(row["label"])])
    else:
        arct = folder / "arct_roomfordebate"
        texts = {
            (thread["thread_id"], str(comment["id"])): str(comment["text"])
            for thread in _rows(arct / "threads.A.jsonl")
            for comment in thread["comments"]
        }
        for row in _rows(arct / "claim_support.A.jsonl"):
            text = texts.get((row["thread_id"], str(row["evidence_comment"])))
            if text:
                yield Labelled(str(row["claim"]), (text,), float(row["label"]))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def soundness(measure: str, name: str, items: Sequence[Labelled], scores: Sequence[float | None]) -> Health | None:
    """Correlate scores with labels; None where either does not vary."""
    pairs = [(score, item.label) for score, item in zip(scores, items, strict=True) if score is not None]
    correlation, area = bootstrap({"": pairs}, pearson), area_under_curve(pairs)
    if correlation is None or area is None:
        return None
    return Health(measure, name, correlation, area, reliability(pairs))


def by_words(items: Sequence[Labelled]) -> list[float | None]:
    """Return the K-precision of each claim."""
    return [k_precision(item.claim, item.evidence) for item in items]


def by_support(name: str, items: Sequence[Labelled]) -> list[float | None]:
    """Return the verifier's support of each claim; the encoder's vectors are kept under `.eval/`."""
    from eval.vectors import CachedEncoder
    from rag.adapters.encoders import open_encoder
    from rag.settings import Settings
    from rag.support import Supporter

    cut = [tuple(text[a:b] for text in item.evidence for a, b in sentences(text)) for item in items]
    with tempfile.TemporaryDirectory() as cache:
        settings = Settings.from_environment(cache=Path(cache))
        base = open_encoder(settings.encoder, cache=settings.cache, threads=settings.model_threads)
        encoder = CachedEncoder(base, Path(__file__).resolve().parents[1] / ".eval" / "vectors", name)
        encoder.encode([text for item, texts in zip(items, cut, strict=True) for text in (item.claim, *texts)])
        encoder.save()
        supporter = Supporter(encoder)
        return [supporter.score(item.claim, texts) for item, texts in zip(items, cut, strict=True)]


@dataclass(frozen=True, slots=True)
class Study:
    """Every correlation and area in percent, and for support how often people agree at each level of the score."""

    figures: Mapping[str, Mapping[str, float]]
    curves: Mapping[str, Sequence[Sequence[float]]]


def study(folder: Path) -> Study:
    """Correlate every measure with every set that is there."""
    rows: dict[str, float] = {}
    curves: dict[str, Sequence[Sequence[float]]] = {}
    for found in _measured(folder, ("K-precision", "support")):
        if isinstance(found, Health):
            rows[f"{found.measure}, {found.name}, r"] = round(100 * found.correlation.value, 2)
            rows[f"{found.measure}, {found.name}, AUC"] = round(100 * found.area, 2)
            if found.measure == "support":
                curves[found.name] = found.curve
    return Study({"health": rows} if rows else {}, curves)


def reliability(pairs: Sequence[Pair], bins: int = 10) -> list[list[float]]:
    """Return (mean score, mean label) of the pairs in each tenth of the scale that holds at least ten of them."""
    groups: dict[int, list[Pair]] = {}
    for score, label in pairs:
        groups.setdefault(min(bins - 1, int(score * bins)), []).append((score, label))
    return [
        [round(sum(column) / len(group), 4) for column in zip(*group, strict=True)]
        for _, group in sorted(groups.items())
        if len(group) >= 10
    ]


def _measured(folder: Path, measures: Sequence[str]) -> Iterator[Health | str]:
    """Yield what was found, or why nothing was, for each set and measure."""
    for name in SETS:
        try:
            items = list(labelled(name, folder))
        except OSError:
            yield f"{name}: not at {folder}, skipped"
            continue
        for measure in measures:
            scores = by_words(items) if measure == "K-precision" else by_support(name, items)
            yield soundness(measure, name, items, scores) or f"{name}: unscored, its labels or scores do not vary"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the correlations; return 1 where one is below its floor."""
    parser = argparse.ArgumentParser(prog="python -m eval.health", description="Check our measures against people.")
    parser.add_argument("--sets", type=Path, default=root(), help="folder of the labelled sets")
    parser.add_argument("--words-only", action="store_true", help="leave out support, which needs the encoder")
    options = parser.parse_args(arguments)
    code = 0
    for found in _measured(options.sets, ("K-precision",) if options.words_only else ("K-precision", "support")):
        sys.stdout.write((found.line() if isinstance(found, Health) else found) + "\n")
        code = max(code, int(isinstance(found, Health) and not found.sound))
    return code


if __name__ == "__main__":
    sys.exit(main())
