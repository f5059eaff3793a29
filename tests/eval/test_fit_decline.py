"""Fitting what is declined: signs that make no sense fall away, and what answers is taken out."""

import json
from pathlib import Path

import numpy as np

from eval.cases import Case
from eval.fit_decline import fit_signed, practice, without
from ingest.dump import to_json
from tests.builders import comment, debate, thread


def test_a_column_whose_sign_makes_no_sense_is_dropped() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 3))
    labels = values[:, 0] - values[:, 1] - values[:, 2] + rng.normal(size=400) > 0
    # "covered" may only speak for an answer, and here it speaks against one
    found, _ = fit_signed(values, labels, np.ones(400), ("sentence", "unknown", "covered"))
    assert set(found) == {"sentence", "unknown"}
    assert found["sentence"] > 0 > found["unknown"]


def test_rows_count_by_their_weight() -> None:
    values = np.asarray([[1.0], [1.0], [0.0], [0.0]] * 25)
    labels = np.asarray([True, False, False, True] * 25)
    heavy = np.asarray([1.0, 0.0, 1.0, 0.0] * 25)
    found, _ = fit_signed(values, labels, heavy + 1e-3, ("sentence",))
    assert found["sentence"] > 1.0
    assert "sentence" not in fit_signed(values, labels, 1.001 - heavy, ("sentence",))[0]


def test_what_answers_is_taken_out_and_the_rest_stays() -> None:
    before = thread(comment(1, "Ada", "Forty."), comment(2, "Ben", "Why?", 1), text="It cost forty. It is red.")
    case = Case("x", "fact", "How much?", nuggets=(("forty",),), cites=("c1", "article"))
    (after,) = without([before], case)
    assert [one.tag for one in after.visible] == ["c2"]
    assert after.article.text == "It is red."
    assert without([debate()], Case("y", "fact", "?"))[0] == debate()


def test_questions_of_ones_own_come_with_their_threads(tmp_path: Path) -> None:
    (tmp_path / "bridge.json").write_text(json.dumps(to_json(debate())), encoding="utf-8")
    rows = [
        {"source": "bridge.json", "q": "Who is tired?", "answerable": True, "cites": ["c2"]},
        {"source": "bridge.json", "q": "How old is it?", "answerable": False},
    ]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    threads, asked = practice(tmp_path / "questions.jsonl")
    assert [one.article.title for one in threads["bridge.json"]] == [debate().article.title]
    assert [(case.kind, case.cites) for case in asked["bridge.json"]] == [("fact", ("c2",)), ("unanswerable", ())]
