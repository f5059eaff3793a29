"""How friendly or critical words sound: VADER, a lexicon with rules for negation and degree. English; 0 elsewhere."""

from functools import cache
from typing import TYPE_CHECKING

from rag.lexical import language_of

if TYPE_CHECKING:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

__all__ = ["feeling"]


@cache
def _reader() -> "SentimentIntensityAnalyzer":
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def feeling(text: str) -> float:
    """Return from -1 (critical) over 0 (neither, or not in a language that is known) to 1 (friendly).

    >>> feeling("What a waste.") < 0 < feeling("A great help, thank you!")
    True
    """
    if language_of(text) != "english":  # "die" is an article in German
        return 0.0
    return float(_reader().polarity_scores(text)["compound"])
