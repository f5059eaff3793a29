"""Scripted engines and short answers for the evaluation's tests."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.cases import Case
from ingest.thread import Thread
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
)


def case(**fields: Any) -> Case:
    values = {"id": "x", "kind": "who_said", "q": "What does Ada say?", **fields}
    return Case(**{"raw": json.loads(json.dumps(values)), **values})


def cite(thread: Thread, number: int, quote: str) -> Citation:
    comment = thread.get(f"t:{number}")
    assert comment is not None
    start = comment.body.index(quote)
    return Citation(thread.id, comment.id, comment.tag, comment.author, start, start + len(quote), quote)


def hit(thread: Thread, number: int) -> Hit:
    comment = thread.get(f"t:{number}")
    assert comment is not None
    passage = Passage(
        id=f"{comment.id}/0",
        thread_id=thread.id,
        comment_id=comment.id,
        start=0,
        end=len(comment.body),
        text=comment.body,
        sentences=((0, len(comment.body)),),
        embedded=comment.body,
    )
    return Hit(passage, 1.0, comment.author, comment.tag)


def said(question: str, *claims: Claim, hits: Sequence[Hit] = (), **fields: Any) -> Answer:
    text = " ".join(claim.text for claim in claims)
    return Answer(question=question, text=text, claims=claims, evidence=tuple(hits), **fields)


@dataclass
class ScriptedEngine:
    """Answers each question as scripted; a scripted exception is raised."""

    script: Mapping[str, Answer | Exception]

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope = Scope(),  # noqa: B008
        answerer: Answerer | None = None,
    ) -> Iterator[Event]:
        answer = self.script[question]
        if isinstance(answer, Exception):
            raise answer
        yield Evidence(answer.evidence, 1.0)
        for claim in answer.claims:
            yield Token(claim.text)
            yield ClaimDone(claim)
        yield Done(answer)
