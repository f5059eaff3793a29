"""Who speaks in a sentence: the subject of the reporting verb, whoever else is named."""

import pytest

from rag.speakers import ANY_COMMENTER, STRANGER, THE_ARTICLE, Roster
from tests.builders import comment, debate, thread

PEOPLE = Roster([debate(), thread(comment(1, "dang_3", "Hm."), comment(2, "小明", "好。"), thread_id="u")])


def speakers(text: str, previous: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    return [one.speakers for one in PEOPLE.attributions(text, previous)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada says the bridge is dear.", [("Ada",)]),
        ("According to Ben, ferries are slow.", [("Ben",)]),
        ("Ben tells Ada that ferries are slow.", [("Ben",)]),
        ("Ada and Ben agree that it is late.", [("Ada", "Ben")]),
        ("In Ada's view, the harbour does not need it.", [("Ada",)]),
        ("“It is slow,” said Ben.", [("Ben",)]),
        ("Ada: “It is dear.”", [("Ada",)]),
        ("Ada, in reply to Ben, says no.", [("Ada",)]),
        ("Ada says that Ben argues badly.", [("Ada",)]),
        ("Ada says it is dear, while Ben argues that ferries are slow.", [("Ada",), ("Ben",)]),
        ("The point was made by Ada.", [("Ada",)]),
        ("Brandt asks about the fishermen.", [("Cleo Brandt",)]),
        ("Dang_3 believes it.", [("dang_3",)]),
        ("小明认为很好。", [("小明",)]),
        ("Laut Ben sind die Fähren langsam.", [("Ben",)]),
        ("The article says the council votes.", [(THE_ARTICLE,)]),
        ("One commenter argues that it is late.", [(ANY_COMMENTER,)]),
        ("Zoltan says ferries are slow.", [(STRANGER + "Zoltan",)]),
        ("Mayor Ines Holm called it overdue.", []),
        ("The bridge is dear.", []),
    ],
)
def test_the_subject_of_the_reporting_verb_speaks(text: str, expected: list[tuple[str, ...]]) -> None:
    assert speakers(text) == expected


def test_a_pronoun_speaks_for_the_people_before() -> None:
    assert speakers("They also argue that it is late.", ("Ada", "Ben")) == [("Ada", "Ben")]
    assert speakers("They were asked in May.", ("Ada",)) == []


def test_a_name_inside_quoted_words_does_not_speak() -> None:
    assert speakers("“Ben says so,” Ada writes.") == [("Ada",)]


def test_somebody_who_is_asked_does_not_speak() -> None:
    assert speakers("Ada is asked by Ben whether it is true.") == [("Ben",)]


def test_a_longer_name_is_somebody_else() -> None:
    assert PEOPLE.mentions("Ada Lovelace wrote it.") == ()
    assert PEOPLE.mentions("Cleo Laine sang it.") == ()


def test_a_shared_first_name_names_nobody() -> None:
    two = Roster([thread(comment(1, "Ann Lee", "x"), comment(2, "Ann Roe", "y"))])
    assert two.mentions("Ann says so.") == ()
    assert [one.author for one in two.mentions("Roe says so.")] == ["Ann Roe"]
