"""The product beside other systems: on the questions that all of them answered, by thread, and by what is found."""

from collections.abc import Mapping, Sequence
from typing import Any

from eval.peers.found import Found, figures
from eval.summary import MEASURES, Measure, Record, price, values

__all__ = ["beside_tables", "found_rows", "same_questions", "same_rows", "text_tables", "thread_rows"]

Table = list[list[str]]

FEWEST = 10
"""Shared questions below which a comparison on them would say nothing, so that none is shown."""

_SAME = ("right", "correct", "cite_f1", "attribution", "abstain_f1", "false_declines", "k_precision", "total_p50")
_FOUND = ("found at 1", "found at 3", "words", "in 300 words", "one comment", "speaker")


def same_questions(records: Sequence[Record], peers: Sequence[str]) -> list[Record]:
    """Return the records of the questions that every peer with answers answered, in the order of the systems."""
    answered = [{(r.thread, r.case.id) for r in records if r.system == peer} for peer in peers]
    shared = set.intersection(*filter(None, answered)) if any(answered) else set()
    return [record for record in records if (record.thread, record.case.id) in shared]


def same_rows(
    records: Sequence[Record], peers: Sequence[str], rates: tuple[float, float]
) -> dict[str, dict[str, float]]:
    """Return each system's values on the shared questions, with the price of a thousand of them.

    A system that answered fewer of them than the peers is left out: its row would not compare.
    """
    shared = same_questions(records, peers)
    count = len({(record.thread, record.case.id) for record in shared})
    rows = {}
    for name in dict.fromkeys(record.system for record in shared):
        mine = [record for record in shared if record.system == name]
        if len(mine) == count:
            local = {key: round(value, 4) for key, value in values(mine).items() if key in (*_SAME, "tokens")}
            rows[name] = {"n": float(count), **local, "price": round(price(mine, rates), 4)}
    return rows


def thread_rows(records: Sequence[Record]) -> dict[str, dict[str, float]]:
    """Return the share of right answers of each system by thread."""
    rows: dict[str, dict[str, float]] = {}
    for record in records:
        rows.setdefault(record.system, {}).setdefault(record.thread, 0.0)
    for name, row in rows.items():
        for thread in row:
            some = [record for record in records if (record.system, record.thread) == (name, thread)]
            row[thread] = round(values(some)["right"], 4)
    return rows


def found_rows(found: Mapping[str, Sequence[Found]]) -> dict[str, dict[str, float]]:
    """Return what each system finds before a model speaks."""
    return {name: {key: round(value, 4) for key, value in figures(some).items()} for name, some in found.items()}


def beside_tables(results: Mapping[str, Any]) -> list[tuple[str, Table]]:
    """Return the tables of `eval/results.json` that set the product beside others, each with its heading."""
    tables = []
    if threads := results.get("right_by_thread"):
        names = list(dict.fromkeys(thread for row in threads.values() for thread in row))
        body = [[name, *(_percent(row.get(thread), 0) for thread in names)] for name, row in threads.items()]
        tables.append(("", [["right, by thread", *names], *body]))
    if same := results.get("same"):
        shown = [measure for measure in MEASURES if measure.key in (*_SAME, "tokens")]
        head = ["the same questions", "n", *(measure.title for measure in shown), "price"]
        body = [
            [
                name,
                f"{row['n']:.0f}",
                *(_written(measure, row.get(measure.key)) for measure in shown),
                f"{row['price']:.2f}",
            ]
            for name, row in same.items()
        ]
        tables.append((str(results.get("about", {}).get("same", "")), [head, *body]))
    if found := results.get("found"):
        body = [
            [
                name,
                f"{row['n']:.0f}",
                *(f"{row[key]:,.0f}" if key == "words" else _percent(row.get(key), 1) for key in _FOUND),
            ]
            for name, row in found.items()
        ]
        tables.append(
            (str(results.get("about", {}).get("found", "")), [["found, before any model", "n", *_FOUND], *body])
        )
    return tables


def text_tables(results: Mapping[str, Any]) -> str:
    """Return the same tables for a terminal."""
    parts = []
    for heading, table in beside_tables(results):
        widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
        lines = [
            "  ".join(
                cell.ljust(w) if place == 0 else cell.rjust(w)
                for place, (cell, w) in enumerate(zip(row, widths, strict=True))
            )
            for row in table
        ]
        parts.append("\n".join([*([heading] if heading else []), *lines]))
    return "\n\n".join(parts)


def _percent(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value * 100:.{digits}f}"


def _written(measure: Measure, value: float | None) -> str:
    return f"{value:,.0f}" if value is not None and measure.unit != "share" else _percent(value, 1)
