"""Pick the sentence that stands for a comment: the one that carries most of what its thread talks about. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from ingest.thread import ARTICLE, Span, Thread
from rag.evidence import Hit, Passage
from rag.hostile import gives_orders
from rag.lexical import terms

__all__ = ["Salience"]


class Salience:
    """Word weights of one thread: words used by several comments count, words used by all of them less."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        comments: dict[str, set[str]] = {}
        for passage in passages:
            comments.setdefault(passage.comment_id, set()).update(terms(passage.text))
        used = Counter(term for words in comments.values() for term in words)
        total = max(2, len(comments))
        self._weight = {term: math.log(1 + n) * math.log((total + 1) / n) for term, n in used.items()}

    def score(self, text: str) -> float:
        """Return how much a sentence carries; a fair length is preferred, a question or a fragment is not."""
        words = terms(text)
        length = len(text.split())
        if not words:
            return 0.0
        mass = sum(self._weight.get(term, 0.0) for term in set(words)) / math.sqrt(len(words) + 4)
        fair = min(1.0, length / 8) * (1.0 if length <= 40 else 40 / length)
        return mass * fair * (0.6 if text.rstrip().endswith("?") else 1.0)

    def best(self, passages: Iterable[Passage]) -> tuple[Passage, Span, float] | None:
        """Return the passage, span and score of the best sentence of some passages; earlier ones win a near tie."""
        best: tuple[Passage, Span, float] | None = None
        place = 0
        for passage in passages:
            for span in passage.sentences:
                if gives_orders(passage, span):
                    continue
                text = passage.at(span)
                score = self.score(text) * (1.0 + 0.25 / (1 + place))
                place += 1
                if best is None or score > best[2]:
                    best = (passage, span, score)
        return best

    def hit(self, thread: Thread, passages: Iterable[Passage]) -> Hit | None:
        """Return the best sentence as a hit, or None where there are no words."""
        found = self.best(passages)
        if found is None:
            return None
        passage, span, score = found
        comment = thread.get(passage.comment_id)
        author = comment.author if comment else thread.article.author
        return Hit(passage, score, author, comment.tag if comment else ARTICLE, span)
