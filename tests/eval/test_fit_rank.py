"""Fitting what is quoted of an article: weights follow what people marked, and are judged on passages not seen."""

import numpy as np

from eval.fit_rank import Passage, evidence, logistic, report
from rag.telling import WEIGHTS, Sentence


def passage(marked: int, seed: int = 0) -> Passage:
    """Return five sentences of which people marked one, the one that is covered."""
    sentences = tuple(Sentence((20 * at, 20 * at + 18), 0.0, "Four words are here.") for at in range(5))
    values = np.random.default_rng(seed).normal(size=(5, len(WEIGHTS))) / 10
    values[marked, list(WEIGHTS).index("covered")] += 1
    return Passage(sentences, values, tuple(one.span for one in sentences), (frozenset({marked}),))


def test_what_people_marked_is_a_sentence_that_shares_a_stretch_with_it() -> None:
    assert passage(2).labels.tolist() == [False, False, True, False, False]


def test_a_reading_that_tells_marked_sentences_gains_the_weight() -> None:
    rows = [passage(at % 5, at) for at in range(40)]
    values, labels = np.concatenate([one.values for one in rows]), np.concatenate([one.labels for one in rows])
    weights, bias = logistic(values, labels)
    assert list(WEIGHTS)[int(weights.argmax())] == "covered"
    assert bias < 0
    assert abs(logistic(values, labels, ridge=1e6)[0]).max() < 0.01


def test_quoting_what_was_marked_scores_full_and_anything_else_nothing() -> None:
    telling = np.asarray([9.0 if name == "covered" else 0.0 for name in WEIGHTS])
    assert evidence(passage(3), telling, -6.0, most=4) == (1.0, 4)
    assert evidence(passage(3), -telling, -6.0, most=4)[0] == 0.0


def test_the_report_is_the_table_that_the_product_holds() -> None:
    text = report([passage(at % 5, at) for at in range(40)])
    assert "evidence F1 on folds not seen" in text
    assert [line.split('"')[1] for line in text.splitlines() if line.startswith("    ")] == list(WEIGHTS)
