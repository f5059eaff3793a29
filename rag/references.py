"""References in a question that are no names: `c10`, "the third comment", "the author", "the unnamed commenter"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.thread import Thread
from rag.names import Person, Roster, find_people
from rag.query import THOSE, UNNAMED, Rank
from rag.structure_select import everything, in_time_order, ranked

__all__ = ["Marked", "Reference", "mark", "ordinal"]

_NOUN = r"(?:comment|post|reply|remark|message|response|contribution|kommentar|beitrag|commentaire|comentario)"
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ORDINAL = rf"(?:{'|'.join(_ORDINALS)}|\d{{1,5}}(?:st|nd|rd|th)|last|final)"
_RANKS: dict[str, Rank] = {
    "longest": "longest", "lengthiest": "longest", "shortest": "shortest", "briefest": "shortest",
    "earliest": "first", "oldest": "first", "latest": "last", "newest": "last", "most recent": "last",
    "deepest": "deepest", "most deeply nested": "deepest", "most replied-to": "most_replied",
    "most replied to": "most_replied", "most answered": "most_replied", "most discussed": "most_replied",
    "most commented": "most_replied", "highest-scoring": "highest", "highest scoring": "highest",
    "highest-rated": "highest", "highest rated": "highest", "highest-voted": "highest", "top-rated": "highest",
    "top-voted": "highest", "top rated": "highest", "top voted": "highest", "best-rated": "highest",
    "most upvoted": "highest", "most liked": "highest", "most popular": "highest", "best rated": "highest",
    "lowest-scoring": "lowest", "lowest scoring": "lowest", "lowest-rated": "lowest", "lowest rated": "lowest",
    "most downvoted": "lowest", "least popular": "lowest", "least liked": "lowest", "worst rated": "lowest",
}  # fmt: skip
_RANK = "|".join(sorted((re.sub("[ -]", "[ -]", key) for key in _RANKS), key=len, reverse=True))
_SPACED = {key.replace("-", " "): rank for key, rank in _RANKS.items()}

_NUMBERED = re.compile(
    rf"\[?\bc\s?(\d{{1,5}})\b\]?|\b{_NOUN}\s*(?:no\.?|number|nr\.?"
    rf"|num\.?)?\s*#?\s?(\d{{1,5}}(?:\.\d+)*)\b(?!\s*(?:words|times|people))"
    r"|(?<![\w&])#(\d{1,5})\b|(?<=\breplied to )(\d{1,5})\b|(?<=\breplies to )(\d{1,5})\b|(?<=\breply to )(\d{1,5})\b",
    re.IGNORECASE,
)
_PLACED = re.compile(
    rf"\b(?:the\s+|their\s+)?(?:very\s+)?(?P<which>{_ORDINAL}|{_RANK})(?:\s+(?P<level>top-level|unnamed))?"
    rf"\s+(?P<noun>{_NOUN})\b"
    r"(?!\s+(?:chain|thread|tree)s?\b)",
    re.IGNORECASE,
)
_UNNAMED = re.compile(
    r"\b(?:the\s+|an?\s+|any\s+|all\s+)?(?:other\s+|two\s+)?"
    r"(?:(?:unnamed|nameless|anonymous|unidentified|unattributed|unknown)\s+"
    r"(?:commenter|commentator|poster|person|user|author|participant|contributor|individual|writer|people|speaker)s?"
    r"|(?:commenter|commentator|poster|person|user|people|someone)s?\s+(?:without|with\s+no|lacking)\s+(?:a\s+|any\s+)?"
    r"(?:user)?names?|anonymous\b(?!\s+\w*(?:comment|post|repl)))",
    re.IGNORECASE,
)
_ARTICLE_AUTHOR = re.compile(
    r"\b(?:(?:the|this|that)\s+(?:(?:article|story|piece|news|blog|essay|report|column)(?:['’]s|s['’])?\s+)?"
    r"|(?:article|story|piece|blog|essay)(?:['’]s)?\s+)"
    r"(?:author|journalist|reporter|columnist|blogger|article\s+writer|writer)\b"
    r"(?:\s+(?:of|behind)\s+(?:the|this|that)\s+(?:original\s+)?(?:article|story|piece|post|blog(?:\s+post)?|essay"
    r"|text|column|report))?"
    r"(?!\s+of\b)(?!s\b)",
    re.IGNORECASE,
)
_POSTER = re.compile(
    r"\b(?:the\s+)?(?:OP|original\s+(?:poster|author)|thread\s+(?:starter|author|opener)|topic\s+(?:starter|author)"
    r"|submitter)\b"
    r"|\bthe\s+poster\b",
)
_PLACED_PERSON = re.compile(
    rf"\b(?:the\s+)?(?:very\s+)?(?P<which>{_ORDINAL}|top|most\s+active|most\s+prolific|most\s+frequent|main|latest"
    rf"|newest|earliest)\s+"
    r"(?:commenter|commentator|poster|participant|contributor|replier|respondent)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A comment (or several) that a question points at; `rank` where a superlative chose it."""

    start: int
    end: int
    ids: tuple[str, ...]
    rank: Rank | None = None
    by: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """A question in lower case with its people as `P0`, comments as `C0` and the article's author as `A0`.

    A possessive stands apart: `P0 's`. `missing` are references that nothing answers to, such as `c99`.
    """

    text: str
    people: tuple[Person, ...]
    references: tuple[Reference, ...]
    article_authors: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    original: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    kind: Literal["P", "C", "A"]
    person: Person | None = None
    reference: Reference | None = None


def ordinal(word: str) -> int:
    """Return the place an ordinal names, -1 for the last, 0 for none.

    >>> ordinal("third"), ordinal("12th"), ordinal("last")
    (3, 12, -1)
    """
    word = word.lower()
    if word in _ORDINALS:
        return _ORDINALS.index(word) + 1
    if word in ("last", "final"):
        return -1
    number = re.match(r"\d+", word)
    return int(number.group()) if number else 0


def mark(question: str, people: Roster, threads: Sequence[Thread], prefer: Sequence[str] = ()) -> Marked:
    """Find everybody and every comment a question points at, and write it with placeholders.

    `prefer` are the comments meant where a number stands in several threads, and by "those comments".
    """
    missing: list[str] = []
    pieces: list[_Piece] = []

    def add(piece: _Piece) -> None:
        if not any(piece.start < other.end and other.start < piece.end for other in pieces):
            pieces.append(piece)

    named = find_people(question, people, threads)
    for match in re.finditer(rf"\b{THOSE}\b" if prefer else r"(?!)", question):
        add(_Piece(*match.span(), "C", reference=Reference(*match.span(), tuple(prefer))))
    for match in _NUMBERED.finditer(question):
        ids = _numbered(next(group for group in match.groups() if group), threads)
        ids = tuple(cid for cid in ids if cid in prefer) or ids
        if ids:
            add(_Piece(*match.span(), "C", reference=Reference(*match.span(), ids)))
        elif not match.group().startswith("#") and not _called(match, named):
            lost = match.group().strip("[]")
            missing.append(lost)
            add(_Piece(*match.span(), "P", person=Person(*match.span(), (lost,))))
    for piece in (*(_Piece(one.start, one.end, "P", person=one) for one in named), *_roles(question, people, threads)):
        add(piece)
    for match in _PLACED.finditer(question):
        span, by, end = _owner(question, match, pieces)
        reference = _placed(match, span, end, by, threads)
        if reference is not None:
            pieces = [piece for piece in pieces if not (span < piece.end and piece.start < end)]
            add(_Piece(reference.start, reference.end, "C", reference=reference))
    pieces.sort(key=lambda piece: piece.start)
    authors = tuple(dict.fromkeys(thread.article.author for thread in threads if thread.article.author))
    return _written(question, pieces, tuple(missing), authors)


def _numbered(number: str, threads: Sequence[Thread]) -> tuple[str, ...]:
    if "." in number:
        return tuple(cid for t in threads for cid, label in t.labels().items() if label == number)
    wanted = int(number)
    return tuple(comment.id for thread in threads for comment in thread.comments if comment.number == wanted)


def _roles(question: str, people: Roster, threads: Sequence[Thread]) -> list[_Piece]:
    roles: list[tuple[re.Match[str], str | None]] = []
    if people.unnamed:
        roles += [(match, UNNAMED) for match in _UNNAMED.finditer(question)]
    roles += [(match, _poster(threads)) for match in _POSTER.finditer(question)]
    roles += [
        (match, _placed_person(match.group("which").lower(), people, threads))
        for match in _PLACED_PERSON.finditer(question)
        if question[: match.start()].strip()
    ]
    pieces = [
        _Piece(*match.span(), "P", person=Person(*match.span(), (name,)))
        for match, name in roles
        if name is not None and not (name != UNNAMED and _WHO_IS.search(question[: match.start()]))
    ]
    return pieces + _article_authors(question, people, threads)


_WHO_IS = re.compile(r"(?:\bwho(?:\s+(?:is|was|are|were)|['’]s)|^\s*(?:name|identify|tell me))\s*$", re.IGNORECASE)


_ACTING = re.compile(r"\b(?:does|did|has|do|to|by|from)\s+$", re.IGNORECASE)


def _article_authors(question: str, people: Roster, threads: Sequence[Thread]) -> list[_Piece]:
    pieces = []
    for match in _ARTICLE_AUTHOR.finditer(question):
        before = question[: match.start()]
        if re.search(r"\b(?:comment|post|reply)\s*$", before, re.IGNORECASE):
            continue
        poster = threads[0].article.author if len(threads) == 1 else None
        if poster in people.comments and _ACTING.search(before):
            pieces.append(_Piece(*match.span(), "P", person=Person(*match.span(), (poster or "",))))
        else:
            pieces.append(_Piece(*match.span(), "A"))
    for thread in threads:
        if thread.article.author and thread.article.author not in people.comments:
            for match in re.finditer(rf"\b{re.escape(thread.article.author)}(?:['’]s)?(?!\w)", question, re.IGNORECASE):
                pieces.append(_Piece(*match.span(), "A"))
    return pieces


def _poster(threads: Sequence[Thread]) -> str | None:
    if len(threads) != 1:
        return None
    thread = threads[0]
    if thread.article.author:
        return thread.article.author
    return next((comment.author for comment in thread.comments if comment.visible), None)


def _placed_person(which: str, people: Roster, threads: Sequence[Thread]) -> str | None:
    if which in ("top", "main") or which.startswith("most"):
        most = max(people.comments.values(), default=0)
        names = [name for name, count in people.comments.items() if count == most]
        return names[0] if len(names) == 1 else None
    if len(threads) != 1:
        return None
    comments = [placed.comment for placed in in_time_order(everything(threads))]
    place = {"latest": -1, "newest": -1, "earliest": 1}.get(which) or ordinal(which)
    order = list(dict.fromkeys(comment.author for comment in comments))
    if place == -1:
        return comments[-1].author or UNNAMED if comments else None
    return (order[place - 1] or UNNAMED) if 0 < place <= len(order) else None


def _owner(question: str, match: re.Match[str], pieces: Sequence[_Piece]) -> tuple[int, tuple[str, ...], int]:
    """Return where "X's third comment" or "the third comment by X" starts, whose it is, and where it ends."""
    for piece in pieces:
        if piece.person is None:
            continue
        before = piece.end <= match.start() and not question[piece.end : match.start()].strip(" ")
        if before and re.search(r"['’]s?$", question[piece.start : piece.end]):
            return piece.start, piece.person.names, match.end()
        between = question[match.end() : piece.start]
        if piece.start >= match.end() and re.fullmatch(
            r"\s+(?:(?:made|written|posted|left)\s+)?(?:by|from|of)\s+|\s+", between, re.IGNORECASE
        ):
            if not between.strip() and not re.match(r"\s*(?:made|wrote|posted|left|has)\b", question[piece.end :]):
                continue
            return match.start(), piece.person.names, piece.end
    return match.start(), (), match.end()


def _placed(
    match: re.Match[str], start: int, end: int, by: tuple[str, ...], threads: Sequence[Thread]
) -> Reference | None:
    which = re.sub(r"[\s-]+", " ", match.group("which").lower())
    level = (match.group("level") or "").lower()
    rank = _SPACED.get(which) or {"first": "first", "last": "last", "final": "last"}.get(which)
    wanted = [
        placed
        for placed in everything(threads)
        if (not by or placed.name in by)
        and (level != "top-level" or placed.comment.parent_id is None)
        and (level != "unnamed" or placed.comment.author is None)
        and (match.group("noun").lower() not in ("reply", "response") or placed.comment.parent_id is not None)
    ]
    if rank is not None:
        best = ranked(rank, wanted)  # type: ignore[arg-type]
        ids = tuple(placed.comment.id for placed in best)
        narrowed = bool(level) or match.group("noun").lower() in ("reply", "response")
        kept = None if narrowed and rank in ("first", "last") else rank
        return Reference(start, end, ids, kept, by, _told(which, by)) if ids else None  # type: ignore[arg-type]
    place = ordinal(which)
    found = []
    for thread in threads:
        own = [placed.comment.id for placed in wanted if placed.thread is thread]
        if 0 < place <= len(own):
            found.append(own[place - 1])
    return Reference(start, end, tuple(found), None, by) if found else None


def _told(which: str, by: tuple[str, ...]) -> str:
    return f"the {which} comment" + (f" by {' or '.join(by)}" if by else "")


def _called(match: re.Match[str], named: Sequence[Person]) -> bool:
    """Tell whether a number that no comment bears is somebody's name."""
    return any(match.start() <= one.start and one.end <= match.end() for one in named)


def _written(question: str, pieces: Sequence[_Piece], missing: tuple[str, ...], authors: tuple[str, ...]) -> Marked:
    out: list[str] = []
    people: list[Person] = []
    references: list[Reference] = []
    at = 0
    for piece in pieces:
        out.append(question[at : piece.start].lower())
        text = question[piece.start : piece.end]
        if piece.person is not None:
            out.append(f" P{len(people)} ")
            people.append(piece.person)
        elif piece.reference is not None:
            out.append(f" C{len(references)} ")
            references.append(piece.reference)
        else:
            out.append(" A0 ")
        if piece.kind != "C" and re.search(r"['’]s$|[sxz]['’]$", text, re.IGNORECASE):
            out.append("'s ")
        at = piece.end
    out.append(question[at:].lower())
    plain = re.sub(r"\s+", " ", "".join(out).replace("’", "'").replace("‘", "'")).strip()
    return Marked(
        text=re.sub(r" 's\b", " 's", plain),
        people=tuple(people),
        references=tuple(references),
        article_authors=authors,
        missing=missing,
        original=question,
    )
