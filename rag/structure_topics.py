"""Structure questions that name a topic: "how many comments mention Y", fields of the article, whole threads. Pure."""

import re

from rag.query import ArticleField, StructureAsk, Unit, Want
from rag.references import Marked
from rag.structure_view import view
from rag.structure_words import NOTE, PERSON, REPLY, VOCABULARY
from rag.words import FUNCTION

__all__ = ["QUANTITY", "article_ask", "mention_ask", "threads_ask"]

QUANTITY = re.compile(
    r"\b(?:how many|how much|how often|how frequently|what number|(?:number|count|tally|amount|sum|total) of|count"
    r"|total (?:number|count)|total (?=(?:comments|posts|messages|replies|likes|votes|points|words|upvotes)\b)"
    r"|what (?:share|percentage|proportion|fraction)|(?:share|percentage|proportion) of"
    r"|how large|what is the (?:total|count)|(?:comment|reply|word|vote|post|message)s? (?:count|tally|total)"
    r"|how big)\b"
)

_ART = (
    r"(?:(?:original |news |blog )?(?:article|story|piece|item|blog|post|text|report|essay|column|submission)"
    r"|news|write-up|it)"
)
_THE = r"(?:the |this |that )?"
_POSTER = r"(?:A0|op|original poster|submitter|poster|thread starter|topic starter|topic author)"
_FIELDS: tuple[tuple[ArticleField, str], ...] = (
    ("author", rf"who (?:is|was|are|were) (?:the )?{_POSTER}"),
    (
        "author",
        r"who (?:has |had )?(?:wrote|written|authored|published|penned|writes?|posted|created|submitted|started|opened)"
        rf" {_THE}{_ART}",
    ),
    ("author", rf"(?:by whom|who) (?:is|was) {_THE}{_ART}(?: (?:written|authored|penned|published|posted))?(?: by)?"),
    ("author", rf"who (?:has|is) {_THE}{_ART} (?:written|authored|published)"),
    ("author", rf"whose (?:{_ART}|byline)(?: is (?:this|it|that))?|who is {_THE}{_ART} by"),
    (
        "author",
        rf"(?:what is |name |give |state )?(?:the )?(?:list |name of (?:the )?)?(?:A0"
        rf"|byline)(?: 's)?(?: name)?(?: of {_THE}{_ART})?",
    ),
    ("author", r"who (?:opened|started|created|began) (?:the|this) (?:thread|topic)"),
    ("author", rf"{_THE}{_ART} (?:is|was) (?:written )?by whom|is (?:the )?A0 (?:named|given|known|mentioned)"),
    ("author", rf"does {_THE}{_ART} (?:name|have|give) (?:an? |its )?(?:A0|byline)"),
    (
        "published",
        rf"(?:when|(?:on |from )?(?:what|which) (?:date|day)) (?:was|is|did|were) {_THE}(?:{_ART}"
        rf"|A0)(?: 's)?(?: first)?"
        r"(?: (?:publish|published|written|write|posted|appear|out|released|dated|date|come out|go online|from|made))?"
        rf"(?: {_THE}{_ART}| online)?",
    ),
    (
        "published",
        rf"(?:what (?:is|was) )?(?:the )?(?:publication |publishing )?date(?: of publication)? of {_THE}{_ART}",
    ),
    ("published", rf"how old is {_THE}{_ART}|(?:what is )?{_THE}{_ART} 's (?:publication )?date"),
    ("published", rf"what date is (?:on )?{_THE}{_ART}|is {_THE}{_ART} dated|what is the publication date"),
    ("title", rf"(?:what (?:is|was) )?(?:the )?(?:title|headline|heading|list|name)(?: of)? {_THE}(?:{_ART}|thread)"),
    ("title", r"(?:what (?:is|was) )?(?:the )?(?:headline|title)"),
    ("title", rf"(?:what|how) is {_THE}(?:{_ART}|thread|discussion) (?:called|titled|entitled|named|headlined)"),
    ("title", rf"(?:what is )?{_THE}{_ART} 's (?:title|headline|name)|(?:which|what) {_ART} is this"),
    (
        "url",
        r"(?:what (?:is|was) |where is )?(?:the )?(?:url|link|web address|address|source|website|permalink)"
        rf"(?: of| to| for)? {_THE}(?:original )?{_ART}",
    ),
    (
        "url",
        rf"where (?:was|is|did|can i (?:find|read)) {_THE}(?:original )?{_ART}"
        r"(?: (?:published|posted|from|appear|online|hosted|located|come from))?",
    ),
    ("url", rf"which (?:site|website|newspaper|outlet) (?:published|posted|ran) {_THE}{_ART}"),
    ("words", rf"how long is {_THE}{_ART}|(?:what is )?(?:the )?(?:word count|length) of {_THE}{_ART}"),
    ("words", rf"how many words (?:are (?:there )?in|does|is|has|make up) {_THE}{_ART}(?: have| contain| long)?"),
)
_COMPILED = tuple((field, re.compile(rf"(?:{pattern})\s*")) for field, pattern in _FIELDS)


def article_ask(text: str) -> StructureAsk | None:
    """Read a question about a field of the article: author, date, title, address, length."""
    for field, pattern in _COMPILED:
        if pattern.fullmatch(text):
            return StructureAsk("field", article=field)
    return None


_THREADS = r"(?:threads?|discussions?|articles?|conversations?|files?|stories|pages?)"
_HELD = (
    r"(?: (?:are|do|have) (?:there|we|i|you)(?: (?:have|hold|know|added))?| exist)?"
    r"(?: in (?:my|the|this) library| here)?"
)
_RANKED_THREADS = (
    re.compile(
        r"\b(?:which|what|in which|under which|the)(?: of (?:the|these|those|my)(?: \w+)?)?"
        rf" (?:{_THREADS}|one) .*?\b(most|fewest|least|longest|largest|biggest|busiest|highest|shortest|smallest)\b"
    ),
    re.compile(r"\b(most|fewest|least) (?:comments|commented|discussed|replies).*\b(?:thread|article|discussion)$"),
)


def threads_ask(text: str) -> StructureAsk | None:
    """Read a question about whole threads: how many there are, which is the largest."""
    if re.fullmatch(rf"(?:how many|number of|count)(?: different| stored)? {_THREADS}{_HELD}", text):
        return StructureAsk("count", "threads")
    listed = re.fullmatch(rf"(?:list|show|name|which|what)(?: all)?(?: of)?(?: the| my)? {_THREADS}{_HELD}", text)
    if listed and re.search(r"(?:threads|discussions|articles|conversations|files|stories|pages)\b", text):
        return StructureAsk("list", "threads")
    if re.match(r"(?:on |at )?(?:what|which) (?:day|date|time)s?\b|when\b", text):
        return None
    match = next((found for pattern in _RANKED_THREADS if (found := pattern.search(text))), None)
    if match is None or set(re.findall(r"[a-z]\w*", text)) - VOCABULARY - {"library"}:
        return None
    if re.match(r"(?:what|which) (?:is|was) the (?:longest|deepest) (?:thread|conversation|discussion)$", text):
        return None
    people = re.search(r"\b(?:people|commenters|participants|users|posters|voices)\b", text)
    least = match.group(1) in ("fewest", "least", "shortest", "smallest")
    return StructureAsk("extreme", "threads", rank="least" if least else "most", about="people" if people else "")


_MENTIONING = re.compile(
    r"\b(?:mention(?:s|ed|ing)?|discuss(?:es|ed|ing)?|talk(?:s|ed|ing)? about|refer(?:s|red|ring)? to"
    r"|br(?:ing|ings|ought|inging) up|speak(?:s|ing)? (?:about|of)|spoke (?:about|of)|contain(?:s|ed|ing)?"
    r"|us(?:e|es|ed|ing) the (?:words?|terms?|phrase|name|expression)|includ(?:e|es|ed|ing)|cit(?:e|es|ed|ing)"
    r"|referenc(?:e|es|ed|ing)|(?:are|is|were|was) about|about|concern(?:s|ing)|regarding"
    r"|with the (?:words?|term|phrase)|touch(?:es|ed)? (?:on|upon)|deal(?:s|t)? with)"
    r"\s+(?:the (?:words?|terms?|phrase|name)\s+)?(?P<what>.+)$"
)
_MENTIONED = re.compile(
    r"\b(?:how (?:often|many times|frequently)"
    r"|in (?:how many|which|what) (?:of the )?(?:comments|posts|messages|replies))\s+"
    r"(?:(?:is|was|are|were|has|have|gets?|got)\s+(?:the (?:words?|terms?|phrase|name)\s+)?(?P<what>.+?)\s+(?:been )?"
    r"(?:mentioned|discussed|named|referred to|brought up|cited|used|talked about)"
    r"|(?:does|do|did)\s+(?:the (?:words?|terms?|phrase|name)\s+)?(?P<subject>.+?)\s+(?:come up|appear|occur"
    r"|get mentioned))\b(?! as (?:an? |the )?(?:author|commenter|poster|writer))"
)
_TAIL = re.compile(
    r"\s*(?:\b(?:in|by|within|across|under|on|at) (?:the |this |that |these |their |all |all the )?(?:comments?|thread"
    r"|discussion|commenters|comment section|conversation|people|article|posts|replies)"
    r"|\b(?:at all|in total|overall|altogether|here|anywhere|by name))+\s*$"
)
_ASKED_FOR = r"(?:(?:which|list|show|find|give|name)\b(?: \w+){0,3}?|what) "
_COMMENTS_ASKED = re.compile(rf"(?:{_ASKED_FOR})?(?:comments|posts|messages|replies|remarks)\b")
_PEOPLE_ASKED = re.compile(rf"(?:{_ASKED_FOR})?(?:commenters|people|users|posters|participants)\b")
_CLAUSES = frozenset(("that", "whether", "how", "why", "what", "who", "if", "when", "where", "not"))
_REPEATED = frozenset(("times", "often", "frequently"))


def mention_ask(text: str, marked: Marked) -> StructureAsk | None:
    """Read "how many comments mention Y", "which commenters mention Y", "how often is Y mentioned".

    A clause ("mention that Russia lied") is content and not a mention.
    """
    passive = _MENTIONED.search(text)
    comments, people = _COMMENTS_ASKED.match(text.removeprefix("in ")), _PEOPLE_ASKED.match(text)
    match = passive or _MENTIONING.search(text)
    if match is None:
        return None
    lead = text[: match.start()]
    if not (passive or comments or people or QUANTITY.search(lead)):
        return None
    said = match.groupdict()
    what = _TAIL.sub("", said["what"] or said.get("subject") or "").strip(" \"'“”«»")
    if not _nominal(what) or (not passive and not _counting(lead)):
        return None
    before, bag = view(marked, lead), _bag(lead)
    unit: Unit = "people" if people or (bag & PERSON and not bag & (NOTE | REPLY)) else "comments"
    want: Want = "list" if (comments or people) and not QUANTITY.search(lead) else "count"
    replies = bool(bag & REPLY and not bag & NOTE)
    return StructureAsk(
        want,
        unit,
        by=before.by,
        to=before.to,
        level="reply" if replies else "all",
        mention=_unmarked(what, marked),
    )


def _nominal(what: str) -> bool:
    words = re.findall(r"\w+", what)
    if not any(word not in FUNCTION for word in words) or len(words) > 5 or words[0] in _CLAUSES:
        return False
    if "or" in words or any(word.endswith("ing") and word not in words[-1:] for word in words[:-1]):
        return False
    if len(words) > 3 and words[0].endswith("ing"):
        return False
    return not set(words) <= NOTE | REPLY | FUNCTION | {"article", "thread", "discussion"}


def _counting(lead: str) -> bool:
    bag = _bag(lead)
    return (
        set(re.findall(r"[a-z]\w*", lead)) <= VOCABULARY
        and "A0" not in lead
        and bool(bag & (NOTE | REPLY | PERSON | _REPEATED))
    )


def _bag(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w\-]+", text))


def _unmarked(text: str, marked: Marked) -> str:
    """Put names back where placeholders stand, and the case that the question has."""
    text = re.sub(r"P(\d+)", lambda match: marked.people[int(match[1])].names[0], text)
    text = re.sub(r"\s+'s", "'s", re.sub(r"^(?:the|a|an) ", "", text)).strip()
    at = marked.original.lower().find(text.lower())
    return marked.original[at : at + len(text)] if at >= 0 else text
