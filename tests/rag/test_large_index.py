"""An index of many vectors: a graph that misses a vector is kept, one that misses most is filled again."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from rag.library import Library
from rag.ports import Vectors
from tests.builders import debate
from tests.fakes import FakeEncoder, FakeIndex


class Forgetful(FakeIndex):
    """An index whose graph does not reach every vector."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.misses: frozenset[int] = frozenset()
        self.dropped = 0

    def query(self, vector: Vectors, k: int, thread_ids: Sequence[str] = ()) -> list[tuple[str, float]]:
        self.asked += 1
        return [] if self.asked in self.misses else super().query(vector, k, thread_ids)

    def drop(self) -> None:
        self.dropped += 1
        super().drop()


def opened_again(tmp_path: Path, misses: frozenset[int]) -> Forgetful:
    index = Forgetful()
    first = Library(tmp_path, FakeEncoder(), lambda _kind, _dimension: index)
    first.add(debate())
    assert first.index.sync()
    first.close()
    index.asked, index.misses = 0, misses
    again = Library(tmp_path, FakeEncoder(), lambda _kind, _dimension: index)
    assert again.index.sync()
    again.close()
    return index


@pytest.mark.parametrize(("misses", "dropped"), [(frozenset(), 0), (frozenset({2}), 0), (frozenset({1, 2, 3, 4}), 1)])
def test_a_large_index_is_filled_again_only_where_it_misses_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, misses: frozenset[int], dropped: int
) -> None:
    monkeypatch.setattr("rag.indexes.EXACT", 3)
    assert opened_again(tmp_path, misses).dropped == dropped


def test_a_small_index_that_misses_one_is_filled_again(tmp_path: Path) -> None:
    assert opened_again(tmp_path, frozenset({2})).dropped == 1


class Watched(FakeIndex):
    """An index that notes whether its stored vectors were touched outside of a first look."""

    def __init__(self) -> None:
        super().__init__()
        self.looking = False
        self.unguarded = 0
        self.opened = False

    def trial(self) -> AbstractContextManager[None]:
        return self._looked()

    @contextmanager
    def _looked(self) -> Iterator[None]:
        self.looking = True
        yield
        self.looking, self.opened = False, True

    def count(self) -> int:
        self.unguarded += not (self.looking or self.opened)
        return super().count()


def test_an_index_of_another_life_is_counted_and_emptied_within_the_first_look(tmp_path: Path) -> None:
    index = Watched()
    first = Library(tmp_path, FakeEncoder(), lambda _kind, _dimension: index)
    first.add(debate())
    assert first.index.sync()
    first.catalogue.store.set_meta("index-passages", "another life")
    first.close()
    index.opened = False
    seen: list[bool] = []
    index.drop = lambda: (seen.append(index.looking), FakeIndex.drop(index))[1]  # type: ignore[method-assign]
    again = Library(tmp_path, FakeEncoder(), lambda _kind, _dimension: index)
    assert again.index.sync()
    again.close()
    assert (index.unguarded, seen) == (0, [True])
