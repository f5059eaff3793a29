"""A marked question → `StructureAsk`, where the tree answers it. Pure.

A question is about structure only if *every* word of it belongs to a closed vocabulary (comments, people, replying,
counting, ranking, time); one word of content ("militants", "ultimatum") and it is a question of fact. What is left
is a bag of roles and classes that a handful of frames read, so that wordings need not be foreseen one by one.
"""

import re
from dataclasses import replace

from rag.languages import in_english
from rag.query import Measure, StructureAsk
from rag.references import Marked
from rag.structure_account import accounted
from rag.structure_frames import count, levels, listing, missing, self_told, time, whether
from rag.structure_plain import plain
from rag.structure_ranks import compared, daily, extreme, placed
from rag.structure_topics import article_ask, mention_ask, threads_ask
from rag.structure_view import view
from rag.structure_when import day_of, windows_of
from rag.structure_words import COUNTS, NUMBERS, REPLIES
from rag.words import FUNCTION

__all__ = ["parse"]

_FRAMES = (compared, missing, placed, daily, self_told, count, whether, extreme, levels, time, listing)

_PLACE = re.compile(
    r"\b(?:in|on|under|below|beneath|underneath|to|for|of|about|from|within|across|throughout|at|here in)\s+"
    r"(?:(?:this|the|that|these|those|all|my|our|whole|entire|full|both|whole of|comments?)\s+)*"
    r"(?:comment threads?|comments? sections?|discussion threads?|discussions?|conversations?|debates?|threads?"
    r"|articles?|stor(?:y|ies)|pieces?|pages?|topics?|files?|blog posts?|news|forum|text|source|document|library"
    r"|here)\b"
)
_IN_COMMENTS = re.compile(r"(?<=\w) (?:in|within|among) the (?:comments|replies|responses)$")
_POINTING = re.compile(
    r"\b(?:to|by|of|under|below) (?:that|this|it|those|these|him|her|them|you|me|us)$"
    r"|\b(?:did|does|do|has|have) (?:you|i|we|he|she|a|an) (?:ever )?(?:reply|respond|answer|\w*writ\w*|post|comment"
    r"|ma[dk]e|leave)\b"
    r"|\bthere$(?<!are there)(?<!is there)(?<!was there)(?<!were there)"
)
_TO_ARTICLE = re.compile(rf"\b{REPLIES} (?:directly )?to (?:the|this|that) (?:article|story|piece|post|news)\b")


def parse(marked: Marked, title_words: frozenset[str] = frozenset()) -> StructureAsk | None:
    """Return what a question asks of the tree, or None where it asks about content.

    `title_words` are the words of the threads' titles: "the comments on the harbour article" names a place, not a
    topic.
    """
    text = plain(in_english(marked.text))
    if _POINTING.search(text):
        return None
    asked = mention_ask(text, marked) or article_ask(text) or threads_ask(text)
    if asked is not None:
        return asked
    to_article = _TO_ARTICLE.search(text)
    text, own = _own(_EMPHASIS.sub("", text))
    text, windows = windows_of(text, marked)
    if _UNREAD.search(text):
        return None
    text, bound = _bound(text)
    text, day = day_of(text)
    text = f"{text} dated" if day or windows else text
    text = _PLACE.sub(" ", _IN_COMMENTS.sub("", _without_title(text, title_words)))
    seen = view(marked, re.sub(r"\s+", " ", text).strip())
    if not seen.closed:
        return None
    ask = next((found for frame in _FRAMES if (found := frame(seen)) is not None), None)
    if ask is None or (ask.place == 1 and _PLACE_ASKED.search(seen.text)):
        return None
    ask = replace(ask, on=day, windows=windows, own=own, level="top" if to_article else ask.level)
    if bound:
        ask = replace(ask, measure=bound[0], low=bound[1], high=bound[2])
    return ask if accounted(ask, seen) else None


_PLACE_ASKED = re.compile(r"\b(?:second|third|fourth|fifth|[2-9](?:nd|rd|th)|average|mean|median)\b")
_EMPHASIS = re.compile(r"(?<=\d) (?:(?:him|her|them)sel(?:f|ves)|personally)\b")  # behind a person, which is marked P1
_OWN = re.compile(
    rf"(?P<verb>\b{REPLIES}(?: directly)?) to (?:(?:him|her|them|it|one)sel(?:f|ves)"
    rf"|(?:his|her|their|one's|its|his or her) own(?: (?:comments?|posts?|messages?))?)\b"
    rf"|(?P<bare>\banswer(?:s|ed|ing)?) (?:(?:him|her|them)sel(?:f|ves)"
    r"|(?:his|her|their|one's|his or her) own(?: (?:comments?|posts?|questions?|messages?))?)\b"
)


def _own(text: str) -> tuple[str, bool]:
    """Take "reply to themselves" and "answer their own comment" down to the reply."""
    match = _OWN.search(text)
    if match is None:
        return text, False
    return f"{text[: match.start()]}{match['verb'] or match['bare']}{text[match.end() :]}", True


_UNREAD = re.compile(
    r"\b(?:after|before|since|until|same|again|instead|but|while|twice as|half)\b|\b(?:the|a|this|that) vote\b"
    rf"|\bthan (?!once\b|twice\b|an?y?\b|every|all\b|the|other|P\d|{NUMBERS})"
)
_MORE, _LESS = (
    "more than|over|longer than|above|exceed|exceeds|exceeding|beyond",
    "fewer than|less than|shorter than|under|below",
)
_BOUND = re.compile(
    r"(?P<head>^(?:how many|which|what|list|show|are there|is there|number of)\b(?: \w+){0,3}?"
    r" (?:comments?|posts?|messages?)\b.*?)"
    rf"\b(?P<how>{_MORE}|{_LESS}|at least|exactly|only)\s+(?P<n>{NUMBERS})(?P<plus> or more)?\s+"
    r"(?P<unit>words?|repl(?:y|ies)|responses?|answers?|points?|(?:up)?votes?|likes?)(?: long)?\b"
)
_UNITS: dict[str, Measure] = {"w": "words", "r": "replies", "a": "replies"}


def _bound(text: str) -> tuple[str, tuple[Measure, int | None, int | None] | None]:
    """Take "with more than 100 words" or "got at least two replies" out of a question about comments."""
    match = _BOUND.search(text)
    if match is None:
        return text, None
    number = COUNTS.get(match["n"]) or int(match["n"])
    measure = _UNITS.get(match["unit"][0], "score")
    low, high = number, None
    if measure == "replies" and match["how"] == "at least" and number == 1:
        return text, None
    if match["how"] in _MORE.split("|"):
        low = number + 1
    elif match["how"] in ("exactly", "only") and not match["plus"]:
        high = number
    elif match["how"] in _LESS.split("|"):
        low, high = None, number - 1  # type: ignore[assignment]
    head = re.sub(
        r"\b(?:are|is|with|got|get|have|has|had|received|receive|a score)\s*$", "exist", match["head"].strip()
    )
    return f"{head} {text[match.end() :]}".strip(), (measure, low, high)


_KIND = r"(?:article|thread|story|discussion|piece|post|page|topic)"
_TITLED_BEFORE = re.compile(rf"(?P<lead>\b(?:the|this|that)\s+)(?P<middle>(?:[\w\-]+\s+){{1,6}})(?P<kind>{_KIND})\b")
_TITLED_AFTER = re.compile(
    rf"(?P<lead>\b(?:the|this|that)\s+)(?P<kind>{_KIND})\s+(?:about|on|titled|called)\s+(?P<middle>[\w\-' ]+?)(?=$|,)"
)


def _without_title(text: str, title_words: frozenset[str]) -> str:
    """Drop the words that merely name the article: `the ferry article`, `the article about the ferry`."""

    def drop(match: re.Match[str]) -> str:
        middle = {word for word in match["middle"].split() if word not in FUNCTION}
        return match["lead"] + match["kind"] if middle and middle <= title_words else match.group()

    return _TITLED_AFTER.sub(drop, _TITLED_BEFORE.sub(drop, text))
