"""Person-like names in a question that nobody in the threads bears. Pure.

Only a name that stands where a commenter stands (does X think, X's opinion, replied to X) can be absent; places,
organisations and people that the article or a comment speaks of are not.
"""

import re
from collections.abc import Sequence

from rapidfuzz.distance import OSA

from ingest.thread import Thread
from rag.names import Person, Roster, Word, fold, vocabulary, words
from rag.references import Marked
from rag.words import COMMON, FUNCTION, SPEAKING

__all__ = ["absent_names"]

_BEFORE = re.compile(
    r"(?:\b(?:does|did|has|do|by|from|according to|user|commenter|poster|named|called|repl(?:y|ies|ied) to|respond(?:s|ed)? to|responses? to|answers? to"
    r"|answered|agrees? with|disagrees? with|agreed with|disagreed with|tell|told|asked|sides? with|how many (?:comments|times|replies) (?:did|does|has)|and|or|what would|would)\s+(?:the user\s+|user\s+|commenter\s+)?@?|@|^)$",
    re.IGNORECASE,
)
_AFTER_OWNED = re.compile(
    r"^\s*(?:\w+\s+)?(?:opinion|view|views|comment|comments|reply|replies|response|responses|point|argument|arguments|position|stance|take|claim"
    r"|claims|post|posts|answer|answers|thoughts|remark|remarks|reaction|criticism|suggestion|message|messages|objection)\b",
    re.IGNORECASE,
)


def absent_names(
    question: str, marked: Marked, people: Roster, threads: Sequence[Thread], *, structural: bool
) -> tuple[str, ...]:
    """Return the names asked about that no commenter bears.

    A structure question asks what somebody did in the comments, so a name counts as absent even where the text
    mentions it; elsewhere only if no text does.
    """
    tokens = words(question)
    found: list[str] = []
    at = 0
    while at < len(tokens):
        span = _candidate(question, tokens, at)
        if span is None:
            at += 1
            continue
        first, last = tokens[at], tokens[span]
        name = question[first.start : last.start + len(last.text)].lstrip("@")
        after = tokens[span + 1].text.lower() if span + 1 < len(tokens) else ""
        known = _known(question, first, last, marked, threads)
        if not known and _placed(question, first, last, after, structural):
            mentioned = _mentioned(name, threads)
            if not mentioned or (structural and first.text[:1].isupper()):
                found.append(name)
        at = span + 1
    return tuple(dict.fromkeys(found))


def _candidate(question: str, tokens: list[Word], at: int) -> int | None:
    """Return the index of the last word of a name that starts at `at`, or None."""
    token = tokens[at]
    plain = fold(token.text.lstrip("@"))
    handle = token.text.startswith("@") or any(char.isdigit() or char == "_" for char in plain) and not plain.isdigit()
    if not handle and (plain in FUNCTION or plain in COMMON or len(plain) < 2 or plain.isdigit()):
        return None
    if re.fullmatch(r"c?\d+(?:st|nd|rd|th)?", plain):
        return None
    last = at
    while (
        token.text[:1].isupper()
        and not tokens[last].possessive
        and last + 1 < len(tokens)
        and tokens[last + 1].text[:1].isupper()
        and fold(tokens[last + 1].text) not in FUNCTION | COMMON
        and question[tokens[last].end : tokens[last + 1].start] == " "
    ):
        last += 1
    return last


def _known(question: str, first: Word, last: Word, marked: Marked, threads: Sequence[Thread]) -> bool:
    spans: list[Person] = list(marked.people)
    if any(one.start < last.end and first.start < one.end for one in spans):
        return True
    if any(one.start < last.end and first.start < one.end for one in marked.references):
        return True
    name = fold(question[first.start : last.start + len(last.text)])
    return any(name in fold(thread.article.author or "") for thread in threads)


def _placed(question: str, first: Word, last: Word, after: str, structural: bool) -> bool:
    """Tell whether a word stands where a commenter stands."""
    before = question[: first.start]
    capital = first.text[:1].isupper() or first.text.startswith("@")
    if last.possessive and capital and _AFTER_OWNED.match(question[last.end :]):
        return True
    slot = _BEFORE.search(before)
    if slot is None:
        return False
    lead = slot.group().strip().lower()
    if first.text.startswith("@"):
        return True
    if lead in ("does", "did", "has", "do", "would", "what would", ""):
        return after in SPEAKING - {
            "have",
            "has",
            "had",
            "make",
            "makes",
            "made",
            "use",
            "uses",
            "used",
            "support",
            "supports",
            "call",
        } or (structural and capital and lead != "")
    if lead in ("by", "from", "and", "or", "tell", "told", "asked", "answered"):
        return structural and capital
    return capital


def _mentioned(name: str, threads: Sequence[Thread]) -> bool:
    """Tell whether the texts speak of a name: all of it, its last word, or one typo away for a long one."""
    parts = [part for part in re.findall(r"\w+", fold(name)) if len(part) > 1]
    if not parts:
        return False
    last = parts[-1]
    for thread in threads:
        known = vocabulary(thread)
        if last in known or (last.endswith("s") and last[:-1] in known):
            return True
        if len(last) > 5 and any(
            abs(len(word) - len(last)) < 2 and word[:1] == last[:1] and OSA.distance(word, last, score_cutoff=1) < 2
            for word in known
        ):
            return True
    return False
