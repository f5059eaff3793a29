# mypy: disable-error-code="import-not-found"
"""haiku.rag over one text: its hybrid search, and its own agent that searches and cites.

Runs in the environment of `requirements.txt`, as `eval/peers/environment.py` tells it by JSON lines. Its own chunker
needs docling and a tokenizer from a hub; the text is cut by words and imported with ready chunks instead, as its
interface allows.
"""

import asyncio
import json
import re
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from docling_core.types.doc.document import DoclingDocument
from docling_core.types.doc.labels import DocItemLabel
from haiku.rag.client import HaikuRAG
from haiku.rag.config.models import (
    AppConfig,
    EmbeddingModelConfig,
    EmbeddingsConfig,
    ModelConfig,
    QAConfig,
    StorageConfig,
)
from haiku.rag.store.models.chunk import Chunk


def chunks_of(text: str, words: int, overlap: int) -> list[str]:
    """Cut a text into runs of words, white space kept, each sharing a few words with the one before."""
    found = list(re.finditer(r"\S+\s*", text))
    starts = range(0, max(1, len(found) - overlap), words - overlap)
    return [text[found[start].start() : found[min(start + words, len(found)) - 1].end()] for start in starts]


def config(hello: dict[str, Any]) -> AppConfig:
    """Return haiku.rag's configuration; all that is not said here is its default."""
    place, chat = hello["embeddings"], hello["chat"] or {"url": "http://127.0.0.1:1/v1", "key": "none", "name": "none"}
    encoder = EmbeddingModelConfig(
        provider="openai",
        name=place["name"],
        vector_dim=place["dimension"],
        base_url=place["url"],
        api_key=place["key"],
    )
    model = ModelConfig(
        provider="openai",
        name=chat["name"],
        base_url=chat["url"],
        api_key=chat["key"],
        temperature=0.0,
        max_tokens=hello["max_tokens"],
    )
    return AppConfig(
        storage=StorageConfig(data_dir=Path(hello["folder"])),
        embeddings=EmbeddingsConfig(model=encoder),
        qa=QAConfig(model=model, max_searches=2),
    )


async def main() -> None:
    """Answer line by line until the input ends."""
    hello = json.loads(sys.stdin.readline())
    texts = chunks_of(hello["text"], hello["chunk_words"], hello["overlap_words"])
    document = DoclingDocument(name="thread")
    items = [document.add_text(label=DocItemLabel.TEXT, text=text) for text in texts]
    chunks = [
        Chunk(content=text, order=place, metadata={"doc_item_refs": [item.self_ref], "labels": ["text"]})
        for place, (text, item) in enumerate(zip(texts, items, strict=True))
    ]
    settings = {key: hello[key] for key in ("chunk_words", "overlap_words", "top_k", "max_tokens")}
    async with HaikuRAG(Path(hello["folder"]) / "thread.lancedb", config=config(hello), create=True) as client:
        await client.import_document(document, chunks, uri="thread")
        tell({"versions": {"haiku.rag-slim": version("haiku.rag-slim")}, "settings": {**settings, "search": "hybrid"}})
        for line in sys.stdin:
            request = json.loads(line)
            if "find" in request:
                results = await client.search(request["find"], limit=hello["top_k"])
                tell({"sources": [result.content for result in results]})
            else:
                tell(await said(client, request["ask"]))


async def said(client: HaikuRAG, question: str) -> dict[str, Any]:
    """Let its agent answer; a citation is a chunk, shown with the answer. It has no place for history here."""
    try:
        text, citations = await client.ask(question)
    except Exception as error:  # noqa: BLE001 - whatever the agent raises is what it answered
        return {"error": f"{type(error).__name__}: {str(error)[:300]}"}
    return {"text": text, "sources": [citation.content for citation in citations]}


def tell(answer: dict[str, Any]) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
