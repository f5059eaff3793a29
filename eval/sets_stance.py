"""Measure stances on debates whose sides people labelled: `python -m eval.sets_stance`.

Each debate of arct is asked who agrees and who disagrees with its claim, and of the voices quoted is counted how many
stand on the side that people gave them; chance is the share of all comments there. No answer may tell of more people
than wrote on any side. Vectors are kept under `.eval/`.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.memory import MemoryCatalogue, MemoryIndex, fill
from eval.setdata import read_set
from eval.sets import root
from eval.vectors import CachedEncoder
from ingest.thread import Thread
from rag.adapters.encoders import open_encoder
from rag.context import in_context
from rag.evidence import Claim, Scope
from rag.passages import passages
from rag.ports import Encoder
from rag.question import understand
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.stance import stance

__all__ = ["SETS", "Debate", "Told", "figures", "main", "measure", "summarised", "told"]

SETS = ("arct_stance",)
_CACHE = Path(__file__).resolve().parents[1] / ".eval"
_CONSIDERED = 40
_QUESTIONS = ("Who agrees that {}?", "Who disagrees that {}?")


@dataclass(frozen=True, slots=True)
class Debate:
    """A debate: its claim, and on which side of it each comment stands, true for the claim's own."""

    thread: Thread
    claim: str
    sides: dict[str, bool]


@dataclass(frozen=True, slots=True)
class Told:
    """What one question was told: per quoted voice whether it stands on the side asked for.

    `chance` is the share of all comments on that side, `counted` whether the evidence bears the count.
    """

    quoted: tuple[bool, ...]
    chance: float
    counted: bool


def debates(folder: Path) -> list[Debate]:
    """Read the debates; of the two sides people could take, the first is the claim."""
    path = next(iter(sorted((folder / "arct_roomfordebate").glob("threads.[AB].jsonl"))))
    threads = {thread.id: thread for thread in read_set("arct", folder).threads}
    found = []
    with path.open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            claim, other = row["stances"]
            sides = {
                str(one["id"]): one["stance"] == claim for one in row["comments"] if one["stance"] in (claim, other)
            }
            found.append(Debate(threads[row["thread_id"]], claim, sides))
    return found


def told(claims: Sequence[Claim], debate: Debate, side: bool) -> Told:
    """Hold the voices of an answer to the sides that people gave them; the first claim is the count."""
    known = [debate.sides.get(claim.citations[0].comment) for claim in claims[1:]]
    quoted = tuple(right == side for right in known if right is not None)
    numbers = [int(number) for number in re.findall(r"\d+", claims[0].text)] if claims else []
    people = {one.author or one.id for one in debate.thread.visible}
    cited = {citation.author or citation.comment for claim in claims[:1] for citation in claim.citations}
    counted = not claims or numbers[:2] == [len(cited), len(people)]
    return Told(quoted, sum(value == side for value in debate.sides.values()) / max(1, len(debate.sides)), counted)


def measure(found: Sequence[Debate], encoder: Encoder) -> list[Told]:
    """Ask each debate both questions, with the product's own retrieval."""
    catalogue, index, sentence_index = MemoryCatalogue([one.thread for one in found]), MemoryIndex(), MemoryIndex()
    fill(catalogue, index, sentence_index, encoder)
    retriever = Retriever(catalogue, index, sentence_index, encoder)
    results = []
    for debate in found:
        thread = debate.thread
        cut = {thread.id: passages(thread)}
        for number, form in enumerate(_QUESTIONS):
            question = form.format(debate.claim[0].lower() + debate.claim[1:])
            query = understand(question, (), (thread,), Scope(thread_ids=(thread.id,)))
            hits = in_context(query, retriever.retrieve(query, k=_CONSIDERED), {thread.id: thread}, cut)
            results.append(told(stance(query, hits, {thread.id: thread}), debate, number == 0))
    return results


def summarised(results: Sequence[Told]) -> dict[str, float]:
    """Return the figures in percent: voices on the side asked for, chance, and counts that their evidence bears."""
    quoted = [right for one in results for right in one.quoted]
    chance = sum(one.chance * len(one.quoted) for one in results) / max(1, len(quoted))
    return {
        "quoted on the side asked for": _percent(quoted),
        "chance": round(100 * chance, 1),
        "counts that their evidence bears": _percent([one.counted for one in results]),
    }


def _percent(outcomes: Sequence[bool]) -> float:
    return round(100 * sum(outcomes) / len(outcomes), 1) if outcomes else 0.0


def figures(name: str) -> dict[str, dict[str, float]]:
    """Measure the set; return its figures in percent under its name."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment(cache=Path(folder))
        base = open_encoder(settings.encoder, cache=settings.cache, threads=settings.model_threads)
        encoder = CachedEncoder(base, _CACHE / "vectors", "arct")
        results = measure(debates(root()), encoder)
        encoder.save()
    return {name: summarised(results)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 0 also where the set is absent."""
    argparse.ArgumentParser(prog="python -m eval.sets_stance", description=__doc__).parse_args(arguments)
    if not root().is_dir():
        sys.stdout.write(f"Skipped: the third-party sets are not at {root()}.\n")
        return 0
    for name in SETS:
        for measured, value in figures(name)[name].items():
            sys.stdout.write(f"{measured:<34}{value:6.1f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
