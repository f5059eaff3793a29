"""What is taken along from a conversation, and how a discussion went over time."""

import json
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import served
from tests.browser.test_reading_room import ask, settled
from tests.builders import debate

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


@pytest.fixture
def page(tmp_path, open_page):  # type: ignore[no-untyped-def]
    with served(tmp_path / "home", [dated()]) as room:
        opened = open_page(room.address)
        opened.wait_for_selector(".cm-reader .cm-c")
        yield opened


def test_a_conversation_is_taken_along_with_its_permalinks(page: Page) -> None:
    ask(page, "Is the ferry queue two hours long?")
    settled(page)
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
    bars.first.wait_for()
    heights = [bars.nth(at).bounding_box()["height"] for at in range(bars.count())]  # type: ignore[index]
    assert len(heights) == 2
    assert heights[0] == pytest.approx(5 * heights[1], rel=0.02)
    assert "1 Mar 2026, 10:01" in page.locator(".cm-ends").inner_text()
    assert "2 Mar 2026, 10:06" in page.locator(".cm-ends").inner_text()
    assert page.locator(".cm-activity title").first.text_content() == "5 from 1 Mar 2026, 10:01"
