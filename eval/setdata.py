"""The third-party retrieval sets, read from the folder beside the repository and mapped to threads and questions."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.thread import Article, Comment, Thread
from rag.evidence import Scope, Turn

__all__ = ["SETS", "Asked", "RetrievalSet", "read_set"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: where to look, the turns before it, and the right ids (comments', or threads' if `by_thread`)."""

    id: str
    question: str
    scope: Scope
    gold: frozenset[str]
    group: str
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Threads, and questions about them. With `by_thread` each thread is one text and threads are ranked."""

    name: str
    threads: tuple[Thread, ...]
    asked: tuple[Asked, ...]
    by_thread: bool = False
    unscored: int = 0
    aims: dict[str, float] = field(default_factory=dict)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def _part(folder: Path, stem: str) -> Path:
    """Return the half of a set that is here: `stem.A.jsonl`, or `stem.B.jsonl` on another machine."""
    found = sorted(folder.glob(f"{stem}.[AB].*"))
    if not found:
        raise FileNotFoundError(folder / f"{stem}.A.jsonl")
    return found[0]


def _thread(key: str, title: str, text: str, turns: list[dict[str, Any]]) -> Thread:
    comments = tuple(
        Comment(
            id=str(turn["id"]),
            number=number,
            parent_id=None,
            parent_shown=None,
            author=turn.get("author") or None,
            body=turn["text"],
        )
        for number, turn in enumerate(turns, start=1)
    )
    return Thread(id=key, source="set", article=Article(title=title, text=text), comments=comments)


def _arct(folder: Path, name: str, queries: str, aims: dict[str, float]) -> RetrievalSet:
    threads = tuple(
        _thread(row["thread_id"], row["title"], row["article"], row["comments"])
        for row in _lines(_part(folder, "threads"))
    )
    asked = tuple(
        Asked(
            id=row["qid"],
            question=row["query"],
            scope=Scope(thread_ids=(row["thread_id"],), part="comments"),
            gold=frozenset({row["gold_comment"]}),
            group=row["thread_id"],
        )
        for row in _lines(_part(folder, queries))
    )
    return RetrievalSet(name, threads, asked, aims=aims)


def _semeval(folder: Path, task: str, aims: dict[str, float]) -> RetrievalSet:
    rows = list(_lines(_part(folder, "threads")))
    threads = tuple(_thread(row["thread_id"], row["subject"], row["body"], row["comments"]) for row in rows)
    asked = []
    if task == "A":
        for row in rows:
            gold = frozenset(one["id"] for one in row["comments"] if one["label_thread_q"] == "Good")
            if not row["dup_of"]:  # the official scorer skips duplicates
                scope = Scope(thread_ids=(row["thread_id"],), part="comments")
                question = f"{row['subject']} {row['body']}"
                asked.append(Asked(row["thread_id"], question, scope, gold, row["org_qid"]))
    else:
        for query in _lines(_part(folder, "queries")):
            own = [row for row in rows if row["org_qid"] == query["qid"]]
            gold = frozenset(one["id"] for row in own for one in row["comments"] if one["label_org_q"] == "Good")
            scope = Scope(thread_ids=tuple(row["thread_id"] for row in own), part="comments")
            question = f"{query['subject']} {query['body']}"
            asked.append(Asked(query["qid"], question, scope, gold, query["qid"]))
    scored = tuple(one for one in asked if one.gold)
    return RetrievalSet(f"semeval_{task}", threads, scored, unscored=len(asked) - len(scored), aims=aims)


def _skeptics(folder: Path) -> RetrievalSet:
    threads = tuple(
        _thread(row["doc_id"], "", "", [{"id": row["doc_id"], "text": row["text"]}])
        for row in _lines(folder / "docs.jsonl")
    )
    asked = tuple(
        Asked(row["qid"], row["text"], Scope(), frozenset({row["gold"]}), row["qid"])
        for row in _lines(_part(folder, "queries"))
    )
    return RetrievalSet("skeptics", threads, asked, by_thread=True, aims={"MRR@10": 90})


def _qmsum(folder: Path) -> RetrievalSet:
    rows = list(_lines(_part(folder, "meetings")))
    threads = tuple(_thread(row["thread_id"], "", "", row["comments"]) for row in rows)
    asked = tuple(
        Asked(
            id=query["qid"],
            question=query["query"],
            scope=Scope(thread_ids=(row["thread_id"],)),
            gold=frozenset(map(str, query["gold_ids"])),
            group=row["thread_id"],
        )
        for row in rows
        for query in row["queries"]
        if query["gold_ids"]
    )
    return RetrievalSet("qmsum", threads, asked, aims={"nDCG@10": 38})


def _mtrag(folder: Path) -> RetrievalSet:
    threads = tuple(_thread(row["doc_id"], row["title"], row["text"], []) for row in _lines(folder / "passages.jsonl"))
    asked, unscored = [], 0
    for row in _lines(_part(folder, "tasks")):
        gold = frozenset(one["doc_id"] if isinstance(one, dict) else one for one in row["gold_docs"])
        if not gold:
            unscored += 1
            continue
        asked.append(Asked(row["task_id"], row["question"], Scope(), gold, row["task_id"], _turns(row["history"])))
    return RetrievalSet("mtrag_un", threads, tuple(asked), by_thread=True, unscored=unscored, aims={"nDCG@10": 91})


def _turns(history: list[dict[str, str]]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for message in history:
        if message["role"] == "user":
            turns.append(Turn(message["text"], ""))
        elif turns:
            turns[-1] = Turn(turns[-1].question, message["text"])
    return tuple(turns)


SETS = ("arct", "arct_gists", "semeval_A", "semeval_C", "skeptics", "qmsum", "mtrag_un")


def read_set(name: str, root: Path) -> RetrievalSet:
    """Read a set by its name from the folder of all sets."""
    arct, semeval = root / "arct_roomfordebate", root / "semeval16_cqa"
    match name:
        case "arct":
            return _arct(arct, name, "reason_gist_retrieval", {"R@1": 75, "MRR@10": 82})
        case "arct_gists":
            return _arct(arct, name, "gist_retrieval", {})
        case "semeval_A":
            return _semeval(semeval, "A", {"MAP": 74})
        case "semeval_C":
            return _semeval(semeval, "C", {"MAP": 42})
        case "skeptics":
            return _skeptics(root / "skeptics_qa")
        case "qmsum":
            return _qmsum(root / "qmsum")
        case "mtrag_un":
            return _mtrag(root / "mtrag_un")
        case _:
            raise KeyError(name)
