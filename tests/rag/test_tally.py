"""How many people recommend something is counted by who names it, with the evidence, and says no more than that."""

import pytest

from ingest.thread import Thread
from rag.evidence import Claim
from rag.passages import passages
from rag.question import understand
from rag.tally import tally
from tests.builders import comment, thread

LINES = thread(
    comment(1, "Ada", "I recommend the north line. It is quick."),
    comment(2, "Ben", "The north line is terrible, take the bus."),
    comment(3, "Ada", "And the north line has a café."),
    comment(4, None, "North line. Always the north line."),
    comment(5, "Cleo", "The south line is closed."),
    comment(6, "Dora", "A line of people stood in the north wind."),
    title="Which way to the island?",
    text="Is the north line any good?",
)


def told(question: str, source: Thread = LINES) -> list[Claim]:
    return tally(understand(question, (), (source,)), {source.id: source}, {source.id: passages(source)})


def test_people_are_counted_once_with_all_their_comments_as_evidence() -> None:
    claims = told("How many people recommend the north line?")
    assert claims[0].text.startswith("At least 3 of 5 commenters name “north line” in their own words")
    assert [citation.number for citation in claims[0].citations] == ["c1", "c2", "c3", "c4"]


def test_the_article_is_nobody() -> None:
    assert "article" not in {one.number for one in told("How many people recommend the north line?")[0].citations}


def test_the_friendly_come_first_where_praise_is_counted_and_the_critical_where_complaints_are() -> None:
    assert told("How many people recommend the north line?")[1].text.startswith("Ada: ")
    assert told("How many commenters complain about the north line?")[1].text.startswith("Ben: ")


def test_each_person_is_quoted_once() -> None:
    speakers = [claim.text.split(":")[0] for claim in told("How many people recommend the north line?")[1:]]
    assert len(speakers) == len(set(speakers)) == 3


@pytest.mark.parametrize(
    "question",
    [
        "How many people live there?",
        "How many minutes does the north line take?",
        "How many people recommend the submarine?",
        "Who recommends the north line?",
    ],
)
def test_nothing_else_is_counted(question: str) -> None:
    assert told(question) == []
