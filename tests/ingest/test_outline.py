import json
from importlib.resources import files
from pathlib import Path

import pytest

from ingest.dump import from_json, to_json
from ingest.errors import NoComments
from ingest.registry import load, pick
from ingest.source import Source
from ingest.thread import Thread
from tests.ingest import golden

SAMPLE = files("ingest.samples").joinpath("idlib_thread.txt")


def read(text: str, name: str = "thread.txt") -> Thread:
    source = Source(name=name, data=text.encode())
    assert pick(source).name == "outline"
    (thread,) = load(source)
    return thread


def sample() -> Thread:
    return read(SAMPLE.read_text(encoding="utf-8"), "idlib_thread.txt")


def test_the_shipped_thread_is_read_as_its_tree(update_golden: bool) -> None:
    drawn = golden.drawing(sample())
    expected = golden.GOLDEN / "outline" / "shipped_thread.tree"
    if update_golden:
        expected.write_text(drawn, encoding="utf-8")
    assert drawn == expected.read_text(encoding="utf-8")


def test_the_shipped_thread_has_the_parents_that_a_careful_reader_finds() -> None:
    thread = sample()
    number = {comment.id: comment.number for comment in thread.comments}
    likely = [number.get(comment.parent_id or "") for comment in thread.comments]
    shown = [number.get(comment.parent_shown or "") for comment in thread.comments]
    assert likely == [None, 1, 2, 3, 4, 5, None, None, 8, 9, 10, 11, 10, 13]
    assert shown == [None, 1, 2, 3, 4, 4, None, None, 8, 9, 10, 11, 10, 13]
    assert [comment.number for comment in thread.comments if "depth_capped" in comment.flags] == [6]


def test_the_shipped_thread_keeps_every_word_of_its_comments() -> None:
    words = [len(comment.body.split()) for comment in sample().comments]
    assert words == [68, 86, 23, 289, 68, 20, 243, 86, 105, 449, 63, 65, 13, 108]
    assert sum(words) == 1686


def test_a_lost_name_is_nobody_and_never_a_neighbour() -> None:
    authors = [comment.author for comment in sample().comments]
    assert authors[2] is None
    assert authors[4] is None
    assert set(authors) == {"nhmakingwaves", "Bianca", "Don", "Dracaveli", "Valerianus Maximus", None}


def test_the_byline_names_the_author_and_the_cut_off_box_is_left_out() -> None:
    article = sample().article
    assert article.author == "Jason Ditz"
    assert article.subtitle == "Observatory: Both sides deploy heavy weapons in fighting"
    assert len(article.text.split("\n\n")) == 4
    assert "news editor" not in article.text


def test_a_break_in_mid_sentence_is_a_space_and_another_stays_a_break() -> None:
    thread = read("T\n\nP.\n\n  • Ann\n\n    It has\n    begun. So\n    Be it.\n\n  • Bob\n\n    Yes.\n")
    assert thread.comments[0].body == "It has begun. So\nBe it."


def test_a_loose_list_is_told_from_replies_by_the_text_that_returns() -> None:
    thread = read(
        "T\n\nP.\n\n  • Ann\n\n    Bring:\n\n    • bread\n\n    • wine\n\n    That is all.\n\n  • Bob\n\n    Yes.\n"
    )
    assert [comment.author for comment in thread.comments] == ["Ann", "Bob"]
    assert thread.comments[0].body == "Bring:\n\n• bread\n\n• wine\n\nThat is all."


@pytest.mark.parametrize(
    ("head", "author"),
    [
        ("Ada Byron", "Ada Byron"),
        ("http://www.example.org", "http://www.example.org"),
        ("Martin L.", "Martin L."),
        ("J.J.", "J.J."),
        ("#44", None),
        ("Tim –", None),
        ("无羁的枫", "无羁的枫"),
        ("Dear Timothy,", None),
        ("Hi Timothy", None),
        ("Christopher:", None),
        ("I could not agree more with you", None),
        ("不错赞！", None),
    ],
)
def test_a_head_is_a_name_only_where_it_is_shaped_like_one(head: str, author: str | None) -> None:
    thread = read(f"T\n\nP.\n\n  • {head}\n\n    So it is.\n\n    And more.\n\n  • Some words without a name, alone.\n")
    assert thread.comments[0].author == author


def test_long_names_count_where_no_comment_lost_its_name() -> None:
    heads = ["Ann", "Bob", "Cy", "Dee", "the society for slow cooking and long walks"]
    thread = read("T\n\nP.\n\n" + "".join(f"  • {head}\n\n    Yes, {head[0]}.\n\n" for head in heads))
    assert [comment.author for comment in thread.comments] == heads


def test_a_pingback_is_not_a_person() -> None:
    thread = read("T\n\nP.\n\n  • Pingback: Links for Monday\n\n  • Ann\n\n    Yes.\n")
    assert [comment.author for comment in thread.visible] == ["Ann"]
    assert "pingback" in " ".join(thread.notes)


def test_a_name_without_a_body_is_kept_as_an_empty_comment() -> None:
    thread = read("T\n\nP.\n\n  • Ann\n\n    Yes.\n\n  • Ann\n\n  • Bob\n\n    No.\n")
    assert [(comment.author, comment.body, comment.flags) for comment in thread.comments] == [
        ("Ann", "Yes.", ()),
        ("Ann", "", ("empty",)),
        ("Bob", "No.", ()),
    ]


@pytest.mark.parametrize("mark", ["•", "◦", "*", "+", "-", "o"])
def test_other_bullets_are_read_alike(mark: str) -> None:
    thread = read(f"T\n\nP.\n\n  {mark} Ann\n\n    Yes.\n\n    {mark} Bob\n\n      No.\n")
    assert [comment.author for comment in thread.comments] == ["Ann", "Bob"]
    assert thread.comments[1].parent_id == thread.comments[0].id


def test_a_wrapper_that_indents_replies_further_is_no_lost_level() -> None:
    thread = read("T\n\nP.\n\n  • Ann\n\n    Yes.\n\n        • Bob\n\n          No.\n\n        • Cy\n\n          Hm.\n")
    assert [comment.parent_id for comment in thread.comments] == [None, *[thread.comments[0].id] * 2]
    assert not any(comment.flags for comment in thread.comments)


def test_replies_that_pile_up_at_the_usual_ceiling_answer_one_another() -> None:
    names = ["Ann", "Bob", "Cy", "Dee", "Eli", "Fay", "Gus"]
    text = "T\n\nP.\n\n"
    for place, name in enumerate(names):
        pad = "  " * (min(place, 4) + 1)
        text += f"{pad}• {name}\n\n{pad}  Words of {name}.\n\n"
    thread = read(text)
    by_name = {comment.author: comment for comment in thread.comments}
    assert [by_name[name].parent_id for name in ("Fay", "Gus")] == [by_name["Eli"].id, by_name["Fay"].id]
    assert {by_name[name].parent_shown for name in ("Eli", "Fay", "Gus")} == {by_name["Dee"].id}
    assert [name for name in names if "depth_capped" in by_name[name].flags] == ["Fay", "Gus"]


def test_a_footer_after_the_comments_is_not_a_comment() -> None:
    thread = read("T\n\nP.\n\n  • Ann\n\n    Yes.\n\n  • Bob\n\n    No.\n\nLeave a Reply\n\n  • Home\n  • Imprint\n")
    assert [comment.body for comment in thread.comments] == ["Yes.", "No."]
    assert "Leave a Reply" in " ".join(thread.notes)


def test_a_stated_count_tells_how_many_comments_are_not_in_the_file() -> None:
    text = "T\n\nP.\n\n7 comments\n\n  • Ann\n\n    Yes.\n\n  • Bob\n\n    No.\n"
    assert read(text).missing == 5
    assert read(text.replace("7 comments", "Comments")).missing is None


def test_code_at_the_left_margin_keeps_its_lines() -> None:
    thread = read("T\n\nP.\n\n  • Ann\n\n    Run:\n\n    x = 1\nfor y in z:\n    • Bob\n\n      No.\n")
    assert thread.comments[0].body == "Run:\n\nx = 1\nfor y in z:"
    assert thread.comments[1].parent_id == thread.comments[0].id


def test_text_without_bullets_is_refused_with_the_reason() -> None:
    with pytest.raises(NoComments, match="no indented bullets"):
        load(Source(name="a.txt", data=b"Just prose.\n\nAnd more.\n"), "outline")


def test_windows_newlines_tabs_and_nuls_change_nothing() -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    other = read(text.replace("\n", "\r\n").replace("Bianca", "Bianca\x00"), "idlib_thread.txt")
    assert [comment.id for comment in other.comments] == [comment.id for comment in sample().comments]


def test_the_canonical_json_reads_back_to_the_same_thread() -> None:
    assert from_json(json.loads(json.dumps(to_json(sample())))) == sample()


@pytest.mark.parametrize("name", ["tanglei_airplane_zh", "tfitz_why_http"])
@pytest.mark.parametrize("links", ["", ".withlinks"])
def test_real_threads_keep_authors_and_displayed_parents(shared: Path, name: str, links: str) -> None:
    folder = shared / "samples" / "bulleted"
    truth = json.loads((folder / f"{name}.truth.json").read_text(encoding="utf-8"))["comments"]
    people = [comment for comment in truth if comment["type"] != "pingback"]
    (thread,) = load(Source.from_path(folder / f"{name}{links}.txt"))
    assert len(thread.visible) == len(people)
    ids = {comment["ordinal"]: found.id for comment, found in zip(people, thread.visible, strict=True)}
    named = [comment["author"] if links or comment["author_visible_in_nolink_text"] else None for comment in people]
    right = sum(found.author == author for found, author in zip(thread.visible, named, strict=True))
    assert right / len(people) >= 0.99
    assert [found.parent_shown for found in thread.visible] == [ids.get(c["displayed_parent"]) for c in people]
