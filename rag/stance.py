"""Several voices: who agrees or disagrees, with whom, in their own words; counted, never estimated. Pure."""

import re
from collections.abc import Mapping, Sequence

from ingest.thread import Comment, Thread
from rag.addressing import Addressing
from rag.citing import cite_comment
from rag.cues import Position, position
from rag.evidence import Claim, Hit
from rag.feeling import feeling as how_it_sounds
from rag.query import Query
from rag.scope import Within, place_of
from rag.views import Feeling, Voice, about_subject, own_start, worded

__all__ = ["stance"]

_VOICES = 6
_WANTS_AGAINST = re.compile(
    r"\b(?:disagree\w*|against|object\w*|oppos\w*|critic\w*|contradict\w*|rebut\w*|refut\w*|challeng\w*|push\w* back"
    r"|counter\w*|dissent\w*|skeptic\w*|sceptic\w*|doubt\w*|complain\w*|condemn\w*|reject\w*"
    r"|disapprov\w*|objections?|concerns?|worr(?:y|ies|ied)|drawbacks?|downsides?|disadvantages?|unhappy|dislik\w*|hates?"
    r"|cons|warn\w*|negative|pessimist\w*|gegen|dagegen|widersprech\w*|widerspricht|kritisier\w*|bemängel\w*|lehnt"
    r"|beschwert|contre|en contra)\b",
    re.IGNORECASE,
)
_WANTS_FOR = re.compile(
    r"\b(?:agree\w*|support\w*|in favou?r|endors\w*|back(?:s|ed)? up|side[sd]? with|defend\w*|prais\w*|approv\w*"
    r"|welcom\w*|loves?|enjoy\w*|happy|positive|optimist\w*|pros|enthusias\w*|applaud\w*|zustimm\w*|dafür|lobt|verteidigt"
    r"|unterstützt|befürwortet|begrüßt|pour|a favor|de acuerdo)\b",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"\bboth sides\b(?= *(?:[?.!,;]|$|please))|\bfor (?:and|or) against\b|\bpros and cons\b", re.IGNORECASE
)


def stance(
    query: Query, hits: Sequence[Hit], threads: Mapping[str, Thread], feeling: Feeling = how_it_sounds
) -> list[Claim]:
    """Answer a stance question: first the count with its denominator, then each voice in its own words.

    About a person (`query.addressees`, else `query.speakers`): everybody else's replies to that person. About a
    subject: the comments among `hits`. Only explicit agreement and disagreement is counted as such; `feeling` orders
    the rest.
    """
    wanted, people = _aim(query)
    if people:
        voices = _replies_to(people, query, hits, threads)
        return _about_person(people, voices, wanted, threads) if voices else []
    asked = _asked(query)
    if _BOTH.search(asked) or (_WANTS_AGAINST.search(asked) and _WANTS_FOR.search(asked)):
        wanted = None
    return about_subject(query, hits, threads, wanted, feeling)


def _aim(query: Query) -> tuple[Position | None, tuple[str, ...]]:
    """Read which position is asked for, and towards whom; of "with Ada against Ben", agreement with Ada is meant."""
    people = query.addressees or query.speakers
    asked = _asked(query)
    against, agreeing = _WANTS_AGAINST.search(asked), _WANTS_FOR.search(asked)
    if against is None or agreeing is None:
        return ("disagrees" if against else "agrees" if agreeing else None), people
    first, second = sorted((against, agreeing), key=lambda cue: cue.start())
    before = asked[: second.start()].casefold()
    named = tuple(name for name in people if name and name.casefold() in before)
    return ("disagrees" if first is against else "agrees"), named or people


def _asked(query: Query) -> str:
    """Return the words that tell the position asked for: a follow-up's own, before those of the turn it continues."""
    own = _WANTS_AGAINST.search(query.question) or _WANTS_FOR.search(query.question)
    return query.question if own and query.question not in (query.resolved, "") and query.before else query.resolved


def _replies_to(people: Sequence[str], query: Query, hits: Sequence[Hit], threads: Mapping[str, Thread]) -> list[Voice]:
    """Return what others answered to these people, or said of them by name; narrowed to `query.focus` if set."""
    names = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in people if name) or r"(?!)", re.IGNORECASE)
    found = []
    within = Within(query.scope, threads)
    for thread in threads.values():
        addressing = Addressing(thread)
        for comment in thread.visible:
            parent = thread.parent(comment)
            if (comment.author or "") in people or not comment.body.strip() or not within.admits(thread.id, comment.id):
                continue
            answers = parent is not None and (parent.author or "") in people
            answers = answers or bool(addressing.answered(comment).intersection(people))
            if query.focus and not (parent is not None and parent.id in query.focus):
                answers = False
            mention = names.search(comment.body) if not query.focus else None
            if not answers and mention is None:
                continue
            span = own_start(comment) if answers else _around(comment, mention.start() if mention else 0)
            found.append(Voice(thread, comment, span, position(comment.body[span[0] : span[1]], opens=answers)))
    return found


def _about_person(
    people: Sequence[str], voices: Sequence[Voice], wanted: Position | None, threads: Mapping[str, Thread]
) -> list[Claim]:
    whom = " and ".join(name or "the commenter without a name" for name in people)
    against = [v for v in voices if v.position == "disagrees"]
    agreeing = [v for v in voices if v.position == "agrees"]
    shown = {"disagrees": against, "agrees": agreeing, None: [*against, *agreeing]}[wanted]
    file = place_of(threads.values())
    count = len(voices)
    subject = "1 comment{} that answers or names" if count == 1 else f"{count} comments{{}} that answer or name"
    lead = (
        f"Of {subject.format(file)} {whom}, {len(against)} openly "
        f"{'disagrees' if len(against) == 1 else 'disagree'} and {len(agreeing)} openly "
        f"{'agrees' if len(agreeing) == 1 else 'agree'}"
    )
    rest = count - len(against) - len(agreeing)
    lead += f"; {rest} {'does' if rest == 1 else 'do'} not say either in so many words." if rest else "."
    summary = Claim(text=lead, citations=tuple(cite_comment(v.thread, v.comment) for v in shown or voices))
    return [summary, *worded((shown or list(voices))[:_VOICES])]


def _around(comment: Comment, at: int) -> tuple[int, int]:
    """Return the sentence around an offset."""
    start = max(comment.body.rfind(mark, 0, at) for mark in ".!?\n") + 1
    ends = [place for mark in ".!?\n" if (place := comment.body.find(mark, at)) >= 0]
    return start, min(ends) + 1 if ends else len(comment.body)
