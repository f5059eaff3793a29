"""Check a sentence of an answer against its sources: ids, speakers, own words, numbers, names, support.

A sentence comes out supported, repaired (the cause says how) or struck (the cause says why). Every citation of a
shown sentence is a span of the named speaker's own words that supports it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.thread import ARTICLE, Thread
from ingest.wording import noun
from rag.citing import cite
from rag.evidence import Citation, Claim, Hit
from rag.facts import numbers
from rag.grounding import Finding, Source, best_stretch, source_of
from rag.hostile import clean_output, fence, is_instruction
from rag.ports import Encoder
from rag.speakers import ANY_COMMENTER, STRANGER, THE_ARTICLE, Attribution, Roster
from rag.support import THRESHOLD, Supporter

__all__ = ["Marked", "Verifier", "clean_output", "fence", "is_instruction", "parse_markers"]

_MARKER = re.compile(r"\s*[\[【](?P<ids>[^\]】\n]{1,60})[\]】]")
_ID = re.compile(r"(?:passage|source|comment|#|№)?\s*\^?(c?\d+|article)", re.I)
_MOST = re.compile(r"\b(?:most|majority|all|everybody|everyone|nearly all|almost all)\b", re.I)
_SEVERAL = re.compile(r"\b(?:several|many|some|a few|few|various|multiple|both)\b", re.I)
_REFERS_BACK = re.compile(r"\b(?:he|she|his|her|hers|him|himself|herself)\b", re.I)
_NEAR = 0.2
"""From here on a wrong number or name is told as the cause, rather than that nothing supports the sentence."""
_SAFE = 0.15
"""How far above the threshold the support must be before a name is corrected."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence without its citation markers, and the ids that stood in them, in order."""

    text: str
    ids: tuple[str, ...]


def parse_markers(text: str) -> Marked:
    """Take the citation markers out of a sentence: `[1]`, `[c12]`, `[1][2]`, `[1, 2]`, `[1-3]`, `[article]`.

    >>> parse_markers("Ada doubts it [1, c4].")
    Marked(text='Ada doubts it.', ids=('1', 'c4'))
    """
    found: list[str] = []

    def take(match: re.Match[str]) -> str:
        parts = [part.strip() for part in re.split(r"[,;，、]|\band\b", match["ids"])]
        ids: list[str] = []
        for part in parts:
            spread = re.fullmatch(r"(\d{1,3})\s*[-–]\s*(\d{1,3})", part)
            single = _ID.fullmatch(part)
            if spread and int(spread[1]) <= int(spread[2]) <= int(spread[1]) + 20:
                ids.extend(map(str, range(int(spread[1]), int(spread[2]) + 1)))
            elif single:
                ids.append(single[1].lower())
            else:
                return match[0]
        found.extend(ids)
        return ""

    bare = _MARKER.sub(take, text)
    bare = re.sub(r"\s+([.,;:!?])", r"\1", re.sub(r"\s{2,}", " ", bare)).strip()
    return Marked(re.sub(r"([.!?])\1*\.$", r"\1", bare), tuple(dict.fromkeys(found)))


@dataclass(frozen=True, slots=True)
class _Grounded:
    """What a clause rests on; `moved` says what had to be changed, `fault` why nothing was found."""

    findings: tuple[Finding, ...]
    moved: str = ""
    fault: str = ""


class Verifier:
    """Checks sentences over some threads. Cheap to make; share a `Supporter` to keep its vectors between questions."""

    def __init__(self, encoder: Encoder, threads: Iterable[Thread], supporter: Supporter | None = None) -> None:
        self._threads = {thread.id: thread for thread in threads}
        self.roster = Roster(self._threads.values())
        self._supporter = supporter or Supporter(encoder)

    def check(
        self, sentence: str, sources: Sequence[Hit], previous_speaker: str | None = None, *, counted: bool = False
    ) -> Claim:
        """Check one sentence whose markers number `sources` from 1, or give comments as `c12` or `article`.

        `previous_speaker` is the `speaker` of the claim before, for "she" and "they". `counted` tells that code made
        the sentence's numbers, so they are not looked up. The returned text has no markers, links or markup.
        """
        marked = parse_markers(clean_output(sentence))
        clauses = self.roster.attributions(marked.text, self._people(previous_speaker))
        speaker = _speaker(clauses)
        if not re.search(r"\w", marked.text):
            return Claim(text=marked.text, status="struck", cause="It says nothing.")
        if is_instruction(marked.text) and not clauses:
            return Claim(text=marked.text, status="struck", cause="It repeats an instruction instead of an answer.")
        available, cited, dropped = self._sources(marked.ids, sources)
        grounded = self._ground_all(
            clauses or (Attribution((), 0, 0, marked.text),), marked.text, cited, available, counted
        )
        if grounded.fault:
            renamed = self._renamed(marked.text, clauses, available, counted)
            return renamed or Claim(text=marked.text, status="struck", speaker=speaker, cause=grounded.fault)
        causes = [f"There is no source {', '.join(dropped)}."] if dropped else []
        causes += [grounded.moved] if grounded.moved else []
        return Claim(
            text=marked.text,
            citations=_citations(grounded.findings),
            status="repaired" if causes else "supported",
            speaker=speaker,
            cause=" ".join(causes) or None,
        )

    def _people(self, name: str | None) -> tuple[str, ...]:
        if not name:
            return ()
        if name in self.roster.authors:
            return (name,)
        return tuple(mention.author for mention in self.roster.mentions(name))

    def _sources(self, ids: Sequence[str], hits: Sequence[Hit]) -> tuple[list[Source], list[Source], list[str]]:
        """Return every distinct source, those that the ids name, and the ids that name none."""
        by_key: dict[tuple[str, str], Source] = {}
        for hit in hits:
            source = source_of(hit, self._threads)
            if source is not None:
                by_key.setdefault(hit.source, source)
        cited: dict[tuple[str, str], Source] = {}
        dropped = []
        for name in ids:
            place = (
                int(name) - 1 if name.isdigit() else next((i for i, hit in enumerate(hits) if hit.number == name), -1)
            )
            named = hits[place] if 0 <= place < len(hits) else None
            key = named.source if named else None
            if key is None or key not in by_key:
                dropped.append(name)
            else:
                cited[key] = by_key[key]
        return list(by_key.values()), list(cited.values()), dropped

    def _ground_all(
        self,
        clauses: Sequence[Attribution],
        text: str,
        cited: Sequence[Source],
        available: Sequence[Source],
        counted: bool,
    ) -> _Grounded:
        findings: list[Finding] = []
        moved: list[str] = []
        for clause in clauses:
            for speaker in clause.speakers or (None,):
                one = self._ground(clause, speaker, text, cited, available, counted)
                if one.fault:
                    return one
                findings.extend(one.findings)
                moved.extend([one.moved] if one.moved else [])
        used = {finding.source.id for finding in findings}
        idle = [source for source in cited if source.id not in used]
        if idle and not moved:
            moved.append(f"Dropped {', '.join(map(_number, idle))}, which does not say it.")
        return _Grounded(tuple(findings), " ".join(dict.fromkeys(moved)))

    def _ground(
        self,
        clause: Attribution,
        speaker: str | None,
        text: str,
        cited: Sequence[Source],
        available: Sequence[Source],
        counted: bool,
    ) -> _Grounded:
        """Find what one clause rests on: what it cites, else other sources of the same speaker."""

        def look(sources: Iterable[Source]) -> list[Finding]:
            fitting = [source for source in sources if speaker is None or clause.weak or source.spoken_by(speaker)]
            found = [self._find(clause, speaker, source, text, counted) for source in fitting]
            return sorted((one for one in found if one is not None), key=lambda one: -one.score)

        first = look(cited)
        held = [one for one in first if one.score >= THRESHOLD and not one.fault]
        wanted = 0 if counted else _wanted(clause, text)
        if held and _voices(held) >= wanted:
            return _counted(held, clause, text, counted)
        others = look(source for source in available if source not in cited)
        more = [one for one in others if one.score >= THRESHOLD and not one.fault]
        if more:
            best = [*held, *more[: max(1, wanted - _voices(held))]]
            return replace(
                _counted(best, clause, text, counted),
                moved=f"Cites {', '.join(_number(one.source) for one in best)} instead.",
            )
        if held:
            return _counted(held, clause, text, counted)
        return _Grounded((), fault=_fault(speaker, [*first, *others]))

    def _find(
        self, clause: Attribution, speaker: str | None, source: Source, text: str, counted: bool
    ) -> Finding | None:
        content = clause.content if re.search(r"\w", clause.content) else text
        return best_stretch(
            content,
            source,
            self._supporter,
            self.roster,
            reported=bool(clause.speakers),
            counted=counted,
            said=text[clause.start : clause.end] if clause.speakers else "",
        )

    def _renamed(
        self, text: str, clauses: Sequence[Attribution], available: Sequence[Source], counted: bool
    ) -> Claim | None:
        """Put the right name in, where one person is named once and one other person clearly said it."""
        named = self.roster.mentions(text)
        if len(clauses) != 1 or len(clauses[0].speakers) != 1 or clauses[0].weak or len(named) != 1:
            return None
        if named[0].author != clauses[0].speakers[0] or _REFERS_BACK.search(text):
            return None
        found = [self._find(clauses[0], None, source, text, counted) for source in available if source.comment]
        held = [one for one in found if one is not None and not one.fault and one.score >= THRESHOLD + _SAFE]
        people = {one.source.author for one in held}
        right = next(iter(people), None)
        if len(people) != 1 or right is None or right == named[0].author:
            return None
        best = max(held, key=lambda one: one.score)
        return Claim(
            text=text[: named[0].start] + right + text[named[0].end :],
            citations=_citations([best]),
            status="repaired",
            speaker=right,
            cause=f"The words are by {right}, not by {named[0].author}.",
        )


def _speaker(clauses: Sequence[Attribution]) -> str | None:
    """Return the people whose words a sentence reports, joined by "and"; None where it names nobody."""
    named = [name for clause in clauses if not clause.weak for name in clause.speakers]
    people = [name for name in named if not name.startswith("\x00")]
    return " and ".join(dict.fromkeys(people)) or None


def _number(source: Source) -> str:
    return source.comment.tag if source.comment else ARTICLE


def _citations(findings: Iterable[Finding]) -> tuple[Citation, ...]:
    made = (cite(finding.source.thread, finding.source.id, finding.span) for finding in findings)
    return tuple(dict.fromkeys(made))


def _voices(findings: Iterable[Finding]) -> int:
    return len({finding.source.author or finding.source.id for finding in findings})


def _wanted(clause: Attribution, text: str) -> int:
    """Return how many different people a clause says there are: "two commenters" 2, "several users" 2, else 1."""
    if clause.speakers != (ANY_COMMENTER,):
        return 1
    head = _head(clause, text)
    stated = numbers(head)
    return int(stated[0].value) if stated else 2 if _SEVERAL.search(head) else 1


def _head(clause: Attribution, text: str) -> str:
    """Return the words of a clause before what it reports: "Two commenters agree that"."""
    at = text.find(clause.content[:40], clause.start) if clause.content else -1
    return text[clause.start : at if at > clause.start else clause.end]


def _counted(findings: Sequence[Finding], clause: Attribution, text: str, counted: bool) -> _Grounded:
    """Accept the findings unless the clause counts people and the count is not what the citations show."""
    if counted or clause.speakers != (ANY_COMMENTER,):
        return _Grounded(tuple(findings))
    head = _head(clause, text)
    if _MOST.search(head):
        return _Grounded((), fault="Nobody counted how many say so.")
    voices, wanted = _voices(findings), _wanted(clause, text)
    stated = numbers(head)
    if voices < wanted or (stated and voices != wanted):
        meant = f"{wanted} {noun(wanted, 'person', 'people')}"
        return _Grounded((), fault=f"It speaks of {meant}, and {voices} {noun(voices, 'says', 'say')} so here.")
    return _Grounded(tuple(findings))


def _fault(speaker: str | None, looked_at: Sequence[Finding]) -> str:
    best = max(looked_at, key=lambda one: one.score, default=None)
    if best is not None and best.fault and best.score >= _NEAR:
        return best.fault
    if speaker is not None and speaker.startswith(STRANGER):
        return f"{speaker.removeprefix(STRANGER)} is not in the sources."
    if speaker is None or speaker in (THE_ARTICLE, ANY_COMMENTER):
        return "Nothing in the sources supports it."
    return f"Nothing that {speaker} wrote supports it." if best else f"None of the sources is by {speaker}."
