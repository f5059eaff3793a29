"""Whose words a quotation holds: found word for word in what people wrote themselves. Pure, no model.

"Who wrote “…”?" has one answer wherever the words stand: whoever wrote them first hand, and not who quotes them.
"""

import re
from collections.abc import Iterator, Sequence

from ingest.thread import ARTICLE, Comment, Span, Thread
from rag.citing import cite, quoted, voice
from rag.evidence import Claim, Reason
from rag.query import StructureAsk
from rag.structure_text import joined

__all__ = ["source_ask", "sources"]

Draft = tuple[list[Claim], Reason | None]

_FEWEST = 4  # words; fewer may be a topic set in marks
_FEWEST_DENSE = 8  # letters, where words are not set apart
_MOST = 3  # places told where several people wrote the same
_MARKS = (
    ("“", "”"),
    ("„", "“"),
    ("„", "”"),
    ("«", "»"),
    ("»", "«"),
    ("「", "」"),
    ('"', '"'),
    ("''", "''"),
    ("'", "'"),
)
_ASKED = re.compile(
    r"(?:(?:and|so|please|tell me|can you (?:tell me|say)|do you know|i wonder)[, ]+)*"
    r"(?:(?:who|whom|whose|where|which|what|in which|in what|by whom|from (?:which|what|whom)|find|show|quote"
    r"|source|name|identify|wer|wo|welche[rs]?|wessen|von wem|in welchem|qui|où|quel|quién|dónde|cuál)\b"
    r"(?:[ ,:]+(?:are|is|was|were|did|does|do|has|have|had|it|that|this|these|those|the|a|an|of|in|from|by|for|with|to"
    r"|me|comes?|came|coming|originally|first|actually|exact|following|one|ones"
    r"|say|says|said|saying|write|writes|wrote|written|state|states|stated|claim|claims|claimed|post|posts|posted"
    r"|ask|asks|asked|argue|argues|argued|quote|quotes|quoted|contain|contains|contained|containing|read|reads|stand"
    r"|stands|found|find|use|uses|used|utter|uttered|sentence|sentences|line|lines|phrase|phrases|word|words|quotation"
    r"|passage|statement|remark|comment|comments|commenter|commenters|person|people|user|poster|author|thread"
    r"|discussion|article|here|hat|haben|wird|wurde|steht|stammt|stammen|sagt|sagte|gesagt|schreibt|schrieb"
    r"|geschrieben|der|die|das|dass|satz|worte|kommentar|dit|a|écrit|écrite|phrase|dijo|escribió|que))*)[ ,:]*",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[\s?.!,:]*(?:(?:is|was|are|were|who|whose|where|which|did|has|said|says|wrote|written|by|whom|it|that|this|come"
    r"|comes|from|in|the|comment|comments|thread|words?|line|sentence|quote|here|originally|first|please|stammt|von|wem"
    r"|geschrieben|gesagt|hat|steht|wo|wer|das)[\s?.!,:]*)*",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"\b(?:who|whose|whom|where|which|wer|wo|wem|wessen|qui|quién)\b", re.IGNORECASE)
_ELISION = re.compile(r"\[?(?:\.{3,}|…)\]?")
_LEFT_OUT = r"[\s\S]{1,2000}?"
_CLOSING = re.compile(r"[.?!…。？！]*[\"”’')\]]*")


def source_ask(question: str, threads: Sequence[Thread]) -> StructureAsk | None:
    """Read "who wrote “…”?" and "where is it said that “…”?", where somebody wrote exactly that.

    None where the question asks anything else, and where nobody's own words hold the quotation: what is only nearly
    said is for retrieval to find.
    """
    for words in _quotations(question):
        if any(True for thread in threads for _ in _places(words, thread)):
            return StructureAsk("source", mention=words)
    return None


def _quotations(question: str) -> Iterator[str]:
    """Yield what stands between marks, the marks of one kind from first to last, where only its source is asked."""
    for opening, closing in _MARKS:
        start, end = question.find(opening), question.rfind(closing)
        if start < 0 or end < start + len(opening):
            continue
        before, words, after = question[:start], question[start + len(opening) : end], question[end + len(closing) :]
        asked = _ASKED.fullmatch(before.strip() + " ") if before.strip() else _QUESTION.search(after)
        if asked and _AFTER.fullmatch(after) and _long(words):
            yield words


def _long(words: str) -> bool:
    found = re.findall(r"[^\W_]+", words)
    return len(found) >= _FEWEST or (not words.isascii() and sum(map(len, found)) >= _FEWEST_DENSE)


def _pattern(words: str) -> re.Pattern[str] | None:
    """Match the words in order whatever stands between them, with anything where the question leaves something out."""
    apart = r"[\W_]+"
    parts = [apart.join(map(re.escape, re.findall(r"[^\W_]+", part))) for part in _ELISION.split(words)]
    wanted = [part for part in parts if part]
    return re.compile(rf"(?<![^\W_]){_LEFT_OUT.join(wanted)}(?![^\W_])", re.IGNORECASE) if wanted else None


def _places(words: str, thread: Thread) -> Iterator[tuple[Comment | None, Span]]:
    """Yield where a quotation stands as somebody's own words: the article (None) first, then comments in order."""
    pattern = _pattern(words)
    if pattern is None:
        return
    match = pattern.search(thread.article.text)
    if match:
        yield None, _whole(thread.article.text, match.span())
    for comment in thread.visible:
        for match in pattern.finditer(comment.body):
            span = match.span()
            repeated = sum(max(0, min(span[1], one.end) - max(span[0], one.start)) for one in comment.quotes)
            if repeated * 2 < span[1] - span[0]:
                yield comment, _whole(comment.body, span)
                break


def _whole(text: str, span: Span) -> Span:
    """Take the marks that close a sentence along."""
    closing = _CLOSING.match(text, span[1])
    return span[0], closing.end() if closing else span[1]


def sources(ask: StructureAsk, threads: Sequence[Thread]) -> Draft:
    """Tell who wrote the words of a question, each with the place where they stand."""
    claims, others = list[Claim](), list[str]()
    for thread in threads:
        for comment, span in _places(ask.mention, thread):
            cited = cite(thread, comment.id if comment else ARTICLE, span)
            if len(claims) < _MOST:
                text = f"{voice(cited)}: {quoted(cited.quote)}"
                claims.append(Claim(text, (cited,), speaker=cited.author if comment else None))
            else:
                others.append(cited.number)
    if others:
        claims.append(Claim(f"The same words stand in {joined(others[:40])}."))
    return claims, None
