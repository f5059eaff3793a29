"""An optional second opinion: a language model judges nuggets and support, and we print how far it agrees with us.

`python -m eval.judge RUN.jsonl` judges what `eval.run --json` wrote; `python -m eval.run --judge` does so after a run.
The judge is whatever model the settings name, an OpenAI-compatible endpoint or the local one. It is off by default, is
never part of the gate, and is refused when it fails on labelled pairs: models under 3B parameters judge at chance. Its
prompt is `eval/judge.md`, the pairs are `eval/judge_pairs.jsonl`.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from eval.command import plainly
from eval.measures import cohens_kappa, nugget_hits
from eval.summary import Record, read_records
from ingest.errors import CommentariatError
from rag.models import ModelSlot
from rag.ports import LanguageModel, Message
from rag.settings import Settings

__all__ = ["Agreement", "Judge", "JudgeError", "Question", "agreement", "main", "qualify", "questions"]

Task = Literal["nugget", "support"]

LOWEST = 0.6
"""The kappa with the labels of the pairs below which a judge is refused."""

PER_TASK = 60
"""Questions for the judge at most, of each task; chosen by hash, so the same ones in every run."""


class JudgeError(CommentariatError):
    """The model is no judge."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to judge; `ours` is what our measure says of it."""

    task: Task
    text: str
    statement: str
    ours: bool
    question: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a judge goes with a measure: counts of both yes, judge alone, measure alone, both no, and no clear word."""

    task: Task
    both: int
    judge_alone: int
    ours_alone: int
    neither: int
    unclear: int

    @property
    def n(self) -> int:
        """Return how many were judged clearly."""
        return self.both + self.judge_alone + self.ours_alone + self.neither

    @property
    def kappa(self) -> float | None:
        """Return Cohen's kappa; None where either says the same of everything."""
        return cohens_kappa(self.both, self.judge_alone, self.ours_alone, self.neither)

    def line(self) -> str:
        """Return what is printed."""
        kappa = "undefined" if self.kappa is None else f"{self.kappa:.2f}"
        share = f"{(self.both + self.neither) / self.n:.0%}" if self.n else "–"
        return (
            f"{self.task}: n = {self.n}, alike {share}, kappa {kappa} (both yes {self.both}, judge alone "
            f"{self.judge_alone}, ours alone {self.ours_alone}, both no {self.neither}, unclear {self.unclear})"
        )


class Judge:
    """Puts a question of `judge.md` to a model and reads yes or no."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        text = (files("eval") / "judge.md").read_text(encoding="utf-8")
        parts = re.split(r"^## (\w+)\n", text, flags=re.MULTILINE)
        self._prompts = dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))

    def says(self, item: Question) -> bool | None:
        """Return the judge's word; None where it is neither yes nor no. Raises `ModelError`s."""
        fill = {"question": item.question, "text": item.text, "statement": item.statement}
        prompt = re.sub(r"\{(question|text|statement)\}", lambda found: fill[found[1]], self._prompts[item.task])
        reply = "".join(self._model.stream([Message("user", prompt)], max_tokens=5))
        found = re.match(r"\W*(yes|no)\b", reply, re.IGNORECASE)
        return found[1].lower() == "yes" if found else None


def questions(records: Sequence[Record], limit: int = PER_TASK) -> list[Question]:
    """Return what can be judged in a run: each nugget of an answer given, and each claim that cites something."""
    found = []
    for record in records:
        answer, case = record.answer, record.case
        if answer.get("abstained"):
            continue
        text = str(answer.get("answer") or "")
        for nugget, hit in zip(case.nuggets, nugget_hits(text, case.nuggets), strict=True):
            found.append(Question("nugget", text, " or ".join(nugget), hit, case.q, record.system))
        if answer.get("route") != "structure":
            found += _claims(answer, record.system)
    ranked = sorted(found, key=lambda item: hashlib.sha256(f"{item.system}{item.statement}".encode()).hexdigest())
    return [item for task in ("nugget", "support") for item in [one for one in ranked if one.task == task][:limit]]


def _claims(answer: Any, system: str) -> Iterator[Question]:
    for claim in (*(answer.get("claims") or ()), *(answer.get("rejected") or ())):
        cited = claim.get("citations") or ()
        if cited:
            text = "\n".join(f"{item.get('author') or 'Somebody'}: {item.get('quote', '')}" for item in cited)
            stands = claim.get("status") in ("supported", "repaired")
            yield Question("support", text, str(claim.get("text", "")), stands, system=system)


def agreement(judge: Judge, items: Sequence[Question]) -> list[Agreement]:
    """Judge everything; return the agreement with our measure for each task that occurs."""
    found = []
    for task in dict.fromkeys(item.task for item in items):
        said = [(judge.says(item), item.ours) for item in items if item.task == task]
        both, judge_alone, ours_alone, neither = (sum(pair == wanted for pair in said) for wanted in _PAIRS)
        unclear = sum(word is None for word, _ in said)
        found.append(Agreement(task, both, judge_alone, ours_alone, neither, unclear))
    return found


_PAIRS = ((True, True), (True, False), (False, True), (False, False))


def qualify(judge: Judge) -> list[Agreement]:
    """Try a judge on the labelled pairs. Raises `JudgeError` where it agrees with the labels hardly above chance."""
    rows = map(json.loads, (files("eval") / "judge_pairs.jsonl").read_text(encoding="utf-8").splitlines())
    items = [
        Question(row["task"], row["text"], row["statement"], row["label"], row.get("question", "")) for row in rows
    ]
    found = agreement(judge, items)
    for one in found:
        if one.kappa is None or one.kappa < LOWEST or one.unclear > len(items) // 10:
            raise JudgeError(
                f"The model is no judge: on labelled pairs, {one.line()}.",
                remedy="Name a larger model with COMMENTARIAT_ENDPOINT and COMMENTARIAT_MODEL, or do without a judge.",
            )
    return found


def report(records: Sequence[Record], model: LanguageModel, limit: int = PER_TASK) -> str:
    """Qualify a judge, let it judge, and return the lines to print."""
    judge = Judge(model)
    lines = [f"labelled pairs, {one.line()}" for one in qualify(judge)]
    return "\n".join(
        [f"Judge: {model.name}", *lines, *(one.line() for one in agreement(judge, questions(records, limit)))]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge a stored run; return 0 whatever the judge thinks, 2 where there is no judge."""
    parser = argparse.ArgumentParser(prog="python -m eval.judge", description="A second opinion on a stored run.")
    parser.add_argument("run", type=Path, nargs="+", help="files that `eval.run --json` wrote")
    parser.add_argument("--limit", type=int, default=PER_TASK, help="questions of each task at most")
    options = parser.parse_args(arguments)
    return plainly(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    slot = ModelSlot(Settings.from_environment())
    try:
        records = [record for path in options.run for record in read_records(path)]
        sys.stdout.write(report(records, slot.get(), options.limit) + "\n")
    finally:
        slot.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
