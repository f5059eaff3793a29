"""No condition of a question of structure is dropped: it is counted, or the question is left to retrieval."""

import pytest

from rag import structure
from rag.question import understand
from tests.rag.market import market

BASES = ("How many comments did ines_77 write", "How many comments are there", "Who replied to ines_77")
CONDITIONS = (
    "recently", "in the last hour", "in the first two hours", "to other people", "long ones", "later", "twice", "first",
    "with votes", "with the fewest words", "sorted by length", "at the beginning", "on the last day", "at level two",
    "at depth 2", "in other threads", "to himself", "to several people", "in this branch", "with one word", "both",
    "by number", "more or less", "every hour", "over time",
)  # fmt: skip


def told(question: str) -> str | None:
    found = market()
    answer = structure.answer(understand(question, (), [found]), [found])
    return answer.claims[0].text if answer else None


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("base", BASES)
def test_a_condition_changes_the_answer_or_leaves_the_question_to_retrieval(base: str, condition: str) -> None:
    assert told(f"{base}?") is not None
    assert told(f"{base} {condition}?") != told(f"{base}?")
