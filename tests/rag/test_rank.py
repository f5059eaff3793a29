from dataclasses import fields

import numpy as np
import pytest

from eval.memory import MemoryCatalogue, MemoryIndex, fill
from ingest.thread import Comment, Thread
from rag.pool import Part, Pool
from rag.rank import Search, rank, search
from rag.surroundings import Surroundings, is_conversation
from rag.weights import ACROSS, INSIDE, STATEMENT, Weights, is_question
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder


def pooled(*threads: Thread) -> tuple[Pool, FakeEncoder]:
    catalogue, index, sentence_index, encoder = MemoryCatalogue(threads), MemoryIndex(), MemoryIndex(), FakeEncoder()
    fill(catalogue, index, sentence_index, encoder)
    parts = [
        Part.build(
            one,
            catalogue.passages(one.id),
            index.fetch_thread(one.id),
            sentence_index.fetch_thread(one.id),
            np.zeros(encoder.dimension, np.float32),
        )
        for one in threads
    ]
    return Pool(parts), encoder


def best(question: str, *threads: Thread, weights: Weights | None = None) -> str:
    pool, encoder = pooled(*threads)
    found = search(pool, question, encoder.encode([question])[0])
    if weights is not None:
        found = Search(found.words, found.spelling, found.vector, weights)
    scores = rank(pool, Surroundings(pool), [found], np.ones(len(pool), np.bool_))
    return pool.comments[int(scores.comment.argmax())][1]


def only(**wanted: float) -> Weights:
    zero = {field.name: 0.0 for field in fields(Weights)}
    return Weights(**{**zero, "asking": False, **wanted})  # type: ignore[arg-type]


def talk(turns: int = 48) -> Thread:
    said = ["Right.", "Yes.", "I see.", "Go on."]
    comments: list[Comment] = []
    for number in range(1, turns + 1):
        text = "The battery of the remote must last a year." if number == 24 else said[number % 4]
        comments.append(comment(number, ["Ada", "Ben"][number % 2], text))
    return thread(*comments, thread_id="talk")


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Who wants the bridge?", True),
        ("who wants the bridge", True),
        ("Summarise the objections", True),
        ("Wer kritisiert die Brücke", True),
        ("桥梁费用多少？", True),
        ("The ferries are slow.", False),
        ("fishermen moorings", False),
        ("", False),
    ],
)
def test_a_question_is_told_by_its_mark_or_its_first_word(text: str, asks: bool) -> None:
    assert is_question(text) is asks


def test_statements_trust_words_inside_a_thread_and_questions_trust_meaning_across_threads() -> None:
    one, encoder = pooled(debate())
    vector = np.zeros(encoder.dimension, np.float32)
    assert search(one, "the ferries are slow", vector).weights == STATEMENT
    assert search(one, "are the ferries slow?", vector).weights == INSIDE
    two, _ = pooled(debate(), thread(comment(1, "Dan", "Lamps."), thread_id="other"))
    assert search(two, "the ferries are slow", vector).weights == ACROSS


def test_a_question_that_the_thread_asks_itself_is_weighed_by_meaning() -> None:
    source = thread(comment(1, "Ada", "The first one."), text="Which bank is best for a student account?")
    pool, encoder = pooled(source)
    asked = search(pool, "Which bank is best for a student account?", encoder.encode([pool.passages[0].embedded])[0])
    assert asked.weights.comment == pytest.approx(ACROSS.comment)


def test_a_misspelt_word_still_finds_its_comment() -> None:
    assert best("moornigs of the fishremen", debate(), weights=only(spelling=1.0)) == "t:5"


def test_words_alone_find_what_shares_them() -> None:
    assert best("queue", debate(), weights=only(words=1.0)) == "t:2"


def test_vectors_alone_find_what_is_near() -> None:
    assert best("They were asked in May", debate(), weights=only(sentence=1.0)) == "t:6"


def test_a_long_comment_does_not_win_by_having_many_passages() -> None:
    filler = " ".join(
        f"Sentence {number} speaks of something else entirely, of pears and of plums." for number in range(60)
    )
    source = thread(comment(1, "Ada", f"Ferries. {filler}"), comment(2, "Ben", "Ferries. Pears and plums."))
    pool, encoder = pooled(source)
    found = search(pool, "Ferries?", encoder.encode(["Ferries?"])[0])
    around = Surroundings(pool)
    everything = np.ones(len(pool), np.bool_)
    plain = rank(pool, around, [Search(found.words, found.spelling, found.vector, only(passage=1.0))], everything)
    sized = rank(
        pool, around, [Search(found.words, found.spelling, found.vector, only(passage=1.0, size=1.0))], everything
    )
    assert (plain.comment - sized.comment)[0] > (plain.comment - sized.comment)[1] == 0


def test_answers_go_before_thanks_and_counter_questions_where_the_thread_asks_the_same() -> None:
    question = "Which bank is best for a student account?"
    source = thread(
        comment(1, "Ada", "Which bank is best, did you say, for a student account?"),
        comment(2, "Ben", "The harbour bank is best for a student account."),
        comment(3, "Cleo", "Thanks, a student account at the best bank."),
        title="",
        text=question,
    )
    pool, encoder = pooled(source)
    found = search(pool, question, encoder.encode([question])[0])
    comments = np.asarray([passage.comment_id != "article" for passage in pool.passages])
    judged = Search(found.words, found.spelling, found.vector, only(words=0.1, asking=True))
    scores = rank(pool, Surroundings(pool), [judged], comments)
    place = {comment_id: float(score) for (_, comment_id), score in zip(pool.comments, scores.comment, strict=True)}
    assert place["t:2"] > max(place["t:1"], place["t:3"])


def test_a_conversation_is_flat_and_its_people_speak_often() -> None:
    assert is_conversation(talk())
    assert not is_conversation(debate())
    assert not is_conversation(thread(*(comment(number, f"Person {number}", "Yes.") for number in range(1, 60))))


def test_turns_beside_the_one_that_matches_are_lifted() -> None:
    pool, encoder = pooled(talk())
    found = search(pool, "How long must the battery last?", encoder.encode(["How long must the battery last?"])[0])
    scores = rank(pool, Surroundings(pool), [found], np.ones(len(pool), np.bool_))
    place = {comment_id: float(score) for (_, comment_id), score in zip(pool.comments, scores.comment, strict=True)}
    assert place["t:24"] == max(place.values())
    assert place["t:25"] > place["t:45"]


def test_nothing_differs_where_everything_is_the_same() -> None:
    pool, encoder = pooled(thread(comment(1, "Ada", "Ferries."), comment(2, "Ben", "Ferries.")))
    found = search(pool, "ferries", encoder.encode(["ferries"])[0])
    scores = rank(pool, Surroundings(pool), [found], np.ones(len(pool), np.bool_))
    assert np.isfinite(scores.passage).all()


def test_spreads_are_those_of_the_allowed_texts() -> None:
    pool, encoder = pooled(debate())
    found = search(pool, "Are ferries slow?", encoder.encode(["Are ferries slow?"])[0])
    allowed = np.asarray([passage.comment_id in {"t:1", "t:3"} for passage in pool.passages])
    scores = rank(pool, Surroundings(pool), [found], allowed)
    inside = [float(scores.comment[row]) for row, (_, key) in enumerate(pool.comments) if key in {"t:1", "t:3"}]
    assert np.isfinite(inside).all()
    assert abs(sum(inside)) < 3
