"""Word what is not known: the reason, what was searched, and where the nearest words stand."""

import re
from collections.abc import Mapping, Sequence

from ingest.thread import ARTICLE, Thread
from ingest.wording import counted
from rag.evidence import Hit, Reason
from rag.query import Query
from rag.scope import kind_of_place

__all__ = ["refuse"]

_NUMBER = re.compile(r"c\d+")


def refuse(reason: Reason, query: Query, hits: Sequence[Hit], threads: Mapping[str, Thread]) -> str:
    """Return the text of a decline: why, and the nearest evidence if there is any."""
    if not threads:
        return "The library holds no thread yet. Add one with `commentariat add FILE`, then ask again."
    return " ".join(part for part in (_why(reason, query, threads), _nearest(hits)) if part)


def _why(reason: Reason, query: Query, threads: Mapping[str, Thread]) -> str:
    looked = _searched(threads, query.scope.chosen_from)
    match reason:
        case "person_absent":
            if query.absent and all(_NUMBER.fullmatch(name) for name in query.absent):
                return f"There is no {_listed(query.absent)} among {looked}."
            names = _listed(query.absent) or "That person"
            return f"{names} did not comment here: nobody of that name is among the authors of {looked}."
        case "ambiguous":
            return f"Several people fit: {_listed(query.ambiguous)}. Whom do you mean?"
        case "no_reply":
            who = _listed(query.speakers) or "That person"
            whom = f" to {_listed(query.addressees)}" if query.addressees else ""
            return f"{who} did not reply{whom} in {looked}."
        case "detail_absent":
            if query.speakers:
                return f"{_listed(query.speakers)} says nothing about that in {looked}."
            return f"The subject comes up, but that detail is not given in {looked}."
        case "not_discussed":
            if query.speakers:
                return f"Not discussed: {_listed(query.speakers)} says nothing about that in {looked}."
            return f"Not discussed in {looked}."


def _searched(threads: Mapping[str, Thread], chosen_from: int) -> str:
    """State the denominator: what was looked through, and where it was chosen out of how many threads."""
    if chosen_from:
        near = "thread that fits" if len(threads) == 1 else f"{len(threads)} threads that fit"
        comments = sum(len(thread.visible) for thread in threads.values())
        noun = "comment" if comments == 1 else "comments"
        return f"the {comments:,} {noun} of the {near} the question best, of the library's {chosen_from:,}"
    comments = sum(len(thread.visible) for thread in threads.values())
    articles = sum(bool(thread.article.text) for thread in threads.values())
    noun = "comment" if comments == 1 else "comments"
    if len(threads) > 1:
        return f"the {comments:,} {noun} and {counted(articles, 'article')} of these {len(threads)} threads"
    if kind_of_place(threads.values()) == "branch":
        return f"the {comments:,} {noun} of this branch"
    return f"the {comments:,} {noun} of this file" + (" and its article" if articles else "")


def _nearest(hits: Sequence[Hit]) -> str:
    if not hits:
        return ""
    hit = hits[0]
    if hit.passage.comment_id == ARTICLE:
        return "The nearest passage is in the article."
    return f"The nearest comment is {hit.number}, by {hit.author or 'a commenter without a name'}."


def _listed(names: Sequence[str]) -> str:
    shown = [name or "the commenter without a name" for name in names]
    return ", ".join(shown[:-1]) + (" and " if len(shown) > 1 else "") + shown[-1] if shown else ""
