"""Lines of indented-bullet text: which are bullets, which belong together, where the comments begin."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.formats.prose import byline, is_count_line

__all__ = ["Block", "blocks", "first_comment"]

_ROUND = "•◦▪‣●○"
_BULLET = re.compile(rf"^(?P<mark>[{_ROUND}*+\-–o]|(?P<number>\d{{1,5}})[.)])\s+(?P<text>\S.*)$")
_CODE = re.compile(r"[{};=<>\\]|^\S+$|\(\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines without a blank one: a bullet's head or a paragraph; `lines` are stripped, the mark taken off.

    `code` is a paragraph that falls back to the left margin, as preformatted lines do.
    """

    indent: int
    lines: tuple[str, ...]
    bullet: bool = False
    number: int | None = None
    code: bool = False


def blocks(lines: Sequence[str]) -> list[Block]:
    """Group the lines of a comment section; a list inside a body (bullets without blank lines) stays text."""
    marks = _marks(lines)
    found: list[Block] = []
    for run in _runs(lines):
        heads = [place for place, (_, text) in enumerate(run) if _head(text, marks)]
        if len(heads) != 1:
            found.append(_paragraph(run))
            continue
        if heads[0]:
            found.append(_paragraph(run[: heads[0]]))
        indent, text = run[heads[0]]
        match = _head(text, marks)
        if match is not None:
            rest = tuple(text for _, text in run[heads[0] + 1 :])
            number = int(match.group("number")) if match.group("number") else None
            found.append(Block(indent, (match.group("text").strip(), *rest), True, number))
    return found


def _paragraph(run: Sequence[tuple[int, str]]) -> Block:
    first = run[0][0]
    return Block(first, tuple(text for _, text in run), code=first > 0 and any(indent == 0 for indent, _ in run))


def first_comment(lines: Sequence[str]) -> int | None:
    """Return the line where the comments begin, or None where no bullet with blank lines around it stands.

    They begin at the first such bullet after the last structural change: a byline, a line that counts comments, or
    else the last paragraph at the left margin (code that sits there inside a comment does not count).
    """
    loose = [place for place in range(len(lines)) if _loose(lines, place)]
    if not loose:
        return None
    known = set(loose)
    margin = [place for place in range(loose[-1]) if lines[place][:1].strip() and place not in known]
    heads = [place for place in margin if byline(lines[place]) or is_count_line(lines[place])]
    if not heads:
        heads = [place for place in margin if not _CODE.search(lines[place].strip())]
    after = heads[-1] if heads else -1
    return next((place for place in loose if place > after), None)


def _runs(lines: Sequence[str]) -> list[list[tuple[int, str]]]:
    runs: list[list[tuple[int, str]]] = [[]]
    for line in lines:
        wide = line.expandtabs(4).replace("\u00a0", " ")
        text = wide.strip()
        if text:
            runs[-1].append((len(wide) - len(wide.lstrip()), text))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _marks(lines: Sequence[str]) -> str:
    """Return the kinds of mark that make comments here, judged by the first: `r`ound, `a`scii, `n`umbers."""
    for line in lines:
        match = _BULLET.match(line.strip())
        if match is None:
            continue
        if match.group("number"):
            return "nr"
        return "r" if match.group("mark") in _ROUND else "a"
    return ""


def _head(text: str, marks: str) -> re.Match[str] | None:
    match = _BULLET.match(text)
    if match is None:
        return None
    kind = "n" if match.group("number") else "r" if match.group("mark") in _ROUND else "a"
    return match if kind in marks else None


def _loose(lines: Sequence[str], place: int) -> bool:
    """Tell a bullet that stands after a blank line (or first) and is not followed at once by another."""
    if not _BULLET.match(lines[place].strip()) or (place and lines[place - 1].strip()):
        return False
    for following in range(place + 1, len(lines)):
        text = lines[following].strip()
        if not text:
            return True
        if _BULLET.match(text):
            return False
    return True
