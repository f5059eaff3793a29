"""Store what another system answers: `python -m eval.peers condense`, or what it finds: `… condense --sources`.

A stopped run is taken up where it was; answers to a changed thread or question count as missing.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib.resources import files

from eval.cases import Case
from eval.command import plainly
from eval.gold import GOLD, GoldSet, read_cases, read_threads
from eval.peers.found import write_sources
from eval.peers.opened import PEERS, PeerSystem, answering
from eval.peers.stored import answer_key, answers_path, recorder, stored_keys
from rag.adapters.encoders import open_encoder
from rag.settings import Settings

__all__ = ["chosen", "main"]


def chosen(gold: GoldSet) -> tuple[Case, ...]:
    """Return the questions that peers answer with a model: those of `questions.txt`, in its order, then the others."""
    listed = (files("eval.peers") / "questions.txt").read_text(encoding="utf-8").split()
    cases = {case.id: case for case in read_cases(gold)}
    first = [cases.pop(name) for name in listed if name in cases]
    return (*first, *cases.values())


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer and store what is not stored yet; return 0, or 2 for a failure that the person can mend."""
    parser = argparse.ArgumentParser(prog="python -m eval.peers", description=__doc__)
    parser.add_argument("peer", choices=list(PEERS))
    parser.add_argument("--gold", default="idlib", choices=[gold.name for gold in GOLD])
    parser.add_argument("--sources", action="store_true", help="store what it finds in every gold set; asks no model")
    parser.add_argument("--first", type=int, help="see that the first N questions are answered")
    parser.add_argument("--limit", type=int, help="answer at most N questions now")
    parser.add_argument("--threads", type=int, default=0, help="threads for the model; 0: one a core")
    options = parser.parse_args(arguments)
    return plainly(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    if options.sources:
        _find(options)
    else:
        _answer(options)
    return 0


def _answer(options: argparse.Namespace) -> None:
    settings = Settings.from_environment(model_threads=options.threads)
    gold = next(gold for gold in GOLD if gold.name == options.gold)
    (thread,) = read_threads(gold)
    path = answers_path(options.peer, gold.name)
    known = stored_keys(path)
    todo = [case for case in chosen(gold)[: options.first] if answer_key(case, thread) not in known][: options.limit]
    if not todo:
        sys.stderr.write("Every answer is stored.\n")
        return
    with answering(options.peer, thread, settings) as system, recorder(path, thread) as out:
        for count, case in enumerate(_near(system, todo), start=1):
            reply = system.reply(case)
            out.write(case, reply, system.peer.versions(), system.peer.settings())
            sys.stderr.write(f"{count}/{len(todo)} {reply.ms['total_ms'] / 1000:.0f} s {case.id} {case.q[:60]}\n")


def _find(options: argparse.Namespace) -> None:
    settings = Settings.from_environment()
    encoder = open_encoder(settings.encoder, cache=settings.cache, threads=settings.model_threads)
    for gold in GOLD:
        (thread,), cases = read_threads(gold), read_cases(gold)
        with PEERS[options.peer](thread, encoder, None, settings) as peer:
            texts = peer.sources([case.q for case in cases])
            about = {"versions": peer.versions(), "settings": peer.settings()}
            write_sources(answers_path(f"{options.peer}.sources", gold.name), thread, cases, texts, about)
        sys.stderr.write(f"{gold.name}: {len(cases)} questions\n")


def _near(system: PeerSystem, cases: Sequence[Case]) -> list[Case]:
    """Return the questions with those of the same sources beside each other: they share the model's prompt cache."""
    found = system.peer.sources([case.q for case in cases])
    places = [tuple(system.layout.text.find(source.strip()) for source in sources) for sources in found]
    return [case for _, case in sorted(zip(places, cases, strict=True), key=lambda item: item[0])]


if __name__ == "__main__":
    sys.exit(main())
