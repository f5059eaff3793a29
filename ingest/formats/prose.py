"""The article part of a plain text: title, subtitle, byline, paragraphs, and the boilerplate around them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.thread import Article, normalise

__all__ = ["Prose", "byline", "is_count_line", "join_lines", "paragraphs", "read_article", "stated_count"]

_BYLINE = re.compile(
    r"^(?:(?:article |story |posted |written )?(?:author|by|autor|auteur|autore|von|par|作者)\s*[:：]\s*"
    r"|(?:posted |written |published )?by\s+)(?P<name>\S.*)$",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"^\W*(?:(?:\d[\d.,]*|no|one|all|view|show)\W+(?:\w+\W+){0,3})?"
    r"(?:comments?|responses?|replies|thoughts?|kommentare?|antworten|commentaires?|comentarios?|reacties|ergänzungen)"
    r"(?:\s+(?:on|to|zu|sur|for|about)\b.{0,200}|\s*\(?\d*\)?)\W*$",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"^(?:share|tweet|print|e-?mail|like|leave a (?:reply|comment)|post (?:a )?comment|add (?:a )?comment|reply|tags?:"
    r"|filed under|related|advertisement|read more|subscribe|sign up|log ?in|copyright|©|all rights reserved)\b",
    re.IGNORECASE,
)
_END = tuple(".!?…。！？\"'”’»)")
_PARTICLES = ("and", "de", "van", "von", "la", "der")
_DATE_TAIL = re.compile(r"\s*(?:[,|–—-]|\bon\b|\bat\b|\bam\b).*\d.*$")


@dataclass(frozen=True, slots=True)
class Prose:
    """An article with the notes of what was left out of it."""

    article: Article
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
    match = _BYLINE.match(text.strip())
    if match is None or "\n" in text:
        return None
    name = _DATE_TAIL.sub("", match.group("name")).strip(" |,–—-")
    words = name.split()
    if not 1 <= len(words) <= 6 or len(name) > 60 or name.endswith((":", "!", "?", "。")):
        return None
    explicit = ":" in text[:24] or "：" in text[:24]
    if not explicit and not all(word[:1].isupper() or word in _PARTICLES for word in words):
        return None
    return name


def is_count_line(text: str) -> bool:
    """Tell whether a line heads the comments: `3 comments`, `12 thoughts on “…”`, `Responses`."""
    return len(text) <= 240 and bool(_COUNT.match(text.strip()))


def stated_count(text: str) -> int | None:
    """Return the number that a line counting comments states.

    >>> stated_count("4 thoughts on “Sourdough in 3 days”")
    4
    """
    match = re.match(r"\W*(\d{1,3}(?:[.,]\d{3})+|\d{1,7})\b", text) or re.search(r"(\d{1,7})\W*$", text)
    return int(re.sub(r"\D", "", match.group(1))) if match else None


def read_article(blocks: Sequence[str]) -> Prose:
    """Read the paragraphs above the comments: first line `title | subtitle`, paragraphs, a byline anywhere.

    What follows a byline at the end (an author box, often cut off at a link that was lost) is left out and noted.
    """
    blocks = [block for block in blocks if block]
    if not blocks:
        return Prose(Article())
    title, subtitle = _headline(blocks[0])
    body = list(blocks[1:] if title else blocks)
    if body and title and normalise(body[0]).casefold() == normalise(title).casefold():
        del body[0]
    author, dropped = None, []
    places = [place for place, block in enumerate(body) if byline(block)]
    if places:
        place = places[-1]
        author = byline(body[place])
        if place <= 1 and len(body) > place + 2:
            del body[place]
        else:
            tail = body[place + 1 :]
            boxes = [block for block in tail if _author_box(block, author or "")]
            body = [*body[:place], *(block for block in tail if block not in boxes)]
            dropped = [block for block in boxes if not is_count_line(block)]
    while body and (_BOILERPLATE.match(body[-1]) or is_count_line(body[-1])) and len(body[-1].split()) <= 14:
        body.pop()
    notes = tuple(f"Left out as boilerplate after the byline: “{_short(block)}”" for block in dropped)
    return Prose(Article(title=title, subtitle=subtitle, author=author, text="\n\n".join(body)), notes)


def _headline(first: str) -> tuple[str, str]:
    if len(first) > 300 or "\n" in first or byline(first):
        return "", ""
    title, _, subtitle = first.partition(" | ")
    return title.strip(), subtitle.strip()


def _author_box(block: str, author: str) -> bool:
    """Tell an author box or a cut-off line from a paragraph of the article."""
    if block.startswith(author) or _BOILERPLATE.match(block) or is_count_line(block):
        return True
    return len(block.split()) <= 20 and not block.endswith(_END)


def _short(text: str, limit: int = 60) -> str:
    flat = normalise(text)
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"
