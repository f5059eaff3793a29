"""Stances are held to the sides that people gave; counts to their evidence."""

from dataclasses import replace

from eval.sets_stance import Debate, Told, measure, summarised, told
from rag.evidence import Claim
from tests.builders import comment, thread
from tests.fakes import FakeEncoder

PIER = Debate(
    thread(
        comment(1, "Ada", "The pier is worth keeping, it is beautiful."),
        comment(2, "Ben", "The pier is a dangerous ruin and a shame."),
        comment(3, "Cleo", "A pier is worth keeping for the boats."),
        title="Keep the pier?",
        text="Is the pier worth keeping?",
    ),
    "The pier is worth keeping",
    {"t:1": True, "t:2": False, "t:3": True},
)


def answer(*numbers: int, lead: str) -> list[Claim]:
    """Return an answer that quotes some comments."""
    from rag.citing import cite_comment

    cited = [cite_comment(PIER.thread, PIER.thread.comments[number - 1]) for number in numbers]
    return [Claim(lead, tuple(cited)), *(Claim(f"{one.author}: …", (one,)) for one in cited)]


def test_a_voice_of_the_other_side_is_held_against_an_answer() -> None:
    found = told(answer(1, 2, lead="At least 2 of 3 commenters speak to this."), PIER, True)
    assert found.quoted == (True, False)
    assert found.counted
    assert round(found.chance, 2) == 0.67


def test_a_count_that_its_evidence_does_not_bear_is_seen() -> None:
    assert not told(answer(1, 2, lead="At least 3 of 3 commenters speak to this."), PIER, True).counted
    assert not told(answer(1, 2, lead="At least 2 of 9 commenters speak to this."), PIER, True).counted


def test_the_product_is_asked_both_questions_and_its_counts_hold() -> None:
    results = measure([PIER], FakeEncoder())
    assert len(results) == 2
    assert all(one.counted for one in results)


def test_the_figures_are_shares_of_all_voices() -> None:
    found = Told((True, True, False), 0.5, True)
    figures = summarised([found, replace(found, quoted=(False,), counted=False)])
    assert figures == {
        "quoted on the side asked for": 50.0,
        "chance": 50.0,
        "counts that their evidence bears": 50.0,
    }
