"""What holds for every thread that any loader returns, and seeds and mutations to test it with."""

import json
import re
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from ingest.dump import from_json, to_json
from ingest.errors import SourceError
from ingest.formats import LOADERS
from ingest.loader import Loader
from ingest.source import Limits, Source
from ingest.thread import ARTICLE, Thread
from tests.ingest import golden

LIMITS = Limits(file_bytes=3_000_000, comments=5_000, comment_chars=20_000)
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def check(thread: Thread) -> None:
    """Assert the laws of a loaded thread."""
    ids = [comment.id for comment in thread.comments]
    assert len(set(ids)) == len(ids)
    known = {*ids, ARTICLE}
    seen = set[str]()
    for comment in thread.comments:
        assert comment.parent_id is None or comment.parent_id in seen, "a parent stands after its child"
        assert comment.parent_shown is None or comment.parent_shown in known
        seen.add(comment.id)
        assert comment.visible or (comment.body == "" and comment.author is None), "hidden words survive"
        assert (comment.number is None) != comment.visible
        assert not UNSEEN.search(comment.body), "characters that nobody sees survive"
        assert comment.author is None or comment.author.strip() == comment.author != ""
        assert thread.source == "mastodon" or not re.search(r"[^\s@]@[^\s@]+\.[^\s@]", comment.author or "")
        assert comment.permalink is None or re.match(r"https?://\S+$", comment.permalink)
        assert comment.created_at is None or re.match(r"\d{4}-\d\d-\d\d", comment.created_at)
        assert not UNSEEN.search(comment.author or "")
        for quote in comment.quotes:
            assert 0 <= quote.start < quote.end <= len(comment.body)
            assert comment.body[quote.start : quote.end].strip()
            assert quote.comment_id is None or (quote.comment_id in known and quote.comment_id != comment.id)
    assert not thread.comments or thread.children(None), "no comment stands at the top"
    assert [c.number for c in thread.visible] == list(range(1, len(thread.visible) + 1))
    assert thread.missing is None or thread.missing >= 0
    assert from_json(json.loads(json.dumps(to_json(thread)))) == thread
    json.dumps(to_json(thread), ensure_ascii=False).encode()


def read(loader: Loader, data: bytes, name: str = "thread.json") -> tuple[Thread, ...]:
    """Load hostile bytes: every loader's sniff answers, and nothing but a `SourceError` comes out of the load."""
    try:
        source = Source(name=name, data=data, limits=LIMITS)
    except SourceError:
        return ()
    for other in LOADERS:
        assert 0.0 <= other.sniff(source) <= 1.0
    try:
        threads = loader.load(source)
    except SourceError as error:
        refused = error
        threads = ()
    else:
        refused = None
    assert refused is None or (refused.remedy and "\n" not in str(refused))
    for thread in threads:
        check(thread)
    return threads


def loader(format_name: str) -> Loader:
    """Return the loader of a format."""
    return next(found for found in LOADERS if found.name == format_name)


def seeds(format_name: str) -> list[Path]:
    """Return the golden inputs of a format."""
    return golden.cases(format_name)


def keys(data: Any) -> set[str]:
    """Return every name used in a JSON document."""
    found = set[str]()
    stack = [data]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            found |= value.keys()
            stack += value.values()
        elif isinstance(value, list):
            stack += value
    return found


_junk: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 1, 2**70, 1e308, float("nan"), 1706978635]),
    st.sampled_from(["", "0", "\x00", "‮abc", "[deleted]", "t1_c1", "a@b.example", "192.0.2.1", "<p>", "> x", "\ud800"]),
    st.sampled_from(["http://[", "javascript:alert(1)", "0.1.2", "&#0;", "<" * 300, "a " * 30_000]),
    st.just([]),
    st.just({}),
    st.recursive(
        st.integers(), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner)
    ),
)


@st.composite
def mutated_json(draw: st.DrawFn, text: str) -> bytes:
    """Change a JSON document in a few places: values of other types, values from elsewhere in it, things left out."""
    data = json.loads(text)
    for _ in range(draw(st.integers(1, 5))):
        slots: list[tuple[Any, Any]] = []
        stack = [data]
        while stack:
            value = stack.pop()
            keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
            for key in keys:
                slots.append((value, key))
                stack.append(value[key])
        if not slots:
            break
        holder, key = slots[draw(st.integers(0, len(slots) - 1))]
        act = draw(st.sampled_from(["junk", "copy", "drop", "double"]))
        if act == "junk":
            holder[key] = draw(_junk)
        elif act == "copy":
            other, other_key = slots[draw(st.integers(0, len(slots) - 1))]
            holder[key] = json.loads(json.dumps(other[other_key]))
        elif act == "drop" or not isinstance(holder, list):
            del holder[key]
        else:
            holder.insert(key, json.loads(json.dumps(holder[key])))
    return json.dumps(data).encode()


@st.composite
def mutated_bytes(draw: st.DrawFn, data: bytes) -> bytes:
    """Change a file byte by byte: slices cut, doubled, swapped for hostile pieces."""
    pieces = [b"\x00", b"\xff\xfe", b"<", b">", b"&", b'"', b"]]>", b"<![CDATA[", b"</div>" * 9, b"<div>" * 400]
    pieces += ["‮\u200b\u0000é😀".encode(), b"\r", b"{", b"[" * 50, b"&nbsp;&#0;&#xD800;", b"-1", b"9" * 40]
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from([0, 1, 3, 20, 200])))
        data = data[:start] + draw(st.sampled_from([b"", data[start:end] * 2, *pieces])) + data[end:]
    return data
