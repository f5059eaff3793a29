"""Whom a question of structure means: names that are words, symbols, initials, slips, numbers and strangers."""

import pytest

from ingest.thread import Thread
from rag import structure
from rag.evidence import Answer
from rag.question import understand
from tests.builders import comment, thread

NAMES = (
    "Will", "Anonymous Coward", "Mark Twain Jr", "mark_22", "x0r", "(the real) Bob", "T'Cal", "Kirk, James T",
    "Anna Bell", "Anna Berg", "Müller", "42", "Markus", "Markus Kompa", "Dr. No",
)  # fmt: skip


@pytest.fixture(scope="module")
def crowd() -> Thread:
    once = [comment(number, name, f"Word number {number}.") for number, name in enumerate(NAMES, 1)]
    more = [comment(len(NAMES) + at, "Anonymous Coward", f"Again, {at}.", 1) for at in (1, 2)]
    return thread(*once, *more)


def ask(question: str, crowd: Thread) -> Answer | None:
    return structure.answer(understand(question, (), [crowd]), [crowd])


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Will", "Will"),
        ("will", "Will"),
        ("anonymous coward", "Anonymous Coward"),
        ("Annonymous Coward", "Anonymous Coward"),
        ("mark twain", "Mark Twain Jr"),
        ("Mark T", "Mark Twain Jr"),
        ("@x0r", "x0r"),
        ("the real bob", "(the real) Bob"),
        ("t'cal", "T'Cal"),
        ("Kirk", "Kirk, James T"),
        ("James T Kirk", "Kirk, James T"),
        ("Bell Anna", "Anna Bell"),
        ("muller", "Müller"),
        ("“42”", "42"),
        ("Markus", "Markus"),
        ("Markus K", "Markus Kompa"),
        ("dr. no", "Dr. No"),
    ],
)
def test_a_name_is_found_however_it_is_written(asked: str, meant: str, crowd: Thread) -> None:
    query = understand(f"How many comments did {asked} write?", (), [crowd])
    assert query.structure is not None
    assert query.structure.by == (meant,)
    assert not query.ambiguous


@pytest.mark.parametrize(
    ("asked", "names"), [("Anna", {"Anna Bell", "Anna Berg"}), ("mark", {"Mark Twain Jr", "mark_22"})]
)
def test_a_name_that_fits_several_people_asks_back(asked: str, names: set[str], crowd: Thread) -> None:
    query = understand(f"how many comments did {asked} write", (), [crowd])
    assert set(query.ambiguous) == names


def test_everybody_behind_one_name_is_counted_together(crowd: Thread) -> None:
    answer = ask("how many anonymous coward posts are there", crowd)
    assert answer is not None
    assert answer.text.startswith("3 of the 17 comments")


def test_a_number_that_no_comment_bears_may_be_a_name(crowd: Thread) -> None:
    answer = ask("Who replied to 42?", crowd)
    assert answer is not None
    assert answer.text.startswith("Nobody replied to 42")


@pytest.mark.parametrize("asked", ["you", "he", "she", "we", "a"])
def test_a_pronoun_that_stands_for_nobody_known_is_never_dropped(asked: str, crowd: Thread) -> None:
    assert ask(f"How many comments did {asked} write?", crowd) is None


def test_who_is_not_there_is_said_to_be_absent(crowd: Thread) -> None:
    answer = ask("How many comments did Zebulon Quarrie write?", crowd)
    assert answer is not None
    assert answer.reason == "person_absent"
