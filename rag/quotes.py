"""The quotes answerer: the sentences that answer, word for word, each under its speaker's name. No model."""

from collections.abc import Mapping, Sequence

from ingest.thread import Span, Thread
from rag.citing import cite, quoted, voice
from rag.context import asks_for_several
from rag.evidence import Claim, Hit, Passage
from rag.hostile import gives_orders
from rag.lexical import terms
from rag.query import Query

__all__ = ["answer_with_quotes", "select"]

_WORDS = 70
"""About as many words as one voice is quoted with."""
_NEAR = 0.93
"""A second voice is quoted when its score reaches this share of the best one's."""
_NEAR_MANY = 0.6
"""The same for questions that ask for several voices."""
_SAME_VOICE = 0.7
"""A second passage of the same voice is quoted when its score reaches this share of the first one's."""
_MOST_VOICES = 4


def answer_with_quotes(query: Query, hits: Sequence[Hit], threads: Mapping[str, Thread]) -> list[Claim]:
    """Return the claims of each voice that answers, best first; a voice may be quoted from two passages."""
    wanted = frozenset(term for search in query.searches[:2] for term in terms(search))
    claims = []
    for chosen in select(query, hits):
        voiced = [hit for hit in hits if _source(hit) == _source(chosen) and hit.score >= chosen.score * _SAME_VOICE]
        for hit in voiced[:2]:
            citation = cite(threads[hit.passage.thread_id], hit.passage.comment_id, _stretch(hit, wanted))
            claims.append(
                Claim(f"{voice(citation)}: {quoted(citation.quote)}", citations=(citation,), speaker=citation.author)
            )
    return claims


def select(query: Query, hits: Sequence[Hit]) -> list[Hit]:
    """Choose the hits to quote: the best of each comment, as long as its score is near the best one's."""
    best: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        best.setdefault(_source(hit), hit)
    ranked = sorted(best.values(), key=lambda hit: -hit.score)
    if not ranked:
        return []
    floor = ranked[0].score * (_NEAR_MANY if asks_for_several(query) else _NEAR)
    return [hit for hit in ranked[:_MOST_VOICES] if hit.score >= floor] or ranked[:1]


def _source(hit: Hit) -> tuple[str, str]:
    return hit.passage.thread_id, hit.passage.comment_id


def _free_of_orders(passage: Passage, best: Span) -> list[Span]:
    """Return the sentences around the best one, up to where somebody orders a language model about."""
    run: list[Span] = []
    for span in passage.sentences:
        if span != best and gives_orders(passage, span):
            if best in run:
                break
            run = []
        else:
            run.append(span)
    return run


def _stretch(hit: Hit, wanted: frozenset[str]) -> Span:
    """Grow the best sentence by its neighbours in the passage, those that share words with the question first."""
    passage = hit.passage
    best = hit.best_sentence or passage.sentences[0]
    sentences = _free_of_orders(passage, best)
    low = high = next((i for i, span in enumerate(sentences) if span == best), 0)

    def words(span: Span) -> int:
        return len(passage.text[span[0] - passage.start : span[1] - passage.start].split())

    def shared(span: Span) -> int:
        return len(wanted.intersection(terms(passage.text[span[0] - passage.start : span[1] - passage.start])))

    budget = _WORDS - words(sentences[low])
    while True:
        sides = []
        if high + 1 < len(sentences) and words(sentences[high + 1]) <= budget:
            sides.append((shared(sentences[high + 1]), 1, high + 1))
        if low > 0 and words(sentences[low - 1]) <= budget:
            sides.append((shared(sentences[low - 1]), 0, low - 1))
        if not sides:
            return sentences[low][0], sentences[high][1]
        _, _, chosen = max(sides)
        budget -= words(sentences[chosen])
        low, high = min(low, chosen), max(high, chosen)
