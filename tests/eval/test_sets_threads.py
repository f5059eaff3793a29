"""Real threads, measured whole: the questions counted from raw rows, and what counts as a right answer."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.sets_threads import counted_right, main, traced_right
from eval.threaddata import Counted, RawThread, counted_questions, joined, key_of, read_threads, thread_of

ROWS = (
    {"id": "c1", "parent_id": None, "author": "Ada", "time": "July 2nd, 2012, 1:26 am", "text": "The bridge is late."},
    {"id": "c2", "parent_id": "c1", "author": "Ben", "time": "July 1st, 2012, 9:00 am", "text": "It always was."},
    {"id": "c3", "parent_id": "c2", "author": "Ada", "time": "July 3rd, 2012, 1:26 am", "text": "Not in May."},
    {"id": "c4", "parent_id": "c1", "author": "Cleo", "time": "July 3rd, 2012, 1:25 am", "text": "Who pays for it?"},
)
RAW = RawThread("bridge", "The bridge", "The council waits.", ROWS)


def golds(kind: str, raw: RawThread = RAW) -> list[Counted]:
    return [one for one in counted_questions(raw, people=3) if one.kind == kind]


@pytest.mark.parametrize(
    ("kind", "number", "names", "cites"),
    [
        ("comments", 4, (), {"c1", "c2", "c3", "c4"}),
        ("commenters", 3, (), {"c1", "c2", "c3", "c4"}),
        ("top level", 1, (), {"c1"}),
        ("replies", 3, (), {"c2", "c3", "c4"}),
        ("unanswered", 2, (), {"c3", "c4"}),
        ("most", None, ("Ada",), {"c1", "c3"}),
        ("first", None, ("Ben",), {"c2"}),
        ("last", None, ("Ada",), {"c3"}),
        ("deepest", 3, (), {"c1", "c2", "c3"}),
        ("longest", 4, ("Ada", "Cleo"), {"c1", "c4"}),
    ],
)
def test_the_answers_are_counted_from_the_rows(kind: str, number: int, names: tuple[str, ...], cites: set[str]) -> None:
    found = golds(kind)
    assert len(found) > 2  # several wordings
    assert {(one.number, one.names, one.cites) for one in found} == {(number, names, (frozenset(cites),))}


def test_people_are_asked_about_by_what_they_wrote_and_whom_they_answered() -> None:
    about_ada = {one.kind: one for one in golds("by") + golds("replies to") + golds("whom") if "Ada" in one.question}
    assert about_ada["by"].number == 2
    assert about_ada["replies to"].cites == (frozenset({"c2", "c4"}),)
    assert about_ada["whom"].names == ("Ben",)
    replied = {one.question: one.names for one in golds("did reply")}
    assert replied["Did Ben reply to Ada?"] == ("Yes",)


def test_without_readable_times_the_order_of_the_page_tells_who_was_first() -> None:
    raw = replace(RAW, rows=[{**row, "time": None} for row in ROWS])
    assert {one.names for one in golds("first", raw)} == {("Ada",)}
    assert golds("first", replace(RAW, rows=[{**ROWS[0], "time": "now"}, *ROWS[1:]])) == []


def test_a_raw_thread_is_put_together_as_a_loader_does() -> None:
    thread = thread_of(RAW)
    assert [key_of(comment.id) for comment in thread.comments] == ["c1", "c2", "c3", "c4"]
    assert [comment.created_at for comment in thread.comments][1] == "2012-07-01T09:00:00"
    assert thread.comments[2].parent_id == thread.comments[1].id


def test_a_large_thread_is_real_threads_one_after_the_other() -> None:
    raw = joined([RAW], 10)
    assert len(raw.rows) == len({row["id"] for row in raw.rows}) == 10
    assert [c.parent_id and key_of(c.parent_id) for c in thread_of(raw).comments][4:6] == [None, "4-c1"]


def answer(text: str, *cited: str, **fields: Any) -> dict[str, Any]:
    citations = [{"comment": f"raw:bridge/{key}" if key != "article" else key} for key in cited]
    claim = {"text": text, "citations": citations}
    return {"route": "structure", "abstained": False, "reason": None, "claims": [claim], **fields}


COUNT = Counted("bridge", "by", "?", number=2, cites=(frozenset({"c1", "c3"}),))
WHO = Counted("bridge", "who replied", "?", names=("Ben",), cites=(frozenset({"c2"}),))


@pytest.mark.parametrize(
    ("asked", "said", "right"),
    [
        (COUNT, answer("2 of the 4 comments are by Ada.", "c1", "c3"), True),
        (COUNT, answer("3 of the 4 comments are by Ada.", "c1", "c3"), False),
        (COUNT, answer("2 of the 4 comments are by Ada.", "c1"), False),
        (COUNT, answer("2 of the 4 comments are by Ada.", "c1", "c3", route="quotes"), False),
        (replace(COUNT, number=0, cites=(frozenset(),)), answer("None of the 4 comments is by Ada."), True),
        (WHO, answer("1 named person replied to Ada: Ben (c2).", "c2"), True),
        (WHO, answer("1 named person replied to Ada: Cleo (c2).", "c2"), False),
        (replace(WHO, absent=True), answer("Nobody called Zoe.", reason="person_absent"), True),
        (replace(WHO, absent=True), answer("1 named person replied to Ada: Ben (c2).", "c2"), False),
    ],
)
def test_a_counted_answer_is_right_in_number_names_and_evidence(asked: Counted, said: Any, right: bool) -> None:
    assert counted_right(asked, said) is right


def test_a_quotation_is_traced_only_where_its_writer_alone_is_cited() -> None:
    assert traced_right(answer("Ada: “…”", "c1"), "c1", "c2")
    assert not traced_right(answer("Ada and Ben", "c1", "c2"), "c1", "c2")
    assert not traced_right(answer("Ada and Cleo", "c1", "c3"), "c1", "c2")
    assert not traced_right(answer("Ben", "c2"), "c1", "c2")
    assert not traced_right(answer("Not discussed."), "c1", "c2")


def test_an_absent_set_is_skipped_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eval.sets_threads.root", lambda: tmp_path / "nowhere")
    assert main([]) == 0
    assert "Skipped" in capsys.readouterr().out


def test_the_real_threads_are_read_with_their_own_nesting(shared: Path) -> None:
    raws = read_threads(shared / "evalsets/slashdot_threads")
    assert sum(len(raw.rows) for raw in raws) > 700
    for raw in raws:
        thread = thread_of(raw)
        assert len(thread.visible) == len(raw.rows)
        assert sum(one.parent_id is not None for one in thread.comments) == sum(bool(r["parent_id"]) for r in raw.rows)
