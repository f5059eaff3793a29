"""Fit the weights that `rag.decline` pins: `python -m eval.fit_decline [--scope …] [--practice FILE.jsonl]`.

A discussion's model learns from the dev half of the product's gold and from questions made of it on the same threads:

- removed: a question asked again without the comments, or the sentences of the article, that answer it
- swapped: a question for somebody's words, asked of somebody else who does not answer it
- attribute: a detail that no discussion gives ("How old is …?"), asked of its authors and of what it names most
- cross: a question of another thread

With `--practice` it learns from questions about other threads too, one JSON object a line: `{"source": "thread.json",
"q": "…", "answerable": true, "cites": ["c3"]}`; what is made of the gold is made of them as well.

The model for one text learns from clapnq, the one for a library from mtrag_un, which have labels of their own. What is
printed beside the weights is from folds that have not seen the thread (or, for the sets, the question).
"""

import argparse
import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.cases import Case
from eval.fit_trust import Floats
from eval.gold import GOLD, read_cases, read_threads
from eval.memory import MemoryCatalogue, MemoryIndex, fill
from eval.sets import root
from eval.sets_trust import read_clapnq, read_mtrag
from eval.vectors import CachedEncoder
from ingest.registry import load
from ingest.source import Source
from ingest.thread import ARTICLE, Thread
from rag.adapters.encoders import open_encoder
from rag.answerable import FEATURES, features
from rag.context import in_context
from rag.facts import names
from rag.lexical import language_of
from rag.passages import passages
from rag.ports import Encoder
from rag.query import Query
from rag.question import understand
from rag.retrieve import Retriever
from rag.sentences import sentences
from rag.settings import Settings

__all__ = ["Example", "discussion", "fit_signed", "main", "without"]

Bools = NDArray[np.bool_]

_FALLING = frozenset(("unknown", "untyped", "nowhere", "uncounted", "unnamed", "strange", "asked", "uncaused"))
"""What speaks against an answer; everything else speaks for one, or (`_EITHER`) may do both."""
_EITHER = frozenset(("short", "speaker", "gap"))
_COUNT_FOR = {"gold": 1.0, "unanswerable": 2.0, "removed": 0.6, "swapped": 0.5, "attribute": 0.5, "cross": 0.35}
"""How much an example of each sort counts: what people asked counts more than what was made of it."""
_RIDGE = 10.0
_CONSIDERED = 40
_CROSS = 25
_SWAPS = 2
_OF_PEOPLE = {
    "english": (
        "How old is {}?", "Where does {} live?", "Which university did {} go to?", "What does {} do for a living?",
        "How many children does {} have?", "What is {}'s phone number?", "Which company does {} work for?",
        "When was {} born?", "What is the name of {}'s wife?", "How much does {} earn?",
        "Which party does {} vote for?", "Why was {} banned?", "What colour is {}'s car?",
        "Which school did {} attend?", "What did {} study?", "How tall is {}?",
    ),
    "german": (
        "Wie alt ist {}?", "Wo wohnt {}?", "Was hat {} studiert?", "Welchen Beruf hat {}?", "Wie viele Kinder hat {}?",
        "Wie heißt die Frau von {}?", "Bei welcher Firma arbeitet {}?", "Wann wurde {} geboren?",
    ),
}  # fmt: skip
_OF_THINGS = {
    "english": (
        "How many people live in {}?", "When was {} founded?", "Who founded {}?", "Who is the mayor of {}?",
        "How much does {} cost?", "How many members does {} have?", "Which company makes {}?",
        "What is the population of {}?", "How many copies of {} were sold?", "What percentage of people use {}?",
        "Who is the CEO of {}?", "In which year did {} win a prize?", "How far is {} from Paris?",
        "What temperature does {} need?", "What is the motto of {}?", "Why did {} go bankrupt?",
    ),
    "german": (
        "Wie viele Einwohner hat {}?", "Wann wurde {} gegründet?", "Wer hat {} gegründet?",
        "Wie viele Mitglieder hat {}?", "Wer ist Bürgermeister von {}?", "Wie weit ist es von {} nach Berlin?",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """A question as the model reads it; `group` is the thread that it was asked of, `sort` how it came about."""

    group: str
    sort: str
    question: str
    answerable: bool
    values: Mapping[str, float]


class Asker:
    """Reads questions about threads the way that the engine does before it declines."""

    def __init__(self, threads: Sequence[Thread], encoder: Encoder) -> None:
        catalogue, index, sentence_index = MemoryCatalogue(threads), MemoryIndex(), MemoryIndex()
        fill(catalogue, index, sentence_index, encoder)
        self._threads = threads
        self._cut = {thread.id: passages(thread) for thread in threads}
        self._retriever = Retriever(catalogue, index, sentence_index, encoder)

    def read(self, question: str) -> tuple[Query, dict[str, float]] | None:
        """Return a question as understood, and its features; None where people or the tree decide alone."""
        query = understand(question, (), self._threads)
        if query.structure or query.kind in ("overview", "structure") or query.absent or query.ambiguous:
            return None
        if query.speakers and query.addressees and not query.focus:
            return None
        ranking = self._retriever.retrieve_scored(query, k=_CONSIDERED)
        by_id = {thread.id: thread for thread in self._threads}
        hits = in_context(query, ranking.hits, by_id, self._cut)
        return (query, features(query, hits, ranking, self._threads)) if hits else None


def practice(path: Path) -> tuple[dict[str, tuple[Thread, ...]], dict[str, list[Case]]]:
    """Read threads and questions of one's own by the file of the thread, whose path is relative to the questions'."""
    asked: dict[str, list[Case]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        kind = "fact" if row["answerable"] else "unanswerable"
        cites = tuple(row.get("cites", ()))
        asked.setdefault(row["source"], []).append(Case(id=f"{number}", kind=kind, q=row["q"], cites=cites))
    threads = {name: tuple(load(Source.from_path(path.parent / name))) for name in asked}
    return threads, asked


def discussion(encoder: Encoder, own: Path | None = None) -> list[Example]:
    """Make the examples of the model for a discussion from the dev half of the gold and one's own questions."""
    rng = random.Random(7)  # noqa: S311 - a fixed choice, nothing secret
    kinds = ("fact", "who_said", "several", "unanswerable")
    asked = {
        gold.name: [
            case for case in read_cases(gold) if case.split == "dev" and not case.history and case.kind in kinds
        ]
        for gold in GOLD
    }
    threads = {gold.name: read_threads(gold) for gold in GOLD}
    if own is not None:
        more, questions = practice(own)
        threads, asked = {**threads, **more}, {**asked, **questions}
    speech = {name: _language(threads[name]) for name in threads}
    found: list[Example] = []
    for name, cases in asked.items():
        others = [
            case for other in asked if other != name and speech[other] == speech[name] for case in asked[other]
        ]  # fmt: skip
        others = [case for case in others if case.kind in ("fact", "who_said")]
        foreign = rng.sample(others, min(len(others), _CROSS))
        found += _of_thread(name, threads[name], cases, foreign, speech[name], encoder, rng)
    return found


def _of_thread(
    name: str,
    threads: Sequence[Thread],
    cases: Sequence[Case],
    foreign: Sequence[Case],
    language: str,
    encoder: Encoder,
    rng: random.Random,
) -> Iterator[Example]:
    asker = Asker(threads, encoder)
    for case in cases:
        answerable = case.answerable and case.kind != "unanswerable"
        yield from _example(asker, name, "gold" if answerable else "unanswerable", case.q, answerable=answerable)
        if answerable and case.cites:
            yield from _example(Asker(without(threads, case), encoder), name, "removed", case.q)
            for question in _swapped(case, threads, rng):
                yield from _example(asker, name, "swapped", question)
    for question in _attributes(threads, language, rng):
        yield from _example(asker, name, "attribute", question)
    for case in foreign:
        yield from _example(asker, name, "cross", case.q)


def _example(asker: Asker, group: str, sort: str, question: str, *, answerable: bool = False) -> Iterator[Example]:
    if (read := asker.read(question)) is not None:
        yield Example(group, sort, question, answerable, read[1])


def without(threads: Sequence[Thread], case: Case) -> tuple[Thread, ...]:
    """Return the threads without what answers a case: its comments, and sentences of the article with a nugget."""
    gone = {*case.cites, *case.also}
    left = []
    for thread in threads:
        comments = tuple(
            replace(comment, status="removed", body="") if comment.visible and comment.tag in gone else comment
            for comment in thread.comments
        )
        article = thread.article
        if ARTICLE in gone:
            told = [alternative.casefold() for nugget in case.nuggets for alternative in nugget]
            kept = (article.text[start:end] for start, end in sentences(article.text))
            text = " ".join(one for one in kept if not any(word in one.casefold() for word in told))
            article = replace(article, text=text)
        left.append(replace(thread, comments=comments, article=article))
    return tuple(left)


def _swapped(case: Case, threads: Sequence[Thread], rng: random.Random) -> Iterator[str]:
    """Yield a question for somebody's words with the names of others, none of whom answers it."""
    query = understand(case.q, (), threads)
    if len(query.speakers) != 1 or query.focus or not query.speakers[0]:
        return
    speaker = query.speakers[0]
    comments = [comment for thread in threads for comment in thread.visible if comment.author]
    right = {comment.author for comment in comments if comment.tag in {*case.cites, *case.also}}
    others = sorted({comment.author for comment in comments if comment.author} - right - {speaker})
    parts = (speaker, *sorted(re.split(r"[\s_]+", speaker), key=len, reverse=True))
    for part in parts:
        pattern = re.compile(rf"(?<!\w){re.escape(part)}(?!\w)", re.IGNORECASE)
        if len(part) > 2 and pattern.search(case.q):
            for other in rng.sample(others, min(len(others), _SWAPS)):
                yield pattern.sub(other.replace("\\", r"\\"), case.q)
            return


def _attributes(threads: Sequence[Thread], language: str, rng: random.Random) -> Iterator[str]:
    """Yield questions for details that a discussion seldom gives, of its authors and of what it names most."""
    people = sorted({comment.author for thread in threads for comment in thread.visible if comment.author})
    texts = [text for thread in threads for text in (thread.article.text, *(one.body for one in thread.visible))]
    said = Counter(
        re.findall(r"\b[A-ZÄÖÜ][a-zäöüß]{4,}", " ".join(texts)) if language == "german" else names(" ".join(texts))
    )
    things = [name for name, _ in said.most_common(30)]
    for patterns, bearers in ((_OF_PEOPLE, people), (_OF_THINGS, things)):
        for pattern in patterns.get(language, patterns["english"]) if bearers else ():
            yield pattern.format(rng.choice(bearers))


def _language(threads: Sequence[Thread]) -> str:
    return language_of(" ".join(comment.body for thread in threads for comment in thread.visible))


def fit_signed(
    values: Floats, labels: Bools, weights: Floats, columns: Sequence[str], *, ridge: float = _RIDGE
) -> tuple[dict[str, float], float]:
    """Fit a logistic over named columns, dropping one by one those whose sign makes no sense.

    `values` has shape (n, len(columns)), `weights` says how much each row counts. Returns weights by name and the bias.
    """
    kept = list(range(len(columns)))
    while True:
        found, bias, sizes = _logistic(values[:, kept], labels, weights, ridge)
        wrong = [
            (abs(size), place)
            for place, size in enumerate(sizes)
            if columns[kept[place]] not in _EITHER and (size > 0) == (columns[kept[place]] in _FALLING)
        ]
        if not wrong:
            return {columns[column]: float(value) for column, value in zip(kept, found, strict=True)}, bias
        del kept[max(wrong)[1]]


def _logistic(values: Floats, labels: Bools, weights: Floats, ridge: float) -> tuple[Floats, float, Floats]:
    """Return weights over raw values, the bias, and the weights over standardised values; classes are balanced."""
    mean, spread = values.mean(0), values.std(0) + 1e-9
    design = np.hstack([(values - mean) / spread, np.ones((len(values), 1))])
    sure = weights * np.where(labels, weights[~labels].sum() / weights[labels].sum(), 1.0)
    sure = sure / sure.mean()
    penalty = np.diag([ridge] * values.shape[1] + [0.0])
    beta = np.zeros(design.shape[1])
    for _ in range(30):
        guess = 1.0 / (1.0 + np.exp(-design @ beta))
        curve = (design * (sure * guess * (1 - guess))[:, None]).T @ design + penalty
        beta = beta + np.linalg.solve(curve, design.T @ (sure * (labels - guess)) - penalty @ beta)
    found = beta[:-1] / spread
    return found, float(beta[-1] - found @ mean), beta[:-1]


def _probability(values: Floats, columns: Sequence[str], found: Mapping[str, float], bias: float) -> Floats:
    at = [columns.index(name) for name in found]
    return np.asarray(1.0 / (1.0 + np.exp(-(values[:, at] @ np.asarray(list(found.values())) + bias))))


def report(examples: Sequence[Example], shares: Sequence[float] = (0.05, 0.1)) -> str:
    """Fit and return as text: held-out figures at some shares of false declines, then the weights to pin."""
    values = np.asarray([[one.values[name] for name in FEATURES] for one in examples], np.float64)
    labels = np.asarray([one.answerable for one in examples])
    weights = np.asarray([_COUNT_FOR.get(one.sort, 1.0) for one in examples])
    groups = np.asarray([one.group for one in examples])
    sorts = np.asarray([one.sort for one in examples])
    held = np.zeros(len(examples))
    for group in sorted(set(groups.tolist())):
        seen = groups != group
        found, bias = fit_signed(values[seen], labels[seen], weights[seen], FEATURES)
        held[~seen] = _probability(values[~seen], FEATURES, found, bias)
    found, bias = fit_signed(values, labels, weights, FEATURES)
    lines = [f"{len(examples)} examples of {len(set(groups.tolist()))} groups, {labels.sum()} answerable"]
    for share in shares:
        at = float(np.quantile(held[labels], share))
        told = ", ".join(
            f"{sort} {100 * (held[(sorts == sort) & ~labels] < at).mean():.0f}"
            for sort in sorted(set(sorts[~labels].tolist()))
        )
        balanced = 50 * ((held[~labels] < at).mean() + (held[labels] >= at).mean())
        lines.append(
            f"held out, threshold {at:.2f}: false declines {100 * share:.0f}%, balanced {balanced:.1f}; "
            f"declined: {told}"
        )
    best = max(np.unique(held).tolist(), key=lambda at: (held[~labels] < at).mean() + (held[labels] >= at).mean())
    score = 50 * ((held[~labels] < best).mean() + (held[labels] >= best).mean())
    lines.append(f"held out, best balanced accuracy {score:.1f} at {best:.2f}")
    pinned = ", ".join(f'"{name}": {value:.2f}' for name, value in found.items())
    return "\n".join([*lines, f"Model({{{pinned}}}, {bias:.2f}, …)"])


def labelled(name: str, folder: Path, encoder: Encoder) -> list[Example]:
    """Return the questions of a set with labels of its own, dealt into ten groups."""
    cases = read_clapnq(folder, encoder) if name == "clapnq" else read_mtrag(folder, encoder)
    return [
        Example(str(row % 10), "gold" if case.answerable else name, case.key, case.answerable, case.values)
        for row, case in enumerate(case for case in cases if case.values)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit the models asked for and print them; a set that is not here is skipped."""
    parser = argparse.ArgumentParser(prog="python -m eval.fit_decline", description=__doc__)
    parser.add_argument("--scope", action="append", choices=("discussion", "one_text", "library"))
    parser.add_argument("--practice", type=Path, metavar="FILE.jsonl", help="questions of your own about other threads")
    options = parser.parse_args(arguments)
    folder = root()
    with tempfile.TemporaryDirectory() as cache:
        settings = Settings.from_environment(cache=Path(cache))
        base = open_encoder(settings.encoder, cache=settings.cache, threads=settings.model_threads)
        kept = Path(__file__).resolve().parents[1] / ".eval" / "vectors"
        makers: dict[str, tuple[str, Callable[[Encoder], list[Example]]]] = {
            "discussion": ("gold", lambda encoder: discussion(encoder, options.practice)),
            "one_text": ("clapnq", lambda encoder: labelled("clapnq", folder, encoder)),
            "library": ("mtrag", lambda encoder: labelled("mtrag_un", folder, encoder)),
        }
        for scope in options.scope or makers:
            stored, make = makers[scope]
            if scope != "discussion" and not folder.is_dir():
                sys.stdout.write(f"{scope}: skipped, the sets are not at {folder}.\n")
                continue
            encoder = CachedEncoder(base, kept, stored)
            sys.stdout.write(f"{scope}\n{report(make(encoder))}\n")
            sys.stdout.flush()
            encoder.save()
    return 0


if __name__ == "__main__":
    sys.exit(main())
