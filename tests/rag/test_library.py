import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ingest.errors import IndexUnavailable, LibraryBusy, LibraryError, ModelMissing, ThreadNotFound
from rag.library import Library
from rag.locks import Lock
from rag.passages import passages, vector_texts
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder, FakeIndex
from tests.rag.places import Place


class World:
    """A library with its index in memory, opened any number of times as separate programs would."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.indexes: dict[str, FakeIndex] = {}

    def open(self, encoder: FakeEncoder | None = None, *, index: bool = True) -> Library:
        def connect(kind: str, dimension: int) -> FakeIndex:
            return self.indexes.setdefault(kind, FakeIndex())

        return self.place.library(encoder, connect if index else None)

    def lock(self) -> Lock:
        """Return the lock of another process that adds or re-indexes."""
        return self.place.catalogue().store.lock()


@pytest.fixture
def world(place: Place) -> World:
    return World(place)


def encoder_of(library: Library) -> FakeEncoder:
    assert isinstance(library.encoder, FakeEncoder)
    return library.encoder


def nearest(library: Library, words: str, *threads: str) -> str:
    found = library.index.query(FakeEncoder().encode([words])[0], 1, threads)
    return library.catalogue.passages_by_id([found[0][0]])[found[0][0]].comment_id


def test_an_added_thread_can_be_listed_read_and_searched(world: World) -> None:
    library = world.open()
    seen: list[tuple[int, int]] = []
    report = library.add(debate(), lambda done, total: seen.append((done, total)))
    assert (report.thread_id, report.new, report.passages, report.embedded) == ("bridge", 6, 8, seen[-1][0])
    assert [(row.id, row.comments, row.people, row.indexed) for row in library.threads()] == [("bridge", 6, 3, True)]
    assert library.thread("bridge") == debate()
    assert library.passages("bridge") == passages(debate())
    for scope in ((), ("bridge",)):
        assert nearest(library, "moorings north quay fishermen", *scope) == "t:5"


def test_sentences_have_vectors_of_their_own(world: World) -> None:
    library = world.open()
    library.add(debate())
    first = next(passage for passage in passages(debate()) if passage.comment_id == "t:1")
    found = library.sentence_index.query(FakeEncoder().encode(["I doubt the harbour needs it."])[0], 1)
    assert found == [(f"{first.id}#1", pytest.approx(1.0, abs=1e-3))]


def test_adding_the_same_again_embeds_nothing(world: World) -> None:
    library = world.open()
    library.add(debate())
    encoder_of(library).encoded.clear()
    report = library.add(debate())
    assert (report.new, report.changed, report.deleted, report.embedded) == (0, 0, 0, 0)
    assert encoder_of(library).encoded == []


def test_a_change_of_votes_is_stored_and_embeds_nothing(world: World) -> None:
    library = world.open()
    library.add(debate())
    encoder_of(library).encoded.clear()
    voted = replace(debate(), comments=tuple(replace(one, score=7) for one in debate().comments))
    library.add(voted)
    assert encoder_of(library).encoded == []
    assert library.thread("bridge") == voted


def test_only_changed_words_are_embedded(world: World) -> None:
    library = world.open()
    library.add(debate())
    encoder_of(library).encoded.clear()
    late = comment(7, "Dan", "Boats are cheaper.", 6)
    library.add(replace(debate(), comments=(*debate().comments, late)))
    assert [text.splitlines()[-1] for text in encoder_of(library).encoded] == ["Boats are cheaper."]
    assert nearest(library, "boats cheaper") == "t:7"


def test_vanished_words_are_erased_everywhere(world: World) -> None:
    library = world.open()
    library.add(debate())
    report = library.add(replace(debate(), comments=debate().comments[:-1]))
    assert report.deleted == 1
    assert library.thread("bridge").comments[-1].body == ""
    assert library.catalogue.search(["May"], 5) == []
    assert "t:6" not in {passage.comment_id for passage in library.passages("bridge")}
    assert world.indexes["passages"].ids() == {passage.id for passage in library.passages("bridge")}


def test_a_removed_thread_leaves_nothing_behind(world: World) -> None:
    library = world.open()
    library.add(debate())
    library.remove("bridge")
    assert library.threads() == []
    assert library.index.query(FakeEncoder().encode(["bridge"])[0], 5) == []
    assert library.catalogue.search(["bridge"], 5) == []
    assert {kind: index.count() for kind, index in world.indexes.items()} == {"passages": 0}
    with pytest.raises(ThreadNotFound):
        library.remove("bridge")


def test_another_thread_of_the_same_name_does_not_overwrite_the_first(world: World) -> None:
    library = world.open()
    library.add(debate())
    other = replace(thread(replace(comment(1, "Zoe", "Different."), id="t:z"), title="Else"), id="bridge")
    with pytest.raises(LibraryError, match="another thread named 'bridge'") as raised:
        library.add(other)
    assert "--name" in raised.value.remedy
    assert library.thread("bridge") == debate()


@pytest.mark.parametrize("text", ["bridge", "BRI", "harbour bridge", "council votes"])
def test_a_thread_is_found_by_part_of_its_name(world: World, text: str) -> None:
    library = world.open()
    library.add(debate())
    library.add(thread(comment(1, "Ada", "Hello."), title="Something else", thread_id="else"))
    assert library.find(text) == "bridge"


def test_an_unknown_thread_is_told_with_the_nearest(world: World) -> None:
    library = world.open()
    with pytest.raises(ThreadNotFound, match="library is empty"):
        library.find("x")
    library.add(debate())
    library.add(thread(comment(1, "Ada", "Hello."), title="Gardens", thread_id="gardens"))
    with pytest.raises(ThreadNotFound, match=r"'brigde'.*nearest: 'bridge'"):
        library.find("brigde")
    with pytest.raises(ThreadNotFound):
        library.thread("brigde")
    with pytest.raises(ThreadNotFound):
        library.find("")


def test_a_name_that_fits_several_threads_is_asked_about(world: World) -> None:
    library = world.open()
    for name in ("harbour 1", "harbour 2"):
        library.add(thread(comment(1, "Ada", "Hello."), title=name, thread_id=name))
    with pytest.raises(ThreadNotFound, match="fits 2 threads"):
        library.find("harbour")


def test_a_second_process_without_the_index_finds_the_same(world: World) -> None:
    world.open().add(debate())
    second = world.open(index=False)
    assert nearest(second, "moorings north quay") == "t:5"
    assert not second.index.uses_index


def test_what_another_process_adds_changes_or_removes_is_seen_at_the_next_question(world: World) -> None:
    page, command = world.open(), world.open(index=False)
    page.add(debate())
    assert page.index.uses_index
    command.add(thread(comment(1, "Dan", "Zeppelins over the fjord."), thread_id="sky"))
    assert nearest(page, "zeppelins fjord") == "t:1"
    command.add(thread(comment(1, "Dan", "Balloons only."), thread_id="sky"))
    found = page.index.query(FakeEncoder().encode(["balloons only"])[0], 1)
    assert page.catalogue.passages_by_id([found[0][0]])[found[0][0]].text == "Balloons only."
    command.remove("sky")
    left = page.index.query(FakeEncoder().encode(["balloons"])[0], 99)
    assert {page.catalogue.passages_by_id([hit])[hit].thread_id for hit, _ in left} == {"bridge"}
    assert len(left) == len(page.passages("bridge"))


def test_the_index_is_brought_up_to_date_in_the_background(world: World) -> None:
    page, command = world.open(), world.open(index=False)
    page.add(debate())
    command.add(thread(comment(1, "Dan", "Zeppelins."), thread_id="sky"))
    command.remove("bridge")
    page.index.query(FakeEncoder().encode(["zeppelins"])[0], 1)
    syncing = page.index._syncing
    assert syncing is not None
    syncing.join()
    assert world.indexes["passages"].ids() == {passage.id for passage in page.passages("sky")}


def test_what_is_written_to_the_index_during_a_question_is_not_missed(world: World) -> None:
    page, command = world.open(), world.open(index=False)
    page.add(debate())
    command.add(thread(comment(1, "Dan", "Zeppelins over the fjord."), thread_id="sky"))
    index = world.indexes["passages"]
    real = index.query

    def query(*question: object) -> object:
        found = real(*question)  # type: ignore[arg-type]
        index.query = real  # type: ignore[method-assign]
        assert page.index.sync()
        return found

    index.query = query  # type: ignore[method-assign, assignment]
    assert nearest(page, "zeppelins fjord") == "t:1"


def test_a_vector_that_came_back_while_it_was_deleted_is_written_again(world: World) -> None:
    page, command, other = world.open(), world.open(index=False), world.open()  # two that share a server
    sky = thread(comment(1, "Dan", "Zeppelins."), thread_id="sky")
    page.add(sky)
    command.remove("sky")
    index = world.indexes["passages"]
    real = index.delete

    def delete(ids: object) -> None:
        index.delete = real  # type: ignore[method-assign]
        other.add(sky)
        assert index.ids()
        real(ids)  # type: ignore[arg-type]

    index.delete = delete  # type: ignore[method-assign, assignment]
    assert page.index.sync()
    assert index.ids() == {passage.id for passage in passages(sky)}


def test_closing_does_not_wait_for_a_long_synchronisation(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.indexes._BATCH", 1)
    page, command = world.open(), world.open(index=False)
    page.add(debate())
    command.remove("bridge")
    command.add(thread(*(comment(n, "Dan", f"Zeppelin {n}.") for n in range(1, 9)), thread_id="sky"))
    index = world.indexes["passages"]
    real, wrote = index.upsert, threading.Event()

    def upsert(*batch: object) -> None:
        real(*batch)  # type: ignore[arg-type]
        wrote.set()
        while not page.index._closing:
            time.sleep(0.001)

    index.upsert = upsert  # type: ignore[method-assign]
    page.index.query(FakeEncoder().encode(["zeppelin"])[0], 1)
    assert wrote.wait(30)
    page.close()
    wanted = {passage.id for passage in command.passages("sky")}
    assert not wanted <= index.ids()
    index.upsert = real  # type: ignore[method-assign]
    assert world.open().index.sync()
    assert index.ids() == wanted


@pytest.mark.parametrize("harm", ["emptied", "replaced", "one lost", "wrong vectors"])
def test_a_lost_or_foreign_index_is_filled_again_without_encoding(world: World, harm: str) -> None:
    world.open().add(debate())
    index = world.indexes["passages"]
    ids = sorted(index.ids())
    if harm == "emptied":
        index.delete(ids)
    elif harm == "replaced":
        world.indexes["passages"] = FakeIndex()
    elif harm == "one lost":
        index.delete(ids[:1])
    else:
        index.upsert(ids, -FakeEncoder().encode(ids), ["bridge"] * len(ids))
    library = world.open()
    assert nearest(library, "moorings north quay") == "t:5"
    assert library.index.sync()
    assert encoder_of(library).encoded == []
    restored = world.indexes["passages"]
    assert restored.ids() == set(ids)
    for row_id, vector in restored.fetch(ids).items():
        assert vector == pytest.approx(library.index.fetch([row_id])[row_id])


def test_an_index_that_fails_is_replaced_by_the_catalogue(world: World) -> None:
    library = world.open()
    library.add(debate())

    def fail(*_: object) -> list[tuple[str, float]]:
        raise IndexUnavailable("It broke.", remedy="None.")

    world.indexes["passages"].query = fail  # type: ignore[method-assign]
    assert nearest(library, "moorings north quay") == "t:5"
    assert not library.index.uses_index


def test_a_library_of_another_encoder_asks_to_be_indexed_again(world: World) -> None:
    world.open().add(debate())
    other = FakeEncoder(32)
    library = world.open(other)
    vector = other.encode(["bridge"])[0]
    for ask in (
        lambda: library.index.query(vector, 1),
        lambda: library.add(thread(comment(1, "A", "B."), thread_id="x")),
    ):
        with pytest.raises(LibraryError, match="indexed with the encoder fake") as raised:
            ask()
        assert "reindex" in raised.value.remedy
    assert [row.id for row in library.threads()] == ["bridge"]
    assert library.reconcile() == 0
    world.indexes.clear()  # a collection of another dimension has another name
    library.reindex()
    assert library.index.fetch_thread("bridge").popitem()[1].shape == (32,)
    assert library.index.query(vector, 1)


def test_indexing_again_repairs_everything(world: World) -> None:
    library = world.open()
    library.add(debate())
    with library.catalogue.store.writing() as connection:
        connection.execute("DELETE FROM vectors")
    world.indexes["passages"].drop()
    seen: list[tuple[int, int]] = []
    library.reindex(lambda done, total: seen.append((done, total)))
    assert seen
    assert nearest(library, "moorings north quay") == "t:5"
    assert world.indexes["passages"].ids() == library.index.ids() == {passage.id for passage in passages(debate())}


def test_a_new_recipe_for_passages_is_applied_at_the_next_start(world: World) -> None:
    library = world.open()
    library.add(debate())
    with library.catalogue.store.writing() as connection:
        connection.execute("UPDATE passages SET header = 'old: '")
    library.catalogue.store.set_meta("chunker", "0")
    assert world.open().reconcile() == 1
    assert library.passages("bridge") == passages(debate())
    assert world.open().reconcile() == 0


def test_what_a_killed_run_left_is_finished_at_the_next_start(world: World) -> None:
    library = world.open()
    library.add(debate())
    late = replace(debate(), comments=(*debate().comments, comment(7, "Dan", "Boats are cheaper.")))
    library.catalogue.save_pending(late, passages(late))
    again = world.open()
    assert again.thread("bridge") == debate()
    assert again.reconcile() == 1
    assert again.thread("bridge") == late
    assert nearest(again, "boats cheaper") == "t:7"


def test_what_cannot_be_finished_now_does_not_keep_anybody_from_reading(world: World) -> None:
    library = world.open()
    library.add(debate())
    later = thread(comment(1, "Dan", "Zeppelins."), thread_id="sky")
    library.catalogue.save_pending(later, passages(later))
    real = library.encoder.encode

    def missing(texts: object) -> object:
        raise ModelMissing("The encoder is gone.", remedy="Install it.")

    library.encoder.encode = missing  # type: ignore[method-assign, assignment]
    assert library.reconcile() == 0
    assert [row.id for row in library.threads()] == ["bridge"]
    library.encoder.encode = real  # type: ignore[method-assign]
    assert library.reconcile() == 1
    assert [row.id for row in library.threads()] == ["bridge", "sky"]


def test_reconciling_leaves_alone_what_another_process_is_adding(world: World) -> None:
    library = world.open()
    library.add(debate())
    library.catalogue.save_pending(replace(debate(), notes=("x",)), passages(debate()))
    other = world.lock()
    assert other.acquire(exclusive=False)
    assert library.reconcile() == 0
    other.release()
    assert library.reconcile() == 1


def test_an_older_reading_wins_over_a_newer_one_that_was_never_finished(world: World) -> None:
    library = world.open()
    library.add(debate())
    library.catalogue.save_pending(replace(debate(), notes=("never finished",)), passages(debate()))
    library.add(debate())
    assert library.catalogue.pending() == []
    assert library.thread("bridge") == debate()


def test_adding_waits_its_turn_while_another_process_indexes_again(world: World) -> None:
    library = world.open()
    other = world.lock()
    assert other.acquire(exclusive=True)
    with pytest.raises(LibraryBusy, match="re-indexing") as raised:
        library.add(debate())
    assert raised.value.remedy
    other.release()
    library.add(debate())


def test_two_processes_may_add_at_once(world: World) -> None:
    first, second = world.open(), world.open(index=False)
    original = first.encoder.encode

    def encode(texts: object) -> object:
        if second.threads() == []:
            second.add(thread(comment(1, "Dan", "Zeppelins."), thread_id="sky"))
        return original(texts)  # type: ignore[arg-type]

    first.encoder.encode = encode  # type: ignore[method-assign, assignment]
    first.add(debate())
    assert {row.id for row in first.threads()} == {"bridge", "sky"}
    assert nearest(first, "zeppelins") == "t:1"


def test_every_vector_is_that_of_its_text(world: World) -> None:
    library = world.open()
    library.add(debate())
    library.add(replace(debate(), comments=tuple(replace(one, author="Zed") for one in debate().comments)))
    for passage in library.passages("bridge"):
        for text in vector_texts(passage):
            index = library.sentence_index if text.sentence else library.index
            stored = index.fetch([text.id])[text.id]
            assert np.abs(stored - FakeEncoder().encode([text.text])[0]).max() < 1e-3


def test_an_index_in_use_elsewhere_is_tried_again_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[int] = []

    def connect(kind: str, dimension: int) -> FakeIndex:
        refused.append(1)
        if len(refused) < 2:
            raise IndexUnavailable("Another process holds it.", remedy="Wait.")
        return FakeIndex()

    library = world.place.library(connect=connect)
    assert not library.index.uses_index
    assert not library.index.uses_index
    clock: Callable[[], float] = lambda: 1e9  # noqa: E731
    monkeypatch.setattr("rag.indexes.time.monotonic", clock)
    assert library.index.uses_index


def test_a_new_title_is_kept_when_the_thread_is_read_again_and_after_a_restart(world: World) -> None:
    library = world.open()
    library.add(debate())
    assert library.rename("bridge", "  The ferry\n or the bridge ") == "The ferry or the bridge"
    more = comment(7, "Ada", "One more word about the ferry.", 1)
    library.add(replace(debate(), comments=(*debate().comments, more)))
    for opened in (library, world.open()):
        assert [row.title for row in opened.threads()] == ["The ferry or the bridge"]
        assert opened.find("the ferry") == "bridge"
        assert opened.thread("bridge").title == debate().title
    assert library.rename("bridge", " ") == debate().title
    assert library.threads()[0].title == debate().title
    library.rename("bridge", "Again")
    library.remove("bridge")
    library.add(debate())
    assert library.threads()[0].title == debate().title
    with pytest.raises(ThreadNotFound, match="brigde"):
        library.rename("brigde", "Bridge")
