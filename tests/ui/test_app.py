"""The page's states without a browser, by Streamlit's own test runner."""

import re
import threading
import time
from collections.abc import Callable

import pytest

from ingest.errors import LibraryBusy
from ingest.thread import Thread
from rag.models import ModelState
from rag.settings import Settings
from tests.builders import comment, debate, thread
from tests.ui.parsing import assert_harmless
from tests.ui.scripted import ScriptedModel, ScriptedWorkspace
from ui import session
from ui.session import Session

# Streamlit's test runner takes some seconds to import; nothing here waits on the clock alone.
PATIENCE = 60.0


def page(make: Callable[[Settings], ScriptedWorkspace]):  # type: ignore[no-untyped-def]
    """Run the page over a workspace; the script is a function, so what it opens is handed in."""
    from streamlit.testing.v1 import AppTest

    def script(make) -> None:  # type: ignore[no-untyped-def]
        from ui.app import main

        main(make)

    session.shelf.clear()
    return AppTest.from_function(script, args=(make,), default_timeout=PATIENCE)


def over(*threads: Thread, **changes: object) -> Callable[[Settings], ScriptedWorkspace]:
    def make(settings: Settings) -> ScriptedWorkspace:
        workspace = ScriptedWorkspace(settings, threads)
        for name, value in changes.items():
            setattr(workspace, name, value)
        return workspace

    return make


def words(app) -> str:  # type: ignore[no-untyped-def]
    return "\n".join(element.value if hasattr(element, "value") else element.body for element in app.get("html"))


def state(app) -> Session:  # type: ignore[no-untyped-def]
    found = app.session_state["commentariat"]
    assert isinstance(found, Session)
    return found


def answered(app) -> None:  # type: ignore[no-untyped-def]
    desk = state(app).desk
    assert desk is not None
    desk.join(PATIENCE)
    app.run()


def test_an_empty_library_says_what_this_is_and_offers_the_sample() -> None:
    app = page(over()).run()
    assert not app.exception
    assert "Ask the comments" in words(app)
    (button,) = [button for button in app.button if button.label == "Open the sample thread"]
    button.click().run()
    adding = state(app).adding
    if adding is not None:
        adding.join(PATIENCE)
    app.run()
    assert state(app).row is not None
    assert "What do you want to know?" in words(app)


def test_a_thread_opens_with_questions_made_from_it() -> None:
    app = page(over(debate())).run()
    assert not app.exception
    assert "What does Ben reply to Ada?" in words(app)
    assert app.chat_input[0].placeholder == "Ask about this discussion"


def test_a_question_is_answered_in_the_background_and_shown_with_its_citations() -> None:
    app = page(over(debate())).run()
    app.chat_input[0].set_value("Is the ferry queue two hours long?").run()
    answered(app)
    assert not app.exception
    assert "Ben · c2" in words(app)
    assert "Checking: 1 struck" in words(app)


def test_answers_of_one_session_are_not_shown_in_another() -> None:
    make = over(debate())
    first = page(make).run()
    first.chat_input[0].set_value("Is the ferry queue two hours long?").run()
    answered(first)
    shared = state(first).shelf
    other = Session(shared)
    other.refresh()
    assert other.desk is not None
    assert other.desk.jobs == ()
    assert other.conversation != state(first).conversation


def test_clicks_in_the_page_do_what_they_say_and_unknown_ones_nothing() -> None:
    app = page(over(debate())).run()
    room = state(app)
    room.act("only_author", "Ben")
    assert room.scope.authors == ("Ben",)
    room.act("only_author", "Nobody")
    assert room.scope.authors == ("Ben",)
    room.act("ask", "Is the ferry queue two hours long?")
    answered(app)
    assert "asked of Ben alone" in words(app)
    room.act("everybody", "")
    assert room.scope.authors == ()
    room.act("again", "q1")
    room.act("drop table", "q1")
    answered(app)
    assert room.desk is not None
    assert [job.view().state for job in room.desk.jobs] == ["done"]


def test_a_citation_into_another_thread_shows_that_thread_and_keeps_the_conversation() -> None:
    ferry = thread(comment(1, "Dora", "The ferry sails at noon."), title="Ferry times", thread_id="ferry")
    app = page(over(debate(), ferry)).run()
    room = state(app)
    assert room.row is not None
    assert room.row.id == "ferry"
    room.also = ("bridge",)
    conversation = room.conversation
    room.act("open", "bridge")
    app.run()
    assert (room.row.id, room.conversation, room.scope.thread_ids) == ("bridge", conversation, ("bridge", "ferry"))


def test_a_page_loaded_again_sees_its_running_answer_go_on() -> None:
    app = page(over(debate())).run()
    room = state(app)
    room.act("ask", "Is the ferry queue two hours long?")
    again = Session(room.shelf, wanted=room.conversation)
    again.refresh()
    assert again.desk is room.desk
    other = Session(room.shelf)
    other.refresh()
    assert other.desk is not room.desk


def test_a_page_loaded_again_before_its_first_answer_shows_the_thread_asked_about() -> None:
    ferry = thread(comment(1, "Dora", "The ferry sails at noon."), title="Ferry times", thread_id="ferry")
    app = page(over(debate(), ferry)).run()
    room = state(app)
    room.open("bridge")
    room.begin()
    assert room.row is not None
    assert room.row.id == "bridge"
    again = Session(room.shelf, wanted=room.conversation)
    again.refresh()
    assert again.row is not None
    assert again.row.id == "bridge"
    assert again.desk is room.desk


def test_a_link_to_a_conversation_opens_its_thread() -> None:
    ferry = thread(comment(1, "Dora", "The ferry sails at noon."), title="Ferry times", thread_id="ferry")
    app = page(over(debate(), ferry)).run()
    room = state(app)
    room.open("bridge")
    room.act("ask", "Is the ferry queue two hours long?")
    answered(app)
    linked = Session(room.shelf, wanted=room.conversation)
    linked.refresh()
    assert linked.row is not None
    assert linked.row.id == "bridge"


def test_a_question_can_be_put_to_a_comment_and_its_replies() -> None:
    app = page(over(debate())).run()
    room = state(app)
    room.act("branch", "c5")
    app.run()
    assert room.scope.branch == "t:5"
    assert "Asking about c5 and its replies" in words(app)
    room.act("everybody", "")
    assert room.scope.branch is None


def test_a_citation_called_wrong_is_noted_with_its_question() -> None:
    app = page(over(debate())).run()
    room = state(app)
    room.act("ask", "Is the ferry queue two hours long?")
    answered(app)
    room.act("report", "q1|bridge c2 21-70")
    (report,) = room.shelf.conversations.reports()
    assert report["question"] == "Is the ferry queue two hours long?"
    assert report["citation"] == "bridge c2 21-70"
    app.run()
    assert "Noted." in words(app)


def test_a_pasted_thread_is_added_and_opened_with_a_sentence_on_what_was_read() -> None:
    app = page(over(debate())).run()
    room = state(app)
    room.add("talk.json", b"")
    assert room.adding is not None
    room.adding.join(PATIENCE)
    app.run()
    assert "talk.json is empty. Give a file that holds a thread." in words(app)


def test_a_long_library_is_listed_newest_first_and_searched_by_name() -> None:
    from ui.sidebar import LISTED

    many = [thread(comment(1, "Ada", "x"), title=f"Thread {n}", thread_id=f"t{n}") for n in range(LISTED + 5)]
    app = page(over(*many)).run()
    listed = [button.label for button in app.button if button.label.startswith("Thread")]
    assert listed[0] == f"Thread {LISTED + 4}"
    assert len(listed) == LISTED
    assert "5 more; find them by name." in words(app)
    (box,) = [box for box in app.text_input if box.label == "Find a thread"]
    box.set_value("thread 3").run()
    assert {"Thread 3", "Thread 30"} <= {button.label for button in app.button}
    assert "Thread 20" not in {button.label for button in app.button}


def test_removing_a_thread_needs_a_word_of_confirmation() -> None:
    app = page(over(debate())).run()
    assert "Remove thread" not in [button.label for button in app.button]
    (sure,) = [box for box in app.checkbox if "remove this thread" in box.label]
    sure.check().run()
    (button,) = [button for button in app.button if button.label == "Remove thread"]
    button.click().run()
    assert state(app).row is None
    assert "Ask the comments" in words(app)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (ModelState("ready", "small", remote=False), "<b>small</b>, on this computer. Ready."),
        (ModelState("loading", "small", remote=False), "Loading."),
        (ModelState("missing", "small", False, "pip install x"), "<code>pip install x</code>"),
        (ModelState("failed", "small", False, "The file is damaged."), "The file is damaged."),
    ],
)
def test_the_models_state_is_told_with_what_to_do(status: ModelState, said: str) -> None:
    app = page(over(debate(), model=ScriptedModel(status))).run()
    assert said in words(app)


def test_where_text_goes_is_said_before_it_goes_to_a_remote_model() -> None:
    remote = ScriptedModel(ModelState("ready", "big", remote=True))
    app = page(over(debate(), model=remote, settings=Settings(endpoint="https://models.example.org/v1"))).run()
    session.shelf.clear()
    assert "are sent to" in words(app)
    (radio,) = app.radio
    radio.set_value("quotes").run()
    assert "are sent to" not in words(app)


@pytest.mark.parametrize(("remote", "warmed"), [(False, 1), (True, 0)])
def test_a_model_on_this_computer_is_loaded_once_the_page_is_drawn(
    monkeypatch: pytest.MonkeyPatch, *, remote: bool, warmed: int
) -> None:
    monkeypatch.setattr("ui.shelf.DRAWING", 0.0)
    model = ScriptedModel(ModelState("ready", "big", remote=remote))
    page(over(debate(), model=model)).run()
    for one in threading.enumerate():
        if one.name == "warm":
            one.join(PATIENCE)
    assert model.warmed == warmed


def test_a_library_that_cannot_be_opened_is_said_with_the_remedy() -> None:
    def make(settings: Settings) -> ScriptedWorkspace:
        raise LibraryBusy("Another program holds the library.", remedy="Close it.")

    app = page(make).run()
    assert not app.exception
    assert "Another program holds the library." in words(app)
    assert "Close it." in words(app)


def test_a_library_that_was_busy_is_tried_again_at_a_click() -> None:
    tries: list[int] = []

    def make(settings: Settings) -> ScriptedWorkspace:
        tries.append(1)
        if len(tries) == 1:
            raise LibraryBusy("Another program holds the library.", remedy="Close it.")
        return ScriptedWorkspace(settings, [debate()])

    app = page(make).run()
    (button,) = [button for button in app.button if button.label == "Try again"]
    button.click().run()
    assert "What do you want to know?" in words(app)


def test_the_page_draws_before_the_library_is_open() -> None:
    from threading import Event

    gate = Event()

    def make(settings: Settings) -> ScriptedWorkspace:
        assert gate.wait(PATIENCE)
        return ScriptedWorkspace(settings, [debate()])

    app = page(make).run()
    assert "Opening the library" in words(app)
    gate.set()
    until = time.monotonic() + PATIENCE
    while "What do you want to know?" not in words(app):
        assert time.monotonic() < until
        app.run()


def test_titles_and_names_of_a_hostile_thread_do_nothing_in_the_page() -> None:
    evil = "<script>alert(1)</script> [x](javascript:alert(1)) $x$ :red[y] `z`"
    sick = thread(comment(1, evil, evil), title=evil, thread_id=evil)
    app = page(over(sick)).run()
    assert not app.exception
    room = state(app)
    room.act("only_author", evil)
    room.act("ask", "What does the script alert?")
    answered(app)
    body = words(app).split("</style>")[-1]
    assert "<script" not in body
    assert_harmless(body.replace("<code>", "<b>").replace("</code>", "</b>").replace("&nbsp;", " "))
    label = next(button.label for button in app.button if "alert" in button.label)
    assert not re.search(r"(?<!\\)[\[\]`$<>:]", label), label


def test_a_thread_is_renamed_in_the_list_and_where_it_is_cited() -> None:
    app = page(over(debate())).run()
    (title,) = [box for box in app.text_input if box.label == "Title in the list"]
    assert title.value == debate().title
    title.set_value("Ferry *or* <b>bridge")
    next(button for button in app.button if button.label == "Rename").click().run()
    assert not app.exception
    assert "Now listed as “Ferry *or* &lt;b&gt;bridge”" in words(app)
    assert [button.label for button in app.button if "Ferry" in button.label] == ["Ferry \\*or\\* \\<b\\>bridge"]
    assert state(app).surroundings().titles == {"bridge": "Ferry *or* <b>bridge"}
