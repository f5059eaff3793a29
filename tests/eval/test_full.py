from eval.full import about, model_share
from eval.run import Job
from eval.scores import Scores
from eval.summary import Record
from tests.eval.builders import case


def test_the_model_answers_what_a_peer_answered_and_a_share_of_the_rest() -> None:
    cases = tuple(case(id=name) for name in "abcdefgh")
    peers = [Record("naive", "one", case(id="b"), {}, Scores()), Record("naive", "two", case(id="c"), {}, Scores())]
    (share,) = model_share((Job("one", (), cases),), peers, 3)
    # without b: a c d e f g h, every third of them: a e h
    assert [item.id for item in share.cases] == ["a", "b", "e", "h"]


def test_a_run_says_when_on_what_and_with_which_versions_it_was_made() -> None:
    told = " ".join(about([Record("quotes", "one", case(id="a"), {}, Scores())]).values())
    assert "1 questions on 1 threads" in told
    assert "llama-index-core 0." in told
    assert "make eval-full" in told
