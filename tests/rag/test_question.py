from pathlib import Path

import pytest

import ingest.samples
from ingest.registry import load
from ingest.source import Source
from ingest.thread import Article, Thread
from rag.evidence import Scope
from rag.query import UNNAMED, StructureAsk
from rag.question import understand
from tests.builders import comment, debate, thread
from tests.rag.market import market


@pytest.fixture(scope="module")
def sample() -> Thread:
    (found,) = load(Source.from_path(Path(ingest.samples.__file__).with_name("idlib_thread.txt")))
    return found


KINDS = {
    "fact": (
        "What does Bianca think about Turkey?",
        "What is Don's objection?",
        "According to Bianca, how many militants laid down their weapons?",
        "Why does Dracaveli mention 2003?",
        "What did Don say to Bianca about bombs?",
        "How does Bianca respond to Don?",
        "Does Don agree with Bianca?",
        "What happened in Wadi Barada?",
        "Which group controls Idlib?",
        "How many families wanted to go to Idlib?",
        "What is Bianca's opinion of Turkey?",
        "According to the article, who attacked whom?",
        "Who does the article say was excluded from the talks?",
        "What did the Observatory report?",
    ),
    "stance": (
        "Who agrees with Bianca?",
        "Who disagrees with Bianca and why?",
        "Does anyone disagree with Bianca?",
        "Did anybody push back against Bianca?",
        "What do the commenters think of the rebels?",
        "Do most commenters support Nusra?",
        "Is there a consensus about Assad?",
        "How do people feel about the US role?",
        "What is the general opinion on Turkey?",
        "Are commenters for or against Russia's involvement?",
        "What arguments are made against the rebels?",
        "What is the case against the rebels?",
        "Which objections are raised to the talks?",
        "Who supports Bianca's view?",
        "How many commenters agree that Russia was right?",
        "Who sides with Don?",
        "Was denken die Kommentatoren über Russland?",
    ),
    "overview": (
        "Summarise the discussion",
        "Give me an overview of the comments.",
        "tl;dr",
        "What are the main points?",
        "What are people arguing about?",
        "What is this thread about?",
        "What is the article about?",
        "What topics come up in the comments?",
        "Can you sum up what people said?",
        "What's the gist of the debate?",
        "Worum geht es in dem Artikel?",
        "Résume la discussion",
    ),
    "who_said": (
        "Who mentioned Operation Zero Footprint?",
        "Who said that Americans were convinced of war?",
        "Which commenter brought up St. Petersburg?",
        "Who claims that Turkey is committed?",
        "Did anyone mention the CIA?",
        "Has anybody talked about Benghazi?",
        "Who thinks normal life can return?",
        "By whom was the Pentagon mentioned?",
        "Whose comment mentions green buses?",
        "Wer hat das Pentagon erwähnt?",
    ),
    "structure": (
        "Who replied to Bianca?",
        "How many comments are there?",
        "Did Don reply to Bianca?",
        "Who wrote the article?",
    ),
}
CASES = [(question, kind) for kind, questions in KINDS.items() for question in questions]


@pytest.mark.parametrize(("question", "kind"), CASES, ids=[case[0] for case in CASES])
def test_the_kind_is_read_off_many_wordings(question: str, kind: str, sample: Thread) -> None:
    assert understand(question, (), [sample]).kind == kind


@pytest.mark.parametrize(
    ("question", "speakers", "addressees"),
    [
        ("What does Bianca think about Turkey?", ("Bianca",), ()),
        ("What is Don's objection?", ("Don",), ()),
        ("What did Valerianus Maximus tell Bianca?", ("Valerianus Maximus",), ("Bianca",)),
        ("What did Don say to Bianca about bombs?", ("Don",), ("Bianca",)),
        ("What was Bianca's response to Don?", ("Bianca",), ("Don",)),
        ("Does Don agree with Bianca?", ("Don",), ("Bianca",)),
        ("Who agrees with Bianca?", (), ("Bianca",)),
        ("What did Don and Dracaveli say?", ("Don", "Dracaveli"), ()),
        ("What does the unnamed commenter say about the Pentagon?", (UNNAMED,), ()),
        ("What does the first commenter say?", ("nhmakingwaves",), ()),
        ("What does the top commenter think about the US?", ("Bianca",), ()),
        ("Summarise Bianca's position.", ("Bianca",), ()),
        ("What does Dracaveli say about Don?", ("Dracaveli",), ()),
        ("What happened in Aleppo?", (), ()),
    ],
)
def test_speakers_and_addressees_are_told_apart(
    question: str, speakers: tuple[str, ...], addressees: tuple[str, ...], sample: Thread
) -> None:
    query = understand(question, (), [sample])
    assert query.speakers == speakers
    assert query.addressees == addressees


def test_words_of_one_person_narrow_the_scope_to_that_author(sample: Thread) -> None:
    assert understand("What does Don object to?", (), [sample]).scope.authors == ("Don",)
    assert understand("Who disagrees with Don?", (), [sample]).scope.authors == ()


def test_what_somebody_replied_points_at_the_replies(sample: Thread) -> None:
    query = understand("What did Bianca reply to Don about bombs?", (), [sample])
    assert [sample.get(one).number for one in query.focus] == [10]  # type: ignore[union-attr]


def test_no_reply_leaves_the_focus_empty_with_both_sides_named(sample: Thread) -> None:
    query = understand("What did Don reply to nhmakingwaves?", (), [sample])
    assert (query.speakers, query.addressees, query.focus) == (("Don",), ("nhmakingwaves",), ())


def test_somebody_merely_spoken_of_is_no_addressee(sample: Thread) -> None:
    query = understand("Does Dracaveli agree with Don?", (), [sample])
    assert (query.speakers, query.addressees) == (("Dracaveli",), ())


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("What does the article say about Astana?", "article"),
        ("In the article, which faction is the largest?", "article"),
        ("What does the author report about civilians?", "article"),
        ("What does Jason Ditz write about tanks?", "article"),
        ("Summarize the article", "article"),
        ("What do the comments say about Wadi Barada?", "comments"),
        ("What do commenters think of Nusra?", "comments"),
        ("Does the article support what the commenters say?", "all"),
        ("What happened in Wadi Barada?", "all"),
    ],
)
def test_the_part_asked_about_is_kept_apart(question: str, part: str, sample: Thread) -> None:
    assert understand(question, (), [sample]).scope.part == part


def test_a_branch_is_taken_from_below_a_comment(sample: Thread) -> None:
    query = understand("What is argued under c10 about Russia?", (), [sample])
    assert query.scope.branch == sample.visible[9].id


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("What does comment 10 say about Libya?", 10),
        ("What is said in c4 about clerics?", 4),
        ("What does comment #9 object to?", 9),
        ("What does the third comment claim?", 3),
        ("Why does Bianca's second comment mention Astana?", 4),
        ("What does the last comment say about St. Petersburg?", 14),
        ("What does the longest comment argue?", 10),
        ("What does bianca's comment about St. Petersburg say?", 14),
        ("What does comment 1.1.1 claim?", 3),
    ],
)
def test_a_comment_is_found_by_number_place_size_or_topic(question: str, number: int, sample: Thread) -> None:
    query = understand(question, (), [sample])
    assert [sample.get(one).number for one in query.focus] == [number]  # type: ignore[union-attr]


def test_the_poster_of_a_forum_thread_is_its_first_post() -> None:
    query = understand("What does OP say about parking?", (), [market()])
    assert query.speakers == ("Rhea Lindqvist",)


def test_an_ambiguous_name_is_left_to_the_reader() -> None:
    query = understand("What does Ann think about parking?", (), [market()])
    assert query.ambiguous == ("Ann Lee", "Ann Poe")


def test_a_question_without_history_is_searched_as_it_is(sample: Thread) -> None:
    query = understand("What does Don object to?", (), [sample])
    assert query.resolved == query.question
    assert query.searches == ("What does Don object to?",)


def test_only_the_threads_in_scope_are_understood() -> None:
    both = (debate(), market())
    assert understand("What does Mika ask?", (), both, Scope(thread_ids=("bridge",))).speakers == ()
    assert understand("What does Mika ask?", (), both).speakers == ("Mika",)


@pytest.mark.parametrize("question", ["What did Bianca answer about fighters?", "What has Bianca replied on this?"])
def test_what_somebody_answered_is_looked_for_among_the_comments(sample: Thread, question: str) -> None:
    assert understand(question, (), [sample]).scope.part == "comments"
    assert understand("What does Bianca say about fighters?", (), [sample]).scope.part == "all"


def test_a_scope_chosen_by_the_reader_is_kept() -> None:
    query = understand("What is said about parking?", (), [market()], Scope(thread_ids=("market",), branch="t:2"))
    assert query.scope.branch == "t:2"
    assert query.scope.thread_ids == ("market",)


@pytest.mark.parametrize("question", ["?", "…", "'s", "c0", "((((", "a" * 4000, "@", "“”", "\u200b", "who " * 500])
def test_odd_questions_are_understood_without_an_error(question: str) -> None:
    assert understand(question, (), [market()]).question == question


def test_a_thread_without_comments_or_names_is_understood() -> None:
    for found in (thread(), thread(comment(1, None, "Nobody signed this."))):
        assert understand("Who replied to Ada?", (), [found]).absent == ("Ada",)
        assert understand("What is the discussion about?", (), [found]).kind == "overview"


@pytest.mark.parametrize(
    "question", ["How many comments does the bridge thread have?", "Who commented on the article about the bridge?"]
)
def test_a_thread_named_by_its_title_narrows_the_scope(question: str) -> None:
    query = understand(question, (), (debate(), market()))
    assert query.scope.thread_ids == ("bridge",)
    assert query.kind == "structure"


def test_an_author_who_also_comments_is_asked_about_in_both_places() -> None:
    found = Thread(
        id="forum",
        source="test",
        article=Article(title="Ferries", author="Ada", text="I built a ferry."),
        comments=debate().comments,
    )
    query = understand("What does the author say about the bridge?", (), [found])
    assert query.speakers == ("Ada",)
    assert query.scope.part == "all"
    assert understand("How many comments did the author write?", (), [found]).speakers == ("Ada",)
    assert understand("Who is the author?", (), [found]).structure == StructureAsk("field", article="author")


def test_in_german_who_speaks_stands_behind_the_verb() -> None:
    assert understand("Was meint Ada zur Brücke?", (), [debate()]).speakers == ("Ada",)
    assert understand("Was sagt die Ada über Ben?", (), [debate()]).speakers == ("Ada",)
    assert understand("Was wurde über Ada gesagt?", (), [debate()]).speakers == ()


@pytest.mark.parametrize(
    ("question", "speakers", "preferred"),
    [
        ("What does Ada fear about the bridge?", ("Ada",), ()),
        ("What was Ada complaining about?", ("Ada",), ()),
        ("Which ferry has Ada taken?", ("Ada",), ()),
        ("What is the queue like, jokes Ada?", ("Ada",), ()),
        ("What is the queue like per Ada?", ("Ada",), ()),
        ("Wie lang ist die Schlange laut Ada?", ("Ada",), ()),
        ("Why did Ada miss the ferry?", ("Ada",), ()),
        ("Why did Ada lose two hours?", (), ("Ada",)),
        ("What went wrong for Ada?", (), ("Ada",)),
        ("What bothers Ada about the queue?", (), ("Ada",)),
        ("What finally made Ada change the ferry?", (), ("Ada",)),
        ("How could Ada cross sooner, according to Ben?", ("Ben",), ()),
        ("What do people say about Ada?", (), ()),
        ("Who answered Ada?", (), ()),
    ],
)
def test_speech_narrows_to_a_person_and_what_befalls_them_only_prefers_them(
    question: str, speakers: tuple[str, ...], preferred: tuple[str, ...]
) -> None:
    query = understand(question, (), [debate()])
    assert (query.speakers, query.preferred) == (speakers, preferred)
    assert query.scope.authors == speakers
