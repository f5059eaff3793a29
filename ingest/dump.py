"""`Thread` ↔ canonical JSON, and `Thread` → a drawn tree for people and golden tests."""

import json
from collections.abc import Mapping
from typing import Any

from ingest.errors import MalformedSource
from ingest.thread import Article, Comment, Quote, Thread
from ingest.wording import counted

__all__ = ["draw", "from_json", "to_json"]

_ARTICLE_FIELDS = ("title", "subtitle", "author", "published", "url", "text")


def to_json(thread: Thread) -> dict[str, Any]:
    """Return the canonical JSON object of a thread; `from_json` reads it back to an equal thread."""
    depths, labels = thread.depths(), thread.labels()
    return {
        "commentariat": 1,
        "id": thread.id,
        "source": thread.source,
        "origin": thread.origin,
        "missing": thread.missing,
        "article": {name: getattr(thread.article, name) for name in _ARTICLE_FIELDS},
        "comments": [
            {
                "id": comment.id,
                "number": comment.tag if comment.number is not None else None,
                "label": labels[comment.id],
                "parent_id": comment.parent_id,
                "parent_shown": comment.parent_shown,
                "author": comment.author,
                "text": comment.body,
                "quotes": [
                    {"start": q.start, "end": q.end, "comment": q.comment_id, "author": q.author}
                    for q in comment.quotes
                ],
                "created_at": comment.created_at,
                "score": comment.score,
                "permalink": comment.permalink,
                "status": comment.status,
                "depth": depths[comment.id],
                "flags": list(comment.flags),
            }
            for comment in thread.comments
        ],
        "notes": list(thread.notes),
    }


def from_json(data: Mapping[str, Any]) -> Thread:
    """Read a canonical JSON object. Raises `MalformedSource` where a field is missing or of the wrong kind."""
    try:
        return Thread(
            id=str(data["id"]),
            source=str(data["source"]),
            article=Article(**{name: data["article"].get(name, "") for name in _ARTICLE_FIELDS}),
            comments=tuple(_comment(item) for item in data["comments"]),
            notes=tuple(str(note) for note in data.get("notes", ())),
            missing=data.get("missing", 0),
            origin=str(data.get("origin", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedSource(
            f"The canonical JSON is damaged: {error}.", remedy="Make it again with `commentariat show THREAD --json`."
        ) from error


def _comment(item: Mapping[str, Any]) -> Comment:
    body = str(item["text"])
    quotes = tuple(Quote(int(q["start"]), int(q["end"]), q["comment"], q["author"]) for q in item.get("quotes", ()))
    if any(not 0 <= quote.start < quote.end <= len(body) for quote in quotes):
        raise ValueError(f"a quote of comment {item['id']!r} lies outside its text")
    return Comment(
        id=str(item["id"]),
        number=int(item["number"].removeprefix("c")) if item["number"] else None,
        parent_id=item["parent_id"],
        parent_shown=item["parent_shown"],
        author=item["author"],
        body=body,
        quotes=quotes,
        created_at=item.get("created_at"),
        score=item.get("score"),
        permalink=item.get("permalink"),
        status=item["status"],
        flags=tuple(item.get("flags", ())),
    )


def draw(thread: Thread, *, width: int = 72) -> str:
    """Draw a thread as an indented tree, one line a comment: number, author, flags, the first words."""
    lines = [f"{thread.title}  ({thread.source}, {counted(len(thread.visible), 'comment')})"]
    for depth, comment in thread.walk():
        head = f"{'  ' * (depth + 1)}{comment.tag} {comment.author or '(no name)'}"
        marks: list[str] = [comment.status] if not comment.visible else []
        marks += list(comment.flags)
        if comment.parent_shown != comment.parent_id:
            shown = thread.get(comment.parent_shown) if comment.parent_shown else None
            marks.append(f"shown under {shown.tag if shown else 'the article'}")
        quoted = [thread.get(q.comment_id) for q in comment.quotes if q.comment_id]
        marks += [f"quotes {other.tag}" for other in quoted if other]
        mark = f" [{', '.join(marks)}]" if marks else ""
        words = json.dumps(" ".join(comment.body.split()), ensure_ascii=False)[1:-1]
        room = max(16, width - len(head) - len(mark))
        lines.append(f"{head}{mark}: {words if len(words) <= room else words[: room - 1] + '…'}")
    lines += [f"note: {note}" for note in thread.notes]
    return "\n".join(lines) + "\n"
