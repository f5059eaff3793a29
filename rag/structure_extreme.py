"""Firsts and mosts from the tree: who wrote most, the longest comment, the deepest chain, the highest score."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.thread import Thread
from rag.evidence import Claim, Reason
from rag.query import UNNAMED, StructureAsk
from rag.structure_select import (
    KEYS,
    Placed,
    chain,
    depth,
    everything,
    in_time_order,
    people_of,
    score,
    select,
    word_count,
)
from rag.structure_text import citation, counted, joined, noun, person, place, tag
from rag.structure_time import days

__all__ = ["extreme"]

_MOST_TIED = 12

Draft = tuple[list[Claim], Reason | None]


def extreme(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    """Answer a superlative over people or comments; ties are all named."""
    if ask.unit == "days":
        return days(ask, threads)
    if ask.unit == "people":
        return _people(ask, threads)
    found = select(replace(ask, rank=None), threads)
    if not found:
        by = f" by {joined([person(name) for name in ask.by])}" if ask.by else ""
        return [Claim(f"There is no such comment{by} {place(threads)}.")], None
    if ask.rank in ("first", "last"):
        return _by_time(ask, found, threads)
    if ask.rank == "deepest":
        return _deepest(found, threads)
    if ask.rank in ("highest", "lowest"):
        found = [one for one in found if one.comment.score is not None]
        if not found:
            return [Claim(f"The source gives no votes for the comments {place(threads)}.")], "detail_absent"
    return _comments(ask, found, threads), None


def _claim(text: str, found: Sequence[Placed]) -> Claim:
    return Claim(text, tuple(citation(placed) for placed in found if placed.comment.body.strip()))


_WORDED = {
    "longest": ("longest", "word", "words"),
    "shortest": ("shortest", "word", "words"),
    "most_replied": ("most replied-to", "direct reply", "direct replies"),
    "most": ("most replied-to", "direct reply", "direct replies"),
    "least": ("least replied-to", "direct reply", "direct replies"),
    "highest": ("highest-scoring", "point", "points"),
    "lowest": ("lowest-scoring", "point", "points"),
}


_ORDINALS = ("", "", "second", "third", "fourth", "fifth")


def _nth(sizes: Iterable[int], place: int, first: int, *, least: bool = False) -> int:
    """Return the size at a place of a ranking, those of equal size sharing one; the last where there are fewer."""
    ranked = sorted(set(sizes), reverse=not least)
    return ranked[min(place, len(ranked)) - 1] if place > 1 and ranked else first


def _size(rank: str | None, key: int) -> int:
    """Return the number to show for a key; the keys of the smallest ones are negated."""
    return -key if rank in ("shortest", "least", "lowest") else key


def _comments(ask: StructureAsk, found: Sequence[Placed], threads: Sequence[Thread]) -> list[Claim]:
    key = KEYS[ask.rank or "longest"]
    word, unit, plural = _WORDED[ask.rank or "longest"]
    sizes = {id(one.comment): key(one) for one in found}
    ranked = sorted(found, key=lambda one: sizes[id(one.comment)], reverse=True)
    best = sizes[id(ranked[0].comment)]
    if ask.rank in ("most_replied", "most") and best == 0:
        return [Claim(f"None of the {counted(len(found), 'comment')} {place(threads)} has a reply.")]
    whose = f" by {joined([person(name) for name in ask.by])}" if ask.by else ""
    whole = f"{'those' if ask.among else 'the'} {counted(len(found), 'comment')}{whose} {place(threads)}"
    if ask.top > 1:
        shown = ranked[: ask.top]
        parts = [f"{tag(one, threads)} ({counted(_size(ask.rank, key(one)), unit, plural)})" for one in shown]
        text = f"The {len(shown)} {word} of {whole} are {joined(parts)}."
        return [_claim(text, shown)]
    if ask.place > 1:
        best, word = _nth(sizes.values(), ask.place, best), f"{_ORDINALS[ask.place]} {word}"
    tied = [one for one in ranked if sizes[id(one.comment)] == best]
    with_ = f"with {counted(_size(ask.rank, best), unit, plural)}"
    if len(tied) == 1:
        text = f"The {word} of {whole} is {tag(tied[0], threads)}, {with_}."
        return [_claim(text, tied)]
    shown = tied[:_MOST_TIED]
    more = f" and {len(tied) - len(shown):,} more" if len(tied) > len(shown) else ""
    text = (
        f"{len(tied):,} of the {counted(len(found), 'comment')}{whose} {place(threads)} are the {word}, {with_} each: "
    )
    return [_claim(f"{text}{joined([tag(one, threads) for one in shown])}{more}.", tied)]


def _by_time(ask: StructureAsk, found: list[Placed], threads: Sequence[Thread]) -> Draft:
    timed = all(one.comment.created_at for one in found)
    shown_first = found[0] if ask.rank == "first" else found[-1]
    found = in_time_order(found)
    ordered = found if ask.rank == "first" else list(reversed(found))
    how = "" if timed else " in the order of the page (the source gives no times)"
    whose = f" by {joined([person(name) for name in ask.by])}" if ask.by else ""
    kind = "reply" if ask.level == "reply" else "comment"
    kinds = counted(
        len(found), f"top-level {kind}" if ask.level == "top" else kind, "replies" if kind == "reply" else ""
    )
    shown = ordered[: max(1, ask.top)]
    parts = [
        tag(one, threads) + (f" ({(one.comment.created_at or '')[:16].replace('T', ' ')})" if timed else "")
        for one in shown
    ]
    if len(shown) > 1:
        return [
            _claim(
                f"The {ask.rank} {len(shown)} of the {kinds}{whose} {place(threads)}{how} are {joined(parts)}.", shown
            )
        ], None
    text = f"The {ask.rank} of {'those' if ask.among else 'the'} {kinds}{whose} {place(threads)}{how} is {parts[0]}"
    if shown_first.comment is not shown[0].comment and len(threads) == 1:
        text += f"; the {ask.rank} on the page is {tag(shown_first, threads)}"
    return [_claim(f"{text}.", shown)], None


def _deepest(found: Sequence[Placed], threads: Sequence[Thread]) -> Draft:
    most = max(depth(one) for one in found)
    ends = [one for one in found if depth(one) == most]
    path = chain(ends[0])
    shown = " → ".join(f"{one.comment.tag} {one.name or '(no name)'}" for one in path)
    text = f"The deepest chain {place(threads)} has {counted(len(path), 'comment')}: {shown}."
    if len(ends) > 1:
        others = counted(len(ends) - 1, "other comment stands", "other comments stand")
        text += f" {others} as deep: {joined([one.comment.tag for one in ends[1:13]])}."
    return [_claim(text, [one for one in (*path, *ends[1:13]) if one.comment.visible])], None


def _people(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    base = replace(ask, rank=None, top=1)
    if ask.rank == "most_replied":
        return _received(ask, threads)
    found = select(base, threads)
    if ask.rank in ("longest", "shortest"):
        counts: Counter[str] = Counter()
        for one in found:
            counts[one.name] += word_count(one.comment)
        return _ranked(ask, counts, found, threads, "wrote the {most} words", "word", "")
    if ask.rank in ("highest", "lowest"):
        found = [one for one in found if one.comment.score is not None]
        if not found:
            return [Claim(f"The source gives no votes for the comments {place(threads)}.")], "detail_absent"
        counts = Counter()
        for one in found:
            counts[one.name] += score(one)
        return _ranked(ask, counts, found, threads, "has the {most} points", "point", "")
    verb = "replied {most} often" if ask.level == "reply" else "commented {most}"
    if ask.to:
        verb = f"replied {{most}} often to {joined([person(name) for name in ask.to])}"
        found = [one for one in found if one.name not in ask.to]
    unit = "reply" if ask.level == "reply" or ask.to else "comment"
    return _ranked(ask, people_of(found), found, threads, verb, unit, "replies" if unit == "reply" else "")


def _received(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    replies = [one for one in everything(threads) if one.parent is not None and one.parent.author != one.comment.author]
    counts = Counter((one.parent.author or UNNAMED) for one in replies if one.parent is not None)
    return _ranked(ask, counts, replies, threads, "got the {most} replies", "reply", "replies", received=True)


def _ranked(
    ask: StructureAsk,
    counts: Counter[str],
    found: Sequence[Placed],
    threads: Sequence[Thread],
    verb: str,
    unit: str,
    plural: str,
    *,
    received: bool = False,
) -> Draft:
    """Word a ranking of people; comments without a name take no rank, since nobody knows whose they are."""
    unnamed = counts.pop(UNNAMED, 0)
    if not counts:
        return [Claim(f"No named person did so {place(threads)}.")], None
    total = sum(counts.values()) + unnamed
    least = ask.rank in ("least", "shortest", "lowest")
    ranked = sorted(counts.items(), key=lambda pair: pair[1], reverse=not least)
    if ask.top != 1:
        shown = ranked[: ask.top or 100]
        shown += [pair for pair in ranked[len(shown) : 100] if pair[1] == shown[-1][1]]
        listed = joined([f"{name} ({count:,})" for name, count in shown])
        text = f"By number of {plural or unit + 's'} {place(threads)}, of {total:,}: {listed}"
        names = {name for name, _ in shown}
    else:
        best = _nth(counts.values(), ask.place, ranked[0][1], least=least)
        tied = [name for name, count in ranked if count == best]
        if len(tied) == len(counts) > 2:
            each = counted(best, unit, plural)
            text = f"Nobody stands out {place(threads)}: each of the {len(tied):,} named people has {each}"
            return [_claim(f"{text}, of {total:,}.", [one for one in found if one.name != UNNAMED])], None
        most = "least" if least and "the" not in verb else "fewest" if least else "most"
        what = verb.format(most=f"{_ORDINALS[ask.place]} {most}" if ask.place > 1 else most)
        names = set(tied)
        people = joined(tied[:_MOST_TIED]) + (f" and {len(tied) - _MOST_TIED:,} more" if len(tied) > _MOST_TIED else "")
        each = " each" if len(tied) > 1 else ""
        what = what.replace("has the", "have the") if len(tied) > 1 else what
        text = f"{people} {what} {place(threads)}: {best:,}{each} of the {counted(total, unit, plural)}"
    if unnamed and unit in ("comment", "reply"):
        to = "to comments " if received else ""
        text += f"; {counted(unnamed, unit, plural)} {noun(unnamed, 'is', 'are')} {to}without a name"
    evidence = [
        one
        for one in found
        if ((one.parent.author if one.parent else None) if received else one.comment.author) in names
    ]
    return [_claim(f"{text}.", evidence)], None
