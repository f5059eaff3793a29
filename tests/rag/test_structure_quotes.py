"""Who wrote a quotation: found word for word in somebody's own words."""

import pytest

from ingest.quotes import link_quotes
from ingest.thread import Thread
from rag import structure
from rag.question import understand
from tests.builders import comment, thread

FERRY = "The ferry is late every single morning and nobody at the harbour office cares."


def harbour() -> Thread:
    return link_quotes(
        thread(
            comment(1, "Ada", f"{FERRY} I wrote to them twice."),
            comment(2, "Ben", f"> {FERRY}\n\nThat is not my experience at all.", 1),
            comment(3, None, 'She said "we shall see what comes" and left it there, as they always do.', 1),
            comment(4, "Cleo", "I agree with Ben: that is not my experience at all. Not once.", 2),
            title="The ferry",
            text="The council buys a second ferry for nine million. It sails in May.",
        )
    )


def asked(question: str) -> list[tuple[str, str]]:
    """Return (number, quoted words) of what a question of source is answered with; nothing for other questions."""
    query = understand(question, (), [harbour()])
    answer = structure.answer(query, [harbour()])
    if answer is None or query.structure is None or query.structure.want != "source":
        return []
    return [(one.number, one.quote) for claim in answer.claims for one in claim.citations]


@pytest.mark.parametrize(
    "question",
    [
        f"Who wrote “{FERRY}”?",
        f'Where is it said that "{FERRY}"?',
        "which comment says 'the ferry is late every single morning'",
        "Who said “the ferry is late … nobody at the harbour office cares”?",
        "Whose words are «the ferry is late EVERY single morning»?",
        "“The ferry is late every single morning” – who wrote that?".replace(" –", ""),
        "Wer schrieb „The ferry is late every single morning“?",
    ],
)
def test_a_quotation_is_traced_to_its_writer_and_not_to_who_quotes_it(question: str) -> None:
    assert [number for number, _ in asked(question)] == ["c1"]


def test_what_is_cited_is_the_quoted_sentence_with_its_end() -> None:
    words = "The ferry is late every single morning and nobody at the harbour office cares"
    assert asked(f"Who wrote “{words}”?") == [("c1", FERRY)]


def test_words_of_the_article_are_the_articles() -> None:
    answer = structure.answer(
        understand("Who wrote “buys a second ferry for nine million”?", (), [harbour()]), [harbour()]
    )
    assert answer is not None
    assert answer.text.startswith("The article: “buys")
    assert [one.comment for one in answer.claims[0].citations] == ["article"]


def test_marks_within_the_quotation_do_not_end_it() -> None:
    assert asked('Who wrote "She said "we shall see what comes" and left it there"?')[0][0] == "c3"


def test_everybody_who_wrote_the_same_words_is_told() -> None:
    assert [number for number, _ in asked("Who wrote “that is not my experience at all”?")] == ["c2", "c4"]


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote “the ferry was never late in any morning”?",  # nobody did
        "Who disagrees with “the ferry is late every single morning”?",
        "Why does Ada write “the ferry is late every single morning”?",
        "Who mentions “the ferry”?",  # a topic set in marks
        "Who wrote the longest comment?",
    ],
)
def test_other_questions_are_not_questions_of_source(question: str) -> None:
    assert asked(question) == []
