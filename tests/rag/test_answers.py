"""Answers given before: kept by what they rest on, erased with it, and never in place of a fresh one."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, cast

import pytest

from eval.run import opened as evaluated
from ingest.errors import EndpointError, LibraryBusy, QuestionError, StorageFull, ThreadNotFound
from rag.answers import _ELSEWHERE, RememberingEngine
from rag.catalogue import SqliteCatalogue
from rag.chat import Engine
from rag.evidence import Answer, Citation, ClaimDone, Done, Event, Evidence, Scope, Token, Turn
from rag.library import Library
from rag.models import ModelSlot
from rag.ports import LanguageModel, Message
from rag.present import answer_json
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.support import Supporter
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder, ScriptedModel
from tests.ui.opened import Slot

MARKER = "Zwiebelkuchen"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path, FakeEncoder())
    opened.add(debate())
    opened.add(thread(comment(1, "Dan", "Zeppelins over the fjord."), thread_id="sky", title="Sky"))
    yield opened
    opened.close()


def revisions(library: Library, *ids: str) -> dict[str, int]:
    return {row.id: row.revision for row in library.threads() if row.id in ids}


def whole(library: Library) -> dict[str, int]:
    return {"": library.catalogue.revision()}


def on_disk(library: Library) -> bytes:
    return b"".join(path.read_bytes() for path in library.home.rglob("*") if path.is_file())


def changed(library: Library) -> None:
    old = library.thread("bridge")
    library.add(replace(old, comments=old.comments[:5]))


def test_an_answer_is_recalled_by_its_key_alone_and_replaced_by_a_later_one(library: Library) -> None:
    answers = library.catalogue.answers
    assert answers.recall("k") is None
    assert answers.remember("k", revisions(library, "bridge"), "one")
    assert answers.remember("k", revisions(library, "bridge", "sky"), "two")
    assert (answers.recall("k"), answers.recall("other")) == ("two", None)
    library.remove("sky")
    assert answers.recall("k") is None


def test_removing_a_thread_erases_its_answers_from_the_file_and_no_others(library: Library) -> None:
    answers = library.catalogue.answers
    answers.remember("its", revisions(library, "bridge"), f"one {MARKER} " * 2000)
    answers.remember("both", revisions(library, "bridge", "sky"), f"two {MARKER}")
    answers.remember("all", whole(library), f"three {MARKER}")
    answers.remember("other", revisions(library, "sky"), "kept Pumpernickel")
    assert MARKER.encode() in on_disk(library)
    library.remove("bridge")
    assert [answers.recall(key) for key in ("its", "both", "all", "other")] == [None, None, None, "kept Pumpernickel"]
    assert MARKER.encode() not in on_disk(library)
    assert b"Pumpernickel" in on_disk(library)


def test_changing_a_thread_erases_its_answers_and_those_about_the_whole_library(library: Library) -> None:
    answers = library.catalogue.answers
    answers.remember("its", revisions(library, "bridge"), "one")
    answers.remember("all", whole(library), "two")
    answers.remember("other", revisions(library, "sky"), "three")
    changed(library)
    assert [answers.recall(key) for key in ("its", "all", "other")] == [None, None, "three"]


def test_a_new_thread_erases_the_answers_about_the_whole_library_alone(library: Library) -> None:
    answers = library.catalogue.answers
    answers.remember("its", revisions(library, "bridge"), "one")
    answers.remember("all", whole(library), "two")
    library.add(thread(comment(1, "Eve", "Balloons."), thread_id="new", title="New"))
    assert [answers.recall(key) for key in ("its", "all")] == ["one", None]


def test_an_answer_about_what_has_changed_since_is_not_kept(library: Library) -> None:
    answers = library.catalogue.answers
    before, all_before = revisions(library, "bridge"), whole(library)
    changed(library)
    assert not answers.remember("its", before, "one")
    assert not answers.remember("all", all_before, "two")
    now = revisions(library, "bridge")
    library.remove("bridge")
    assert not answers.remember("its", now, "three")
    assert [answers.recall(key) for key in ("its", "all")] == [None, None]


def test_answers_are_bounded_and_the_oldest_go_first(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = library.catalogue.answers
    monkeypatch.setattr("rag.answer_table.MOST_ANSWERS", 3)
    for number in range(5):
        answers.remember(f"k{number}", revisions(library, "bridge"), str(number))
    assert [answers.recall(f"k{number}") for number in range(5)] == [None, None, "2", "3", "4"]
    monkeypatch.setattr("rag.answer_table.MOST_BYTES", 160)
    answers.remember("late", revisions(library, "bridge"), "ten bytes.")
    assert answers.recall("k4") == "4"
    monkeypatch.setattr("rag.answer_table.MOST_BYTES", 11)
    assert not answers.remember("long", revisions(library, "bridge"), "ten bytes.")
    with library.catalogue.store.reading() as connection:
        assert connection.execute("SELECT count(*) FROM answers_of").fetchone() == (3,)


def test_bytes_are_bounded_too(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = library.catalogue.answers
    monkeypatch.setattr("rag.answer_table.MOST_BYTES", 320)
    for number in range(20):
        answers.remember(f"k{number}", revisions(library, "bridge"), "x" * 20)
    assert [answers.recall(f"k{number}") is not None for number in range(20)] == [False] * 4 + [True] * 16


def test_a_busy_library_is_not_waited_for(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.store._WAIT", 600.0)  # what a writer of threads would wait
    other = SqliteCatalogue(library.catalogue.store.path)
    now = revisions(library, "bridge")
    told: list[LibraryBusy] = []

    def remember() -> None:
        try:
            other.answers.remember("k", now, "one")
        except LibraryBusy as error:
            told.append(error)

    with library.catalogue.store.writing():
        thread = threading.Thread(target=remember, daemon=True)
        thread.start()
        thread.join(60)
        assert told
    other.close()


def test_what_is_restored_recalls_no_answer_of_another_time(library: Library) -> None:
    library.catalogue.answers.remember("its", revisions(library, "bridge"), "one")
    library.catalogue.renew()
    assert library.catalogue.answers.recall("its") is None


QUESTION = "What does Ben say about the ferries?"
QUESTIONS = (  # one for every way of answering
    QUESTION,
    "How many comments did Ada write?",
    "What does Karen think about the bridge?",
    "Summarise the discussion.",
    "What do commenters think of the ferries?",
    "What did Cleo Brandt reply to Ada?",
)


class Counting:
    """An engine that counts how often it is asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.asked = 0

    def ask(self, *args: Any) -> Iterator[Event]:
        self.asked += 1
        return self._engine.ask(*args)


def remembering(
    library: Library, model: LanguageModel | None = None, /, **settings: Any
) -> tuple[RememberingEngine, Counting]:
    chosen = Settings.from_environment({}, home=library.home, **settings)
    slot = cast(ModelSlot, Slot(model))
    inner = Engine(
        library=library,
        retriever=Retriever(library.catalogue, library.index, library.sentence_index, library.encoder),
        supporter=Supporter(library.encoder),
        model=slot,
        settings=chosen,
    )
    counting = Counting(inner)
    return RememberingEngine(cast(Engine, counting), library=library, model=slot, settings=chosen), counting


def done(events: list[Event]) -> Answer:
    assert isinstance(events[-1], Done)
    return events[-1].answer


def untimed(events: list[Event]) -> list[Event]:
    """Return events without what may differ: drafts, times, the mark."""
    plain: list[Event] = []
    for event in events:
        if isinstance(event, Done):
            plain.append(Done(replace(event.answer, timings={}, cached=False)))
        elif isinstance(event, Evidence):
            plain.append(replace(event, ms=0.0))
        elif not isinstance(event, Token):
            plain.append(event)
    return plain


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("scope", [Scope(("bridge",)), Scope(), Scope(("bridge", "sky"), authors=("Ben",))])
def test_a_question_asked_again_gets_the_same_events_marked_and_without_answering(
    library: Library, question: str, scope: Scope
) -> None:
    engine, inner = remembering(library)
    first = list(engine.ask(question, (), scope))
    again = list(engine.ask(f"  {question}\n", (), scope))
    assert inner.asked == 1
    assert untimed(again) == untimed(first)
    assert (done(first).cached, done(again).cached) == (False, True)
    assert set(done(again).timings) == set(done(first).timings)
    assert answer_json(done(again))["cached"] is True


def test_another_process_finds_the_answer_too(library: Library) -> None:
    list(remembering(library)[0].ask(QUESTION))
    other = Library(library.home, FakeEncoder())
    engine, inner = remembering(other)
    assert done(list(engine.ask(QUESTION))).cached
    assert inner.asked == 0
    other.close()


@pytest.mark.parametrize(
    "other",
    [
        {"question": QUESTION + "?"},
        {"history": (Turn("Who is Ben?", "A skipper [c2]."),)},
        {"scope": Scope(("sky",))},
        {"scope": Scope(("bridge",), authors=("Ben",))},
        {"scope": Scope(("bridge",), part="comments")},
        {"scope": Scope(("bridge",), branch="t:1")},
        {"answerer": "model"},
    ],
)
def test_anything_else_asked_is_answered_for_itself(library: Library, other: dict[str, Any]) -> None:
    said = ["Ben says that ferries are slow and the queue is two hours long [1]."] * 2
    engine, inner = remembering(library, ScriptedModel(said), answerer="quotes")
    asked: dict[str, Any] = {"question": QUESTION, "scope": Scope(("bridge",))}
    list(engine.ask(**asked))
    assert not done(list(engine.ask(**{**asked, **other}))).cached
    assert inner.asked == 2


def test_other_citations_in_the_conversation_are_another_conversation(library: Library) -> None:
    engine, _ = remembering(library)
    told = done(list(engine.ask(QUESTION)))
    cited = tuple(citation for claim in told.claims for citation in claim.citations)
    turns = [Turn(QUESTION, told.text), Turn(QUESTION, told.text, cited)]
    assert [done(list(engine.ask("Who replied to him?", (turn,)))).cached for turn in turns * 2] == [
        *(False, False),
        *(True, True),
    ]


@pytest.mark.parametrize(
    "settings", [{"evidence": 3}, {"prompt_tokens": 900}, {"context_window": 2048}, {"model": "another"}]
)
def test_other_settings_of_answering_do_not_find_it_and_those_of_elsewhere_do(
    library: Library, settings: dict[str, Any]
) -> None:
    list(remembering(library)[0].ask(QUESTION))
    assert not done(list(remembering(library, **settings)[0].ask(QUESTION))).cached
    assert done(list(remembering(library, max_asks=9, fetch_timeout=3.0)[0].ask(QUESTION))).cached


def test_settings_named_as_being_of_elsewhere_exist() -> None:
    assert {field.name for field in fields(Settings)} >= _ELSEWHERE


def test_another_model_or_another_file_of_its_name_is_another_answerer(library: Library, tmp_path: Path) -> None:
    said = ["Ben says that ferries are slow and the queue is two hours long [1]."]
    path = tmp_path / "weights.gguf"
    path.write_bytes(b"one")
    asked = {"answerer": "model", "model": str(path)}

    def cached(name: str = "scripted", **settings: Any) -> bool:
        engine, _ = remembering(library, ScriptedModel(said), **{**asked, **settings})
        engine._model.state = replace(engine._model.state, name=name)  # type: ignore[misc]
        return done(list(engine.ask(QUESTION))).cached

    assert [cached(), cached()] == [False, True]
    assert not cached(name="larger")
    assert not cached(endpoint="http://127.0.0.1:9/v1")
    path.write_bytes(b"three")
    assert not cached()


def test_another_version_of_the_code_answers_for_itself(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    list(remembering(library)[0].ask(QUESTION))
    monkeypatch.setattr("rag.answers._code", lambda: "another")
    assert not done(list(remembering(library)[0].ask(QUESTION))).cached


def test_a_changed_thread_is_answered_afresh_and_an_unchanged_one_is_not(library: Library) -> None:
    engine, _ = remembering(library)
    for scope in (Scope(("bridge",)), Scope(("sky",)), Scope()):
        list(engine.ask("How many comments are there?", (), scope))
    changed(library)
    bridge, sky, everything = (
        done(list(engine.ask("How many comments are there?", (), scope)))
        for scope in (Scope(("bridge",)), Scope(("sky",)), Scope())
    )
    assert (bridge.cached, sky.cached, everything.cached) == (False, True, False)
    assert "5" in bridge.text


def test_removing_a_thread_erases_also_what_a_conversation_about_another_one_cites_of_it(library: Library) -> None:
    engine, _ = remembering(library)
    cited = Citation("sky", "t:1", "c1", "Dan", 0, 9, "Zeppelins")
    turn = Turn("Who mentions Zeppelins?", "Dan does.", (cited,))
    list(engine.ask("What does Ben think of Zeppelins?", (turn,), Scope(("bridge",))))
    library.catalogue.store.scrub()
    library.remove("sky")
    assert b"eppelin" not in on_disk(library)


def test_a_fresh_answer_is_asked_for_and_takes_the_place_of_the_old_one(library: Library) -> None:
    said = [
        "Ben says that ferries are slow and the queue is two hours long [1].",
        "Ben says that the queue is two hours long [1].",
    ]
    engine, inner = remembering(library, ScriptedModel(said), answerer="model")
    old = done(list(engine.ask(QUESTION)))
    new = done(list(engine.ask(QUESTION, fresh=True)))
    assert (inner.asked, new.cached) == (2, False)
    assert old.text != new.text
    assert done(list(engine.ask(QUESTION))).text == new.text
    assert inner.asked == 2


def test_an_answer_that_went_wrong_on_the_way_is_not_kept(library: Library) -> None:
    said = ["Ben says that ferries are slow and the queue is two hours long [1]."]

    class Breaking(ScriptedModel):
        def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
            yield from super().stream(messages, max_tokens=max_tokens, stop=stop)
            raise EndpointError("The server went away.", remedy="Start it again.")

    partial = done(list(remembering(library, Breaking(said), answerer="model")[0].ask(QUESTION)))
    assert partial.notes
    assert not done(list(remembering(library, ScriptedModel(said), answerer="model")[0].ask(QUESTION))).cached
    assert done(list(remembering(library, ScriptedModel(said), answerer="model")[0].ask(QUESTION))).cached


def test_an_answer_that_was_stopped_is_not_kept_and_ends_the_engine(library: Library) -> None:
    engine, inner = remembering(library)
    ended: list[bool] = []
    real = inner.ask

    def ask(*args: Any) -> Iterator[Event]:
        try:
            yield from real(*args)
        finally:
            ended.append(True)

    inner.ask = ask  # type: ignore[method-assign]
    events = engine.ask(QUESTION)
    for event in events:
        if isinstance(event, ClaimDone):
            break
    events.close()  # type: ignore[attr-defined]
    assert ended == [True]
    assert not done(list(engine.ask(QUESTION))).cached


def test_one_who_takes_the_answer_and_goes_has_it_kept(library: Library) -> None:
    engine, _ = remembering(library)
    next(event for event in engine.ask(QUESTION) if isinstance(event, Done))
    assert done(list(engine.ask(QUESTION))).cached


def test_errors_are_raised_as_ever(library: Library) -> None:
    engine, _ = remembering(library)
    for question in ("", "why " * 2000):
        with pytest.raises(QuestionError):
            list(engine.ask(question))
    with pytest.raises(ThreadNotFound):
        list(engine.ask(QUESTION, (), Scope(("nowhere",))))


@pytest.mark.parametrize(
    "spoil",
    ["UPDATE answers SET payload = '[{'", "UPDATE answers SET payload = '[]'", "DROP TABLE answers",
     "UPDATE answers SET payload = '[{\"event\": \"dance\"}]'", "UPDATE answers SET payload = '7'"],
)  # fmt: skip
def test_a_spoilt_store_of_answers_costs_nothing_but_the_time(library: Library, spoil: str) -> None:
    engine, inner = remembering(library)
    first = done(list(engine.ask(QUESTION)))
    with library.catalogue.store.writing() as connection:
        connection.execute(spoil)
    assert done(list(engine.ask(QUESTION))).text == first.text
    assert inner.asked == 2


def test_a_library_that_cannot_be_written_is_asked_as_ever(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> bool:
        raise StorageFull("The disk is full.", remedy="Make room.")

    monkeypatch.setattr("rag.answer_table.AnswerTable.remember", full)
    engine, _ = remembering(library)
    assert done(list(engine.ask(QUESTION))).claims


def test_switched_off_nothing_is_recalled_and_nothing_kept(library: Library) -> None:
    list(remembering(library)[0].ask(QUESTION))
    engine, inner = remembering(library, answer_cache=False)
    list(engine.ask("How many comments are there?"))
    assert not done(list(engine.ask(QUESTION))).cached
    assert inner.asked == 2
    assert not done(list(remembering(library)[0].ask("How many comments are there?"))).cached
    assert not Settings.from_environment({"COMMENTARIAT_ANSWER_CACHE": "off"}).answer_cache


def test_the_evaluation_answers_everything_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Settings] = []

    def opening(settings: Settings) -> Any:
        given.append(settings)
        raise StorageFull("Seen enough.", remedy="None.")

    monkeypatch.setattr("rag.build.open_workspace", opening)
    with pytest.raises(StorageFull), evaluated((), Settings(home=tmp_path)):
        pass
    assert [settings.answer_cache for settings in given] == [False]
