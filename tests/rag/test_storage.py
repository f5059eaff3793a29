"""Which encoder a library is opened with."""

from pathlib import Path

import pytest

from ingest.errors import ModelMissing
from rag import storage
from rag.adapters.weights import BUNDLED
from rag.settings import Settings
from rag.storage import open_library
from tests.builders import debate
from tests.fakes import FakeEncoder

EIGHT = f"{BUNDLED}:int8"


class Named(FakeEncoder):
    """The fake, under the name that was asked for."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


@pytest.fixture(autouse=True)
def _opened_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "open_encoder", lambda name, **_: Named(name))


def begin(home: Path, encoder: str) -> None:
    library = open_library(Settings(home=home, encoder=encoder))
    library.add(debate())
    library.close()


def encoder_of(settings: Settings, *, anew: bool = False) -> str:
    library = open_library(settings, anew=anew)
    try:
        return library.encoder.name
    finally:
        library.close()


def test_a_new_library_takes_the_default_encoder(tmp_path: Path) -> None:
    assert encoder_of(Settings(home=tmp_path)) == EIGHT


@pytest.mark.parametrize("begun", [BUNDLED, EIGHT])
def test_a_library_keeps_the_precision_that_it_was_begun_with(tmp_path: Path, begun: str) -> None:
    begin(tmp_path, begun)
    assert encoder_of(Settings(home=tmp_path)) == begun


def test_a_library_of_another_model_is_not_opened_with_it_by_default(tmp_path: Path) -> None:
    begin(tmp_path, "another-model")
    library = open_library(Settings(home=tmp_path))
    try:
        assert (library.encoder.name, library.foreign_encoder()) == (EIGHT, "another-model")
    finally:
        library.close()


def test_an_encoder_that_is_set_wins_over_what_the_library_holds(tmp_path: Path) -> None:
    begin(tmp_path, EIGHT)
    assert encoder_of(Settings(home=tmp_path, encoder=BUNDLED)) == BUNDLED


def test_making_all_vectors_again_takes_the_encoder_that_is_set(tmp_path: Path) -> None:
    begin(tmp_path, BUNDLED)
    assert encoder_of(Settings(home=tmp_path), anew=True) == EIGHT


def test_a_catalogue_is_closed_where_the_encoder_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(storage.SqliteCatalogue, "close", lambda _: closed.append(True))

    def missing(name: str, **_: object) -> None:
        raise ModelMissing(f"{name} is not installed.", remedy="Install it.")

    monkeypatch.setattr(storage, "open_encoder", missing)
    with pytest.raises(ModelMissing):
        open_library(Settings(home=tmp_path))
    assert closed == [True]
