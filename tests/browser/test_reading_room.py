"""What a person does in the page, done in Chromium: ask, read, click, stop, search, come back."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from ingest.registry import load
from ingest.source import Source
from ingest.thread import Thread
from tests.browser.conftest import ROOT, Served, served
from tests.builders import debate
from ui.markup import anchor

pytestmark = pytest.mark.browser

_numbers = count()


def sample() -> Thread:
    (thread,) = load(Source.from_path(ROOT / "ingest" / "samples" / "idlib_thread.txt"))
    return thread


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a page that answers slowly enough for a click in between."""
    with served(tmp_path_factory.mktemp("room"), [debate(), sample()], pause=0.04) as page:
        yield page


@pytest.fixture
def enter(room: Served, open_page):  # type: ignore[no-untyped-def]
    """Open the page with a new conversation each time."""

    def go(**more: object):  # type: ignore[no-untyped-def]
        page = open_page(f"{room.address}/?c=test{next(_numbers)}", **more)
        page.wait_for_selector(".cm-reader .cm-c", state="attached")
        return page

    return go


def ask(page, question: str) -> None:  # type: ignore[no-untyped-def]
    # A plain selector: finding by label reads every element of a big thread.
    box = page.locator("[data-testid=stChatInputTextArea]")
    box.fill(question)
    box.press("Enter")


def settled(page) -> None:  # type: ignore[no-untyped-def]
    page.wait_for_selector(".cm-foot [data-cm=copy]")
    page.wait_for_function("() => !document.querySelector('[data-cm=stop]')")


def comes_into_view(page, selector: str) -> None:  # type: ignore[no-untyped-def]
    """Wait until the element stands inside the thread pane; fail where it never does."""
    page.wait_for_function(
        """selector => {
          const box = document.querySelector('.cm-scroll').getBoundingClientRect();
          const at = document.querySelector(selector).getBoundingClientRect();
          return at.height > 0 && at.top >= box.top - 1 && at.top < box.bottom - 20;
        }""",
        arg=selector,
    )


def test_a_citation_click_shows_the_comment_and_marks_the_very_words(enter) -> None:  # type: ignore[no-untyped-def]
    page = enter()
    page.evaluate("document.querySelector('.cm-scroll').cmMine = true")
    ask(page, "Who spends time on their pet projects and on Facebook?")
    page.wait_for_selector(".cm-evidence .cm-card")
    page.wait_for_selector(".cm-draft")
    settled(page)
    page.wait_for_timeout(500)
    sent = len(page.sent)
    chip = page.locator(".cm-claim a.cm-cite", has_text="Bianca · c12").first
    chip.click()
    words = page.locator("mark.cm-span")
    words.first.wait_for()
    assert "".join(words.all_inner_texts()) == chip.get_attribute("title")
    target = anchor("idlib_thread", "c12")
    assert page.evaluate("document.querySelector('mark.cm-span').closest('.cm-c').id") == target
    assert page.evaluate("location.hash") == f"#{target}"
    comes_into_view(page, "mark.cm-span")
    assert page.evaluate("document.querySelector('.cm-scroll').cmMine") is True, "the thread pane was drawn again"
    assert len(page.sent) == sent, "the click caused a rerun"
    assert page.locator("body > [role=status]").inner_text() == "The answer is ready."


def test_a_folded_branch_unfolds_for_a_citation(enter) -> None:  # type: ignore[no-untyped-def]
    page = enter()
    page.evaluate("document.querySelectorAll('.cm-kids').forEach(el => el.open = false)")
    ask(page, "Who spends time on their pet projects and on Facebook?")
    settled(page)
    page.locator(".cm-claim a.cm-cite", has_text="Bianca · c12").first.click()
    page.locator("mark.cm-span").first.wait_for()
    assert page.locator("mark.cm-span").first.is_visible()


def test_clicks_while_an_answer_streams_lose_nothing(enter) -> None:  # type: ignore[no-untyped-def]
    page = enter()
    ask(page, "Who spends time on their pet projects and on Facebook?")
    page.wait_for_selector(".cm-evidence a.cm-cite")
    page.locator(".cm-evidence a.cm-cite").first.click()
    page.get_by_text("How it answers").click()
    page.locator(".cm-reader .cm-who").first.click()
    page.get_by_role("button", name="Ask this person alone").click()
    page.get_by_text("ask everybody").wait_for()
    settled(page)
    assert page.locator(".cm-claim").count() == 2
    assert "their pet projects and on Facebook" in page.locator(".cm-answer").inner_text()


def test_loading_the_page_again_while_an_answer_streams_loses_nothing(enter) -> None:  # type: ignore[no-untyped-def]
    page = enter()
    ask(page, "Who spends time on their pet projects and on Facebook?")
    page.wait_for_selector(".cm-draft")
    page.reload()
    settled(page)
    assert page.locator(".cm-claim").count() == 2


def test_a_second_question_waits_for_the_first(enter) -> None:  # type: ignore[no-untyped-def]
    page = enter()
    ask(page, "Who spends time on their pet projects and on Facebook?")
    page.wait_for_selector(".cm-evidence")
    ask(page, "What about the Pentagon?")
    page.get_by_text("Waiting for the question before").wait_for()
    page.wait_for_function("document.querySelectorAll('[data-cm=copy]').length === 2", timeout=60_000)
    assert page.locator(".cm-question").all_inner_texts() == [
        "Who spends time on their pet projects and on Facebook?",
        "What about the Pentagon?",
    ]


def test_a_stopped_answer_stays_and_can_be_asked_again(enter) -> None:  # type: ignore[no-untyped-def]
    page = enter()
    ask(page, "Who spends time on their pet projects and on Facebook?")
    page.wait_for_selector(".cm-draft")
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.").wait_for()
    page.get_by_role("button", name="Ask again").click()
    settled(page)
    assert page.locator(".cm-claim").count() == 2


def test_an_error_says_what_to_do_and_trying_again_answers(enter) -> None:  # type: ignore[no-untyped-def]
    page = enter()
    question = f"Where did the moderates break down, try {next(_numbers)}?"
    ask(page, question)
    page.get_by_text("Start it, or choose quotes.").wait_for()
    page.get_by_role("button", name="Try again").click()
    settled(page)


def test_a_declined_answer_offers_the_nearest_evidence_and_questions_that_lead_on(enter, picture) -> None:  # type: ignore[no-untyped-def]
    page = enter()
    ask(page, "Any dolphins or submarines?")
    settled(page)
    assert page.locator(".cm-declined").inner_text().startswith("Not discussed here")
    assert page.locator(".cm-evidence[open] .cm-card").count() > 0
    picture(page, "declined")
    page.locator(".cm-asks [data-cm=ask]").first.click()
    page.wait_for_function("document.querySelectorAll('.cm-question').length === 2")


def test_two_people_ask_at_once_and_see_only_their_own_answers(enter) -> None:  # type: ignore[no-untyped-def]
    first, second = enter(), enter()
    ask(first, "Who spends time on their pet projects and on Facebook?")
    ask(second, "What does the Pentagon pretend?")
    for page in (first, second):
        settled(page)
    assert first.locator(".cm-question").all_inner_texts() == ["Who spends time on their pet projects and on Facebook?"]
    assert second.locator(".cm-question").all_inner_texts() == ["What does the Pentagon pretend?"]
    assert "Pentagon" in second.locator(".cm-answer").inner_text()
    assert "Pentagon" not in first.locator(".cm-answer").inner_text()


def test_the_keyboard_walks_the_citations_and_finds_words(enter) -> None:  # type: ignore[no-untyped-def]
    page = enter()
    ask(page, "Who spends time on their pet projects and on Facebook?")
    settled(page)
    page.locator(".cm-scroll").focus()
    page.keyboard.press("n")
    first = page.evaluate("location.hash")
    page.keyboard.press("n")
    assert page.evaluate("location.hash") != first
    page.keyboard.press("p")
    assert page.evaluate("location.hash") == first
    page.keyboard.press("/")
    page.keyboard.type("pentagon")
    page.get_by_text("1 of 1").wait_for()
    assert page.locator("mark.cm-span").inner_text().lower() == "pentagon"


def test_a_person_can_be_read_alone_and_asked_alone(enter) -> None:  # type: ignore[no-untyped-def]
    page = enter()
    page.get_by_role("tab", name="People").click()
    page.locator("#cm-panel-people .cm-who", has_text="Bianca").click()
    page.get_by_role("button", name="Read only these comments").click()
    names = page.locator(".cm-c:not(.cm-out-of-filter) > .cm-own .cm-who:visible").all_text_contents()
    assert set(names) == {"Bianca"}
    page.get_by_role("button", name="Show everybody").click()
    assert len(set(page.locator(".cm-c > .cm-own .cm-who:visible").all_text_contents())) > 2
    page.locator(".cm-reader .cm-who", has_text="Bianca").nth(1).click()
    page.get_by_role("button", name="Ask this person alone").click()
    page.get_by_text("Asking Bianca alone").wait_for()
    ask(page, "Who spends time on their pet projects and on Facebook?")
    settled(page)
    assert "asked of Bianca alone" in page.locator(".cm-question").inner_text()
    assert all("Bianca" in chip for chip in page.locator(".cm-claim a.cm-cite").all_inner_texts())


def test_a_restart_brings_the_conversation_back(open_page, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with served(tmp_path / "home", [debate()]) as room:
        page = open_page(room.address)
        ask(page, "Is the ferry queue two hours long?")
        settled(page)
        said = page.locator(".cm-answer").inner_text()
    with served(tmp_path / "home", [debate()]) as room:
        page = open_page(room.address)
        page.wait_for_selector(".cm-answer")
        page.wait_for_selector(".cm-reader .cm-c")
        assert page.locator(".cm-answer").inner_text() == said
        page.locator(".cm-claim a.cm-cite").first.click()
        page.locator("mark.cm-span").first.wait_for()
    changed = debate()
    comments = tuple(c for c in changed.comments if c.number == 1)
    smaller = Thread("bridge", "test", changed.article, comments)
    with served(tmp_path / "home", [smaller]) as room:
        page = open_page(room.address)
        page.wait_for_selector(".cm-claim .cm-stale")
