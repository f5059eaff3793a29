"""Citations are made in one place, and only for spans that are there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.thread import ARTICLE
from rag.citing import cite, cite_comment, quoted, voice
from tests.builders import comment, debate, thread


def test_a_citation_quotes_the_text_at_its_span_without_the_white_space_around_it() -> None:
    body = "  No.  Ferries are slow. "
    found = cite(thread(comment(1, "Ben", body)), "t:1", (5, len(body)))
    assert found.quote == "Ferries are slow."
    assert body[found.start : found.end] == found.quote
    assert (found.number, found.author) == ("c1", "Ben")


def test_a_span_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        cite(thread(comment(1, "Ben", "No.")), "t:1", (0, 99))


def test_a_deleted_comment_cannot_be_cited() -> None:
    gone = comment(1, None, "", status="deleted")
    with pytest.raises(ValueError, match="cannot be cited"):
        cite(thread(gone), "t:1", (0, 0))


def test_the_article_is_cited_under_its_own_name_with_its_author() -> None:
    found = cite(debate(), ARTICLE, (0, 20))
    assert (found.comment, found.number) == ("article", "article")
    assert voice(found) == "The article"


def test_a_comment_without_a_name_is_called_by_its_number() -> None:
    found = cite_comment(debate(), debate().comments[3])
    assert voice(found) == "A commenter without a name (c4)"


def test_quotation_marks_inside_a_quote_become_single_ones() -> None:
    assert quoted('He said “no” and "never"') == "“He said ‘no’ and 'never'”"


@given(st.text(min_size=1, max_size=60).filter(str.strip), st.data())
def test_every_citation_holds_what_its_span_holds(body: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(body) - 1))
    end = data.draw(st.integers(start + 1, len(body)))
    if not body[start:end].strip():
        return
    found = cite(thread(comment(1, "Ada", body)), "t:1", (start, end))
    assert body[found.start : found.end] == found.quote
    assert start <= found.start < found.end <= end
