"""Decide whether a question can be answered from what was found, and if not, why not. No model is asked.

People decide first, then what no words can answer (a year that nobody names, a stranger's opinion), then one of three
small models of `rag.answerable`: for one text, for a discussion, for a library. Their weights come from `python -m
eval.fit_decline`; eval/DECISIONS.md has the figures.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ingest.thread import Thread
from rag.answerable import Model, features, topic, unnamed
from rag.details import expected
from rag.evidence import Hit, Reason
from rag.query import Query
from rag.rank import Ranking

__all__ = ["DISCUSSION", "LIBRARY", "ONE_TEXT", "decide", "leans", "model_for"]

# fmt: off
ONE_TEXT = Model({
    "sentence": 3.23, "passage": 7.11, "nearest": 4.47, "covered": 0.06, "beyond_title": 1.81, "nowhere": -0.31,
    "short": -0.93,
}, -7.24, 0.46)
"""For one text that nobody comments on: it is about its title, and either answers or does not."""
DISCUSSION = Model({
    "sentence": 0.68, "passage": 1.69, "covered_1": 0.07, "beyond_title": 0.05, "both": 1.18, "unknown": -0.79,
    "untyped": -0.84, "nowhere": -0.94, "uncounted": -2.44, "unnamed": -2.59, "bound": 0.77, "named_near": 1.16,
    "named": 1.16, "speaker": 1.25, "strange": -3.26, "short": 1.07, "gap": 1.85, "rarest": 0.28, "two": 0.20,
    "focused": 0.27, "uncaused": -4.84,
}, -6.55, 0.24)
"""For a thread: everything is on topic, people name things in passing, and a false refusal costs most."""
LIBRARY = Model({
    "sentence": 1.67, "passage": 1.79, "covered_1": 0.56, "covered_p": 0.81, "covered": 0.26, "beyond_title": 0.07,
    "both": 0.59, "unknown": 1.18, "untyped": -0.58, "short": 0.21, "asked": -0.01,
}, -3.92, 0.37)
"""For many threads: something near is always found, and how near in meaning tells most."""
# fmt: on
_MANY = 5
"""With more threads than this in scope, it is a library."""
_DETAIL = 0.5
"""From this coverage of the question's words in one passage on, the matter is discussed and only the detail missing."""

_PLAIN = frozenset(("age", "money", "temperature", "time"))
"""Details that cannot be told but in words or figures of their own."""
_LATER = 0.12
"""The threshold for a question after others."""
_SIDES = re.compile(
    r"\b(?:(?:dis)?agree\w*|against|oppos\w*|critic\w*|sceptic\w*|skeptic\w*|dissent\w*|support\w*|in favou?r|welcom\w*"
    r"|defend\w*|approv\w*|disapprov\w*|objections?|arguments?|sides?|case|people|main|points?|contention|controvers\w*"
    r"|disput\w*|(?:one|each) (?:an)?other|opinions?|views?|split|divided|leute|sagen|halten|gegen|dagegen|dafür|für"
    r"|stimm\w*|zustimm\w*|widersprech\w*|contre|pour|favor|acuerdo)\b",
    re.IGNORECASE,
)
"""Words for taking a side, which name no subject."""
_NAMELESS, _THIRD = 0.5, 0.34
"""The threshold where "which airline" is asked, nothing found names an airline, and no sentence shares much else."""
_POINTS = re.compile(
    r"\b(?:it|its|that|this|these|those|they|them|their|he|she|him|her|das|es|darauf|dazu|dies\w*)\b", re.I
)
_WHOSE = re.compile(
    r"\b(?:sagt|meint|schreibt|denkt|findet|fordert|behauptet|dit|pense|écrit|affirme)\s+(?:denn\s+)?"
    r"(?:(?:der|die|das|herr|frau|le|la)\s+)?(?P<who>[A-ZÄÖÜÉ][\w-]+(?:\s+[A-ZÄÖÜÉ][\w-]+)?)"
    r"(?=\s+(?:zum?|zur|über|von|dazu|darüber|gegen|in den|im|dans|sur|de|du|à)\b|\W*$)"
)
"""Whose words a German or French question asks for, verb first."""
_IN_COMMENTS = re.compile(
    r"\b(?:in (?:the|these) comments|in (?:this|the) (?:thread|discussion)|in den kommentaren|dans les commentaires"
    r"|en los comentarios)\b",
    re.IGNORECASE,
)
_ANY_YEAR = re.compile(r"(?<![\w.,])(?:1[5-9]|20)\d\d(?![\w]|[.,]\d)")
_YEAR_MEANT = re.compile(
    r"\b(?:in|since|until|till|before|after|of|by|from|during|year|the|im|jahr|seit|bis|vor|nach|von|en|depuis|desde)\s+"
    r"((?:1[5-9]|20)\d\d)(?![\w]|[.,]\d)",
    re.IGNORECASE,
)
"""A year in a question, which a bare number of the same size ("2000 people") is not."""
_RELATIVE = re.compile(
    r"\b(?:last|next|this|previous|following) year\b|\ba year ago\b|\b(?:vergangene|letzte|nächste|vorige)[nmrs]? jahr"
    r"|\bvor einem jahr\b|\bl'an dernier\b|\baño pasado\b",
    re.IGNORECASE,
)
"""Years by other names."""
_TITLES = {"doktor": "dr", "professor": "prof", "ingenieur": "ing"}
_ABOUT = re.compile(
    r"\b(?:about|of|on|regarding|concerning|for|against|with|über|zum?|zur|von|gegen|sur|de|sobre)\s+\w", re.I
)


def decide(
    query: Query, hits: Sequence[Hit], threads: Sequence[Thread], ranking: Ranking | None = None
) -> Reason | None:
    """Return why the question must be declined, or None where the hits may answer it.

    `ranking` is what `Retriever.retrieve_scored` gave, `hits` what is left or was added of it; without a ranking only
    people are checked.
    """
    if query.ambiguous:
        return "ambiguous"
    if query.absent:
        return "person_absent"
    if query.speakers and query.addressees and not query.focus:
        return "no_reply"
    if not hits:
        return "not_discussed"
    model = LIBRARY if query.scope.chosen_from else model_for(threads)
    if ranking is None or not ranking.hits or (model is not LIBRARY and leans(query, ranking.missing)):
        return None
    if model is DISCUSSION and (told := _by_rule(query, threads)):
        return told
    values = features(query, hits, ranking, threads)
    if model is DISCUSSION and _not_told(query, values):
        return "detail_absent"
    if model.probability(values) >= _threshold(model, query, values):
        return None
    if model is DISCUSSION and query.kind == "stance" and not set(_subject(query)) <= set(ranking.missing):
        return None  # opinions come in other words than the question's: only a subject met nowhere is declined
    discussed = bool(query.speakers) or max(values["covered_p"], values["untyped"] * values["covered"]) >= _DETAIL
    return "detail_absent" if discussed else "not_discussed"


def _threshold(model: Model, query: Query, values: Mapping[str, float]) -> float:
    """Return the probability to answer from; in a discussion a question after others often leaves out their words."""
    if model is not DISCUSSION:
        return model.threshold
    if query.before:
        return _LATER
    return _NAMELESS if _nameless(values) else model.threshold


def _not_told(query: Query, values: Mapping[str, float]) -> bool:
    """Tell whether no near sentence holds the year asked for, or none at all an age, a sum or a time."""
    kind = expected(query.resolved)
    if kind == "year":
        return bool(values["untyped"])
    return bool(values["nowhere"]) and kind in _PLAIN and not query.before


def _nameless(values: Mapping[str, float]) -> bool:
    """Tell whether what is asked for is named nowhere, and no sentence shares more than a third of the words."""
    return bool(values["asked"]) and not values["speaker"] and values["covered_1"] <= _THIRD


def _by_rule(query: Query, threads: Sequence[Thread]) -> Reason | None:
    """Decline what no words of a discussion can answer: a stranger's opinion, a year that nobody names."""
    if not query.speakers and (who := _WHOSE.search(query.resolved)):
        known = _words(_authors(threads) if _IN_COMMENTS.search(query.resolved) else _texts(threads))
        if not any(_akin(part, known) for part in who["who"].split()[-1:]):
            return "person_absent"
    years = {int(year) for year in _YEAR_MEANT.findall(query.resolved)}
    return "detail_absent" if years and years.isdisjoint(_years(threads)) else None


def _years(threads: Sequence[Thread]) -> set[int]:
    """Return the years that the threads name; "last year" and "next year" are those about the latest one."""
    named = {int(year) for text in _texts(threads) for year in _ANY_YEAR.findall(text)}
    if named and any(_RELATIVE.search(text) for text in _texts(threads)):
        named |= {max(named) - 1, max(named) + 1}
    return named


def _texts(threads: Sequence[Thread]) -> Iterator[str]:
    for thread in threads:
        yield f"{thread.title} {thread.article.text} {thread.article.published or ''}"
        yield from (f"{comment.author or ''} {comment.body} {comment.created_at or ''}" for comment in thread.visible)


def _authors(threads: Sequence[Thread]) -> Iterator[str]:
    for thread in threads:
        yield thread.article.author or ""
        yield from (comment.author or "" for comment in thread.visible)


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word.casefold() for text in texts for word in re.findall(r"[^\W\d_]+", text))


def _akin(word: str, known: frozenset[str]) -> bool:
    """Tell whether a word, a word that it begins like, or its usual abbreviation is known."""
    word = word.casefold()
    begin = word[: max(5, len(word) - 3)]
    short = _TITLES.get(word, word)
    return word in known or short in known or any(one.startswith(begin) for one in known)


def model_for(threads: Sequence[Thread]) -> Model:
    """Return the model for a scope: one text, a discussion, or a library."""
    if len(threads) > _MANY:
        return LIBRARY
    return ONE_TEXT if len(threads) == 1 and not threads[0].visible else DISCUSSION


def leans(query: Query, missing: Collection[str] = ()) -> bool:
    """Tell whether the question points at comments or people rather than at words: overlap says nothing then.

    Words that occur nowhere in the scope (`missing`) point at nothing, unless at the turns before.
    """
    if query.focus or query.kind in ("overview", "structure"):
        return True
    people = (*query.speakers, *query.addressees)
    if query.kind == "stance":
        return bool(people) or bool(query.before) or not _subject(query)
    words = topic(query.resolved, people)
    if words and not query.before and set(words) <= set(missing):
        return False
    if _POINTS.search(query.resolved):
        return len(words) <= 2
    about = _ABOUT.search(unnamed(query.resolved, people).rstrip(" .?!"))
    bare = bool(query.speakers) and not expected(query.resolved) and not about
    return not words or (bare and len(words) == 1)


def _subject(query: Query) -> list[str]:
    """Return the words for what a question wants opinions on; none where it points or only asks for sides."""
    if _POINTS.search(query.resolved):
        return []
    return topic(_SIDES.sub(" ", query.resolved), ("",))
