"""The evaluation's page in a real browser: plots are drawn, and the ten worst answers are two clicks away."""

from pathlib import Path
from typing import Any

import pytest

from eval.page import page
from eval.scores import Scores
from eval.summary import Record
from tests.browser.conftest import ROOT
from tests.eval.builders import case

pytestmark = pytest.mark.browser


def records() -> list[Record]:
    made = []
    for place in range(30):
        right = place % 3 > 0
        kind = ("fact", "who_said", "stance")[place % 3]
        answer = {"answer": f"Answer {place}.", "evidence": [{"score": place / 30}], "route": "quotes"}
        scores = Scores(right=right, cite_f1=place / 30)
        question = case(id=f"x{place}", kind=kind, q=f"Question {place}?")
        made.append(Record("quotes", "bridge", question, answer, scores, {"total_ms": 20.0 + place}))
    return made


def test_plots_are_drawn_and_the_ten_worst_are_shown(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    path.write_text(page(records()), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1200, "height": 760}, color_scheme="light")
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    try:
        tab.goto(path.as_uri())
        plots = tab.locator("svg")
        assert plots.count() == 4
        assert all(plots.nth(place).bounding_box()["height"] > 100 for place in range(4))
        tab.select_option("#only", "ten")
        shown = tab.locator("#cases details:visible")
        assert shown.count() == 10
        assert "Question 0?" in shown.nth(0).inner_text()
        tab.select_option("#only", "")
        tab.select_option("#kind", "stance")
        assert tab.locator("#cases details:visible").count() == 10
        tab.fill("#words", "Question 29?")
        assert tab.locator("#cases details:visible").count() == 1
        assert errors == []
    finally:
        tab.close()


def test_the_page_of_a_whole_run_is_drawn_and_pictured(browser: Any, picture: Any) -> None:
    path = ROOT / ".eval" / "full.html"
    if not path.is_file():
        pytest.skip("nobody has run make eval-full here")
    tab = browser.new_page(viewport={"width": 1200, "height": 910}, color_scheme="light")
    try:
        tab.goto(path.as_uri())
        assert tab.locator("svg").count() == 4
        assert "quotes" in tab.locator("table").first.inner_text()
        picture(tab, "evaluation")
    finally:
        tab.close()
