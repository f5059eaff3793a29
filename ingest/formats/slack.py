"""Slack: an export (one file of a channel's day, or the whole zip), or the answer of its conversations API."""

import html
import json
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from ingest.clean import iso_time, plain_text
from ingest.draft import Draft, Text, ThreadDraft
from ingest.errors import MalformedSource, SourceTooLarge
from ingest.formats.jsondata import counted, document, ident, items, name, obj, peek, text, whole
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Article, Thread
from ingest.tree import assemble

__all__ = ["LOADER"]

_NOTICES = re.compile(r"(?:channel|group)_|^(?:pinned_item|reminder_add|bot_add|bot_remove|app_conversation_join)$")
_TS = re.compile(r"\d{9,11}\.\d{4,6}$")
_REFERENCE = re.compile(r"<([^<>|]{1,3000})(?:\|([^<>]{0,3000}))?>")
_DAY = re.compile(r"(?:^|/)([^/]+)/\d{4}-\d{2}-\d{2}\.json$")
_MEMBERS = 20_000


def _sniff(source: Source) -> float:
    if source.data[:4] == b"PK\x03\x04":
        names = b"users.json" in source.data and b"channels.json" in source.data
        return 0.97 if names and _zip_names(source) else 0.0
    data = peek(source)
    messages = items(data) or items(obj(data).get("messages"))
    head = [obj(message) for message in messages[:5]]
    return 0.9 if head and all(_is_message(message) for message in head) else 0.0


def _is_message(message: Mapping[str, Any]) -> bool:
    return bool(_TS.match(text(message.get("ts")))) and ("text" in message or "user" in message)


def _load(source: Source) -> tuple[Thread, ...]:
    if source.data[:4] == b"PK\x03\x04":
        channels, people = _unzip(source)
        if not channels:
            raise MalformedSource(f"{source.name} holds no channel of Slack.", remedy="Export the workspace again.")
        return tuple(assemble(_thread(key, found, people), source) for key, found in channels.items())
    data = document(source)
    messages = [obj(message) for message in (items(data) or items(obj(data).get("messages")))]
    messages = [message for message in messages if text(message.get("ts"))]
    if not messages:
        raise MalformedSource(f"{source.name} holds no messages of Slack.", remedy="Give a day's file or the zip.")
    channel = name(obj(data).get("channel")) or name(obj(data).get("channel_name")) or ""
    return (assemble(_thread(channel, messages, {}), source),)


def _zip_names(source: Source) -> list[str]:
    try:
        with zipfile.ZipFile(BytesIO(source.data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        return []
    return names if {"users.json", "channels.json"} <= {path.rsplit("/", 1)[-1] for path in names} else []


def _unzip(source: Source) -> tuple[dict[str, list[Mapping[str, Any]]], dict[str, str]]:
    """Read the days of each channel in order, and the people's names, within the limits of one file."""
    channels: dict[str, list[Mapping[str, Any]]] = {}
    people: dict[str, str] = {}
    room = source.limits.file_bytes
    try:
        with zipfile.ZipFile(BytesIO(source.data)) as archive:
            members = sorted(archive.infolist(), key=lambda member: member.filename)
            if len(members) > _MEMBERS:
                raise SourceTooLarge(
                    f"{source.name} holds {len(members):,} files; the limit is {_MEMBERS:,}.", remedy="Split it."
                )
            for member in members:
                day = _DAY.search(member.filename)
                if not day and member.filename.rsplit("/", 1)[-1] != "users.json":
                    continue
                with archive.open(member) as stream:
                    data = stream.read(room + 1)
                room -= len(data)
                if room < 0:
                    raise SourceTooLarge(
                        f"{source.name} unpacks to more than {source.limits.file_bytes:,} bytes.",
                        remedy="Split it, or raise the limit with COMMENTARIAT_MAX_FILE_BYTES.",
                    )
                found = [obj(item) for item in items(json.loads(data))]
                if day:
                    channels.setdefault(day.group(1), []).extend(found)
                else:
                    people = {ident(user.get("id")) or "": _person(user) or "" for user in found}
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError) as error:
        raise MalformedSource(f"{source.name} cannot be unpacked: {error}.", remedy="Export it again.") from error
    return channels, people


def _person(user: Mapping[str, Any]) -> str | None:
    """Return the name by which a workspace shows a person; addresses in the profile are left alone."""
    profile = obj(user.get("profile")) or user
    fields = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    return next((found for found in map(name, fields) if found), None)


def _thread(channel: str, messages: Sequence[Mapping[str, Any]], people: Mapping[str, str]) -> ThreadDraft:
    known = dict(people)
    for message in messages:
        profile = _person(obj(message.get("user_profile")))
        if profile:
            known.setdefault(ident(message.get("user")) or "", profile)
    prefix = f"{channel}/" if channel else ""
    spoken = [message for message in messages if not _NOTICES.search(text(message.get("subtype")))]
    notices = len(messages) - len(spoken)
    comments = [_draft(message, prefix, known) for message in spoken]
    notes = [f"Left out: {counted(notices, 'notice')} such as joins and topics."] if notices else []
    nameless = {
        draft.author
        for draft in comments
        if draft.status == "visible" and draft.author and re.fullmatch(r"[UW][A-Z0-9]{6,}", draft.author)
    }
    if nameless:
        notes.append(f"Shown by id, since users.json is not given: {counted(len(nameless), 'person')}.")
    missing = _unseen(spoken)
    if missing:
        notes.append(f"Not in the file: {counted(missing, 'threaded message')} (threads go on in other days' files).")
    title = f"#{channel}" if channel else ""
    comments.sort(key=lambda draft: draft.created_at or "")
    return ThreadDraft(
        "slack", channel or None, Article(title=title), tuple(comments), tuple(notes), missing=missing or 0
    )


def _unseen(messages: Sequence[Mapping[str, Any]]) -> int:
    replies: dict[str, int] = {}
    for message in messages:
        top = text(message.get("thread_ts"))
        if top and top != text(message.get("ts")):
            replies[top] = replies.get(top, 0) + 1
    return sum(
        max(0, (whole(message.get("reply_count")) or 0) - replies.get(text(message.get("ts")), 0))
        for message in messages
    )


def _draft(message: Mapping[str, Any], prefix: str, people: Mapping[str, str]) -> Draft:
    stamp = text(message.get("ts"))
    top = text(message.get("thread_ts"))
    user = ident(message.get("user")) or ""
    gone = text(message.get("subtype")) == "tombstone" or message.get("hidden") is True
    is_bot = bool(message.get("bot_id"))
    return Draft(
        key=f"{prefix}{stamp}",
        parent_key=f"{prefix}{top}" if top and top != stamp else None,
        author=people.get(user) or name(message.get("username")) or name(user),
        text=Text("") if gone else _body(message, people),
        created_at=iso_time(stamp),
        status="deleted" if gone else "visible",
        flags=("bot",) if is_bot else (),
    )


def _body(message: Mapping[str, Any], people: Mapping[str, str]) -> Text:
    """Read a message: references to people, channels and links in words, then the three escaped characters."""

    def worded(found: re.Match[str]) -> str:
        target, label = found.group(1), found.group(2)
        if target.startswith("@"):
            return "@" + (people.get(target[1:]) or label or target[1:])
        if target.startswith("#"):
            return "#" + (label or target[1:])
        if target.startswith("!"):
            return label or "@" + target[1:].split("^")[0]
        return label or target.removeprefix("mailto:")

    words = html.unescape(_REFERENCE.sub(worded, text(message.get("text"))))
    if not words.strip():
        files = [name(obj(file).get("title")) or name(obj(file).get("name")) for file in items(message.get("files"))]
        words = " ".join(f"[file: {file}]" for file in files if file)
    return plain_text(words)


LOADER = Loader("slack", "Slack (export, conversations API)", _sniff, _load)
