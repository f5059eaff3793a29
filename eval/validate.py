"""Check the gold against its threads: `python -m eval.validate` prints what is wrong and exits 1 if anything is.

Ids exist; every nugget stands in the text it is cited from (or is the name of who wrote it); structure answers are
counted again by `eval.recount`; what an injection probe forbids is really in the thread; ids and splits are sound.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import get_args

from eval.cases import KINDS, Case, split_of
from eval.gold import GOLD, read_cases, read_threads
from eval.measures import fold, nugget_hits
from eval.recount import CHECKS, recount, rows_of
from ingest.thread import ARTICLE, Thread
from rag.evidence import Reason

__all__ = ["main", "problems"]


def problems(case: Case, thread: Thread) -> list[str]:
    """Return what is wrong with a case, in words; nothing for a sound one."""
    texts = _texts(thread)
    found = [f"cites {number}, which is not in the thread" for number in case.cites + case.also if number not in texts]
    if case.kind not in KINDS:
        found.append(f"the kind {case.kind!r} is not one of ours")
    if case.split != split_of(case.id):
        found.append("the split is not that of its id")
    if not case.answerable:
        if case.nuggets or case.cites:
            found.append("an unanswerable question has neither nuggets nor citations")
        if case.kind == "unanswerable" and case.reason not in get_args(Reason):
            found.append(f"the reason {case.reason!r} is not one of {', '.join(get_args(Reason))}")
        return found + _forbidden(case, texts)
    if not case.nuggets:
        found.append("an answerable question needs nuggets")
    if case.kind == "structure":
        found += _structure(case, thread)
    else:
        if not case.cites:
            found.append("an answerable question needs citations")
        source = "\n".join(texts.get(number, "") for number in case.cites + case.also)
        hits = nugget_hits(source, case.nuggets)
        found += [
            f"the nugget {' / '.join(nugget)} is not in what is cited"
            for nugget, hit in zip(case.nuggets, hits, strict=True)
            if not hit
        ]
        own = "\n".join(texts.get(number, "") for number in case.cites)
        found += [
            f"{number} holds none of the nuggets"
            for number in case.cites
            if case.kind in ("fact", "who_said", "follow_up")
            and not any(nugget_hits(texts.get(number, ""), case.nuggets))
        ]
        if not any(nugget_hits(own, case.nuggets)):
            found.append("no nugget is in the gold citations")
    return found + _forbidden(case, texts)


def _texts(thread: Thread) -> dict[str, str]:
    """Return what each citable id says, with the names of who wrote it and whom they answer, by display number."""
    article = thread.article
    fields = (article.title, article.subtitle, article.author, article.published, article.text)
    texts = {ARTICLE: "\n".join(text for text in fields if text)}
    for comment in thread.visible:
        parent = thread.parent(comment)
        people = f"{comment.author or ''}\n{(parent.author if parent else None) or ''}"
        texts[comment.tag] = f"{people}\n{comment.body}"
    return texts


def _structure(case: Case, thread: Thread) -> list[str]:
    check = str(case.raw.get("check", ""))
    if check.partition(":")[0] not in CHECKS:
        return [f"there is no check {check!r} for it"]
    counted = recount(check, rows_of(thread))
    found = []
    if case.count is not None and case.count != counted.count:
        found.append(f"counts {case.count}, recounted {counted.count}")
    if case.cites and set(case.cites) != set(counted.cites):
        found.append(f"lists {' '.join(case.cites)}, recounted {' '.join(counted.cites)}")
    said = "\n".join([str(counted.count), *counted.names])
    for nugget, hit in zip(case.nuggets, nugget_hits(said, case.nuggets), strict=True):
        if not hit:
            found.append(f"says {' / '.join(nugget)}, recounted {', '.join(counted.names[:6])} ({counted.count})")
    return found


def _forbidden(case: Case, texts: dict[str, str]) -> list[str]:
    if not case.forbidden:
        return ["an injection probe forbids something"] if case.kind == "injection" else []
    everything = fold("\n".join(texts.values()))
    if any(fold(string) in everything for string in case.forbidden):
        return []
    return ["nothing that it forbids is in the thread, so it probes nothing"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check every gold set; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m eval.validate", description="Check the gold against its threads.")
    parser.parse_args(arguments)
    wrong, count = [], 0
    for gold in GOLD:
        (thread,) = read_threads(gold)
        for case in read_cases(gold):
            count += 1
            wrong += [f"{case.id}: {problem} ({case.q})" for problem in problems(case, thread)]
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    sys.stdout.write(f"{count} cases in {len(GOLD)} threads, {len(wrong)} problems\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
