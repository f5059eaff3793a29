"""The MCP tools, as a client meets them: in memory, and over standard input and output of the real command."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from ingest.dump import to_json
from rag.build import Workspace
from tests.builders import debate
from tests.ui.opened import EndlessModel, workspace
from ui.tools import toolbox

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "ingest" / "samples" / "idlib_thread.txt"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Workspace]:
    with workspace(tmp_path) as found:
        yield found


def talk(opened: Workspace, say: Callable[[Client], Awaitable[None]]) -> None:
    async def session() -> None:
        async with Client(toolbox(opened)) as client:
            await say(client)

    asyncio.run(session())


async def call(client: Client, tool: str, **arguments: object) -> Any:
    """Return what a tool says, read as JSON."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    structured = result.structured_content
    assert structured is not None
    return structured.get("result", structured)


async def refusal(client: Client, tool: str, **arguments: object) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return str(result.content[0].text)  # type: ignore[union-attr]


def test_there_are_four_tools_each_with_a_description(opened: Workspace) -> None:
    async def say(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == {"add", "list", "ask", "show"}
        assert all(tool.description for tool in tools)

    talk(opened, say)


def test_an_answer_comes_with_the_words_it_cites(opened: Workspace) -> None:
    async def say(client: Client) -> None:
        answer = await call(client, "ask", question="What does Ada say about the harbour?", threads=["bridge"])
        shown = {
            comment["id"]: comment["text"] for comment in (await call(client, "show", thread="bridge"))["comments"]
        }
        cited = [citation for claim in answer["claims"] for citation in claim["citations"]]
        assert {citation["number"] for citation in cited} == {"c1"}
        assert all(shown[c["comment"]][c["start"] : c["end"]] == c["quote"] for c in cited)

    talk(opened, say)


def test_a_question_asked_again_gets_its_answer_marked_and_anew_where_that_is_asked_for(opened: Workspace) -> None:
    async def say(client: Client) -> None:
        asked = {"question": "What does Ada say about the harbour?", "threads": ["bridge"]}
        answers = [await call(client, "ask", **asked, **more) for more in ({}, {}, {"fresh": True})]
        assert [answer["cached"] for answer in answers] == [False, True, False]

    talk(opened, say)


def test_a_caller_that_cancels_ends_the_answer(tmp_path: Path) -> None:
    model = EndlessModel()

    async def say(client: Client) -> None:
        question = {"question": "What does Ada say about the harbour?", "answerer": "model"}
        asking = asyncio.create_task(client.call_tool("ask", question))
        while not model.said:
            await asyncio.sleep(0.01)
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
        for _ in range(6000):  # without the cancelling it would never end
            if model.closed:
                break
            await asyncio.sleep(0.01)
        assert model.closed
        assert await call(client, "ask", question="How many comments are there?")

    with workspace(tmp_path, model) as opened:
        talk(opened, say)


def test_a_follow_up_reads_the_history_it_is_given(opened: Workspace) -> None:
    async def say(client: Client) -> None:
        history = [["What does Ada say about the harbour?", "Ada doubts that the harbour needs the bridge."]]
        answer = await call(client, "ask", question="Who answered her?", threads=["bridge"], history=history)
        assert "Ada" in answer["resolved"]

    talk(opened, say)


def test_threads_are_added_by_path_and_as_text(opened: Workspace) -> None:
    async def say(client: Client) -> None:
        by_path = await call(client, "add", source=str(SAMPLE))
        assert by_path[0]["thread_id"] == "idlib_thread"
        as_text = await call(client, "add", text=SAMPLE.read_text("utf-8"), name="again.txt")
        assert as_text[0]["thread_id"] != "idlib_thread"
        rows = await call(client, "list")
        assert {row["id"] for row in rows} == {"bridge", "idlib_thread", as_text[0]["thread_id"]}

    talk(opened, say)


def test_a_thread_is_shown_as_canonical_json(opened: Workspace) -> None:
    async def say(client: Client) -> None:
        assert await call(client, "show", thread="bridge") == json.loads(json.dumps(to_json(debate())))

    talk(opened, say)


def test_a_failure_is_told_with_its_remedy(opened: Workspace) -> None:
    async def say(client: Client) -> None:
        assert "no thread 'nothing'" in await refusal(client, "show", thread="nothing")
        assert "question is empty" in await refusal(client, "ask", question=" ")
        assert "either" in await refusal(client, "add")
        assert "either" in await refusal(client, "add", source="x", text="y")
        assert "taken" in await refusal(client, "add", source="-")
        assert "cannot be read" in await refusal(client, "add", source="/nowhere/at/all.txt")
        assert "not a public address" in await refusal(client, "add", source="http://127.0.0.1:9/x")

    talk(opened, say)


@pytest.mark.real
def test_the_command_serves_a_client_over_standard_input_and_output(tmp_path: Path) -> None:
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", "from ui.cli import main; main()", "mcp", "--library", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "COMMENTARIAT_ANSWERER": "quotes"},
    )

    async def session() -> None:
        async with Client(server, read_timeout_seconds=120) as client:
            await call(client, "add", source=str(SAMPLE))
            answer = await call(client, "ask", question="What does Bianca say about people on Facebook?")
            assert {c["number"] for claim in answer["claims"] for c in claim["citations"]} == {"c12"}

    asyncio.run(session())
