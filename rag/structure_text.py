"""Plain sentences for counts, lists and people, with the denominator in them; citations for their evidence."""

import re
from collections.abc import Sequence

from ingest.thread import ARTICLE, Comment, Thread
from ingest.wording import counted, noun
from rag.evidence import Citation
from rag.query import UNNAMED, StructureAsk
from rag.scope import kind_of_place
from rag.structure_select import Placed

__all__ = [
    "article_citation", "citation", "counted", "day", "denominator", "joined", "noun", "person", "place", "predicates",
    "quote_of", "tag", "unnamed_people",
]  # fmt: skip

_SHORTEST_QUOTE, _LONGEST_QUOTE = 10, 240
_SENTENCE_END = re.compile(r"[.!?…。！？]+[\"'”’»)\]]*(?=\s|$)|[。！？]|\n\s*\n")


def place(threads: Sequence[Thread]) -> str:
    """Say where was counted: a file that may lack comments is called a file."""
    if len(threads) > 1:
        return f"in these {len(threads)} threads"
    return f"in this {kind_of_place(threads)}"


def denominator(number: int, total: int, threads: Sequence[Thread]) -> str:
    """Write a share with its denominator: `8 of the 14 comments in this file`."""
    where = place(threads)
    if total == 0:
        return f"None of the 0 comments {where}"
    if number == total:
        return f"All {total:,} comments {where}" if total > 1 else f"The only comment {where}"
    if number == 0:
        return f"None of the {total:,} {noun(total, 'comment')} {where}"
    return f"{number:,} of the {total:,} comments {where}"


def person(name: str) -> str:
    """Name a person; a comment without a name is by nobody certain."""
    return name if name != UNNAMED else "a commenter without a name"


def joined(parts: Sequence[str], last: str = "and") -> str:
    """Join parts as a sentence does: `A, B and C`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def unnamed_people(comments: int) -> str:
    """Say how many people may stand behind comments without a name."""
    people = {1: "one person", 2: "one or two people"}.get(comments, f"anything from one to {comments:,} people")
    return f"{counted(comments, 'comment')} without a name ({people})"


def tag(placed: Placed, threads: Sequence[Thread]) -> str:
    """Write a comment as `c10 by Bianca`, with the thread where there are several."""
    where = f" in “{placed.thread.title}”" if len(threads) > 1 else ""
    return f"{placed.comment.tag} by {person(placed.name)}{where}"


_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip


def day(stamp: str) -> str:
    """Write a date filter as words: `on 3 March`, `in March 2024`, `on 2024-03-02`.

    >>> day("-03-03"), day("2024-03")
    ('on 3 March', 'in March 2024')
    """
    if stamp.isdigit():
        return f"in {stamp}"
    year, month, *rest = stamp.split("-")
    if year and rest:
        return f"on {stamp}"
    name = _MONTHS[int(month) - 1]
    return f"on {int(rest[0])} {name}" if rest else f"in {name} {year}".rstrip()


def _bounds(ask: StructureAsk) -> str:
    singular, plural = {"words": ("word", "words"), "replies": ("direct reply", "direct replies")}.get(
        ask.measure, ("point", "points")
    )
    unit = singular if (ask.low if ask.low is not None else ask.high) == 1 else plural
    if ask.low is not None and ask.low == ask.high:
        return f"exactly {ask.low} {unit}"
    return f"at least {ask.low} {unit}" if ask.low is not None else f"at most {ask.high} {unit}"


def predicates(ask: StructureAsk, number: int, tags: Sequence[str]) -> list[str]:
    """Say in words what the filters of a question select; `tags` name the comments answered."""
    one = number == 1
    is_, has, bears, answers = ("is", "has", "bears", "answers") if one else ("are", "have", "bear", "answer")
    below = ("stands below" if one else "stand below") if ask.branch else answers
    nameless = ask.by == (UNNAMED,) or (ask.named is False and not ask.by)
    said = (
        (nameless, f"{bears} no name"),
        (ask.by and not nameless, f"{is_} by {joined([person(name) for name in ask.by], 'or')}"),
        (ask.named is True and not ask.by, f"{bears} a name"),
        (ask.to, f"{answers} {joined([person(name) for name in ask.to], 'or')} directly"),
        (ask.to_comments, f"{below} {joined(list(tags), 'or')}"),
        (ask.level == "top", f"{is_} top-level"),
        (ask.level == "reply" and not (ask.to or ask.to_comments), "is a reply" if one else "are replies"),
        (ask.answered is not None, f"{has} {'replies' if ask.answered else 'no replies'}"),
        (ask.mention, f"{'mentions' if one else 'mention'} “{ask.mention}”"),
        (ask.without, f"{is_} not by {joined([person(name) for name in ask.without], 'or')}"),
        (ask.measure, f"{has} {_bounds(ask)}"),
        (ask.on, f"{'was' if one else 'were'} written {day(ask.on) if ask.on else ''}"),
        (ask.windows, f"{'was' if one else 'were'} written {joined([window.told for window in ask.windows])}"),
        (ask.own, f"{answers} {'its' if one else 'their'} own author"),
    )
    return [words for holds, words in said if holds]


def quote_of(comment: Comment) -> tuple[int, int]:
    """Return the span to cite for a comment: the first sentence of its own words, or as much as fits."""
    body = comment.body
    spans = comment.own_spans if comment.quotes else ()
    start, end = spans[0] if spans else (0, len(body))
    while start < end and body[start].isspace():
        start += 1
    match = _SENTENCE_END.search(body, min(start + _SHORTEST_QUOTE, end), min(end, start + _LONGEST_QUOTE))
    if match is not None:
        end = match.end()
    elif end - start > _LONGEST_QUOTE:
        cut = body.rfind(" ", start, start + _LONGEST_QUOTE)
        end = cut if cut > start else start + _LONGEST_QUOTE
    return start, start + len(body[start:end].rstrip())


def citation(placed: Placed) -> Citation:
    """Cite a comment as a piece of counted evidence."""
    start, end = quote_of(placed.comment)
    return Citation(
        placed.thread.id,
        placed.comment.id,
        placed.comment.tag,
        placed.comment.author,
        start,
        end,
        placed.comment.body[start:end],
    )


def article_citation(thread: Thread, words: str) -> Citation:
    """Cite the article for words of a field; a field that its text does not repeat has the empty span (0, 0)."""
    at = thread.article.text.find(words) if words else -1
    start, end = (at, at + len(words)) if at >= 0 else (0, 0)
    return Citation(thread.id, ARTICLE, ARTICLE, thread.article.author, start, end, words)
