"""One of anything is said in the singular, wherever the command line and the page print a number."""

import re
from pathlib import Path

import pytest

from ingest.dump import draw
from ingest.errors import ThreadNotFound
from ingest.thread import Thread
from ingest.wording import counted, noun
from rag.backup import backup, restore
from rag.build import Workspace
from rag.doctor import diagnose
from rag.evidence import Done, Scope
from rag.settings import Settings
from tests.builders import comment, thread
from tests.ui.opened import workspace
from ui.intake import choose, report_line
from ui.people import activity_html, map_html, people_html
from ui.reader import reader_html

NOUNS = (
    "answers articles authors branches cases comments commenters conversations days files folders levels lines notes"
    " passages people persons points questions replies sentences texts threads times vectors votes words"
)
MANY = re.compile(rf"(?<![\d.,:#-])\b1 (?:(?:named|more|other|top-level|old) )?(?:{NOUNS.replace(' ', '|')})\b")


ONE = thread(
    comment(1, "Ada", "Ferries are slow.", created_at="2024-05-01T10:00:00+00:00", score=1),
    thread_id="one",
    title="Ferry",
    text="Ferries.",
)
TWO = thread(
    comment(1, "Ada", "Ferries are slow.", created_at="2024-05-01T10:00:00+00:00"),
    comment(2, "Ben", "I disagree, they are not.", parent=1, created_at="2024-05-02T10:00:00+00:00"),
    comment(3, None, "Why?", parent=2),
    thread_id="two",
    title="Quay",
)
QUESTIONS = (
    "How many comments are there?", "How many people commented?", "How many threads are there?", "Who commented most?",
    "Who commented?", "How many words did Ada write?", "How long is the article?", "What does the thread say?",
    "Summarise the discussion", "Does anybody disagree with Ada?", "Who agrees that ferries are slow?",
    "What is the price of tea in Peru?", "How deep do the replies go?", "Which comment has the most points?",
    "Which comment has the most replies?", "How many comments have no name?", "How many words does the article have?",
)  # fmt: skip


def faults(text: str) -> list[str]:
    """Return where a text speaks of one in the plural; marks of HTML count as the spaces that one sees."""
    return MANY.findall(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)))


def test_the_rule_sees_a_wrong_plural_and_lets_a_right_one_be() -> None:
    assert faults("1 threads, 21 comments")
    assert faults("<b>1</b> people")
    assert faults("1 named people wrote")
    assert not faults("1 thread, 21 comments, 1,021 votes, 1 comment that answers Ada, 0.1 points, c1 has replies")
    assert counted(1, "reply", "replies") == "1 reply"
    assert counted(1_000, "reply", "replies") == "1,000 replies"
    assert noun(0, "comment") == "comments"


@pytest.mark.parametrize("held", [(ONE,), (TWO,), (ONE, TWO)], ids=["one", "two", "both"])
def test_answers_speak_of_one_in_the_singular(tmp_path: Path, held: tuple[Thread, ...]) -> None:
    with workspace(tmp_path) as opened:
        opened.library.remove("bridge")
        for one in held:
            assert not faults(report_line(one, opened.library.add(one)))
        for question in QUESTIONS:
            for scope in (Scope(), *(Scope(thread_ids=(one.id,)) for one in held)):
                events = list(opened.engine.ask(question, (), scope))
                (answer,) = [event.answer for event in events if isinstance(event, Done)]
                told = (
                    answer.text,
                    *(claim.text for claim in answer.claims),
                    *(claim.text for claim in answer.rejected),
                )
                assert [faults(text) for text in told if faults(text)] == [], question


@pytest.mark.parametrize("shown", [ONE, TWO], ids=["one", "two"])
def test_the_page_speaks_of_one_in_the_singular(shown: Thread) -> None:
    for html in (reader_html(shown), people_html(shown), map_html(shown), activity_html(shown)):
        assert not faults(html), html
        assert not [label for label in re.findall(r'aria-label="([^"]*)"', html) if faults(label)]
    assert not faults(draw(shown))
    with pytest.raises(ThreadNotFound) as raised:
        choose([ONE, TWO], (), every=False)
    assert not faults(str(raised.value))
    assert "(Ferry, 1 comment)" in str(raised.value)


@pytest.mark.real
def test_the_doctor_and_the_backup_speak_of_one_in_the_singular(tmp_path: Path) -> None:
    with workspace(tmp_path) as opened:
        opened.library.remove("bridge")
        opened.library.add(ONE)
        _harm(opened)
    told = {finding.name: finding.message for finding in diagnose(Settings(home=tmp_path, answerer="quotes"))}
    assert not faults(" | ".join(told.values())), told
    assert told["library"].startswith("1 thread, 1 comment, all sound")
    assert told["vectors"] == "1 passage has no vector: a search by meaning misses it."
    backup(tmp_path, tmp_path / "b.zip")
    assert restore(tmp_path / "new", tmp_path / "b.zip") == 1


def _harm(opened: Workspace) -> None:
    with opened.library.catalogue.store.writing() as connection:
        connection.execute("UPDATE meta SET value = 'all-MiniLM-L6-v2/384' WHERE key = 'encoder'")
        connection.execute("DELETE FROM vectors WHERE sentence = 0 AND id IN (SELECT min(id) FROM passages)")
