from pathlib import Path

import pytest

import ingest.samples
from ingest.registry import load
from ingest.source import Source
from ingest.thread import Article, Comment, Thread
from rag.evidence import Citation, Turn
from rag.question import understand
from tests.builders import comment, debate, thread
from tests.rag.market import market


@pytest.fixture(scope="module")
def sample() -> Thread:
    (found,) = load(Source.from_path(Path(ingest.samples.__file__).with_name("idlib_thread.txt")))
    return found


TURKEY = ("What does Bianca say about Turkey?", "Bianca says Turkey is committed to ending the war [c7].")
OBJECTION = ("What does Don object to?", "Don objects to the butchery talk [c9].")
LONGEST = ("Who wrote the longest comment?", "The longest of the 14 comments is c10 by Bianca, with 449 words.")
REPLIERS = ("Who replied to c10?", "Dracaveli (c11) and Valerianus Maximus (c13).")
COUNT = ("How many comments did Bianca write?", "8 of the 14 comments in this file are by Bianca.")


@pytest.mark.parametrize(
    ("turns", "question", "resolved"),
    [
        ([TURKEY], "Why does she think that?", "Why does Bianca think that?"),
        ([TURKEY], "And what about Russia?", "What does Bianca say about Russia?"),
        ([TURKEY], "and Iran?", "What does Bianca say about Iran?"),
        ([TURKEY], "And Don?", "What does Don say about Turkey?"),
        ([TURKEY], "What else does she claim?", "What else does Bianca claim?"),
        ([TURKEY], "Does anyone disagree with her?", "Does anyone disagree with Bianca?"),
        ([TURKEY], "Is her view shared by Don?", "Is Bianca's view shared by Don?"),
        ([OBJECTION], "Why?", "What does Don object to? Why?"),
        ([OBJECTION], "Who replied to that?", "Who replied to c9?"),
        ([OBJECTION], "What did Bianca reply to him?", "What did Bianca reply to Don?"),
        ([OBJECTION], "Summarise his view.", "Summarise Don's view."),
        ([OBJECTION], "Wer hat ihm geantwortet?", "Wer hat Don geantwortet?"),
        ([TURKEY], "Was sagt sie zu Russland?", "Was sagt Bianca zu Russland?"),
        ([TURKEY], "Qui lui a répondu ?", "Qui Bianca a répondu ?"),
        ([OBJECTION, TURKEY], "What does the first of these two say?", "What does Don say?"),
        ([REPLIERS], "What does the latter say?", "What does Valerianus Maximus say?"),
        ([OBJECTION], "Does nhmakingwaves agree?", "What does nhmakingwaves object to?"),
        ([COUNT], "How many of them are replies?", "How many comments are replies?"),
        ([COUNT], "When were they written?", "When were those comments written?"),
        ([("Who mentions Turkey?", "Bianca [c4].")], "What about Iran's army?", "Who mentions Iran's army?"),
        ([("Who replied to Bianca's last top-level comment?", "Don, in c9.")], "What did he say?", "What did Don say?"),
        ([("Did Don reply to Bianca?", "Yes, in c9.")], "How many times?", "How many times did Don reply to Bianca?"),
        ([LONGEST], "How many comments did she write?", "How many comments did Bianca write?"),
        ([LONGEST], "Who replied to it?", "Who replied to c10?"),
        ([LONGEST], "When was it written?", "When was c10 written?"),
        ([LONGEST], "When?", "When was c10 written?"),
        ([REPLIERS], "What did they say?", "What did Dracaveli and Valerianus Maximus say?"),
        ([COUNT], "And Don?", "How many comments did Don write?"),
        ([COUNT], "what about nhmakingwaves?", "How many comments did nhmakingwaves write?"),
        ([("Who wrote c4?", "c4 is by Bianca.")], "And c5?", "Who wrote c5?"),
        ([("Who mentions Turkey?", "Bianca [c4].")], "And Iran?", "Who mentions Iran?"),
        ([("Who mentions Turkey?", "Bianca [c4].")], "How many?", "How many people mention Turkey?"),
        (
            [("What does Dracaveli think?", "The time was 2003 [c11]."), ("Did Bianca reply?", "Yes, in c12.")],
            "What did she say to him?",
            "What did Bianca say to Dracaveli?",
        ),
    ],
)
def test_a_question_that_leans_on_earlier_turns_reads_on_its_own(
    turns: list[tuple[str, str]], question: str, resolved: str, sample: Thread
) -> None:
    query = understand(question, [Turn(asked, told) for asked, told in turns], [sample])
    assert query.resolved == resolved
    assert query.searches[0] == question
    assert query.searches[1] == resolved
    whole = " ".join([*(asked for asked, _ in turns[-2:]), question])
    assert query.searches[2:] in ((), (whole,))


@pytest.mark.parametrize(
    "question",
    [
        "What does the article say about Astana?",
        "How many comments are there?",
        "What does Dracaveli say about his countrymen?",
        "What is Bianca's reply?",
        "What do commenters want for their country?",
        "Who said that Americans were convinced?",
        "Is it true that Nusra was excluded?",
        "Who wrote the article?",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str, sample: Thread) -> None:
    query = understand(question, [Turn(*OBJECTION)], [sample])
    assert query.resolved == question
    assert query.searches == (question,)


def test_only_users_turns_join_the_search_and_no_answers(sample: Thread) -> None:
    query = understand("Why does she think that?", [Turn(*TURKEY)], [sample])
    assert not any("committed" in search for search in query.searches)


def test_that_claim_points_at_what_the_last_answer_cited(sample: Thread) -> None:
    cited = sample.visible[9]
    citation = Citation(sample.id, cited.id, cited.tag, cited.author, 0, 10, cited.body[:10])
    turn = Turn("What is said about Libya?", "The CIA bought arms back.", (citation,))
    assert understand("Does anyone dispute that claim?", [turn], [sample]).focus == (cited.id,)


def test_people_are_recovered_from_citations_when_the_text_names_nobody(sample: Thread) -> None:
    cited = sample.visible[10]
    citation = Citation(sample.id, cited.id, cited.tag, cited.author, 0, 10, cited.body[:10])
    turn = Turn("What is said about 2003?", "It was the time for awareness.", (citation,))
    assert understand("What else does he say?", [turn], [sample]).speakers == ("Dracaveli",)


def test_a_pronoun_skips_somebody_whom_the_thread_calls_otherwise() -> None:
    found = thread(
        comment(1, "Robin", "The quay is fine."),
        comment(2, "Alex", "Robin is wrong and she knows it.", 1),
        comment(3, "Kim", "Alex said so because he lives there.", 2),
    )
    history = [Turn("What does Robin say to Alex?", "Robin tells Alex that the quay is fine [c1].")]
    assert understand("What does he think?", history, [found]).speakers == ("Alex",)
    assert understand("What does she think?", history, [found]).speakers == ("Robin",)


def test_a_follow_up_may_be_a_question_of_structure() -> None:
    history = [Turn("Which comment is the longest?", "The longest of the 9 comments is c7 by Ann Poe.")]
    query = understand("Did anyone reply to it?", history, [market()])
    assert query.kind == "structure"
    assert query.structure is not None
    assert query.structure.to_comments == ("t:7",)


def test_they_after_a_list_of_comments_are_the_comments() -> None:
    history = [Turn("How many comments did Otto write?", "2 of the 9 comments are by Otto Falk.")]
    assert understand("What are they about?", history, [market()]).speakers == ()


def test_the_numbers_of_a_follow_up_mean_the_thread_that_was_cited() -> None:
    other = Thread(
        id="quay",
        source="test",
        article=Article(title="The quay"),
        comments=(
            Comment("q:1", 1, None, None, "Kim", "The quay is fine."),
            Comment("q:2", 2, "q:1", "q:1", "Lou", "It is not."),
        ),
    )
    citation = Citation("quay", "q:1", "c1", "Kim", 0, 17, "The quay is fine.")
    history = [Turn("What does Kim say?", "The quay is fine.", (citation,))]
    assert understand("Who replied to that?", history, (debate(), other)).focus == ("q:1",)


def test_a_reaction_is_asked_of_the_one_who_was_spoken_to(sample: Thread) -> None:
    history = [Turn("What does Valerianus Maximus say to Bianca?", "He thinks she offended him [c13].")]
    assert understand("How does she react?", history, [sample]).speakers == ("Bianca",)


def test_that_without_citations_is_recalled_by_its_words(sample: Thread) -> None:
    history = [Turn("What does Dracaveli say about 2003?", "The time for awareness was 2003.")]
    query = understand("Did anyone respond to that?", history, [sample])
    assert [sample.get(one).number for one in query.focus] == [11]  # type: ignore[union-attr]


def test_what_cannot_be_recalled_is_no_count_of_everything() -> None:
    history = [Turn("Is it cold?", "No.")]
    assert understand("Did anyone respond to that?", history, [thread(comment(1, "Ada", "Yes."))]).structure is None


def test_history_of_an_older_subject_does_not_leak_into_a_new_one(sample: Thread) -> None:
    history = [Turn(*TURKEY), Turn("How many comments are there?", "There are 14 comments in this file.")]
    query = understand("What does Don object to?", history, [sample])
    assert query.speakers == ("Don",)
    assert query.focus == ()
