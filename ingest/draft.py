"""What a loader produces before tree repair: comments by the source's own keys, in the source's order."""

from dataclasses import dataclass

from ingest.thread import Article, Quote, Status

__all__ = ["Draft", "Text", "ThreadDraft"]


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text with the spans that quote somebody else."""

    body: str
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """One comment as the source gives it.

    `key` is the platform's id where there is one (`native=True`), else any key that is unique in the file and serves
    to link replies; `parent_key` is the most likely parent, `shown_key` the displayed one where it differs.
    `Quote.comment_id` holds a *key* here; assembling maps it to an id.
    """

    key: str
    parent_key: str | None
    author: str | None
    text: Text
    created_at: str | None = None
    score: int | None = None
    permalink: str | None = None
    status: Status = "visible"
    flags: tuple[str, ...] = ()
    native: bool = True
    shown_key: str | None = None


@dataclass(frozen=True, slots=True)
class ThreadDraft:
    """A thread as the source gives it; `platform` prefixes native keys (`hn` → `hn:123`).

    `key` is the platform's id of the thread, None where it has none: then the article's URL names it, else the
    source's name. `missing` as in `Thread`. `handles` says that names of the form `name@host` are handles that
    everybody sees, not e-mail addresses.
    """

    platform: str
    key: str | None
    article: Article
    comments: tuple[Draft, ...]
    notes: tuple[str, ...] = ()
    missing: int | None = 0
    handles: bool = False
