"""Peers in environments of their own: the encoder they are lent, the lines they speak, what their answers become."""

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.peers import environment
from eval.peers.embeddings import EmbeddingServer
from eval.peers.environment import PeerError, made
from eval.peers.found import Found, Source, figures, sources_of_records, stored_sources, write_sources
from eval.peers.layout import Layout
from eval.peers.opened import PEERS, PeerSystem
from eval.peers.said import Said, as_reply
from eval.scores import Scores
from eval.summary import Record
from rag.settings import Settings
from tests.builders import debate
from tests.eval.builders import case
from tests.fakes import FakeEncoder

LAYOUT = Layout(debate())


def post(url: str, key: str, body: object) -> dict[str, object]:
    request = urllib.request.Request(
        url + "/v1/embeddings", json.dumps(body).encode(), {"Authorization": f"Bearer {key}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: dict[str, object] = json.load(answer)
    return found


def test_a_peer_elsewhere_gets_the_products_own_vectors() -> None:
    encoder = FakeEncoder()
    with EmbeddingServer(encoder) as server:
        rows = post(server.url, server.key, {"input": ["ferries", "bridge"]})["data"]
        (alone,) = post(server.url, server.key, {"input": "bridge"})["data"]
    expected = encoder.encode(["bridge"])[0].tolist()
    assert rows[1]["embedding"] == pytest.approx(expected)
    assert alone["embedding"] == pytest.approx(expected)


@pytest.mark.parametrize(("key", "body", "status"), [("wrong", {"input": "x"}, 401), (None, {}, 400)])
def test_the_encoder_is_lent_to_those_with_the_key_and_a_text(key: str | None, body: object, status: int) -> None:
    with EmbeddingServer(FakeEncoder()) as server, pytest.raises(urllib.error.HTTPError) as refused:
        post(server.url, key or server.key, body)
    assert refused.value.code == status
    refused.value.close()


CHAIN = """
import json, sys
hello = json.loads(sys.stdin.readline())
print(json.dumps({"versions": {"lib": "1.2"}, "settings": {"top_k": hello["top_k"]}}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if "find" in request:
        print(json.dumps({"sources": [hello["text"][:40]]}), flush=True)
    elif request["ask"] == "die":
        sys.exit(3)
    elif request["ask"] == "fail":
        print(json.dumps({"error": "no tools"}), flush=True)
    else:
        said = {"text": "Ferries are slow [1].", "sources": [hello["text"]], "prompt_tokens": 7, "completion_tokens": 2}
        print(json.dumps(said), flush=True)
"""


@pytest.fixture
def peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], object]:
    """Return a function that opens a peer whose program is scripted and runs in this Python."""
    (tmp_path / "scripted").mkdir()
    (tmp_path / "scripted" / "chain.py").write_text(CHAIN)
    monkeypatch.setattr(environment, "files", lambda package: tmp_path)
    monkeypatch.setattr(environment, "made", lambda name, cache: Path(sys.executable))
    settings = Settings(home=tmp_path, cache=tmp_path)
    return lambda: environment.opened("scripted", debate(), FakeEncoder(), None, settings)


def test_a_program_elsewhere_finds_and_answers(peer) -> None:
    with peer() as opened:
        assert (opened.versions(), opened.settings()) == ({"lib": "1.2"}, {"top_k": 3})
        assert opened.sources(["Why?"]) == [(LAYOUT.text[:40],)]
        reply = PeerSystem(opened, LAYOUT).reply(case(q="Why?"))
    assert reply.answer["claims"][0]["citations"][0]["number"] == "c2"
    assert (reply.answer["prompt_tokens"], reply.answer["completion_tokens"]) == (7, 2)


@pytest.mark.parametrize(("question", "message"), [("die", "ended"), ("fail", "no tools")])
def test_a_program_that_fails_is_our_own_error(peer, question: str, message: str) -> None:
    with peer() as opened, pytest.raises(PeerError, match=message):
        opened.ask(case(q=question))


def test_an_environment_that_cannot_be_made_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "requirements.txt").write_text("# python 9.99\nnothing\n")
    monkeypatch.setattr(environment, "files", lambda package: tmp_path)
    with pytest.raises(PeerError, match=r"needs python9\.99"):
        made("odd", tmp_path)


def test_every_peer_that_lives_apart_pins_what_it_needs() -> None:
    folder = Path(environment.__file__).parent
    apart = {path.parent.name for path in folder.glob("*/requirements.txt")}
    assert apart == {"haystack", "haiku"} <= PEERS.keys()
    for name in apart:
        lines = (folder / name / "requirements.txt").read_text().splitlines()
        assert all(line.startswith("#") or "==" in line for line in lines)
        assert (folder / name / "chain.py").is_file()


def test_a_list_of_sources_cites_of_each_what_shares_most_words_with_the_answer() -> None:
    half = LAYOUT.text.index("• Cleo")
    said = Said("Ferries are slow and have a long queue.", (LAYOUT.text[:half], LAYOUT.text[half:]), 10.0)
    (claim,) = as_reply(case(), said, LAYOUT, "sources").answer["claims"]
    assert [item["number"] for item in claim["citations"]] == ["c2", "c6"]


# --- What is found before a model speaks. ---


def test_what_was_found_is_stored_by_place_and_goes_stale_with_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.peers.found.answers_path", lambda name, set_name: tmp_path / f"{name}.{set_name}.jsonl")
    asked = case(cites=("c2",))
    chunk = LAYOUT.text[LAYOUT.text.index("I disagree") : LAYOUT.text.index("• Cleo")]
    write_sources(tmp_path / "x.sources.bridge.jsonl", debate(), [asked], [[chunk, "not there"]], {"versions": {}})
    (found,) = stored_sources("x", "bridge", [asked, case(id="y", q="Else?")], debate())
    assert found.sources[0].parts[0][:2] == ("c2", "Ben")
    assert len(found.sources) == 1
    assert found.speakers == {"Ben"}
    assert stored_sources("y", "bridge", [asked], debate()) == []


def test_the_figures_of_what_was_found() -> None:
    two = Source(500, (("c1", "Ada", 100), ("c2", "Ben", 400)))
    one = Source(50, (("c3", "Ada", 50),))
    rows = figures(
        [
            # gold c2 and c3: the first source holds one of them, both sources both. Of the first 300 words, c1 takes
            # 100 and c2 200, so c2 alone is found. Most of the first source is Ben's, a right speaker.
            Found(case(id="a", cites=("c2", "c3")), (two, one), frozenset({"Ben", "Ada"})),
            # gold c1: the only source holds c3 alone, Ada's, while Ben is asked for.
            Found(case(id="b", cites=("c1",)), (one,), frozenset({"Ben"})),
            Found(case(id="c", kind="structure", cites=("c1",)), (two,), frozenset()),
        ]
    )
    assert rows == {
        "n": 2,
        "found at 1": (0.5 + 0) / 2,
        "found at 3": (1 + 0) / 2,
        "words": (550 + 50) / 2,
        "in 300 words": (0.5 + 0) / 2,
        "one comment": 2 / 3,
        "speaker": 1 / 2,
    }


def test_what_the_product_found_is_its_evidence() -> None:
    hits = [{"number": "c2", "author": "Ben", "text": "Ferries are slow."}]
    record = Record("quotes", "bridge", case(cites=("c2",)), {"evidence": hits}, Scores())
    (found,) = sources_of_records([record], debate())
    assert found.sources == (Source(3, (("c2", "Ben", 3),)),)
    assert found.speakers == {"Ben"}
