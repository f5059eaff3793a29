"""The engine: one stream of events for every kind of question, with a scripted model."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.errors import EndpointError, ModelMissing, QuestionError, ThreadNotFound
from rag.chat import Engine
from rag.evidence import Answer, Claim, ClaimDone, Done, Event, Evidence, Scope, Token, Turn, Understood
from rag.library import Library
from rag.models import ModelState
from rag.ports import LanguageModel, Message
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.support import Supporter
from tests.builders import debate
from tests.fakes import FakeEncoder, ScriptedModel


class Slot:
    """A model slot that is ready, or that raises."""

    def __init__(self, model: LanguageModel | None) -> None:
        self._model = model
        self.state = ModelState("ready" if model else "missing", "scripted", remote=False)

    @property
    def available(self) -> bool:
        return self._model is not None

    def get(self) -> LanguageModel:
        if self._model is None:
            raise ModelMissing("There is no model.", remedy="Install one.")
        return self._model


class BreakingModel(ScriptedModel):
    """Say one sentence, then break off."""

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        yield "Ben says that ferries are slow [1]. And th"
        raise EndpointError("The server went away.", remedy="Start it again.")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path, FakeEncoder())
    opened.add(debate())
    yield opened
    opened.close()


def engine(library: Library, model: LanguageModel | None = None) -> Engine:
    encoder = library.encoder
    return Engine(
        library=library,
        retriever=Retriever(library.catalogue, library.index, library.sentence_index, encoder),
        supporter=Supporter(encoder),
        model=Slot(model),  # type: ignore[arg-type]
        settings=Settings(home=library.home),
    )


def ask(
    library: Library, question: str, model: LanguageModel | None = None, **options: object
) -> tuple[Answer, list[Event]]:
    events = list(engine(library, model).ask(question, **options))  # type: ignore[arg-type]
    assert isinstance(events[-1], Done)
    assert isinstance(events[0], Understood)
    return events[-1].answer, events


def test_quotes_come_after_the_evidence_and_are_spans_of_the_speakers_own_words(library: Library) -> None:
    answer, events = ask(library, "What does Ben say about the ferries?", answerer="quotes")
    kinds = [type(event) for event in events]
    assert kinds.index(Evidence) < kinds.index(ClaimDone)
    assert answer.route == "quotes"
    thread = library.thread("bridge")
    for claim in answer.claims:
        assert claim.speaker == "Ben"
        for citation in claim.citations:
            assert citation.author == "Ben"
            assert (thread.text_of(citation.comment) or "")[citation.start : citation.end] == citation.quote


def test_the_models_sentences_are_drafts_first_and_claims_once_checked(library: Library) -> None:
    model = ScriptedModel(["Ben says that ferries are slow and the queue is two hours long [1]."])
    answer, events = ask(library, "What does Ben say about the ferries?", model, answerer="model")
    assert any(isinstance(event, Token) for event in events)
    assert answer.route == "model"
    assert answer.claims[0].speaker == "Ben"
    assert [citation.number for citation in answer.claims[0].citations] == ["c2"]
    assert "[c2]" in answer.text
    assert answer.prompt_tokens > 0


def test_a_sentence_that_nothing_supports_is_struck_and_the_words_themselves_shown(library: Library) -> None:
    model = ScriptedModel(["Ben says that the tunnel collapsed in 1987 [1]."])
    answer, _ = ask(library, "What does Ben say about the ferries?", model, answerer="model")
    assert [claim.status for claim in answer.rejected] == ["struck"]
    assert [claim.status for claim in answer.claims] == ["repaired"]
    assert "1987" not in answer.text


def test_a_model_that_breaks_off_leaves_what_it_said_and_a_note(library: Library) -> None:
    answer, _ = ask(library, "What does Ben say about the ferries?", BreakingModel([]), answerer="model")
    assert answer.claims
    assert any("stopped half-way" in note for note in answer.notes)


def test_auto_falls_back_to_quotes_where_there_is_no_model_and_model_does_not(library: Library) -> None:
    answer, _ = ask(library, "What does Ben say about the ferries?", answerer="auto")
    assert answer.route == "quotes"
    with pytest.raises(ModelMissing):
        ask(library, "What does Ben say about the ferries?", answerer="model")


def test_a_count_is_made_by_code_with_its_comments_and_no_model(library: Library) -> None:
    answer, _ = ask(library, "How many comments did Ada write?", answerer="quotes")
    assert answer.route == "structure"
    assert "2" in answer.text
    cited = {citation.number for claim in answer.claims for citation in claim.citations}
    assert cited == {"c1", "c3"}


def test_somebody_who_is_not_there_is_said_to_be_absent(library: Library) -> None:
    answer, _ = ask(library, "What does Karen think about the bridge?", answerer="quotes")
    assert (answer.abstained, answer.reason, answer.claims) == (True, "person_absent", ())


def test_a_reply_that_was_never_written_is_not_made_up(library: Library) -> None:
    answer, _ = ask(library, "What did Cleo Brandt reply to Ada?", answerer="quotes")
    assert (answer.abstained, answer.reason) == (True, "no_reply")


def test_a_follow_up_is_answered_from_the_turn_before(library: Library) -> None:
    history = (Turn("What does Cleo Brandt ask?", "Cleo Brandt asks whether anyone asked the fishermen [c5]."),)
    answer, events = ask(library, "Who replied to her?", history=history, answerer="quotes")
    assert "Ben" in answer.text
    understood = events[0]
    assert isinstance(understood, Understood)
    assert "Cleo Brandt" in understood.resolved


def test_an_overview_tells_every_branch_also_beside_a_model(library: Library) -> None:
    model = ScriptedModel(["Ada says that the new bridge will cost 40 million [2]."])
    answer, _ = ask(library, "Summarise the discussion.", model, answerer="model")
    cited = {citation.number for claim in answer.claims for citation in claim.citations}
    assert answer.route == "overview"
    assert {"c1", "c5"} <= cited


def test_an_overview_of_the_article_tells_the_article_alone(library: Library) -> None:
    answer, _ = ask(library, "What is the article itself saying?")
    assert answer.route == "overview"
    assert {citation.number for claim in answer.claims for citation in claim.citations} == {"article"}


@pytest.mark.parametrize("question", ["", "   ", "why " * 2000])
def test_a_question_that_cannot_be_asked_is_refused(library: Library, question: str) -> None:
    with pytest.raises(QuestionError):
        list(engine(library).ask(question))


def test_an_unknown_thread_in_scope_is_said(library: Library) -> None:
    with pytest.raises(ThreadNotFound):
        list(engine(library).ask("Who?", scope=Scope(thread_ids=("nowhere",))))


def test_an_empty_library_declines(tmp_path: Path) -> None:
    empty = Library(tmp_path / "empty", FakeEncoder())
    answer, _ = ask(empty, "What does Ben say?", answerer="quotes")
    empty.close()
    assert answer.abstained


def test_a_changed_thread_is_answered_from_its_new_words(library: Library) -> None:
    asked = engine(library)
    list(asked.ask("How many comments are there?", answerer="quotes"))
    old = library.thread("bridge")
    library.add(replace(old, comments=old.comments[:5]))
    done = list(asked.ask("How many comments are there?", answerer="quotes"))[-1]
    assert isinstance(done, Done)
    assert "5" in done.answer.text


def test_every_event_before_the_last_is_of_a_known_kind(library: Library) -> None:
    _, events = ask(library, "What do commenters think of the ferries?", answerer="quotes")
    assert all(isinstance(event, Understood | Evidence | Token | ClaimDone) for event in events[:-1])
    assert all(isinstance(event.claim, Claim) for event in events if isinstance(event, ClaimDone))
