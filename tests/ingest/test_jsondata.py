import contextlib
import gc
import json
import math
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import CommentariatError, MalformedSource
from ingest.formats import jsondata
from ingest.registry import load
from ingest.source import Source
from ingest.tree import PLAIN_HOST, normal_url

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
)


@given(VALUES, st.sampled_from([None, 1]))
def test_the_parser_for_deep_json_reads_what_the_standard_one_reads(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    assert jsondata._deep(text) == json.loads(text)


@given(VALUES, st.integers(0, 200), st.sampled_from(list('{}[],":\\x0 ')))
def test_the_parser_for_deep_json_refuses_what_the_standard_one_refuses(value: object, at: int, swap: str) -> None:
    text = json.dumps(value)
    text = text[: at % len(text)] + swap + text[at % len(text) + 1 :]
    try:
        json.loads(text, strict=False)
    except ValueError:
        if not _has_only_a_tail(text):
            with pytest.raises(ValueError):  # noqa: PT011 - any ValueError becomes MalformedSource
                jsondata._deep(text)


def _has_only_a_tail(text: str) -> bool:
    """Tell text with something after its value: the caller has ruled that out when it comes to deep JSON."""
    try:
        json.JSONDecoder(strict=False).raw_decode(text.lstrip())
    except ValueError:
        return False
    return True


def source(data: str) -> Source:
    return Source(name="x.json", data=data.encode())


def test_json_lines_are_read_and_bad_ones_counted() -> None:
    lines = jsondata.document(source('{"a": 1}\n\nnot json\n{"a": 2}\n'))
    assert isinstance(lines, jsondata.Lines)
    assert (list(lines), lines.bad) == ([{"a": 1}, {"a": 2}], 1)


def test_text_that_only_begins_like_json_is_refused() -> None:
    assert jsondata.peek(source("[10:30] Ada: hello\n[10:31] Ben: hi")) is None
    with pytest.raises(MalformedSource, match="not valid JSON"):
        jsondata.document(source('{"a": '))


def test_a_document_is_parsed_once() -> None:
    one = source('{"a": [1]}')
    assert jsondata.peek(one) is jsondata.document(one)


@pytest.mark.parametrize(
    ("value", "read"),
    [(7, "7"), ("x", "x"), (" x ", "x"), (7.0, "7"), (True, None), (None, None), ("", None), (-1, None), ([], None)],
)
def test_ids_are_whole_numbers_or_short_words(value: object, read: str | None) -> None:
    assert jsondata.ident(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [(7, 7), ("-7", -7), (7.4, 7), (True, None), (math.inf, None), (10**30, None), ("x", None), (None, None)],
)
def test_counts_are_whole_numbers_of_sane_size(value: object, read: int | None) -> None:
    assert jsondata.whole(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("https://e.org/a?b=c", "https://e.org/a?b=c"),
        ("javascript:alert(1)", None),
        ("http://[", None),
        ("https://e.org/a b", None),
        ("https://", None),
        (7, None),
    ],
)
def test_links_are_plain_web_addresses(value: object, read: str | None) -> None:
    assert jsondata.link(value) == read


def test_a_name_is_cut_however_much_its_letters_take_when_folded() -> None:
    assert len(jsondata.name("\ufdfa" * 60) or "") == 200
    assert len(jsondata.name("\ufdfa" * 160) or "") == 200


HOSTS = st.text(st.sampled_from(list("aZ0-._:@[]%/?#é٣")), max_size=12) | st.sampled_from(
    ["www.", "WWW.", "www.a", "a.", "a:80", "a:", "a:b", "a:99999999", "[::1]", "1.2.3.4", "a..b"]
)


@given(st.sampled_from(["http://", "https://", "HTTP://"]), HOSTS, st.sampled_from(["", "/", "/x", "?q", "#f"]))
def test_an_address_that_needs_no_closer_look_passes_it(scheme: str, host: str, rest: str) -> None:
    url = scheme + host + rest
    if PLAIN_HOST.match(url):
        assert urlsplit(url).hostname
        assert normal_url(url)


@pytest.mark.parametrize("data", [b"[]", b"{", b'{"kind": "Listing", "data": {"children": []}}', b"plain words"])
def test_reading_leaves_the_search_for_unreachable_objects_as_it_was(data: bytes) -> None:
    for enabled in (False, True):
        (gc.enable if enabled else gc.disable)()
        try:
            with contextlib.suppress(CommentariatError):
                load(Source("x.json", data))
            assert gc.isenabled() is enabled
        finally:
            gc.enable()


def test_objects_are_not_searched_while_json_is_read_and_are_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    parse = jsondata._parse
    monkeypatch.setattr(jsondata, "_parse", lambda text: (seen.append(gc.isenabled()), parse(text))[1])
    with contextlib.suppress(CommentariatError):
        load(Source("x.json", b'{"kind": "Listing", "data": {"children": []}}'))
    assert seen == [False]
    assert gc.isenabled()
