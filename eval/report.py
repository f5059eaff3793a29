"""Reports of a run: terminal, Markdown, JSON, the README's section, and the HTML page of `eval.page`.

`python -m eval.report RUN.jsonl [--previous OLD.jsonl] [--html OUT.html]` reports what `eval.run --json` wrote;
`python -m eval.report --write` puts the table of `eval/results.json` into the README between its markers.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from eval import beside
from eval.beside import beside_tables, found_rows, same_rows, thread_rows
from eval.command import plainly
from eval.measures import Interval, paired
from eval.peers.found import Found
from eval.peers.stored import STORED
from eval.summary import MEASURES, Measure, Record, read_records, summarise, unscored, values
from ingest.errors import CommentariatError
from ingest.wording import counted

__all__ = [
    "by",
    "comparisons",
    "main",
    "markdown_table",
    "readme_section",
    "results_json",
    "systems_table",
    "terminal_report",
]

BEGIN, END = "<!-- evaluation: begin -->", "<!-- evaluation: end -->"

_MAIN = (
    *("right", "correct", "cite_precision", "cite_recall", "cite_f1", "attribution", "structure", "ids", "support"),
    *("k_precision", "abstain_precision", "abstain_recall", "abstain_f1", "false_declines", "resisted"),
    *("total_p50", "total_p95", "tokens"),
)


def by(records: Sequence[Record], key: str) -> dict[str, list[Record]]:
    """Group records by `system`, `thread`, `kind` or `split`, in the order of first appearance."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        name = str(getattr(record.case if key in ("kind", "split") else record, key))
        groups.setdefault(name, []).append(record)
    return groups


def terminal_report(records: Sequence[Record]) -> str:
    """Return the tables of a run: systems side by side, then kinds, threads and halves of the first."""
    if not records:
        return "No case was run."
    systems = by(records, "system")
    first = next(iter(systems.values()))
    parts = [_grid("system", {name: values(group) for name, group in systems.items()}, systems)]
    for key in ("kind", "thread", "split"):
        groups = by(first, key)
        parts.append(_grid(key, {name: values(group) for name, group in groups.items()}, groups))
    parts += [_intervals(first), "\n".join(comparisons(records))]
    parts += [
        f"unscored: {measure}: {count} ({reason})"
        for measure, reasons in unscored(first).items()
        for reason, count in reasons.items()
    ]
    crashes = [record for record in first if record.scores.crashed]
    parts += [f"crash: {record.case.id}: {record.scores.crashed}" for record in crashes[:10]]
    return "\n\n".join(part for part in parts if part)


def comparisons(records: Sequence[Record]) -> list[str]:
    """Compare the first system with each other one, case by case, on the cases that both answered."""
    systems = by(records, "system")
    right = {name: {f"{r.thread}/{r.case.id}": float(r.scores.right) for r in group} for name, group in systems.items()}
    first = next(iter(systems), "")
    threads = {key: key.partition("/")[0] for row in right.values() for key in row}
    lines = []
    for name in systems:
        result = paired(right[first], right[name], threads) if name != first else None
        if result:
            value = result.difference
            lines.append(
                f"{first} against {name}, {counted(value.n, 'case')}: right {value.value * 100:+.1f} points "
                f"[{value.low * 100:+.1f}, {value.high * 100:+.1f}]; {result.wins} better, {result.losses} worse, "
                f"{result.ties} alike"
            )
    return lines


def systems_table(records: Sequence[Record]) -> list[list[str]]:
    """Return the systems side by side, a header and a row each, as written cells."""
    groups = by(records, "system")
    rows = {name: values(group) for name, group in groups.items()}
    shown = [
        measure for measure in MEASURES if measure.key in _MAIN and any(measure.key in row for row in rows.values())
    ]
    table = [["system", "n", *(measure.title for measure in shown)]]
    for name, row in rows.items():
        table.append([name, str(len(groups[name])), *(written(measure, row.get(measure.key)) for measure in shown)])
    return table


def markdown_table(records: Sequence[Record]) -> str:
    """Return the systems side by side as a Markdown table."""
    return _markdown(systems_table(records))


def _markdown(table: Sequence[Sequence[str]]) -> str:
    head, *rows = table
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def results_json(
    records: Sequence[Record],
    about: Mapping[str, str],
    *,
    found: Mapping[str, Sequence[Found]] | None = None,
    sets: Mapping[str, Mapping[str, float]] | None = None,
    rates: tuple[float, float] = (0.0, 0.0),
) -> dict[str, Any]:
    """Return what `eval/results.json` holds: every measure of every system with interval and n, and how it was made.

    `found` is what systems find before a model speaks, `sets` the figures of the third-party sets, `rates` the price
    of a million tokens read and written.
    """
    systems = {
        name: {
            key: {"value": round(i.value, 4), "low": round(i.low, 4), "high": round(i.high, 4), "n": i.n}
            for key, i in summarise(group).items()
        }
        for name, group in by(records, "system").items()
    }
    kinds = {
        name: {kind: round(values(some)["right"], 4) for kind, some in by(group, "kind").items()}
        for name, group in by(records, "system").items()
    }
    results = {
        "about": dict(about),
        "systems": systems,
        "right_by_kind": kinds,
        "right_by_thread": thread_rows(records),
    }
    same = same_rows(records, STORED, rates)
    if max((row["n"] for row in same.values()), default=0) >= beside.FEWEST:
        results["same"] = same
    if found:
        results["found"] = found_rows(found)
    return results | ({"sets": {name: dict(row) for name, row in sets.items()}} if sets else {})


def readme_section(results: Mapping[str, Any]) -> str:
    """Return the README's section, markers included, for what `eval/results.json` holds."""
    keys = ("right", "correct", "cite_f1", "attribution", "structure", "ids", "abstain_f1", "false_declines")
    rows = results["systems"].values()
    tokens = ("tokens",) if any("tokens" in row for row in rows) else ()
    shown = [measure for measure in MEASURES if measure.key in (*keys, "resisted", "total_p50", *tokens)]
    table = [["system", "n", *(measure.title for measure in shown)]]
    for name, row in results["systems"].items():
        cells = [written(measure, row[measure.key]["value"] if measure.key in row else None) for measure in shown]
        right = row["right"]
        cells[0] += f" [{right['low'] * 100:.0f}, {right['high'] * 100:.0f}]"
        table.append([name, str(right["n"]), *cells])
    kinds = list(dict.fromkeys(kind for row in results["right_by_kind"].values() for kind in row))
    by_kind = [["right, by kind", *(kind.replace("_", " ") for kind in kinds)]]
    for name, row in results["right_by_kind"].items():
        by_kind.append([name, *(f"{row[kind] * 100:.0f}" if kind in row else "–" for kind in kinds)])
    tables = beside_tables(results)
    notes = [text for key, text in results["about"].items() if key not in ("same", "found")]
    more = "".join("\n" + (f"{heading}\n\n" if heading else "") + _markdown(rows) for heading, rows in tables)
    about = "\n".join(notes)
    return f"{BEGIN}\n{_markdown(table)}\n{_markdown(by_kind)}{more}\n{about}\n{END}"


def write_section(path: Path, section: str) -> None:
    """Put the section into a file between its markers. Raises `CommentariatError` where the markers are missing."""
    text = path.read_text(encoding="utf-8")
    pattern = re.compile(re.escape(BEGIN) + r".*?" + re.escape(END), re.DOTALL)
    if not pattern.search(text):
        raise CommentariatError(f"{path} has no place for it.", remedy=f"Add a line {BEGIN} and a line {END}.")
    path.write_text(pattern.sub(lambda _: section, text), encoding="utf-8")


def written(measure: Measure, value: float | None) -> str:
    """Write a value in its unit: percent without the sign, whole milliseconds, whole counts; – for undefined."""
    if value is None:
        return "–"
    return f"{value * 100:.1f}" if measure.unit == "share" else f"{value:,.0f}"


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Report a stored run; return 0, or 2 for a failure that the person can mend."""
    parser = argparse.ArgumentParser(prog="python -m eval.report", description="Report what a run wrote.")
    parser.add_argument("run", type=Path, nargs="*", help="files that `eval.run --json` or the gate wrote")
    parser.add_argument("--previous", type=Path, action="append", default=[], help="an earlier run to compare with")
    parser.add_argument("--html", type=Path, metavar="OUT.html", help="write the page")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write every measure with its interval")
    parser.add_argument("--write", action="store_true", help="put the pinned results into the README")
    parser.add_argument("--readme", type=Path, default=Path("README.md"))
    options = parser.parse_args(arguments)
    return plainly(lambda: _report(options))


def _report(options: argparse.Namespace) -> int:
    records = [record for path in options.run for record in read_records(path)]
    if records:
        print(terminal_report(records))
    if options.html:
        from eval.page import page

        previous = [record for path in options.previous for record in read_records(path)]
        options.html.write_text(page(records, previous), encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(results_json(records, {}), indent=1) + "\n", encoding="utf-8")
    if options.write:
        results = json.loads((files("eval") / "results.json").read_text(encoding="utf-8"))
        write_section(options.readme, readme_section(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
