from pathlib import Path

import pytest

from ingest.errors import MalformedSource, NoComments
from ingest.formats.dates import read_dates
from ingest.formats.when import is_when
from ingest.registry import load, pick
from ingest.source import Source
from ingest.thread import Thread

ARTICLE = "Frost in May\n\nThe blossom is gone. We shall buy our apples this year, and so will everybody here.\n\n"


def read(text: str) -> Thread:
    source = Source(name="thread.txt", data=text.encode())
    assert pick(source).name == "plaintext"
    (thread,) = load(source)
    return thread


def told(thread: Thread) -> list[tuple[str | None, str]]:
    return [(comment.author, comment.body) for comment in thread.comments]


@pytest.mark.parametrize(
    ("ann", "bob"),
    [
        ("Ann says:\nMay 12, 2011 at 5:39 pm", "Bob says:\nMay 13, 2011 at 8:02 am"),
        ("Ann sagt:\n12. Mai 2011 um 17:39 Uhr", "Bob sagt:\n13. Mai 2011 um 08:02 Uhr"),
        ("Ann wrote on May 12th, 2011 at 5:39 pm", "Bob wrote on May 13th, 2011 at 8:02 am"),
        ("Ann — May 12th, 2011, 5:39 pm", "Bob — May 13th, 2011, 8:02 am"),
        ("Ann | 2011-05-12 17:39 |", "Bob | 2011-05-13 08:02 |"),
        ("Ann 05.12.11 at 5:39 pm", "Bob 05.13.11 at 8:02 am"),
        ("12.05.2011 17:39 | 4711 Ann", "13.05.2011 08:02 | 4712 Bob"),
        ("Ann\n12 May 2011 5:39PM", "Bob\n13 May 2011 8:02AM"),
        ("Ann\n\n12 May 2011 5:39PM", "Bob\n\n13 May 2011 8:02AM"),
        ("Ann on May 12, 2011 at 5:39 pm said:", "Bob on May 13, 2011 at 8:02 am said:"),
        ("May 12, 2011 at 5:39 pm Ann wrote:", "May 13, 2011 at 8:02 am Bob wrote:"),
        ("By Ann on May 12, 2011 5:39 PM | Reply", "By Bob on May 13, 2011 8:02 AM | Reply"),
        ("Ann | May 12, 2011 5:39 PM | Permalink", "Bob | May 13, 2011 8:02 AM | Permalink"),
        ("On May 12, 2011 at 5:39 pm, Ann said:", "On May 13, 2011 at 8:02 am, Bob said:"),
        ("1. Ann - May 12, 2011 5:39 pm", "2. Bob - May 13, 2011 8:02 am"),
        ("by Ann (71) on Thursday May 12, @05:39PM (#401)", "by Bob (72) on Friday May 13, @08:02AM (#402)"),
    ],
)
def test_each_style_of_names_before_words_is_read(ann: str, bob: str) -> None:
    thread = read(f"{ARTICLE}{ann}\n\nAll of it?\n\n{bob}\n\nAll of it.\n")
    assert told(thread) == [("Ann", "All of it?"), ("Bob", "All of it.")]
    assert thread.article.title == "Frost in May"
    if "@" not in ann:
        assert [(c.created_at or "")[:10] for c in thread.comments] == ["2011-05-12", "2011-05-13"]


@pytest.mark.parametrize(
    "tail",
    ["Posted by: {} | May 12, 2011 at 05:39 PM", "Comment by {} — 12. May, 2011 @ 14:20", "by {} on May 12, 2011"],
)
def test_each_style_of_names_after_words_is_read(tail: str) -> None:
    text = f"{ARTICLE}2 comments\n\nAll of it?\n\n{tail.format('Ann')}\n\nAll of it.\n\n{tail.format('Bob')}\n"
    assert told(read(text)) == [("Ann", "All of it?"), ("Bob", "All of it.")]


def test_one_reading_holds_for_the_whole_file() -> None:
    before = "".join(f"{name} says:\nMay 1{n}, 2011 at 5:39 pm\n\nWords {n}.\n\n" for n, name in enumerate("ABCDEF"))
    assert [body for _, body in told(read(ARTICLE + before))] == [f"Words {n}." for n in range(6)]
    after = "".join(f"Words {n}.\n\nPosted by: {name} | May 1{n}, 2011\n\n" for n, name in enumerate("ABCDEF"))
    assert told(read(f"{ARTICLE}Comments\n\n{after}")) == [(name, f"Words {n}.") for n, name in enumerate("ABCDEF")]


def test_a_footer_after_the_last_comment_does_not_turn_the_reading_round() -> None:
    text = f"{ARTICLE}2 comments\n\nAll?\nPosted by: Ann | May 1, 2011\n\nAll.\nPosted by: Bob | May 2, 2011\n\n"
    assert told(read(text + "Leave a comment\n")) == [("Ann", "All?"), ("Bob", "All.")]


def test_a_file_that_does_not_tell_which_name_belongs_where_is_refused() -> None:
    text = "".join(f"{name} says:\nMay 12, 2011 at 5:39 pm\n\n" for name in ("Ann", "Bob", "Cy"))
    with pytest.raises(MalformedSource, match="before or after"):
        load(Source(name="a.txt", data=text.encode()), "plaintext")


def test_prose_alone_is_an_article_with_a_note() -> None:
    thread = read(
        ARTICLE + "When the lamp went out in the great storm, both of them climbed the stairs and sat there.\n"
    )
    assert thread.comments == ()
    assert "No comments can be told apart" in thread.notes[0]


def test_what_is_neither_comments_nor_prose_is_refused() -> None:
    with pytest.raises(NoComments):
        load(Source(name="a.txt", data=b"1,2,3\n4,5,6\n" * 20), "plaintext")


def test_buttons_and_votes_under_a_comment_are_not_its_words() -> None:
    text = f"{ARTICLE}Ann 2 years ago\n\nIn 1871 there were 12\n\n14\n\nReply\n\nBob 1 year ago\n\n42\n"
    assert told(read(text)) == [("Ann", "In 1871 there were 12"), ("Bob", "42")]


def test_numbers_that_are_skipped_are_comments_not_in_the_file() -> None:
    thread = read(f"{ARTICLE}1. Ann - May 12, 2011\n\nYes.\n\n4. Bob - May 13, 2011\n\nNo.\n")
    assert thread.missing == 2


def test_a_sentence_that_says_something_is_no_marker() -> None:
    body = "The mayor says: nothing will change before 2012, and he wrote on May 1 that he meant it."
    thread = read(
        f"{ARTICLE}Ann says:\nMay 12, 2011 at 5:39 pm\n\n{body}\n\nBob says:\nMay 12, 2011 at 6:39 pm\n\nHm.\n"
    )
    assert told(thread) == [("Ann", body), ("Bob", "Hm.")]


@pytest.mark.parametrize("text", ["Chapter 5", "Mark 4", "2012", "40 million", "May I ask", "room 101", ""])
def test_what_is_no_time_is_not_taken_for_one(text: str) -> None:
    assert not is_when(text)


def test_numeric_dates_are_read_in_the_way_that_keeps_a_thread_together() -> None:
    assert read_dates(["11.06.12 at 11:06 am", "11.07.12 at 12:03 am"]) == [
        "2012-11-06T11:06:00",
        "2012-11-07T00:03:00",
    ]
    assert read_dates(["05/03/2012", "06/03/2012"]) == ["2012-03-05", "2012-03-06"]
    assert read_dates(["05/03/2012"]) == [None]


@pytest.mark.parametrize(
    ("name", "count", "first", "last"),
    [
        ("dragnet_crookedtimber_climate_obama", 53, "Tim Worstall", "Martin Bento"),
        ("dragnet_slashdot_design_tools", 100, "Anonymous Coward", "TheSunborn"),
        ("dragnet_starcraft_council_cp1252", 203, "Chris Huang", "james"),
        ("dragnet_typepad_music_free", 41, "Steve Garfield", "David Meerman Scott"),
    ],
)
def test_real_pages_pasted_as_text_are_read(shared: Path, name: str, count: int, first: str, last: str) -> None:
    (thread,) = load(Source.from_path(shared / "samples" / "text" / f"{name}.txt"))
    assert len(thread.visible) == count
    assert (thread.comments[0].author, thread.comments[-1].author) == (first, last)
    assert all(comment.author and comment.body for comment in thread.comments)
    assert len(thread.article.text.split()) > 100
