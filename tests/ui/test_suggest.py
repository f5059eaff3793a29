from rag.evidence import Answer, Claim
from tests.builders import comment, debate, thread
from tests.ui.test_render import cite, hit
from ui.suggest import examples, follow_ups


def test_examples_come_from_the_thread_itself() -> None:
    assert examples(debate()) == (
        "What does Ada say?",
        "What does Ben reply to Ada?",
        "Who wrote the most comments?",
    )


def test_a_thread_without_names_still_gets_examples() -> None:
    nameless = thread(comment(1, None, "x"), comment(2, None, "y", 1), text="An article.")
    assert examples(nameless) == ("Who wrote the most comments?", "What does the article say?")
    assert examples(thread()) == ()


def test_follow_ups_lead_on_from_the_people_cited() -> None:
    answer = Answer("Is it slow?", "Yes.", (Claim("Ben says so.", (cite(2, "Ferries"),)),), ())
    assert follow_ups(answer, debate()) == ("What else does Ben say?", "Who replied to Ben?")


def test_follow_ups_of_a_declined_answer_come_from_the_nearest_evidence_and_never_repeat_it() -> None:
    declined = Answer("What does Ben say?", "No.", (), (hit(2, "Ferries"),), True, "not_discussed")
    assert follow_ups(declined, debate()) == ("Who replied to Ben?", "Who wrote the most comments?")
