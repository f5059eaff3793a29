"""One open page: which thread is read, which are asked, the conversation. A plain object held by Streamlit."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ingest.errors import CommentariatError
from ingest.registry import load
from ingest.source import Source
from ingest.thread import Thread
from rag.evidence import Answer, Answerer, Scope
from rag.ports import ThreadRow
from rag.settings import Settings
from ui import render
from ui.adding import Adding
from ui.conversations import Saved
from ui.intake import read_source, sample
from ui.markup import shown_name
from ui.shelf import OpenWorkspace, Shelf
from ui.worker import Desk

__all__ = ["Session", "current", "once", "shelf"]

_KEY = "commentariat"


class Upload(Protocol):
    """A file as Streamlit hands it over."""

    name: str

    def getvalue(self) -> bytes:
        """Return its bytes."""
        ...


@st.cache_resource(show_spinner=False)
def shelf(_open_workspace: OpenWorkspace) -> Shelf:
    """Return what all pages of this server share."""
    return Shelf(_open_workspace, Settings.from_environment())


def once(do: Callable[[], None]) -> Callable[[], None]:
    """Return a callback that does what a person did once.

    The browser sends a click or a question in a timer of its own, and whatever it holds with each beat of a running
    answer too; so one may come twice: with a beat, in which a fragment alone is drawn, and then by itself.
    """

    def do_it() -> None:
        context = get_script_run_ctx()
        if context is None or not context.fragment_ids_this_run:
            do()

    return do_it


def current(shared: Shelf) -> "Session":
    """Return this browser session's page, making it at the first call."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Session(shared, wanted=st.query_params.get("c"))
    session = st.session_state[_KEY]
    if not isinstance(session, Session) or session.shelf is not shared:
        session = st.session_state[_KEY] = Session(shared)
    return session


@dataclass(eq=False)
class Session:
    """The state of one open page. `also` are threads asked beside the open one; `authors` narrow the question."""

    shelf: Shelf
    wanted: str | None = None
    row: ThreadRow | None = None
    also: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    branch: str | None = None
    answerer: Answerer | None = None
    adding: Adding | None = None
    said: str = ""
    conversation: str = ""
    desk: Desk | None = None
    rows: list[ThreadRow] = field(default_factory=list)
    polled: bool = False
    uploads: int = 0

    def refresh(self) -> None:
        """Read the list of threads again and keep an existing one open; the first one at the start."""
        self.rows = self.shelf.rows()
        by_id = {row.id: row for row in self.rows}
        if self.row is not None and self.row.id in by_id:
            self.row = by_id[self.row.id]
        elif self.rows:
            thread_id = self.shelf.conversations.thread_of(self.wanted) if self.wanted else None
            self.open(thread_id if thread_id in by_id else self.rows[-1].id)
        else:
            self.row, self.desk = None, None
        self.also = tuple(thread_id for thread_id in self.also if thread_id in by_id)

    def open(self, thread_id: str, conversation: str | None = None) -> None:
        """Open a thread with its latest conversation, or the one named."""
        row = next((row for row in self.rows if row.id == thread_id), None)
        if row is None or (self.row is not None and row.id == self.row.id and self.desk is not None):
            return
        self.row, self.also, self.authors, self.branch = row, (), (), None
        self._take(self.shelf.conversations.claim(row.id, self, conversation or self.wanted))
        self.wanted = None

    def begin(self) -> None:
        """Start a new conversation about the open thread."""
        if self.row is not None:
            self._take(self.shelf.conversations.fresh(self.row.id, self))

    def earlier(self) -> list[Saved]:
        """List the other saved conversations about the open thread."""
        if self.row is None:
            return []
        return [one for one in self.shelf.conversations.about(self.row.id) if one.id != self.conversation][:20]

    def resume(self, conversation: str) -> None:
        """Go on with an earlier conversation, unless another page has it open."""
        if self.row is not None:
            self._take(self.shelf.conversations.claim(self.row.id, self, conversation))

    def _take(self, conversation: str) -> None:
        if self.conversation and self.conversation != conversation:
            self.shelf.conversations.release(self.conversation)
        assert self.row is not None  # noqa: S101 - a conversation is about a thread
        self.conversation = conversation
        self.desk = self.shelf.desk(conversation, self.row.id)

    @property
    def scope(self) -> Scope:
        """Return what is asked: the open thread, those beside it, the chosen people."""
        ids = (self.row.id, *self.also) if self.row else ()
        return Scope(thread_ids=ids, authors=self.authors, branch=self.branch)

    @property
    def busy(self) -> bool:
        """Tell whether an answer or an addition is on its way."""
        return (self.desk is not None and self.desk.busy) or (self.adding is not None and not self.adding.view().ended)

    def ask(self, question: str) -> None:
        """Queue a question."""
        if self.desk is not None and question.strip():
            self.desk.ask(question, self.scope, self.answerer)

    def act(self, kind: str, arg: str) -> None:
        """Do what a click in the page asks for; unknown kinds are ignored."""
        if self.desk is None:
            return
        match kind:
            case "ask":
                self.ask(arg)
            case "again":
                self.desk.again(arg)
            case "stop":
                self.desk.stop(arg)
            case "only_author" if self.row and arg in self.shelf.colours(self.row):
                self.authors = (arg,)
            case "everybody":
                self.authors, self.branch = (), None
            case "branch" if self.row is not None:
                thread = self.shelf.thread(self.row)
                self.branch = next((c.id for c in thread.visible if c.tag == arg), None)
            case "open":
                self.show(arg)
            case "report":
                job, _, citation = arg.partition("|")
                question = next((j.question for j in self.desk.jobs if j.id == job), "")
                with self._telling():
                    self.shelf.conversations.report(question, citation)
                    self.said = "Noted. The report is kept with the library, for the evaluation."
            case _:
                pass

    def show(self, thread_id: str) -> None:
        """Show another thread in the reader pane without leaving the conversation."""
        row = next((row for row in self.rows if row.id == thread_id), None)
        if row is not None and self.row is not None and row.id != self.row.id:
            self.also = tuple(dict.fromkeys([self.row.id, *(i for i in self.also if i != row.id)]))
            self.row, self.branch = row, None

    def upload(self, file: Upload | None) -> None:
        """Add an uploaded file, and make room for the next one."""
        if file is not None and self.adding is None:
            self.uploads += 1
            self.add(file.name, file.getvalue())

    def add(self, name: str, data: bytes) -> None:
        """Add what a file holds, in the background."""
        limits = self.shelf.settings.limits

        def read() -> Sequence[Thread]:
            return load(Source(name=name, data=data, limits=limits))

        self.adding = Adding(name, read, self.shelf.workspace.library)

    def add_sample(self) -> None:
        """Add the thread that comes with the program, in the background."""
        self.adding = Adding("the sample", lambda: [sample()], self.shelf.workspace.library)

    def add_url(self, url: str) -> None:
        """Fetch a page and add the threads that it holds, in the background."""
        settings = self.shelf.settings
        if not url.startswith(("http://", "https://")):
            url = f"https://{url}"

        def read() -> Sequence[Thread]:
            return read_source(url, name=None, format_name=None, settings=settings)

        self.adding = Adding(url, read, self.shelf.workspace.library)

    def settle(self) -> bool:
        """Take over the result of an addition that has ended; tell whether there was one."""
        if self.adding is None or not self.adding.view().ended:
            return False
        view, self.adding = self.adding.view(), None
        self.said = view.error or view.result
        self.refresh()
        if view.thread_ids:
            self.open(view.thread_ids[0])
        return True

    def remove(self, thread_id: str) -> None:
        """Remove a thread from the library."""
        with self._telling():
            self.shelf.workspace.library.remove(thread_id)
            if self.row is not None and self.row.id == thread_id:
                self.row, self.desk = None, None
            self.shelf.conversations.erase_thread(thread_id)
        self.refresh()

    def rename(self, thread_id: str, title: str) -> None:
        """List a thread under another title."""
        with self._telling():
            self.said = f"Now listed as “{shown_name(self.shelf.workspace.library.rename(thread_id, title))}”."
        self.refresh()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell in the page, which goes on, why something could not be done."""
        try:
            yield
        except CommentariatError as error:
            self.said = str(error)

    def answers(self) -> list[Answer]:
        """Return the answers of the conversation, in order."""
        jobs = self.desk.jobs if self.desk else ()
        return [answer for answer in (job.view().answer for job in jobs) if answer is not None]

    def surroundings(self) -> render.Desk:
        """Return what rendering a turn needs: the threads that its citations may point into."""
        wanted = set(self.scope.thread_ids)
        for answer in self.answers():
            wanted |= {c.thread for claim in answer.claims for c in claim.citations}
            wanted |= {hit.passage.thread_id for hit in answer.evidence}
        known = [row for row in self.rows if row.id in wanted]
        return render.Desk(
            {row.id: self.shelf.thread(row) for row in known},
            {row.id: self.shelf.colours(row) for row in known},
            self.row.id if self.row else "",
            {row.id: row.title for row in known},
        )
