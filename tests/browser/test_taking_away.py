"""What is taken along from a conversation, and how a discussion went over time."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import ask, ready, settled, still
from tests.browser.conftest import Opener, Served, served
from tests.builders import debate
from ui.markup import token

pytestmark = pytest.mark.browser

LINK = "https://talk.example/bridge#{}"


def dated():  # type: ignore[no-untyped-def]
    """Return the debate with permalinks and times: five comments within an hour, one of them a day later."""
    comments = tuple(
        replace(
            one,
            permalink=LINK.format(one.tag),
            created_at=f"2026-03-0{2 if one.number == 6 else 1}T10:{one.number:02}:00+00:00",
        )
        for one in debate().comments
    )
    return replace(debate(), comments=comments)


def taken(page: Page, label: str) -> tuple[str, str]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    return waiting.value.suggested_filename, waiting.value.path().read_text("utf-8")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("taking"), [dated()]) as page:
        yield page


@pytest.fixture
def page(room: Served, open_page: Opener, request: pytest.FixtureRequest) -> Page:
    return ready(open_page(f"{room.address}/?c={token(request.node.name)}"))


def test_a_conversation_is_taken_along_with_its_permalinks(page: Page) -> None:
    ask(page, "Is the ferry queue two hours long?")
    settled(page)
    still(page)
    page.get_by_text("This conversation").click()
    name, text = taken(page, "Export as Markdown")
    assert name == "conversation.md"
    assert text.startswith(f"# {debate().title}\n\n## Is the ferry queue two hours long?\n")
    assert "Ben, c2: “Ferries are slow and the queue is two hours long.” <https://talk.example/bridge#c2>" in text
    name, text = taken(page, "Export as JSON")
    assert name == "conversation.json"
    (turn,) = json.loads(text)["turns"]
    assert turn["question"] == "Is the ferry queue two hours long?"
    cited = [citation for claim in turn["claims"] for citation in claim["citations"]]
    bodies = {one.tag: one.body for one in debate().comments}
    assert "c2" in {citation["number"] for citation in cited}
    for citation in cited:
        if citation["number"] in bodies:
            assert bodies[citation["number"]][citation["start"] : citation["end"]] == citation["quote"]
            assert citation["permalink"] == LINK.format(citation["number"])


def test_the_comments_are_drawn_over_the_time_they_took(page: Page) -> None:
    page.get_by_role("tab", name="Over time").click()
    bars = page.locator(".cm-activity .cm-col")
    expect(bars).to_have_count(2)
    heights = bars.evaluate_all("bars => bars.map(bar => bar.getBoundingClientRect().height)")
    assert heights[0] == pytest.approx(5 * heights[1], rel=0.02)
    expect(page.locator(".cm-ends")).to_contain_text("1 Mar 2026, 10:01")
    expect(page.locator(".cm-ends")).to_contain_text("2 Mar 2026, 10:06")
    expect(page.locator(".cm-activity title").first).to_have_text("5 from 1 Mar 2026, 10:01")
