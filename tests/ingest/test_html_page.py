import contextlib
import json
from pathlib import Path

import pytest

from ingest.errors import NoComments, SourceError
from ingest.formats import html_page
from ingest.registry import load, pick
from ingest.source import Source
from ingest.thread import Thread

ARTICLE = "<p>The bridge opens in May, a year late and a third over its budget, and nobody on the council says why.</p>"


def read(html: str, url: str | None = None) -> Thread:
    source = Source(name="page.html", data=html.encode(), url=url)
    assert pick(source).name == "html"
    (thread,) = load(source)
    return thread


def page(body: str) -> str:
    return f"<!DOCTYPE html><html><head><title>Bridge</title></head><body><h1>Bridge</h1>{ARTICLE}{body}</body></html>"


def wordpress(number: int, name: str, words: str, inside: str = "") -> str:
    return (
        f'<li id="comment-{number}" class="comment"><div class="comment-author vcard"><b class="fn">{name}</b></div>'
        f'<div class="comment-content"><p>{words}</p></div>{inside}</li>'
    )


def test_a_page_whose_comments_are_loaded_by_script_says_so() -> None:
    thread = read(page('<div id="disqus_thread"></div>'))
    assert thread.comments == ()
    assert "by script (Disqus)" in thread.notes[0]
    assert "bridge opens" in thread.article.text


def test_a_stated_count_without_comments_is_not_taken_for_silence() -> None:
    thread = read(page("<h3>12 comments</h3>"))
    assert thread.missing == 12
    assert "counts 12 comments" in thread.notes[0]


def test_a_page_without_words_is_refused_with_the_reason() -> None:
    with pytest.raises(NoComments, match="neither comments nor an article"):
        read("<html><head><title>x</title></head><body><div id='disqus_thread'></div></body></html>")


def test_nested_comments_do_not_leak_into_the_one_they_answer() -> None:
    replies = f'<ol class="children">{wordpress(2, "Bob", "Yes.")}</ol>'
    thread = read(page(f"<ol>{wordpress(1, 'Ann', 'Late.', replies)}</ol>"))
    assert [(c.author, c.body) for c in thread.comments] == [("Ann", "Late."), ("Bob", "Yes.")]
    assert thread.comments[1].parent_id == thread.comments[0].id


def test_comments_do_not_leak_into_the_article() -> None:
    thread = read(
        page(f"<ol>{wordpress(1, 'Ann', 'A long complaint about the price of fish in this town today.')}</ol>")
    )
    assert "price of fish" not in thread.article.text


def test_further_pages_of_comments_are_noted() -> None:
    more = '<a href="/bridge/comment-page-2#comments">Older Comments</a>'
    thread = read(page(f"<ol>{wordpress(1, 'Ann', 'Late.')}</ol>{more}"))
    assert any("further pages" in note for note in thread.notes)


def test_comments_in_noscript_are_read() -> None:
    thread = read(page(f"<noscript><ol>{wordpress(1, 'Ann', 'Late.')}</ol></noscript>"))
    assert [c.author for c in thread.comments] == ["Ann"]


def test_a_script_in_a_comment_is_not_part_of_its_words() -> None:
    thread = read(page(f"<ol>{wordpress(1, 'Ann', 'Late.<script>alert(1)</script> &lt;b&gt;')}</ol>"))
    assert thread.comments[0].body == "Late. <b>"


def test_a_nest_deeper_than_the_parser_goes_is_cut_with_a_note() -> None:
    deep = "".join(
        f'<ul class="children"><li id="comment-{n}"><b class="fn">A{n}</b><p>w{n}</p>' for n in range(1, 3001)
    )
    thread = read(page(deep))
    assert 300 < len(thread.comments) < 3000
    assert any("The page nests deeper than" in note for note in thread.notes)


def test_ids_carry_the_site_so_that_two_sites_never_clash() -> None:
    html = page(f"<ol>{wordpress(1, 'Ann', 'Late.')}</ol>")
    assert read(html, "https://a.example/x").comments[0].id == "html:a.example/1"
    assert read(html, "https://b.example/x").comments[0].id == "html:b.example/1"
    assert read(html).comments[0].id.startswith("t:")


@pytest.mark.parametrize("name", ["foxyfolksy_recipe_en", "netzpolitik_abmahnungen_de"])
def test_real_pages_match_their_truth(shared: Path, name: str) -> None:
    folder = shared / "samples" / "html"
    truth = json.loads((folder / f"{name}.truth.json").read_text(encoding="utf-8"))["comments"]
    (thread,) = load(Source.from_path(folder / f"{name}.html"))
    found = {comment.id.rpartition("/")[2]: comment for comment in thread.comments}
    matched = [(item, found[item["id"]]) for item in truth if item["id"] in found]
    assert len(matched) >= 0.95 * len(truth)
    parents = sum((c.parent_id.rpartition("/")[2] if c.parent_id else None) == item["parent"] for item, c in matched)
    authors = sum(c.author == item["author"] for item, c in matched)
    assert parents >= 0.98 * len(matched)
    assert authors >= 0.98 * len(matched)


@pytest.mark.parametrize(("name", "count"), [("pypy_blogger_en", 7), ("ostbelgien_loriot_de", 0), ("lefigaro_fr", 12)])
def test_other_real_pages_hold_as_many_comments_as_they_show(shared: Path, name: str, count: int) -> None:
    (thread,) = load(Source.from_path(shared / "samples" / "html" / f"{name}.html"))
    assert len(thread.visible) == count
    assert all(comment.author for comment in thread.visible)


@pytest.mark.parametrize(
    "hostile",
    [
        "<!---->" * 700 + "x",
        page("<div>" * 20_000),
        page(f"<ol>{wordpress(1, 'A', '! ' * 200_000)}</ol>"),
        page('<li id="comment-1">' + "!<br>" * 20_000 + "</li>"),
        page("&amp;" * 300_000),
        page("".join(f'<li id="comment-{n % 7}">x</li>' for n in range(6_000))),
        page('<p class="comment">' * 1_500),
        page("By a, " + "b, " * 200_000),
    ],
    ids=["comments", "depth", "words", "breaks", "entities", "twins", "unclosed", "commas"],
)
def test_hostile_repetition_is_read_or_refused(hostile: str) -> None:
    source = Source(name="page.html", data=hostile.encode())
    html_page.LOADER.sniff(source)
    with contextlib.suppress(SourceError):
        html_page.LOADER.load(source)
