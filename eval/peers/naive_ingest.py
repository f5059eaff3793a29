"""The naive way to take comments in: LlamaIndex's own pipeline, every part at its defaults.

`SentenceSplitter`, `HuggingFaceEmbedding` over the same weights as the product's encoder, `ChromaVectorStore` in a
folder; one document a comment, whose text alone is embedded.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.thread import Thread
from rag.adapters.weights import locate

__all__ = ["NaiveIngest"]

_KEY = "thread"


class NaiveIngest:
    """Holds the embedding model, loaded once; each `ingest` fills a collection of its own in a folder."""

    def __init__(self, encoder: str) -> None:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        folder = locate(encoder)
        self._embed: Any = HuggingFaceEmbedding(model_name=str(folder or encoder), device="cpu")
        self._embed.get_text_embedding("warm")
        self._store: Any = None

    def ingest(self, threads: Sequence[Thread], folder: Path) -> int:
        """Take every comment in; return how many nodes that made."""
        import chromadb
        from llama_index.core import Document
        from llama_index.core.ingestion import IngestionPipeline
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.vector_stores.chroma import ChromaVectorStore

        documents = [
            Document(text=comment.body, id_=comment.id, metadata={_KEY: thread.id}, excluded_embed_metadata_keys=[_KEY])
            for thread in threads
            for comment in thread.visible
        ]
        collection = chromadb.PersistentClient(path=str(folder)).create_collection("naive")
        self._store = ChromaVectorStore(chroma_collection=collection)
        pipeline = IngestionPipeline(transformations=[SentenceSplitter(), self._embed], vector_store=self._store)
        return len(pipeline.run(documents=documents))

    def ranked(self, question: str, thread_ids: Sequence[str], k: int) -> list[str]:
        """Return the comments nearest to a question in what was ingested last, best first, each once."""
        from llama_index.core import VectorStoreIndex
        from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters

        index = VectorStoreIndex.from_vector_store(self._store, embed_model=self._embed)
        wanted = MetadataFilter(key=_KEY, value=list(thread_ids), operator=FilterOperator.IN)
        filters = MetadataFilters(filters=[wanted]) if thread_ids else None
        nodes = index.as_retriever(similarity_top_k=k, filters=filters).retrieve(question)
        return list(dict.fromkeys(str(node.node.ref_doc_id) for node in nodes))
