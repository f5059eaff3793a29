"""What a question's scope lets in, decided here alone: a comment by part, branch and author; a branch as a thread."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Literal

from ingest.thread import ARTICLE, Thread
from rag.evidence import Passage, Scope
from rag.query import UNNAMED

__all__ = ["Branch", "Within", "admission", "cut", "kind_of_place", "narrowed", "place_of"]

Read = tuple[Thread, Sequence[Passage]]


class Branch(Thread):
    """A comment and everything below it, read as a thread of its own; its first comment answers nobody."""

    __slots__ = ()


def admission(scope: Scope, thread: Thread) -> Callable[[str], bool]:
    """Return the test whether a comment of a thread, or its article, lies within a scope.

    Names are compared without case; `UNNAMED` admits comments without a name, and never the article.
    """
    authors = frozenset(author.casefold() for author in scope.authors)
    branch = frozenset(_below(thread, scope.branch)) if scope.branch is not None else None

    def admits(comment_id: str) -> bool:
        if comment_id == ARTICLE:
            author = (thread.article.author or "").casefold()
            return scope.part != "comments" and branch is None and (not authors or author in authors - {UNNAMED})
        comment = thread.get(comment_id)
        return (
            comment is not None
            and comment.visible
            and scope.part != "article"
            and (branch is None or comment_id in branch)
            and (not authors or (comment.author or UNNAMED).casefold() in authors)
        )

    return admits


def cut(thread: Thread, root: str) -> Branch:
    """Return the branch of a thread from a comment on; an empty one where the comment is not there."""
    inside = frozenset(_below(thread, root))
    comments = [
        replace(comment, parent_id=None, parent_shown=None) if comment.id == root else comment
        for comment in thread.comments
        if comment.id in inside
    ]
    values = {field.name: getattr(thread, field.name) for field in fields(thread) if field.init}
    return Branch(**{**values, "comments": tuple(comments)})


def narrowed(read: Mapping[str, Read], scope: Scope) -> Mapping[str, Read]:
    """Return threads with their passages, cut to the branch that a scope names, if it names one.

    Threads that do not hold the branch are left out, unless none does.
    """
    if scope.branch is None:
        return read
    branches = {name: cut(thread, scope.branch) for name, (thread, _) in read.items()}
    holding = {name: branch for name, branch in branches.items() if branch.comments} or branches
    return {
        name: (branch, [passage for passage in read[name][1] if branch.get(passage.comment_id) is not None])
        for name, branch in holding.items()
    }


class Within:
    """Tell what of some threads lies within a scope; one object a question."""

    def __init__(self, scope: Scope, threads: Mapping[str, Thread]) -> None:
        self._open = not scope.authors and scope.branch is None and scope.part == "all"
        self._scope = scope
        self._threads = threads
        self._tests: dict[str, Callable[[str], bool]] = {}

    def admits(self, thread_id: str, comment_id: str) -> bool:
        """Tell whether a comment, or the article, lies within the scope."""
        if thread_id not in self._tests:
            self._tests[thread_id] = admission(self._scope, self._threads[thread_id])
        return self._tests[thread_id](comment_id)

    def passages(self, passages: Mapping[str, Sequence[Passage]]) -> Mapping[str, Sequence[Passage]]:
        """Return the passages within the scope; each thread's are looked through when they are asked for."""
        return passages if self._open else _Admitted(self, passages)


class _Admitted(Mapping[str, Sequence[Passage]]):
    def __init__(self, within: Within, passages: Mapping[str, Sequence[Passage]]) -> None:
        self._within = within
        self._passages = passages
        self._found: dict[str, Sequence[Passage]] = {}

    def __getitem__(self, thread_id: str) -> Sequence[Passage]:
        if thread_id not in self._found:
            self._found[thread_id] = [
                passage for passage in self._passages[thread_id] if self._within.admits(thread_id, passage.comment_id)
            ]
        return self._found[thread_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._passages)

    def __len__(self) -> int:
        return len(self._passages)


def place_of(threads: Iterable[Thread]) -> str:
    """Return where comments were counted, to be put after them; nothing where a whole thread is there."""
    kind = kind_of_place(threads)
    return "" if kind == "thread" else f" in this {kind}"


def kind_of_place(threads: Iterable[Thread]) -> Literal["branch", "thread", "file"]:
    """Return what was looked through, in a word; a source that may lack comments is called a file."""
    looked = list(threads)
    if any(isinstance(thread, Branch) for thread in looked):
        return "branch"
    return "thread" if all(thread.missing == 0 for thread in looked) else "file"


def _below(thread: Thread, root: str) -> Iterator[str]:
    """Yield a comment's id and those of all below it; nothing for a comment that is not there."""
    if thread.get(root) is not None:
        yield root
        yield from (comment.id for _, comment in thread.walk(root))
