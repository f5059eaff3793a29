"""What stands around a comment: its thread's subject, the turns beside it, and whether it looks like an answer.

A question that a thread itself asks is answered by its early, substantial replies; thanks, counter-questions and the
asker's own later messages are not what is looked for. In a conversation (few people, many short turns) a turn is
understood only among its neighbours. Both are read off the thread, never off where it comes from.
"""

import re
from collections import Counter

import numpy as np

from ingest.thread import ARTICLE, Thread
from rag.lexical import BM25, Counts
from rag.pool import Floats, Pool, unit
from rag.ports import Vectors

__all__ = ["WINDOW", "Surroundings", "is_conversation"]

WINDOW = 4  # turns before and after
_TURNS = 40  # fewer turns than this are read one by one
_TURNS_EACH = 4  # turns a person, from which on a flat thread is a conversation
_THANKS = re.compile(
    r"\b(?:thanks|thank you|thx|tnx|danke|merci|gracias|grazie|obrigad[oa]|bedankt|tack|спасибо)\b|谢谢|ありがとう",
    re.IGNORECASE,
)
_MAYBE_THANKS = (
    "thank", "thx", "tnx", "danke", "merci", "gracias", "grazie", "obrigad", "bedankt", "tack", "спасибо", "谢谢",
    "ありがとう",
)  # fmt: skip
_ASKS = re.compile(r"[?？؟]")


def is_conversation(thread: Thread) -> bool:
    """Tell whether a thread is talk in turns: flat, and each person speaks many times."""
    turns = thread.visible
    people = {turn.author for turn in turns if turn.author}
    replies = sum(turn.parent_id is not None for turn in turns)
    return len(turns) >= max(_TURNS, _TURNS_EACH * len(people)) and replies * 5 <= len(turns) and bool(people)


def _thanks(text: str) -> bool:
    """Tell whether a text thanks; looked for exactly only where a part of such a word occurs."""
    folded = text.casefold()
    return any(part in folded for part in _MAYBE_THANKS) and _THANKS.search(text) is not None


class Surroundings:
    """The surroundings of every comment of a pool, row by row, computed once a pool.

    `asks`, `thanks` (0 or 1), `again` (how many other messages its author wrote), `place` (0 first in its thread),
    `length` (logarithm of its words), `passages` (how many it is cut into), `article` (it is one), `alone` (it is
    its thread's only text); `turns` tells who is part of a conversation, whose `window_*` are what it and its
    neighbours say together.
    """

    def __init__(self, pool: Pool) -> None:
        self.asks, self.thanks, self.again, self.place = (np.zeros(len(pool.comments), np.float32) for _ in range(4))
        self.passages: Floats = np.bincount(pool.comment_of, minlength=len(pool.comments)).astype(np.float32)
        self.article = np.asarray([comment_id == ARTICLE for _, comment_id in pool.comments], np.bool_)
        self.several = len(pool.parts) > 1
        self.alone = np.bincount(pool.part_of_comment, minlength=len(pool.parts))[pool.part_of_comment] == 1
        messages = [Counter(comment.author for comment in part.thread.visible if comment.author) for part in pool.parts]
        seen: Counter[int] = Counter()
        for row, (_, comment_id) in enumerate(pool.comments):
            number = int(pool.part_of_comment[row])
            comment = pool.parts[number].thread.get(comment_id)
            if comment is None:
                continue
            self.asks[row] = _ASKS.search(comment.body) is not None
            self.thanks[row] = _thanks(comment.body)
            self.again[row] = max(0, messages[number][comment.author or ""] - 1)
            self.place[row] = seen[number]
            seen[number] += 1
        self.length: Floats = np.log1p(pool.lengths)
        self._windows(pool)

    def _windows(self, pool: Pool) -> None:
        talks = np.asarray([is_conversation(part.thread) for part in pool.parts], np.bool_)
        self.turns = talks[pool.part_of_comment] & ~self.article if len(pool.parts) else self.article
        self.window_words: BM25 | None = None
        self.window_vectors: Vectors = pool.comment_vectors
        if not self.turns.any():
            return
        count = len(pool.comments)
        rows, columns = [], []
        total = np.zeros_like(pool.sums)
        for offset in range(-WINDOW, WINDOW + 1):
            source = np.flatnonzero(self.turns)
            source = source[(source + offset >= 0) & (source + offset < count)]
            same = pool.part_of_comment[source + offset] == pool.part_of_comment[source]
            source = source[same & self.turns[source + offset]]
            total[source + offset] += (1 - abs(offset) / (WINDOW + 1)) * pool.sums[source]
            kept = np.isin(pool.counts.rows, source)
            rows.append(pool.counts.rows[kept] + offset)
            columns.append(pool.counts.columns[kept])
        self.window_vectors = unit(total)
        joined = Counts(np.concatenate(rows), np.concatenate(columns), pool.counts.vocabulary, count)
        self.window_words = BM25(joined, k1=1.2, b=0.75)
