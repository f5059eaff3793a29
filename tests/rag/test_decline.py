"""When a question is declined, and with which reason."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from eval.memory import MemoryCatalogue, MemoryIndex, fill
from ingest.registry import load
from ingest.source import Source
from ingest.thread import Thread
from rag.answerable import features
from rag.decline import DISCUSSION, LIBRARY, ONE_TEXT, decide, leans, model_for
from rag.evidence import Reason
from rag.ports import Encoder
from rag.query import Query
from rag.question import understand
from rag.rank import Ranking, Signals
from rag.retrieve import Retriever
from tests.builders import comment, debate, thread
from tests.rag.declining import FAR, ask, ranking, value


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (ask("What does Al say?", ambiguous=("Al Roe", "Al Lee")), "ambiguous"),
        (ask("What does Zoltan say?", absent=("Zoltan",)), "person_absent"),
        (ask("What did Ada reply to Cleo?", speakers=("Ada",), addressees=("Cleo Brandt",)), "no_reply"),
    ],
)
def test_people_decide_before_words_do(query: Query, reason: Reason) -> None:
    found = ranking("The ferries are slow.")
    assert decide(query, found.hits, [debate()], found) == reason


def test_nothing_found_is_not_discussed() -> None:
    assert decide(ask("Is it dear?"), (), [debate()], Ranking()) == "not_discussed"


def test_near_words_are_answered_and_far_ones_declined() -> None:
    near = ranking("Ferries are slow and the queue is two hours long.")
    assert decide(ask("How long is the queue for the ferries?"), near.hits, [debate()], near) is None
    far = ranking("They were asked in May.", signals=FAR)
    assert decide(ask("Which airline flies to Bergen?"), far.hits, [debate()], far) == "not_discussed"


def test_a_matter_discussed_without_the_detail_says_so() -> None:
    found = ranking("The new bridge is overdue.", signals=FAR)
    assert decide(ask("How many lanes will the new bridge have?"), found.hits, [debate()], found) == "detail_absent"


def test_questions_that_point_at_comments_are_not_judged_by_words() -> None:
    found = ranking("No.", signals=FAR)
    assert decide(ask("What did she answer?", focus=("t:3",)), found.hits, [debate()], found) is None
    assert leans(ask("Did it happen?"))
    assert leans(ask("What did Ada offer?", speakers=("Ada",)))
    assert not leans(ask("What does Ada say about Turkey?", speakers=("Ada",)))
    assert not leans(ask("How old is Ada?", speakers=("Ada",)))


def test_coverage_counts_distinct_words_by_weight() -> None:
    # ferri 1, queue 1, giraff 1: two of three are there
    assert value("covered_1", "ferries queue giraffe", ranking("The ferries have a queue.")) == pytest.approx(2 / 3)
    # each sentence has one of them, both together two
    apart = ranking("The ferries.", "A queue.")
    assert value("covered_p", "ferries queue giraffe", apart) == pytest.approx(1 / 3)
    assert value("covered", "ferries queue giraffe", apart) == pytest.approx(2 / 3)


def test_words_of_the_title_prove_little() -> None:
    # "bridge" is in the title; of the other words, queue and giraffe, one is there
    assert value("beyond_title", "bridge queue giraffe", ranking("A queue.")) == pytest.approx(1 / 2)


def test_a_person_asked_about_is_no_word_of_the_question_by_whatever_part_of_the_name() -> None:
    query = ask("What is Cleo's point about giraffes?", speakers=("Cleo Brandt",))
    found = ranking("The giraffes.")
    assert features(query, found.hits, found, [debate()])["covered"] == 1.0


def test_question_and_comments_are_cut_by_the_same_language() -> None:
    found = ranking("Unterschreiben darf, wer hier wohnt und mindestens sechzehn Jahre alt ist, und nicht die Kinder.")
    assert value("covered_1", "Wer darf unterschreiben?", found) == 1.0


def test_a_year_that_nobody_names_is_a_detail_left_out() -> None:
    near = ranking("The ferries are slow and the queue is two hours long.")
    asked = ask("How long was the queue for the ferries in 2013?")
    assert decide(asked, near.hits, [debate()], near) == "detail_absent"
    dated = thread(comment(1, "Ada", "In 2013 the queue was two hours long."))
    assert decide(asked, near.hits, [dated], near) is None
    nearly = thread(comment(1, "Ada", "Now it is 2014. Last year the queue was two hours long."))
    assert decide(asked, near.hits, [nearly], near) is None


def test_a_quantity_the_size_of_a_year_is_no_year() -> None:
    near = ranking("The ferries carried 2,013 people, and the queue was two hours long.")
    asked = ask("Did the ferries carry 2013 people?")
    assert decide(asked, near.hits, [debate()], near) is None


def test_somebody_asked_about_a_subject_that_their_words_never_touch_is_declined() -> None:
    about = ask("What does Ben say about delays and taxes?", speakers=("Ben",))
    found = ranking("They were asked in May.", signals=Signals(0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.1))
    assert features(about, found.hits, found, [debate()])["strange"] == 1.0
    assert decide(about, found.hits, [debate()], found) == "detail_absent"
    touched = ranking("The delays were long.", signals=Signals(0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.1))
    assert features(about, touched.hits, touched, [debate()])["strange"] == 0.0
    assert decide(about, touched.hits, [debate()], touched) is None


def test_a_year_is_not_answered_by_sentences_without_one() -> None:
    near = ranking("The harbour bridge was built by the council of the harbour.")
    asked = ask("In what year was the harbour bridge built?")
    assert decide(asked, near.hits, [debate()], near) == "detail_absent"
    dated = ranking("The harbour bridge was built by the council in 1931.")
    assert decide(asked, dated.hits, [debate()], dated) is None


def test_a_stranger_whose_words_are_asked_for_in_german_is_absent() -> None:
    near = ranking("Die Brücke kostet vierzig Millionen, sagt der Bürgermeister.")
    here = thread(comment(1, "Ada", "Die Brücke kostet vierzig Millionen, sagt der Bürgermeister."))
    stranger = ask("Was sagt der Landrat zur Brücke?")
    assert decide(stranger, near.hits, [here], near) == "person_absent"
    known = ask("Was sagt die Bürgermeisterin zur Brücke?")
    assert decide(known, near.hits, [here], near) is None


def test_somebody_named_is_declined_later_where_a_word_is_shared() -> None:
    weak = Signals(0.3, 0.3, 0.3, 1.0, 0.2, 0.2, 0.5, 0.1)
    found = ranking("They were asked in May.", "The fishermen.", signals=weak)
    question = "What did Ben hear about the fishermen and the taxes and airlines?"
    named = ask(question, speakers=("Ben",))
    assert decide(ask(question), found.hits, [debate()], found) is not None
    assert decide(named, found.hits, [debate()], found) is None
    akin = Signals(0.0, 0.0, 0.0, 0.0, 0.6, 0.6, 0.5, 0.1)  # near in meaning without a shared word: 0.33
    strange = ranking("They were asked in May.", signals=akin)
    assert decide(named, strange.hits, [debate()], strange) == "detail_absent"


def test_a_person_who_is_there_but_does_not_say_that_leaves_the_detail_out() -> None:
    found = ranking("They were asked in May.", signals=FAR)
    query = ask("What does Ben say about airlines and taxes?", speakers=("Ben",))
    assert decide(query, found.hits, [debate()], found) == "detail_absent"


def test_a_scope_is_one_text_a_discussion_or_a_library() -> None:
    bare = thread(text="One text.")
    assert model_for([bare]) is ONE_TEXT
    assert model_for([debate()]) is DISCUSSION
    assert model_for([dataclasses.replace(debate(), id=str(row)) for row in range(9)]) is LIBRARY


def orchard() -> Thread:
    return thread(
        comment(
            1, "Greta", "We planted forty apple trees in 2019, most of them Boskoop. The deer ate half of the bark."
        ),
        comment(2, "old_pruner", "You need wire cages, Greta. Plastic sleeves rot the stem within three winters.", 1),
        comment(3, "Greta", "Cages cost 12 euros apiece, the club cannot pay that for every tree.", 2),
        comment(
            4, "Samir", "The forestry office in Lindau lends fences for free. I picked up 200 metres last spring.", 3
        ),
        comment(5, None, "Why not plant pears? Deer do not like our pear trees at all."),
        comment(6, "old_pruner", "Pears get fire blight here. We lost nine of them in one summer.", 5),
        comment(7, "Wanda Krol", "The school children want to press juice in October, is the old press still working?"),
        comment(8, "Samir", "The press needs a new spindle, the blacksmith promised it for September.", 7),
        title="Orchard club: how to save the young trees",
        text="The club's orchard on the south slope has lost trees again. The committee meets on 3 March in the barn. "
        "Chairwoman Ilse Ott asks for proposals that cost less than 500 euros.",
        thread_id="orchard",
    )


ANSWERABLE = [
    (debate, "How much will the new bridge cost?"),
    (debate, "When does the council vote?"),
    (debate, "How long is the queue for the ferries?"),
    (debate, "What did Mayor Holm call the bridge?"),
    (debate, "Who was asked in May?"),
    (debate, "Where would the moorings move?"),
    (debate, "Does Ada think the harbour needs the bridge?"),
    (debate, "What would the bridge replace?"),
    (debate, "What does Ben say about the ferries?"),
    (debate, "Were the fishermen for the bridge?"),
    (debate, "Who doubts that the bridge is needed?"),
    (debate, "When is the queue two hours long, according to Ada?"),
    (debate, "Who called the ferries a disgrace?"),
    (orchard, "How many apple trees were planted?"),
    (orchard, "What ate the bark?"),
    (orchard, "Which office lends fences?"),
    (orchard, "How much do cages cost?"),
    (orchard, "Why should one not use plastic sleeves?"),
    (orchard, "What disease do pears get?"),
    (orchard, "How many pears were lost?"),
    (orchard, "When does the committee meet?"),
    (orchard, "Where does the committee meet?"),
    (orchard, "What does the press need?"),
    (orchard, "Who promised the spindle?"),
    (orchard, "What do the school children want to do?"),
    (orchard, "Who is the chairwoman?"),
    (orchard, "How many metres of fence did Samir pick up?"),
    (orchard, "In what year were the trees planted?"),
    (orchard, "What does old_pruner recommend against deer?"),
    (orchard, "How expensive may a proposal be?"),
]


UNANSWERABLE = [
    (debate, "Which airline flies to the island?"),
    (debate, "What is the recipe for fish soup?"),
    (debate, "Who won the football championship?"),
    (debate, "What does Cleo Brandt say about taxes?"),
    (debate, "How many tourists visited the castle?"),
    (orchard, "Which vaccine do the deer get?"),
    (orchard, "What does Wanda Krol think about the election?"),
    (orchard, "How fast is the new train to Munich?"),
    (orchard, "Which bank gave the mortgage?"),
    (orchard, "Why was the hospital closed?"),
]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    from rag.adapters.encoders import open_encoder

    return open_encoder("all-MiniLM-L6-v2", cache=tmp_path_factory.mktemp("weights"), threads=1)


def declined(threads: Sequence[Thread], questions: Sequence[str], encoder: Encoder) -> list[str]:
    catalogue, index, sentence_index = MemoryCatalogue(threads), MemoryIndex(), MemoryIndex()
    fill(catalogue, index, sentence_index, encoder)
    retriever = Retriever(catalogue, index, sentence_index, encoder)
    found = []
    for question in questions:
        query = understand(question, (), threads)
        scored = retriever.retrieve_scored(query)
        if decide(query, scored.hits, threads, scored) is not None:
            found.append(question)
    return found


@pytest.mark.real
def test_small_threads_answer_ordinary_questions_and_decline_strange_ones(encoder: Encoder) -> None:
    wrong, right = [], []
    for build in (debate, orchard):
        wrong += declined([build()], [text for source, text in ANSWERABLE if source is build], encoder)
        right += declined([build()], [text for source, text in UNANSWERABLE if source is build], encoder)
    assert len(wrong) <= 3, wrong
    assert len(right) >= 8, sorted({text for _, text in UNANSWERABLE} - set(right))


@pytest.mark.real
def test_an_airline_is_not_discussed_in_the_sample(shared: Path, encoder: Encoder) -> None:
    threads = load(Source.from_path(shared / "samples" / "idlib_thread.txt"))
    strange = ["Which airline flies to Idlib?", "What is the recipe for kibbeh?"]
    assert declined(threads, strange, encoder) == strange


def test_somebody_called_by_a_title_is_whoever_bears_its_abbreviation() -> None:
    found = ranking("Die Brücke ist zu schmal.")
    asked = ask("Was meint der Doktor zur Brücke?")
    there = thread(comment(1, "Dr. Weber", "Die Brücke ist zu schmal."))
    assert decide(asked, found.hits, [there], found) != "person_absent"
    nobody = thread(comment(1, "Ute Weber", "Die Brücke ist zu schmal."))
    assert decide(asked, found.hits, [nobody], found) == "person_absent"


def test_words_that_occur_nowhere_point_at_nothing() -> None:
    bare = ask("What did Ada study?", speakers=("Ada",))
    assert leans(bare)
    assert not leans(bare, ("studi",))
    later = dataclasses.replace(bare, before="Who is Ada? What did Ada study?")
    assert leans(later, ("studi",))


@pytest.mark.parametrize(
    "question",
    [
        "What did Ada want to know?",
        "What would Ada like to know?",
        "What does Ada fear?",
        "What is Ada's proposal?",
        "What went wrong for Ada?",
        "Was schlägt Ada vor?",
    ],
)
def test_what_somebody_did_in_words_is_no_subject(question: str) -> None:
    assert leans(ask(question, speakers=("Ada",)))


@pytest.mark.parametrize(
    "question", ["Who disagrees and why?", "Is there any disagreement?", "Are there critics?", "Who is against it?"]
)
def test_opinions_on_no_subject_of_their_own_are_not_judged_by_words(question: str) -> None:
    assert leans(ask(question, kind="stance"), ("contend", "disagr", "critic"))


def test_opinions_on_what_nobody_speaks_of_are_declined() -> None:
    found = ranking("The ferries are slow.", "So what?", signals=FAR, missing=("knit", "pattern"))
    asked = ask("What do people say about knitting patterns?", kind="stance")
    assert decide(asked, found.hits, [debate()], found) == "not_discussed"
    near = ranking("The ferries are slow.", "So what?")
    ferries = ask("What do people say about slow ferries?", kind="stance")
    assert decide(ferries, near.hits, [debate()], near) is None
    elsewhere = ranking("They were asked in May.", "So what?", signals=FAR)
    assert (
        decide(ask("What do people say about knitting patterns?", kind="stance"), elsewhere.hits, [debate()], elsewhere)
        is None
    )
    named = ask("Who agrees with Ada about knitting patterns?", kind="stance", addressees=("Ada",))
    assert decide(named, found.hits, [debate()], found) is None


def test_an_age_a_sum_or_a_time_that_no_sentence_holds_is_a_detail_left_out() -> None:
    silent = ranking("Ada says the new ferry is slow and a shame for the town.")
    for question in (
        "How old is the new ferry?",
        "How much does the new ferry cost?",
        "When was the new ferry a shame?",
    ):
        assert decide(ask(question), silent.hits, [debate()], silent) == "detail_absent"
        later = ask(question, before="Is it slow? " + question)
        assert decide(later, silent.hits, [debate()], silent) is None
    told = ranking("Ada says the new ferry, at 40 euros, is slow and a shame for the town.")
    assert decide(ask("How much does the new ferry cost?"), told.hits, [debate()], told) is None


def test_a_question_after_others_is_declined_later() -> None:
    weak = Signals(0.3, 0.3, 0.3, 1.0, 0.43, 0.43, 0.5, 0.1)
    found = ranking("The queue was long in May.", signals=weak)
    first = ask("What was the reason for closing in the end?")
    assert decide(first, found.hits, [debate()], found) is not None
    later = dataclasses.replace(first, before="Is there a queue? What was the reason for closing in the end?")
    assert 0.1 < DISCUSSION.probability(features(later, found.hits, found, [debate()])) < DISCUSSION.threshold
    assert decide(later, found.hits, [debate()], found) is None


def test_a_stranger_to_the_comments_is_absent_though_the_texts_speak_of_them() -> None:
    found = ranking("The mayor is Holm.")
    here = thread(comment(1, "Ada", "Der Bürgermeister Holm ist dafür."))
    asked = ask("Was meint Jens Holm in den Kommentaren dazu?")
    assert decide(asked, found.hits, [here], found) == "person_absent"
    assert decide(ask("Que dit Jens Holm dans les commentaires ?"), found.hits, [here], found) == "person_absent"
    writes = thread(comment(1, "Jens Holm", "Ich bin dafür."))
    assert decide(asked, found.hits, [writes], found) != "person_absent"


def test_only_who_writes_here_replies_to_somebody_here() -> None:
    here = [thread(comment(1, "Ada", "Mayor Holm is for it."), comment(2, "Ben", "So what?", 1))]
    assert understand("What does Holm reply to Ben?", (), here).absent == ("Holm",)
    assert understand("What did Holm say to Ben?", (), here).absent == ("Holm",)
    assert understand("What does Holm want?", (), here).absent == ()
    assert understand("What did Holm say?", (), here).absent == ()
    assert understand("What does Ada reply to Ben?", (), here).absent == ()


@pytest.mark.parametrize(
    "question",
    [
        "What did Jan Holm write in the comments?",
        "What does Holm herself reply in the comments?",
        "In his comment, what does Holm argue?",
    ],
)
def test_only_who_writes_here_says_something_in_the_comments(question: str) -> None:
    spoken_of = [thread(comment(1, "Ada", "Mayor Jan Holm is for it."), comment(2, "Ben", "So what?", 1))]
    asked = understand(question, (), spoken_of)
    found = asked.absent or (asked.structure and asked.structure.by)
    assert found in (("Jan Holm",), ("Holm",))
    writes = [thread(comment(1, "Jan Holm", "I am for it."), comment(2, "Ben", "So what?", 1))]
    assert not understand(question, (), writes).absent


def test_a_thing_asked_for_that_nothing_names_needs_more_than_a_word_in_common() -> None:
    near = Signals(0.3, 0.3, 0.3, 1.0, 0.95, 0.95, 1.0, 0.1)
    found = ranking("The harbour is old and the pilots know it.", signals=near)
    asked = ask("Which airline flies to the harbour on Sundays?")
    likely = DISCUSSION.probability(features(asked, found.hits, found, [debate()]))
    assert DISCUSSION.threshold < likely < 0.5
    assert decide(asked, found.hits, [debate()], found) is not None
    assert decide(ask("Which pilots fly to the harbour?"), found.hits, [debate()], found) is None
