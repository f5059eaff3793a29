"""Numbers and proper names of a text, folded so that "forty million" meets "40m" and "Syria" meets "Syrian". Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rag.lexical import STOP_WORDS, language_of

__all__ = ["Number", "missing_names", "missing_numbers", "names", "numbers"]


def _split(table: str) -> list[str]:
    return table.split()


_ONES = _split(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = _split("twenty thirty forty fifty sixty seventy eighty ninety")
_WORDS: dict[str, float] = {
    **{word: float(value) for value, word in enumerate(_ONES) if value != 1},
    **{word: 10.0 * value for value, word in enumerate(_TENS, 2)},
    "dozen": 12.0,
    **dict(zip(_split("zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"), range(2, 13), strict=True)),
    **dict(zip(_split("deux trois quatre cinq six sept huit neuf dix onze douze"), range(2, 13), strict=True)),
    **dict(zip(_split("dos tres cuatro cinco seis siete ocho nueve diez once doce"), range(2, 13), strict=True)),
    "zwanzig": 20.0, "dreißig": 30.0, "vierzig": 40.0, "fünfzig": 50.0, "vingt": 20.0, "trente": 30.0, "veinte": 20.0,
}  # fmt: skip
_AMBIGUOUS = frozenset({"once", "six", "dix", "onze"})  # "once" is an English word; "six" is the same number
_SCALES: dict[str, float] = {
    "hundred": 1e2, "thousand": 1e3, "k": 1e3, "tausend": 1e3, "mille": 1e3, "mil": 1e3, "million": 1e6,
    "millions": 1e6, "mio": 1e6, "m": 1e6, "mn": 1e6, "mln": 1e6, "millionen": 1e6, "millones": 1e6, "billion": 1e9,
    "billions": 1e9, "bn": 1e9, "b": 1e9, "milliarden": 1e9, "milliards": 1e9, "trillion": 1e12, "tn": 1e12,
}  # fmt: skip
_LETTER_SCALES = frozenset({"k", "m", "b", "bn", "mn", "tn"})
_NUMBER = re.compile(
    r"(?<![\w.])(?P<digits>\d+(?:[.,'\u202f\u00a0]\d+)*)(?P<glued>[a-zA-Z]{1,3})?(?!\w)"
    r"|(?P<dense>\d+(?:[.,]\d+)*)(?=[\u3040-\u30ff\u4e00-\u9fff])|(?P<word>[^\W\d_]+)"
)


_LINK = re.compile(r"https?://\S+|www\.\S+")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a value, and where it stands in the text."""

    value: float
    start: int
    end: int


def without_links(text: str) -> str:
    """Return a text with a space in place of each web address: its digits and letters say nothing."""
    return _LINK.sub(" ", text)


def numbers(text: str) -> tuple[Number, ...]:
    """Return the numbers of a text in order: digits, number words, scales; ordinals and "one" are left out.

    >>> [number.value for number in numbers("Forty million for 1,200 cars, twenty-five of them red")]
    [40000000.0, 1200.0, 25.0]
    """
    found: list[Number] = []
    for value, start, end, is_word in _atoms(text):
        if found and is_word and value >= 1e2 and text[found[-1].end : start].strip(" -") == "" and value != 1:
            last = found[-1]
            found[-1] = Number(last.value * value, last.start, end)
        elif (
            found
            and is_word
            and value < 10
            and found[-1].value in (20, 30, 40, 50, 60, 70, 80, 90)
            and text[found[-1].end : start] in ("-", " ")
            and not text[found[-1].start].isdigit()
        ):
            found[-1] = Number(found[-1].value + value, found[-1].start, end)
        elif not (is_word and value in (1e2, 1e3, 1e6, 1e9, 1e12)):
            found.append(Number(value, start, end))
    return tuple(found)


def _atoms(text: str) -> Iterator[tuple[float, int, int, bool]]:
    for match in _NUMBER.finditer(text):
        digits = match["digits"] or match["dense"]
        if digits:
            glued = (match["glued"] or "").lower()
            scale = _SCALES[glued] if glued in _LETTER_SCALES else 1.0
            yield _value(digits) * scale, match.start(), match.end(), False
            continue
        word = match["word"].lower()
        short = word in _LETTER_SCALES or word in {"mil", "mille"}  # "m" scales a number, "mil" is a name too
        if word in _SCALES and (not short or text[: match.start()].rstrip()[-1:].isdigit()):
            yield _SCALES[word], match.start(), match.end(), True
        elif word in _WORDS and (word not in _AMBIGUOUS or word == "six"):
            yield _WORDS[word], match.start(), match.end(), True


def _value(digits: str) -> float:
    grouped = re.sub(r"[.,'\u202f\u00a0](?=\d{3}(?:\D|$))", "", digits)
    whole, *rest = re.split(r"[.,'\u202f\u00a0]", grouped)
    return float(f"{whole}.{''.join(rest)}" if rest else whole)


def missing_numbers(claim: str, evidence: str, *, allowed: Iterable[float] = ()) -> tuple[str, ...]:
    """Return the numbers of a claim, as written, that the evidence does not hold and nothing allows.

    >>> missing_numbers("It cost 30 million and took two years.", "Two years, 40 million.")
    ('30 million',)
    """
    held = {number.value for number in numbers(evidence)} | set(allowed)
    bare = {float(digits) for digits in re.findall(r"\d+", evidence)}
    return tuple(
        claim[number.start : number.end]
        for number in numbers(claim)
        if number.value not in held and number.value not in bare
    )


_NAME = re.compile(r"[^\W\d_][\w.&'’-]*\w|[^\W\d_]")
_COMMON = frozenset().union(*STOP_WORDS.values()) | frozenset(
    _split(
        "monday tuesday wednesday thursday friday saturday sunday english mr mrs ms dr prof sir article comment "
        "commenter commenters reader readers user author thread discussion reply replies question answer however also"
    )
)


def names(text: str) -> tuple[str, ...]:
    """Return the words of a text that look like proper names, possessives cut, in order.

    A capital inside a sentence counts; at the start of one only with another capital or a digit behind it. Languages
    that capitalise every noun, and scripts without capitals, give none.

    >>> names("According to Ada, the BBC and Syria's army met. They lost.")
    ('Ada', 'BBC', 'Syria')
    """
    if language_of(text) == "german":
        return ()
    found = []
    for match in _NAME.finditer(text):
        word = re.sub(r"['’]s?$", "", match[0])
        if not word or not word[0].isupper() or word.casefold() in _COMMON or len(word) < 2:
            continue
        before = text[: match.start()].rstrip(" \"'“‘([*_—–-")
        starts = not before or before[-1] in ".!?:…;\n"
        if not starts or any(letter.isupper() or letter.isdigit() for letter in word[1:]):
            found.append(word)
    return tuple(found)


def _fold(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return re.sub(r"[^\w]|_", "", "".join(letter for letter in decomposed if not unicodedata.combining(letter)))


def missing_names(claim: str, evidence: Iterable[str], *, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the proper names of a claim that occur nowhere in the evidence texts, folded; `known` are allowed names.

    Inflected forms of a name match ("Syrian" and "Syria"), and so do its initials ("US" and "United States").
    """
    wanted = names(claim)
    if not wanted:
        return ()
    texts = [*evidence, *known]
    held = {_fold(word) for text in texts for word in _NAME.findall(text)}
    held |= {part for text in texts for word in _NAME.findall(text) for part in map(_fold, re.split(r"[-.'’]", word))}
    initials = {form for text in texts for form in _initials(text)}
    return tuple(name for name in wanted if not _held(_fold(name), held, initials))


def _initials(text: str) -> Iterator[str]:
    for run in re.findall(r"(?:[A-Z][\w-]+(?:\s+(?:of|the|and|for|de|la)\s+|\s+)?){2,}", text):
        letters = "".join(word[0] for word in re.findall(r"[A-Z]\w*", run)).casefold()
        yield from (letters[at : at + size] for size in range(2, 6) for at in range(max(0, len(letters) - size + 1)))


def _held(name: str, held: set[str], initials: set[str]) -> bool:
    if name in held or name in initials or (len(name) > 3 and name.rstrip("s") in held):
        return True
    if len(name) < 4:
        return f"{name}a" in held or (len(name) == 3 and name[:2] in held)
    return any(
        len(word) >= 4
        and abs(len(word) - len(name)) <= 4
        and (word.startswith(name[: max(4, len(name) - 3)]) or name.startswith(word[: max(4, len(word) - 3)]))
        for word in held
    )
