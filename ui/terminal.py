"""Answers and threads on a terminal: coloured authors, drafts that give way to checked sentences, footnotes."""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from ingest.errors import QuestionError
from ingest.thread import Thread
from rag.evidence import Answer, Citation, Claim, ClaimDone, Done, Event, Evidence, Token, Turn
from rag.present import claim_text

__all__ = ["colour", "print_answer", "read_aloud", "read_history"]

_COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "bright_cyan", "bright_green", "bright_magenta")


def colour(author: str | None) -> str:
    """Return the colour of an author, the same every time; nobody's is white."""
    return _COLOURS[zlib.crc32(author.encode()) % len(_COLOURS)] if author else "white"


def print_answer(events: Iterable[Event], *, live: bool) -> Answer:
    """Print an answer as it comes and return it. A live terminal shows the model's draft until it is checked."""
    answer: Answer | None = None
    drafting = False
    for event in events:
        if isinstance(event, Done):
            answer = event.answer
        elif isinstance(event, Token):
            drafting = live
            click.secho(event.text if live else "", dim=True, nl=False)
        elif isinstance(event, ClaimDone):
            if drafting:
                click.echo()
            drafting = False
            _print_claim(event.claim)
        elif isinstance(event, Evidence) and live and event.hits:
            near = ", ".join(dict.fromkeys(f"{hit.number} {hit.author or ''}".strip() for hit in event.hits[:5]))
            click.secho(f"reading {near} …", dim=True)
    if answer is None:
        raise QuestionError("The question was not answered.", remedy="Ask again.")
    if answer.abstained:
        click.secho(answer.text, fg="yellow")
    _footnotes(answer)
    notes = (*answer.notes, "Answered before; --fresh answers it anew.") if answer.cached else answer.notes
    for note in notes:
        click.secho(note, dim=True)
    return answer


def _print_claim(claim: Claim) -> None:
    if claim.status != "struck":
        click.echo(_coloured(claim))


def _coloured(claim: Claim) -> str:
    text = claim_text(claim)
    if claim.speaker and text.startswith(claim.speaker):
        text = click.style(claim.speaker, fg=colour(claim.speaker), bold=True) + text[len(claim.speaker) :]
    return text


def _footnotes(answer: Answer) -> None:
    """Print each cited comment once, in order, with the words cited."""
    cited: dict[tuple[str, str], Citation] = {}
    for claim in answer.claims:
        for citation in claim.citations:
            cited.setdefault((citation.thread, citation.number), citation)
    if not cited:
        return
    click.echo()
    several = len({thread for thread, _ in cited}) > 1
    for (thread, number), citation in list(cited.items())[:30]:
        who = citation.author or ("the article" if number == "article" else "no name")
        words = " ".join(citation.quote.split())
        where = f" ({thread})" if several else ""
        click.echo(
            f"  {click.style(f'[{number}]', dim=True)} {click.style(who, fg=colour(citation.author))}{where}: "
            + (words if len(words) <= 160 else words[:159] + "…")
        )
    if len(cited) > 30:
        click.secho(f"  … and {len(cited) - 30} more", dim=True)


def read_aloud(thread: Thread) -> Iterator[str]:
    """Yield a thread as text to read: article first, then the comments, indented by depth."""
    article = thread.article
    yield click.style(thread.title, bold=True) + "\n"
    if article.subtitle:
        yield f"{article.subtitle}\n"
    if article.author:
        yield f"by {article.author}\n"
    if article.text:
        yield f"\n{article.text}\n"
    yield "\n"
    for depth, comment in thread.walk():
        pad = "  " * min(depth, 12)
        name = comment.author or ("(no name)" if comment.visible else f"({comment.status})")
        yield f"{pad}{click.style(comment.tag, dim=True)} {click.style(name, fg=colour(comment.author), bold=True)}\n"
        for line in comment.body.splitlines():
            yield f"{pad}  {line}\n"
        yield "\n"
    for note in thread.notes:
        yield click.style(f"note: {note}\n", dim=True)


def read_history(path: Path | None) -> Sequence[Turn]:
    """Read `[[question, answer], …]`. Raises `QuestionError` for anything else."""
    if path is None:
        return ()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        turns = tuple(Turn(question=question, answer=answer) for question, answer in data)
        if not all(isinstance(turn.question, str) and isinstance(turn.answer, str) for turn in turns):
            raise TypeError
    except (OSError, ValueError, TypeError) as error:
        raise QuestionError(
            f"{path} is not a conversation.", remedy='Give JSON of the form [["question", "answer"], …].'
        ) from error
    return turns
