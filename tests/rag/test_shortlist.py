"""A question over a library of hundreds of threads: the right ones are found, few are read, counts are exact."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.corpus import Corpus
from ingest.thread import Thread
from rag.chat import Engine
from rag.evidence import Answer, Citation, Done, Evidence, Scope, Turn
from rag.library import Library
from rag.models import ModelSlot
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.shortlist import Shortlist
from rag.support import Supporter
from rag.wide import Wide
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder

COMMENTS = 6_500


def lighthouse() -> Thread:
    return thread(
        comment(1, "Zoë Quist", "The lighthouse keeper repaired the foghorn with a bicycle pump."),
        comment(2, "Ada", "A bicycle pump? The foghorn needs compressed air at six bar.", 1),
        comment(3, "Zoë Quist", "Six bar is what the pump gives, if you are patient.", 2),
        comment(4, "zoë quist", "Somebody else writes under my name.", 3),
        title="The foghorn of Skerry Point",
        thread_id="lighthouse",
    )


class Counting(Library):
    """A library that notes which threads are read."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, FakeEncoder())
        self.read: list[str] = []
        real = self.catalogue.thread

        def thread_read(thread_id: str) -> Thread | None:
            self.read.append(thread_id)
            return real(thread_id)

        self.catalogue.thread = thread_read  # type: ignore[method-assign]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counting]:
    library = Counting(tmp_path_factory.mktemp("large"))
    for made in Corpus(COMMENTS, seed=5).threads():
        library.add(made)
    library.add(debate())
    library.add(lighthouse())
    yield library
    library.close()


def engine(library: Library, counted: int = 1) -> Engine:
    settings = Settings(home=library.home, answerer="quotes", max_counted_comments=counted)
    retriever = Retriever(library.catalogue, library.index, library.sentence_index, library.encoder)
    supporter = Supporter(library.encoder)
    return Engine(
        library=library, retriever=retriever, supporter=supporter, model=ModelSlot(settings), settings=settings
    )


def ask(library: Library, question: str, history: tuple[Turn, ...] = (), *, counted: int = 1) -> Answer:
    (done,) = [event for event in engine(library, counted).ask(question, history) if isinstance(event, Done)]
    return done.answer


def shortlist(library: Library) -> Shortlist:
    return Shortlist(library.catalogue, Wide(library.catalogue, library.index, library.encoder))


def test_the_thread_that_speaks_to_a_question_is_found_and_few_others_are_read(large: Counting) -> None:
    large.read.clear()
    found = ask(large, "How was the foghorn repaired?")
    assert found.evidence[0].passage.thread_id == "lighthouse"
    assert "bicycle pump" in found.text
    assert 0 < len(set(large.read)) <= 8
    assert len(large.threads()) > 100


def test_evidence_comes_from_the_shortlist_alone(large: Counting) -> None:
    scope = shortlist(large).narrowed("How was the foghorn repaired?", (), Scope())
    assert scope.chosen_from == len(large.threads())
    hits = [event.hits for event in engine(large).ask("How was the foghorn repaired?") if isinstance(event, Evidence)]
    assert {hit.passage.thread_id for hit in hits[0]} <= set(scope.thread_ids)


@pytest.mark.parametrize("name", ["Zoë Quist", "zoe quist", "Quist", "Zoe Qiust"])
def test_somebody_named_is_found_however_the_name_is_written(large: Counting, name: str) -> None:
    scope = shortlist(large).narrowed(f"What does {name} say about air?", (), Scope())
    assert scope.thread_ids[0] == "lighthouse"


def test_a_thread_is_found_by_its_title(large: Counting) -> None:
    scope = shortlist(large).narrowed("What is the Skerry Point thread about?", (), Scope())
    assert "lighthouse" in scope.thread_ids


def test_a_follow_up_stays_with_the_thread_of_the_last_answer(large: Counting) -> None:
    cited = Citation("lighthouse", "t:1", "c1", "Zoë Quist", 0, 14, "The lighthouse")
    turn = Turn("Who repaired it?", "Zoë Quist tells of the keeper.", (cited,))
    assert "lighthouse" in shortlist(large).narrowed("And what did she say then?", (turn,), Scope()).thread_ids


def test_a_scope_that_the_reader_chose_is_left_alone(large: Counting) -> None:
    chosen = Scope(thread_ids=("bridge",))
    assert shortlist(large).narrowed("How was the foghorn repaired?", (), chosen) == chosen


def test_a_small_library_is_read_whole(tmp_path: Path) -> None:
    library = Library(tmp_path, FakeEncoder())
    library.add(debate())
    library.add(lighthouse())
    assert shortlist(library).narrowed("How was the foghorn repaired?", (), Scope()) == Scope()
    library.close()


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("How many comments are there?", f"There are {COMMENTS + 10:,} comments"),
        ("How many comments did Zoë Quist write?", "Zoë Quist wrote 2 comments in 1 thread"),
        ("Did Zoë Quist comment?", "Yes: Zoë Quist wrote 2 comments"),
        ("How many comments did Xorbanid write?", "Nobody called Xorbanid wrote any of the"),
    ],
)
def test_counts_over_a_library_too_large_to_read_are_exact(large: Counting, question: str, told: str) -> None:
    large.read.clear()
    found = ask(large, question)
    assert found.text.startswith(told)
    assert f"{COMMENTS + 10:,} comments in the {len(large.threads())} threads of this library" in found.text
    assert len(set(large.read)) <= 8


def test_who_wrote_most_is_told_of_everybody(large: Counting) -> None:
    counts: dict[str, int] = {}
    for row in large.threads():
        for one in large.thread(row.id).visible:
            if one.author:
                counts[one.author] = counts.get(one.author, 0) + 1
    best = max(counts, key=lambda name: counts[name])
    assert ask(large, "Who commented most?").text.startswith(f"{best} ({counts[best]} comments in ")
    assert ask(large, "How many people commented?").text.startswith(f"{len(counts):,} named people wrote")


def test_the_largest_thread_is_named_from_the_list(large: Counting) -> None:
    largest = max(large.threads(), key=lambda row: row.comments)
    assert (
        f"“{largest.title}” has the most comments: {largest.comments:,}"
        in ask(large, "Which thread has the most comments?").text
    )
    assert ask(large, "How many threads are there?").text.startswith(f"There are {len(large.threads())} threads")


def test_a_count_of_a_shortlist_says_that_it_is_one(large: Counting) -> None:
    found = ask(large, "How many comments have no reply?")
    assert "too many to look through" in found.claims[0].text
    assert "it is counted in the 8 that fit the question best" in found.claims[0].text


def test_a_library_that_can_be_counted_by_reading_is_counted_whole(large: Counting) -> None:
    threads = [large.thread(row.id) for row in large.threads()]
    alone = sum(
        not any(reply.visible for reply in one.children(comment.id)) for one in threads for comment in one.visible
    )
    found = ask(large, "How many comments have no reply?", counted=50_000)
    assert found.text.startswith(f"{alone:,} of the {COMMENTS + 10:,} comments in these {len(threads)} threads")


def test_a_refusal_over_a_large_library_says_what_was_read(large: Counting) -> None:
    found = ask(large, "What does Xorbanid think about ferries?")
    assert found.reason == "person_absent"
    assert f"that fit the question best, of the library's {len(large.threads())}" in found.text
