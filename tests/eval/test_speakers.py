import pytest

from eval.speakers import named_speakers

NAMES = ["Ada", "Ann", "Ann Lee", "Ben", "Bianca", "Don", "Jörg K."]


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("Ada says the bridge is dear.", ("Ada",)),
        ("Ada also strongly doubts that.", ("Ada",)),
        ("According to Ben, ferries are slow.", ("Ben",)),
        ("Ben (c2): “Ferries are slow.”", ("Ben",)),
        ("“Ferries are slow”, says Ben.", ("Ben",)),
        ("Ada, Ben and Don agree.", ("Ada", "Ben", "Don")),
        ("Jörg K. meint, das sei zu teuer.", ("Jörg K.",)),
        ("Ann Lee writes that it leaks.", ("Ann Lee",)),
        ("Ann writes that it leaks.", ("Ann",)),
    ],
)
def test_the_subject_of_a_reporting_verb_is_the_speaker(text: str, speakers: tuple[str, ...]) -> None:
    assert named_speakers(text, NAMES) == speakers


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("Bianca tells Don that bombs kill.", ("Bianca",)),
        ("Answering Don, Bianca says no.", ("Bianca",)),
        ("Bianca replied to Don.", ("Bianca",)),
        ("Somebody asked Don why.", ()),
        ("The bridge that Ada wants is dear.", ()),
    ],
)
def test_people_addressed_or_talked_about_are_not_speakers(text: str, speakers: tuple[str, ...]) -> None:
    assert named_speakers(text, NAMES) == speakers
