"""Signing in for real: page, provider and Chromium on loopback, from the door through the redirects and out again."""

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ingest.dump import to_json
from rag.settings import Settings
from tests.browser.acting import ask, ready, settled
from tests.browser.conftest import SCRIPT, Opener, Served, running
from tests.builders import debate
from tests.openid import Provider
from tests.ports import free_port
from tests.required import missing
from ui.page import SECRETS

pytestmark = [pytest.mark.browser, pytest.mark.server]

PEOPLE = {
    "Ann": {"name": "Ann Poe", "email": "ann@example.org", "email_verified": True},
    "Eve": {"name": "Eve <b>", "email": "eve@evil.test", "email_verified": True},
    "Unverified": {"name": "Ann Poe", "email": "ann@example.org", "email_verified": False},
}


@dataclass
class Guarded:
    page: Served
    provider: Provider


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    if importlib.util.find_spec("authlib") is None:
        missing("Authlib", "pip install -e '.[sign-in]'")
    home, port = tmp_path / "home", free_port()
    home.mkdir()
    (home / "plan.json").write_text(json.dumps({"threads": [to_json(debate())]}), "utf-8")
    provider = Provider(f"http://127.0.0.1:{port}/oauth2callback", PEOPLE)
    lines = {
        "redirect_uri": f"http://127.0.0.1:{port}/oauth2callback",
        "cookie_secret": "a long random text of this test",
        "client_id": provider.client,
        "client_secret": provider.secret,
        "server_metadata_url": f"{provider.address}/.well-known/openid-configuration",
    }
    (home / SECRETS).write_text("[auth]\n" + "".join(f'{key} = "{value}"\n' for key, value in lines.items()), "utf-8")
    settings = Settings(home=home, sign_in=True, sign_in_people="ann@example.org")
    with provider.running(), running(settings, SCRIPT, port=port) as page:
        yield Guarded(page, provider)


def knocked(guarded: Guarded, open_page: Opener, who: str) -> Page:
    """Open the page, and sign in at the provider as somebody."""
    page = open_page(guarded.page.address)
    expect(page.get_by_text("Sign in to read and ask.")).to_be_visible()
    expect(page.locator(".cm-reader, [data-testid=stChatInputTextArea]")).to_have_count(0)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=who, exact=True).click()
    page.wait_for_url(f"{guarded.page.address}/**")
    return page


def test_a_person_signs_in_comes_back_asks_and_signs_out(guarded: Guarded, open_page: Opener) -> None:
    page = ready(knocked(guarded, open_page, "Ann"))
    assert guarded.provider.log == ["chosen Ann", "token for Ann"]
    expect(page.locator(".cm-who-is-in")).to_have_text("Signed in as Ann Poe")
    ask(page, "Is the ferry queue long?")
    settled(page)
    page.reload()
    ready(page)
    expect(page.locator(".cm-who-is-in")).to_have_text("Signed in as Ann Poe")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Sign in to read and ask.")).to_be_visible()
    expect(page.locator(".cm-reader")).to_have_count(0)
    assert guarded.provider.log[-1] == "ended"
    page.reload()
    expect(page.get_by_text("Sign in to read and ask.")).to_be_visible()
    expect(page.locator(".cm-reader")).to_have_count(0)


@pytest.mark.parametrize(("who", "shown"), [("Eve", "eve@evil.test"), ("Unverified", "ann@example.org")])
def test_whoever_is_not_among_the_people_stays_outside(
    guarded: Guarded, open_page: Opener, who: str, shown: str
) -> None:
    page = knocked(guarded, open_page, who)
    expect(page.get_by_text(f"{shown} is not among the people who may come in here.")).to_be_visible()
    expect(page.locator(".cm-reader, [data-testid=stChatInputTextArea]")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Sign in to read and ask.")).to_be_visible()


def test_a_cookie_that_the_page_did_not_sign_lets_nobody_in(guarded: Guarded, open_page: Opener) -> None:
    page = ready(knocked(guarded, open_page, "Ann"))
    context = page.context
    forged = [
        {**cookie, "value": cookie["value"][:-6] + "AAAAAA"}  # type: ignore[typeddict-item]
        for cookie in context.cookies()
        if cookie["name"].startswith("_streamlit_user")
    ]
    assert forged
    assert all(cookie["httpOnly"] for cookie in forged)
    context.clear_cookies()
    context.add_cookies(forged)  # type: ignore[arg-type]
    page.reload()
    expect(page.get_by_text("Sign in to read and ask.")).to_be_visible()
    expect(page.locator(".cm-reader")).to_have_count(0)
