import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ingest import fetch as module
from ingest.addresses import checked_addresses, is_public
from ingest.errors import FetchError, SourceTooLarge
from ingest.fetch import USER_AGENT, fetch
from ingest.registry import load
from ingest.source import Limits

Routes = dict[str, tuple[int, dict[str, str], bytes]]


class _Site:
    """A server on loopback: what it answers, and what it was asked."""

    def __init__(self) -> None:
        self.routes: Routes = {}
        self.asked: list[tuple[str, str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, self.headers["Host"], self.headers["User-Agent"]))
                status, headers, body = site.routes.get(self.path, (404, {}, b"nothing here"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def serve(self, path: str, body: bytes | dict[str, Any] | list[Any], status: int = 200, **headers: str) -> str:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.routes[path] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, data)
        return self.base + path


@pytest.fixture
def site() -> Iterator[_Site]:
    site = _Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


def named(monkeypatch: pytest.MonkeyPatch, names: dict[str, Callable[[], str]]) -> list[str]:
    """Resolve these names by hand, and record each time one is asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host in names:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (names[host](), port))]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
        ),
        *("::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::", "no address"),
    ],
)
def test_no_private_address_passes_in_any_wrapping(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_public_addresses_pass(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "ftp://example.org/a",
            "file:///etc/passwd",
            "gopher://example.org",
            "javascript:alert(1)",
            "http://",
            "https:///x",
        ),
        *("http://user:word@example.org/", "http://[::1", "", "data:text/html,x", "http://\x00/"),
    ],
)
def test_only_plain_http_and_https_urls_are_fetched(url: str) -> None:
    with pytest.raises(FetchError):
        fetch(url)


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/x", "http://localhost/x", "http://[::1]/x", "http://2130706433/x", "http://0x7f.1/x"),
        *("http://169.254.169.254/latest/meta-data/", "http://[::ffff:127.0.0.1]/", "http://10.0.0.1/", "http://0/"),
    ],
)
def test_private_hosts_are_refused_however_they_are_written(url: str) -> None:
    with pytest.raises(FetchError):
        fetch(url)


def test_a_name_that_resolves_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, {"inside.example": lambda: "192.168.1.7"})
    with pytest.raises(FetchError, match="not a public address"):
        fetch("http://inside.example/")


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 80)) for a in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(FetchError, match=r"10\.0\.0\.1"):
        checked_addresses("http://mixed.example/", allow_private=False)


@pytest.mark.server
def test_a_page_is_fetched_with_its_address_and_a_clear_user_agent(site: _Site) -> None:
    url = site.serve("/a/page", b"<html><body>x</body></html>")
    source = fetch(url, allow_private=True)
    assert (source.data, source.url, source.name) == (b"<html><body>x</body></html>", url, "page")
    assert site.asked == [("/a/page", f"127.0.0.1:{site.port}", USER_AGENT)]


@pytest.mark.server
def test_the_connection_goes_to_the_address_that_was_checked(site: _Site, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["127.0.0.1", "10.255.255.1"])
    asked = named(monkeypatch, {"rebind.example": lambda: next(answers)})
    site.serve("/x", b"hello")
    assert fetch(f"http://rebind.example:{site.port}/x", allow_private=True).data == b"hello"
    assert asked == ["rebind.example"]
    assert site.asked[0][1] == f"rebind.example:{site.port}"


@pytest.mark.server
def test_every_redirect_is_checked_anew(site: _Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.addresses.is_public", lambda address: address == "127.0.0.1")
    url = site.serve("/go", b"", 302, Location="http://169.254.169.254/latest/")
    with pytest.raises(FetchError, match=r"169\.254\.169\.254 is at"):
        fetch(url)


@pytest.mark.server
def test_redirects_are_followed_a_few_times_and_no_more(site: _Site) -> None:
    site.serve("/end", b"here")
    assert fetch(site.serve("/start", b"", 301, Location="/end"), allow_private=True).url == site.base + "/end"
    with pytest.raises(FetchError, match="redirects more than"):
        fetch(site.serve("/loop", b"", 302, Location="/loop"), allow_private=True)
    with pytest.raises(FetchError, match="not an http"):
        fetch(site.serve("/file", b"", 302, Location="file:///etc/passwd"), allow_private=True)


@pytest.mark.server
def test_an_answer_beyond_the_limit_is_refused_while_it_is_read(site: _Site) -> None:
    limits = Limits(file_bytes=10_000)
    with pytest.raises(SourceTooLarge, match="10,000"):
        fetch(site.serve("/big", b"x" * 20_000), limits=limits, allow_private=True)
    packed = gzip.compress(b"x" * 5_000_000)
    assert len(packed) < 10_000
    with pytest.raises(SourceTooLarge, match="10,000"):
        fetch(site.serve("/bomb", packed, Content_Encoding="gzip"), limits=limits, allow_private=True)


@pytest.mark.server
def test_packed_answers_are_unpacked_and_damaged_ones_told(site: _Site) -> None:
    url = site.serve("/gz", gzip.compress(b"hello"), Content_Encoding="gzip")
    assert fetch(url, allow_private=True).data == b"hello"
    with pytest.raises(FetchError, match="damaged"):
        fetch(site.serve("/bad", b"\x1f\x8bnot gzip", Content_Encoding="gzip"), allow_private=True)
    with pytest.raises(FetchError, match="unknown packing"):
        fetch(site.serve("/br", b"x", Content_Encoding="br"), allow_private=True)


@pytest.mark.server
def test_a_refusal_by_the_server_is_told_with_a_remedy(site: _Site) -> None:
    with pytest.raises(FetchError, match="404") as caught:
        fetch(f"{site.base}/nowhere", allow_private=True)
    assert "Save the page" in caught.value.remedy


@pytest.mark.server
def test_a_server_that_does_not_answer_is_given_up_on() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with pytest.raises(FetchError, match="did not answer within"):
            fetch(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=0.2, allow_private=True)


def test_a_closed_port_is_told_in_one_line() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(FetchError, match="could not be fetched") as caught:
        fetch(f"http://127.0.0.1:{port}/", allow_private=True)
    assert "\n" not in str(caught.value)


@pytest.mark.server
def test_a_charset_named_in_the_header_alone_is_honoured(site: _Site) -> None:
    url = site.serve(
        "/de", "Brücke über den Fluss".encode("iso-8859-15"), Content_Type="text/plain; charset=iso-8859-15"
    )
    assert fetch(url, allow_private=True).text == "Brücke über den Fluss"


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://news.ycombinator.com/item?id=42", "https://hn.algolia.com/api/v1/items/42"),
        (
            "https://old.reddit.com/r/bikes/comments/abc12/chain_squeaks/?sort=new",
            "https://www.reddit.com/r/bikes/comments/abc12.json?raw_json=1&limit=500",
        ),
        ("https://redd.it/abc12", "https://www.reddit.com/comments/abc12.json?raw_json=1&limit=500"),
    ],
)
def test_known_sites_are_read_by_their_public_json(url: str, api: str) -> None:
    asked: list[str] = []

    def get(address: str) -> module._Answer:
        asked.append(address)
        return module._Answer(b"{}", address)

    known = [module._hacker_news(url, get), module._reddit(url, get)]
    assert asked == [api]
    assert known.count(b"{}") == 1


def _post(number: int, words: str, answers: int | None = None) -> dict[str, Any]:
    return {
        "id": 100 + number,
        "post_number": number,
        "reply_to_post_number": answers,
        "username": f"user{number}",
        "created_at": "2024-01-01T10:00:00.000Z",
        "cooked": f"<p>{words}</p>",
        "post_type": 1,
        "topic_id": 7,
    }


@pytest.mark.server
def test_a_discourse_topic_comes_with_its_remaining_posts(site: _Site) -> None:
    stream = [100 + number for number in range(1, 25)]
    posts = [_post(number, f"Words {number}.", 1 if number > 1 else None) for number in range(1, 25)]
    first = {"id": 7, "title": "Bridge", "slug": "bridge", "posts_count": 24}
    site.serve("/t/7.json", {**first, "post_stream": {"posts": posts[:3], "stream": stream}})
    for batch in (stream[3:23], stream[23:]):
        query = "&".join(f"post_ids[]={post}" for post in batch)
        here = [post for post in posts if post["id"] in batch]
        site.serve(f"/t/7/posts.json?{query}", {"post_stream": {"posts": here}, "id": 7})
    (thread,) = load(fetch(f"{site.base}/t/bridge/7/3", allow_private=True))
    assert thread.source == "discourse"
    assert len(thread.comments) == 23
    assert not thread.missing


@pytest.mark.server
def test_a_page_that_only_looks_like_a_discourse_topic_is_read_as_a_page(site: _Site) -> None:
    url = site.serve("/t/7", b"<html><body>plain</body></html>")
    assert fetch(url, allow_private=True).data == b"<html><body>plain</body></html>"


@pytest.mark.server
def test_a_mastodon_status_comes_with_its_context(site: _Site) -> None:
    def status(key: str, answers: str | None, words: str) -> dict[str, Any]:
        return {
            "id": key,
            "in_reply_to_id": answers,
            "account": {"acct": f"user{key[-1]}", "display_name": "", "url": "https://m.example/@u"},
            "created_at": "2024-01-01T10:00:00.000Z",
            "content": f"<p>{words}</p>",
            "uri": f"https://m.example/{key}",
            "url": f"https://m.example/@u/{key}",
        }

    site.serve("/api/v1/statuses/1000001", status("1000001", None, "A bridge."))
    below = [status("1000002", "1000001", "Where?"), status("1000003", "1000002", "Here.")]
    site.serve("/api/v1/statuses/1000001/context", {"ancestors": [], "descendants": below})
    (thread,) = load(fetch(f"{site.base}/@user1/1000001", allow_private=True))
    assert thread.source == "mastodon"
    assert [comment.body for comment in thread.comments] == ["Where?", "Here."]
