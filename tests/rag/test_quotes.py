"""Where several voices are asked for, those who name the subject are quoted, whatever their score."""

import pytest

from rag.context import asks_for_several
from rag.evidence import Hit
from rag.passages import passages
from rag.query import Query
from rag.quotes import select
from tests.builders import comment, thread

QUAY = thread(
    comment(1, "Ada", "The crane on the quay has been out of order since March."),
    comment(2, "Ben", "Nobody repairs the crane, it is cheaper to hire one."),
    comment(3, "Cleo", "The quay smells of fish."),
    comment(4, "Dora", "The baker is closed on Mondays."),
)


def hits(**scores: float) -> list[Hit]:
    """Return the comments with the scores given by their number, best first."""
    found = []
    for passage in passages(QUAY):
        one = QUAY.get(passage.comment_id)
        if one is not None and one.tag in scores:
            found.append(Hit(passage, scores[one.tag], one.author, one.tag, passage.sentences[0]))
    return sorted(found, key=lambda hit: -hit.score)


def query(question: str) -> Query:
    return Query(question, question, (question,))


def test_a_far_voice_that_names_the_subject_is_quoted_and_one_that_does_not_is_left_out() -> None:
    found = hits(c1=3.0, c2=1.0, c4=1.0)
    assert [hit.number for hit in select(query("Which comments mention the crane?"), found)] == ["c1", "c2"]


def test_one_voice_is_enough_where_one_is_asked_for() -> None:
    assert [hit.number for hit in select(query("Since when is the crane broken?"), hits(c1=3.0, c2=1.0))] == ["c1"]


def test_a_voice_that_hardly_matches_is_left_out_even_if_it_names_the_subject() -> None:
    found = hits(c1=3.0, c2=0.2)
    assert [hit.number for hit in select(query("Which comments mention the crane?"), found)] == ["c1"]


def test_a_far_voice_that_uses_one_word_of_many_is_not_on_the_subject() -> None:
    found = hits(c1=3.0, c4=1.0)
    asked = query("Which comments mention the crane, the quay or a baker?")
    assert [hit.number for hit in select(asked, found)] == ["c1"]


@pytest.mark.parametrize(
    "question",
    [
        "Which comments mention the crane?",
        "What do people say about the quay?",
        "What engine problems come up?",
        "Who reports the flicker?",
        "Which harbours counted their boats?",
        "Wer berichtet von Ausfällen?",
        "Does anyone defend the price?",
    ],
)
def test_these_questions_ask_for_several_voices(question: str) -> None:
    assert asks_for_several(query(question))


@pytest.mark.parametrize(
    "question",
    [
        "How many people drowned in 1911?",
        "What is planned for people with boats?",
        "Who reported the fire?",
        "How long did it take until all boats were back?",
    ],
)
def test_these_questions_ask_for_one_answer(question: str) -> None:
    assert not asks_for_several(query(question))


def _beside_an_article(text: str, question: str) -> list[str]:
    """Return whom a question quotes where the article scores best."""
    crane = thread(comment(1, "Ada", "My crane rusted."), comment(2, "Ben", "Mine too."), title="A harbour", text=text)
    scores = {"article": 3.0, "t:1": 2.0, "t:2": 0.5}
    found = [
        Hit(
            one,
            scores[one.comment_id],
            None,
            "article" if one.comment_id == "article" else one.comment_id,
            one.sentences[0],
        )
        for one in passages(crane)
    ]
    return [hit.number for hit in select(query(question), sorted(found, key=lambda hit: -hit.score))]


def test_where_people_are_asked_for_a_commenter_who_names_the_subject_stands_before_the_article() -> None:
    text = "A crane stands on the quay."
    assert _beside_an_article(text, "Who had trouble with rusted cranes?") == ["t:1"]
    assert _beside_an_article(text, "What stands on the quay?") == ["article"]
    assert _beside_an_article("The harbour board mends rusted cranes.", "Who mends rusted cranes?") == ["article"]


def test_an_article_that_only_asks_says_nobody() -> None:
    assert _beside_an_article("Is the weather dull?", "Who thinks so?") == ["t:1"]
    assert _beside_an_article("The weather is dull.", "Who thinks so?") == ["article"]
