"""Of an article those sentences are quoted that are likely to be part of the answer."""

from rag.evidence import Hit, Passage
from rag.extract import extract
from rag.passages import passages
from rag.query import Query
from rag.telling import BIAS, WEIGHTS, Sentence, readings, telling
from tests.builders import comment, thread

TEXTS = (
    "The crane on the old pier has stood still since March.",
    "Is it broken?",
    "Its repair would cost 4,000 euros.",
    "Gulls nest on the pier.",
    "The harbour was dug by hand.",
)


def sentences(*fits: float) -> list[Sentence]:
    starts = [sum(len(text) + 1 for text in TEXTS[:at]) for at in range(len(TEXTS))]
    return [Sentence((start, start + len(t)), fit, t) for start, fit, t in zip(starts, fits, TEXTS, strict=True)]


def query(question: str) -> Query:
    return Query(question, question, (question,))


def told(question: str, most: int, *fits: float) -> list[str]:
    spans = telling(query(question), sentences(*fits), most)
    return [one.text for one in sentences(*fits) if one.span in spans]


def test_a_model_reads_exactly_what_it_weighs() -> None:
    (first, *_) = readings(query("Why?"), sentences(1, 0, 0, 0, 0))
    assert list(first) == list(WEIGHTS)
    assert BIAS < 0


def test_the_likeliest_sentence_is_quoted_even_without_room() -> None:
    assert told("What about the crane?", 1, 3, -1, 0, 0, -1) == [TEXTS[0]]


def test_what_is_unlikely_to_be_part_of_the_answer_is_left_out_although_there_is_room() -> None:
    shown = told("Since when has the crane on the pier stood still?", 100, 4, -1, 1, 0, -1)
    assert TEXTS[0] in shown
    assert TEXTS[4] not in shown


def test_a_sentence_with_the_number_asked_for_is_likelier_and_one_that_asks_is_less_likely() -> None:
    rows = readings(query("How much does the repair cost?"), sentences(0, 0, 0, 0, 0))
    assert [row["amount"] for row in rows] == [-1, -1, 1, -1, -1]
    assert [row["asks"] for row in rows] == [0, 1, 0, 0, 0]
    assert [row["asks"] for row in readings(query("What does it ask?"), sentences(0, 0, 0, 0, 0))] == [0] * 5


def test_at_most_three_stretches_are_quoted() -> None:
    many = [Sentence((40 * at, 40 * at + 20), 2.0, "The crane stands still.") for at in range(6)]
    assert len(telling(query("Does the crane stand still?"), many, 100)) == 3


def test_the_model_chooses_in_an_article_and_what_reads_on_in_a_comment() -> None:
    body = " ".join(TEXTS)
    article, said = thread(text=body), thread(comment(1, "Ben", body))

    def runs(passage: Passage) -> str:
        hit = Hit(passage, 1.0, None, "x", passage.sentences[0], (4.0, -1.0, 1.0, 0.5, -1.0))
        spans = extract(query("Since when has the crane stood still?"), [hit], 100)
        return " ".join(body[start:end].strip() for start, end in spans)

    (of_article,), (of_comment,) = passages(article), passages(said)
    assert TEXTS[4] not in runs(of_article)
    assert runs(of_comment) == body


def test_nothing_to_read_gives_nothing_to_quote() -> None:
    assert telling(query("Why?"), [], 100) == []
