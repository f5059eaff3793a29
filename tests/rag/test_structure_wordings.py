"""Questions of structure as people word them: bounds in time, ranks counted down, idioms, slips and shorthand."""

import pytest

from ingest.thread import Thread
from rag import structure
from rag.evidence import Answer
from rag.question import understand
from rag.structure_plain import plain
from tests.builders import comment, debate, thread
from tests.rag.market import market


def ask(question: str, found: Thread) -> Answer:
    answer = structure.answer(understand(question, (), [found]), [found])
    assert answer is not None, f"not taken for a question of structure: {question}"
    return answer


def numbers(answer: Answer) -> set[int]:
    return {int(one.number[1:]) for one in answer.claims[0].citations}


@pytest.mark.parametrize(
    ("question", "text", "evidence"),
    [
        ("How many comments were posted since March 3?", "5 of the 9 comments", {5, 6, 7, 8, 9}),
        ("How many comments were posted after March 3?", "2 of the 9 comments", {8, 9}),
        ("how many comments came before 3 March 2024", "4 of the 9 comments", {1, 2, 3, 4}),
        ("How many comments were written between March 3 and March 4?", "4 of the 9 comments", {5, 6, 7, 8}),
        ("How many comments were there before Ann Lee joined in?", "3 of the 9 comments", {1, 2, 3}),
        ("Which comments were posted after c7?", "2 of the 9 comments", {8, 9}),
        ("How many comments did ines_77 write after Ann Lee's first comment?", "are by ines_77 and was written", {5}),
        ("How many comments were written after Mika first posted?", "1 of the 9 comments", {9}),
        ("How many comments were posted in 2024?", "All 9 comments", set(range(1, 10))),
        ("On which day were most comments posted?", "on 2024-03-02: 4", {1, 2, 3, 4}),
        ("What was the busiest day?", "on 2024-03-02: 4", {1, 2, 3, 4}),
        ("How many comments were there per day?", "on 4 days: 2024-03-02 (4), 2024-03-03 (3)", set(range(1, 10))),
    ],
)
def test_bounds_in_time_and_days_are_counted(question: str, text: str, evidence: set[int]) -> None:
    answer = ask(question, market())
    assert text.replace("are by ines_77 and was", "is by ines_77 and was") in answer.text
    assert numbers(answer) == evidence


def test_a_bound_in_time_that_cannot_be_drawn_is_declined() -> None:
    untimed = ask("How many comments came after Ben's first comment?", debate())
    assert (untimed.reason, "gives no times" in untimed.text) == ("detail_absent", True)
    absent = ask("How many comments were posted before the author of the article joined in?", market())
    assert (absent.reason, "Rhea Lindqvist did not comment" in absent.text) == ("detail_absent", True)


def test_a_flat_page_without_times_tells_what_came_before_what() -> None:
    page = thread(comment(1, "Ada", "One."), comment(2, "Ben", "Two."), comment(3, "Ada", "Three."))
    assert numbers(ask("How many comments were left after Ben joined in?", page)) == {3}


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who commented second most?", "Ann Lee and Mika commented second most"),
        ("Which comment is the second longest?", "The second longest of the 9 comments in this file is c4"),
        ("What is the third most upvoted comment?", "The third highest-scoring of the 9 comments in this file is c4"),
    ],
)
def test_a_rank_is_counted_down_from_its_top(question: str, text: str) -> None:
    assert text in ask(question, market()).text


def test_a_word_that_only_stresses_a_person_narrows_nothing() -> None:
    page = thread(comment(1, "Ada", "One."), comment(2, "Ben", "Two."), comment(3, "Ada", "Three."))
    for question in ("How many of the comments did Ada herself write?", "How many comments are by Ada personally?"):
        assert numbers(ask(question, page)) == {1, 3}


def test_answers_to_oneself_are_told_from_answers_to_others() -> None:
    alone = thread(comment(1, "Ada", "One."), comment(2, "Ada", "Two.", 1), comment(3, "Ben", "Three.", 1))
    assert numbers(ask("Did anybody reply to themselves?", alone)) == {2}
    assert ask("did anyone answer their own comment", market()).text.startswith("No")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("how busy is this thread", "There are 9 comments"),
        ("hw many coments are there", "There are 9 comments"),
        ("total comments pls", "There are 9 comments"),
        ("headcount of participants?", "5 named people commented"),
        ("how many ppl turned up", "5 named people commented"),
        ("whats the longest comment", "is c7 by Ann Poe"),
        ("latest commenter?", "is c9 by a commenter without a name"),
        ("who kicked things off in the comments", "is c1 by Otto Falk"),
        ("everything ines_77 wrote", "2 of the 9 comments in this file are by ines_77"),
        ("everyone who posted twice or more", "3 named people wrote at least 2 comments"),
        ("how many one-time commenters are there", "2 named people wrote exactly 1 comment"),
        ("how much of the thread is ines_77", "that is 22%"),
        ("how many comments are missing?", "3 more comments that this file lacks"),
        ("How many comments are no replies?", "3 of the 9 comments in this file are top-level"),
        ("between when and when did people comment", "run from 2024-03-02 08:00"),
        ("who wrote the wordiest post", "The longest of the 9 comments in this file is c7"),
        ("total points ines_77 got", "9"),
    ],
)
def test_idioms_slips_and_shorthand_are_read(question: str, text: str) -> None:
    assert text in ask(question, market()).text


@pytest.mark.parametrize(
    "question",
    [
        "who relied on the ferries most",
        "How old is Ann Poe?",
        "Which one is missing from that list?",
        "name the first trader",
        "how many potters wrote to the council",
        "who kicked off the building work",
        "which day is market day",
        "how busy is the station",
        "how many stalls are missing a roof",
        "who was the second mayor",
        "how many people turned up at the vote",
    ],
)
def test_words_like_those_of_structure_do_not_make_a_question_of_content_one_of_it(question: str) -> None:
    assert understand(question, (), [market()]).structure is None


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Wer hat am häufigsten kommentiert?", "Otto Falk, ines_77 and Ann Poe commented most"),
        ("Hat Mika jemals auf ines_77 geantwortet?", "No: Mika did not reply to ines_77"),
        ("Wie viele Kommentare blieben unbeantwortet?", "5 of the 9 comments in this file have no replies"),
        ("Wie viele Kommentare gab es am 3. März 2024?", "3 of the 9 comments in this file were written on 2024-03-03"),
        ("Wie viele Kommentare fehlen in der Datei?", "3 more comments that this file lacks"),
        ("Wer hat mehr als einmal kommentiert?", "3 named people wrote at least 2 comments"),
        ("Anzahl der Kommentare?", "There are 9 comments"),
    ],
)
def test_questions_in_german_are_read_by_the_same_frames(question: str, text: str) -> None:
    assert text in ask(question, market()).text


@pytest.mark.parametrize(
    "question",
    [
        "Wie viele Kommentare hat Zebulon Quarrie geschrieben?",
        "How many times was Zebulon Quarrie replied to?",
        "anyone answer Zebulon Quarrie?",
        "How many of the comments are Zebulon Quarrie's?",
    ],
)
def test_a_stranger_is_absent_wherever_the_name_stands(question: str) -> None:
    assert ask(question, market()).reason == "person_absent"


def test_a_word_of_the_question_is_no_slip_of_a_name() -> None:
    page = thread(comment(1, "Meister Petz", "One."), comment(2, "Ben", "Two."), comment(3, "Ben", "Three."))
    assert ask("Wer hat am meisten kommentiert?", page).text.startswith("Ben commented most")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("how many comments long is the longest thread of replies", "The deepest chain in this file has 5 comments"),
        ("when did the discussion start and end", "run from 2024-03-02 08:00"),
        ("how many comments have been posted since Mika's comment", "1 of the 9 comments"),
        ("on what day was the discussion most active", "on 2024-03-02: 4"),
        ("which comments of Ann Poe got no response", "2 of the 9 comments in this file are by Ann Poe and have no"),
        ("if you leave out Otto, how many comments are there", "7 of the 9 comments in this file are not by Otto Falk"),
        ("Wie viele Antworten bekam ines_77?", "3 of the 9 comments in this file answer ines_77"),
        ("Ann Lee replied to ines_77, right?", "Yes, in 1 of the 9 comments"),
        ("was there an exchange between Mika and Otto", "No: "),
        ("is it true that Ann Lee replied to ines_77", "Yes, in 1 of the 9 comments"),
        ("ines_77's share of the discussion", "that is 22%"),
        ("name the first commenter", "is c1 by Otto Falk"),
        ("date of the first comment", "at 2024-03-02 08:00"),
        ("how many comments exceed 20 words", "1 of the 9 comments in this file has at least 21 words"),
    ],
)
def test_inverted_elided_and_doubled_wordings_keep_every_condition(question: str, text: str) -> None:
    assert text in ask(question, market()).text


@pytest.mark.parametrize("word", ["relied", "potters", "notes", "commended"])
def test_a_word_of_its_own_is_not_taken_for_a_slip(word: str) -> None:
    assert plain(f"who {word} most") == f"who {word} most"
