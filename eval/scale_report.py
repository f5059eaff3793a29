"""What `eval.scale` measured, as a Markdown table and as a plot."""

import json
import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from eval.labels import flow

__all__ = ["GOALS", "merged", "plot", "table", "write"]

Measured = Mapping[str, Any]

GOALS = {1_000: 60.0, 100_000: 120.0, 1_000_000: 250.0}
"""Milliseconds to the first evidence, 95th percentile, by comments."""
_BEGIN, _END = "<!-- scale: begin -->", "<!-- scale: end -->"
_COLOURS = ("#3b6ea8", "#c46a2d", "#4c8c4a", "#777777")
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 560, 300, 60, 30, 62, 42


def merged(stored: Path | None, runs: Sequence[Measured]) -> list[Measured]:
    """Return the runs with those stored of other sizes, the smallest first, and store them where a file is named."""
    if stored is None:
        return list(runs)
    known = json.loads(stored.read_text(encoding="utf-8")) if stored.is_file() else []
    sizes = {run["comments"] for run in runs}
    every = sorted([*runs, *(run for run in known if run["comments"] not in sizes)], key=lambda run: run["comments"])
    stored.write_text(json.dumps(every, indent=1) + "\n", encoding="utf-8")
    return every


def table(runs: Sequence[Measured]) -> str:
    """Return a table with a column for each size."""
    rows: list[tuple[str, list[str]]] = [
        ("comments", [f"{run['comments']:,}{' (drawn vectors)' if run['drawn'] else ''}" for run in runs]),
        ("threads / passages", [f"{run['threads']:,} / {run['passages']:,}" for run in runs]),
        ("vectors with those of sentences", [f"{run['vectors']:,}" for run in runs]),
        ("added, comments a second: clock / processor", [_rates(run) for run in runs]),
        ("into Chroma, passages a second", [f"{run['indexed']:,.0f}" if run["indexed"] else "–" for run in runs]),
        ("disk: catalogue / Chroma", [f"{_size(run['catalogue'])} / {_size(run['chroma'])}" for run in runs]),
        ("memory while asking", [_size(run["memory"]) for run in runs]),
        ("first evidence, whole library: p50 / p95 ms", [_times(run["whole"]) for run in runs]),
        ("– of it processor time", [_processor(run["whole"]) for run in runs]),
        ("first evidence, one thread of 1,000: p50 / p95 ms", [_times(run["within"]) for run in runs]),
        ("– of it processor time", [_processor(run["within"]) for run in runs]),
        ("the question's own thread among the evidence", [f"{run['whole']['found']:.0%}" for run in runs]),
        ("10 nearest: Chroma's share of the exact ones", [f"{run['recall']:.1%}" for run in runs]),
        ("Chroma server, whole library: p50 / p95 ms", [_times(run["server"]) for run in runs]),
        ("– memory of the server", [_size(run["server_memory"]) if run["server"] else "–" for run in runs]),
        ("processes that wanted a core", [f"{run['load']:.1f} on {run['cores']}" for run in runs]),
    ]
    head = "| |" + "".join(f" {value} |" for value in rows[0][1])
    lines = [head, "|---|" + "---:|" * len(runs)]
    return "\n".join([*lines, *(f"| {name} | {' | '.join(values)} |" for name, values in rows[1:])])


def _rates(run: Measured) -> str:
    return f"{run['added']:,.0f} / {run['added_processor']:,.0f}" if run["added"] else "–"


def _size(value: float) -> str:
    return f"{value / 1e9:.1f} GB" if value >= 1e9 else f"{value / 1e6:,.0f} MB"


def _times(answered: Measured | None) -> str:
    return f"{answered['p50']:,.0f} / {answered['p95']:,.0f}" if answered else "–"


def _processor(answered: Measured) -> str:
    return f"{answered['processor_p50']:,.0f} / {answered['processor_p95']:,.0f}"


def plot(runs: Sequence[Measured]) -> str:
    """Draw milliseconds to the first evidence over comments, both on log scales, with the goals, as an SVG."""
    lines: dict[str, list[tuple[float, float]]] = {
        "whole library, p95": [(run["comments"], run["whole"]["p95"]) for run in runs],
        "of it processor time": [(run["comments"], run["whole"]["processor_p95"]) for run in runs],
        "one thread of 1,000, p95": [(run["comments"], run["within"]["p95"]) for run in runs],
        "goal": [(comments, goal) for comments, goal in GOALS.items()],
    }
    points = [point for line in lines.values() for point in line]
    low, high = (math.floor(math.log10(min(y for _, y in points))), math.ceil(math.log10(max(y for _, y in points))))
    left = math.floor(math.log10(min(x for x, _ in points)))
    right = max(left + 1, math.ceil(math.log10(max(x for x, _ in points))))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - left) / (right - left)
        up = (math.log10(y) - low) / max(1, high - low)
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    title = "Question to first evidence as the library grows"
    parts = [_text(_LEFT, 16, title, "start", 'font-weight="600" font-size="13"')]
    for power in range(low, high + 1):
        x, y = place(10**left, 10**power)
        parts.append(f'<line x1="{x:.0f}" y1="{y:.0f}" x2="{_WIDTH - _RIGHT}" y2="{y:.0f}" stroke="#8886"/>')
        parts.append(_text(x - 6, y + 4, f"{10**power:,} ms", "end"))
    for power in range(left, right + 1):
        parts.append(_text(place(10**power, 10**low)[0], _HEIGHT - _BOTTOM + 16, f"{10**power:,}"))
    parts.append(_text(_WIDTH / 2, _HEIGHT - 6, "comments"))
    legend = flow(list(lines), _LEFT, _WIDTH, 24, 9)
    for number, ((name, line), (at, top)) in enumerate(zip(lines.items(), legend, strict=True)):
        colour = _COLOURS[number]
        path = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in line)
        dashes = ' stroke-dasharray="5 4"' if name == "goal" else ""
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
        for point in line:
            x, y = place(*point)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
        parts.append(f'<rect x="{at:.0f}" y="{top:.0f}" width="9" height="9" fill="{colour}"/>')
        parts.append(_text(at + 13, top + 8, name, "start", 'font-size="9"'))
    view = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif"'
    background = f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
    return f'<svg {view} font-size="11" role="img"><title>{title}</title>{background}{"".join(parts)}</svg>\n'


def _text(x: float, y: float, words: str, anchor: str = "middle", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'


def write(folder: Path, runs: Sequence[Measured]) -> None:
    """Write the plot, and the table between its two marks in the page. Raises `ValueError` where a mark is missing."""
    page = folder / "scale.md"
    text = page.read_text(encoding="utf-8")
    before, found, rest = text.partition(_BEGIN)
    _, ended, after = rest.partition(_END)
    if not found or not ended:
        raise ValueError(f"{page} lacks {_BEGIN} or {_END}")
    page.write_text(f"{before}{_BEGIN}\n{table(runs)}\n{_END}{after}", encoding="utf-8")
    (folder / "scale.svg").write_text(plot(runs), encoding="utf-8")
