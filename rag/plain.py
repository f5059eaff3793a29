"""Answers and events as plain JSON data, and back: what conversations and the answers given before are stored as."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

from rag.evidence import Answer, Citation, Claim, ClaimDone, Done, Event, Evidence, Hit, Passage, Token, Understood

__all__ = ["answer_from", "answer_to", "built", "claim_from", "event_from", "event_to", "hit_from"]

T = TypeVar("T")


def answer_to(answer: Answer) -> dict[str, Any]:
    """Return an answer as plain JSON data."""
    return {**asdict(answer), "timings": dict(answer.timings)}


def answer_from(data: Mapping[str, Any]) -> Answer:
    """Read back what `answer_to` wrote. Raises KeyError, TypeError or ValueError for other data."""
    return built(
        Answer,
        data,
        claims=tuple(claim_from(claim) for claim in data["claims"]),
        rejected=tuple(claim_from(claim) for claim in data["rejected"]),
        evidence=tuple(hit_from(hit) for hit in data["evidence"]),
    )


def event_to(event: Event) -> dict[str, Any]:
    """Return an event as plain JSON data with its kind."""
    if isinstance(event, Done):
        return {"event": "done", "answer": answer_to(event.answer)}
    return {"event": type(event).__name__.casefold(), **asdict(event)}


def event_from(data: Mapping[str, Any]) -> Event:
    """Read back what `event_to` wrote. Raises KeyError, TypeError or ValueError for other data."""
    match data["event"]:
        case "understood":
            return built(Understood, data)
        case "evidence":
            return Evidence(tuple(hit_from(hit) for hit in data["hits"]), float(data["ms"]))
        case "token":
            return built(Token, data)
        case "claimdone":
            return ClaimDone(claim_from(data["claim"]))
        case "done":
            return Done(answer_from(data["answer"]))
        case other:
            raise ValueError(f"{other!r} is no event")


def claim_from(data: Mapping[str, Any]) -> Claim:
    """Read back a claim."""
    return built(Claim, data, citations=tuple(built(Citation, citation) for citation in data["citations"]))


def hit_from(data: Mapping[str, Any]) -> Hit:
    """Read back a hit."""
    passage = data["passage"]
    spans = tuple((int(start), int(end)) for start, end in passage["sentences"])
    return built(Hit, data, passage=built(Passage, passage, sentences=spans))


def built(kind: type[T], data: Mapping[str, Any], **nested: object) -> T:
    """Build a value from JSON data, lists as tuples; fields that this version does not know are left out."""
    known = {item.name for item in fields(kind)}  # type: ignore[arg-type]
    flat = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items() if key in known}
    return kind(**{**flat, **nested})
