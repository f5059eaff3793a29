"""The tree of a page printed without indents but with its links: `root | parent | prev | next`."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Linked", "linked_parents"]


@dataclass(frozen=True, slots=True)
class Linked:
    """A comment's parent by position, and whether it is a guess."""

    parent: int | None
    guessed: bool = False


def linked_parents(links: Sequence[frozenset[str]]) -> list[Linked] | None:
    """Rebuild the tree from which links each comment shows, or return None where the file shows none.

    A top-level comment has no `parent` link. A reply without `prev` is the first child of the comment right above.
    One with `prev` is the next sibling of the nearest comment above that shows `next` and has not met its own.
    """
    if not any("parent" in shown for shown in links):
        return None
    siblings = any("prev" in shown for shown in links)
    placed: list[Linked] = []
    open_siblings: list[int] = []
    top: int | None = None
    for here, shown in enumerate(links):
        if "parent" not in shown:
            parent, guessed, open_siblings, top = None, False, [], here
        elif "prev" in shown and open_siblings:
            parent, guessed = placed[open_siblings.pop()].parent, False
        elif "prev" not in shown and siblings:
            parent, guessed = (here - 1 if here else None), False
        else:
            parent, guessed = top if "root" not in shown else (here - 1 if here else None), "root" in shown
        placed.append(Linked(parent, guessed))
        if "next" in shown and "parent" in shown:
            open_siblings.append(here)
    return placed
