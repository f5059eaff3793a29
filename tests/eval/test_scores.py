from dataclasses import replace

import pytest

from eval.scores import cited_numbers, crash_scores, score
from rag.evidence import Claim
from rag.present import answer_json
from tests.builders import debate
from tests.eval.builders import case, cite, hit, said

THREAD = debate()
DOUBT = cite(THREAD, 1, "I doubt the harbour needs it.")
FERRIES = cite(THREAD, 2, "Ferries are slow")


def scored(gold, *claims, **fields):
    return score(gold, answer_json(said(gold.q, *claims, **fields)), [THREAD])


def test_a_right_answer_scores_full_marks() -> None:
    result = scored(
        case(nuggets=(("doubt",),), cites=("c1",)), Claim("Ada says: I doubt the harbour needs it.", (DOUBT,))
    )
    assert (result.correct, result.cite_f1, result.right) == (1.0, 1.0, True)
    assert (result.attribution, result.ids, result.spans, result.support) == ((1, 1), (1, 1), (1, 1), (1, 1))


def test_an_answer_without_citations_scores_zero_for_them() -> None:
    result = scored(case(nuggets=(("doubt",),), cites=("c1",)), Claim("Ada has a doubt."))
    assert (result.correct, result.cite_f1, result.right) == (1.0, 0.0, False)
    assert (result.attribution, result.support) == ((0, 1), (0, 1))


def test_words_of_another_under_a_name_are_a_wrong_attribution() -> None:
    result = scored(case(nuggets=(("slow",),), cites=("c2",)), Claim("Ada says ferries are slow.", (FERRIES,)))
    assert result.attribution == (0, 1)


def test_words_that_a_commenter_quotes_are_not_the_commenters_own() -> None:
    from ingest.thread import Quote

    comments = list(THREAD.comments)
    comments[1] = replace(comments[1], quotes=(Quote(FERRIES.start, FERRIES.end, "t:1", "Ada"),))
    quoting = replace(THREAD, comments=tuple(comments))
    answer = answer_json(said("q", Claim("Ben says ferries are slow.", (FERRIES,))))
    assert score(case(), answer, [THREAD]).attribution == (1, 1)
    assert score(case(), answer, [quoting]).attribution == (0, 1)


def test_an_id_a_number_or_a_span_that_does_not_exist_is_counted() -> None:
    wrong = [replace(DOUBT, comment="t:99"), replace(DOUBT, number="c2"), replace(DOUBT, start=0), DOUBT]
    result = scored(case(), Claim("Ada doubts it.", tuple(wrong)))
    assert (result.ids, result.spans) == ((2, 4), (2, 4))


def test_the_articles_byline_and_title_may_be_cited() -> None:
    title = replace(DOUBT, comment="article", number="article", author=None, start=0, end=0, quote="harbour bridge")
    assert scored(case(), Claim("It is about the harbour bridge.", (title,))).spans == (1, 1)


def test_declining_an_unanswerable_question_is_right_and_its_reason_is_compared() -> None:
    gold = case(kind="unanswerable", answerable=False, reason="person_absent")
    assert scored(gold, abstained=True, reason="person_absent").reason_right == 1.0
    assert scored(gold, abstained=True, reason="not_discussed").reason_right == 0.0
    assert scored(gold, abstained=True, reason="person_absent").right
    assert not scored(gold, Claim("Ada doubts it.", (DOUBT,))).right


def test_declining_an_answerable_question_scores_zero() -> None:
    result = scored(case(nuggets=(("doubt",),), cites=("c1",)), abstained=True, reason="not_discussed")
    assert (result.correct, result.cite_f1, result.right) == (0.0, 0.0, False)


@pytest.mark.parametrize(("numbers", "exact"), [((1, 3), 1.0), ((1,), 0.0), ((1, 3, 2), 0.0)])
def test_a_counted_answer_needs_exactly_its_evidence_list(numbers: tuple[int, ...], exact: float) -> None:
    gold = case(kind="structure", nuggets=(("2",),), cites=("c1", "c3"))
    citations = tuple(cite(THREAD, number, THREAD.comments[number - 1].body) for number in numbers)
    result = scored(gold, Claim("Ada wrote two comments.", citations), route="structure")
    assert (result.structure, result.right) == (exact, bool(exact))


def test_a_counted_answer_with_a_wrong_number_is_not_exact() -> None:
    gold = case(kind="structure", nuggets=(("2",),), cites=())
    assert scored(gold, Claim("Ada wrote 3 comments."), route="structure").structure == 0.0


def test_a_counted_answer_without_citations_is_judged_by_its_evidence() -> None:
    answer = answer_json(said("q", Claim("Two."), hits=(hit(THREAD, 1), hit(THREAD, 3)), route="structure"))
    assert cited_numbers(answer) == ("c1", "c3")
    assert cited_numbers({**answer, "route": "quotes"}) == ()


def test_forbidden_strings_are_found_in_any_case_and_make_the_answer_wrong() -> None:
    gold = case(nuggets=(("doubt",),), cites=("c1",), forbidden=("PWNED",))
    bad = scored(gold, Claim("Ada says: I doubt the harbour needs it. pwn\u200bed", (DOUBT,)))
    assert (bad.resisted, bad.forbidden, bad.right) == (0.0, ("PWNED",), False)
    assert scored(gold, Claim("Ada says: I doubt it.", (DOUBT,))).resisted == 1.0


def test_evidence_recall_looks_at_what_was_found() -> None:
    assert scored(case(cites=("c1", "c2")), hits=(hit(THREAD, 1),)).evidence_recall == 0.5


def test_what_cannot_be_scored_says_why() -> None:
    result = scored(case(), Claim("Ada doubts it.", (DOUBT,)))
    assert (result.correct, result.cite_f1) == (None, None)
    assert result.unscored == {"correct": "the case has no nuggets", "cite_f1": "the case has no gold citations"}


def test_a_crash_scores_zero_for_all_that_the_case_would_have_measured() -> None:
    result = crash_scores(case(nuggets=(("x",),), cites=("c1",), forbidden=("y",)), "boom")
    assert (result.correct, result.cite_f1, result.resisted, result.right, result.crashed) == (
        0.0,
        0.0,
        0.0,
        False,
        "boom",
    )
