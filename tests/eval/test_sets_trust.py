"""The runners for support and declining: arithmetic of their measures, and that a wrong scorer shows."""

import json
from pathlib import Path

import numpy as np
import pytest

from eval.fit_trust import cross_validated, fit
from eval.sets_trust import (
    Declining,
    Measured,
    Pair,
    abstention,
    balanced_accuracy,
    best_threshold,
    measure_support,
    read_clapnq,
    read_pairs,
    sentence_f1,
)
from tests.fakes import FakeEncoder


def case(answerable: bool, declined: bool) -> Declining:
    return Declining("q", answerable, declined, 0.5, ())


def test_balanced_accuracy_is_the_mean_of_both_rates() -> None:
    # positives 1 of 2, negatives 3 of 4: (50 + 75) / 2
    truth = [True, True, False, False, False, False]
    assert balanced_accuracy(truth, [True, False, False, False, False, True]) == pytest.approx(62.5)
    assert balanced_accuracy(truth, [True] * 6) == 50.0


def test_the_best_threshold_parts_what_can_be_parted() -> None:
    truth = [False, False, True, True]
    scores = [0.1, 0.2, 0.7, 0.9]
    at = best_threshold(truth, scores)
    assert balanced_accuracy(truth, [score >= at for score in scores]) == 100.0


def test_abstention_counts_declined_questions_both_ways() -> None:
    # declined: 2 unanswerable and 1 answerable; unanswerable 4; answerable 5
    cases = [case(False, True)] * 2 + [case(False, False)] * 2 + [case(True, True)] + [case(True, False)] * 4
    found = abstention(cases)
    assert found["declining precision"] == pytest.approx(100 * 2 / 3)
    assert found["declining recall"] == 50.0
    assert found["false declines"] == 20.0


def test_declining_everything_has_full_recall_and_full_false_declines() -> None:
    found = abstention([case(False, True), case(True, True)])
    assert (found["declining recall"], found["false declines"]) == (100.0, 100.0)
    assert abstention([case(True, False)])["declining precision"] == 0.0


def test_sentence_f1_folds_white_space() -> None:
    # one of two chosen is gold, one gold: 2 · 1 / (2 + 1)
    assert sentence_f1(["A  b.", "C."], ["A b."]) == pytest.approx(2 / 3)
    assert sentence_f1([], ["A b."]) == 0.0


def test_a_set_that_falls_short_says_so() -> None:
    lines = list(Measured("wice", 3, {"balanced accuracy": 70.0}, {"balanced accuracy": 76.0}).lines())
    assert lines[0] == "wice (3 cases)"
    assert lines[1].endswith("70.0   aim 76, falls short")


def test_support_is_measured_by_the_verifiers_scorer() -> None:
    evidence = ("The new bridge will cost 40 million.", "Ferries are slow.")
    pairs = [
        Pair("x", "The new bridge will cost 40 million.", evidence, True),
        Pair("x", "Giraffes eat leaves in Kenya.", evidence, False),
    ]
    assert measure_support("wice", pairs, FakeEncoder()).figures["balanced accuracy"] == 100.0
    swapped = [Pair("x", one.claim, one.evidence, not one.supported) for one in pairs]
    assert measure_support("wice", swapped, FakeEncoder()).figures["at the pinned 0.5"] == 0.0


def test_markers_in_a_claim_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "attributionbench"
    folder.mkdir()
    row = {"src": "LFQA", "claim": "• **Bridges** rust [7].", "evidence": ["They rust. They fall."], "label": 1}
    (folder / "dev.A.jsonl").write_text(json.dumps(row) + "\n")
    (pair,) = read_pairs("attributionbench", tmp_path)
    assert (pair.claim, pair.evidence, pair.supported) == ("Bridges rust.", ("They rust.", "They fall."), True)


def test_clapnq_goes_through_retrieval_declining_and_quotes(tmp_path: Path) -> None:
    folder = tmp_path / "clapnq_dev"
    folder.mkdir()
    sentences = ["The bridge was built in 1901 by Rolf Iden .", "It crosses the harbour of Lund ."]
    answers = [{"text": "Rolf Iden built it.", "selected_sentences": sentences[:1]}]
    base = {"title": "Bridge", "sentences": sentences}
    rows = [
        {**base, "id": "1", "question": "who built the bridge in 1901", "answerable": True, "answers": answers},
        {**base, "id": "2", "question": "giraffe diet zoo kenya", "answerable": False, "answers": []},
    ]
    (folder / "qa.A.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    first, second = read_clapnq(tmp_path, FakeEncoder())
    assert first.probability > second.probability
    assert first.sentence_f1 is not None
    assert first.sentence_f1 > 0
    assert second.declined


def test_a_fit_finds_the_feature_that_tells() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(200, 2))
    labels = values[:, 0] > 0
    found = fit(values, labels)
    assert found.weights[0] > 10 * abs(found.weights[1])
    held = cross_validated(values, labels, ridge=3.0)
    assert balanced_accuracy(labels.tolist(), (held > 0.5).tolist()) > 90
    noise = cross_validated(values, rng.random(200) > 0.5, ridge=3.0)
    assert abs(float(noise.mean()) - 0.5) < 0.1
