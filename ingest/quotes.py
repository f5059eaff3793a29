"""Whose words are quoted: link quotations to the comment (or article) they repeat, and find those without a mark.

Texts are compared as sequences of folded words, so case, punctuation and the shape of quotation marks do not matter.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ingest.runs import GRAM, Words, ahead, back, weight
from ingest.thread import ARTICLE, Comment, Quote, Span, Thread

__all__ = ["link_quotes"]

_ELISION = re.compile(r"\[\s*(?:\.{3}|…|snip)\s*\]|\.{3,}|…|\n\s*\n")
_OPENING = re.compile(r"(?:^[ \t]*>+[ \t]*)?[\"“„‘'«‹「『(\[*_]*\Z", re.MULTILINE)
_CLOSING = re.compile(r"[.?!…,;:。？！，、]*[\"”“’'»›」』)\]*_]*[.?!…。]*")

_BORDER = re.compile(r"[.?!:;…。？！\n\"“”„«»‹›「」『』>]|''|‘|’\s")
_SENTENCE_END = re.compile(r"[.?!]\W*\s|[。？！\n]")

_STRIDE = 4  # every fourth place of a source is kept: any run of 8 words holds one
_RUN = 8  # words that make an unmarked quotation of what a comment answers
_PHRASE = 12  # words from which a run is a quotation wherever it stands
_LOOSE_RUN = 10  # … of a comment that it does not answer
_ANCESTORS = 12
_NEAR = 200
_POSTINGS = 48
_LOOKUPS = 1_000_000  # comments looked at for short quotations, in a whole thread
_KEPT = 4000  # comments whose words are held at a time: about 25 MB
_LIKENESS = 0.4
_ALL = 0.9


def link_quotes(thread: Thread) -> Thread:
    """Return the thread with its quotations linked to what they repeat.

    A marked quotation gets the comment whose own words hold it: an ancestor first, then the article, then any other;
    where no text holds it word for word, the one that comes nearest. An unmarked run of at least eight words that an
    ancestor or the article holds becomes a quotation. What cannot be found stays as it is.
    """
    linker = _Linker(thread)
    comments = tuple(linker.linked(place) for place in range(len(thread.comments)))
    if all(new is old for new, old in zip(comments, thread.comments, strict=True)):
        return thread
    return replace(thread, comments=comments)


def _forget(cache: dict[int, Any]) -> None:
    """Drop the older half of a full cache: what a comment may quote stands mostly near it."""
    if len(cache) > _KEPT:
        for key in list(cache)[: _KEPT // 2]:
            del cache[key]


class _Linker:
    """Works through a thread in document order, so that an ancestor's own quotations are known before its replies."""

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.comments = list(thread.comments)
        self.places = {comment.id: place for place, comment in enumerate(self.comments)}
        self.words: dict[int, Words] = {}
        self.article = Words(thread.article.text)
        self._sources: dict[int, dict[int, int]] = {}
        self._index: dict[int, list[int]] | None = None
        self._seen: dict[int, int] = {}
        self.budget = _LOOKUPS

    def linked(self, place: int) -> Comment:
        """Return a comment with its quotations linked and the unmarked ones added."""
        comment = self.comments[place]
        if not comment.visible or not comment.body:
            return comment
        above = self._above(comment)
        quotes = [self._link(place, quote, above) for quote in comment.quotes]
        quotes += self._unmarked(place, quotes, above)
        quotes.sort(key=lambda quote: (quote.start, -quote.end))
        if tuple(quotes) != comment.quotes:
            comment = self.comments[place] = replace(comment, quotes=tuple(quotes))
        for gram in self._source(place):
            self._seen.setdefault(gram, place)
        return comment

    def _above(self, comment: Comment) -> list[int]:
        above: list[int] = []
        at = comment.parent_id
        while at is not None and len(above) < _ANCESTORS:
            place = self.places[at]
            above.append(place)
            at = self.comments[place].parent_id
        return above

    def _of(self, place: int) -> Words:
        """Return the words of a comment, or of the article for -1."""
        if place < 0:
            return self.article
        words = self.words.get(place)
        if words is None:
            words = self.words[place] = Words(self.comments[place].body)
            _forget(self.words)
        return words

    def _source(self, place: int) -> dict[int, int]:
        """Return every fourth five-word run of a text with its place."""
        source = self._sources.get(place)
        if source is None:
            grams = self._of(place).grams
            source = self._sources[place] = {grams[at]: at for at in range(0, len(grams), _STRIDE)}
            _forget(self._sources)
        return source

    def _origin(self, place: int, start: int, end: int) -> tuple[str | None, str | None] | None:
        """Name the owner of the words of a text: itself, or whom it quotes there; None where that is unknown."""
        if place < 0:
            return ARTICLE, self.thread.article.author
        comment, words = self.comments[place], self._of(place)
        middle = words.starts[min((start + end) // 2, len(words.starts) - 1)]
        for quote in reversed(comment.quotes):
            if quote.start <= middle < quote.end:
                return (quote.comment_id, quote.author) if quote.comment_id else None
        return comment.id, comment.author

    def _link(self, place: int, quote: Quote, above: Sequence[int]) -> Quote:
        """Return a marked quotation with its source, where one is found."""
        if quote.comment_id is not None:
            other = self.comments[self.places[quote.comment_id]] if quote.comment_id in self.places else None
            return replace(quote, author=quote.author or (other.author if other else None))
        words = self._of(place)
        first, last = words.inside(quote.start, quote.end)
        keys = words.keys[first:last]
        if not keys:
            return quote
        found = self._exact(place, keys, above) or self._nearest(place, quote, first, last, above)
        if found is None:
            return quote
        return replace(quote, comment_id=found[0], author=found[1] or quote.author)

    def _exact(self, place: int, keys: list[str], above: Sequence[int]) -> tuple[str | None, str | None] | None:
        for other in self._order(place, keys, above):
            at = self._of(other).find(keys)
            if at >= 0:
                origin = self._origin(other, at, at + len(keys))
                if origin is not None and origin[0] != self.comments[place].id:
                    return origin
        return None

    def _order(self, place: int, keys: list[str], above: Sequence[int]) -> Iterator[int]:
        """Yield the texts that may hold a quotation: ancestors, the article, then others, the nearest first."""
        yield from above
        if len(keys) < 2:
            return
        yield -1
        tried = {place, *above}
        near = (at for at in range(place - 1, max(-1, place - 1 - _NEAR), -1) if at not in tried)
        if len(keys) < _RUN:
            for other in near:
                self.budget -= 1
                if self.budget < 0:
                    return
                yield other
            return
        for gram in Words(" ".join(keys)).grams[:_STRIDE]:
            for at in self.index.get(gram, ()):
                if at not in tried:
                    tried.add(at)
                    yield at

    @property
    def index(self) -> dict[int, list[int]]:
        """Return the comments by their five-word runs, made when the first quotation has no ancestor that holds it."""
        if self._index is None:
            self._index = {}
            for place, comment in enumerate(self.comments):
                if comment.visible:
                    for gram in self._source(place):
                        held = self._index.setdefault(gram, [])
                        if len(held) < _POSTINGS:
                            held.append(place)
        return self._index

    def _nearest(
        self, place: int, quote: Quote, first: int, last: int, above: Sequence[int]
    ) -> tuple[str | None, str | None] | None:
        """Find a quotation that was shortened or retyped: by its longest piece, else by the runs it shares."""
        body, words = self.comments[place].body, self._of(place)
        pieces = [Words(piece).keys for piece in _ELISION.split(body[quote.start : quote.end])]
        longest = max(pieces, key=len, default=[])
        if 4 <= len(longest) < last - first:
            found = self._exact(place, longest, above)
            if found is not None:
                return found
        grams = words.grams[first : max(first, last - GRAM + 1)]
        if len(grams) < 4:
            return None
        shared: dict[int, int] = {}
        for other in (*above, -1):
            source = self._source(other)
            shared[other] = sum(gram in source for gram in grams)
        for gram in grams:
            for other in self.index.get(gram, ()):
                if other != place and other not in above:
                    shared[other] = shared.get(other, 0) + 1
        best = max(shared, key=lambda other: (shared[other], other in above), default=None)
        if best is None or shared[best] * _STRIDE < _LIKENESS * len(grams):
            return None
        at = next(self._source(best)[gram] for gram in grams if gram in self._source(best))
        return self._origin(best, at, at + GRAM)

    def _unmarked(self, place: int, quotes: Sequence[Quote], above: Sequence[int]) -> list[Quote]:
        """Find the runs of a comment that an ancestor or the article holds word for word."""
        others = [*above, -1] if self.article.keys else list(above)
        words = self._of(place)
        if len(words.keys) < _RUN or not (others or place):
            return []
        taken = bytearray(len(words.keys))
        for quote in quotes:
            first, last = words.inside(quote.start, quote.end)
            taken[first:last] = b"\1" * (last - first)
        found: list[Quote] = []
        mine = set(words.grams)
        for other in others:
            if not mine.isdisjoint(self._source(other)):
                runs = self._runs(place, other, taken, _RUN)
                if other >= 0 or not self._is_all(place, runs):
                    found += runs
        if not above and place:
            for other in self._earlier(place, mine):
                found += self._runs(place, other, taken, _LOOSE_RUN)
        return found

    def _is_all(self, place: int, runs: Sequence[Quote]) -> bool:
        """Tell whether runs leave a comment no words of its own: then an article holds the comment, not vice versa."""
        words = self._of(place)
        covered = sum(last - first for first, last in (words.inside(run.start, run.end) for run in runs))
        return covered >= _ALL * len(words.keys)

    def _earlier(self, place: int, mine: set[int]) -> list[int]:
        """Return the earlier comments of other people that share a run of words with one that answers nobody."""
        author = self.comments[place].author
        counts: dict[int, int] = {}
        for gram in self._seen.keys() & mine:
            other = self._seen[gram]
            if author is None or self.comments[other].author != author:
                counts[other] = counts.get(other, 0) + 1
        return sorted(counts, key=lambda other: (-counts[other], other))[:_ANCESTORS]

    def _runs(self, place: int, other: int, taken: bytearray, least: int) -> list[Quote]:
        """Return the runs that a comment shares with a text, leaving out words already taken as quoted."""
        mine, theirs, source = self._of(place), self._of(other), self._source(other)
        grams = mine.grams
        found: list[Quote] = []
        at = 0
        while at < len(grams):
            there = source.get(grams[at])
            if there is None or taken[at]:
                at += 1
                continue
            roof = taken.find(1, at)
            roof = len(mine.keys) if roof < 0 else roof
            start, start_there = back(mine.keys, theirs.keys, at, there, taken.rfind(1, 0, at) + 1)
            end, end_there = ahead(mine.keys, theirs.keys, start, start_there, roof)
            start, end = self._sentences(place, start, end)
            size = weight(mine.keys[start:end])
            if size < least or self._own(place, other, start, end) or not self._stands_out(place, start, end, size):
                at += 1
                continue
            origin = self._origin(other, start_there, end_there)
            if origin is not None and origin[0] != self.comments[place].id:
                found.append(Quote(*self._trimmed(place, start, end), *origin))
                taken[start:end] = b"\1" * (end - start)
            at = max(end, at + 1)
        return found

    def _own(self, place: int, other: int, start: int, end: int) -> bool:
        """Tell a person's repeated signature or double post from a quotation: it ends both of their comments."""
        mine, theirs = self.comments[place], self.comments[other] if other >= 0 else None
        if theirs is None or mine.author is None or mine.author != theirs.author:
            return False
        return (
            end == len(self._of(place).keys) and self._of(other).keys[start - end :] == self._of(place).keys[start:end]
        )

    def _stands_out(self, place: int, start: int, end: int, size: float) -> bool:
        """Tell a quotation from a turn of phrase: a short run begins or ends with a sentence or a quotation mark."""
        if size >= _PHRASE:
            return True
        body, words = self.comments[place].body, self._of(place)
        before = body[words.ends[start - 1] if start else 0 : words.starts[start]]
        after = body[words.ends[end - 1] : words.starts[end] if end < len(words.starts) else len(body)]
        return start == 0 or end == len(words.keys) or bool(_BORDER.search(before) or _BORDER.search(after))

    def _sentences(self, place: int, start: int, end: int) -> Span:
        """Leave out one or two shared words that belong to the sentence before or after the run."""
        body, words = self.comments[place].body, self._of(place)
        for more in (2, 1):
            if end - start > _RUN + more:
                if _SENTENCE_END.search(body, words.ends[end - more - 1], words.starts[end - more]):
                    end -= more
                if _SENTENCE_END.search(body, words.ends[start + more - 1], words.starts[start + more]):
                    start += more
        return start, end

    def _trimmed(self, place: int, start: int, end: int) -> Span:
        """Return the characters of a run, with the quotation marks and the full stop that belong to it."""
        body, words = self.comments[place].body, self._of(place)
        first, last = words.starts[start], words.ends[end - 1]
        opening = _OPENING.search(body, words.ends[start - 1] if start else 0, first)
        closing = _CLOSING.match(body, last, words.starts[end] if end < len(words.starts) else len(body))
        return opening.start() if opening else first, closing.end() if closing else last
