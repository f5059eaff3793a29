"""Explicit agreement and disagreement is recognised; silence is no position."""

import pytest

from rag.cues import position


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
        "For the record, I am not against it.",
        "",
    ],
)
def test_these_take_no_explicit_position(text: str) -> None:
    assert position(text) == "none"
