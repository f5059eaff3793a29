"""An answer as the doors print it: plain text with markers, and the JSON objects of answers and of their events."""

from collections.abc import Sequence
from typing import Any

from rag.evidence import Answer, Citation, Claim, ClaimDone, Done, Event, Evidence, Hit, Token, Understood

__all__ = ["answer_json", "claim_text", "event_json", "told"]


def claim_text(claim: Claim, *, limit: int = 6) -> str:
    """Return a claim with the numbers of the comments it rests on: `Ada doubts it. [c1]`."""
    numbers = list(dict.fromkeys(citation.number for citation in claim.citations))
    marks = "".join(f"[{number}]" for number in numbers[:limit])
    if len(numbers) > limit:
        marks += f"[+{len(numbers) - limit}]"
    return f"{claim.text} {marks}".strip()


def told(claims: Sequence[Claim]) -> str:
    """Return claims as one reads them, a line each."""
    return "\n".join(claim_text(claim) for claim in claims)


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return the object that `ask --json` prints; `claims` holds what is shown, struck ones stand in `rejected`."""
    return {
        "question": answer.question,
        "resolved": answer.resolved or answer.question,
        "answer": answer.text,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "route": answer.route,
        "claims": [_claim(claim) for claim in answer.claims],
        "evidence": [_hit(hit) for hit in answer.evidence],
        "rejected": [{**_claim(claim), "cause": claim.cause} for claim in answer.rejected],
        "timings": {name: round(answer.timings[name], 1) for name in sorted(answer.timings)},
        "prompt_tokens": answer.prompt_tokens,
        "notes": list(answer.notes),
        "cached": answer.cached,
    }


def event_json(event: Event) -> dict[str, Any]:
    """Return an event as an object with its `type`: understood, evidence, token, claim or done."""
    match event:
        case Understood():
            return {
                "type": "understood",
                "kind": event.kind,
                "resolved": event.resolved,
                "people": list(event.people),
            }
        case Evidence():
            return {"type": "evidence", "hits": [_hit(hit) for hit in event.hits], "ms": round(event.ms, 1)}
        case Token():
            return {"type": "token", "text": event.text}
        case ClaimDone():
            return {"type": "claim", **_claim(event.claim)}
        case Done():
            return {"type": "done", "answer": answer_json(event.answer)}


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "thread": hit.passage.thread_id,
        "comment": hit.passage.comment_id,
        "number": hit.number,
        "author": hit.author,
        "text": hit.passage.text,
        "score": round(hit.score, 4),
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "text": claim.text,
        "status": claim.status,
        "speaker": claim.speaker,
        **({"cause": claim.cause} if claim.cause and claim.status == "repaired" else {}),
        "citations": [_citation(citation) for citation in claim.citations],
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "thread": citation.thread,
        "comment": citation.comment,
        "number": citation.number,
        "author": citation.author,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }
