"""Programs that use one library at the same time, for `test_processes.py`.

    python -m tests.rag.process_jobs read HOME SECONDS [index]     `index`: take Chroma first, say so in `HOME/../ready`
    python -m tests.rag.process_jobs write HOME SECONDS

The writer notes in `HOME/../done` what it has added and removed, after the fact. A reader looks at the notes first and
asks then: what was noted as added must be found, what was noted as removed must not.
"""

import json
import random
import sys
import time
from pathlib import Path

from ingest.thread import Thread
from tests.builders import comment, thread
from tests.fakes import FakeEncoder
from tests.rag.kill_jobs import open_library

PAUSE = 0.05  # seconds between two questions: readers think, too
ENOUGH = 12  # questions that a reader asks, and changes that a writer makes, whatever the time says
PATIENCE = 240  # seconds beyond the time for that on a busy machine
WIDTH = 384  # of the fake vectors: enough that thousands of stories do not look alike


def story(number: int, version: int) -> Thread:
    words = [f"word{number}x{version}x{n}" for n in range(12)]
    return thread(
        comment(1, f"Ada {number}", " ".join(words[:4]) + ". " + " ".join(words[4:8]) + "."),
        comment(2, "Ben", " ".join(words[8:]) + ".", 1),
        thread_id=f"story {number}",
        title=f"Story {number}",
    )


def notes(home: Path) -> list[tuple[str, int, int]]:
    path = home.parent / "done"
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [tuple(json.loads(line)) for line in lines if line.endswith("\n")]


def read(home: Path, seconds: float, *, index: bool) -> dict[str, object]:
    """Ask about what is noted until the time is over and enough was asked; count questions and stale answers."""
    library = open_library(home, WIDTH)
    if index:
        library.warm()
        (home.parent / "ready").touch()
    encoder, chance = FakeEncoder(WIDTH), random.Random(home.name)
    asked, stale = 0, list[str]()
    slowest = 0.0
    end = time.monotonic() + seconds
    while time.monotonic() < end or (asked < ENOUGH and time.monotonic() < end + PATIENCE):
        state: dict[int, tuple[str, int]] = {}
        for what, number, version in notes(home):
            state[number] = (what, version)
        if state:
            number = chance.choice(sorted(state))
            what, version = state[number]
            words = story(number, version).comments[1].body
            start = time.monotonic()
            found = library.index.query(encoder.encode([f"Ben, answering Ada {number}:\n{words}"])[0], 3)
            texts = [passage.text for passage in library.catalogue.passages_by_id([hit for hit, _ in found]).values()]
            lexical = library.catalogue.search(words.rstrip(".").split(), 3)
            slowest = max(slowest, time.monotonic() - start)
            # In this order: whoever is not at work on it now has noted what was done to it.
            working = (home.parent / "working").read_text() == str(number)
            moved_on = [note for note in notes(home) if note[1] == number][-1] != (what, number, version)
            if not working and not moved_on:
                asked += 1
                present = words in texts and bool(lexical)
                gone = words not in texts and not lexical
                if not (present if what == "added" else gone):
                    stale.append(f"{what} {number} version {version}: {words in texts}, {len(lexical)} by words")
        time.sleep(PAUSE)
    uses_index = index and library.index.uses_index
    library.close()
    return {"asked": asked, "stale": stale, "slowest": slowest, "index": uses_index}


def write(home: Path, seconds: float) -> dict[str, object]:
    """Add, change and remove threads until the time is over and enough was done, each time as a program of its own."""
    end = time.monotonic() + seconds
    chance = random.Random(2)
    living: dict[int, int] = {}
    number = done = 0
    while time.monotonic() < end or (done < ENOUGH and time.monotonic() < end + PATIENCE):
        library = open_library(home, WIDTH)
        if living and chance.random() < 0.3:
            target = chance.choice(sorted(living))
            if chance.random() < 0.5:
                note = ("removed", target, living.pop(target))
            else:
                living[target] += 1
                note = ("added", target, living[target])
        else:
            number += 1
            living[number] = 0
            note = ("added", number, 0)
        (home.parent / "working").write_text(str(note[1]))
        if note[0] == "removed":
            library.remove(f"story {note[1]}")
        else:
            library.add(story(note[1], note[2]))
        with (home.parent / "done").open("a") as log:
            log.write(json.dumps(note) + "\n")
        (home.parent / "working").write_text("")
        done += 1
        library.close()
        time.sleep(PAUSE)
    return {"done": done}


if __name__ == "__main__":
    role, folder, lasting = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    result = write(folder, lasting) if role == "write" else read(folder, lasting, index="index" in sys.argv)
    print(json.dumps(result))  # noqa: T201 - read by the test
