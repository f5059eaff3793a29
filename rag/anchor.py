"""Where the conversation stands: the comments that the last answer rested on, and what lies around them. Pure.

A follow-up asks about what was just said: its answer is mostly in the same comment or in a reply to it, whatever words
it is asked in. How much a question leans on the turn before decides how much that counts.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingest.thread import ARTICLE, Thread
from rag.context import opening
from rag.evidence import Hit, Passage, Scope, Turn
from rag.lexical import terms
from rag.query import Query

__all__ = ["Anchor", "anchors", "leaning", "near_anchors", "unbound"]

_SAME, _REPLY, _BELOW, _ABOVE = 0.9, 0.9, 0.5, 0.5  # shares of the best score, by where a comment stands
_REPEATED = 0.35  # of the best score is taken from a sentence that the last answer has told already
_TOLD = 0.6  # share of a sentence's content words from which on the last answer has told it
_SAME_REACTION, _REPLY_REACTION = 0.2, 1.3  # the same, where the question asks how somebody reacted
_FEW = 2  # content words up to which a question that follows another one leans on it
_REFERRING = re.compile(
    r"\b(?:he|she|him|her|his|hers|they|them|their|theirs|it|its|this|that|these|those|there|then|such|so"
    r"|the (?:first|second|latter|former|other|same|end|reason|answer|reply|number|list)|one|ones|else|too|as well"
    r"|er|ihm|ihn|sie|ihr|ihre|es|das|dies\w*|darauf|daran|dazu|davon|dagegen|dort|auch|il|elle|lui|cela|ça|leur"
    r"|él|ella|eso|esto|ellos|allí|también)\b",
    re.IGNORECASE,
)
_REACTION = re.compile(
    r"\b(?:answer\w*|repl(?:y|ies|ied)|respon\w+|react\w*|accept\w*|agree\w*|disagree\w*|content|object\w*|counter\w*"
    r"|happen\w*|confirm\w*|den(?:y|ies|ied)|true|convinc\w*|antwort\w*|geantwortet|reagier\w*|répon\w+|respond\w+)\b",
    re.IGNORECASE,
)
_ABOUT_IT = re.compile(
    r"\b(?:says?|said|think|thinks|thought|makes?|made|sagt|meint)\b(?: \w+)? (?:about|of|to|on)"
    r" (?:it|that|this|those|these|him|her|them)\b|\b(?:sagt|meint|schreibt)\b.* (?:dazu|darüber|davon)\b",
    re.IGNORECASE,
)
_FURTHER = re.compile(
    r"\b(?:who|whom|what|anyone|anybody|anything|somebody|someone|something|where) else\b"
    r"|\bany (?:other|more|further)\b"
    r"|^\W*(?:(?:tell me )?more|go on|the others?)\b|\b(?:sonst noch|wer noch|was noch|qui d'autre|quoi d'autre)\b",
    re.IGNORECASE,
)
"""A question that asks for more than the last answer told."""
_BRIEF = 4  # words up to which "who else" means others than the last answer quotes, and not others than one person
_MARK = re.compile(r"\[(c\d+|article)\]")
_ANYBODY = Scope()


@dataclass(frozen=True, slots=True)
class Anchor:
    """A comment (or the article) that the conversation is about, and how sure that is, from 0 to 1."""

    thread_id: str
    comment_id: str
    weight: float
    said: frozenset[str] = field(default=frozenset(), compare=False)
    """The content words of the last answer."""


def leaning(query: Query, history: Sequence[Turn]) -> float:
    """Return how much a question leans on the turn before: 0 stands alone, 1 cannot be read without it."""
    if not history or not query.before:
        return 0.0
    few = len(set(terms(query.question))) <= _FEW
    refers = _REFERRING.search(query.question) or _REACTION.search(query.question)
    if refers or query.resolved != query.question or len(query.searches) > 1:
        return 1.0 if few else 0.5
    return 0.7 if few else 0.0


def unbound(query: Query, found: Sequence[Anchor], threads: Mapping[str, Thread], given: Scope = _ANYBODY) -> Query:
    """Read who reacts to what: undo the reading of a pronoun by which somebody would react to their own words.

    "Did she accept that?" after what Ben proposed does not ask about Ben, whoever else "she" is. Of somebody else the
    reaction is their reply to what the last answer rested on. The people of the `given` scope remain those asked.
    """
    if not _reacts(query.question) or any(name in query.question for name in query.speakers):
        return query
    authors = {comment.author for anchor in found if (comment := threads[anchor.thread_id].get(anchor.comment_id))}
    if query.speakers and not query.focus and not authors.intersection(query.speakers):
        replies = tuple(
            reply.id
            for anchor in found
            for reply in threads[anchor.thread_id].children(anchor.comment_id)
            if reply.visible and reply.author in query.speakers
        )
        return replace(query, focus=replies) if replies else query
    if not query.speakers or not authors.issuperset(query.speakers):
        return query
    return replace(query, speakers=(), focus=(), scope=replace(query.scope, authors=given.authors))


def anchors(
    history: Sequence[Turn], threads: Mapping[str, Thread], search: Callable[[Turn], Sequence[Hit]]
) -> list[Anchor]:
    """Return what the last turn rested on: its citations, else the `[c12]` in its text, else what a search finds."""
    if not history:
        return []
    last = history[-1]
    said = frozenset(terms(last.answer))
    cited = dict.fromkeys((citation.thread, citation.comment) for citation in last.citations)
    if not cited and len(threads) == 1:
        (thread,) = threads.values()
        by_tag = {comment.tag: comment.id for comment in thread.visible} | {ARTICLE: ARTICLE}
        cited = dict.fromkeys((thread.id, by_tag[mark]) for mark in _MARK.findall(last.answer) if mark in by_tag)
    if cited:
        return [Anchor(thread_id, comment_id, 1.0, said) for thread_id, comment_id in list(cited)[:4]]
    found = search(last)
    best: dict[tuple[str, str], float] = {}
    for hit in found:
        best.setdefault(hit.source, hit.score)
    top = max(best.values(), default=0.0)
    near = [(key, score / top) for key, score in best.items() if top > 0 and score >= 0.8 * top][:2]
    return [Anchor(thread_id, comment_id, share, said) for (thread_id, comment_id), share in near]


def near_anchors(
    query: Query,
    hits: Sequence[Hit],
    found: Sequence[Anchor],
    lean: float,
    threads: Mapping[str, Thread],
    passages: Mapping[str, Sequence[Passage]],
    allowed: Callable[[str, str], bool] = lambda _thread, _comment: True,
) -> list[Hit]:
    """Raise the hits that stand at or around the anchors, and add those comments that were not found, best first."""
    gains: dict[tuple[str, str], float] = {}
    reaction = _reacts(query.question)
    said = frozenset().union(*(anchor.said for anchor in found))
    for anchor in found:
        for comment_id, share in _around(threads[anchor.thread_id], anchor.comment_id, reaction):
            key = (anchor.thread_id, comment_id)
            if allowed(*key):
                gains[key] = max(gains.get(key, 0.0), share * anchor.weight * lean)
    if _FURTHER.search(query.question) and len(query.question.split()) <= _BRIEF:
        hits = _not_told(hits, found, threads) or hits
        gains = {
            key: gain for key, gain in gains.items() if key not in {(one.thread_id, one.comment_id) for one in found}
        }
    if not gains:
        return list(hits)
    unit = max(max((hit.score for hit in hits), default=0.0), 2.5)
    present = {hit.source for hit in hits}
    added = [opening(threads[key[0]], key[1], passages[key[0]]) for key in gains if key not in present]
    moved = [
        replace(hit, score=hit.score + unit * (gains.get(hit.source, 0.0) - _REPEATED * _told(hit, said)))
        for hit in (*hits, *added)
        if hit is not None
    ]
    return sorted(moved, key=lambda hit: -hit.score)


def _not_told(hits: Sequence[Hit], found: Sequence[Anchor], threads: Mapping[str, Thread]) -> list[Hit]:
    """Return the hits by others than the last answer quotes; of one person asked about, those in other comments."""
    told = {(one.thread_id, one.comment_id) for one in found}
    by = {comment.author for one in found if (comment := threads[one.thread_id].get(one.comment_id)) and comment.author}
    fresh = [hit for hit in hits if hit.source not in told]
    return [hit for hit in fresh if hit.author not in by] or fresh


def _reacts(question: str) -> bool:
    """Tell whether a question asks how somebody took what was said, so that a reply answers it."""
    return _REACTION.search(question) is not None or _ABOUT_IT.search(question) is not None


def _told(hit: Hit, said: frozenset[str]) -> bool:
    """Tell whether the last answer has told a hit's best sentence already."""
    words = frozenset(terms(hit.passage.at(hit.sentence)))
    return bool(words) and len(words & said) >= _TOLD * len(words)


def _around(thread: Thread, comment_id: str, reaction: bool) -> list[tuple[str, float]]:
    if comment_id == ARTICLE:
        return [(ARTICLE, _SAME)]
    comment = thread.get(comment_id)
    if comment is None:
        return []
    same, reply = (_SAME_REACTION, _REPLY_REACTION) if reaction else (_SAME, _REPLY)
    places = [(comment_id, same)]
    places += [(below.id, reply if depth == 0 else _BELOW / depth) for depth, below in thread.walk(comment_id)]
    if comment.parent_id:
        places.append((comment.parent_id, _ABOVE))
    return places
