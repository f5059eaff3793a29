import threading
from collections.abc import Iterator, Sequence

import pytest

from ingest.errors import EndpointError
from rag.evidence import Answer, Answerer, Claim, ClaimDone, Done, Event, Scope, Token, Turn
from rag.settings import Settings
from tests.builders import debate
from tests.ui.scripted import ScriptedWorkspace
from ui.worker import Ask, Desk, Job

PATIENCE = 60.0
"""Seconds that a test waits for another thread; one that passes does not wait them."""


def scripted() -> ScriptedWorkspace:
    return ScriptedWorkspace(Settings(), [debate()])


class Gate:
    """An engine that yields a word, waits to be let through, then finishes."""

    def __init__(self) -> None:
        self.said, self.open = threading.Event(), threading.Event()
        self.closed = 0
        self.history: list[Sequence[Turn]] = []

    def ask(
        self,
        question: str,
        history: Sequence[Turn],
        scope: Scope,
        answerer: Answerer | None,
        *,
        fresh: bool = False,
    ) -> Iterator[Event]:
        self.history.append(history)
        try:
            yield Token("Half ")
            self.said.set()
            assert self.open.wait(PATIENCE)
            claim = Claim(f"An answer to {question}")
            yield ClaimDone(claim)
            yield Done(Answer(question, claim.text, (claim,), ()))
        except GeneratorExit:
            self.closed += 1
            raise


def test_an_answer_arrives_whole_without_anybody_watching() -> None:
    desk = Desk(scripted().engine.ask)
    job = desk.ask("Is the ferry queue long?")
    desk.join(PATIENCE)
    view = job.view()
    assert view.state == "done"
    assert view.answer is not None
    assert view.claims == view.answer.claims
    assert view.hits
    assert view.draft == ""


def test_a_running_answer_shows_its_draft_and_then_only_what_was_checked() -> None:
    gate = Gate()
    desk = Desk(gate.ask)
    job = desk.ask("One?")
    assert gate.said.wait(PATIENCE)
    assert (job.view().state, job.view().draft, desk.busy) == ("running", "Half ", True)
    gate.open.set()
    desk.join(PATIENCE)
    assert (job.view().state, job.view().draft, desk.busy) == ("done", "", False)


def test_a_second_question_waits_and_then_knows_the_first_answer() -> None:
    gate = Gate()
    desk = Desk(gate.ask)
    first, second = desk.ask("One?"), desk.ask("Two?")
    assert gate.said.wait(PATIENCE)
    assert (first.view().state, second.view().state) == ("running", "queued")
    gate.open.set()
    desk.join(PATIENCE)
    assert second.view().state == "done"
    assert [len(history) for history in gate.history] == [0, 1]
    assert gate.history[1][0].answer == "An answer to One?"


def test_stopping_keeps_what_was_checked_and_closes_the_engine() -> None:
    gate = Gate()
    desk = Desk(gate.ask)
    job = desk.ask("One?")
    assert gate.said.wait(PATIENCE)
    desk.stop(job.id)
    gate.open.set()
    desk.join(PATIENCE)
    assert job.view().state == "stopped"
    assert [claim.text for claim in job.view().claims] == ["An answer to One?"]
    assert job.view().answer is None
    assert gate.closed == 1


def test_stopping_a_waiting_question_drops_it_and_the_running_one_goes_on() -> None:
    gate = Gate()
    desk = Desk(gate.ask)
    first, second = desk.ask("One?"), desk.ask("Two?")
    assert gate.said.wait(PATIENCE)
    desk.stop(second.id)
    gate.open.set()
    desk.join(PATIENCE)
    assert (first.view().state, second.view().state) == ("done", "stopped")
    assert len(gate.history) == 1


def test_an_error_is_shown_with_its_remedy_and_the_question_can_be_asked_again() -> None:
    desk = Desk(scripted().engine.ask)
    job = desk.ask("Does the ferry break down?")
    desk.join(PATIENCE)
    assert job.view().state == "failed"
    assert job.view().error == "The model server does not answer. Start it, or choose quotes."
    desk.again(job.id)
    desk.join(PATIENCE)
    (again,) = desk.jobs
    assert again.view().state == "done"
    assert again.id == job.id


def test_only_a_question_asked_again_is_answered_anew() -> None:
    engine = scripted().engine
    desk = Desk(engine.ask)
    job = desk.ask("Is the ferry queue long?")
    desk.join(10)
    assert engine.anew == 0
    desk.again(job.id)
    desk.join(10)
    assert (len(engine.asked), engine.anew) == (2, 1)


def test_asking_again_leaves_later_answers_where_they_are_and_out_of_its_history() -> None:
    gate = Gate()
    gate.open.set()
    desk = Desk(gate.ask)
    for question in ("One?", "Two?", "Three?"):
        desk.ask(question)
    desk.join(PATIENCE)
    desk.again("q2")
    desk.join(PATIENCE)
    assert [job.question for job in desk.jobs] == ["One?", "Two?", "Three?"]
    assert [turn.question for turn in gate.history[-1]] == ["One?"]


def test_an_error_that_nobody_foresaw_ends_the_question_and_not_the_desk(caplog: pytest.LogCaptureFixture) -> None:
    def ask(question: str, history: Sequence[Turn], scope: Scope, answerer: Answerer | None) -> Iterator[Event]:
        if question == "One?":
            raise RuntimeError("secret detail")
        yield Done(Answer(question, "Fine.", (), ()))

    desk = Desk(ask)
    first, second = desk.ask("One?"), desk.ask("Two?")
    desk.join(PATIENCE)
    assert first.view().state == "failed"
    assert "secret" not in first.view().error
    assert "secret detail" in caplog.text
    assert second.view().state == "done"


def test_every_end_is_told_so_that_it_can_be_saved_and_a_failing_save_harms_nothing() -> None:
    told: list[str] = []

    def save(job: Job) -> None:
        told.append(job.view().state)
        raise EndpointError("The disk is full.", remedy="Make room.")

    ask: Ask = scripted().engine.ask
    desk = Desk(ask, on_done=save)
    desk.ask("Is the ferry queue long?")
    desk.ask("Does it break down?")
    desk.join(PATIENCE)
    assert told == ["done", "failed"]


def test_new_questions_get_new_ids_after_a_restart() -> None:
    desk = Desk(scripted().engine.ask)
    desk.ask("Is the ferry queue long?")
    desk.join(PATIENCE)
    later = Desk(scripted().engine.ask, desk.jobs)
    later.ask("Is the bridge dear?")
    later.join(PATIENCE)
    assert [job.id for job in later.jobs] == ["q1", "q2"]
