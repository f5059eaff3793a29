"""Which detail a question asks for, and whether what was found gives it."""

import pytest

from rag.answerable import features
from rag.decline import decide
from rag.details import counted, counts, expected, gives_a_name, holds
from rag.rank import Signals
from rag.reasons import asked_for
from tests.builders import debate
from tests.rag.declining import ask, ranking, value


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When was it built?", "time"),
        ("In what year was it built?", "year"),
        ("How many people live there?", "number"),
        ("Wie teuer ist die Brücke?", "money"),
        ("How much does it cost?", "money"),
        ("Combien coûte le pont ?", "money"),
        ("How old is the mayor?", "age"),
        ("Wie alt ist er?", "age"),
        ("What percentage agreed?", "percent"),
        ("How long did it take?", "duration"),
        ("What temperature does it need?", "temperature"),
        ("Wann wurde sie gebaut?", "time"),
        ("Who built it?", "person"),
        ("Where is it?", "spot"),
        ("Which city is it in?", "place"),
        ("Why was it built?", ""),
    ],
)
def test_the_kind_of_answer_is_read_off_the_question(question: str, kind: str) -> None:
    assert expected(question) == kind


def test_a_kind_that_no_near_sentence_holds_is_noticed() -> None:
    assert value("untyped", "How many ferries?", ranking("The ferries are slow.")) == 1.0
    assert value("untyped", "How many ferries?", ranking("Two ferries are slow.")) == 0.0


def test_a_year_is_more_than_a_time() -> None:
    assert value("untyped", "In what year did the ferries start?", ranking("The ferries start in May.")) == 1.0
    assert value("untyped", "In what year did the ferries start?", ranking("The ferries start in 1999.")) == 0.0


def test_the_thing_asked_for_is_looked_for() -> None:
    assert value("asked", "Which airline flies there?", ranking("The ferries are slow.")) == 1.0
    assert value("asked", "Which ferry goes there?", ranking("The ferry is slow.")) == 0.0


@pytest.mark.parametrize(
    ("kind", "text", "held"),
    [
        ("age", "Her 12 year old daughter helped.", True),
        ("age", "I'm 19 and live here.", True),
        ("age", "It lasted 12 years.", False),
        ("money", "The lawyer cost 400,- Euro.", True),
        ("money", "They want £5.", True),
        ("money", "There were 5 of them.", False),
        ("percent", "Johnson got 5%.", True),
        ("percent", "Johnson got 5 votes.", False),
        ("duration", "It took nearly a decade.", True),
        ("duration", "It took 40 people.", False),
        ("temperature", "Bake at 180 degrees.", True),
        ("temperature", "Bake 180 of them.", False),
        ("time", "They met on 3 March.", True),
        ("time", "They met 40 people.", False),
        ("number", "Nobody came.", False),
        ("place", "They met in Lindau.", True),
    ],
)
def test_a_text_holds_a_detail_of_its_own_kind_alone(kind: str, text: str, held: bool) -> None:
    assert holds(kind, text) is held


def test_a_count_is_of_what_stands_beside_the_number() -> None:
    assert counted("How many new apple trees were planted?") == "trees"
    assert counted("Wie viele Mitglieder hat der Verein?") == "Mitglieder"
    assert counted("How many did they plant?") == ""
    assert counted("How much butter goes into it?") == "butter"
    assert counted("How many people work for the club?") == "people"
    assert counts("trees", "We planted forty apple trees.", "english")
    assert not counts("trees", "Forty members came and looked long at one old tree.", "english")
    members = ranking("Forty trees were planted by the members of the club, and it rained.")
    assert value("uncounted", "How many trees were planted?", members) == 0.0
    assert value("uncounted", "How many committees met?", members) == 1.0


def test_a_name_is_one_that_neither_the_question_nor_the_authors_bear() -> None:
    assert gives_a_name("We asked an architect, Ada Roe, for a plan.", (), ("architect",), "english")
    assert not gives_a_name("We asked an architect, Ada Roe, for a plan.", ("ada", "roe"), ("architect",), "english")
    assert not gives_a_name(
        "We asked an architect, and much later they all went to see Ada.", (), ("architect",), "english"
    )
    assert gives_a_name("Die Anwältin heißt Weber.", (), (), "german")
    assert not gives_a_name("Die Anwältin hat einen Hund.", (), (), "german")
    assert value("unnamed", "What is the name of the ferry?", ranking("The ferry was slow.")) == 1.0
    assert value("unnamed", "What is the name of the ferry?", ranking("The ferry, Marguerite, was slow.")) == 0.0


def test_a_detail_counts_where_it_stands_with_the_words_asked_about() -> None:
    apart = ranking("The ferry is slow.", "Ada has 40 hens.")
    assert value("bound", "How many cars does the ferry take?", apart) == 0.0
    assert value("nowhere", "How old is the ferry?", apart) == 1.0
    together = ranking("The ferry takes 40 cars.")
    assert value("bound", "How many cars does the ferry take?", together) == 1.0


def test_names_asked_about_are_looked_for_together() -> None:
    found = ranking("They met in Lindau.", "The ferry goes to Bergen.")
    assert value("named", "Does the ferry stop at Lindau on the way to Bergen?", found) == pytest.approx(1 / 2)
    assert value("named", "Does the ferry go there?", found) == 1.0


def test_a_question_with_nothing_but_a_kind_of_detail_is_covered_by_any_of_that_kind() -> None:
    asked = ask("How old is Ada?", speakers=("Ada",))
    weak = Signals(0.0, 0.0, 0.0, 0.0, 0.3, 0.3, 0.5, 0.1)
    aged, silent = ranking("I'm 19 and work at a bank.", signals=weak), ranking("I work at a bank.", signals=weak)
    assert features(asked, aged.hits, aged, [debate()])["bound"] == 1.0
    assert features(asked, silent.hits, silent, [debate()])["bound"] == 0.0
    assert decide(asked, aged.hits, [debate()], aged) is None
    assert decide(asked, silent.hits, [debate()], silent) is not None


@pytest.mark.parametrize(
    ("kind", "text", "held"),
    [
        ("age", "Im 38 by the way", True),
        ("age", "Er starb mit 87 Jahren.", True),
        ("age", "I'm 6 feet tall.", False),
        ("age", "I'm 500 miles off.", False),
        ("spot", "We slept in a motor home.", True),
        ("place", "We slept in a motor home.", False),
        ("spot", "We slept badly.", False),
    ],
)
def test_ages_and_spots_are_read_as_people_write_them(kind: str, text: str, held: bool) -> None:
    assert holds(kind, text) is held


def test_a_reason_asked_for_is_a_word_of_cause() -> None:
    told = ranking("The ferry was late because of the ice.")
    assert value("uncaused", "Why was the ferry late?", told) == 0.0
    assert value("uncaused", "Why was the ferry late?", ranking("The ferry was late.")) == 1.0
    assert value("uncaused", "When was the ferry late?", ranking("The ferry was late.")) == 0.0


@pytest.mark.parametrize(
    ("question", "noun"),
    [
        ("Who is the founder of the club?", "founder"),
        ("What is Ada's salary?", "salary"),
        ("Which interest rate does the bank charge?", "rate"),
        ("Welche Schule besuchte Ada?", "Schule"),
        ("Wie heißt die Frau von Ben?", "Frau"),
        ("Why not?", ""),
    ],
)
def test_the_noun_asked_for_is_read_off_the_question(question: str, noun: str) -> None:
    assert asked_for(question) == noun


def test_what_is_asked_for_must_stand_with_the_other_words() -> None:
    question = "Who is the founder of the club?"
    assert value("focused", question, ranking("The founder of the club was Ada.")) == 1.0
    assert value("focused", question, ranking("The founder was Ada.", "The club met.")) == 0.0
    assert value("focused", question, ranking("The club met.")) == 0.0
    assert value("two", "Does the ferry stop at Lindau?", ranking("The ferry stops.", "Lindau is nice.")) == 0.0
