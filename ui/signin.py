"""The door of the page where signing in is switched on: Streamlit's OpenID Connect, before anything is shown."""

from collections.abc import Mapping

import streamlit as st
from streamlit.errors import StreamlitAPIException

from rag.settings import Settings
from ui.access import SignInError, admitted
from ui.markup import esc, shown_name

__all__ = ["door", "leave"]

_SET_UP = "Install `commentariat[sign-in]` and fill in secrets.toml in the library's folder; see docs/sign-in.md."


def door(settings: Settings) -> bool:
    """Tell whether this visitor may see the page; draw the door where not yet.

    Raises `SignInError` where signing in is switched on and not set up: nobody comes in then.
    """
    if not settings.sign_in:
        return True
    user: Mapping[str, object] = dict(st.user)
    if admitted(user, settings.sign_in_people):
        return True
    signed_in = user.get("is_logged_in") is True
    text = "Sign in to read and ask."
    if signed_in:
        name = shown_name(str(user.get("email") or user.get("name") or "This account"))
        text = f"<b>{esc(name)}</b> is not among the people who may come in here."
    st.html(f'<div class="cm-empty"><h1>Commentariat</h1><p role="status">{text}</p></div>')
    with st.container(key="cm-door"):
        if signed_in:
            st.button("Sign out", on_click=st.logout)
        elif st.button("Sign in", type="primary"):
            _sign_in()
    return False


def leave(settings: Settings) -> None:
    """Draw the way out, for whoever has signed in."""
    if settings.sign_in:
        user: Mapping[str, object] = dict(st.user)
        name = shown_name(str(user.get("name") or user.get("email") or ""))
        if name:
            st.html(f'<p class="cm-note cm-who-is-in">Signed in as {esc(name)}</p>')
        st.button("Sign out", width="stretch", on_click=st.logout)


def _sign_in() -> None:
    try:
        st.login()
    except StreamlitAPIException as error:  # Authlib is missing, or [auth] in secrets.toml is
        raise SignInError("Signing in is switched on and not set up.", remedy=_SET_UP) from error
