"""Thread → passages: sentence-aligned stretches of one person's own words, with exact spans.

The passages of a comment cover its own words and nothing else: what it quotes is somebody else's. `CHUNKER` names
this recipe; it is part of every index's name, so a change of recipe re-indexes.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.thread import ARTICLE, Comment, Span, Thread
from rag.evidence import Passage
from rag.sentences import sentences

__all__ = ["CHUNKER", "MAX_WORDS", "VectorText", "count_words", "passage_id", "passages", "sentence_id", "vector_texts"]

CHUNKER = 1
"""Version of the recipe: sentence splitter, packing and header."""

MAX_WORDS = 80
SHORT_REPLY = 25  # words; a reply this short is understood only beside what it answers
GIST = 12  # words of the parent that a short reply's header repeats
_TOKEN = re.compile(r"\S+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_LONG_TOKEN = 16  # characters; a longer run (a link, a hash) reads as several words to an encoder
_WORDS_OF_WIDE = 0.6  # a character of a script without spaces, in words
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_CLAUSE = re.compile(r"[,;:–—，、；]")


def passage_id(thread_id: str, comment_id: str, start: int) -> str:
    """Name a passage: the same for the same place of the same comment, whenever and wherever it is added.

    >>> passage_id("t", "t:1", 0)
    '9ec29d721bc0223ca840:0'
    """
    place = hashlib.sha256(f"{thread_id}\x1f{comment_id}".encode()).hexdigest()[:20]
    return f"{place}:{start}"


def sentence_id(passage: str, index: int) -> str:
    """Name the vector of a passage's sentence: `<passage id>#<index>`."""
    return f"{passage}#{index}"


@dataclass(frozen=True, slots=True)
class VectorText:
    """A text to be encoded under an id; `digest` tells whether a stored vector still fits it."""

    id: str
    sentence: bool
    text: str

    @property
    def digest(self) -> bytes:
        """Return 16 bytes that stand for the text."""
        return hashlib.sha256(self.text.encode()).digest()[:16]


def vector_texts(passage: Passage) -> list[VectorText]:
    """List what is encoded for a passage: the passage with its header, and each sentence where it has several."""
    texts = [VectorText(passage.id, False, passage.embedded)]
    if len(passage.sentences) > 1:
        for index, span in enumerate(passage.sentences):
            texts.append(VectorText(sentence_id(passage.id, index), True, passage.at(span)))
    return texts


def count_words(text: str) -> float:
    """Estimate the words of a text as an encoder reads it, in scripts with and without spaces."""
    total = 0.0
    for token in _TOKEN.findall(text):
        wide = len(_WIDE.findall(token))
        rest = len(token) - wide
        total += wide * _WORDS_OF_WIDE + (1 + (rest - 1) // _LONG_TOKEN if rest else 0)
    return total


def passages(thread: Thread) -> list[Passage]:
    """Cut a thread into passages, the article's first, then the comments' in document order."""
    found = []
    title = f"{thread.article.title}\n" if thread.article.title else ""
    for paragraph in _paragraphs(thread.article.text):
        found += [
            _passage(thread, ARTICLE, thread.article.text, part, title)
            for part in _pack(thread.article.text, paragraph)
        ]
    for comment in thread.visible:
        header = _header(thread, comment)
        for span in comment.own_spans:
            found += [_passage(thread, comment.id, comment.body, part, header) for part in _pack(comment.body, span)]
    return found


def _passage(thread: Thread, comment_id: str, body: str, spans: list[Span], header: str) -> Passage:
    start, end = spans[0][0], spans[-1][1]
    return Passage(
        id=passage_id(thread.id, comment_id, start),
        thread_id=thread.id,
        comment_id=comment_id,
        start=start,
        end=end,
        text=body[start:end],
        sentences=tuple(spans),
        embedded=header + body[start:end],
    )


def _paragraphs(text: str) -> Iterator[Span]:
    at = 0
    for gap in _PARAGRAPH.finditer(text):
        yield at, gap.start()
        at = gap.end()
    yield at, len(text)


def _pack(body: str, span: Span) -> Iterator[list[Span]]:
    """Gather sentences into runs of at most `MAX_WORDS` words; a longer sentence is cut at a clause or a word."""
    run: list[Span] = []
    words = 0.0
    for sentence in sentences(body, *span):
        for piece in _pieces(body, sentence):
            count = count_words(body[piece[0] : piece[1]])
            if run and words + count > MAX_WORDS:
                yield run
                run, words = [], 0.0
            run.append(piece)
            words += count
    if run:
        yield run


def _pieces(body: str, span: Span) -> Iterator[Span]:
    start, end = span
    if count_words(body[start:end]) <= MAX_WORDS:
        yield span
        return
    at, words, clause = start, 0.0, start
    last = start
    for token_start, token_end in _tokens(body, start, end):
        count = count_words(body[token_start:token_end])
        if words + count > MAX_WORDS and last > at:
            cut = clause if clause > at else last
            yield at, cut
            at = _next_word(body, cut, end)
            words = count_words(body[at:token_start])
        words += count
        last = token_end
        if words > MAX_WORDS / 2 and _CLAUSE.match(body, token_end - 1):
            clause = token_end
    if at < end:
        yield at, end


def _tokens(body: str, start: int, end: int) -> Iterator[Span]:
    """Yield words; a run without spaces (a link, a script that has none) comes in pieces."""
    step = 4 * _LONG_TOKEN
    for token in _TOKEN.finditer(body, start, end):
        for at in range(token.start(), token.end(), step):
            yield at, min(at + step, token.end())


def _next_word(body: str, at: int, end: int) -> int:
    token = _TOKEN.search(body, at, end)
    return token.start() if token else end


def _header(thread: Thread, comment: Comment) -> str:
    """Say who speaks and whom they answer, and for a short reply what about."""
    author = comment.author or "Somebody"
    parent = thread.parent(comment)
    if parent is None or not parent.visible:
        return f"{author}:\n"
    whom = parent.author or "somebody"
    if count_words(comment.body) >= SHORT_REPLY:
        return f"{author}, answering {whom}:\n"
    return f"{author}, answering {whom} ({_gist(parent)}):\n"


def _gist(comment: Comment) -> str:
    own = " ".join(comment.body[start:end] for start, end in comment.own_spans)
    words = own[: 40 * GIST].split()
    return " ".join(words[:GIST])[: 12 * GIST] + (" …" if len(words) > GIST else "")
