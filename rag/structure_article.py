"""What the source says about the article itself, and about threads as wholes."""

from collections.abc import Sequence

from ingest.thread import Thread
from rag.evidence import Claim, Reason
from rag.query import StructureAsk
from rag.structure_text import article_citation, counted, joined, place

__all__ = ["article_field", "thread_answer"]

Draft = tuple[list[Claim], Reason | None]

_NOT_GIVEN = {
    "author": "does not name the author of the article",
    "published": "does not say when the article was published",
    "title": "gives no title",
    "url": "gives no address for the article",
    "words": "holds no article text",
}


def article_field(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    """Answer from a field of the article, or say that the source does not give it."""
    claims = []
    for thread in threads:
        value = _value(ask.article, thread)
        of = f" “{thread.article.title}”" if len(threads) > 1 and thread.article.title else ""
        if value:
            claims.append(Claim(_worded(ask.article, value, of), (article_citation(thread, value),)))
        elif len(threads) == 1:
            return [
                Claim(f"The source {_NOT_GIVEN[ask.article]} ({place(threads).removeprefix('in ')}).")
            ], "detail_absent"
    if not claims:
        return [Claim(f"None of the {len(threads)} sources gives that.")], "detail_absent"
    return claims, None


def _value(field: str, thread: Thread) -> str:
    article = thread.article
    if field == "words":
        return f"{len(article.text.split()):,}" if article.text.strip() else ""
    if field == "title" and article.subtitle and article.title:
        return article.title
    return str(getattr(article, field) or "")


def _worded(field: str, value: str, of: str) -> str:
    return {
        "author": f"The article{of} is by {value}.",
        "published": f"The article{of} is dated {value}.",
        "title": f"The article{of} is titled “{value}”." if not of else f"One article is titled “{value}”.",
        "url": f"The article{of} is at {value}.",
        "words": f"The article{of} has {value} {'word' if value == '1' else 'words'}.",
    }[field]


def thread_answer(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    """Count, list or rank whole threads."""
    sizes = [(thread, _size(thread, ask.about)) for thread in threads]
    unit = "named person" if ask.about == "people" else "comment"
    plural = "named people" if ask.about == "people" else ""
    if ask.want == "extreme":
        ranked = sorted(sizes, key=lambda pair: pair[1], reverse=ask.rank != "least")
        tied = [thread for thread, size in ranked if size == ranked[0][1]]
        most = "fewest" if ask.rank == "least" else "most"
        titles = joined([f"“{thread.title}”" for thread in tied])
        verb = "has" if len(tied) == 1 else "have"
        text = (
            f"Of {counted(len(threads), 'thread')}, {titles} {verb} the {most}: {counted(ranked[0][1], unit, plural)}"
        )
        text += f" of {sum(size for _, size in sizes):,}." if ask.about != "people" else "."
        return [Claim(text, tuple(article_citation(thread, thread.article.title) for thread in tied))], None
    shown = [f"“{thread.title}” ({counted(size, unit, plural)})" for thread, size in sizes[:50]]
    more = [f"{len(sizes) - 50:,} more"] if len(sizes) > 50 else []
    text = f"There {'is' if len(threads) == 1 else 'are'} {counted(len(threads), 'thread')}: {joined([*shown, *more])}."
    return [Claim(text, tuple(article_citation(thread, thread.article.title) for thread, _ in sizes[:50]))], None


def _size(thread: Thread, about: str) -> int:
    if about == "people":
        return len({comment.author for comment in thread.visible if comment.author})
    return len(thread.visible)
