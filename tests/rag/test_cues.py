"""Explicit agreement and disagreement is recognised; silence is no position."""

import pytest

from rag.cues import position, side


@pytest.mark.parametrize(
    "text",
    [
        "I agree with Ben, the ferries are a disgrace.",
        "Exactly. Nobody asked us.",
        "You're right about the tunnel.",
        "Well said!",
        "+1",
        "Couldn't agree more.",
        "Indeed. There have been theories.",
        "Genau, das sehe ich auch so.",
        "I'm for the trial, but not like this.",
        "This.",
        "100% agree here.",
        "Totally agree.",
    ],
)
def test_these_replies_agree(text: str) -> None:
    assert position(text) == "agrees"


@pytest.mark.parametrize(
    "text",
    [
        "I disagree with Ada.",
        "I don't agree with any of this.",
        "To the contrary, I never miss it.",
        "No. The numbers are older than that.",
        "That is wrong, the tide was out.",
        "I doubt the harbour needs it.",
        "Except that the province is already lost.",
        "Das stimmt nicht.",
        "I am against doing it before the crossing is built.",
        "Ich bin gegen den Verkauf.",
        "And yet, here we are.",
        "What are you talking about? The tide was out.",
        "Really? Who counted them?",
        "Source?",
    ],
)
def test_these_replies_disagree(text: str) -> None:
    assert position(text) == "disagrees"


@pytest.mark.parametrize(
    "text",
    [
        "The ferry leaves at nine.",
        "Has anyone asked the fishermen?",
        "This is how you mend a roof.",
        "Yeah, in principle sure. But here is the thing: it rains.",
        "Fair point, but the ferry is late.",
        "Really glad you asked.",
        "For the record, I am not against it.",
        "",
    ],
)
def test_these_take_no_explicit_position(text: str) -> None:
    assert position(text) == "none"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I fully support the ferry.", "agrees"),
        ("We are in favour of a ferry.", "agrees"),
        ("I don't support this ferry.", "disagrees"),
        ("I'm against any ferry.", "disagrees"),
        ("I disagree, the ferry is a ruin.", "disagrees"),
        ("Ich bin gegen die Fähre, ferry hin oder her.", "disagrees"),
    ],
)
def test_a_side_on_a_subject_is_taken_in_the_first_person(text: str, expected: str) -> None:
    assert side(text, {"ferri", "fahr"}) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I agree with those who say the ferry is old.",
        "I agree that the ferry is slow.",
        "The council is against the ferry.",
        "I support the hospital. The ferry leaves at nine.",
        "Yes, the ferry has a café.",
        "I'm for selling it.",
    ],
)
def test_these_take_no_side_on_it(text: str) -> None:
    assert side(text, {"ferri"}) == "none"


def test_whoever_answers_nobody_may_point_at_the_subject() -> None:
    assert side("I am against it.", {"ferri"}, alone=True) == "disagrees"
    assert side("I am against it.", {"ferri"}) == "none"
