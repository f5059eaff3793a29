"""One contract for every encoder, and the proof that both real ones compute the same vectors."""

import hashlib
import json
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import ModelDamaged, ModelMissing
from rag.adapters import bert_graph
from rag.adapters.encoders import open_encoder
from rag.adapters.onnx_encoder import OnnxEncoder, _read_safetensors, can_run
from rag.adapters.sentence_transformers import SentenceTransformersEncoder
from rag.adapters.weights import BUNDLED, BUNDLED_SHA256, locate, verify
from rag.ports import Encoder
from tests.fakes import FakeEncoder

TEXTS = [
    "Who is against the bridge?",
    "Ada, answering Ben (Ferries are slow):\nTwo hours? On Sundays perhaps, never in winter.",
    "",
    " \n ",
    "今天很好。 Ça va? Жизнь 🌉 \x00 \u202e",
    "a",
    "word " * 700,
    "x" * 5000,
    *(f"Comment number {number} " + "says something longer " * number for number in range(8)),
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def onnx(cache: Path) -> Encoder:
    return open_encoder(BUNDLED, cache=cache, threads=1)


@pytest.fixture(scope="module")
def reference() -> Encoder:
    return SentenceTransformersEncoder(BUNDLED, locate(BUNDLED), threads=1)


@pytest.fixture(scope="module")
def small(cache: Path) -> Encoder:
    return open_encoder(f"{BUNDLED}:int8", cache=cache, threads=1)


@pytest.fixture(
    params=["fake", *(pytest.param(name, marks=pytest.mark.real) for name in ("onnx", "reference", "small"))],
)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return FakeEncoder() if request.param == "fake" else request.getfixturevalue(request.param)


def test_every_text_has_a_row_of_unit_length(encoder: Encoder) -> None:
    rows = encoder.encode(TEXTS)
    assert rows.shape == (len(TEXTS), encoder.dimension)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_a_vector_depends_on_its_text_alone(encoder: Encoder) -> None:
    rows = encoder.encode(TEXTS)
    for place in (0, 1, 4, 12):
        assert encoder.encode([TEXTS[place]])[0] == pytest.approx(rows[place], abs=1e-5)
    assert encoder.encode(TEXTS[:5][::-1])[::-1] == pytest.approx(rows[:5], abs=1e-5)


def test_texts_that_say_the_same_are_nearer(encoder: Encoder) -> None:
    asked, near, far = encoder.encode(
        ["a bridge over the harbour", "the harbour needs a bridge", "my cat sleeps all day long"]
    )
    assert asked @ near > asked @ far + 0.1


@pytest.mark.real
def test_onnxruntime_computes_what_sentence_transformers_does(onnx: Encoder, reference: Encoder) -> None:
    texts = [text for text in TEXTS if text.strip()]
    cosines = (onnx.encode(texts) * reference.encode(texts)).sum(axis=1)
    assert cosines.min() > 0.9999
    assert onnx.dimension == reference.dimension == 384
    assert onnx.name == reference.name


@pytest.mark.real
def test_the_default_encoder_loads_no_torch(cache: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from rag.adapters.encoders import open_encoder;"
        f"open_encoder({BUNDLED!r}, cache=Path({str(cache)!r}), threads=1).encode(['a']);"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.real
def test_a_model_that_onnxruntime_cannot_run_is_left_to_sentence_transformers(tmp_path: Path) -> None:
    source = locate(BUNDLED)
    assert source is not None
    assert can_run(source)
    for name in ("config.json", "tokenizer.json", "sentence_bert_config.json"):
        shutil.copy(source / name, tmp_path)
    (tmp_path / "model.safetensors").touch()
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    assert isinstance(open_encoder(str(tmp_path), cache=tmp_path), SentenceTransformersEncoder)
    assert isinstance(open_encoder("nobody/has-this-model", cache=tmp_path), SentenceTransformersEncoder)


@pytest.mark.real
@pytest.mark.parametrize(
    "data",
    [b"", b"\x00" * 4, struct.pack("<Q", 2**60) + b"{}", struct.pack("<Q", 2) + b"{}", struct.pack("<Q", 3) + b"{x}"],
)
def test_damaged_weights_are_told(tmp_path: Path, data: bytes) -> None:
    source = locate(BUNDLED)
    assert source is not None
    for name in ("config.json", "tokenizer.json", "sentence_bert_config.json"):
        shutil.copy(source / name, tmp_path)
    (tmp_path / "model.safetensors").write_bytes(data)
    with pytest.raises(ModelDamaged, match="damaged"):
        OnnxEncoder(tmp_path, "mine", cache=tmp_path).encode(["a"])
    with pytest.raises(ModelDamaged, match="damaged"):  # the bundled name is held to its checksum
        OnnxEncoder(tmp_path, BUNDLED, cache=tmp_path).encode(["a"])


@pytest.mark.real
def test_a_missing_model_is_told_without_asking_a_hub() -> None:
    with pytest.raises(ModelMissing, match="not on this machine"):
        SentenceTransformersEncoder("nobody/has-this-model").encode(["a"])


def test_a_checksum_is_computed_once(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    weights.write_bytes(b"right")
    digest = hashlib.sha256(b"right").hexdigest()
    verify(weights, digest, tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 1
    verify(weights, digest, tmp_path / "cache")
    weights.write_bytes(b"wrong!")
    with pytest.raises(ModelDamaged, match="damaged"):
        verify(weights, digest, tmp_path / "cache")


def test_a_cache_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    (tmp_path / "weights").write_bytes(b"right")
    verify(tmp_path / "weights", hashlib.sha256(b"right").hexdigest(), tmp_path / "cache")


def test_weights_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="not at"):
        verify(tmp_path / "none", BUNDLED_SHA256, tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"hidden_size": 3}))
    with pytest.raises(ModelMissing, match=r"has no sentence_bert_config\.json"):
        OnnxEncoder(tmp_path, "mine", cache=tmp_path)


@pytest.mark.real
def test_the_number_of_threads_changes_no_vector(onnx: Encoder, cache: Path) -> None:
    texts = [f"{text} {number}" for number in range(6) for text in TEXTS]  # several batches
    assert open_encoder(BUNDLED, cache=cache, threads=3).encode(texts) == pytest.approx(onnx.encode(texts), abs=1e-6)


@pytest.mark.real
def test_matrices_in_eight_bits_turn_a_vector_little_and_have_another_name(onnx: Encoder, small: Encoder) -> None:
    texts = [text for text in TEXTS if len(text.split()) > 3]
    cosines = (onnx.encode(texts) * small.encode(texts)).sum(axis=1)
    assert 0.99 < cosines.mean() < 0.9999
    assert cosines.min() > 0.95
    assert small.name == f"{onnx.name}:int8"


@pytest.mark.real
def test_two_products_in_eight_bits_fit_the_sixteen_in_which_older_processors_add_them() -> None:
    folder = locate(BUNDLED)
    assert folder is not None
    shape = bert_graph.BertShape(layers=6, heads=12, epsilon=1e-12)
    ready = bert_graph.weights(_read_safetensors(folder / "model.safetensors"), shape)
    small = bert_graph.eight_bits(ready, shape)
    largest = max(int(np.abs(array).max()) for name, array in small.items() if name.endswith(".8"))
    assert 2 * 255 * largest < 2**15


def test_a_model_that_cannot_run_in_eight_bits_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="cannot run in 8 bits"):
        open_encoder(f"{tmp_path}:int8", cache=tmp_path)
