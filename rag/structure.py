"""Exact answers from the tree: counts, lists, who answered whom, firsts and mosts, times, votes. No model.

Every answer carries the comments behind it as citations and the denominator in its text. Replies are counted by the
likely parent; deleted and hidden comments are not counted.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ingest.thread import Thread
from rag.citing import cite, quoted
from rag.evidence import Answer, Citation, Claim, Reason
from rag.names import merged, nearest
from rag.query import UNNAMED, Query, StructureAsk, Want
from rag.structure_article import article_field, thread_answer
from rag.structure_extreme import extreme
from rag.structure_people import people_answer, whether
from rag.structure_quotes import sources
from rag.structure_select import Placed, chain, depth, everything, people_of, select, timed, word_count
from rag.structure_text import citation, counted, denominator, joined, person, place, predicates, tag
from rag.structure_time import days, no_times, unbounded

__all__ = ["answer"]

_MOST_LISTED = 40
_MOST_QUOTED = 12
_MOST_WHOLE = 4

Draft = tuple[list[Claim], Reason | None]


def answer(query: Query, threads: Sequence[Thread]) -> Answer | None:
    """Answer a structure question from the tree, or return None where the question is of another kind.

    Abstains with a reason where a person is not there (the nearest names are offered), where a name fits several
    people, and where the source has no votes, times or other such detail.
    """
    ask = query.structure
    if ask is None:
        return None
    inside = [thread for thread in threads if not query.scope.thread_ids or thread.id in query.scope.thread_ids]
    if not inside:
        return _answer(query, [Claim("There is no thread to count in.")], "detail_absent")
    if query.ambiguous:
        names = joined([person(name) for name in query.ambiguous], "or")
        return _answer(query, [Claim(f"Several people fit that name: {names}. Whom do you mean?")], "ambiguous")
    if query.absent:
        return _answer(query, [_absent(query, inside)], "person_absent")
    if ask.article:
        claims, reason = article_field(ask, inside)
    elif ask.unit == "threads":
        claims, reason = thread_answer(ask, inside)
    else:
        claims, reason = unbounded(ask, inside) or _WANTS[ask.want](_in_scope(ask, query), inside)
    return _answer(query, [*claims, *_notes(ask, claims, inside)] if reason is None else claims, reason)


def _in_scope(ask: StructureAsk, query: Query) -> StructureAsk:
    """Narrow a question to the people that the reader has chosen; a branch is a thread of its own by now."""
    told_apart = ask.unit == "comments" or (ask.unit == "people" and (ask.to or ask.to_comments or ask.mention))
    if query.scope.authors and not ask.by and ask.want != "whether" and told_apart:
        ask = replace(ask, by=query.scope.authors)
    return ask


def _answer(query: Query, claims: Sequence[Claim], reason: Reason | None) -> Answer:
    return Answer(
        question=query.question,
        text=" ".join(claim.text for claim in claims),
        claims=tuple(claims),
        evidence=(),
        abstained=reason is not None,
        reason=reason,
        route="structure",
        resolved=query.resolved,
    )


def _absent(query: Query, threads: Sequence[Thread]) -> Claim:
    people = merged(threads)
    near = list(dict.fromkeys(name for absent in query.absent for name in nearest(absent, people)))
    comments = len(everything(threads))
    numbered = [name for name in query.absent if (name.lower().startswith("c") and name[1:].isdigit()) or "#" in name]
    if numbered and len(numbered) == len(query.absent):
        return Claim(f"There is no {joined(numbered, 'or')} among the {counted(comments, 'comment')} {place(threads)}.")
    text = (
        f"Nobody called {joined(list(query.absent), 'or')} commented {place(threads)} ({counted(comments, 'comment')})."
    )
    return Claim(
        text + (f" The nearest {'name is' if len(near) == 1 else 'names are'} {joined(near)}." if near else "")
    )


def _tags(ask: StructureAsk, threads: Sequence[Thread]) -> list[str]:
    return [tag(placed, threads) for placed in everything(threads) if placed.comment.id in (*ask.to_comments,)]


def _cited(found: Sequence[Placed]) -> tuple[Citation, ...]:
    return tuple(citation(placed) for placed in found if placed.comment.body.strip())


def _count(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    other = {
        "people": people_answer,
        "addressees": people_answer,
        "levels": _levels,
        "words": _words,
        "votes": _votes,
        "days": days,
        "missing": _missing,
    }
    if ask.unit in other:
        return other[ask.unit](ask, threads)
    found = select(ask, threads)
    total = len(everything(threads))
    said = predicates(ask, len(found), _tags(ask, threads))
    if not said:
        hidden = sum(len(thread.comments) - len(thread.visible) for thread in threads)
        text = f"There {'is' if total == 1 else 'are'} {counted(total, 'comment')} {place(threads)}"
        text += f", not counting {counted(hidden, 'deleted or hidden one')}." if hidden else "."
        return [Claim(text, _cited(found))], None
    text = f"{_share(ask, len(found), threads)} {' and '.join(said)}{_detail(ask, found, total, threads)}."
    return [Claim(text, _cited(found))], None


def _share(ask: StructureAsk, number: int, threads: Sequence[Thread]) -> str:
    """Write a share with its denominator, which is the last answer's comments where those alone are meant."""
    total = len(everything(threads))
    if not ask.among:
        return denominator(number, total, threads)
    those = f"those {counted(len(ask.among), 'comment')}" if len(ask.among) > 1 else "that comment"
    return f"{f'{number:,}' if number else 'None'} of {those} {place(threads)}"


def _detail(ask: StructureAsk, found: Sequence[Placed], total: int, threads: Sequence[Thread]) -> str:
    """Add to a count what belongs to it: each person's part, the percentage, who mentioned it, which they are."""
    text = ""
    if len(ask.by) > 1 and found and not ask.to:
        each = people_of(found)
        text += f": {joined([f'{person(name)} {each[name]:,}' for name in ask.by])}"
    if ask.share and total:
        text += f", that is {100 * len(found) / total:.0f}%"
    if ask.mention:
        writers = {placed.name for placed in found} - {UNNAMED}
        unnamed = sum(placed.name == UNNAMED for placed in found)
        text += f" in {'its' if len(found) == 1 else 'their'} own words"
        text += f", by {counted(len(writers), 'named person', 'named people')}" if writers else ""
        text += f" and {counted(unnamed, 'comment')} without a name" if unnamed and writers else ""
    elif found and len(found) <= _SHORT and (ask.to or ask.to_comments):
        text += f": {joined([tag(placed, threads) for placed in found])}"
    return text


_SHORT = 6


def _listed(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    if ask.unit in ("people", "addressees"):
        return people_answer(ask, threads)
    found = select(ask, threads)
    total = len(everything(threads))
    said = predicates(ask, len(found), _tags(ask, threads))
    head = f"{_share(ask, len(found), threads)} {' and '.join(said)}" if said else (
        f"There {'is' if total == 1 else 'are'} {counted(total, 'comment')} {place(threads)}"
    )  # fmt: skip
    if not found:
        return [Claim(f"{head}.")], None
    if len(found) > _MOST_QUOTED:
        shown = found[:_MOST_LISTED]
        left = [f"{len(found) - len(shown):,} more"] if len(found) > len(shown) else []
        return [Claim(f"{head}: {joined([*(tag(one, threads) for one in shown), *left])}.", _cited(found))], None
    return [Claim(f"{head}.", _cited(found)), *(_quoted(one, threads) for one in found)], None


def _whole(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    """Quote comments in full."""
    found = [placed for placed in select(ask, threads) if placed.comment.body.strip()]
    if not found:
        return [Claim("That answer rests on no comment that could be quoted.")], "detail_absent"
    claims = []
    for placed in found[:_MOST_WHOLE]:
        cited = cite(placed.thread, placed.comment.id, (0, len(placed.comment.body)))
        text = f"{tag(placed, threads)}: {quoted(cited.quote)}"
        claims.append(Claim(text, (cited,), speaker=placed.comment.author))
    if len(found) > len(claims):
        rest = found[len(claims) :]
        claims.append(Claim(f"The answer rests on {counted(len(rest), 'more comment')}.", _cited(rest)))
    return claims, None


def _quoted(placed: Placed, threads: Sequence[Thread]) -> Claim:
    cited = citation(placed)
    return Claim(f"{tag(placed, threads)}: “{cited.quote}”", (cited,), speaker=placed.comment.author)


def _levels(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    found = select(ask, threads)
    if not found:
        return [Claim(f"There are no comments {place(threads)}.")], None
    deepest = max(found, key=depth)
    path = chain(deepest)
    if len(path) == 1:
        return [Claim(f"Nobody replies to anybody {place(threads)}: there is 1 level.", _cited(path))], None
    shown = " → ".join(one.comment.tag for one in path)
    text = (
        f"The comments {place(threads)} go {len(path)} levels deep: {tag(deepest, threads)} stands"
        f" {counted(len(path) - 1, 'reply', 'replies')} below the top-level comment {path[0].comment.tag} ({shown})."
    )
    return [Claim(text, _cited([one for one in path if one.comment.visible]))], None


def _words(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    found = select(ask, threads)
    words = sum(word_count(placed.comment) for placed in found)
    whole = everything(threads)
    total = sum(word_count(placed.comment) for placed in whole)
    if ask.ids and found:
        parts = [f"{tag(one, threads)} has {counted(word_count(one.comment), 'word')}" for one in found]
        return [Claim(f"{joined(parts)}.", _cited(found))], None
    if len(found) == len(whole):
        text = f"The {counted(len(whole), 'comment')} {place(threads)} have {counted(total, 'word')} in all."
        return [Claim(text, _cited(found))], None
    said = " and ".join(predicates(ask, len(found), _tags(ask, threads)))
    text = (
        f"{denominator(len(found), len(whole), threads)} {said};"
        f" {'it has' if len(found) == 1 else 'they have'} {words:,} of the {total:,} words."
    )
    return [Claim(text, _cited(found))], None


def _votes(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    found = [placed for placed in select(ask, threads) if placed.comment.score is not None]
    if not found:
        return [
            Claim(f"The source gives no votes for {'that' if ask.ids else 'the'} comments {place(threads)}.")
        ], "detail_absent"
    if len(found) <= _SHORT:
        parts = [f"{tag(one, threads)} has a score of {one.comment.score}" for one in found]
        text = joined(parts)
        if len(found) > 1:
            text += f", {sum(one.comment.score or 0 for one in found):,} together"
        return [Claim(f"{text}.", _cited(found))], None
    total = sum(one.comment.score or 0 for one in found)
    whole = len(everything(threads))
    said = " and ".join([*predicates(ask, len(found), ()), "have a score"])
    text = f"{denominator(len(found), whole, threads)} {said}; {total:,} in all."
    return [Claim(text, _cited(found))], None


def _missing(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    """Tell how many comments the source says exist and the file lacks."""
    number = sum(thread.missing or 0 for thread in threads)
    if not number and any(thread.missing is None for thread in threads):
        return [Claim(f"The source does not tell whether comments are missing {place(threads)}.")], "detail_absent"
    text = f"The source has {counted(number, 'more comment')} that this file lacks."
    return [Claim(text if number else f"No comment is missing {place(threads)}.")], None


def _time(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    found = select(ask, threads)
    dated = timed(found)
    if not dated:
        return no_times(threads)
    by = f" by {joined([person(name) for name in ask.by])}" if ask.by else ""
    if len(dated) == 1 or ask.ids:
        parts = [f"{tag(one, threads)} was written at {_moment(one)}" for one in dated]
        return [Claim(f"{joined(parts)}.", _cited(dated))], None
    if ask.rank in ("first", "last"):
        one = dated[0] if ask.rank == "first" else dated[-1]
        text = (
            f"The {ask.rank} of the {counted(len(dated), 'dated comment')}{by} {place(threads)} is {tag(one, threads)}"
        )
        text += f", at {_moment(one)}."
        return [Claim(text, _cited([one]))], None
    if ask.rank is not None:
        chosen, reason = extreme(replace(ask, want="extreme"), threads)
        ids = tuple(one.comment for claim in chosen for one in claim.citations)
        return (chosen, reason) if reason else _time(replace(ask, rank=None, ids=ids), threads)
    ends = [dated[0], dated[-1]]
    text = (
        f"The {counted(len(dated), 'dated comment')}{by} {place(threads)} run from {_moment(ends[0])}"
        f" ({tag(ends[0], threads)}) to {_moment(ends[1])} ({tag(ends[1], threads)})."
    )
    return [Claim(text, _cited(ends))], None


def _moment(placed: Placed) -> str:
    moment = (placed.comment.created_at or "").replace("T", " ")
    return moment.removesuffix("Z").removesuffix("+00:00").split(".")[0]


def _notes(ask: StructureAsk, claims: Sequence[Claim], threads: Sequence[Thread]) -> list[Claim]:
    """Add what a reader must know beside the number: replies placed by evidence, comments that the file lacks."""
    notes = []
    cited = {one.comment for claim in claims for one in claim.citations}
    moved = [one for one in everything(threads) if one.moved and one.comment.id in cited and one.parent is not None]
    if moved and (
        ask.to
        or ask.to_comments
        or ask.unit == "addressees"
        or ask.want == "whether"
        or ask.rank in ("most_replied", "deepest")
    ):
        parts = [
            f"{one.comment.tag} is counted as a reply to {one.parent.tag if one.parent else ''}" for one in moved[:3]
        ]
        them = "it" if len(moved) == 1 else "them"
        text = f"By what it says, {joined(parts)}, although the source displays {them} elsewhere."
        notes.append(Claim(text, _cited(moved[:3])))
    missing = sum(thread.missing or 0 for thread in threads)
    if missing and ask.unit != "missing" and ask.want in ("count", "list") and not ask.ids:
        notes.append(Claim(f"The source has {counted(missing, 'more comment', 'more comments')} that this file lacks."))
    return notes


_WANTS: dict[Want, Callable[[StructureAsk, Sequence[Thread]], Draft]] = {
    "count": _count,
    "list": _listed,
    "whether": whether,
    "extreme": extreme,
    "time": _time,
    "whole": _whole,
    "field": article_field,
    "source": sources,
}
