import json
from pathlib import Path

import pytest

from eval import health
from eval.health import main, reliability, study
from eval.measures import area_under_curve


def write(folder: Path, labels: list[int]) -> None:
    (folder / "attributionbench").mkdir(parents=True)
    claims = ["ferries are slow", "ferries sank yesterday", "ferries are green", "bridges cost gold"]
    rows = [{"claim": c, "evidence": ["Ferries are slow."], "label": v} for c, v in zip(claims, labels, strict=True)]
    (folder / "attributionbench" / "dev.A.jsonl").write_text("\n".join(map(json.dumps, rows)))


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    # supported 0.9 and 0.4, others 0.5 and 0.4: 0.9 wins twice, 0.4 loses and ties → 2.5 of 4
    assert area_under_curve([(0.9, 1), (0.4, 1), (0.5, 0), (0.4, 0.5)]) == 0.625
    assert area_under_curve([(0.9, 1)]) is None


def test_a_measure_that_follows_people_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, [1, 0, 1, 0])
    assert main(["--words-only", "--sets", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "n = 4" in printed
    assert "wice: not at" in printed


def test_a_measure_that_contradicts_people_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, [0, 1, 0, 1])
    assert main(["--words-only", "--sets", str(tmp_path)]) == 1
    assert "below its floor" in capsys.readouterr().out


def test_k_precision_follows_people_on_the_labelled_sets(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--words-only", "--sets", str(shared / "evalsets")]) == 0, capsys.readouterr().out


def test_reliability_is_the_mean_label_at_each_level_of_the_score() -> None:
    low, high = [(0.12, 0.0)] * 9 + [(0.18, 1.0)], [(1.0, 1.0)] * 10
    # nine at 0.12 and one at 0.18: 0.126, a tenth supported; too few in the middle are left out
    assert reliability([*low, (0.5, 1.0), *high]) == [[0.126, 0.1], [1.0, 1.0]]


def test_support_is_studied_beside_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, [1, 0, 1, 0])
    monkeypatch.setattr(health, "by_support", lambda name, items: [0.9, 0.2, 0.8, 0.1])
    found = study(tmp_path).figures["health"]
    assert found["support, attributionbench, AUC"] == 100.0
    assert found["support, attributionbench, r"] > 90
    assert found["K-precision, attributionbench, r"] < found["support, attributionbench, r"]
    assert "support, wice, r" not in found


def test_every_measure_that_judges_support_has_a_floor_on_every_labelled_set() -> None:
    assert {name for name, _ in health.FLOORS} == {"K-precision", "support"}
    assert len(health.FLOORS) == 6
