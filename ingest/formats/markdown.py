"""Markdown: exports whose comments stand at quote depth, in lists or under bold names; and plain documents.

A comment begins with its head, `**name** · date · points`; how deep its line is quoted or indented is its level.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.clean import markdown_text, tidy
from ingest.draft import Draft, ThreadDraft
from ingest.errors import NoComments
from ingest.formats.dates import read_dates
from ingest.formats.prose import byline, is_count_line, stated_count
from ingest.formats.textual import plain, web_address
from ingest.formats.when import is_when
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Article, Thread, normalise
from ingest.tree import assemble
from ingest.wording import counted

__all__ = ["LOADER"]

_QUOTES = re.compile(r"^(?:[ ]{0,3}>[ ]?)*")
_BULLET = re.compile(r"^[-*+•][ ]+")
_HEAD = re.compile(
    r"^(?:\*\*|__)(?P<name>[^*\n]{1,100}?)(?:\*\*|__)(?P<colon>:?)\s*(?P<rest>(?:[·|•—–(,:-]|on\b|said\b|says\b|wrote\b|\[).*|)$"
)
_BOLD_COLON = re.compile(r"^(?:\*\*|__)(?P<name>[^*\n]{1,100}?):(?:\*\*|__)\s*(?P<rest>.*)$")
_HEADING = re.compile(r"^(?P<marks>#{2,6})\s+(?P<text>\S.*?)\s*#*$")
_TITLE = re.compile(r"^#\s+(?P<text>\S.*?)\s*#*$")
_LINK = re.compile(r"\[(?P<shown>[^\]]*)\]\((?P<href>[^)\s]+)[^)]*\)")
_POINTS = re.compile(r"(-?\d[\d,]*)\s*(?:points?|votes?|likes?|upvotes?)\b", re.IGNORECASE)
_COMMENTS = re.compile(
    r"^(?:#{1,6}\s+|\*\*)?(?:\d+\s+)?(?:comments?|discussion|replies|responses|kommentare)\b.{0,40}$", re.I
)
_LONGEST_FRONT = 20_000
_LONGEST_HEAD = 500
_LONGEST_TITLE = 240
_NO_TITLE = re.compile(r"[#>|`~<\[!+]|[-*•]\s|\d+[.)]\s|https?://|[-*_=]{3,}")
_BARE_LINK = re.compile(r"^<?(https?://\S+?)>?$|^\[(?P<shown>[^\]]*)\]\((?P<href>https?://[^)\s]+)\)$")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line without its quote marks: how deep it is quoted, how far it is indented."""

    depth: int
    indent: int
    text: str


@dataclass(slots=True)
class _Item:
    """One comment: its head and its lines."""

    level: tuple[int, int]
    name: str
    rest: str
    lines: list[str] = field(default_factory=list)


def _sniff(source: Source) -> float:
    text = plain(source)
    named = source.suffix in (".md", ".markdown", ".mdown")
    if not text or (not named and "**" not in text and "__" not in text):
        return 0.4 if text and named else 0.0
    _, items = _items(text)
    quoted = sum(item.level[0] > 0 for item in items)
    if quoted >= 2 or (named and items):
        return 0.9
    return 0.6 if len(items) >= 2 else 0.4 if named else 0.0


def _load(source: Source) -> tuple[Thread, ...]:
    text = tidy(source.text)
    fields, text = _front(text)
    above, items = _items(text)
    article, stated = _article(above, fields, bare=bool(items))
    if not items and not article.text:
        raise NoComments(f"{source.name} holds neither comments nor an article.", remedy="Choose another --format.")
    notes = [] if items else ["No comments can be told apart in this document; it was read as an article alone."]
    if stated is not None and stated > len(items):
        notes.append(f"The document counts {counted(stated, 'comment')}; this file holds {len(items):,}.")
    draft = ThreadDraft(
        platform="markdown",
        key=None,
        article=article,
        comments=tuple(_drafts(items)),
        notes=tuple(notes),
        missing=stated - len(items) if stated is not None and stated > len(items) else None,
    )
    return (assemble(draft, source),)


def _front(text: str) -> tuple[Mapping[str, str], str]:
    """Take the fields off the top: a JSON block or `---` lines of `name: value`."""
    start = text.lstrip("\ufeff\n ")
    head = start[:_LONGEST_FRONT]
    if match := re.match(r"```json\s*\n(\{.*?\n?\})\s*\n```", head, re.DOTALL):
        try:
            data = json.loads(match.group(1))
        except (ValueError, RecursionError):
            return {}, text
        return {str(k).lower(): v for k, v in data.items() if isinstance(v, str)}, start[match.end() :]
    if match := re.match(r"---\n(.*?)\n---\n", head, re.DOTALL):
        pairs = re.findall(r"^(\w+):[ \t]*(\S.*)$", match.group(1), re.MULTILINE)
        return {name.lower(): value.strip("\"' ") for name, value in pairs}, start[match.end() :]
    return {}, text


def _line(raw: str) -> _Line:
    raw = raw.expandtabs(4)
    marks = _QUOTES.match(raw)
    prefix = marks.group() if marks else ""
    text = raw[len(prefix) :]
    return _Line(prefix.count(">"), len(text) - len(text.lstrip()), text.rstrip())


def _items(text: str) -> tuple[list[str], list[_Item]]:
    """Return the lines above the comments, and the comments with their own lines."""
    above: list[str] = []
    items: list[_Item] = []
    stack: list[_Item] = []
    heading = False
    before = _Line(0, 0, "")
    for raw in text.split("\n"):
        line = _line(raw)
        heading = heading or bool(line.depth == 0 and len(line.text) < 200 and _COMMENTS.match(line.text.strip()))
        item = _head(line, before, sure=heading or bool(items))
        if item is not None:
            while stack and stack[-1].level >= item.level:
                stack.pop()
            items.append(item)
            stack.append(item)
        elif not items:
            above.append(raw)
        else:
            _give(line, items, stack)
        before = line
    return above, items


def _give(line: _Line, items: list[_Item], stack: list[_Item]) -> None:
    """Append a line to the comment it stands in; what is quoted deeper is a quotation."""
    if line.text.strip():
        while len(stack) > 1 and (
            stack[-1].level[0] > line.depth or (stack[-1].level[1] > line.indent and line.indent)
        ):
            stack.pop()
    owner = stack[-1]
    deeper = max(0, line.depth - owner.level[0])
    owner.lines.append("> " * deeper + line.text.lstrip() if owner.level[1] else "> " * deeper + line.text)


def _head(line: _Line, before: _Line, *, sure: bool) -> _Item | None:
    """Return the comment that a line begins, or None."""
    text = line.text.strip()
    bullet = _BULLET.match(text)
    fresh = not before.text.strip() or before.depth != line.depth or bullet is not None
    if not fresh or len(text) > _LONGEST_HEAD:
        return None
    heading = _HEADING.match(text) if line.depth == 0 else None
    if heading is not None:
        return _titled(heading)
    if bullet:
        text = text[bullet.end() :]
    match = _BOLD_COLON.match(text) or _HEAD.match(text)
    if match is None or not _plain_name(match.group("name")):
        return None
    rest, words = _spoken(match.group("rest").strip())
    known = bool(_LINK.search(rest) or _POINTS.search(rest) or is_when(rest.strip("·|—–-(): ,")))
    colon = match.re is _BOLD_COLON or match.groupdict().get("colon")
    if not (known or line.depth > 0 or bullet or (colon and sure)):
        return None
    if not known:
        rest, words = "", words or rest.lstrip(":·—–- ").strip()
    return _Item((line.depth, line.indent + (1 if bullet else 0)), match.group("name"), rest, [words] if words else [])


def _spoken(rest: str) -> tuple[str, str]:
    """Split what follows a name into its date and the words after a colon.

    >>> _spoken("(2024-03-01): Beer traps work.")
    ('2024-03-01', 'Beer traps work.')
    """
    match = re.match(r"[(\s·|—–,-]*(?P<when>[^()]{4,40}?)\)?:\s+(?P<words>\S.*)$", rest)
    return (match.group("when"), match.group("words")) if match and is_when(match.group("when")) else (rest, "")


def _titled(heading: re.Match[str]) -> _Item | None:
    """Read a heading as a comment's head: `### Ann · 2024-01-01`, `### Comment by Ann`."""
    text = markdown_text(heading.group("text")).body
    parts = re.split(r"\s+[·|—–-]\s+|\s+on\s+(?=\w+ \d|\d)", text, maxsplit=1)
    if len(parts) == 2 and is_when(parts[1]) and _plain_name(parts[0]):
        return _Item((0, len(heading.group("marks"))), parts[0], parts[1])
    name = re.match(r"(?:comment|reply|kommentar)\s+(?:by|from|von)\s+(.{1,60})$", text, re.IGNORECASE)
    return _Item((0, len(heading.group("marks"))), name.group(1), "") if name else None


def _plain_name(name: str) -> bool:
    words = name.split()
    return 1 <= len(words) <= 6 and not name.rstrip().endswith((".", "!", "?", ",", ";")) and not is_count_line(name)


def _article(above: Sequence[str], fields: Mapping[str, str], *, bare: bool) -> tuple[Article, int | None]:
    """Read what stands above the comments; the fields at the top win. `bare`: a title may stand there unmarked."""
    lines = list(above)
    title, subtitle = fields.get("title", ""), ""
    if bare and not title and not any(_TITLE.match(line.strip()) for line in lines):
        title, subtitle, lines = _bare_title(lines)
    url, stated, author = fields.get("url") or fields.get("source"), None, None
    kept: list[str] = []
    for line in lines:
        text = line.strip()
        if len(text) > _LONGEST_HEAD:
            kept.append(line)
        elif not title and (match := _TITLE.match(text)):
            title = markdown_text(match.group("text")).body
        elif _COMMENTS.match(text) and len(text.split()) <= 4:
            stated = stated_count(text) or stated
        elif match := _BARE_LINK.match(text):
            url = url or match.group(1) or match.group("href")
        elif text not in ("---", "***", "___") and not (author is None and (author := byline(text.strip("*_ ")))):
            kept.append(line)
    dates = read_dates([fields.get("published") or fields.get("date")])
    return Article(
        title=title,
        subtitle=subtitle,
        author=fields.get("author") or author,
        published=dates[0],
        url=web_address(url),
        text=markdown_text("\n".join(kept).strip()).body,
    ), stated


def _bare_title(lines: Sequence[str]) -> tuple[str, str, list[str]]:
    """Take an unmarked `title | subtitle` off the top: a short line by itself that ends like no sentence.

    >>> _bare_title(["Ferry times change | Fewer boats", "", "The harbour office cuts a ferry."])
    ('Ferry times change', 'Fewer boats', ['', 'The harbour office cuts a ferry.'])
    """
    rest = list(lines)
    while rest and not rest[0].strip():
        del rest[0]
    line = rest[0].strip() if rest else ""
    alone = len(rest) > 2 and not rest[1].strip() and any(other.strip() for other in rest[2:])
    longest = _LONGEST_TITLE if " | " in line else _LONGEST_TITLE // 2
    if not alone or len(line) > longest or _NO_TITLE.match(line) or line.endswith((".", ",", ";", ":")):
        return "", "", list(lines)
    if byline(line) or is_count_line(line) or _COMMENTS.match(line) or is_when(line):
        return "", "", list(lines)
    title, _, subtitle = markdown_text(line).body.partition(" | ")
    return title.strip(), subtitle.strip(), rest[1:]


def _drafts(items: Sequence[_Item]) -> list[Draft]:
    times = read_dates([_LINK.sub(lambda link: link.group("shown"), item.rest) for item in items])
    drafts: list[Draft] = []
    stack: list[tuple[tuple[int, int], str]] = []
    for here, item in enumerate(items):
        while stack and stack[-1][0] >= item.level:
            stack.pop()
        link, points = _LINK.search(item.rest), _POINTS.search(item.rest)
        href = link.group("href") if link else ""
        text = markdown_text("\n".join(item.lines).strip())
        drafts.append(
            Draft(
                key=str(here),
                parent_key=stack[-1][1] if stack else None,
                author=normalise(markdown_text(item.name).body) or None,
                text=text,
                created_at=times[here],
                score=int(points.group(1).replace(",", "")) if points and len(points.group(1)) < 10 else None,
                permalink=web_address(href),
                flags=() if text.body else ("empty",),
                native=False,
            )
        )
        stack.append((item.level, str(here)))
    return drafts


LOADER = Loader("markdown", "Markdown", _sniff, _load)
