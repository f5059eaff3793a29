"""The evaluation's page in a real browser: plots are drawn, and the ten worst answers are two clicks away."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from eval.page import page
from eval.run import controls, gold_jobs, run_job, stored_peers
from eval.scores import Scores
from eval.summary import Record
from rag.settings import Settings
from tests.browser.conftest import ROOT, Opener
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


@pytest.fixture
def show(open_page: Opener, tmp_path: Path) -> Callable[[str], Page]:
    """Write the evaluation's page and open it."""

    def opened(html: str) -> Page:
        path = tmp_path / "run.html"
        path.write_text(html, encoding="utf-8")
        return open_page(path.as_uri(), width=1200, height=910)

    return opened


def test_plots_are_drawn_and_the_ten_worst_are_shown(show: Callable[[str], Page]) -> None:
    tab = show(page(records()))
    plots = tab.locator("svg")
    expect(plots).to_have_count(4)
    heights = plots.evaluate_all("plots => plots.map(plot => plot.getBoundingClientRect().height)")
    assert all(height > 100 for height in heights)
    tab.select_option("#only", "ten")
    shown = tab.locator("#cases details:visible")
    expect(shown).to_have_count(10)
    expect(shown.first).to_contain_text("Question 0?")
    tab.select_option("#only", "")
    tab.select_option("#kind", "stance")
    expect(shown).to_have_count(10)
    tab.fill("#words", "Question 29?")
    expect(shown).to_have_count(1)


@pytest.mark.real
def test_the_page_of_a_real_run_compares_systems(
    show: Callable[[str], Page], tmp_path: Path, update_golden: bool, picture: Any
) -> None:
    (job,) = gold_jobs(["idlib"])
    some = replace(job, cases=job.cases[:12])
    quotes = run_job(some, "quotes", Settings(home=tmp_path / "home"))
    everything = [*quotes, *stored_peers(some), *controls(quotes, some.threads)]
    systems = {record.system for record in everything}
    assert len(systems) > 3
    tab = show(page(everything))
    expect(tab.locator("svg")).to_have_count(4)
    for system in systems:
        expect(tab.locator("table").first).to_contain_text(system)
    tab.select_option("#system", "quotes")
    expect(tab.locator("#cases details:visible")).to_have_count(12)
    whole = ROOT / ".eval" / "full.html"
    if update_golden and whole.is_file():  # the picture in the documentation is of a whole run
        picture(show(whole.read_text("utf-8")), "evaluation")


def test_the_page_shows_what_changed_and_what_people_say_of_support(show: Callable[[str], Page]) -> None:
    now = records()
    before = [replace(record, answer={**record.answer, "answer": "Other."}) for record in now[:3]]
    tables = [("On the same questions:", [["the same questions", "n"], ["quotes", "30"]])]
    tab = show(page(now, before, tables=tables, support={"wice": [(0.1, 0.2), (0.9, 0.95)]}))
    expect(tab.locator("svg")).to_have_count(5)
    expect(tab.get_by_role("img", name="Calibration of support")).to_be_visible()
    expect(tab.get_by_text("On the same questions:")).to_be_visible()
    expect(tab.get_by_text("Against the previous run")).to_be_visible()
    tab.select_option("#only", "changed")
    shown = tab.locator("#cases details:visible")
    expect(shown).to_have_count(3)
    shown.first.locator("summary").click()
    expect(shown.first).to_contain_text("Previous answer")
    expect(shown.first).to_contain_text("Other.")
