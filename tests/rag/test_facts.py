"""Numbers and proper names, folded so that what means the same compares equal."""

import pytest

from rag.facts import missing_names, missing_numbers, names, numbers


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("40 million, 40m and forty million", [40e6, 40e6, 40e6]),
        ("1,200 cars and 1.200 Autos", [1200, 1200]),
        ("two hours, twenty-five people, 2.5 years", [2, 25, 2.5]),
        ("in 2012 at 10:30", [2012, 10, 30]),
        ("zwei Stunden, trois ans", [2, 3]),
        ("one of the first, once", []),
        ("I'm fine", []),
    ],
)
def test_numbers_are_read_as_values(text: str, values: list[float]) -> None:
    assert [number.value for number in numbers(text)] == values


def test_a_number_that_the_evidence_lacks_is_missing_as_written() -> None:
    assert missing_numbers("It took three years and 40 million.", "40 million in 2 years") == ("three",)
    assert missing_numbers("It took three years.", "no figure", allowed=[3.0]) == ()


def test_names_stand_inside_a_sentence_or_carry_more_capitals() -> None:
    assert names("Ferries to Bergen, says the BBC. Then they left.") == ("Bergen", "BBC")
    assert names("Wir fahren mit der Fähre nach dem Hafen und der Insel.") == ()


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("the army of Syria", "the Syrian army"),
        ("the US said", "the United States said"),
        ("visit São Paulo", "Sao Paulo is large"),
        ("read McDonald's menu", "McDonald has a menu"),
    ],
)
def test_inflected_names_initials_and_accents_match(claim: str, evidence: str) -> None:
    assert missing_names(claim, [evidence]) == ()


def test_a_name_that_nobody_wrote_is_missing() -> None:
    assert missing_names("ferries to Bergen", ["ferries to Oslo"]) == ("Bergen",)
    assert missing_names("ferries to Bergen", ["ferries"], known=["Bergen"]) == ()
