"""Words by which people say that they agree or disagree. Explicit signs only; silence is no position."""

import re
from typing import Literal

__all__ = ["Position", "position"]

Position = Literal["agrees", "disagrees", "none"]

_AGREE = (
    r"(?:i|we) (?:\w+ )?(?:agree|concur)\b",
    r"(?:^|[.!] )(?:agreed|exactly|indeed|amen|absolutely|precisely|true|yes|yep|yeah|this(?= *[.!]|$)|so true"
    r"|seconded)\b",
    r"(?:\bi|\bwe)(?:['’]m| am|['’]re| are) (?:all |still |completely )?(?:for|in favou?r of) (?!\w+ing\b)",
    r"\bich bin (?:\w+ )?(?:dafür|für)\b",
    r"\w+(?:['’]re|['’]s| are| is) (?:\w+ )?(?:right|correct|spot on)\b",
    r"\b(?:well said|well put|good point|great point|fair point|nice work|spot on|hear,? hear|same here|me too)\b",
    r"(?<!\d)\+1\b",
    r"couldn['’]t agree more|could not agree more|\bi (?:fully |totally )?support\b|\bon (?:the )?same page\b",
    r"\b(?:ich stimme|stimmt|genau|sehe ich (?:auch )?so|da gebe ich .{1,20} recht)\b",
    r"\b(?:d['’]accord|tout à fait|exactement)\b",
    r"\b(?:estoy de acuerdo|de acuerdo|exacto|tienes razón|同意|赞同|说得对)",
)
_DISAGREE = (
    r"(?:i|we) (?:\w+ )?(?:disagree|object|dissent)\b",
    r"\b(?:do not|don['’]t|cannot|can['’]t|wouldn['’]t|never) (?:really |quite |fully )?agree\b",
    r"\b(?:to|on|quite) the contrary\b|\bnot (?:so|true|quite|really|convinced)\b",
    r"\b(?:nonsense|rubbish|bullshit)\b",
    r"(?:\bi|\bwe)(?:['’]m| am|['’]re| are) (?!not )(?:\w+ )?against\b"
    r"|\bich bin (?!nicht )(?:\w+ )?(?:gegen|dagegen)\b",
    r"(?:^|[.!] )(?:nope|wrong|no(?= *[,.;:!–—]))\b",
    r"\w+(?:['’]re|['’]s| are| is) (?:\w+ )?(?:wrong|mistaken|incorrect|false|absurd)\b",
    r"\bi (?:doubt|don['’]t (?:think|buy|believe|see))\b|\bmisses the point\b|\bstraw ?man\b|\bcitation needed\b",
    r"\bcan you .{1,60} without\b|\bhow can you\b|\bthat doesn['’]t (?:follow|make sense)\b",
    r"\b(?:stimmt nicht|da irr|widerspreche|unsinn|quatsch|falsch|im gegenteil)\b",
    r"\b(?:je ne suis pas d['’]accord|faux|au contraire)\b",
    r"\b(?:no estoy de acuerdo|falso|al contrario|不同意|反对)",
)
_OPENING = re.compile(r"\W*(?:no|sorry|hardly|except|but|however|actually|really)\b", re.IGNORECASE)
"""What a reply begins with that takes the other side; further on, the same words only turn its own thought."""
_AGREES = re.compile("|".join(_AGREE), re.IGNORECASE)
_DISAGREES = re.compile("|".join(_DISAGREE), re.IGNORECASE)
_STRONG = re.compile("|".join((_DISAGREE[0], _DISAGREE[1], _DISAGREE[2])), re.IGNORECASE)


def position(text: str, *, opens: bool = True) -> Position:
    """Tell the explicit position that a reply takes in its words; the earlier sign wins, plain disagreement first.

    `opens` tells that the comment begins with the text.

    >>> position("I agree. The definition game is over.")
    'agrees'
    >>> position("I don't agree with any of this.")
    'disagrees'
    >>> position("But the ferry leaves at nine."), position("But the ferry leaves at nine.", opens=False)
    ('disagrees', 'none')
    >>> position("The ferry leaves at nine.")
    'none'
    """
    against, agreeing = (opens and _OPENING.match(text)) or _DISAGREES.search(text), _AGREES.search(text)
    if against is None:
        return "agrees" if agreeing else "none"
    if agreeing is None or _STRONG.search(text):
        return "disagrees"
    return "disagrees" if against.start() <= agreeing.start() else "agrees"
