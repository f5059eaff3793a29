"""What may be cited of a source, and the best stretch of it for a claim: own words only, whole sentences. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.thread import ARTICLE, Comment, Span, Thread
from rag.context import is_question
from rag.evidence import Hit
from rag.facts import missing_names, missing_numbers, numbers
from rag.hostile import is_instruction
from rag.lexical import coverage, terms
from rag.sentences import sentences
from rag.speakers import ANY_COMMENTER, STRANGER, THE_ARTICLE, Roster
from rag.support import Supporter

__all__ = ["Finding", "Source", "best_stretch", "source_of"]

_LOOKED_AT = 24
"""Sentences of one source that are scored, those that share most words with the claim first."""
_WIDEST = 3
"""Sentences that one citation may span."""
_WIDER_BY = 0.05
"""A wider stretch must score this much better than a narrower one."""

_ASKING = re.compile(
    r"\b(?:ask\w*|wonder\w*|question\w*|inquir\w*|wants? to know|doubt\w*|challeng\w*|object\w*|suggest\w*"
    r"|fragt\w*|demande\w*|pregunt\w*)\b|[问問]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Source:
    """A visible comment, or the article, that an answer may cite; `spans` are the sentences of its own words."""

    thread: Thread
    comment: Comment | None
    spans: tuple[Span, ...]

    @property
    def id(self) -> str:
        """Return the comment's id, or `"article"`."""
        return self.comment.id if self.comment else ARTICLE

    @property
    def text(self) -> str:
        """Return the text that citations point into."""
        return self.comment.body if self.comment else self.thread.article.text

    @property
    def author(self) -> str | None:
        """Return whose words these are, where known."""
        return self.comment.author if self.comment else self.thread.article.author

    def spoken_by(self, speaker: str) -> bool:
        """Tell whether these are the words of a speaker as `rag.speakers` names one."""
        if speaker == THE_ARTICLE:
            return self.comment is None
        if speaker == ANY_COMMENTER:
            return self.comment is not None
        if speaker.startswith(STRANGER):
            name = speaker.removeprefix(STRANGER)
            return not missing_names(f"– said {name}", [self.text, self.author or "", self.thread.article.title])
        return self.author == speaker

    def parents(self) -> tuple[Comment, ...]:
        """Return the comments that this one answers: the likely parent and the displayed one."""
        if self.comment is None:
            return ()
        ids = dict.fromkeys((self.comment.parent_id, self.comment.parent_shown))
        return tuple(parent for key in ids if key and (parent := self.thread.get(key)))

    def addressees(self) -> frozenset[str]:
        """Return the people whom this comment answers, quotes or stands below."""
        if self.comment is None:
            return frozenset()
        above = {comment.author for comment in (*self.thread.ancestors(self.comment), *self.parents())}
        return frozenset(name for name in (*above, *(quote.author for quote in self.comment.quotes)) if name)

    def surroundings(self) -> tuple[str, ...]:
        """Return the texts that a proper name may come from: the source, its head, what it answers."""
        article = self.thread.article
        head = (article.title, article.subtitle, article.author or "", article.published or "")
        return (self.text, self.author or "", *self.addressees(), *(parent.body for parent in self.parents()), *head)


@dataclass(frozen=True, slots=True)
class Finding:
    """The best stretch of a source for a claim, its score, and why it does not hold, if it does not."""

    source: Source
    span: Span
    score: float
    fault: str = ""


def source_of(hit: Hit, threads: Mapping[str, Thread]) -> Source | None:
    """Return what a hit lets us cite; None where its comment is gone, hidden or has no words of its own."""
    thread = threads.get(hit.passage.thread_id)
    if thread is None:
        return None
    comment = thread.get(hit.passage.comment_id)
    if hit.passage.comment_id == ARTICLE:
        own: tuple[Span, ...] = ((0, len(thread.article.text)),)
    elif comment is None or not comment.visible:
        return None
    else:
        own = comment.own_spans
    text = comment.body if comment else thread.article.text
    spans = tuple(span for start, end in own for span in sentences(text, start, end))
    return Source(thread, comment, spans) if spans else None


def best_stretch(
    content: str, source: Source, supporter: Supporter, roster: Roster, *, reported: bool, counted: bool, said: str = ""
) -> Finding | None:
    """Find the stretch of a source that supports `content` best; None where it shares nothing with it.

    `reported` tells that the sentence names a speaker: an order to a language model may be reported, never obeyed.
    `counted` exempts numbers; `said` is the whole clause, for "replies to Ada". A question states nothing: it supports
    only a sentence that says somebody asks.
    """
    fault = _wrong_people(content, source, roster, said)
    bare = _without_people(content, source, roster)
    bare = _without_numbers(bare) if counted else bare
    best: Finding | None = None
    asked = is_question(content) or _ASKING.search(said or content) is not None
    for span in _stretches(bare, source):
        held = [(start, end) for start, end in source.spans if span[0] <= start and end <= span[1]]
        texts = [source.text[start:end] for start, end in held]
        if not reported and any(map(is_instruction, texts)):
            continue
        if not asked and any(map(is_question, texts)):
            continue
        score = supporter.score(bare, texts)
        problem = fault or _wrong_facts(content, texts, source, counted)
        finding = Finding(source, span, score, problem)
        if best is None or _better(finding, best):
            best = finding
    return best


def _without_people(content: str, source: Source, roster: Roster) -> str:
    """Leave out people whom the source answers but does not name; they are checked apart."""
    present = {mention.author for mention in roster.mentions(source.text)}
    kept, at = [], 0
    for mention in roster.mentions(content):
        if mention.author not in present:
            kept.append(content[at : mention.start])
            at = mention.end
    bare = "".join([*kept, content[at:]])
    return bare if re.search(r"\w{3}", bare) else content


def _without_numbers(text: str) -> str:
    kept, at = [], 0
    for number in numbers(text):
        kept.append(text[at : number.start])
        at = number.end
    return "".join([*kept, text[at:]])


def _better(finding: Finding, best: Finding) -> bool:
    if bool(finding.fault) != bool(best.fault):
        return not finding.fault
    return finding.score > best.score + (
        _WIDER_BY if finding.span[1] - finding.span[0] > best.span[1] - best.span[0] else 0.0
    )


def _stretches(content: str, source: Source) -> list[Span]:
    """Return the stretches worth scoring, narrow ones first: the sentences nearest in words, and their neighbours."""
    wanted = terms(content)
    overlap = [coverage(wanted, terms(source.text[start:end])) for start, end in source.spans]
    ranked = sorted(range(len(overlap)), key=lambda row: (-overlap[row], row))[:_LOOKED_AT]
    chosen = {(row, row) for row in ranked}
    for row in ranked[:4]:
        for width in range(1, _WIDEST):
            chosen |= {(low, low + width) for low in range(row - width, row + 1) if 0 <= low < len(overlap) - width}
    spans = source.spans
    return [(spans[low][0], spans[high][1]) for low, high in sorted(chosen, key=lambda pair: (pair[1] - pair[0], pair))]


def _wrong_facts(content: str, texts: Sequence[str], source: Source, counted: bool) -> str:
    head = [source.thread.article.published or "", source.thread.article.title]
    absent = () if counted else missing_numbers(content, "\n".join([*texts, *head]))
    if absent:
        return f"The number {absent[0]} is not in the words cited."
    strange = missing_names(content, source.surroundings())
    return f"The name {strange[0]} is not in the words cited." if strange else ""


_ANSWERS = re.compile(
    r"\b(?:repl(?:y|ies|ied|ying)|respond(?:s|ed|ing)?|in reply|in response|in answer|answer(?:s|ed|ing)?)"
    r"(?:\s+to)?\s+(?:\w+\s+){0,1}$",
    re.I,
)


def _wrong_people(content: str, source: Source, roster: Roster, said: str) -> str:
    """Say who is named beside the speaker without having part in it, or whom this comment does not answer."""
    direct = {parent.author for parent in source.parents()}
    for mention in roster.mentions(said):
        written = {other.author for other in roster.mentions(source.text)} | {source.author}
        if _ANSWERS.search(said[: mention.start]) and mention.author not in direct | written:
            return f"This comment does not answer {mention.author}."
    for mention in roster.mentions(content):
        near = source.addressees() | {source.author}
        if mention.author not in near and not _named_near(mention.author, source, roster):
            return f"{mention.author} has no part in the words cited."
    return ""


def _named_near(author: str, source: Source, roster: Roster) -> bool:
    """Tell whether a person is named in the source, in what it answers, or in the head of the article."""
    return any(mention.author == author for text in source.surroundings() for mention in roster.mentions(text))
