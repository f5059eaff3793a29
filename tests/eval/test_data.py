from collections import Counter
from importlib.resources import files

import pytest

from eval.cases import KINDS
from eval.data import make
from eval.gold import GOLD, GoldSet, gold_hashes, read_cases, read_threads
from eval.recount import Row, recount
from eval.validate import main, problems
from tests.builders import debate
from tests.eval.builders import case

CASES = [item for gold in GOLD for item in read_cases(gold)]


def test_every_case_agrees_with_its_thread(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, capsys.readouterr().out


def test_the_gold_is_large_and_has_every_kind() -> None:
    kinds = Counter(item.kind for item in CASES)
    assert len(CASES) >= 300
    assert set(kinds) == set(KINDS)
    assert sum(bool(item.forbidden) for item in CASES) >= 25
    assert len({item.id for item in CASES}) == len(CASES)


def test_the_data_card_counts_what_is_there() -> None:
    card = (files("eval.data") / "README.md").read_text(encoding="utf-8")
    rows = {cells[0]: cells[1:] for line in card.splitlines() for cells in [line.strip("| ").split(" | ")]}
    totals: Counter[str] = Counter()
    for gold in GOLD:
        cases = read_cases(gold)
        counts = Counter([*(item.kind for item in cases), *(item.split for item in cases)])
        totals += counts
        expected = [str(counts[kind]) for kind in KINDS] + [str(len(cases)), str(counts["dev"]), str(counts["held"])]
        assert f"| {gold.name} | {' | '.join(expected)} |" in card
        (thread,) = read_threads(gold)
        assert f"| {len(thread.visible)} |" in next(
            line for line in card.splitlines() if line.startswith(f"| {gold.name} | ")
        )
    assert rows["all"] == [
        *(str(totals[kind]) for kind in KINDS),
        str(len(CASES)),
        str(totals["dev"]),
        str(totals["held"]),
    ]


def test_threads_come_in_many_formats() -> None:
    assert len({read_threads(gold)[0].source for gold in GOLD}) >= 5


@pytest.mark.parametrize("name", make.WRITERS)
def test_a_thread_is_what_its_text_makes(name: str) -> None:
    file, _ = make.WRITERS[name]
    assert (files("eval.data") / file).read_text(encoding="utf-8") == make.write(name)


@pytest.mark.parametrize("gold", [gold for gold in GOLD if gold.name in make.WRITERS], ids=lambda gold: gold.name)
def test_a_loader_reads_authors_and_parents_as_they_were_written(gold: GoldSet) -> None:
    written = {node.number: node for node in make.read(gold.name).nodes if node.number}
    places = {node.place: node.number for node in make.read(gold.name).nodes}
    (thread,) = read_threads(gold)
    assert [comment.author for comment in thread.visible] == [node.author for node in written.values()]
    for comment in thread.visible:
        parent = thread.get(comment.parent_shown) if comment.parent_shown else None
        node = written[comment.number or 0]
        assert (parent.number if parent else None) == (places[node.parent] if node.parent is not None else None)


def test_every_gold_file_has_a_hash() -> None:
    hashes = gold_hashes()
    assert set(hashes) == {name for gold in GOLD for name in (gold.source, gold.cases)}
    assert all(len(value) == 64 for value in hashes.values())


ROWS = (
    Row(1, "Ada", None, 0, 10, 3),
    Row(2, "Ben", 1, 1, 30, 9),
    Row(3, "Ada", 2, 2, 5, None),
    Row(4, None, 2, 2, 5, 1),
    Row(5, "Cleo", None, 0, 7, 0),
)


@pytest.mark.parametrize(
    ("check", "count", "names", "cites"),
    [
        ("comments", 5, ("Ada", "Ben", "Cleo"), "c1 c2 c3 c4 c5"),
        ("named", 3, ("Ada", "Ben", "Cleo"), "c1 c2 c3 c5"),
        ("unnamed", 1, (), "c4"),
        ("by:Ada", 2, ("Ada",), "c1 c3"),
        ("most", 2, ("Ada",), "c1 c3"),
        ("repliers_to:Ben", 1, ("Ada",), "c3 c4"),
        ("replies:c2", 2, ("Ada",), "c3 c4"),
        ("answered_by:Ada", 1, ("Ben",), "c3"),
        ("between:Ben>Ada", 1, ("Ben",), "c2"),
        ("subtree:c1", 3, ("Ben", "Ada"), "c2 c3 c4"),
        ("top", 2, ("Ada", "Cleo"), "c1 c5"),
        ("leaves", 3, ("Ada", "Cleo"), "c3 c4 c5"),
        ("longest", 1, ("Ben",), "c2"),
        ("deepest", 3, ("Ada",), "c3 c4"),
        ("votes", 1, ("Ben",), "c2"),
        ("first", 1, ("Ada",), "c1"),
        ("last", 1, ("Cleo",), "c5"),
    ],
)
def test_recounting(check: str, count: int, names: tuple[str, ...], cites: str) -> None:
    result = recount(check, ROWS)
    assert (result.count, result.names, " ".join(result.cites)) == (count, names, cites)


SOUND = {"id": "bridge-01", "kind": "who_said", "nuggets": (("doubt",),), "cites": ("c1",), "split": "dev"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"cites": ("c99",)}, "c99, which is not in the thread"),
        ({"nuggets": (("submarine",),)}, "submarine is not in what is cited"),
        ({"cites": ()}, "needs citations"),
        ({"nuggets": ()}, "needs nuggets"),
        ({"cites": ("c1", "c2")}, "c2 holds none"),
        ({"kind": "riddle"}, "not one of ours"),
        ({"split": "held"}, "split"),
        ({"kind": "unanswerable", "answerable": False}, "neither nuggets nor citations"),
        ({"kind": "unanswerable", "answerable": False, "nuggets": (), "cites": ()}, "reason None"),
        ({"kind": "injection"}, "forbids something"),
        ({"forbidden": ("PWNED",)}, "probes nothing"),
        ({"kind": "structure", "raw": {"check": "magic"}}, "no check 'magic'"),
        ({"kind": "structure", "count": 3, "raw": {"check": "by:Ada"}}, "counts 3, recounted 2"),
        ({"kind": "structure", "cites": ("c1", "c2"), "raw": {"check": "by:Ada"}}, "lists c1 c2, recounted c1 c3"),
        ({"kind": "structure", "nuggets": (("Ben",),), "raw": {"check": "by:Ada"}}, "says Ben, recounted Ada"),
    ],
)
def test_a_wrong_case_is_found(change: dict[str, object], problem: str) -> None:
    wrong = case(**{**SOUND, **change})
    assert any(problem in found for found in problems(wrong, debate()))


def test_a_sound_case_has_no_problem() -> None:
    assert problems(case(**SOUND), debate()) == []
