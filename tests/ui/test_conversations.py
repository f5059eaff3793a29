import os
import sqlite3
from pathlib import Path

import pytest

from ingest.errors import LibraryDamaged, StorageFull
from rag.evidence import Scope
from rag.settings import Settings
from tests.builders import debate
from tests.ui.scripted import ScriptedWorkspace
from ui.conversations import Conversations
from ui.worker import Desk, Job


class Page:
    """Stands for an open page."""


def answered(*questions: str) -> tuple[Job, ...]:
    desk = Desk(ScriptedWorkspace(Settings(), [debate()]).engine.ask)
    for question in questions:
        desk.ask(question, Scope(("bridge",), ("Ben",)))
    desk.join(10)
    return desk.jobs


def test_a_conversation_comes_back_as_it_was(tmp_path: Path) -> None:
    jobs = answered("Is the ferry queue long?", "Which airline flies?", "Does it break down?")
    for job in jobs:
        Conversations(tmp_path).save("one", "bridge", job)
    back = Conversations(tmp_path).load("one")
    assert [job.view() for job in back] == [job.view() for job in jobs]
    assert [job.view().state for job in back] == ["done", "done", "failed"]


def test_asking_again_replaces_the_saved_answer_in_its_place(tmp_path: Path) -> None:
    first, second = answered("Is the ferry queue long?", "Is the bridge dear?")
    store = Conversations(tmp_path)
    store.save("one", "bridge", first)
    store.save("one", "bridge", second)
    (other,) = answered("Is the ferry slow?")
    store.save("one", "bridge", other)
    assert [job.question for job in store.load("one")] == ["Is the ferry slow?", "Is the bridge dear?"]


def test_two_open_pages_never_hold_the_same_conversation(tmp_path: Path) -> None:
    store, first, second = Conversations(tmp_path), Page(), Page()
    mine = store.claim("bridge", first)
    store.save(mine, "bridge", answered("Is the ferry queue long?")[0])
    assert store.claim("bridge", second) != mine


def test_a_page_that_is_loaded_again_gets_the_conversation_it_had(tmp_path: Path) -> None:
    store, first, second = Conversations(tmp_path), Page(), Page()
    mine = store.claim("bridge", first)
    assert store.claim("bridge", second, wanted=mine) == mine
    store.save(mine, "bridge", answered("Is the ferry queue long?")[0])
    assert store.thread_of(mine) == "bridge"
    assert store.claim("ferry", second, wanted=mine) != mine


def test_a_page_that_opens_later_takes_up_the_latest_conversation_of_its_thread(tmp_path: Path) -> None:
    store, page = Conversations(tmp_path), Page()
    for name in ("old", "new"):
        store.save(name, "bridge", answered("Is the ferry queue long?")[0])
    store.save("other", "ferry", answered("Is the ferry queue long?")[0])
    assert store.claim("bridge", page) == "new"
    del page
    assert Conversations(tmp_path).claim("bridge", Page(), wanted="old") == "old"
    assert Conversations(tmp_path).claim("bridge", Page(), wanted="other") == "new"


def test_a_page_that_is_gone_gives_its_conversation_back(tmp_path: Path) -> None:
    store, page = Conversations(tmp_path), Page()
    mine = store.claim("bridge", page)
    store.save(mine, "bridge", answered("Is the ferry queue long?")[0])
    del page
    assert store.claim("bridge", Page()) == mine


def test_conversations_are_listed_with_their_first_question_and_can_be_forgotten(tmp_path: Path) -> None:
    store = Conversations(tmp_path)
    for job in answered("Is the ferry queue long?", "Is the bridge dear?"):
        store.save("one", "bridge", job)
    (saved,) = store.about("bridge")
    assert (saved.id, saved.turns, saved.first) == ("one", 2, "Is the ferry queue long?")
    store.forget("one")
    assert store.about("bridge") == []
    assert store.load("one") == []


def test_a_damaged_row_is_left_out_and_the_others_stay(tmp_path: Path) -> None:
    store = Conversations(tmp_path)
    for job in answered("Is the ferry queue long?", "Is the bridge dear?"):
        store.save("one", "bridge", job)
    with sqlite3.connect(tmp_path / "conversations.sqlite") as db:
        db.execute("update turn set body = ? where job = 'q1'", ('{"id": "q1"}',))
    db.close()
    assert [job.question for job in store.load("one")] == ["Is the bridge dear?"]


def test_a_file_that_is_no_database_is_said_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "conversations.sqlite").write_text("not a database, but long enough to be looked at" * 30)
    with pytest.raises(LibraryDamaged, match="Move the file away"):
        Conversations(tmp_path).load("one")


def test_a_folder_that_cannot_be_made_is_said_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageFull, match="permissions"):
        Conversations(tmp_path / "file").load("one")


def test_reported_citations_are_kept_for_the_evaluation(tmp_path: Path) -> None:
    Conversations(tmp_path).report("Is the queue long?", "bridge c2 24-51")
    (report,) = Conversations(tmp_path).reports()
    assert (report["question"], report["citation"]) == ("Is the queue long?", "bridge c2 24-51")


def test_erasing_a_thread_erases_every_answer_that_is_about_it_or_quotes_it(tmp_path: Path) -> None:
    store = Conversations(tmp_path)
    about, quoting = answered("Is the ferry queue long?", "Is the bridge dear?")
    store.save("one", "bridge", about)
    store.save("two", "other", quoting)
    store.save("three", "other", Job("x", "Nothing of it?", Scope(("other",))))
    store.erase_thread("bridge")
    assert store.about("bridge") == []
    assert store.load("two") == []
    assert b"ferry queue" not in (tmp_path / "conversations.sqlite").read_bytes()


def test_where_nothing_may_be_written_what_stands_there_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job,) = answered("Is the ferry queue long?")
    Conversations(tmp_path / "one").save("one", "bridge", job)
    (tmp_path / "two").mkdir()
    (tmp_path / "three").mkdir()
    (tmp_path / "three" / "conversations.sqlite").write_bytes((tmp_path / "one" / "conversations.sqlite").read_bytes())
    (tmp_path / "three" / "conversations.sqlite-wal").write_bytes(b"a log that its owner has not taken over")
    before = sorted(tmp_path.rglob("*"))
    for target in ("ui.conversations.os.access", "rag.opening.os.access"):
        monkeypatch.setattr(target, lambda _path, mode: mode == os.R_OK)
    store = Conversations(tmp_path / "one")
    assert not store.kept
    assert [saved.id for saved in store.about("bridge")] == ["one"]
    assert [job.view() for job in store.load("one")] == [job.view()]
    assert store.thread_of("one") == "bridge"
    for empty in (Conversations(tmp_path / "two"), Conversations(tmp_path / "three")):
        assert empty.claim("bridge", Page())
        assert empty.about("bridge") == []
        assert empty.reports() == []
    Conversations(tmp_path / "two").erase_thread("bridge")
    assert sorted(tmp_path.rglob("*")) == before
