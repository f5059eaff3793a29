"""What is asked of a part of the discussion is answered from that part alone, whatever the question."""

import re
from collections.abc import Iterator

import pytest

from ingest.thread import ARTICLE, Thread
from rag.context import in_context
from rag.evidence import Answer, Citation, Evidence, Hit, Scope, Turn
from rag.library import Library
from rag.passages import passages
from rag.query import Query
from rag.scope import Branch, admission, cut
from tests.builders import comment, thread
from tests.fakes import FakeEncoder, ScriptedModel
from tests.rag.test_chat import engine


def kiosk() -> Thread:
    """Return two branches about the same things by the same people, and a third comment beside them."""
    return thread(
        comment(1, "Ada", "Does anyone know what the kiosk on the pier costs? I think the kiosk is ugly."),
        comment(2, "Ben", "The kiosk costs 900 euros a month. I disagree with Ada, it is pretty.", 1),
        comment(3, "Cleo", "Ben is right about the kiosk, and the coffee is cheap there.", 2),
        comment(4, "Ada", "Cheap coffee is no reason. The kiosk blocks the view of the harbour.", 3),
        comment(5, "Dora", "Does anyone know what the kiosk on the pier costs? I heard it is dear."),
        comment(6, "Ben", "The kiosk costs 700 euros a month since the new year. Ask Ada.", 5),
        comment(7, "Ada", "I agree with Ben. The kiosk costs too much, and the coffee is bad.", 6),
        comment(8, "Emil", "I disagree with Ada about the coffee of the kiosk.", 7),
        comment(9, None, "The kiosk should move to the station. I disagree with Ben."),
        title="A kiosk on the pier",
        text="The town lets a kiosk on the pier. It costs 800 euros a month, says Mayor Holm. Coffee is sold there.",
        thread_id="kiosk",
    )


FIRST = {f"t:{number}" for number in (1, 2, 3, 4)}
SECOND = {f"t:{number}" for number in (5, 6, 7, 8)}
BRANCHES = {"t:1": FIRST, "t:5": SECOND, "t:6": SECOND - {"t:5"}, "t:9": {"t:9"}}
QUESTIONS = (
    "What does the kiosk cost?",
    "Does anyone know what the kiosk costs?",
    "What does Ben say about the kiosk?",
    "What does Ada say?",
    "What did Ben reply to Dora?",
    "What did Cleo reply to Ben?",
    "Who disagrees with Ada?",
    "Who agrees with Ben, and why?",
    "What do people think about the coffee?",
    "Does anyone disagree about the coffee?",
    "Summarise the discussion.",
    "What is the article itself saying?",
    "How many comments are there?",
    "How many comments did Ada write?",
    "How many people commented?",
    "How many replies did Dora get?",
    "Who replied to Ada?",
    "Who wrote the most comments?",
    "Which comment has the most replies?",
    "Which comment is the longest?",
    "What did Ada write?",
    "How deep does the discussion go?",
    "Who mentions coffee?",
    "List the comments that mention the view.",
    "What is said in c8?",
    "What does Karen think?",
    "Did Ada reply to Ben?",
    "What does the first commenter say about coffee?",
)
FOLLOW_UPS = (
    "And what does it cost?",
    "Who replied to her?",
    "Why does she think that?",
    "Did anyone react to that?",
    "What did Ben answer?",
    "What else is said about it?",
    "How did the others respond?",
    "Is that true?",
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    opened = Library(tmp_path_factory.mktemp("library"), FakeEncoder())
    opened.add(kiosk())
    yield opened
    opened.close()


def shown(library: Library, question: str, scope: Scope, history: tuple[Turn, ...] = ()) -> tuple[set[str], Answer]:
    """Return the comments that any event shows, and the answer."""
    events = list(engine(library).ask(question, history, scope, "quotes"))
    answer = events[-1].answer  # type: ignore[union-attr]
    hits = [*answer.evidence, *(hit for event in events if isinstance(event, Evidence) for hit in event.hits)]
    claims = [claim for claim in (*answer.claims, *answer.rejected)]
    cited = {citation.comment for claim in claims for citation in claim.citations}
    told = re.sub(r"^There is no c\d+ among", "", answer.text)  # to say that it is not there does not show it
    named = {f"t:{number}" for number in re.findall(r"\bc(\d+)\b", told)}
    return {hit.passage.comment_id for hit in hits} | cited | named, answer


@pytest.mark.parametrize("root", BRANCHES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_about_a_branch_shows_no_comment_outside_it(library: Library, question: str, root: str) -> None:
    found, answer = shown(library, question, Scope(("kiosk",), branch=root))
    assert found <= BRANCHES[root], answer.text
    assert ARTICLE not in found


@pytest.mark.parametrize("root", BRANCHES)
@pytest.mark.parametrize("question", FOLLOW_UPS)
@pytest.mark.parametrize(("cited", "who"), [("t:1", "Ada"), ("t:7", "Ada"), ("t:9", None), (ARTICLE, None)])
def test_a_follow_up_about_a_branch_shows_no_comment_outside_it_whatever_came_before(
    library: Library, question: str, root: str, cited: str, who: str | None
) -> None:
    text = kiosk().text_of(cited) or ""
    number = "article" if cited == ARTICLE else f"c{cited[2:]}"
    citation = Citation("kiosk", cited, number, who, 0, len(text), text)
    history = (Turn("What does Ada say about the kiosk?", f"{who or 'Somebody'}: “{text}” [{number}]", (citation,)),)
    found, answer = shown(library, question, Scope(("kiosk",), branch=root), history)
    assert found <= BRANCHES[root], answer.text


@pytest.mark.parametrize("root", ["t:1", "t:5"])
def test_the_model_reads_nothing_outside_a_branch(library: Library, root: str) -> None:
    model = ScriptedModel(["Not discussed."] * 9)
    for question in ("What does the kiosk cost?", "Summarise the discussion.", "What does Ben say about the kiosk?"):
        list(engine(library, model).ask(question, (), Scope(("kiosk",), branch=root), "model"))
    read = "\n".join(message.content for asked in model.asked for message in asked)
    assert ("900 euros" in read, "700 euros" in read, "800 euros" in read) == (root == "t:1", root == "t:5", False)


def test_an_overview_of_the_discussion_tells_the_article_too_unless_the_comments_alone_are_asked(
    library: Library,
) -> None:
    question = "Summarise the discussion."
    assert ARTICLE in shown(library, question, Scope(("kiosk",)))[0]
    assert ARTICLE not in shown(library, question, Scope(("kiosk",), part="comments"))[0]


def test_counts_of_a_branch_say_that_it_is_one(library: Library) -> None:
    scope = Scope(("kiosk",), branch="t:5")
    assert "4 comments in this branch" in shown(library, "How many comments are there?", scope)[1].text
    assert "1 of the 4 comments in this branch" in shown(library, "How many comments did Ada write?", scope)[1].text
    assert "4 comments of this branch" in shown(library, "What does Karen think?", scope)[1].text
    assert "Summarise" not in shown(library, "Summarise the discussion.", scope)[1].text
    assert "this branch" in shown(library, "Summarise the discussion.", scope)[1].text


def test_somebody_who_speaks_elsewhere_is_not_there_in_the_branch(library: Library) -> None:
    _, answer = shown(library, "What does Emil say about the coffee?", Scope(("kiosk",), branch="t:1"))
    assert (answer.abstained, answer.reason) == (True, "person_absent")


def test_a_branch_that_is_not_there_answers_nothing(library: Library) -> None:
    for question in QUESTIONS:
        found, answer = shown(library, question, Scope(("kiosk",), branch="t:99"))
        assert found == set(), answer.text


@pytest.mark.parametrize("authors", [("Ben",), ("Cleo",), ("",)])
@pytest.mark.parametrize("question", ["Summarise the discussion.", "What do people think about the coffee?",
                                      "What does the kiosk cost?", "Does anyone know what it costs?"])  # fmt: skip
def test_a_question_put_to_some_people_shows_the_words_of_nobody_else(
    library: Library, authors: tuple[str, ...], question: str
) -> None:
    found, answer = shown(library, question, Scope(("kiosk",), authors=authors))
    written = {one.id for one in kiosk().comments if (one.author or "") in authors}
    assert found <= written, answer.text


def test_a_follow_up_put_to_some_people_shows_the_words_of_nobody_else(library: Library) -> None:
    text = kiosk().comments[0].body
    history = (Turn("Who finds it ugly?", "Ada does [c1].", (Citation("kiosk", "t:1", "c1", "Ada", 0, 9, text[:9]),)),)
    for question in FOLLOW_UPS:
        found, answer = shown(library, question, Scope(("kiosk",), authors=("Cleo",)), history)
        # Somebody whom the question itself means may speak, and what the tree says is counted over all of it.
        if not re.search("Ben|she", question) and answer.route != "structure":
            assert found <= {"t:3"}, (question, answer.text)


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        (Scope(), {ARTICLE, *FIRST, *SECOND, "t:9"}),
        (Scope(part="article"), {ARTICLE}),
        (Scope(part="comments"), {*FIRST, *SECOND, "t:9"}),
        (Scope(branch="t:6"), {"t:6", "t:7", "t:8"}),
        (Scope(branch="t:6", authors=("ADA",)), {"t:7"}),
        (Scope(authors=("",)), {"t:9"}),
        (Scope(branch="t:9", part="article"), set()),
        (Scope(branch="nowhere"), set()),
    ],
)
def test_a_scope_admits_by_part_branch_and_author(scope: Scope, inside: set[str]) -> None:
    admits = admission(scope, kiosk())
    assert {name for name in (ARTICLE, *(f"t:{n}" for n in range(1, 10)), "gone") if admits(name)} == inside


def test_the_author_of_the_article_is_admitted_by_name_and_nobody_is_not() -> None:
    from dataclasses import replace

    signed = replace(kiosk(), article=replace(kiosk().article, author="Ada"))
    assert admission(Scope(authors=("Ada",)), signed)(ARTICLE)
    assert not admission(Scope(authors=("",)), kiosk())(ARTICLE)


def test_what_may_not_be_shown_is_not_admitted() -> None:
    hidden = thread(comment(1, "Ada", "Spam.", status="spam"), comment(2, "Ben", "Words.", 1))
    admits = admission(Scope(), hidden)
    assert [admits("t:1"), admits("t:2")] == [False, True]


def test_replies_to_one_who_asks_are_taken_from_within_the_scope_alone() -> None:
    asked, found = kiosk(), passages(kiosk())
    hits = [Hit(found[1], 1.0, "Ada", "c1", found[1].sentences[0])]
    assert found[1].comment_id == "t:1"

    def replies(scope: Scope) -> set[str]:
        query = Query("What does the kiosk cost?", "What does the kiosk cost?", ("kiosk cost",), scope=scope)
        told = in_context(query, hits, {"kiosk": asked}, {"kiosk": found})
        return {hit.passage.comment_id for hit in told} - {"t:1"}

    assert replies(Scope()) == {"t:2"}
    assert replies(Scope(branch="t:5")) == set()
    assert replies(Scope(authors=("BEN",))) == {"t:2"}
    assert replies(Scope(authors=("Cleo",))) == set()


def test_a_branch_is_a_thread_whose_first_comment_answers_nobody() -> None:
    branch = cut(kiosk(), "t:6")
    assert isinstance(branch, Branch)
    assert [one.id for one in branch.comments] == ["t:6", "t:7", "t:8"]
    assert branch.comments[0].parent_id is None
    assert branch.comments[1:] == kiosk().comments[6:8]
    assert cut(kiosk(), "nowhere").comments == ()
