"""Language models behind the OpenAI protocol, through LlamaIndex: a configured endpoint, or the local server."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from ingest.errors import EndpointError, ModelMissing
from rag.adapters.patience import Clock, Fault, Patience, Watch, pause_after, wait_asked
from rag.ports import Message

__all__ = ["ChatModel"]

_BUSY = frozenset({408, 409, 425, 429})  # and all from 500 on: worth another try
_REMEMBERED = 30.0  # seconds for which a server that failed is not tried twice
_LONGEST = 8  # pieces of an answer for each token that was asked for, and characters for each piece
_CHECK = "Check COMMENTARIAT_ENDPOINT and that the server runs, or use --answerer quotes."


class ChatModel:
    """A `LanguageModel` over any OpenAI-compatible server.

    `tokenize_url` is llama.cpp's `/tokenize` where the server has it; elsewhere tokens are estimated at four
    characters each. A server on this machine is called without the environment's proxies. What fails before the
    first word is tried again, as long as `patience` says; what breaks off later is an error after the words so far.
    """

    def __init__(
        self,
        *,
        name: str,
        url: str,
        key: str = "",
        remote: bool = False,
        context_window: int = 4096,
        patience: Patience = Patience(),  # noqa: B008 - frozen
        tokenize_url: str | None = None,
    ) -> None:
        self.name = name
        self.url = url
        self.context_window = context_window
        self.remote = remote
        self._key = key or "none"
        self._patience = patience
        self._tokenize_url = tokenize_url
        self._timeout = httpx.Timeout(patience.silence, connect=patience.connect)
        self._watch = Watch()
        self._http = httpx.Client(trust_env=remote, timeout=self._timeout, event_hooks={"response": [self._watch]})
        self._llm: Any = None
        self._failures: tuple[type[Exception], ...] = ()
        self._failed = float("-inf")

    def load(self) -> None:
        """Build the client; the first call imports LlamaIndex, which takes seconds."""
        if self._llm is not None:
            return
        try:
            import openai
            from llama_index.llms.openai_like import OpenAILike
        except ImportError as error:
            raise ModelMissing(
                "LlamaIndex's OpenAI-like client is not installed.",
                remedy="Reinstall Commentariat, or use --answerer quotes.",
            ) from error
        options: dict[str, Any] = {
            "model": self.name,
            "api_base": self.url,
            "api_key": self._key,
            "is_chat_model": True,
            "context_window": self.context_window,
            "temperature": 0.0,
            "max_retries": 0,  # tried again here, where it is known whether a word was said
            "http_client": self._http,
        }
        self._llm = OpenAILike(**options)
        unreadable = (ValueError, TypeError, LookupError, AttributeError)  # what the client makes of nonsense
        self._failures = (openai.OpenAIError, httpx.HTTPError, Fault, *unreadable)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        """Yield pieces of the reply. Raises `EndpointError`; closing the iterator stops the generation."""
        self.load()
        start = time.monotonic()
        tries, said = 0, False
        while True:
            tries += 1
            try:
                for piece in self._said(messages, max_tokens, stop):
                    said = True
                    yield piece
            except self._failures as error:
                fault = self._fault(error)
                pause = None if said or fault.lasting else self._pause(fault, tries, start)
                if pause is None:
                    self._failed = time.monotonic()
                    raise EndpointError(
                        f"The language model at {self._shown_url} failed: {self._hidden(str(fault))}.",
                        remedy=fault.remedy or _CHECK,
                    ) from error
            else:
                return
            time.sleep(pause)

    def _said(self, messages: Sequence[Message], max_tokens: int, stop: Sequence[str]) -> Iterator[str]:
        """Yield the pieces of one try. Raises whatever the client raises, and `Fault`s."""
        from llama_index.core.llms import ChatMessage

        chat = [ChatMessage(role=message.role, content=message.content) for message in messages]
        clock = Clock(self._patience)
        self._watch.take(clock)
        pieces, size = 0, 0
        try:
            reply = self._llm.stream_chat(chat, max_tokens=max_tokens, stop=list(stop) or None, timeout=self._timeout)
            with closing(reply):
                for part in reply:
                    clock.heard()
                    clock.finished = clock.finished or any(choice.finish_reason for choice in part.raw.choices)
                    pieces, size = pieces + 1, size + len(part.delta or "")
                    if pieces > _LONGEST * max_tokens or size > _LONGEST**2 * max_tokens:
                        raise Fault("its answer does not end", lasting=True)
                    if part.delta:
                        yield part.delta
        finally:
            self._watch.take(None)
        if not clock.finished:
            raise Fault("it broke off in the middle")

    def _pause(self, fault: Fault, tries: int, start: float) -> float | None:
        """Return how long to wait before another try, None where there is to be none."""
        now = time.monotonic()
        if tries >= self._patience.tries or now - self._failed < _REMEMBERED:
            return None
        pause = pause_after(tries) if fault.wait is None else fault.wait
        return pause if now - start + pause <= self._patience.retry else None

    def _fault(self, error: Exception) -> Fault:
        """Say what an exception of the client means."""
        import openai

        inner: BaseException = error
        while isinstance(inner, openai.APIConnectionError) and inner.__cause__ is not None:
            inner = inner.__cause__
        match inner:
            case Fault():
                return inner
            case openai.APIStatusError():
                return self._refused(inner)
            case httpx.ConnectTimeout() | httpx.ConnectError():
                return Fault("it cannot be reached")
            case openai.APITimeoutError() | httpx.TimeoutException():
                return Fault(f"it said nothing for {self._patience.silence:g} seconds")
            case httpx.HTTPError() | openai.APIConnectionError():
                return Fault("it broke the connection off")
            case openai.OpenAIError():
                return Fault(f"it says “{_first_line(inner)}”")
        return Fault("what it sends is no answer that can be read")

    def _refused(self, error: Any) -> Fault:
        status = int(error.status_code)
        said = error.body.get("message") if isinstance(error.body, dict) else None
        why = f" “{_first_line(said)}”" if isinstance(said, str) and said.strip() else ""
        if status in (401, 403):
            return Fault(f"it refuses the key ({status})", remedy="Check COMMENTARIAT_API_KEY.", lasting=True)
        if status == 404:
            remedy = "Check COMMENTARIAT_MODEL and COMMENTARIAT_ENDPOINT."
            return Fault(f"it knows no model {self.name!r} there (404)", remedy=remedy, lasting=True)
        wait = wait_asked(error.response.headers.get("retry-after"))
        if status == 429:
            asks = f" and asks to wait {wait:.0f} seconds" if wait else ""
            return Fault(f"it takes no more questions now (429){asks}", remedy="Ask again later.", wait=wait)
        return Fault(f"it answers with status {status}{why}", lasting=status < 500 and status not in _BUSY, wait=wait)

    @property
    def _shown_url(self) -> str:
        """Return the address as a person may be told: without a password or a query."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    def _hidden(self, text: str) -> str:
        """Return a text without the key, which servers like to repeat."""
        return text.replace(self._key, "…") if self._key != "none" else text

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of a text; estimated where the server cannot say."""
        if self._tokenize_url is not None:
            try:
                reply = self._http.post(
                    self._tokenize_url,
                    json={"content": text},
                    headers={"Authorization": f"Bearer {self._key}"},
                    timeout=5.0,
                )
                return len(reply.raise_for_status().json()["tokens"])
            except (httpx.HTTPError, ValueError, KeyError):
                self._tokenize_url = None
        return -(-len(text) // 4)


def _first_line(error: object) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__).rstrip(".")[:160]
