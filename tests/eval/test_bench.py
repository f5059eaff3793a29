import pytest

from eval.bench import SHAPES, main, measure


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_read_whole(shape: str) -> None:
    assert measure(shape, 12).comments == 12


def test_the_table_names_every_shape(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["6"]) == 0
    printed = capsys.readouterr().out
    assert all(shape in printed for shape in SHAPES)
