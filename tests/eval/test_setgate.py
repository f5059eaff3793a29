"""The floors of the third-party sets."""

import json
from pathlib import Path

import pytest

import eval.setgate as setgate
from eval.gate import Baseline, GateError
from eval.health import Study
from eval.setgate import main, names, red_sets, with_floors

FLOORS = {"arct": {"R@1": 75.0}, "mtrag_un trust": {"false declines": 13.0}}
GOOD = {"arct": {"R@1": 75.9}, "mtrag_un trust": {"false declines": 12.1}}


@pytest.mark.parametrize(
    ("figures", "red"),
    [
        (GOOD, []),
        ({**GOOD, "arct": {"R@1": 74.9}}, ["arct: R@1 is 74.9, its floor is 75.0"]),
        ({**GOOD, "arct": {}}, ["arct: R@1 is no longer measured; its floor is 75.0"]),
        (
            {**GOOD, "mtrag_un trust": {"false declines": 13.1}},
            ["mtrag_un trust: false declines is 13.1, its ceiling is 13.0"],
        ),
    ],
)
def test_a_figure_below_its_floor_is_red(figures: dict[str, dict[str, float]], red: list[str]) -> None:
    assert red_sets(figures, FLOORS) == red


def test_floors_are_what_was_measured_less_a_margin_and_never_fall() -> None:
    assert with_floors(GOOD, {}) == {"arct": {"R@1": 74.9}, "mtrag_un trust": {"false declines": 13.1}}
    # 75.2 is above the floor of 75.0, but 75.2 less the margin is not: the floor stays
    slightly = {"arct": {"R@1": 75.2}, "mtrag_un trust": {"false declines": 12.8}}
    assert with_floors(slightly, FLOORS) == FLOORS
    with pytest.raises(GateError, match="would lower 1"):
        with_floors({**GOOD, "arct": {"R@1": 70.0}}, FLOORS)
    assert with_floors({**GOOD, "arct": {"R@1": 70.0}}, FLOORS, allow_lower=True)["arct"] == {"R@1": 69.0}


def test_a_threshold_fitted_to_one_source_gets_no_floor() -> None:
    assert with_floors({"wice trust": {"balanced accuracy": 70.0, "HAGRID, own threshold": 80.0}}, {}) == {
        "wice trust": {"balanced accuracy": 69.0}
    }


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Pretend that every set measures to the same, and return a baseline with floors."""
    monkeypatch.setattr(setgate, "FOLDER", tmp_path / "steps")
    monkeypatch.setattr(setgate.sets, "root", lambda: tmp_path)
    monkeypatch.setattr(setgate.health, "study", lambda folder: Study({"health": {"r": 50.0}}, {}))
    monkeypatch.setattr(setgate.sets, "figures", lambda name: {name: {"R@1": 75.9}})
    monkeypatch.setattr(setgate.sets_trust, "figures", lambda name: {f"{name} trust": {"false declines": 12.1}})
    monkeypatch.setattr(setgate.sets_threads, "figures", lambda name: {name: {"structure": 97.0}})
    monkeypatch.setattr(setgate.sets_stance, "figures", lambda name: {name: {"counts": 100.0, "chance": 50.0}})
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps(Baseline(0.01, {"g": "aa"}, {"quotes": {"right": 0.5}}, FLOORS).to_json()))
    return path


def test_the_command_is_green_above_the_floors_and_red_below(
    measured: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--baseline", str(measured)]) == 0
    assert "GREEN" in capsys.readouterr().out
    monkeypatch.setattr(setgate.sets, "figures", lambda name: {name: {"R@1": 60.0}})
    assert main(["--baseline", str(measured)]) == 1
    assert "arct: R@1 is 60.0, its floor is 75.0" in capsys.readouterr().out


def test_an_update_writes_the_sets_floors_alone(measured: Path) -> None:
    assert main(["--baseline", str(measured), "--update"]) == 0
    data = json.loads(measured.read_text())
    assert data["floors"] == {"quotes": {"right": 0.5}}
    assert data["sets"]["health"] == {"r": 49.0}
    plain = {name.split("/")[1] for name in names() if name.startswith(("retrieval", "threads", "stance"))}
    trust = {f"{name.split('/')[1]} trust" for name in names() if name.startswith("trust")}
    assert data["sets"].keys() == {"health"} | plain | trust
    assert data["sets"]["slashdot_threads"] == {"structure": 96.0}
    assert data["sets"]["arct_stance"] == {"counts": 99.0}


def test_absent_sets_are_told_and_green(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setgate.sets, "root", lambda: tmp_path / "nowhere")
    assert main([]) == 0
    assert "were not checked" in capsys.readouterr().out
