"""How a library grows: `python -m eval.scale --comments 1000 100000 1000000 [--server]`.

Each size is a made-up library of its own (eval/corpus.py), built and asked in a process of its own: how fast it is
read in, what it takes of disk and memory, how soon a question has its first evidence, over the whole library and
within one thread, and how much of an exact search Chroma's finds. Up to `--encode-up-to` comments are really encoded;
beyond, vectors are drawn around real ones (eval/drawn.py) and each question is really encoded for its time.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from eval.corpus import Corpus
from eval.drawn import DrawnEncoder
from eval.gold import GOLD, read_threads
from eval.scale_report import merged, table, write
from ingest.thread import Thread
from rag import garbage
from rag.adapters.encoders import open_encoder
from rag.chat import Engine
from rag.evidence import Evidence, Scope
from rag.library import Library
from rag.models import ModelSlot
from rag.passages import passages
from rag.ports import Encoder
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.storage import CHROMA_FOLDER, open_library
from rag.support import Supporter
from rag.wide import CANDIDATES

__all__ = ["Answered", "Asked", "Run", "main", "measure", "questions"]

_FIRST = 1_000  # comments of the thread that is asked within
_ASKED = 60
_WARM = 10
_EXACT = 40  # questions whose nearest passages are searched exactly as well
_NEAREST = 10
_CHUNK = 20_000  # vectors held at once by the exact search
_START = 60.0  # seconds for a server to start


@dataclass(frozen=True, slots=True)
class Asked:
    """A question made from one comment's words, and where it stands."""

    question: str
    thread: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Milliseconds to the first evidence, by the clock and of this process's processor time, and what was found."""

    p50: float
    p95: float
    processor_p50: float
    processor_p95: float
    found: float  # share of the questions whose evidence holds their thread


@dataclass(frozen=True, slots=True)
class Run:
    """One size measured. Rates are per second by the clock, sizes bytes."""

    comments: int
    threads: int
    passages: int
    vectors: int
    drawn: bool
    added: float  # comments a second into the catalogue, vectors computed or drawn
    added_processor: float  # the same for a second of processor time
    indexed: float  # passages a second into Chroma
    catalogue: int
    chroma: int
    memory: int  # resident, after the questions
    whole: Answered
    within: Answered
    recall: float
    load: float  # processes that wanted to run, a minute's mean, on how many cores
    cores: int
    server: Answered | None = None
    server_memory: int = 0
    notes: tuple[str, ...] = field(default_factory=tuple)


def questions(threads: Sequence[Thread], common: frozenset[str], seed: int = 7) -> list[Asked]:
    """Make a question for each thread, of four words that follow one another in a comment, function words left out."""
    rng = np.random.default_rng(seed)
    asked = []
    for thread in threads:
        bodies = [comment.body for comment in thread.visible if len(comment.body.split()) >= 20]
        if not bodies:
            continue
        body = bodies[int(rng.integers(0, len(bodies)))]
        plain = [word for word in body.lower().replace(".", "").split() if word not in common]
        at = int(rng.integers(0, max(1, len(plain) - 4)))
        asked.append(Asked(f"What do people say about {' '.join(plain[at : at + 4])}?", thread.id))
    return asked


def measure(
    comments: int, home: Path, *, encode_up_to: int = 2_000, server: bool = False, asked: int = _ASKED, seed: int = 1
) -> Run:
    """Build a library of so many comments in an empty folder, or take the one that is there, and ask it."""
    corpus = Corpus(comments, seed=seed, first=min(_FIRST, comments))
    drawn = comments > encode_up_to
    settings = Settings(home=home, answerer="quotes", answer_cache=False)
    encoder = _encoder(corpus, settings, drawn=drawn)
    with closing(Library(home, encoder)) as library:  # without Chroma, which is filled at the end
        added = _add(library, corpus)
    with closing(open_library(settings, encoder=encoder)) as library:
        library.reconcile()
        start, before = time.perf_counter(), library.catalogue.vectors.waiting(sentence=False)[0]
        if not library.index.sync():
            raise SystemExit("The vector index cannot be filled.")
        indexed = before / max(1e-9, time.perf_counter() - start)
        common = frozenset(corpus.vocabulary.common)
        every, first = _some_threads(library, asked + _WARM), _thread_of(library, corpus)
        of_first = [one for step in range(asked + _WARM) for one in questions([first], common, step)]
        of_every = questions(every, common) if len(every) > 1 else of_first
        whole = _ask(library, settings, of_every, None)
        within = _ask(library, settings, of_first, first.id)
        recall = _recall(library, encoder, [one.question for one in questions(every, common)][:_EXACT])
        run = Run(
            comments=sum(row.comments for row in library.threads()),
            threads=len(library.threads()),
            passages=library.index.count(),
            vectors=library.index.count() + library.sentence_index.count(),
            drawn=drawn,
            added=added[0],
            added_processor=added[1],
            indexed=indexed,
            catalogue=_size(home, "catalogue*"),
            chroma=_size(home / CHROMA_FOLDER, "**/*"),
            memory=_resident("self"),
            whole=whole,
            within=within,
            recall=recall,
            load=os.getloadavg()[0],
            cores=os.cpu_count() or 1,
        )
    if server:
        run = _served(run, home, encoder, questions(every, common))
    return run


def _encoder(corpus: Corpus, settings: Settings, *, drawn: bool) -> Encoder:
    real = open_encoder(settings.encoder, cache=settings.cache, threads=2)
    if not drawn:
        return real
    texts = [one.embedded for gold in GOLD for thread in read_threads(gold) for one in passages(thread)]
    words = corpus.vocabulary
    return DrawnEncoder(words.words, len(words.common), real.encode(texts), through=real)


def _add(library: Library, corpus: Corpus) -> tuple[float, float]:
    """Add what the library lacks of the corpus; return comments a second by the clock and of processor time."""
    here = {row.id for row in library.threads()}
    if sum(row.comments for row in library.threads()) >= corpus.comments:
        return 0.0, 0.0
    count, clock, processor, made = 0, 0.0, 0.0, time.perf_counter()
    for thread in corpus.threads():
        if thread.id in here:
            continue
        start, used = time.perf_counter(), time.process_time()
        library.add(thread)
        clock += time.perf_counter() - start
        processor += time.process_time() - used
        count += len(thread.visible)
        if time.perf_counter() - made > 30:
            made = time.perf_counter()
            print(f"  {count:,} comments, {count / clock:,.0f} a second", file=sys.stderr, flush=True)
    return count / max(1e-9, clock), count / max(1e-9, processor)


def _some_threads(library: Library, count: int) -> list[Thread]:
    rows = library.threads()
    places = sorted({len(rows) * step // count for step in range(count)})
    return [library.thread(rows[place].id) for place in places]


def _thread_of(library: Library, corpus: Corpus) -> Thread:
    return library.thread(next(corpus.threads()).id)


def _ask(library: Library, settings: Settings, asked: Sequence[Asked], thread_id: str | None) -> Answered:
    """Ask every question once by an engine of its own; the first ones warm it and do not count."""
    retriever = Retriever(library.catalogue, library.index, library.sentence_index, library.encoder)
    supporter, model = Supporter(library.encoder), ModelSlot(settings)
    garbage.postpone()
    engine = Engine(library=library, retriever=retriever, supporter=supporter, model=model, settings=settings)
    scope = Scope(thread_ids=(thread_id,) if thread_id else ())
    clock, processor, found = [], [], []
    for place, one in enumerate(asked):
        start, used = time.perf_counter(), time.process_time()
        events = engine.ask(one.question, scope=scope)
        evidence = next((event for event in events if isinstance(event, Evidence)), None)
        taken = time.perf_counter() - start, time.process_time() - used
        for _ in events:  # the rest of the answer is no part of what is timed
            pass
        garbage.look_when_due()
        if place >= min(_WARM, len(asked) // 4):
            clock.append(taken[0] * 1000)
            processor.append(taken[1] * 1000)
            found.append(evidence is not None and one.thread in {hit.passage.thread_id for hit in evidence.hits})
    return Answered(*_middle(clock), *_middle(processor), found=float(np.mean(found)))


def _middle(values: Sequence[float]) -> tuple[float, float]:
    return float(np.percentile(values, 50)), float(np.percentile(values, 95))


def _recall(library: Library, encoder: Encoder, asked: Sequence[str]) -> float:
    """Return how much of the ten nearest passages, searched exactly, stands first among what the index finds."""
    vectors = np.stack([encoder.encode([one])[0] for one in asked])
    best: list[list[tuple[float, str]]] = [[] for _ in asked]
    for ids, rows in _chunks(library):
        for place, scores in enumerate(vectors @ rows.T):
            top = np.argsort(-scores)[:_NEAREST]
            best[place] = sorted([*best[place], *((-float(scores[at]), ids[at]) for at in top)])[:_NEAREST]
    shares = []
    for vector, exact in zip(vectors, best, strict=True):
        near = {name for name, _ in library.index.query(vector, CANDIDATES)[:_NEAREST]}
        shares.append(len(near & {name for _, name in exact}) / max(1, len(exact)))
    return float(np.mean(shares))


def _chunks(library: Library) -> Iterator[tuple[list[str], Any]]:
    query = "SELECT seq, id, vector FROM vectors WHERE sentence = 0 AND seq > ? ORDER BY seq LIMIT ?"
    last = 0
    while True:
        with library.catalogue.store.reading() as connection:
            rows = connection.execute(query, (last, _CHUNK)).fetchall()
        if not rows:
            return
        last = int(rows[-1][0])
        matrix = np.frombuffer(b"".join(row[2] for row in rows), np.float16).reshape(len(rows), -1)
        yield [str(row[1]) for row in rows], matrix.astype(np.float32)


def _served(run: Run, home: Path, encoder: Encoder, asked: Sequence[Asked]) -> Run:
    """Ask the same library with its Chroma folder held by a server on loopback."""
    with _server(home / CHROMA_FOLDER) as (url, process):
        settings = Settings(home=home, answerer="quotes", answer_cache=False, chroma_url=url)
        with closing(open_library(settings, encoder=encoder)) as library:
            if not library.index.sync():
                raise SystemExit("The Chroma server cannot be used.")
            answered = _ask(library, settings, asked, None)
        return replace(run, server=answered, server_memory=_resident(str(process)))


@contextmanager
def _server(folder: Path) -> Iterator[tuple[str, int]]:
    """Run Chroma's own server on a folder; yield its URL and process id."""
    port = 20_000 + int(time.time() * 1000) % 12_000
    url = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(folder), "--host", "127.0.0.1"]
    process = subprocess.Popen(  # noqa: S603 - our own arguments
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(url, process)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _START
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(f"{url}/api/v2/heartbeat", timeout=1, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("Chroma's server did not start.")


def _size(folder: Path, pattern: str) -> int:
    return sum(512 * path.stat().st_blocks for path in folder.glob(pattern) if path.is_file())


def _resident(process: str) -> int:
    """Return the resident memory of a process in bytes; this one's peak where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * resource.getpagesize()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size in a process of its own; print the table, and write it with its plot where told."""
    parser = argparse.ArgumentParser(prog="python -m eval.scale", description=__doc__)
    parser.add_argument("--comments", type=int, nargs="+", default=[1_000, 100_000], help="sizes to measure")
    parser.add_argument("--server", action="store_true", help="ask with a Chroma server on loopback as well")
    parser.add_argument("--encode-up-to", type=int, default=2_000, help="largest size that is really encoded")
    parser.add_argument("--questions", type=int, default=_ASKED, help="questions asked of each")
    parser.add_argument("--folder", type=Path, help="keep the libraries here, and go on with those that are there")
    parser.add_argument("--results", type=Path, help="add the results to this JSON file")
    parser.add_argument("--write", type=Path, help="write table and plot into this folder: scale.md, scale.svg")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        run = measure(
            given.comments[0], given.one, encode_up_to=given.encode_up_to, server=given.server, asked=given.questions
        )
        print(json.dumps(asdict(run)))
        return 0
    runs = merged(given.results, [_apart(given, size) for size in given.comments])
    print(table(runs))
    if given.write:
        write(given.write, runs)
    return 0


def _apart(given: argparse.Namespace, size: int) -> dict[str, Any]:
    """Measure one size in a process of its own, so that memory is its own."""
    with tempfile.TemporaryDirectory(prefix="scale-") as scratch:
        home = (given.folder or Path(scratch)) / str(size)
        command = [sys.executable, "-m", "eval.scale", "--one", str(home), "--comments", str(size)]
        command += ["--encode-up-to", str(given.encode_up_to), "--questions", str(given.questions)]
        command += ["--server"] if given.server else []
        print(f"{size:,} comments …", file=sys.stderr, flush=True)
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603 - our own
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


if __name__ == "__main__":
    sys.exit(main())
