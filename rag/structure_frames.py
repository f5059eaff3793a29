"""Frames that read a structure question: one comment told, counts, yes or no, depth, time, lists. Pure.

Each takes a `View` whose words are all structural and returns what it asks, or None where another frame must look.
"""

import re
from dataclasses import replace

from rag.query import UNNAMED, Level, Rank, StructureAsk
from rag.structure_topics import QUANTITY
from rag.structure_view import MARK, TOKEN, View, filters
from rag.structure_words import (
    COUNTS,
    GET,
    LEVELS,
    NOTE,
    NUMBERS,
    PEOPLE,
    PERSON,
    REPLIES,
    REPLY,
    VOTES,
    WORDS,
    WRITE,
)

__all__ = ["count", "levels", "listing", "missing", "self_told", "time", "whether"]

_TIME_ASKED = (
    r"when\b|(?:at |on )?(?:what|which) (?:time|date|day)s?\b|(?:what (?:is|was) )?(?:the )?(?:date|time)s? of\b"
)
_WHO_WROTE = re.compile(
    r"who (?:wrote|posted|made|left|said|is behind|authored|submitted|commented|has written)\b"
    r"|who (?:is|was) (?:the )?(?:author|writer|poster|commenter)|(?:the )?(?:author|writer|name|list) of"
    r"|who (?:is|was) C\d+ (?:written |posted )?by|whose (?:comment )?(?:is|was)?|by whom|C\d+ (?:is "
    r"|was )?(?:written |posted )?by whom|C\d+ 's author"
    r"|(?:what|who) is the (?:name of the )?(?:author|poster)"
)
_SUPERLATIVE_ASKED = re.compile(r"(?:who|whose|which|what|by whom|show|list|name|find|C\d|the|quote|where|author)\b")
_WHAT_ANSWERS = re.compile(
    r"(?:what|which|who|whom|to)\b.*\b(?:did|does|do|is|was) C\d+ (?:an? )?(?:reply|replying|respond|answer|response"
    r"|react)"
)


def self_told(seen: View) -> StructureAsk | None:
    """Read questions about one given comment: who wrote it, when, how long, its score, what it answers."""
    if not any(token[0] == "C" and MARK.fullmatch(token) for token in seen.tokens):
        return None
    quantity = QUANTITY.search(seen.text)
    if seen.says(r"\b(?:say|says)\b|^what did\b|^what .*\bpoints? of C"):
        return None
    if seen.rank is not None and not seen.has(REPLY) and not quantity:
        by = seen.rank_by or seen.by
        if seen.starts(_TIME_ASKED):
            return StructureAsk("time", by=by, rank=seen.rank)
        if seen.says(r"^(?:how long|what is the length)"):
            return StructureAsk("extreme", by=by, rank=seen.rank)
        if _SUPERLATIVE_ASKED.match(seen.text) or len(seen.tokens) <= 2:
            return StructureAsk("extreme", by=by, rank=seen.rank)
    if not seen.ids:
        return None
    base = replace(filters(seen), answered=None)
    if seen.has(REPLY) and not seen.by:
        return replace(base, want="list", unit="addressees") if _WHAT_ANSWERS.match(seen.text) else None
    if seen.by or seen.to or (quantity and not seen.has(WORDS | VOTES)):
        return None
    return _told(seen, base)


def _told(seen: View, base: StructureAsk) -> StructureAsk | None:
    if seen.has(WORDS) or seen.starts(r"how long is|(?:what is the )?length of"):
        return replace(base, unit="words")
    if seen.has(VOTES) and not seen.says(r"\bwho\b"):
        return replace(base, unit="votes")
    if seen.starts(_TIME_ASKED):
        return replace(base, want="time")
    return replace(base, want="list", unit="people") if _WHO_WROTE.match(seen.text) else None


_NOT_COUNTED = frozenset(("many", "number", "count", "total", "of", "the", "how", "all", "in"))
_DONE = frozenset(("answered", "replied", "responded", "reacted", "commented", "posted"))


_EVENTS = frozenset(
    ("start", "started", "began", "ended", "went", "came", "ran", "run", "happened", "finished", "left")
)
_SUPERLATIVE_COUNT = re.compile(
    r"\b(?:greatest|highest|largest|lowest|smallest|biggest|fewest|most) (?:total |overall )?(?:number|amount|count"
    r"|share|(?:comment|reply|word|vote)s? count)\b|^who\b.*\bhow (?:many|often|much)\b"
    r"|\bby (?:the )?(?:total )?(?:number|count|amount) of\b"
)


def count(seen: View) -> StructureAsk | None:
    """Read "how many …" and its kin."""
    match = QUANTITY.search(seen.text)
    if (
        match is None
        or seen.says(r"\b(?:longest|shortest|deepest|busiest|lengthiest) (?!words?\b)")
        or _SUPERLATIVE_COUNT.search(seen.text)
        or seen.says(r"\b(?:rank|ranking|sort|order|breakdown|distribution|average|each|per|every)\b")
    ):
        return None
    base = filters(seen)
    asked = _asked(seen, match)
    if "between" in seen.bag and base.by and base.to:
        return replace(base, level="reply", answered=None)
    if asked == "levels" or seen.says(r"\bhow deep\b"):
        return StructureAsk("count", "levels", by=base.by)
    if asked in ("words", "votes"):
        if not seen.has(REPLY):
            base = replace(
                base, by=base.by or base.to, ids=base.ids or base.to_comments, to=(), to_comments=(), branch=False
            )
        return replace(base, unit="words" if asked == "words" else "votes", answered=None)
    if asked == "person":
        told = seen.has(NOTE | WRITE | REPLY) or not seen.has(_EVENTS)
        return people(seen, base) if told else None
    if not asked and base.by == (UNNAMED,):
        return people(seen, replace(base, by=(), named=False))
    if not asked and base.by and seen.has(WRITE | NOTE):
        asked = "note"
    if asked or match.group() in ("how often", "how frequently"):
        return _comments(seen, base, asked)
    return None


def _asked(seen: View, match: re.Match[str]) -> str:
    """Name the class of what is counted: the first such word after "how many"."""
    if match.group().endswith(" count"):
        return _class(match.group().split()[0])
    rest = (word for word in TOKEN.findall(seen.text[match.start() :]) if word not in _NOT_COUNTED)
    return next((kind for kind in map(_class, rest) if kind), "")


def _class(word: str) -> str:
    if word in _DONE:
        return ""
    classes = (
        ("reply", REPLY),
        ("note", NOTE),
        ("person", PERSON),
        ("words", WORDS),
        ("votes", VOTES),
        ("levels", LEVELS),
    )
    return next((name for name, words in classes if word in words), "times" if word in ("times", "often") else "")


def _comments(seen: View, base: StructureAsk, asked: str) -> StructureAsk:
    replies = seen.has(REPLY) or (seen.has(GET) and bool(base.to) and asked == "note")
    if base.ids and replies and not (base.to or base.by):
        base = replace(base, ids=(), to_comments=(*base.to_comments, *base.ids))
    if asked == "reply" or (replies and (asked != "note" or base.to)):
        unanswered = base.answered is False and seen.says(r"\b(?:unanswered|without|no|not|never|ignored|nobody)\b")
        return replace(base, level="reply", answered=False if unanswered else None)
    return having(seen, base) if replies else base


_HAVING = re.compile(
    r"\b(?:have|has|had|got|get|gets|receive|received|with|drew|draw|attracted|did) (?:\w+ )?"
    rf"(?:a |any |at least one |one )?{REPLIES}|\b(?:been|were|was|are|got|being) (?:answered|replied|responded)"
)


def having(seen: View, base: StructureAsk) -> StructureAsk:
    """Tell "comments that are replies" from "comments that have replies"."""
    if base.answered is False:
        return base
    if _HAVING.search(seen.text):
        return replace(base, answered=True)
    return replace(base, level="reply") if base.level != "top" else base


_BOUND = re.compile(
    rf"\b(?P<more>more than|over|at least|no fewer than|only|just|exactly)?\s*(?P<n>{NUMBERS})\b(?! (?:of|who))"
    r"(?:\s+(?:times|comments?|posts?|messages?))?(?:\s*(?P<plus>or more|and more|plus|\+))?"
)
_SEVERAL = re.compile(r"\b(?:several times|multiple|many times|repeatedly|several)\b")
_NEVER_WROTE = re.compile(
    rf"\b(?:never|not|no|without) (?:ever |directly )?{REPLIES} to (?:anyone|anybody|others|other|somebody|someone|any)"
    r"|\b(?:never|not) (?:ever )?(?:reply|replied|respond|responded|answer)\b(?!.*\bto$)"
)


def people(seen: View, base: StructureAsk) -> StructureAsk:
    """Read a count or list of people: those who commented, answered somebody, were answered, or did it n times."""
    base = replace(base, unit="people")
    replies = seen.has(REPLY)
    if replies and base.by and not base.to and not base.to_comments:
        return replace(base, unit="addressees", level="reply", answered=None)
    if replies and base.ids and not base.to_comments:
        base = replace(base, ids=(), to_comments=base.ids)
    negated = seen.says(r"\b(?:not|never|no|without|nobody)\b")
    if base.to or base.to_comments:
        return replace(base, level="all" if base.branch else "reply", answered=None, negated=negated)
    bound = _BOUND.search(seen.text)
    if bound or _SEVERAL.search(seen.text):
        return _bounded(base, bound)
    if not replies:
        return base
    passive = seen.says(r"\b(?:was|were|been|being|is|are) (?:ever |never |not )?(?:answered|replied)")
    if seen.has(GET) or passive or (base.answered is False and not _NEVER_WROTE.search(seen.text)):
        return replace(base, unit="addressees", level="reply", answered=None, negated=negated)
    return replace(base, level="reply", answered=None, negated=negated)


def _bounded(base: StructureAsk, bound: re.Match[str] | None) -> StructureAsk:
    base = replace(base, answered=None)
    if bound is None:
        return replace(base, at_least=2)
    number = COUNTS.get(bound["n"]) or int(bound["n"])
    if bound["more"] in ("more than", "over"):
        return replace(base, at_least=number + 1)
    if bound["more"] in ("at least", "no fewer than") or bound["plus"]:
        return replace(base, at_least=number)
    return replace(base, exactly=number)


_IS_THERE = re.compile(
    r"(?:are|is) there (?:any |some )?(?:comments?|posts?)$"
    r"|(?:has|have|did) (?:anyone|anybody|people|someone)(?: \w+)? (?:commented|comment|posted|post)$"
)
_PRESENT = re.compile(r"P\d+ (?:in|among|one of|here|present|an? |involved|active)|^(?:is|was) P\d+$")
_RECEIVING = re.compile(r"\bC\d+ (?:ever )?(?:get|have|got|receive|any|been|answered|replied)|\bto C|\banswer(?:ed)? C")


def whether(seen: View) -> StructureAsk | None:
    """Read yes-or-no questions about who wrote and who answered whom."""
    if not seen.starts(r"(?:did|does|do|has|have|had|is|are|was|were|any|anyone|anybody)\b"):
        return None
    if seen.says(r"\b(?<!at )(?:most|least|fewest|longest|shortest|highest|lowest)\b") or seen.has(
        LEVELS | VOTES | WORDS
    ):
        return None
    base = replace(filters(seen), want="whether")
    if seen.has(REPLY):
        if base.ids and not base.to_comments and _RECEIVING.search(seen.text):
            base = replace(base, to_comments=base.ids, ids=())
        if base.by or base.to or base.to_comments or base.ids:
            return replace(base, level="reply", answered=None)
        return base if base.answered is False else replace(base, level="reply")
    if base.by and (seen.has(NOTE | WRITE | PERSON) or _PRESENT.search(seen.text)):
        if seen.says(r"\bmore than (?:once|one)|\bseveral|\bmultiple|\btwice"):
            return replace(base, at_least=2)
        return replace(base, exactly=1) if seen.says(r"\b(?:only|just) (?:\w+ )?(?:once|one|a single)\b") else base
    if base.named is False or base.answered is False or base.level == "top" or _IS_THERE.match(seen.text):
        return base
    return None


def missing(seen: View) -> StructureAsk | None:
    """Read how many comments the file lacks."""
    asked = seen.says(r"\b(?:missing|omitted|left out|cut off)\b") and seen.has(NOTE) and not seen.has(REPLY | PERSON)
    return StructureAsk("count", "missing") if asked and not (seen.by or seen.to or seen.ids) else None


def levels(seen: View) -> StructureAsk | None:
    """Read how deep the replies go."""
    deep = seen.says(
        r"\bhow deep|\b(?:maximum|max|greatest|what) (?:\w+ ){0,3}(?:depth|nesting|level)|\bdepth of\b|^depth$"
        r"|\bhow (?:deeply )?nested|\bhow far down\b"
    )
    return StructureAsk("count", "levels") if deep else None


_WHEN = re.compile(
    rf"{_TIME_ASKED}|(?:between|from|since) when\b|over (?:what|which|how)\b|(?:what|which) (?:period|time span|dates)"
    r"|what is the (?:time|date) (?:range|span)|time (?:range|span)|how long did|from when|between which dates"
)


def time(seen: View) -> StructureAsk | None:
    """Read when something was written, and over what time."""
    if not _WHEN.match(seen.text) or seen.says(r"\bit (?:take|took)\b|\btake to\b"):
        return None
    base = replace(filters(seen), answered=None, named=None, want="time")
    lasting = seen.says(
        r"\b(?:period|span|range|last|lasted|run|begin|start|end|take place|happen|discussion|thread)\b"
    )
    if not (seen.has(NOTE | WRITE | REPLY | PERSON) or base.by or base.ids or lasting or len(seen.tokens) < 5):
        return None
    rank: Rank | None = None
    if seen.says(r"\b(?:start|started|begin|began|first|open|opened)\b.*\b(?:end|ended|stop|stopped|last|finish)"):
        rank = None
    elif seen.says(r"\b(?:start|started|begin|began|first|open|opened)\b"):
        rank = "first"
    elif seen.says(r"\b(?:end|ended|stop|stopped|last|finish|finished|latest)\b") and not seen.starts("how long"):
        rank = "last"
    level: Level = "reply" if seen.has(REPLY) and (base.by or base.to) else base.level
    return replace(base, level=level, rank=rank)


_LISTING = re.compile(
    r"^(?:list|show|name|enumerate|display|give|find|which|what|who|whom|whose|to whom|to which|from whom|by whom"
    r"|identify|all|see|read|are there|comments|replies|responses|commenters|participants)\b"
)
_BARE = re.compile(
    rf"(?:all |the )?(?:{REPLIES} to [PC]\d|(?:comments|posts|replies) (?:by|from|of|under|below) [PC]\d"
    r"|P\d+ 's (?:comments|posts|replies)|(?:comments|posts) (?:with no|without|that got no) |unanswered )"
)
_WHOM = re.compile(
    r"\bwhom\b|\bwho (?:did|does|do|has|had|have|was|is) P\d+(?: and P\d+)? (?:\w+ )?(?:repl|respon|answer|react"
    r"|address)"
    r"|\bP\d+ (?:\w+ )?(?:repl\w+|respond\w*|answer\w*)(?: to)? (?:who|whom|which)\b"
    r"|\bto (?:which|what) (?:people|commenters?|users?|persons?)\b"
    r"|\b(?:people|commenters|users|everyone|everybody|persons|anyone|those) (?:that |who |whom |to whom )?(?:did "
    r"|has |have )?"
    r"P\d+ (?:\w+ )?(?:repl\w+|respond\w*|answer\w*)"
    rf"|\b(?:got|received|get|receive) (?:an? )?{REPLIES} from P\d"
    r"|\b(?:was|were|is|are|got|been) (?:answered|replied to|responded to) by P\d"
)
_WHICH_ANSWERED = re.compile(
    r"\b(?:which|what) (?:comments?|posts?|messages?|one)(?: \w+)? (?:is|are|did|does|do|was|were) (?:P\d+|C\d+)"
    r"(?: \w+)? (?:\w+ )?to\b"
)
_WHO = re.compile(
    r"(?:who|whose|whom|by whom|from whom)\b"
    rf"|(?:list|show|name|enumerate|display|give|find|which|what|identify|all"
    rf"|to which)\b(?: [\w\-]+){{0,5}}? {PEOPLE}\b"
    rf"|(?:commenters|participants)\b"
)
_RANKED = re.compile(
    r"\b(?:first|last|earliest|latest|final|newest|oldest|(?<!at )most|(?<!at )least|longest|shortest|fewest)\b(?! C\d)"
)
_OPEN = re.compile(r"(?:what|who) (?:did|do|does) (?:people|the|they|commenters|users|everyone|anyone|someone)\b")


def listing(seen: View) -> StructureAsk | None:
    """Read lists and "who …": the people or comments that pass the filters."""
    base = replace(filters(seen), want="list", share=False)
    replies = seen.has(REPLY)
    if _BARE.match(seen.text):
        base = _as_target(base) if replies else base
        return replace(base, level="reply" if replies and base.answered is None else base.level)
    if not _LISTING.match(seen.text) or _RANKED.search(seen.text):
        return None
    base = _as_target(base) if replies and not base.by else base
    if replies and base.by and not base.to and (_WHOM.search(seen.text) or _WHICH_ANSWERED.search(seen.text)):
        return replace(base, unit="addressees", level="reply", answered=None)
    noun = next((word for word in seen.tokens if word in PERSON | NOTE | REPLY and word not in _DONE), "")
    if _WHO.match(seen.text) and (noun in PERSON or seen.starts("(?:who|whom|by whom|from whom)")):
        return _people_listed(seen, base)
    return _comments_listed(seen, base)


def _as_target(base: StructureAsk) -> StructureAsk:
    """Take comments named without a role as the ones replied to."""
    return replace(base, to_comments=base.ids, ids=()) if base.ids and not base.to_comments else base


def _people_listed(seen: View, base: StructureAsk) -> StructureAsk | None:
    replies = seen.has(REPLY)
    if _OPEN.match(seen.text) and not seen.says(r"\breply to$|\bto whom\b"):
        return None
    if (base.ids or base.by) and not replies:
        return None
    if not (
        replies or base.to or base.to_comments or seen.has(NOTE | WRITE | PERSON) or seen.says(r"\binvolved|\bactive")
    ):
        return None
    if seen.says(r"\bwho (?:said|says|thinks?)\b") and not base.to and not base.to_comments:
        return None
    return replace(people(seen, base), want="list")


def _comments_listed(seen: View, base: StructureAsk) -> StructureAsk | None:
    replies = seen.has(REPLY)
    asked = seen.starts(rf"what (?:are|were) (?:all )?(?:the )?(?:direct )?(?:P\d+ 's )?(?:{REPLIES}|comments|posts)\b")
    open_question = seen.starts(r"(?:what|who) (?:did|do|does|is|are|was|were|has|have)\b") and not asked
    if open_question or not seen.has(NOTE | REPLY):
        return None
    narrowed = base.by or base.to or base.to_comments or base.ids or base.level != "all"
    narrowed = (
        narrowed
        or base.without
        or "exist" in seen.bag
        or "dated" in seen.bag
        or base.answered is not None
        or base.named is not None
    )
    if not narrowed and not seen.starts(
        r"(?:list|show|give|display|comments$|all|which comments are (?:there|replies))\b"
    ):
        return None
    if not replies or base.answered is not None:
        return base
    if seen.has(NOTE) and not base.to and not base.to_comments:
        return having(seen, base)
    return replace(base, level="all" if base.branch else "reply")
