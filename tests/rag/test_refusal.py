"""A decline says why, what was searched, and where the nearest words stand."""

import pytest

from rag.evidence import Hit, Reason
from rag.passages import passages
from rag.query import Query
from rag.refusal import refuse
from tests.builders import debate


def query(**fields: object) -> Query:
    return Query("?", "?", ("?",), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "asked", "said"),
    [
        ("not_discussed", query(), "Not discussed in the 6 comments of this file and its article."),
        ("not_discussed", query(speakers=("Ben",)), "Ben says nothing about that"),
        ("person_absent", query(absent=("Karen",)), "Karen did not comment here: nobody of that name"),
        ("ambiguous", query(ambiguous=("Ann Lee", "Ann Low")), "Several people fit: Ann Lee and Ann Low."),
        ("no_reply", query(speakers=("Cleo Brandt",), addressees=("Ada",)), "Cleo Brandt did not reply to Ada"),
        ("detail_absent", query(), "that detail is not given"),
    ],
)
def test_each_reason_is_worded_with_what_was_searched(reason: Reason, asked: Query, said: str) -> None:
    bridge = debate()
    assert said in refuse(reason, asked, (), {bridge.id: bridge})


def test_the_nearest_comment_is_named_with_its_author() -> None:
    bridge = debate()
    passage = next(passage for passage in passages(bridge) if passage.comment_id == "t:2")
    text = refuse("not_discussed", query(), [Hit(passage, 1.0, "Ben", "c2")], {bridge.id: bridge})
    assert text.endswith("The nearest comment is c2, by Ben.")


def test_an_empty_library_says_how_to_fill_it() -> None:
    assert "commentariat add" in refuse("not_discussed", query(), (), {})
