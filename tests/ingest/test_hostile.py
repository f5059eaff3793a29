"""Hostile and broken inputs: repaired and noted, or refused with a one-line reason."""

import io
import json
import zipfile
from typing import Any

import pytest

from ingest.errors import MalformedSource, SourceError, SourceTooLarge
from ingest.registry import load
from ingest.source import Limits, Source
from ingest.thread import Thread
from tests.ingest import laws


def read(data: Any, **limits: int) -> Thread:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    (thread,) = load(Source(name="thread.json", data=raw, limits=Limits(**limits)))
    laws.check(thread)
    return thread


def item(key: int, parent: int | None, text: str = "Words.", **fields: Any) -> dict[str, Any]:
    return {"id": key, "type": "comment", "by": f"p{key}", "parent": parent, "text": text, "time": 1706978635, **fields}


STORY = {"id": 1, "type": "story", "by": "ada", "title": "T", "time": 1706978600}


@pytest.mark.parametrize("depth", [500, 1_000, 10_000])
def test_json_nested_to_any_depth_is_read_whole(depth: int) -> None:
    head = '{"id":%d,"created_at_i":1706978635,"type":"comment","author":"p","text":"Words %d.","children":['
    body = "".join(head % (n, n) for n in range(2, depth + 2)) + "]}" * depth
    root = '{"id":1,"created_at_i":1706978635,"type":"story","title":"T","author":"a","text":"","children":[%s]}'
    thread = read((root % body).encode())
    assert len(thread.visible) == depth
    assert max(thread.depths().values()) == min(depth, 1_000) - 1
    assert any("nested deeper" in note for note in thread.notes) == (depth > 1_000)


def test_brackets_without_end_are_refused() -> None:
    with pytest.raises(SourceError):
        load(Source(name="x.json", data=b'{"children":[' * 100_000), "hackernews")


def test_a_circle_of_replies_is_cut_and_noted() -> None:
    data = json.dumps([STORY, item(2, 4), item(3, 2), item(4, 3), item(5, 1)]).encode()
    sound, circle = load(Source(name="thread.json", data=data))
    assert [comment.id for comment in sound.comments] == ["hn:5"]
    assert [comment.parent_id for comment in circle.comments] == [None, "hn:2", "hn:3"]
    assert any("circle" in note for note in circle.notes)


def test_a_comment_that_answers_itself_stands_at_the_top() -> None:
    posts = [_post(1), _post(2, 2), _post(3, 2)]
    thread = read(posts)
    assert [comment.parent_id is None for comment in thread.comments] == [True, False]
    assert any("circle" in note for note in thread.notes)


def _post(number: int, answers: int | None = None, words: str = "<p>Words.</p>") -> dict[str, Any]:
    return {
        "id": 100 + number,
        "post_number": number,
        "topic_id": 7,
        "topic_title": "T",
        "username": f"p{number}",
        "cooked": words,
        "reply_to_post_number": answers,
        "version": 1,
    }


def test_replies_before_their_parents_are_put_in_order() -> None:
    thread = read([STORY, item(4, 3), item(3, 2), item(2, 1)])
    assert [comment.id for comment in thread.comments] == ["hn:2", "hn:3", "hn:4"]


def test_a_parent_that_is_absent_is_noted() -> None:
    thread = read([_post(1), _post(2, 99)])
    assert thread.comments[0].flags == ("parent_missing",)
    assert any("not in the file" in note for note in thread.notes)


def test_an_id_used_twice_keeps_both_comments() -> None:
    things = [
        {"kind": "t1", "data": {"id": "a", "link_id": "t3_z", "parent_id": "t3_z", "author": "x", "body": words}}
        for words in ("One.", "Two.", "Two.")
    ]
    thread = read({"json": {"data": {"things": things}}})
    assert [comment.body for comment in thread.visible][:2] == ["One.", "Two."]
    assert len({comment.id for comment in thread.comments}) == len(thread.comments)
    assert any("id that another one has" in note for note in thread.notes)


def test_a_comment_of_a_million_characters_is_cut_and_noted() -> None:
    thread = read([STORY, item(2, 1, "word " * 200_000)])
    assert len(thread.visible[0].body) <= 200_000
    assert "truncated" in thread.visible[0].flags
    assert any("cut" in note for note in thread.notes)


def test_more_comments_than_the_limit_are_refused_with_its_name() -> None:
    with pytest.raises(SourceTooLarge, match="COMMENTARIAT_MAX_COMMENTS"):
        read([STORY, *(item(n, 1) for n in range(2, 30))], comments=10)


def test_a_file_beyond_the_limit_is_refused_with_its_name() -> None:
    with pytest.raises(SourceTooLarge, match="COMMENTARIAT_MAX_FILE_BYTES"):
        read([STORY], file_bytes=10)


def test_hidden_and_direction_characters_leave_the_words() -> None:
    thread = read([STORY, item(2, 1, "pay\u202elive\u200b \x00now<p>שלום")])
    assert thread.visible[0].body == "paylive now\n\nשלום"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marked_encodings_are_read(encoding: str) -> None:
    data = json.dumps([STORY, item(2, 1, "Ärger – “so”")], ensure_ascii=False).encode(encoding)
    assert read(data).visible[0].body == "Ärger – “so”"


DISQUS = (
    '<?xml version="1.0"?>{doctype}<disqus xmlns="http://disqus.com" '
    'xmlns:dsq="http://disqus.com/disqus-internals"><thread dsq:id="1"><link>http://e.org/a</link><title>T</title>'
    '</thread><post dsq:id="2"><message>Before {entity} after.</message><isDeleted>false</isDeleted>'
    '<isSpam>false</isSpam><author><name>Ada</name></author><thread dsq:id="1"/></post></disqus>'
)


def test_external_entities_are_never_read(tmp_path: Any) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret words")
    doctype = f'<!DOCTYPE d [<!ENTITY e SYSTEM "file://{secret}">]>'
    thread = read(DISQUS.format(doctype=doctype, entity="&e;").encode())
    assert "secret" not in thread.visible[0].body


def test_entity_bombs_do_not_go_off() -> None:
    doctype = '<!DOCTYPE d [<!ENTITY a "ha">'
    for one, two in zip("abcdefghi", "bcdefghij", strict=True):
        doctype += f'<!ENTITY {two} "{f"&{one};" * 20}">'
    thread = read(DISQUS.format(doctype=doctype + "]>", entity="&j;").encode())
    assert len(thread.visible[0].body) < 100


@pytest.mark.parametrize("reference", ["&#xD800;", "&#0;", "&#x1F;", "&#99999999;", "&#xFFFF;", "&#x&#0;D800;"])
def test_references_to_forbidden_characters_are_dropped_and_noted(reference: str) -> None:
    thread = read(DISQUS.format(doctype="", entity=reference).encode())
    assert thread.visible[0].body in ("Before after.", "Before D800; after.")
    assert any("forbids" in note for note in thread.notes)


@pytest.mark.parametrize("depth", [300, 10_000])
def test_xml_nested_too_deep_is_read_or_refused(depth: int) -> None:
    laws.read(laws.loader("disqus"), DISQUS.format(doctype="", entity="<a>" * depth + "</a>" * depth).encode(), "x.xml")


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


USERS = json.dumps(
    [{"id": "U0000001A", "name": "ada", "profile": {"email": "ada@e.org", "display_name": "Ada"}}]
).encode()


def test_a_slack_export_joins_the_days_of_a_channel() -> None:
    first = [{"type": "message", "ts": "1706978635.000100", "user": "U0000001A", "text": "Hi <@U0000001A>"}]
    second = [
        {"type": "message", "ts": "1707065035.000100", "thread_ts": "1706978635.000100", "user": "U2", "text": "Hello"}
    ]
    members = {"users.json": USERS, "channels.json": b"[]", "general/2024-02-03.json": json.dumps(first).encode()}
    members["general/2024-02-04.json"] = json.dumps(second).encode()
    (thread,) = load(Source(name="export.zip", data=_zip(members)), "slack")
    laws.check(thread)
    assert [comment.author for comment in thread.visible] == ["Ada", "U2"]
    assert thread.visible[1].parent_id == thread.visible[0].id
    assert thread.visible[0].body == "Hi @Ada"
    assert "ada@e.org" not in str(thread)


def test_a_slack_export_that_unpacks_beyond_the_limit_is_refused() -> None:
    members = {"users.json": USERS, "channels.json": b"[]", "general/2024-02-03.json": b"[" + b" " * 3_000_000 + b"]"}
    with pytest.raises(SourceTooLarge, match="COMMENTARIAT_MAX_FILE_BYTES"):
        load(Source(name="export.zip", data=_zip(members), limits=Limits(file_bytes=1_000_000)), "slack")


def test_a_damaged_slack_export_is_refused() -> None:
    data = _zip({"users.json": USERS, "channels.json": b"[]", "general/2024-02-03.json": b"not json"})
    with pytest.raises(MalformedSource):
        load(Source(name="export.zip", data=data), "slack")


def test_addresses_in_the_place_of_a_name_are_withheld() -> None:
    things = [
        {"kind": "t1", "data": {"id": str(n), "link_id": "t3_z", "parent_id": "t3_z", "author": name, "body": "Words."}}
        for n, name in enumerate(["ben@example.org", "192.0.2.7", "Cleo <cleo@example.org>", "2001:db8::1:2"])
    ]
    thread = read({"json": {"data": {"things": things}}})
    assert [comment.author for comment in thread.visible] == ["ben", None, "Cleo", None]


def test_the_same_discussion_in_several_shapes_is_the_same_tree() -> None:
    items = [
        {**STORY, "kids": [2, 5], "url": "https://e.org/a"},
        item(2, 1, "One.", kids=[3]),
        item(3, 2, "Two.", kids=[4]),
        item(4, 3, "Three."),
        item(5, 1, "Four."),
    ]

    def nested(key: int) -> dict[str, Any]:
        one = next(found for found in items if found["id"] == key)
        words = {"title": one.get("title"), "url": one.get("url"), "text": one.get("text")}
        facts = {"id": key, "created_at_i": one["time"], "author": one["by"], "type": one["type"]}
        return {**facts, **words, "children": [nested(kid) for kid in one.get("kids", ())]}

    rows = "".join(
        f'<tr class="athing comtr" id="{n}"><td><table><tr><td class="ind" indent="{depth}"></td><td class="default">'
        f'<a class="hnuser">p{n}</a><span class="age" title="2024-02-03T16:43:55"></span>'
        f'<div class="commtext c00">{words}</div></td></tr></table></td></tr>'
        for n, depth, words in ((2, 0, "One."), (3, 1, "Two."), (4, 2, "Three."), (5, 0, "Four."))
    )
    page = (
        '<html><table class="fatitem"><tr class="athing submission" id="1"><td><span class="titleline">'
        f'<a href="https://e.org/a">T</a></span></td></tr></table><table class="comment-tree">{rows}</table></html>'
    )
    shapes = [
        json.dumps(items),
        json.dumps({str(one["id"]): one for one in items}),
        "\n".join(json.dumps(one) for one in reversed(items)),
        json.dumps({"post": items[0], "comments": items[1:]}),
        json.dumps(nested(1)),
        page,
    ]
    trees = [load(Source(name="x", data=shape.encode()))[0] for shape in shapes]
    for tree in trees:
        assert tree.id == "hn:1"
        assert [(c.id, c.parent_id, c.author, c.body, c.created_at) for c in tree.comments] == [
            (c.id, c.parent_id, c.author, c.body, c.created_at) for c in trees[0].comments
        ]
        assert (tree.article.title, tree.article.url) == ("T", "https://e.org/a")


def test_a_quotation_that_claims_to_be_of_its_own_comment_is_of_nobody_known() -> None:
    box = '<aside class="quote" data-username="p2" data-post="2" data-topic="7"><blockquote>Old.</blockquote></aside>'
    thread = read([_post(1), _post(2, None, f"{box}<p>New.</p>")])
    (quote,) = thread.visible[0].quotes
    assert quote.comment_id is None
    assert thread.visible[0].parent_id is None


def test_an_id_that_cannot_stand_in_a_link_makes_none() -> None:
    thread = read([STORY, {**item(2, 1), "id": 'x" onmouseover="alert(1)'}])
    assert thread.visible[0].permalink is None
