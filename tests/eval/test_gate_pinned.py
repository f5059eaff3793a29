"""The real floors at work: the engine on the sample's questions, with one part broken, is red by `eval/baseline.json`.

The floors are of the whole gold and the run is of one thread, so a healthy run need not be green; each test therefore
also sees that the measure was well above before its part was broken.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from eval.gate import failures, found_in, read_baseline
from eval.run import Job, evaluate, gold_jobs
from eval.summary import Record
from eval.systems import EngineSystem
from ingest.thread import Thread
from rag.build import open_workspace
from rag.evidence import Answerer, Scope
from rag.settings import Settings
from tests.eval.breaking import break_retrieval, swapped, trust_everything
from tests.fakes import ScriptedModel

pytestmark = pytest.mark.real

PINNED = read_baseline(Path(str(files("eval") / "baseline.json")))
(JOB,) = gold_jobs(["idlib"])
LIES = (
    "Bianca says that Karl Marx paid 90 million dollars in gold for it. [1]",
    "Outis Philalithopoulos says the Pope ordered it in 1822. [1]",
    "Lufthansa flies there twice a day from Terminal 9. [2]",
)


def run(home: Path, heard: Thread, job: Job = JOB, answerer: Answerer = "quotes") -> list[Record]:
    """Ask an engine that has read `heard`; score it against the true thread."""
    with open_workspace(Settings(home=home, cache=home, answer_cache=False)) as workspace:
        workspace.library.add(heard)
        if answerer == "model":
            model = ScriptedModel(LIES * len(job.cases))
            workspace.model.get = lambda: model  # type: ignore[method-assign, assignment, return-value]
        system = EngineSystem(workspace.engine, answerer, Scope(thread_ids=(heard.id,)), answerer)
        return evaluate(system, job.cases, job.threads, job.name)


def red(before: Sequence[Record], after: Sequence[Record], system: str, measure: str) -> bool:
    """Tell whether a measure fell far and is below its pinned floor."""
    was, now = found_in(before)[system].get(measure, 1.0), found_in(after)[system].get(measure, 0.0)
    lines = failures(found_in(after), replace(PINNED, gold={}), {})
    return was - now > 0.1 and any(line.startswith(f"{system}: {measure} ") for line in lines)


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    return run(tmp_path_factory.mktemp("healthy"), JOB.threads[0])


def test_broken_retrieval_falls_below_the_pinned_floors(
    healthy: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_retrieval(monkeypatch)
    after = run(tmp_path, JOB.threads[0])
    assert red(healthy, after, "quotes", "evidence_recall")
    assert red(healthy, after, "quotes", "cite_f1")


def test_swapped_authors_fall_below_the_pinned_floors(healthy: list[Record], tmp_path: Path) -> None:
    (true,) = JOB.threads
    (one, _), (other, _) = Counter(comment.author for comment in true.visible if comment.author).most_common(2)
    assert red(healthy, run(tmp_path, swapped(true, one, other)), "quotes", "attribution")


def test_never_declining_falls_below_the_pinned_floors(
    healthy: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.chat.decide", lambda *arguments, **named: None)
    assert red(healthy, run(tmp_path, JOB.threads[0]), "quotes", "abstain_f1")


def test_a_trusting_verifier_falls_below_the_pinned_floors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = replace(JOB, cases=tuple(case for case in JOB.cases if case.kind == "who_said")[:8])
    before = run(tmp_path / "checked", JOB.threads[0], job, "model")
    trust_everything(monkeypatch)
    after = run(tmp_path / "trusted", JOB.threads[0], job, "model")
    assert red(before, after, "model", "k_precision")
    assert red(before, after, "model", "attribution")
