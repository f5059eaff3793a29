"""Whom a comment answers: by its place in the tree, by whom it quotes, and by whom it speaks to by name. Pure.

Pages without a tree still hold conversations: "Hi Ada, …", "@ben", "I take your point, Cleo, but …".
"""

import re
from collections.abc import Mapping

from ingest.thread import Comment, Thread
from rag.names import fold
from rag.words import FUNCTION

__all__ = ["Addressing"]

_HELLO = (
    r"(?:hi|hey|hello|dear|ok|okay|yes|no|well|thanks|thank you|agreed|sorry|hallo|liebe[rs]?|danke|salut|bonjour"
    r"|merci|hola|gracias)"
)
_NAME = r"@?(?P<name>[\w][\w.'’\-]*(?: [\w(@][\w.'’\-]*){0,3}?)"
_OPENING = re.compile(
    rf"(?:^|\n)[\s>*_]*(?:{_HELLO}[,!]? )?{_NAME}"
    r"(?=\s*(?:[,:!?–—]|\.\s|\s[\-–—]|\n)[\s\S]*\w"
    r"| (?:you|your|do|did|are|have|can|could|would|what|why|how|i|that)\b)",
    re.IGNORECASE | re.MULTILINE,
)
_VOCATIVE = re.compile(rf", {_NAME}(?=[,.!?])")
_AT = re.compile(r"(?<![\w/.@])@(?P<name>\w[\w.\-]*(?: \w[\w.\-]*){0,2})")
_SHORTEST = 3  # letters of a part of a name that may stand for it


class Addressing:
    """Tell of one thread whom each of its comments answers."""

    def __init__(self, thread: Thread) -> None:
        self._thread = thread
        self._aliases = _aliases(thread)

    def answered(self, comment: Comment) -> frozenset[str]:
        """Return the authors whom a comment answers, the nameless left out.

        Its parent, whom it quotes, and `@ben`; where it has no parent, also whom it speaks to by name.
        """
        thread = self._thread
        found: set[str | None] = set()
        parent = thread.parent(comment)
        if parent is not None and parent.visible:
            found.add(parent.author)
        for quote in comment.quotes:
            quoted = thread.get(quote.comment_id) if quote.comment_id else None
            found.add(quoted.author if quoted is not None else quote.author)
        own = "\n".join(comment.body[start:end] for start, end in comment.own_spans)
        for pattern in (_AT,) if parent is not None else (_AT, _OPENING, _VOCATIVE):
            found.update(_meant(match["name"], self._aliases) for match in pattern.finditer(own))
        return frozenset(name for name in found if name and name != comment.author)


def _meant(name: str, aliases: Mapping[str, str]) -> str | None:
    """Return whom a stretch of words names: the longest of its beginnings that is a name."""
    parts = name.split()
    for count in range(len(parts), 0, -1):
        found = aliases.get(_plain(" ".join(parts[:count])))
        if found is not None:
            return found
    return None


def _aliases(thread: Thread) -> dict[str, str]:
    """Return the forms that one author alone may be called by: the name, its first word, both without digits."""
    owners: dict[str, set[str]] = {}
    for author in {comment.author for comment in thread.visible if comment.author}:
        first = author.split()[0]
        short = {form for form in (first, first.rstrip("0123456789"), author.rstrip("0123456789"))}
        for form in {_plain(form) for form in short if len(form) >= _SHORTEST}:
            if form not in FUNCTION:
                owners.setdefault(form, set()).add(author)
    whole = {_plain(comment.author): comment.author for comment in thread.visible if comment.author}
    return {form: next(iter(names)) for form, names in owners.items() if len(names) == 1} | whole


def _plain(name: str) -> str:
    return fold(name).strip(" .@-–—'’_")
