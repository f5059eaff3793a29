"""How long a command takes from a cold start: fresh processes of the installed console script, one after another."""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from eval.bench_table import Row, within
from ingest.errors import LibraryError

__all__ = ["COMMANDS", "Cold", "program", "rows", "runs"]

_SAMPLE = Path("ingest", "samples", "idlib_thread.txt")


@dataclass(frozen=True, slots=True)
class Cold:
    """A command with the seconds that it may take."""

    arguments: tuple[str, ...]
    limit: float
    library: bool = True


COMMANDS: Mapping[str, Cold] = {
    "commentariat --help": Cold(("--help",), 0.4, library=False),
    "commentariat list": Cold(("list",), 0.5),
    "commentariat show THREAD": Cold(("show", "idlib_thread"), 0.5),
    "commentariat ask --answerer quotes": Cold(
        ("ask", "What does Bianca say about people on Facebook?", "--answerer", "quotes", "--fresh"), 3.0
    ),
}


def program() -> list[str]:
    """Return how this installation's console script is started."""
    script = Path(sys.executable).with_name("commentariat")
    return [str(script)] if script.is_file() else [sys.executable, "-c", "from ui.cli import main; main()"]


def runs(command: Sequence[str], rounds: int) -> tuple[list[float], list[float]]:
    """Start a command anew `rounds` times after once for the disk; return seconds elapsed, and of processor time.

    Raises `LibraryError` where it fails.
    """
    wall, cpu = [], []
    for _ in range(rounds + 1):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
        wall.append(perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if done.returncode:
            raise LibraryError(f"{command[-1]} failed: {done.stderr.strip()[:200]}", remedy="Mend it; then measure.")
    return wall[1:], cpu[1:]


def rows(rounds: int) -> list[Row]:
    """Measure every command on a library that holds the sample thread."""
    root = Path(__file__).resolve().parents[1]
    found = []
    with tempfile.TemporaryDirectory() as folder:
        runs([*program(), "add", str(root / _SAMPLE), "--library", folder], 0)
        for name, command in COMMANDS.items():
            arguments = [*command.arguments, *(("--library", folder) if command.library else ())]
            wall, cpu = runs([*program(), *arguments], rounds)
            note = f"median of {rounds}, quickest {min(wall):.2f} s, {median(cpu):.2f} s of processor time"
            found.append(within("cold", name, wall, command.limit, note=note))
    return found
