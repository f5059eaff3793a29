"""Long runs in steps: what is finished is kept, so that a stopped run goes on where it was, and progress is told.

Everything lies under `.eval/steps/` beside a stamp of the code and the gold: after a change of either the run begins
anew, and a run that was finished is cleared.
"""

import hashlib
import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eval.cases import Case
from eval.gold import gold_hashes
from eval.summary import Record, read_records

__all__ = ["Steps", "stamp"]

_ROOT = Path(__file__).resolve().parents[1]
_CODE = ("ingest", "rag", "eval")


def stamp(root: Path = _ROOT) -> str:
    """Return a hash of all that a result depends on: the product's code, the evaluation's, and the gold."""
    digest = hashlib.sha256(json.dumps(gold_hashes(), sort_keys=True).encode())
    for package in _CODE:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


class Steps:
    """The steps of one run. `total` is told with each one; what was done before under the same stamp is taken up."""

    def __init__(self, folder: Path, total: int, *, code: str | None = None, fresh: bool = False) -> None:
        self._folder = folder
        self._total = total
        self._count = 0
        self._begun = time.monotonic()
        code = code or stamp()
        mark = folder / "stamp"
        if fresh or not mark.is_file() or mark.read_text(encoding="utf-8") != code:
            self.clear()
            folder.mkdir(parents=True)
            mark.write_text(code, encoding="utf-8")

    def clear(self) -> None:
        """Forget every step."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def records(
        self,
        name: str,
        cases: Sequence[Case],
        run: Callable[[Sequence[Case], Callable[[Record], None]], object],
    ) -> list[Record]:
        """Return the records of the cases: those kept from before, and those that `run` makes of the rest.

        `run` gets the cases that are missing and a function that keeps a record as soon as it is there.
        """
        path = self._folder / f"{name}.jsonl"
        kept = {record.case.id: record for record in _whole(path)}
        rest = [case for case in cases if case.id not in kept]
        self._tell(f"{name}: {len(cases)} questions" + (f", {len(cases) - len(rest)} from before" if kept else ""))
        if rest:
            with path.open("a", encoding="utf-8") as out:

                def keep(record: Record) -> None:
                    kept[record.case.id] = record
                    out.write(json.dumps(record.to_json(), ensure_ascii=False) + "\n")
                    out.flush()
                    _progress(len(cases) - len(rest), kept, cases)

                run(rest, keep)
        return [kept[case.id] for case in cases if case.id in kept]

    def value(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what `make` returns, a JSON value, or what it returned before."""
        path = self._folder / f"{name}.json"
        if path.is_file():
            self._tell(f"{name}: from before")
            return json.loads(path.read_text(encoding="utf-8"))
        self._tell(name)
        value = make()
        part = path.with_suffix(".part")
        part.write_text(json.dumps(value), encoding="utf-8")
        part.replace(path)
        return value

    def _tell(self, words: str) -> None:
        self._count += 1
        passed = time.monotonic() - self._begun
        sys.stderr.write(f"[{self._count}/{self._total}, {passed / 60:.0f} min] {words}\n")
        sys.stderr.flush()


def _progress(before: int, kept: dict[str, Record], cases: Sequence[Case]) -> None:
    done = len(kept)
    if done % 25 == 0 or done == len(cases) or done - before == 1:
        sys.stderr.write(f"    {done} of {len(cases)}\n")
        sys.stderr.flush()


def _whole(path: Path) -> list[Record]:
    """Read the records of a step, without a last line that was cut off when the run was stopped."""
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    if not text.endswith("\n"):
        text = text[: text.rfind("\n") + 1]
        path.write_text(text, encoding="utf-8")
    return read_records(path) if text else []
