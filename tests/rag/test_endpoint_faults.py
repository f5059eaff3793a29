"""A language model's server that fails in every way there is: what it said is kept, nobody hangs, no key is told."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import EndpointError, SettingsError
from rag.adapters import llama_index
from rag.adapters.llama_index import ChatModel
from rag.adapters.patience import Patience, pause_after, wait_asked
from rag.evidence import Answer, Done
from rag.library import Library
from rag.models import ModelSlot
from rag.ports import Message
from rag.settings import Settings
from tests.builders import debate
from tests.fakes import FakeEncoder
from tests.rag.faulty import WORDS, FaultyServer, faulty
from tests.rag.test_chat import engine

pytestmark = pytest.mark.server

KEY = "sk-secret-0123456789"
PATIENT = Patience(connect=30.0, silence=60.0, whole=120.0, retry=60.0)
QUICK = replace(PATIENT, silence=1.5)  # where the server says nothing, and only there: nobody waits for long
SILENT = ("silent", "headers_alone", "comments_alone")
BEFORE = ("hang_up", "nothing", "busy", "broken", "overloaded", *SILENT)
HALF_WAY = (
    "stall", "stall_with_comments", "cut", "cut_in_a_chunk", "ends_early", "broken_json", "nonsense", "a_list",
    "odd_types", "no_text", "says_error", "endless", "endless_line",
)  # fmt: skip
LASTING = ("forbidden", "unknown", "too_long", "page", "json")


class Naps:
    """Stand for the clock of the adapter: the time passes as ever, but nobody sleeps; `taken` are the naps."""

    def __init__(self) -> None:
        self.monotonic = time.monotonic
        self.taken: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> Naps:
    made = Naps()
    monkeypatch.setattr(llama_index, "time", made)
    return made


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path, FakeEncoder())
    opened.add(debate())
    yield opened
    opened.close()


def client(server: FaultyServer, **options: Any) -> ChatModel:
    patience = PATIENT
    if set(server.script) & {"stall", "stall_with_comments"}:
        patience = QUICK
    if set(server.script) & set(SILENT):
        patience = replace(QUICK, tries=2)
    return ChatModel(**{"name": "toy", "url": server.url, "key": KEY, "patience": patience, **options})


def said(model: ChatModel) -> tuple[str, EndpointError | None]:
    """Return what a model says, and how it fails."""
    pieces = []
    try:
        for piece in model.stream([Message("user", "What does Ben say?")], max_tokens=40):
            pieces.append(piece)
    except EndpointError as error:
        return "".join(pieces), error
    finally:
        model.close()
    return "".join(pieces), None


def answered(library: Library, server: FaultyServer, question: str = "What does Ben say about the ferries?") -> Answer:
    model = client(server)
    done = list(engine(library, model).ask(question, answerer="model"))[-1]
    model.close()
    assert isinstance(done, Done)
    return done.answer


def check_told(error: EndpointError | None) -> None:
    """A failure is one line that names the address, says what to do, and keeps the key to itself."""
    assert error is not None
    assert "\n" not in error.message
    assert "127.0.0.1" in error.message
    assert error.remedy
    assert KEY not in f"{error} {error.message} {error.remedy}"


@pytest.mark.parametrize("action", ["fine", "done_alone"])
def test_a_server_that_is_well_is_heard_to_the_end(action: str) -> None:
    with faulty(action) as server:
        assert said(client(server)) == ("".join(WORDS), None)


@pytest.mark.parametrize("action", BEFORE)
def test_what_fails_before_the_first_word_is_tried_again(action: str, naps: Naps) -> None:
    failing = [action] * (1 if action in SILENT else 2)
    with faulty(*failing, "fine") as server:
        assert said(client(server)) == ("".join(WORDS), None)
        assert server.asked == [*failing, "fine"]
    assert len(naps.taken) == len(failing)
    assert all(pause > 0 for pause in naps.taken)


@pytest.mark.parametrize("action", BEFORE)
def test_a_server_that_fails_for_good_is_given_up_after_a_few_tries(action: str) -> None:
    with faulty(action) as server:
        words, error = said(client(server))
        assert (words, len(server.asked)) == ("", 2 if action in SILENT else 4)
    check_told(error)


def test_a_server_that_is_not_there_is_given_up() -> None:
    with faulty("fine") as server:
        model = client(server)
    words, error = said(model)
    assert words == ""
    check_told(error)
    assert "cannot be reached" in str(error)


@pytest.mark.parametrize("action", LASTING)
def test_what_trying_again_would_not_mend_is_tried_once(action: str) -> None:
    with faulty(action) as server:
        words, error = said(client(server))
        assert (words, len(server.asked)) == ("", 1)
    check_told(error)


@pytest.mark.parametrize("action", HALF_WAY)
def test_what_breaks_off_is_an_error_after_the_words_so_far_and_is_not_tried_again(action: str) -> None:
    with faulty(action) as server:
        words, error = said(client(server))
        assert words.startswith("".join(WORDS[:4]))
        assert len(words) < 100_000
        assert len(server.asked) == 1
    check_told(error)


def test_nothing_to_say_is_no_failure() -> None:
    with faulty("empty") as server:
        assert said(client(server)) == ("", None)
        assert len(server.asked) == 1


def test_a_whole_answer_has_its_limit_too() -> None:
    with faulty("stall_with_comments") as server:
        words, error = said(client(server, patience=replace(PATIENT, whole=1.5)))
    assert "".join(WORDS).startswith(words)
    assert "longer than 1.5 seconds" in str(error)


def test_a_server_that_asks_to_wait_is_waited_for(naps: Naps) -> None:
    with faulty("busy_for_7", "fine") as server:
        assert said(client(server))[1] is None
    assert naps.taken == [7.0]


def test_a_server_that_asks_for_more_patience_than_there_is_is_given_up_at_once(naps: Naps) -> None:
    with faulty("busy_for_an_hour", "fine") as server:
        _, error = said(client(server))
        assert len(server.asked) == 1
    assert naps.taken == []
    assert "asks to wait 3600 seconds" in str(error)
    check_told(error)


def test_there_is_no_second_try_where_none_is_wanted(naps: Naps) -> None:
    with faulty("broken", "fine") as server:
        check_told(said(client(server, patience=Patience(retry=0.0)))[1])
        assert len(server.asked) == 1


def test_a_server_that_has_just_failed_is_asked_once_and_heard_when_it_is_back() -> None:
    with faulty("broken", "broken", "broken", "broken", "broken", "fine") as server:
        model = client(server)
        counts = []
        for _ in range(3):
            with_words = "".join(_heard(model))
            counts.append((with_words, len(server.asked)))
        model.close()
    assert counts == [("", 4), ("", 5), ("".join(WORDS), 6)]


def _heard(model: ChatModel) -> Iterator[str]:
    try:
        yield from model.stream([Message("user", "?")], max_tokens=40)
    except EndpointError:
        return


@pytest.mark.parametrize("url", ["http://ann:{key}@{host}/v1", "http://{host}/v1?token={key}"])
def test_what_stands_in_the_address_is_not_told_either(url: str) -> None:
    with faulty("forbidden") as server:
        address = url.format(key=KEY, host=server.url.split("//")[1].removesuffix("/v1"))
        check_told(said(client(server, url=address, key=""))[1])


def test_a_caller_that_goes_away_ends_the_answer() -> None:
    with faulty("stall_with_comments") as server:
        model = client(server, patience=Patience())
        reply = model.stream([Message("user", "?")], max_tokens=40)
        assert next(reply) == WORDS[0]
        reply.close()  # type: ignore[attr-defined]
        model.close()


def test_two_answers_at_once_have_a_clock_each() -> None:
    with faulty("stall", "fine") as server:
        model = client(server)
        first = model.stream([Message("user", "?")], max_tokens=40)
        assert next(first) == WORDS[0]
        told: list[str] = []
        other = threading.Thread(target=lambda: told.extend(model.stream([Message("user", "?")], max_tokens=40)))
        other.start()
        other.join()
        assert "".join(told) == "".join(WORDS)
        with pytest.raises(EndpointError):
            list(first)
        model.close()


@pytest.mark.parametrize("action", HALF_WAY)
def test_half_an_answer_is_kept_and_marked(library: Library, action: str) -> None:
    with faulty(action) as server:
        answer = answered(library, server)
    assert answer.route == "model"
    assert [claim.speaker for claim in answer.claims] == ["Ben"]
    assert answer.claims[0].citations
    (note,) = answer.notes
    assert "stopped half-way" in note
    assert KEY not in note
    assert "\n" not in note


@pytest.mark.parametrize("action", [*BEFORE, *LASTING])
def test_a_question_is_answered_with_quotes_where_no_word_came(library: Library, action: str) -> None:
    with faulty(action) as server:
        answer = answered(library, server)
    assert answer.route == "quotes"
    assert {claim.status for claim in answer.claims} == {"supported"}
    (note,) = answer.notes
    assert "these are quotes" in note
    assert KEY not in note
    assert "\n" not in note


def test_a_model_that_says_nothing_is_answered_for_with_quotes(library: Library) -> None:
    with faulty("empty") as server:
        answer = answered(library, server)
    assert (answer.route, answer.notes) == ("quotes", ("The model said nothing; these are quotes.",))


@pytest.mark.parametrize("action", ["broken", "stall", "page"])
def test_an_overview_is_told_in_quotes_where_the_model_fails(library: Library, action: str) -> None:
    with faulty(action) as server:
        answer = answered(library, server, "Summarise the discussion.")
    assert answer.route == "overview"
    assert {"c1", "c5"} <= {citation.number for claim in answer.claims for citation in claim.citations}
    assert any("the model failed" in note for note in answer.notes)


def test_the_settings_say_how_long_an_endpoint_is_waited_for(tmp_path: Path) -> None:
    with faulty("headers_alone") as server:
        settings = Settings.from_environment(
            {}, home=tmp_path, endpoint=server.url, api_key=KEY, endpoint_silence=0.3, endpoint_retry=0.0
        )
        slot = ModelSlot(settings)
        model = slot.get()
        with pytest.raises(EndpointError, match=r"said nothing for 0\.3 seconds"):
            list(model.stream([Message("user", "?")], max_tokens=5))
        assert len(server.asked) == 1
        slot.close()


@pytest.mark.parametrize("bad", [{"endpoint_silence": 0.0}, {"endpoint_limit": -1.0}, {"endpoint_retry": -0.5}])
def test_a_time_limit_that_is_none_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="time limit"):
        Settings.from_environment({}, **bad)


def test_pauses_grow_and_are_spread_and_have_an_end() -> None:
    first = {pause_after(1) for _ in range(50)}
    assert len(first) > 1
    assert all(0.25 <= pause <= 0.5 for pause in first)
    assert all(1.0 <= pause_after(3) <= 2.0 for _ in range(50))
    assert max(pause_after(40) for _ in range(50)) <= 8.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("12", 12.0), ("0", 0.0), ("-3", 0.0), ("1.5", 1.5), ("Mon, 01 Jan 2001 00:00:00 GMT", 0.0), ("soon", None),
     ("", None), (None, None), ("Mon, 99 Foo 2001", None)],
)  # fmt: skip
def test_a_wait_is_read_as_seconds_or_as_a_date(header: str | None, seconds: float | None) -> None:
    assert wait_asked(header) == seconds
