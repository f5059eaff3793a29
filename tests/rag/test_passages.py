from hypothesis import given
from hypothesis import strategies as st

from ingest.thread import ARTICLE, Quote
from rag.passages import MAX_WORDS, count_words, passage_id, passages, vector_texts
from tests.builders import comment, debate, thread

TEXT = st.lists(
    st.sampled_from(["Ada", "said", "no.", "Why?", "\n", "\n\n", " ", "x" * 90, "今天很好。", "e.g.", ",", "1."]),
    max_size=300,
).map(" ".join)


def test_the_id_of_a_passage_is_for_ever() -> None:
    assert passage_id("t", "t:1", 0) == "9ec29d721bc0223ca840:0"


def test_ids_are_unique_across_threads_and_comments() -> None:
    found = passages(debate()) + passages(thread(comment(1, "Ada", "Hello."), thread_id="other"))
    assert len({passage.id for passage in found}) == len(found)


@given(TEXT, st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), max_size=3))
def test_passages_cover_a_comments_own_words_and_nothing_else(body: str, cuts: list[tuple[int, int]]) -> None:
    quotes = tuple(Quote(at, min(at + length, len(body))) for at, length in cuts if at < len(body))
    said = comment(1, "Ada", body, quotes=quotes)
    own = {at for start, end in said.own_spans for at in range(start, end) if not body[at].isspace()}
    covered: list[int] = []
    for passage in passages(thread(said)):
        assert passage.text == body[passage.start : passage.end]
        assert count_words(passage.text) <= MAX_WORDS + 1
        at = passage.start
        for start, end in passage.sentences:
            assert not body[at:start].strip()
            at = end
        assert at == passage.end
        covered += [at for at in range(passage.start, passage.end) if not body[at].isspace()]
    assert sorted(covered) == sorted(own)


def test_each_paragraph_of_the_article_is_a_passage_under_its_title() -> None:
    found = passages(debate())
    article = [passage for passage in found if passage.comment_id == ARTICLE]
    assert [passage.text[:11] for passage in article] == ["The council", "Mayor Ines "]
    assert article[1].embedded == "Council votes on the harbour bridge\nMayor Ines Holm called it overdue."


def test_a_passage_is_read_with_who_speaks_and_whom_they_answer() -> None:
    third = next(passage for passage in passages(debate()) if passage.comment_id == "t:3")
    assert third.embedded.startswith(
        "Ada, answering Ben (I disagree with Ada. Ferries are slow and the queue is two …):\n"
    )
    assert third.text == "Two hours? On Sundays perhaps, never in winter."


def test_a_long_reply_needs_no_gist_of_its_parent() -> None:
    told = thread(comment(1, "Ada", "The bridge."), comment(2, None, "word " * 30, 1))
    assert passages(told)[-1].embedded.startswith("Somebody, answering Ada:\nword")


def test_hidden_comments_have_no_passages() -> None:
    assert not passages(thread(comment(1, "Ada", "Secret.", status="removed")))


def test_sentences_are_encoded_bare_and_only_where_there_are_several() -> None:
    single, double = passages(thread(comment(1, "Ada", "Yes."), comment(2, "Ben", "No. Never.")))
    assert [(text.id, text.sentence) for text in vector_texts(single)] == [(single.id, False)]
    assert [text.text for text in vector_texts(double)] == ["Ben:\nNo. Never.", "No.", "Never."]
    assert vector_texts(double)[2].id == f"{double.id}#1"
