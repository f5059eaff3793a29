"""A streamed reply is cut into sentences, and each goes through the verifier."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.generate import SentenceStream

REPLY = "Ada doubts it. [1] Ben says that Dr. Holm is late [2]. It costs 4.5 million [1][2]."


def cut(pieces: list[str]) -> list[str]:
    stream = SentenceStream()
    return [sentence for piece in pieces for sentence in stream.push(piece)] + stream.close()


def test_markers_after_the_full_stop_belong_to_the_sentence_before() -> None:
    assert cut([REPLY]) == [
        "Ada doubts it. [1]",
        "Ben says that Dr. Holm is late [2].",
        "It costs 4.5 million [1][2].",
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_the_size_of_the_pieces_does_not_change_the_sentences(size: int) -> None:
    assert cut([REPLY[at : at + size] for at in range(0, len(REPLY), size)]) == cut([REPLY])


@given(st.text(alphabet="ab .[]1\n!", max_size=80))
def test_no_word_is_lost_or_made_up(reply: str) -> None:
    assert "".join("".join(cut([reply])).split()) == "".join(reply.split())
