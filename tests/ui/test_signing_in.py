"""Signing in: nobody sees anything of the library before, and only those listed do after."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.errors import SettingsError
from rag.settings import Settings
from tests.builders import debate
from tests.ui.test_app import over, page, state, words
from ui.access import admitted, people
from ui.page import command


def signed_in(address: str, **more: object) -> dict[str, object]:
    return {"is_logged_in": True, "email": address, **more}


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Run the page as somebody, where people must sign in."""

    def run(user: dict[str, object], listed: str = "") -> object:
        monkeypatch.setenv("COMMENTARIAT_SIGN_IN", "1")
        monkeypatch.setenv("COMMENTARIAT_SIGN_IN_PEOPLE", listed)
        app = page(over(debate()))
        app.user = user
        return app.run()

    return run


def shows_nothing(app) -> bool:  # type: ignore[no-untyped-def]
    everything = words(app) + "".join(button.label for button in app.button)
    return "commentariat" not in app.session_state and "bridge" not in everything and not app.chat_input


def test_whoever_has_not_signed_in_sees_the_door_alone(guarded) -> None:  # type: ignore[no-untyped-def]
    for user in ({}, {"is_logged_in": False}, {"email": "ann@example.org"}, {"is_logged_in": "yes"}):
        app = guarded(user)
        assert not app.exception
        assert [button.label for button in app.button] == ["Sign in"]
        assert shows_nothing(app)


def test_whoever_is_listed_comes_in_and_can_leave(guarded) -> None:  # type: ignore[no-untyped-def]
    app = guarded(signed_in("Ann@Example.org"), "ann@example.org")
    assert not app.exception
    assert state(app).row is not None
    next(button for button in app.button if button.label == "Sign out").click().run()
    assert app.user.get("is_logged_in") is not True
    assert [button.label for button in app.button] == ["Sign in"]


def test_whoever_is_not_listed_is_told_and_sees_nothing(guarded) -> None:  # type: ignore[no-untyped-def]
    app = guarded(signed_in("<b>eve@evil.test"), "ann@example.org, @example.com")
    assert "&lt;b&gt;eve@evil.test</b> is not among the people" in words(app)
    assert [button.label for button in app.button] == ["Sign out"]
    assert shows_nothing(app)


def test_a_door_that_is_not_set_up_says_how_and_lets_nobody_in(guarded) -> None:  # type: ignore[no-untyped-def]
    app = guarded({})
    app.button[0].click().run()
    assert not app.exception
    assert "docs/sign-in.md" in words(app)
    assert shows_nothing(app)


def test_the_door_is_not_there_where_signing_in_is_off() -> None:
    app = page(over(debate())).run()
    assert "Sign out" not in [button.label for button in app.button]
    assert state(app).row is not None


@pytest.mark.parametrize(
    ("user", "listed", "comes_in"),
    [
        (signed_in("ann@example.org"), "", True),
        (signed_in("ann@example.org"), "@example.org", True),
        (signed_in("ann@sub.example.org"), "@example.org", False),
        (signed_in("ann@example.org", email_verified=False), "ann@example.org", False),
        (signed_in("ann@example.org", email_verified=True), "ann@example.org", True),
        (signed_in("example.org"), "example.org", False),
        ({"is_logged_in": True}, "ann@example.org", False),
        ({}, "", False),
    ],
)
def test_who_comes_in(user: dict[str, object], listed: str, comes_in: bool) -> None:
    assert admitted(user, listed) is comes_in


def test_a_list_of_people_is_read_generously() -> None:
    assert people(" Ann@Example.org ,, @EXAMPLE.com ") == ("ann@example.org", "@example.com")


def test_the_page_listens_beyond_loopback_only_where_people_sign_in(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"anybody who reaches 0\.0\.0\.0"):
        Settings(page_host="0.0.0.0").checked()
    settings = Settings(
        home=tmp_path, page_host="0.0.0.0", sign_in=True, page_url="https://talk.example.org:8443/"
    ).checked()
    line = command(settings, 8501)
    for option in (
        "--server.address=0.0.0.0",
        "--browser.serverAddress=talk.example.org",
        f"--secrets.files={tmp_path / 'secrets.toml'}",
    ):
        assert option in line
    assert Settings(page_host="::1").checked().page_host == "::1"
    assert not any("secrets" in option for option in command(Settings(home=tmp_path), 8501))
