"""How fast threads are read: comments a second for each shape.

Figures are processor time on made-up threads of one size; they are for comparing two versions on one machine.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from eval.bench_table import Row
from ingest.registry import load
from ingest.source import Limits, Source

__all__ = ["SHAPES", "Speed", "measure", "rows"]

_WORDS = "The ferry is late again, and the queue goes back to the mill. I counted forty cars at noon."
_DEPTHS = (0, 1, 2, 1, 0, 1)
_PEOPLE = 97


@dataclass(frozen=True, slots=True)
class Speed:
    """One measurement: the shape, how large the file was in bytes, and comments a second of processor time."""

    shape: str
    size: int
    comments: int
    rate: float


def _body(place: int) -> str:
    return f"{_WORDS} That was comment {place}."


def _depth(place: int) -> int:
    return _DEPTHS[place % len(_DEPTHS)]


def _json(count: int) -> str:
    """Return a thread as Hacker News' search service gives it."""
    story = {"id": 1, "created_at_i": 1, "type": "story", "title": "Ferry", "children": []}
    path: list[dict[str, object]] = [story]
    for place in range(count):
        del path[_depth(place) + 1 :]
        node: dict[str, object] = {"id": place + 2, "created_at_i": place, "type": "comment", "children": []}
        node |= {"author": f"user{place % _PEOPLE}", "text": f"<p>{_body(place)}"}
        children = path[-1]["children"]
        if isinstance(children, list):
            children.append(node)
        path.append(node)
    return json.dumps(story)


def _reddit(count: int) -> str:
    """Return a thread as Reddit answers, some comments with marks, a quotation or a list."""
    marked = {0: "> Two queues.\n\nThere **never** are. ", 1: "* See [the plan](https://a.example/b)\n\n"}
    post = {"id": "p", "name": "t3_p", "title": "Ferry", "selftext": _WORDS, "created_utc": 1, "num_comments": count}
    top: list[object] = []
    path: list[dict[str, object]] = []
    for place in range(count):
        del path[_depth(place) :]
        about = {"id": f"k{place}", "link_id": "t3_p", "author": f"user{place % _PEOPLE}", "score": place % 50}
        about |= {"parent_id": f"t1_{path[-1]['id']}" if path else "t3_p", "created_utc": 1_700_000_000 + place}
        about |= {"body": marked.get(place % 5, "") + _body(place), "permalink": f"/r/x/comments/p/t/k{place}/"}
        holder = path[-1].setdefault("replies", {"kind": "Listing", "data": {"children": []}}) if path else None
        (holder["data"]["children"] if isinstance(holder, dict) else top).append({"kind": "t1", "data": about})
        path.append(about)
    first = {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": post}]}}
    return json.dumps([first, {"kind": "Listing", "data": {"children": top}}])


def _page(count: int) -> str:
    """Return a thread as a WordPress page."""
    parts = [f"<html><head><title>Ferry</title></head><body><h1>Ferry</h1><p>{_WORDS * 5}</p><ol>"]
    open_items = 0
    for place in range(count):
        parts.append("</ol></li>" * (open_items - _depth(place)))
        parts.append(
            f'<li id="comment-{place}" class="comment"><div class="comment-author vcard"><b class="fn">'
            f'user{place % _PEOPLE}</b></div><time datetime="2020-10-22T17:17:43+08:00">then</time>'
            f'<div class="comment-content"><p>{_body(place)}</p></div><ol class="children">'
        )
        open_items = _depth(place) + 1
    return "".join(parts) + "</ol></li>" * open_items + "</ol></body></html>"


def _outline(count: int) -> str:
    """Return a thread as indented bullets."""
    parts = [f"Ferry\n\n{_WORDS}\n\n"]
    for place in range(count):
        pad = "  " * (_depth(place) + 1)
        parts.append(f"{pad}• user{place % _PEOPLE}\n\n{pad}  {_body(place)}\n\n")
    return "".join(parts)


def _pasted(count: int) -> str:
    """Return a thread as pasted text with a dated name above each comment."""
    parts = [f"Ferry\n\n{_WORDS}\n\n"]
    for place in range(count):
        pad = "    " * _depth(place)
        parts.append(f"{pad}user{place % _PEOPLE} — July {place % 28 + 1}, 2012, 1:26 am\n\n{pad}{_body(place)}\n\n")
    return "".join(parts)


def _markdown(count: int) -> str:
    """Return a thread as Markdown with comments at quote depth."""
    parts = [f"# Ferry\n\n{_WORDS}\n\n## Comments\n\n"]
    for place in range(count):
        marks = "> " * (_depth(place) + 1)
        parts.append(f"{marks}**user{place % _PEOPLE}** · 2025-01-15\n{marks}\n{marks}{_body(place)}\n\n")
    return "".join(parts)


SHAPES: Mapping[str, Callable[[int], str]] = {
    "Hacker News JSON": _json,
    "Reddit JSON": _reddit,
    "WordPress page": _page,
    "indented bullets": _outline,
    "pasted text": _pasted,
    "Markdown": _markdown,
}


def measure(shape: str, count: int) -> Speed:
    """Read a made-up thread of `count` comments in one shape. Raises `ValueError` where comments are lost."""
    data = SHAPES[shape](count).encode()
    source = Source("bench", data, limits=Limits(file_bytes=len(data) + 1, comments=count))
    start = time.process_time()
    (thread,) = load(source)
    taken = time.process_time() - start
    if len(thread.comments) != count:
        raise ValueError(f"{shape}: {len(thread.comments)} of {count} comments were read")
    return Speed(shape, len(data), count, count / max(taken, 1e-9))


def rows(count: int) -> list[Row]:
    """Measure every shape at `count` comments."""
    measure("WordPress page", 10)  # loads the libraries, which is not what is measured
    found = []
    for speed in (measure(shape, count) for shape in SHAPES):
        note = f"{speed.comments:,} in {speed.size / 1e6:.1f} MB, processor time"
        found.append(Row("read", speed.shape, f"{speed.rate:,.0f} comments/s", note=note))
    return found
