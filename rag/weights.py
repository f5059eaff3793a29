"""How much each kind of evidence counts for each way of asking. Found by measurement: see `eval/DECISIONS.md`."""

import re
from dataclasses import dataclass, fields, replace

from rag.lexical import words

__all__ = ["ACROSS", "INSIDE", "LATER_ACROSS", "STATEMENT", "Weights", "is_question", "mixed"]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts; every kind is first brought to standard deviations of the scope.

    Words: the comment's BM25, its best sentence by spelling (runs of four characters), and by the share of the
    question's rarity it holds. Meaning: cosine of the comment, its best passage, its best sentence. `size` is
    subtracted per logarithm of a comment's passages: the best of many is high by chance. `head` is for the thread's
    subject where several are in scope, `window` for the turns around one in a conversation; `asking` prefers what
    looks like an answer where the thread asks the same.
    """

    words: float
    spelling: float
    share: float
    comment: float
    passage: float
    sentence: float
    size: float
    head: float
    window: float
    asking: bool

    @property
    def total(self) -> float:
        """Return what scores are divided by, so that questions and statements score alike."""
        return self.words + self.spelling + self.share + self.comment + self.passage + self.sentence


STATEMENT = Weights(
    0.45, 0.85, 0.35, comment=0.0, passage=0.0, sentence=0.6, size=0.0, head=0.5, window=0.6, asking=False
)
INSIDE = Weights(0.7, 0.7, 0.3, comment=0.1, passage=0.7, sentence=1.5, size=1.0, head=0.0, window=3.0, asking=True)
ACROSS = Weights(0.35, 0.35, 0.0, comment=1.0, passage=1.4, sentence=0.5, size=1.0, head=3.0, window=3.0, asking=True)
# A form that carries the turns before: long, so its vector means several things at once, while its words stay exact.
LATER_ACROSS = replace(ACROSS, words=1.0, spelling=0.5)

_QUESTION_MARK = re.compile(r"[?？؟]")
_OPENINGS = (
    "what who whom whose which when where why how is are was were do does did can could should would will has have had"
    " summarize summarise describe explain list tell name give compare find show outline discuss"
    " wer wen wem wessen welche welcher welches wann wo warum wieso weshalb wie ist sind hat haben gibt kann"
    " qui que quoi quel quelle quels quelles quand où pourquoi comment est qué quién cuál cuándo dónde cómo"
    " chi cosa quale quando dove perché come wat waar wanneer waarom hoe"
)
_OPENERS = frozenset(_OPENINGS.split())


def is_question(text: str) -> bool:
    """Tell whether a text asks, rather than states something: by its mark, or the word it opens with.

    >>> is_question("Summarise the objections"), is_question("The ferries are slow.")
    (True, False)
    """
    if _QUESTION_MARK.search(text):
        return True
    opening = words(text[:200])[:1]
    return bool(opening) and opening[0].split("'")[0] in _OPENERS


def mixed(first: Weights, second: Weights, share: float) -> Weights:
    """Return weights between two: 0 gives the first, 1 the second; `asking` is that of the first."""
    numbers = [field.name for field in fields(Weights) if field.name != "asking"]
    return replace(
        first, **{name: (1 - share) * getattr(first, name) + share * getattr(second, name) for name in numbers}
    )
