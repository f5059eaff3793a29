"""Do a library's works on a disk that fills up at some point, and look at what is left.

    python -m tests.rag.full_jobs FOLDER DISK

FOLDER holds what the works start from, DISK is a small file system of its own. The children use the real catalogue,
the real Chroma and the fake encoder. Exits with 1 and says so on the first library that is not as it must be.
"""

import importlib
import os
import shutil
import sys
from pathlib import Path

from ingest.errors import CommentariatError
from tests.rag.kill_jobs import WORKS, Work, in_child, look, open_library, prepared

ROOM = (0, 16, 60, 120, 180, 260, 360, 600)  # KiB left when the work begins


def fill(disk: Path, room: int) -> None:
    """Leave so many KiB on the disk, in a file that can be taken away again."""
    free = os.statvfs(disk)
    with (disk / "filler").open("wb") as file:
        file.write(b"x" * max(0, free.f_bavail * free.f_frsize - room * 1024))


def one(folder: Path, disk: Path, work: Work, room: int) -> str:
    """Do a work with so much room; return what became of it, or raise where it is not as it must be."""
    home = disk / "home"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(prepared(folder, work), home)
    shutil.rmtree(folder / "home")
    told = folder / "told"
    told.unlink(missing_ok=True)

    def do() -> None:
        try:
            library = open_library(home, work.dimension)
            try:
                work.run(library)
            finally:
                library.close()
        except CommentariatError as error:
            told.write_text(f"{error.message}|{error.remedy}")

    fill(disk, room)
    try:
        status = in_child(do)
    finally:
        (disk / "filler").unlink()
    assert status == 0, f"{work.name} with {room} KiB: something else than an error of ours"
    said = told.read_text() if told.exists() else ""
    assert "\n" not in said, said
    assert not said or said.split("|")[1], said
    assert in_child(lambda: look(home, work)) == 0, f"{work.name} with {room} KiB: {said or 'done'}"
    return "refused" if said else "done"


def main(folder: Path, disk: Path) -> None:
    """Do every work with every amount of room."""
    counts = {"refused": 0, "done": 0}
    for work in WORKS.values():
        for room in ROOM:
            counts[one(folder, disk, work, room)] += 1
    print(f"{counts['refused']} refused, {counts['done']} done, none damaged")  # noqa: T201


if __name__ == "__main__":
    importlib.import_module("chromadb")  # loaded once, before forking
    main(Path(sys.argv[1]), Path(sys.argv[2]))
