from pathlib import Path

import pytest

from eval import full, setgate
from eval.full import about, model_share
from eval.run import Job, Progress
from eval.scores import Scores
from eval.summary import Record
from tests.builders import debate
from tests.eval.builders import case


def test_the_model_answers_what_a_peer_answered_and_a_share_of_the_rest() -> None:
    cases = tuple(case(id=name) for name in "abcdefgh")
    peers = [Record("naive", "one", case(id="b"), {}, Scores()), Record("naive", "two", case(id="c"), {}, Scores())]
    (share,) = model_share((Job("one", (), cases),), peers, 3)
    # without b: a c d e f g h, every third of them: a e h
    assert [item.id for item in share.cases] == ["a", "b", "e", "h"]


def test_a_run_says_when_on_what_and_with_which_versions_it_was_made() -> None:
    told = " ".join(about([Record("quotes", "one", case(id="a"), {}, Scores())]).values())
    assert "1 question on 1 thread" in told
    assert "llama-index-core 0." in told
    assert "make eval-full" in told


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Shrink everything to one thread of three questions and sets that cost nothing; note what was asked of whom."""
    asked: list[str] = []
    job = Job("bridge", (debate(),), tuple(case(id=name, q=f"{name}?", cites=("c2",)) for name in "abc"))

    def run_job(job: Job, answerer: str, settings: object, progress: Progress) -> None:
        for item in job.cases:
            asked.append(f"{answerer} {item.id}")
            if asked.count(f"{answerer} {item.id}") == 1 and (answerer, item.id) == ("model", "c"):
                raise KeyboardInterrupt
            hit = {"thread": "bridge", "comment": "t:2", "number": "c2", "author": "Ben", "text": "Slow.", "score": 1.0}
            answer = {"question": item.q, "answer": "Slow.", "claims": [], "evidence": [hit], "route": answerer}
            progress(Record(answerer, job.name, item, answer, Scores(right=True), {"total_ms": 9.0}), 1, 3)

    found = setgate.Measured({"arct": {"R@1": 10.0}}, {"wice": [[0.1, 0.2]]})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(full, "gold_jobs", lambda: (job,))
    monkeypatch.setattr(full, "run_job", run_job)
    monkeypatch.setattr(full, "bundled_installed", lambda: True)
    monkeypatch.setattr(full, "root", lambda: tmp_path)
    monkeypatch.setattr(full.setgate, "measure_all", lambda steps, folder: found)
    return asked


def test_a_whole_run_goes_on_where_it_was_stopped_and_leaves_its_page(
    small: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        full.main(["--model", "all"])
    assert full.main(["--model", "all"]) == 1  # the pretended set is below its floor
    assert small == ["quotes a", "quotes b", "quotes c", "model a", "model b", "model c", "model c"]
    said = capsys.readouterr()
    assert "model-bridge: 3 questions, 2 from before" in said.err
    assert "arct: R@1 is 10.0, its floor is" in said.out
    html = (tmp_path / ".eval" / "full.html").read_text()
    assert "Calibration of support" in html
    assert "found, before any model" in html
    assert len((tmp_path / ".eval" / "full.jsonl").read_text().splitlines()) == 3 + 3 + 2 * 3
    assert not (tmp_path / ".eval" / "steps").exists()


def test_a_run_may_leave_the_sets_and_the_model_out(small: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert full.main(["--model", "none", "--no-sets"]) == 0
    assert small == ["quotes a", "quotes b", "quotes c"]
    assert "were left out" in capsys.readouterr().out
