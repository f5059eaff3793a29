"""The tables that set the product beside other systems."""

import pytest

from eval import beside
from eval.beside import beside_tables, same_questions, same_rows, text_tables, thread_rows
from eval.peers.found import Found, Source
from eval.report import readme_section, results_json
from eval.scores import Scores
from eval.summary import Record, price
from tests.eval.builders import case


def record(system: str, name: str, right: bool = True, thread: str = "bridge", tokens: int = 0) -> Record:
    answer = {"answer": "x", "prompt_tokens": tokens, "completion_tokens": tokens // 10}
    return Record(system, thread, case(id=name), answer, Scores(right=right), {"total_ms": 5.0})


RECORDS = [
    *(record("quotes", name) for name in "abcd"),
    *(record("naive", name, right=name == "a", tokens=1000) for name in "abc"),
    *(record("condense", name, tokens=500) for name in "bcd"),
    record("model", "b"),
]


def test_the_same_questions_are_those_that_every_peer_answered() -> None:
    assert {r.case.id for r in same_questions(RECORDS, ("naive", "condense", "haystack"))} == {"b", "c"}
    assert same_questions(RECORDS, ("haystack",)) == []


def test_a_system_that_answered_fewer_is_left_out_of_the_comparison() -> None:
    rows = same_rows(RECORDS, ("naive", "condense"), (0.0, 0.0))
    assert {name: (row["n"], row["right"]) for name, row in rows.items()} == {
        "quotes": (2, 1.0),
        "naive": (2, 0.0),
        "condense": (2, 1.0),
    }
    assert rows["naive"]["tokens"] == 1100
    assert "tokens" not in rows["quotes"]


def test_the_price_of_a_thousand_questions() -> None:
    # 1,000 tokens read at 2 a million and 100 written at 10 a million: 0.002 + 0.001 each, 3 for a thousand
    assert price([record("x", "a", tokens=1000)], (2.0, 10.0)) == 3.0
    assert price([record("x", "a", tokens=1000)], (0.0, 0.0)) == 0.0
    assert price([], (2.0, 10.0)) == 0.0


def test_right_answers_by_thread() -> None:
    rows = thread_rows([record("quotes", "a"), record("quotes", "b", right=False, thread="pool")])
    assert rows == {"quotes": {"bridge": 1.0, "pool": 0.0}}


def test_a_comparison_on_a_handful_of_questions_is_not_shown() -> None:
    assert "same" not in results_json(RECORDS, {})


def test_the_readme_gets_every_table_with_what_it_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "FEWEST", 2)
    found = {"quotes": [Found(case(cites=("c1",)), (Source(9, (("c1", "Ada", 9),)),), frozenset({"Ada"}))]}
    about = {"made": "Made so.", "same": "Same ones:", "found": "Found so:"}
    results = results_json(RECORDS, about, found=found, sets={"arct": {"R@1": 75.0}}, rates=(2.0, 10.0))
    section = readme_section(results)
    assert "Same ones:\n\n| the same questions | n |" in section
    assert "Found so:\n\n| found, before any model | n |" in section
    assert "| quotes | 1 | 100.0 | 100.0 | 9 | 100.0 | 100.0 | 100.0 |" in section
    assert "| right, by thread | bridge |" in section
    assert section.count("Same ones:") == 1
    assert results["sets"] == {"arct": {"R@1": 75.0}}
    assert "the same questions" in text_tables(results)


def test_results_without_these_figures_have_no_such_tables() -> None:
    assert beside_tables({"systems": {}, "about": {}}) == []
