"""What a loader is given: bytes with a name, decoded once, within stated limits."""

import codecs
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from charset_normalizer import from_bytes

from ingest.errors import EmptySource, MalformedSource, SourceTooLarge

__all__ = ["Limits", "Source"]

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,40})""")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is read, so that no file can take the machine down. Sizes in bytes, lengths in characters."""

    file_bytes: int = 20_000_000
    comments: int = 50_000
    comment_chars: int = 200_000


@dataclass(frozen=True)
class Source:
    """One input: its bytes, the name it goes by, and the URL it was fetched from, if any.

    Raises `EmptySource`, `SourceTooLarge` or `MalformedSource` at construction or first decoding.
    """

    name: str
    data: bytes
    url: str | None = None
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.check_size(self.name, len(self.data), self.limits)
        if not self.data.strip(b"\x00\t\n\r \xef\xbb\xbf"):
            raise EmptySource(f"{self.name} is empty.", remedy="Give a file that holds a thread.")

    @staticmethod
    def check_size(name: str, size: int, limits: Limits) -> None:
        """Raise `SourceTooLarge` for a size in bytes beyond the limit."""
        if size > limits.file_bytes:
            raise SourceTooLarge(
                f"{name} has {size:,} bytes; the limit is {limits.file_bytes:,}.",
                remedy="Split it, or raise the limit with COMMENTARIAT_MAX_FILE_BYTES.",
            )

    @classmethod
    def from_path(cls, path: Path, *, name: str | None = None, limits: Limits | None = None) -> "Source":
        """Read a file, refusing one beyond the limit before reading it."""
        limits = limits or Limits()
        try:
            cls.check_size(path.name, path.stat().st_size, limits)
            data = path.read_bytes()
        except OSError as error:
            raise MalformedSource(
                f"{path} cannot be read: {error.strerror or error}.", remedy="Check the path and its permissions."
            ) from error
        return cls(name=name or path.name, data=data, limits=limits)

    @property
    def stem(self) -> str:
        """Return the name without folder and without extension."""
        return Path(self.name).stem or self.name

    @property
    def suffix(self) -> str:
        """Return the lower-case extension with its dot, or an empty string."""
        return Path(self.name).suffix.lower()

    @cached_property
    def text(self) -> str:
        """Decode to text: UTF-8 or UTF-16 by its mark, UTF-8, the declared charset, cp1252, then a guess.

        Raises `MalformedSource` for binary content.
        """
        data = self.data
        for mark, encoding in (
            (codecs.BOM_UTF8, "utf-8-sig"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if data.startswith(mark):
                return _clean_newlines(data.decode(encoding, errors="replace"))
        if _looks_binary(data):
            raise MalformedSource(
                f"{self.name} is a binary file, not text.", remedy="Save the discussion as text, HTML or JSON."
            )
        declared = _DECLARED.search(data[:4096])
        names = ["utf-8", *([declared.group(1).decode("ascii")] if declared else []), "cp1252"]
        for name in names:
            try:
                return _clean_newlines(data.decode(name))
            except (UnicodeDecodeError, LookupError):
                continue
        best = from_bytes(data).best()
        return _clean_newlines(str(best) if best else data.decode("utf-8", errors="replace"))


def _looks_binary(data: bytes) -> bool:
    """Tell text from binary: text in any 8-bit encoding holds next to no control bytes."""
    head = data[:65_536]
    control = sum(head.count(byte) for byte in range(32) if byte not in b"\t\n\r\x0c\x1b")
    return control > max(8, len(head) // 50)


def _clean_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
