"""What a person does in the page, and how a test waits for what follows.

The page is drawn piece by piece by a server, a browser and their queues: nothing holds at once, and on a busy machine
nothing holds soon. So a test never looks, it waits: with `expect`, `wait_for` or the functions here. Text is compared
with `expect(...).to_have_text`, which reads what the page holds; `inner_text` is empty for what has not been laid out
yet, such as a comment far away that has just been scrolled to (`content-visibility: auto`).
"""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from playwright.sync_api import Locator, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from ingest.registry import load
from ingest.source import Source
from ingest.thread import Thread

__all__ = [
    "PATIENCE",
    "ask",
    "ask_box",
    "asked_of_the_server",
    "comes_into_view",
    "marks",
    "ready",
    "sample",
    "settled",
    "still",
]

PATIENCE = 60_000.0
"""Milliseconds that a test waits for anything; one that passes does not wait them."""

QUIET = 1.5
"""Seconds without a word between page and server after which nothing more is to come: five times the page's own beat
while an answer is on its way."""


def sample() -> Thread:
    """Return the thread that comes with the program."""
    path = Path(__file__).resolve().parents[2] / "ingest" / "samples" / "idlib_thread.txt"
    (thread,) = load(Source.from_path(path))
    return thread


def ready(page: Page) -> Page:
    """Wait until a thread is in the reader's pane, shown or, on a narrow screen, not."""
    page.wait_for_selector(".cm-reader .cm-c", state="attached")
    return page


def ask_box(page: Page) -> Locator:
    """Return the box for questions. By a plain selector: finding by label reads every element of a big thread."""
    return page.locator("[data-testid=stChatInputTextArea]")


def ask(page: Page, question: str) -> None:
    """Ask a question, and wait until the page shows it."""
    shown = page.locator(".cm-question")
    before = shown.count()
    box = ask_box(page)
    box.fill(question)
    box.press("Enter")
    expect(shown).to_have_count(before + 1)


def settled(page: Page, answers: int = 1, timeout: float = PATIENCE) -> None:
    """Wait until so many answers of the conversation are there and none is on its way."""
    expect(page.locator(".cm-foot [data-cm=copy]")).to_have_count(answers, timeout=timeout)
    expect(page.locator("[data-cm=stop]")).to_have_count(0, timeout=timeout)


def still(page: Any) -> None:
    """Wait until page and server have nothing more to tell each other: all is drawn, and stays."""
    running = page.locator("[data-testid=stApp]:not([data-test-script-state=notRunning])")
    until, since, sent = monotonic() + PATIENCE / 1000, monotonic(), len(page.sent)
    while monotonic() - since < QUIET:
        assert monotonic() < until, "the page never came to rest"
        page.wait_for_timeout(100)  # while it waits, messages are heard
        if len(page.sent) > sent or running.count():
            since, sent = monotonic(), len(page.sent)


def asked_of_the_server(messages: Sequence[bytes]) -> int:
    """Count the messages by which something that a person did had the server draw again; the page's beat is not one."""
    found = [BackMsg.FromString(message) for message in messages]
    return sum(message.HasField("rerun_script") and not message.rerun_script.is_auto_rerun for message in found)


def comes_into_view(page: Page, selector: str) -> None:
    """Wait until the element stands inside the thread pane; fail where it never does."""
    page.wait_for_function(
        """selector => {
          const box = document.querySelector('.cm-scroll').getBoundingClientRect();
          const element = document.querySelector(selector);
          if (!element) return false;
          const at = element.getBoundingClientRect();
          return at.height > 0 && at.top >= box.top - 1 && at.top < box.bottom - 20;
        }""",
        arg=selector,
    )


def marks(page: Page, words: str, inside: str = "") -> None:
    """Wait until exactly these words are marked in the thread, in view, in the comment with the anchor given.

    Words that end in an ellipsis were cut, as a citation's title is.
    """
    page.wait_for_function(
        """([words, cut, inside]) => {
          const found = [...document.querySelectorAll('mark.cm-span')];
          const text = found.map(el => el.textContent).join('');
          return text && (cut ? text.startsWith(words) : text === words)
            && (!inside || found.every(el => el.closest('.cm-c, .cm-article').id === inside));
        }""",
        arg=[words.removesuffix("…"), words.endswith("…"), inside],
    )
    comes_into_view(page, "mark.cm-span")
