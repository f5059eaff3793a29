"""The page: wiring of session, sidebar, conversation and reader pane. What is shown is made in the pure modules."""

from pathlib import Path

import streamlit as st

from ingest.errors import CommentariatError
from rag.settings import Settings
from ui import render, session, sidebar, signin
from ui.markup import esc, shown_name
from ui.session import Session
from ui.shelf import OpenWorkspace, Workspace
from ui.status import remote_notice
from ui.suggest import examples, follow_ups

__all__ = ["main"]

STATIC = Path(__file__).with_name("static")
POLL = 0.3  # seconds between two looks at a running answer


def _open(settings: Settings) -> Workspace:
    """Open the library; imported here because the engines are slow to import and the first paint is not to wait."""
    from rag.build import open_workspace

    return open_workspace(settings)


def main(open_workspace: OpenWorkspace = _open) -> None:
    """Draw the page once; Streamlit calls this at every rerun."""
    st.set_page_config(page_title="Commentariat", page_icon=str(STATIC / "icon.png"), layout="wide")
    st.html(STATIC / "page.css")
    shared = session.shelf(open_workspace)
    try:
        if not signin.door(shared.settings):
            return
        if not shared.wait(1.0):
            _opening()
            return
        state = session.current(shared)
        state.settle()
        state.refresh()
        sidebar.draw(state)
        if state.row is None:
            _empty(state)
        else:
            _room(state)
    except CommentariatError as error:
        st.html(f'<div class="cm-alert" role="alert"><p>{esc(error.message)}</p><p>{esc(error.remedy)}</p></div>')
        with st.container(key="cm-retry"):
            if st.button("Try again"):
                if shared.error is not None:
                    session.shelf.clear()
                st.rerun()


@st.fragment(run_every=POLL)
def _opening() -> None:
    """Say that the library is being opened, and draw the page once it is."""
    st.html('<p class="cm-wait cm-opening" role="status">Opening the library …</p>')
    if session.shelf(_open).wait(0):
        st.rerun()


def _empty(state: Session) -> None:
    st.html(
        '<div class="cm-empty"><h1>Ask the comments</h1><p>Commentariat reads an article and its comment thread, and '
        "answers questions about it. Every sentence of an answer links to the comment it rests on.</p>"
        "<p>Add a thread at the left: a saved page, an export, pasted text or an address. "
        "Or look around in the one that comes along.</p></div>"
    )
    with st.container(key="cm-sample"):
        if st.button("Open the sample thread", type="primary", disabled=state.adding is not None):
            state.add_sample()
            st.rerun()


def _room(state: Session) -> None:
    assert state.row is not None  # noqa: S101 - main drew the empty page otherwise
    assert state.desk is not None  # noqa: S101
    if st.query_params.get("c") != state.conversation:
        st.query_params["c"] = state.conversation
    st.html(
        '<div class="cm-switch" role="group" aria-label="What to show">'
        '<button type="button" data-cm="pane" data-arg="talk" aria-pressed="true">Questions</button>'
        '<button type="button" data-cm="pane" data-arg="thread" aria-pressed="false">Discussion</button></div>'
    )
    talk, read = st.columns([11, 13], gap="medium")
    with talk, st.container(key="cm-talk"):
        with st.container(key="cm-transcript"):
            st.fragment(_transcript, run_every=POLL if state.desk.busy else None)(state)
        with st.container(key="cm-ask"):
            st.html(_scope(state))
            st.chat_input(
                "Ask about this discussion",
                key="question",
                max_chars=state.shelf.settings.max_question_chars,
                on_submit=session.once(lambda: state.ask(st.session_state["question"] or "")),
            )
    with read, st.container(key="cm-read"):
        _reader(state)


def _transcript(state: Session) -> None:
    """Draw the conversation; runs by itself while an answer is on its way, and redraws the page when it has ended."""
    desk = state.desk
    if desk is None:
        return
    busy, around = desk.busy, state.surroundings()
    views = [job.view() for job in desk.jobs]
    if not views:
        st.html(_welcome(state))
    for view in views:
        last = view is views[-1] and view.answer is not None and state.row is not None
        thread = around.threads.get(state.row.id) if last and state.row else None
        more = follow_ups(view.answer, thread) if view.answer is not None and thread is not None else ()
        with st.container(key=f"cm-turn-{view.id}"):
            for part in render.turn_parts(view, around, more):
                st.html(part)
    if state.polled and not busy:
        state.polled = False
        st.rerun()
    state.polled = busy


def _welcome(state: Session) -> str:
    assert state.row is not None  # noqa: S101
    thread = state.shelf.thread(state.row)
    asks = "".join(
        f'<button type="button" class="cm-ask" data-cm="ask" data-arg="{esc(question)}">{esc(question)}</button>'
        for question in examples(thread)
    )
    return (
        f'<div class="cm-welcome"><h1>What do you want to know?</h1><p>Each sentence of an answer links to the comment '
        f'it rests on. Try:</p><div class="cm-asks">{asks}</div></div>'
    )


def _scope(state: Session) -> str:
    """Return the line over the input: who and what is asked where not simply the open thread, and where text goes."""
    model, answerer = state.shelf.workspace.model.state, state.answerer or state.shelf.settings.answerer
    parts = list(filter(None, [esc(remote_notice(model, state.shelf.settings, answerer))]))
    if state.also:
        parts.append(f"Asking {len(state.also) + 1} threads")
    for author in state.authors:
        parts.append(f"Asking {esc(shown_name(author))} alone")
    if state.branch is not None and state.row is not None:
        comment = state.shelf.thread(state.row).get(state.branch)
        parts.append(f"Asking about {comment.tag if comment else 'a branch'} and its replies")
    if state.authors or state.branch is not None:
        parts.append('<button type="button" class="cm-link" data-cm="everybody">ask everybody</button>')
    return f'<p class="cm-scope" role="status">{" · ".join(parts) or "&nbsp;"}</p>'


def _reader(state: Session) -> None:
    assert state.row is not None  # noqa: S101
    component = st.components.v2.component(
        "commentariat_reader",
        html='<div class="cm-reader" data-key=""></div>',
        js=(STATIC / "reader.js").read_text("utf-8"),
        isolate_styles=False,
    )

    def act() -> None:
        sent = st.session_state["reader"].get("act")
        if isinstance(sent, dict):
            state.act(str(sent.get("kind", "")), str(sent.get("arg", "")))

    row = state.row
    component(
        key="reader",
        data={"key": f"{row.id}@{row.revision}", "thread": row.id, "html": state.shelf.reader(row)},
        on_act_change=session.once(act),
    )


if __name__ == "__main__":
    main()
