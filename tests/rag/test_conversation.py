"""Dialogues with the engine: each later question is asked after the engine's own answers to those before it."""

from collections.abc import Callable, Iterator

import pytest

from rag.evidence import Answer, Scope, Turn
from rag.library import Library
from rag.question import understand
from tests.fakes import FakeEncoder
from tests.rag.market import market
from tests.rag.test_chat import engine

Talk = Callable[..., Answer]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    opened = Library(tmp_path_factory.mktemp("library"), FakeEncoder())
    opened.add(market())
    answering = engine(opened)

    def told(*questions: str, cite: bool = True) -> Answer:
        history: tuple[Turn, ...] = ()
        for question in questions:
            answer = list(answering.ask(question, history, Scope(("market",)), "quotes"))[-1].answer  # type: ignore[union-attr]
            cited = tuple(dict.fromkeys(one for claim in answer.claims for one in claim.citations)) if cite else ()
            history = (*history, Turn(question, answer.text, cited))
        return answer

    yield told
    opened.close()


def cited(answer: Answer) -> set[str]:
    return {one.number for claim in answer.claims for one in claim.citations}


@pytest.mark.parametrize(
    ("turns", "number", "comments"),
    [
        (["Which comments did Otto write?", "How many of them are replies?"], "1 of those 2", {"c3"}),
        (["How many comments are by Ann Poe?", "How many of those got a reply?"], "None of those 2", set()),
        (["List the comments by ines_77.", "Which one is the longest?"], "c2", {"c2"}),
        (["List the comments by ines_77.", "Which of these mention traders?"], "None of those 2", set()),
        (["Which comments mention parking?", "How many of them are by Ann Poe?"], "1 of those", {"c7"}),
        (["Show me the comments by ines_77.", "Who replied to them?"], "Otto Falk", {"c3", "c4", "c6"}),
        (["How many comments are there?", "How many of them are by Mika?"], "1 of those 9", {"c8"}),
        (["Who wrote c4?", "How many comments are there?", "How many of them did she write?"], "1 of", {"c4"}),
        (["Who replied to c2?", "How many is that?"], "2 named people", {"c3", "c4"}),
        (["Who replied to c2?", "How many comments did they write in all?"], "3 of the 9", {"c1", "c3", "c4"}),
        (["How many comments are there?", "And how many by ines_77?", "Which of them is the longest?"], "c2", {"c2"}),
        (["Who wrote c2?", "How many replies did it get?"], "2 of the 9", {"c3", "c4"}),
        (["Which comment got the most replies?", "Who wrote it?"], "ines_77", {"c2"}),
    ],
)
def test_a_count_asked_of_the_last_answer_is_of_exactly_that(
    talk: Talk, turns: list[str], number: str, comments: set[str]
) -> None:
    answer = talk(*turns)
    assert number in answer.claims[0].text
    assert cited(answer) == comments


@pytest.mark.parametrize(
    ("turns", "text", "comments"),
    [
        (["How many comments did Otto write?", "I meant Mika."], "1 of the 9", {"c8"}),
        (["How many comments did Otto write?", "No, Mika."], "1 of the 9", {"c8"}),
        (["How many comments did Ann write?", "Ann Lee."], "1 of the 9", {"c4"}),
        (["How many comments did Bob write?", "And Mika?"], "1 of the 9", {"c8"}),
        (["How many comments did Ann Lee write?", "And the other Ann?"], "2 of the 9", {"c6", "c7"}),
    ],
)
def test_a_correction_asks_the_question_again_of_whom_it_names(
    talk: Talk, turns: list[str], text: str, comments: set[str]
) -> None:
    answer = talk(*turns)
    assert text in answer.text
    assert cited(answer) == comments


@pytest.mark.parametrize(
    ("turns", "comments"),
    [
        (["What does ines_77 say about the school?", "What did Otto reply?"], {"c3"}),
        (["What does ines_77 say about the school?", "What was the answer?"], {"c3", "c4"}),
        (["What does ines_77 say about the school?", "What did Ann Lee say to that?"], {"c4"}),
        (["What does ines_77 say about the school?", "Who replied?"], {"c3", "c4"}),
        (["What does ines_77 say about the school?", "What did Otto reply?", "And Ann Lee?"], {"c4"}),
    ],
)
def test_a_reply_without_its_object_is_to_what_was_just_told(talk: Talk, turns: list[str], comments: set[str]) -> None:
    assert cited(talk(*turns)) == comments


@pytest.mark.parametrize(
    ("turns", "text", "comments"),
    [
        (["List the comments by ines_77.", "What does the second one say?"], "Nobody asked them", {"c5"}),
        (["Who replied to c2?", "What does the former say?"], "own budget", {"c3"}),
        (["What does Ann Poe say about the petition?", "Who says so?"], "Ann Poe", {"c7"}),
        (["Who wrote c7?", "Show me the whole comment."], "underground", {"c7"}),
        (["Who wrote c7?", "Quote that in full."], "petition was signed", {"c7"}),
        (
            ["Who wrote c7?", "How many people commented?", "What was the answer to my first question?"],
            "Ann Poe",
            {"c7"},
        ),
        (["Who wrote c7?", "Repeat that."], "Ann Poe", {"c7"}),
    ],
)
def test_a_question_about_an_answer_is_answered_from_it(
    talk: Talk, turns: list[str], text: str, comments: set[str]
) -> None:
    answer = talk(*turns)
    assert text in answer.text
    assert cited(answer) == comments


@pytest.mark.parametrize(
    "question", ["How many people commented?", "Who wrote the longest comment?", "How many replies did ines_77 get?"]
)
def test_a_whole_question_reads_the_same_after_others(talk: Talk, question: str) -> None:
    before = ("Which comments did Otto write?", "What does ines_77 say about the school?")
    assert talk(*before, question).text == talk(question).text


def test_what_a_refusal_offers_was_not_talked_of(talk: Talk) -> None:
    refused = "What does Mika say about zeppelins?"
    told = talk(refused).text
    assert "The nearest comment is c8" in told
    assert understand("Who replied to that?", [Turn(refused, told)], [market()]).focus == ()


def test_a_count_is_of_the_listed_comments_where_the_door_keeps_no_citations(talk: Talk) -> None:
    answer = talk("List the comments by ines_77.", "Which one is the longest?", cite=False)
    assert cited(answer) == {"c2"}


def test_a_count_without_citations_or_numbers_is_made_again_from_its_question(talk: Talk) -> None:
    answer = talk("How many comments are by Ann Poe?", "Which of them is the shortest?", cite=False)
    assert cited(answer) == {"c6"}
    assert "[+3]" in talk("How many comments are there?").text  # more than the text numbers
    assert cited(talk("How many comments are there?", "How many of them are by Mika?", cite=False)) == {"c8"}


def test_who_else_leaves_out_whom_the_last_answer_quotes(talk: Talk) -> None:
    first = talk("What is said about parking?")
    further = talk("What is said about parking?", "Who else?")
    assert cited(first)
    assert cited(further).isdisjoint(cited(first))
