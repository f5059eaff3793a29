"""JSON as sources give it: parsed once whatever its depth, and read field by field without trusting any type."""

import json
import math
import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import MalformedSource
from ingest.source import Source
from ingest.thread import normalise
from ingest.tree import PLAIN_HOST
from ingest.wording import counted
from ingest.writer import tidy

__all__ = [
    "Lines",
    "counted",
    "document",
    "ident",
    "items",
    "link",
    "looks_json",
    "name",
    "obj",
    "peek",
    "text",
    "whole",
]

_BLANK = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r"\"(?:[^\"\\]|\\.)*\"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|NaN|-?Infinity", re.DOTALL)
_WEB = re.compile(r"https?://[^\s\x00-\x1f\x7f<>\"\ud800-\udfff]{1,2000}", re.IGNORECASE)
_SHORT = 100  # characters of a name that is kept for the next comment of the same person
_ENDS = {"{": "}", "[": "]"}


class Lines(list[Any]):
    """The records of a JSON Lines file; `bad` counts the lines that could not be read."""

    bad: int = 0


def document(source: Source) -> Any:
    """Return the parsed JSON document, or the `Lines` of a JSON Lines file. Raises `MalformedSource`.

    The result is kept with the source, since every JSON loader asks for it while sniffing.
    """
    kept: tuple[Any, str | None] | None = source.__dict__.get("_json")
    if kept is None:
        try:
            kept = (_parse(source.text), None)
        except (ValueError, RecursionError) as error:
            kept = (None, str(error).split(": line")[0] if isinstance(error, ValueError) else "nested too deeply")
        source.__dict__["_json"] = kept
    value, reason = kept
    if reason is not None:
        raise MalformedSource(
            f"{source.name} is not valid JSON: {reason}.", remedy="Save the answer of the site again, whole."
        )
    return value


def looks_json(source: Source) -> bool:
    """Tell whether a source begins as JSON does."""
    return source.data[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith((b"{", b"["))


def peek(source: Source) -> Any:
    """Return the parsed JSON of a source that looks like JSON, else None. Never raises."""
    if not looks_json(source):
        return None
    try:
        return document(source)
    except MalformedSource:
        return None


def _parse(text: str) -> Any:
    text = text.lstrip("\ufeff")
    try:
        return json.loads(text)
    except RecursionError:
        return _deep(text)
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Extra data") or "\n" not in text:
            raise
    lines = Lines()
    for line in text.split("\n"):
        if line.strip():
            try:
                lines.append(json.loads(line))
            except (ValueError, RecursionError):
                lines.bad += 1
    if lines.bad > len(lines):
        raise ValueError("most of its lines cannot be read")
    return lines


def _deep(text: str) -> Any:
    """Parse JSON that is nested deeper than the interpreter's stack, without recursion."""
    holders: list[Any] = []
    keys: list[str] = []
    at = _skip(text, 0)
    while True:
        mark = text[at : at + 1]
        if mark in ("{", "["):
            value: Any = {} if mark == "{" else []
            at = _skip(text, at + 1)
            if text[at : at + 1] != _ENDS[mark]:
                holders.append(value)
                at = _key(text, at, keys) if mark == "{" else at
                continue
            at += 1
        else:
            value, at = _scalar(text, at)
        value, at, complete = _close(text, _skip(text, at), value, holders, keys)
        if complete:
            return value


def _close(text: str, at: int, value: Any, holders: list[Any], keys: list[str]) -> tuple[Any, int, bool]:
    """Put a finished value into its holder, and finished holders into theirs; True when nothing is open any more."""
    while holders:
        holder = holders[-1]
        is_object = isinstance(holder, dict)
        if is_object:
            holder[keys.pop()] = value
        else:
            holder.append(value)
        mark = text[at : at + 1]
        if mark == ",":
            at = _skip(text, at + 1)
            return value, _key(text, at, keys) if is_object else at, False
        if mark != ("}" if is_object else "]"):
            raise ValueError(f"unexpected {mark!r} at character {at}")
        value = holders.pop()
        at = _skip(text, at + 1)
    return value, at, True


def _key(text: str, at: int, keys: list[str]) -> int:
    if text[at : at + 1] != '"':
        raise ValueError(f"a name is missing at character {at}")
    key, at = _scalar(text, at)
    at = _skip(text, at)
    if text[at : at + 1] != ":":
        raise ValueError(f"a colon is missing at character {at}")
    keys.append(key)
    return _skip(text, at + 1)


def _scalar(text: str, at: int) -> tuple[Any, int]:
    found = _SCALAR.match(text, at)
    if not found:
        raise ValueError(f"a value is missing at character {at}")
    return json.loads(found.group(), strict=False), found.end()


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def obj(value: Any) -> dict[str, Any]:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return a JSON array, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """Return a string, or an empty one for anything else."""
    return value if isinstance(value, str) else ""


def ident(value: Any) -> str | None:
    """Return an id as a string: a whole number or a short word; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64:
        return str(value)
    if isinstance(value, float) and value.is_integer() and 0 <= value < 2**53:
        return str(int(value))
    if isinstance(value, str):
        value = tidy(value).strip()
        return value if 0 < len(value) <= 300 else None
    return None


def whole(value: Any) -> int | None:
    """Return a count or a score; None for anything that is no whole number of sane size."""
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?\d{1,15}\s*", value):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        value = round(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return value
    return None


def name(value: Any) -> str | None:
    """Return a person's name in one line, at most 200 characters; None for an empty one."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    return _line(value) if len(value) <= _SHORT else _line.__wrapped__(value)


@lru_cache(maxsize=4096)
def _line(text: str) -> str | None:
    return normalise(tidy(text))[:200] or None


def link(value: Any) -> str | None:
    """Return a web address, None for anything that is not a plain http(s) URL."""
    if not isinstance(value, str):
        return None
    address: str = value.strip()
    if not _WEB.fullmatch(address):
        return None
    if PLAIN_HOST.match(address):
        return address
    try:
        return address if urlsplit(address).hostname else None
    except ValueError:
        return None
