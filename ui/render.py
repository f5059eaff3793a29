"""Questions, evidence and answers as escaped HTML. Pure: takes what the page shows, returns strings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.thread import Thread
from rag.evidence import Answer, Citation, Claim, Hit, Reason
from ui.export import answer_markdown
from ui.markup import anchor, esc, shown_name, utf16
from ui.worker import JobView, cited

__all__ = ["Desk", "answer_html", "chip", "evidence_html", "question_html", "turn_parts"]

FEW = 4
"""Citations shown behind one sentence; more go into a list that unfolds."""

REPORTED = 12
"""Citations offered for a report; lists behind a count are exact and need none."""

_DECLINED: Mapping[Reason | None, str] = {
    "not_discussed": "Not discussed here",
    "person_absent": "That person is not in this discussion",
    "detail_absent": "Discussed, but not that detail",
    "no_reply": "There is no such reply",
    "ambiguous": "More than one person fits",
    None: "No answer found",
}
_ROUTES = {
    "structure": "Counted from the thread",
    "quotes": "Quoted word for word",
    "model": "Written by the model, checked",
    "stance": "Positions counted comment by comment",
    "overview": "Overview of all branches, checked",
    "declined": "Declined",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What rendering needs beside the turn: threads, their colours and titles by id, and which is in view."""

    threads: Mapping[str, Thread] = field(default_factory=dict)
    colours: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    open_id: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)

    def hue(self, thread_id: str, author: str | None) -> str:
        """Return the colour class of an author in a thread."""
        if author is None:
            return "cm-anon"
        return f"cm-h{self.colours.get(thread_id, {}).get(author, 0)}"


def question_html(view: JobView) -> str:
    """Return the question as asked, and how it was read where a follow-up was resolved."""
    read = ""
    if view.resolved and view.resolved.strip().lower() != view.question.strip().lower():
        read = f'<p class="cm-read">read as: {esc(view.resolved)}</p>'
    only = ", ".join(shown_name(author) for author in view.scope.authors)
    scope = f'<p class="cm-read">asked of {esc(only)} alone</p>' if only else ""
    return f'<div class="cm-question"><p dir="auto">{esc(view.question)}</p>{read}{scope}</div>'


def chip(citation: Citation, desk: Desk) -> str:
    """Return a citation as a link to its span: `Bianca · c10`. A stale one says so and leads nowhere wrong."""
    thread = desk.threads.get(citation.thread)
    text = thread.text_of(citation.comment) if thread else None
    label = (
        "article" if citation.number == "article" else f"{shown_name(citation.author, limit=24)} · {citation.number}"
    )
    if citation.thread != desk.open_id and thread is not None:
        label += f" · {shown_name(desk.titles.get(thread.id, thread.title), limit=24)}"
    if text is None or text[citation.start : citation.end] != citation.quote:
        why = "The thread changed: these words are no longer there"
        return f'<span class="cm-cite cm-stale" title="{why}">{esc(label)} · changed</span>'
    return (
        f'<a class="cm-cite {desk.hue(citation.thread, citation.author)}" '
        f'href="#{anchor(citation.thread, citation.number)}" data-cm="cite" data-thread="{esc(citation.thread)}" '
        f'data-start="{utf16(text, citation.start)}" data-end="{utf16(text, citation.end)}" '
        f'data-author="{esc(citation.author or "")}" title="{esc(_cut(citation.quote, 300))}">{esc(label)}</a>'
    )


def _claim(claim: Claim, desk: Desk) -> str:
    few = "".join(chip(citation, desk) for citation in claim.citations[:FEW])
    more = claim.citations[FEW:]
    rest = ""
    if more:
        items = "".join(f"<li>{chip(c, desk)} <span>{esc(_cut(c.quote, 160))}</span></li>" for c in claim.citations)
        rest = f'<details class="cm-all"><summary>all {len(claim.citations)}</summary><ul>{items}</ul></details>'
    mended = (
        ' <span class="cm-mended" title="Repaired while checking">repaired</span>' if claim.status == "repaired" else ""
    )
    return f'<div class="cm-claim" dir="auto"><span>{esc(claim.text)}</span>{mended} {few}{rest}</div>'


def evidence_html(hits: Sequence[Hit], desk: Desk, *, unfolded: bool, title: str = "Evidence") -> str:
    """Return the evidence as cards, each linked to its passage; empty without hits."""
    if not hits:
        return ""
    cards = []
    for hit in hits:
        passage = hit.passage
        start, end = hit.best_sentence or (passage.start, passage.end)
        inside = passage.text
        if passage.start <= start < end <= passage.end:
            cut = (start - passage.start, end - passage.start)
            inside = passage.text[cut[0] : cut[1]]
        citation = Citation(passage.thread_id, passage.comment_id, hit.number, hit.author, start, end, inside)
        head, tail = passage.text[: max(start - passage.start, 0)], passage.text[max(end - passage.start, 0) :]
        words = f"{esc(_tail(head, 60))}<mark>{esc(_cut(inside, 400))}</mark>{esc(_cut(tail, 160))}"
        cards.append(
            f'<li class="cm-card {desk.hue(passage.thread_id, hit.author)}">{chip(citation, desk)}'
            f'<p dir="auto">{words}</p></li>'
        )
    return (
        f'<details class="cm-evidence"{" open" if unfolded else ""}><summary>{esc(title)} '
        f'<span class="cm-count">{len(hits)}</span></summary><ul>{"".join(cards)}</ul></details>'
    )


def answer_html(view: JobView, desk: Desk) -> str:
    """Return the answer as far as it has come: checked sentences with chips, then the unchecked draft."""
    answer = view.answer
    if view.state == "queued":
        return '<p class="cm-wait">Waiting for the question before …</p>'
    if answer is not None and answer.abstained:
        return _declined(answer, desk)
    body = "".join(_claim(claim, desk) for claim in view.claims if claim.status != "struck")
    draft = view.draft.strip()
    if draft and view.open:
        body += f'<p class="cm-draft" title="A draft, not checked yet">{esc(draft)}</p>'
    if not body and answer is not None:
        body = f'<div class="cm-claim" dir="auto">{esc(answer.text)}</div>'
    if view.state == "running" and not draft:
        body += (
            f'<p class="cm-wait cm-live">{"Reading the evidence" if view.hits else "Searching the discussion"} …</p>'
        )
    if view.state == "failed":
        body += f'<p class="cm-error" role="alert">{esc(view.error)}</p>'
    if view.state == "stopped":
        body += '<p class="cm-wait">Stopped.</p>'
    return f'<div class="cm-answer">{body}{_notes(answer)}{_rejected(answer) if answer else ""}</div>'


def _declined(answer: Answer, desk: Desk) -> str:
    nearest = "".join(_claim(claim, desk) for claim in answer.claims if claim.citations)
    return (
        f'<div class="cm-answer cm-declined"><p class="cm-why">{_DECLINED.get(answer.reason, _DECLINED[None])}</p>'
        f'<p dir="auto">{esc(answer.text)}</p>{nearest}{_notes(answer)}{_rejected(answer)}</div>'
    )


def _notes(answer: Answer | None) -> str:
    """Return what went otherwise than asked, such as a model that failed half-way."""
    return "".join(f'<p class="cm-aside">{esc(note)}</p>' for note in (answer.notes if answer else ()))


def _rejected(answer: Answer) -> str:
    repaired = [claim for claim in answer.claims if claim.status == "repaired" and claim.cause]
    if not answer.rejected and not repaired:
        return ""
    items = "".join(
        f'<li><del>{esc(claim.text)}</del> <span class="cm-cause">{esc(_cause(claim))}</span></li>'
        for claim in answer.rejected
    )
    items += "".join(
        f'<li>{esc(claim.text)} <span class="cm-cause">{esc(_cause(claim))}</span></li>' for claim in repaired
    )
    said = [
        f"{len(answer.rejected)} struck" if answer.rejected else "",
        f"{len(repaired)} repaired" if repaired else "",
    ]
    head = f"Checking: {', '.join(filter(None, said))}"
    return f'<details class="cm-struck"><summary>{head}</summary><ul>{items}</ul></details>'


def _cause(claim: Claim) -> str:
    return (claim.cause or "no source supports it").replace("_", " ")


def foot_html(view: JobView, desk: Desk, follow_ups: Sequence[str] = ()) -> str:
    """Return what can be done with a turn: stop, try again, copy; and how the answer came about."""
    if view.open:
        return _foot(_button("stop", view.id, "Stop"), "")
    if view.state == "failed":
        return _foot(_button("again", view.id, "Try again"), "")
    answer = view.answer
    if answer is None:
        return _foot(_button("again", view.id, "Ask again"), "")
    copy = (
        f'<button type="button" class="cm-link" data-cm="copy" data-arg="{esc(answer_markdown(answer, desk.threads))}">'
        "Copy</button>"
    )
    seconds = answer.timings.get("total_ms", 0.0) / 1000
    how = f"{_ROUTES.get(answer.route, '')}{f' · {seconds:.1f} s' if seconds else ''}"
    how += " · answered before" if answer.cached else ""
    copy += _button("again", view.id, "Ask again") + _report(view.id, answer)
    asks = "".join(_button("ask", question, question, kind="cm-ask") for question in follow_ups)
    return _foot(copy, how) + (f'<div class="cm-asks">{asks}</div>' if asks else "")


def _report(job_id: str, answer: Answer) -> str:
    """Return a fold in which each citation can be called wrong."""
    citations = cited(answer.claims)[:REPORTED]
    if not citations:
        return ""
    buttons = "".join(
        _button("report", f"{job_id}|{c.thread} {c.number} {c.start}-{c.end}", f"{c.number}: “{_cut(c.quote, 40)}”")
        for c in citations
    )
    return f'<details class="cm-report"><summary>Wrong citation?</summary><div>{buttons}</div></details>'


def _foot(buttons: str, how: str) -> str:
    return f'<div class="cm-foot">{buttons}<span class="cm-how">{esc(how)}</span></div>'


def _button(action: str, arg: str, label: str, kind: str = "cm-link") -> str:
    return f'<button type="button" class="{kind}" data-cm="{action}" data-arg="{esc(arg)}">{esc(label)}</button>'


def turn_parts(view: JobView, desk: Desk, follow_ups: Sequence[str] = ()) -> tuple[str, ...]:
    """Return a turn as separate blocks, so that a block that has not changed is not drawn again."""
    declined = view.answer is not None and view.answer.abstained
    evidence = evidence_html(
        view.hits,
        desk,
        unfolded=declined or view.open,
        title="Nearest evidence" if declined else "Evidence",
    )
    first, last = question_html(view), foot_html(view, desk, follow_ups)
    answer = answer_html(view, desk)
    return tuple(part for part in (first, answer, last, evidence) if part)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _tail(text: str, limit: int) -> str:
    return text if len(text) <= limit else "…" + text[-limit + 1 :]
