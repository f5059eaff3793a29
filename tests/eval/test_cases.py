import json
from pathlib import Path

import pytest

from eval.cases import CasesError, load_cases, parse_cases, split_of

LINE = {"id": "a", "kind": "fact", "q": "Why?", "history": [], "nuggets": [["x", "y"]], "cites": ["c1"]}


def lines(*changes: dict[str, object]) -> str:
    return "\n".join(json.dumps({**LINE, **change}) for change in changes)


def test_a_line_becomes_a_case_and_keeps_its_raw_form() -> None:
    (case,) = parse_cases(lines({"history": [["Who?", "Ada."]], "forbidden": ["PWNED"], "count": 3}))
    assert case.history == (("Who?", "Ada."),)
    assert case.nuggets == (("x", "y"),)
    assert case.cites == ("c1",)
    assert case.count == 3
    assert case.forbidden == ("PWNED",)
    assert case.raw["kind"] == "fact"


def test_only_id_kind_and_question_are_required() -> None:
    (case,) = parse_cases('{"id": "a", "kind": "anything", "q": "Why?"}')
    assert (case.history, case.nuggets, case.cites, case.answerable) == ((), (), (), True)


def test_the_unanswerable_kind_is_not_answerable_and_a_flag_overrides_it() -> None:
    first, second = parse_cases(lines({"kind": "unanswerable"}, {"id": "b", "answerable": False}))
    assert not first.answerable
    assert not second.answerable


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"q": ""}, "`q` is missing"),
        ({"id": 3}, "`id` is missing"),
        ({"history": [["only a question"]]}, "each turn"),
        ({"nuggets": [[]]}, "each nugget"),
        ({"nuggets": "x"}, "`nuggets` is a list"),
        ({"cites": [10]}, "each of `cites`"),
        ({"count": "three"}, "whole number"),
        ({"split": "train"}, "dev or held"),
        ({"answerable": "no"}, "true or false"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(CasesError, match=f"line 2: .*{complaint}"):
        parse_cases(lines({"id": "first"}, change))


def test_a_repeated_id_is_refused() -> None:
    with pytest.raises(CasesError, match="occurs already in line 1"):
        parse_cases(lines({}, {}))


def test_broken_json_and_empty_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CasesError, match="line 1"):
        parse_cases("{")
    with pytest.raises(CasesError, match="no case"):
        parse_cases("\n\n")
    with pytest.raises(CasesError, match="cannot be read"):
        load_cases(tmp_path / "absent.jsonl")


def test_the_split_of_an_id_never_changes() -> None:
    assert [split_of(name) for name in ("idlib-001", "idlib-002", "idlib-003", "idlib-004")] == [
        "dev",
        "dev",
        "dev",
        "held",
    ]
