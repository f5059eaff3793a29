"""What commenters think of a subject: who speaks to it, on which side openly, in which tone. Pure.

A side is told only where somebody takes it in so many words. The tone of other voices decides their order, and
whether they are shown to somebody who asks for one side; it is never counted.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.thread import ARTICLE, Comment, Span, Thread
from ingest.wording import counted
from rag.citing import cite, quoted, voice
from rag.cues import Position, position, side
from rag.evidence import Claim, Hit
from rag.query import Query
from rag.quotes import on_subject, stretch
from rag.scope import Within, place_of
from rag.voices import sought, subject_words

__all__ = ["Feeling", "Voice", "about_subject", "commenters", "own_start", "worded"]

Feeling = Callable[[str], float]
"""Tells how friendly (up to 1) or critical (down to -1) a sentence sounds."""

_VOICES = 6
_WORDS = 40
"""About as many words as one voice is quoted with."""
_NEAR = 0.65
"""A comment speaks to a subject when its score reaches this share of the best one's."""
_NEAR_NAMED = 0.3
"""The same for a comment that uses a word of the subject, or in the tone asked for."""
_TONE = 0.5
"""What the tone asked for adds to that share at most; as much is taken away for the opposite."""
_OTHER_SIDE = -0.65
"""A voice of this tone, or further from the one asked for, is not shown."""
_SLIGHT = 0.1
"""What a plain statement about the subject is taken for, to whoever contradicts it: its friend."""
_REPLIES = 2
"""So many replies that openly take a side towards one voice are told."""
_BOTH_SIDES = re.compile(
    r"\b(?:most|majority|consensus|divided|split|united|both sides(?= *(?:[?.!,;]|$|please))|for (?:and|or) against"
    r"|pros and cons|mehrheit"
    r"|die meisten|la plupart|majorité|mayoría)\b",
    re.IGNORECASE,
)

_CLAIM = re.compile(
    r"\b(?:agree|disagree|think|believe|deni|deny|doubt|feel|accept)\w* that (?P<claim>[^?]+)", re.IGNORECASE
)
_TELLING = 0.2
"""A claim of less feeling than this does not tell in which tone its friends speak."""


def _sign(query: Query, wanted: Position | None, feeling: Feeling) -> float:
    """Return in which tone the side asked for speaks: 1 friendly, -1 critical, 0 either way.

    Who agrees with something bad said of it sounds critical, and of a plain claim no tone tells its friends.
    """
    sign = {"agrees": 1.0, "disagrees": -1.0}.get(wanted or "", 0.0)
    match = _CLAIM.search(query.resolved)
    if match is None:
        return sign
    tone = feeling(match["claim"])
    return 0.0 if abs(tone) < _TELLING else sign if tone > 0 else -sign


@dataclass(frozen=True, slots=True)
class Voice:
    """A comment that speaks, by the words it is quoted with; `whom` is the author it takes a side towards."""

    thread: Thread
    comment: Comment
    span: Span
    position: Position
    rank: float = 0.0
    tone: float = 0.0
    whom: str = ""

    @property
    def person(self) -> tuple[str, str]:
        """Return who speaks: nameless comments are each somebody else."""
        return self.thread.id, self.comment.author or self.comment.id


def about_subject(
    query: Query, hits: Sequence[Hit], threads: Mapping[str, Thread], wanted: Position | None, feeling: Feeling
) -> list[Claim]:
    """Return the count with its denominator, then the voices: open ones first, then by nearness and tone."""
    sign = _sign(query, wanted, feeling)
    voices = _speaking(query, hits, threads, sign, feeling)
    if not voices:
        return []
    within = Within(query.scope, threads)
    taking = [reply for one in voices for reply in _siding(one, voices, sign, within)] if wanted else []
    explicit = [one for one in voices if one.position == wanted]
    silent = [one for one in voices if one.position == "none" and sign * one.tone > _OTHER_SIDE]
    shown = _ordered([*explicit, *silent] if wanted else voices, taking)
    lead = _lead(query, voices, taking, wanted, within, threads)
    everybody = tuple(cite(v.thread, v.comment.id, v.span) for v in (*voices, *taking))
    return [Claim(text=lead, citations=everybody), *worded((shown or voices)[:_VOICES], subject=True)]


def _lead(
    query: Query,
    voices: Sequence[Voice],
    taking: Sequence[Voice],
    wanted: Position | None,
    within: Within,
    threads: Mapping[str, Thread],
) -> str:
    everybody = commenters(threads, within)
    speaking = {one.person for one in (*voices, *taking)}
    least = "At least " if len(speaking) < everybody else ""
    lead = (
        f"{least}{len(speaking)} of {counted(everybody, 'commenter')}{place_of(threads.values())}"
        f" {'speaks' if len(speaking) == 1 else 'speak'} to this"
    )
    for_it, against = ({v.person for v in voices if v.position == one} for one in ("agrees", "disagrees"))
    if wanted and (count := len(for_it if wanted == "agrees" else against)):
        return f"{lead}, {count} of them openly {'for' if wanted == 'agrees' else 'against'} it."
    if wanted:
        return f"{lead}; none says outright to be {'for' if wanted == 'agrees' else 'against'} it."
    if for_it or against:
        return f"{lead}, {len(for_it) or 'none'} openly for it and {len(against) or 'none'} openly against it."
    return f"{lead}."


def commenters(threads: Mapping[str, Thread], within: Within) -> int:
    """Count the people who wrote what a scope lets in; nameless comments are each somebody else."""
    return len({(t.id, c.author or c.id) for t in threads.values() for c in t.visible if within.admits(t.id, c.id)})


def _speaking(
    query: Query, hits: Sequence[Hit], threads: Mapping[str, Thread], sign: float, feeling: Feeling
) -> list[Voice]:
    """Return one voice a comment that speaks to the subject, best first, the article left out."""
    hits = [hit for hit in hits if hit.passage.comment_id != ARTICLE]
    best = max((hit.score for hit in hits), default=0.0)
    both = _BOTH_SIDES.search(query.resolved) is not None
    claimed = _CLAIM.search(query.resolved) is not None
    named = on_subject(query, hits)
    subject, words = subject_words(query), sought(query)
    found: dict[tuple[str, str], Voice] = {}
    for hit in hits:
        share = hit.score / best if best > 0 else 1.0
        if hit.source in found or share < _NEAR_NAMED:
            continue
        thread = threads[hit.passage.thread_id]
        comment = thread.get(hit.passage.comment_id)
        if comment is None:
            continue
        span = stretch(hit, words, _WORDS)
        tone = _tone(hit, feeling) if sign or both else 0.0
        rank = share + _TONE * (sign * tone or abs(tone) / 2 * both)
        if share < _NEAR and rank < _NEAR and hit.source not in named:
            continue
        taken: Position = (
            "none" if claimed else side(comment.body[span[0] : span[1]], subject, alone=thread.parent(comment) is None)
        )
        found[hit.source] = Voice(thread, comment, span, taken, rank, tone)
    return sorted(found.values(), key=lambda one: -one.rank)


def _tone(hit: Hit, feeling: Feeling) -> float:
    """Return the strongest feeling in the best sentence and its neighbours."""
    sentences = hit.passage.sentences
    at = next((place for place, span in enumerate(sentences) if span == hit.sentence), 0)
    tones = [feeling(hit.passage.at(span)) for span in sentences[max(0, at - 1) : at + 2]]
    return max(tones, key=abs, default=0.0)


def _siding(one: Voice, voices: Sequence[Voice], sign: float, within: Within) -> Iterator[Voice]:
    """Yield replies to a voice that openly take the side asked for, whatever words they use.

    Whoever disagrees with a friend of the subject is a critic, and so is whoever agrees with a critic.
    """
    known = {(voice.thread.id, voice.comment.id) for voice in voices}
    towards = {"agrees": 1.0, "disagrees": -1.0}.get(one.position, one.tone)
    count = 0
    for reply in one.thread.children(one.comment.id):
        if (one.thread.id, reply.id) in known or not reply.visible or not within.admits(one.thread.id, reply.id):
            continue
        if not reply.body.strip() or (reply.author and reply.author == one.comment.author):
            continue
        span = own_start(reply)
        taken = position(reply.body[span[0] : span[1]])
        fits = sign * (towards if taken == "agrees" else -towards or -_SLIGHT) > 0
        if taken == "none" or not fits or count == _REPLIES:
            continue
        count += 1
        yield Voice(one.thread, reply, span, taken, one.rank, whom=one.comment.author or one.comment.tag)


def _ordered(voices: Sequence[Voice], taking: Sequence[Voice]) -> list[Voice]:
    """Return the voices with the replies to each behind it."""
    ordered: list[Voice] = []
    for one in voices:
        ordered.append(one)
        ordered += [reply for reply in taking if reply.comment.parent_id == one.comment.id]
    return ordered


_PLAIN = {"agrees": " agrees", "disagrees": " disagrees", "none": ""}
_ON_SUBJECT = {"agrees": " is for it", "disagrees": " is against it", "none": ""}
_TOWARDS = {"agrees": " agrees with {}", "disagrees": " disagrees with {}", "none": ""}


def worded(voices: Sequence[Voice], *, subject: bool = False) -> list[Claim]:
    """Quote each voice under its name, with the side that it openly takes: on a subject, or in what it answers."""
    claims = []
    for one in voices:
        citation = cite(one.thread, one.comment.id, one.span)
        verbs = _TOWARDS if one.whom else _ON_SUBJECT if subject else _PLAIN
        text = f"{voice(citation)}{verbs[one.position].format(one.whom)}: {quoted(citation.quote)}"
        claims.append(Claim(text=text, citations=(citation,), speaker=citation.author))
    return claims


def own_start(comment: Comment, words: int = 60) -> Span:
    """Return the first own words of a reply, about `words` of them, ending with a sentence."""
    start, end = (comment.own_spans or ((0, len(comment.body)),))[0]
    match = re.match(rf"(?:\S+\s+){{0,{words}}}\S*", comment.body[start:end].lstrip())
    cut = start + (len(comment.body[start:end]) - len(comment.body[start:end].lstrip())) + (match.end() if match else 0)
    if cut >= end:
        return start, end
    stop = max(comment.body.rfind(mark, start, cut) for mark in ".!?…\n")
    return (start, stop + 1) if stop > start + 20 else (start, cut)
