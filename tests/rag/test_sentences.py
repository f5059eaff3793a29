import re
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sentences import sentences

PIECES = st.lists(
    st.sampled_from(
        ["Ada", "said", "no", "e.g", "Dr", "3.5", "http://a.org/b.c?d", "U.S", "“so", "it”", "(or", "not)", "…", "...",
         ".", "!", "?", "。", "今天", " ", "  ", "\n", "\n\n", "\t", "\u00a0", "I", "J", "1", "- ", "?!", "\u2028", "é"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Ada met Mr. Li vs. St. John. They left.", ["Dr. Ada met Mr. Li vs. St. John.", "They left."]),
        ("It costs 3.50 e.g. in May, i.e. now. Fine.", ["It costs 3.50 e.g. in May, i.e. now.", "Fine."]),
        ("“Why?” he asked. “No.” She left.", ["“Why?” he asked.", "“No.”", "She left."]),
        ("(He left.) She stayed.", ["(He left.)", "She stayed."]),
        ("Well... maybe. Then… It ended.", ["Well... maybe.", "Then…", "It ended."]),
        ("See http://a.org/b.html?x=1. Ok.", ["See http://a.org/b.html?x=1.", "Ok."]),
        ("He lives in the U.S. The end.", ["He lives in the U.S.", "The end."]),
        ("U.S. forces left. J. R. Smith stayed.", ["U.S. forces left.", "J. R. Smith stayed."]),
        ("i agree. it was bad", ["i agree.", "it was bad"]),
        ("1. First thing. 2. Second thing.", ["1. First thing.", "2. Second thing."]),
        ("It was No. 5. I said no. Then I left.", ["It was No. 5.", "I said no.", "Then I left."]),
        ("no stop here\n\nNew paragraph", ["no stop here", "New paragraph"]),
        ("A heading\nThen a line", ["A heading", "Then a line"]),
        ("wrapped by hand\nand read on. End.", ["wrapped by hand\nand read on.", "End."]),
        ("- one\n- two", ["- one", "- two"]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("You have to tell them, right? ;)\nOr not. :-)", ["You have to tell them, right? ;)", "Or not. :-)"]),
    ],
)
def test_english_is_cut_where_a_reader_would_cut_it(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今天很好。明天呢？「不好！」他说。", ["今天很好。", "明天呢？", "「不好！」", "他说。"]),
        ("Am 3. Mai kam z.B. Dr. Groß. Er blieb.", ["Am 3. Mai kam z.B. Dr. Groß.", "Er blieb."]),
        ("M. Hugo est venu. Il est resté.", ["M. Hugo est venu.", "Il est resté."]),
        ("La Sra. Ruiz llegó. ¿Cuándo? Ayer.", ["La Sra. Ruiz llegó.", "¿Cuándo?", "Ayer."]),
        ("هل هذا صحيح؟ نعم.", ["هل هذا صحيح؟", "نعم."]),
        ("यह अच्छा है। वह आया।", ["यह अच्छा है।", "वह आया।"]),
    ],
)
def test_other_languages_are_cut_too(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_a_window_of_a_text_gives_offsets_into_the_whole() -> None:
    text = "Zero. One two. Three."
    assert sentences(text, 6, 14) == ((6, 14),)


@given(PIECES)
def test_spans_are_in_order_trimmed_and_cover_all_but_white_space(text: str) -> None:
    at = 0
    for start, end in sentences(text):
        assert at <= start < end <= len(text)
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()


@given(PIECES)
def test_a_blank_line_always_separates(text: str) -> None:
    assert not any(re.search(r"\n\s*\n", text[start:end]) for start, end in sentences(text))


@pytest.mark.parametrize("unit", ["a. ", ".", " ", "\n", "\n ", "a", "? ", "(", "”", "1. ", "a.b", "…\n"])
def test_hostile_repetition_does_not_hold_up_a_reader(unit: str) -> None:
    # Quadratic work would take hours on this; the alarm only keeps a broken build from waiting for it.
    signal.alarm(60)
    try:
        found = sentences(unit * 100_000)
    finally:
        signal.alarm(0)
    assert len(found) <= 100_000
