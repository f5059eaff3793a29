"""A conversation as Markdown or JSON, with permalinks where the source has them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from ingest.thread import ARTICLE, Thread
from rag.evidence import Answer, Citation

__all__ = ["answer_markdown", "conversation_json", "conversation_markdown"]

_MARKDOWN = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|!"})


def _plain(text: str) -> str:
    """Escape what Markdown would read as mark-up."""
    return " ".join(text.split()).translate(_MARKDOWN)


def permalink(citation: Citation, threads: Mapping[str, Thread]) -> str | None:
    """Return the web address of what is cited, where the source gives one."""
    thread = threads.get(citation.thread)
    if thread is None:
        return None
    if citation.comment == ARTICLE:
        return thread.article.url
    comment = thread.get(citation.comment)
    return comment.permalink if comment else None


def answer_markdown(answer: Answer, threads: Mapping[str, Thread]) -> str:
    """Return an answer with its sources as footnotes, to paste anywhere."""
    sources: dict[Citation, int] = {}
    lines = []
    for claim in answer.claims:
        marks = "".join(f"[{sources.setdefault(citation, len(sources) + 1)}]" for citation in claim.citations)
        lines.append(f"{_plain(claim.text)} {marks}".strip())
    body = "\n\n".join(lines) or _plain(answer.text)
    notes = []
    for citation, number in sources.items():
        link = permalink(citation, threads)
        who = "the article" if citation.comment == ARTICLE else f"{citation.author or 'name lost'}, {citation.number}"
        notes.append(f"[{number}] {_plain(who)}: “{_plain(citation.quote)}”{f' <{link}>' if link else ''}")
    return body + ("\n\n" + "\n".join(notes) if notes else "")


def conversation_markdown(title: str, answers: Sequence[Answer], threads: Mapping[str, Thread]) -> str:
    """Return a conversation as a Markdown document."""
    parts = [f"# {_plain(title)}"]
    for answer in answers:
        parts += [f"## {_plain(answer.question)}", answer_markdown(answer, threads)]
    return "\n\n".join(parts) + "\n"


def conversation_json(title: str, answers: Sequence[Answer], threads: Mapping[str, Thread]) -> str:
    """Return a conversation as JSON: every claim with its citations, each with its permalink."""
    turns = []
    for answer in answers:
        claims = [
            {
                "text": claim.text,
                "status": claim.status,
                "citations": [{**asdict(c), "permalink": permalink(c, threads)} for c in claim.citations],
            }
            for claim in answer.claims
        ]
        turns.append(
            {
                "question": answer.question,
                "answer": answer.text,
                "abstained": answer.abstained,
                "reason": answer.reason,
                "route": answer.route,
                "claims": claims,
            }
        )
    return json.dumps({"title": title, "turns": turns}, ensure_ascii=False, indent=2) + "\n"
