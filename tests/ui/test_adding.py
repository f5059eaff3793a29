from collections.abc import Callable, Sequence

import pytest

from ingest.errors import EmptySource
from ingest.thread import Comment, Thread
from rag.settings import Settings
from tests.builders import comment, debate, thread
from tests.ui.scripted import ScriptedWorkspace
from ui.adding import Adding, described


def test_an_addition_ends_with_the_threads_in_the_library_and_a_sentence() -> None:
    library = ScriptedWorkspace(Settings()).library
    adding = Adding("bridge.txt", lambda: [debate()], library)
    adding.join(10)
    view = adding.view()
    assert (view.ended, view.share, view.error, view.thread_ids) == (True, 1.0, "", ("bridge",))
    assert view.result == "Council votes on the harbour bridge: 6 comments by 3 people, 1 name lost."
    assert list(library.held) == ["bridge"]


def test_progress_runs_over_all_the_threads_of_a_file() -> None:
    seen: list[float] = []

    class Library(type(ScriptedWorkspace(Settings()).library)):  # type: ignore[misc]
        def add(self, thread: Thread, progress: Callable[[int, int], None] | None = None) -> object:
            assert progress is not None
            progress(1, 2)
            seen.append(adding.view().share)
            return object()

    started: list[Adding] = []

    def read() -> Sequence[Thread]:
        while not started:
            pass
        return [debate(), thread(thread_id="t2")]

    adding = Adding("two", read, Library())
    started.append(adding)
    adding.join(10)
    assert seen == [0.25, 0.75]


def test_a_file_that_cannot_be_read_is_said_with_the_remedy() -> None:
    def read() -> Sequence[Thread]:
        raise EmptySource("x.txt is empty.", remedy="Give a file that holds a thread.")

    adding = Adding("x.txt", read, ScriptedWorkspace(Settings()).library)
    adding.join(10)
    assert adding.view().error == "x.txt is empty. Give a file that holds a thread."
    assert adding.view().thread_ids == ()


def test_an_error_that_nobody_foresaw_ends_the_addition(caplog: pytest.LogCaptureFixture) -> None:
    def read() -> Sequence[Thread]:
        raise RuntimeError("secret detail")

    adding = Adding("x.txt", read, ScriptedWorkspace(Settings()).library)
    adding.join(10)
    assert adding.view().error == "x.txt could not be added. The log has the details."
    assert "secret detail" in caplog.text


def test_the_sentence_counts_what_is_hidden_and_missing() -> None:
    gone = Comment("t:9", None, None, None, None, "", status="deleted")
    talk = thread(gone, comment(1, "Ada", "Why?", 9), missing=12)
    assert described(talk) == "A thread: 1 comment by 1 person, 1 hidden or deleted, 12 not in the file."
