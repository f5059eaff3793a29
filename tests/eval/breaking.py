"""Parts of the product broken on purpose, for the tests that want to see the gate go red."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ingest.thread import Thread
from rag.evidence import Citation, Claim, Hit
from rag.query import Query
from rag.rank import Ranking
from rag.retrieve import Retriever
from rag.verify import Verifier, parse_markers

__all__ = ["break_retrieval", "swapped", "trust_everything"]


def break_retrieval(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let retrieval find the worst of fifty passages alone."""
    real = Retriever.retrieve_scored

    def worst(self: Retriever, query: Query, *, k: int = 8) -> Ranking:
        ranking = real(self, query, k=50)
        return replace(ranking, hits=tuple(reversed(ranking.hits))[:1], signals=ranking.signals[:1])

    monkeypatch.setattr(Retriever, "retrieve_scored", worst)


def trust_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the verifier believe every sentence and cite what the model marked."""

    def trusting(
        self: Verifier, sentence: str, sources: Sequence[Hit], previous: str | None = None, *, counted: bool = False
    ) -> Claim:
        marked = parse_markers(sentence)
        hits = [sources[int(number) - 1] for number in marked.ids if number.isdigit() and int(number) <= len(sources)]
        passages = [(hit, hit.passage) for hit in hits]
        citations = tuple(
            Citation(p.thread_id, p.comment_id, hit.number, hit.author, p.start, p.end, p.text) for hit, p in passages
        )
        return Claim(marked.text, citations)

    monkeypatch.setattr(Verifier, "check", trusting)


def swapped(thread: Thread, one: str, other: str) -> Thread:
    """Return a thread in which two authors have each other's comments."""
    swap = {one: other, other: one}
    comments = tuple(replace(c, author=swap.get(c.author or "", c.author)) for c in thread.comments)
    return replace(thread, comments=comments)
