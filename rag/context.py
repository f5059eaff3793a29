"""Read hits in their thread: a question is answered by its replies, not by the comment that asks it too.

Words and vectors find the comment that asks the same thing. What a reader wants stands below it. Here hits are
scored again with what the thread tells: who asks, who replies, which sentence can hold the answer at all. Pure.

The weights were found on the `dev` half of the gold in `eval/data`; eval/DECISIONS.md has the figures.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.thread import ARTICLE, Comment, Thread
from rag.evidence import Hit, Passage
from rag.facts import names, numbers, without_links
from rag.hostile import gives_orders
from rag.lexical import terms
from rag.query import Query
from rag.scope import Within
from rag.voices import sought

__all__ = [
    "asks_for_number",
    "asks_for_question",
    "asks_for_several",
    "has_amount",
    "in_context",
    "is_question",
    "opening",
]

_TO_THE_ASKED = 0.9  # of the score of a comment that asks the same, its replies inherit this share
_TO_THE_REPLIES = 0.3  # of any other comment's score
_ASKING = 0.5  # a sentence that asks answers less
_ANSWERED = 1.0  # a comment that asks the same, and was answered, least of all
_NUMBER = 0.6  # a number where one is asked for; as much is taken away where there is none
_PERSON = 0.3  # the same for a person's name, where it is asked who somebody is
_ARTICLE = 0.6  # the article reports, comments remark; the reverse where people are asked for
_NAMED = 1.0  # the question describes the author ("the bakery" and "Sue from the bakery")
_MEANT = 2.0  # what somebody answered somebody, where the question asks for that
_LEAST = 0.5  # the score of the best hit, where what may speak is nearer to nothing than the rest of the thread
_SHARED = 2  # content words that a question in a comment must share to ask the same

_NUMBER_ASKED = re.compile(
    r"\bhow (?:many|much|long|old|big|tall|high|far|often|fast|late|early|expensive|heavy|large)\b"
    r"|\b(?:what|which) (?:percentage|share|number|time|date|year|price|age|day)\b"
    r"|\bwhat(?: is| was| were| are|'s|’s) .{1,60}(?:'s|’s|s'|s’) (?:\w+ )?(?:time|age|price|score|share|number|cost"
    r"|weight|height|length|distance|speed|salary|result)\b"
    r"|\bwhat (?:do|does|did) .{1,60} cost\b|\bwhen\b|\b(?:cost|price|fee|prize|budget)\b"
    r"|\bwie (?:viele?|hoch|lange?|teuer|alt|oft|groß|weit)\b|\bwann\b|\bcombien\b|\bquand\b|\bcuánt\w+|\bcuándo\b",
    re.IGNORECASE,
)


_SEVERAL_ASKED = re.compile(
    r"\b(?:commenters|comments|readers|users|posters|everyone|everybody|anyone|anybody|others|voices|opinions|reactions"
    r"|is said|are said|reasons|arguments|examples|kommentare\w*|leute|jemand|alle|commentaires|gens"
    r"|comentarios|gente)\b"
    r"|\b(?:do|does|did|have|are|what|which|how do|any|some|all) (?:other )?people\b"
    r"|\ball (?:the |of )|^any\b|\bany (?:other )?\w+s\b"
    r"|^(?:which|what) (?:\w+ ){0,2}\w+(?<![suia])s (?!(?:is|was|does|did|has)\b)(?:\w+ed|come|came)\b"
    r"|^who (?:else )?(?:reports|talks|mentions|complains|speaks|writes|describes)\b"
    r"|^wer (?:\w+ )?(?:schreibt|berichtet|erwähnt|spricht|beklagt|klagt)\b|^qui (?:parle|mentionne|se plaint)\b"
    r"|^quiénes\b",
    re.IGNORECASE,
)


_WHO_IS = re.compile(r"^\W*(?:who|wer|qui|quién)(?:'s|’s| is| was| are| were| ist| war| est| es| fue)\b", re.IGNORECASE)
_WONDERING = re.compile(
    r"\b(?:i(?:'d| would|’d) (?:be (?:curious|interested)|like to know|love to know)|i wonder|wondering"
    r"|does anyone know|mich würde interessieren|ich frage mich|je me demande|me pregunto)\b",
    re.IGNORECASE,
)


def asks_for_number(question: str) -> bool:
    """Tell whether the answer to a question must hold a number, a date or an amount."""
    return _NUMBER_ASKED.search(question) is not None


_QUESTION_ASKED = re.compile(
    r"\b(?:asks?|asked|asking|wonders?|wondered|(?:wants?|wanted|like) to know|inquires?|fragt|fragte|gefragt|demande"
    r"|pregunta)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\b(?:half|twice|once|(?:an?|one) (?:second|minute|hour|day|week|month|year|decade|century))\b", re.I
)


def asks_for_question(question: str) -> bool:
    """Tell whether the answer to a question is what somebody asks: "who wants to know …", "what did Ada ask?"."""
    return _QUESTION_ASKED.search(question) is not None


def has_amount(text: str) -> bool:
    """Tell whether a text holds a number, a date or an amount, links left out."""
    plain = without_links(text)
    return bool(numbers(plain)) or _AMOUNT.search(plain) is not None


def asks_for_several(query: Query) -> bool:
    """Tell whether several voices are asked for: "which comments …", "what do people say …", never of one named."""
    return query.kind == "stance" or (not query.speakers and _SEVERAL_ASKED.search(query.resolved) is not None)


def is_question(sentence: str) -> bool:
    """Tell whether a sentence asks, outright or by wondering ("I'd be curious what the bookshop found")."""
    return sentence.rstrip("”\"')»’ \n").endswith(("?", "？")) or _WONDERING.search(sentence) is not None


def in_context(
    query: Query, hits: Sequence[Hit], threads: Mapping[str, Thread], passages: Mapping[str, Sequence[Passage]]
) -> list[Hit]:
    """Return the hits and the replies that answer what they ask, scored again, best first.

    `passages` are those of the threads that the hits come from. Sentences that instruct whoever reads them are left
    out, since they are no answer to anything.
    """
    wanted = sought(query)
    numeric = asks_for_number(query.resolved)
    several = asks_for_several(query)
    plain = [hit for hit in hits if not gives_orders(hit.passage, hit.best_sentence)]
    scored = [replace(hit, score=hit.score + _own(hit, query, wanted, numeric, several)) for hit in plain]
    within = Within(query.scope, threads)
    first: dict[tuple[str, str], Hit] = {}
    for hit in sorted(scored, key=lambda hit: -hit.score):
        first.setdefault(hit.source, hit)
    gained: dict[tuple[str, str], float] = {}
    asked_for: dict[tuple[str, str], float] = {}
    for hit in plain:
        if first[hit.source].passage.id != hit.passage.id:
            continue
        thread = threads[hit.passage.thread_id]
        comment = thread.get(hit.passage.comment_id)
        replies = _replies(thread, comment, within) if comment else []
        asking = not several and not asks_for_question(query.resolved) and _asks_the_same(hit, wanted)
        if asking and replies:
            asked_for[hit.source] = -_ANSWERED
        for reply in replies:
            key = (thread.id, reply.id)
            share = _TO_THE_ASKED if asking else _TO_THE_REPLIES
            gained[key] = max(gained.get(key, 0.0), share * max(0.0, hit.score))
            if key not in first and (found := opening(thread, reply.id, passages[thread.id])) is not None:
                first[key] = found
                scored.append(found)
    if query.addressees:
        gained.update(
            {(t.id, key): gained.get((t.id, key), 0.0) + _MEANT for t in threads.values() for key in query.focus}
        )
        missing = ((t, key) for t in threads.values() for key in query.focus if t.get(key) and (t.id, key) not in first)
        scored += [found for t, key in missing if (found := opening(t, key, passages[t.id])) is not None]
    moved = [
        replace(hit, score=hit.score + gained.get(hit.source, 0.0) + asked_for.get(hit.source, 0.0)) for hit in scored
    ]
    return _lifted(sorted(moved, key=lambda hit: -hit.score))


def _lifted(hits: list[Hit]) -> list[Hit]:
    """Return hits with scores of which the best is at least `_LEAST`: shares of a score mean nothing below zero."""
    lift = max(0.0, _LEAST - hits[0].score) if hits else 0.0
    return [replace(hit, score=hit.score + lift) for hit in hits] if lift else hits


def _own(hit: Hit, query: Query, wanted: frozenset[str], numeric: bool, several: bool) -> float:
    """Return what a hit's own words and author add to its score."""
    wondering = _ASKING if asks_for_question(query.resolved) else -_ASKING
    change = wondering if is_question(_best(hit)) else 0.0
    if numeric:
        change += _NUMBER if has_amount(_around(hit)) else -_NUMBER
    if _WHO_IS.search(query.resolved):
        change += _PERSON if names(_best(hit)) else -_PERSON
    if hit.passage.comment_id == ARTICLE:
        change += -_ARTICLE if several else _ARTICLE
    elif hit.author and not (query.speakers or query.preferred) and wanted.intersection(terms(hit.author)):
        change += _NAMED
    return change


def _asks_the_same(hit: Hit, wanted: frozenset[str]) -> bool:
    """Tell whether a comment asks what the reader asks: in its best sentence, or in one that shares enough words."""
    if is_question(_best(hit)):
        return True
    sentences = [hit.passage.at(span) for span in hit.passage.sentences]
    return any(is_question(text) and _shares(wanted, frozenset(terms(text))) for text in sentences)


def _shares(wanted: frozenset[str], asked: frozenset[str]) -> bool:
    """Tell whether a question in a comment is the reader's: enough words of it, or all of a short one ("And Tor?")."""
    return len(wanted & asked) >= _SHARED or (bool(asked) and asked <= wanted)


def _replies(thread: Thread, comment: Comment, within: Within) -> list[Comment]:
    """Return the replies by others, within the scope."""
    return [
        reply
        for reply in thread.children(comment.id)
        if (reply.author is None or reply.author != comment.author) and within.admits(thread.id, reply.id)
    ]


def opening(thread: Thread, comment_id: str, passages: Sequence[Passage]) -> Hit | None:
    """Return a comment, or the article, that was not found by itself, by its opening words; never by an order."""
    passage = next((passage for passage in passages if passage.comment_id == comment_id), None)
    if passage is None or gives_orders(passage, passage.sentences[0]):
        return None
    comment = thread.get(comment_id)
    author = comment.author if comment else thread.article.author
    return Hit(passage, 0.0, author, comment.tag if comment else ARTICLE, passage.sentences[0])


def _best(hit: Hit) -> str:
    return hit.passage.at(hit.sentence).strip()


def _around(hit: Hit) -> str:
    """Return the best sentence with its neighbours."""
    sentences = hit.passage.sentences
    at = next((place for place, span in enumerate(sentences) if span == hit.best_sentence), 0)
    return hit.passage.at((sentences[max(0, at - 1)][0], sentences[min(len(sentences) - 1, at + 1)][1]))
