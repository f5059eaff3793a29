"""Answers given before: kept by what they rest on, erased with it, and never in place of a fresh one."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.errors import LibraryBusy
from rag.catalogue import SqliteCatalogue
from rag.library import Library
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder

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


def test_a_busy_library_is_not_waited_for(library: Library) -> None:
    other = SqliteCatalogue(library.catalogue.store.path)
    told: list[bool] = []

    def remember() -> None:
        try:
            other.answers.remember("k", revisions(library, "bridge"), "one")
        except LibraryBusy:
            told.append(holding.is_set())

    holding = threading.Event()
    with library.catalogue.store.writing():
        holding.set()
        thread = threading.Thread(target=remember)
        thread.start()
        thread.join(1.5)  # a writer of threads would wait for two seconds
        assert told == [True]
    other.close()


def test_what_is_restored_recalls_no_answer_of_another_time(library: Library) -> None:
    library.catalogue.answers.remember("its", revisions(library, "bridge"), "one")
    library.catalogue.renew()
    assert library.catalogue.answers.recall("its") is None
