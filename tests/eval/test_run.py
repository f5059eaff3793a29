import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eval import run
from eval.run import controls, evaluate
from eval.summary import summarise, values
from eval.systems import EngineSystem
from ingest.dump import to_json
from ingest.errors import LibraryBusy
from rag.evidence import Claim, Scope
from tests.builders import debate
from tests.eval.builders import ScriptedEngine, case, cite, hit, said

THREAD = debate()
DOUBT = cite(THREAD, 1, "I doubt the harbour needs it.")
RIGHT = said(
    "What does Ada say?", Claim("Ada: “I doubt the harbour needs it.”", (DOUBT,)), hits=(hit(THREAD, 1), hit(THREAD, 2))
)
DECLINED = said("Who flies?", abstained=True, reason="not_discussed", route="declined", hits=(hit(THREAD, 5),))
CASES = (
    case(id="a", nuggets=(("doubt",),), cites=("c1",)),
    case(id="b", q="Who flies?", kind="unanswerable", answerable=False),
    case(id="c", q="Crash?", nuggets=(("x",),), cites=("c2",)),
)
SCRIPT = {"What does Ada say?": RIGHT, "Who flies?": DECLINED, "Crash?": ZeroDivisionError("by zero")}


def system() -> EngineSystem:
    ticks = iter(range(1000))
    return EngineSystem(ScriptedEngine(SCRIPT), "quotes", Scope(), "quotes", clock=lambda: float(next(ticks)))


def test_every_case_gets_a_record_and_a_crash_scores_zero() -> None:
    records = evaluate(system(), CASES, [THREAD], "bridge")
    assert [record.scores.right for record in records] == [True, True, False]
    assert records[2].scores.crashed == "ZeroDivisionError: by zero"
    assert records[2].answer["error"] == "ZeroDivisionError: by zero"
    found = values(records)
    # nuggets: a right, c crashed, b not applicable → 1/2; declines: 1 of 1 right, none false
    assert (found["correct"], found["abstain_f1"], found["false_declines"], found["crashes"]) == (0.5, 1.0, 0.0, 1.0)


def test_events_are_timed_from_outside() -> None:
    record = evaluate(system(), CASES[:1], [THREAD], "bridge")[0]
    # the clock ticks once a reading: start 0, evidence 1, first token 2, end 3
    assert record.ms == {"evidence_ms": 1000.0, "first_token_ms": 2000.0, "total_ms": 3000.0}


def test_the_controls_show_what_citations_and_declining_are_worth_alone() -> None:
    records = evaluate(system(), CASES[:2], [THREAD], "bridge")
    beside = controls(records, [THREAD])
    shortcut = [record for record in beside if record.system == "first two sentences"]
    silent = [record for record in beside if record.system == "decline always"]
    assert shortcut[0].answer["answer"] == "The new bridge will cost 40 million. I doubt the harbour needs it."
    assert (shortcut[0].scores.cite_f1, shortcut[0].scores.ids) == (1.0, (1, 1))
    assert not shortcut[1].scores.right
    assert [record.scores.right for record in silent] == [False, True]


def test_intervals_name_their_number_of_cases() -> None:
    found = summarise(evaluate(system(), CASES, [THREAD], "bridge"), resamples=50)
    assert found["right"].n == 3
    assert found["right"].low <= found["right"].value <= found["right"].high


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    @contextmanager
    def opened(threads: object, settings: object) -> Iterator[ScriptedEngine]:
        yield ScriptedEngine(SCRIPT)

    monkeypatch.setattr(run, "opened", opened)
    cases, source = tmp_path / "cases.jsonl", tmp_path / "bridge.json"
    lines = [
        {"id": "a", "kind": "who_said", "q": "What does Ada say?", "nuggets": [["doubt"]], "cites": ["c1"], "own": 1},
        {"id": "b", "kind": "unanswerable", "q": "Who flies?"},
        {"id": "c", "kind": "fact", "q": "Crash?", "nuggets": [["x"]], "cites": ["c2"]},
    ]
    cases.write_text("\n".join(map(json.dumps, lines)))
    source.write_text(json.dumps(to_json(THREAD)))
    return cases, source


def test_the_command_writes_a_line_a_case_with_case_answer_and_scores(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases, source = files
    out = tmp_path / "out.jsonl"
    assert run.main(["--cases", str(cases), "--source", str(source), "--json", str(out)]) == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["case"]["id"] for row in rows] == ["a", "b", "c"]
    assert rows[0]["case"]["own"] == 1
    assert rows[0]["answer"]["claims"][0]["citations"][0]["number"] == "c1"
    assert rows[0]["scores"]["cite_f1"] == 1.0
    assert rows[2]["scores"]["crashed"] == "ZeroDivisionError: by zero"
    printed = capsys.readouterr()
    assert "first two sentences" in printed.out
    assert "decline always" in printed.out
    assert "crash: c" in printed.out


def test_the_limit_counts_cases(files: tuple[Path, Path], tmp_path: Path) -> None:
    cases, source = files
    out, table = tmp_path / "out.jsonl", tmp_path / "table.md"
    arguments = ["--cases", str(cases), "--source", str(source), "--limit", "1", "--json", str(out)]
    assert run.main([*arguments, "--markdown", str(table), "--quiet"]) == 0
    assert len(out.read_text().splitlines()) == 1
    assert table.read_text().startswith("| system | n |")


def test_our_own_errors_are_told_in_one_line(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def busy(threads: object, settings: object) -> None:
        raise LibraryBusy("The library is busy.", remedy="Close the page.")

    monkeypatch.setattr(run, "opened", busy)
    cases, source = files
    assert run.main(["--cases", str(cases), "--source", str(source)]) == 2
    assert capsys.readouterr().err == "The library is busy. Close the page.\n"
    assert run.main(["--cases", str(cases)]) == 2
    assert "belong together" in capsys.readouterr().err
