"""Language models behind the OpenAI protocol, through LlamaIndex: a configured endpoint, or the local server."""

from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from ingest.errors import EndpointError, ModelMissing
from rag.ports import Message

__all__ = ["ChatModel"]


class ChatModel:
    """A `LanguageModel` over any OpenAI-compatible server.

    `tokenize_url` is llama.cpp's `/tokenize` where the server has it; elsewhere tokens are estimated at four
    characters each. A server on this machine is called without the environment's proxies.
    """

    def __init__(
        self,
        *,
        name: str,
        url: str,
        key: str = "",
        remote: bool = False,
        context_window: int = 4096,
        timeout: float = 120.0,
        tokenize_url: str | None = None,
    ) -> None:
        self.name = name
        self.url = url
        self.context_window = context_window
        self.remote = remote
        self._key = key or "none"
        self._tokenize_url = tokenize_url
        self._http = httpx.Client(trust_env=remote, timeout=httpx.Timeout(timeout, connect=5.0))
        self._llm: Any = None

    def load(self) -> None:
        """Build the client; the first call imports LlamaIndex, which takes seconds."""
        if self._llm is not None:
            return
        try:
            from llama_index.llms.openai_like import OpenAILike
        except ImportError as error:
            raise ModelMissing(
                "LlamaIndex's OpenAI-like client is not installed.",
                remedy="Reinstall Commentariat, or use --answerer quotes.",
            ) from error
        self._llm = OpenAILike(
            model=self.name,
            api_base=self.url,
            api_key=self._key,
            is_chat_model=True,
            context_window=self.context_window,
            temperature=0.0,
            max_retries=2,
            http_client=self._http,
        )

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        """Yield pieces of the reply. Raises `EndpointError`; closing the iterator stops the generation."""
        self.load()
        import openai
        from llama_index.core.llms import ChatMessage

        chat = [ChatMessage(role=message.role, content=message.content) for message in messages]
        try:
            for part in self._llm.stream_chat(chat, max_tokens=max_tokens, stop=list(stop) or None):
                if part.delta:
                    yield part.delta
        except (openai.OpenAIError, httpx.HTTPError, ValueError, KeyError, TypeError, IndexError) as error:
            raise EndpointError(
                f"The language model at {self.url} failed: {_first_line(error)}.",
                remedy="Check COMMENTARIAT_ENDPOINT and that the server runs, or use --answerer quotes.",
            ) from error

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


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__).rstrip(".")[:200]
