"""Question → the passages that speak to it, best first.

A scope of some thousand comments is scored exactly, from vectors and words held in memory. In a larger library the
full text and the vector index each name candidates, which are then scored in the same way.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.thread import ARTICLE, Thread
from rag.evidence import Hit, Passage, Scope
from rag.lexical import terms
from rag.pool import Part, Pool
from rag.ports import Catalogue, Encoder, ThreadRow, VectorReader, Vectors
from rag.query import UNNAMED, Query
from rag.rank import Ranking, Scores, Search, Signals, blend, rank

__all__ = ["EXACT_COMMENTS", "Retriever"]

EXACT_COMMENTS = 5_000  # comments in scope up to which every passage is scored
KEPT_PASSAGES = 60_000  # passages of threads held in memory: about 400 MB with their sentences
CANDIDATES = 150  # from each of full text and vectors, in a larger library
PER_COMMENT = 2  # passages of one comment among the hits
PER_ARTICLE = 4
LATER_FORMS = 0.5  # weight of the other forms of a question beside the first


class Retriever:
    """Find passages. Safe to share between threads; holds the threads last asked about, by revision."""

    def __init__(
        self, catalogue: Catalogue, index: VectorReader, sentence_index: VectorReader, encoder: Encoder
    ) -> None:
        self._catalogue = catalogue
        self._index = index
        self._sentence_index = sentence_index
        self._encoder = encoder
        self._lock = threading.Lock()
        self._rows: tuple[int, dict[str, ThreadRow]] = (-1, {})
        self._parts: OrderedDict[tuple[str, int], Part] = OrderedDict()
        self._pools: OrderedDict[tuple[tuple[str, int], ...], Pool] = OrderedDict()

    def retrieve(self, query: Query, *, k: int = 8) -> tuple[Hit, ...]:
        """Return up to k hits within the query's scope, best first."""
        return self.retrieve_scored(query, k=k).hits

    def retrieve_scored(self, query: Query, *, k: int = 8) -> Ranking:
        """Return up to k hits with the signals that tell how far to trust them."""
        rows = self._scope_rows(query.scope)
        forms = [form for form in dict.fromkeys(query.searches or (query.question,)) if form.strip()]
        if not rows or not forms or k < 1:
            return Ranking()
        vectors = self._encoder.encode(forms)
        pool = self._pool(rows) if _comments(rows) <= EXACT_COMMENTS else self._candidates(forms, vectors, rows)
        searches = [
            Search({term: 1.0 for term in pool.cut(form)}, vector) for form, vector in zip(forms, vectors, strict=True)
        ]
        search = blend(searches, [1.0] + [LATER_FORMS] * (len(searches) - 1))
        return _ranking(pool, search, rank(pool, search), _allowed(pool, query.scope), k)

    def warm(self, thread_ids: Sequence[str] = ()) -> None:
        """Load what questions about these threads will need, unless the scope is too large to hold."""
        rows = self._scope_rows(Scope(thread_ids=tuple(thread_ids)))
        if rows and _comments(rows) <= EXACT_COMMENTS:
            self._pool(rows)

    def _scope_rows(self, scope: Scope) -> list[ThreadRow]:
        revision = self._catalogue.revision()
        with self._lock:
            seen, rows = self._rows
        if seen != revision:
            rows = {row.id: row for row in self._catalogue.threads()}
            with self._lock:
                self._rows = (revision, rows)
        if not scope.thread_ids:
            return list(rows.values())
        return [rows[thread_id] for thread_id in dict.fromkeys(scope.thread_ids) if thread_id in rows]

    def _pool(self, rows: Sequence[ThreadRow]) -> Pool:
        key = tuple((row.id, row.revision) for row in rows)
        with self._lock:
            if key in self._pools:
                self._pools.move_to_end(key)
                return self._pools[key]
        pool = Pool(self._load(rows))
        with self._lock:
            self._pools[key] = pool
            while len(self._pools) > 1 and sum(map(len, self._pools.values())) > KEPT_PASSAGES:
                self._pools.popitem(last=False)
        return pool

    def _load(self, rows: Sequence[ThreadRow]) -> list[Part]:
        keys = [(row.id, row.revision) for row in rows]
        with self._lock:
            parts = {key: self._parts[key] for key in keys if key in self._parts}
            for key in parts:
                self._parts.move_to_end(key)
        fresh = self._read([thread_id for thread_id, revision in keys if (thread_id, revision) not in parts])
        with self._lock:
            for thread_id, revision in keys:
                if thread_id in fresh:
                    parts[thread_id, revision] = self._parts[thread_id, revision] = fresh[thread_id]
            while len(self._parts) > 1 and sum(len(part.passages) for part in self._parts.values()) > KEPT_PASSAGES:
                self._parts.popitem(last=False)
        return [parts[key] for key in keys if key in parts]

    def _read(self, thread_ids: Sequence[str]) -> dict[str, Part]:
        found: list[tuple[Thread, list[Passage]]] = []
        for thread_id in thread_ids:
            thread = self._catalogue.thread(thread_id)
            if thread is not None:
                found.append((thread, self._catalogue.passages(thread_id)))
        if len(found) == 1:
            only = found[0][0].id
            vectors, sentence_vectors = self._index.fetch_thread(only), self._sentence_index.fetch_thread(only)
        else:
            every = [passage for _, passages in found for passage in passages]
            vectors = self._index.fetch([passage.id for passage in every])
            sentence_vectors = self._sentence_index.fetch(_sentence_ids(every))
        return {
            thread.id: Part.build(thread, passages, vectors, sentence_vectors, self._encoder.dimension)
            for thread, passages in found
        }

    def _candidates(self, forms: Sequence[str], vectors: Vectors, rows: Sequence[ThreadRow]) -> Pool:
        """Return a pool of the passages that full text or vectors name for any form of the question."""
        everywhere = len(rows) == len(self._rows[1])
        thread_ids = () if everywhere else tuple(row.id for row in rows)
        ids: dict[str, None] = {}
        for form, vector in zip(forms, vectors, strict=True):
            words = list(dict.fromkeys(terms(form)))
            ids.update(dict.fromkeys(key for key, _ in self._catalogue.search(words, CANDIDATES, thread_ids)))
            ids.update(dict.fromkeys(key for key, _ in self._index.query(vector, CANDIDATES, thread_ids)))
        known = {row.id for row in rows}
        by_thread: dict[str, list[Passage]] = {}
        for passage in self._catalogue.passages_by_id(list(ids)).values():
            if passage.thread_id in known:
                by_thread.setdefault(passage.thread_id, []).append(passage)
        every = [passage for passages in by_thread.values() for passage in passages]
        found = self._index.fetch([passage.id for passage in every])
        sentence_vectors = self._sentence_index.fetch(_sentence_ids(every))
        parts = []
        for thread_id, passages in by_thread.items():
            thread = self._catalogue.thread(thread_id)
            if thread is not None:
                parts.append(Part.build(thread, passages, found, sentence_vectors, self._encoder.dimension))
        return Pool(parts)


def _comments(rows: Sequence[ThreadRow]) -> int:
    return sum(row.comments + 1 for row in rows)


def _sentence_ids(passages: Sequence[Passage]) -> list[str]:
    return [f"{passage.id}#{number}" for passage in passages for number in range(len(passage.sentences))]


def _allowed(pool: Pool, scope: Scope) -> NDArray[np.bool_]:
    """Tell for every passage whether the scope's part, authors and branch let it in."""
    authors = {author.casefold() for author in scope.authors}
    verdicts: dict[tuple[str, str], bool] = {}
    for part in pool.parts:
        thread = part.thread
        branch = {scope.branch} | {comment.id for _, comment in thread.walk(scope.branch)} if scope.branch else None
        for passage in part.passages:
            key = (passage.thread_id, passage.comment_id)
            if key in verdicts:
                continue
            if passage.comment_id == ARTICLE:
                by = (thread.article.author or "").casefold()
                verdicts[key] = scope.part != "comments" and branch is None and (not authors or by in authors - {""})
                continue
            comment = thread.get(passage.comment_id)
            verdicts[key] = (
                comment is not None
                and scope.part != "article"
                and (branch is None or comment.id in branch)
                and (not authors or (comment.author or UNNAMED).casefold() in authors)
            )
    return np.asarray([verdicts[passage.thread_id, passage.comment_id] for passage in pool.passages], np.bool_)


def _ranking(pool: Pool, search: Search, scores: Scores, allowed: NDArray[np.bool_], k: int) -> Ranking:
    order = [int(row) for row in np.argsort(-scores.passage, kind="stable") if allowed[row]]
    taken: dict[int, int] = {}
    chosen: list[int] = []
    for row in order:
        comment = int(pool.comment_of[row])
        limit = PER_ARTICLE if pool.passages[row].comment_id == ARTICLE else PER_COMMENT
        if taken.get(comment, 0) < limit:
            taken[comment] = taken.get(comment, 0) + 1
            chosen.append(row)
        if len(chosen) == k:
            break
    best = _best_sentences(pool, scores, chosen)
    return Ranking(
        hits=tuple(_hit(pool, scores, row, best[row]) for row in chosen),
        signals=tuple(_signals(pool, scores, row, best[row], order) for row in chosen),
        terms={term: pool.comment_words.idf(term) for term in search.words},
        missing=tuple(term for term in search.words if term not in pool.comment_words),
        texts=len(np.unique(pool.comment_of[allowed])) if len(pool) else 0,
    )


def _best_sentences(pool: Pool, scores: Scores, rows: Sequence[int]) -> dict[int, int | None]:
    best: dict[int, int | None] = {}
    for row in rows:
        own = np.flatnonzero(pool.passage_of == row)
        best[row] = int(own[np.argmax(scores.sentence[own])]) if len(own) else None
    return best


def _hit(pool: Pool, scores: Scores, row: int, sentence: int | None) -> Hit:
    passage = pool.passages[row]
    thread = pool.parts[pool.part_of[row]].thread
    comment = thread.get(passage.comment_id)
    return Hit(
        passage=passage,
        score=float(scores.passage[row]),
        author=comment.author if comment else thread.article.author,
        number=comment.tag if comment else ARTICLE,
        best_sentence=pool.sentences[sentence] if sentence is not None else None,
    )


def _signals(pool: Pool, scores: Scores, row: int, sentence: int | None, order: Sequence[int]) -> Signals:
    comment = int(pool.comment_of[row])
    after = next((other for other in order[order.index(row) :] if pool.comment_of[other] != comment), None)
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
