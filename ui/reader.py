"""A thread as escaped HTML: article, nested comments, people. Pure; the page's script adds folding and marking."""

import re
from collections.abc import Iterator, Mapping

from ingest.thread import ARTICLE, Comment, Quote, Thread
from ingest.wording import noun
from ui.markup import anchor, esc, hues, shown_name, token
from ui.people import activity_html, map_html, people_html

__all__ = ["NESTING", "article_html", "body_html", "reader_html", "thread_html"]

NESTING = 8
"""Replies deeper than this stand under the last indented one and say whom they answer."""

FOLD_ABOVE = 500
"""Threads with more comments open with the replies below the second level folded."""

LONG = 1400
"""Characters of a body that are shown before "Show all"."""

_URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}]")
_HIDDEN = {
    "deleted": "deleted by its author",
    "removed": "removed by moderators",
    "pending": "waiting for approval",
    "spam": "marked as spam",
    "pingback": "a pingback",
}
_FLAGS = {
    "truncated": "cut: it was too long",
    "parent_missing": "answers a comment that is not in the file",
    "depth_capped": "the source shows deep replies flat; whom it answers is the likeliest reading",
}


def reader_html(thread: Thread) -> str:
    """Return the whole right pane: heading, tabs, tools and the panels behind the tabs."""
    timed = sum(1 for comment in thread.visible if comment.created_at) >= 2
    tabs = [("thread", "Discussion"), ("people", "People"), ("map", "Who answers whom")]
    if timed:
        tabs.append(("activity", "Over time"))
    buttons = "".join(
        f'<button type="button" role="tab" class="cm-tab" id="cm-tab-{key}" data-cm="tab" data-arg="{key}" '
        f'aria-controls="cm-panel-{key}" aria-selected="{"true" if key == "thread" else "false"}" '
        f'tabindex="{"0" if key == "thread" else "-1"}">{title}</button>'
        for key, title in tabs
    )
    panels = {"thread": thread_html(thread), "people": people_html(thread), "map": map_html(thread)}
    if timed:
        panels["activity"] = activity_html(thread)
    body = "".join(
        f'<div role="tabpanel" class="cm-panel" id="cm-panel-{key}" aria-labelledby="cm-tab-{key}"'
        f"{'' if key == 'thread' else ' hidden'}>{panels[key]}</div>"
        for key, _ in tabs
    )
    return (
        f'<div class="cm-bar"><div class="cm-tabs" role="tablist" aria-label="Views of the discussion">{buttons}</div>'
        '<div class="cm-tools"><input class="cm-find" type="search" placeholder="Find in this thread" '
        'aria-label="Find in this thread" autocomplete="off" spellcheck="false">'
        '<span class="cm-found" role="status" aria-live="polite"></span></div></div>'
        '<div class="cm-filter" hidden><span class="cm-filter-text"></span>'
        '<button type="button" class="cm-link" data-cm="unfilter">Show everybody</button></div>'
        f'<div class="cm-scroll" tabindex="0" role="region" aria-label="The discussion">{body}</div>'
    )


def thread_html(thread: Thread) -> str:
    """Return the article and the nested comments."""
    return f'{article_html(thread)}<div class="cm-comments">{"".join(_comments(thread))}</div>'


def article_html(thread: Thread) -> str:
    """Return the article with its counts and the notes on what is missing or was mended."""
    article = thread.article
    people = len({comment.author for comment in thread.visible if comment.author})
    byline = [f"by {esc(shown_name(article.author))}" if article.author else "", esc((article.published or "")[:40])]
    if article.url and re.match(r"https?://", article.url):
        byline.append(_link(article.url, "original"))
    parts = [
        f'<article class="cm-article" id="{anchor(thread.id, ARTICLE)}" data-n="article" tabindex="-1" '
        f'aria-label="The article">',
        f'<h2 class="cm-title" dir="auto">{esc(thread.title)}</h2>',
        f'<p class="cm-sub" dir="auto">{esc(article.subtitle)}</p>' if article.subtitle else "",
        f'<p class="cm-byline">{" · ".join(part for part in byline if part)}</p>' if any(byline) else "",
        _body(article.text, ()) if article.text else '<p class="cm-note">The file holds no article text.</p>',
        "</article>",
        f'<p class="cm-counts"><b>{len(thread.visible):,}</b> {noun(len(thread.visible), "comment")} by '
        f"<b>{people:,}</b> {noun(people, 'person', 'people')}</p>",
        _notes(thread),
    ]
    return "".join(parts)


def _notes(thread: Thread) -> str:
    notes = list(thread.notes)
    if thread.missing:
        notes.insert(0, f"{thread.missing:,} {noun(thread.missing, 'comment is', 'comments are')} not in this file.")
    lost = sum(1 for comment in thread.visible if comment.author is None)
    if lost:
        notes.append(f"{lost:,} {noun(lost, 'comment has', 'comments have')} no name in the source.")
    if not notes:
        return ""
    first = f'<p class="cm-note">{esc(notes[0])}</p>'
    if len(notes) == 1:
        return first
    rest = "".join(f"<li>{esc(note)}</li>" for note in notes[1:])
    return (
        f'{first}<details class="cm-notes"><summary>{len(notes) - 1} more '
        f"{noun(len(notes) - 1, 'note')} on this file</summary><ul>{rest}</ul></details>"
    )


def _comments(thread: Thread) -> Iterator[str]:
    """Yield the nested comments as pieces of HTML, without recursion."""
    colours, fold = hues(thread), len(thread.comments) > FOLD_ABOVE
    index = {comment.id: at for at, comment in enumerate(thread.comments)}
    below = _sizes(thread)
    close: list[int] = []
    for depth, comment in thread.walk():
        level = min(depth, NESTING)
        while close and close[-1] >= level:
            close.pop()
            yield "</div></details></article>"
        yield _comment(thread, comment, colours, index, flat=depth > NESTING)
        if below[comment.id] and depth < NESTING:
            size = below[comment.id]
            state = "" if fold and depth >= 1 else " open"
            word = noun(size, "reply", "replies")
            yield f'<details class="cm-kids"{state}><summary>{size:,} {word}</summary><div>'
            close.append(level)
        else:
            yield "</article>"
    yield "</div></details></article>" * len(close)


def _sizes(thread: Thread) -> dict[str, int]:
    """Count the visible comments below each one."""
    sizes = dict.fromkeys((comment.id for comment in thread.comments), 0)
    for comment in reversed(thread.comments):
        if comment.parent_id is not None:
            sizes[comment.parent_id] += sizes[comment.id] + comment.visible
    return sizes


def _comment(
    thread: Thread, comment: Comment, colours: Mapping[str, int], index: Mapping[str, int], *, flat: bool
) -> str:
    """Return one comment, its `<article>` left open for the replies."""
    place = index[comment.id]
    number = comment.tag if comment.number is not None else f"x{place}"
    if not comment.visible:
        return (
            f'<article class="cm-c cm-stub" id="{anchor(thread.id, number)}" tabindex="-1">'
            f'<p class="cm-gone">A comment {_HIDDEN.get(comment.status, "that is hidden")}.</p>'
        )
    parent = thread.parent(comment)
    answers = f", answering {shown_name(parent.author)}" if parent is not None and parent.visible else ""
    colour = f"cm-h{colours[comment.author]}" if comment.author is not None else "cm-anon"
    return (
        f'<article class="cm-c {colour}{" cm-flat" if flat else ""}" id="{anchor(thread.id, number)}" '
        f'data-n="{number}" data-author="{esc(comment.author or "")}" tabindex="-1" '
        f'aria-label="{number} by {esc(shown_name(comment.author))}{esc(answers)}">'
        f'<div class="cm-own"><header class="cm-head">{_who(comment.author)}'
        f'<a class="cm-n" href="#{anchor(thread.id, number)}" data-cm="goto">{number}</a>'
        f"{_facts(thread, comment, flat=flat)}</header>{_body(comment.body, comment.quotes, thread)}</div>"
    )


def _who(author: str | None) -> str:
    if author is None:
        return (
            '<span class="cm-who cm-lost" title="The source does not say who wrote this">name lost in extraction</span>'
        )
    name = esc(shown_name(author))
    return (
        f'<button type="button" class="cm-who" data-cm="author" data-arg="{esc(author)}" '
        f'title="Show or ask {name} alone"><bdi>{name}</bdi></button>'
    )


def _facts(thread: Thread, comment: Comment, *, flat: bool) -> str:
    facts = []
    parent = thread.parent(comment)
    if flat and parent is not None:
        facts.append(f"answers {_ref(thread, parent)}")
    if comment.parent_shown != comment.parent_id:
        likely = f"probably answers {_ref(thread, parent)}" if parent else "probably answers the article"
        facts.append(f'<span title="The source shows it elsewhere in the tree">{likely}</span>')
    if comment.created_at:
        facts.append(f'<time datetime="{esc(comment.created_at)}">{esc(_time(comment.created_at))}</time>')
    if comment.score is not None:
        facts.append(f"{comment.score:,} {noun(comment.score, 'point')}")
    facts += [esc(_FLAGS.get(flag, flag.replace("_", " "))) for flag in comment.flags if flag != "depth_capped"]
    if comment.permalink and re.match(r"https?://", comment.permalink):
        facts.append(_link(comment.permalink, "source"))
    return "".join(f'<span class="cm-fact">{fact}</span>' for fact in facts)


def _ref(thread: Thread, comment: Comment) -> str:
    if comment.number is None:
        return "a hidden comment"
    return f'<a href="#{anchor(thread.id, comment.tag)}" data-cm="goto">{comment.tag}</a>'


def _body(text: str, quotes: tuple[Quote, ...], thread: Thread | None = None) -> str:
    inner = body_html(text, quotes, thread)
    if len(text) <= LONG and text.count("\n") <= 24:
        return f'<div class="cm-body" dir="auto">{inner}</div>'
    return (
        f'<div class="cm-body cm-long" dir="auto">{inner}</div>'
        '<button type="button" class="cm-link cm-more" data-cm="more" aria-expanded="false">Show all</button>'
    )


def body_html(text: str, quotes: tuple[Quote, ...] = (), thread: Thread | None = None) -> str:
    """Return a body as HTML whose text content is exactly the body, quotes wrapped and web links made clickable.

    Offsets into the body are offsets into the text content, so the page's script can mark a cited span.
    """
    parts, at = [], 0
    for quote in sorted(quotes, key=lambda quote: quote.start):
        if quote.start < at:
            continue
        parts.append(_linked(text[at : quote.start]))
        other = thread.get(quote.comment_id) if thread and quote.comment_id else None
        source = f' data-from="{token(thread.id)}-{other.tag}"' if thread and other and other.number is not None else ""
        parts.append(f'<span class="cm-quote"{source}>{_linked(text[quote.start : quote.end])}</span>')
        at = quote.end
    parts.append(_linked(text[at:]))
    return "".join(parts)


def _linked(text: str) -> str:
    parts, at = [], 0
    for match in _URL.finditer(text):
        parts += [esc(text[at : match.start()]), _link(match.group(), match.group())]
        at = match.end()
    return "".join([*parts, esc(text[at:])])


def _link(url: str, text: str) -> str:
    return f'<a class="cm-out" href="{esc(url)}" target="_blank" rel="noopener noreferrer nofollow">{esc(text)}</a>'


def _time(value: str) -> str:
    """Shorten an ISO time to what a reader needs: `2024-05-03 14:22`."""
    return value[:16].replace("T", " ")
