"""The naive baseline: LlamaIndex's CitationQueryEngine over the whole text, as a first attempt would build it.

512-token chunks, the top 3, the product's own encoder and local language model. `python -m eval.peers.naive` answers
the gold of the sample thread and stores the answers; half a minute a question on two cores.

Its citations are chunks; `eval.peers.layout` maps them to comments in its favour.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from eval.cases import Case, split_of
from eval.gold import GOLD, read_cases, read_threads
from eval.peers.layout import Layout, declines
from eval.peers.stored import answer_key, answers_path, recorder, stored_keys
from eval.systems import Reply
from ingest.thread import Thread
from rag.adapters.encoders import open_encoder
from rag.adapters.local_model import LocalServer, joined_weights
from rag.settings import Settings

__all__ = ["NAME", "NaiveSystem", "main", "opened_naive", "versions"]

NAME = "naive"
TOP_K = 3
CHUNK_TOKENS = 512
MAX_TOKENS = 160


def versions() -> dict[str, str]:
    """Return the versions that an answer depends on."""
    return {"llama-index-core": version("llama-index-core"), "xllamacpp": version("xllamacpp")}


class NaiveSystem:
    """CitationQueryEngine over one thread's text. Not a context manager: it holds nothing but memory."""

    name = NAME

    def __init__(self, thread: Thread, server: LocalServer, settings: Settings) -> None:
        self._layout = Layout(thread)
        self._engine = _engine(self._layout.text, server, settings)

    def reply(self, case: Case) -> Reply:
        """Answer one case. History is not passed: the engine has no place for it."""
        start = time.perf_counter()
        response = self._engine.query(case.q)
        ms = (time.perf_counter() - start) * 1000
        text = str(response).strip()
        sources = [node.node.get_content() for node in response.source_nodes]
        declined = declines(text)
        answer = {
            "question": case.q,
            "answer": text,
            "abstained": declined,
            "reason": "not_discussed" if declined else None,
            "route": "declined" if declined else "model",
            "claims": [] if declined else self._layout.claims(text, sources),
            "evidence": self._layout.evidence(sources),
            "rejected": [],
            "timings": {"total_ms": round(ms, 1)},
            "prompt_tokens": 0,
        }
        return Reply(answer, {"total_ms": ms})

    def chunks(self, case: Case) -> tuple[int, ...]:
        """Return where the chunks for a question begin: questions asked in this order share the model's cache."""
        return tuple(int(node.node.start_char_idx or 0) for node in self._engine.retriever.retrieve(case.q))


def _engine(text: str, server: LocalServer, settings: Settings) -> Any:
    import httpx
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.query_engine import CitationQueryEngine
    from llama_index.llms.openai_like import OpenAILike

    encoder = open_encoder(settings.encoder, cache=settings.cache, threads=settings.model_threads)

    class Ours(BaseEmbedding):
        """The product's encoder as LlamaIndex wants it."""

        def _get_text_embedding(self, text: str) -> list[float]:
            return [float(value) for value in encoder.encode([text])[0]]

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

    llm = OpenAILike(
        model=server.name,
        api_base=f"{server.url}/v1",
        api_key=server.key,
        is_chat_model=True,
        context_window=server.context_window,
        max_tokens=MAX_TOKENS,
        temperature=0.0,
        timeout=600.0,
        http_client=httpx.Client(trust_env=False, timeout=600.0),
    )
    splitter = SentenceSplitter(chunk_size=CHUNK_TOKENS, chunk_overlap=20)
    index = VectorStoreIndex.from_documents([Document(text=text)], transformations=[splitter], embed_model=Ours())
    return CitationQueryEngine.from_args(
        index, llm=llm, similarity_top_k=TOP_K, citation_chunk_size=CHUNK_TOKENS, citation_chunk_overlap=20
    )


@contextmanager
def opened_naive(thread: Thread, settings: Settings) -> Iterator[NaiveSystem]:
    """Serve the local model and build the engine over one thread; the model stops afterwards."""
    with LocalServer(joined_weights(settings.cache), threads=settings.model_threads) as server:
        yield NaiveSystem(thread, server, settings)


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer and store what is not stored yet; a stopped run is taken up where it was."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.peers.naive", description="Store the naive baseline's answers."
    )
    parser.add_argument("--gold", default="idlib", choices=[gold.name for gold in GOLD])
    parser.add_argument("--limit", type=int, help="answer at most N questions")
    parser.add_argument("--threads", type=int, default=0, help="threads for the model; 0: one a core")
    options = parser.parse_args(arguments)
    settings = Settings.from_environment(model_threads=options.threads)
    gold = next(gold for gold in GOLD if gold.name == options.gold)
    (thread,) = read_threads(gold)
    path = answers_path(NAME, gold.name)
    known = stored_keys(path)
    cases = sorted(read_cases(gold), key=lambda case: (split_of(case.id), answer_key(case, thread)))
    todo = [case for case in cases if answer_key(case, thread) not in known][: options.limit]
    with opened_naive(thread, settings) as system, recorder(path, thread) as out:
        todo.sort(key=system.chunks)
        for count, case in enumerate(todo, start=1):
            reply = system.reply(case)
            out.write(case, reply, versions())
            sys.stderr.write(f"{count}/{len(todo)} {reply.ms['total_ms'] / 1000:.0f} s {case.id} {case.q[:60]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
