"""The page for everyone: hostile threads, big ones, dark, narrow, by keyboard, and what axe-core finds."""

import http.server
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, expect

from ingest.thread import Article, Thread
from tests.browser.acting import PATIENCE, ask, ask_box, comes_into_view, ready, sample, settled, still
from tests.browser.conftest import Opener, Served, served
from tests.builders import comment, debate, thread

pytestmark = pytest.mark.browser


def crowd(size: int) -> Thread:
    """Return a big thread: branches of ten, each comment a few sentences, one of them unlike all others."""
    comments = []
    for n in range(1, size + 1):
        parent = None if n % 10 == 1 else n - 1 if n % 3 else n - (n - 1) % 10
        body = f"Comment {n} says what people say. " + "Words upon words follow, as they do. " * (n % 7)
        if n == size - 4:
            body += "The lighthouse keeper painted the walrus purple."
        comments.append(comment(n, f"Person {n % 211}", body, parent, created_at=f"2024-05-{n % 28 + 1:02}T10:00:00Z"))
    return thread(*comments, title="A very long evening", thread_id="crowd")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("everyone"), [debate(), sample()]) as page:
        yield page


def serious(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical, having checked that it looked at something that stays."""
    still(page)  # what is being drawn again is shown pale
    found = Axe().run(page).response
    assert len(found["passes"]) > 15
    return [
        f"{finding['id']}: {finding['nodes'][0]['html'][:200]}"
        for finding in found["violations"]
        if finding["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(
    ("name", "width", "height", "scheme"),
    [("light", 1440, 900, "light"), ("dark", 1440, 900, "dark"), ("narrow", 390, 844, "light")],
)
def test_the_page_reads_well_and_axe_finds_nothing_serious(
    room: Served, open_page: Opener, picture: Any, name: str, width: int, height: int, scheme: str
) -> None:
    page = ready(open_page(f"{room.address}/?c={name}", width=width, height=height, scheme=scheme))
    if name == "light":
        assert serious(page) == []
        picture(page, "welcome")
    ask(page, "Who spends time on their pet projects and on Facebook?")
    settled(page)
    page.locator(".cm-claim a.cm-cite").first.click()
    comes_into_view(page, "mark.cm-span")
    still(page)
    if name != "light":
        picture(page, name)
    assert serious(page) == []
    if name == "light":
        for tab in ("People", "Who answers whom"):
            page.get_by_role("tab", name=tab).click()
            assert serious(page) == []
        picture(page, "map")


def test_a_narrow_screen_shows_one_pane_and_switches(room: Served, open_page: Opener) -> None:
    page = ready(open_page(f"{room.address}/?c=switch", width=390, height=844))
    expect(page.locator(".cm-reader")).to_be_hidden()
    page.get_by_role("button", name="Discussion").click()
    expect(page.locator(".cm-reader")).to_be_visible()
    expect(ask_box(page)).to_be_hidden()
    page.get_by_role("button", name="Questions").click()
    expect(ask_box(page)).to_be_visible()
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")


def test_the_page_can_be_used_by_keyboard_alone(room: Served, open_page: Opener) -> None:
    page = ready(open_page(f"{room.address}/?c=keys"))
    page.get_by_label("Ask about this discussion").focus()
    page.keyboard.type("Who spends time on their pet projects and on Facebook?")
    page.keyboard.press("Enter")
    settled(page)
    still(page)
    seen: list[str] = []
    while "cm-tab" not in "".join(seen[-1:]):
        assert len(seen) < 60, seen
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.className + ' ' + (document.activeElement.dataset.cm || '')"))
    page.keyboard.press("ArrowRight")
    expect(page.locator("#cm-panel-people")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#cm-panel-thread")).to_be_visible()
    page.keyboard.press("n")
    page.locator("mark.cm-span").first.wait_for()


class _Canary(http.server.BaseHTTPRequestHandler):
    heard: list[str]

    def do_GET(self) -> None:
        self.heard.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """Listen on loopback for anything that a hostile thread manages to ask for."""
    heard: list[str] = []
    handler = type("Canary", (_Canary,), {"heard": heard})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        worker = threading.Thread(target=server.serve_forever)
        worker.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
        server.shutdown()
        worker.join()


def hostile(at: str) -> Thread:
    evil = [
        f"<script>fetch('{at}/script')</script>",
        f"<img src='{at}/img' onerror=\"fetch('{at}/onerror')\">",
        f"</div></details><svg onload=fetch('{at}/svg')><style>@import url({at}/css);*{{display:none}}</style>",
        f"[click](javascript:fetch('{at}/js')) ![x]({at}/markdown.png) <iframe src={at}/iframe>",
        f'" autofocus onfocus="fetch(\'{at}/focus\')" x="',
        "\u202e\u2066 backwards \u2069 " + "Z\u0351\u0352\u0353\u0354" * 200,
        "lighthouse " + "long " * 40_000,
        f"{at}/plain <img src=x onerror=alert(1)> <script>alert(2)</script>",
        f"<link rel=stylesheet href={at}/link><meta http-equiv=refresh content='0;url={at}/meta'>",
    ]
    comments = [comment(n, words[:4000], f"lighthouse {words}", n - 1 or None) for n, words in enumerate(evil, 1)]
    article = Article(
        title=evil[0] + evil[1], subtitle=evil[2], author=evil[4], published=evil[3], text=" ".join(evil) * 5
    )
    sick = thread(*comments, notes=(evil[1], evil[2]))
    return replace(sick, id=evil[1], article=article, origin=evil[3], source=evil[0][:40])


def test_a_hostile_thread_is_shown_and_does_nothing(tmp_path: Path, open_page: Opener, canary: Any) -> None:
    address, heard = canary
    dialogs: list[str] = []
    with served(tmp_path / "home", [hostile(address)]) as room:
        page = ready(open_page(room.address))
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        asked = ("What about the lighthouse?", f"<img src='{address}/asked' onerror=alert(1)> lighthouse")
        for number, question in enumerate(asked, 1):
            ask(page, question)
            settled(page, answers=number)
        page.locator(".cm-claim a.cm-cite").first.click()
        page.locator("mark.cm-span").first.wait_for()
        # Plain selectors: finding by role or label reads the megabyte again and again.
        for tab in ("people", "map", "thread"):
            page.locator(f"#cm-tab-{tab}").click()
        page.locator(".cm-c .cm-who").first.click()
        page.locator(".cm-menu button").nth(1).click()
        page.locator("[data-cm=everybody]").wait_for()
        still(page)
        unsafe = ".cm-reader :is(script, img, iframe, style), .cm-answer img, .cm-question img"
        expect(page.locator(unsafe)).to_have_count(0)
        expect(page.locator(".cm-title")).to_contain_text("<script>")
    assert heard == []
    assert dialogs == []


def test_a_thread_of_5000_comments_scrolls_to_a_cited_one(tmp_path: Path, open_page: Opener, capsys: Any) -> None:
    with served(tmp_path / "home", [crowd(5000)]) as room:
        page = ready(open_page(room.address))
        painted = page.evaluate("performance.now()")
        ask(page, "Who painted the walrus purple at the lighthouse?")
        settled(page)
        still(page)
        took = page.locator(".cm-claim a.cm-cite", has_text="c4996").first.evaluate(
            """el => { const t = performance.now(); el.click();
                       return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(
                         () => done(performance.now() - t)))); }"""
        )
        comes_into_view(page, "mark.cm-span")
        expect(page.locator("mark.cm-span")).to_contain_text("walrus purple")
        step = page.evaluate(
            """async () => { const box = document.querySelector('.cm-scroll'); let worst = 0;
                 for (let n = 0; n < 30; n++) { const t = performance.now(); box.scrollTop -= 400;
                   await new Promise(requestAnimationFrame); worst = Math.max(worst, performance.now() - t); }
                 return worst; }"""
        )
    with capsys.disabled():
        said = f"drawn after {painted:.0f} ms, cited comment in {took:.0f} ms, worst frame {step:.0f} ms"
        sys.stdout.write(f"\n5,000 comments: {said}\n")


def choose(page: Page, label: str, option: str) -> None:
    """Pick from a list; it closes when the sidebar scrolls under it, so it is opened until a choice was made."""
    box = page.get_by_label(label)
    box.scroll_into_view_if_needed()
    until = monotonic() + PATIENCE / 1000
    while True:
        box.press("ArrowDown")
        try:
            page.get_by_role("option", name=option).click(timeout=3000)
            return
        except Error:
            assert monotonic() < until, f"{label} never let {option} be chosen"


def test_threads_are_added_asked_together_and_removed(tmp_path: Path, open_page: Opener) -> None:
    pasted = (
        "Ferry times change | Fewer boats in winter\n\nThe harbour office cuts the evening ferry from November.\n\n"
        "By Ines Holm\n\n- **Dora**: The evening ferry was always empty.\n  - **Emil**: Not on Fridays, it was not.\n"
    )
    with served(tmp_path / "home", [debate()]) as room:
        page = ready(open_page(room.address))
        page.get_by_text("Add a thread").click()
        page.get_by_role("tab", name="Paste").click()
        page.get_by_label("Text of the discussion").fill(pasted)
        page.get_by_label("Name", exact=True).fill("ferry")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator(".cm-said")).to_contain_text("2 comments by 2 people")
        expect(page.locator(".cm-title")).to_have_text("Ferry times change")
        page.locator("input[type=file]").set_input_files(
            {"name": "empty.txt", "mimeType": "text/plain", "buffer": b"   "}
        )
        page.get_by_text("Give a file that holds a thread.").wait_for()
        page.get_by_text("This conversation").click()
        choose(page, "Ask these threads too", "Council votes")
        page.keyboard.press("Escape")
        page.get_by_text("Asking 2 threads").wait_for()
        ask(page, "Is the ferry queue two hours long?")
        settled(page)
        page.locator(".cm-claim a.cm-cite", has_text="Council votes").first.click()
        expect(page.locator(".cm-title")).to_contain_text("Council votes")
        comes_into_view(page, "mark.cm-span")
        expect(page.locator(".cm-claim").first).to_be_visible()
        page.get_by_text("I want to remove this thread from the library").click()
        page.get_by_role("button", name="Remove thread").click()
        expect(page.locator(".cm-title")).to_have_text("Ferry times change")


def test_a_thread_is_renamed_and_keeps_its_new_name(tmp_path: Path, open_page: Opener) -> None:
    with served(tmp_path / "home", [debate(), sample()]) as room:
        page = ready(open_page(room.address))
        listed = page.locator(".st-key-cm-threads")
        page.get_by_text("This conversation").click()
        box = page.get_by_label("Title in the list")
        expect(box).to_have_value(sample().title)
        box.fill("Names & *stars* <b>")
        page.get_by_role("button", name="Rename").click()
        expect(page.locator(".cm-said")).to_have_text("Now listed as “Names & *stars* <b>”.")
        expect(listed.get_by_role("button", name="Names & *stars* <b>", exact=True)).to_be_visible()
        expect(page.locator(".cm-reader .cm-title")).to_have_text(sample().title)
        page.reload()
        expect(listed.get_by_role("button", name="Names & *stars* <b>", exact=True)).to_be_visible()
        page.get_by_text("This conversation").click()
        expect(box).to_have_value("Names & *stars* <b>")
        box.fill("")
        page.get_by_role("button", name="Rename").click()
        expect(listed.get_by_role("button", name=sample().title, exact=True)).to_be_visible()
