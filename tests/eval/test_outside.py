"""Anybody's system on our questions: one function, and the example of eval/README.md as it stands there."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from eval import outside
from eval.outside import OutsideSystem, function_named, main
from eval.run import evaluate
from ingest.errors import CommentariatError
from tests.builders import debate
from tests.eval.builders import case

README = Path(outside.__file__).parent / "README.md"


def reply(said: Any, **fields: Any) -> dict[str, Any]:
    system = OutsideSystem("theirs", lambda question, history, thread: said, debate())
    return dict(system.reply(case(**fields)).answer)


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write the function of the README into a module and return its name."""
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "mysystem.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mysystem", raising=False)
    return "mysystem:answer"


def test_the_example_of_the_readme_runs_on_the_gold(
    example: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine.jsonl"
    assert main([example, "--gold", "kettle", "--json", str(out)]) == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(rows) == 59
    assert any(row["scores"]["right"] for row in rows)
    assert all(row["scores"]["crashed"] is None for row in rows)
    assert all(right == count for row in rows for right, count in [row["scores"]["ids"]])
    assert "answer" in capsys.readouterr().out


def test_the_example_runs_on_a_thread_and_questions_of_ones_own(
    example: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cases.jsonl").write_text(
        '{"id": "1", "kind": "who_said", "q": "Who doubts?", "nuggets": [["doubt"]]}\n'
    )
    source = Path(outside.__file__).parents[1] / "ingest" / "samples" / "idlib_thread.txt"
    assert main([example, "--cases", str(tmp_path / "cases.jsonl"), "--source", str(source), "--name", "mine"]) == 0
    assert "mine" in capsys.readouterr().out
    assert main([example, "--cases", "x.jsonl"]) == 2


def test_marks_in_the_text_cite_sentence_by_sentence() -> None:
    answer = reply({"answer": "Ada doubts it [c1]. Ben finds ferries slow [c2]."})
    assert [[one["number"] for one in claim["citations"]] for claim in answer["claims"]] == [["c1"], ["c2"]]
    assert answer["answer"] == "Ada doubts it . Ben finds ferries slow ."


def test_a_quote_is_found_in_its_comment_and_a_made_up_one_is_not() -> None:
    body = debate().comments[1].body
    answer = reply({"answer": "Slow.", "citations": [{"number": "c2", "quote": "Ferries are slow"}]})
    (citation,) = answer["claims"][0]["citations"]
    assert body[citation["start"] : citation["end"]] == "Ferries are slow"
    system = OutsideSystem(
        "t", lambda *_: {"answer": "x", "citations": [{"number": "c2", "quote": "Never said"}]}, debate()
    )
    (record,) = evaluate(system, [case(cites=("c2",))], [debate()], "bridge")
    assert record.scores.spans == (0, 1)


def test_a_citation_of_nothing_scores_as_such() -> None:
    system = OutsideSystem("t", lambda *_: {"answer": "x", "citations": [{"number": "c99"}]}, debate())
    (record,) = evaluate(system, [case(cites=("c2",))], [debate()], "bridge")
    assert record.scores.ids == (0, 1)
    assert record.scores.cite_f1 == 0


@pytest.mark.parametrize(
    ("said", "declined"),
    [
        ({"answer": "Nobody said.", "declined": True}, True),
        ({"answer": "The comments do not mention it."}, True),
        ({"answer": "The comments do not mention it.", "declined": False}, False),
        ({"answer": "Ferries are slow [c2]."}, False),
    ],
)
def test_a_decline_is_said_or_read_from_the_first_sentence(said: dict[str, Any], declined: bool) -> None:
    assert reply(said)["abstained"] is declined


def test_a_function_that_raises_or_returns_nonsense_scores_zero() -> None:
    def fails(question: str, history: list[tuple[str, str]], thread: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("no network")

    for function, message in ((fails, "no network"), (lambda *_: "text", "mapping")):
        (record,) = evaluate(OutsideSystem("t", function, debate()), [case(cites=("c2",))], [debate()], "bridge")
        assert message in str(record.scores.crashed)
        assert record.scores.cite_f1 == 0


def test_a_system_may_change_the_thread_that_it_is_given() -> None:
    def greedy(question: str, history: list[tuple[str, str]], thread: dict[str, Any]) -> dict[str, Any]:
        return {"answer": str(len(thread["comments"])), "left": thread["comments"].clear()}

    system = OutsideSystem("t", greedy, debate())
    assert [system.reply(case()).answer["answer"] for _ in range(2)] == ["6", "6"]


@pytest.mark.parametrize("name", ["nothing:answer", "json:nothing", "json:__name__", "json"])
def test_a_function_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(CommentariatError):
        function_named(name)
