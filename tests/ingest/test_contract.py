"""Every loader keeps the contract of `Loader`, whatever it is given."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.formats import LOADERS
from ingest.loader import Loader
from ingest.source import Source
from tests.ingest import golden, laws

every_loader = pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.name)
with_seeds = pytest.mark.parametrize(
    "loader", [loader for loader in LOADERS if laws.seeds(loader.name)], ids=lambda loader: loader.name
)
SLOW = {"html": 10, "pdf": 5}
RELAXED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)


def test_names_of_formats_are_unique_and_have_titles() -> None:
    assert len({loader.name for loader in LOADERS}) == len(LOADERS)
    assert all(loader.title for loader in LOADERS)


@pytest.mark.parametrize("path", golden.cases(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_each_format_recognises_its_own_best(path: Path) -> None:
    source = golden.source(path)
    scores = {loader.name: loader.sniff(source) for loader in LOADERS}
    assert max(scores, key=lambda name: scores[name]) == path.parent.name
    assert all(0.0 <= score <= 1.0 for score in scores.values())


@pytest.mark.parametrize("path", golden.cases(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_golden_threads_keep_the_laws(path: Path) -> None:
    loader = next(loader for loader in LOADERS if loader.name == path.parent.name)
    threads = loader.load(golden.source(path))
    assert threads
    for thread in threads:
        laws.check(thread)


@pytest.mark.parametrize("path", golden.cases(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_recognised_format_does_not_depend_on_the_files_name(path: Path) -> None:
    source = Source(name="download", data=path.read_bytes())
    best = max(LOADERS, key=lambda loader: loader.sniff(source))
    assert best.name == path.parent.name or path.parent.name in ("markdown", "plaintext", "outline")


@every_loader
@settings(max_examples=60, deadline=None, suppress_health_check=RELAXED)
@given(data=st.binary(min_size=1, max_size=400) | st.text(min_size=1).map(lambda text: text.encode("utf-8", "replace")))
def test_garbage_is_refused_in_one_line_or_read(loader: Loader, data: bytes) -> None:
    laws.read(loader, data, "garbage.bin")


KEYS = sorted(
    {key for path in golden.cases() if path.suffix == ".json" for key in laws.keys(json.loads(path.read_text()))}
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@every_loader
@settings(max_examples=60, deadline=None, suppress_health_check=RELAXED)
@given(data=JSON)
def test_any_json_is_refused_in_one_line_or_read(loader: Loader, data: object) -> None:
    laws.read(loader, json.dumps(data).encode())


def fuzz(loader: Loader, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(laws.seeds(loader.name)))
    raw = path.read_bytes()
    if path.suffix == ".json" and data.draw(st.booleans()):
        raw = data.draw(laws.mutated_json(raw.decode()))
    else:
        raw = data.draw(laws.mutated_bytes(raw))
    laws.read(loader, raw, path.name)


@with_seeds
def test_damaged_files_are_refused_in_one_line_or_read(loader: Loader) -> None:
    settings(max_examples=SLOW.get(loader.name, 100), deadline=None, suppress_health_check=RELAXED)(
        given(st.data())(lambda data: fuzz(loader, data))
    )()


@pytest.mark.long
@with_seeds
def test_a_thousand_damaged_files_are_refused_in_one_line_or_read(loader: Loader) -> None:
    settings(max_examples=1000, deadline=None, suppress_health_check=RELAXED)(
        given(st.data())(lambda data: fuzz(loader, data))
    )()


@every_loader
def test_an_empty_object_or_list_holds_no_comment(loader: Loader) -> None:
    for data in (b"{}", b"[]", b"[[]]", b'[{"a": 1}]', b"null", b"0"):
        assert not any(thread.visible for thread in laws.read(loader, data))
