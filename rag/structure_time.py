"""Times of comments: those within bounds, and how many were written on which day."""

from collections import Counter
from collections.abc import Sequence

from ingest.thread import Thread
from rag.evidence import Claim, Reason
from rag.query import StructureAsk
from rag.structure_select import everything, limit, ordered, select, timed
from rag.structure_text import citation, counted, joined, place

__all__ = ["days", "no_times", "unbounded"]

Draft = tuple[list[Claim], Reason | None]

_MOST_DAYS = 60


def no_times(threads: Sequence[Thread]) -> Draft:
    """Say that the source gives no times."""
    return [Claim(f"The source gives no times for the comments {place(threads)}.")], "detail_absent"


def unbounded(ask: StructureAsk, threads: Sequence[Thread]) -> Draft | None:
    """Say why a question's bounds in time cannot be drawn; None where they can."""
    dated = any(placed.comment.created_at for placed in everything(threads))
    if (ask.on or ask.unit == "days" or any(window.day for window in ask.windows)) and not dated:
        return no_times(threads)
    for window in ask.windows:
        if not window.day and not ordered(threads):
            return no_times(threads)
        if all(limit(window, thread) is None for thread in threads):
            who = joined(window.by, "or") or "Nobody meant"
            return [Claim(f"{who} did not comment {place(threads)}.")], "detail_absent"
    return None


def days(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    """Answer on which day most or fewest comments were written, or how many on each."""
    dated = timed(select(ask, threads))
    if not dated:
        return no_times(threads)
    counts = Counter((one.comment.created_at or "")[:10] for one in dated)
    whole = f"the {counted(len(dated), 'dated comment')} {place(threads)}"
    if ask.want != "extreme" or ask.top != 1:
        listed = joined([f"{day} ({count:,})" for day, count in sorted(counts.items())[:_MOST_DAYS]])
        more = f", and {len(counts) - _MOST_DAYS:,} more days" if len(counts) > _MOST_DAYS else ""
        text = f"{whole[:1].upper()}{whole[1:]} were written on {counted(len(counts), 'day')}: {listed}{more}."
        return [Claim(text, tuple(citation(one) for one in dated if one.comment.body.strip()))], None
    size = (min if ask.rank == "least" else max)(counts.values())
    chosen = sorted(day for day, count in counts.items() if count == size)
    found = [one for one in dated if (one.comment.created_at or "")[:10] in chosen]
    each = " each" if len(chosen) > 1 else ""
    word = "Fewest" if ask.rank == "least" else "Most"
    text = f"{word} of {whole} were written on {joined(chosen)}: {size:,}{each}."
    return [Claim(text, tuple(citation(one) for one in found if one.comment.body.strip()))], None
