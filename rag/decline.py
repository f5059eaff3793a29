"""Decide whether a question can be answered from what was found, and if not, why not."""

from collections.abc import Sequence

from ingest.thread import Thread
from rag.evidence import Hit, Reason
from rag.query import Query
from rag.support import Supporter

__all__ = ["decide"]


def decide(
    query: Query, hits: Sequence[Hit], threads: Sequence[Thread], supporter: Supporter | None = None
) -> Reason | None:
    """Return why the question must be declined, or None where the hits may answer it."""
    if query.ambiguous:
        return "ambiguous"
    if query.absent and not query.speakers:
        return "person_absent"
    return None if hits else "not_discussed"
