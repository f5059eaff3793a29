"""Answer questions in the background: plain objects that a page polls, so that no click can kill an answer.

A `Desk` holds one conversation's questions and answers them one after the other in one thread. Nothing here knows of
Streamlit; the page reads `Job.view()` as often as it likes.
"""

import itertools
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Literal

from ingest.errors import CommentariatError
from rag.evidence import (
    Answer,
    Answerer,
    Citation,
    Claim,
    ClaimDone,
    Done,
    Event,
    Evidence,
    Hit,
    Scope,
    Token,
    Turn,
    Understood,
)

__all__ = ["Ask", "Desk", "Job", "JobState", "JobView", "cited"]

JobState = Literal["queued", "running", "done", "stopped", "failed"]

Ask = Callable[..., Iterator[Event]]
"""`Engine.ask` with question, history, scope and answerer by position; `fresh=True` where it is asked again."""

HISTORY = 6
"""Earlier turns handed to the engine; older ones no longer help a follow-up."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobView:
    """What a page shows of a question at one moment. `draft` is unchecked text; `claims` are finished sentences."""

    id: str
    question: str
    state: JobState
    resolved: str = ""
    kind: str = ""
    hits: tuple[Hit, ...] = ()
    draft: str = ""
    claims: tuple[Claim, ...] = ()
    answer: Answer | None = None
    error: str = ""
    scope: Scope = field(default_factory=Scope)

    @property
    def open(self) -> bool:
        """Tell whether more is to come."""
        return self.state in ("queued", "running")


@dataclass(eq=False)
class Job:
    """One question on its way to an answer. Written by one thread, read by any."""

    id: str
    question: str
    scope: Scope = field(default_factory=Scope)
    answerer: Answerer | None = None
    fresh: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    _view: JobView = field(init=False)

    def __post_init__(self) -> None:
        self._view = JobView(self.id, self.question, "queued", scope=self.scope)

    def view(self) -> JobView:
        """Return the present state; the object is whole and never changes."""
        return self._view

    def restore(self, view: JobView) -> "Job":
        """Take over a finished state, as read from a saved conversation."""
        self._view = view
        return self

    def turn(self) -> Turn | None:
        """Return the question and answer as history for the next question, None without an answer."""
        answer = self._view.answer
        if answer is None:
            return None
        return Turn(answer.question, answer.text, cited(answer.claims))

    def set(self, **changes: object) -> None:
        """Replace parts of the view at once."""
        values = {item.name: getattr(self._view, item.name) for item in fields(JobView)}
        self._view = JobView(**{**values, **changes})


def cited(claims: Sequence[Claim]) -> tuple[Citation, ...]:
    """Return the citations of the claims, each once, in order."""
    return tuple(dict.fromkeys(itertools.chain.from_iterable(claim.citations for claim in claims)))


class Desk:
    """The questions of one conversation, answered in order by one background thread.

    `on_done` is called in that thread with every job that ends, so that it can be saved.
    """

    def __init__(self, ask: Ask, jobs: Sequence[Job] = (), on_done: Callable[[Job], None] | None = None) -> None:
        self._ask = ask
        self._jobs = list(jobs)
        self._on_done = on_done
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._number = len(self._jobs)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Return every question in order."""
        with self._lock:
            return tuple(self._jobs)

    @property
    def busy(self) -> bool:
        """Tell whether a question is running or waiting."""
        return any(job.view().open for job in self.jobs)

    def ask(self, question: str, scope: Scope | None = None, answerer: Answerer | None = None) -> Job:
        """Queue a question; it starts when those before it have ended."""
        with self._lock:
            self._number += 1
            job = Job(f"q{self._number}", question.strip(), scope or Scope(), answerer)
            self._jobs.append(job)
        self._wake()
        return job

    def again(self, job_id: str) -> None:
        """Ask a question once more in its place, with the history that stood before it, for a new answer."""
        with self._lock:
            for at, job in enumerate(self._jobs):
                if job.id == job_id and not job.view().open:
                    self._jobs[at] = Job(job.id, job.question, job.scope, job.answerer, fresh=True)
                    break
        self._wake()

    def stop(self, job_id: str) -> None:
        """End a question: a running one keeps what it has, a waiting one is dropped."""
        with self._lock:
            for job in self._jobs:
                if job.id == job_id and job.view().open:
                    job.stop.set()
                    if job.view().state == "queued":
                        job.set(state="stopped")

    def join(self, timeout: float | None = None) -> None:
        """Wait until nothing is running or waiting."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _wake(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="answers", daemon=True)
                self._thread.start()

    def _next(self) -> tuple[Job, list[Turn]] | None:
        """Take the first waiting job with the turns before it; None ends the thread."""
        with self._lock:
            turns: list[Turn] = []
            for job in self._jobs:
                if job.view().state == "queued":
                    job.set(state="running")
                    return job, turns[-HISTORY:]
                turn = job.turn()
                if turn is not None:
                    turns.append(turn)
            self._thread = None
            return None

    def _work(self) -> None:
        while (taken := self._next()) is not None:
            job, turns = taken
            _run(job, self._ask, turns)
            if self._on_done is not None:
                try:
                    self._on_done(job)
                except CommentariatError as error:
                    _log.warning("the answer could not be saved: %s", error)


def _run(job: Job, ask: Ask, turns: Sequence[Turn]) -> None:
    """Feed a job from the engine's events until done, stopped or failed. The page's one error boundary for answers."""
    try:
        again = {"fresh": True} if job.fresh else {}
        events = ask(job.question, turns, job.scope, job.answerer, **again)
        for event in events:
            _take(job, event)
            if job.stop.is_set() and not isinstance(event, Done):
                close = getattr(events, "close", None)
                if close is not None:
                    close()
                break
    except CommentariatError as error:
        job.set(state="failed", error=str(error), draft="")
    except Exception:  # noqa: BLE001 - a thread has no door above it; the reader sees an end, the log the traceback
        _log.exception("the question could not be answered")
        job.set(state="failed", error="Something went wrong inside. The log has the details; try again.", draft="")
    if job.view().state == "running":
        job.set(state="stopped", draft="")


def _take(job: Job, event: Event) -> None:
    view = job.view()
    match event:
        case Understood(kind, resolved):
            job.set(kind=kind, resolved=resolved)
        case Evidence(hits):
            job.set(hits=hits)
        case Token(text):
            job.set(draft=view.draft + text)
        case ClaimDone(claim):
            job.set(claims=(*view.claims, claim), draft="")
        case Done(answer):
            job.set(answer=answer, claims=answer.claims, hits=answer.evidence or view.hits, draft="", state="done")
