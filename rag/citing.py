"""Make citations, and word who speaks. The one place where a span becomes a `Citation`, checked on the way."""

from collections.abc import Mapping

from ingest.thread import ARTICLE, Comment, Span, Thread
from rag.evidence import Citation, Hit

__all__ = ["cite", "cite_comment", "cite_hit", "quoted", "voice"]


def cite(thread: Thread, comment_id: str, span: Span) -> Citation:
    """Cite a span of a visible comment, or of the article under `"article"`, white space at its ends left out.

    Raises `ValueError` for a comment that is not there or not visible, and for a span outside its text.
    """
    comment = thread.get(comment_id)
    text = thread.text_of(comment_id)
    if text is None or (comment is not None and not comment.visible):
        raise ValueError(f"{comment_id!r} cannot be cited in thread {thread.id!r}")
    start, end = span
    if not 0 <= start < end <= len(text):
        raise ValueError(f"span {span} lies outside {comment_id!r}")
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    end -= len(words) - len(words.rstrip())
    return Citation(
        thread=thread.id,
        comment=comment_id,
        number=comment.tag if comment else ARTICLE,
        author=comment.author if comment else thread.article.author,
        start=start,
        end=end,
        quote=text[start:end],
    )


def cite_hit(threads: Mapping[str, Thread], hit: Hit, span: Span | None = None) -> Citation:
    """Cite a hit's best sentence, or the given span of its comment."""
    passage = hit.passage
    return cite(
        threads[passage.thread_id], passage.comment_id, span or hit.best_sentence or (passage.start, passage.end)
    )


def cite_comment(thread: Thread, comment: Comment) -> Citation:
    """Cite a comment as a whole: its first stretch of own words, or all of it where there is none."""
    spans = comment.own_spans
    return cite(thread, comment.id, spans[0] if spans else (0, len(comment.body)))


def voice(citation: Citation) -> str:
    """Word whose words a citation holds: a name, the article, or a commenter without a name."""
    if citation.comment == ARTICLE:
        return "The article"
    return citation.author or f"A commenter without a name ({citation.number})"


def quoted(text: str) -> str:
    """Set words in quotation marks, line breaks folded, marks inside turned to single ones."""
    words = " ".join(text.split())
    for mark in '“”„"':
        words = words.replace(mark, "’" if mark in "”" else "‘" if mark in "“„" else "'")
    return f"“{words}”"
