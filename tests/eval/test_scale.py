"""The growth of a library, measured by the program that measures a million comments."""

import json
from pathlib import Path

import numpy as np
import pytest

from eval.drawn import DrawnEncoder
from eval.scale import Asked, main, measure, questions
from eval.scale_report import merged, plot, table, write
from tests.builders import comment, thread

WORDS = ["the", "of", "bridge", "ferry", "harbour", "queue"]


def drawn() -> DrawnEncoder:
    return DrawnEncoder(WORDS, 2, np.random.default_rng(1).standard_normal((50, 32)).astype(np.float32))


def test_drawn_vectors_are_unit_and_texts_that_share_rare_words_are_near() -> None:
    rows = drawn().encode(["The bridge of the harbour.", "bridge harbour", "Ferry, queue", ""])
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert rows[0] @ rows[1] > 0.9 > rows[0] @ rows[2]
    assert np.array_equal(drawn().encode(["bridge harbour"])[0], rows[1])
    assert drawn().encode([]).shape == (0, 32)


def test_a_question_is_made_of_words_of_one_comment() -> None:
    body = " ".join(["the", "bridge"] * 12)
    asked = questions([thread(comment(1, "Ada", body), comment(2, "Ben", "Short."))], frozenset({"the"}))
    assert asked == [Asked("What do people say about bridge bridge bridge bridge?", "t")]


def run(comments: int, p95: float) -> dict[str, object]:
    answered = {"p50": p95 / 2, "p95": p95, "processor_p50": 1.0, "processor_p95": 2.0, "found": 0.9}
    sizes = {"comments": comments, "threads": 3, "passages": 9, "vectors": 20, "catalogue": 2e9, "chroma": 1e6}
    rates = {"added": 900.0, "added_processor": 1200.0, "indexed": 500.0, "memory": 5e8, "recall": 0.99}
    rest = {"drawn": comments > 1_000, "load": 1.0, "cores": 2, "server": None, "server_memory": 0}
    return {**sizes, **rates, **rest, "whole": answered, "within": answered}


def test_the_report_keeps_earlier_sizes_and_draws_every_one(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    merged(results, [run(1_000, 40.0), run(100_000, 90.0)])
    runs = merged(results, [run(100_000, 80.0)])
    assert [one["comments"] for one in runs] == [1_000, 100_000]
    assert [one["comments"] for one in json.loads(results.read_text(encoding="utf-8"))] == [1_000, 100_000]
    assert "| | 1,000 | 100,000 (drawn vectors) |" in table(runs)
    assert "| first evidence, whole library: p50 / p95 ms | 20 / 40 | 40 / 80 |" in table(runs)
    assert plot(runs).count("<circle") == 3 * 2 + 3
    page = tmp_path / "scale.md"
    page.write_text("A\n<!-- scale: begin -->\nold\n<!-- scale: end -->\nB\n", encoding="utf-8")
    write(tmp_path, runs)
    assert "old" not in page.read_text(encoding="utf-8")
    assert page.read_text(encoding="utf-8").startswith("A\n")
    assert page.read_text(encoding="utf-8").endswith("B\n")
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks"):
        write(tmp_path, runs)


@pytest.mark.real
def test_a_small_library_is_measured_whole(tmp_path: Path) -> None:
    found = measure(1_500, tmp_path, encode_up_to=0, asked=12)
    assert found.comments == 1_500
    assert found.drawn
    assert found.passages < found.vectors
    assert found.recall > 0.95
    assert found.whole.found > 0.6
    assert found.within.found == 1.0
    assert 0 < found.whole.p50 <= found.whole.p95
    assert min(found.catalogue, found.chroma, found.memory, found.added, found.indexed) > 0


@pytest.mark.real
@pytest.mark.server
@pytest.mark.long
def test_twenty_thousand_comments_are_asked_as_fast_in_both_modes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results.json"
    given = ["--comments", "20000", "--encode-up-to", "0", "--questions", "20", "--server"]
    assert main([*given, "--results", str(results)]) == 0
    (found,) = json.loads(results.read_text(encoding="utf-8"))
    assert found["comments"] == 20_000
    assert found["recall"] > 0.95
    assert found["whole"]["found"] > 0.6
    assert found["server"]["found"] == pytest.approx(found["whole"]["found"], abs=0.15)
    assert "first evidence, whole library" in capsys.readouterr().out
