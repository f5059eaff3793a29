"""Text in any encoding and with any line ends is the same thread."""

import codecs
from collections.abc import Callable

import pytest

from ingest.errors import EmptySource, MalformedSource, SourceError, SourceTooLarge
from ingest.registry import load
from ingest.source import Limits, Source
from tests.ingest import golden

CASES = golden.cases("outline", "plaintext", "markdown", "html")


def trees(data: bytes, name: str) -> list[list[tuple[str | None, str | None, str]]]:
    return [
        [(comment.author, comment.parent_shown and "reply", comment.body) for comment in thread.comments]
        for thread in load(Source(name=name, data=data))
    ]


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.name}")
@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: ("\n\n" + text).encode(),
    ],
    ids=["crlf", "cr", "bom", "utf-16", "blank-lines"],
)
def test_the_way_a_file_is_written_does_not_change_the_thread(path, written: Callable[[str], bytes]) -> None:
    text = path.read_text(encoding="utf-8")
    name = path.name.replace(".in.", ".")
    assert trees(written(text), name) == trees(text.encode(), name)


@pytest.mark.parametrize("path", golden.cases("outline", "plaintext"), ids=lambda path: path.name)
def test_characters_that_nobody_sees_change_nothing(path) -> None:
    text = path.read_text(encoding="utf-8")
    spoilt = text.replace("a", "a\u200b").replace(" ", " \x00", 3)
    assert trees(spoilt.encode(), "thread.txt") == trees(text.encode(), "thread.txt")


@pytest.mark.parametrize("path", golden.cases("outline", "plaintext"), ids=lambda path: path.name)
def test_cp1252_is_read_as_it_was_meant(path) -> None:
    text = path.read_text(encoding="utf-8").replace("…", "...").replace("≥", ">")
    data = text.encode("cp1252")
    assert trees(data, "thread.txt") == trees(text.encode(), "thread.txt")


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_bytes_that_are_no_text_are_read_around(path) -> None:
    data = path.read_bytes()
    (thread, *_) = load(Source(name=path.name.replace(".in.", "."), data=data + b"\n\xff\xfe\xfa\x81 \xc3"))
    assert thread.article.text or thread.comments


def test_empty_binary_and_oversized_files_are_refused_with_a_remedy() -> None:
    for data, error in ((b"", EmptySource), (b" \n\x00", EmptySource), (bytes(range(32)) * 40, SourceError)):
        with pytest.raises(error) as caught:
            load(Source(name="a.txt", data=data))
        assert caught.value.remedy
    with pytest.raises(MalformedSource, match="binary"):
        load(Source(name="a.txt", data=bytes(range(32)) * 40), "plaintext")
    with pytest.raises(SourceTooLarge, match="the limit is 10"):
        Source(name="a.txt", data=b"x" * 11, limits=Limits(file_bytes=10))


def test_a_thread_beyond_the_limit_of_comments_is_refused() -> None:
    text = "T\n\nP.\n\n" + "".join(f"  • Ann\n\n    Words {n}.\n\n" for n in range(6))
    with pytest.raises(SourceTooLarge, match="limit is 5"):
        load(Source(name="a.txt", data=text.encode(), limits=Limits(comments=5)))


def test_a_comment_beyond_the_limit_of_length_is_cut_and_told() -> None:
    text = f"T\n\nP.\n\n  • Ann\n\n    {'word ' * 400}\n\n  • Bob\n\n    Yes.\n"
    (thread,) = load(Source(name="a.txt", data=text.encode(), limits=Limits(comment_chars=100)))
    assert len(thread.comments[0].body) == 100
    assert any("cut" in note for note in thread.notes)
