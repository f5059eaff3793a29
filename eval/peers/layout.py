"""A thread as one plain text, and the way back: which comments a chunk of it holds, and which one a sentence means.

Other systems cite chunks, not comments. They are given the benefit of the doubt: of the comments in a cited chunk, the
one that shares most words with the sentence counts as cited.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eval.measures import tokens
from ingest.thread import ARTICLE, Thread

__all__ = ["Layout", "Region", "declines"]

_DECLINES = re.compile(
    r"\b(?:(?:do|does|did) not (?:mention|provide|contain|include|specify|state|discuss|give|indicate|directly)"
    r"|(?:is|are|was|were) not (?:mentioned|provided|specified|stated|discussed|given|clear|available)"
    r"|no (?:information|mention|relevant)|none of the (?:provided )?sources|cannot (?:answer|be determined)"
    r"|(?:do|does|did)(?: not|n't|n’t) know|not present in"
    r"|not possible to (?:determine|answer)|keine (?:Information|Angaben)|nicht (?:erwähnt|angegeben|genannt))",
    re.IGNORECASE,
)


def declines(text: str) -> bool:
    """Tell whether a reply in free words says, in its first sentence, that the sources do not answer."""
    first = re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]
    return not text.strip() or _DECLINES.search(first) is not None


@dataclass(frozen=True, slots=True)
class Region:
    """Where a comment (or the article) stands in the laid-out text; `start` and `end` are offsets into that text."""

    comment: str
    number: str
    author: str | None
    start: int
    end: int


class Layout:
    """One thread as one text, author lines included, with the region of each comment's body."""

    def __init__(self, thread: Thread) -> None:
        article = thread.article
        text = f"{article.title}\n\n"
        regions = [Region(ARTICLE, ARTICLE, None, len(text), len(text) + len(article.text))]
        text += article.text + "\n\n" + (f"Author: {article.author}\n\n" if article.author else "")
        for depth, comment in thread.walk():
            if comment.visible:
                text += "  " * depth + "• " + (f"{comment.author}\n\n" if comment.author else "")
                end = len(text) + len(comment.body)
                regions.append(Region(comment.id, comment.tag, comment.author, len(text), end))
                text += comment.body + "\n\n"
        self.thread_id = thread.id
        self.text = text
        self.regions = tuple(regions)

    def inside(self, chunk: str) -> list[tuple[Region, int, int]]:
        """Return the regions that a chunk overlaps, each with the part of it that lies in the chunk."""
        chunk = re.sub(r"^Source \d+:\n", "", chunk).strip()
        begin = self.text.find(chunk)
        if begin < 0 or not chunk:
            return []
        parts = [(region, max(region.start, begin), min(region.end, begin + len(chunk))) for region in self.regions]
        return [part for part in parts if part[2] - part[1] > 0]

    def evidence(self, chunks: Sequence[str]) -> list[dict[str, Any]]:
        """Return what chunks hold in the form of `ask --json`."""
        return [
            {
                "thread": self.thread_id,
                "comment": region.comment,
                "number": region.number,
                "author": region.author,
                "text": self.text[start:end],
                "score": 0.0,
            }
            for chunk in chunks
            for region, start, end in self.inside(chunk)
        ]

    def claims(self, text: str, chunks: Sequence[str]) -> list[dict[str, Any]]:
        """Cut a reply into sentences and map their `[2]` or `Source 2` to comments."""
        claims = []
        for sentence in re.split(r"(?<=[.!?\]])\s+(?=[A-Z“\"])", text):
            numbers = [int(number) for number in re.findall(r"(?:\[|\bSources? )(\d+)\b", sentence)]
            found = [self.best(sentence, chunks[number - 1]) for number in numbers if 0 < number <= len(chunks)]
            claims.append({"text": sentence, "status": "supported", "citations": [item for item in found if item]})
        return claims

    def best(self, sentence: str, chunk: str) -> dict[str, Any] | None:
        """Return the citation of that comment in a chunk which shares most words with the sentence."""
        mine = set(tokens(sentence))
        inside = self.inside(chunk)
        if not inside:
            return None
        region, start, end = max(
            inside, key=lambda item: len(mine & set(tokens(f"{item[0].author or ''} {self.text[item[1] : item[2]]}")))
        )
        return {
            "thread": self.thread_id,
            "comment": region.comment,
            "number": region.number,
            "author": region.author,
            "start": start - region.start,
            "end": end - region.start,
            "quote": self.text[start:end],
        }
