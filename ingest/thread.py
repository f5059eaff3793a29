"""The vocabulary of a discussion: `Article`, `Comment`, `Thread`. Frozen, standard library only.

An id is for ever: it never depends on how the tree was understood, so a reply keeps its id when its parent is
understood better. A comment's offsets (`Quote`, citations) are offsets into `Comment.body`.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "ARTICLE",
    "Article",
    "Comment",
    "Quote",
    "Span",
    "Status",
    "Thread",
    "content_id",
    "normalise",
    "platform_id",
]

ARTICLE = "article"
"""The id under which an article is cited, in place of a comment's id."""

Status = Literal["visible", "deleted", "removed", "pending", "spam", "pingback"]
"""Only `visible` comments are counted, numbered, indexed and cited; the others stay as stubs for their replies."""

Span = tuple[int, int]


def normalise(text: str) -> str:
    """Fold a text for comparison: NFKC, runs of white space to one space, stripped."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def platform_id(platform: str, key: str | int) -> str:
    """Name a comment by its platform's own id.

    >>> platform_id("hn", 123)
    'hn:123'
    """
    return f"{platform}:{key}"


def content_id(thread_id: str, author: str | None, body: str, ordinal: int = 0) -> str:
    """Name a comment that has no id of its own by what it says; `ordinal` tells identical comments apart.

    >>> content_id("t", "Ada", "Yes.")
    't:dbc3e03c95fe8a5b'
    """
    recipe = "\x1f".join((thread_id, author or "", normalise(body), str(ordinal)))
    return "t:" + hashlib.sha256(recipe.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of a body that repeats somebody else's words; `comment_id` names the quoted comment where known."""

    start: int
    end: int
    comment_id: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment.

    `author` is None when the source does not name one. `parent_id` is the most likely parent, `parent_shown` the one
    the source displays. `number` is the short display number (1, 2, …), None for a stub that was never visible.
    `created_at` is ISO 8601 in UTC where the source's zone is known. `score` is the platform's votes.
    """

    id: str
    number: int | None
    parent_id: str | None
    parent_shown: str | None
    author: str | None
    body: str
    quotes: tuple[Quote, ...] = ()
    created_at: str | None = None
    score: int | None = None
    permalink: str | None = None
    status: Status = "visible"
    flags: tuple[str, ...] = ()

    @property
    def visible(self) -> bool:
        """Tell whether the comment may be counted, indexed and cited."""
        return self.status == "visible"

    @property
    def tag(self) -> str:
        """Return the display number as people see it: `c10`; a stub's is `c–`."""
        return f"c{self.number}" if self.number is not None else "c–"

    @property
    def own_spans(self) -> tuple[Span, ...]:
        """Return the spans of the body that are the author's own words: the body minus its quotes."""
        spans, at = [], 0
        for quote in sorted(self.quotes, key=lambda quote: quote.start):
            if quote.start > at:
                spans.append((at, quote.start))
            at = max(at, quote.end)
        if at < len(self.body):
            spans.append((at, len(self.body)))
        return tuple((start, end) for start, end in spans if self.body[start:end].strip())


@dataclass(frozen=True, slots=True)
class Article:
    """What the comments are about. Every field is empty where the source has none."""

    title: str = ""
    subtitle: str = ""
    author: str | None = None
    published: str | None = None
    url: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """An article and its comments, in document order; each parent precedes its children.

    `source` is the loader's name, `origin` the file name or URL it came from. `missing` is how many comments the
    source says exist and the file lacks: 0 for a complete source, None where the source cannot tell (extracted text,
    saved pages). `notes` say what was repaired, dropped or lost, one sentence each.
    """

    id: str
    source: str
    article: Article
    comments: tuple[Comment, ...]
    notes: tuple[str, ...] = ()
    missing: int | None = 0
    origin: str = ""
    _by_id: Mapping[str, Comment] = field(init=False, repr=False, compare=False, default_factory=dict)
    _children: Mapping[str | None, tuple[Comment, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        by_id: dict[str, Comment] = {}
        children: dict[str | None, list[Comment]] = {}
        for comment in self.comments:
            if comment.id in by_id or comment.id == ARTICLE:
                raise ValueError(f"comment id {comment.id!r} occurs twice or is reserved")
            if comment.parent_id is not None and comment.parent_id not in by_id:
                raise ValueError(f"comment {comment.id!r} stands before its parent {comment.parent_id!r}")
            by_id[comment.id] = comment
            children.setdefault(comment.parent_id, []).append(comment)
        object.__setattr__(self, "_by_id", by_id)
        object.__setattr__(self, "_children", {parent: tuple(kids) for parent, kids in children.items()})

    @property
    def title(self) -> str:
        """Return the article's title, or the thread's id where it has none."""
        return self.article.title or self.id

    @property
    def visible(self) -> tuple[Comment, ...]:
        """Return the comments that may be counted, indexed and cited, in document order."""
        return tuple(comment for comment in self.comments if comment.visible)

    def get(self, comment_id: str) -> Comment | None:
        """Return the comment with this id, or None."""
        return self._by_id.get(comment_id)

    def text_of(self, comment_id: str) -> str | None:
        """Return the text that a citation of this id points into: the article's or a comment's; None if unknown."""
        if comment_id == ARTICLE:
            return self.article.text
        comment = self._by_id.get(comment_id)
        return comment.body if comment else None

    def children(self, comment_id: str | None) -> tuple[Comment, ...]:
        """Return the direct replies to a comment, or the top-level comments for None; stubs included."""
        return self._children.get(comment_id, ())

    def parent(self, comment: Comment) -> Comment | None:
        """Return the comment that this one most likely answers."""
        return self._by_id.get(comment.parent_id) if comment.parent_id else None

    def ancestors(self, comment: Comment) -> tuple[Comment, ...]:
        """Return the chain of comments above this one, nearest first."""
        chain = []
        above = self.parent(comment)
        while above is not None:
            chain.append(above)
            above = self.parent(above)
        return tuple(chain)

    def walk(self, comment_id: str | None = None) -> Iterator[tuple[int, Comment]]:
        """Yield (depth, comment) below a comment (or the whole thread), depth first; stubs included, no recursion."""
        stack = [(0, child) for child in reversed(self.children(comment_id))]
        while stack:
            depth, comment = stack.pop()
            yield depth, comment
            stack.extend((depth + 1, child) for child in reversed(self.children(comment.id)))

    def depths(self) -> dict[str, int]:
        """Return every comment's depth; a top-level comment has 0."""
        depths: dict[str, int] = {}
        for comment in self.comments:
            depths[comment.id] = depths[comment.parent_id] + 1 if comment.parent_id else 0
        return depths

    def labels(self) -> dict[str, str]:
        """Return every comment's path among its siblings, such as `3.1.2`. Labels may change; ids never do."""
        labels: dict[str, str] = {}
        places: dict[str | None, int] = {}
        for comment in self.comments:
            place = places[comment.parent_id] = places.get(comment.parent_id, 0) + 1
            labels[comment.id] = f"{labels[comment.parent_id]}.{place}" if comment.parent_id else str(place)
        return labels
