"""Every failure that a person may see, sorted by what to do next.

    CommentariatError(message, remedy)
    ├── SourceError            the input cannot be read as a thread
    │   ├── EmptySource        nothing in it
    │   ├── UnknownFormat      no loader recognises it
    │   ├── MalformedSource    recognised, and damaged beyond repair
    │   ├── SourceTooLarge     beyond a stated limit
    │   └── NoComments         the page or file holds no comments, and says why
    ├── FetchError             a URL could not be fetched
    ├── ThreadNotFound         the library has no such thread
    ├── QuestionError          the question cannot be asked (empty, too long)
    ├── SettingsError          an unknown or out-of-bounds setting
    ├── LibraryError           the library on disk
    │   ├── LibraryBusy        another process holds it
    │   ├── LibraryDamaged     the catalogue cannot be read
    │   ├── LibraryUnreachable the server that holds the catalogue does not answer
    │   ├── IndexUnavailable   the vector index cannot be used; the catalogue still answers
    │   └── StorageFull        no room to write
    └── ModelError             encoder or language model
        ├── ModelMissing       weights or packages are not installed
        ├── ModelDamaged       a checksum does not match
        └── EndpointError      a configured endpoint failed

Each carries a one-line message and the remedy; doors print both and exit with `exit_code`.
"""

__all__ = [
    "CommentariatError",
    "EmptySource",
    "EndpointError",
    "FetchError",
    "IndexUnavailable",
    "LibraryBusy",
    "LibraryDamaged",
    "LibraryError",
    "LibraryUnreachable",
    "MalformedSource",
    "ModelDamaged",
    "ModelError",
    "ModelMissing",
    "NoComments",
    "QuestionError",
    "SettingsError",
    "SourceError",
    "SourceTooLarge",
    "StorageFull",
    "ThreadNotFound",
    "UnknownFormat",
]


class CommentariatError(Exception):
    """Report a failure in one line, with what to do about it."""

    exit_code = 2

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class SourceError(CommentariatError):
    """The input cannot be read as a thread."""


class EmptySource(SourceError):
    """The input holds no text."""


class UnknownFormat(SourceError):
    """No loader recognises the input."""


class MalformedSource(SourceError):
    """The format is recognised, the content is damaged beyond repair."""


class SourceTooLarge(SourceError):
    """The input is beyond one of the stated limits."""


class NoComments(SourceError):
    """The input holds no comments; the message says why."""


class FetchError(CommentariatError):
    """A URL could not be fetched, or may not be."""


class ThreadNotFound(CommentariatError):
    """The library has no such thread."""


class QuestionError(CommentariatError):
    """The question cannot be asked."""


class SettingsError(CommentariatError):
    """A setting is unknown or out of bounds."""


class LibraryError(CommentariatError):
    """The library on disk cannot be used as it is."""


class LibraryBusy(LibraryError):
    """Another process holds the library."""


class LibraryDamaged(LibraryError):
    """The catalogue cannot be read."""


class LibraryUnreachable(LibraryError):
    """The server that holds the catalogue does not answer."""


class IndexUnavailable(LibraryError):
    """The vector index is damaged or out of reach; it can be rebuilt from the catalogue."""


class StorageFull(LibraryError):
    """There is no room to write, or no permission."""


class ModelError(CommentariatError):
    """The encoder or the language model cannot be used."""


class ModelMissing(ModelError):
    """Weights or packages are not installed."""


class ModelDamaged(ModelError):
    """A checksum does not match."""


class EndpointError(ModelError):
    """A configured endpoint failed."""
