"""Support of a claim by sentences: what raises it, what lowers it, and what it never does."""

import numpy as np
import pytest

from rag.support import FEATURES, Supporter, support, weight
from tests.fakes import FakeEncoder

EVIDENCE = ("The new bridge will cost 40 million.", "I doubt the harbour needs it.")


def feature(name: str, claim: str, evidence: tuple[str, ...] = EVIDENCE) -> float:
    return float(Supporter(FakeEncoder()).features(claim, evidence)[FEATURES.index(name)])


def test_words_taken_over_are_full_support() -> None:
    assert support("the new bridge will cost 40 million", EVIDENCE, FakeEncoder()) == 1.0


def test_nothing_supports_without_words_on_both_sides() -> None:
    assert support("", EVIDENCE, FakeEncoder()) == 0.0
    assert support("The bridge is dear.", (), FakeEncoder()) == 0.0
    assert support("The bridge is dear.", ("…",), FakeEncoder()) == 0.0


def test_a_wrong_number_a_wrong_name_and_other_matters_lower_support() -> None:
    encoder = FakeEncoder()
    right = support("A new bridge costs 40 million.", EVIDENCE, encoder)
    assert right > support("A new bridge costs 50 million.", EVIDENCE, encoder)
    assert right > support("A new bridge costs Bergen 40 million.", EVIDENCE, encoder)
    assert right > 0.5 > support("The ferries are painted green.", EVIDENCE, encoder)


def test_covered_weighs_figures_more_and_everyday_words_less() -> None:
    # new ½ (everyday), bridg 1, 50 1½ of which new and bridg are there: 1½ / 3
    assert [weight(term) for term in ("new", "bridg", "50")] == [0.5, 1.0, 1.5]
    assert feature("covered", "a new bridge of 50") == pytest.approx(1.5 / 3)


def test_the_gap_is_the_longest_run_of_missing_words() -> None:
    # bridg | giraff zebra | harbour: 2 of 4 in a row
    assert feature("gap", "bridge giraffe zebra harbour") == pytest.approx(2 / 4)


def test_missing_numbers_and_names_are_shares_of_those_in_the_claim() -> None:
    assert feature("numbers", "costs 40 million in 3 years") == pytest.approx(1 / 2)
    assert feature("names", "a bridge from Oslo to Bergen") == pytest.approx(1.0)
    assert feature("a_name", "a bridge from Oslo to Bergen") == 1.0


def test_negation_on_one_side_alone_is_noticed() -> None:
    assert feature("negation", "The new bridge will not cost 40 million.") == 1.0
    assert feature("negation", "The new bridge will cost 40 million a year.") == 0.0


def test_features_are_finite_for_any_script() -> None:
    values = Supporter(FakeEncoder()).features("这座桥太贵了", ("我们不需要这座桥。", ""))
    assert values.shape == (len(FEATURES),)
    assert np.isfinite(values).all()


def test_a_sentence_is_encoded_once() -> None:
    encoder = FakeEncoder()
    supporter = Supporter(encoder)
    supporter.score("A new bridge costs 40 million.", EVIDENCE)
    supporter.score("A new bridge costs 40 million.", EVIDENCE)
    assert len(encoder.encoded) == 3
