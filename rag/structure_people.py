"""People from the tree: who commented, who answered whom, and whether somebody did."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ingest.thread import Comment, Thread
from rag.evidence import Claim, Reason
from rag.query import UNNAMED, StructureAsk
from rag.structure_select import Placed, everything, people_of, select
from rag.structure_text import citation, counted, day, denominator, joined, noun, person, place, tag, unnamed_people

__all__ = ["people_answer", "whether"]

_MOST_NAMES = 60
_SHOWN = 20  # comments told one by one

Draft = tuple[list[Claim], Reason | None]


def people_answer(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    """Count or list the people who pass a question's filters, named and unnamed apart."""
    if ask.ids and ask.unit == "people" and not ask.to_comments:
        return _authors(ask, threads), None
    if ask.unit == "addressees":
        return _addressees(ask, threads)
    found = select(ask, threads)
    if ask.to and not ask.by:
        found = [placed for placed in found if placed.name not in ask.to or placed.name == UNNAMED]
    counts = people_of(found)
    if ask.exactly or ask.at_least:
        keep = {n for n, c in counts.items() if (c == ask.exactly if ask.exactly else c >= ask.at_least)}
        found = [placed for placed in found if placed.name in keep and placed.name != UNNAMED]
        counts = people_of(found)
    if ask.negated:
        return _left_over(ask, counts, threads)
    return _told(ask, found, counts, threads), None


def _claim(text: str, found: Sequence[Placed]) -> Claim:
    return Claim(text, tuple(citation(placed) for placed in found if placed.comment.body.strip()))


def _names(counts: Counter[str]) -> list[str]:
    return [name for name in counts if name != UNNAMED]


def _told(ask: StructureAsk, found: Sequence[Placed], counts: Counter[str], threads: Sequence[Thread]) -> list[Claim]:
    names = _names(counts)
    unnamed = counts[UNNAMED]
    doing = _doing(ask, threads)
    total = len(everything(threads))
    if not names and not unnamed:
        return [Claim(f"Nobody {doing} {place(threads)} ({counted(total, 'comment')}).")]
    plain = not (ask.to or ask.to_comments or ask.mention or ask.exactly or ask.at_least or ask.on)
    plain = plain and ask.level == "all" and ask.answered is None
    if plain and ask.named is False:
        who = unnamed_people(unnamed)
        stand = noun(unnamed, "stands", "stand")
        return [_claim(f"{who[:1].upper()}{who[1:]} {stand} {place(threads)}.", found)]
    head = counted(len(names), "named person", "named people")
    text = f"{head} {doing}" if names else f"No named person {doing}"
    text += f" {place(threads)}"
    text += (
        f" ({counted(total, 'comment')} in all)"
        if plain
        else f" (in {len(found):,} of the {counted(total, 'comment')})"
    )
    if names and (ask.want == "list" or len(names) <= 12):
        shown = [_with_count(name, counts, ask, found) for name in names[:_MOST_NAMES]]
        more = [f"{len(names) - _MOST_NAMES:,} more"] if len(names) > _MOST_NAMES else []
        text += f": {joined([*shown, *more])}"
    if unnamed:
        text += f"; besides, there {noun(unnamed, 'is', 'are')} {unnamed_people(unnamed)}"
        if not plain and unnamed <= 6:
            text += f": {joined([one.comment.tag for one in found if one.name == UNNAMED])}"
    return [_claim(f"{text}.", found)]


def _with_count(name: str, counts: Counter[str], ask: StructureAsk, found: Sequence[Placed]) -> str:
    if ask.to or ask.to_comments:
        tags = [one.comment.tag for one in found if one.name == name]
        return f"{name} ({', '.join(tags[:5])}{', …' if len(tags) > 5 else ''})"
    return f"{name} ({counts[name]:,})"


def _doing(ask: StructureAsk, threads: Sequence[Thread]) -> str:
    """Say what the people counted did."""
    if ask.to_comments:
        tags = [tag(one, threads) for one in everything(threads) if one.comment.id in ask.to_comments]
        about = f" (what fits “{ask.about}” best)" if ask.about else ""
        return f"{'wrote below' if ask.branch else 'replied to'} {joined(tags, 'or') or 'that comment'}{about}"
    if ask.to:
        return f"replied to {joined([person(name) for name in ask.to], 'or')}"
    if ask.mention:
        return f"mentioned “{ask.mention}” in their own words"
    if ask.exactly:
        return f"wrote exactly {counted(ask.exactly, 'comment')}"
    if ask.at_least:
        return f"wrote at least {counted(ask.at_least, 'comment')}"
    if ask.level == "reply":
        return "replied to somebody"
    if ask.level == "top":
        return "wrote a top-level comment"
    if ask.answered is False:
        return "wrote a comment that got no reply"
    if ask.on:
        return f"commented {day(ask.on)}"
    return "commented"


def _left_over(ask: StructureAsk, counts: Counter[str], threads: Sequence[Thread]) -> Draft:
    """Name the people who did not do it."""
    everybody = people_of(everything(threads))
    named = _names(everybody)
    left = [name for name in named if name not in counts and name not in ask.to]
    doing = "got a reply" if ask.unit == "addressees" else _doing(ask, threads)
    people = counted(len(named), "named person", "named people")
    if not left:
        return [Claim(f"Every one of the {people} {place(threads)} {doing}.")], None
    never = doing.replace("somebody", "anybody")
    text = f"{len(left):,} of the {people} {place(threads)} never {never}: {joined(left[:_MOST_NAMES])}"
    evidence = [placed for placed in everything(threads) if placed.name in left]
    return [_claim(f"{text}.", evidence)], None


def _authors(ask: StructureAsk, threads: Sequence[Thread]) -> list[Claim]:
    found = select(replace(ask, to=(), level="all"), threads)
    parts = [
        f"{one.comment.tag} is by {person(one.name)}" if one.name else f"{one.comment.tag} bears no name"
        for one in found
    ]
    return [_claim(f"{joined(parts)}.", found)]


def _addressees(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    """Tell whom somebody answered, or (without a speaker) who was answered at all."""
    found = [placed for placed in select(replace(ask, level="reply"), threads)]
    pairs = [(placed, placed.parent) for placed in found]
    targets: Counter[str] = Counter(parent.author or UNNAMED for _, parent in pairs if parent is not None)
    gone = sum(parent is None for _, parent in pairs)
    if ask.by:
        own = [name for name in ask.by if name in targets and name != UNNAMED]
        others = [name for name in targets if name not in own]
    else:
        own, others = [], list(targets)
    if ask.negated:
        return _left_over(replace(ask, level="all"), targets, threads) if not ask.by else ([], None)
    who = joined([person(name) for name in ask.by]) if ask.by else ""
    names = [name for name in others if name != UNNAMED]
    if ask.ids:
        parts = [_answers(placed, parent) for placed, parent in pairs]
        parents = [Placed(placed.thread, parent) for placed, parent in pairs if parent is not None]
        top = [one for one in select(replace(ask, level="top"), threads)]
        parts += [f"{one.comment.tag} is top-level and answers no comment" for one in top]
        return [_claim(f"{joined(parts)}.", [*found, *parents, *top])], None
    if not found:
        total = len(select(replace(ask, level="all"), threads))
        return [Claim(f"{who or 'Nobody'} replied to nobody {place(threads)} ({counted(total, 'comment')}).")], None
    if not ask.by:
        text = f"{counted(len(names), 'named person', 'named people')} got replies {place(threads)}"
        text += f": {joined([f'{name} ({targets[name]})' for name in names[:_MOST_NAMES]])}" if names else ""
    else:
        shown = [f"{name} ({_tags(name, pairs)})" for name in names[:_MOST_NAMES]]
        text = f"{who} replied to {counted(len(names), 'named person', 'named people')} {place(threads)}"
        text += f": {joined(shown)}" if shown else ""
    if UNNAMED in others:
        unnamed = len({parent.id for _, parent in pairs if parent is not None and parent.author is None})
        text += f"; besides, {'to ' if ask.by else ''}{unnamed_people(unnamed)}"
    if own:
        text += f"; and to {counted(sum(targets[name] for name in own), 'comment')} of their own"
    if gone:
        text += f"; {counted(gone, 'reply answers', 'replies answer')} a comment that is gone"
    return [_claim(f"{text}.", found)], None


def _answers(placed: Placed, parent: Comment | None) -> str:
    if parent is None:
        return f"{placed.comment.tag} answers a comment that is gone"
    return f"{placed.comment.tag} answers {parent.tag} by {person(parent.author or UNNAMED)}"


def _tags(name: str, pairs: Sequence[tuple[Placed, Comment | None]]) -> str:
    tags = [one.comment.tag for one, parent in pairs if parent is not None and (parent.author or UNNAMED) == name]
    return ", ".join(tags[:5]) + (", …" if len(tags) > 5 else "")


def whether(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    """Answer yes or no, with the comments that show it."""
    found = select(ask, threads)
    if ask.to and not ask.by:
        found = [placed for placed in found if placed.name not in ask.to or placed.name == UNNAMED]
    total = len(everything(threads))
    if ask.at_least or ask.exactly:
        yes = len(found) >= ask.at_least if ask.at_least else len(found) == ask.exactly
        share = denominator(len(found), total, threads)
        text = f"{'Yes' if yes else 'No'}: {share[:1].lower()}{share[1:]} {noun(len(found), 'is', 'are')}"
        text += f" by {joined([person(name) for name in ask.by])}."
        return [_claim(text, found)], None
    if found:
        shown = joined([_answering(one, threads) for one in found[:_SHOWN]]) + (
            f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
        )
        return [
            _claim(f"Yes, in {len(found):,} of the {counted(total, 'comment')} {place(threads)}: {shown}.", found)
        ], None
    return [_no(ask, threads, total)], None


def _answering(placed: Placed, threads: Sequence[Thread]) -> str:
    above = placed.parent
    return tag(placed, threads) + (f" (to {above.tag} by {person(above.author or UNNAMED)})" if above else "")


def _no(ask: StructureAsk, threads: Sequence[Thread], total: int) -> Claim:
    who = joined([person(name) for name in ask.by]) if ask.by else "nobody"
    if ask.to or ask.to_comments:
        whom = joined([person(name) for name in ask.to]) or joined(
            [one.comment.tag for one in everything(threads) if one.comment.id in ask.to_comments], "or"
        )
        verb = "did not reply" if ask.by else "replied"
        text = f"No: {who} {verb} to {whom} {place(threads)} ({counted(total, 'comment')})."
        back = select(StructureAsk("list", by=ask.to, to=ask.by), threads) if ask.by and ask.to else []
        if back:
            text += f" The other way round: {joined([tag(one, threads) for one in back[:5]])}."
        return _claim(text, back)
    if ask.by:
        what = "wrote no reply" if ask.level == "reply" else "did not"
        return Claim(f"No: {who} {what} {place(threads)} ({counted(total, 'comment')}).")
    return Claim(f"No: there is none among the {counted(total, 'comment')} {place(threads)}.")
