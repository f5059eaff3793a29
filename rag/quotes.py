"""The quotes answerer: the sentences that answer, word for word, each under its speaker's name. No model."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from ingest.thread import ARTICLE, Span, Thread
from rag.citing import cite, quoted, voice
from rag.context import asks_for_several, is_question
from rag.evidence import Claim, Hit, Passage
from rag.extract import extract
from rag.hostile import gives_orders
from rag.lexical import terms
from rag.query import Query
from rag.voices import subject_words
from rag.words import FUNCTION

__all__ = ["Source", "answer_with_quotes", "on_subject", "select", "stretch"]

Source = tuple[str, str]

_WORDS = 100
"""About as many words as one voice is quoted with."""
_WORDS_MANY = 70
"""The same where several voices are asked for."""
_NEAR = 0.93
"""A second voice is quoted when its score reaches this share of the best one's."""
_NEAR_MANY = 0.6
"""The same for questions that ask for several voices."""
_NEAR_NAMED = 0.15
"""The same for a voice that uses a word of the subject."""
_COMMON = 0.5
"""A word in more than this share of what was found does not name the subject."""
_SUBJECT = 0.5
"""A voice is on the subject when it uses this share of the words that name it."""
_EMPTY = frozenset(terms(" ".join(FUNCTION))) | frozenset(
    terms("come comes talk talks talked mention mentions good bad")
)
_MOST_VOICES = 4
_PEOPLE = re.compile(
    r"^\W*(?:and |so )?(?:who (?:else |all |here )?(?!(?:is|was|were|are|did|does|do|will)\b)|wer (?!(?:ist|war)\b)"
    r"|which (?:commenters?|people|users?|readers?|of them)\b)",
    re.IGNORECASE,
)
_BESIDE = 0.4
"""From this share of the article's score on, a commenter is quoted in its place where people are asked for."""


def answer_with_quotes(
    query: Query, hits: Sequence[Hit], threads: Mapping[str, Thread], beside: Sequence[Hit] = ()
) -> list[Claim]:
    """Return a claim for each voice that answers, best first, with the sentences that fit the question.

    `beside` are further passages of the same comments, to quote from but not to choose by.
    """
    claims = []
    most = _WORDS_MANY if asks_for_several(query) else _WORDS
    for chosen in select(query, hits):
        own = [hit for hit in (*hits, *beside) if hit.source == chosen.source]
        thread = threads[chosen.passage.thread_id]
        cited = tuple(cite(thread, chosen.passage.comment_id, span) for span in extract(query, own, most))
        words = " … ".join(quoted(citation.quote) for citation in cited)
        claims.append(Claim(f"{voice(cited[0])}: {words}", citations=cited, speaker=cited[0].author))
    return claims


def select(query: Query, hits: Sequence[Hit]) -> list[Hit]:
    """Choose the hits to quote: the best of each comment, as long as its score is near the best one's."""
    best: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        best.setdefault(hit.source, hit)
    ranked = sorted(best.values(), key=lambda hit: -hit.score)
    if not ranked:
        return []
    several = asks_for_several(query)
    if _PEOPLE.search(query.resolved) and query.scope.part != "article":
        ranked = _people(query, ranked)
    floor = ranked[0].score * (_NEAR_MANY if several else _NEAR)
    named = on_subject(query, ranked) if several else set()
    low = ranked[0].score * _NEAR_NAMED
    kept = [hit for hit in ranked if hit.score >= floor or (hit.score >= low and hit.source in named)]
    return kept[:_MOST_VOICES] or ranked[:1]


def _people(query: Query, ranked: list[Hit]) -> list[Hit]:
    """Leave the article out where people are asked for, and a comment names more of the subject or the article asks."""
    comments = [hit for hit in ranked if hit.passage.comment_id != ARTICLE]
    telling, shared = _naming(query, ranked)
    least = max(
        len(telling) * _SUBJECT, 1 + max((shared[hit.source] for hit in ranked if hit not in comments), default=0)
    )
    near = [hit for hit in comments if hit.score >= ranked[0].score * _BESIDE]
    asks = ranked[0].passage.comment_id == ARTICLE and is_question(ranked[0].passage.at(ranked[0].sentence))
    return comments if near and (asks or any(shared[hit.source] >= least for hit in near)) else ranked


def on_subject(query: Query, hits: Sequence[Hit]) -> set[Source]:
    """Return the sources among the hits that use enough of the words of the question's subject."""
    telling, shared = _naming(query, hits)
    return {place for place, count in shared.items() if count >= len(telling) * _SUBJECT}


def _naming(query: Query, hits: Sequence[Hit]) -> tuple[list[set[Source]], Counter[Source]]:
    """Return the sources that use each word of the question's subject, and how many such words each uses.

    Only words count that tell the hits apart: neither those that most of them use, nor words of speaking, nor names.
    """
    holding: dict[str, set[Source]] = {word: set() for word in subject_words(query) - _EMPTY}
    for hit in hits:
        for word in holding.keys() & set(terms(hit.passage.text)):
            holding[word].add(hit.source)
    most = max(2, len({hit.source for hit in hits}) * _COMMON)
    telling = [places for places in holding.values() if 0 < len(places) <= most]
    return telling, Counter(place for places in telling for place in places)


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


def stretch(hit: Hit, wanted: frozenset[str], most: int = _WORDS) -> Span:
    """Grow the best sentence by its neighbours in the passage, those that share words with the question first.

    The stretch has at most `most` words, or is the best sentence alone where that is longer.
    """
    passage = hit.passage
    best = hit.sentence
    sentences = _free_of_orders(passage, best)
    low = high = next((i for i, span in enumerate(sentences) if span == best), 0)

    def words(span: Span) -> int:
        return len(passage.at(span).split())

    def shared(span: Span) -> int:
        return len(wanted.intersection(terms(passage.at(span))))

    budget = most - words(sentences[low])
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
