import io
import struct
import zipfile

import pytest

from ingest.errors import MalformedSource, NoComments, SourceTooLarge, UnknownFormat
from ingest.registry import load, pick
from ingest.source import Limits, Source

OUTLINE = "Bridge\n\nThe council approved it.\n\n  • Ann\n\n    Who pays?\n\n    • Bob\n\n      You do.\n"
PASTED = (
    "Frost\n\nThe blossom is gone.\n\n"
    "Ann says:\nMay 12, 2011 at 5:39 pm\n\nAll?\n\nBob says:\nMay 13, 2011 at 8:02 am\n\nAll.\n"
)


def packed(**members: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return buffer.getvalue()


def source(data: bytes, **limits: int) -> Source:
    return Source(name="threads.zip", data=data, limits=Limits(**limits))


def test_every_thread_of_an_archive_is_read_with_its_own_loader() -> None:
    given = source(packed(a_txt=OUTLINE, b__frost_txt=PASTED))
    assert pick(given).name == "archive"
    threads = load(given)
    assert [(thread.source, thread.title, len(thread.comments)) for thread in threads] == [
        ("outline", "Bridge", 2),
        ("plaintext", "Frost", 2),
    ]
    assert len({thread.id for thread in threads}) == 2


def test_what_holds_no_thread_is_left_out_and_counted() -> None:
    (thread,) = load(
        source(packed(a_txt=OUTLINE, style_css="p{}", data_bin=b"\x00\x01" * 90, inner_zip=packed(a_txt=OUTLINE)))
    )
    assert thread.title == "Bridge"
    assert any("2 other files" in note for note in thread.notes)


def test_files_of_the_same_name_in_two_folders_are_two_threads() -> None:
    threads = load(source(packed(x__a_txt=OUTLINE, y__a_txt=OUTLINE.replace("Who pays", "Who asked"))))
    assert len({thread.id for thread in threads}) == 2


def test_an_archive_without_threads_is_refused_with_a_reason() -> None:
    with pytest.raises(NoComments, match="holds no thread"):
        load(source(packed(data_csv="1,2,3\n" * 9)))


def test_an_archive_that_would_unpack_too_far_is_refused_before_unpacking() -> None:
    with pytest.raises(SourceTooLarge, match="unpacks to more than 400,000"):
        load(source(packed(a_txt="x" * 1_000_000), file_bytes=100_000))


def test_an_archive_of_too_many_files_is_refused() -> None:
    with pytest.raises(SourceTooLarge, match="1,001 files"):
        load(source(packed(**{f"n{n}_txt": "x" for n in range(1001)})))


def test_a_table_that_lies_about_a_size_does_not_get_through() -> None:
    data = bytearray(packed(a_txt="x" * 1_000_000))
    central = data.rfind(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 10)
    data[22:26] = struct.pack("<I", 10)
    with pytest.raises((MalformedSource, SourceTooLarge, NoComments)):
        load(source(bytes(data), file_bytes=100_000))


@pytest.mark.parametrize("cut", [10, 60, -10, -40])
def test_a_damaged_archive_is_told_in_one_line(cut: int) -> None:
    with pytest.raises(MalformedSource, match="damaged archive") as caught:
        load(source(packed(a_txt=OUTLINE)[:cut]))
    assert "\n" not in str(caught.value)


def test_a_locked_archive_is_told() -> None:
    data = bytearray(packed(a_txt=OUTLINE))
    central = data.rfind(b"PK\x01\x02")
    data[central + 8] |= 1
    with pytest.raises(MalformedSource, match="password"):
        load(source(bytes(data)))


def test_an_office_document_is_no_archive_of_threads() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(UnknownFormat):
        pick(source(buffer.getvalue()))
