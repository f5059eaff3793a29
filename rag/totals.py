"""Exact answers about a library too large to read: from what the catalogue counts, or with what was read made plain.

A count over some threads is never told as one over all. What the catalogue counts (comments, people, threads, who
wrote how much) is exact for the whole library; anything else is counted in the threads that were read, and says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.thread import Thread
from rag import structure
from rag.evidence import Answer, Citation, Claim, Reason
from rag.people_table import Census, PeopleTable, Writer
from rag.ports import ThreadRow
from rag.query import UNNAMED, Query, StructureAsk
from rag.structure_select import select
from rag.structure_text import citation, counted, joined, noun, person

__all__ = ["answer"]

_MOST_CITED = 40
_MOST_LISTED = 60


def answer(query: Query, read: Mapping[str, Thread], rows: Sequence[ThreadRow], people: PeopleTable) -> Answer | None:
    """Answer a structure question over a library of which only `read` was read; None for a question of another kind.

    `query.scope` is that of a shortlist, or of the threads among it that the question names.
    """
    ask = query.structure
    if ask is None:
        return None
    if set(query.scope.thread_ids) != set(read):  # the question names its threads: they are counted whole
        return structure.answer(query, tuple(read.values()))
    if not query.scope.authors and query.scope.branch is None and query.scope.part == "all":
        told = _told(query, ask, read, rows, people)
        if told is not None:
            return told
    found = structure.answer(query, tuple(read.values()))
    if found is None or query.ambiguous:
        return found
    covered = Claim(
        f"The library's {len(rows):,} threads are too many to look through for this; it is counted in the"
        f" {len(read)} that {noun(len(read), 'fits', 'fit')} the question best. Choose a thread, or name it, to count"
        " there."
    )
    claims = (covered, *found.claims)
    return replace(found, claims=claims, text=" ".join(claim.text for claim in claims))


def _told(
    query: Query, ask: StructureAsk, read: Mapping[str, Thread], rows: Sequence[ThreadRow], people: PeopleTable
) -> Answer | None:
    """Answer from the catalogue's own counts, or return None where they do not tell."""
    if query.ambiguous:
        return None
    if query.absent:
        return _absent(query, people)
    plain = StructureAsk(ask.want, ask.unit, by=ask.by, rank=ask.rank, top=ask.top, about=ask.about)
    if ask != plain or UNNAMED in ask.by:
        return None
    if ask.unit == "threads" and ask.want in ("count", "extreme"):
        return _answer(query, _threads(ask, rows))
    if ask.unit == "comments" and ask.want in ("count", "whether") and ask.by:
        return _answer(query, _by_people(ask, people), _cited(ask, read))
    if ask.unit == "comments" and ask.want == "count":
        return _answer(query, f"There are {_all(people.census())}, not counting deleted or hidden ones.")
    if ask.unit == "people" and ask.want in ("count", "list") and not ask.by:
        return _answer(query, _everybody(ask, people))
    if ask.unit == "people" and ask.want == "extreme" and ask.rank in ("most", "least") and not ask.by:
        return _answer(query, _ranked(ask, people))
    return None


def _answer(query: Query, text: str, cited: tuple[Citation, ...] = (), reason: Reason | None = None) -> Answer:
    return Answer(
        question=query.question,
        text=text,
        claims=(Claim(text, cited),),
        evidence=(),
        abstained=reason is not None,
        reason=reason,
        route="structure",
        resolved=query.resolved,
    )


def _all(census: Census) -> str:
    return f"{counted(census.comments, 'comment')} in the {counted(census.threads, 'thread')} of this library"


def _absent(query: Query, people: PeopleTable) -> Answer | None:
    """Say that nobody bears a name, where the catalogue knows nobody either."""
    if any(name.startswith(("c", "C", "#")) and name[1:].isdigit() for name in query.absent):
        return None
    if people.find(list(query.absent), 1):
        return None
    names = joined(list(query.absent), "or")
    return _answer(query, f"Nobody called {names} wrote any of the {_all(people.census())}.", reason="person_absent")


def _by_people(ask: StructureAsk, people: PeopleTable) -> str:
    found = {writer.name: writer for writer in people.named(ask.by)}
    writers = [found.get(name, Writer(name, 0, 0)) for name in ask.by]
    each = [f"{person(one.name)} wrote {_share(one)}" for one in writers]
    text = f"{joined(each)}, of the {_all(people.census())}."
    if ask.want == "whether":
        return f"{'Yes' if all(one.comments for one in writers) else 'No'}: {text}"
    if len(writers) > 1:
        text += f" Together they wrote {sum(one.comments for one in writers):,}."
    return text


def _share(writer: Writer) -> str:
    return f"{counted(writer.comments, 'comment')} in {counted(writer.threads, 'thread')}"


def _cited(ask: StructureAsk, read: Mapping[str, Thread]) -> tuple[Citation, ...]:
    """Return some of the comments counted: those in the threads that were read."""
    found = select(StructureAsk("list", by=ask.by), tuple(read.values()))
    return tuple(citation(one) for one in found if one.comment.body.strip())[:_MOST_CITED]


def _everybody(ask: StructureAsk, people: PeopleTable) -> str:
    census = people.census()
    text = f"{counted(census.people, 'named person', 'named people')} wrote the {_all(census)}"
    if census.unnamed:
        text += f"; {counted(census.unnamed, 'comment bears', 'comments bear')} no name"
    if ask.want == "list":
        shown = people.ranked(_MOST_LISTED, most=True)
        text += f". Those who wrote most: {joined([f'{one.name} ({one.comments:,})' for one in shown])}"
    return f"{text}."


def _ranked(ask: StructureAsk, people: PeopleTable) -> str:
    """Name those who wrote most or least; everybody who shares the last place belongs to it."""
    wanted = min(ask.top or _MOST_LISTED, _MOST_LISTED)
    found = people.ranked(wanted + _MOST_LISTED, most=ask.rank == "most")
    if not found:
        return f"No named person wrote any of the {_all(people.census())}."
    last = found[:wanted][-1].comments
    shown = [one for place, one in enumerate(found) if place < wanted or one.comments == last]
    names = joined([f"{one.name} ({_share(one)})" for one in shown[:_MOST_LISTED]])
    more = len(shown) > _MOST_LISTED or len(shown) == len(found) == wanted + _MOST_LISTED
    names += ", and others with as many" if more else ""
    return f"{names} wrote {'most' if ask.rank == 'most' else 'least'} of the {_all(people.census())}."


def _threads(ask: StructureAsk, rows: Sequence[ThreadRow]) -> str:
    if ask.want == "count":
        return f"There are {counted(len(rows), 'thread')} in this library."
    by_people = ask.about == "people"
    unit, least = ("person" if by_people else "comment"), ask.rank == "least"
    sizes = [row.people if by_people else row.comments for row in rows]
    best = min(sizes) if least else max(sizes)
    titles = [f"“{row.title}”" for row, size in zip(rows, sizes, strict=True) if size == best]
    shown = joined([*titles[:8], *([f"{len(titles) - 8:,} more"] if len(titles) > 8 else [])])
    size = counted(best, unit, "people" if by_people else "")
    verb = "have" if len(titles) > 1 else "has"
    degree = "fewest" if least else "most"
    noun = "people" if by_people else "comments"
    return f"Of the {counted(len(rows), 'thread')} of this library, {shown} {verb} the {degree} {noun}: {size}."
