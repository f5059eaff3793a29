from tests.builders import comment, debate, thread
from tests.ui.parsing import assert_harmless
from tests.ui.test_reader import HOSTILE
from ui.people import SHOWN, activity_html, exchanges, map_html, people_html


def test_exchanges_count_who_answered_whom_by_name() -> None:
    assert dict(exchanges(debate())) == {("Ben", "Ada"): 1, ("Ada", "Ben"): 1, ("Ben", "Cleo Brandt"): 1}


def test_answering_oneself_is_no_exchange() -> None:
    alone = thread(comment(1, "Ada", "x"), comment(2, "Ada", "y", 1), comment(3, None, "z", 1))
    assert not exchanges(alone)


def test_people_are_listed_with_comments_and_replies_received() -> None:
    rows = [row.text for row in assert_harmless(people_html(debate())).walk() if row.tag == "tr"]
    assert rows[1:] == ["Ada21", "Ben22", "Cleo Brandt11", "name lost in extraction1"]


def test_the_map_draws_a_dot_a_person_and_a_curve_an_exchange() -> None:
    root = assert_harmless(map_html(debate()))
    assert {dot.attributes["data-arg"] for dot in root.all("cm-dot")} == {"Ada", "Ben", "Cleo Brandt"}
    titles = {edge.text for edge in root.all("cm-edge")}
    assert titles == {"Ben answered Ada 1 time", "Ada answered Ben 1 time", "Ben answered Cleo Brandt 1 time"}


def test_a_crowd_is_cut_to_those_who_write_most_and_the_map_says_so() -> None:
    crowd = thread(comment(1, "Ada", "x"), *(comment(n, f"Person {n}", "x", 1) for n in range(2, SHOWN + 10)))
    root = assert_harmless(map_html(crowd))
    assert len(root.all("cm-dot")) == SHOWN
    assert "The 9 who wrote least are left out." in root.text


def test_no_map_is_drawn_where_nobody_answers_by_name() -> None:
    assert "no map to draw" in map_html(thread(comment(1, "Ada", "x"), comment(2, None, "y", 1)))
    assert "Nobody has commented" in people_html(thread())


def test_activity_counts_the_dated_comments_and_says_how_many_are_not() -> None:
    dated = thread(
        comment(1, "Ada", "x", created_at="2024-05-01T00:00:00+00:00"),
        comment(2, "Ada", "x", created_at="2024-05-01T00:00:01+00:00"),
        comment(3, "Ada", "x", created_at="2024-05-03T00:00:00Z"),
        comment(4, "Ada", "x", created_at="yesterday"),
    )
    root = assert_harmless(activity_html(dated))
    assert [bar.text.split()[0] for bar in root.all("cm-col")] == ["2", "1"]
    assert "the tallest bar stands for 2. 1 without a time is not drawn." in root.text
    assert "carry no times" in activity_html(debate())


def test_hostile_names_do_nothing_in_the_pictures() -> None:
    sick = thread(*(comment(n, words, "x", n - 1 or None) for n, words in enumerate(HOSTILE, 1)))
    assert_harmless(people_html(sick) + map_html(sick))
