"""The benchmark's pure parts, and one small round of each comparison with fakes."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from eval.bench import main
from eval.bench_cold import COMMANDS, runs
from eval.bench_ingest import PassagesOnly, comments_alone, compare, part_of, quality
from eval.bench_read import SHAPES, measure
from eval.bench_table import Row, Taken, beside, faster, table, within
from eval.setdata import Asked, RetrievalSet
from ingest.errors import LibraryError
from ingest.thread import Thread
from rag.evidence import Scope
from rag.passages import passages, vector_texts
from rag.settings import Settings
from tests.builders import debate
from tests.fakes import FakeEncoder


class NaiveFake:
    """The other pipeline, which finds whatever was written first."""

    def __init__(self) -> None:
        self.held: list[str] = []

    def ingest(self, threads: Sequence[Thread], folder: Path) -> int:
        assert folder.is_dir()
        self.held = [comment.id for thread in threads for comment in thread.visible]
        return len(self.held)

    def ranked(self, question: str, thread_ids: Sequence[str], k: int) -> list[str]:
        return self.held[:k]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, cache=tmp_path)


def test_the_ratio_is_the_median_of_the_pairs_and_not_of_the_sides() -> None:
    ours = [Taken(1, 1), Taken(10, 10), Taken(2, 2)]
    other = [Taken(3, 2), Taken(20, 40), Taken(8, 4)]  # pairs: 3, 2, 4 elapsed; 2, 4, 2 of processor time
    row = faster("ingest", "comments", ours, other, count=10, unit="comments", goal=3)
    assert row.ratio == 3
    assert row.met
    assert "2.00×" in row.note
    assert not faster("ingest", "comments", ours, other, count=10, unit="comments", goal=3.1).met


def test_a_limit_is_held_against_the_median() -> None:
    assert within("cold", "x", [0.1, 9.0, 0.4], 0.4).met
    assert not within("cold", "x", [0.1, 9.0, 0.41], 0.4).met


def test_quality_may_fall_by_the_slack_and_no_more() -> None:
    assert beside("quality", "x", 79.6, 80.0, slack=0.5).met
    assert not beside("quality", "x", 79.4, 80.0, slack=0.5).met


def test_the_table_says_what_is_missed_and_leaves_open_what_has_no_goal() -> None:
    drawn = table([Row("a", "b", "1", ratio=1.25, met=False), Row("c", "d", "2")])
    assert "| a | b | 1 |  | **1.2×** |  | **missed** |  |" in drawn
    assert "| c | d | 2 |  |  |  |  |  |" in drawn


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_read_whole(shape: str) -> None:
    assert measure(shape, 12).comments == 12


def test_the_table_and_the_file_name_every_shape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "rows.json"
    assert main(["--only", "read", "--comments", "6", "--json", str(out)]) == 0
    printed = capsys.readouterr().out
    assert all(shape in printed for shape in SHAPES)
    assert [row["what"] for row in json.loads(out.read_text("utf-8"))["rows"]] == list(SHAPES)


def test_a_round_takes_the_same_comments_in_by_both_ways(settings: Settings) -> None:
    naive, encoder, thread = NaiveFake(), FakeEncoder(), debate()
    alone, whole = compare(naive, [encoder], [thread], 1, settings)
    assert len(naive.held) == len(thread.visible)
    assert alone.ratio is not None
    assert whole.ratio is not None
    assert f"{len(naive.held)} comments" in whole.what


def test_without_sentences_their_texts_are_not_encoded() -> None:
    encoder, thread = FakeEncoder(), debate()
    cut = passages(thread)
    everything = [text.text for passage in cut for text in vector_texts(passage)]
    rows = PassagesOnly(encoder, [thread]).encode(everything)
    assert len(rows) == len(everything) > len(cut)
    assert sorted(encoder.encoded) == sorted(passage.embedded for passage in cut)


def test_the_article_is_left_out_since_the_other_pipeline_has_none() -> None:
    (alone,) = comments_alone([debate()])
    assert all(passage.comment_id != "article" for passage in passages(alone))


def test_quality_is_measured_of_both_on_the_same_questions(settings: Settings) -> None:
    thread = debate()
    first = thread.visible[0]
    asked = Asked("q", first.body, Scope(thread_ids=(thread.id,)), frozenset({first.id}), thread.id)
    rows = quality(NaiveFake(), [FakeEncoder()], RetrievalSet("set", (thread,), (asked,)), settings)
    assert [(row.ours, row.other, row.met) for row in rows] == [("100.0", "100.0", True)] * 2


def test_a_part_of_a_set_keeps_the_questions_that_it_can_answer() -> None:
    thread = debate()
    asked = tuple(
        Asked(name, "?", Scope(thread_ids=(name,)), frozenset({name}), name) for name in (thread.id, "elsewhere")
    )
    part = part_of(RetrievalSet("set", (thread, debate()), asked), 1)
    assert len(part.threads) == 1
    assert [one.id for one in part.asked] == [thread.id]


def test_every_start_of_a_command_is_timed_but_the_first() -> None:
    wall, cpu = runs([sys.executable, "-c", "pass"], 2)
    assert len(wall) == len(cpu) == 2
    assert all(seconds > 0 for seconds in wall)


def test_a_command_that_fails_is_not_timed() -> None:
    with pytest.raises(LibraryError, match="no good"):
        runs([sys.executable, "-c", "import sys; sys.exit('no good')"], 1)


def test_every_command_of_the_goals_is_measured() -> None:
    assert {command.arguments[0] for command in COMMANDS.values()} == {"--help", "list", "show", "ask"}
