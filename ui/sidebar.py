"""The sidebar: library, adding, what is asked, how it is answered."""

import re
from functools import partial

import streamlit as st

from ingest.wording import counted, noun
from rag.evidence import Answerer
from ui.export import conversation_json, conversation_markdown
from ui.markup import esc, shown_name, token
from ui.session import Session, once
from ui.signin import leave
from ui.status import status_html

__all__ = ["draw", "literal"]

MANY = 8  # threads above which there is a box to find one
LISTED = 40  # threads drawn at once; the box finds the others
FIXED = "The library's folder can be read here, not written: what is asked is not kept."

_ANSWERERS: dict[Answerer, str] = {
    "auto": "Automatic",
    "quotes": "Quotes only",
    "model": "Written by the model",
}


def literal(text: str) -> str:
    """Escape what Streamlit's labels would read as Markdown, so that a title is shown as it is."""
    return re.sub(r"([\\`*_\[\]<>$:#|~!-])", r"\\\1", text)


def draw(state: Session) -> None:
    """Draw the sidebar."""
    with st.sidebar:
        st.html('<p class="cm-brand">Commentariat</p>')
        # Containers keep every later element in its place, so that an open fold stays open when news comes.
        with st.container(key="cm-news"):
            _progress(state)
            if state.said:
                st.html(f'<p class="cm-said" role="status">{esc(state.said)}</p>')
            if not state.shelf.conversations.kept:
                st.html(f'<p class="cm-note cm-fixed">{FIXED}</p>')
        with st.container(key="cm-threads"):
            _threads(state)
        _add(state)
        if state.row is not None:
            _conversation(state)
            _answers(state)
        leave(state.shelf.settings)


def _progress(state: Session) -> None:
    if state.adding is None:
        return

    @st.fragment(run_every=0.3)
    def progress() -> None:
        adding = state.adding
        if adding is None or adding.view().ended:
            st.rerun()
            return
        view = adding.view()
        st.progress(min(view.share, 1.0), text=f"Reading {view.name[:60]} …")

    progress()


def _threads(state: Session) -> None:
    st.html('<h2 class="cm-side">Threads</h2>')
    wanted = ""
    if len(state.rows) > MANY:
        wanted = st.text_input("Find a thread", placeholder="Find a thread", label_visibility="collapsed").casefold()
    fits = [row for row in reversed(state.rows) if wanted in row.title.casefold()]
    for row in fits[:LISTED]:
        here = state.row is not None and row.id == state.row.id
        title = row.title if len(row.title) <= 70 else row.title[:69] + "…"
        with st.container(key=f"cm-row-{'on' if here else 'off'}-{token(row.id)}"):
            st.button(
                literal(title),
                key=f"open-{token(row.id)}",
                on_click=once(partial(state.open, row.id)),
                width="stretch",
            )
            facts = (
                f"{counted(row.comments, 'comment')} · {counted(row.people, 'person', 'people')} · {esc(row.source)}"
            )
            st.html(f'<p class="cm-rowfacts">{facts}</p>')

    if len(fits) > LISTED:
        rest = len(fits) - LISTED
        st.html(f'<p class="cm-note">{rest} more; find {noun(rest, "it", "them")} by name.</p>')


def _add(state: Session) -> None:
    with st.expander("Add a thread", expanded=not state.rows):
        file, paste, address = st.tabs(["File", "Paste", "Address"])
        with file:
            key = f"file-{state.uploads}"
            st.file_uploader(
                "A saved page, an export or a text file",
                key=key,
                on_change=lambda: state.upload(st.session_state.get(key)),
                disabled=state.adding is not None,
            )
        with paste, st.form("paste", border=False, clear_on_submit=True):
            name = st.text_input("Name", placeholder="What to call it")
            text = st.text_area("Text of the discussion", height=140)
            if st.form_submit_button("Add", disabled=state.adding is not None) and text.strip():
                state.add(f"{name.strip() or 'pasted'}.txt", text.encode("utf-8", "replace"))
                st.rerun()
        with address, st.form("url", border=False, clear_on_submit=True):
            url = st.text_input("Address of the page", placeholder="https://…")
            if st.form_submit_button("Fetch", disabled=state.adding is not None) and url.strip():
                state.add_url(url.strip())
                st.rerun()


def _conversation(state: Session) -> None:
    assert state.row is not None  # noqa: S101
    with st.expander("This conversation"):
        others = [row for row in state.rows if row.id != state.row.id]
        if others:
            names = {row.id: row.title for row in others}
            state.also = tuple(
                st.multiselect(
                    "Ask these threads too",
                    list(names),
                    default=[i for i in state.also if i in names],
                    format_func=lambda thread_id: names[thread_id],
                )
            )
        st.button("New conversation", on_click=once(state.begin), width="stretch")
        _earlier(state)
        answers = state.answers()
        if answers:
            threads = dict(state.surroundings().threads)
            st.download_button(
                "Export as Markdown",
                conversation_markdown(state.row.title, answers, threads),
                "conversation.md",
                "text/markdown",
                width="stretch",
            )
            st.download_button(
                "Export as JSON",
                conversation_json(state.row.title, answers, threads),
                "conversation.json",
                "application/json",
                width="stretch",
            )
        if state.row.origin.startswith(("http://", "https://")):
            again = once(partial(state.add_url, state.row.origin))
            st.button("Fetch this thread again", on_click=again, width="stretch")
        with st.form("rename", border=False):
            title = st.text_input(
                "Title in the list", value=state.row.title, key=f"title-{token(state.row.id)}", max_chars=300
            )
            if st.form_submit_button("Rename", width="stretch"):
                state.rename(state.row.id, title)
                st.rerun()
        sure = st.checkbox("I want to remove this thread from the library")
        if sure and st.button("Remove thread", width="stretch"):
            state.remove(state.row.id)
            st.rerun()


def _earlier(state: Session) -> None:
    """Draw the saved conversations about the open thread."""
    saved = {one.id: one for one in state.earlier()}
    if saved:
        chosen = st.selectbox(
            "Earlier conversations",
            list(saved),
            index=None,
            placeholder="Open an earlier one",
            format_func=lambda key: f"{shown_name(saved[key].first, limit=48)} ({saved[key].turns})",
        )
        if chosen is not None:
            state.resume(chosen)
            st.rerun()


def _answers(state: Session) -> None:
    settings = state.shelf.settings
    with st.expander("How it answers"):
        names = list(_ANSWERERS)
        chosen = st.radio(
            "Answers",
            names,
            index=names.index(state.answerer or settings.answerer),
            format_func=lambda name: _ANSWERERS[name],
            label_visibility="collapsed",
        )
        state.answerer = chosen
        st.html(
            f'<p class="cm-note">Encoder: {esc(settings.encoder)}<br>Library: {esc(settings.where)}<br>'
            "Keys: / finds, n and p walk the citations</p>"
        )
    _model(state)


def _model(state: Session) -> None:
    """Draw the model's state; it draws itself again until a model that is to be used is loaded."""
    model, answerer = state.shelf.workspace.model, state.answerer or state.shelf.settings.answerer

    def draw_state() -> None:
        st.html(status_html(model.state, answerer))

    waits = answerer != "quotes" and model.state.state in ("idle", "loading")
    st.fragment(draw_state, run_every=1.5 if waits else None)()
