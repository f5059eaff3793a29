"""Discord: a channel as DiscordChatExporter writes it to JSON."""

import re
from collections.abc import Mapping
from typing import Any

from ingest.clean import iso_time, markdown_text
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import MalformedSource
from ingest.formats.jsondata import counted, document, ident, items, link, name, obj, peek, text
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Article, Thread
from ingest.tree import assemble

__all__ = ["LOADER"]

_SPOKEN = frozenset({"Default", "Reply", "ChatInputCommand", "ContextMenuCommand", "ThreadStarterMessage", ""})
_REST_QUOTED = re.compile(r"^>>> (.*)\Z", re.MULTILINE | re.DOTALL)


def _sniff(source: Source) -> float:
    data = obj(peek(source))
    return 0.95 if isinstance(data.get("messages"), list) and "guild" in data and "channel" in data else 0.0


def _load(source: Source) -> tuple[Thread, ...]:
    data = obj(document(source))
    if not isinstance(data.get("messages"), list):
        raise MalformedSource(f"{source.name} holds no messages of Discord.", remedy="Export the channel as JSON.")
    guild, channel = obj(data.get("guild")), obj(data.get("channel"))
    messages = [obj(message) for message in items(data["messages"])]
    spoken = [message for message in messages if text(message.get("type")) in _SPOKEN]
    notices = len(messages) - len(spoken)
    notes = [f"Left out: {counted(notices, 'notice')} such as joins and pins."] if notices else []
    bounds = obj(data.get("dateRange"))
    cut = bool(bounds.get("after") or bounds.get("before"))
    if cut:
        notes.append("The export holds a range of dates, not the whole channel.")
    home = "/".join(filter(None, ("https://discord.com/channels", ident(guild.get("id")), ident(channel.get("id")))))
    title = " / ".join(filter(None, (name(guild.get("name")), name(channel.get("name")))))
    article = Article(
        title=title or "A channel on Discord",
        subtitle=name(channel.get("topic")) or "",
        url=home if ident(channel.get("id")) else None,
    )
    comments = tuple(_draft(message, home) for message in spoken)
    draft = ThreadDraft(
        "discord", ident(channel.get("id")), article, comments, tuple(notes), missing=None if cut else 0
    )
    return (assemble(draft, source),)


def _draft(message: Mapping[str, Any], home: str) -> Draft:
    key = ident(message.get("id"))
    author = obj(message.get("author"))
    reference = obj(message.get("reference"))
    replied = text(message.get("type")) == "Reply" or "type" not in message
    return Draft(
        key=key or f"{message.get('timestamp')} {author.get('id')}",
        parent_key=ident(reference.get("messageId")) if replied else None,
        author=name(author.get("nickname")) or name(author.get("name")),
        text=_body(message),
        created_at=iso_time(message.get("timestamp")),
        permalink=link(f"{home}/{key}") if key else None,
        flags=("bot",) if author.get("isBot") is True else (),
        native=key is not None,
    )


def _body(message: Mapping[str, Any]) -> Text:
    """Read a message; `>>>` quotes all that follows; one that only carries a file says so."""
    words = text(message.get("content"))
    words = _REST_QUOTED.sub(lambda rest: "\n".join(f"> {line}" for line in rest.group(1).split("\n")), words)
    words = re.sub(r"(?m)^(> .*)\n(?!>|\n)", r"\1\n\n", words)  # a quotation ends with its line
    read = markdown_text(words, breaks=True)
    if read.body:
        return read
    files = [name(obj(item).get("fileName")) for item in items(message.get("attachments"))]
    files += [name(obj(item).get("name")) for item in items(message.get("stickers"))]
    return Text(" ".join(f"[file: {file}]" for file in files if file))


LOADER = Loader("discord", "Discord (DiscordChatExporter JSON)", _sniff, _load)
