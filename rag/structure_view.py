"""A marked question as the frames see it: plain words, who writes and who is answered, and the shared filters. Pure."""

import re
from dataclasses import dataclass

from rag.query import Level, Rank, StructureAsk
from rag.references import Marked
from rag.structure_words import GET, NOTE, PERSON, REPLIES, REPLY, VOCABULARY

__all__ = ["MARK", "TOKEN", "View", "filters", "view"]

MARK = re.compile(r"[PCA]\d+")
TOKEN = re.compile(r"[PCA]\d+|'s\b|[^\W_][\w'\-]*|\d+", re.UNICODE)


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
    if prev in ("by", "from") or (tokens[at - 1 : at] == ("of",) and tokens[at - 2] in NOTE):
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
_NO_REPLY = re.compile(
    r"(?<!there )\b(?:are|is|were|was) (?:no|not an?|not any|not) (?:direct )?repl(?:y|ies)\b(?! to C)"
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
    not_replies = _NO_REPLY.search(seen.text)
    level: Level = "top" if not_replies or _TOP.search(seen.text) else "all"
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
        answered=False if _UNANSWERED.search(seen.text) and not not_replies else None,
        named=named,
        share=bool(_SHARE.search(seen.text)),
    )
