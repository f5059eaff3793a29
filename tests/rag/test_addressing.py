"""Whom a comment answers on a page without a tree: by quoting, by `@ben`, and by speaking to somebody by name."""

import pytest

from ingest.thread import Quote, Thread
from rag.addressing import Addressing
from rag.focus import answers_to
from rag.question import understand
from tests.builders import comment, thread

PIER = thread(
    comment(1, "Ada Quist", "The pier should stay open."),
    comment(2, "Ben77", "It costs too much."),
    comment(3, "Cleo", "I like the pier."),
    comment(4, "Dora", "Nobody asked me."),
)


def said(body: str, author: str = "Dora") -> Thread:
    """Return the thread with one more comment."""
    return thread(*PIER.comments, comment(5, author, body))


def answered(body: str, author: str = "Dora") -> frozenset[str]:
    found = said(body, author)
    return Addressing(found).answered(found.comments[-1])


@pytest.mark.parametrize(
    ("body", "whom"),
    [
        ("Hi Ada, I see it differently.", {"Ada Quist"}),
        ("@Ben77 that is not true.", {"Ben77"}),
        ("Ben - you forget the tolls.", {"Ben77"}),
        ("ada do you ever go there?", {"Ada Quist"}),
        ("I take your point, Cleo, but no.", {"Cleo"}),
        ("Ada: yes.\n\nBen - no, never.", {"Ada Quist", "Ben77"}),
        ("I met Ada there once.", set()),
        ("The pier, adamant as it is, stays.", set()),
        ("I will go there.\n\nCleo", set()),
    ],
)
def test_a_comment_answers_whom_it_speaks_to(body: str, whom: set[str]) -> None:
    assert answered(body) == whom


def test_nobody_answers_themselves_by_signing() -> None:
    assert answered("Dora: as I said.") == frozenset()


def test_a_quote_answers_whoever_is_quoted() -> None:
    first = PIER.comments[0]
    reply = comment(5, "Dora", "The pier should stay open. Why?", quotes=(Quote(0, 26, first.id, first.author),))
    assert Addressing(thread(*PIER.comments, reply)).answered(reply) == {"Ada Quist"}


def test_a_name_that_two_people_share_is_nobody() -> None:
    found = thread(*PIER.comments, comment(5, "Ada Berg", "Me too."), comment(6, "Dora", "Hi Ada, why?"))
    assert Addressing(found).answered(found.comments[-1]) == frozenset()


def test_where_there_is_a_tree_a_name_alone_answers_nobody() -> None:
    reply = comment(5, "Dora", "Cleo, you mean?", parent=2)
    found = thread(*PIER.comments, reply)
    assert Addressing(found).answered(found.comments[-1]) == {"Ben77"}


def test_what_somebody_replied_is_found_without_a_tree() -> None:
    found = said("Hi Ada, I see it differently.")
    query = understand("What did Dora reply to Ada Quist?", threads=[found])
    assert (query.speakers, query.addressees, query.focus) == (("Dora",), ("Ada Quist",), (found.comments[-1].id,))


@pytest.mark.parametrize("question", ["What was Ada Quist told?", "What advice did Ada Quist get?"])
def test_what_somebody_was_told_is_in_the_answers_to_them(question: str) -> None:
    found = said("Hi Ada, I see it differently.")
    query = understand(question, threads=[found])
    assert (query.speakers, query.focus) == ((), (found.comments[-1].id,))


def test_without_speakers_everybody_elses_answers_count() -> None:
    found = said("Hi Ada, I see it differently.")
    assert answers_to([found], (), ("Ada Quist",)) == (found.comments[-1].id,)


@pytest.mark.parametrize("question", ["Was schlägt Dora vor?", "Que propose Dora ?", "Wie begründet Dora das?"])
def test_a_verb_between_a_question_word_and_a_name_makes_a_speaker(question: str) -> None:
    assert understand(question, threads=[PIER]).speakers == ("Dora",)


def test_whom_the_question_says_it_comes_from_is_the_speaker() -> None:
    query = understand("What tip did Ada Quist get from Dora?", threads=[said("Hi Ada, take the ferry.")])
    assert (query.speakers, query.addressees) == (("Dora",), ("Ada Quist",))


def test_whoever_something_is_so_according_to_is_the_only_speaker() -> None:
    assert understand("How could Ben77 pay, according to Cleo?", threads=[PIER]).speakers == ("Cleo",)


def test_an_article_of_unknown_author_does_not_confine_what_the_author_answers() -> None:
    assert understand("What does the author answer Ada Quist?", threads=[PIER]).scope.part == "all"
