from dataclasses import replace

import pytest

from ingest.thread import Thread
from rag.evidence import Answer, Citation, Claim, Hit, Passage, Reason, Scope
from tests.builders import comment, debate, thread
from tests.ui.parsing import Element, assert_harmless, parse
from tests.ui.test_reader import HOSTILE
from ui.markup import anchor, hues
from ui.render import FEW, Desk, answer_html, chip, evidence_html, question_html, turn_parts
from ui.worker import JobState, JobView

BRIDGE = debate()


def desk(*threads: Thread, open_id: str = "bridge") -> Desk:
    threads = threads or (BRIDGE,)
    return Desk({t.id: t for t in threads}, {t.id: hues(t) for t in threads}, open_id)


def cite(number: int, words: str, of: Thread = BRIDGE) -> Citation:
    body = of.comments[number - 1].body
    start = body.index(words)
    return Citation(
        of.id, f"t:{number}", f"c{number}", of.comments[number - 1].author, start, start + len(words), words
    )


def hit(number: int, words: str) -> Hit:
    body = BRIDGE.comments[number - 1].body
    start = body.index(words)
    passage = Passage("p", "bridge", f"t:{number}", 0, len(body), body, ((start, start + len(words)),), body)
    return Hit(passage, 1.0, BRIDGE.comments[number - 1].author, f"c{number}", (start, start + len(words)))


def view(state: JobState = "done", answer: Answer | None = None, **fields: object) -> JobView:
    given = {"answer": answer, "claims": answer.claims, "hits": answer.evidence} if answer else {}
    return JobView("q1", "Is the queue long?", state, **{**given, **fields})  # type: ignore[arg-type]


QUEUE = Claim("Ben says that the queue is two hours long.", (cite(2, "the queue is two hours long"),))
ANSWER = Answer("Is the queue long?", QUEUE.text, (QUEUE,), (hit(2, "Ferries are slow"),), route="model")


def shown(html: str) -> Element:
    return assert_harmless(html)


def test_a_chip_names_the_author_and_links_to_the_span_in_the_open_thread() -> None:
    (link,) = shown(chip(cite(2, "the queue"), desk())).all("cm-cite")
    assert link.text == "Ben · c2"
    assert link.attributes["href"] == "#" + anchor("bridge", "c2")
    body = BRIDGE.comments[1].body
    assert body[int(link.attributes["data-start"]) : int(link.attributes["data-end"])] == "the queue"
    assert f"cm-h{hues(BRIDGE)['Ben']}" in link.classes


def test_a_chip_counts_as_the_browser_does_after_an_emoji() -> None:
    smile = thread(comment(1, "Ada", "😀 yes"), thread_id="bridge")
    (link,) = shown(chip(cite(1, "yes", smile), desk(smile))).all("cm-cite")
    assert (link.attributes["data-start"], link.attributes["data-end"]) == ("3", "6")


def test_a_chip_into_another_thread_names_the_thread() -> None:
    other = thread(comment(1, "Ada", "Elsewhere."), title="Ferry times", thread_id="ferry")
    (link,) = shown(chip(cite(1, "Elsewhere", other), desk(BRIDGE, other))).all("cm-cite")
    assert link.text == "Ada · c1 · Ferry times"


@pytest.mark.parametrize("now", [thread(comment(2, "Ben", "I take it back."), thread_id="bridge"), None])
def test_a_citation_whose_words_are_gone_says_so_and_links_nowhere(now: Thread | None) -> None:
    around = desk(now) if now else Desk({}, {}, "bridge")
    (mark,) = shown(chip(cite(2, "the queue"), around)).all("cm-cite")
    assert "cm-stale" in mark.classes
    assert "href" not in mark.attributes
    assert mark.text == "Ben · c2 · changed"


def test_each_sentence_is_followed_by_its_citations() -> None:
    (claim,) = shown(answer_html(view(answer=ANSWER), desk())).all("cm-claim")
    assert claim.text == "Ben says that the queue is two hours long. Ben · c2"


def test_a_count_keeps_the_whole_list_behind_a_fold() -> None:
    many = Claim("6 comments.", tuple(cite(n, BRIDGE.comments[n - 1].body[:4]) for n in range(1, 7)))
    answer = Answer("How many?", "6 comments.", (many,), (), route="structure")
    (claim,) = shown(answer_html(view(answer=answer), desk())).all("cm-claim")
    fold = claim.one("cm-all")
    assert len(fold.all("cm-cite")) == 6
    assert len(claim.all("cm-cite")) - 6 == FEW
    assert "open" not in fold.attributes


def test_draft_text_is_shown_as_a_draft_until_it_is_checked() -> None:
    running = view("running", claims=(QUEUE,), draft="Ada says tha")
    root = shown(answer_html(running, desk()))
    assert root.one("cm-draft").text == "Ada says tha"
    assert root.one("cm-claim").text.startswith("Ben says")
    assert not shown(answer_html(view("stopped", claims=(QUEUE,), draft="Ada"), desk())).all("cm-draft")


def test_what_was_struck_is_folded_away_with_its_cause() -> None:
    struck = Claim("Everybody agrees.", (), "struck", cause="number_not_in_source")
    root = shown(answer_html(view(answer=replace(ANSWER, rejected=(struck,))), desk()))
    fold = root.one("cm-struck")
    assert "open" not in fold.attributes
    assert "Everybody agrees." in fold.text
    assert "number not in source" in fold.text
    assert "Everybody" not in "".join(claim.text for claim in root.all("cm-claim"))


def test_a_struck_sentence_is_never_shown_among_the_answer_while_it_streams() -> None:
    struck = replace(QUEUE, status="struck")
    assert not shown(answer_html(view("running", claims=(struck,)), desk())).all("cm-claim")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("not_discussed", "Not discussed here"),
        ("person_absent", "not in this discussion"),
        ("detail_absent", "not that detail"),
        ("no_reply", "no such reply"),
        ("ambiguous", "More than one person"),
    ],
)
def test_a_declined_answer_looks_different_and_says_why(reason: Reason, words: str) -> None:
    declined = Answer("Who?", "The thread does not say.", (), (hit(2, "Ferries"),), True, reason)
    parts = turn_parts(view(answer=declined), desk(), ("What does Ben say?",))
    root = shown("".join(parts))
    assert words in root.one("cm-declined").one("cm-why").text
    assert "open" in root.one("cm-evidence").attributes
    assert "Nearest evidence" in root.one("cm-evidence").text
    assert [ask.attributes["data-arg"] for ask in root.all("cm-ask")] == ["What does Ben say?"]


def test_evidence_shows_the_best_sentence_within_its_passage() -> None:
    (card,) = shown(evidence_html([hit(2, "Ferries are slow")], desk(), unfolded=True)).all("cm-card")
    assert [e.text for e in card.walk() if e.tag == "mark"] == ["Ferries are slow"]
    assert BRIDGE.comments[1].body in card.text
    assert evidence_html([], desk(), unfolded=True) == ""


def test_a_question_read_differently_says_how_and_a_scope_names_the_people() -> None:
    followed = view(resolved="What does Ben say about the queue?", scope=Scope(authors=("Ben",)))
    text = shown(question_html(followed)).text
    assert "read as: What does Ben say about the queue?" in text
    assert "asked of Ben alone" in text
    assert "read as" not in shown(question_html(view(resolved="is the queue long? "))).text


@pytest.mark.parametrize(
    ("state", "action"), [("running", "stop"), ("queued", "stop"), ("failed", "again"), ("stopped", "again")]
)
def test_a_turn_offers_what_can_be_done_with_it(state: JobState, action: str) -> None:
    root = shown("".join(turn_parts(view(state, error="No model."), desk())))
    assert [element.attributes["data-cm"] for element in root.all("cm-link")] == [action]


def test_a_failure_says_what_to_do() -> None:
    assert "Start the server." in shown(answer_html(view("failed", error="Start the server."), desk())).text


def test_what_went_otherwise_than_asked_is_told_under_the_answer() -> None:
    noted = replace(ANSWER, notes=("The model failed; these are quotes.",))
    assert shown(answer_html(view(answer=noted), desk())).one("cm-aside").text == "The model failed; these are quotes."


def test_an_answer_given_before_is_told_as_one_and_can_be_asked_for_anew() -> None:
    for cached in (True, False):
        root = shown("".join(turn_parts(view(answer=replace(ANSWER, cached=cached)), desk())))
        assert ("answered before" in root.text) == cached
        assert "again" in [element.attributes["data-cm"] for element in root.all("cm-link")]


def test_copying_takes_the_answer_with_its_sources() -> None:
    root = shown("".join(turn_parts(view(answer=ANSWER), desk())))
    (copy,) = [element for element in root.all("cm-link") if element.attributes["data-cm"] == "copy"]
    assert "[1] Ben, c2: “the queue is two hours long”" in copy.attributes["data-arg"]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_questions_answers_and_evidence_do_nothing(words: str) -> None:
    sick = thread(comment(1, words, words + " " * 3 + "end"), thread_id="bridge", title=words)
    body = sick.comments[0].body
    citation = Citation("bridge", "t:1", "c1", words, 0, len(body), body)
    passage = Passage("p", "bridge", "t:1", 0, len(body), body, ((0, len(body)),), body)
    claims = (Claim(words, (citation,) * 6, "repaired", words, words),)
    answer = Answer(words, words, claims, (Hit(passage, 1.0, words, "c1", None),), rejected=claims)
    for answered in (answer, replace(answer, abstained=True)):
        job = JobView(words, words, "done", words, words, answer.evidence, words, claims, answered, words)
        assert parse("".join(turn_parts(job, desk(sick), (words,)))).all("cm-cite")
        assert_harmless("".join(turn_parts(job, desk(sick), (words,))))
