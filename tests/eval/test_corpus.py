"""Made-up discussions: the same for the same seed, and shaped as measured."""

from collections import Counter

import numpy as np
import pytest

from eval.corpus import SHAPE, Corpus
from ingest.thread import Thread
from rag.lexical import STOP_WORDS


@pytest.fixture(scope="module")
def made() -> list[Thread]:
    return list(Corpus(4_000, seed=2).threads())


def test_the_same_seed_makes_the_same_threads_and_another_one_others(made: list[Thread]) -> None:
    assert list(Corpus(4_000, seed=2).threads()) == made
    assert next(Corpus(4_000, seed=3).threads()) != made[0]


def test_there_are_as_many_visible_comments_as_asked_for(made: list[Thread]) -> None:
    assert sum(len(one.visible) for one in made) == 4_000
    assert len({comment.id for one in made for comment in one.comments}) == sum(len(one.comments) for one in made)


def test_the_first_thread_is_as_long_as_asked_for() -> None:
    assert len(next(Corpus(3_000, first=1_000).threads()).visible) == 1_000


def test_depths_are_shared_out_as_measured(made: list[Thread]) -> None:
    depths = Counter(depth for one in made for depth in one.depths().values())
    total = sum(depths.values())
    for depth, tolerance in ((0, 0.03), (1, 0.08), (2, 0.05), (3, 0.03)):
        assert depths[depth] / total == pytest.approx(SHAPE.depths[depth], abs=tolerance)


def test_most_comments_stay_unanswered_and_few_draw_many_replies(made: list[Thread]) -> None:
    replies = [len(one.children(comment.id)) for one in made for comment in one.visible]
    assert 0.6 < replies.count(0) / len(replies) < 0.78  # 0.68 was measured
    assert max(replies) >= 4


def test_lengths_people_and_deletions_are_as_measured(made: list[Thread]) -> None:
    words = [len(comment.body.split()) for one in made for comment in one.visible]
    assert 30 < np.median(words) < 45  # exp(3.61) is 37; 43 was measured
    assert 55 < np.mean(words) < 85  # 67 was measured
    comments = sum(len(one.comments) for one in made)
    assert (comments - 4_000) / comments == pytest.approx(SHAPE.deleted, abs=0.02)
    people = [len({comment.author for comment in one.visible}) / len(one.visible) for one in made]
    assert np.mean(people) == pytest.approx(SHAPE.people, abs=0.12)


def test_a_thread_has_words_of_its_own_among_words_that_all_use(made: list[Thread]) -> None:
    common = STOP_WORDS["english"]
    cut = [[word.strip(".") for comment in one.visible for word in comment.body.lower().split()] for one in made[:20]]
    shares = [sum(word in common for word in words) / len(words) for words in cut]
    assert np.mean(shares) == pytest.approx(SHAPE.common, abs=0.05)
    most = [Counter(word for word in words if word not in common).most_common(5) for words in cut]
    assert len({word for found in most for word, _ in found}) > 40  # of at most 100: topics differ
