import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.thread import Article, Comment, Quote, Thread
from tests.builders import comment, debate, thread
from tests.ui.parsing import assert_harmless, parse
from ui.markup import anchor
from ui.reader import FOLD_ABOVE, NESTING, body_html, reader_html, thread_html

HOSTILE = [
    "<script>fetch('http://127.0.0.1/x')</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1) https://example.org/?a=\"onmouseover='x'",
    "</div></details></article><style>*{display:none}</style>",
    "\u202e\u2066right to left\u2069 and Z\u0301\u0301\u0301\u0301",
    "<!-- <iframe srcdoc='<script>'> &lt;b&gt; \x00 \ud800 \r\n ]]>",
]


def test_every_comment_stands_under_the_one_it_answers() -> None:
    root = parse(thread_html(debate()))
    by_id = {element.attributes["id"]: element for element in root.all("cm-c")}
    assert len(by_id) == 6
    first = by_id[anchor("bridge", "c1")]
    assert {e.attributes["data-n"] for e in first.all("cm-c")} == {"c2", "c3", "c4"}
    assert by_id[anchor("bridge", "c6")] in by_id[anchor("bridge", "c5")].walk()


def test_an_unnamed_comment_is_marked_and_not_given_a_name() -> None:
    root = parse(thread_html(debate()))
    (unnamed,) = [element for element in root.all("cm-c") if element.attributes["data-n"] == "c4"]
    assert "cm-anon" in unnamed.classes
    assert unnamed.one("cm-lost").text == "name lost in extraction"


def test_hidden_comments_stand_as_stubs_with_the_reason() -> None:
    gone = Comment("t:9", None, None, None, None, "", status="deleted")
    html = thread_html(thread(gone, comment(1, "Ada", "Why was this deleted?", 9)))
    root = parse(html)
    assert "deleted by its author" in root.one("cm-stub").text
    assert root.one("cm-stub").all("cm-c")[0].attributes["data-n"] == "c1"


def test_the_article_says_what_the_file_lacks_and_what_was_mended() -> None:
    html = thread_html(thread(comment(1, None, "Hm."), missing=12, notes=("One reply was moved.",)))
    assert "12 comments are not in this file." in html
    assert "1 comment has no name in the source." in html
    assert "One reply was moved." in html


def test_times_votes_flags_and_a_doubtful_parent_are_shown_where_they_exist() -> None:
    told = comment(
        2,
        "Ben",
        "Yes.",
        1,
        created_at="2024-05-03T14:22:00+00:00",
        score=7,
        flags=("truncated",),
        permalink="https://example.org/c/2",
        parent_shown=None,
    )
    text = parse(thread_html(thread(comment(1, "Ada", "A."), told))).text
    for words in ("2024-05-03 14:22", "7 points", "cut: it was too long", "probably answers c1", "source"):
        assert words in text


def test_a_permalink_or_an_address_that_is_not_of_the_web_is_no_link() -> None:
    bad = comment(1, "Ada", "see javascript:alert(1)", permalink="javascript:alert(1)")
    sick = Thread("t", "test", Article(title="T", url="javascript:alert(2)"), (bad,))
    root = assert_harmless(reader_html(sick))
    assert not [element for element in root.walk() if "javascript" in element.attributes.get("href", "")]


def test_replies_too_deep_to_indent_say_whom_they_answer() -> None:
    deep = thread(*(comment(n, "Ada", f"Level {n}.", n - 1 or None) for n in range(1, NESTING + 5)))
    root = parse(thread_html(deep))
    flat = root.all("cm-flat")
    assert [element.attributes["data-n"] for element in flat] == [f"c{n}" for n in range(NESTING + 2, NESTING + 5)]
    assert f"answers c{NESTING + 1}" in flat[0].text


def test_a_thousand_levels_are_drawn_without_recursion() -> None:
    deep = thread(*(comment(n, "Ada", "x", n - 1 or None) for n in range(1, 1001)))
    assert len(parse(thread_html(deep)).all("cm-c")) == 1000


def test_a_big_thread_opens_with_the_lower_replies_folded() -> None:
    def folded(size: int) -> int:
        comments = [comment(1, "Ada", "x"), comment(2, "Ben", "x", 1)]
        comments += [comment(n, "Cleo", "x", 2) for n in range(3, size + 1)]
        kids = parse(thread_html(thread(*comments))).all("cm-kids")
        return sum("open" not in element.attributes for element in kids)

    assert folded(20) == 0
    assert folded(FOLD_ABOVE + 1) == 1


def test_quoted_words_are_set_apart_and_point_to_their_comment() -> None:
    talk = thread(
        comment(1, "Ada", "Ferries are slow."),
        comment(2, "Ben", "Ferries are slow. Not in May.", quotes=(Quote(0, 17, "t:1", "Ada"),)),
    )
    quote = parse(thread_html(talk)).one("cm-quote")
    assert quote.text == "Ferries are slow."
    assert quote.attributes["data-from"] == anchor("t", "c1")


def test_only_the_first_tab_is_open_and_dated_threads_have_one_more() -> None:
    plain = parse(reader_html(debate()))
    assert [tab.text for tab in plain.all("cm-tab")] == ["Discussion", "People", "Who answers whom"]
    assert ["hidden" in panel.attributes for panel in plain.all("cm-panel")] == [False, True, True]
    dated = thread(*(comment(n, "Ada", "x", created_at=f"2024-05-0{n}T00:00:00+00:00") for n in (1, 2)))
    assert parse(reader_html(dated)).all("cm-tab")[-1].text == "Over time"


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_shown_and_do_nothing_wherever_they_stand(words: str) -> None:
    sick = Thread(
        id=words,
        source=words,
        article=Article(words, words, words, words, words, words),
        comments=(
            comment(1, words, words, permalink=words, created_at=words, flags=(words,)),
            comment(2, "Ben", words, 1, quotes=(Quote(0, 5, "t:1", words),)),
        ),
        notes=(words,),
        origin=words,
    )
    root = assert_harmless(reader_html(sick))
    assert words.split()[0][:8].replace("\x00", "\ufffd") in root.text


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=80), st.lists(st.integers(0, 80), max_size=6))
def test_the_text_shown_is_the_body_itself_so_offsets_hold(body: str, cuts: list[int]) -> None:
    cuts = sorted({min(cut, len(body)) for cut in cuts})
    quotes = tuple(Quote(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < b)
    shown = assert_harmless(body_html(body + " https://example.org/a?b=<c>&d", quotes)).text
    assert len(shown) == len(body + " https://example.org/a?b=<c>&d")
    assert all(a == b or b == "\ufffd" for a, b in zip(body, shown, strict=False))
