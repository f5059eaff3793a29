"""Question → the passages that speak to it, best first.

A scope of some thousand comments is scored exactly, from vectors and words held in memory. In a larger library the
full text and the vector index each name candidates, which are then scored in the same way.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ingest.thread import ARTICLE
from rag.evidence import Hit, Scope
from rag.held import Held, Holdings
from rag.lexical import words
from rag.pool import Pool, Rows
from rag.ports import Catalogue, Encoder, ThreadRow, VectorReader, Vectors
from rag.query import Query
from rag.rank import Ranking, Scores, Search, Signals, rank, search
from rag.scope import admission
from rag.wide import CANDIDATES, Wide

__all__ = ["EXACT_COMMENTS", "Retriever"]

EXACT_COMMENTS = 6_000  # comments and articles in scope up to which every passage is scored
PER_COMMENT = 2  # passages of one comment among the hits
PER_ARTICLE = 4
BESIDE = 8  # comments among the hits of which further passages are told
_PREFERRED = 1.0  # how much better people tell of themselves what befell them than others tell it of them
PER_BESIDE = 6  # such passages of each


class Retriever:
    """Find passages. Safe to share between threads; holds the threads last asked about, by revision."""

    def __init__(
        self, catalogue: Catalogue, index: VectorReader, sentence_index: VectorReader, encoder: Encoder
    ) -> None:
        self._catalogue = catalogue
        self._index = index
        self._encoder = encoder
        self._holdings = Holdings(catalogue, index, sentence_index, encoder)
        self.wide = Wide(catalogue, index, encoder)

    def retrieve(self, query: Query, *, k: int = 8) -> tuple[Hit, ...]:
        """Return up to k hits within the query's scope, best first."""
        return self.retrieve_scored(query, k=k).hits

    def retrieve_scored(self, query: Query, *, k: int = 8) -> Ranking:
        """Return up to k hits with the signals that tell how far to trust them."""
        rows = self._rows(query.scope)
        forms = [form for form in dict.fromkeys((*(query.searches or (query.question,)), query.before)) if form.strip()]
        if not rows or not forms or k < 1:
            return Ranking()
        if query.scope.chosen_from:
            vectors = self.wide.encode(forms)
            held = self._shortlisted(forms, rows, replace(query.scope, authors=query.scope.authors or query.preferred))
        else:
            vectors = self._encoder.encode(forms)
            small = _size(rows) <= EXACT_COMMENTS
            held = self._holdings.whole(rows) if small else self._candidates(forms, vectors, rows)
        pool = held.pool
        allowed = _allowed(pool, query.scope)
        if not allowed.any():
            return Ranking()
        searches = [
            search(pool, form, vector, later=number > 0, without=query.preferred)
            for number, (form, vector) in enumerate(zip(forms, vectors, strict=True))
        ]
        # The few passages of one author say little about what is much: scores spread as over everybody's.
        among = _allowed(pool, replace(query.scope, authors=())) if query.scope.authors else allowed
        scores = rank(pool, held.around, searches, among)
        if query.preferred:
            own, told = _telling(pool, query)
            if (allowed & own).any():
                allowed = allowed & (own | told)
                scores = replace(scores, passage=scores.passage + _PREFERRED * own.astype(np.float32))
        return _ranking(pool, searches[0], scores, allowed, k)

    def warm(self, thread_ids: Sequence[str] = ()) -> None:
        """Load what questions about these threads will need, unless the scope is too large to hold."""
        rows = self._rows(Scope(thread_ids=tuple(thread_ids)))
        if rows and _size(rows) <= EXACT_COMMENTS:
            self._holdings.whole(rows)

    def _rows(self, scope: Scope) -> list[ThreadRow]:
        rows = self._holdings.rows()
        if not scope.thread_ids:
            return list(rows.values())
        return [rows[thread_id] for thread_id in dict.fromkeys(scope.thread_ids) if thread_id in rows]

    def _candidates(self, forms: Sequence[str], vectors: Vectors, rows: Sequence[ThreadRow]) -> Held:
        """Return the passages that full text or vectors name for any form of the question."""
        known = frozenset(row.id for row in rows)
        thread_ids = () if len(known) == len(self._holdings.rows()) else tuple(row.id for row in rows)
        ids: dict[str, None] = {}
        for form, vector in zip(forms, vectors, strict=True):
            ids.update(dict.fromkeys(key for key, _ in self.wide.search(form, CANDIDATES, thread_ids)))
            ids.update(dict.fromkeys(key for key, _ in self._index.query(vector, CANDIDATES, thread_ids)))
        return self._holdings.some(list(ids), known)

    def _shortlisted(self, forms: Sequence[str], rows: Sequence[ThreadRow], scope: Scope) -> Held:
        """Return what the whole library's search and one within these threads name, and all that a person says there.

        The threads are read one by one and only for this question: what they say otherwise is not cut into words.
        """
        thread_ids = tuple(row.id for row in rows)
        ids: set[str] = set()
        for form in forms:
            ids.update(self.wide.find(form).threads, self.wide.within(form, thread_ids).threads)
        if scope.authors:
            ids.update(self._holdings.said(rows, scope))
        return self._holdings.of(rows, ids)


def _size(rows: Sequence[ThreadRow]) -> int:
    return sum(row.comments + 1 for row in rows)


def _allowed(pool: Pool, scope: Scope) -> NDArray[np.bool_]:
    """Tell for every passage whether the scope's part, authors and branch let it in."""
    if not scope.authors and scope.branch is None and scope.part == "all":
        return np.ones(len(pool), np.bool_)
    verdicts = [
        admits(comment_id)
        for part, admits in enumerate(admission(scope, part.thread) for part in pool.parts)
        for _, comment_id in (pool.comments[row] for row in np.flatnonzero(pool.part_of_comment == part))
    ]
    return np.asarray(verdicts, np.bool_)[pool.comment_of]


def _telling(pool: Pool, query: Query) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which passages are by the people a question prefers, and which of others tell of them.

    To call somebody by name ("Ada, no doubt") tells nothing of them.
    """
    asked = {word.split("'")[0] for word in words(query.resolved)}
    parts = {word for name in query.preferred for word in words(name) if len(word) > 2 and word in asked}
    named = "|".join(map(re.escape, sorted(parts))) or r"(?!)"
    told = re.compile(rf"(?<=[\w,;:)] )(?:{named})(?![\w,])")
    own, of = np.zeros(len(pool), np.bool_), np.zeros(len(pool), np.bool_)
    theirs = {
        (part.thread.id, comment.id)
        for part in pool.parts
        for comment in part.thread.visible
        if comment.author in query.preferred
    }
    for row, passage in enumerate(pool.passages):
        own[row] = (passage.thread_id, passage.comment_id) in theirs
        text = "" if own[row] else passage.text.lower()
        of[row] = any(part in text for part in parts) and told.search(text) is not None
    return own, of


def _ranking(pool: Pool, first: Search, scores: Scores, allowed: NDArray[np.bool_], k: int) -> Ranking:
    order = np.argsort(-scores.passage, kind="stable")
    order = order[allowed[order]]
    places = _chosen(pool, order, k)
    best = [_best_sentence(pool, scores, int(order[place])) for place in places]
    return Ranking(
        hits=tuple(_hit(pool, scores, int(order[place]), at) for place, at in zip(places, best, strict=True)),
        signals=tuple(_signals(pool, scores, order, place, at) for place, at in zip(places, best, strict=True)),
        terms={term: pool.comment_words.idf(term) for term in first.words},
        missing=tuple(term for term in first.words if term not in pool.comment_words),
        texts=len(np.unique(pool.comment_of[allowed])),
        beside=tuple(
            _hit(pool, scores, int(order[place]), _best_sentence(pool, scores, int(order[place])))
            for place in _beside(pool, order, places)
        ),
    )


def _beside(pool: Pool, order: Rows, places: Sequence[int]) -> list[int]:
    """Return the places of further passages of the comments chosen first."""
    room = dict.fromkeys([int(pool.comment_of[order[place]]) for place in places][:BESIDE], PER_BESIDE)
    taken, found = set(places), []
    for place in np.flatnonzero(np.isin(pool.comment_of[order], list(room))):
        comment = int(pool.comment_of[order[place]])
        if int(place) not in taken and room[comment]:
            room[comment] -= 1
            found.append(int(place))
    return found


def _chosen(pool: Pool, order: Rows, k: int) -> list[int]:
    """Return the places in the order of the first k passages, with few of any one comment."""
    taken: dict[int, int] = {}
    chosen: list[int] = []
    for place, row in enumerate(order):
        comment = int(pool.comment_of[row])
        limit = PER_ARTICLE if pool.passages[row].comment_id == ARTICLE else PER_COMMENT
        if taken.get(comment, 0) < limit:
            taken[comment] = taken.get(comment, 0) + 1
            chosen.append(place)
        if len(chosen) == k:
            break
    return chosen


def _best_sentence(pool: Pool, scores: Scores, row: int) -> int | None:
    first, last = np.searchsorted(pool.passage_of, [row, row + 1])
    return int(first + np.argmax(scores.sentence[first:last])) if last > first else None


def _hit(pool: Pool, scores: Scores, row: int, sentence: int | None) -> Hit:
    passage = pool.passages[row]
    thread = pool.parts[pool.part_of[row]].thread
    comment = thread.get(passage.comment_id)
    first, last = np.searchsorted(pool.passage_of, [row, row + 1])
    return Hit(
        passage=passage,
        score=float(scores.passage[row]),
        author=comment.author if comment else thread.article.author,
        number=comment.tag if comment else ARTICLE,
        best_sentence=pool.sentences[sentence] if sentence is not None else None,
        fits=tuple(float(score) for score in scores.sentence[first:last]),
    )


def _signals(pool: Pool, scores: Scores, order: Rows, place: int, sentence: int | None) -> Signals:
    row = order[place]
    comment = pool.comment_of[row]
    after = next((other for other in order[place:] if pool.comment_of[other] != comment), None)
    return Signals(
        coverage=float(scores.coverage[row]),
        comment_coverage=float(scores.comment_coverage[comment]),
        sentence_coverage=float(scores.sentence_coverage[sentence]) if sentence is not None else 0.0,
        bm25=float(scores.bm25[comment]),
        passage_cosine=float(scores.passage_cosine[row]),
        sentence_cosine=float(scores.sentence_cosine[sentence]) if sentence is not None else 0.0,
        score=float(scores.passage[row]),
        margin=float(scores.passage[row] - scores.passage[after]) if after is not None else 0.0,
    )
