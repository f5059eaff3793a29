"""Questions with their gold answers: the JSON Lines format of every cases file, read and checked.

One object a line: `{"id","kind","q","history":[[q,a],…],"nuggets":[["alt","alt"],…],"cites":["c10",…]}`. Optional:
`also` (comments that say the same: citing one neither helps nor harms), `forbidden` (strings that no answer may hold),
`count` (the number a counting question asks for), `check` (how `eval.validate` recomputes a structure answer),
`reference` (an answer in full, for token-F1), `reason` (why it cannot be answered), `answerable`, `split`, `note`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ingest.errors import CommentariatError

__all__ = ["KINDS", "Case", "CasesError", "Split", "case_from", "load_cases", "parse_cases", "split_of"]

Split = Literal["dev", "held"]

KINDS = (
    "fact",
    "who_said",
    "several",
    "structure",
    "stance",
    "overview",
    "follow_up",
    "unanswerable",
    "injection",
)
"""The kinds that our own gold uses; a file from elsewhere may use others, reported under their own names."""


class CasesError(CommentariatError):
    """A cases file cannot be read; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question with what a right answer says and cites.

    `nuggets` are tuples of accepted alternatives, all of which must be there (one alternative of each); `cites` are
    comment numbers (`c10`) or `article`. `raw` is the line as it was read.
    """

    id: str
    kind: str
    q: str
    history: tuple[tuple[str, str], ...] = ()
    nuggets: tuple[tuple[str, ...], ...] = ()
    cites: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    answerable: bool = True
    count: int | None = None
    reference: str | None = None
    reason: str | None = None
    split: Split = "dev"
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


def split_of(case_id: str) -> Split:
    """Assign an id to a half by its hash: rules are tuned on `dev`, `held` is looked at for reports alone."""
    return "dev" if hashlib.sha256(case_id.encode()).digest()[0] % 2 == 0 else "held"


def load_cases(path: Path) -> tuple[Case, ...]:
    """Read a cases file. Raises `CasesError` naming the line that is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CasesError(f"{path} cannot be read: {error}.", remedy="Give a JSON Lines file in UTF-8.") from error
    return parse_cases(text, path.name)


def parse_cases(text: str, name: str = "cases") -> tuple[Case, ...]:
    """Read cases from JSON Lines; empty lines are skipped. Raises `CasesError` naming the line that is wrong."""
    cases: list[Case] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            case = case_from(json.loads(line))
        except (ValueError, TypeError, RecursionError) as error:
            raise _error(name, number, str(error)) from error
        if case.id in lines:
            raise _error(name, number, f"the id {case.id!r} occurs already in line {lines[case.id]}")
        lines[case.id] = number
        cases.append(case)
    if not cases:
        raise CasesError(f"{name} holds no case.", remedy="Write one JSON object a line: id, kind, q, nuggets, cites.")
    return tuple(cases)


def _error(name: str, number: int, message: str) -> CasesError:
    return CasesError(f"{name}, line {number}: {message}.", remedy="See the format at the top of eval/cases.py.")


def case_from(data: object) -> Case:
    """Read one case from its JSON object. Raises TypeError or ValueError saying what is wrong."""
    if not isinstance(data, Mapping):
        raise TypeError("a case is a JSON object")
    case_id, kind, question = (_text(data, key) for key in ("id", "kind", "q"))
    answerable = data.get("answerable", not kind.startswith("unanswerable"))
    if not isinstance(answerable, bool):
        raise TypeError("`answerable` is true or false")
    count = data.get("count")
    if count is not None and (not isinstance(count, int) or isinstance(count, bool)):
        raise TypeError("`count` is a whole number")
    split = data.get("split", split_of(case_id))
    if split not in ("dev", "held"):
        raise ValueError("`split` is dev or held")
    return Case(
        id=case_id,
        kind=kind,
        q=question,
        history=tuple(_turn(turn) for turn in _list(data, "history")),
        nuggets=tuple(_nugget(item) for item in _list(data, "nuggets")),
        cites=tuple(_cite(item) for item in _list(data, "cites")),
        also=tuple(_cite(item) for item in _list(data, "also")),
        forbidden=_strings(data, "forbidden"),
        answerable=answerable,
        count=count,
        reference=data.get("reference"),
        reason=data.get("reason"),
        split=split,
        raw=dict(data),
    )


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"`{key}` is missing or empty")
    return value


def _list(data: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = data.get(key) or []
    if not isinstance(value, list):
        raise TypeError(f"`{key}` is a list")
    return value


def _strings(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = _list(data, key)
    if not all(isinstance(value, str) and value for value in values):
        raise TypeError(f"`{key}` is a list of texts")
    return tuple(values)


def _turn(turn: object) -> tuple[str, str]:
    if not isinstance(turn, list) or len(turn) != 2 or not all(isinstance(part, str) for part in turn):
        raise TypeError("each turn of `history` is [question, answer]")
    return turn[0], turn[1]


def _nugget(item: object) -> tuple[str, ...]:
    alternatives = [item] if isinstance(item, str) else item
    if not isinstance(alternatives, list) or not alternatives:
        raise TypeError("each nugget is a list of accepted alternatives")
    if not all(isinstance(text, str) and text.strip() for text in alternatives):
        raise TypeError("each alternative of a nugget is a text")
    return tuple(alternatives)


def _cite(item: object) -> str:
    if not isinstance(item, str) or not item.strip():
        raise TypeError("each of `cites` is a comment number such as c10, or article")
    return item.strip()
