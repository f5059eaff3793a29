"""How a question reads on its own after the turns before it: pronouns, ellipsis, "that claim". Pure, no model.

A question that stands alone is left alone. People come from the previous turns' questions, answers and citations, the
most recent first; a pronoun's gender only rules somebody out where the threads give evidence of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.thread import ARTICLE, Thread
from rag.evidence import Turn
from rag.focus import comments_about
from rag.languages import LEANING
from rag.names import Roster, find_people, fold
from rag.query import UNNAMED
from rag.words import FUNCTION, SPEAKING

__all__ = ["Resolution", "resolve"]

_MOST_READ = 1200  # characters of an earlier answer that are searched for names
_HE, _SHE, _THEY = {"he", "him", "his", "himself"}, {"she", "her", "hers", "herself"}, {
    "they", "them", "their", "theirs", "themselves",
}  # fmt: skip
_PRONOUN = re.compile(r"\b(?:s?he|him|his|her|hers|they|them|theirs?)\b(?!['’])|\b(?:s?he|they)(?=['’])", re.IGNORECASE)
_CLAIM = (
    r"(?:claim|comment|point|argument|statement|post|reply|remark|message|view|opinion|position|assertion|idea"
    r"|suggestion"
    r"|accusation|criticism|objection|question|assessment|theory|prediction|quote|answer|response|story|example)"
)
_THAT = re.compile(
    rf"\b(?:that|this|the same|the latter|said)\s+(?:\w+\s+)?{_CLAIM}\b|\b(?:those|these)\s+{_CLAIM}s\b"
    r"|\b(?:to|with|about|of|on|after|for|by|against|from|before|mention\w*|say|said|think|thought|write|wrote"
    r"|post\w*|claim\w*|mean\w*|believe\w*|support\w*|dispute\w*|deny|answer\w*|do|did|like)\s+(?P<bare>that|this|it"
    r"|those|these)\b(?=\s*(?:[?.!,]|$|too\b|as well\b|exactly\b|in (?:the|their)\b|and\b|or\b|by\b))"
    r"|^(?:and |but |so )?(?:is|was|are|were|does|did|has|why is|why was|how is|when is|when was)\s+(?P<lead>that"
    r"|this|it|those|these)\b(?!\s+(?:article|thread|discussion|story|page|true that|possible|clear|known))"
    r"|^(?:and |but |so )?(?:what|why|how|who|when|where|whom) (?:does|did|is|was) (?P<asked>it|this|that)\b"
    r"(?!\s+(?:article|thread|discussion|story|page|true|possible|clear))"
    r"|\b(?P<object>it)\b(?=\s*(?:[?.!]|$))",
    re.IGNORECASE,
)
_WHAT_ABOUT = re.compile(
    r"^(?:(?:and|but|so|ok|okay|now|then)[, ]+)*(?:what about|how about|and|what of|same for|und|und was ist mit|et"
    r"|y)\s+(?P<what>.+?)\s*\??$",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"^(?:(?:and|but|so|ok|okay)[, ]+)*(?P<what>why(?: not| so| is that)?|how so|how many(?: times)?|how often|when"
    r"|where|who|who else|anyone else|anybody else|what else"
    r"|(?:and )?(?:the )?others|who exactly|which ones?|what for|since when|how|really|are you sure|more"
    r"|tell me more|go on|elaborate|in what way|how come|says who|such as|for example|like what|what do you mean"
    r"|anything else|warum|wieso|pourquoi|por qué)\s*\??$",
    re.IGNORECASE,
)
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
    """A question as it reads on its own. `leans` tells it needed the history; `focus` are the comments it points at."""

    text: str
    leans: bool = False
    focus: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Memory:
    """Whom and what the turns so far spoke of: people most likely meant first, comments of the last answer."""

    people: tuple[str, ...]
    group: tuple[str, ...]
    comments: tuple[tuple[str, str], ...]
    asked: str = ""
    named: tuple[str, ...] = ()


_THINGS = re.compile(
    r"\b(?:how many|which|what|list|show)(?: \w+){0,3}? (?:comments|posts|replies|points|arguments|claims|reasons"
    r"|words)\b",
    re.IGNORECASE,
)


def resolve(question: str, history: Sequence[Turn], people: Roster, threads: Sequence[Thread]) -> Resolution:
    """Resolve a question against the turns before it."""
    if not history:
        return Resolution(question)
    text = question.strip()
    memory = _remember(history, people, threads)
    last = history[-1].question.strip()
    bare = _BARE.match(text)
    if bare:
        return Resolution(_completed(bare["what"].lower(), last, memory), True, _ids(memory), memory.people[:1])
    about = _WHAT_ABOUT.match(text)
    if about and not _verbal(about["what"]):
        previous = resolve(last, history[:-1], people, threads).text
        return Resolution(_swapped(previous, about["what"].strip(), people, threads), True, (), memory.people[:1])
    resolved, used = _persons(text, memory, people, threads)
    resolved, points = _things(resolved, memory, threads)
    leans = bool(
        used or points or _unresolved(text) or _ELSE.search(text) or (_OPENING.match(text) and len(text.split()) < 9)
    )
    if _ELSE.search(text):
        resolved = f"{last.rstrip('?. ')}? {resolved}" if len(text.split()) < 5 else resolved
    if leans:
        resolved = re.sub(r"^(?:and|but|so|also|then)[, ]+", "", resolved, flags=re.IGNORECASE)
        resolved = resolved[:1].upper() + resolved[1:]
    return Resolution(resolved, leans, _ids(memory) if points else (), used)


def _ids(memory: _Memory) -> tuple[str, ...]:
    return tuple(comment_id for comment_id, _ in memory.comments)


def _verbal(rest: str) -> bool:
    """Tell whether what follows "and" is a whole question of its own."""
    head = rest.split()[0].lower() if rest.split() else ""
    return head in _ASKING


_ASKING = frozenset((
    "who", "what", "when", "where", "why", "how", "which", "whom", "whose", "did", "does", "do", "is", "are", "was",
    "were", "has", "have", "can", "could", "list", "show", "summarise", "summarize", "name", "tell", "should", "would",
))  # fmt: skip
_NOT_OWNED = (FUNCTION - {"most", "last", "first", "own", "more", "other", "few"}) | {
    "about", "mention", "say", "think", "reply", "respond", "answer", "get", "and", "exactly",
}  # fmt: skip


def _completed(what: str, last: str, memory: _Memory) -> str:
    """Complete a bare "why?", "how many times?", "when?" by the question before it."""
    lead = last.rstrip("?. ")
    if what.startswith("how many times") or what == "how often":
        if re.match(r"(?:did|does|do|has|have)\b", lead, re.IGNORECASE):
            return f"How many times {lead[0].lower()}{lead[1:]}?"
        return f"{lead}? How many times?"
    if what == "how many":
        match = re.match(r"(?:who|which (?:people|commenters|persons))\s+(?P<rest>.+)", lead, re.IGNORECASE)
        if match:
            plural = re.sub(r"^([a-z]+[^s])s ", r"\1 ", match["rest"])
            return f"How many people {plural}?"
        match = re.match(r"(?:did|does|has|have) (?:anyone|anybody|someone)\s+(?P<rest>.+)", lead, re.IGNORECASE)
        if match:
            return f"How many people {match['rest']}?"
        match = re.match(
            r"(?:which|what|list|show)(?: all)?(?: the)? (?P<rest>(?:comments|replies|posts)\b.*)", lead, re.IGNORECASE
        )
        return f"How many {match['rest']}?" if match else f"{lead}? How many?"
    if what == "when" and len(memory.comments) == 1:
        return f"When was {memory.comments[0][1]} written?"
    return f"{lead}? {what[0].upper()}{what[1:]}?"


def _swapped(previous: str, topic: str, people: Roster, threads: Sequence[Thread]) -> str:
    """Ask the previous question again with another person or topic: "and Don?", "what about Turkey?"."""
    found = find_people(topic, people, threads)
    before = find_people(previous, people, threads)
    number = re.fullmatch(r"(?:comment\s*#?\s*|c|#)(\d+)\??", topic, re.IGNORECASE)
    if number and re.search(r"\bc\d+\b", previous):
        return re.sub(r"\bc\d+\b", f"c{number[1]}", previous, count=1)
    whole = found and found[0].start == 0 and found[0].end >= len(topic) - 1
    if whole and before:
        one = before[0]
        ending = "'s" if re.search(r"['’]s?$", previous[one.start : one.end]) else ""
        return previous[: one.start] + topic.rstrip("? ") + ending + previous[one.end :]
    if whole:
        generic = re.search(
            r"\b(?:anyone|anybody|someone|commenters|people|(?<=by )whom)\b|^who\b", previous, re.IGNORECASE
        )
        if generic:
            return previous[: generic.start()] + topic.rstrip("? ") + previous[generic.end() :]
    if re.fullmatch(
        r"(?:in |according to )?the (?:article|story|comments|discussion|replies)(?: itself)?", topic, re.IGNORECASE
    ):
        place = topic if topic.lower().startswith(("in ", "according")) else f"in {topic}"
        return f"{previous.rstrip('?. ')} {place}?"
    best = _SUPERLATIVE.search(topic)
    if best and len(topic.split()) < 4 and _SUPERLATIVE.search(previous):
        return _SUPERLATIVE.sub(best.group(), previous, count=1)
    tail = re.search(
        r"^(?P<head>.+\b(?:about|regarding|concerning|mention|mentions|mentioned|of|on|with|to"
        r"|for))\s+(?P<old>(?:the |an? )?[\w'’\-]+(?: [\w'’\-]+){0,4})\s*\??$",
        previous,
    )
    if tail and not find_people(tail["old"], people, threads):
        preposition = tail["head"].split()[-1]
        return f"{tail['head']} {topic.removeprefix(f'{preposition} ').rstrip('? ')}?"
    return f"{previous.rstrip('?. ')}? What about {topic.rstrip('? ')}?"


_SUPERLATIVE = re.compile(
    r"\b(?:longest|shortest|highest|lowest|first|last|most|least|fewest|earliest|latest|newest|oldest|deepest|best|worst)\b",
    re.IGNORECASE,
)


def _remember(history: Sequence[Turn], people: Roster, threads: Sequence[Thread]) -> _Memory:
    ordered: list[str] = []
    group: tuple[str, ...] = ()
    comments: list[tuple[str, str]] = []
    named: tuple[str, ...] = ()
    for back, turn in enumerate(reversed(history[-4:])):
        asked = [name for one in find_people(turn.question, people, threads) for name in one.names[:1]]
        told = [name for one in find_people(turn.answer[:_MOST_READ], people, threads) for name in one.names[:1]]
        cited = _cited(turn, threads)
        writers = [
            comment.author or UNNAMED
            for thread in threads
            for comment_id, _ in cited
            if (comment := thread.get(comment_id)) is not None
        ]
        answered = list(dict.fromkeys([*told, *writers]))
        new = [name for name in answered if name not in asked]
        asks_who = re.match(
            r"\s*(?:and |so )?(?:who|whom|which|whose|by whom|list|name|did any|does any|has any)\b",
            turn.question,
            re.I,
        )
        turn_people = [*new, *asked, *answered] if asks_who and new else [*asked, *answered]
        if back == 0:
            comments = cited
            named = tuple(dict.fromkeys(asked))
            group = tuple(dict.fromkeys(new if asks_who and new else asked if len(asked) > 1 else answered))
        ordered.extend(turn_people)
    if not comments:
        comments = _recalled(history[-1], named or group, threads)
    return _Memory(tuple(dict.fromkeys(ordered)), group, tuple(comments), history[-1].question, named)


def _recalled(turn: Turn, people: Sequence[str], threads: Sequence[Thread]) -> list[tuple[str, str]]:
    """Return the comment that an answer without citations or markers most likely spoke of, by its words."""
    by = people[:1] if people else ()
    best = comments_about(f"{turn.question} {turn.answer[:_MOST_READ]}", threads, by)[:1]
    return [(one.id, one.tag) for thread in threads for one in thread.comments if one.id in best]


def _cited(turn: Turn, threads: Sequence[Thread]) -> list[tuple[str, str]]:
    """Return (id, `c10`) of the comments that a turn's answer rests on, from its citations or its markers."""
    found = [(one.comment, one.number) for one in turn.citations if one.comment != ARTICLE]
    if not found:
        numbers = [int(number) for number in re.findall(r"\bc(\d{1,5})\b", turn.answer)]
        found = [
            (comment.id, comment.tag)
            for number in numbers
            for thread in threads
            for comment in thread.comments
            if comment.number == number
        ]
    return list(dict.fromkeys(found))


def _persons(text: str, memory: _Memory, people: Roster, threads: Sequence[Thread]) -> tuple[str, tuple[str, ...]]:
    """Put names in place of pronouns that have no antecedent in the question itself."""
    named = find_people(text, people, threads)
    chosen: dict[str, tuple[str, ...]] = {}
    out: list[str] = []
    at = 0
    for match in _PRONOUN.finditer(text):
        word = match.group().lower()
        family = "he" if word in _HE else "she" if word in _SHE else "they"
        if any(one.end <= match.start() for one in named) and not _addressed(text, match):
            continue
        if family == "they" and _PLURAL.search(text[: match.start()]):
            continue
        names = chosen.get(family) or _candidates(family, text, memory, chosen, named, threads)
        if not names:
            continue
        chosen[family] = names
        shown = " and ".join(name or "the unnamed commenter" for name in names)
        after = text[match.end() :]
        if word in ("his", "their", "hers", "theirs") or (word == "her" and _possessive(after)):
            shown += "'s"
        out.append(text[at : match.start()] + shown)
        at = match.end()
    out.append(text[at:])
    return "".join(out), tuple(dict.fromkeys(name for names in chosen.values() for name in names))


_PLURAL = re.compile(
    r"\b(?:commenters|people|users|readers|participants|they|those|everyone|anyone|others|(?:the|these|most) \w+s)\b",
    re.I,
)
_TOLD = re.compile(
    r"\b(?:repl(?:y|ied|ies)|respond(?:s|ed)?|answer(?:s|ed)?|tell|tells|told|say|said|agree[sd]?|disagree[sd]?"
    r"|asks?|asked"
    r"|write|wrote)(?:\s+(?:to|with))?\s*$",
    re.IGNORECASE,
)


def _addressed(text: str, match: re.Match[str]) -> bool:
    """Tell whether a pronoun after a name means somebody else all the same: "what did Don reply to her?"."""
    told = match.group().lower() in ("him", "her", "them") and _TOLD.search(text[: match.start()])
    return bool(told) and not _possessive(text[match.end() :])


def _possessive(after: str) -> bool:
    word = re.match(r"\s+([\w\-]+)", after)
    return word is not None and word.group(1).lower() not in _NOT_OWNED


def _candidates(
    family: str,
    text: str,
    memory: _Memory,
    chosen: dict[str, tuple[str, ...]],
    named: Sequence[object],
    threads: Sequence[Thread],
) -> tuple[str, ...]:
    taken = {name for names in chosen.values() for name in names}
    taken |= {name for one in named for name in getattr(one, "names", ())}
    free = [name for name in memory.people if name not in taken]
    if family == "they" and _THINGS.search(memory.asked):
        return ()
    if family == "they":
        group = tuple(name for name in memory.group if name not in taken)
        return group if len(group) > 1 else tuple(name for name in free[:1] if name in memory.named)
    if _REACTING.search(text) and memory.named:
        first = _reacting(memory, threads)
        free = [*(name for name in first if name not in taken), *(name for name in free if name not in first)]
    for name in free:
        if _gender(name, threads) != ("she" if family == "he" else "he"):
            return (name,)
    return ()


def _gender(name: str, threads: Sequence[Thread]) -> str:
    """Return `he` or `she` where the threads use that pronoun after the name and not the other, else ``."""
    if not name:
        return ""
    he = she = 0
    pattern = re.compile(rf"(?<!\w){re.escape(name.split()[0])}(?!\w)[^.!?\n]{{0,80}}", re.IGNORECASE)
    for thread in threads:
        for body in (thread.article.text, *(comment.body for comment in thread.comments)):
            if name.split()[0] not in body:
                continue
            for match in pattern.finditer(body):
                found = {fold(part) for part in re.findall(r"\w+", match.group())}
                he += bool(found & _HE)
                she += bool(found & _SHE)
    return "he" if he > she * 2 and he else "she" if she > he * 2 and she else ""


_REACTING = re.compile(
    r"\b(?:react|reply|respond|answer|accept|agree|concede|object)\s*(?:that|this|it)?"
    r"\s*(?:[?.!]|$|to (?:that|this|it|him|her|them)\b)",
    re.IGNORECASE,
)


def _reacting(memory: _Memory, threads: Sequence[Thread]) -> list[str]:
    """Return who is likely meant to have reacted: the one spoken to, else the only one who answered what was cited."""
    if len(memory.named) > 1:
        return [memory.named[1]]
    if _WHO_ANSWERED.match(memory.asked):
        return [memory.named[0]]
    ids = {comment_id for comment_id, _ in memory.comments}
    repliers = {
        reply.author
        for thread in threads
        for comment_id in ids
        if thread.get(comment_id) is not None
        for reply in thread.children(comment_id)
        if reply.visible and reply.author not in memory.named
    }
    return [name for name in repliers if name is not None] if len(repliers) == 1 else []


_WHO_ANSWERED = re.compile(r"\s*(?:and |so )?who\b.*\b(?:repl|respon|answer|react)", re.IGNORECASE)
_BRIEF = re.compile(r"(?:which|what|whose|how|where|when|who) \w+\s*\?*", re.IGNORECASE)
_POINTING = re.compile(
    r"\b(?:about|from|of|in|on|to|with|for|by|at|is|was)\s+(?:that|this|these|those)\s+(?P<noun>[a-z]+)"
    r"|^(?:which|what) (?:one|ones)\b|\bof (?:these|those|them|the (?:two|three))\b|\b(?:the )?(?:former|latter)\b",
    re.IGNORECASE,
)
_OF_THE_PAGE = frozenset(
    ("article", "thread", "discussion", "story", "page", "site", "file", "topic", "post", "forum", "debate", "comment")
)
_LOOSE = re.compile(r"\b(?:it|its|they|them|their|he|she|him|his|her)\b", re.IGNORECASE)
_EXPLETIVE = re.compile(
    r"\b(?:is|was|does|would|did|will) it (?:true|clear|possible|likely|mean|matter|worth|really|take)\b"
    r"|\bit (?:is|was|seems)\b",
    re.IGNORECASE,
)


def _unresolved(text: str) -> bool:
    """Tell whether a question points back without naming anybody: "where do they take place?", "that number"."""
    pointing = _POINTING.search(text)
    if pointing and (pointing["noun"] or "").lower() not in _OF_THE_PAGE:
        return True
    if LEANING.search(text) or _BRIEF.fullmatch(text):
        return True
    sentence = re.split(r"(?<=[.?!])\s+", text.strip())[-1]
    if _fragment(sentence) or _AT_THE_END.search(sentence):
        return True
    loose = _LOOSE.search(sentence)
    if loose is None or _EXPLETIVE.search(sentence) or _PLURAL.search(sentence[: loose.start()]):
        return False
    return _ANTECEDENT.search(sentence[: loose.start()]) is None


_ANTECEDENT = re.compile(
    r"\b(?:[Tt]he|[Aa]n?|[Tt]his|[Tt]hat|[Mm]y|[Yy]our|of|in|on|about|for|with|any|some|many|most|all|no)\s+"
    r"(?!part\b|one\b|reason\b|side\b|kind\b|way\b)[a-z]{3,}"
    r"|(?<=\s)[A-Z]\w+|\b[a-z]{3,}[^s\W]s\b(?<!does)(?<!was)(?<!has)(?<!this)(?<!its)"
)
_AT_THE_END = re.compile(r"\b(?:one|ones|it|them|those|these|too|as well|instead)\s*[?.!]*$", re.IGNORECASE)


def _fragment(sentence: str) -> bool:
    """Tell whether a sentence is a few words without a verb: "fees?", "the Bronx size"."""
    found = fold(sentence).rstrip("?.! ").split()
    return 0 < len(found) < 6 and not any(word in _VERBAL or word in SPEAKING for word in found)


_VERBAL = _ASKING | frozenset((
    "am", "be", "been", "get", "got", "give", "explain", "describe", "compare", "outline", "recap", "overview", "gist",
    "summary", "tl;dr", "tldr", "count", "find", "will", "shall", "may", "must", "go", "went", "mean", "let",
    "commented", "replies", "comments", "commenters",
))  # fmt: skip


_THERE = re.compile(r"(?<!are )(?<!is )\bthere\b(?=\s*[?.!]?$)", re.IGNORECASE)


def _things(text: str, memory: _Memory, threads: Sequence[Thread]) -> tuple[str, bool]:
    """Find "that claim", "it", "this" pointing back; a question of structure gets the comment's number instead."""
    match = _THAT.search(text)
    if match is None and LEANING.search(text):
        return text, True
    place = _THERE.search(text)
    if place and memory.comments and re.search(r"\b(?:repl\w+|respond\w*|answer\w*)\b", text):
        return f"{text[: place.start()]}in {memory.comments[0][1]}{text[place.end() :]}", True
    if match is None or not memory.comments:
        return text, match is not None
    structural = re.search(
        r"\b(?:repl\w+|respon\w+|answer\w*|who (?:wrote|posted|said|made)|when|how long|score|votes|points|react\w*)\b",
        text[: match.start()] + " " + text[match.end() :] + " " + text,
        re.I,
    )
    if not structural or len(memory.comments) > 3:
        return text, True
    numbers = " and ".join(number for _, number in memory.comments)
    start, end = match.start(), match.end()
    for group in ("bare", "lead", "asked", "object"):
        if match[group]:
            start, end = match.span(group)
    return text[:start] + numbers + text[end:], True
