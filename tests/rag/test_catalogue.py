"""What a catalogue promises, on SQLite and on PostgreSQL alike."""

import threading
from dataclasses import replace

import pytest

from ingest.errors import LibraryBusy, LibraryDamaged
from rag.catalogue import StoredCatalogue
from rag.passages import passages, vector_texts
from tests.builders import comment, debate, thread
from tests.fakes import FakeEncoder
from tests.rag.places import Place, store


@pytest.fixture
def catalogue(place: Place) -> StoredCatalogue:
    return place.catalogue()


def test_a_stored_thread_comes_back_equal(catalogue: StoredCatalogue) -> None:
    store(catalogue, debate())
    assert catalogue.thread("bridge") == debate()
    assert catalogue.passages("bridge") == passages(debate())
    assert catalogue.thread("elsewhere") is None


def test_a_new_thread_is_seen_only_when_it_is_whole(catalogue: StoredCatalogue) -> None:
    found = passages(debate())
    catalogue.save_pending(debate(), found)
    assert catalogue.threads() == []
    assert catalogue.thread("bridge") is None
    assert catalogue.passages("bridge") == []
    assert catalogue.passages_by_id([found[0].id]) == {}
    assert catalogue.threads_of([found[0].id]) == {}
    assert catalogue.search(["ferries"], 5) == []
    assert [(row.id, row.indexed) for row in catalogue.threads(pending=True)] == [("bridge", False)]


def test_a_thread_without_all_its_vectors_stays_pending(catalogue: StoredCatalogue) -> None:
    found = passages(debate())
    catalogue.save_pending(debate(), found)
    texts = [text for passage in found for text in vector_texts(passage)]
    catalogue.vectors.stage(texts[1:], FakeEncoder().encode([text.text for text in texts[1:]]))
    assert not catalogue.mark_indexed("bridge")
    assert [text.id for text in catalogue.vectors.missing("bridge", texts)] == [texts[0].id]


def test_readers_keep_the_old_state_until_the_new_one_is_whole(catalogue: StoredCatalogue) -> None:
    store(catalogue, debate())
    changed = replace(debate(), article=replace(debate().article, title="Council postpones the vote"))
    catalogue.save_pending(changed, passages(changed))
    assert catalogue.thread("bridge") == debate()
    assert [row.title for row in catalogue.threads(pending=True)] == ["Council votes on the harbour bridge"]
    catalogue.drop_pending("bridge")
    assert not catalogue.mark_indexed("bridge")
    assert catalogue.thread("bridge") == debate()


def test_full_text_finds_inflected_words_best_first_and_within_threads(catalogue: StoredCatalogue) -> None:
    store(catalogue, debate())
    store(catalogue, thread(comment(1, "Dan", "One ferry sank."), thread_id="other"))
    hits = catalogue.search(["ferry", "queues"], 9)
    found = catalogue.passages_by_id([hit for hit, _ in hits])
    assert found[hits[0][0]].comment_id == "t:2"
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    assert {found[hit].thread_id for hit, _ in hits} == {"bridge", "other"}
    assert [catalogue.passages_by_id([hit])[hit].thread_id for hit, _ in catalogue.search(["ferry"], 9, ["other"])] == [
        "other"
    ]


@pytest.mark.parametrize("terms", [[], [""], ["  "], ['"'], ["!!"], ["a OR b"], ["col:x", "NEAR(", "*"], ["\x00"]])
def test_no_term_can_break_the_full_text_query(catalogue: StoredCatalogue, terms: list[str]) -> None:
    store(catalogue, debate())
    assert isinstance(catalogue.search(terms, 5), list)
    assert catalogue.search(["ferries"], 0) == []


def test_an_update_replaces_text_and_full_text(catalogue: StoredCatalogue) -> None:
    store(catalogue, thread(comment(1, "Ada", "Zeppelins."), comment(2, "Ben", "Tunnels.")))
    store(catalogue, thread(comment(1, "Ada", "Balloons."), comment(2, "Ben", "Tunnels.")))
    assert catalogue.search(["zeppelins"], 5) == []
    assert len(catalogue.search(["balloons"], 5)) == len(catalogue.search(["tunnels"], 5)) == 1
    assert [passage.text for passage in catalogue.passages("t")] == ["Balloons.", "Tunnels."]
    assert catalogue.store.check() == []


def test_the_revision_grows_with_every_visible_change_and_others_see_it(
    catalogue: StoredCatalogue, place: Place
) -> None:
    other = place.catalogue()
    seen = [other.revision()]
    store(catalogue, debate())
    seen.append(other.revision())
    catalogue.remove("bridge")
    seen.append(other.revision())
    assert seen == sorted(set(seen))
    catalogue.remove("bridge")
    assert other.revision() == seen[-1]


def test_states_tell_which_passages_have_vectors(catalogue: StoredCatalogue) -> None:
    store(catalogue, debate())
    states = catalogue.states("bridge")
    assert [state.id for state in states] == [passage.id for passage in passages(debate())]
    assert all(state.indexed and state.embedded_hash for state in states)


def test_a_second_writer_is_told_that_the_library_is_busy(catalogue: StoredCatalogue, place: Place) -> None:
    other = place.catalogue()
    with catalogue.store.writing(), pytest.raises(LibraryBusy, match="Another process is writing"):
        other.store.set_meta("a", "b")
    other.store.set_meta("a", "b")
    assert catalogue.store.meta("a") == "b"


def test_a_failing_transaction_changes_nothing(catalogue: StoredCatalogue) -> None:
    def fail() -> None:
        with catalogue.store.writing() as connection:
            connection.execute("INSERT INTO meta VALUES ('a', 'b')")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert catalogue.store.meta("a") is None


def test_many_threads_may_share_a_catalogue(catalogue: StoredCatalogue) -> None:
    store(catalogue, debate())
    failures: list[object] = []

    def read() -> None:
        for _ in range(30):
            if catalogue.thread("bridge") != debate() or not catalogue.search(["ferries"], 3):
                failures.append(1)

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for title in "abc":
        store(catalogue, thread(comment(1, "Ada", f"Words {title}."), thread_id=title))
    for reader in readers:
        reader.join()
    assert not failures


def test_a_damaged_thread_is_told_by_name(catalogue: StoredCatalogue) -> None:
    store(catalogue, debate())
    with catalogue.store.writing() as connection:
        connection.execute("UPDATE threads SET body = ?, revision = 99", (b"\0",))
    with pytest.raises(LibraryDamaged, match="'bridge'"):
        catalogue.thread("bridge")


def test_threads_read_lately_are_kept_within_bounds(catalogue: StoredCatalogue) -> None:
    catalogue.kept.room = 7
    for name in "abc":
        store(catalogue, replace(debate(), id=name))
    first = catalogue.thread("a")
    assert catalogue.thread("a") is first
    catalogue.thread("b")
    assert catalogue.thread("a") is not first
    assert catalogue.thread("a") == first


def test_passages_read_again_are_those_of_the_thread_as_it_is_now(catalogue: StoredCatalogue) -> None:
    store(catalogue, thread(comment(1, "Ada", "Bridges."), thread_id="t"))
    (first,) = catalogue.passages("t")
    catalogue.passages("t").clear()  # a reader may do with its list what it likes
    assert catalogue.passages("t")[0] is first
    store(catalogue, thread(comment(1, "Ada", "Ferries."), thread_id="t"))
    assert [passage.text for passage in catalogue.passages("t")] == ["Ferries."]
    catalogue.remove("t")
    assert catalogue.passages("t") == []


def test_passages_name_their_threads(catalogue: StoredCatalogue) -> None:
    store(catalogue, thread(comment(1, "Ada", "Bridges."), thread_id="t"))
    store(catalogue, thread(comment(1, "Ben", "Ferries."), thread_id="u"))
    (one,), (other,) = catalogue.passages("t"), catalogue.passages("u")
    assert catalogue.threads_of([other.id, "unknown", one.id]) == {one.id: "t", other.id: "u"}
