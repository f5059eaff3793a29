"""Several voices: who agrees or disagrees, with whom, in their own words; counted, never estimated. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.thread import ARTICLE, Comment, Thread
from rag.addressing import Addressing
from rag.citing import cite, cite_comment, quoted, voice
from rag.cues import Position, position
from rag.evidence import Claim, Hit
from rag.lexical import terms
from rag.query import Query
from rag.quotes import on_subject, stretch
from rag.scope import Within, place_of
from rag.voices import sought, subject_words

__all__ = ["stance"]

_VOICES = 6
_WORDS = 40
"""About as many words as one voice is quoted with."""
_NEAR = 0.7
"""A comment speaks to a subject when its score reaches this share of the best one's."""
_NEAR_NAMED = 0.3
"""The same for a comment that uses a word of the subject."""
_WANTS_AGAINST = re.compile(
    r"\b(?:disagree\w*|against|object\w*|oppos\w*|critic\w*|contradict\w*|rebut\w*|refut\w*|challeng\w*|push\w* back"
    r"|counter\w*|dissent\w*|skeptic\w*|sceptic\w*|doubt\w*|complain\w*|condemn\w*|reject\w*"
    r"|disapprov\w*|gegen|dagegen|widersprech\w*|contre|en contra)\b",
    re.IGNORECASE,
)
_WANTS_FOR = re.compile(
    r"\b(?:agree\w*|support\w*|in favou?r|endors\w*|back(?:s|ed)? up|side[sd]? with|defend\w*|prais\w*|approv\w*"
    r"|welcom\w*|zustimm\w*|dafür|pour"
    r"|a favor|de acuerdo)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Voice:
    thread: Thread
    comment: Comment
    span: tuple[int, int]
    position: Position


def stance(query: Query, hits: Sequence[Hit], threads: Mapping[str, Thread]) -> list[Claim]:
    """Answer a stance question: first the count with its denominator, then each voice in its own words.

    About a person (`query.addressees`, else `query.speakers`): everybody else's replies to that person. About a
    subject: the comments among `hits`. Only explicit agreement and disagreement is counted as such.
    """
    wanted, people = _aim(query)
    if people:
        voices = _replies_to(people, query, hits, threads)
        return _about_person(people, voices, wanted, threads) if voices else []
    asked = _asked(query)
    if _WANTS_AGAINST.search(asked) and _WANTS_FOR.search(asked):
        wanted = None
    return _about_subject(_on_subject(query, hits, threads), wanted, query, threads)


def _aim(query: Query) -> tuple[Position | None, tuple[str, ...]]:
    """Read which position is asked for, and towards whom; of "with Ada against Ben", agreement with Ada is meant."""
    people = query.addressees or query.speakers
    asked = _asked(query)
    against, agreeing = _WANTS_AGAINST.search(asked), _WANTS_FOR.search(asked)
    if against is None or agreeing is None:
        return ("disagrees" if against else "agrees" if agreeing else None), people
    first, second = sorted((against, agreeing), key=lambda cue: cue.start())
    before = asked[: second.start()].casefold()
    named = tuple(name for name in people if name and name.casefold() in before)
    return ("disagrees" if first is against else "agrees"), named or people


def _asked(query: Query) -> str:
    """Return the words that tell the position asked for: a follow-up's own, before those of the turn it continues."""
    own = _WANTS_AGAINST.search(query.question) or _WANTS_FOR.search(query.question)
    return query.question if own and query.question not in (query.resolved, "") and query.before else query.resolved


def _replies_to(
    people: Sequence[str], query: Query, hits: Sequence[Hit], threads: Mapping[str, Thread]
) -> list[_Voice]:
    """Return what others answered to these people, or said of them by name; narrowed to `query.focus` if set."""
    names = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in people if name) or r"(?!)", re.IGNORECASE)
    found = []
    within = Within(query.scope, threads)
    for thread in threads.values():
        addressing = Addressing(thread)
        for comment in thread.visible:
            parent = thread.parent(comment)
            if (comment.author or "") in people or not comment.body.strip() or not within.admits(thread.id, comment.id):
                continue
            answers = parent is not None and (parent.author or "") in people
            answers = answers or bool(addressing.answered(comment).intersection(people))
            if query.focus and not (parent is not None and parent.id in query.focus):
                answers = False
            mention = names.search(comment.body) if not query.focus else None
            if not answers and mention is None:
                continue
            span = _own_start(comment) if answers else _around(comment, mention.start() if mention else 0)
            found.append(_Voice(thread, comment, span, position(comment.body[span[0] : span[1]], opens=answers)))
    return found


def _about_person(
    people: Sequence[str], voices: Sequence[_Voice], wanted: Position | None, threads: Mapping[str, Thread]
) -> list[Claim]:
    whom = " and ".join(name or "the commenter without a name" for name in people)
    against = [v for v in voices if v.position == "disagrees"]
    agreeing = [v for v in voices if v.position == "agrees"]
    shown = {"disagrees": against, "agrees": agreeing, None: [*against, *agreeing]}[wanted]
    file = place_of(threads.values())
    count = len(voices)
    subject = "1 comment{} that answers or names" if count == 1 else f"{count} comments{{}} that answer or name"
    lead = (
        f"Of {subject.format(file)} {whom}, {len(against)} openly "
        f"{'disagrees' if len(against) == 1 else 'disagree'} and {len(agreeing)} openly "
        f"{'agrees' if len(agreeing) == 1 else 'agree'}"
    )
    rest = count - len(against) - len(agreeing)
    lead += f"; {rest} {'takes' if rest == 1 else 'take'} no explicit position." if rest else "."
    summary = Claim(text=lead, citations=tuple(cite_comment(v.thread, v.comment) for v in shown or voices))
    return [summary, *_worded((shown or list(voices))[:_VOICES])]


def _on_subject(query: Query, hits: Sequence[Hit], threads: Mapping[str, Thread]) -> list[_Voice]:
    """Return one voice a comment among the hits, best first, the article left out."""
    found: dict[tuple[str, str], _Voice] = {}
    best = max((hit.score for hit in hits), default=0.0)
    named = on_subject(query, hits)
    subject = subject_words(query)
    wanted = sought(query)
    for hit in hits:
        if hit.score < best * (_NEAR_NAMED if hit.source in named else _NEAR):
            continue
        thread = threads[hit.passage.thread_id]
        comment = thread.get(hit.passage.comment_id)
        if comment is None or hit.passage.comment_id == ARTICLE:
            continue
        span = stretch(hit, wanted, _WORDS)
        words = comment.body[span[0] : span[1]]
        # To agree in a reply is to agree with what it answers; it speaks to the subject where it names it.
        plain = thread.parent(comment) is None or subject.intersection(terms(words))
        key = (thread.id, comment.id)
        opens = not comment.body[: span[0]].strip()
        found.setdefault(key, _Voice(thread, comment, span, position(words, opens=opens) if plain else "none"))
    return list(found.values())


def _about_subject(
    voices: Sequence[_Voice], wanted: Position | None, query: Query, threads: Mapping[str, Thread]
) -> list[Claim]:
    if not voices:
        return []
    within = Within(query.scope, threads)
    everybody = {(t.id, c.author or c.id) for t in threads.values() for c in t.visible if within.admits(t.id, c.id)}
    speaking = {(v.thread.id, v.comment.author or v.comment.id) for v in voices}
    explicit = [v for v in voices if v.position == wanted] if wanted else []
    shown = [*explicit, *(v for v in voices if v.position == "none")] if wanted else voices
    openly = f"open {'dis' if wanted == 'disagrees' else ''}agreement"
    file = place_of(threads.values())
    rest = len(everybody) - len(speaking)
    lead = (
        f"{len(speaking)} of {len(everybody)} commenters{file} {'speaks' if len(speaking) == 1 else 'speak'} to this"
        + (f", {len(explicit) or 'none'} of them with {openly}" if wanted else "")
        + (f"; nothing on it was found from the other {rest}." if rest else ".")
    )
    summary = Claim(text=lead, citations=tuple(cite(v.thread, v.comment.id, v.span) for v in voices))
    return [summary, *_worded(shown[:_VOICES])]


def _worded(voices: Sequence[_Voice]) -> list[Claim]:
    claims = []
    for v in voices:
        citation = cite(v.thread, v.comment.id, v.span)
        verb = {"agrees": " agrees", "disagrees": " disagrees", "none": ""}[v.position]
        lead = f"{voice(citation)}{verb}"
        claims.append(Claim(text=f"{lead}: {quoted(citation.quote)}", citations=(citation,), speaker=citation.author))
    return claims


def _own_start(comment: Comment, words: int = 60) -> tuple[int, int]:
    """Return the first own words of a reply, about `words` of them, ending with a sentence."""
    start, end = (comment.own_spans or ((0, len(comment.body)),))[0]
    match = re.match(rf"(?:\S+\s+){{0,{words}}}\S*", comment.body[start:end].lstrip())
    cut = start + (len(comment.body[start:end]) - len(comment.body[start:end].lstrip())) + (match.end() if match else 0)
    if cut >= end:
        return start, end
    stop = max(comment.body.rfind(mark, start, cut) for mark in ".!?…\n")
    return (start, stop + 1) if stop > start + 20 else (start, cut)


def _around(comment: Comment, at: int) -> tuple[int, int]:
    """Return the sentence around an offset."""
    start = max(comment.body.rfind(mark, 0, at) for mark in ".!?\n") + 1
    ends = [place for mark in ".!?\n" if (place := comment.body.find(mark, at)) >= 0]
    return start, min(ends) + 1 if ends else len(comment.body)
