"""Tables of a run for the terminal and for Markdown."""

from collections.abc import Sequence

from eval.measures import Interval
from eval.summary import MEASURES, Measure, Record, summarise, unscored, values

__all__ = ["by", "markdown_table", "terminal_report"]

_MAIN = (
    *("right", "correct", "cite_precision", "cite_recall", "cite_f1", "attribution", "structure", "ids", "support"),
    *("k_precision", "abstain_precision", "abstain_recall", "abstain_f1", "false_declines", "resisted", "words"),
    *("total_p50", "total_p95"),
)


def by(records: Sequence[Record], key: str) -> dict[str, list[Record]]:
    """Group records by `system`, `thread` or `kind`, in the order of first appearance."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        name = record.case.kind if key == "kind" else str(getattr(record, key))
        groups.setdefault(name, []).append(record)
    return groups


def terminal_report(records: Sequence[Record]) -> str:
    """Return the tables of a run: systems side by side, then kinds and threads of the first system."""
    if not records:
        return "No case was run."
    systems = by(records, "system")
    first = next(iter(systems.values()))
    parts = [_grid("system", {name: values(group) for name, group in systems.items()}, systems)]
    for key in ("kind", "thread"):
        groups = by(first, key)
        parts.append(_grid(key, {name: values(group) for name, group in groups.items()}, groups))
    parts.append(_intervals(first))
    parts += [
        f"unscored: {measure}: {count} ({reason})"
        for measure, reasons in unscored(first).items()
        for reason, count in reasons.items()
    ]
    crashes = [record for record in first if record.scores.crashed]
    parts += [f"crash: {record.case.id}: {record.scores.crashed}" for record in crashes[:10]]
    return "\n\n".join(part for part in parts if part)


def markdown_table(records: Sequence[Record]) -> str:
    """Return the systems side by side as a Markdown table."""
    shown = _shown(records, _MAIN)
    head = ["system", "n", *(measure.title for measure in shown)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name, group in by(records, "system").items():
        row = values(group)
        cells = [name, str(len(group)), *(written(measure, row.get(measure.key)) for measure in shown)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def written(measure: Measure, value: float | None) -> str:
    """Write a value in its unit: percent without the sign, whole milliseconds, whole counts; – for undefined."""
    if value is None:
        return "–"
    return f"{value * 100:.1f}" if measure.unit == "share" else f"{value:,.0f}"


def _shown(records: Sequence[Record], keys: Sequence[str]) -> list[Measure]:
    defined = set().union(*(values(group) for group in by(records, "system").values())) if records else set()
    return [measure for measure in MEASURES if measure.key in keys and measure.key in defined]


def _grid(title: str, rows: dict[str, dict[str, float]], groups: dict[str, list[Record]]) -> str:
    keys = set().union(*rows.values())
    shown = [measure for measure in MEASURES if measure.key in _MAIN and measure.key in keys]
    table = [[title, "n", *(measure.title for measure in shown)]]
    table += [
        [name, str(len(groups[name])), *(written(measure, row.get(measure.key)) for measure in shown)]
        for name, row in rows.items()
    ]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in table
    )


def _intervals(records: Sequence[Record]) -> str:
    intervals: dict[str, Interval] = summarise(records)
    lines = ["95% intervals by bootstrap over threads (over cases where there is one thread):"]
    lines += [
        f"  {measure.title:<16}{written(measure, intervals[measure.key].value):>9}"
        f"  [{written(measure, intervals[measure.key].low)}, {written(measure, intervals[measure.key].high)}]"
        for measure in MEASURES
        if measure.key in intervals
    ]
    return "\n".join(lines)
