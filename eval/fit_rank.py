"""Fit the weights by which an article's sentences are quoted (`rag/telling.py`): `python -m eval.fit_rank`.

The examples are the sentences of clapnq's passages, which people marked as part of an answer or left out. A logistic
regression with a ridge is fitted on all of them; the figures printed come from folds of questions that a fit has not
seen. The set lies beside the repository; where it is absent, that is said and nothing is fitted.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.fit_trust import Floats
from eval.memory import MemoryCatalogue, MemoryIndex, fill
from eval.sets import root
from eval.sets_trust import sentence_f1
from eval.vectors import CachedEncoder
from ingest.thread import ARTICLE, Article, Span, Thread
from rag.adapters.encoders import open_encoder
from rag.ports import Encoder
from rag.question import understand
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.telling import WEIGHTS, Sentence, likeliest, readings

__all__ = ["Passage", "evidence", "logistic", "main", "marked", "report"]

_CACHE = Path(__file__).resolve().parents[1] / ".eval"
_RIDGE = 3.0
_FOLDS = 10
_MOST = 120  # words that an article is quoted with


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage with a question: its sentences as the product cuts them, what is read of each, and what people chose.

    `places` are where the set's own sentences stand, `answers` the sets of them that each person marked.
    """

    sentences: tuple[Sentence, ...]
    values: Floats
    places: tuple[Span, ...]
    answers: tuple[frozenset[int], ...]

    @property
    def labels(self) -> NDArray[np.bool_]:
        """Tell of each sentence whether somebody marked a part of it."""
        gold = [self.places[at] for at in frozenset().union(*self.answers)]
        return np.asarray([any(_meet(one.span, place) for place in gold) for one in self.sentences], np.bool_)


def _meet(first: Span, second: Span) -> bool:
    return first[0] < second[1] - 1 and second[0] < first[1] - 1


def marked(folder: Path, encoder: Encoder) -> list[Passage]:
    """Read clapnq's answerable questions, each passage as an article without comments."""
    lines = (folder / "clapnq_dev" / "qa.A.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [_passage(row, encoder) for row in rows if row["answerable"]]


def _passage(row: Mapping[str, Any], encoder: Encoder) -> Passage:
    text = " ".join(row["sentences"])
    thread = Thread(id=row["id"], source="clapnq", article=Article(title=row["title"], text=text), comments=())
    catalogue, index, sentence_index = MemoryCatalogue([thread]), MemoryIndex(), MemoryIndex()
    fill(catalogue, index, sentence_index, encoder)
    query = understand(row["question"], (), (thread,))
    ranking = Retriever(catalogue, index, sentence_index, encoder).retrieve_scored(query, k=8)
    hits = {hit.passage.id: hit for hit in (*ranking.hits, *ranking.beside) if hit.passage.comment_id == ARTICLE}
    read = (
        Sentence(span, fit, hit.passage.at(span))
        for hit in hits.values()
        for span, fit in zip(hit.passage.sentences, hit.fits, strict=True)
    )
    found = sorted(read, key=lambda one: one.span)
    values = np.asarray([[one[name] for name in WEIGHTS] for one in readings(query, found)])
    places, at = [], 0
    for sentence in row["sentences"]:
        start = text.find(sentence, at)
        at = start + len(sentence)
        places.append((start, at))
    answers = tuple(
        frozenset(at for at, sentence in enumerate(row["sentences"]) if sentence in answer["selected_sentences"])
        for answer in row["answers"]
    )
    return Passage(tuple(found), values, tuple(places), answers)


def logistic(values: Floats, labels: NDArray[np.bool_], ridge: float = _RIDGE) -> tuple[Floats, float]:
    """Fit weights over raw features and their bias, the classes as they are; `ridge` is on standardised features."""
    mean, spread = values.mean(0), values.std(0) + 1e-9
    design = np.hstack([(values - mean) / spread, np.ones((len(values), 1))])
    penalty, beta = np.diag([ridge] * values.shape[1] + [0.0]), np.zeros(values.shape[1] + 1)
    for _ in range(30):
        guess = 1 / (1 + np.exp(-design @ beta))
        curve = (design * (guess * (1 - guess))[:, None]).T @ design + penalty
        beta = beta + np.linalg.solve(curve, design.T @ (labels - guess) - penalty @ beta)
    weights = beta[:-1] / spread
    return weights, float(beta[-1] - weights @ mean)


def evidence(passage: Passage, weights: Floats, bias: float, most: int = _MOST) -> tuple[float, int]:
    """Return the F1 of the sentences that weights would quote against the marks most like them, and the words."""
    likely = 1 / (1 + np.exp(-(passage.values @ weights + bias)))
    spans = likeliest(passage.sentences, likely.tolist(), most)
    chosen = [str(at) for at, place in enumerate(passage.places) if any(_meet(span, place) for span in spans)]
    f1 = max(sentence_f1(chosen, [str(at) for at in answer]) for answer in passage.answers)
    return f1, sum(len(one.text.split()) for one in passage.sentences if one.span in spans)


def report(passages: Sequence[Passage]) -> str:
    """Fit on all passages, and tell what fits reach on folds that they have not seen."""
    scores = []
    for fold in range(_FOLDS):
        seen = [one for at, one in enumerate(passages) if at % _FOLDS != fold]
        weights, bias = _fitted(seen)
        scores += [evidence(one, weights, bias) for one in passages[fold::_FOLDS]]
    weights, bias = _fitted(passages)
    table = "\n".join(f'    "{name}": {value:.3f},' for name, value in zip(WEIGHTS, weights, strict=True))
    f1, words = np.mean(scores, axis=0)
    return (
        f"{len(passages)} passages; evidence F1 on folds not seen {100 * f1:.1f} with {words:.0f} words\n"
        f"WEIGHTS = {{\n{table}\n}}\nBIAS = {bias:.2f}"
    )


def _fitted(passages: Sequence[Passage]) -> tuple[Floats, float]:
    return logistic(np.concatenate([one.values for one in passages]), np.concatenate([one.labels for one in passages]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit and print the table; 0 also where the set is absent."""
    argparse.ArgumentParser(prog="python -m eval.fit_rank", description=__doc__).parse_args(arguments)
    if not root().is_dir():
        sys.stdout.write(f"Skipped: the third-party sets are not at {root()}.\n")
        return 0
    with tempfile.TemporaryDirectory() as cache:
        settings = Settings.from_environment(cache=Path(cache))
        base = open_encoder(settings.encoder, cache=settings.cache, threads=settings.model_threads)
        encoder = CachedEncoder(base, _CACHE / "vectors", "clapnq")
        sys.stdout.write(f"{report(marked(root(), encoder))}\n")
        encoder.save()
    return 0


if __name__ == "__main__":
    sys.exit(main())
