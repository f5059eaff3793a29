"""Is every condition of a question answered for? What a frame left unread must not be dropped in silence. Pure.

The frames look for what they know in a bag of words, so a word that narrows a question ("in the first hour", "to
others", "at level two") could stand there unread. Each such word must show in what was understood.
"""

import re
from collections.abc import Callable

from rag.query import StructureAsk
from rag.structure_view import View
from rag.structure_words import NUMBERS, REPLY

__all__ = ["accounted"]

_Told = Callable[[StructureAsk, View], bool]


def _ranked(ask: StructureAsk, seen: View) -> bool:
    return ask.rank is not None or ask.place > 1 or bool(ask.ids or ask.to_comments)


def _timed(ask: StructureAsk, seen: View) -> bool:
    return ask.want == "time" or ask.unit == "days" or bool(ask.on or ask.windows) or ask.rank in ("first", "last")


def _bounded(ask: StructureAsk, seen: View) -> bool:
    return bool(ask.measure or ask.exactly or ask.at_least) or ask.top != 1


def _denied(ask: StructureAsk, seen: View) -> bool:
    denied = ask.answered is False or ask.named is False or ask.negated or bool(ask.without) or ask.level == "top"
    return denied or ask.want == "whether" or "" in (*ask.by, *ask.to) or ask.level == "reply"


def _replying(ask: StructureAsk, seen: View) -> bool:
    return (seen.has(REPLY) and not ask.to) or bool(ask.without)


def _answered(ask: StructureAsk, seen: View) -> bool:
    return ask.answered is not None or (ask.level == "reply" and seen.says(r"\b(?:one|single) "))


def _sized(ask: StructureAsk, seen: View) -> bool:
    return ask.unit == "words" or ask.measure == "words" or ask.rank in ("longest", "shortest", "deepest")


def _voted(ask: StructureAsk, seen: View) -> bool:
    return ask.unit == "votes" or ask.measure == "score" or ask.rank in ("highest", "lowest")


def _nested(ask: StructureAsk, seen: View) -> bool:
    return ask.unit == "levels" or ask.rank == "deepest" or ask.level == "top" or ask.branch


def _paired(ask: StructureAsk, seen: View) -> bool:
    return len({*ask.by, *ask.to}) > 1


def _listed(ask: StructureAsk, seen: View) -> bool:
    return ask.rank is not None and ask.top != 1


def _any(*told: _Told) -> _Told:
    return lambda ask, seen: any(one(ask, seen) for one in told)


_CONDITIONS: tuple[tuple[re.Pattern[str], _Told], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), told)
    for pattern, told in (
        (
            r"first|last|final|initial|earliest|latest|newest|oldest|most recent|beginning|begin|at the (?:start|end)"
            r"|opening|closing",
            _any(_ranked, _timed),
        ),
        (r"recently|earlier|later|new(?! (?:conversation|thread|branch|discussion))|old|hours?|during|within", _timed),
        (
            r"longest|shortest|deepest|highest|lowest|biggest|largest|smallest|fewest|(?<!at )most|(?<!at )least|worst",
            _any(_ranked, _bounded, _timed),
        ),
        (r"not|never|nobody|none|nothing|zero", _denied),
        (r"only|solely|alone", _any(_bounded, _ranked, _denied)),
        (rf"once|twice|thrice|(?<!\w)(?:{NUMBERS})(?! of)", _any(_bounded, _ranked, _timed, _answered)),
        (r"others?|another|else", _replying),
        (r"himself|herself|themselves", lambda ask, seen: ask.own),
        (r"to (?:anyone|anybody|someone|somebody|nobody|everyone|several|more|two|three)", _replying),
        (r"direct|directly|immediate", _any(_replying, _answered, lambda ask, seen: bool(ask.to or ask.to_comments))),
        (r"(?<!how )long|lengthy|brief|words?", _sized),
        (r"points?|votes?|likes?|scores?|upvotes?|karma", _voted),
        (r"levels?|depth|(?<!how )deep|deeply|nested|nesting", _nested),
        (r"chains?|exchanges?|branch|branches|subthreads?", _any(_nested, _paired)),
        (r"per|each|every|sorted|sort|ordered|ranked|by (?:length|name|number|time)|over time", _any(_listed, _ranked)),
        (r"both|either|jointly|combined", _paired),
        (r"more|less|fewer", _any(_bounded, _ranked)),
    )
)


def accounted(ask: StructureAsk, seen: View) -> bool:
    """Tell whether each narrowing word of a question shows in what was understood of it."""
    return all(told(ask, seen) for pattern, told in _CONDITIONS if pattern.search(seen.text))
