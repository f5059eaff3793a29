"""How a question reads on its own after the turns before it: pronouns, ellipsis, "that claim". Pure, no model.

A question that stands alone is left alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.thread import Thread
from rag.among import chosen, narrowed, those
from rag.backward import About, about_the_answer, amended
from rag.ellipsis import BARE, WHAT_ABOUT, completed, verbal
from rag.evidence import Turn
from rag.names import Roster, find_people
from rag.pointing import pointed, unresolved
from rag.pronouns import with_names
from rag.reactions import answering
from rag.recall import Memory, remember
from rag.swapping import swapped

__all__ = ["Resolution", "resolve"]

_TURNS = 6  # how far back a conversation is read
_ELSE = re.compile(
    r"\b(?:who|what|anyone|anybody|anything|someone|somebody|nobody|where) else\b|\bthe others?\b|\bany(?:one"
    r"|body)? other\b",
    re.IGNORECASE,
)


_OPENING = re.compile(
    r"^(?:and|but|so|also|then|or|besides|other than|instead|otherwise|i see|got it|in that case|if so"
    r"|you (?:said|mentioned))\b"
    r"(?!\s+(?:far|called))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Resolution:
    """A question as it reads on its own. `leans` tells it needed the history; `focus` are the comments it points at.

    `among` are the comments and `among_people` the people that it is narrowed to ("how many of them …"); `about` is
    set where it asks for the comments of the last answer themselves, which are the `focus` then. `likely` are the last
    answer's comments by the people it speaks of: meant where it names no subject. `asked` is the last question as it
    reads on its own, `last` what its answer rests on; `swapped` tells that this one is the last one asked again of
    something else.
    """

    text: str
    leans: bool = False
    focus: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    among_people: tuple[str, ...] = ()
    about: About = ""
    likely: tuple[str, ...] = ()
    asked: str = ""
    last: tuple[str, ...] = ()
    swapped: bool = False


def resolve(question: str, history: Sequence[Turn], people: Roster, threads: Sequence[Thread]) -> Resolution:
    """Resolve a question against the turns before it."""
    if not history:
        return Resolution(question)
    history = history[-_TURNS:]
    text = question.strip()
    last = resolve(history[-1].question.strip(), history[:-1], people, threads).text
    memory = remember(history, people, threads, last)
    about = about_the_answer(text)
    if about and memory.comments:
        return Resolution(text, True, memory.ids, (), about=about)
    other = _other(text, memory, people, threads)
    if other is not None:
        again = swapped(last, other, people, threads)
        return Resolution(
            again, True, (), memory.people[:1], last=memory.ids, swapped=not again.startswith(last.rstrip("?. "))
        )
    bare = BARE.match(text)
    if bare:
        return Resolution(completed(bare["what"].lower(), last, memory), True, memory.ids, memory.people[:1])
    part = narrowed(text, memory)
    if part is not None:
        named, used = with_names(part.text, memory, people, threads)
        return Resolution(named, True, part.ids, used, part.ids, part.people)
    found = _spelt_out(text, last, memory, people, threads)
    return replace(_sharing(found, memory, people, threads), asked=last, last=memory.ids)


_SHARES = re.compile(
    r"^(?:does|did|do|is|would) (?P<who>.+?) (?:also |really |actually )?(?:(?:dis)?agree\w*"
    r"|shares?\b.*\b(?:view|opinion|concern)"
    r"|(?:think|say|believe|feel|see) (?:so|the same|that too|that as well|it the same way)|of the same opinion)",
    re.IGNORECASE,
)


def _sharing(found: Resolution, memory: Memory, people: Roster, threads: Sequence[Thread]) -> Resolution:
    """Read "does Ben agree with her?" as what he answered her, or else what he says about the same."""
    match = _SHARES.match(found.text)
    who = find_people(match["who"], people, threads) if match else []
    if match is None or len(who) != 1 or len(who[0].names) != 1 or not memory.named or who[0].names[0] in memory.named:
        return found
    answers = answering(memory.ids, who[0].names, threads)
    if answers:
        return replace(found, focus=answers, leans=True)
    return Resolution(swapped(memory.asked, who[0].names[0], people, threads), True, (), who[0].names, swapped=True)


def _other(text: str, memory: Memory, people: Roster, threads: Sequence[Thread]) -> str | None:
    """Return whom or what the last question is to be asked of instead: "and Don?", "I meant Ada", "Ben?"."""
    about = WHAT_ABOUT.match(text)
    if about and not verbal(about["what"]):
        what = about["what"].strip()
        return chosen(what, memory) or _THE_OTHER.sub("", what)
    put = amended(text)
    what, outright = put if put is not None else (text, False)
    what = chosen(what, memory) or _THE_OTHER.sub("", what.strip())
    found = find_people(what, people, threads)
    whole = len(found) == 1 and found[0].start == 0 and found[0].end >= len(what.rstrip("?.! "))
    return what if outright or whole else None


_THE_OTHER = re.compile(r"^the other (?=[^\W\d_a-z])")


_COUNTED = re.compile(
    r"^(?:(?:and|so|but) )?how many (?=(?:by|from|did|do|does|are|were|have|has|had|got|with|without)\b)", re.IGNORECASE
)
"""A count whose noun is that of the question before: "and how many by Ada?"."""


def _spelt_out(text: str, last: str, memory: Memory, people: Roster, threads: Sequence[Thread]) -> Resolution:
    """Put names and comments in place of what points back."""
    text = _COUNTED.sub(lambda match: f"{match.group()}{memory.listed} ", text) if memory.listed else text
    resolved = chosen(text, memory) or text
    picked = resolved != text
    picked_name = picked and next(iter(find_people(resolved, people, threads)), None)
    resolved, used = with_names(resolved, memory, people, threads)
    plural = None if used or picked else those(resolved, memory)
    if plural is not None:
        return Resolution(_opened(plural), True, memory.ids, used)
    resolved, points = pointed(resolved, memory)
    leans = bool(used or points or picked or unresolved(text) or _ELSE.search(text) or _OPENING.match(text))
    if _ELSE.search(text) and not points:
        resolved = f"{last.rstrip('?. ')}? {resolved}" if len(text.split()) < 5 else resolved
    if leans:
        resolved = _opened(resolved)
    meant = (*used, *(picked_name.names if picked_name else ()))
    likely = memory.by(meant, threads) if memory.listed == "people" and not _ELSE.search(text) else ()
    return Resolution(resolved, leans, memory.ids if points else (), used, likely=likely)


def _opened(text: str) -> str:
    """Begin a question without the "and" that ties it to the one before."""
    text = re.sub(r"^(?:and|but|so|also|then)[, ]+", "", text, flags=re.IGNORECASE)
    return text[:1].upper() + text[1:]
