"""Person-like names in a question that nobody in the threads bears. Pure.

Only a name that stands where a commenter stands (does X think, X's opinion, replied to X) can be absent; places,
organisations and people that the article or a comment speaks of are not.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rapidfuzz.distance import OSA

from ingest.thread import Thread
from rag.names import Person, Word, fold, vocabulary, words
from rag.references import Marked
from rag.words import COMMON, FUNCTION, SPEAKING

__all__ = ["absent_names", "with_strangers"]

_BEFORE = re.compile(
    r"(?:\b(?P<lead>does|did|has|do|would|by|from|and|or|tell|told|asked|answered|according to|user|commenter|poster"
    r"|named|called|repl(?:y|ies|ied) to|respond(?:s|ed)? to|responses? to|answers? to|agree[sd]? with"
    r"|disagree[sd]? with|sides? with|between|of|to)\s+(?:the\s+)?(?:user\s+|commenter\s+|poster\s+)?@?|@|^)$",
    re.IGNORECASE,
)
_REPLYING = re.compile(
    r"\s+(?:repl(?:y|ies|ied)|respond(?:s|ed)?|write back|answer(?:s|ed)?|tell|told"
    r"|(?:says?|said|writes?|wrote)(?=\s+to))"
    r"(?:\s+to)?\s+",
    re.IGNORECASE,
)
_NEXT = 2
_HERE = re.compile(
    r"\bin (?:the|these|his|her|their|any|one of (?:the|his|her|their)) (?:own )?comments?\b|\bin (?:den|seinen|ihren)"
    r" kommentaren\b|\bdans (?:les|ses) commentaires\b|\ben (?:los|sus) comentarios\b",
    re.IGNORECASE,
)
"""Where only who writes comments can have said something."""
_STRESS = frozenset(
    ("himself", "herself", "themselves", "actually", "really", "also", "even", "ever", "then", "selbst")
)
_LONGEST_NAME = 3  # words; a headline in capitals is no name
_NAMING = ("does", "did", "has", "user", "commenter", "poster", "named", "called")
_QUANTIFIED = re.compile(
    r"\b(?:the|an?|this|that|these|those|my|our|many|much|more|most|any|some|all|no|each|every|which|what|first|last"
    r"|viele|welche[rsn]?|der|die|das|dem|den|ein|eine[nrm]?|keine?|alle|mehr|meisten|les?|la|un|une|el|los|las|una"
    r"|cuántos|cuántas|combien d[e'])\s+$",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"^\s*(?:\w+\s+)?(?:opinions?|views?|comments?|repl(?:y|ies)|responses?|points?|arguments?|position|stance|take"
    r"|claims?|posts?|answers?|thoughts|remarks?|reactions?|criticism|suggestions?|messages?|objections?)\b",
    re.IGNORECASE,
)
_DOING = SPEAKING - {"have", "has", "had", "make", "makes", "made", "use", "uses", "used", "supports", "call", "calls"}


def absent_names(marked: Marked, threads: Sequence[Thread]) -> tuple[str, ...]:
    """Return the names whose words a question asks for, that no commenter bears and no text speaks of."""
    found = []
    for first, last, name, after in _names(marked):
        if not _as_commenter(marked.original, first, last, after):
            continue
        here = _to_somebody_here(marked, last) or _HERE.search(marked.original) is not None
        if here or not _mentioned(name, threads):
            found.append(name)
    return tuple(dict.fromkeys(found))


def _to_somebody_here(marked: Marked, last: Word) -> bool:
    """Tell whether a name is said to reply to one of the people here: only who writes here can, spoken of or not."""
    verb = _REPLYING.match(marked.original[last.end :])
    if verb is None:
        return False
    at = last.end + verb.end()
    return any(at <= person.start <= at + _NEXT for person in marked.people)


def with_strangers(marked: Marked, threads: Sequence[Thread]) -> tuple[Marked, tuple[str, ...]]:
    """Mark capitalised names and handles that nobody bears as people too, so that "did Bob reply?" parses.

    Texts may speak of them all the same: a question of structure asks what they did in the comments.
    """
    strangers: list[str] = []
    text, people = marked.text, list(marked.people)
    for first, last, name, after in _names(marked):
        if first.start == 0 and not _as_commenter(marked.original, first, last, after):
            continue
        capital = first.text[:1].isupper() or first.text.startswith("@") or not name.isalpha()
        slot = _BEFORE.search(marked.original[: first.start])
        alone = first.text[:1].isupper() and first.start > 0 and name.count(" ") < _LONGEST_NAME and not strangers
        alone = alone and not _QUANTIFIED.search(marked.original[: first.start])
        placed = (
            slot is not None
            or (alone and not _mentioned(name, threads))
            or (last.possessive and _OWNED.match(marked.original[last.end :]) is not None)
        )
        asked = slot is not None and (slot["lead"] or "").lower() in _NAMING and not name.endswith("s")
        if not placed or not (capital or asked) or name in strangers:
            continue
        if not capital and _mentioned(name, threads):
            continue
        pattern = re.compile(rf"(?<!\w)@?{re.escape(name.lower())}(?P<owned>(?:'s)?)(?!\w)")
        if not pattern.search(text):
            continue
        text = pattern.sub(rf"P{len(people)}\g<owned>", text).replace(f"P{len(people)}'", f"P{len(people)} '")
        people.append(Person(first.start, last.end, (name,)))
        strangers.append(name)
    return replace(marked, text=text, people=tuple(people)), tuple(strangers)


def _names(marked: Marked) -> Iterator[tuple[Word, Word, str, str]]:
    """Yield (first word, last word, name, word after it) for what may be a name and is none known."""
    question = marked.original
    tokens = words(question)
    known = [(one.start, one.end) for one in marked.people]
    known += [(one.start, one.end) for one in marked.references]
    at = 0
    while at < len(tokens):
        end = _candidate(question, tokens, at)
        if end is None:
            at += 1
            continue
        first, last = tokens[at], tokens[end]
        name = question[first.start : last.start + len(last.text)].lstrip("@")
        at = end + 1
        if any(start < last.end and first.start < end for start, end in known):
            continue
        if any(fold(name) in fold(author) for author in marked.article_authors):
            continue
        after = (token.text.lower() for token in tokens[end + 1 :])
        yield first, last, name, next((word for word in after if word not in _STRESS), "")


def _candidate(question: str, tokens: list[Word], at: int) -> int | None:
    """Return the index of the last word of a name that starts at `at`, or None."""
    token = tokens[at]
    plain = fold(token.text.lstrip("@"))
    handle = token.text.startswith("@") or (
        any(char.isdigit() or char == "_" for char in plain) and not plain.isdigit()
    )
    if not handle and (plain in FUNCTION or plain in COMMON or len(plain) < 2):
        return None
    if re.fullmatch(r"c?#?[\d.]+(?:st|nd|rd|th)?|[^\w@].*", plain) or "'" in plain:
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


def _as_commenter(question: str, first: Word, last: Word, after: str) -> bool:
    """Tell whether a word stands where somebody's words are asked for."""
    capital = first.text[:1].isupper()
    if first.text.startswith("@") or (last.possessive and capital and _OWNED.match(question[last.end :])):
        return True
    slot = _BEFORE.search(question[: first.start])
    if slot is None:
        return False
    lead = (slot["lead"] or "").lower()
    if not capital and re.search(
        r"\b(?:the|an?|his|her|their|this|that|our|my)\s+$", question[: first.start], re.IGNORECASE
    ):
        return False
    if lead in ("does", "did", "has", "do", "would", ""):
        return after in _DOING and (capital or lead in ("does", "did"))
    return capital and lead not in (
        "by",
        "from",
        "and",
        "or",
        "to",
        "of",
        "between",
        "tell",
        "told",
        "asked",
        "answered",
    )


def _mentioned(name: str, threads: Sequence[Thread]) -> bool:
    """Tell whether the texts speak of a name: its last word, or that with one typo where it is long."""
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
