"""The naive engine as it streams: when its first word comes, and what it asks the model to read."""

import json
import time
from collections.abc import Sequence
from typing import Any

from eval.peers.llamaindex import CHUNK_TOKENS, OVERLAP, TOP_K, NaivePeer
from ingest.thread import Thread
from rag.adapters.local_model import LocalServer
from rag.ports import Encoder

__all__ = ["StreamingNaive"]


class StreamingNaive(NaivePeer):
    """The naive peer with streaming on; `messages` holds what the last question made of the prompt."""

    def __init__(self, thread: Thread, encoder: Encoder, server: LocalServer) -> None:
        super().__init__(thread, encoder, None)
        self.messages: Sequence[dict[str, str]] = ()
        self._streaming = self._client(server)

    def first_word(self, question: str) -> float:
        """Return the seconds to the first piece of an answer; the rest is not waited for."""
        from llama_index.core.query_engine import CitationQueryEngine

        engine = CitationQueryEngine.from_args(
            self._index,
            llm=self._streaming,
            similarity_top_k=TOP_K,
            citation_chunk_size=CHUNK_TOKENS,
            citation_chunk_overlap=OVERLAP,
            streaming=True,
        )
        start = time.perf_counter()
        response: Any = engine.query(question)
        for piece in response.response_gen:
            if piece:
                break
        return time.perf_counter() - start

    def _client(self, server: LocalServer) -> Any:
        import httpx
        from llama_index.llms.openai_like import OpenAILike

        def keep(request: httpx.Request) -> None:
            self.messages = json.loads(request.content).get("messages", ())

        options: dict[str, Any] = {
            "model": server.name,
            "api_base": f"{server.url}/v1",
            "api_key": server.key,
            "is_chat_model": True,
            "context_window": server.context_window,
            "max_tokens": 1,  # the first word is all that is waited for
            "temperature": 0.0,
            "timeout": 900.0,
            "max_retries": 0,
            "http_client": httpx.Client(trust_env=False, timeout=900.0, event_hooks={"request": [keep]}),
        }
        return OpenAILike(**options)
