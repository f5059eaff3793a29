"""A marked question → `StructureAsk`, where the tree answers it. Pure.

A question is about structure only if *every* word of it belongs to a closed vocabulary (comments, people, replying,
counting, ranking, time); one word of content ("militants", "ultimatum") and it is a question of fact. What is left
is a bag of roles and tags that a handful of frames read, so that wordings need not be foreseen one by one.
"""

import re
from dataclasses import dataclass, replace

from rag.query import UNNAMED, Rank, StructureAsk, Want
from rag.references import Marked
from rag.words import FUNCTION

__all__ = ["View", "parse", "view"]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


NOTE = _set(
    "comment comments commented commenting post posts posted posting remark remarks message messages contribution"
    " contributions entry entries statement statements"
)
WRITE = _set(
    "write writes wrote written writing make makes made leave leaves left submit submitted contribute contributes"
    " contributed contributing say says said speak speaks spoke spoken talk talks talked participate participates"
    " participated participating take takes took taking part chime chimes chimed weigh weighs weighed join joins joined"
    " author authored produce produced give gives gave pen penned appear appears appeared share shared"
)
REPLY = _set(
    "reply replies replied replying respond responds responded responding response responses answer answers answered"
    " answering react reacts reacted reacting reaction reactions rejoinder rejoinders retort retorts retorted follow-up"
    " follow-ups followup followups replied-to answered-to"
)
GET = _set(
    "get gets got gotten getting receive receives received receiving draw draws drew drawn attract attracts attracted"
    " elicit elicits elicited garner garners garnered generate generates generated trigger triggered provoke provoked"
    " prompt prompted spark sparked earn earned collect collected"
)
PERSON = _set(
    "commenter commenters commentator commentators commentor commentors person persons people user users poster posters"
    " participant participants contributor contributors individual individuals reader readers member members voice"
    " voices folks folk account accounts author authors writer writers speaker speakers name names someone anyone"
    " anybody somebody everyone everybody nobody handle handles username usernames respondent respondents replier"
    " repliers guy guys human humans debater debaters party parties discussant discussants interlocutor interlocutors"
)
WORDS = _set("word words wordcount characters")
VOTES = _set("vote votes point points upvote upvotes upvoted like likes liked score scores scored karma rating ratings")
LEVELS = _set("level levels deep depth nested nesting nest layers layer indentation hierarchy")
TIMES = _set("when time times date dates day days hour hours period span earliest latest newest oldest recent start")
MOST = _set("most more highest biggest largest top maximum best busiest mostly")
LEAST = _set("least fewest lowest fewer smallest minimum worst")
_OTHER = _set(
    """number numbers total totals count counts counted tally amount sum figure list lists listing show shows display
    enumerate tell many much often long longer longest lengthiest shortest briefest active prolific vocal talkative
    frequent frequently frequency different distinct unique separate various individual altogether overall together
    exactly exact precisely direct directly immediate top-level toplevel root first-level parent parents unanswered
    ignored named unnamed nameless anonymous unsigned without lacking most-active ever never twice thrice single alone
    solely second third last final first earlier later began begin begins started starting end ended ending finish
    finished last-in chain chains exchange exchanges subthread subthreads sub-thread branch branches tree sequence
    back-and-forth deepest highest-scoring lowest popular upvoted downvoted rated ranked rank ranking order ordered sort
    sorted share percentage percent proportion fraction breakdown distribution involved involvement section available
    present exist exists existing existed contain contained included go went come comes came unreplied people's whole
    entire full complete please kindly quick quickly know want like see find out identify provide present them they
    two three four five six seven eight nine ten 2 3 4 5 6 7 8 9 10 least-active size length lengthy average published
    happen happened occur occurred dominate dominates dominated back up still thread threads discussion discussions
    conversation conversations article articles file files text texts story stories piece pieces nr no. wordy wordiest
    chatty chattiest verbose rarely seldom quiet quietest everything new old run runs ran last-ed lasted take initial
    opening closing made-by address addressed directed aimed toward towards interact interacted engage engaged hear
    heard anything anyone's commenters' respective respectively apiece least-often loudest sent send receiving underneath
    beneath side thing things use uses nothing zero reply-less actually really roughly approximately about"""
)
_VOCABULARY = FUNCTION | NOTE | WRITE | REPLY | GET | PERSON | WORDS | VOTES | LEVELS | TIMES | MOST | LEAST | _OTHER

_MARK = re.compile(r"[PCA]\d+")
_TOKEN = re.compile(r"[PCA]\d+|'s\b|[^\W_][\w'\-]*|\d+", re.UNICODE)
_QUANTITY = re.compile(
    r"\b(?:how many|how much|how often|how frequently|what number|(?:number|count|tally|amount|sum|total) of|count"
    r"|total (?:number|count)|what share|what percentage|what proportion|what fraction|(?:share|percentage|proportion) of"
    r"|how large|what is the (?:total|count)|(?:comment|reply|word|vote) count|how big)\b"
)
_SHARE = re.compile(r"\b(?:share|percentage|percent|proportion|fraction)\b")
_POLITE = re.compile(
    r"^(?:(?:please|so|ok|okay|hey|hi|hello|and|also|now|well)[, ]+)*"
    r"(?:(?:can|could|would|will) you (?:please )?(?:tell me|say|show me|list|count|give me)?"
    r"|(?:please )?tell me|i(?:'d| would) like to (?:know|see)|i want to (?:know|see)|do you know|(?:i )?wonder(?:ing)?"
    r"|any idea|give me|show me|let me know|find out|what about|i am curious|curious)\s+(?=\w)"
)
_PLACE = re.compile(
    r"\b(?:in|on|under|below|beneath|underneath|to|for|of|about|from|within|across|throughout|at|here in)\s+"
    r"(?:(?:this|the|that|these|those|all|my|our|whole|entire|full|both|whole of|all of|the whole|the entire|comments?)\s+)*"
    r"(?:comment threads?|comments? sections?|discussion threads?|discussions?|conversations?|debates?|threads?|articles?"
    r"|stor(?:y|ies)|pieces?|pages?|topics?|files?|blog posts?|news|forum|text|source|document|library|here)\b"
)


@dataclass(frozen=True, slots=True)
class View:
    """A marked question as the frames see it: text, tokens, who is `by` and who is `to`, likewise for comments."""

    text: str
    tokens: tuple[str, ...]
    bag: frozenset[str]
    by: tuple[str, ...]
    to: tuple[str, ...]
    ids: tuple[str, ...]
    to_comments: tuple[str, ...]
    branch: bool
    rank: Rank | None
    rank_by: tuple[str, ...]

    def has(self, tags: frozenset[str]) -> bool:
        """Tell whether any word of a class occurs."""
        return not self.bag.isdisjoint(tags)


def view(marked: Marked, text: str | None = None) -> View:
    """Read the roles of people and comments off a marked question."""
    text = marked.text if text is None else text
    tokens = tuple(_TOKEN.findall(text))
    by: list[str] = []
    to: list[str] = []
    ids: list[str] = []
    to_comments: list[str] = []
    branch = False
    last = "by"
    rank: Rank | None = None
    rank_by: tuple[str, ...] = ()
    for at, token in enumerate(tokens):
        if not _MARK.fullmatch(token) or token[0] == "A":
            continue
        role = last if at and tokens[at - 1] in ("and", "or", "nor") and at > 1 else _role(tokens, at)
        last = role
        number = int(token[1:])
        if token[0] == "P":
            names = marked.people[number].names
            if role == "between":
                by.extend(names)
                to.extend(names)
            else:
                (to if role in ("to", "under") else by).extend(names)
            continue
        reference = marked.references[number]
        if reference.rank is not None:
            rank, rank_by = reference.rank, reference.by
        if role in ("to", "under"):
            to_comments.extend(reference.ids)
            branch = branch or role == "under"
        else:
            ids.extend(reference.ids)
    return View(
        text,
        tokens,
        frozenset(tokens),
        tuple(dict.fromkeys(by)),
        tuple(dict.fromkeys(to)),
        tuple(dict.fromkeys(ids)),
        tuple(dict.fromkeys(to_comments)),
        branch,
        rank,
        rank_by,
    )


_TRANSITIVE = _set("answer answers answered answering address addressed addresses engage engaged")
_DATIVE = _set("give gives gave send sent make made")
_BE = _set("was were is are been be being has have had")


def _role(tokens: tuple[str, ...], at: int) -> str:
    """Decide whether a name is who speaks (`by`) or who is answered (`to`), from its neighbours."""
    before = [
        word for word in tokens[max(0, at - 4) : at] if word not in ("the", "user", "commenter", "of", "any", "a")
    ]
    after = list(tokens[at + 1 : at + 6])
    prev = before[-1] if before else ""
    if "between" in tokens[:at] and prev in ("between", "and"):
        return "between"
    if prev in ("under", "below", "beneath", "underneath"):
        return "under"
    rest = [word for word in after if word not in ("'s", "ever", "also", "actually", "not", "never")]
    owned = after[:1] == ["'s"] or (rest[:1] and rest[0] in NOTE | _set("own"))
    while rest and rest[0] in NOTE | _set("own first last longest"):
        rest.pop(0)
    if prev in ("to", "at", "toward", "towards", "against", "with", "addressing"):
        return "to"
    if prev in ("by", "from"):
        return "by"
    if prev in _TRANSITIVE or (prev in _DATIVE and any(_MARK.fullmatch(word) for word in tokens[:at])):
        return "to"
    if rest and rest[0] in GET:
        return "to"
    auxiliary = any(word in _BE for word in before[-1:]) or (rest and rest[0] in _BE)
    if rest and rest[0] in _BE:
        rest = [word for word in rest[1:] if word not in ("been", "ever", "not")]
    if auxiliary and rest and rest[0] in ("answered", "replied-to"):
        return "to" if not rest[1:2] or rest[1] in ("by", "most", "at") or _MARK.fullmatch(rest[1]) is None else "by"
    if auxiliary and rest[:2] in (["replied", "to"], ["responded", "to"], ["reacted", "to"]):
        return "to" if len(rest) == 2 or rest[2] in ("by", "at", "most", "the", "more") else "by"
    if (
        prev in ("does", "do", "did", "has", "have")
        and rest
        and rest[0] == "have"
        and not REPLY.isdisjoint(tokens[:at])
    ):
        return "to"
    if rest and rest[0] in ("have", "has", "had") and not REPLY.isdisjoint(tokens):
        return "to"
    if owned and auxiliary and not REPLY.isdisjoint(rest[:2]):
        return "to"
    return "by"


def parse(marked: Marked, title_words: frozenset[str] = frozenset(), *, several: bool = False) -> StructureAsk | None:
    """Return what a question asks of the tree, or None where it asks about content.

    `title_words` are the words of the threads' titles: "the comments on the harbour article" names a place, not a
    topic. `several` tells that more than one thread is in scope.
    """
    text = _plain(marked.text)
    mention = _mention(text, marked)
    if mention is not None:
        return mention
    asked = _article(text)
    if asked is not None and not asked.unit == "threads":
        return asked
    threads = _threads(text)
    if threads is not None:
        return threads
    text, day = _day(text)
    top_level = re.search(
        rf"\b(?:{'|'.join(REPLY)}) (?:directly )?to (?:the|this|that) (?:article|story|piece|post|news)\b", text
    )
    text = _PLACE.sub(" ", _without_title(text, title_words))
    seen = view(marked, re.sub(r"\s+", " ", text).strip())
    if not _closed(seen):
        return None
    for frame in (_self, _quantity, _whether, _extreme, _levels, _when, _listing):
        ask = frame(seen)
        if ask is not None:
            ask = replace(ask, on=day)
            return replace(ask, level="top") if top_level and ask.level != "top" else ask
    return None


_EXPANSIONS = (
    (re.compile(r"\b(who|what|where|when|how|that|there|it|which)(?:'s|s(?= (?:the|is)\b))(?= )"), r"\1 is"),
    (re.compile(r"\bwho're\b"), "who are"),
    (re.compile(r"\b(\w+?)n't\b"), r"\1 not"),
    (re.compile(r"\bca not\b"), "can not"),
    (re.compile(r"\bwo not\b"), "will not"),
    (re.compile(r"\b(\w+)'ve\b"), r"\1 have"),
    (re.compile(r"\btop[ -]level\b"), "top-level"),
    (re.compile(r"\breplied[ -]to(?= (?:comment|post|commenter|person|one)s?\b)"), "replied-to"),
    (re.compile(r"\bwrote back\b"), "replied"),
    (re.compile(r"\bwrite back\b"), "reply"),
    (re.compile(r"\b(?:got|get|gets) back to\b"), "replied to"),
)


def _plain(text: str) -> str:
    text = text.strip().rstrip("?!. ")
    for pattern, plain in _EXPANSIONS:
        text = pattern.sub(plain, text)
    previous = None
    while previous != text:
        previous = text
        text = _POLITE.sub("", text)
    return text.strip()


def _closed(seen: View) -> bool:
    return all(_MARK.fullmatch(word) or word in _VOCABULARY or word == "'s" for word in seen.tokens)


def _without_title(text: str, title_words: frozenset[str]) -> str:
    """Drop the words that merely name the article: `the ferry article`, `the article about the ferry`."""
    kind = r"(?:article|thread|story|discussion|piece|post|page|topic)"

    def drop(match: re.Match[str]) -> str:
        middle = [word for word in match.group("middle").split() if word not in FUNCTION]
        return match.group("lead") + match.group("kind") if middle and set(middle) <= title_words else match.group()

    text = re.sub(rf"(?P<lead>\b(?:the|this|that)\s+)(?P<middle>(?:[\w\-]+\s+){{1,6}})(?P<kind>{kind})\b", drop, text)
    return re.sub(
        rf"(?P<lead>\b(?:the|this|that)\s+)(?P<kind>{kind})\s+(?:about|on|titled|called)\s+(?P<middle>[\w\-' ]+?)(?=$|\?|,)",
        drop,
        text,
    )


_DAY = re.compile(
    r"\b(?:on|in|during|since|posted on)?\s*"
    r"(?:(?P<iso>\d{4}-\d{2}(?:-\d{2})?)|(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m>[a-z]{3,9})(?:,?\s+(?P<y>\d{4}))?"
    r"|(?P<m2>[a-z]{3,9})\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(?P<y2>\d{4}))?|(?P<m3>[a-z]{3,9})\s+(?P<y3>\d{4}))\b"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _day(text: str) -> tuple[str, str]:
    """Take a date out of the text; without a year it becomes `-MM-DD`, matched at the end of a date."""
    for match in _DAY.finditer(text):
        if match["iso"]:
            return text.replace(match.group(), " "), match["iso"]
        name = (match["m"] or match["m2"] or match["m3"] or "")[:3]
        if name not in _MONTHS:
            continue
        month = f"{_MONTHS.index(name) + 1:02d}"
        day = match["d"] or match["d2"]
        year = match["y"] or match["y2"] or match["y3"] or ""
        stamp = f"{year}-{month}" + (f"-{int(day):02d}" if day else "")
        return text.replace(match.group(), " "), stamp
    return text, ""


_ART = (
    r"(?:article|story|piece|news item|news|blog post|blog|original post|text|report|essay|column|write-up|submission)"
)
_ABOUT_ARTICLE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("author", re.compile(
        rf"^(?:who (?:is|was|are|were) (?:the )?A0|who (?:has |had )?(?:wrote|written|authored|published|penned|write|writes|posted|created)"
        rf" (?:the |this |that )?{_ART}|(?:by whom|who) (?:is|was) (?:the |this |that )?{_ART} (?:written|authored|penned|published|posted)?(?: by)?"
        rf"|whose (?:{_ART}|byline)(?: is (?:this|it|that))?|(?:what is )?(?:the )?(?:name of (?:the )?A0|A0 's name|byline|A0(?: name)?)(?: of (?:the |this )?{_ART})?"
        rf"|(?:the |this )?{_ART} (?:is|was) (?:written )?by whom|is (?:the )?A0 (?:named|given|known|mentioned)"
        rf"|who is (?:the |this |that )?{_ART} by|does (?:the |this ){_ART} (?:name|have|give) (?:an? |its )?(?:A0|author|byline))$")),
    ("published", re.compile(
        rf"^(?:(?:when|what date|on (?:what|which) (?:date|day)|what day|which day) (?:was|is|did|were) (?:the |this |that )?(?:{_ART}|A0)(?: 's)?"
        rf" (?:first )?(?:publish|published|written|write|posted|appear|out|released|dated|date|come out|go online|from|made)(?: (?:the |this )?{_ART}| it| online)?"
        rf"|(?:what is |what was )?(?:the )?(?:publication date|date|publishing date|date of publication)(?: of)? (?:the |this |that )?{_ART}"
        rf"|how old is (?:the |this |that )?{_ART}|(?:what is )?(?:the |this )?{_ART} 's (?:publication )?date|what date is (?:on )?(?:the |this )?{_ART}|is (?:the |this ){_ART} dated)$")),
    ("title", re.compile(
        rf"^(?:(?:what is |what was |what are |name |show )?(?:the )?(?:title|headline|heading|name)(?: of)? (?:the |this |that )?(?:{_ART}|thread|discussion)"
        rf"|(?:what|how) is (?:the |this |that )?(?:{_ART}|thread|discussion) (?:called|titled|entitled|named|headlined)"
        rf"|(?:what is )?(?:the |this )?{_ART} 's (?:title|headline|name)|which {_ART} is this|what {_ART} is this)$")),
    ("url", re.compile(
        rf"^(?:(?:what is |what was |where is |show )?(?:the )?(?:url|link|web address|address|source|website|permalink)(?: of| to| for)? (?:the |this |that )?(?:original )?{_ART}"
        rf"|where (?:was|is|did|can i (?:find|read)) (?:the |this |that )?(?:original )?{_ART}(?: (?:published|posted|from|appear|online|hosted|located|come from))?"
        rf"|which (?:site|website|newspaper|outlet) (?:published|posted|ran) (?:the |this ){_ART})$")),
    ("words", re.compile(
        rf"^(?:how long is (?:the |this |that )?{_ART}|how many words (?:are (?:there )?in|does|is|has|make up|long is) (?:the |this |that )?{_ART}(?: have| contain| long)?"
        rf"|(?:what is )?(?:the )?(?:word count|length)(?: of)? (?:the |this |that )?{_ART}|(?:the |this ){_ART} 's (?:length|word count))$")),
)  # fmt: skip


def _article(text: str) -> StructureAsk | None:
    for field, pattern in _ABOUT_ARTICLE:
        if pattern.match(text):
            return StructureAsk("field", article=field)  # type: ignore[arg-type]
    return None


_THREAD = r"(?:threads?|discussions?|articles?|conversations?|files?|stories|pages?)"


def _threads(text: str) -> StructureAsk | None:
    if re.fullmatch(
        rf"(?:how many|number of|count)(?: different| stored)? {_THREAD}(?: (?:are|do) (?:there|we|i|you) ?(?:have|hold|know)?| have i added| exist)?(?: in (?:my|the|this) library| here)?",
        text,
    ):
        return StructureAsk("count", "threads")
    if re.fullmatch(
        rf"(?:list|show|name|which|what)(?: all)?(?: of)?(?: the| my)? {_THREAD}(?: (?:are|do) (?:there|we have|i have|you have))?(?: in (?:my|the|this) library| here)?",
        text,
    ):
        if not re.search(r"\b(?:thread|discussion|article|conversation|file|page)$", text):
            return StructureAsk("list", "threads")
        return None
    match = re.search(
        rf"\b(?:which|what|in which|under which|the)(?: of (?:the|these|those|my)(?: \w+)?)? (?:{_THREAD}|one) .*?\b(most|fewest|least|longest|largest|biggest|busiest|highest|shortest|smallest)\b(.*)",
        text,
    ) or re.search(
        rf"\b(most|fewest|least) (?:comments|commented|discussed|replies)(.*\b)(?:thread|article|discussion)$", text
    )
    if match and re.search(r"\b(?:thread|discussion|article|conversation|file|story|page|one)s?\b", text):
        rest = set(re.findall(r"\w+", text)) - _VOCABULARY
        if rest - {"library"}:
            return None
        if re.match(r"(?:what|which) (?:is|was) the (?:longest|deepest) (?:thread|conversation|discussion)$", text):
            return None
        least = match.group(1) in ("fewest", "least", "shortest", "smallest")
        unit = "people" if re.search(r"\b(?:people|commenters|participants|users|posters|voices)\b", text) else ""
        return StructureAsk("extreme", "threads", rank="least" if least else "most", about=unit)
    return None


_MENTIONING = re.compile(
    r"\b(?:mention(?:s|ed|ing)?|discuss(?:es|ed|ing)?|talk(?:s|ed|ing)? about|refer(?:s|red|ring)? to|br(?:ing|ings|ought|inging) up"
    r"|speak(?:s|ing)? (?:about|of)|spoke (?:about|of)|contain(?:s|ed|ing)?|us(?:e|es|ed|ing) the (?:word|term|phrase|name|expression)s?"
    r"|includ(?:e|es|ed|ing)|cit(?:e|es|ed|ing)|referenc(?:e|es|ed|ing)|(?:are|is|were|was) about|about|concern(?:s|ing)|regarding"
    r"|with the (?:word|term|phrase)s?|name(?:s|d)?|touch(?:es|ed)? (?:on|upon)|deal(?:s|t)? with)\s+(?:the (?:word|term|phrase|name)s?\s+)?(?P<what>.+)$"
)
_MENTIONED = re.compile(
    r"\b(?:how (?:often|many times|frequently)|in how many (?:of the )?(?:comments|posts|messages|replies))\s+"
    r"(?:is|was|are|were|has|have|does|do|did)\s+(?P<what>.+?)\s+(?:been )?(?:mention(?:ed)?|discuss(?:ed)?|named|referred to|brought up|cited|come up|appear|occur|used|talked about)\b"
)
_TAIL = re.compile(
    r"\s*(?:\b(?:in|by|within|across|under|on|at) (?:the |this |that |these |their |all |all the )?(?:comments?|thread|discussion|commenters|comment section|conversation|people|article|posts|replies)"
    r"|\b(?:at all|in total|overall|altogether|here|anywhere|by name))+\s*$"
)


def _mention(text: str, marked: Marked) -> StructureAsk | None:
    """Read "how many comments mention Y", "which commenters mention Y", "how often is Y mentioned"."""
    listing = re.match(
        r"(?:which|what|list|show|find|give)\b(?: \w+){0,3}? (?:comments|posts|messages|replies|remarks)\b", text
    )
    people = re.match(
        r"(?:which|list|show|name|what)\b(?: \w+){0,3}? (?:commenters|people|users|posters|participants)\b", text
    )
    passive = _MENTIONED.search(text)
    match = passive or (_MENTIONING.search(text) if _QUANTITY.search(text) or listing or people else None)
    if match is None:
        return None
    lead = text[: match.start()]
    what = _TAIL.sub("", match.group("what")).strip(" \"'“”«»")
    words = re.findall(r"\w+", what)
    content = [word for word in words if word not in FUNCTION]
    if not content or len(words) > 6 or words[0] in _set("that whether how why what who if when where not"):
        return None
    if not passive and (not set(re.findall(r"[a-z]\w*", lead)) <= _VOCABULARY or "A0" in lead):
        return None
    if not passive and not (_set_of(lead) & (NOTE | REPLY | PERSON | _set("times often frequently"))):
        return None
    if _set_of(what) <= (NOTE | REPLY | FUNCTION | _set("article thread discussion")):
        return None
    before = view(marked, lead)
    if {word for word in words if word[-3:] == "ing" and word == words[0]} and len(words) > 3:
        return None
    unit = "people" if people or (_set_of(lead) & PERSON and not _set_of(lead) & (NOTE | REPLY)) else "comments"
    want: Want = "list" if listing or people else "count"
    level = "reply" if _set_of(lead) & REPLY and not _set_of(lead) & NOTE else "all"
    return StructureAsk(
        want,
        unit,  # type: ignore[arg-type]
        by=before.by,
        to=before.to,
        level=level,  # type: ignore[arg-type]
        mention=_unmarked(what, marked),
    )


def _set_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w\-]+", text))


def _unmarked(text: str, marked: Marked) -> str:
    """Put names back where placeholders stand."""
    text = re.sub(r"P(\d+)", lambda match: marked.people[int(match[1])].names[0], text)
    return re.sub(r"\s+'s", "'s", re.sub(r"^(?:the|a|an) ", "", text)).strip()


def _filters(seen: View) -> StructureAsk:
    """Read what every frame shares: roles, level, answered or not, named or not."""
    level = "all"
    if re.search(
        r"\btop-level|\broot (?:comments|posts)|\bfirst-level|\bnot (?:a )?repl(?:y|ies)|\bstart(?:ed|s)? (?:a )?new\b",
        seen.text,
    ):
        level = "top"
    answered: bool | None = None
    none = r"(?:without|no|not|never|zero|any)"
    if re.search(
        r"\bwithout (?:any |a |a single )?(?:repl\w+|responses?|answers?|reactions?)|\b(?:no|zero) (?:repl\w+|responses?|answers?|reactions?|one (?:replied|responded|answered))"
        r"|\b(?:unanswered|ignored|unreplied)|\bnot (?:been )?(?:answered|replied|get|receive|got|have|draw|attract|elicit)\b|\bnobody (?:replied|answered|responded|reacted)"
        r"|\b(?:never|not) (?:\w+ )?(?:answered|replied to|got|get|received|receive)\b|\bnobody has (?:replied|answered|responded)|\bnothing\b",
        seen.text,
    ):
        answered = False
    named: bool | None = None
    if re.search(
        r"\b(?:unnamed|nameless|anonymous|unsigned)\b|\b(?:without|no|lacking) (?:an? |any )?(?:name|author|username)",
        seen.text,
    ):
        named = False
    elif re.search(r"\bnamed\b|\bwith (?:a )?names?\b", seen.text):
        named = True
    del none
    return StructureAsk(
        "count",
        by=seen.by or seen.rank_by if seen.rank is None else seen.by,
        to=seen.to,
        ids=seen.ids,
        to_comments=seen.to_comments,
        branch=seen.branch,
        level=level,  # type: ignore[arg-type]
        answered=answered,
        named=named,
        share=bool(_SHARE.search(seen.text)),
    )


def _self(seen: View) -> StructureAsk | None:
    """Read questions about one given comment: who wrote it, when, how long, its score, what it answers."""
    base = replace(_filters(seen), answered=None)
    if not any(token[0] == "C" and _MARK.fullmatch(token) for token in seen.tokens):
        return None
    rank = seen.rank
    by = seen.rank_by or seen.by
    pointed = bool(seen.ids)
    if rank is not None and not seen.has(REPLY) and not _QUANTITY.search(seen.text):
        if seen.has(_set("when date time day")):
            return StructureAsk("time", "comments", by=by, rank=rank)
        if (
            re.match(r"(?:who|whose|which|what|by whom|show|list|name|find|C\d|the|quote|where|author)\b", seen.text)
            or len(seen.tokens) <= 2
        ):
            return StructureAsk("extreme", "comments", by=by, rank=rank)
    if not pointed:
        return None
    if seen.has(REPLY) and not seen.by:
        if re.match(
            r"(?:(?:what|which|who|whom|to)\b.*(?:did|does|do|is) C\d+ (?:a |an )?(?:reply|replying|respond|answer|response|react))",
            seen.text,
        ):
            return replace(base, want="list", unit="addressees")
        return None
    if seen.by or seen.to or _QUANTITY.search(seen.text) and not seen.has(WORDS | VOTES):
        return None
    if seen.has(WORDS) or re.match(r"(?:how long is|what is the length of|length of) C\d", seen.text):
        return replace(base, unit="words")
    if seen.has(VOTES) and not seen.has(WRITE - _set("give gives gave")):
        return replace(base, unit="votes")
    if re.match(r"when\b|what (?:date|time|day)|at what time|on (?:what|which) (?:date|day)", seen.text):
        return replace(base, want="time")
    if re.match(
        r"(?:who (?:wrote|posted|made|left|said|is behind|authored|submitted|commented|has written)\b|who is (?:the )?(?:author|writer|poster|commenter)|(?:the )?(?:author|writer|name) of"
        r"|whose (?:comment )?(?:is|was)?|by whom|C\d+ (?:is |was )?(?:written |posted )?by whom|C\d+ 's author|(?:what|who) is the (?:name of the )?(?:author|poster))",
        seen.text,
    ):
        return replace(base, want="list", unit="people")
    return None


def _quantity(seen: View) -> StructureAsk | None:
    """Read "how many …" and its kin."""
    match = _QUANTITY.search(seen.text)
    if match is None:
        return None
    base = _filters(seen)
    rest = _TOKEN.findall(seen.text[match.start() :])
    rest = [word for word in rest if word not in ("many", "number", "count", "total", "of", "the", "how", "all", "in")]
    asked = next((kind for kind in map(_kind, rest) if kind), "")
    if match.group().endswith(" count"):
        asked = _kind(match.group().split()[0]) or asked
    replies = seen.has(REPLY)
    if "levels" in (asked, _kind(rest[0]) if rest else "") or re.search(r"\bhow deep\b", seen.text):
        return StructureAsk("count", "levels", by=base.by)
    if asked == "words":
        return replace(base, unit="words", answered=None)
    if asked == "votes" and not re.search(r"\bpoints? (?:are|were|was|does|do|did)\b.*\b(?:made|make)\b", seen.text):
        return replace(base, unit="votes", level="all")
    if asked == "person":
        return _people(seen, base)
    if asked in ("reply", "note", "times") or match.group() in ("how often", "how frequently"):
        if seen.has(GET) and not replies and base.to and asked == "note":
            replies = True
        got = base.ids and replies and not base.to and not base.by
        if got:
            base = replace(base, ids=(), to_comments=(*base.to_comments, *base.ids))
        if seen.rank is not None and replies:
            return StructureAsk("count", "comments", level="reply", rank=seen.rank, by=seen.rank_by)
        if asked == "reply" or (replies and asked != "note") or (replies and base.to):
            base = replace(base, level="reply")
            if base.answered is False and not re.search(r"\b(?:unanswered|without|no|not|never|ignored)\b", seen.text):
                base = replace(base, answered=None)
        elif replies and asked == "note":
            base = _having(seen, base)
        if re.search(r"\b(?:average|each|per|every)\b", seen.text):
            return StructureAsk("extreme", "people", rank="most", top=0) if seen.has(PERSON | _set("each")) else None
        return base
    return None


def _having(seen: View, base: StructureAsk) -> StructureAsk:
    """Tell "comments that are replies" from "comments that have replies"."""
    if base.answered is False:
        return base
    if re.search(
        r"\b(?:have|has|had|got|get|gets|receive|received|with|drew|draw|attracted|did) (?:\w+ )?(?:a |any |at least one |one )?(?:repl\w+|responses?|answers?|reactions?)",
        seen.text,
    ) or re.search(r"\b(?:been|were|was|are|got|being) (?:answered|replied|responded)", seen.text):
        return replace(base, answered=True)
    return replace(base, level="reply") if base.level != "top" else base


def _kind(word: str) -> str:
    if word in REPLY and word not in _set("answered replied responded reacted"):
        return "reply"
    if word in NOTE and word not in _set("commented posted"):
        return "note"
    if word in PERSON:
        return "person"
    if word in WORDS:
        return "words"
    if word in VOTES:
        return "votes"
    if word in LEVELS:
        return "levels"
    if word in ("times", "often"):
        return "times"
    return ""


_TIMES = {"once": 1, "twice": 2, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "single": 1, "six": 6, "ten": 10}


def _people(seen: View, base: StructureAsk) -> StructureAsk:
    """Read a count or list of people: those who commented, answered somebody, were answered, or did it n times."""
    base = replace(base, unit="people")
    replies = seen.has(REPLY)
    if replies and base.by and not base.to and not base.to_comments:
        return replace(base, unit="addressees", level="reply", answered=None)
    if replies and base.ids and not base.to_comments:
        base = replace(base, ids=(), to_comments=base.ids)
    negated = bool(re.search(r"\b(?:not|never|no|without|nobody)\b", seen.text))
    if base.to or base.to_comments:
        return replace(base, level="reply", answered=None, negated=negated)
    bound = re.search(
        r"\b(?P<more>more than|over|at least|only|just|exactly|no more than|a|fewer than)?\s*(?P<n>once|twice|one|two|three|four|five|six|ten|single|\d+)\b(?! (?:of|who))",
        seen.text,
    )
    if bound:
        count = _TIMES.get(bound["n"]) or int(bound["n"])
        more = bound["more"] or ""
        base = replace(base, answered=None)
        if more in ("more than", "over"):
            return replace(base, at_least=count + 1)
        if more == "at least":
            return replace(base, at_least=count)
        return replace(base, exactly=count)
    if re.search(r"\b(?:several times|multiple|many times|repeatedly|several)\b", seen.text):
        return replace(base, at_least=2)
    if replies and (
        seen.has(GET)
        or base.answered is False
        or re.search(r"\b(?:was|were|been|being|is|are) (?:answered|replied)", seen.text)
    ):
        never_wrote = re.search(
            r"\b(?:never|not) (?:replied|reply|replies|responded|respond|answered|answer) to (?:anyone|anybody|others|other|somebody|someone|any)|\b(?:no|without) replies to",
            seen.text,
        )
        if (
            never_wrote
            or re.search(
                r"\b(?:never|not|ever) (?:replied|reply|respond|responded|answer)\b(?! to by)(?!.*\bto$)", seen.text
            )
            and not seen.has(GET)
        ):
            return replace(base, level="reply", answered=None, negated=True)
        return replace(base, unit="addressees", level="reply", answered=None, negated=negated)
    if replies:
        return replace(base, level="reply", answered=None, negated=negated)
    return base


def _whether(seen: View) -> StructureAsk | None:
    """Read yes-or-no questions about who wrote and who answered whom."""
    if not re.match(r"(?:did|does|do|has|have|had|is|are|was|were|any|anyone|anybody)\b", seen.text):
        return None
    if seen.has(MOST | LEAST) and not re.search(r"\bmore than|\bat least", seen.text):
        return None
    base = replace(_filters(seen), want="whether")
    if seen.has(LEVELS | VOTES | WORDS):
        return None
    if seen.has(REPLY):
        if (
            base.ids
            and not base.to_comments
            and re.search(
                r"\bC\d+ (?:get|have|got|receive|any|been|answered|replied)|\bto C|answer(?:ed)? C", seen.text
            )
        ):
            base = replace(base, to_comments=base.ids, ids=())
        if base.answered is False and (base.to or base.by or base.to_comments):
            base = replace(base, answered=None)
        if base.answered is False or (not base.by and not base.to and not base.to_comments and not base.ids):
            return base if base.answered is False else replace(base, level="reply")
        return replace(base, level="reply")
    if base.by and (
        seen.has(NOTE | WRITE)
        or re.search(r"P\d+ (?:in|among|one of|here|present|a |involved|active)", seen.text)
        or seen.has(PERSON)
    ):
        several = re.search(r"\bmore than once|\bseveral|\bmultiple|\btwice|\bmore than one\b", seen.text)
        return replace(base, at_least=2) if several else base
    if base.named is False or base.answered is False or base.level == "top":
        return base
    if re.match(
        r"(?:are|is) there (?:any |some )?(?:comments?|posts?)$|(?:has|have|did) (?:anyone|anybody|people|someone)(?: \w+)? (?:commented|comment|posted|post)$",
        seen.text,
    ):
        return base
    return None


_RANKINGS: tuple[tuple[Rank, str], ...] = (
    ("highest", r"\b(?:highest|most|best|top)[ -](?:scor\w+|vot\w+|rated|upvot\w+|lik\w+|points?|popular|karma)|\bhighest[ -](?:\w+ )?(?:score|votes?|rat\w+)|\bmost popular\b|\bbest rated\b|\btop-?rated\b"),
    ("lowest", r"\b(?:lowest|fewest|least|worst)[ -](?:scor\w+|vot\w+|rated|upvot\w+|lik\w+|points?|popular)|\bmost downvot\w+|\blowest score\b"),
    ("deepest", r"\bdeepest|\bmost (?:deeply )?nested|\blongest (?:\w+ )?(?:chain|exchange|thread|subthread|sub-thread|branch|sequence|back-and-forth|conversation|discussion)|\b(?:chain|exchange|branch|thread|conversation) (?:is|was|of \w+ is) (?:the )?longest|\blongest-running"),
    ("longest", r"\blongest|\blengthiest|\bbiggest comment|\bmost words|\bwordiest|\bmost (?:verbose|lengthy|wordy|text)\b"),
    ("shortest", r"\bshortest|\bbriefest|\bfewest words|\bleast words|\bsmallest comment"),
    ("most_replied", r"\bmost (?:direct )?(?:replied|repl\w+|answer\w*|respon\w+|reaction\w*|discussed|commented)\b|\b(?:replied|answered|responded) (?:to )?(?:the )?most|\bmost[ -](?:often|frequently) (?:answered|replied|responded)|\bmost engag\w+"),
    ("first", r"\bfirst\b|\bearliest|\boldest|\binitial\b|\bopen(?:ed|ing)\b|\b(?:start|began|begin|starts|started)\b"),
    ("last", r"\blast\b|\blatest|\bnewest|\bmost recent|\bfinal\b|\bend(?:ed|s|ing)?\b|\bclos(?:ed|ing)\b"),
    ("least", r"\bleast|\bfewest|\brarely|\bseldom|\bquietest|\blowest number"),
    ("most", r"\bmost|\bmore (?:comments|posts|often|than)|\bhighest number|\bbiggest|\blargest|\btop\b|\bdominat\w+|\bloudest|\bchattiest|\bmax\w*"),
)  # fmt: skip


def _extreme(seen: View) -> StructureAsk | None:
    """Read superlatives of people and comments."""
    text = re.sub(r"\bat (?:least|most)\b", "", seen.text)
    everyone = re.search(
        r"\b(?:breakdown|distribution|ranking|rank|comments? (?:counts? )?(?:per|by|of each) (?:each )?(?:person|commenter|user|author|participant)|(?:each|every) (?:commenter|person|user|author|participant)|who (?:commented|wrote|posted) how (?:often|many|much))\b",
        text,
    )
    if everyone and (seen.has(NOTE | PERSON)):
        return StructureAsk("extreme", "people", rank="most", top=0)
    rank = seen.rank or next((name for name, pattern in _RANKINGS if re.search(pattern, text)), None)
    if rank is None:
        return None
    base = replace(_filters(seen), want="extreme", rank=rank, named=None, answered=None)
    number = re.search(
        r"\btop (two|three|four|five|six|ten|\d+)\b|\b(two|three|four|five|six|ten|[2-9]|10) (?:most|longest|shortest|highest|top)\b",
        text,
    )
    top = 1
    if number:
        word = number.group(1) or number.group(2)
        top = _TIMES.get(word) or int(word)
    base = replace(base, top=top)
    about_person = (
        bool(re.search(r"\b(?:who|whom|whose|by whom)\b", text))
        or bool(
            re.search(
                rf"\b(?:which|what|top|active|prolific|vocal|talkative|frequent|wordiest|chattiest|verbose)\b(?: \w+)? (?:{'|'.join(PERSON)})\b",
                text,
            )
        )
        or bool(
            re.search(
                rf"\b(?:most|least|top|biggest|main|loudest|chattiest|wordiest|quietest)(?: \w+)? (?:{'|'.join(PERSON)})\b",
                text,
            )
        )
    )
    note = seen.has(NOTE)
    if rank in ("first", "last"):
        if re.search(r"\bwhen\b|\bwhat (?:time|date|day)|\bdate\b|\btime\b", text):
            return (
                replace(base, want="time", unit="comments")
                if note or seen.has(WRITE | REPLY | PERSON) or base.by
                else None
            )
        if not (note or seen.has(WRITE | REPLY)) or not (about_person or note):
            return None
        return replace(base, unit="comments", level="reply" if seen.has(REPLY) else base.level)
    if rank == "deepest":
        return replace(base, unit="comments")
    if rank in ("longest", "shortest"):
        singular = re.search(
            r"\b(?:longest|shortest|lengthiest|briefest|biggest|smallest)(?: \w+)? (?:comment|post|message|remark|entry|contribution|reply|response)s?\b",
            text,
        )
        if about_person and not singular:
            return replace(base, unit="people")
        return replace(base, unit="comments") if note or seen.has(REPLY) or singular else None
    if rank in ("highest", "lowest"):
        if about_person and not note and not base.by:
            return replace(base, unit="people")
        return replace(base, unit="comments") if note or seen.has(REPLY) or seen.has(VOTES) else None
    if rank == "most_replied":
        if not about_person:
            return replace(base, unit="comments")
        if re.search(r"\bwhose (?:comment|post|remark|message)\b", text):
            return replace(base, unit="comments")
        received = seen.has(GET) or re.search(
            r"\b(?:has|have|had|was|were|is|been)\b|\banswered (?:the )?most\b.*\bby\b|\bmost (?:replied-to|answered)\b",
            text,
        )
        wrote = re.search(
            r"\bwho (?:\w+ )?(?:replied|replies|reply|responded|responds|answered|answers|wrote|made|gave|writes|posted|gives|sent|left|contributed)\b",
            text,
        )
        if wrote or not received:
            return replace(base, unit="people", rank="most", level="reply")
        return replace(base, unit="people")
    if about_person or (rank in ("most", "least") and seen.has(NOTE | WRITE | PERSON)):
        if not (
            note
            or seen.has(WRITE | REPLY | PERSON)
            or seen.bag & _set("active prolific vocal talkative dominate dominates dominated involved")
        ):
            return None
        if seen.has(REPLY):
            received = seen.has(GET) or re.search(r"\b(?:has|have|had|was|were|is|been)\b", text)
            wrote = re.search(
                r"\bwho (?:\w+ )?(?:replied|replies|responded|responds|answered|answers|wrote|made|gave|writes|posted)\b",
                text,
            )
            if received and not wrote and not base.to:
                return replace(base, unit="people", rank="most_replied" if rank == "most" else "least")
            return replace(base, unit="people", level="reply")
        if re.search(r"\bwhat\b", text) and not re.search(
            r"\bwhat (?:user|person|commenter|is the (?:name|most|top))", text
        ):
            return None
        return replace(base, unit="people")
    return None


def _levels(seen: View) -> StructureAsk | None:
    if re.search(
        r"\bhow deep|\b(?:maximum|max|greatest|what) (?:\w+ )?(?:depth|nesting|level)|\bdepth of\b|^depth$|\bhow (?:deeply )?nested|\bhow long is the longest (?:chain|exchange|branch)",
        seen.text,
    ):
        return StructureAsk("count", "levels")
    return None


def _when(seen: View) -> StructureAsk | None:
    if re.match(
        r"when\b|(?:at |on )?(?:what|which) (?:time|date|day)s?\b|over (?:what|which|how)\b|(?:what|which) (?:period|time span|dates)|what is the (?:time|date) (?:range|span)|time (?:range|span)|how long did|from when",
        seen.text,
    ):
        base = replace(_filters(seen), answered=None, named=None)
        if (
            seen.has(NOTE | WRITE | REPLY | PERSON)
            or base.by
            or base.ids
            or re.search(r"\b(?:period|span|range|last|run|begin|start|end|take place|happen|discussion)\b", seen.text)
            or len(seen.tokens) < 5
        ):
            return replace(base, want="time", level="reply" if seen.has(REPLY) and (base.by or base.to) else "all")
    return None


_LISTING = re.compile(
    r"^(?:list|show|name|enumerate|display|give|find|which|what|who|whom|whose|to whom|to which|from whom|by whom|identify|all|see|read|are there)\b"
)


def _listing(seen: View) -> StructureAsk | None:
    """Read lists and "who …": the people or comments that pass the filters."""
    text = seen.text
    base = replace(_filters(seen), want="list", share=False)
    replies = seen.has(REPLY)
    filtered = bool(base.by or base.to or base.to_comments or base.ids)
    if (
        re.match(r"(?:P\d+|C\d+) (?:'s )?(?:replies|replied|responded|answered|comments|posts|responses|reply)\b", text)
        and replies
    ):
        pass
    elif re.match(
        r"(?:all |the )?(?:(?:replies|responses|answers) to [PC]\d|(?:comments|posts|replies) (?:by|from|of) P\d|P\d+ 's (?:comments|posts|replies)|(?:comments|posts) (?:with no|without|that got no) |unanswered )",
        text,
    ):
        return replace(base, level="reply" if replies and base.answered is None else base.level)
    elif not _LISTING.match(text):
        return None
    if base.ids and replies and not base.by and not base.to_comments:
        base = replace(base, to_comments=base.ids, ids=())
    whom = re.search(
        r"\bwhom\b|\bwho (?:did|does|do|has|had|have|was|is) P\d+(?: and P\d+)? (?:\w+ )?(?:repl\w+|respond\w*|answer\w*|react\w*|address\w*)|\bP\d+ (?:\w+ )?(?:repl\w+|respond\w*|answer\w*)(?: to)? (?:who|whom|which)\b|\bto (?:which|what) (?:people|commenters|users|persons|commenter|person|user)\b"
        r"|\b(?:people|commenters|users|everyone|everybody|persons|anyone|those) (?:that |who |whom |to whom )?(?:did )?P\d+ (?:\w+ )?(?:repl\w+|respond\w*|answer\w*)|\bgot (?:a |an )?(?:repl\w+|response|answer)s? from P\d|\b(?:was|were|is|are|got) (?:answered|replied to|responded to) by P\d|\breceived (?:a |an )?(?:repl\w+|response|answer)s? from P\d",
        text,
    )
    if replies and whom and base.by and not base.to:
        return replace(base, unit="addressees", level="reply", answered=None)
    if (
        replies
        and re.search(
            r"\b(?:which|what) (?:comments?|posts?|messages?|one)(?: \w+)? (?:is|are|did|does|do|was|were) (?:P\d+|C\d+)(?: \w+)? (?:\w+ )?to\b",
            text,
        )
        and base.by
        and not base.to
    ):
        return replace(base, unit="addressees", level="reply", answered=None)
    person = re.match(r"(?:who|whose|whom|by whom|from whom)\b", text) or re.match(
        rf"(?:list|show|name|enumerate|display|give|find|which|what|identify|all)\b(?: \w+){{0,5}}? (?:{'|'.join(PERSON)})\b",
        text,
    )
    if person and not re.match(
        r"(?:list|show|which|what|give|find|display|all)\b(?: \w+){0,3}? (?:comments|posts|messages|replies|remarks|responses)\b",
        text,
    ):
        if re.match(
            r"(?:what|who) (?:did|do|does) (?:people|the|they|commenters|users|everyone|anyone|someone)\b", text
        ) and not re.search(r"\breply to$|\bto whom\b", text):
            return None
        if base.ids and not replies:
            return None
        if (
            replies
            or base.answered is False
            or filtered
            or seen.has(NOTE | WRITE | PERSON)
            or re.search(r"\b(?:involved|active|took part)\b", text)
        ):
            if base.by and not replies:
                return None
            if re.search(r"\bwho (?:said|says|thinks?)\b", text) and not base.to and not base.to_comments:
                return None
            return replace(_people(seen, base), want="list")
        return None
    if not seen.has(NOTE | REPLY) or re.match(r"(?:what|who) (?:did|do|does|is|are|was|were|has|have)\b", text):
        return None
    if (
        not filtered
        and base.answered is None
        and base.named is None
        and base.level == "all"
        and not re.match(r"(?:list|show|give|display|which comments are (?:there|replies))\b", text)
    ):
        return None
    if replies and base.answered is None:
        base = (
            _having(seen, base)
            if seen.has(NOTE) and not base.to and not base.to_comments
            else replace(base, level="reply")
        )
    return base


def unnamed_only(names: tuple[str, ...]) -> bool:
    """Tell whether only comments without a name are meant."""
    return names == (UNNAMED,)
