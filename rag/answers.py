"""Answers given before: the same question about unchanged threads is answered at once, by the same events.

A key names everything that an answer depends on. What it rests on is erased with it by the catalogue.
"""

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, fields, replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import LibraryError
from rag.chat import Engine
from rag.evidence import Answerer, Done, Event, Evidence, Scope, Token, Turn
from rag.garbage import look_when_due
from rag.plain import event_from, event_to
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.library import Library
    from rag.models import ModelSlot

__all__ = ["RememberingEngine"]

_ANSWERING = 1
"""Raise it when answers change by other means than this package's version and source."""

# Settings that no answer depends on. One that is not named here changes the key: too few answers are found, never a
# wrong one.
_ELSEWHERE = frozenset(
    {"home", "cache", "api_key", "answerer", "answer_cache", "model_threads"}
    | {"catalogue_url", "chroma_url", "chroma_token"}
    | {"max_file_bytes", "max_comments", "max_comment_chars", "allow_private_urls", "fetch_timeout"}
    | {"page_host", "page_url", "sign_in", "sign_in_people", "server_token", "max_request_bytes", "max_asks"}
    | {"endpoint_silence", "endpoint_limit", "endpoint_retry"}
)

log = logging.getLogger("commentariat.answers")


class RememberingEngine:
    """An `Engine` that gives an answer again where nothing that it rests on has changed. Safe to share."""

    def __init__(self, engine: Engine, *, library: "Library", model: "ModelSlot", settings: Settings) -> None:
        self._engine = engine
        self._library = library
        self._model = model
        self._settings = settings

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope = Scope(),  # noqa: B008 - frozen
        answerer: Answerer | None = None,
        *,
        fresh: bool = False,
    ) -> Iterator[Event]:
        """Yield the events of `Engine.ask`, or those of the same answer given before, without drafts, and marked.

        `fresh` asks for a new answer, which takes the old one's place. Raises what `Engine.ask` raises.
        """
        try:
            yield from self._asked(question, history, scope, answerer, fresh=fresh)
        finally:
            look_when_due()

    def _asked(
        self, question: str, history: Sequence[Turn], scope: Scope, answerer: Answerer | None, *, fresh: bool
    ) -> Iterator[Event]:
        started = time.perf_counter()
        rests_on = self._rests_on(history, scope) if self._settings.answer_cache else {}
        if not rests_on:
            yield from self._engine.ask(question, history, scope, answerer)
            return
        key = self._key(question, history, scope, answerer, rests_on)
        given = None if fresh else self._recall(key)
        if given is not None:
            yield from _again(given, started)
            return
        kept: list[Event] = []
        with closing(self._engine.ask(question, history, scope, answerer)) as events:  # type: ignore[type-var]
            for event in events:
                if not isinstance(event, Token):
                    kept.append(event)
                if isinstance(event, Done) and not event.answer.notes:  # a note tells what went wrong on the way
                    self._remember(key, rests_on, kept)
                yield event

    def _rests_on(self, history: Sequence[Turn], scope: Scope) -> dict[str, int]:
        """Return the revisions of the threads that an answer may hold words of; empty where one is not there."""
        if not scope.thread_ids:
            return {"": self._library.catalogue.revision()}
        cited = [citation.thread for turn in history for citation in turn.citations]
        wanted = list(dict.fromkeys((*scope.thread_ids, *cited)))
        known = {row.id: row.revision for row in self._library.threads()}
        return {name: known[name] for name in wanted} if all(name in known for name in wanted) else {}

    def _key(
        self,
        question: str,
        history: Sequence[Turn],
        scope: Scope,
        answerer: Answerer | None,
        rests_on: Mapping[str, int],
    ) -> str:
        settings = {
            field.name: str(getattr(self._settings, field.name))
            for field in fields(self._settings)
            if field.name not in _ELSEWHERE
        }
        parts = (
            _code(),
            question.strip(),
            [asdict(turn) for turn in history],
            asdict(scope),
            sorted(rests_on.items()),
            self._phrased_by(answerer),
            self._library.encoder.name,
            settings,
        )
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _phrased_by(self, answerer: Answerer | None) -> list[object]:
        """Return who phrases an answer: nobody, or a model told from any other."""
        wanted = answerer or self._settings.answerer
        if wanted == "quotes" or (wanted == "auto" and not self._model.available):
            return ["quotes"]
        state = self._model.state
        identity: list[object] = ["model", state.name, state.remote]
        if self._settings.model and not self._settings.endpoint:
            try:
                found = Path(self._settings.model).expanduser().stat()
            except OSError:
                return identity
            identity += [found.st_size, found.st_mtime_ns]
        return identity

    def _recall(self, key: str) -> list[Event] | None:
        try:
            payload = self._library.catalogue.answers.recall(key)
            events = [event_from(data) for data in json.loads(payload)] if payload is not None else []
        except LibraryError as error:
            log.info("no answer recalled: %s", error)
            return None
        except (ValueError, KeyError, TypeError) as error:
            log.warning("an answer given before cannot be read: %s", error)
            return None
        return events if events and isinstance(events[-1], Done) else None

    def _remember(self, key: str, rests_on: Mapping[str, int], events: Sequence[Event]) -> None:
        payload = json.dumps([event_to(event) for event in events], separators=(",", ":"))
        try:
            self._library.catalogue.answers.remember(key, rests_on, payload)
        except LibraryError as error:  # busy, full, read-only: the answer itself is there
            log.info("the answer is not kept: %s", error)


def _again(events: Sequence[Event], started: float) -> Iterator[Event]:
    """Yield the events of an answer given before, with the times of this one."""
    for event in events:
        now = (time.perf_counter() - started) * 1000
        if isinstance(event, Evidence):
            yield replace(event, ms=now)
        elif isinstance(event, Done):
            timings = dict.fromkeys(("evidence_ms", "first_token_ms", "total_ms"), now)
            yield Done(replace(event.answer, timings=timings, cached=True))
        else:
            yield event


@lru_cache(maxsize=1)
def _code() -> str:
    """Return what tells this version of the answering code from any other: an answer of another one is no answer."""
    try:
        release = version("commentariat")
    except PackageNotFoundError:
        release = ""
    digest = hashlib.sha256(f"{_ANSWERING} {release}".encode())
    here = Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *(here / "adapters").glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()
