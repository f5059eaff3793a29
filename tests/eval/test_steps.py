"""A stopped run goes on where it was, and begins anew after a change of code or gold."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from eval.cases import Case
from eval.scores import Scores
from eval.steps import Steps, stamp
from eval.summary import Record
from tests.eval.builders import case

CASES = [case(id=name, q=f"{name}?") for name in "abc"]


def answering(asked: list[str], stop: str = "") -> Callable[[Sequence[Case], Callable[[Record], None]], None]:
    """Return a run that answers case by case and notes what it was asked; it breaks off at a case."""

    def run(cases: Sequence[Case], keep: Callable[[Record], None]) -> None:
        for item in cases:
            if item.id == stop:
                raise KeyboardInterrupt
            asked.append(item.id)
            keep(Record("quotes", "bridge", item, {"answer": item.id}, Scores(right=True), {"total_ms": 5.0}))

    return run


def test_a_stopped_run_asks_only_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        Steps(tmp_path / "s", 2, code="1").records("quotes", CASES, answering(asked, stop="c"))
    again = Steps(tmp_path / "s", 2, code="1").records("quotes", CASES, answering(asked))
    assert asked == ["a", "b", "c"]
    assert [(record.case.id, record.answer["answer"], record.scores.right) for record in again] == [
        ("a", "a", True),
        ("b", "b", True),
        ("c", "c", True),
    ]
    assert "quotes: 3 questions, 2 from before" in capsys.readouterr().err


def test_a_line_cut_off_by_a_kill_is_asked_again(tmp_path: Path) -> None:
    asked: list[str] = []
    Steps(tmp_path / "s", 1, code="1").records("quotes", CASES, answering([]))
    path = tmp_path / "s" / "quotes.jsonl"
    path.write_text(path.read_text()[:-20])
    assert len(Steps(tmp_path / "s", 1, code="1").records("quotes", CASES, answering(asked))) == 3
    assert asked == ["c"]


@pytest.mark.parametrize(("code", "fresh"), [("2", False), ("1", True)])
def test_other_code_or_a_wish_begins_anew(tmp_path: Path, code: str, fresh: bool) -> None:
    asked: list[str] = []
    Steps(tmp_path / "s", 1, code="1").records("quotes", CASES, answering([]))
    Steps(tmp_path / "s", 1, code=code, fresh=fresh).records("quotes", CASES, answering(asked))
    assert asked == ["a", "b", "c"]


def test_a_value_is_made_once_until_the_run_is_cleared(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> dict[str, int]:
        made.append(1)
        return {"n": len(made)}

    steps = Steps(tmp_path / "s", 2, code="1")
    assert [steps.value("arct", make), steps.value("arct", make)] == [{"n": 1}, {"n": 1}]
    steps.clear()
    assert Steps(tmp_path / "s", 2, code="1").value("arct", make) == {"n": 2}


def test_progress_says_which_step_of_how_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = Steps(tmp_path / "s", 2, code="1")
    steps.value("first", dict)
    steps.value("second", dict)
    assert capsys.readouterr().err.splitlines() == ["[1/2, 0 min] first", "[2/2, 0 min] second"]


def test_the_stamp_changes_with_the_code(tmp_path: Path) -> None:
    (tmp_path / "rag").mkdir()
    (tmp_path / "rag" / "x.py").write_text("A = 1\n")
    before = stamp(tmp_path)
    (tmp_path / "rag" / "x.py").write_text("A = 2\n")
    assert stamp(tmp_path) != before
