"""Measure support and declining on labelled sets that nobody here wrote: `python -m eval.sets_trust [--only NAME]`.

attributionbench and wice go to the verifier's support scorer, clapnq and mtrag_un through understanding, retrieval
and declining. `--fit` fits the pinned weights of support anew; those of declining are fitted by `eval.fit_decline`.
Vectors are kept under `.eval/`.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.measures import area_under_curve, token_f1
from eval.memory import MemoryCatalogue, MemoryIndex, fill
from eval.setdata import read_set
from eval.sets import root
from eval.vectors import CachedEncoder
from ingest.thread import Article, Thread
from rag.adapters.encoders import open_encoder
from rag.answerable import features
from rag.context import in_context
from rag.decline import decide, model_for
from rag.evidence import Turn
from rag.passages import passages
from rag.ports import Encoder
from rag.query import Query
from rag.question import understand
from rag.quotes import answer_with_quotes
from rag.rank import Ranking
from rag.retrieve import Retriever
from rag.sentences import sentences
from rag.settings import Settings
from rag.support import THRESHOLD, Supporter

__all__ = [
    "Declining",
    "Measured",
    "Pair",
    "abstention",
    "balanced_accuracy",
    "best_threshold",
    "figures",
    "main",
    "sentence_f1",
]

_CACHE = Path(__file__).resolve().parents[1] / ".eval"
SETS = ("attributionbench", "wice", "clapnq", "mtrag_un")
_MARKS = re.compile(r"\s*\[\d+\]|\*\*")


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim with its evidence sentences, and whether people found it supported."""

    source: str
    claim: str
    evidence: tuple[str, ...]
    supported: bool


@dataclass(frozen=True, slots=True)
class Declining:
    """A question with what was found for it; `answerable` is the label, `declined` what the product did."""

    key: str
    answerable: bool
    declined: bool
    probability: float
    values: Mapping[str, float]
    sentence_f1: float | None = None
    token_f1: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A set's figures in percent, with the aim of each where there is one."""

    name: str
    n: int
    figures: Mapping[str, float]
    aims: Mapping[str, float]

    def lines(self) -> Iterator[str]:
        """Yield the figures as a person reads them."""
        yield f"{self.name} ({self.n} cases)"
        for name, value in self.figures.items():
            aim = self.aims.get(name)
            short = "" if aim is None else f"   aim {aim:g}{'' if value >= aim else ', falls short'}"
            yield f"  {name:34s} {value:5.1f}{short}"


def balanced_accuracy(truth: Sequence[bool], said: Sequence[bool]) -> float:
    """Return the mean of the shares of positives and of negatives that are told right, in percent.

    >>> balanced_accuracy([True, True, False, False], [True, False, False, False])
    75.0
    """
    rates = []
    for value in (True, False):
        outcomes = [answer == value for label, answer in zip(truth, said, strict=True) if label == value]
        rates.append(sum(outcomes) / len(outcomes) if outcomes else 0.0)
    return 50.0 * sum(rates)


def best_threshold(truth: Sequence[bool], scores: Sequence[float]) -> float:
    """Return the threshold with the highest balanced accuracy; the lowest of those that tie."""
    candidates = sorted(set(np.quantile(scores, np.linspace(0.03, 0.97, 95)).tolist()))
    return float(max(candidates, key=lambda at: balanced_accuracy(truth, [score >= at for score in scores])))


def abstention(cases: Sequence[Declining]) -> dict[str, float]:
    """Return precision and recall of declining, and the share of answerable questions declined, in percent."""
    declined = [case for case in cases if case.declined]
    right = sum(not case.answerable for case in declined)
    unanswerable = sum(not case.answerable for case in cases)
    answerable = len(cases) - unanswerable
    return {
        "declining precision": 100 * right / len(declined) if declined else 0.0,
        "declining recall": 100 * right / unanswerable if unanswerable else 0.0,
        "false declines": 100 * (len(declined) - right) / answerable if answerable else 0.0,
    }


def confidence_auc(cases: Sequence[Declining]) -> float:
    """Return how often an answerable question is held surer than one that people found unanswerable, in percent."""
    return 100 * (area_under_curve([(case.probability, float(case.answerable)) for case in cases]) or 0.0)


def sentence_f1(chosen: Sequence[str], gold: Sequence[str]) -> float:
    """Return the F1 of chosen sentences against gold ones, white space folded.

    >>> sentence_f1(["A b.", "C."], ["A  b."])
    0.6666666666666666
    """
    left, right = ({" ".join(text.split()) for text in texts} for texts in (chosen, gold))
    both = len(left & right)
    return 2 * both / (len(left) + len(right)) if both else 0.0


def read_pairs(name: str, folder: Path) -> tuple[Pair, ...]:
    """Read attributionbench or wice; a claim's own markers and bold marks are left out."""
    if name == "wice":
        rows = _lines(folder / "wice" / "claims.A.jsonl")
        return tuple(Pair(name, r["claim"], tuple(r["sentences"]), r["label"] == "supported") for r in rows)
    found = []
    for row in _lines(folder / "attributionbench" / "dev.A.jsonl"):
        evidence = tuple(text[start:end] for text in row["evidence"] for start, end in sentences(text))
        found.append(Pair(row["src"], _MARKS.sub("", row["claim"]).strip(" •*-"), evidence, bool(row["label"])))
    return tuple(found)


def measure_support(name: str, pairs: Sequence[Pair], encoder: Encoder) -> Measured:
    """Score claims with the verifier's scorer; thresholds come from these dev halves."""
    encoder.encode([text for pair in pairs for text in (pair.claim, *pair.evidence)])
    supporter = Supporter(encoder)
    scores = [supporter.score(pair.claim, pair.evidence) for pair in pairs]
    truth = [pair.supported for pair in pairs]
    at = best_threshold(truth, scores)
    figures = {
        "balanced accuracy": balanced_accuracy(truth, [score >= at for score in scores]),
        f"at the pinned {THRESHOLD:g}": balanced_accuracy(truth, [score >= THRESHOLD for score in scores]),
    }
    for source in sorted({pair.source for pair in pairs} - {name}):
        rows = [row for row, pair in enumerate(pairs) if pair.source == source]
        labels, own = [truth[row] for row in rows], [scores[row] for row in rows]
        cut = best_threshold(labels, own)
        figures[f"  {source}, own threshold"] = balanced_accuracy(labels, [score >= cut for score in own])
    return Measured(name, len(pairs), figures, {"balanced accuracy": 74.0 if name == "attributionbench" else 76.0})


def read_clapnq(folder: Path, encoder: Encoder) -> tuple[Declining, ...]:
    """Ask every clapnq question of its passage, as an article without comments."""
    found = []
    for row in _lines(folder / "clapnq_dev" / "qa.A.jsonl"):
        article = Article(title=row["title"], text=" ".join(row["sentences"]))
        thread = Thread(id=row["id"], source="clapnq", article=article, comments=())
        retriever = _retriever([thread], encoder)
        query = understand(row["question"], (), (thread,))
        ranking = retriever.retrieve_scored(query, k=8)
        case = _decided(row["id"], bool(row["answerable"]), query, ranking, (thread,))
        found.append(_with_answer(case, query, ranking, thread, row))
    return tuple(found)


def _with_answer(case: Declining, query: Query, ranking: Ranking, thread: Thread, row: Mapping[str, Any]) -> Declining:
    if not row["answerable"]:
        return case
    threads, cut = {thread.id: thread}, {thread.id: passages(thread)}
    claims = answer_with_quotes(query, in_context(query, ranking.hits, threads, cut), threads)
    spans = [(one.start, one.end) for claim in claims for one in claim.citations]
    chosen, at = [], 0
    for sentence in row["sentences"]:
        place = thread.article.text.find(sentence, at)
        at = place + len(sentence)
        if any(start < at - 1 and place < end - 1 for start, end in spans):
            chosen.append(sentence)
    gold = row["answers"]
    text = " ".join(one.quote for claim in claims for one in claim.citations)
    return Declining(
        case.key,
        case.answerable,
        case.declined,
        case.probability,
        case.values,
        max(sentence_f1(chosen, answer["selected_sentences"]) for answer in gold),
        max(token_f1(text, answer["text"]) for answer in gold),
    )


def measure_clapnq(cases: Sequence[Declining]) -> Measured:
    """Return clapnq's balanced accuracy of declining, and how well answers match people's."""
    truth = [case.answerable for case in cases]
    evidence = [case.sentence_f1 for case in cases if case.sentence_f1 is not None]
    words = [case.token_f1 for case in cases if case.token_f1 is not None]
    figures = {
        "declining, balanced accuracy": balanced_accuracy(truth, [not case.declined for case in cases]),
        "confidence, AUC": confidence_auc(cases),
        **abstention(cases),
        "evidence sentences, F1": 100 * sum(evidence) / max(1, len(evidence)),
        "token F1": 100 * sum(words) / max(1, len(words)),
    }
    aims = {"declining, balanced accuracy": 82.0, "evidence sentences, F1": 66.0, "token F1": 60.0}
    return Measured("clapnq", len(cases), figures, aims)


def read_mtrag(folder: Path, encoder: Encoder) -> tuple[Declining, ...]:
    """Ask every mtrag_un task of the whole library of its passages; underspecified ones are left out."""
    threads = read_set("mtrag_un", folder).threads
    retriever = _retriever(threads, encoder)
    found = []
    for row in _lines(folder / "mtrag_un" / "tasks.A.jsonl"):
        if row["answerability"] == "UNDERSPECIFIED":
            continue
        query = understand(row["question"], _turns(row["history"]), ())
        ranking = retriever.retrieve_scored(query, k=8)
        found.append(_decided(row["task_id"], row["answerability"] != "UNANSWERABLE", query, ranking, threads))
    return tuple(found)


def measure_mtrag(cases: Sequence[Declining]) -> Measured:
    """Return mtrag_un's precision and recall of declining and its false declines."""
    aims = {"declining precision": 55.0, "declining recall": 60.0}
    return Measured("mtrag_un", len(cases), {**abstention(cases), "confidence, AUC": confidence_auc(cases)}, aims)


def _decided(key: str, answerable: bool, query: Query, ranking: Ranking, threads: Sequence[Thread]) -> Declining:
    declined = decide(query, ranking.hits, threads, ranking) is not None
    if not ranking.hits:
        return Declining(key, answerable, True, 0.0, {})
    values = features(query, ranking.hits, ranking, threads)
    return Declining(key, answerable, declined, model_for(threads).probability(values), values)


def _retriever(threads: Sequence[Thread], encoder: Encoder) -> Retriever:
    catalogue, index, sentence_index = MemoryCatalogue(threads), MemoryIndex(), MemoryIndex()
    fill(catalogue, index, sentence_index, encoder)
    return Retriever(catalogue, index, sentence_index, encoder)


def _turns(history: Sequence[Mapping[str, str]]) -> tuple[Turn, ...]:
    questions = [message["text"] for message in history if message["role"] == "user"]
    answers = [message["text"] for message in history if message["role"] != "user"]
    return tuple(Turn(question, answer) for question, answer in zip(questions, answers, strict=False))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _measure(name: str, folder: Path, encoder: Encoder) -> Measured:
    match name:
        case "clapnq":
            return measure_clapnq(read_clapnq(folder, encoder))
        case "mtrag_un":
            return measure_mtrag(read_mtrag(folder, encoder))
        case _:
            return measure_support(name, read_pairs(name, folder), encoder)


def figures(name: str) -> dict[str, dict[str, float]]:
    """Measure one set; return its figures in percent under its name."""
    with tempfile.TemporaryDirectory() as cache:
        settings = Settings.from_environment(cache=Path(cache))
        base = open_encoder(settings.encoder, cache=settings.cache, threads=settings.model_threads)
        encoder = CachedEncoder(base, _CACHE / "vectors", name.split("_")[0])
        measured = _measure(name, root(), encoder)
        encoder.save()
    return {f"{name} trust": {key.strip(): round(value, 2) for key, value in measured.figures.items()}}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sets and print their figures; 0 also where the sets are absent or an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m eval.sets_trust", description=__doc__)
    parser.add_argument("--only", action="append", choices=SETS, help="run this set alone; may be repeated")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--fit", action="store_true", help="fit the pinned weights of support and print them")
    options = parser.parse_args(arguments)
    folder = root()
    if not folder.is_dir():
        sys.stdout.write(f"Skipped: the third-party sets are not at {folder}.\n")
        return 0
    measured = []
    with tempfile.TemporaryDirectory() as cache:
        settings = Settings.from_environment(cache=Path(cache))
        base = open_encoder(settings.encoder, cache=settings.cache, threads=settings.model_threads)
        for name in options.only or SETS:
            encoder = CachedEncoder(base, _CACHE / "vectors", name.split("_")[0])
            if options.fit and name in ("attributionbench", "wice"):
                from eval.fit_trust import fitted

                sys.stdout.write(fitted(name, folder, encoder) + "\n")
            else:
                measured.append(_measure(name, folder, encoder))
                sys.stdout.write("\n".join(measured[-1].lines()) + "\n")
            sys.stdout.flush()
            encoder.save()
    if options.json:
        plain = [
            {"set": one.name, "n": one.n, "figures": dict(one.figures), "aims": dict(one.aims)} for one in measured
        ]
        options.json.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
