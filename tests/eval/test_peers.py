import json
from pathlib import Path

import pytest

from eval.cases import Case
from eval.peers import stored
from eval.peers.layout import Layout, declines
from eval.peers.stored import answer_key, recorder, stored_keys, stored_system
from eval.run import Job, stored_peers
from eval.systems import Reply
from ingest.errors import LibraryError
from ingest.thread import Thread
from tests.builders import comment, debate, thread
from tests.eval.builders import case

LAYOUT = Layout(debate())


def test_every_region_of_the_laid_out_text_is_the_comments_own() -> None:
    found = {region.number: LAYOUT.text[region.start : region.end] for region in LAYOUT.regions}
    assert found["c3"] == "Two hours? On Sundays perhaps, never in winter."
    assert found["article"] == debate().article.text
    assert len(found) == 7


def test_a_chunk_holds_the_comments_that_it_overlaps() -> None:
    start, end = LAYOUT.text.index("doubt the harbour"), LAYOUT.text.index("the queue is two")
    inside = LAYOUT.inside("Source 1:\n" + LAYOUT.text[start:end])
    assert [(region.number, LAYOUT.text[a:b]) for region, a, b in inside] == [
        ("c1", "doubt the harbour needs it."),
        ("c2", "I disagree with Ada. Ferries are slow and"),
    ]
    assert LAYOUT.inside("not in the text") == []


@pytest.mark.parametrize("mark", ["[1]", "[Source 1]", "according to Source 1"])
def test_a_cited_chunk_counts_as_the_comment_that_shares_most_words(mark: str) -> None:
    (claim,) = LAYOUT.claims(f"Ferries are slow with a long queue {mark}.", [LAYOUT.text])
    (citation,) = claim["citations"]
    assert (citation["number"], citation["author"]) == ("c2", "Ben")
    assert debate().comments[1].body[citation["start"] : citation["end"]] == citation["quote"]


def test_a_source_that_does_not_exist_is_not_cited() -> None:
    (claim,) = LAYOUT.claims("Ferries are slow [7].", [LAYOUT.text])
    assert claim["citations"] == []


@pytest.mark.parametrize(
    ("text", "declined"),
    [
        ("The sources do not mention any airline.", True),
        ("There is no information about it. Ferries are slow.", True),
        ("", True),
        ("I don't know. Ferries are slow.", True),
        ("Ferries are slow [1]. The sources do not say why.", False),
    ],
)
def test_a_decline_in_free_words_is_recognised_by_its_first_sentence(text: str, declined: bool) -> None:
    assert declines(text) is declined


def test_an_answer_belongs_to_thread_question_and_history_and_not_to_nuggets() -> None:
    key = answer_key(case(), debate())
    assert answer_key(case(id="other", nuggets=(("x",),)), debate()) == key
    assert answer_key(case(q="Else?"), debate()) != key
    assert answer_key(case(history=(("Who?", "Ada."),)), debate()) != key
    assert answer_key(case(), thread(comment(1, "Ada", "Else."))) != key


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "naive.bridge.jsonl"
    monkeypatch.setattr(stored, "answers_path", lambda system, name: tmp_path / f"{system}.{name}.jsonl")
    return path


def store(path: Path, item: Case, about: Thread) -> None:
    with recorder(path, about) as out:
        out.write(item, Reply({"answer": "Slow [1].", "claims": []}, {"total_ms": 30_000.04}), {"x": "1"}, {"top_k": 3})


def test_stored_answers_stand_beside_a_run_and_stale_ones_do_not(answers: Path) -> None:
    known, unknown = case(id="a", nuggets=(("slow",),), cites=("c2",)), case(id="b", q="Else?")
    assert stored_peers(Job("bridge", (debate(),), (known, unknown))) == []
    store(answers, known, debate())
    assert stored_keys(answers) == {answer_key(known, debate())}
    (record,) = stored_peers(Job("bridge", (debate(),), (known, unknown)))
    assert (record.system, record.case.id, record.scores.correct, record.ms) == (
        "naive",
        "a",
        1.0,
        {"total_ms": 30000.0},
    )
    changed = thread(comment(1, "Ada", "Else."))
    assert stored_peers(Job("bridge", (changed,), (known, unknown))) == []
    with pytest.raises(LibraryError, match="no stored answer to b"):
        stored_system("naive", "bridge", (known,), debate()).reply(unknown)


def test_the_stored_answers_that_ship_are_whole() -> None:
    folder = Path(stored.__file__).parent / "answers"
    lines = [json.loads(line) for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert lines
    answers = [line for line in lines if "answer" in line]
    assert all({"key", "case", "versions", "ms"} <= line.keys() for line in answers)
    found = [line for line in lines if "answer" not in line]
    assert all("spans" in line or "about" in line for line in found)
