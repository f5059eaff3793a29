"""The real page over a library on a disk that nobody may write: it is read and asked, and what would write is told."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rag.settings import Settings
from tests.browser.acting import ask, ready, sample, settled, still
from tests.browser.conftest import ROOT, Opener, Served, running
from tests.disks import mounted
from ui.conversations import Conversations
from ui.sidebar import FIXED

pytestmark = [pytest.mark.browser, pytest.mark.real]

PASTED = ROOT / "ingest" / "samples" / "idlib_thread.txt"
TOLD = re.compile(
    r"^The library (at|folder) \S+ (can be read here, not written|cannot be written: Read-only file system)\. "
)


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from rag.build import open_workspace

    home: Path = tmp_path_factory.mktemp("writable")
    with open_workspace(Settings(home=home, answerer="quotes")) as workspace:
        workspace.library.add(sample())
        Conversations(home).about("idlib_thread")  # makes the file, as any page does
    before = {path.name: path.read_bytes() for path in home.iterdir() if path.is_file()}
    place = tmp_path_factory.mktemp("fixed")
    with (
        mounted(place, "--bind", "-o", "ro", str(home)) as folder,
        running(Settings(home=folder, answerer="quotes"), log=tmp_path_factory.mktemp("log") / "page.log") as page,
    ):
        yield page
    assert {path.name: path.read_bytes() for path in home.iterdir() if path.is_file()} == before


def said(page: Page) -> None:
    """Wait until the page says in a line why nothing was changed, and goes on."""
    expect(page.locator(".cm-said")).to_have_text(TOLD)
    expect(page.locator(".cm-alert")).to_have_count(0)
    expect(page.locator(".cm-reader .cm-c").first).to_be_attached()


def test_a_library_that_cannot_be_written_is_read_and_asked(fixed: Served, open_page: Opener) -> None:
    page = ready(open_page(fixed.address))
    expect(page.locator(".cm-fixed")).to_have_text(FIXED)
    expect(page.locator(".cm-reader .cm-c")).to_have_count(14)
    ask(page, "What does Bianca say about people on Facebook?")
    settled(page)
    expect(page.locator(".cm-claim a.cm-cite").first).to_have_text(re.compile("^Bianca · "))
    ask(page, "How many comments are there?")
    page.get_by_text("Counted from the thread").wait_for()
    settled(page, 2)
    still(page)
    expect(page.locator(".cm-alert")).to_have_count(0)


def test_adding_renaming_and_removing_say_that_nothing_can_be_written(fixed: Served, open_page: Opener) -> None:
    page = ready(open_page(fixed.address))
    page.get_by_text("Add a thread").click()
    page.get_by_role("tab", name="Paste").click()
    page.get_by_label("Text of the discussion").fill(PASTED.read_text("utf-8"))
    page.get_by_role("button", name="Add", exact=True).click()
    said(page)
    still(page)
    page.get_by_text("This conversation").click()
    page.get_by_label("Title in the list").fill("Another title")
    page.get_by_role("button", name="Rename").click()
    said(page)
    still(page)
    page.get_by_text("I want to remove this thread from the library").click()
    page.get_by_role("button", name="Remove thread").click()
    said(page)
    still(page)
    expect(page.locator(".cm-rowfacts")).to_have_count(1)


def test_a_report_that_cannot_be_kept_is_told(fixed: Served, open_page: Opener) -> None:
    page = ready(open_page(fixed.address))
    ask(page, "What does Bianca say about people on Facebook?")
    settled(page)
    page.locator("[data-cm=report]").first.evaluate("element => element.click()")
    expect(page.locator(".cm-said")).to_have_text(re.compile("^The conversation cannot be saved in "))
    expect(page.locator(".cm-alert")).to_have_count(0)
