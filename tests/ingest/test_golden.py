"""Every golden input is recognised as its format and read as the tree that stands beside it."""

from pathlib import Path

import pytest

from tests.ingest import golden


@pytest.mark.parametrize("path", golden.cases(), ids=lambda path: f"{path.parent.name}-{path.name.split('.in.')[0]}")
def test_golden_input_is_read_as_its_tree(path: Path, update_golden: bool) -> None:
    golden.check(path, update_golden)
