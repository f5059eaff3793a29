"""Texts that PostgreSQL cannot hold, written so that it can: characters of code 0 and lone surrogates.

What SQLite keeps must come back from PostgreSQL the same. Such characters become U+001A with four hexadecimal digits,
and so does U+001A itself; every other text is left alone.
"""

import re

from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.types.string import (
    StrBinaryDumper,
    StrDumper,
    StrDumperUnknown,
    TextBinaryLoader,
    TextLoader,
)

__all__ = ["adapt"]

_UNFIT = re.compile("[\x00\x1a\ud800-\udfff]")
_MARKED = re.compile("\x1a([0-9a-f]{4})")


def _escaped(text: str) -> str:
    return _UNFIT.sub(lambda found: f"\x1a{ord(found[0]):04x}", text) if _UNFIT.search(text) else text


def _restored(text: str) -> str:
    return _MARKED.sub(lambda found: chr(int(found[1], 16)), text) if "\x1a" in text else text


class _Unknown(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(_escaped(obj))


class _Text(StrDumper):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(_escaped(obj))


class _BinaryText(StrBinaryDumper):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(_escaped(obj))


class _Loader(TextLoader):
    def load(self, data: Buffer) -> bytes | str:
        return _restored(str(super().load(data)))


class _BinaryLoader(TextBinaryLoader):
    def load(self, data: Buffer) -> bytes | str:
        return _restored(str(super().load(data)))


def adapt(connection: Connection) -> None:
    """Make a connection write and read every text."""
    for dumper in (_BinaryText, _Text, _Unknown):  # the last is what a value is written by where nothing says its type
        connection.adapters.register_dumper(str, dumper)
    for loader in (_Loader, _BinaryLoader):
        connection.adapters.register_loader("text", loader)
