import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eval import gate
from eval.gate import Baseline, GateError, failures, found_in, model_jobs, raised, read_baseline
from eval.gold import gold_hashes
from eval.run import Job, evaluate
from eval.summary import Record
from eval.systems import EngineSystem
from ingest.thread import Thread
from rag.build import open_workspace
from rag.evidence import Scope
from rag.settings import Settings
from tests.builders import debate
from tests.eval.breaking import break_retrieval, swapped, trust_everything
from tests.eval.builders import case
from tests.fakes import ScriptedModel

HASHES = {"gold.jsonl": "aa"}
BASE = Baseline(0.01, HASHES, {"quotes": {"cite_f1": 0.8, "false_declines": 0.1}})


@pytest.mark.parametrize(
    ("found", "red"),
    [
        ({"cite_f1": 0.80, "false_declines": 0.10}, []),
        ({"cite_f1": 0.795, "false_declines": 0.105}, []),
        ({"cite_f1": 0.95, "false_declines": 0.0}, []),
        ({"cite_f1": 0.78, "false_declines": 0.10}, ["quotes: cite_f1 is 0.780, its floor is 0.800"]),
        ({"cite_f1": 0.80, "false_declines": 0.15}, ["quotes: false_declines is 0.150, its ceiling is 0.100"]),
        ({"cite_f1": 0.80}, ["quotes: false_declines is no longer measured; its floor is 0.100"]),
    ],
)
def test_the_gate_is_red_beyond_the_epsilon_alone(found: dict[str, float], red: list[str]) -> None:
    assert failures({"quotes": found}, BASE, HASHES) == red


def test_a_system_that_was_not_run_is_not_judged() -> None:
    assert failures({"model": {"cite_f1": 0.1}}, BASE, HASHES) == []


@pytest.mark.parametrize("hashes", [{"gold.jsonl": "bb"}, {}, {**HASHES, "new.jsonl": "cc"}])
def test_changed_gold_turns_the_gate_red(hashes: dict[str, str]) -> None:
    assert any(line.startswith("gold: ") for line in failures({}, BASE, hashes))


def test_floors_rise_and_systems_that_were_not_run_keep_theirs() -> None:
    base = replace(BASE, floors={**BASE.floors, "model": {"right": 0.7}})
    new = raised({"quotes": {"cite_f1": 0.9, "false_declines": 0.05, "right": 0.6}}, base, {"gold.jsonl": "bb"})
    assert new.floors == {
        "quotes": {"cite_f1": 0.9, "false_declines": 0.05, "right": 0.6},
        "model": {"right": 0.7},
    }
    assert new.gold == {"gold.jsonl": "bb"}


@pytest.mark.parametrize(
    "found", [{"cite_f1": 0.79, "false_declines": 0.1}, {"cite_f1": 0.9, "false_declines": 0.2}, {"cite_f1": 0.9}]
)
def test_a_floor_is_lowered_only_on_demand(found: dict[str, float]) -> None:
    with pytest.raises(GateError, match="would lower 1 floor"):
        raised({"quotes": found}, BASE, HASHES)
    assert raised({"quotes": found}, BASE, HASHES, allow_lower=True).floors["quotes"] == found


@pytest.mark.parametrize(
    "data", [{}, {"epsilon": "x", "gold": {}, "floors": {}}, {"epsilon": 0, "gold": {}, "floors": []}]
)
def test_a_damaged_baseline_is_our_own_error(data: dict[str, object]) -> None:
    with pytest.raises(GateError, match="damaged"):
        Baseline.from_json(data)


def test_the_pinned_baseline_is_readable_and_written_as_it_would_be() -> None:
    path = Path(gate.__file__).parent / "baseline.json"
    data = json.loads(path.read_text())
    assert Baseline.from_json(data).to_json() == data


def test_the_floors_were_taken_on_the_gold_that_is_here() -> None:
    pinned = read_baseline(Path(gate.__file__).parent / "baseline.json")
    assert dict(pinned.gold) == gold_hashes(), "run `python -m eval.gate --update`"


@pytest.mark.real
@pytest.mark.real
def test_the_gold_in_quotes_mode_holds_its_pinned_floors(capsys: pytest.CaptureFixture[str]) -> None:
    assert gate.main(["--no-model"]) == 0, capsys.readouterr().out[-2_000:]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Return a function that runs the command on fake scores and gives its exit code."""
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps(BASE.to_json()))
    monkeypatch.setattr(gate, "gold_jobs", lambda: ())
    monkeypatch.setattr(gate, "gold_hashes", lambda: HASHES)

    def run(score: float, *arguments: str) -> int:
        found = {"quotes": {"cite_f1": score, "false_declines": 0.1}}
        monkeypatch.setattr(gate, "found_in", lambda records: found)
        return gate.main(["--no-model", "--baseline", str(path), *arguments])

    return run


def test_the_command_is_green_for_one_score_and_red_for_another(command, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(0.81) == 0
    assert "GREEN" in capsys.readouterr().out
    assert command(0.5) == 1
    assert "quotes: cite_f1 is 0.500, its floor is 0.800" in capsys.readouterr().out


def test_an_update_that_lowers_is_refused_and_one_that_raises_is_kept(command, tmp_path: Path) -> None:
    assert command(0.5, "--update") == 2
    assert command(0.9, "--update") == 0
    assert json.loads((tmp_path / "baseline.json").read_text())["floors"]["quotes"]["cite_f1"] == 0.9
    assert command(0.81) == 1
    assert command(0.5, "--update", "--allow-lower") == 0
    assert command(0.5) == 0


def test_the_models_subset_is_fixed_and_mixed() -> None:
    cases = tuple(case(id=f"{kind}{n}", kind=kind) for kind in ("fact", "who_said", "stance") for n in range(9))
    (job,) = model_jobs((Job("a", (), cases),), 6)
    assert [item.id for item in job.cases] == [item.id for item in model_jobs((Job("a", (), cases),), 6)[0].cases]
    assert sorted(item.kind for item in job.cases) == ["fact", "fact", "stance", "stance", "who_said", "who_said"]


# --- Broken on purpose: the real engine on a small thread, healthy and with one part broken. ---

CASES = (
    case(id="1", q="What does Ben say about the ferries?", nuggets=(("slow",),), cites=("c2",)),
    case(id="2", q="What does Cleo Brandt say about the moorings?", nuggets=(("north quay",),), cites=("c5",)),
    case(id="3", q="What does Ada say about the cost of the new bridge?", nuggets=(("40",),), cites=("c1",)),
    case(id="7", q="Who says that the ferries are slow?", nuggets=(("slow",),), cites=("c2",)),
    case(id="4", q="When were the fishermen asked?", nuggets=(("May",),), cites=("c6",)),
    case(id="5", kind="unanswerable", answerable=False, q="Which airline flies to Lisbon?"),
    case(id="6", kind="unanswerable", answerable=False, q="How do I bake sourdough bread?"),
)
MODEL_REPLIES = (
    "Ben says that ferries are slow. [1]",
    "Cleo Brandt says their moorings would move to the north quay. [1]",
    "Ada says that Karl Marx paid 90 million dollars in gold for the new bridge. [1]",
    "Ben says that ferries were slow in 1822. [1]",
    "Ada says the fishermen were asked by the Pope in 1822. [1]",
    "Lufthansa flies there twice a day from Terminal 9. [1]",
    "Mix flour and water with a starter. [1]",
)


def measured(home: Path, heard: Thread, replies: Sequence[str] = ()) -> list[Record]:
    """Ask an engine that has read `heard`, and score its answers against the true debate."""
    with open_workspace(Settings(home=home, cache=home)) as workspace:
        workspace.library.add(heard)
        if replies:
            model = ScriptedModel(replies)
            workspace.model.get = lambda: model  # type: ignore[method-assign, assignment, return-value]
        answerer = "model" if replies else "quotes"
        system = EngineSystem(workspace.engine, answerer, Scope(thread_ids=(heard.id,)), answerer)
        return evaluate(system, CASES, [debate()], "bridge")


def broken(healthy: list[Record], damaged: list[Record]) -> str:
    """Return why a gate whose floors are the healthy run's is red on the damaged run."""
    floors = Baseline(0.005, {}, found_in(healthy))
    assert failures(found_in(healthy), floors, {}) == []
    return "\n".join(failures(found_in(damaged), floors, {}))


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    return measured(tmp_path_factory.mktemp("healthy"), debate())


@pytest.mark.real
def test_the_healthy_engine_answers_the_small_thread(healthy: list[Record]) -> None:
    found = found_in(healthy)["quotes"]
    assert found["right"] >= 0.8, [(r.case.q, r.answer.get("answer")) for r in healthy if not r.scores.right]


@pytest.mark.real
def test_breaking_retrieval_turns_the_gate_red(
    healthy: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_retrieval(monkeypatch)
    red = broken(healthy, measured(tmp_path, debate()))
    assert "cite_f1" in red
    assert "evidence_recall" in red


@pytest.mark.real
def test_swapping_two_authors_turns_the_gate_red(healthy: list[Record], tmp_path: Path) -> None:
    assert "attribution" in broken(healthy, measured(tmp_path, swapped(debate(), "Ada", "Ben")))


@pytest.mark.real
def test_breaking_the_verifier_turns_the_gate_red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = measured(tmp_path / "a", debate(), MODEL_REPLIES * 2)
    trust_everything(monkeypatch)
    red = broken(checked, measured(tmp_path / "b", debate(), MODEL_REPLIES * 2))
    assert "k_precision" in red


@pytest.mark.real
def test_breaking_declining_turns_the_gate_red(
    healthy: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.chat.decide", lambda *arguments, **named: None)
    assert "abstain_f1" in broken(healthy, measured(tmp_path, debate()))
