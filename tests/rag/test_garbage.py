"""Full collections wait for the end of an answer, and then they happen."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from rag import garbage


class Knot:
    """Something that only the search for cycles frees."""

    def __init__(self) -> None:
        self.self = self


@pytest.fixture(autouse=True)
def _thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def _full_collections() -> int:
    return int(gc.get_stats()[2]["collections"])


def test_no_full_collection_happens_while_much_is_kept() -> None:
    garbage.postpone()
    gc.collect()
    before = _full_collections()
    kept = [[number] for number in range(300_000)]
    assert _full_collections() == before
    assert len(kept) == 300_000


def test_when_it_is_due_cycles_are_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    garbage.postpone()
    knot = Knot()
    gone = weakref.ref(knot)
    gc.collect()  # it is old now: no young collection looks at it
    del knot
    garbage.look_when_due()
    assert gone() is not None  # nothing has come up since
    monkeypatch.setattr(garbage, "_DUE", 0)
    garbage.look_when_due()
    assert gone() is None
