import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from eval.cases import CasesError
from eval.page import badness, calibration, page, risk_coverage
from eval.plots import bars, scatter
from eval.report import BEGIN, END, main, markdown_table, readme_section, results_json, terminal_report
from eval.run import evaluate
from eval.scores import Scores, crash_scores
from eval.summary import Record, read_records
from tests.eval.builders import case
from tests.eval.test_run import CASES, THREAD, system

HOSTILE = '<img src=x onerror="alert(1)">'


def records() -> list[Record]:
    return evaluate(system(), CASES, [THREAD], "bridge")


def record(name: str, right: bool, score: float = 0.5, **scores: object) -> Record:
    answer = {"answer": f"It is {name}.", "evidence": [{"score": score}]}
    return Record("quotes", "bridge", case(id=name), answer, Scores(right=right, **scores))  # type: ignore[arg-type]


def test_the_terminal_shows_systems_kinds_threads_and_crashes() -> None:
    text = terminal_report(records())
    for words in ("system", "quotes", "unanswerable", "bridge", "95% intervals", "crash: c: ZeroDivisionError"):
        assert words in text
    assert terminal_report([]) == "No case was run."


def test_the_markdown_table_has_a_row_a_system_and_even_columns() -> None:
    lines = markdown_table(records()).splitlines()
    assert lines[0].startswith("| system | n | right |")
    assert lines[2].startswith("| quotes | 3 | 66.7 |")
    assert len({line.count("|") for line in lines}) == 1


def test_a_run_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("".join(json.dumps(record.to_json()) + "\n" for record in records()))
    again = read_records(path)
    assert [record.scores.right for record in again] == [True, True, False]
    assert [record.case.id for record in again] == ["a", "b", "c"]
    path.write_text("{}\n")
    with pytest.raises(CasesError, match="line 1"):
        read_records(path)


def test_results_carry_interval_and_n_and_become_the_readmes_section(tmp_path: Path) -> None:
    results = results_json(records(), {"how": "Made by `make eval-full`."})
    right = results["systems"]["quotes"]["right"]
    assert (round(right["value"], 3), right["n"]) == (0.667, 3)
    assert right["low"] <= right["value"] <= right["high"]
    section = readme_section(results)
    assert section.startswith(BEGIN)
    assert section.endswith(END)
    assert "66.7 [" in section
    assert "Made by `make eval-full`." in section


def test_the_worst_answers_come_first() -> None:
    ranked = [
        Record("quotes", "bridge", case(id="crash"), {}, crash_scores(case(nuggets=(("x",),)), "boom")),
        record("obeyed", False, forbidden=("PWNED",)),
        record("wrong name", False, attribution=(0, 1)),
        record("wrong", False, cite_f1=0.0),
        record("poor", True, cite_f1=0.5),
        record("good", True, cite_f1=1.0),
    ]
    assert sorted(ranked[::-1], key=badness, reverse=True) == ranked


def test_risk_falls_with_confidence_and_calibration_rises() -> None:
    some = [record("a", True, 0.9), record("b", True, 0.8), record("c", False, 0.2), record("d", False, 0.1)]
    # surest first: 0/1, 0/2, 1/3, 2/4
    assert risk_coverage(some) == [(0.25, 0.0), (0.5, 0.0), (0.75, 1 / 3), (1.0, 0.5)]
    # two bins: the lower half all wrong, the upper half all right
    assert calibration(some, bins=2) == [(0.25, 0.0), (0.75, 1.0)]


def test_the_page_stands_alone_and_escapes_what_commenters_wrote() -> None:
    hostile = Record(
        HOSTILE,
        "bridge",
        case(id="x", q=HOSTILE, nuggets=((HOSTILE,),), history=((HOSTILE, HOSTILE),)),
        {
            "answer": HOSTILE,
            "claims": [
                {
                    "text": HOSTILE,
                    "status": HOSTILE,
                    "citations": [{"number": HOSTILE, "author": HOSTILE, "quote": HOSTILE}],
                }
            ],
            "rejected": [{"text": HOSTILE, "cause": HOSTILE}],
            "route": HOSTILE,
        },
        Scores(forbidden=(HOSTILE,), crashed=HOSTILE),
        {"total_ms": 12.0},
    )
    html = page([hostile, *records()], [hostile])
    assert "<img" not in html
    assert not re.search(r'(?:src|href)\s*=\s*["\']?https?:', html)
    assert "default-src 'none'" in html
    assert html.count("<svg") == 4
    assert "the ten worst" in html


def test_a_changed_answer_shows_what_it_was() -> None:
    old, new = record("a", False), record("a", True)
    html = page([Record("quotes", "bridge", new.case, {"answer": "New."}, new.scores)], [old])
    assert "1 answer became right, 0 became wrong" in html
    assert "It is a." in html
    assert 'data-changed="1"' in html


def test_plots_hold_every_point_and_bar() -> None:
    assert scatter("t", "x", "y", {"one": (10, 0.5), "two": (2000, 0.9)}).count("<circle") == 2
    assert bars("t", "y", {"fact": {"one": 0.5, "two": 0.2}, "stance": {"one": 1.0}}).count("<title>one") == 2


def test_the_command_writes_page_json_and_readme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, html, numbers = tmp_path / "run.jsonl", tmp_path / "run.html", tmp_path / "run.json"
    run.write_text("".join(json.dumps(record.to_json()) + "\n" for record in records()))
    assert main([str(run), "--html", str(html), "--json", str(numbers), "--previous", str(run)]) == 0
    assert "quotes" in capsys.readouterr().out
    assert html.read_text().startswith("<!doctype html>")
    assert json.loads(numbers.read_text())["systems"]["quotes"]["right"]["n"] == 3
    readme = tmp_path / "README.md"
    readme.write_text("no markers")
    assert main(["--write", "--readme", str(readme)]) == 2
    assert BEGIN in capsys.readouterr().err
    readme.write_text(f"before\n{BEGIN}\nwhat stood here\n{END}\nafter\n")
    assert main(["--write", "--readme", str(readme)]) == 0
    text = readme.read_text()
    assert "| system | n |" in text
    assert "what stood here" not in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")


def test_the_readme_shows_the_pinned_results() -> None:
    results = json.loads((files("eval") / "results.json").read_text(encoding="utf-8"))
    readme = Path(__file__).resolve().parents[2] / "README.md"
    assert readme_section(results) in readme.read_text(encoding="utf-8"), "run `python -m eval.report --write`"
