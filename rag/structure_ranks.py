"""The frame that reads superlatives: who wrote most, the longest comment, who got the most replies. Pure."""

import re
from dataclasses import replace

from rag.query import Level, Rank, StructureAsk
from rag.structure_view import View, filters
from rag.structure_words import COUNTS, GET, NOTE, PEOPLE, PERSON, REPLY, VOTES, WRITE

__all__ = ["compared", "daily", "extreme", "placed"]

_RANKINGS: tuple[tuple[Rank, re.Pattern[str]], ...] = tuple(
    (rank, re.compile(pattern))  # type: ignore[misc]
    for rank, pattern in (
        (
            "highest",
            r"\b(?:highest|most|best|top)[ -](?:number of )?(?:scor\w+|vot\w+|rated|upvot\w+|lik\w+|points?|popular"
            r"|karma)"
            r"|\bhighest[ -](?:\w+ )?(?:score|votes?|rat\w+)|\btop-?rated\b"
            r"|\bby (?:score|votes|points|likes|rating|upvotes)|\b(?:upvot\w+|lik\w+) (?:the )?most"
            r"|\b(?:scor\w+|rated|voted) (?:the )?(?:highest|best)",
        ),
        (
            "lowest",
            r"\b(?:lowest|fewest|least|worst)[ -](?:scor\w+|vot\w+|rated|upvot\w+|lik\w+|points?|popular)"
            r"|\bmost downvot\w+|\bdownvot\w+ (?:the )?most|\b(?:scor\w+|rated|voted) (?:the )?(?:lowest|worst)",
        ),
        (
            "deepest",
            r"\bdeepest|\bmost (?:deeply )?nested|\blongest[ -](?:\w+ )?(?:chain|exchange|thread|subthread"
            r"|sub-thread|branch"
            r"|sequence|back-and-forth|conversation|discussion|running)"
            r"|\b(?:chain|exchange|branch|thread|conversation) (?:is|was|of \w+ is) (?:the )?longest",
        ),
        (
            "longest",
            r"\blongest|\blengthiest|\bbiggest comment|\bmost (?:words|verbose|lengthy|wordy|text)\b|\bwordiest",
        ),
        ("shortest", r"\bshortest|\bbriefest|\b(?:fewest|least) words|\bsmallest comment"),
        (
            "most_replied",
            r"\bmost (?:direct |number of )?(?:replied|repl\w+|answer\w*|respon\w+|reaction\w*|discussed|commented)\b"
            r"|\b(?:replied|answered|responded) (?:to )?(?:the )?most|\bmost engag\w+|\b(?:biggest|largest"
            r"|greatest) (?:number of )?(?:response|reaction|repl\w+|answers)"
            r"|\bmost[ -](?:often|frequently) (?:answered|replied|responded)",
        ),
        ("first", r"\bfirst\b|\bearliest|\boldest|\binitial\b|\bopen(?:ed|ing)\b|\b(?:start|began|begin)(?:s|ed)?\b"),
        ("last", r"\blast\b|\blatest|\bnewest|\bmost recent|\bfinal\b|\bend(?:ed|s|ing)?\b|\bclos(?:ed|ing)\b"),
        ("least", r"\bleast|\bfewest|\brarely|\bseldom|\bquietest|\blowest number"),
        (
            "most",
            r"\bmost|\bmore (?:comments|posts|often) than|\bmore than (?:any|every|the others|others|all)"
            r"|\b(?:highest|greatest) (?:\w+ )?(?:number|count)"
            r"|\bbiggest|\blargest|\btop\b(?!-)|\bdominat\w+|\bloudest|\bbusiest|\bchattiest|\bmax\w*",
        ),
    )
)
_EVERYONE = re.compile(
    r"\b(?:breakdown|distribution|ranking|rank|(?:each|every) (?:\w+ )?(?:commenter|person|user|author|participant)"
    r"|(?:comments?|posts?) (?:counts? )?(?:per|by|of each) (?:each )?(?:person|commenter|user|author|participant)"
    r"|who (?:commented|wrote|posted) how (?:often|many|much)|per (?:person|commenter|user|author|participant|head))\b"
)
_TOP = re.compile(
    r"\btop (two|three|four|five|six|ten|\d+)\b|\b(two|three|four|five|six|ten|\d+) (?:most|longest|shortest|highest"
    r"|top)\b"
)
_PERSON_ASKED = re.compile(
    r"\b(?:who|whom|whose|by whom)\b"
    r"|\b(?:which(?: of (?:the|these|all))?|what|top|active|prolific|vocal|talkative|frequent|wordiest|chattiest"
    r"|verbose|most|least|biggest|main"
    rf"|loudest|quietest)(?: \w+)? {PEOPLE}\b"
)
_WHOSE = re.compile(r"\bwhose (?:\w+ )?(?:comment|post|remark|message|contribution)\b")
_WRITING = re.compile(
    r"\bwho (?:reply|replies|(?:(?:has|have|had|most|often|frequently|also) ){0,4}"
    r"(?:replied|responds?|responded|answers?|answered|wrote|made|gave|writes|posted|gives|sent|left|contributed))\b"
)
_ACTIVE = frozenset(
    (
        "active",
        "prolific",
        "vocal",
        "talkative",
        "dominate",
        "dominates",
        "dominated",
        "involved",
        "often",
        "quietest",
        "loudest",
        "chattiest",
    )
)


_DAYS_ASKED = re.compile(r"\b(?:which|what|busiest|quietest|most active|most) (?:single )?(?:day|date)s?\b|^when\b")
_BY_DAY = re.compile(r"\b(?:per|each|every|by|a) (?:day|date)\b|\bdaily\b")


def daily(seen: View) -> StructureAsk | None:
    """Read on which day most was written, and how much on each."""
    base = replace(filters(seen), unit="days")
    if not seen.has(NOTE | WRITE | REPLY) and not seen.says(r"\b(?:busiest|quietest|active)\b"):
        return None
    if seen.says(r"\b(?:on )?how many (?:different )?days\b"):
        return base
    if _BY_DAY.search(seen.text) and not seen.says(r"\baverage\b"):
        return replace(base, want="extreme", rank="most", top=0)
    few = seen.says(r"\b(?:fewest|least|quietest|lowest)\b")
    if _DAYS_ASKED.search(seen.text) and (few or seen.says(r"\b(?:most|busiest|highest|biggest|largest)\b")):
        person = seen.has(PERSON) and not seen.has(NOTE)
        sized = seen.says(r"\b(?:most|highest|best|lowest|least)[ -]\w*(?:vot|lik|scor|rat|repl|answ)\w*")
        whose = seen.starts("when") and not seen.says(r"\bmost (?:comments|posts|people)\b|\bbusiest\b|\bmost active\b")
        return None if person or sized or whose else replace(base, want="extreme", rank="least" if few else "most")
    return None


def compared(seen: View) -> StructureAsk | None:
    """Read "who wrote more, A or B?" and "did A write more than B?"."""
    if len(seen.by) < 2 or seen.to or not seen.says(r"\b(?:more|fewer|most|fewest|less|least)\b"):
        return None
    level: Level = "reply" if seen.has(REPLY) else "all"
    return StructureAsk("extreme", "people", by=seen.by, rank="most", top=0, level=level)


_WRITERS = frozenset(("commenter", "commentator", "poster", "contributor", "participant", "respondent", "replier"))
_PLACES = {"second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5}
_SHORT = 8  # words: "what is the second longest comment by Ada"
_NTH = re.compile(
    rf"\b({'|'.join(_PLACES)})[ -](?=(?:most|least|fewest|longest|shortest|highest|lowest|biggest|largest|lengthiest"
    r"|top|best|busiest|wordiest|chattiest)\b)"
)


def placed(seen: View) -> StructureAsk | None:
    """Read "who commented second most?": a superlative counted down from its top."""
    chosen = re.search(rf"\b({'|'.join(_PLACES)})[ -]C\d+", seen.text)
    if chosen and seen.rank is not None and not seen.has(REPLY) and len(seen.tokens) < _SHORT:
        return StructureAsk("extreme", by=seen.rank_by, rank=seen.rank, place=_PLACES[chosen.group(1)])
    match = _NTH.search(seen.text)
    if match is None:
        return None
    text = _NTH.sub("", seen.text)
    ask = extreme(replace(seen, text=text, tokens=tuple(word for word in seen.tokens if word != match.group(1))))
    ranked = ask is not None and ask.top == 1 and ask.rank not in ("first", "last", "deepest", None)
    return replace(ask, place=_PLACES[match.group(1)]) if ask is not None and ranked else None


def extreme(seen: View) -> StructureAsk | None:
    """Read superlatives of people and comments."""
    text = re.sub(r"\bat (?:least|most)\b", "", seen.text)
    if _EVERYONE.search(text) and seen.has(NOTE | PERSON):
        return StructureAsk("extreme", "people", rank="most", top=0)
    rank = next((name for name, pattern in _RANKINGS if pattern.search(text)), None)
    if rank is None:
        return None
    base = replace(filters(seen), want="extreme", rank=rank, named=None, answered=None)
    number = _TOP.search(text)
    if number:
        word = number.group(1) or number.group(2)
        base = replace(base, top=COUNTS.get(word) or int(word))
    person = _PERSON_ASKED.search(text) is not None and not re.match(
        r"(?:which|what) (?:\w+ )?(?:comment|post)s?\b", text
    )
    if rank in ("first", "last"):
        return _end(seen, base, person)
    if rank == "deepest":
        return base
    if rank in ("longest", "shortest", "highest", "lowest"):
        return _of_comment(seen, base, person)
    if rank == "most_replied":
        return _replied(seen, base, person)
    return _of_person(seen, base, person)


def _end(seen: View, base: StructureAsk, person: bool) -> StructureAsk | None:
    note = seen.has(NOTE)
    if base.level == "top" and not seen.says(r"\b(?:first|earliest|oldest|initial|last|latest|newest|final)\b"):
        return None
    if seen.says(r"\bwhen\b|\bwhat (?:time|date|day)|\bdate\b|\btime\b"):
        told = note or seen.has(WRITE | REPLY | PERSON) or base.by
        return replace(base, want="time") if told else None
    if not (note or (seen.has(WRITE | REPLY | _WRITERS) and person)):
        return None
    return replace(base, level="reply" if seen.has(REPLY) else base.level)


_SIZED = re.compile(
    r"\b(?:longest|shortest|lengthiest|briefest|biggest|smallest|wordiest|chattiest|most verbose)(?: \w+)? "
    r"(?:comment|post|message|remark|entry|contribution|reply|response)s?\b"
)


def _of_comment(seen: View, base: StructureAsk, person: bool) -> StructureAsk | None:
    note = seen.has(NOTE) or seen.has(REPLY)
    whose = _WHOSE.search(seen.text) is not None
    if base.rank in ("longest", "shortest"):
        if person and not whose and not _SIZED.search(seen.text):
            return replace(base, unit="people")
        return base if note else None
    if person and not whose and not note and not base.by:
        return replace(base, unit="people")
    return base if note or seen.has(VOTES) else None


def _replied(seen: View, base: StructureAsk, person: bool) -> StructureAsk:
    if seen.says(r"\bwhose (?:comments|posts)\b"):
        return replace(base, unit="people")
    if not person or _WHOSE.search(seen.text):
        return base
    received = seen.has(GET) or seen.says(r"\b(?:has|have|had|was|were|is|been)\b|\bmost (?:replied-to|answered)\b")
    if _WRITING.search(seen.text) or not received or base.to:
        return replace(base, unit="people", rank="most", level="reply")
    return replace(base, unit="people")


def _of_person(seen: View, base: StructureAsk, person: bool) -> StructureAsk | None:
    told = seen.has(NOTE | WRITE | REPLY | PERSON) or not seen.bag.isdisjoint(_ACTIVE)
    if not told or (not person and not seen.has(NOTE)):
        return None
    if not person and not seen.says(r"\b(?:top|most active|most prolific)\b"):
        return None
    if seen.has(REPLY):
        received = seen.has(GET) or seen.says(r"\b(?:has|have|had|was|were|is|been)\b")
        if received and not _WRITING.search(seen.text) and not base.to:
            return replace(base, unit="people", rank="most_replied" if base.rank == "most" else "least")
        return replace(base, unit="people", level="reply")
    if seen.says(r"\bwhat\b") and not seen.says(r"\bwhat (?:user|person|commenter|is the (?:list|name|most|top))"):
        return None
    return replace(base, unit="people")
