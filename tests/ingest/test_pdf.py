import contextlib
import zlib

import pytest

from ingest.errors import MalformedSource, NoComments, SourceTooLarge
from ingest.registry import load, pick
from ingest.source import Limits, Source
from ingest.thread import Thread
from tests.ingest.printing import Printed, pdf


def read(pages: list[list[Printed]], **options: bool) -> Thread:
    source = Source(name="print.pdf", data=pdf(pages, **options))
    assert pick(source).name == "pdf"
    (thread,) = load(source)
    return thread


def told(thread: Thread) -> list[tuple[int, str | None, str]]:
    depths = thread.depths()
    return [(depths[comment.id], comment.author, comment.body) for comment in thread.comments]


LONG = "The bridge over the harbour was approved on Monday evening by seven votes to two, after a debate"
REST = "that lasted until midnight and left nobody content."


def bulleted() -> list[list[Printed]]:
    return [
        [
            (72, 30, "11/22/26, 10:00 AM"),
            (72, 100, "Harbour bridge | The vote was close"),
            (72, 130, LONG),
            (72, 142, REST),
            (72, 172, "Author: Ines Holm"),
            (80, 202, "•"),
            (90, 202, "Ann Reed"),
            (90, 232, "Who pays for it, and who asked for it? I have lived here for forty years and never once did I"),
            (90, 244, "need a bridge."),
            (90, 274, "•"),
            (100, 274, "Bob"),
            (100, 304, "I did."),
            (72, 770, "https://town.example/bridge 1/2"),
        ],
        [
            (72, 30, "11/22/26, 10:00 AM"),
            (100, 100, "•"),
            (110, 100, "Ann Reed"),
            (110, 130, "When?"),
            (80, 160, "•"),
            (90, 160, "Cleo"),
            (90, 190, "Ferries are slow."),
            (72, 770, "https://town.example/bridge 2/2"),
        ],
    ]


def test_a_printed_page_of_bullets_is_read_by_word_positions() -> None:
    thread = read(bulleted())
    wrapped = "Who pays for it, and who asked for it? I have lived here for forty years and never once did I"
    assert told(thread) == [
        (0, "Ann Reed", f"{wrapped} need a bridge."),
        (1, "Bob", "I did."),
        (2, "Ann Reed", "When?"),
        (0, "Cleo", "Ferries are slow."),
    ]
    assert (thread.article.title, thread.article.author) == ("Harbour bridge", "Ines Holm")
    assert thread.article.text == f"{LONG} {REST}"


def test_headers_and_footers_of_the_printer_are_left_out_and_noted() -> None:
    thread = read(bulleted())
    everything = thread.article.text + "".join(comment.body for comment in thread.comments)
    assert "town.example" not in everything
    assert "10:00 AM" not in everything
    assert any("4 lines that the printer repeats" in note for note in thread.notes)


def test_names_above_words_are_read_from_indents_too() -> None:
    lines: list[Printed] = [
        (72, 100, "Ticket prices"),
        (72, 130, "The tram is dearer from June on. Nobody was asked about it, says the council."),
        (72, 170, "Lena Kraft — July 10th, 2012, 1:26 am"),
        (72, 200, "Dearer again?"),
        (100, 230, "Pia Holt — July 10th, 2012, 1:38 am"),
        (100, 260, "By a fifth."),
        (72, 290, "Max H — July 10th, 2012, 1:44 am"),
        (72, 320, "Is there a day pass?"),
    ]
    assert told(read([lines], packed=False)) == [
        (0, "Lena Kraft", "Dearer again?"),
        (1, "Pia Holt", "By a fifth."),
        (0, "Max H", "Is there a day pass?"),
    ]


def test_a_word_broken_at_the_end_of_a_line_is_mended() -> None:
    lines: list[Printed] = [
        (72, 100, "Bridge"),
        (72, 130, "The council spoke about the bridge for a very long time and in the end it was quite unani-"),
        (72, 142, "mous. The ferry stays. It was always going to stay. Nobody had any doubt about that at all."),
    ]
    assert "unanimous. The ferry" in read([lines]).article.text


def test_a_scan_without_text_is_refused_with_the_reason() -> None:
    with pytest.raises(NoComments, match="scan"):
        load(Source(name="scan.pdf", data=pdf([[]])))


@pytest.mark.parametrize("cut", [9, 60, 200, 400, -30])
def test_a_damaged_file_is_refused_or_read_and_never_breaks(cut: int) -> None:
    with contextlib.suppress(MalformedSource, NoComments):
        load(Source(name="cut.pdf", data=pdf(bulleted())[:cut]))


def test_a_stream_that_unpacks_beyond_measure_is_refused_before_it_is_unpacked() -> None:
    bomb = zlib.compress(b"0" * 30_000_000)
    data = pdf([[(72, 100, "x")]]) + b"9 0 obj\n<< /Filter /FlateDecode >>\nstream\n" + bomb + b"\nendstream\n"
    with pytest.raises(SourceTooLarge, match="unpacks to more"):
        load(Source(name="bomb.pdf", data=data, limits=Limits(file_bytes=1_000_000)))
