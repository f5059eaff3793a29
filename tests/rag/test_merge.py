from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ingest.thread import Thread
from rag.merge import merge
from tests.builders import comment, debate, thread


def without(told: Thread, *numbers: int) -> Thread:
    gone = {f"t:{number}" for number in numbers}
    return replace(told, comments=tuple(one for one in told.comments if one.id not in gone))


def shape(told: Thread) -> list[tuple[int | None, str, str | None]]:
    return [(one.number, one.status, one.parent_id) for one in told.comments]


def test_the_first_reading_is_taken_as_it_is() -> None:
    merged = merge(None, debate())
    assert (merged.thread, merged.new, merged.changed, merged.deleted) == (debate(), 6, 0, 0)


def test_the_same_reading_changes_nothing() -> None:
    merged = merge(debate(), debate())
    assert (merged.thread, merged.new, merged.changed, merged.deleted) == (debate(), 0, 0, 0)


def test_later_arrivals_take_the_next_numbers_wherever_they_stand() -> None:
    old = thread(comment(1, "Ada", "One."), comment(2, "Ben", "Two."))
    late = replace(comment(9, "Cleo", "Early bird."), number=1)
    merged = merge(old, thread(late, replace(old.comments[0], number=2), replace(old.comments[1], number=3)))
    assert [(one.id, one.number) for one in merged.thread.comments] == [("t:9", 3), ("t:1", 1), ("t:2", 2)]
    assert merged.new == 1


def test_a_vanished_comment_keeps_its_place_and_number_and_loses_its_words() -> None:
    merged = merge(debate(), without(debate(), 3))
    stub = merged.thread.get("t:3")
    assert stub is not None
    assert (stub.number, stub.status, stub.body, stub.author, stub.parent_id) == (3, "deleted", "", None, "t:2")
    assert [one.id for one in merged.thread.comments] == [one.id for one in debate().comments]
    assert merged.deleted == 1


def test_a_vanished_parent_stays_above_replies_that_were_moved_up() -> None:
    moved = replace(debate().comments[5], parent_id=None, parent_shown=None)
    merged = merge(debate(), replace(without(debate(), 5, 6), comments=(*without(debate(), 5, 6).comments, moved)))
    assert merged.thread.get("t:5") is not None
    assert [one.parent_id for one in merged.thread.comments if one.id == "t:6"] == [None]


def test_a_comment_that_comes_back_has_its_old_number() -> None:
    gone = merge(debate(), without(debate(), 3)).thread
    back = merge(gone, debate())
    assert back.thread == debate()
    assert back.new == 1


def test_a_number_is_never_given_twice() -> None:
    gone = merge(debate(), without(debate(), 6)).thread
    late = replace(comment(6, "Dan", "Late."), id="t:late")
    merged = merge(gone, replace(debate(), comments=(*without(debate(), 6).comments, late)))
    assert [one.number for one in merged.thread.comments if one.id == "t:late"] == [7]


def test_votes_are_no_change_of_words() -> None:
    voted = replace(debate(), comments=tuple(replace(one, score=5) for one in debate().comments))
    merged = merge(debate(), voted)
    assert (merged.new, merged.changed, merged.deleted) == (0, 0, 0)
    assert merged.thread == voted


def test_edited_words_are_counted() -> None:
    edited = replace(debate(), comments=(replace(debate().comments[0], body="Never mind."), *debate().comments[1:]))
    assert merge(debate(), edited).changed == 1


PARENTS = st.lists(st.integers(0, 8), min_size=1, max_size=9)


@given(PARENTS, PARENTS, st.sets(st.integers(1, 9)), st.sets(st.integers(1, 9)))
def test_any_two_readings_make_a_sound_thread(
    first: list[int], second: list[int], lost_first: set[int], lost_second: set[int]
) -> None:
    def reading(parents: list[int], lost: set[int]) -> Thread:
        kept = []
        for number, parent in enumerate(parents, 1):
            if number not in lost:
                above = parent if 0 < parent < number and parent not in lost else None
                kept.append(replace(comment(number, "Ada", f"{number}", above), number=len(kept) + 1))
        return thread(*kept)

    old, new = reading(first, lost_first), reading(second, lost_second)
    merged = merge(old, new).thread  # `Thread` itself refuses a child before its parent
    numbers = [one.number for one in merged.comments]
    assert len(set(numbers)) == len(numbers)
    assert {one.id for one in merged.visible} == {one.id for one in new.comments}
    assert {one.id for one in merged.comments} == {one.id for one in (*old.comments, *new.comments)}
    assert all(merged.get(one.id).number == one.number for one in old.comments)  # type: ignore[union-attr]
    assert merge(merged, new).thread == merged
