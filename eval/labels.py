"""Where the words of a plot stand, so that none covers another: names beside points, names in a legend."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Label", "beside", "flow"]

_WIDE = 0.66  # of a letter's height: the mean of the widest sans-serif that browsers come with
_ROW = 14  # units between two lines of a legend
_MARK = 13  # units for a coloured square before a name
_APART = 12  # units between two names of a legend
_RADIUS = 8  # units around the middle of a point that a name keeps free


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a place: `x` is where they begin or, where `anchor` is "end", where they end; `y` is their base line."""

    x: float
    y: float
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def beside(
    points: Sequence[tuple[float, float]], names: Sequence[str], frame: tuple[float, float, float, float]
) -> list[Label]:
    """Return a place for the name of each point, near it, within a frame (left, top, right, bottom).

    The height of the letters is 11. Where there is no free place near a point, the name stands at its right.
    """
    bounds = _Box(*frame)
    dots = [_Box(x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS) for x, y in points]
    taken: list[_Box] = []
    labels = []
    for place, ((x, y), name) in enumerate(zip(points, names, strict=True)):
        others = [*taken, *(dot for at, dot in enumerate(dots) if at != place)]
        for label in _around(x, y):
            box = _box(label, name)
            inside = (
                bounds.left <= box.left
                and box.right <= bounds.right
                and bounds.top <= box.top
                and box.bottom <= bounds.bottom
            )
            if inside and not any(box.meets(other) for other in others):
                break
        else:
            label = Label(x + 10, y + 4)
        taken.append(_box(label, name))
        labels.append(label)
    return labels


def flow(names: Sequence[str], left: float, right: float, top: float, size: float) -> list[tuple[float, float]]:
    """Return where each name of a legend begins, its square first, one after the other in as many lines as it takes."""
    found, x, y = [], left, top
    for name in names:
        width = _MARK + _WIDE * size * len(name)
        if x > left and x + width > right:
            x, y = left, y + _ROW
        found.append((x, y))
        x += width + _APART
    return found


def _around(x: float, y: float) -> Iterator[Label]:
    """Yield places for a name, the nearest first: at either side, then ever farther above and below."""
    for away in range(12):
        for up in (0,) if away == 0 else (-1, 1):
            below = y + 4 + up * 7 * away
            yield Label(x + 10, below)
            yield Label(x - 10, below, "end")


def _box(label: Label, name: str, size: float = 11.0) -> _Box:
    width = _WIDE * size * len(name)
    left = label.x - width if label.anchor == "end" else label.x
    return _Box(left, label.y - size, left + width, label.y + 3)
