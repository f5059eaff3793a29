"""Every setting of the product, frozen, checked, and read from the environment here and nowhere else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

import platformdirs

from ingest.errors import SettingsError
from ingest.source import Limits
from rag.evidence import Answerer

__all__ = ["PREFIX", "Settings"]

PREFIX = "COMMENTARIAT_"
_SECRET = frozenset({"api_key", "catalogue_url", "chroma_token", "server_token"})  # never shown whole


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings, each read from `COMMENTARIAT_<NAME>`; the README's table is made from the comments here."""

    home: Path = Path(platformdirs.user_data_dir("commentariat", appauthor=False))  # folder of the library
    cache: Path = Path(platformdirs.user_cache_dir("commentariat", appauthor=False))  # folder for joined model weights
    answerer: Answerer = "auto"  # auto, quotes or model
    encoder: str = "all-MiniLM-L6-v2:int8"  # bundled (32 bits without :int8), or a sentence-transformers name or path
    model: str = ""  # a GGUF file, or the model's name at the endpoint; empty: the bundled one
    endpoint: str = ""  # base URL of an OpenAI-compatible server, such as http://127.0.0.1:11434/v1
    api_key: str = ""  # the endpoint's key
    endpoint_silence: float = 60.0  # seconds without a word from the endpoint, after which it is given up
    endpoint_limit: float = 300.0  # seconds for a whole answer of the endpoint
    endpoint_retry: float = 10.0  # seconds for trying a failing endpoint again before its first word; 0: never
    model_threads: int = 0  # threads for the local model; 0: one a core
    context_window: int = 4096  # tokens that the model can hold
    prompt_tokens: int = 350  # budget of passages in a prompt to the local model
    catalogue_url: str = ""  # PostgreSQL, such as postgresql://user:password@host/name; empty: a file
    chroma_url: str = ""  # a Chroma server, such as http://127.0.0.1:8000; empty: embedded
    chroma_token: str = ""  # bearer token for the Chroma server
    max_counted_comments: int = 50_000  # library up to which any count over all of it is made by reading every thread
    evidence: int = 8  # passages shown as evidence
    answer_cache: bool = True  # give an answer again while the threads it rests on are unchanged; off: never
    max_question_chars: int = 4000  # longest question
    max_file_bytes: int = 20_000_000  # largest input
    max_comments: int = 50_000  # most comments in one thread
    max_comment_chars: int = 200_000  # longest comment; the rest is cut
    allow_private_urls: bool = False  # fetch from private and loopback addresses
    fetch_timeout: float = 20.0  # seconds for one fetch
    page_host: str = "127.0.0.1"  # address that the page listens on; beyond loopback it asks for a sign-in
    page_url: str = ""  # address of the page as people type it, behind a proxy
    sign_in: bool = False  # people sign in before they see the page; see docs/sign-in.md
    sign_in_people: str = ""  # who may come in: ann@example.org, @example.com; empty: whoever can sign in
    server_token: str = ""  # bearer token that `serve` asks for; needed beyond loopback
    max_request_bytes: int = 262_144  # longest body of a question to `serve`
    max_asks: int = 4  # questions that `serve` answers at once; more are told to come back

    def __repr__(self) -> str:
        """Show every setting, and of a secret one only that it is set."""
        shown = {field.name: getattr(self, field.name) for field in fields(self)}
        told = (f"{name}={'***' if value and name in _SECRET else repr(value)}" for name, value in shown.items())
        return f"Settings({', '.join(told)})"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **overrides: object) -> "Settings":
        """Read the settings; `overrides` win, None among them means not given.

        Raises `SettingsError` for a name that does not exist, with the nearest one that does, and for a bad value.
        """
        environment = os.environ if environment is None else environment
        known = {field.name: field for field in fields(cls)}
        values: dict[str, Any] = {}
        for variable, raw in environment.items():
            if not variable.startswith(PREFIX):
                continue
            name = variable.removeprefix(PREFIX).lower()
            if name not in known:
                raise SettingsError(f"{variable} is not a setting.", remedy=f"Known: {', '.join(sorted(known))}.")
            values[name] = _parse(variable, raw, getattr(cls(), name))
        given = {name: value for name, value in overrides.items() if value is not None}
        return replace(cls(), **{**values, **given}).checked()

    def checked(self) -> "Settings":
        """Return self, or raise `SettingsError` for a value out of bounds."""
        if self.answerer not in get_args(Answerer):
            raise SettingsError(f"There is no answerer {self.answerer!r}.", remedy="Use auto, quotes or model.")
        for name in ("evidence", *(field.name for field in fields(self) if field.name.startswith("max_"))):
            if getattr(self, name) < 1:
                raise SettingsError(
                    f"{PREFIX}{name.upper()} must be at least 1.", remedy="Leave it out for the default."
                )
        if self.catalogue_url and not self.catalogue_url.startswith(("postgresql://", "postgres://")):
            raise SettingsError(
                f"{PREFIX}CATALOGUE_URL is not the URL of a PostgreSQL database.",  # it may hold a password
                remedy="Give one such as postgresql://user:password@host/name, or unset it for a file in the folder.",
            )
        if min(self.endpoint_silence, self.endpoint_limit, self.fetch_timeout) <= 0 or self.endpoint_retry < 0:
            raise SettingsError("A time limit must be above 0 seconds.", remedy="Leave it out for the default.")
        if self.context_window < 1024 or self.prompt_tokens < 100:
            raise SettingsError(
                "The context window must be at least 1024 tokens and the prompt budget at least 100.",
                remedy="Leave them out for the defaults.",
            )
        if not self.sign_in and not _is_loopback(self.page_host):
            raise SettingsError(
                f"The page would be open to anybody who reaches {self.page_host}.",
                remedy="Set COMMENTARIAT_SIGN_IN=1 (docs/sign-in.md), or leave COMMENTARIAT_PAGE_HOST at 127.0.0.1.",
            )
        return self

    @property
    def limits(self) -> Limits:
        """Return the bounds that loaders keep."""
        return Limits(self.max_file_bytes, self.max_comments, self.max_comment_chars)

    @property
    def where(self) -> str:
        """Return where the library is, as a person may be told: a folder, or a server and its database."""
        if not self.catalogue_url:
            return str(self.home)
        address = urlsplit(self.catalogue_url)
        host = address.netloc.rpartition("@")[2] if address.netloc.count("@") < 2 else ""
        return f"PostgreSQL, {host or 'localhost'}{address.path}"

    @property
    def endpoint_is_remote(self) -> bool:
        """Tell whether the endpoint is on another machine, so that text would leave this one."""
        host = urlsplit(self.endpoint).hostname or ""
        return bool(host) and not _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parse(variable: str, raw: str, default: object) -> object:
    try:
        match default:
            case bool():
                if raw.lower() not in {"0", "1", "true", "false", "yes", "no", "on", "off"}:
                    raise ValueError
                return raw.lower() in {"1", "true", "yes", "on"}
            case int():
                return int(raw)
            case float():
                return float(raw)
            case Path():
                return Path(raw).expanduser()
            case _:
                return raw
    except ValueError as error:
        raise SettingsError(
            f"{variable}={raw!r} is not a {type(default).__name__}.", remedy="Mend it or unset it."
        ) from error
