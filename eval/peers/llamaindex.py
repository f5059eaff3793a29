"""Two peers from LlamaIndex: its citation query engine, and its condense-plus-context chat engine.

Both get the thread as one text in 512-token chunks, the top 3, the product's own encoder and local language model.
"""

import time
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from eval.cases import Case
from eval.peers.layout import Layout
from eval.peers.said import Cites, Meter, Said
from ingest.thread import Thread
from rag.adapters.local_model import LocalServer
from rag.ports import Encoder

__all__ = ["CHUNK_TOKENS", "MAX_TOKENS", "OVERLAP", "TOP_K", "CondensePeer", "NaivePeer"]

TOP_K = 3
CHUNK_TOKENS = 512
OVERLAP = 20
MAX_TOKENS = 160


class _LlamaIndexPeer:
    """An index over one thread's text. It holds nothing but memory, so there is nothing to close."""

    cites: Cites = "marks"

    def __init__(self, thread: Thread, encoder: Encoder, server: LocalServer | None) -> None:
        self.layout = Layout(thread)
        self.meter = Meter()
        self._index = _index(self.layout.text, encoder)
        self._llm = _model(server, self.meter) if server else None

    def versions(self) -> dict[str, str]:
        """Return the versions that an answer depends on."""
        return {name: version(name) for name in ("llama-index-core", "xllamacpp")}

    def settings(self) -> dict[str, str | int | float]:
        """Return how the engine is set up; all else is its library's default."""
        return {"chunk_tokens": CHUNK_TOKENS, "overlap": OVERLAP, "top_k": TOP_K, "max_tokens": MAX_TOKENS}

    def sources(self, questions: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the chunks found for each question."""
        retriever = self._index.as_retriever(similarity_top_k=TOP_K)
        return [tuple(node.node.get_content() for node in retriever.retrieve(question)) for question in questions]

    def ask(self, case: Case) -> Said:
        """Answer one case and count its tokens."""
        self.meter.reset()
        start = time.perf_counter()
        text, nodes = self._answer(case)
        ms = (time.perf_counter() - start) * 1000
        sources = tuple(str(node.node.get_content()) for node in nodes)
        return Said(text, sources, ms, self.meter.prompt, self.meter.completion)

    def _answer(self, case: Case) -> tuple[str, Sequence[Any]]:
        raise NotImplementedError


class NaivePeer(_LlamaIndexPeer):
    """CitationQueryEngine: the model is told to cite numbered sources. It has no place for history."""

    name = "naive"

    def _answer(self, case: Case) -> tuple[str, Sequence[Any]]:
        from llama_index.core.query_engine import CitationQueryEngine

        engine = CitationQueryEngine.from_args(
            self._index,
            llm=self._llm,
            similarity_top_k=TOP_K,
            citation_chunk_size=CHUNK_TOKENS,
            citation_chunk_overlap=OVERLAP,
        )
        response = engine.query(case.q)
        return str(response), response.source_nodes


class CondensePeer(_LlamaIndexPeer):
    """The condense_plus_context chat engine: a follow-up is rewritten first. It cites nothing but lists its sources."""

    name = "condense"
    cites: Cites = "sources"

    def _answer(self, case: Case) -> tuple[str, Sequence[Any]]:
        from llama_index.core.base.llms.types import ChatMessage, MessageRole

        engine = self._index.as_chat_engine(chat_mode="condense_plus_context", llm=self._llm, similarity_top_k=TOP_K)
        history = [
            ChatMessage(role=role, content=words)
            for turn in case.history
            for role, words in zip((MessageRole.USER, MessageRole.ASSISTANT), turn, strict=True)
        ]
        response = engine.chat(case.q, chat_history=history)
        return str(response), response.source_nodes


def _index(text: str, encoder: Encoder) -> Any:
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.node_parser import SentenceSplitter

    class Ours(BaseEmbedding):  # type: ignore[misc, unused-ignore]
        """The product's encoder as LlamaIndex wants it."""

        def _get_text_embedding(self, text: str) -> list[float]:
            return [float(value) for value in encoder.encode([text])[0]]

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

    splitter = SentenceSplitter(chunk_size=CHUNK_TOKENS, chunk_overlap=OVERLAP)
    return VectorStoreIndex.from_documents([Document(text=text)], transformations=[splitter], embed_model=Ours())


def _model(server: LocalServer, meter: Meter) -> Any:
    import httpx
    from llama_index.llms.openai_like import OpenAILike

    def count(response: httpx.Response) -> None:
        response.read()
        meter.add(response.json().get("usage") if response.is_success else None)

    return OpenAILike(
        model=server.name,
        api_base=f"{server.url}/v1",
        api_key=server.key,
        is_chat_model=True,
        context_window=server.context_window,
        max_tokens=MAX_TOKENS,
        temperature=0.0,
        timeout=900.0,
        max_retries=0,
        http_client=httpx.Client(trust_env=False, timeout=900.0, event_hooks={"response": [count]}),
    )
