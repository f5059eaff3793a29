"""Requests made up from the OpenAPI description: none may end in a 500."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import schemathesis
from httpx2 import Response
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from starlette.testclient import TestClient

from ingest.formats import LOADERS
from tests.ui.opened import workspace
from ui.server import service

LOCAL = "http://127.0.0.1:8700"
SAMPLE = (Path(__file__).resolve().parents[2] / "ingest" / "samples" / "idlib_thread.txt").read_bytes()
OPERATIONS = [
    ("GET", "/health"),
    ("GET", "/threads"),
    ("POST", "/threads"),
    ("GET", "/threads/{thread_id}"),
    ("DELETE", "/threads/{thread_id}"),
    ("POST", "/ask"),
    ("POST", "/ask/stream"),
]
MEANT = [(GenerationMode.POSITIVE, *operation) for operation in OPERATIONS]
WRONG = [(GenerationMode.NEGATIVE, *operation) for operation in OPERATIONS if operation[0] == "POST"]

fuzzed = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with workspace(tmp_path) as opened, TestClient(service(opened), base_url=LOCAL) as found:
        yield found


def check(reply: Response) -> None:
    assert reply.status_code < 500 or reply.status_code == 503, reply.text
    if reply.status_code >= 400:
        assert set(reply.json()) == {"message", "remedy"}


def test_the_description_names_every_operation(client: TestClient) -> None:
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    assert {operation.ok().label for operation in schema.get_all_operations()} == {
        f"{method} {path}" for method, path in OPERATIONS
    }


@pytest.mark.parametrize(("mode", "method", "path"), [*MEANT, *WRONG])
def test_no_request_ends_in_a_server_error(client: TestClient, mode: GenerationMode, method: str, path: str) -> None:
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    strategy = schema[path][method].as_strategy(generation_mode=mode)

    @fuzzed
    @given(st.data())
    def made_up(data: st.DataObject) -> None:
        sent = data.draw(strategy).as_transport_kwargs(base_url=LOCAL)
        sent.pop("cookies", None)
        sent["content"] = sent.pop("data", None)
        check(client.request(**{name: value for name, value in sent.items() if value is not None}))

    made_up()


def test_no_file_ends_in_a_server_error(client: TestClient) -> None:
    @fuzzed
    @given(
        st.sampled_from([loader.name for loader in LOADERS]),
        st.integers(0, len(SAMPLE)),
        st.binary(max_size=40),
        st.text(min_size=1, max_size=20),
    )
    def made_up(format_name: str, at: int, noise: bytes, name: str) -> None:
        wanted = {"name": name, "format": format_name, "all": "1"}
        check(client.post("/threads", params=wanted, content=SAMPLE[: at // 2] + noise + SAMPLE[at:]))

    made_up()
    for row in client.get("/threads").json():
        check(client.get(f"/threads/{quote(row['id'], safe='')}"))


@pytest.mark.parametrize("path", ["/ask", "/ask/stream"])
def test_no_body_ends_in_a_server_error(client: TestClient, path: str) -> None:
    words = st.sampled_from(
        ["who", "Ada", "c1", "most", "replies", "how many", "\x00", "'", '"', "*", "NEAR(", "bridge"]
    )
    history = st.lists(st.fixed_dictionaries({"question": st.text(), "answer": st.text()}), max_size=2)

    @fuzzed
    @given(st.lists(words | st.text(max_size=8), min_size=1, max_size=6).map(" ".join), history)
    def made_up(question: str, turns: list[dict[str, str]]) -> None:
        check(client.post(path, json={"question": question, "history": turns}))

    made_up()
