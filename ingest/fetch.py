"""A URL → a `Source`: known sites by their public JSON, others as the page.

Only http and https; private, loopback and link-local addresses are refused for every request and redirect, and the
connection goes to the very address that was checked. Time and size are bounded while reading.
"""

import json
import re
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import httpx

from ingest.addresses import checked_addresses
from ingest.errors import FetchError, SourceTooLarge
from ingest.source import Limits, Source

__all__ = ["USER_AGENT", "fetch"]

USER_AGENT = "Commentariat/0.1 (reads one discussion for one person)"
_MOST_REDIRECTS = 5
_POSTS_A_REQUEST = 20
_MOST_REQUESTS = 100
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SAVE = "Save the page in your browser and add the file."


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a server sent, and the address it finally came from."""

    data: bytes
    url: str

    def json(self) -> Any:
        """Return the body as JSON, or None where it is none."""
        try:
            return json.loads(self.data)
        except (ValueError, RecursionError):
            return None


_Get = Callable[[str], _Answer]


def fetch(url: str, *, limits: Limits | None = None, timeout: float = 20.0, allow_private: bool = False) -> Source:
    """Fetch the discussion at a URL.

    `timeout` bounds each request in seconds, `limits.file_bytes` the size of all answers together. Raises `FetchError`
    for an address that may not or cannot be fetched, `SourceTooLarge` beyond the limit.
    """
    limits = limits or Limits()
    with httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False, verify=True) as client:
        budget = [limits.file_bytes]

        def get(address: str) -> _Answer:
            return _get(client, address, budget, timeout, allow_private)

        for known in (_hacker_news, _reddit, _mastodon, _discourse):
            data = known(url.strip(), get)
            if data is not None:
                return Source(_name(url, ".json"), data, url=url.strip(), limits=limits)
        answer = get(url.strip())
    return Source(_name(answer.url, ""), answer.data, url=answer.url, limits=limits)


def _hacker_news(url: str, get: _Get) -> bytes | None:
    match = re.match(r"https?://news\.ycombinator\.com/item\?id=(\d+)", url)
    return get(f"https://hn.algolia.com/api/v1/items/{match.group(1)}").data if match else None


def _reddit(url: str, get: _Get) -> bytes | None:
    match = re.match(r"https?://(?:\w+\.)?reddit\.com(/(?:r|user)/[\w-]+/comments/\w+|/comments/\w+)", url)
    short = re.match(r"https?://redd\.it/(\w+)", url)
    path = match.group(1) if match else f"/comments/{short.group(1)}" if short else None
    return get(f"https://www.reddit.com{path}.json?raw_json=1&limit=500").data if path else None


def _mastodon(url: str, get: _Get) -> bytes | None:
    """Return a status and its context as one array, or None where the server is no Mastodon."""
    match = re.match(r"(https?://[^/]+)/(?:@[\w.@-]+|users/\w+/statuses|web/statuses)/(\d{6,})/?(?:[?#].*)?$", url)
    if match is None:
        return None
    address = f"{match.group(1)}/api/v1/statuses/{match.group(2)}"
    status, context = _try_json(get, address), _try_json(get, f"{address}/context")
    if not isinstance(status, dict) or not isinstance(context, dict) or "descendants" not in context:
        return None
    return json.dumps([status, context]).encode()


def _discourse(url: str, get: _Get) -> bytes | None:
    """Return a topic with all its posts, or None where the server is no Discourse."""
    match = re.match(r"(https?://[^/]+(?:/[\w-]+)?)/t/(?:[^/?#]+/)?(\d+)(?:/\d+)?/?(?:[?#].*)?$", url)
    if match is None:
        return None
    address = f"{match.group(1)}/t/{match.group(2)}"
    topic = _try_json(get, f"{address}.json")
    stream = topic.get("post_stream") if isinstance(topic, dict) else None
    if not isinstance(stream, dict) or not isinstance(stream.get("posts"), list):
        return None
    here = {post.get("id") for post in stream["posts"] if isinstance(post, dict)}
    rest = [post for post in stream.get("stream") or [] if isinstance(post, int) and post not in here]
    for start in range(0, min(len(rest), _MOST_REQUESTS * _POSTS_A_REQUEST), _POSTS_A_REQUEST):
        query = "&".join(f"post_ids[]={post}" for post in rest[start : start + _POSTS_A_REQUEST])
        more = _try_json(get, f"{address}/posts.json?{query}")
        posts = more.get("post_stream", {}).get("posts") if isinstance(more, dict) else None
        if not isinstance(posts, list):
            break
        stream["posts"] += posts
    return json.dumps(topic).encode()


def _try_json(get: _Get, address: str) -> Any:
    """Return the JSON at an address, or None where there is none; refusals of addresses are passed on."""
    try:
        return get(address).json()
    except _HttpStatusError:
        return None


class _HttpStatusError(FetchError):
    """The server answered, but not with what was asked for."""


def _get(client: httpx.Client, url: str, budget: list[int], timeout: float, allow_private: bool) -> _Answer:
    """Get one address, following redirects, each checked anew; `budget` is the rest of the size limit."""
    deadline = time.monotonic() + timeout
    for _ in range(_MOST_REDIRECTS + 1):
        parsed, addresses = checked_addresses(url, allow_private=allow_private)
        response = _sent(client, parsed, addresses, timeout)
        try:
            if response.status_code in _REDIRECTS and response.headers.get("location"):
                url = urljoin(url, response.headers["location"])
                continue
            if response.status_code >= 400:
                raise _HttpStatusError(
                    f"{url} answered {response.status_code} {response.reason_phrase}.",
                    remedy=_SAVE,
                )
            return _Answer(_transcoded(_read(response, budget, deadline, url), response.headers), url)
        except (httpx.HTTPError, OSError) as error:
            raise _failed(url, error, timeout) from error
        finally:
            response.close()
    raise FetchError(f"{url} redirects more than {_MOST_REDIRECTS} times.", remedy=_SAVE)


def _sent(client: httpx.Client, url: httpx.URL, addresses: list[str], timeout: float) -> httpx.Response:
    """Send a request to the first of the checked addresses that can be reached, under the name that was asked for."""
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, identity", "Host": url.netloc.decode("ascii")}
    for address in addresses:
        target = url.copy_with(host=address, fragment=None)
        try:
            request = client.build_request("GET", target, headers=headers, extensions={"sni_hostname": url.host})
            return client.send(request, stream=True)
        except httpx.ConnectError as error:
            if address == addresses[-1]:
                raise _failed(str(url), error, timeout) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise _failed(str(url), error, timeout) from error
    raise FetchError(f"{url.host} has no address.", remedy="Check the address.")


def _failed(url: str, error: Exception, timeout: float) -> FetchError:
    if isinstance(error, httpx.TimeoutException):
        return FetchError(
            f"{url} did not answer within {timeout:g} seconds.",
            remedy="Try again, or raise the limit with COMMENTARIAT_FETCH_TIMEOUT.",
        )
    reason = " ".join(str(error).split()) or type(error).__name__
    return FetchError(f"{url} could not be fetched: {reason}.", remedy="Check the address and the connection.")


def _read(response: httpx.Response, budget: list[int], deadline: float, url: str) -> bytes:
    """Read a body in bounded memory: the limit holds for the unpacked bytes, checked before they are kept."""
    unpack = _unpacker(response.headers.get("content-encoding", ""), url)
    body = bytearray()
    for chunk in response.iter_raw():
        body += unpack(chunk, budget[0] - len(body) + 1)
        if len(body) > budget[0]:
            raise SourceTooLarge(
                f"{url} is larger than the limit of {budget[0]:,} bytes.",
                remedy="Raise the limit with COMMENTARIAT_MAX_FILE_BYTES.",
            )
        if time.monotonic() > deadline:
            raise FetchError(
                f"{url} was not read to its end in time.",
                remedy="Try again, or raise the limit with COMMENTARIAT_FETCH_TIMEOUT.",
            )
    budget[0] -= len(body)
    return bytes(body)


def _unpacker(encoding: str, url: str) -> Callable[[bytes, int], bytes]:
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return lambda chunk, room: chunk
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(f"{url} came in an unknown packing ({encoding[:20]}).", remedy=_SAVE)
    stream = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def unpack(chunk: bytes, room: int) -> bytes:
        try:
            return stream.decompress(chunk, max(1, room))
        except zlib.error as error:
            raise FetchError(f"{url} came damaged: {error}.", remedy="Try again.") from error

    return unpack


def _transcoded(data: bytes, headers: Mapping[str, str]) -> bytes:
    """Return a text body in UTF-8 where its charset is named in the header alone."""
    match = re.search(r"charset=[\"']?([\w.:-]{2,40})", headers.get("content-type", ""), re.IGNORECASE)
    if match is None or match.group(1).lower().replace("-", "") == "utf8":
        return data
    try:
        return data.decode(match.group(1)).encode()
    except (UnicodeDecodeError, LookupError):
        return data


def _name(url: str, suffix: str) -> str:
    """Name a source after its address: the last part of the path, else the host."""
    parts = httpx.URL(url)
    last = next((part for part in reversed(parts.path.split("/")) if part), "") or parts.host
    return f"{last[:100]}{'' if not suffix or last.endswith(suffix) else suffix}"
