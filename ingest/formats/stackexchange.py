"""Stack Exchange: an answer of its API: questions with answers and comments, or lists of either."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from ingest.clean import html_text, iso_time, markdown_text
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import NoComments
from ingest.formats.jsondata import counted, document, ident, items, link, name, obj, peek, text, whole
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Article, Thread
from ingest.tree import assemble

__all__ = ["LOADER"]


def _sniff(source: Source) -> float:
    data = peek(source)
    found = items(obj(data).get("items")) or items(data) or list(obj(data).values())
    for thing in map(obj, found[:5]):
        if _kind(thing) and ("owner" in thing or "creation_date" in thing):
            return 0.9
    return 0.9 if _kind(obj(data)) and "owner" in obj(data) else 0.0


def _kind(thing: Mapping[str, Any]) -> str:
    if ident(thing.get("comment_id")) and "post_id" in thing:
        return "comment"
    if ident(thing.get("answer_id")) and "comment_id" not in thing:
        return "answer"
    return "question" if ident(thing.get("question_id")) and "title" in thing else ""


@dataclass(slots=True)
class _Question:
    """One question and what was found under it, in the order of the file."""

    data: Mapping[str, Any] = field(default_factory=dict)
    answers: list[Mapping[str, Any]] = field(default_factory=list)
    comments: list[Mapping[str, Any]] = field(default_factory=list)


def _load(source: Source) -> tuple[Thread, ...]:
    data = document(source)
    questions: dict[str, _Question] = {}
    loose: list[Mapping[str, Any]] = []
    homes: dict[str, str] = {}
    stack = [data]
    site = ""
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(reversed(value))
        if not isinstance(value, dict):
            continue
        kind = _kind(value)
        site = site or _site(value)
        if kind == "comment":
            loose.append(value)
        elif kind:
            key = ident(value.get("question_id")) or ""
            question = questions.setdefault(key, _Question())
            if kind == "question":
                question.data = value
            else:
                question.answers.append(value)
                homes[ident(value.get("answer_id")) or ""] = key
        inner = [part for key, part in value.items() if key != "owner" and isinstance(part, dict | list)]
        stack.extend(reversed(inner))
    for comment in loose:
        post = ident(comment.get("post_id")) or ""
        questions.setdefault(homes.get(post, post), _Question()).comments.append(comment)
    more = obj(data).get("has_more") is True
    drafts = [_thread(key, question, site, more) for key, question in questions.items()]
    if not any(draft.comments or draft.article.text for draft in drafts):
        raise NoComments(
            f"{source.name} holds posts of Stack Exchange without their text.",
            remedy="Ask the API with `filter=withbody`, or with a filter that includes comments.",
        )
    return tuple(assemble(draft, source) for draft in drafts)


def _site(thing: Mapping[str, Any]) -> str:
    """Return what tells one site's numbers from another's: the host of its links, and a slash."""
    url = link(thing.get("link")) if _kind(thing) else None
    return f"{urlsplit(url).hostname}/" if url else ""


def _thread(key: str, question: _Question, site: str, more: bool) -> ThreadDraft:
    data = question.data
    answers = [_draft(answer, f"{site}a{ident(answer.get('answer_id'))}", None) for answer in question.answers]
    present = {ident(answer.get("answer_id")) for answer in question.answers}
    comments = sorted(question.comments, key=lambda comment: whole(comment.get("creation_date")) or 0)
    drafts = [*answers, *_comments(comments, present, site)]
    missing = max(0, (whole(data.get("answer_count")) or 0) - len(answers))
    posts = [data, *question.answers]
    missing += max(0, sum(whole(post.get("comment_count")) or 0 for post in posts) - len(comments))
    notes = [f"Not in the file: {counted(missing, 'answer or comment')}."] if missing else []
    if more:
        notes.append("The answer of the API is one page of several.")
    empty = sum(not draft.text.body for draft in drafts)
    if empty:
        notes.append(f"Left out: {counted(empty, 'post')} without text (asked for without `filter=withbody`).")
    known = data and not more
    article = Article(
        title=html.unescape(text(data.get("title"))) or f"Question {key}",
        author=_owner(data),
        published=iso_time(data.get("creation_date")),
        url=link(data.get("link")) or (f"https://{site}q/{key}" if site and key else None),
        text=_body(data).body,
    )
    found = tuple(draft for draft in drafts if draft.text.body)
    thread_key = f"{site}{key}" if key else None
    return ThreadDraft(
        "stackexchange", thread_key, article, found, tuple(notes), missing + empty if known or missing else None
    )


def _comments(found: Sequence[Mapping[str, Any]], answers: set[str | None], site: str) -> list[Draft]:
    """Read comments: each stands under its post, and answers the last comment there of the person it addresses."""
    drafts: list[Draft] = []
    latest: dict[tuple[str | None, str | None], str] = {}
    for comment in found:
        post = ident(comment.get("post_id"))
        under = f"{site}a{post}" if post in answers else None
        draft = _draft(comment, f"{site}c{ident(comment.get('comment_id'))}", under)
        person = name(html.unescape(text(obj(comment.get("reply_to_user")).get("display_name"))))
        answered = latest.get((post, person)) if person else None
        if answered:
            draft = replace(draft, parent_key=answered, shown_key=under, flags=(*draft.flags, "parent_guessed"))
        drafts.append(draft)
        latest[post, draft.author] = draft.key
    return drafts


def _draft(thing: Mapping[str, Any], key: str, parent: str | None) -> Draft:
    return Draft(
        key=key,
        parent_key=parent,
        author=_owner(thing),
        text=_body(thing),
        created_at=iso_time(thing.get("creation_date")),
        score=whole(thing.get("score")),
        permalink=link(thing.get("link")),
        flags=(("answer",) if "comment_id" not in thing else ())
        + (("accepted",) if thing.get("is_accepted") is True else ()),
    )


def _owner(thing: Mapping[str, Any]) -> str | None:
    owner = obj(thing.get("owner"))
    if owner.get("user_type") == "does_not_exist" and not owner.get("display_name"):
        return None
    return name(html.unescape(text(owner.get("display_name"))))


def _body(thing: Mapping[str, Any]) -> Text:
    if text(thing.get("body")):
        return html_text(text(thing.get("body")))
    return markdown_text(html.unescape(text(thing.get("body_markdown"))))


LOADER = Loader("stackexchange", "Stack Exchange (API answer)", _sniff, _load)
