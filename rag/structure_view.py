"""A marked question as the frames see it: plain words, who writes and who is answered, and the shared filters. Pure."""

import re
from dataclasses import dataclass

from rag.query import Level, Rank, StructureAsk
from rag.references import Marked
from rag.structure_words import GET, NOTE, PERSON, REPLIES, REPLY, VOCABULARY

__all__ = ["MARK", "TOKEN", "View", "filters", "plain", "view"]

MARK = re.compile(r"[PCA]\d+")
TOKEN = re.compile(r"[PCA]\d+|'s\b|[^\W_][\w'\-]*|\d+", re.UNICODE)

_POLITE = re.compile(
    r"^(?:(?:please|so|ok|okay|hey|hi|hello|and|also|now|well)[, ]+)*"
    r"(?:(?:can|could|would|will) you(?: please)?(?: (?:tell me|say|show me|give me))?|(?:please )?tell me"
    r"|i(?:'d| would) like to (?:know|see)|i want to (?:know|see)|do you know|(?:i )?wonder(?:ing)?|any idea|give me"
    r"|show me|let me know|find out|what about|i am curious|curious)\s+(?=\w)"
)
_EXPANSIONS = (
    (re.compile(r"\b(who|what|where|when|how|that|there|it|which)'s(?= )"), r"\1 is"),
    (re.compile(r"\b(article|story|piece|post|thread|essay|report|column)'s\b"), r"\1 's"),
    (re.compile(r"^((?:\w+ )*?)list (?=what|which)"), r"\1"),
    (re.compile(r"\bwho're\b"), "who are"),
    (re.compile(r"\b(\w+?)n't\b"), r"\1 not"),
    (re.compile(r"\bca not\b"), "can not"),
    (re.compile(r"\bwo not\b"), "will not"),
    (re.compile(r"\b(\w+)'ve\b"), r"\1 have"),
    (re.compile(r"\btop[ -]level\b"), "top-level"),
    (re.compile(r"\breplied[ -]to(?= (?:comment|post|commenter|person|one)s?\b)"), "replied-to"),
    (re.compile(r"\b(?:had|has|got|gets|have) the (last|final|first) (?:word|say)\b"), r"wrote the \1 comment"),
    (
        re.compile(
            r"\bhow (?:large|big|long) is (?:the|this) (?:whole |entire )?"
            r"(?:discussion|thread|debate|conversation|comment section)\b"
        ),
        "how many comments",
    ),
    (re.compile(r"\b(?:the )?(?:full |complete )?(?:names?|list) of (?:all )?(?:the )?(?=\w)"), "list "),
    (re.compile(r"\beverything (?=(?:by|from|of|that)\b)"), "comments "),
    (
        re.compile(
            r"\bwho (?:opened|started|began|kicked off) (?:the|this) (?:discussion|conversation|debate|comments)\b"
        ),
        "who wrote the first comment",
    ),
    (
        re.compile(r"\bwho (?:ended|closed|concluded) (?:the|this) (?:discussion|conversation|debate)\b"),
        "who wrote the last comment",
    ),
    (
        re.compile(
            r"\b(?:any(?:one|body)|some(?:one|body)|an? (?:user|person|commenter|poster)) (?:called|named) (P\d+)"
        ),
        r"\1",
    ),
    (
        re.compile(r"\b(?:other than|apart from|aside from|except for|excluding|not counting|someone else than)\b"),
        "except",
    ),
    (re.compile(r"\bnot (?:written|made|posted|left) by\b"), "not by"),
    (re.compile(r"\b(?:each other|one another)\b"), "reciprocally"),
    (
        re.compile(
            r"\s*\b(?:at (?:any|some) point|so far|to date|up to now|until now|by now|already|yet|all told|in all"
            r"|at all)\b"
        ),
        "",
    ),
    (re.compile(r"\bwrote back\b"), "replied"),
    (re.compile(r"\bwrite back\b"), "reply"),
    (re.compile(r"\b(?:got|get|gets) back to\b"), "replied to"),
)


def plain(text: str) -> str:
    """Spell out contractions and idioms of a marked question, and drop its politeness."""
    text = text.strip().rstrip("?!. ")
    for pattern, spelled in _EXPANSIONS:
        text = pattern.sub(spelled, text)
    previous = None
    while previous != text:
        previous = text
        text = _POLITE.sub("", text)
    return text.strip()


@dataclass(frozen=True, slots=True)
class View:
    """Text and tokens of a question, the people who write (`by`) and are answered (`to`), and likewise its comments.

    `rank` and `rank_by` come from a comment named by a superlative ("Ada's longest comment").
    """

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
    without: tuple[str, ...] = ()

    def has(self, words: frozenset[str]) -> bool:
        """Tell whether any word of a class occurs."""
        return not self.bag.isdisjoint(words)

    def says(self, pattern: str) -> bool:
        """Tell whether a pattern occurs in the text."""
        return re.search(pattern, self.text) is not None

    def starts(self, pattern: str) -> bool:
        """Tell whether the text begins with a pattern."""
        return re.match(pattern, self.text) is not None

    @property
    def closed(self) -> bool:
        """Tell whether every word belongs to the vocabulary of structure questions."""
        return all(MARK.fullmatch(word) or word in VOCABULARY or word == "'s" for word in self.tokens)


def view(marked: Marked, text: str | None = None) -> View:
    """Read the roles of people and comments off a marked question (or a part of it)."""
    text = marked.text if text is None else text
    tokens = tuple(TOKEN.findall(text))
    by: list[str] = []
    to: list[str] = []
    ids: list[str] = []
    to_comments: list[str] = []
    without: list[str] = []
    branch, last = False, "by"
    rank: Rank | None = None
    rank_by: tuple[str, ...] = ()
    for at, token in enumerate(tokens):
        if not MARK.fullmatch(token):
            continue
        last = role = last if at > 1 and tokens[at - 1] in ("and", "or", "nor") else _role(tokens, at)
        number = int(token[1:])
        if token[0] in "PA":
            names = marked.people[number].names if token[0] == "P" else marked.article_authors
            by.extend(names if role in ("by", "between") else ())
            without.extend(names if role == "without" else ())
            to.extend(names if role in ("to", "under", "between") else ())
            continue
        reference = marked.references[number]
        if reference.rank is not None:
            rank, rank_by = reference.rank, reference.by
        (to_comments if role in ("to", "under") else ids).extend(reference.ids)
        branch = branch or role == "under"
    if "reciprocally" in tokens and not to:
        to = by
    return View(
        text,
        tokens,
        frozenset(tokens),
        _once(by),
        _once(to),
        _once(ids),
        _once(to_comments),
        branch,
        rank,
        rank_by,
        _once(without),
    )


def _once(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


_SKIPPED = frozenset(("the", "user", "commenter", "of", "any", "a", "poster"))
_TRANSITIVE = frozenset(
    ("answer", "answers", "answered", "answering", "address", "addressed", "addresses", "engage", "engaged")
)
_DATIVE = frozenset(("give", "gives", "gave", "send", "sent", "make", "made"))
_BE = frozenset(("was", "were", "is", "are", "been", "be", "being"))
_OWN = frozenset(("own", "first", "last", "longest"))
_HAVE = frozenset(("have", "has", "had"))


def _role(tokens: tuple[str, ...], at: int) -> str:
    """Decide whether a name writes (`by`), is answered (`to`), is a place (`under`) or one side (`between`)."""
    before = [word for word in tokens[max(0, at - 4) : at] if word not in _SKIPPED]
    prev = before[-1] if before else ""
    if prev in ("between", "and") and "between" in tokens[:at]:
        return "between"
    if prev in ("under", "below", "beneath", "underneath"):
        return "under"
    if prev in ("to", "at", "toward", "towards", "against", "with", "addressing"):
        return "to"
    if prev in ("without", "except", "excluding", "besides") or before[-2:] in (["not", "by"], ["not", "from"]):
        return "without"
    if prev in ("by", "from"):
        return "by"
    if prev in _TRANSITIVE or (prev in _DATIVE and any(MARK.fullmatch(word) for word in tokens[:at])):
        return "to"
    return "to" if _receives(tokens, at, before) else "by"


_ASKED_OF = frozenset(("which", "how", "many", "of", "list", "show", "what", "all"))


def _receives(tokens: tuple[str, ...], at: int, before: list[str]) -> bool:
    """Tell whether a name is the subject of receiving: "P gets", "was P answered", "P's comments have replies"."""
    after = tokens[at + 1 : at + 6]
    rest = [word for word in after if word not in ("'s", "ever", "also", "actually", "not", "never")]
    while rest and rest[0] in NOTE | _OWN:
        rest.pop(0)
    if not rest or set(tokens[:at]) <= _ASKED_OF:
        return False
    if rest[0] in GET:
        return not (rest[0] == "got" and before[-1:] and before[-1] in _HAVE and REPLY.isdisjoint(tokens))
    follows = rest[1] if len(rest) > 1 else ""
    if rest[0] in _HAVE and follows != "been" and not (follows in REPLY and follows.endswith("ed")):
        return not REPLY.isdisjoint(tokens)
    passive = before[-1:] and before[-1] in _BE
    while rest and rest[0] in _BE | _HAVE:
        passive = True
        rest.pop(0)
    if not passive or not rest:
        return False
    if rest[0] in ("answered", "replied-to"):
        return len(rest) == 1 or MARK.fullmatch(rest[1]) is None
    if rest[0] in ("replied", "responded", "reacted") and rest[1:2] == ["to"]:
        return len(rest) == 2 or rest[2] in ("by", "at", "most", "the", "more")
    return False


_TOP = re.compile(
    r"\btop-level|\broot (?:comments|posts)|\bfirst-level|\bnot (?:an? )?repl(?:y|ies)"
    r"|\bstart(?:ed|s)? (?:an? )?(?:new\b|(?:thread|conversation|branch)s?\b)"
)
_UNANSWERED = re.compile(
    rf"\bwithout (?:any |an? |a single )?{REPLIES}|\b(?:no|zero|nothing) (?:{REPLIES}|one (?:ever )?{REPLIES})"
    r"|\b(?:unanswered|ignored|unreplied|reply-less|answerless)"
    rf"|\b(?:nobody|no one|none) (?:ever |has |have |had )?{REPLIES}"
    r"|\b(?:never|not) (?:\w+ )?(?:been )?(?:answered|replied|replied-to|get|got|receive|received|have|draw|attract"
    r"|elicit)\b"
)
_NAMELESS = re.compile(
    r"\b(?:unnamed|nameless|anonymous|unsigned)\b|\b(?:without|no|lacking) (?:an? |any )?(?:names?|author|username)"
)
_NAMED = re.compile(r"\bnamed\b|\bwith (?:a )?names?\b")
_SHARE = re.compile(r"\b(?:share|percentage|percent|proportion|fraction)\b")


def filters(seen: View) -> StructureAsk:
    """Read what every frame shares: roles, level, answered or not, named or not."""
    level: Level = "top" if _TOP.search(seen.text) else "all"
    named: bool | None = None
    if _NAMELESS.search(seen.text):
        named = False
    elif _NAMED.search(seen.text):
        named = True
    if named is not None and seen.text.count("how many") > 1 and seen.has(PERSON):
        named = None
    return StructureAsk(
        "count",
        by=seen.by,
        to=seen.to,
        ids=seen.ids,
        without=seen.without,
        to_comments=seen.to_comments,
        branch=seen.branch,
        level=level,
        answered=False if _UNANSWERED.search(seen.text) else None,
        named=named,
        share=bool(_SHARE.search(seen.text)),
    )
