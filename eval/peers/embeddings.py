"""The product's encoder behind the OpenAI protocol, on a loopback port: peers in other environments use it too."""

import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from rag.ports import Encoder

__all__ = ["EmbeddingServer"]


class EmbeddingServer:
    """Serves `POST /v1/embeddings` on 127.0.0.1 behind a random key. Close it or use `with`."""

    def __init__(self, encoder: Encoder, *, name: str = "encoder") -> None:
        self.name = name
        self.key = secrets.token_hex(16)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(encoder, name, self.key))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _handler(encoder: Encoder, name: str, key: str) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if self.headers.get("Authorization") != f"Bearer {key}":
                self._send(401, {"error": "wrong key"})
                return
            try:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                texts = [body["input"]] if isinstance(body["input"], str) else [str(text) for text in body["input"]]
            except (ValueError, KeyError, TypeError):
                self._send(400, {"error": "no input"})
                return
            with lock:
                rows = encoder.encode(texts)
            data = [
                {"object": "embedding", "index": place, "embedding": [float(value) for value in row]}
                for place, row in enumerate(rows)
            ]
            usage = {"prompt_tokens": 0, "total_tokens": 0}
            self._send(200, {"object": "list", "data": data, "model": name, "usage": usage})

        def _send(self, status: int, answer: dict[str, Any]) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's
            """Say nothing: the caller reports."""

    return Handler
