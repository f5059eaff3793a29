"""Who is meant: names in a question, resolved against the people of the threads. Pure, no model.

A roster is what a thread knows about its people. `find_people` finds them in a question by exact name, by part of a
name, by handle and through typos, and says which person-like words name nobody.
"""

import re
import unicodedata
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ingest.thread import Thread
from rag.languages import FOREIGN
from rag.structure_words import NOTE, PERSON, REPLY, VOCABULARY
from rag.words import COMMON, FUNCTION, SPEAKING

__all__ = [
    "Person", "Roster", "Word", "find_people", "fold", "merged", "name_parts", "nearest", "roster", "vocabulary",
    "words",
]  # fmt: skip

_WORD = re.compile(r"@?\w[\w.\-]*\w|@?\w", re.UNICODE)
_PARTS = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)", re.UNICODE)
_COMBINING = re.compile(r"[\u0300-\u036f]")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_POSSESSIVE = re.compile(r"['’][sS]\b|(?<=[sSxXzZ])['’](?=\s|$|[?.,!])")
_CONTRACTED = re.compile(r"['’](?:t|re|ve|ll|d|m)\b", re.IGNORECASE)
_MOST_FITTING = 6  # more people than this share a lower-case word by chance
_KEPT = 4096
_KEPT_TEXTS = 16
_PLAIN_WORDS = COMMON | FOREIGN | VOCABULARY  # never a name with a slip in it


@dataclass(frozen=True, slots=True)
class Person:
    """A place in a question that means somebody; several `names` where it fits several people."""

    start: int
    end: int
    names: tuple[str, ...]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question: its span, its text without a possessive ending, and whether it had one."""

    start: int
    end: int
    text: str
    possessive: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of a thread: `comments` counts by name, `parts` maps a folded part of a name to the names."""

    comments: dict[str, int]
    folded: dict[str, tuple[str, ...]]
    parts: dict[str, tuple[str, ...]]
    unnamed: int


def fold(text: str) -> str:
    """Fold a name for comparison: case, accents and width.

    >>> fold("Zoë Müller")
    'zoe muller'
    """
    if text.isascii():
        return text.lower()
    plain = _COMBINING.sub("", unicodedata.normalize("NFKD", text))
    return plain.replace("’", "'").replace("‘", "'").casefold()


def _fold_char(char: str) -> str:
    return char.lower() if char.isascii() else fold(char)


_ROSTERS: OrderedDict[str, tuple[int, Roster]] = OrderedDict()


def roster(thread: Thread) -> Roster:
    """Return the people of a thread; kept for the threads used last."""
    state = hash(tuple(comment.author for comment in thread.comments if comment.visible))
    kept = _ROSTERS.get(thread.id)
    if kept is not None and kept[0] == state:
        return kept[1]
    made = _roster(comment.author for comment in thread.comments if comment.visible)
    _ROSTERS[thread.id] = (state, made)
    while len(_ROSTERS) > _KEPT:
        _ROSTERS.popitem(last=False)
    return made


def _roster(authors: Iterable[str | None]) -> Roster:
    counts = Counter(authors)
    unnamed = counts.pop(None, 0)
    folded: dict[str, list[str]] = {}
    parts: dict[str, list[str]] = {}
    for name in counts:
        if name is None:
            continue
        folded.setdefault(fold(name), []).append(name)
        for part in _parts(name):
            parts.setdefault(part, []).append(name)
    return Roster(
        comments={name: count for name, count in counts.items() if name is not None},
        folded={key: tuple(names) for key, names in folded.items()},
        parts={key: tuple(names) for key, names in parts.items()},
        unnamed=unnamed,
    )


def _parts(name: str) -> set[str]:
    return {fold(part) for part in _PARTS.split(name) if len(part) > 1 or _CJK.search(part)}


def name_parts(name: str) -> set[str]:
    """Return a name and its parts, folded: the keys under which a roster finds it.

    >>> sorted(name_parts("Zoë Müller"))
    ['muller', 'zoe', 'zoe muller']
    """
    return {fold(name), *_parts(name)}


def merged(threads: Sequence[Thread]) -> Roster:
    """Return the people of several threads; the same spelling is taken for the same name."""
    if len(threads) == 1:
        return roster(threads[0])
    counts: Counter[str] = Counter()
    folded: dict[str, tuple[str, ...]] = {}
    parts: dict[str, tuple[str, ...]] = {}
    unnamed = 0
    for one in map(roster, threads):
        counts.update(one.comments)
        unnamed += one.unnamed
        for mine, theirs in ((folded, one.folded), (parts, one.parts)):
            for key, names in theirs.items():
                mine[key] = tuple(dict.fromkeys((*mine.get(key, ()), *names)))
    return Roster(dict(counts), folded, parts, unnamed)


def words(question: str) -> list[Word]:
    """Split a question into words; a possessive ending is set apart (`Don's`, `Dons'`), `don't` is one word."""
    found: list[Word] = []
    for match in _WORD.finditer(question):
        start, end = match.span()
        if found and start < found[-1].end:
            continue
        text = match.group().rstrip(".-")
        end = start + len(text)
        tail = _CONTRACTED.match(question, end) or _POSSESSIVE.match(question, end)
        possessive = tail is not None and tail.re is _POSSESSIVE
        if tail is not None:
            end = tail.end()
            text = text if possessive else question[start:end]
        found.append(Word(start, end, text, possessive))
    return found


def find_people(question: str, people: Roster, threads: Sequence[Thread] = ()) -> list[Person]:
    """Return the people that a question names, in order of appearance, without overlaps.

    Longer matches win over shorter, exact over partial over typo. A name that is also an everyday word counts only
    where it stands like a name. A known first name before an unknown surname is somebody else and is not returned.
    """
    tokens = words(question)
    taken = _exact(question, tokens, people, threads)
    for index, token in enumerate(tokens):
        if any(token.start < one.end and one.start < token.end for one in taken):
            continue
        found = _partial(question, tokens, index, people, threads)
        if found is not None and not any(found.start < one.end and one.start < found.end for one in taken):
            taken.append(found)
    taken = [_with_initial(tokens, one, people) for one in taken]
    taken = [one for one in taken if not _other_surname(tokens, one, people)]
    return sorted(taken, key=lambda one: one.start)


def _exact(question: str, tokens: list[Word], people: Roster, threads: Sequence[Thread]) -> list[Person]:
    origins: list[int] = []
    pieces: list[str] = []
    for at, char in enumerate(question):
        folded = _fold_char(char)
        pieces.append(folded)
        origins.extend([at] * len(folded))
    origins.append(len(question))
    plain = "".join(pieces)
    found: list[Person] = []
    for key in sorted((key for key in people.folded if key and key in plain), key=len, reverse=True):
        for match in re.finditer(re.escape(key), plain):
            start, end = origins[match.start()], origins[match.end() - 1] + 1
            if not _bounded(question, start, end) or any(start < one.end and one.start < end for one in found):
                continue
            names = people.folded[key]
            exact = tuple(name for name in names if name == question[start:end])
            if _stands_as_name(question, tokens, start, end, key, threads):
                found.append(Person(start, _with_possessive(question, end), exact or names))
    return found


def _bounded(question: str, start: int, end: int) -> bool:
    before, after = question[start - 1 : start], question[end : end + 1]
    left = not (before.isalnum() or before == "_") or bool(_CJK.match(before) or _CJK.match(question[start]))
    right = not (after.isalnum() or after == "_") or bool(_CJK.match(after) or _CJK.match(question[end - 1]))
    return left and right and not _CONTRACTED.match(question, end)


def _with_possessive(question: str, end: int) -> int:
    match = _POSSESSIVE.match(question, end)
    return match.end() if match else end


def _stands_as_name(
    question: str, tokens: list[Word], start: int, end: int, key: str, threads: Sequence[Thread]
) -> bool:
    """Tell whether an exact match is meant as a name although it may be an everyday word."""
    text = question[start:end]
    if " " in key or any(char.isdigit() or char == "_" for char in key) or _CJK.search(key):
        return True
    if question[start - 1 : start] in ("@", '"', "“", "«", "'", "‘") or question[end : end + 2] in ("'s", "’s"):
        return key not in FUNCTION or question[start - 1 : start] in ("@", '"', "“", "«")
    first = not tokens or tokens[0].start == start
    capital = text[:1].isupper()
    if key in _MODALS and _acts(tokens, start):
        return True
    if key in FUNCTION:
        return capital and not first and text[1:] == text[1:].lower()
    if key in COMMON:
        return (capital and not first) or (_name_position(question, tokens, start) and key not in SPEAKING)
    if capital:
        return True
    return _name_position(question, tokens, start) or not _everyday(key, threads)


_BEFORE_NAME = {"does", "did", "by", "user", "commenter", "poster", "named", "called", "and"}


def _name_position(question: str, tokens: list[Word], start: int) -> bool:
    at = next((i for i, token in enumerate(tokens) if token.start <= start < token.end), -1)
    before = tokens[at - 1].text.lower() if at > 0 else ""
    after = tokens[at + 1].text.lower() if 0 <= at < len(tokens) - 1 else ""
    return before in _BEFORE_NAME or (after in SPEAKING and before not in {"the", "a", "an", "this", "that", "of"})


_MODALS = frozenset(("will", "may", "can", "might", "must"))
_ACTING = frozenset(("did", "does", "has", "by", "user", "commenter"))


def _acts(tokens: list[Word], start: int) -> bool:
    """Tell whether a word stands where only a name can: `did will write`, or at the end after `by`."""
    at = next((i for i, token in enumerate(tokens) if token.start <= start < token.end), 0)
    before = tokens[at - 1].text.lower() if at else ""
    if at == len(tokens) - 1:
        return before in ("by", "user", "commenter")
    return before in _ACTING and tokens[at + 1].text.lower() in SPEAKING | {"ever"} - {"have", "has", "had"}


def _everyday(word: str, threads: Sequence[Thread]) -> bool:
    """Tell whether the threads use a lower-case word with a determiner, so that it may be meant as a word."""
    pattern = re.compile(
        rf"\b(?:the|an?|my|your|our|his|their|this|these|those|some|any|no|more)\s+{re.escape(word)}(?!\w)"
    )
    texts = (text for thread in threads for text in (thread.article.text, *(c.body for c in thread.comments)))
    return any(word in text and pattern.search(text) is not None for text in texts)


_DETERMINERS = frozenset(
    ("the", "a", "an", "my", "your", "our", "his", "their", "this", "these", "those", "some", "any", "no", "more")
)


def _partial(question: str, tokens: list[Word], index: int, people: Roster, threads: Sequence[Thread]) -> Person | None:
    token = tokens[index]
    word = fold(token.text.lstrip("@"))
    handle = token.text.startswith("@")
    capital = token.text[:1].isupper() and (index > 0 or word not in COMMON)
    if word in FUNCTION or len(word) < 2:
        return None
    likely = handle or capital or token.possessive or _name_position(question, tokens, token.start)
    acts = word not in PERSON | NOTE | REPLY and _acts(tokens, token.start)
    if word in COMMON and not (handle or (capital and index > 0) or acts):
        return None
    if index and not (capital or handle) and tokens[index - 1].text.lower() in _DETERMINERS:
        return None
    names = people.parts.get(word, ()) if len(word) > 2 or handle or capital else ()
    exact = bool(names)
    if not names and word.endswith("s") and likely:
        bare = word[:-1]
        names = people.folded.get(bare, ()) if token.possessive or capital else ()
    if acts and not names and word in COMMON:
        return None
    if names and not (likely or not _everyday(word, threads)):
        return None
    if not names and (likely or len(word) > 5) and len(word) > 3 and not _everyday_word(word, threads):
        names = _similar(word, people)
    if not names or (len(names) > _MOST_FITTING and not (capital or handle)):
        return None
    return _extended(tokens, index, names, exact)


def _everyday_word(word: str, threads: Sequence[Thread]) -> bool:
    return word in _PLAIN_WORDS or any(word in vocabulary(thread) for thread in threads)


def _similar(word: str, people: Roster) -> tuple[str, ...]:
    """Return the names with the fewest typos from a word: one for 4 to 6 letters, two for 7 to 11, then three."""
    room = 1 if len(word) < 7 else 2 if len(word) < 12 else 3
    best: dict[str, int] = {}
    for table in (people.folded, people.parts):
        for key, distance in _near(word, table, room):
            if distance < 3 or key[0] == word[0]:
                for name in table[key]:
                    best[name] = min(distance, best.get(name, 9))
    least = min(best.values(), default=0)
    return tuple(name for name, distance in best.items() if distance == least)


def _near(word: str, table: Mapping[str, tuple[str, ...]], room: int) -> list[tuple[str, int]]:
    """Return the keys of four letters or more within so many typos of a word."""
    found = process.extract(word, list(table), scorer=OSA.distance, score_cutoff=room, limit=None)
    return [(key, int(distance)) for key, distance, _ in found if len(key) > 3 and not key.isdigit()]


def _extended(tokens: list[Word], index: int, names: tuple[str, ...], exact: bool) -> Person:
    """Grow a match over neighbouring words that are (nearly) other parts of the same name."""
    first = last = index
    for step in (1, -1):
        at = index + step
        while 0 <= at < len(tokens):
            word = fold(tokens[at].text.lstrip("@"))
            fitting = tuple(name for name in names if _is_part(word, name)) if word not in FUNCTION else ()
            if not fitting:
                break
            names = fitting
            first, last = min(first, at), max(last, at)
            at += step
    return Person(tokens[first].start, tokens[last].end, names, exact)


def _with_initial(tokens: list[Word], person: Person, people: Roster) -> Person:
    """Read `Markus K` as whoever of the longer names it begins, although somebody is called Markus alone."""
    at = next((i for i, token in enumerate(tokens) if token.end == person.end), -1)
    if at < 0 or at + 1 >= len(tokens) or tokens[at].possessive or person.start != tokens[at].start:
        return person
    after = tokens[at + 1]
    if len(after.text) != 1 or not after.text.isalpha() or after.text == "I" or after.text in "a":
        return person
    names = people.parts.get(fold(tokens[at].text), ())
    fitting = tuple(name for name in names if _is_part(fold(after.text), name) and name not in person.names)
    return Person(person.start, after.end, fitting, False) if fitting else person


def _is_part(word: str, name: str) -> bool:
    if len(word) == 1:
        return any(fold(part)[:1] == word for part in _PARTS.split(name)[1:] if part)
    return any(
        part == word or (len(word) > 2 and OSA.distance(word, part, score_cutoff=2) <= (1 if len(word) < 7 else 2))
        for part in (fold(part) for part in _PARTS.split(name))
        if len(part) > 1
    )


def _other_surname(tokens: list[Word], person: Person, people: Roster) -> bool:
    """Tell whether an unknown capitalised word follows a match of a single word: `Ben Carson` is not `Ben`."""
    inside = [token for token in tokens if person.start <= token.start < person.end]
    if len(inside) != 1 or inside[0].possessive or inside[0].text.startswith("@"):
        return False
    at = tokens.index(inside[0]) + 1
    if at >= len(tokens) or tokens[at].start - inside[0].end != 1:
        return False
    after = tokens[at].text
    return (
        inside[0].text[:1].isupper()
        and after[:1].isupper()
        and not after.isupper()
        and fold(after) not in COMMON
        and fold(after) not in FUNCTION
        and fold(after) not in people.parts
    )


_VOCABULARIES: OrderedDict[int, tuple[Thread, frozenset[str]]] = OrderedDict()


def vocabulary(thread: Thread) -> frozenset[str]:
    """Return every folded word of a thread's article and comments; kept for the threads used last."""
    kept = _VOCABULARIES.get(id(thread))
    if kept is not None and kept[0] is thread:
        return kept[1]
    texts = (thread.article.title, thread.article.subtitle, thread.article.text, *(c.body for c in thread.comments))
    made = frozenset(word for text in texts for word in re.findall(r"\w+", text.lower()))
    made |= frozenset(fold(word) for word in made if not word.isascii())
    _VOCABULARIES[id(thread)] = (thread, made)
    while len(_VOCABULARIES) > _KEPT_TEXTS:
        _VOCABULARIES.popitem(last=False)
    return made


def nearest(name: str, people: Roster, most: int = 3) -> tuple[str, ...]:
    """Return the names of the threads most like a name that nobody bears, best first."""
    wanted = fold(name)
    scored = sorted((OSA.normalized_distance(wanted, fold(known)), known) for known in people.comments)
    return tuple(known for distance, known in scored[:most] if distance < 0.6)
