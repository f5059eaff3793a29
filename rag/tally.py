"""How many people recommend, ask about or complain of something: counted by what their own words name. Pure.

Whether words that name a thing also recommend it, no count can tell; so people are counted who name it, the verb is
left to their words, which are quoted, and what is said in other words makes the count a lower bound.
"""

import re
from collections.abc import Mapping, Sequence

from ingest.thread import Thread
from ingest.wording import counted
from rag.citing import cite
from rag.evidence import Claim, Hit, Passage
from rag.feeling import feeling
from rag.lexical import terms
from rag.query import Query
from rag.quotes import stretch
from rag.scope import Within, place_of
from rag.views import Feeling, Voice, commenters, worded
from rag.words import FUNCTION

__all__ = ["tally"]

_SHOWN = 6
_WORDS = 40
"""About as many words as one voice is quoted with."""
_HOW_MANY = re.compile(
    r"\bhow many (?:(?:other|different|of (?:the|these|those)|named|distinct) ){0,2}"
    r"(?:people|commenters?|commentators|readers|users|posters|participants|persons|folks|them|voices)\b"
    r"(?: (?:here|in (?:the|this) (?:thread|discussion|comments)|also|actually|openly|have|has|do|did|would|are|were|is"
    r"|explicitly))*"
    r" (?P<verb>recommend|suggest|propos|advis|ask|wonder|worr|complain|prais|criticis|criticiz|mention|talk|speak"
    r"|discuss|bring|rais|report|say|said|think|believe|feel|claim|argu|want|wish|need|like|lov|hat|dislik|prefer|enjoy|regret"
    r"|fear|support|oppos|favou?r|defend|reject|doubt|question|agree|disagree|thank|lament|object|warn|vote|endors"
    r"|appreciat|blam|joke|describ|refer|point|use|own|bought|buy|tried|try|read|visit)\w*"
    r"(?P<object> [^?]+)",
    re.IGNORECASE,
)
_FRAME = FUNCTION | frozenset(
    ("good", "bad", "idea", "thread", "discussion", "comment", "comments", "article", "using")
)
_SLACK = 3
"""So many other words may stand among those of a thing that is named."""
_CRITICAL = re.compile(
    r"complain|critici|hat|dislik|regret|fear|oppos|reject|doubt|disagree|lament|object|warn|blam|worr", re.I
)
_FRIENDLY = re.compile(
    r"recommend|prais|lik|lov|enjoy|support|favou?r|defend|agree|thank|endors|appreciat|prefer", re.I
)


def tally(
    query: Query, threads: Mapping[str, Thread], passages: Mapping[str, Sequence[Passage]], tone: Feeling = feeling
) -> list[Claim]:
    """Count the people whose own words name what a question counts people by; [] for any other question.

    The first claim is the count with its denominator and every comment it rests on; then the voices.
    """
    match = _HOW_MANY.search(query.resolved)
    if match is None or query.speakers or query.addressees or query.structure is not None:
        return []
    named = [word for word in re.findall(r"[\w'’-]+", match["object"]) if word.casefold() not in _FRAME]
    wanted = frozenset(terms(" ".join(named)))
    within = Within(query.scope, threads)
    voices = _naming(wanted, threads, passages, within) if wanted else []
    if not voices:
        return []
    sign = -1.0 if _CRITICAL.match(match["verb"]) else 1.0 if _FRIENDLY.match(match["verb"]) else 0.0
    ordered = sorted(voices, key=lambda one: -sign * tone(one.comment.body[slice(*one.span)])) if sign else voices
    people = list(dict.fromkeys(one.person for one in ordered))
    lead = (
        f"At least {len(people)} of {counted(commenters(threads, within), 'commenter')}{place_of(threads.values())} "
        f"{'names' if len(people) == 1 else 'name'} “{' '.join(named)}” in their own words; "
        "what each of them says of it is for their words to tell."
    )
    first = {one.person: one for one in reversed(ordered)}
    cited = tuple(cite(one.thread, one.comment.id, one.span) for one in voices)
    return [Claim(text=lead, citations=cited), *worded([first[person] for person in people][:_SHOWN])]


def _naming(
    wanted: frozenset[str], threads: Mapping[str, Thread], passages: Mapping[str, Sequence[Passage]], within: Within
) -> list[Voice]:
    """Return a voice for every comment of which a passage holds all the words, in document order."""
    found: dict[tuple[str, str], Voice] = {}
    for thread in threads.values():
        for passage in passages[thread.id]:
            comment = thread.get(passage.comment_id)
            if comment is None or not within.admits(thread.id, comment.id):
                continue
            if (thread.id, comment.id) in found or not wanted <= set(terms(passage.text)):
                continue
            best = next((span for span in passage.sentences if _names(passage.at(span), wanted)), None)
            if best is None:
                continue
            hit = Hit(passage, 1.0, comment.author, comment.tag, best)
            found[thread.id, comment.id] = Voice(thread, comment, stretch(hit, wanted, _WORDS), "none")
    return list(found.values())


def _names(sentence: str, wanted: frozenset[str]) -> bool:
    """Tell whether all the words stand near each other."""
    words = [set(terms(word)) for word in re.findall(r"[\w'’-]+", sentence)]
    size = len(wanted) + _SLACK
    return any(wanted <= set().union(*words[at : at + size]) for at, word in enumerate(words) if word & wanted)
