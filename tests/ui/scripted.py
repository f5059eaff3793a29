"""A workspace for the page's tests: a library in memory, and an engine that answers by plain word overlap."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.errors import EndpointError, ThreadNotFound
from ingest.thread import ARTICLE, Comment, Thread
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
    Passage,
    Scope,
    Token,
    Turn,
    Understood,
)
from rag.models import ModelState
from rag.ports import ThreadRow
from rag.settings import Settings


@dataclass
class ScriptedLibrary:
    """Threads in memory behind the library's contract."""

    held: dict[str, Thread] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    def threads(self) -> list[ThreadRow]:
        return [
            ThreadRow(
                thread.id,
                self.titles.get(thread.id) or thread.title,
                thread.source,
                thread.origin,
                len(thread.visible),
                len({comment.author for comment in thread.visible if comment.author}),
                self.revisions[thread.id],
                True,
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z",
            )
            for thread in self.held.values()
        ]

    def thread(self, thread_id: str) -> Thread:
        if thread_id not in self.held:
            raise ThreadNotFound(f"There is no thread {thread_id}.", remedy="See `commentariat list`.")
        return self.held[thread_id]

    def add(self, thread: Thread, progress: Callable[[int, int], None] | None = None) -> object:
        for step in range(4):
            if progress is not None:
                progress(step + 1, 4)
        self.held[thread.id] = thread
        self.revisions[thread.id] = self.revisions.get(thread.id, 0) + 1
        return object()

    def warm(self) -> None:
        """Have nothing to load."""

    def rename(self, thread_id: str, title: str) -> str:
        self.titles[thread_id] = title
        return title or self.held[thread_id].title

    def remove(self, thread_id: str) -> bool:
        return self.held.pop(thread_id, None) is not None


@dataclass
class ScriptedEngine:
    """Quote the sentence that shares most words with the question; "break down" in it fails once.

    While the file `hold` is there an answer stays at its first word: nobody who watches it can come too late.
    """

    library: ScriptedLibrary
    hold: Path | None = None
    asked: list[tuple[str, tuple[Turn, ...], Scope, Answerer | None]] = field(default_factory=list)
    anew: int = 0

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope | None = None,
        answerer: Answerer | None = None,
        *,
        fresh: bool = False,
    ) -> Iterator[Event]:
        scope = scope or Scope()
        self.anew += fresh
        self.asked.append((question, tuple(history), scope, answerer))
        yield Understood("fact", question)
        if "break down" in question and sum(1 for asked in self.asked if asked[0] == question) == 1:
            raise EndpointError("The model server does not answer.", remedy="Start it, or choose quotes.")
        hits = self._hits(question, scope)
        yield Evidence(hits, 3.0)
        if not hits or hits[0].score < 1:
            yield Done(Answer(question, "The thread does not discuss that.", (), hits, True, "not_discussed"))
            return
        claims = []
        for hit in hits[:2]:
            claim = _claim(hit)
            for word in claim.text.split():
                yield Token(word + " ")
                while self.hold is not None and self.hold.exists():
                    time.sleep(0.02)
                    yield Token("")  # somebody may have asked to stop
            claims.append(claim)
            yield ClaimDone(claim)
        struck = Claim("Everybody agrees.", (), "struck", cause="no source supports it")
        text = " ".join(claim.text for claim in claims)
        yield Done(
            Answer(question, text, tuple(claims), hits, rejected=(struck,), route="model", timings={"total_ms": 1200.0})
        )

    def _hits(self, question: str, scope: Scope) -> tuple[Hit, ...]:
        wanted = set(re.findall(r"\w{4,}", question.lower()))
        found = []
        for thread in self.library.held.values():
            if scope.thread_ids and thread.id not in scope.thread_ids:
                continue
            for comment in thread.visible:
                if scope.authors and comment.author not in scope.authors:
                    continue
                found.append(_hit(thread, comment, wanted))
        return tuple(sorted(found, key=lambda hit: -hit.score)[:5])


def _hit(thread: Thread, comment: Comment, wanted: set[str]) -> Hit:
    spans = [match.span() for match in re.finditer(r"[^.!?\n]+[.!?]?", comment.body) if match.group().strip()]
    spans = spans or [(0, len(comment.body))]

    def shared(span: tuple[int, int]) -> int:
        return len(wanted & set(re.findall(r"\w{4,}", comment.body[span[0] : span[1]].lower())))

    best = max(spans, key=shared)
    start = best[0] + len(comment.body[best[0] : best[1]]) - len(comment.body[best[0] : best[1]].lstrip())
    body = comment.body[:4000]
    passage = Passage(f"{comment.id}@0", thread.id, comment.id, 0, len(body), body, tuple(spans), body)
    return Hit(passage, float(shared(best)), comment.author, comment.tag, (start, best[1]))


def _claim(hit: Hit) -> Claim:
    start, end = hit.best_sentence or (hit.passage.start, hit.passage.end)
    words = hit.passage.text[start:end]
    number = "article" if hit.passage.comment_id == ARTICLE else hit.number
    citation = Citation(hit.passage.thread_id, hit.passage.comment_id, number, hit.author, start, end, words)
    return Claim(f"{hit.author or 'Somebody'} says: “{words}”", (citation,), speaker=hit.author)


@dataclass
class ScriptedModel:
    """A model's slot that is ready."""

    state: ModelState = field(default_factory=lambda: ModelState("ready", "scripted", remote=False))
    available: bool = True
    warmed: int = 0

    def warm(self) -> None:
        self.warmed += 1


class ScriptedWorkspace:
    """Settings, library and engine, as `rag.build.open_workspace` returns them."""

    def __init__(self, settings: Settings, threads: Sequence[Thread] = (), hold: Path | None = None) -> None:
        self.settings = settings
        self.library = ScriptedLibrary()
        for thread in threads:
            self.library.add(thread)
        self.model = ScriptedModel()
        self.engine = ScriptedEngine(self.library, hold)

    def close(self) -> None:
        """Hold nothing, so release nothing."""
