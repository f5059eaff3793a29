"""Questions that name who speaks but no subject: "What did Ben answer her?", "What does Ada say?". Pure."""

import re
from collections.abc import Mapping, Sequence

from ingest.thread import Comment, Thread
from rag.evidence import Hit, Passage
from rag.lexical import terms
from rag.query import Query
from rag.salience import Salience

__all__ = ["has_subject", "sought", "spoken", "subject_words"]

_REPORTING = frozenset(
    terms(
        "say says said tell tells told think thinks thought reply replies replied answer answers answered respond "
        "responds responded response react reacts reacted reaction write writes wrote comment comments commented claim "
        "claims claimed argue argues argued mean means view views opinion opinions position stance point points make "
        "believe believes feel feels state states take takes post posts posted thread discussion article people thing "
        "things anything something back exactly directly explain explains express expressed contribute contributed "
        "object objects objected objection objections complain complains complained complaint complaints criticise "
        "criticises criticised criticism criticize criticizes criticized oppose opposes opposed accuse accuses accused "
        "accusation concern concerns worry worries want wants propose proposes proposed proposal suggest suggests "
        "suggested suggestion conclude concludes conclusion doubt doubts warn warns warned recommend recommends "
        "remark remarks add adds note notes ask asks asked question questions describe describes thoughts attitude "
        "tip tips advice advise advised get got receive received give gave hint hints answer told "
        "main general overall sagen sagt sagte meint antwortet antwort reagiert erwidert schlägt dit répond "
        "dice responde"
    )
)


_NUMBER = re.compile(r"c\d+")
_BARE = 3  # words up to which a passage is only a salutation


def has_subject(query: Query) -> bool:
    """Tell whether a question names anything besides people and the act of speaking."""
    return bool(subject_words(query))


def sought(query: Query) -> frozenset[str]:
    """Return the content words of a question, as it was asked and as it was read."""
    return frozenset(term for form in query.searches[:2] for term in terms(form))


def subject_words(query: Query) -> frozenset[str]:
    """Return the words, as `rag.lexical.terms`, that name neither people asked about nor the act of speaking."""
    people = {term for name in (*query.speakers, *query.addressees) for term in terms(name)}
    return frozenset(term for term in terms(query.resolved) if not _NUMBER.fullmatch(term)) - people - _REPORTING


def spoken(query: Query, threads: Mapping[str, Thread], passages: Mapping[str, Sequence[Passage]], k: int) -> list[Hit]:
    """Return what the named people said: at most k hits in document order.

    They are the opening words of the comments in focus, else the weightiest sentence of each of their comments.
    """
    hits = []
    for thread in threads.values():
        meant = {comment.id: comment for comment in thread.visible if _meant(query, comment)}
        mine: dict[str, list[Passage]] = {}
        for passage in passages[thread.id]:
            if passage.comment_id in meant:
                mine.setdefault(passage.comment_id, []).append(passage)
        salience = Salience(passages[thread.id]) if mine and not query.focus else None
        for comment_id, own in mine.items():
            comment = meant[comment_id]
            if salience is None:
                hits += [Hit(one, 1.0, comment.author, comment.tag, one.sentences[0]) for one in _answering(query, own)]
            elif (hit := salience.hit(thread, own)) is not None:
                hits.append(hit)
    best = sorted(hits, key=lambda hit: -hit.score)[:k]
    return [hit for hit in hits if hit in best]


def _answering(query: Query, own: Sequence[Passage]) -> Sequence[Passage]:
    """Return the first two passages that say something, from where an addressee is named on."""
    names = {name.split()[0].casefold() for name in query.addressees if name}
    start = next((at for at, one in enumerate(own) if any(name in one.text.casefold() for name in names)), 0)
    kept = [one for one in own[start:] if len(one.text.split()) > _BARE] or own[start:]
    return kept[:2]


def _meant(query: Query, comment: Comment) -> bool:
    if query.focus:
        return comment.id in query.focus
    return (comment.author or "") in query.speakers
