import pytest

from ingest.thread import Thread
from rag.names import find_people, fold, merged, nearest, roster, words
from rag.question import understand
from tests.builders import comment, thread


def crowd() -> Thread:
    return thread(
        comment(1, "nhmakingwaves", "Turkey and Russia will talk. I will wait."),
        comment(2, "Bianca", "Ben Carson said so."),
        comment(3, "Don", "The economy is the point."),
        comment(4, "Valerianus Maximus", "Yes."),
        comment(5, "Will", "Perhaps."),
        comment(6, "Ben", "No."),
        comment(7, "bill_duckduckgo", "Hm."),
        comment(8, "张伟", "Hm."),
        comment(9, "Ann Lee", "Hm."),
        comment(10, "Ann Poe", "Hm."),
        comment(11, "economy", "Hm."),
        comment(12, "Zoë Müller", "Hm."),
        comment(13, None, "Hm."),
        comment(14, "LaurenDuolingo", "Hm."),
        comment(15, "42cent", "Hm."),
    )


def found(question: str) -> list[tuple[str, ...]]:
    return [one.names for one in find_people(question, roster(crowd()), [crowd()])]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What does bianca think?", "Bianca"),
        ("what does BIANCA think", "Bianca"),
        ("What does Don's comment say?", "Don"),
        ("What is Dons' view?", "Don"),
        ("Who is Dons friend?", "Don"),
        ("What did Maximus say?", "Valerianus Maximus"),
        ("valerian maximus on Nusra", "Valerianus Maximus"),
        ("What does Binaca say about Turkey?", "Bianca"),
        ("What does Bianka say?", "Bianca"),
        ("Did @bill_duckduckgo reply?", "bill_duckduckgo"),
        ("Did duckduckgo reply?", "bill_duckduckgo"),
        ("What does Will say?", "Will"),
        ("张伟说了什么?", "张伟"),
        ("what does economy say", "economy"),
        ("Is that nhmakingwave's opinion?", "nhmakingwaves"),
        ("Who agrees with ann lee?", "Ann Lee"),
        ("What does Zoe Muller want?", "Zoë Müller"),
        ("What about Lauren?", "LaurenDuolingo"),
        ("What does 42cent mean?", "42cent"),
    ],
)
def test_a_person_is_found_however_the_name_is_written(question: str, names: str) -> None:
    assert found(question) == [(names,)]


@pytest.mark.parametrize(
    "question",
    [
        "Who will reply?",
        "What does the economy need?",
        "I don't know who says that.",
        "What does Turkey want?",
        "What does Ben Carson think?",
        "Which bill passed?",
        "How many people came?",
    ],
)
def test_a_word_that_is_no_name_here_is_not_taken_for_one(question: str) -> None:
    assert found(question) == []


def test_a_lower_case_name_that_the_thread_uses_as_a_word_needs_the_place_of_a_name() -> None:
    found = thread(comment(1, "harbourside", "The view is fine."), comment(2, "Ada", "Close the harbourside to cars."))
    people = roster(found)
    assert find_people("Who wants cars on the harbourside?", people, [found]) == []
    assert [one.names for one in find_people("what does harbourside say", people, [found])] == [("harbourside",)]


def test_a_name_that_fits_two_people_keeps_both() -> None:
    assert found("What does Ann think?") == [("Ann Lee", "Ann Poe")]


def test_exact_case_chooses_between_names_that_differ_only_in_case() -> None:
    both = thread(comment(1, "don", "a"), comment(2, "Don", "b"))
    assert [one.names for one in find_people("What does Don say?", roster(both))] == [("Don",)]
    assert [one.names for one in find_people("What does DON say?", roster(both))] == [("don", "Don")]


def test_a_whole_name_wins_over_a_part_of_a_longer_one() -> None:
    both = thread(comment(1, "Don", "a"), comment(2, "Don Juan", "b"))
    assert [one.names for one in find_people("What do Don and Don Juan say?", roster(both))] == [
        ("Don",),
        ("Don Juan",),
    ]


def test_people_are_merged_over_threads() -> None:
    one, two = thread(comment(1, "Ada", "a")), thread(comment(1, "Ada", "b"), comment(2, "Ben", "c"), thread_id="u")
    assert merged([one, two]).comments == {"Ada": 2, "Ben": 1}


def test_a_roster_follows_the_thread_when_its_people_change() -> None:
    assert set(roster(thread(comment(1, "Ada", "a"))).comments) == {"Ada"}
    assert set(roster(thread(comment(1, "Ben", "a"))).comments) == {"Ben"}


def test_folding_drops_case_accents_and_width() -> None:
    assert fold("Zoë ＭÜLLER’s") == "zoe muller's"


def test_possessives_are_set_apart_and_contractions_kept_whole() -> None:
    assert [(word.text, word.possessive) for word in words("Don's isn't Jess' own")] == [
        ("Don", True),
        ("isn't", False),
        ("Jess", True),
        ("own", False),
    ]


def test_the_nearest_names_come_first() -> None:
    assert nearest("Anne Leigh", roster(crowd()))[0] == "Ann Lee"
    assert nearest("Xqzvwk", roster(crowd())) == ()


@pytest.mark.parametrize(
    ("question", "absent"),
    [
        ("What does Karen think about Turkey?", ("Karen",)),
        ("According to Susan, what should be done?", ("Susan",)),
        ("What is Peter Schmidt's opinion of it?", ("Peter Schmidt",)),
        ("What does karen say?", ("karen",)),
        ("Does @ghost_99 agree?", ("ghost_99",)),
        ("What does Carson think?", ()),
        ("What does Turkey want?", ()),
        ("What does Russia say?", ()),
        ("What happened in Berlin?", ()),
        ("Is Paris mentioned?", ()),
        ("Why is Rome important?", ()),
        ("What does Germany's government do?", ()),
    ],
)
def test_only_a_name_whose_words_are_asked_for_can_be_absent(question: str, absent: tuple[str, ...]) -> None:
    assert understand(question, (), [crowd()]).absent == absent


@pytest.mark.parametrize("question", ["What did the professor think about it?", "When was the team #2 last?"])
def test_a_role_or_a_rank_is_no_absent_person(question: str) -> None:
    assert understand(question, (), [crowd()]).absent == ()
