"""The optional judge, against a scripted endpoint that speaks the OpenAI protocol on loopback."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eval import run
from eval.judge import Agreement, Judge, JudgeError, Question, agreement, main, qualify, questions
from eval.measures import cohens_kappa
from eval.scores import Scores
from eval.summary import Record
from tests.eval.builders import case
from tests.fakes import ScriptedModel

Answerer = Callable[[str], str]


def knows(prompt: str) -> str:
    """Answer the labelled pairs as their labels say, and everything else with yes."""
    folder = Path(run.__file__).parent
    for line in (folder / "judge_pairs.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["text"] in prompt and row["statement"] in prompt and row.get("question", "") in prompt:
            return "Yes." if row["label"] else "No."
    return "yes"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answerer], list[str]]]:
    """Return a function that serves an answerer and names it in the settings; it returns the prompts it was sent."""
    servers = []

    def serve(answerer: Answerer) -> list[str]:
        asked: list[str] = []

        class Talk(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                asked.append(body["messages"][-1]["content"])
                delta = {"index": 0, "delta": {"content": answerer(asked[-1])}, "finish_reason": "stop"}
                part = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [delta]}
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                self.wfile.write(f"data: {json.dumps(part)}\n\ndata: [DONE]\n\n".encode())

            def log_message(self, *arguments: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Talk)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("COMMENTARIAT_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}/v1")
        monkeypatch.setenv("COMMENTARIAT_MODEL", "judge-7b")
        return asked

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def record(text: str = "Ferries are slow.", **fields: Any) -> Record:
    claim = {"text": text, "status": "supported", "citations": [{"author": "Ben", "quote": "Ferries are slow."}]}
    struck = {"text": "Ferries are green.", "status": "struck", "citations": [{"author": None, "quote": "Slow."}]}
    answer = {"answer": text, "claims": [claim], "rejected": [struck], "route": "model", **fields}
    return Record("model", "bridge", case(q="Why?", nuggets=(("slow", "late"), ("green",))), answer, Scores())


def written(path: Path, *records: Record) -> str:
    path.write_text("".join(json.dumps(one.to_json()) + "\n" for one in records))
    return str(path)


def test_a_run_is_judged_over_an_endpoint_and_the_agreement_printed(
    endpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = endpoint(knows)
    assert main([written(tmp_path / "run.jsonl", record())]) == 0
    printed = capsys.readouterr().out
    assert "Judge: judge-7b" in printed
    assert "labelled pairs, support: n = 10, alike 100%, kappa 1.00" in printed
    # ours: `slow` is there and `green` is not, a claim stands and one is struck; the judge says yes to all
    assert "nugget: n = 2, alike 50%, kappa 0.00 (both yes 1, judge alone 1, ours alone 0" in printed
    assert "support: n = 2, alike 50%, kappa 0.00 (both yes 1, judge alone 1" in printed
    assert any("Fact that a right answer states: slow or late" in prompt for prompt in asked)
    assert any("Source: Ben: Ferries are slow." in prompt for prompt in asked)


def test_a_model_that_says_yes_to_everything_is_refused(
    endpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = endpoint(lambda prompt: "yes")
    assert main([written(tmp_path / "run.jsonl", record())]) == 2
    assert "no judge" in capsys.readouterr().err
    assert not any("Ferries are green" in prompt for prompt in asked), "it judged although it was refused"


def test_words_that_are_neither_yes_nor_no_are_counted_as_unclear() -> None:
    model = ScriptedModel(["Yes, it does", "  **No**", "Perhaps", "yesterday"])
    items = [Question("support", "a", "b", ours) for ours in (True, True, True, True)]
    (found,) = agreement(Judge(model), items)
    assert (found.both, found.ours_alone, found.unclear, found.n) == (1, 1, 2, 2)


def test_a_judge_without_clear_words_is_refused() -> None:
    with pytest.raises(JudgeError):
        qualify(Judge(ScriptedModel(["well"] * 20)))


def test_braces_in_what_is_judged_are_only_text() -> None:
    model = ScriptedModel(["no"])
    assert Judge(model).says(Question("support", "{statement} {x}", "100%", True)) is False
    assert "Source: {statement} {x}" in model.asked[0][0].content


def test_declined_and_counted_answers_are_not_put_to_the_judge() -> None:
    assert questions([record(abstained=True)]) == []
    assert {item.task for item in questions([record(route="structure")])} == {"nugget"}
    assert len(questions([record()], limit=1)) == 2


def test_kappa_is_agreement_beyond_chance() -> None:
    # alike 35 of 50; by chance .5 × .6 + .5 × .4 = .5; (.7 − .5) / (1 − .5)
    assert cohens_kappa(20, 5, 10, 15) == pytest.approx(0.4)
    assert cohens_kappa(10, 0, 0, 0) is None
    assert cohens_kappa(0, 0, 0, 0) is None
    assert Agreement("support", 1, 0, 0, 1, 0).kappa == 1.0


def test_the_gate_knows_nothing_of_a_judge() -> None:
    folder = Path(run.__file__).parent
    for name in ("gate.py", "setgate.py", "full.py"):
        assert "eval.judge" not in (folder / name).read_text(encoding="utf-8")
