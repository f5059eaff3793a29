"""Text → sentence spans: exact offsets, no model, linear time, for the many languages that people comment in.

Every character that is not white space lies in exactly one span. A newline ends a sentence unless the next line goes
on in lower case (text that was wrapped by hand).
"""

import re
from collections.abc import Iterator

from ingest.thread import Span

__all__ = ["sentences"]

# One run of stops with what closes after it. Scripts without spaces between sentences need none after the stop.
_STOP = re.compile(r"(?P<stop>[.!?…؟۔।॥։።။‼⁇⁈⁉]+|[。！？．｡]+)(?P<closers>[\"'”’»›)\]}」』】）〉》*_]*)")
_WIDE = "。！？．｡।॥።။"
_SPACE = re.compile(r"\s*")
_LAST_TOKEN = re.compile(r"[^\s(\[{\"“„«'‘—–/]*$")
_LIST_ITEM = re.compile(r"(?:[-*•–—>]|\(?\d{1,3}[.)]|\(?[a-z]\))\s")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_MONTH = re.compile(
    r"jan|feb|mär|mar|apr|mai|maj|jun|jul|aug|sep|okt|oct|nov|dez|dec|januar|februar|märz|april|juni|juli|august",
    re.IGNORECASE,
)


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_LOOK_BACK = 24  # characters; longer than any abbreviation

# Never the end of a sentence: what follows belongs to it.
_BEFORE_NAME = _words(
    "mr mrs ms dr prof st mt gen col maj capt cpt lt sgt cmdr adm rep sen gov pres rev hon fr supt "
    "hr fr. dhr mevr herr sig sigg dott ing sr sra srta dna don ud uds mme mlle mm bzw vgl "
    "vs v e.g eg i.e ie cf viz z.b d.h u.a u.u o.ä s.o s.u i.d.r m.e p.ex p.e par.ex bijv "
    "fig figs eq vol no nr núm nos pp pg art sec ch dept approx ca circa esp incl est resp ggf evtl sog inkl str"
)
# May end a sentence: only if what follows looks like the start of one.
_MAY_END = _words(
    "etc usw ecc inc ltd co corp bros jr al ff ed eds al. a.m p.m am pm min max tel ext u.s u.k e.u u.n u.s.a "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun ph.d m.d b.a m.a d.c a.d b.c"
)
# Words that open sentences often and names seldom.
_OPENERS = _words(
    "the a an it he she they we i you this that these those there but and so if when what why how who where in on at "
    "for from as not no yes however meanwhile still then now also even just my your his her our their its some many "
    "most all both every after before since while because although though maybe perhaps please thanks "
    "der die das ein eine er sie es wir ich aber und le la les il elle nous vous je mais el los las pero y"
)


def sentences(text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Return the spans of the sentences in `text[start:end]`, as offsets into `text`, in order, without outer spaces.

    >>> [("Dr. Ada paid 3.50 for it. Why?")[a:b] for a, b in sentences("Dr. Ada paid 3.50 for it. Why?")]
    ['Dr. Ada paid 3.50 for it.', 'Why?']
    """
    end = len(text) if end is None else end
    found: list[Span] = []
    for block_start, block_end in _blocks(text, start, end):
        at, first = block_start, len(found)
        for stop in (*_ends(text, block_start, block_end), block_end):
            if stop <= at:
                continue
            if len(found) > first and not any(map(str.isalnum, text[at:stop])):
                found[-1] = (found[-1][0], stop)  # a smiley or a row of dots belongs to what it follows
            else:
                found.append((at, stop))
            at = _after_space(text, stop, block_end)
    return tuple(found)


def _after_space(text: str, at: int, end: int) -> int:
    match = _SPACE.match(text, at, end)
    return match.end() if match else at


def _blocks(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield runs of lines that read on, trimmed; a blank line always ends a run."""
    block: Span | None = None
    at = start
    for line in text[start:end].split("\n"):
        head = at + len(line) - len(line.lstrip())
        tail = head + len(line.strip())
        at += len(line) + 1
        if head == tail:
            if block:
                yield block
            block = None
        elif block and _reads_on(text, block[1], head, tail):
            block = (block[0], tail)
        else:
            if block:
                yield block
            block = (head, tail)
    if block:
        yield block


def _reads_on(text: str, before: int, head: int, tail: int) -> bool:
    """Tell whether a line goes on with the previous one: no stop before it, lower case after it, no list marker."""
    last = text[before - 1]
    return (last.isalnum() or last in ",;-–—&") and text[head].islower() and not _LIST_ITEM.match(text, head, tail)


def _ends(text: str, start: int, end: int) -> Iterator[int]:
    """Yield the offsets just after each sentence that ends inside a block."""
    at = start
    for match in _STOP.finditer(text, start, end):
        if match.end() < end and match.start() >= at and _is_end(text, at, match, end):
            yield match.end()
            at = match.end()


def _is_end(text: str, sentence_start: int, match: re.Match[str], end: int) -> bool:
    stop, closers = match["stop"], match["closers"]
    if stop[-1] in _WIDE:
        return True
    next_at = _after_space(text, match.end(), end)
    if next_at == match.end():  # no space: a decimal, a URL, a file name, an abbreviation's inner stop
        return False
    following = text[next_at]
    if stop[0] == "…" or stop.startswith(".."):
        return not following.islower()
    if stop != ".":
        return not (following.islower() and closers)  # “Why?” he asked
    if closers and not following.islower():
        return True
    return _full_stop_ends(text, sentence_start, match.start(), next_at, end)


def _full_stop_ends(text: str, sentence_start: int, stop_at: int, next_at: int, end: int) -> bool:
    found = _LAST_TOKEN.search(text, max(sentence_start, stop_at - _LOOK_BACK), stop_at)
    last = found[0] if found else ""
    word = last.lower()
    following = _word_at(text, next_at, end)
    if word in _BEFORE_NAME and not (word == "no" and not following[:1].isdigit()):
        return False
    if last.isdigit():
        numbers_a_list = stop_at - sentence_start < 6 and not text[sentence_start : stop_at - len(last)].strip(" \n(*-")
        return not (numbers_a_list or (len(last) <= 2 and _MONTH.match(following)) or following[:1].islower())
    if word in _MAY_END or (len(last) != 1 and _INITIALS.fullmatch(last) and "." in last):
        return following.lower() in _OPENERS and following[:1].isupper()
    if len(last) == 1 and last.isalpha() and last.isupper() and last != "I":
        return following.lower() in _OPENERS  # an initial: J. Smith
    return True


def _word_at(text: str, at: int, end: int) -> str:
    stop = at
    while stop < end and stop - at < _LOOK_BACK and text[stop].isalnum():
        stop += 1
    return text[at:stop]
