from ingest.thread import Thread
from tests.builders import comment, debate, thread
from ui.markup import HUES, anchor, esc, hues, shown_name, token, utf16


def test_escaping_covers_what_html_reads_and_keeps_the_length() -> None:
    assert esc("<b onclick='x' class=\"y\">&") == "&lt;b onclick=&#x27;x&#x27; class=&quot;y&quot;&gt;&amp;"
    assert esc("a\x00b\ud800c") == "a\ufffdb\ufffdc"
    assert esc("a\r\nb") == "a&#13;\nb"


def test_a_name_loses_direction_overrides_and_towers_of_accents() -> None:
    assert shown_name("\u202emoc.live\u202c") == "moc.live"
    assert shown_name("Z" + "\u0301" * 40 + "algo") == "Ź\u0301\u0301algo"
    assert shown_name("x" * 500, limit=10) == "x" * 9 + "…"
    assert shown_name(None) == "name lost"


def test_anchors_differ_between_threads_and_never_hold_what_a_source_wrote() -> None:
    assert anchor("bridge", "c10") == f"{token('bridge')}-c10"
    assert token("bridge") != token("ferry")
    assert token('"><script>')[1:].isalnum()


def test_those_who_write_most_get_colours_of_their_own() -> None:
    busy = thread(*(comment(n, f"Person {n}" if n > 3 else "Ada", "x") for n in range(1, 20)))
    assert hues(busy)["Ada"] == 0
    assert set(hues(busy).values()) == set(range(HUES))


def test_unnamed_people_get_no_colour() -> None:
    talk: Thread = debate()
    assert set(hues(talk)) == {"Ada", "Ben", "Cleo Brandt"}


def test_offsets_count_what_a_browser_counts() -> None:
    assert [utf16("a😀b", n) for n in range(4)] == [0, 1, 3, 4]
