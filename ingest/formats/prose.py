"""The article part of a plain text: title, subtitle, byline, paragraphs, and the boilerplate around them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.formats.dates import read_dates
from ingest.formats.when import is_when
from ingest.thread import Article, normalise

__all__ = [
    "Prose",
    "byline",
    "is_boilerplate",
    "is_count_line",
    "is_prose",
    "join_lines",
    "paragraphs",
    "read_article",
    "stated_count",
]

_BYLINE = re.compile(
    r"^(?:(?:article |story |posted |written )?(?:author|by|autor|auteur|autore|von|par|作者)\s*[:：]\s*"
    r"|(?:posted |written |published )?by\s+)(?P<name>\S.*)$",
    re.IGNORECASE,
)
_HEADS = (
    r"(?:comments?|responses?|replies|thoughts?|kommentare?|antworten|commentaires?|comentarios?|reacties|ergänzungen)"
)
_COUNT = re.compile(
    rf"^\W*(?:(?:\d[\d.,]*|no|one|all|view|show)\W+(?:\w+\W+){{0,3}})?{_HEADS}"
    r"(?:\s+(?:on|to|zu|sur|for|about)\b.{0,200}|\s*\(?\d*\)?)\W*$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    rf"(\d{{1,3}}(?:[.,]\d{{3}})+|\d{{1,7}})\W+(?:[^\W\d]+\W+){{0,3}}?{_HEADS}\b|\b{_HEADS}\W*(\d{{1,7}})\b",
    re.IGNORECASE,
)
_TITLE_COUNT = re.compile(rf"\s+[|–—-]?\s*\d{{1,7}}\s+{_HEADS}$", re.IGNORECASE)
_BOILERPLATE = re.compile(
    r"^(?:share|tweet|print|e-?mail|like|leave a (?:reply|comment)|post (?:a )?comment|add (?:a )?comment|reply|tags?:"
    r"|filed under|related|advertisement|read more|subscribe|sign up|log ?in|copyright|©|all rights reserved)\b",
    re.IGNORECASE,
)
_END = tuple(".!?…。！？\"'”’»)")
_LONGEST_BYLINE = 200
_PARTICLES = ("and", "de", "van", "von", "la", "der")
_DATE_TAIL = re.compile(r"\s*(?:[,|–—-]|\bon\b|\bat\b|\bam\b).*\d.*$")


@dataclass(frozen=True, slots=True)
class Prose:
    """An article, the number of comments that the lines around it state, and the notes of what was left out."""

    article: Article
    stated: int | None = None
    notes: tuple[str, ...] = ()


def paragraphs(lines: Sequence[str]) -> list[str]:
    """Join lines into paragraphs at blank lines; a line broken in mid-sentence is joined with a space."""
    found: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            found[-1].append(line.strip())
        elif found[-1]:
            found.append([])
    return [join_lines(block) for block in found if block]


def join_lines(lines: Sequence[str]) -> str:
    """Join the lines of one paragraph: with a space where the break stands in mid-sentence, else keep the break.

    >>> join_lines(["has now forced", "the losers to accept."])
    'has now forced the losers to accept.'
    """
    text = ""
    for line in lines:
        if not text:
            text = line
        elif text[-1] not in '.!?…。！？:;"”»)' and line[:1].islower():
            text += " " + line
        else:
            text += "\n" + line
    return text


def byline(text: str) -> str | None:
    """Return the name that a byline gives, or None where the text is not one.

    >>> byline("Author: Jason Ditz")
    'Jason Ditz'
    """
    match = _BYLINE.match(text.strip()) if len(text) <= _LONGEST_BYLINE and "\n" not in text else None
    if match is None:
        return None
    given = match.group("name")
    name = _DATE_TAIL.sub("", given).strip(" |,–—-")
    words = name.split()
    if not 1 <= len(words) <= 6 or len(name) > 60 or name.endswith((":", "!", "?", "。")):
        return None
    explicit = ":" in text[:24] or "：" in text[:24] or is_when(given[given.find(name) + len(name) :])
    if not explicit and not all(word[:1].isupper() or word in _PARTICLES for word in words):
        return None
    return name


def is_count_line(text: str) -> bool:
    """Tell whether a line heads the comments: `3 comments`, `12 thoughts on “…”`, `Responses`."""
    return len(text) <= 240 and bool(_COUNT.match(text.strip()))


def stated_count(text: str) -> int | None:
    """Return the number that a line counting comments states.

    >>> stated_count("4 thoughts on “Sourdough in 3 days”"), stated_count("Comments (12)")
    (4, 12)
    """
    match = _COUNTED.search(text)
    digits = next((group for group in match.groups() if group), "") if match else ""
    return int(re.sub(r"\D", "", digits)) if digits else None


def is_boilerplate(text: str) -> bool:
    """Tell a page's furniture (`Leave a comment`, `Share`, `3 comments`) from words."""
    return len(text.split()) <= 14 and bool(_BOILERPLATE.match(text) or is_count_line(text))


def is_prose(text: str) -> bool:
    """Tell prose from tables, code and lists: sentences of words, at least 25 of them."""
    words = text.split()
    if len(words) < 25:
        return False
    letters = sum(char.isalpha() or char.isspace() for char in text[:20_000])
    sentences = len(re.findall(r"[\w”’\")][.!?…](?:\s|$)|[。！？]", text[:20_000]))
    return letters >= 0.8 * len(text[:20_000]) and sentences >= max(1, len(text[:20_000].split()) // 80)


def read_article(lines: Sequence[str]) -> Prose:
    """Read the lines above the comments: `title | subtitle`, a date, paragraphs, a byline anywhere.

    What follows a byline at the end (an author box, often cut off at a link that was lost) is left out and noted.
    """
    rest = [line.strip() for line in lines]
    dated: list[str] = []
    while rest and (not rest[0] or is_when(rest[0])):
        dated.append(rest.pop(0))
    title, subtitle, rest = _headline(rest)
    counts = [stated_count(line) for line in (*_TITLE_COUNT.findall(title), *lines) if is_count_line(line)]
    title = _TITLE_COUNT.sub("", title)
    author = None
    while rest and rest[0] and title and (byline(rest[0]) or is_when(rest[0])):
        author = author or byline(rest[0])
        dated.append(rest.pop(0))
    body = paragraphs(rest)
    if body and title and normalise(body[0]).casefold() == normalise(title).casefold():
        del body[0]
    dropped: list[str] = []
    places = [place for place, block in enumerate(body) if byline(block)]
    if places and author is None:
        place = places[-1]
        author = byline(body[place])
        dated.append(body[place])
        tail = body[place + 1 :]
        boxes = [] if place <= 1 and len(tail) > 1 else [block for block in tail if _author_box(block, author or "")]
        body = [*body[:place], *(block for block in tail if block not in boxes)]
        dropped = [block for block in boxes if not is_boilerplate(block)]
    while body and is_boilerplate(body[-1]):
        body.pop()
    notes = tuple(f"Left out as boilerplate after the byline: “{_short(block)}”" for block in dropped)
    published = next((date for date in read_dates(dated) if date), None)
    text = "\n\n".join(body)
    stated = next((count for count in reversed(counts) if count is not None), None)
    return Prose(Article(title=title, subtitle=subtitle, author=author, published=published, text=text), stated, notes)


def _headline(lines: Sequence[str]) -> tuple[str, str, list[str]]:
    """Take the title off the top: one line, followed by a blank line, a byline or a date."""
    if not lines or len(lines[0]) > 300 or byline(lines[0]) or is_count_line(lines[0]):
        return "", "", list(lines)
    following = lines[1] if len(lines) > 1 else ""
    if following and not byline(following) and not is_when(following) and lines[0].endswith((".", ",", ";")):
        return "", "", list(lines)
    if following and len(lines[0]) > 120:
        return "", "", list(lines)
    title, _, subtitle = lines[0].partition(" | ")
    return title.strip(), subtitle.strip(), list(lines[1:])


def _author_box(block: str, author: str) -> bool:
    """Tell an author box or a cut-off line from a paragraph of the article."""
    if block.startswith(author) or _BOILERPLATE.match(block) or is_count_line(block):
        return True
    return len(block.split()) <= 20 and not block.endswith(_END)


def _short(text: str, limit: int = 60) -> str:
    flat = normalise(text)
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"
