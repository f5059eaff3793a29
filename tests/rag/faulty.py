"""A little server that speaks the OpenAI protocol and everything that can go wrong in it, on loopback."""

import contextlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator, Sequence

__all__ = ["WORDS", "FaultyServer", "faulty"]

WORDS = ("Ben says that ferries ", "are slow and the queue ", "is two hours long [1]. ", "Ada doubts ", "it.")


def chunk(text: str, finish: str | None = None) -> bytes:
    """Return a piece of an answer as the protocol writes it."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    data = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(data)}\n\n".encode()


class Talk(http.server.BaseHTTPRequestHandler):
    """One request. What is done is named by the server's script, a word a request; the last one goes on."""

    protocol_version = "HTTP/1.1"
    server: "FaultyServer"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        script = self.server.script
        action = script[min(len(self.server.asked), len(script) - 1)]
        self.server.asked.append(action)
        with contextlib.suppress(OSError):
            getattr(self, f"do_{action}")()
            return
        self.close_connection = True

    def begin(self, kind: str = "text/event-stream") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def put(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def refuse(self, status: int, message: str, **headers: str) -> None:
        body = json.dumps({"error": {"message": message}}).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def half(self) -> None:
        self.begin()
        for word in WORDS[:4]:
            self.put(chunk(word))

    def forever(self, data: bytes) -> None:
        while not self.server.over.wait(0.02):
            self.put(data)

    def do_fine(self) -> None:
        self.begin()
        for word in WORDS:
            self.put(chunk(word))
        self.put(chunk("", "stop") + b"data: [DONE]\n\n")
        self.end()

    def do_done_alone(self) -> None:
        self.begin()
        for word in WORDS:
            self.put(chunk(word))
        for byte in b"data: [DONE]\n\n":
            self.put(bytes([byte]))
        self.end()

    def do_silent(self) -> None:
        self.server.over.wait()

    def do_headers_alone(self) -> None:
        self.begin()
        self.wfile.flush()
        self.server.over.wait()

    def do_comments_alone(self) -> None:
        self.begin()
        self.forever(b": still there\n\n")

    def do_stall(self) -> None:
        self.half()
        self.server.over.wait()

    def do_stall_with_comments(self) -> None:
        self.half()
        self.forever(b": still there\n\n")

    def do_cut(self) -> None:
        self.half()
        self.close_connection = True

    def do_cut_in_a_chunk(self) -> None:
        self.half()
        self.wfile.write(b"fff\r\ndata: {")
        self.close_connection = True

    def do_ends_early(self) -> None:
        self.half()
        self.end()

    def do_broken_json(self) -> None:
        self.half()
        self.put(b'data: {"choices": [{"delta": {"con\n\n')
        self.end()

    def do_nonsense(self) -> None:
        self.half()
        self.put(b'data: {"weather": "fine"}\n\n')
        self.end()

    def do_a_list(self) -> None:
        self.half()
        self.put(b"data: [1, 2]\n\n")
        self.end()

    def do_odd_types(self) -> None:
        self.half()
        self.put(b'data: {"choices": [{"index": 0, "delta": 7, "finish_reason": null}]}\n\n')
        self.end()

    def do_no_text(self) -> None:
        self.half()
        self.put(b"\xff\xfe\x00 data\n\n")
        self.put(b'data: {"choices": "\xff\xfe"}\n\n')
        self.end()

    def do_says_error(self) -> None:
        self.half()
        error = {"error": {"message": f"overloaded, {self.headers['Authorization']}", "code": 500}}
        self.put(f"data: {json.dumps(error)}\n\n".encode())
        self.end()

    def do_endless(self) -> None:
        self.half()
        self.forever(chunk("and so on ") * 50)

    def do_endless_line(self) -> None:
        self.half()
        self.forever(b"data: " + b"x" * 500_000)

    def do_empty(self) -> None:
        self.begin()
        self.put(chunk("", "stop") + b"data: [DONE]\n\n")
        self.end()

    def do_nothing(self) -> None:
        self.begin()
        self.end()

    def do_page(self) -> None:
        self.begin("text/html; charset=utf-8")
        self.put(b"<html><body>Welcome to nginx!</body></html>")
        self.end()

    def do_json(self) -> None:
        self.begin("application/json")
        self.put(json.dumps({"choices": [{"message": {"role": "assistant", "content": "Hello."}}]}).encode())
        self.end()

    def do_busy(self) -> None:
        self.refuse(429, "Rate limit reached.")

    def do_busy_for_7(self) -> None:
        self.refuse(429, "Rate limit reached.", Retry_After="7")

    def do_busy_for_an_hour(self) -> None:
        self.refuse(429, "Rate limit reached.", Retry_After="3600")

    def do_broken(self) -> None:
        self.refuse(500, "Internal error.")

    def do_overloaded(self) -> None:
        self.refuse(503, "Loading model.")

    def do_forbidden(self) -> None:
        self.refuse(401, f"Incorrect API key provided: {self.headers['Authorization']}.")

    def do_unknown(self) -> None:
        self.refuse(404, "The model does not exist.")

    def do_too_long(self) -> None:
        self.refuse(400, f"The prompt is too long for {self.headers['Authorization']}.")

    def do_hang_up(self) -> None:
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class FaultyServer(http.server.ThreadingHTTPServer):
    """The server; `asked` holds what it did, a word a request."""

    daemon_threads = True

    def __init__(self, script: Sequence[str]) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.script = script
        self.asked: list[str] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """Return where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of callers that went away."""


@contextlib.contextmanager
def faulty(*script: str) -> Iterator[FaultyServer]:
    """Serve a script."""
    server = FaultyServer(script)
    work: Callable[[], None] = lambda: server.serve_forever(poll_interval=0.01)  # noqa: E731
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
