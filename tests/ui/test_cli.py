"""The command line: every answer and every failure as a person meets them."""

import contextlib
import http.server
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from rag.evidence import Event, Evidence, Turn
from tests.ui.opened import workspace
from ui.cli import main

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "ingest" / "samples" / "idlib_thread.txt"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process: (exit code, standard output, standard error)."""
    monkeypatch.setenv("COMMENTARIAT_HOME", str(tmp_path / "library"))

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["commentariat", *arguments])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_breaking_off_an_answer_does_not_end_the_conversation(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace(tmp_path) as opened:
        real, ended, histories = opened.engine.ask, [], []

        def ask(question: str, history: Sequence[Turn], *rest: object, **named: object) -> Iterator[Event]:
            histories.append(len(history))
            try:
                for event in real(question, tuple(history)):
                    if len(histories) == 1 and isinstance(event, Evidence):
                        raise KeyboardInterrupt
                    yield event
            finally:
                ended.append(question)

        monkeypatch.setattr(opened.engine, "ask", ask)
        monkeypatch.setattr("ui.cli._workspace", lambda *_, **__: contextlib.nullcontext(opened))
        questions = ["What does Ada say about the harbour?", "How many comments are there?", "Who wrote them?"]
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join([*questions, "", ""])))
        code, out, err = run("chat")
    assert (code, histories, ended) == (0, [0, 0, 1], questions)
    assert "There are 6 comments" in out
    assert "Stopped." in err


@pytest.mark.real
def test_a_thread_is_added_listed_shown_asked_and_removed(run: Run) -> None:
    code, out, _ = run("add", str(SAMPLE))
    assert code == 0
    assert "14 comments, 2 without a name" in out
    assert json.loads(run("list", "--json")[1])[0]["id"] == "idlib_thread"
    shown = json.loads(run("show", "idlib", "--json")[1])
    assert [comment["number"] for comment in shown["comments"]] == [f"c{n}" for n in range(1, 15)]
    assert "c6 Bianca" in run("show", "idlib", "--tree")[1]
    code, out, _ = run("ask", "What does Bianca say about people on Facebook?", "--answerer", "quotes", "--json")
    answer = json.loads(out)
    assert code == 0
    assert {c["number"] for claim in answer["claims"] for c in claim["citations"]} == {"c12"}
    assert not answer["cached"]
    question = ("What does Bianca say about people on Facebook?", "--answerer", "quotes")
    assert json.loads(run("ask", *question, "--json")[1])["cached"]
    assert "Answered before" in run("ask", *question)[1]
    assert not json.loads(run("ask", *question, "--fresh", "--json")[1])["cached"]
    body = next(comment["text"] for comment in shown["comments"] if comment["number"] == "c12")
    for claim in answer["claims"]:
        for citation in claim["citations"]:
            assert body[citation["start"] : citation["end"]] == citation["quote"]
    assert "'Manners on the net'" in run("rename", "idlib", "Manners on the net")[1]
    assert run("add", str(SAMPLE))[0] == 0
    assert json.loads(run("list", "--json")[1])[0]["title"] == "Manners on the net"
    assert run("remove", "manners")[0] == 0
    assert "empty" in run("list")[1]


@pytest.mark.real
def test_adding_the_same_thread_again_embeds_nothing(run: Run) -> None:
    run("add", str(SAMPLE))
    assert "0 new, 0 changed, 0 gone, 0 texts embedded" in run("add", str(SAMPLE))[1]


@pytest.mark.real
def test_what_show_prints_can_be_added_again_as_the_same_thread(run: Run, tmp_path: Path) -> None:
    run("add", str(SAMPLE))
    first = run("show", "idlib_thread", "--json")[1]
    copy = tmp_path / "copy.json"
    copy.write_text(first, encoding="utf-8")
    run("remove", "idlib_thread")
    assert run("add", str(copy))[0] == 0
    assert json.loads(run("show", "idlib_thread", "--json")[1]) == json.loads(first)


@pytest.mark.real
def test_a_decline_is_an_answer_and_exits_with_zero(run: Run) -> None:
    run("add", str(SAMPLE))
    code, out, _ = run("ask", "Which airline flies to Idlib?", "--answerer", "quotes", "--json")
    answer = json.loads(out)
    assert (code, answer["abstained"], answer["claims"]) == (0, True, [])
    assert answer["reason"] in {"not_discussed", "detail_absent"}
    assert answer["evidence"], "the nearest evidence is offered"


@pytest.mark.real
def test_a_follow_up_reads_its_history_from_a_file(run: Run, tmp_path: Path) -> None:
    run("add", str(SAMPLE))
    history = tmp_path / "history.json"
    history.write_text(json.dumps([["What does Don object to?", "Don objects to one-sided talk of butchery [c9]."]]))
    out = run("ask", "Who replied to him?", "--history", str(history), "--answerer", "quotes", "--json")[1]
    assert "Bianca" in json.loads(out)["answer"]


def case(name: str, *arguments: str, data: bytes | None = None) -> object:
    return pytest.param(arguments, data, id=name)


@pytest.mark.parametrize(
    ("arguments", "data"),
    [
        case("an empty file", "add", "FILE", data=b""),
        case("a binary file", "add", "FILE", data=bytes(range(256)) * 64),
        case("a file beyond the limit", "add", "FILE", data=b"x" * 20_000_001),
        case("a file that is not there", "add", "nowhere.txt"),
        case("a folder", "add", "."),
        case("an unknown thread", "show", "nothing"),
        case("an empty question", "ask", "  "),
        case("a question of ten thousand characters", "ask", "why " * 2500),
        case("an unknown format", "add", "FILE", "--format", "nonsense", data=b"hello"),
    ],
)
def test_bad_input_is_one_line_with_its_remedy_and_exit_code_2(
    arguments: tuple[str, ...], data: bytes | None, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "input.txt"
    if data is not None:
        path.write_bytes(data)
    code, out, err = run(*[str(path) if item == "FILE" else item for item in arguments])
    assert (code, out) == (2, "")
    message, remedy = err.rstrip("\n").split("\n")
    assert message.startswith("commentariat: ")
    assert remedy.startswith("  ")
    assert "Traceback" not in err


def test_an_unknown_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMENTARIAT_ANSWERR", "quotes")
    code, _, err = run("list")
    assert code == 2
    assert "COMMENTARIAT_ANSWERR is not a setting" in err


def test_a_missing_model_is_said_with_its_remedy(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMENTARIAT_MODEL", "/nowhere/model.gguf")
    monkeypatch.setattr("rag.library.Library.add", lambda *_: None)
    code, _, err = run("doctor")
    assert code in (0, 1)
    assert "Traceback" not in err


@pytest.mark.real
def test_the_console_script_answers_help_without_loading_engines() -> None:
    code = (
        "import sys; sys.argv = ['commentariat', '--help']\n"
        "from ui.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "loaded = {'numpy', 'torch', 'chromadb', 'lxml', 'streamlit', 'llama_index'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False, env={**os.environ}
    )
    assert done.returncode == 0, done.stderr
    assert "ask" in done.stdout


@pytest.mark.server
def test_a_thread_from_a_url_is_refreshed_with_what_changed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    item = {
        "id": 77,
        "type": "story",
        "author": "asker",
        "title": "Which ferry takes bicycles?",
        "created_at_i": 1777629600,
        "points": 3,
        "children": [
            {"id": 78, "type": "comment", "author": "oda", "text": "The blue one.", "parent_id": 77, "children": []},
            {"id": 79, "type": "comment", "author": "per", "text": "None do.", "parent_id": 77, "children": []},
        ],
    }
    with serving(item) as url:
        monkeypatch.setenv("COMMENTARIAT_ALLOW_PRIVATE_URLS", "1")
        code, out, err = run("add", url)
        assert (code, "2 comments" in out) == (0, True), err
        thread_id = json.loads(run("list", "--json")[1])[0]["id"]
        item["children"] = [
            {"id": 78, "type": "comment", "author": "oda", "text": "The blue one, since May.", "children": []},
            {"id": 80, "type": "comment", "author": "rut", "text": "Thanks!", "children": []},
        ]
        out = run("refresh", thread_id)[1]
    assert "1 new, 1 changed, 1 gone" in out


@pytest.mark.real
def test_a_thread_from_a_file_cannot_be_refreshed(run: Run) -> None:
    run("add", str(SAMPLE))
    code, _, err = run("refresh", "idlib_thread")
    assert code == 2
    assert "was added from a file" in err


@contextlib.contextmanager
def serving(item: dict[str, object]) -> Iterator[str]:
    """Serve an object as JSON on loopback, as it is at the moment of each request."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(item).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/items/77.json"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
