"""Words of a plot as a real browser draws them: none covers another, and all are inside the picture."""

from pathlib import Path
from typing import Any

import pytest

from eval.page import page
from eval.plots import bars, scatter
from eval.scale_report import plot
from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser

BOXES = """svg => Array.from(svg.querySelectorAll("text")).map(text => {
  const box = text.getBoundingClientRect();
  return [text.textContent, box.left, box.top, box.right, box.bottom];
})"""

CLOUDS = {
    "apart": {"quotes": (30.0, 0.8), "model": (9_000.0, 0.7), "naive": (20_000.0, 0.3)},
    "two at one place": {"first two sentences": (31.0, 0.42), "decline always": (31.0, 0.42)},
    "a heap": {f"system number {n}": (100.0 + n, 0.5 + n / 200) for n in range(8)},
    "in the corners": {
        "bottom left, a long name": (1.0, 0.0),
        "bottom right, a long name": (10_000.0, 0.0),
        "top right, a long name": (10_000.0, 1.0),
        "top left, a long name": (1.0, 1.0),
    },
    "a line": {f"a name as long as this {n}": (10.0**n, 0.5) for n in range(5)},
}


def crossing(boxes: list[Any]) -> list[tuple[str, str]]:
    """Return the words that cover others; a hair's breadth is none."""
    return [
        (one[0], other[0])
        for at, one in enumerate(boxes)
        for other in boxes[at + 1 :]
        if one[1] < other[3] - 0.5 and other[1] < one[3] - 0.5 and one[2] < other[4] - 1.5 and other[2] < one[4] - 1.5
    ]


def drawn(open_page: Opener, tmp_path: Path, svg: str) -> list[Any]:
    """Show a plot in the evaluation's page, and return its words with their edges."""
    path = tmp_path / "plot.html"
    html = page([]) if not svg.startswith("<svg xmlns") else "<body></body>"
    path.write_text(html.replace("</body>", f"<figure>{svg}</figure></body>"), encoding="utf-8")
    tab = open_page(path.as_uri(), width=900, height=700)
    plotted = tab.locator("svg").last
    boxes: list[Any] = plotted.evaluate(BOXES)
    edge = plotted.bounding_box()
    assert edge is not None
    for words, left, top, right, bottom in boxes:
        if words:
            assert edge["x"] - 0.5 <= left, words
            assert edge["y"] - 0.5 <= top, words
            assert right <= edge["x"] + edge["width"] + 0.5, words
            assert bottom <= edge["y"] + edge["height"] + 0.5, words
    return [box for box in boxes if box[0]]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_no_name_beside_a_point_covers_another(open_page: Opener, tmp_path: Path, cloud: str) -> None:
    points = CLOUDS[cloud]
    boxes = drawn(open_page, tmp_path, scatter("Quality against latency", "median time", "right", points))
    assert {box[0] for box in boxes} >= set(points)
    assert crossing(boxes) == []


def test_no_name_of_a_legend_covers_another(open_page: Opener, tmp_path: Path) -> None:
    names = ("quotes", "model", "naive", "condense", "haystack", "haiku", "first two sentences", "decline always")
    groups = {kind: dict.fromkeys(names, 0.5) for kind in ("fact", "who_said", "stance", "overview")}
    assert crossing(drawn(open_page, tmp_path, bars("Right answers by kind", "right", groups))) == []


@pytest.mark.parametrize("sizes", [(1_000,), (1_000, 100_000), (1_000, 100_000, 1_000_000)])
def test_the_plot_of_growth_is_legible_with_any_number_of_sizes(
    open_page: Opener, tmp_path: Path, sizes: tuple[int, ...]
) -> None:
    runs = [
        {"comments": size, "whole": {"p95": 40.0 + at * 90, "processor_p95": 12.0}, "within": {"p95": 30.0}}
        for at, size in enumerate(sizes)
    ]
    assert crossing(drawn(open_page, tmp_path, plot(runs))) == []
