"""Indented-bullet text, as text extractors write a page with nested comments.

A comment is a bullet: its name and a blank line, or the first paragraph where the name was lost with its link. Its
paragraphs stand two columns deeper, and so do the bullets of its replies. Names, levels and lists inside comments are
told apart by rules measured on real threads; nothing here knows a particular page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.clean import tidy
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import NoComments
from ingest.formats.depthcap import CAPPED, Seat, likely_parents
from ingest.formats.outline_lines import Block, blocks, first_comment
from ingest.formats.prose import join_lines, read_article
from ingest.formats.textual import plain
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Status, Thread
from ingest.tree import assemble
from ingest.wording import counted as number

__all__ = ["LOADER"]

_SENTENCE_END = tuple(".!?…:;,–—-。！？：；，")
_ABBREVIATED = re.compile(r"(?:^|[\s.])(?:\w|Jr|Sr|Dr|St|Mr|Mrs|Ms|Inc|Co)\.$")
_GREETING = re.compile(r"^(?:hi|hello|hey|dear|thanks|thank you|hallo|bonjour|hola)\s+\S|^[@#]", re.IGNORECASE)
_PINGBACK = re.compile(r"^(?:pingback|trackback)\s*:", re.IGNORECASE)


@dataclass(slots=True)
class _Item:
    """One bullet on its way to a comment."""

    indent: int
    number: int | None
    parent: int | None
    level: int
    head: Block
    body: list[Block] = field(default_factory=list)
    orphaned: bool = False


def _sniff(source: Source) -> float:
    lines = plain(source).splitlines()
    start = first_comment(lines)
    if start is None:
        return 0.0
    bullets = [block for block in blocks(lines[start:]) if block.bullet]
    indented = sum(block.indent > 0 for block in bullets)
    if not indented:
        return 0.0
    if lines[start].lstrip()[:1] == "•":
        return 0.9
    nested = len({block.indent for block in bullets}) > 1
    return 0.7 if nested and indented == len(bullets) else 0.35


def _load(source: Source) -> tuple[Thread, ...]:
    lines = tidy(source.text).splitlines()
    start = first_comment(lines)
    if start is None:
        raise NoComments(
            f"{source.name} holds no indented bullets, so no comments.", remedy="Choose another --format, or none."
        )
    prose = read_article(lines[:start])
    items, tail = _items(blocks(lines[start:]))
    drafts, notes = _drafts(items)
    counted = prose.stated
    missing = max((counted or 0) - len(drafts), _gaps(items), 0) or None
    if counted is not None and counted > len(drafts):
        notes.append(f"The page counts {number(counted, 'comment')}; this file holds {len(drafts):,}.")
    if tail:
        notes.append("Left out as a page footer after the comments: " + "; ".join(f"“{line}”" for line in tail[:3]))
    draft = ThreadDraft(
        platform="outline",
        key=None,
        article=prose.article,
        comments=tuple(drafts),
        notes=(*prose.notes, *notes),
        missing=missing,
    )
    return (assemble(draft, source),)


def _items(found: Sequence[Block]) -> tuple[list[_Item], list[str]]:
    """Place bullets by a stack of indents and give each text block to the comment it stands in."""
    items: list[_Item] = []
    stack: list[int] = []
    levels = sorted({block.indent for block in found if block.bullet})
    end = _footer(found)
    for block in found[:end]:
        if block.bullet:
            while stack and items[stack[-1]].indent >= block.indent:
                stack.pop()
            parent = stack[-1] if stack else None
            above = items[parent].indent if parent is not None else -1
            skipped = [indent for indent in levels if above < indent < block.indent]
            items.append(_Item(block.indent, block.number, parent, len(stack), block, orphaned=bool(skipped)))
            stack.append(len(items) - 1)
        elif block.indent == 0 or not items:
            if items:
                items[-1].body.append(block)
        else:
            _give(block, items, stack)
    tail = [line for block in found[end:] for line in block.lines]
    return items, tail


def _footer(found: Sequence[Block]) -> int:
    """Return where the page's footer begins: the first text at the left margin that no bullet follows."""
    last = max(place for place, block in enumerate(found) if block.bullet)
    return next((place for place in range(last + 1, len(found)) if found[place].indent == 0), len(found))


def _give(block: Block, items: list[_Item], stack: list[int]) -> None:
    """Append a text block to its comment; text that returns to a parent shows that the bullets between were a list."""
    while len(stack) > 1 and items[stack[-1]].indent >= block.indent:
        stack.pop()
    owner = stack[-1]
    for item in items[owner + 1 :]:
        items[owner].body.append(Block(item.indent, tuple(f"• {line}" for line in item.head.lines)))
        items[owner].body.extend(item.body)
    del items[owner + 1 :]
    items[owner].body.append(block)


def _drafts(items: Sequence[_Item]) -> tuple[list[Draft], list[str]]:
    names = _names(items)
    seats = [
        Seat(item.parent, item.level, name, _body(item, name)[:200]) for item, name in zip(items, names, strict=True)
    ]
    placed = likely_parents(seats)
    drafts = []
    for here, item in enumerate(items):
        shown, likely = item.parent, placed[here].parent
        body = _body(item, names[here])
        flags = [CAPPED] if placed[here].capped else []
        flags += ["parent_missing"] if item.orphaned else []
        flags += [] if body else ["empty"]
        status: Status = "pingback" if _PINGBACK.match(item.head.lines[0]) else "visible"
        drafts.append(
            Draft(
                key=str(here),
                parent_key=str(likely) if likely is not None else None,
                author=names[here],
                text=Text(body),
                status=status,
                flags=tuple(flags),
                native=False,
                shown_key=str(shown) if shown is not None else None,
            )
        )
    return drafts, _notes(items, drafts)


def _names(items: Sequence[_Item]) -> list[str | None]:
    """Decide for each bullet whether its head is a name; a file that never lost one may show longer names."""
    shaped = [_may_name(item) for item in items]
    sure = [here for here, item in enumerate(items) if shaped[here] and _looks_named(item)]
    people = [here for here, item in enumerate(items) if not _PINGBACK.match(item.head.lines[0])]
    complete = len(people) >= 4 and all(shaped[here] for here in people) and len(sure) >= 0.8 * len(people)
    known = {items[here].head.lines[0] for here in sure}
    names: list[str | None] = []
    for here, item in enumerate(items):
        head = item.head.lines[0]
        long = complete and len(head) <= 80 and not head.endswith(_SENTENCE_END)
        named = here in sure or long or (len(item.head.lines) == 1 and head in known)
        names.append(head if named and not _PINGBACK.match(head) else None)
    return names


def _may_name(item: _Item) -> bool:
    return len(item.head.lines) == 1 and bool(item.body)


def _looks_named(item: _Item) -> bool:
    """Tell a name from a first paragraph: at most 40 characters and 5 words, not ending like a sentence."""
    head = item.head.lines[0]
    words = [word for word in head.split() if any(map(str.isalnum, word))]
    if len(head) > 40 or len(words) > 5 or _GREETING.match(head):
        return False
    return not head.endswith(_SENTENCE_END) or bool(_ABBREVIATED.search(head) and head[:1].isupper())


def _body(item: _Item, name: str | None) -> str:
    parts = [] if name is not None else [join_lines(item.head.lines)]
    parts += ["\n".join(block.lines) if block.code else join_lines(block.lines) for block in item.body]
    return "\n\n".join(part for part in parts if part)


def _notes(items: Sequence[_Item], drafts: Sequence[Draft]) -> list[str]:
    notes = ["Extracted text does not tell whether comments are missing, nor dates or votes."]
    unnamed = sum(draft.author is None and draft.status == "visible" for draft in drafts)
    capped = sum(CAPPED in draft.flags for draft in drafts)
    orphaned = sum(item.orphaned for item in items)
    gaps = _gaps(items)
    if unnamed:
        notes.append(f"{_count(unnamed)} without a name: the text does not say who wrote {_them(unnamed)}.")
    if capped:
        notes.append(f"{_count(capped)} at the deepest level may answer the comment printed before {_them(capped)}.")
    if orphaned:
        notes.append(f"{_count(orphaned)} skipped a level: the comment answered is not in the file.")
    if gaps:
        notes.append(f"The numbering skips {_count(gaps)}, not in this file.")
    return notes


def _count(number: int) -> str:
    return f"{number:,} comment{'' if number == 1 else 's'}"


def _them(number: int) -> str:
    return "it" if number == 1 else "them"


def _gaps(items: Sequence[_Item]) -> int:
    """Count the numbers that numbered siblings skip."""
    last: dict[int | None, int] = {}
    missing = 0
    for item in items:
        if item.number is None:
            continue
        expected = last.get(item.parent, 0) + 1
        missing += max(0, item.number - expected)
        last[item.parent] = item.number
    return missing


LOADER = Loader("outline", "Indented bullets", _sniff, _load)
