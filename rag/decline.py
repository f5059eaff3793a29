"""Decide whether a question can be answered from what was found, and if not, why not. No model is asked.

Three small logistic models, for one text, for a discussion and for a library, read how much of the question the best
passages cover, in words and in meaning, and whether they hold the kind of answer asked for. `python -m
eval.sets_trust --fit` fits their weights and prints how they do.
"""

import math
import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.thread import ARTICLE, Thread
from rag.evidence import Hit, Reason
from rag.facts import names, numbers
from rag.lexical import language_of, terms
from rag.query import Query
from rag.rank import Ranking
from rag.support import weight
from rag.words import SPEAKING

__all__ = [
    "DISCUSSION",
    "FEATURES",
    "LIBRARY",
    "ONE_TEXT",
    "Model",
    "decide",
    "expected",
    "features",
    "leans",
    "model_for",
]

FEATURES = (
    "sentence",  # highest cosine of a sentence
    "passage",  # highest cosine of a passage
    "covered_1",  # weighted share of the question's words in one sentence
    "covered_p",  # the same in one passage
    "covered",  # the same in all passages
    "beyond_title",  # the same for the words that are not in the title
    "both",  # highest sum of a sentence's cosine and share
    "unknown",  # share of its words that occur nowhere in the scope
    "untyped",  # whether a time, number, person or place is asked for and the best sentences hold none
    "short",  # logarithm of the number of its content words
    "asked",  # whether the thing asked for ("which airline") is named nowhere in them
)


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic model over `FEATURES`; below `threshold` a question is declined."""

    weights: tuple[float, ...]
    bias: float
    threshold: float

    def probability(self, values: Sequence[float]) -> float:
        """Return how likely the hits answer the question, from 0 to 1."""
        return 1.0 / (1.0 + math.exp(-self.bias - sum(map(operator.mul, self.weights, values))))


ONE_TEXT = Model((3.79, 4.67, -0.29, 0.3, 0.53, 1.02, 0.71, -0.13, -0.02, -0.64, 0.21), -5.1, 0.5)
"""For one text that nobody comments on: it is about its title, and either answers or does not."""
DISCUSSION = Model((1.43, 1.07, 0.87, 0.85, 0.51, 0.6, 0.74, -0.59, -1.37, 0.05, -0.96), -2.68, 0.35)
"""For a thread: everything is on topic, people name things in passing, and a false refusal costs most."""
LIBRARY = Model((1.67, 1.79, 0.56, 0.81, 0.26, 0.07, 0.59, 1.18, -0.58, 0.21, -0.01), -3.92, 0.38)
"""For many threads: something near is always found, and how near in meaning tells most."""
_NAMED = 0.2
"""The threshold where somebody named is asked about and shares a word with the question: their words are few."""
_SAYS = frozenset(
    (
        "explanation",
        "words",
        "sagt",
        "meint",
        "schreibt",
        "denkt",
        "findet",
        "laut",
        "kommentar",
        "kommentare",
        "artikel",
    )
)
"""More words for speaking."""
_REASONS = 0.1
"""The threshold for somebody's reasons: they seldom repeat the words for what is to be explained."""
_MANY = 5
"""With more threads than this in scope, it is a library."""
_DETAIL = 0.5
"""From this coverage of the question's words in one passage on, the matter is discussed and only the detail missing."""
_READ = 8
"""Hits that are read."""

_TIME = re.compile(
    r"\b(?:1\d{3}|20\d\d)s?\b|\b(?:\d{1,2}[:.]\d\d|january|february|march|april|may|june|july|august|september|october|november|"
    r"december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"century|today|yesterday|tomorrow|ago|spring|summer|autumn|fall|winter|morning|evening|night|noon|years?|months?|"
    r"weeks?|days?|hours?|minutes?|decades?|when|until|since|after|before|januar|februar|märz|mai|juni|juli|oktober|"
    r"dezember|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|jahre?n?|wochen?|tage?n?|uhr|gestern|heute)\b",
    re.I,
)
_YEAR = re.compile(r"\b(?:1\d{3}|20\d\d)\b|\b\d{1,2}(?:st|nd|rd|th)\s+century\b")
_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|on|of|by|behind|between|outside|through|aus|bei|nach|am|im)\s+(?:the\s+|der\s+)?[A-ZÄÖÜ]"
)
_ASKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("year", re.compile(r"\b(?:what|which)\s+years?\b|\bwelche[mns]?\s+jahr|\bquelle année\b|\bqué año\b", re.I)),
    ("time", re.compile(
        r"^\W*(?:\w+\W+){0,3}?(?:when|wann|quand|cuándo)\b|"
        r"\b(?:what|which|in what|in which)\s+(?:year|date|day|month|decade|century)\b", re.I)),
    ("number", re.compile(
        r"\bhow\s+(?:many|much|long|far|tall|old|often|high|fast|deep|wide|expensive|loud|big|large|heavy)\b|"
        r"\bwie\s+(?:viele?|lange|teuer|alt|oft|hoch|weit|groß|laut)\b|\bcombien\b|\bcuánt\w+|"
        r"\b(?:what|which)\s+(?:number|percentage|percent|share|price|cost|amount|distance|score|age)\b", re.I)),
    ("person", re.compile(
        r"^\W*(?:\w+\W+){0,2}?(?:who|whom|whose|wer|wem|wen|qui)\b"
        r"(?!\s+(?:says?|thinks?|mentions?|agrees?|disagrees?))", re.I)),
    ("place", re.compile(
        r"^\W*(?:\w+\W+){0,2}?(?:where|wo)\b|"
        r"\b(?:what|which)\s+(?:country|city|town|village|state|street|place)\b", re.I)),
)  # fmt: skip
_WHICH = re.compile(
    r"\b(?:which|what|how many|how much|welche[rsmn]?|wie viele?|quel\w*|qué|cuánt\w+)\s+"
    r"(?:(?:other|new|kind of|kinds of|type of|sort of)\s+)?(?P<thing>[^\W\d_]{3,})", re.I)  # fmt: skip
_POINTS = re.compile(
    r"\b(?:it|its|that|this|these|those|they|them|their|he|she|him|her|das|es|darauf|dazu|dies\w*)\b", re.I
)
_WHOSE = re.compile(
    r"\b(?:sagt|meint|schreibt|denkt|findet|fordert|behauptet)\s+(?:denn\s+)?(?:(?:der|die|das|herr|frau)\s+)?"
    r"(?P<who>[A-ZÄÖÜ][\w-]+)(?=\s+(?:zum?|zur|über|von|dazu|darüber|gegen)\b|\W*$)"
)
"""Whose words a German question asks for, verb first."""
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
    r"\b(?:about|of|on|regarding|concerning|for|against|with|über|zum?|zur|von|gegen|sur|de|sobre)\b", re.I
)
_PRESUPPOSES = re.compile(
    r"^\W*(?:why|warum|wieso|weshalb|pourquoi|por qué)\b|\b(?:explanations?|explains?|reasons?|reasoning|objections?)\b"
    r"|\b(?:wendet|wenden)\b.*\bein\b",
    re.IGNORECASE,
)
"""Questions for somebody's reasons."""
_DISCUSSION = re.compile(
    r"\b(?:commenters?|comments?|readers?|users?|posters?|article|thread|discussion|anyone|anybody|someone|somebody|according)\b",
    re.I,
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
    model = model_for(threads)
    if ranking is None or not ranking.hits or (model is not LIBRARY and leans(query)):
        return None
    if model is DISCUSSION and (told := _by_rule(query, threads)):
        return told
    values = dict(zip(FEATURES, features(query, hits, ranking, threads), strict=True))
    if model is DISCUSSION and values["untyped"] and expected(query.resolved) == "year":
        return "detail_absent"
    if model.probability(tuple(values.values())) >= _threshold(model, query, values["covered"]):
        return None
    discussed = bool(query.speakers) or max(values["covered_p"], values["untyped"] * values["covered"]) >= _DETAIL
    return "detail_absent" if discussed else "not_discussed"


def _threshold(model: Model, query: Query, covered: float) -> float:
    """Return the probability to answer from, lower for somebody named in a discussion; `covered` is the feature."""
    if model is not DISCUSSION or not query.speakers:
        return model.threshold
    if _PRESUPPOSES.search(query.resolved) and not expected(query.resolved):
        return _REASONS
    return _NAMED if covered > 0 else model.threshold


def _by_rule(query: Query, threads: Sequence[Thread]) -> Reason | None:
    """Decline what no words of a discussion can answer: a stranger's opinion, a year that nobody names."""
    if not query.speakers and (who := _WHOSE.search(query.resolved)):
        known = _vocabulary(threads)
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


def _vocabulary(threads: Sequence[Thread]) -> frozenset[str]:
    """Return every word of the threads and of their authors' names, folded."""
    return frozenset(word.casefold() for text in _texts(threads) for word in re.findall(r"[^\W\d_]+", text))


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


def expected(question: str) -> str:
    """Return what kind of answer a question asks for: time, number, person, place, or nothing special.

    >>> expected("How many people live there?")
    'number'
    """
    return next((kind for kind, pattern in _ASKS if pattern.search(question)), "")


def leans(query: Query) -> bool:
    """Tell whether the question points at comments or people rather than at words: overlap says nothing then."""
    if query.focus or query.kind in ("stance", "overview", "structure"):
        return True
    topic = _topic(query.resolved, (*query.speakers, *query.addressees))
    if _POINTS.search(query.resolved):
        return len(topic) <= 2
    bare = bool(query.speakers) and not expected(query.resolved) and not _ABOUT.search(query.resolved)
    return not topic or (bare and len(topic) == 1)


def _topic(question: str, people: Sequence[str] = (), language: str = "") -> list[str]:
    """Return the distinct content words of a question, without people, and words for speaking and the discussion."""
    language = language or language_of(question)
    for name in people:
        parts = sorted((part for part in re.split(r"[\W_]+", name) if len(part) > 2), key=len, reverse=True)
        whole = "|".join(map(re.escape, (name, *parts)))
        question = re.sub(rf"(?<!\w)(?:{whole})(?!\w)(?:['’]s?)?", " ", question, flags=re.I)
    question = _DISCUSSION.sub(" ", question)
    plain = " ".join(word for word in question.split() if word.strip(".,?!’'\"").casefold() not in SPEAKING | _SAYS)
    return list(dict.fromkeys(terms(plain if re.search(r"\w{2}", plain) else question, language)))


@dataclass(frozen=True, slots=True)
class _Read:
    """One hit as words: those of its sentences, and of who speaks to whom."""

    sentences: tuple[str, ...]
    cut: tuple[frozenset[str], ...]
    whole: frozenset[str]


def _read(hit: Hit, threads: Mapping[str, Thread], language: str) -> _Read:
    thread = threads.get(hit.passage.thread_id)
    head = hit.author or ""
    if thread is not None and hit.passage.comment_id != ARTICLE:
        comment = thread.get(hit.passage.comment_id)
        parent = thread.parent(comment) if comment else None
        head += f" {parent.author}" if parent and parent.author else ""
    at = hit.passage.start
    texts = tuple(hit.passage.text[start - at : end - at] for start, end in hit.passage.sentences) or (
        hit.passage.text,
    )
    own = frozenset(terms(head, language)) if head else frozenset()
    cut = tuple(frozenset(terms(text, language)) | own for text in texts)
    return _Read(texts, cut, frozenset().union(*cut))


def features(query: Query, hits: Sequence[Hit], ranking: Ranking, threads: Sequence[Thread]) -> tuple[float, ...]:
    """Return the values of `FEATURES` for a question with at least one hit."""
    hits = hits[:_READ]
    by_id = {thread.id: thread for thread in threads}
    language = language_of(" ".join([query.resolved, *(hit.passage.text for hit in hits)]))
    wanted = _topic(query.resolved, (*query.speakers, *query.addressees), language)
    read = [_read(hit, by_id, language) for hit in hits]
    everything = frozenset().union(*(one.whole for one in read))
    titles = {thread.title: None for hit in hits if (thread := by_id.get(hit.passage.thread_id))}
    title = frozenset(term for one in titles for term in terms(one, language))
    beyond = [term for term in wanted if term not in title]
    in_sentence = [max(_share(wanted, cut) for cut in one.cut) for one in read]
    signals = {hit.passage.id: one for hit, one in zip(ranking.hits, ranking.signals, strict=True)}
    scored = [signals.get(hit.passage.id) for hit in hits]
    cosines = [one.sentence_cosine if one else 0.0 for one in scored]
    return (
        max(cosines),
        max(one.passage_cosine if one else 0.0 for one in scored),
        max(in_sentence),
        max(_share(wanted, one.whole) for one in read),
        _share(wanted, everything),
        _share(beyond, everything) if beyond else 1.0,
        max(share + cosine for share, cosine in zip(in_sentence, cosines, strict=True)),
        len(set(wanted).intersection(ranking.missing)) / max(1, len(wanted)),
        float(_untyped(expected(query.resolved), wanted, read)),
        math.log1p(len(wanted)),
        float(_asked(query.resolved, language).isdisjoint(everything) and bool(_asked(query.resolved, language))),
    )


def _asked(question: str, language: str) -> frozenset[str]:
    """Return the stem of what "which", "what" or "how many" asks for, if it names something."""
    match = _WHICH.search(question)
    if match is None or match["thing"].casefold() in SPEAKING:
        return frozenset()
    return frozenset(term for term in terms(match["thing"], language) if weight(term) >= 1)


def _share(wanted: Sequence[str], present: frozenset[str]) -> float:
    mass = sum(map(weight, wanted))
    return sum(weight(term) for term in wanted if term in present) / mass if mass else 0.0


def _untyped(kind: str, wanted: Sequence[str], read: Sequence[_Read]) -> bool:
    """Tell whether none of the sentences nearest in words, nor a neighbour of theirs, holds the kind asked for."""
    if not kind:
        return False
    scored = [(_share(wanted, cut), row, at) for row, one in enumerate(read) for at, cut in enumerate(one.cut)]
    best = sorted(scored, key=lambda item: (-item[0], item[1]))[:3]
    near = [read[row].sentences[max(0, at - 1) : at + 2] for _, row, at in best]
    return not any(_holds(kind, text) for texts in near for text in texts)


def _holds(kind: str, text: str) -> bool:
    match kind:
        case "year":
            return _YEAR.search(text) is not None
        case "time":
            return _TIME.search(text) is not None
        case "number":
            return bool(numbers(text))
        case "person":
            return bool(names(f"– {text}")) or bool(
                re.search(r"\b(?:he|she|they|we|i|his|her|their|my|our)\b", text, re.I)
            )
        case _:
            return _PLACE.search(text) is not None
