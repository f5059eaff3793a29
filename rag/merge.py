"""An earlier and a later reading of the same thread → one thread: numbers kept, vanished comments marked deleted."""

from dataclasses import dataclass, replace

from ingest.thread import Comment, Thread

__all__ = ["Merged", "merge"]


@dataclass(frozen=True, slots=True)
class Merged:
    """The thread as it stands now, and how many comments are new, changed in their words, or gone."""

    thread: Thread
    new: int
    changed: int
    deleted: int


def merge(old: Thread | None, new: Thread) -> Merged:
    """Bring a later reading of a thread onto an earlier one.

    A comment keeps its number for ever, and later arrivals take the next ones. A comment that is not in the source
    any more stays as a stub without text or author, so that its replies keep their place and its number is not
    given to another.
    """
    if old is None:
        return Merged(new, len(new.visible), 0, 0)
    before = {comment.id: comment for comment in old.comments}
    number = max((comment.number or 0 for comment in old.comments), default=0)
    comments: dict[str, Comment] = {}
    arrived = changed = gone = 0
    for comment in new.comments:
        earlier = before.get(comment.id)
        kept = earlier.number if earlier else None
        if comment.visible and kept is None:
            number += 1
            kept = number
        comments[comment.id] = replace(comment, number=kept)
        if comment.visible and not (earlier and earlier.visible):
            arrived += 1
        elif earlier and earlier.visible and not comment.visible:
            gone += 1
        elif earlier and (earlier.body, earlier.author) != (comment.body, comment.author):
            changed += 1
    for comment in old.comments:
        if comment.id not in comments:
            gone += comment.visible
            comments[comment.id] = _stub(comment)
    thread = replace(new, comments=_document_order(new, old, comments))
    return Merged(thread, arrived, changed, gone)


def _stub(comment: Comment) -> Comment:
    status = comment.status if comment.status != "visible" else "deleted"
    return replace(
        comment, author=None, body="", quotes=(), score=None, permalink=None, created_at=None, status=status, flags=()
    )


def _document_order(new: Thread, old: Thread, comments: dict[str, Comment]) -> tuple[Comment, ...]:
    """Order parents before children: the new reading's order, each vanished comment after its elder siblings."""
    children: dict[str | None, list[str]] = {}
    for comment in new.comments:
        children.setdefault(comment.parent_id, []).append(comment.id)
    present = {comment.id for comment in new.comments}
    for comment in old.comments:
        if comment.id in present:
            continue
        siblings = children.setdefault(comment.parent_id, [])
        elders = {sibling.id for sibling in old.children(comment.parent_id)[: _place(old, comment)]}
        at = max((place + 1 for place, sibling in enumerate(siblings) if sibling in elders), default=0)
        siblings.insert(at, comment.id)
    ordered: list[Comment] = []
    stack = list(reversed(children.get(None, [])))
    while stack:
        comment_id = stack.pop()
        ordered.append(comments[comment_id])
        stack.extend(reversed(children.get(comment_id, [])))
    return tuple(ordered)


def _place(thread: Thread, comment: Comment) -> int:
    return next(at for at, sibling in enumerate(thread.children(comment.parent_id)) if sibling.id == comment.id)
