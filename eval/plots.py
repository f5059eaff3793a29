"""Plots as inline SVG, with no script and no outside file: scatter, grouped bars, curves."""

import math
from collections.abc import Mapping, Sequence
from html import escape

from eval.labels import beside, flow

__all__ = ["COLOURS", "bars", "curve", "scatter"]

Points = Sequence[tuple[float, float]]

COLOURS = ("#3b6ea8", "#c46a2d", "#4c8c4a", "#8a5a9e", "#b03a48", "#2a9d9d", "#9a7b2f", "#777777")
_WIDTH, _HEIGHT = 560, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 30, 56, 44
_SMALL = 9  # height of the letters of a legend


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _text(x: float, y: float, words: str, anchor: str = "middle", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'


def _frame(title: str, below: str, left: str, body: str) -> str:
    lines = [
        f'<line x1="{_x(0):.1f}" y1="{_y(share):.1f}" x2="{_x(1):.1f}" y2="{_y(share):.1f}" class="grid"/>'
        + _text(_x(0) - 6, _y(share) + 4, f"{share:.0%}", "end")
        for share in (0, 0.25, 0.5, 0.75, 1)
    ]
    side = f'transform="rotate(-90 12 {_HEIGHT / 2})"'
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        + "".join(lines)
        + _text(_LEFT, 16, title, "start", 'class="title"')
        + _text(_x(0.5), _HEIGHT - 6, below)
        + _text(12, _HEIGHT / 2, left, more=side)
        + body
        + "</svg>"
    )


def scatter(title: str, below: str, left: str, points: Mapping[str, tuple[float, float]]) -> str:
    """Plot named points; x is positive and drawn on a log scale (milliseconds), y is a share."""
    logs = {name: math.log10(max(x, 1.0)) for name, (x, _) in points.items()}
    low, high = math.floor(min(logs.values(), default=0)), math.ceil(max(logs.values(), default=1))
    span = max(1, high - low)
    body = "".join(
        _text(_x((power - low) / span), _HEIGHT - _BOTTOM + 16, _duration(10**power))
        for power in range(low, low + span + 1)
    )
    dots = [(_x((logs[name] - low) / span), _y(y)) for name, (_, y) in points.items()]
    labels = beside(dots, list(points), (_LEFT, _TOP - 24, _WIDTH, _HEIGHT - _BOTTOM))
    for place, (name, (x, y), label) in enumerate(zip(points, dots, labels, strict=True)):
        colour = COLOURS[place % len(COLOURS)]
        body += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{colour}"/>'
        if abs(label.y - 4 - y) > 8:
            body += f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{label.x:.1f}" y2="{label.y - 4:.1f}" class="grid"/>'
        body += _text(label.x, label.y, name, label.anchor)
    return _frame(title, below, left, body)


def _duration(ms: int) -> str:
    return f"{ms} ms" if ms < 1_000 else f"{ms // 1_000:,} s"


def bars(title: str, left: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    """Plot a share for each group (along x) and series (by colour)."""
    series = list(dict.fromkeys(name for row in groups.values() for name in row))
    wide = 1 / max(1, len(groups))
    body = ""
    for place, (group, row) in enumerate(groups.items()):
        bar = wide * 0.8 / max(1, len(series))
        for number, name in enumerate(series):
            if name in row:
                x, y = _x(place * wide + wide * 0.1 + number * bar), _y(row[name])
                body += (
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{bar * (_x(1) - _x(0)):.1f}" height="{_y(0) - y:.1f}" '
                    f'fill="{COLOURS[number % len(COLOURS)]}"><title>{escape(f"{name}, {group}: {row[name]:.0%}")}'
                    "</title></rect>"
                )
        body += _text(
            _x(place * wide + wide / 2), _HEIGHT - _BOTTOM + 14 + 11 * (place % 2), group, more='class="small"'
        )
    return _frame(title, "", left, body + _legend(series))


def curve(
    title: str, below: str, left: str, lines: Mapping[str, Sequence[tuple[float, float]]], *, diagonal: bool
) -> str:
    """Plot lines through points whose coordinates are shares; `diagonal` adds the line of perfect agreement."""
    body = "".join(_text(_x(share), _HEIGHT - _BOTTOM + 16, f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1))
    if diagonal:
        body += f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" class="grid"/>'
    for place, (name, points) in enumerate(lines.items()):
        path = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
        colour = COLOURS[place % len(COLOURS)]
        body += (
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"><title>{escape(name)}</title>'
        )
        body += "</polyline>"
        body += "".join(f'<circle cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="3" fill="{colour}"/>' for x, y in points[:40])
    return _frame(title, below, left, body + _legend(list(lines)))


def _legend(names: Sequence[str]) -> str:
    """Return the names with their colours above the plot."""
    return "".join(
        f'<rect x="{x:.0f}" y="{y:.0f}" width="9" height="9" fill="{COLOURS[place % len(COLOURS)]}"/>'
        + _text(x + 13, y + 8, name, "start", 'class="small"')
        for place, (name, (x, y)) in enumerate(zip(names, flow(names, _LEFT, _WIDTH - 4, 23, _SMALL), strict=True))
    )
