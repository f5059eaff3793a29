import pytest

from eval.measures import (
    abstention,
    area_under_risk,
    bootstrap,
    citation_prf,
    fold,
    k_precision,
    mean,
    nugget_hits,
    paired,
    pearson,
    percentile,
    token_f1,
    tokens,
)


def test_folding_makes_numbers_quotes_and_invisible_characters_comparable() -> None:
    assert fold("Two  hours – 1,200 “cars”") == '2 hours - 1200 "cars"'
    assert fold("drei 2.000 ZWÖLF") == "3 2000 12"
    assert fold("in\u200bvisible") == "invisible"
    assert fold("3.14 and 1,23") == "3.14 and 1,23"


def test_tokens_drop_articles_and_punctuation() -> None:
    assert tokens("The bridge, a “folly”!") == ["bridge", "folly"]


def test_token_f1_counts_shared_tokens_with_multiplicity() -> None:
    # answer: ferries are slow slow (4), reference: ferries are very slow (4); shared 3 → P = R = 3/4
    assert token_f1("ferries are slow slow", "ferries are very slow") == pytest.approx(0.75)
    # 2 shared of 2 and of 4: P = 1, R = 1/2, F1 = 2/3
    assert token_f1("ferries slow", "ferries are very slow") == pytest.approx(2 / 3)
    assert token_f1("nothing", "else") == 0.0


@pytest.mark.parametrize(
    ("text", "nugget", "found"),
    [
        ("It costs 40 million.", ["40"], True),
        ("It costs 400 million.", ["40"], False),
        ("Over 2,000 people", ["2000"], True),
        ("two of them", ["2"], True),
        ("many bridges", ["bridge"], True),
        ("they mention it", ["men"], False),
        ("a cart", ["art"], False),
        ("US.does", ["us"], True),
        ("neither", ["no", "not"], False),
    ],
)
def test_a_nugget_is_found_at_word_borders(text: str, nugget: list[str], found: bool) -> None:
    assert nugget_hits(text, [nugget]) == (found,)


def test_every_nugget_is_looked_for_by_any_alternative() -> None:
    assert nugget_hits("Ben says ferries are slow.", [["slow", "late"], ["queue", "line"]]) == (True, False)


def test_citation_precision_and_recall() -> None:
    # cited c1 c2 c3, gold c1 c4: 1 of 3 and 1 of 2, F1 = 2·(1/3·1/2)/(1/3+1/2) = 0.4
    score = citation_prf(["c1", "c2", "c3"], ["c1", "c4"])
    assert (score.precision, score.recall) == (pytest.approx(1 / 3), 0.5)
    assert score.f1 == pytest.approx(0.4)


def test_citing_nothing_scores_zero() -> None:
    assert citation_prf([], ["c1"]).f1 == 0.0


def test_comments_that_say_the_same_neither_help_nor_harm() -> None:
    assert citation_prf(["c1", "c9"], ["c1"], also=["c9"]).precision == 1.0
    assert citation_prf(["c1", "c9"], ["c1", "c2"], also=["c9"]).recall == 0.5
    assert citation_prf(["c9"], ["c1"], also=["c9"]).f1 == 1.0
    assert citation_prf(["c3", "c9"], ["c1"], also=["c9"]).f1 == 0.0


def test_k_precision_is_the_share_of_answer_tokens_in_the_sources() -> None:
    # ferries, are, slow, and, ugly: 3 of 5 stand in the source
    assert k_precision("Ferries are slow and ugly", ["The ferries are slow."]) == pytest.approx(0.6)
    assert k_precision("", ["x"]) is None


def test_abstention_counts_declines_against_answerability() -> None:
    # answerable: 3 answered, 1 declined; unanswerable: 2 declined, 1 answered
    outcomes = [(True, False)] * 3 + [(True, True)] + [(False, True)] * 2 + [(False, False)]
    score = abstention(outcomes)
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == pytest.approx(2 / 3)
    assert score.f1 == pytest.approx(2 / 3)
    assert score.false_declines == pytest.approx(1 / 4)


def test_never_declining_has_no_precision_and_an_f1_of_zero() -> None:
    score = abstention([(True, False), (False, False)])
    assert (score.precision, score.recall, score.f1, score.false_declines) == (None, 0.0, 0.0, 0.0)


def test_means_and_percentiles_skip_what_is_absent() -> None:
    assert mean([1.0, None, 0.0]) == 0.5
    assert mean([None]) is None
    assert percentile([10, 20, 30, 40, 50], 0.5) == 30
    assert percentile([0, 10], 0.95) == pytest.approx(9.5)
    assert percentile([], 0.5) is None


def test_the_bootstrap_resamples_threads_and_repeats_exactly() -> None:
    groups = {"a": [1.0, 1.0], "b": [0.0, 0.0]}
    first = bootstrap(groups, mean)
    assert first == bootstrap(groups, mean)
    assert first is not None
    # two threads of means 1 and 0: resamples have means 0, 1/2 or 1, so the interval spans them all
    assert (first.value, first.low, first.high, first.n) == (0.5, 0.0, 1.0, 4)


def test_one_thread_alone_is_resampled_by_its_cases() -> None:
    interval = bootstrap({"a": [1.0] * 50 + [0.0] * 50}, mean)
    assert interval is not None
    assert 0.35 < interval.low < 0.5 < interval.high < 0.65


def test_a_paired_comparison_counts_wins_on_shared_cases() -> None:
    # differences: a +1, b 0, c −1, d not shared; mean 0
    result = paired({"a": 1, "b": 1, "c": 0, "d": 1}, {"a": 0, "b": 1, "c": 1})
    assert result is not None
    assert (result.wins, result.losses, result.ties, result.difference.value) == (1, 1, 1, 0.0)
    assert paired({"a": 1}, {"b": 1}) is None


def test_risk_coverage_rewards_confidence_in_right_answers() -> None:
    # ranked right, wrong: risks 0/1, 1/2 → 0.25; ranked wrong, right: 1/1, 1/2 → 0.75
    assert area_under_risk([(0.9, True), (0.1, False)]) == pytest.approx(0.25)
    assert area_under_risk([(0.1, True), (0.9, False)]) == pytest.approx(0.75)


def test_pearson_is_one_on_a_line_and_undefined_without_spread() -> None:
    assert pearson([(0, 1), (1, 3), (2, 5)]) == pytest.approx(1.0)
    assert pearson([(0, 1), (1, 1)]) is None
