"""The vocabulary of understanding: `Query` and `StructureAsk`. Frozen, standard library only."""

from dataclasses import dataclass, field
from typing import Literal

from rag.evidence import Scope

__all__ = [
    "THOSE",
    "UNNAMED",
    "ArticleField",
    "Kind",
    "Level",
    "Measure",
    "Query",
    "Rank",
    "Side",
    "StructureAsk",
    "Unit",
    "Want",
    "Window",
]

UNNAMED = ""
"""Stands for "a comment without a name" wherever authors are named; it is never one certain person."""

THOSE = "those comments"
"""How a question that was read on its own names the comments of the answer before it."""

Kind = Literal["fact", "who_said", "structure", "stance", "overview"]
Want = Literal["count", "list", "whether", "extreme", "time", "field", "source", "whole"]
Unit = Literal["comments", "people", "addressees", "words", "levels", "votes", "threads", "days", "missing"]
Level = Literal["all", "top", "reply"]
Rank = Literal["most", "least", "first", "last", "longest", "shortest", "highest", "lowest", "most_replied", "deepest"]
Measure = Literal["", "words", "replies", "score"]
ArticleField = Literal["", "author", "title", "published", "url", "words"]
Side = Literal["before", "until", "since", "after"]


@dataclass(frozen=True, slots=True)
class Window:
    """A bound in time: by a day (an ISO date or its beginning), by comments, or by the first comment of people.

    `until` and `since` take in the day itself. `told` is the bound in words.
    """

    side: Side
    day: str = ""
    ids: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    told: str = ""


@dataclass(frozen=True, slots=True)
class StructureAsk:
    """A question that the tree answers: `want` of `unit` over the comments that pass every filter.

    Filters: `by` authors (`UNNAMED` for comments without a name), `to` authors answered, `ids` of the comments
    themselves, `to_comments` ids answered (with `branch`, everything below them), `level`, `answered` (has replies or
    not), `named` (bears a name or not), `mention` (words that must occur), `on` (an ISO date or its beginning).
    `without` leaves authors out; `measure` with `low` and `high` bounds each comment's words, direct replies or score.
    `exactly` and `at_least` bound how many such comments a person has; `negated` asks for the people left over.
    `windows` bound the time; `own` asks for answers to one's own comments; `place` counts down from the top of a rank.
    `among` are the comments of an earlier answer that it is narrowed to ("how many of them …").
    `rank` orders for `extreme`, `top` is how many (0: all). `share` asks for a percentage. `about` is what narrowed the
    addressee's comments, for wording.
    """

    want: Want
    unit: Unit = "comments"
    by: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    to_comments: tuple[str, ...] = ()
    branch: bool = False
    level: Level = "all"
    answered: bool | None = None
    named: bool | None = None
    mention: str = ""
    on: str = ""
    rank: Rank | None = None
    top: int = 1
    without: tuple[str, ...] = ()
    measure: Measure = ""
    low: int | None = None
    high: int | None = None
    exactly: int = 0
    at_least: int = 0
    negated: bool = False
    share: bool = False
    about: str = ""
    article: ArticleField = ""
    among: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    own: bool = False
    place: int = 1


@dataclass(frozen=True, slots=True)
class Query:
    """A question as understood.

    `resolved` is the question as it reads on its own; `searches` are the forms to search with, the raw one first.
    `speakers` are whose words are asked for, `addressees` whom they answer, both as the source spells them
    (`UNNAMED` for comments without a name); `absent` are names asked about that nobody in the threads bears;
    `ambiguous` are the candidates where a name fits several people. `focus` are comment ids that a follow-up, a
    `c10` or "X's comment about Y" points at. `scope` is the given scope, narrowed by what the question says. `before`
    is the question after the two questions before it, empty at the beginning: a form to search with as well, since
    most questions of a conversation go on with its subject, whether or not their words show it. `preferred` are people
    whose words tell it best, though others may: those to whom it happened, or who did it.
    """

    question: str
    resolved: str
    searches: tuple[str, ...]
    kind: Kind = "fact"
    speakers: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    scope: Scope = field(default_factory=Scope)
    structure: StructureAsk | None = None
    focus: tuple[str, ...] = ()
    before: str = ""
    preferred: tuple[str, ...] = ()
