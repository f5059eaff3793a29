import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from eval.memory import MemoryCatalogue, MemoryIndex, fill
from ingest.thread import Quote, Thread
from rag import retrieve
from rag.evidence import Scope
from rag.lexical import terms
from rag.ports import Vectors
from rag.query import UNNAMED, Query
from rag.retrieve import Retriever
from tests.builders import comment, debate, thread


class WordEncoder:
    """Texts that share words are near: every stem is a fixed random direction."""

    name = "words"
    dimension = 64

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.seen.extend(texts)
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for term in terms(text, "english"):
                seed = int.from_bytes(hashlib.sha256(term.encode()).digest()[:4], "big")
                rows[row] += np.random.default_rng(seed).standard_normal(self.dimension)
            rows[row] /= np.linalg.norm(rows[row]) or 1
        return rows


class CountingCatalogue(MemoryCatalogue):
    """Remembers which threads were read."""

    def __init__(self, *threads: Thread) -> None:
        self.read: list[str] = []
        super().__init__(threads)

    def thread(self, thread_id: str) -> Thread | None:
        self.read.append(thread_id)
        return super().thread(thread_id)


def retriever(*threads: Thread) -> Retriever:
    catalogue, index, sentence_index, encoder = MemoryCatalogue(threads), MemoryIndex(), MemoryIndex(), WordEncoder()
    fill(catalogue, index, sentence_index, encoder)
    return Retriever(catalogue, index, sentence_index, encoder)


def ask(question: str, *more: str, **scope: object) -> Query:
    return Query(question=question, resolved=question, searches=(question, *more), scope=Scope(**scope))  # type: ignore[arg-type]


def park() -> Thread:
    return thread(
        comment(1, "Ada", "The park needs lamps. The swings are old."),
        comment(2, "Ben", "Lamps would keep the owls away."),
        title="Trees in the park",
        text="The park has forty trees.",
        thread_id="park",
    )


def test_the_comment_that_shares_rare_words_comes_first() -> None:
    hits = retriever(debate()).retrieve(ask("Where would the moorings of the fishermen go?"))
    assert hits[0].number == "c5"
    assert hits[0].author == "Cleo Brandt"


def test_the_best_sentence_is_a_span_of_the_body() -> None:
    source = debate()
    hit = retriever(source).retrieve(ask("moorings north quay"))[0]
    assert hit.best_sentence is not None
    start, end = hit.best_sentence
    body = source.text_of(hit.passage.comment_id) or ""
    assert body[start:end] == "Their moorings would move to the north quay."


def test_a_question_that_shares_no_word_is_ranked_by_meaning() -> None:
    class Meaning(WordEncoder):
        def encode(self, texts: Sequence[str]) -> Vectors:
            return super().encode([text.replace("seamen", "fishermen") for text in texts])

    catalogue, index, sentence_index, encoder = MemoryCatalogue([debate()]), MemoryIndex(), MemoryIndex(), Meaning()
    fill(catalogue, index, sentence_index, encoder)
    hits = Retriever(catalogue, index, sentence_index, encoder).retrieve(ask("seamen"))
    assert hits[0].number == "c5"


def test_hits_are_ordered_and_no_more_than_asked_for() -> None:
    hits = retriever(debate()).retrieve(ask("bridge ferries queue"), k=3)
    assert len(hits) == 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_the_article_is_found_under_its_own_number() -> None:
    hits = retriever(debate()).retrieve(ask("When does the council vote? 4 June"))
    assert hits[0].number == "article"


def test_a_scope_of_authors_keeps_to_their_words() -> None:
    finder = retriever(debate())
    assert {hit.author for hit in finder.retrieve(ask("ferries", authors=("Ada",)))} == {"Ada"}
    assert {hit.number for hit in finder.retrieve(ask("ferries", authors=(UNNAMED,)))} == {"c4"}
    assert finder.retrieve(ask("ferries", authors=("Nobody",))) == ()


def test_an_authors_words_score_as_they_do_among_everybodys() -> None:
    finder = retriever(debate())
    among_all = {hit.number: hit.score for hit in finder.retrieve(ask("slow ferries queue"), k=20)}
    alone = {hit.number: hit.score for hit in finder.retrieve(ask("slow ferries queue", authors=("Ben",)), k=20)}
    assert alone == pytest.approx({number: among_all[number] for number in ("c2", "c6")})


def test_a_scope_of_a_branch_keeps_to_the_comment_and_what_is_below_it() -> None:
    hits = retriever(debate()).retrieve(ask("ferries bridge asked", branch="t:2"))
    assert {hit.number for hit in hits} == {"c2", "c3", "c4"}


def test_a_scope_of_a_part_keeps_to_article_or_comments() -> None:
    finder = retriever(debate())
    assert {hit.number for hit in finder.retrieve(ask("bridge", part="article"))} == {"article"}
    assert "article" not in {hit.number for hit in finder.retrieve(ask("bridge", part="comments"))}


def test_a_scope_of_threads_keeps_to_them() -> None:
    finder = retriever(debate(), park())
    assert {hit.passage.thread_id for hit in finder.retrieve(ask("lamps ferries"))} == {"bridge", "park"}
    hits = finder.retrieve(ask("lamps ferries", thread_ids=("park",)))
    assert {hit.passage.thread_id for hit in hits} == {"park"}
    assert finder.retrieve(ask("lamps", thread_ids=("gone",))) == ()


def test_quoted_words_are_nobodys_evidence() -> None:
    body = "The moorings will sink. Nonsense, Ada."
    source = thread(
        comment(1, "Ada", "The moorings will sink."), comment(2, "Ben", body, 1, quotes=(Quote(0, 23, "t:1", "Ada"),))
    )
    hits = retriever(source).retrieve(ask("moorings sink"))
    assert hits[0].number == "c1"
    assert all("moorings" not in hit.passage.text for hit in hits if hit.author == "Ben")


def test_at_most_two_passages_of_a_comment_are_shown() -> None:
    long = " ".join(f"The ferry number {number} was late because of the tide and the wind." for number in range(60))
    hits = retriever(thread(comment(1, "Ada", long), comment(2, "Ben", "A ferry sank."))).retrieve(
        ask("ferry late tide")
    )
    assert [hit.number for hit in hits].count("c1") == 2


def test_another_form_of_the_question_helps() -> None:
    finder = retriever(debate())
    assert finder.retrieve(ask("What about her?", "moorings of the fishermen"))[0].number == "c5"


def test_the_raw_question_weighs_as_much_as_all_its_other_forms_together() -> None:
    finder = retriever(debate())
    forms = ("moorings north quay", "their moorings would move", "where are the moorings")
    shown = [hit.number for hit in finder.retrieve(ask("never in winter on Sundays", *forms), k=2)]
    assert set(shown) == {"c3", "c5"}


def test_the_questions_before_are_searched_for_as_well() -> None:
    finder = retriever(debate())
    asked = "And the costs?"
    alone = finder.retrieve(ask(asked))
    after = finder.retrieve(replace(ask(asked), before=f"Where would the moorings of the fishermen go? {asked}"))
    assert "c5" not in [hit.number for hit in alone[:2]]
    assert "c5" in [hit.number for hit in after[:2]]


def test_an_empty_question_finds_nothing() -> None:
    assert retriever(debate()).retrieve(ask("  ")) == ()


def test_a_question_of_stop_words_only_finds_something() -> None:
    assert retriever(debate()).retrieve(ask("who is it"))


def test_an_empty_library_finds_nothing() -> None:
    assert retriever().retrieve(ask("ferries")) == ()


def test_a_thread_without_comments_answers_from_its_article() -> None:
    hits = retriever(thread(title="Trees", text="The park has forty trees.")).retrieve(ask("How many trees?"))
    assert [hit.number for hit in hits] == ["article"]


def test_a_changed_thread_is_read_again_and_an_unchanged_one_is_not() -> None:
    catalogue, index, sentence_index, encoder = CountingCatalogue(debate()), MemoryIndex(), MemoryIndex(), WordEncoder()
    fill(catalogue, index, sentence_index, encoder)
    finder = Retriever(catalogue, index, sentence_index, encoder)
    catalogue.read.clear()
    finder.retrieve(ask("ferries"))
    finder.retrieve(ask("moorings"))
    assert catalogue.read == ["bridge"]
    catalogue.save_pending(thread(comment(1, "Ada", "A tunnel!"), thread_id="bridge"), [])
    fill(catalogue, index, sentence_index, encoder)
    finder.retrieve(ask("tunnel"))
    assert catalogue.read.count("bridge") >= 2


def test_a_passage_without_a_vector_is_still_found_by_its_words() -> None:
    finder = Retriever(MemoryCatalogue([debate()]), MemoryIndex(), MemoryIndex(), WordEncoder())
    assert finder.retrieve(ask("moorings"))[0].number == "c5"


def test_a_library_too_large_to_hold_is_searched_through_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieve, "EXACT_COMMENTS", 1)
    finder = retriever(debate(), park())
    assert finder.retrieve(ask("moorings of the fishermen"))[0].number == "c5"
    assert finder.retrieve(ask("owls", thread_ids=("park",)))[0].author == "Ben"
    assert finder.retrieve(ask("ferries", authors=("Ada",)))[0].author == "Ada"
    assert finder.retrieve(ask("lamps", thread_ids=("bridge",)))[0].passage.thread_id == "bridge"


def test_signals_tell_a_question_discussed_from_one_that_is_not() -> None:
    finder = retriever(debate())
    found = finder.retrieve_scored(ask("moorings of the fishermen"))
    lost = finder.retrieve_scored(ask("moorings of the astronauts on Mars"))
    assert found.signals[0].comment_coverage == pytest.approx(1.0)
    assert lost.signals[0].comment_coverage < 0.5
    assert lost.missing == ("astronaut", "mar")
    assert found.signals[0].margin > 0
    assert found.texts == 7


def test_warming_loads_the_threads_before_the_question() -> None:
    catalogue, index, sentence_index, encoder = CountingCatalogue(debate()), MemoryIndex(), MemoryIndex(), WordEncoder()
    finder = Retriever(catalogue, index, sentence_index, encoder)
    finder.warm(("bridge",))
    catalogue.read.clear()
    finder.retrieve(ask("ferries"))
    assert catalogue.read == []


def test_further_passages_of_the_comments_found_are_told_beside_them() -> None:
    long = " ".join(f"Lamp number {n} hangs on the old pole beside the long green wall of the park." for n in range(40))
    ranking = retriever(thread(comment(1, "Ada", long), comment(2, "Ben", "No."))).retrieve_scored(ask("lamp wall"))
    shown = {hit.passage.id for hit in ranking.hits}
    further = {hit.passage.id for hit in ranking.beside}
    assert further
    assert not shown & further
    assert {hit.number for hit in ranking.beside} == {"c1"}
    assert all(len(hit.fits) == len(hit.passage.sentences) for hit in (*ranking.hits, *ranking.beside))


def test_what_befell_somebody_is_told_by_them_or_of_them_but_not_to_them() -> None:
    race = thread(
        comment(1, "Ada Roe", "A stone broke my chain below the quarry, so the race was over."),
        comment(2, "Ben", "Ada, such a race, and no doubt the best chain of all.", 1),
        comment(3, "Cleo", "They told me that Ada gave her race away to help a walker."),
        comment(4, "Dan", "The race, the race: who would lose a race over a chain?"),
        comment(5, "Eve", "Ada what a race, nobody could lose it sooner.", 1),
    )
    query = replace(ask("Why did Ada lose the race?"), preferred=("Ada Roe",))
    assert [hit.number for hit in retriever(race).retrieve(query)] == ["c1", "c3"]


def test_a_preferred_person_outside_the_scope_changes_nothing() -> None:
    query = ask("When is the vote on the bridge?", part="article")
    found = retriever(debate()).retrieve(query)
    assert found
    assert retriever(debate()).retrieve(replace(query, preferred=("Ada",))) == found
