# mypy: disable-error-code="import-not-found"
"""A Haystack pipeline with references: embedder, retriever, prompt builder, generator, answer builder.

Runs in the environment of `requirements.txt`, as `eval/peers/environment.py` tells it by JSON lines. The prompt asks
for references as the library's own example of `AnswerBuilder(reference_pattern=…)` needs them.
"""

import json
import sys
from importlib.metadata import version
from typing import Any

from haystack import Document, Pipeline
from haystack.components.builders import AnswerBuilder, ChatPromptBuilder
from haystack.components.embedders import OpenAIDocumentEmbedder, OpenAITextEmbedder
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.dataclasses import ChatMessage
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import Secret

PROMPT = """Answer the question in full sentences, from the given documents alone. End each sentence with the number \
of the document that it rests on in square brackets, such as [1]. If the documents do not hold the answer, say that \
you do not know.

Documents:
{% for document in documents %}
[{{ loop.index }}] {{ document.content }}
{% endfor %}
Question: {{ question }}
Answer:"""


def pipeline(hello: dict[str, Any]) -> tuple[Pipeline, Pipeline]:
    """Return the pipeline that finds documents, and the one that answers from them."""
    place = hello["embeddings"]
    where = {"api_key": Secret.from_token(place["key"]), "model": place["name"], "api_base_url": place["url"]}
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    splitter = DocumentSplitter(
        split_by="word", split_length=hello["chunk_words"], split_overlap=hello["overlap_words"]
    )
    documents = splitter.run(documents=[Document(content=hello["text"])])["documents"]
    embedder = OpenAIDocumentEmbedder(**where, progress_bar=False)
    store.write_documents(embedder.run(documents=documents)["documents"])
    find = Pipeline()
    find.add_component("embed", OpenAITextEmbedder(**where))
    find.add_component("retrieve", InMemoryEmbeddingRetriever(store, top_k=hello["top_k"]))
    find.connect("embed.embedding", "retrieve.query_embedding")
    answer = Pipeline()
    chat = hello["chat"] or {"url": "http://127.0.0.1:1/v1", "key": "none", "name": "none"}
    answer.add_component("prompt", ChatPromptBuilder(required_variables="*"))
    model = OpenAIChatGenerator(
        api_key=Secret.from_token(chat["key"]),
        model=chat["name"],
        api_base_url=chat["url"],
        timeout=900.0,
        max_retries=0,
        generation_kwargs={"max_tokens": hello["max_tokens"], "temperature": 0.0},
    )
    answer.add_component("model", model)
    answer.add_component(
        "answers", AnswerBuilder(reference_pattern=r"\[(\d+)\]", return_only_referenced_documents=False)
    )
    answer.connect("prompt.prompt", "model.messages")
    answer.connect("model.replies", "answers.replies")
    return find, answer


def found(find: Pipeline, question: str) -> list[Document]:
    """Return the documents found for a question, best first."""
    return list(find.run({"embed": {"text": question}})["retrieve"]["documents"])


def said(find: Pipeline, answer: Pipeline, question: str, history: list[list[str]]) -> dict[str, Any]:
    """Answer a question after its history, which goes before the prompt as messages."""
    documents = found(find, question)
    before = [
        message
        for asked, told in history
        for message in (ChatMessage.from_user(asked), ChatMessage.from_assistant(told))
    ]
    result = answer.run(
        {
            "prompt": {
                "template": [*before, ChatMessage.from_user(PROMPT)],
                "template_variables": {"documents": documents, "question": question},
            },
            "answers": {"query": question, "documents": documents},
        },
        include_outputs_from={"model"},
    )
    built = result["answers"]["answers"][0]
    usage = result["model"]["replies"][0].meta.get("usage") or {}
    return {
        "text": built.data,
        "sources": [document.content for document in documents],
        "prompt_tokens": usage.get("prompt_tokens", 0),
        "completion_tokens": usage.get("completion_tokens", 0),
    }


def main() -> None:
    """Answer line by line until the input ends."""
    hello = json.loads(sys.stdin.readline())
    find, answer = pipeline(hello)
    settings = {key: hello[key] for key in ("chunk_words", "overlap_words", "top_k", "max_tokens")}
    tell({"versions": {"haystack-ai": version("haystack-ai")}, "settings": settings})
    for line in sys.stdin:
        request = json.loads(line)
        if "find" in request:
            tell({"sources": [document.content for document in found(find, request["find"])]})
        else:
            tell(said(find, answer, request["ask"], request["history"]))


def tell(answer: dict[str, Any]) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
