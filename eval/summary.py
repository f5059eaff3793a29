"""Records of a run → the numbers of the report: a registry of measures, each with interval and n."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from eval.cases import Case, CasesError, case_from
from eval.measures import Interval, abstention, bootstrap, mean, percentile
from eval.scores import Scores

__all__ = ["MEASURES", "Measure", "Record", "price", "read_records", "summarise", "unscored", "values"]


@dataclass(frozen=True, slots=True)
class Record:
    """One case of one thread as one system answered it."""

    system: str
    thread: str
    case: Case
    answer: Mapping[str, Any]
    scores: Scores
    ms: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the line that `--json` writes: the case as it was read, the whole answer, the scores."""
        scores = asdict(self.scores) | {"ms": {name: round(value, 1) for name, value in self.ms.items()}}
        return {
            "case": dict(self.case.raw),
            "answer": dict(self.answer),
            "scores": scores,
            "system": self.system,
            "thread": self.thread,
        }


def read_records(path: Path) -> list[Record]:
    """Read what `Record.to_json` wrote, a line each. Raises `CasesError` naming the line that is damaged."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CasesError(f"{path} cannot be read: {error}.", remedy="Give what `eval.run --json` wrote.") from error
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(_record(json.loads(line)))
        except (ValueError, TypeError, KeyError) as error:
            raise CasesError(
                f"{path}, line {number}: {error!r}.", remedy="Give what `eval.run --json` wrote."
            ) from error
    return records


def _record(data: Mapping[str, Any]) -> Record:
    given, known = data["scores"], {field.name for field in fields(Scores)}
    scores: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in given.items() if key in known
    }
    system, thread = str(data.get("system", "run")), str(data.get("thread", ""))
    return Record(system, thread, case_from(data["case"]), data["answer"], Scores(**scores), given.get("ms", {}))


Statistic = Callable[[Sequence[Record]], float | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """A named number of a set of records; `unit` is a share (shown in percent), milliseconds, or a count."""

    key: str
    title: str
    of: Statistic
    unit: str = "share"
    more_is_better: bool = True


def _mean_of(name: str) -> Statistic:
    return lambda records: mean(getattr(record.scores, name) for record in records)


def _share_of(name: str) -> Statistic:
    def share(records: Sequence[Record]) -> float | None:
        pairs = [getattr(record.scores, name) for record in records]
        total = sum(count for _, count in pairs)
        return sum(right for right, _ in pairs) / total if total else None

    return share


def _abstention(name: str) -> Statistic:
    def statistic(records: Sequence[Record]) -> float | None:
        outcomes = [(record.case.answerable, record.scores.abstained) for record in records]
        value: float | None = getattr(abstention(outcomes), name)
        return value

    return statistic


def _time(name: str, share: float) -> Statistic:
    return lambda records: percentile([record.ms[name] for record in records if name in record.ms], share)


def _tokens(record: Record) -> float | None:
    """Return the tokens that a model read and wrote for an answer; None where no model spoke."""
    read, wrote = (int(record.answer.get(key) or 0) for key in ("prompt_tokens", "completion_tokens"))
    return float(read + wrote) if read else None


def price(records: Sequence[Record], rates: tuple[float, float]) -> float:
    """Return what 1,000 such questions cost; `rates` are for a million tokens read and written. A local model: 0, 0."""
    read, wrote = (
        sum(int(record.answer.get(key) or 0) for record in records) for key in ("prompt_tokens", "completion_tokens")
    )
    return (read * rates[0] + wrote * rates[1]) / 1_000 / len(records) if records else 0.0


MEASURES: tuple[Measure, ...] = (
    Measure("right", "right", lambda records: mean(float(record.scores.right) for record in records)),
    Measure("correct", "nuggets", _mean_of("correct")),
    Measure("cite_precision", "cite P", _mean_of("cite_precision")),
    Measure("cite_recall", "cite R", _mean_of("cite_recall")),
    Measure("cite_f1", "cite F1", _mean_of("cite_f1")),
    Measure("evidence_recall", "found", _mean_of("evidence_recall")),
    Measure("attribution", "who", _share_of("attribution")),
    Measure("structure", "structure", _mean_of("structure")),
    Measure("ids", "ids", _share_of("ids")),
    Measure("spans", "spans", _share_of("spans")),
    Measure("support", "support", _share_of("support")),
    Measure("k_precision", "K-prec", _mean_of("k_precision")),
    Measure("abstain_precision", "decl P", _abstention("precision")),
    Measure("abstain_recall", "decl R", _abstention("recall")),
    Measure("abstain_f1", "decl F1", _abstention("f1")),
    Measure("false_declines", "false decl", _abstention("false_declines"), more_is_better=False),
    Measure("reason_right", "reason", _mean_of("reason_right")),
    Measure("resisted", "resisted", _mean_of("resisted")),
    Measure("token_f1", "token F1", _mean_of("token_f1")),
    Measure("words", "words", lambda records: mean(record.scores.words for record in records), "count"),
    Measure("evidence_p50", "evidence p50", _time("evidence_ms", 0.5), "ms", more_is_better=False),
    Measure("evidence_p95", "evidence p95", _time("evidence_ms", 0.95), "ms", more_is_better=False),
    Measure("first_token_p50", "first token p50", _time("first_token_ms", 0.5), "ms", more_is_better=False),
    Measure("total_p50", "p50", _time("total_ms", 0.5), "ms", more_is_better=False),
    Measure("total_p95", "p95", _time("total_ms", 0.95), "ms", more_is_better=False),
    Measure(
        "prompt_tokens",
        "prompt",
        lambda records: mean(record.answer.get("prompt_tokens") or None for record in records),
        "count",
        more_is_better=False,
    ),
    Measure(
        "tokens",
        "tokens",
        lambda records: mean(_tokens(record) for record in records),
        "count",
        more_is_better=False,
    ),
    Measure(
        "crashes",
        "crashes",
        lambda records: float(sum(record.scores.crashed is not None for record in records)),
        "count",
        more_is_better=False,
    ),
)
"""In the order of the table. A new measure is one line here."""


def values(records: Sequence[Record]) -> dict[str, float]:
    """Return every measure that is defined on these records, without intervals."""
    found = {measure.key: measure.of(records) for measure in MEASURES}
    return {key: value for key, value in found.items() if value is not None}


def summarise(records: Sequence[Record], *, resamples: int = 1_000) -> dict[str, Interval]:
    """Return every measure that is defined on these records, with its interval over threads."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.thread, []).append(record)
    found = {measure.key: bootstrap(groups, measure.of, resamples=resamples) for measure in MEASURES}
    return {key: interval for key, interval in found.items() if interval is not None}


def unscored(records: Sequence[Record]) -> dict[str, dict[str, int]]:
    """Count, for each measure, the cases that it could not score, by reason."""
    counts: dict[str, dict[str, int]] = {}
    for record in records:
        for measure, reason in record.scores.unscored.items():
            reasons = counts.setdefault(measure, {})
            reasons[reason] = reasons.get(reason, 0) + 1
    return counts
