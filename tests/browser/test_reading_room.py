"""What a person does in the page, done in Chromium: ask, read, click, stop, search, come back."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from ingest.thread import Thread
from tests.browser.acting import ask, asked_of_the_server, marks, ready, sample, settled, still
from tests.browser.conftest import Opener, Served, served
from tests.builders import debate
from ui.markup import anchor

pytestmark = pytest.mark.browser

FERRY = "Is the ferry queue two hours long?"
PETS = "Who spends time on their pet projects and on Facebook?"

_numbers = count()

Enter = Callable[[], Page]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("room"), [debate(), sample()]) as page:
        yield page


@pytest.fixture
def enter(room: Served, open_page: Opener) -> Enter:
    """Open the page with a new conversation each time."""
    return lambda: ready(open_page(f"{room.address}/?c=test{next(_numbers)}"))


def chip(page: Page, label: str) -> Locator:
    return page.locator(".cm-claim a.cm-cite", has_text=label).first


def hash_is(page: Page, wanted: str) -> None:
    page.wait_for_function("wanted => location.hash === wanted", arg=wanted)


def test_a_citation_click_shows_the_comment_and_marks_the_very_words(room: Served, enter: Enter) -> None:
    page: Any = enter()
    page.evaluate("document.querySelector('.cm-scroll').cmMine = true")
    with room.held():
        ask(page, PETS)
        page.wait_for_selector(".cm-evidence .cm-card")
        page.wait_for_selector(".cm-draft")
    settled(page)
    still(page)
    sent = len(page.sent)
    cited = chip(page, "Bianca · c12")
    cited.click()
    target = anchor("idlib_thread", "c12")
    marks(page, cited.get_attribute("title") or "", inside=target)
    hash_is(page, f"#{target}")
    assert page.evaluate("document.querySelector('.cm-scroll').cmMine") is True, "the thread pane was drawn again"
    assert asked_of_the_server(page.sent[sent:]) == 0, "the click caused a rerun"
    expect(page.locator("body > [role=status]")).to_have_text("The answer is ready.")


def test_a_folded_branch_unfolds_for_a_citation(enter: Enter) -> None:
    page = enter()
    page.evaluate("document.querySelectorAll('.cm-kids').forEach(el => el.open = false)")
    ask(page, PETS)
    settled(page)
    chip(page, "Bianca · c12").click()
    expect(page.locator("mark.cm-span").first).to_be_visible()


def test_clicks_while_an_answer_streams_lose_nothing(room: Served, enter: Enter) -> None:
    page = enter()
    with room.held():
        ask(page, PETS)
        page.locator(".cm-evidence a.cm-cite").first.click()
        page.get_by_text("How it answers").click()
        page.locator(".cm-reader .cm-who").first.click()
        page.get_by_role("button", name="Ask this person alone").click()
        page.get_by_text("ask everybody").wait_for()
        page.wait_for_selector("[data-cm=stop]")
    settled(page)
    expect(page.locator(".cm-claim")).to_have_count(2)
    expect(page.locator(".cm-answer")).to_contain_text("their pet projects and on Facebook")


def test_the_citation_followed_last_stays_marked_while_the_answer_grows(room: Served, enter: Enter) -> None:
    page = enter()
    followed = page.locator("a.cm-cite.cm-current")
    with room.held():
        ask(page, PETS)
        second = page.locator(".cm-evidence a.cm-cite").nth(1)
        second.click()
        expect(followed).to_have_count(1)
        place = followed.get_attribute("href") or ""
    settled(page)
    still(page)
    expect(followed).to_have_count(1)
    expect(followed).to_have_attribute("href", place)
    page.keyboard.press("n")
    expect(followed).not_to_have_attribute("href", place)
    page.keyboard.press("p")
    expect(followed).to_have_attribute("href", place)


def test_what_the_script_answers_for_takes_no_click_before_it_listens(enter: Enter) -> None:
    page = enter()
    page.evaluate("delete document.documentElement.dataset.cmReady")
    example = page.locator(".cm-asks [data-cm=ask]").first
    expect(example).to_have_css("pointer-events", "none")
    page.evaluate("document.documentElement.dataset.cmReady = ''")
    example.click()
    settled(page)


def test_loading_the_page_again_while_an_answer_streams_loses_nothing(room: Served, enter: Enter) -> None:
    page = enter()
    with room.held():
        ask(page, PETS)
        page.wait_for_selector(".cm-draft")
        page.reload()
        page.wait_for_selector(".cm-draft")
    settled(page)
    expect(page.locator(".cm-claim")).to_have_count(2)


def test_a_second_question_waits_for_the_first(room: Served, enter: Enter) -> None:
    page = enter()
    with room.held():
        ask(page, PETS)
        page.wait_for_selector(".cm-evidence")
        ask(page, "What about the Pentagon?")
        page.get_by_text("Waiting for the question before").wait_for()
    settled(page, answers=2)
    expect(page.locator(".cm-question")).to_have_text([PETS, "What about the Pentagon?"])


SLOW_TIMERS = """() => {
  // Streamlit sends what a person does in a timer of its own, and all that it holds with every beat of a running
  // answer. Put a beat or two in between, as a busy machine does.
  const real = window.setTimeout;
  window.setTimeout = (what, delay, ...more) => real(what, delay || 1000, ...more);
}"""


def test_a_question_is_asked_once_even_if_the_page_beats_while_it_is_sent(room: Served, enter: Enter) -> None:
    page: Any = enter()
    with room.held():
        ask(page, PETS)
        page.wait_for_selector(".cm-evidence")
        page.evaluate(SLOW_TIMERS)
        sent = len(page.sent)
        ask(page, "What about the Pentagon?")
        page.locator(".cm-scroll").click()
        page.get_by_text("Waiting for the question before").first.wait_for()
        held = [BackMsg.FromString(message).rerun_script for message in page.sent[sent:]]
        carried = [any(w.HasField("chat_input_value") for w in one.widget_states.widgets) for one in held]
        assert sum(carried) > 1, "no beat came in between, so this test showed nothing"
    settled(page, answers=2)
    expect(page.locator(".cm-question")).to_have_text([PETS, "What about the Pentagon?"])


def test_a_stopped_answer_stays_and_can_be_asked_again(room: Served, enter: Enter) -> None:
    page = enter()
    with room.held():
        ask(page, PETS)
        page.wait_for_selector(".cm-draft")
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped.").wait_for()
    page.get_by_role("button", name="Ask again").click()
    settled(page)
    expect(page.locator(".cm-claim")).to_have_count(2)


def test_an_error_says_what_to_do_and_trying_again_answers(enter: Enter) -> None:
    page = enter()
    ask(page, f"Where did the moderates break down, try {next(_numbers)}?")
    page.get_by_text("Start it, or choose quotes.").wait_for()
    page.get_by_role("button", name="Try again").click()
    settled(page)


def test_a_declined_answer_offers_the_nearest_evidence_and_questions_that_lead_on(enter: Enter, picture: Any) -> None:
    page = enter()
    ask(page, "Any dolphins or submarines?")
    settled(page)
    expect(page.locator(".cm-declined")).to_have_text(re.compile("^Not discussed here"))
    expect(page.locator(".cm-evidence[open] .cm-card").first).to_be_visible()
    still(page)
    picture(page, "declined")
    page.locator(".cm-asks [data-cm=ask]").first.click()
    expect(page.locator(".cm-question")).to_have_count(2)


def test_two_people_ask_at_once_and_see_only_their_own_answers(room: Served, enter: Enter) -> None:
    first, second = enter(), enter()
    with room.held():
        ask(first, PETS)
        ask(second, "What does the Pentagon pretend?")
    for page in (first, second):
        settled(page)
    expect(first.locator(".cm-question")).to_have_text([PETS])
    expect(second.locator(".cm-question")).to_have_text(["What does the Pentagon pretend?"])
    expect(second.locator(".cm-answer")).to_contain_text("Pentagon")
    expect(first.locator(".cm-answer")).not_to_contain_text("Pentagon")


def test_the_keyboard_walks_the_citations_and_finds_words(enter: Enter) -> None:
    page = enter()
    ask(page, PETS)
    settled(page)
    still(page)
    chips = page.locator("a.cm-cite:visible")
    places = [str(link.get_attribute("href")) for link in chips.all()]
    other = next(n for n, place in enumerate(places) if place != places[0])
    page.locator(".cm-scroll").focus()
    page.keyboard.press("n")
    hash_is(page, places[0])
    for _ in range(other):
        page.keyboard.press("n")
    hash_is(page, places[other])
    for _ in range(other):
        page.keyboard.press("p")
    hash_is(page, places[0])
    page.keyboard.press("/")
    page.keyboard.type("pentagon")
    expect(page.locator(".cm-found")).to_have_text("1 of 1")
    marks(page, "Pentagon")


def test_a_person_can_be_read_alone_and_asked_alone(enter: Enter) -> None:
    page = enter()
    page.get_by_role("tab", name="People").click()
    page.locator("#cm-panel-people .cm-who", has_text="Bianca").click()
    page.get_by_role("button", name="Read only these comments").click()
    shown = page.locator(".cm-c:not(.cm-out-of-filter) > .cm-own .cm-who:visible")
    others = page.locator(".cm-c > .cm-own .cm-who:visible").filter(has_not_text="Bianca")
    expect(others).to_have_count(0)
    expect(shown.first).to_have_text("Bianca")
    page.get_by_role("button", name="Show everybody").click()
    expect(others.nth(2)).to_be_visible()
    page.locator(".cm-reader .cm-who", has_text="Bianca").nth(1).click()
    page.get_by_role("button", name="Ask this person alone").click()
    page.get_by_text("Asking Bianca alone").wait_for()
    ask(page, PETS)
    settled(page)
    expect(page.locator(".cm-question")).to_contain_text("asked of Bianca alone")
    chips = page.locator(".cm-claim a.cm-cite")
    expect(chips.first).to_contain_text("Bianca")
    expect(chips.filter(has_not_text="Bianca")).to_have_count(0)


def test_a_restart_brings_the_conversation_back(open_page: Opener, tmp_path: Path) -> None:
    with served(tmp_path / "home", [debate()]) as room:
        page = open_page(room.address)
        ask(page, FERRY)
        settled(page)
        said = page.locator(".cm-answer").text_content()
        assert said
    with served(tmp_path / "home", [debate()]) as room:
        page = ready(open_page(room.address))
        expect(page.locator(".cm-answer")).to_have_text(said)
        page.locator(".cm-claim a.cm-cite").first.click()
        page.locator("mark.cm-span").first.wait_for()
    changed = debate()
    comments = tuple(c for c in changed.comments if c.number == 1)
    smaller = Thread("bridge", "test", changed.article, comments)
    with served(tmp_path / "home", [smaller]) as room:
        page = open_page(room.address)
        page.wait_for_selector(".cm-claim .cm-stale")
