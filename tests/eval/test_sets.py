import json
from pathlib import Path

import pytest

import eval.sets as sets
from eval.ranking import average_precision, ndcg, recall, reciprocal_rank
from eval.setdata import SETS, Asked, RetrievalSet, read_set
from eval.sets import measure, query_for
from eval.vectors import CachedEncoder
from rag.evidence import Scope, Turn
from tests.builders import debate
from tests.fakes import FakeEncoder


def test_reciprocal_rank_is_one_over_the_first_right_rank() -> None:
    assert reciprocal_rank(["a", "b", "c"], {"c", "b"}) == 1 / 2
    assert reciprocal_rank(["a", "b", "c"], {"c"}, k=2) == 0


def test_ndcg_compares_with_the_best_order() -> None:
    # found at ranks 2 and 3: (1/log2(3) + 1/log2(4)) / (1/log2(2) + 1/log2(3)) = (0.6309 + 0.5) / 1.6309
    assert ndcg(["x", "a", "b"], {"a", "b"}) == pytest.approx(1.1309 / 1.6309, abs=1e-4)
    assert ndcg([], {"a"}) == 0


def test_average_precision_counts_what_was_not_found() -> None:
    assert average_precision(["a", "x", "b"], {"a", "b", "c"}) == pytest.approx((1 / 1 + 2 / 3) / 3)


def test_recall_is_the_share_of_the_right_ones() -> None:
    assert recall(["a", "x", "b"], {"a", "b"}, 1) == 1 / 2


def asked(question: str, *gold: str, history: tuple[Turn, ...] = ()) -> Asked:
    return Asked(question, question, Scope(thread_ids=("bridge",), part="comments"), frozenset(gold), "bridge", history)


def test_a_set_is_measured_through_the_shipped_retriever() -> None:
    right = RetrievalSet("tiny", (debate(),), (asked("Where would the moorings of the fishermen go?", "t:5"),))
    wrong = RetrievalSet("tiny", (debate(),), (asked("Where would the moorings of the fishermen go?", "t:3"),))
    assert measure(right, FakeEncoder()).measures["R@1"].value == 100
    assert measure(wrong, FakeEncoder()).measures["R@1"].value == 0


def test_an_aim_is_missed_only_below_it() -> None:
    data = RetrievalSet("tiny", (debate(),), (asked("moorings of the fishermen", "t:5"),), aims={"R@1": 100})
    assert measure(data, FakeEncoder()).missed == ()
    data = RetrievalSet("tiny", (debate(),), (asked("moorings of the fishermen", "t:3"),), aims={"R@1": 100})
    assert measure(data, FakeEncoder()).missed == ("R@1",)


def test_history_reaches_the_query_as_the_engine_would_pass_it() -> None:
    query = query_for(asked("What would it cost?", "t:1", history=(Turn("Who wants the bridge?", "Ben."),)))
    assert "bridge" in query.before
    assert query_for(asked("What would it cost?", "t:1")).before == ""


def test_vectors_are_kept_and_not_computed_twice(tmp_path: Path) -> None:
    first = FakeEncoder()
    kept = CachedEncoder(first, tmp_path, "tiny")
    before = kept.encode(["one", "two"])
    kept.save()
    second = FakeEncoder()
    again = CachedEncoder(second, tmp_path, "tiny").encode(["two", "one"])
    assert second.encoded == []
    assert abs(before - again[::-1]).max() < 1e-3


def test_absent_sets_are_skipped_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sets, "root", lambda: tmp_path / "nowhere")
    assert sets.main([]) == 0
    assert "Skipped" in capsys.readouterr().out


def test_figures_are_printed_and_written_for_each_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = RetrievalSet("arct", (debate(),), (asked("moorings of the fishermen", "t:5"),), aims={"R@1": 75})
    monkeypatch.setattr(sets, "root", lambda: tmp_path)
    monkeypatch.setattr(sets, "_CACHE", tmp_path / "cache")
    monkeypatch.setattr(sets, "read_set", lambda name, folder: data)
    monkeypatch.setattr(sets, "open_encoder", lambda *_, **__: FakeEncoder())
    assert sets.main(["--only", "arct", "--json", str(tmp_path / "out.json")]) == 0
    assert "≥75" in capsys.readouterr().out
    assert json.loads((tmp_path / "out.json").read_text())[0]["measures"]["R@1"]["value"] == 100


@pytest.mark.parametrize("name", SETS)
def test_every_set_reads_and_its_right_answers_are_among_its_texts(name: str, shared: Path) -> None:
    data = read_set(name, shared / "evalsets")
    texts = {thread.id for thread in data.threads} if data.by_thread else set()
    texts |= {comment.id for thread in data.threads for comment in thread.comments}
    assert data.asked
    assert all(one.gold <= texts for one in data.asked)
