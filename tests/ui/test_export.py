import json

from rag.evidence import Answer, Citation, Claim
from tests.builders import comment, thread
from ui.export import answer_markdown, conversation_json, conversation_markdown

TALK = thread(comment(1, "Ada", "It *costs* <b>40</b> million.", permalink="https://example.org/c/1"))
CITED = Citation("t", "t:1", "c1", "Ada", 0, 28, "It *costs* <b>40</b> million")
ANSWER = Answer(
    "What does it cost?", "40 million.", (Claim("Ada says 40 million.", (CITED,)), Claim("Dear.", (CITED,))), ()
)


def test_an_answer_is_copied_with_numbered_sources_and_permalinks() -> None:
    assert answer_markdown(ANSWER, {"t": TALK}) == (
        "Ada says 40 million. [1]\n\nDear. [1]\n\n"
        "[1] Ada, c1: “It \\*costs\\* \\<b\\>40\\</b\\> million” <https://example.org/c/1>"
    )


def test_an_answer_without_sentences_is_copied_as_its_text() -> None:
    assert answer_markdown(Answer("Q?", "Not discussed.", (), (), abstained=True), {}) == "Not discussed."


def test_a_conversation_becomes_a_document() -> None:
    text = conversation_markdown("The [bridge]", [ANSWER], {"t": TALK})
    assert text.startswith("# The \\[bridge\\]\n\n## What does it cost?\n\nAda says")


def test_a_conversation_becomes_json_with_every_citation_and_its_permalink() -> None:
    data = json.loads(conversation_json("The bridge", [ANSWER], {"t": TALK}))
    (turn,) = data["turns"]
    assert turn["claims"][0]["citations"][0]["permalink"] == "https://example.org/c/1"
    assert turn["claims"][0]["citations"][0]["quote"] == CITED.quote
