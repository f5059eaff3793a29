"""What a real Chroma leaves on disk when its collection is made anew is removed, and nothing else."""

import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path

import numpy as np
import pytest

from rag.adapters import chroma
from rag.adapters.chroma import ChromaIndex
from rag.adapters.chroma_files import unused
from rag.adapters.chroma_sources import ChromaFolder
from rag.library import Library
from rag.settings import Settings
from rag.storage import open_library
from tests.builders import debate
from tests.fakes import FakeEncoder

pytestmark = pytest.mark.real

MANY = 1_200  # vectors; Chroma writes a graph to disk after a thousand


def fill(index: ChromaIndex, count: int = MANY) -> None:
    rows = np.random.default_rng(count).normal(size=(count, 8)).astype(np.float32)
    index.upsert([str(n) for n in range(count)], rows, ["t"] * count)


def graphs(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir()}


def test_a_dropped_collections_graph_goes_and_the_new_one_works(tmp_path: Path) -> None:
    folder = ChromaFolder(tmp_path / "chroma")
    index = ChromaIndex(folder, "passages-a")
    fill(index)
    first = graphs(tmp_path / "chroma")
    assert len(first) == 1
    index.drop()
    assert {path.name for path in unused(tmp_path / "chroma")} == first  # Chroma leaves it; should it stop, so do we
    index.tidy()
    assert graphs(tmp_path / "chroma") == set()
    identity = index.identity
    fill(index, MANY + 1)
    index.tidy()
    assert (index.count(), index.identity) == (MANY + 1, identity)
    assert len(graphs(tmp_path / "chroma")) == 1
    folder.close()
    again = ChromaIndex(folder, "passages-a")
    assert (again.count(), again.identity) == (MANY + 1, identity)
    folder.close()


def test_collections_of_the_same_kind_go_and_others_stay(tmp_path: Path) -> None:
    folder = ChromaFolder(tmp_path / "chroma")
    old, other, new = (ChromaIndex(folder, name) for name in ("passages-a", "sentences-a", "passages-b"))
    for index in (old, other, new):
        fill(index)
    kept = other.identity, new.identity
    assert len(graphs(tmp_path / "chroma")) == 3
    new.tidy()
    assert len(graphs(tmp_path / "chroma")) == 2
    assert (other.count(), new.count()) == (MANY, MANY)
    assert (other.identity, new.identity) == kept
    assert len(new.query(np.eye(8, dtype=np.float32)[0], 5)) == 5
    folder.close()


def test_only_graph_folders_are_removed(tmp_path: Path) -> None:
    home = tmp_path / "chroma"
    folder = ChromaFolder(home)
    index = ChromaIndex(folder, "passages-a")
    fill(index)
    (live,) = graphs(home)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    (home / "notes").mkdir()
    (home / str(uuid.uuid4())).write_text("a file")
    (home / str(uuid.uuid4())).symlink_to(elsewhere)
    (home / str(uuid.uuid4()).upper()).mkdir()
    (home / str(uuid.uuid4())).mkdir()
    before = {path.name for path in home.iterdir()}
    gone = {path.name for path in unused(home)}
    assert len(gone) == 1
    assert live not in gone
    index.tidy()
    assert {path.name for path in home.iterdir()} == before - gone
    assert (elsewhere / "kept").exists()
    assert index.count() == MANY
    folder.close()


@pytest.mark.parametrize("harm", [lambda file: file.unlink(), lambda file: file.write_bytes(b"x" * 5000)])
def test_nothing_is_unused_where_chromas_database_cannot_say(tmp_path: Path, harm: object) -> None:
    folder = ChromaFolder(tmp_path / "chroma")
    fill(ChromaIndex(folder, "passages-a"))
    folder.close()
    harm(tmp_path / "chroma" / "chroma.sqlite3")  # type: ignore[operator]
    assert len(graphs(tmp_path / "chroma")) == 1
    assert unused(tmp_path / "chroma") == []
    assert unused(tmp_path / "nowhere") == []


class Renamed(FakeEncoder):
    name = "renamed"


def opened(home: Path, encoder: FakeEncoder) -> Library:
    return open_library(Settings(home=home, answerer="quotes"), encoder=encoder)


def grown(library: Library) -> None:
    """Put more vectors into the library's collection than stay in memory."""
    assert library.index.sync()
    fill(library.index._index, MANY)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoder", [FakeEncoder, Renamed], ids=["same encoder", "another encoder"])
def test_reindexing_leaves_no_graph_of_the_index_before(tmp_path: Path, encoder: type[FakeEncoder]) -> None:
    library = opened(tmp_path, FakeEncoder(8))
    library.add(debate())
    grown(library)
    before = graphs(tmp_path / "chroma")
    assert len(before) == 1
    library.close()
    library = opened(tmp_path, encoder(8))
    library.reindex()
    assert library.index.trouble() is None
    library.close()
    assert len(graphs(tmp_path / "chroma")) == 1
    assert not graphs(tmp_path / "chroma") & before


def test_reindexing_leaves_no_trace_of_a_removed_vector(tmp_path: Path) -> None:
    library = opened(tmp_path, FakeEncoder(8))
    library.add(debate())
    grown(library)
    index = library.index._index
    assert index is not None
    secret = np.array([[0.5, -0.5, 0.5, -0.5, 0, 0, 0, 0]], dtype=np.float32)  # of length 1 to the last bit
    index.upsert(["secret"], secret, ["t"])
    fill(index, MANY + 1)  # type: ignore[arg-type]
    index.delete(["secret"])
    library.close()

    def holders() -> list[str]:
        files = [path for path in (tmp_path / "chroma").rglob("*") if path.is_file()]
        return [path.name for path in files if secret.tobytes() in path.read_bytes()]

    assert "data_level0.bin" in holders()  # Chroma deletes an entry and keeps its bytes; should it stop, so do we
    before = (tmp_path / "chroma" / "chroma.sqlite3").stat().st_size
    library = opened(tmp_path, FakeEncoder(8))
    library.reindex()
    assert library.index.trouble() is None
    library.close()
    assert holders() == []
    assert (tmp_path / "chroma" / "chroma.sqlite3").stat().st_size < before
    library = opened(tmp_path, FakeEncoder(8))
    assert library.index.sync()
    assert library.index.trouble() is None
    library.close()


def test_what_a_killed_run_left_goes_when_the_index_is_next_opened(tmp_path: Path) -> None:
    library = opened(tmp_path, FakeEncoder(8))
    library.add(debate())
    library.close()
    left = tmp_path / "chroma" / str(uuid.uuid4())
    left.mkdir()
    (left / "data_level0.bin").touch()
    library = opened(tmp_path, FakeEncoder(8))
    assert library.index.sync()
    assert not left.exists()
    assert library.index.trouble() is None
    library.close()


HOLD = """
import sys
from pathlib import Path
from rag.adapters.chroma import ChromaIndex
from rag.adapters.chroma_sources import ChromaFolder
ChromaIndex(ChromaFolder(Path(sys.argv[1])), "passages-a").count()
print("held", flush=True)
sys.stdin.read()
"""


def test_nothing_is_removed_while_another_process_holds_the_folder(tmp_path: Path) -> None:
    library = opened(tmp_path, FakeEncoder(8))
    library.add(debate())
    library.close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "chroma")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        left = tmp_path / "chroma" / str(uuid.uuid4())
        left.mkdir()
        library = opened(tmp_path, FakeEncoder(8))
        assert not library.index.sync()
        library.reindex()
        library.close()
        assert left.is_dir()
    finally:
        holder.communicate("")
    library = opened(tmp_path, FakeEncoder(8))
    assert library.index.sync()
    assert not left.exists()
    library.close()


def logged(folder: Path) -> int:
    """Count the vectors that Chroma holds in its log alone."""
    connection = sqlite3.connect(f"file:{folder / 'chroma.sqlite3'}?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT count(*) FROM embeddings_queue").fetchone()[0])
    finally:
        connection.close()


def write(index: ChromaIndex, first: int, last: int) -> None:
    rows = np.random.default_rng(first).normal(size=(last - first, 8)).astype(np.float32)
    index.upsert([str(n) for n in range(first, last)], rows, ["t"] * (last - first))


def test_many_vectors_are_written_into_the_graph_a_few_times_and_none_stays_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma, "_MANY", 5_000)
    folder = ChromaFolder(tmp_path / "chroma")
    index = ChromaIndex(folder, "passages-a")
    write(index, 0, 1)
    lengths = []
    with index.filling(25_000):
        for first in range(1, 6_001, 500):
            write(index, first, first + 500)
            lengths.append(logged(tmp_path / "chroma"))
    assert max(lengths) > 2_000  # not written at every thousand
    assert logged(tmp_path / "chroma") < 10
    assert index.count() == 6_001
    write(index, 6_001, 8_001)
    assert logged(tmp_path / "chroma") < 1_000  # written at every thousand again
    folder.close()


def test_a_filling_that_was_cut_off_leaves_no_rare_writing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma, "_MANY", 5_000)
    folder = ChromaFolder(tmp_path / "chroma")
    index = ChromaIndex(folder, "passages-a")
    cut_off = index.filling(100_000)
    cut_off.__enter__()
    write(index, 0, 3_000)
    folder.close()
    again = ChromaIndex(folder, "passages-a")
    write(again, 3_000, 5_000)
    assert logged(tmp_path / "chroma") < 1_000
    assert again.count() == 5_000
    folder.close()
