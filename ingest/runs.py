"""Texts as sequences of folded words: finding a text's words in another, and following two texts that agree."""

import re
from bisect import bisect_left
from collections.abc import Sequence

__all__ = ["GRAM", "Words", "ahead", "back", "weight"]

GRAM = 5  # words hashed together

_WIDE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_WIDE}]|[^\W_{_WIDE}]+")
_WIDE_WORD = re.compile(f"[{_WIDE}]")


class Words:
    """A text as folded words with their spans, and where its five-word runs begin."""

    __slots__ = ("_grams", "_line", "_spans", "_text", "keys")

    def __init__(self, text: str) -> None:
        self._text = text
        self.keys: list[str] = _WORD.findall(text.casefold()) if text.isascii() else _folded(text)
        self._spans: tuple[list[int], list[int]] | None = None
        self._grams: list[int] | None = None
        self._line: str | None = None

    @property
    def starts(self) -> list[int]:
        """Return the offset at which each word begins."""
        return self._offsets()[0]

    @property
    def ends(self) -> list[int]:
        """Return the offset at which each word ends."""
        return self._offsets()[1]

    def _offsets(self) -> tuple[list[int], list[int]]:
        if self._spans is None:
            spans = [found.span() for found in _WORD.finditer(self._text)]
            self._spans = [start for start, _ in spans], [end for _, end in spans]
        return self._spans

    @property
    def grams(self) -> list[int]:
        """Return the hash of the five words that begin at each place."""
        if self._grams is None:
            k = self.keys
            self._grams = [hash(run) for run in zip(k, k[1:], k[2:], k[3:], k[4:], strict=False)]
        return self._grams

    def find(self, words: Sequence[str]) -> int:
        """Return the place at which these words stand in a row, or -1."""
        if self._line is None:
            self._line = f" {' '.join(self.keys)} "
        at = self._line.find(f" {' '.join(words)} ")
        return -1 if at < 0 else self._line.count(" ", 0, at)

    def inside(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of words within a span of the text."""
        first = bisect_left(self.starts, start)
        return first, max(first, bisect_left(self.starts, end))


def _folded(text: str) -> list[str]:
    """Return the words of a text folded one by one: folding a whole text may move its words' borders."""
    return [word.casefold() for word in _WORD.findall(text)]


def weight(keys: Sequence[str]) -> float:
    """Count words; a character of a script without spaces counts as half of one."""
    return sum(0.5 if _WIDE_WORD.match(key) else 1.0 for key in keys)


def back(mine: Sequence[str], theirs: Sequence[str], at: int, there: int, floor: int) -> tuple[int, int]:
    """Follow two texts backwards as long as they agree, not beyond `floor`."""
    while at > floor and there > 0 and mine[at - 1] == theirs[there - 1]:
        at -= 1
        there -= 1
    return at, there


def ahead(mine: Sequence[str], theirs: Sequence[str], at: int, there: int, roof: int) -> tuple[int, int]:
    """Follow two texts as long as they agree, over at most two changed words with four that agree behind them."""
    while True:
        while at < roof and there < len(theirs) and mine[at] == theirs[there]:
            at += 1
            there += 1
        step = next(
            (
                (skip, skip_there)
                for skip in range(3)
                for skip_there in range(3)
                if (skip or skip_there)
                and at + skip + 4 <= roof
                and mine[at + skip : at + skip + 4] == theirs[there + skip_there : there + skip_there + 4]
            ),
            None,
        )
        if step is None:
            return at, there
        at, there = at + step[0], there + step[1]
