"""The rows of the benchmark's one table: what was measured, against what, the ratio and whether the goal is met."""

import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter, process_time

__all__ = ["Row", "Taken", "beside", "clocked", "faster", "machine", "plain", "table", "within"]


@dataclass(frozen=True, slots=True)
class Taken:
    """How long something took, in seconds: on the clock, and of processor time in all threads of this process."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `ratio` is how many times better ours is than the other; `met` is None where no goal is set."""

    part: str
    what: str
    ours: str
    other: str = ""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None
    note: str = ""


def clocked(work: Callable[[], object]) -> Taken:
    """Run something once and say what it took."""
    wall, cpu = perf_counter(), process_time()
    work()
    return Taken(perf_counter() - wall, process_time() - cpu)


def faster(
    part: str, what: str, ours: Sequence[Taken], other: Sequence[Taken], *, count: int, unit: str, goal: float
) -> Row:
    """Compare rounds pair by pair: the ratio is the median of the pairs', so that a machine's drift cancels out.

    `count` things of a `unit` were done in each round. The goal is held against elapsed time.
    """
    wall = median(b.wall / a.wall for a, b in zip(ours, other, strict=True))
    cpu = median(b.cpu / max(a.cpu, 1e-9) for a, b in zip(ours, other, strict=True))
    rates = [f"{count / median(one.wall for one in side):,.1f} {unit}/s" for side in (ours, other)]
    return Row(part, what, rates[0], rates[1], wall, f"≥ {goal:g}×", wall >= goal, f"{cpu:.2f}× in processor time")


def within(part: str, what: str, seconds: Sequence[float], limit: float, *, note: str = "") -> Row:
    """Hold the median of some times against a limit, in seconds."""
    taken = median(seconds)
    return Row(part, what, f"{taken:.2f} s", goal=f"≤ {limit:g} s", met=taken <= limit, note=note)


def beside(part: str, what: str, ours: float, other: float, *, slack: float) -> Row:
    """Hold a share in percent against another one's, which it may miss by `slack` points."""
    met = ours >= other - slack
    return Row(part, what, f"{ours:.1f}", f"{other:.1f}", goal=f"≥ −{slack:g} points", met=met)


def machine() -> str:
    """Say in a line what ran the benchmark."""
    from os import cpu_count, getloadavg

    runs = f"{platform.system()}, Python {platform.python_version()}"
    return f"{_processor()}, {cpu_count()} processors with a load of {getloadavg()[0]:.1f}, {runs}"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            fields = dict(line.partition(":")[::2] for line in file if ":" in line)
    except OSError:
        return platform.processor() or platform.machine()
    named = {key.strip(): value.strip() for key, value in fields.items()}
    flags = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "amx_int8") if flag in named.get("flags", "").split()]
    return f"{named.get('model name', platform.machine())} ({', '.join(flags) or platform.machine()})"


def table(rows: Sequence[Row]) -> str:
    """Draw the rows as a Markdown table."""
    lines = ["| | what | ours | other | ratio | goal | | |", "|---|---|---:|---:|---:|---:|---|---|"]
    for row in rows:
        ratio = f"**{row.ratio:.1f}×**" if row.ratio is not None else ""
        met = {True: "met", False: "**missed**", None: ""}[row.met]
        cells = (row.part, row.what, row.ours, row.other, ratio, row.goal, met, row.note)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def plain(rows: Sequence[Row]) -> list[dict[str, object]]:
    """Return the rows for JSON."""
    return [asdict(row) for row in rows]
