"""One contract for every vector index: the real Chroma, and the fake that other tests use."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import IndexUnavailable
from rag.adapters.chroma import ChromaIndex, collection_name
from rag.adapters.chroma_sources import ChromaFolder, ChromaServer
from rag.ports import SyncedIndex, Vectors
from tests.fakes import FakeEncoder, FakeIndex

WORDS = ["red apple", "green apple", "blue whale", "grey whale", "red brick"]
NAMES = [f"id {word}#{n}" for n, word in enumerate(WORDS)]
THREADS = ["fruit | pie", "fruit | pie", "sea", "sea", "https://a.org/x?y=z"]


@pytest.fixture(params=["fake", pytest.param("chroma", marks=pytest.mark.real)])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SyncedIndex]:
    if request.param == "fake":
        yield FakeIndex()
        return
    folder = ChromaFolder(tmp_path / "chroma")
    yield ChromaIndex(folder, "test")
    folder.close()


@pytest.fixture
def vectors() -> Vectors:
    return FakeEncoder().encode(WORDS)


def test_an_empty_index_answers_everything(index: SyncedIndex, vectors: Vectors) -> None:
    assert index.query(vectors[0], 3) == []
    assert index.fetch(["x"]) == {}
    assert index.fetch([]) == {}
    assert index.fetch_thread("x") == {}
    assert index.ids() == set()
    assert index.count() == 0
    index.delete([])
    index.delete(["x"])
    index.upsert([], vectors[:0], [])


def test_the_nearest_come_first_with_their_cosine(index: SyncedIndex, vectors: Vectors) -> None:
    index.upsert(NAMES, vectors, THREADS)
    found = index.query(vectors[0], 3)
    expected = vectors @ vectors[0]
    order = sorted(range(5), key=lambda n: -expected[n])[:3]
    assert found[0][0] == NAMES[0]
    assert [score for _, score in found] == pytest.approx([expected[n] for n in order], abs=1e-5)
    assert len(index.query(vectors[0], 99)) == 5


def test_a_query_may_be_kept_to_threads(index: SyncedIndex, vectors: Vectors) -> None:
    index.upsert(NAMES, vectors, THREADS)
    assert {found for found, _ in index.query(vectors[0], 9, ["sea"])} == set(NAMES[2:4])
    assert {found for found, _ in index.query(vectors[0], 9, ["sea", THREADS[4]])} == set(NAMES[2:])
    assert index.query(vectors[0], 9, ["nowhere"]) == []


def test_writing_again_replaces(index: SyncedIndex, vectors: Vectors) -> None:
    index.upsert(NAMES, vectors, THREADS)
    index.upsert(NAMES[:1], vectors[2:3], ["moved"])
    assert index.count() == 5
    assert index.fetch(NAMES[:1])[NAMES[0]] == pytest.approx(vectors[2])
    assert set(index.fetch_thread("moved")) == {NAMES[0]}
    assert set(index.fetch_thread(THREADS[0])) == {NAMES[1]}


def test_deleted_vectors_are_gone_and_unknown_ones_ignored(index: SyncedIndex, vectors: Vectors) -> None:
    index.upsert(NAMES, vectors, THREADS)
    index.delete([NAMES[0], "unknown"])
    assert index.ids() == set(NAMES[1:])
    assert NAMES[0] not in dict(index.query(vectors[0], 9))


@pytest.mark.parametrize("renew", [lambda index: index.drop(), lambda index: index.reset()], ids=["drop", "reset"])
def test_an_emptied_index_is_another_one_and_usable(
    index: SyncedIndex, vectors: Vectors, renew: Callable[[SyncedIndex], None]
) -> None:
    before = index.identity
    index.upsert(NAMES, vectors, THREADS)
    assert index.identity == before
    renew(index)
    assert index.identity != before
    assert index.count() == 0
    index.upsert(NAMES[:2], vectors[:2], THREADS[:2])
    assert index.count() == 2


def test_a_batch_beyond_chromas_maximum_is_written_whole(index: SyncedIndex) -> None:
    count = 6_000
    rows = np.eye(8, dtype=np.float32)[np.arange(count) % 8]
    index.upsert([str(n) for n in range(count)], rows, ["t"] * count)
    assert index.count() == count
    assert index.ids() == {str(n) for n in range(count)}
    index.delete([str(n) for n in range(count - 1)])
    assert index.ids() == {str(count - 1)}


def test_collections_of_different_encoders_have_different_names() -> None:
    names = {
        collection_name(kind, encoder, dimension, chunker)
        for kind in ("passages", "sentences")
        for encoder in ("all-MiniLM-L6-v2", "BAAI/bge-small-en-v1.5", "/models/" + "x" * 600)
        for dimension in (384, 768)
        for chunker in (1, 2)
    }
    assert len(names) == 24
    assert all(3 <= len(name) <= 512 for name in names)


@pytest.mark.real
def test_what_was_written_is_there_after_reopening(tmp_path: Path, vectors: Vectors) -> None:
    folder = ChromaFolder(tmp_path / "chroma")
    first = ChromaIndex(folder, "test")
    first.upsert(NAMES, vectors, THREADS)
    identity = first.identity
    folder.close()
    folder = ChromaFolder(tmp_path / "chroma")
    second = ChromaIndex(folder, "test")
    assert (second.count(), second.identity) == (5, identity)
    assert second.query(vectors[3], 1)[0][0] == NAMES[3]
    folder.close()


@pytest.mark.real
def test_a_held_folder_is_refused_at_once_and_free_after_closing(tmp_path: Path) -> None:
    holder, other = ChromaFolder(tmp_path / "chroma"), ChromaFolder(tmp_path / "chroma")
    ChromaIndex(holder, "test").count()
    with pytest.raises(IndexUnavailable, match="Another process holds"):
        ChromaIndex(other, "test").count()
    holder.close()
    assert ChromaIndex(other, "test").count() == 0
    other.close()


@pytest.mark.real
def test_a_folder_of_another_series_of_chroma_is_emptied(tmp_path: Path, vectors: Vectors) -> None:
    folder = ChromaFolder(tmp_path / "chroma")
    ChromaIndex(folder, "test").upsert(NAMES, vectors, THREADS)
    folder.close()
    (tmp_path / "chroma" / "commentariat.json").write_text('{"chroma": "0.4"}')
    assert ChromaIndex(folder, "test").count() == 0
    folder.close()


@pytest.mark.real
def test_a_damaged_folder_is_opened_empty(tmp_path: Path, vectors: Vectors) -> None:
    folder = ChromaFolder(tmp_path / "chroma")
    ChromaIndex(folder, "test").upsert(NAMES, vectors, THREADS)
    folder.close()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"damaged" * 1000)
    assert ChromaIndex(folder, "test").count() == 0
    folder.close()


@pytest.mark.real
def test_a_server_that_does_not_answer_is_told() -> None:
    with pytest.raises(IndexUnavailable):
        ChromaIndex(ChromaServer("http://127.0.0.1:9"), "test").count()


@pytest.mark.real
def test_a_folder_whose_first_look_killed_the_process_is_thrown_away(tmp_path: Path, vectors: Vectors) -> None:
    folder = ChromaFolder(tmp_path / "chroma")
    index = ChromaIndex(folder, "test")
    index.upsert(NAMES, vectors, THREADS)
    with index.trial():
        assert index.count() == 5
    with index.trial():
        assert index.count() == 5  # a look that ended well leaves no mark
    folder.close()
    (tmp_path / "chroma" / "first-look").touch()
    with index.trial():
        assert index.count() == 0
    folder.close()
