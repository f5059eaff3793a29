"""Golden trees: `tests/golden/<format>/<behaviour>.in.<ext>` is read, drawn, and compared with `<behaviour>.tree`.

`pytest --update-golden` rewrites the trees; the diff is then read before it is committed.
"""

import json
from pathlib import Path

from ingest.dump import draw
from ingest.registry import load, pick
from ingest.source import Source
from ingest.thread import Thread

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def cases(*formats: str) -> list[Path]:
    """Return the golden inputs of the named formats, or of all."""
    folders = [GOLDEN / name for name in formats] if formats else sorted(GOLDEN.iterdir())
    return sorted(path for folder in folders for path in folder.glob("*.in.*"))


def source(path: Path) -> Source:
    """Return a golden input under its name without `.in`."""
    return Source.from_path(path, name=path.name.replace(".in.", "."))


def drawing(thread: Thread) -> str:
    """Draw a thread with everything a loader is responsible for: the tree, then each comment's fields and quotes."""
    missing = "unknown" if thread.missing is None else str(thread.missing)
    lines = [f"id: {thread.id}", f"missing: {missing}", draw(thread, width=110).rstrip("\n")]
    article = thread.article
    lines += [f"article {name}: {_plain(getattr(article, name))}" for name in ("author", "published", "url", "text")]
    for comment in thread.comments:
        facts = [comment.id, comment.created_at, None if comment.score is None else str(comment.score)]
        lines.append(" | ".join(fact or "–" for fact in (*facts, comment.permalink)))
        lines += [
            f"  quote{f' of {q.author}' if q.author else ''}: {_plain(comment.body[q.start : q.end])}"
            for q in comment.quotes
        ]
    return "\n".join(lines) + "\n"


def _plain(text: str | None) -> str:
    return "–" if text is None else json.dumps(text, ensure_ascii=False)[1:-1]


def check(path: Path, update: bool) -> None:
    """Compare the threads of a golden input with its drawn tree, or rewrite the tree."""
    given = source(path)
    assert pick(given).name == path.parent.name, f"{path.name} is taken for {pick(given).name}"
    drawn = "\n".join(drawing(thread) for thread in load(given))
    expected = path.with_name(path.name.split(".in.")[0] + ".tree")
    if update:
        expected.write_text(drawn, encoding="utf-8")
    assert expected.exists(), f"{expected.name} is missing: run pytest --update-golden and read it"
    assert drawn == expected.read_text(encoding="utf-8")
