from rag.kept import Kept


def test_what_was_used_least_lately_is_let_go_first() -> None:
    kept: Kept[str, int] = Kept(room=2)
    kept.keep("a", 1)
    kept.keep("b", 2)
    assert kept.get("a") == 1
    kept.keep("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)


def test_large_values_take_the_room_of_several() -> None:
    kept: Kept[str, int] = Kept(room=10)
    for name in "abc":
        kept.keep(name, 0, size=4)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (None, 0, 0)


def test_the_newest_value_is_kept_however_large() -> None:
    kept: Kept[str, int] = Kept(room=10)
    kept.keep("a", 1, size=4)
    kept.keep("b", 2, size=40)
    assert (kept.get("a"), kept.get("b")) == (None, 2)


def test_room_given_up_is_free_again() -> None:
    kept: Kept[str, int] = Kept(room=10)
    kept.keep("a", 1, size=8)
    kept.keep("a", 2, size=4)  # in place of the first
    kept.keep("b", 3, size=6)
    assert (kept.get("a"), kept.get("b")) == (2, 3)
    kept.drop("b")
    kept.drop("never kept")
    kept.keep("c", 4, size=6)
    assert (kept.get("a"), kept.get("c")) == (2, 4)
