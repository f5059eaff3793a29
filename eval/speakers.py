"""Whom does a sentence name as the speaker? Written apart from the product's own check, so that it can fault it."""

import re
from collections.abc import Collection

from eval.measures import fold

__all__ = ["named_speakers"]

_VERBS = """
say says said state states stated write writes wrote argue argues argued claim claims claimed think thinks thought
believe believes believed ask asks asked note notes noted point points pointed add adds added explain explains explained
warn warns warned suggest suggests suggested report reports reported mention mentions mentioned object objects objected
agree agrees agreed disagree disagrees disagreed reply replies replied answer answers answered tell tells told
complain complains complained call calls called describe describes described doubt doubts doubted propose proposes
proposed recommend recommends recommended insist insists insisted deny denies denied criticise criticises criticised
criticize criticizes criticized feel feels felt find finds found blame blames blamed quote quotes quoted respond
responds responded comment comments commented counter counters countered remark remarks remarked observe observes
observed wonder wonders wondered hope hopes hoped praise praises praised expect expects expected
sagt sagte schreibt schrieb meint meinte findet fand fragt fragte antwortet antwortete glaubt glaubte behauptet
behauptete erklärt erklärte kritisiert kritisierte widerspricht widersprach warnt warnte hofft hoffte hält hielt
""".split()  # noqa: SIM905 - a list of words reads best as words
_VERB = rf"(?:{'|'.join(sorted(map(re.escape, _VERBS), key=len, reverse=True))})"
_BETWEEN = r"(?:\s+(?!to\b|an\b|von\b|that\b|dass\b)[\w'-]+){0,3}?"


def named_speakers(text: str, names: Collection[str]) -> tuple[str, ...]:
    """Return those of the names that the text makes the speaker, in the order of `names`.

    A speaker is the subject of a reporting verb ("Ada says", "Ada and Ben agree", "says Ada"), the name before a
    colon at the beginning, or stands after "according to". People who are addressed or talked about are not speakers.

    >>> named_speakers("Bianca tells Don that bombs kill.", ["Don", "Bianca"])
    ('Bianca',)
    """
    folded = fold(text)
    by_length = sorted(names, key=len, reverse=True)
    spoken = {name for name in by_length if _speaks(name, folded, by_length)}
    return tuple(name for name in names if name in spoken)


def _speaks(name: str, text: str, names: list[str]) -> bool:
    mine = rf"(?<!\w){re.escape(fold(name))}(?!\w)"
    longer = [other for other in names if len(other) > len(name) and re.search(mine, fold(other))]
    for other in longer:  # "Ann" in "Ann Lee says" is not Ann
        text = re.sub(rf"(?<!\w){re.escape(fold(other))}(?!\w)", "\x00", text)
    others = "|".join(re.escape(fold(other)) for other in names)
    conjunction = rf"(?:(?:\s*,\s*(?:{others}|\x00))*,?\s+(?:and|und)\s+(?:{others}|\x00))?"
    source = r"(?:\s*\([^)]{0,40}\))?"
    patterns = (
        rf"\b(?:according to|laut|nach ansicht von|in the view of|in the words of)\s+{mine}",
        rf"^\W*{mine}{source}(?:\s*\[[^\]]*\])?\s*:",
        rf"(?<!to )(?<!told )(?<!tells ){mine}{source}{conjunction}{_BETWEEN}\s+{_VERB}\b",
        rf"(?:^|[,.\"';:]\s*)(?:\w+ly\s+)?{_VERB}\s+{mine}\s*(?:[,.;:]|$)",
    )
    return any(re.search(pattern, text) for pattern in patterns)
