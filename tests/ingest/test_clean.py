import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import markup_markdown
from ingest.clean import html_text, iso_time, markdown_text, plain_text, tidy, typed_quotes
from ingest.draft import Text


def quoted(text: Text) -> list[str]:
    return [text.body[quote.start : quote.end] for quote in text.quotes]


@pytest.mark.parametrize(
    ("html", "body"),
    [
        ("one<p>two<br>three<br><br>four", "one\n\ntwo\nthree\n\nfour"),
        ("<p>a  b\n c</p> <p>d</p>", "a b c\n\nd"),
        ("a<b>b</b> <i>c</i>d", "ab cd"),
        ("5 &lt; 6 &amp;&nbsp;7 &#x27;x&#x2F;y&#x27;", "5 < 6 & 7 'x/y'"),
        ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc"),
        ("x<pre><code>if a:\n    b\n</code></pre>y", "x\n\nif a:\n    b\n\ny"),
        ("a<script>alert(1)</script><style>p{}</style>b", "ab"),
        ('a<p hidden>no</p><span style="display: none">no</span>b', "ab"),
        ("<!-- no -->a<!-- no -->b", "ab"),
        ('<img class="emoji" alt=":smile:" src="x"> ok', ":smile: ok"),
        ('<img alt="😀" src="x">', "😀"),
        ('<p><img alt="A cat" src="x"></p>', "[image: A cat]"),
        ('words <img alt="A cat" src="x">', "words"),
        ('<a href="https://e.org/a/long/way">https://e.org/a/lo...</a>.', "https://e.org/a/long/way."),
        ('<a href="https://e.org/other">read on...</a>', "read on..."),
        ('<aside class="onebox" data-onebox-src="https://e.org/p"><p>Not mine</p></aside>mine', "https://e.org/p mine"),
        ("plain\ntext", "plain text"),
        ("", ""),
        ("<", "<"),
        ("<p></p>", ""),
    ],
)
def test_html_is_read_as_a_person_sees_it(html: str, body: str) -> None:
    assert html_text(html).body == body


def test_blockquotes_become_exact_spans_without_marks() -> None:
    read = html_text("<blockquote>Said <i>before</i>.</blockquote>My answer<blockquote><p>And this</p></blockquote>")
    assert quoted(read) == ["Said before.", "And this"]
    assert read.body == "Said before.\n\nMy answer\n\nAnd this"


def test_a_blockquote_in_a_blockquote_is_a_span_in_a_span() -> None:
    read = html_text("<blockquote><blockquote>deep</blockquote>middle</blockquote>top")
    assert quoted(read) == ["deep\n\nmiddle", "deep"]


def test_a_quote_box_names_its_author_and_post_and_drops_its_title() -> None:
    read = html_text(
        '<aside class="quote" data-username="ben" data-post="4" data-topic="9"><div class="title">'
        "<div class='quote-controls'></div>ben:</div><blockquote><p>So it is.</p></blockquote></aside><p>No.</p>"
    )
    assert read.body == "So it is.\n\nNo."
    (quote,) = read.quotes
    assert (quote.comment_id, quote.author) == ("9/4", "ben")


def test_a_cited_name_before_a_quotation_is_its_author_and_no_text() -> None:
    read = html_text("<blockquote><cite>Ada wrote:</cite><p>It rains.</p></blockquote>It does not.")
    assert read.body == "It rains.\n\nIt does not."
    assert read.quotes[0].author == "Ada"


@pytest.mark.parametrize("depth", [200, 600, 3000, 30_000])
def test_words_survive_any_nesting(depth: int) -> None:
    assert html_text("<div>" * depth + "deep" + "</div>" * depth).body == "deep"


def test_long_texts_are_read_whole() -> None:
    assert len(html_text("<b>word</b> " * 20_000).body) == 99_999
    assert len(markdown_text("*word* " * 20_000).body) == 99_999


@pytest.mark.parametrize(
    ("markdown", "body"),
    [
        ("one\ntwo\n\nthree", "one two\n\nthree"),
        ("an *important* [link](https://e.org) and `code`", "an important link and code"),
        ("- a\n- b\n\nc", "- a\n- b\n\nc"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("# Title\ntext", "Title\n\ntext"),
        ("```\nif a:\n    b\n```", "if a:\n    b"),
        ("x <b>y</b> <script>z</script>", "x <b>y</b> <script>z</script>"),
        ("a  \nb", "a\nb"),
        ("AT&amp;T", "AT&T"),
        ("![a cat](https://e.org/c.png)", "[image: a cat]"),
    ],
)
def test_markdown_is_read_without_its_marks(markdown: str, body: str) -> None:
    assert markdown_text(markdown).body == body


def test_markdown_quotations_are_exact_spans() -> None:
    read = markdown_text("> first\n> second\n\nmine\n\n> third")
    assert quoted(read) == ["first second", "third"]


def test_line_breaks_and_html_in_markdown_are_read_where_the_site_does() -> None:
    assert markdown_text("one\ntwo", breaks=True).body == "one\ntwo"
    assert markdown_text("<details><summary>log</summary>\n\nboom\n</details>", html=True).body == "log\n\nboom"


def test_lines_typed_with_a_mark_are_quotations() -> None:
    read = plain_text("> a\n> b\nmine\n\n>c\nmine again")
    assert quoted(read) == ["> a\n> b", ">c"]


@pytest.mark.parametrize("line", [">50% of them", ">:(", ">>> print(1)", ">= 3", "->", ">"])
def test_comparisons_faces_and_prompts_are_no_quotations(line: str) -> None:
    assert plain_text(f"{line}\nwords").quotes == ()


def test_typed_marks_inside_a_marked_quotation_make_no_second_one() -> None:
    read = html_text("<blockquote>&gt; old words</blockquote>new")
    assert quoted(typed_quotes(read)) == ["> old words"]


def test_characters_that_nobody_sees_are_removed() -> None:
    hidden = "a\x00b\u200bc\u202ed\ufeffe\u2066f\u00adg\U000e0041h\ud800i\r\nj\u2028k\xa0l"
    assert tidy(hidden) == "abcdefghi\nj\nk l"


def test_joiners_stay_where_they_matter() -> None:
    assert tidy("👩\u200d🚀 a\u200db می\u200cخواهم") == "👩\u200d🚀 ab می\u200cخواهم"


def test_accents_are_composed_and_right_to_left_text_is_kept() -> None:
    assert tidy("e\u0301 שלום") == "é שלום"


@given(st.text(alphabet=st.sampled_from(list("ab <>/&p\n#;!-\"'=blockquote\u200b\x00")), max_size=120))
def test_any_html_gives_spans_inside_the_body(html: str) -> None:
    for read in (html_text(html), markdown_text(html), plain_text(html), markdown_text(html, html=True)):
        assert read.body == read.body.strip()
        for quote in read.quotes:
            assert 0 <= quote.start < quote.end <= len(read.body)


@pytest.mark.parametrize(
    ("value", "stamp"),
    [
        (1706978635, "2024-02-03T16:43:55Z"),
        (1706978635.9, "2024-02-03T16:43:55Z"),
        ("1706978635", "2024-02-03T16:43:55Z"),
        (1706978635000, "2024-02-03T16:43:55Z"),
        ("2024-02-03T16:43:55Z", "2024-02-03T16:43:55Z"),
        ("2024-02-03T18:43:55.120+02:00", "2024-02-03T16:43:55Z"),
        ("2024-02-03 16:43:55", "2024-02-03T16:43:55Z"),
        ("Sat, 03 Feb 2024 17:43:55 +0100", "2024-02-03T16:43:55Z"),
        ("0000-00-00 00:00:00", None),
        ("yesterday", None),
        (float("nan"), None),
        (10**30, None),
        (0, None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_times_become_iso_in_utc(value: object, stamp: str | None) -> None:
    assert iso_time(value) == stamp


def test_a_time_whose_zone_is_unknown_stays_without_one() -> None:
    assert iso_time("2024-02-03 16:43:55", utc=False) == "2024-02-03T16:43:55"


MARKS = [
    "word ",
    "two words, ",
    "\n",
    "\n\n",
    "    ",
    "* ",
    "*",
    "_",
    "__",
    "# ",
    "===",
    "---",
    "- ",
    "1. ",
    "> ",
    "`",
    "!",
]
MARKS += ["[a](b)", "[a]", "[a]: b", "![a](b)", "<b>", "<http://e.org>", "&amp;", "&", "|", "~~", "\\", "\\*", "  \n"]


@given(st.lists(st.sampled_from(MARKS), max_size=12).map("".join))
def test_markdown_without_marks_is_read_as_the_parser_reads_it(markdown: str) -> None:
    quick = markdown_text(markdown)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markup_markdown, "_MARKUP", re.compile(""))
        assert markdown_text(markdown) == quick
