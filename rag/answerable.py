"""How likely the passages found answer a question: readings of words, meaning and details, and a model each scope.

Three small models, for one text, for a discussion and for a library, weigh how much of the question the best passages
cover, and whether the kind of detail asked for stands with the words it belongs to. `python -m eval.fit_decline` fits
their weights and prints how they do.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.thread import ARTICLE, Thread
from rag.details import asks_for_a_name, counted, counts, expected, gives_a_name, holds
from rag.evidence import Hit
from rag.facts import names
from rag.lexical import STOP_WORDS, language_of, stem, terms, words
from rag.query import Query
from rag.rank import Ranking
from rag.reasons import asked_for, asks_why, gives_reason
from rag.support import weight
from rag.words import SPEAKING

__all__ = ["FEATURES", "Model", "features", "topic", "unnamed"]

FEATURES = (
    "sentence",  # highest cosine of a sentence
    "passage",  # highest cosine of a passage
    "nearest",  # mean cosine of the three nearest sentences
    "covered_1",  # weighted share of the question's words in one sentence
    "covered_p",  # the same in one passage
    "covered",  # the same in all passages
    "beyond_title",  # the same for the words that are not in the title
    "rare",  # the same weighted by rarity in the scope, without words for the kind of detail
    "both",  # highest sum of a sentence's cosine and share
    "unknown",  # share of its words that occur nowhere in the scope
    "untyped",  # whether a kind of detail is asked for and the three nearest sentences in words hold none
    "nowhere",  # whether no sentence that was read holds one
    "uncounted",  # whether it is asked how many there are of something that no number stands beside
    "unnamed",  # whether a name is asked for and no sentence that shares half of the words holds another one
    "bound",  # highest share of its other words in a sentence that holds the kind of detail
    "named_near",  # share of the proper names asked about in three neighbouring sentences
    "named",  # the same in one passage
    "speaker",  # whether somebody's own words are asked for
    "strange",  # whether they are asked for on a subject of which theirs share no word
    "short",  # logarithm of the number of its content words
    "asked",  # whether the thing asked for ("which airline") is named nowhere in them
    "gap",  # lead of the nearest sentence over the mean of the ten nearest
    "rarest",  # whether the question's rarest word was read
    "two",  # whether its two rarest words stand in one sentence
    "focused",  # share of its other words in a sentence that holds what is asked for ("who is the founder of …")
    "uncaused",  # whether a reason is asked for and the five nearest sentences in words give none
)
_READ = 8
"""Hits that are read."""
_HALF = 0.5

_KIND_WORDS = frozenset(
    """name named called title old age cost costs price much many long year years date day number percent percentage
    temperature city country state town place heißt heißen alt teuer kosten kostet jahr prozent ville pays stadt
    land""".split()  # noqa: SIM905 - a list of words reads better so
)
"""Words of a question that only say which kind of detail is wanted."""
_SAYS = frozenset(
    """explanation words sagt meint schreibt denkt findet laut kommentar kommentare artikel""".split()  # noqa: SIM905 - as above
)
"""More words for speaking."""
_DEEDS = frozenset(
    """wissen going go goes went gone happen happens happened geht ging fear fears feared hope hopes hoped wish wishes
    wished expect expects expected suspect suspects suspected wonder wonders wondered regret regrets regretted demand
    demands demanded worry worries worried conclude concludes concluded advise advises advised offer offers offered
    praise praises praised dislike dislikes disliked hate hates hated love loves loved blame blames blamed proposal
    proposals suggestion suggestions idea ideas conclusion complaint complaints criticism objection objections concern
    concerns advice warning request requests vorschlag frage meinung fürchtet hofft wünscht vermutet bedauert verlangt
    lobt kritisiert schlägt empfiehlt rät kündigt""".split()  # noqa: SIM905 - as above
)
"""What somebody named does in words, and what befalls them: no words to find the answer by."""
_DISCUSSION = re.compile(
    r"\b(?:commenters?|comments?|readers?|users?|posters?|article|thread|discussion|anyone|anybody|someone|somebody|according)\b",
    re.I,
)
_WHICH = re.compile(
    r"\b(?:which|what|how many|how much|welche[rsmn]?|wie viele?|quel\w*|qué|cuánt\w+)\s+"
    r"(?:(?:other|new|kind of|kinds of|type of|sort of)\s+)?(?P<thing>[^\W\d_]{3,})",
    re.I,
)


_ON = re.compile(r"\w\W+(?:about|on|regarding|concerning|über|zum?|zur|sur|sobre)\s+\w", re.I)
"""What somebody is asked about follows."""


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic model over some of `FEATURES`; below `threshold` a question is declined."""

    weights: Mapping[str, float]
    bias: float
    threshold: float

    def probability(self, values: Mapping[str, float]) -> float:
        """Return how likely the hits answer the question, from 0 to 1."""
        return 1.0 / (1.0 + math.exp(-self.bias - sum(self.weights[name] * values[name] for name in self.weights)))


def topic(question: str, people: Sequence[str] = (), language: str = "") -> list[str]:
    """Return the distinct content words of a question, without people, and words for speaking and the discussion.

    A question about somebody's words that has no other words has none; any other has at least its own.

    >>> topic("What did Ada want to know?", ("Ada",)), topic("What did Ada pay for the ferry?", ("Ada",))
    ([], ['pay', 'ferri'])
    """
    language = language or language_of(question)
    question = _DISCUSSION.sub(" ", unnamed(question, people))
    aside = SPEAKING | _SAYS | _DEEDS if people else SPEAKING | _SAYS
    plain = " ".join(word for word in question.split() if word.strip(".,?!’'\"").casefold() not in aside)
    if people and not _has_content(plain, language):
        return []
    return list(dict.fromkeys(terms(plain if re.search(r"\w{2}", plain) else question, language)))


def unnamed(question: str, people: Sequence[str]) -> str:
    """Return a question without the names of people, in whole or in part, and their possessives."""
    for name in people:
        parts = sorted((part for part in re.split(r"[\W_]+", name) if len(part) > 2), key=len, reverse=True)
        whole = "|".join(map(re.escape, (name, *parts)))
        question = re.sub(rf"(?<!\w)(?:{whole})(?!\w)(?:['’]s?)?", " ", question, flags=re.I)
    return question


def _has_content(text: str, language: str) -> bool:
    """Tell whether a text has a word that is no stop word."""
    stop = STOP_WORDS.get(language, STOP_WORDS["english"])
    return any(word not in stop for word in words(text))


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One sentence as text and as words with those of who speaks to whom; `row` is the hit's place."""

    text: str
    around: str
    words: frozenset[str]
    row: int
    best: bool


@dataclass(frozen=True, slots=True)
class _Read:
    """A hit as it was read; `author` is who wrote it, for an article its title."""

    sentences: tuple[_Sentence, ...]
    words: frozenset[str]
    text: str
    author: str


def _read(hit: Hit, row: int, threads: Mapping[str, Thread], language: str) -> _Read:
    passage, thread = hit.passage, threads.get(hit.passage.thread_id)
    head = hit.author or ""
    if thread is not None and passage.comment_id != ARTICLE:
        comment = thread.get(passage.comment_id)
        parent = thread.parent(comment) if comment else None
        head += f" {parent.author}" if parent and parent.author else ""
    texts = [passage.at(span) for span in passage.sentences] or [passage.text]
    spans = passage.sentences or ((passage.start, passage.start + len(passage.text)),)
    own = frozenset(terms(head, language)) if head else frozenset()
    sentences = tuple(
        _Sentence(
            text,
            " ".join(texts[max(0, at - 1) : at + 2]),
            frozenset(terms(text, language)) | own,
            row,
            span == hit.best_sentence,
        )
        for at, (text, span) in enumerate(zip(texts, spans, strict=True))
    )
    author = thread.title if thread is not None and passage.comment_id == ARTICLE else hit.author or ""
    return _Read(sentences, frozenset().union(*(one.words for one in sentences)), passage.text, author)


def features(query: Query, hits: Sequence[Hit], ranking: Ranking, threads: Sequence[Thread]) -> dict[str, float]:
    """Return the values of `FEATURES` by name, for a question with at least one hit."""
    hits = hits[:_READ]
    by_id = {thread.id: thread for thread in threads}
    language = language_of(" ".join([query.resolved, *(hit.passage.text for hit in hits)]))
    wanted = topic(query.resolved, (*query.speakers, *query.addressees), language)
    read = [_read(hit, row, by_id, language) for row, hit in enumerate(hits)]
    everything = frozenset().union(*(one.words for one in read))
    titles = {thread.title: None for hit in hits if (thread := by_id.get(hit.passage.thread_id))}
    title = frozenset(term for one in titles for term in terms(one, language))
    beyond = [term for term in wanted if term not in title]
    in_sentence = [max(_share(wanted, one.words) for one in hit.sentences) for hit in read]
    signals = {hit.passage.id: one for hit, one in zip(ranking.hits, ranking.signals, strict=True)}
    scored = [signals.get(hit.passage.id) for hit in hits]
    cosines = [one.sentence_cosine if one else 0.0 for one in scored]
    nearest = sorted((one.sentence_cosine for one in ranking.signals), reverse=True)[:3]
    asked = _asked(query.resolved, language)
    return {
        "sentence": max(cosines),
        "passage": max(one.passage_cosine if one else 0.0 for one in scored),
        "nearest": sum(nearest) / max(1, len(nearest)),
        "covered_1": max(in_sentence),
        "covered_p": max(_share(wanted, one.words) for one in read),
        "covered": _share(wanted, everything),
        "beyond_title": _share(beyond, everything) if beyond else 1.0,
        "both": max(share + cosine for share, cosine in zip(in_sentence, cosines, strict=True)),
        "unknown": len(set(wanted).intersection(ranking.missing)) / max(1, len(wanted)),
        "speaker": float(bool(query.speakers)),
        "strange": float(bool(query.speakers and _ON.search(query.resolved)) and not everything.intersection(wanted)),
        "short": math.log1p(len(wanted)),
        "asked": float(bool(asked) and asked.isdisjoint(everything)),
        "gap": _lead([one.sentence_cosine for one in ranking.signals]),
        **_detail(query.resolved, wanted, read, ranking, language),
        **_names(query, read),
    }


def _detail(
    question: str, wanted: Sequence[str], read: Sequence[_Read], ranking: Ranking, language: str
) -> dict[str, float]:
    """Return the readings of the kind of detail that is asked for."""
    kind, thing = expected(question), counted(question)
    only_kind = frozenset(stem(sorted(_KIND_WORDS), language)) if kind or asks_for_a_name(question) else frozenset()
    rest = [term for term in wanted if term not in only_kind]
    sentences = [one for hit in read for one in hit.sentences]
    shares = [_share(rest, one.words, 1.0) for one in sentences]
    holding = [holds(kind, one.text) for one in sentences]
    order = sorted(range(len(sentences)), key=lambda at: (-shares[at], not sentences[at].best, sentences[at].row))
    rarity = {term: weight(term) * ((ranking.terms or {}).get(term) or 1.0) for term in rest}
    everything = frozenset().union(*(one.words for one in read))
    rarest = sorted(rarity, key=lambda term: -rarity[term])[:2]
    return {
        "rarest": float(not rarest or rarest[0] in everything),
        "two": float(len(rarest) < 2 or any(one.words.issuperset(rarest) for one in sentences)),
        "focused": _focused(question, rest, sentences, language),
        "uncaused": float(asks_why(question) and not any(gives_reason(sentences[at].around) for at in order[:5])),
        "rare": sum(rarity[term] for term in rest if term in everything) / (sum(rarity.values()) or 1.0)
        if rest
        else 1.0,
        "untyped": float(bool(kind) and not any(holding[at] for at in order[:3])),
        "nowhere": float(bool(kind) and not any(holding)),
        "uncounted": float(
            kind == "number" and bool(thing) and not any(counts(thing, one.text, language) for one in sentences)
        ),
        "unnamed": float(asks_for_a_name(question) and not _another_name(question, rest, sentences, read, language)),
        "bound": max((share for share, held in zip(shares, holding, strict=True) if held), default=0.0),
    }


def _focused(question: str, rest: Sequence[str], sentences: Sequence[_Sentence], language: str) -> float:
    """Return the highest share of the other words in a sentence with what is asked for; 1 where nothing is."""
    thing = stem([asked_for(question).casefold()], language)[0]
    if thing not in rest:
        return 1.0
    others = [term for term in rest if term != thing]
    return max((_share(others, one.words, 1.0) for one in sentences if thing in one.words), default=0.0)


def _lead(cosines: Sequence[float]) -> float:
    nearest = sorted(cosines, reverse=True)[:10]
    return nearest[0] - sum(nearest) / len(nearest)


def _another_name(
    question: str, rest: Sequence[str], sentences: Sequence[_Sentence], read: Sequence[_Read], language: str
) -> bool:
    """Tell whether a sentence that shares half of the words names something besides the question and the authors."""
    known = {word.casefold() for word in re.findall(r"[^\W\d_][\w'’-]+", question)}
    known |= {word for one in read for word in words(one.author)}
    return any(_share(rest, one.words) >= _HALF and gives_a_name(one.text, known, rest, language) for one in sentences)


def _names(query: Query, read: Sequence[_Read]) -> dict[str, float]:
    """Return how many of the proper names asked about, people whose words are asked for aside, stand together."""
    people = " ".join((*query.speakers, *query.addressees)).casefold()
    wanted = [name.casefold() for name in names(query.resolved) if name.casefold() not in people]
    if not wanted:
        return {"named_near": 1.0, "named": 1.0}
    whole = [f"{one.text} {one.author}".casefold() for one in read]
    near = [f"{one.around} {hit.author}".casefold() for hit in read for one in hit.sentences]
    return {"named_near": max(_held(wanted, near)), "named": max(_held(wanted, whole))}


def _held(wanted: Sequence[str], texts: Sequence[str]) -> Iterator[float]:
    return (sum(name in text for name in wanted) / len(wanted) for text in texts)


def _asked(question: str, language: str) -> frozenset[str]:
    """Return the stem of what "which", "what" or "how many" asks for, if it names something."""
    match = _WHICH.search(question)
    if match is None or match["thing"].casefold() in SPEAKING:
        return frozenset()
    return frozenset(term for term in terms(match["thing"], language) if weight(term) >= 1)


def _share(wanted: Sequence[str], present: frozenset[str], nothing: float = 0.0) -> float:
    """Return the weighted share of the wanted words that are present; `nothing` where none are wanted."""
    mass = sum(map(weight, wanted))
    return sum(weight(term) for term in wanted if term in present) / mass if mass else nothing
