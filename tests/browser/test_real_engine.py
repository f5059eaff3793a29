"""The real page over the real library and engine, answering in quotes: what a person sees after `make run`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.adapters.local_model import bundled_installed
from rag.settings import Settings
from tests.browser.conftest import Served, running
from tests.browser.test_reading_room import ask, comes_into_view, sample, settled
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


def test_a_question_is_answered_in_the_words_of_the_person_asked_about(room: Served, open_page, picture) -> None:
    page = open_page(room.address)
    page.wait_for_selector(".cm-reader .cm-c")
    ask(page, "What does Bianca say about people on Facebook?")
    settled(page)
    chips = page.locator(".cm-claim a.cm-cite")
    assert {chip.split(" · ")[0] for chip in chips.all_inner_texts()} == {"Bianca"}
    page.locator(".cm-claim a.cm-cite", has_text="Bianca · c12").first.click()
    page.locator("mark.cm-span").first.wait_for()
    assert "Facebook" in "".join(page.locator("mark.cm-span").all_inner_texts())
    assert page.evaluate("document.querySelector('mark.cm-span').closest('.cm-c').id") == anchor("idlib_thread", "c12")
    comes_into_view(page, "mark.cm-span")
    picture(page, "answer")
    ask(page, "How many comments are there?")
    page.get_by_text("Counted from the thread").wait_for()
    assert page.locator(".cm-all").last.locator("li").count() == 14


@pytest.mark.model
def test_the_model_writes_a_draft_that_is_checked_and_cited(tmp_path: Path, open_page) -> None:  # type: ignore[no-untyped-def]
    if not bundled_installed():
        pytest.skip("the local model is not installed")
    from rag.build import open_workspace

    settings = Settings(home=tmp_path, answerer="model")
    with open_workspace(settings) as workspace:
        workspace.library.add(sample())
    with running(settings) as room:
        page = open_page(room.address)
        page.set_default_timeout(420_000)  # a small computer under load takes minutes
        page.wait_for_selector(".cm-reader .cm-c")
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
        settled(page)
        seen = page.evaluate("window.cmSeen")
        assert seen[0] == "cm-card", "evidence comes before any word of the answer"
        assert seen.index("cm-draft") < seen.index("cm-claim")
        assert "quotes" not in page.locator(".cm-foot").inner_text().lower()
        chip = page.locator(".cm-claim a.cm-cite").first
        assert chip.inner_text().startswith("Bianca · c")
        chip.click()
        page.locator("mark.cm-span").first.wait_for()
        assert "".join(page.locator("mark.cm-span").all_inner_texts()) == chip.get_attribute("title")
        comes_into_view(page, "mark.cm-span")
        assert page.locator(".cm-draft").count() == 0
