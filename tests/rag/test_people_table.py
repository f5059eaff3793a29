"""Who wrote where, by name, over a whole library."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.thread import Thread
from rag.catalogue import SqliteCatalogue
from rag.library import Library
from rag.people_table import Census, Writer
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder


def sky() -> Thread:
    return thread(
        comment(1, "Ben", "Zeppelins are quiet."),
        comment(2, "Cleo Other", "Are they?", 1),
        comment(3, None, "Gone.", 1, status="deleted"),
        thread_id="sky",
    )


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path, FakeEncoder())
    made.add(debate())
    made.add(sky())
    yield made
    made.close()


def test_a_person_is_found_by_name_by_part_of_it_and_in_any_case(library: Library) -> None:
    people = library.catalogue.people
    assert people.find(["ben"], 9) == [Writer("Ben", 3, 2)]
    assert [writer.name for writer in people.find(["CLEO"], 9)] == ["Cleo Brandt", "Cleo Other"]
    assert [writer.name for writer in people.find(["cleo brandt"], 9)] == ["Cleo Brandt"]
    assert people.find(["zoe"], 9) == []
    assert people.parts_like("brxndt", 1) == ["brandt"]
    assert people.threads_of(["Ben"], 9) == [("bridge", 2), ("sky", 1)]


def test_the_census_counts_visible_comments_and_each_person_once(library: Library) -> None:
    people = library.catalogue.people
    assert people.census() == Census(threads=2, comments=8, people=4, unnamed=1)
    assert people.ranked(2, most=True) == [Writer("Ben", 3, 2), Writer("Ada", 2, 1)]
    assert people.ranked(1, most=False) == [Writer("Cleo Brandt", 1, 1)]
    assert people.named(["Ada", "ada"]) == [Writer("Ada", 2, 1)]


def test_a_removed_thread_takes_its_people_along_and_leaves_no_name(library: Library) -> None:
    library.remove("bridge")
    people = library.catalogue.people
    assert people.find(["ben"], 9) == [Writer("Ben", 1, 1)]
    assert people.find(["ada"], 9) == []
    assert people.parts_like("ada", 0) == []
    assert people.census() == Census(threads=1, comments=2, people=2, unnamed=0)


def test_a_thread_read_again_counts_as_it_is_now(library: Library) -> None:
    library.add(thread(comment(1, "Ben", "Zeppelins are quiet."), title="Sky", thread_id="sky"))
    people = library.catalogue.people
    assert people.find(["cleo"], 9) == [Writer("Cleo Brandt", 1, 1)]
    assert people.parts_like("other", 0) == []


def test_a_library_from_before_people_were_noted_is_filled_once(tmp_path: Path) -> None:
    old = Library(tmp_path, FakeEncoder())
    old.add(debate())
    with old.catalogue.store.writing() as connection:
        connection.execute("DELETE FROM authors")
        connection.execute("DELETE FROM name_parts")
        connection.execute("DELETE FROM meta WHERE key = 'authors'")
    assert not old.catalogue.people.whole()
    old.reconcile()
    assert old.catalogue.people.whole()
    assert old.catalogue.people.find(["ada"], 9) == [Writer("Ada", 2, 1)]
    assert isinstance(old.catalogue, SqliteCatalogue)
    old.close()
