"""Words by which people say that they agree or disagree. Explicit signs only; silence is no position."""

import re
from collections.abc import Collection
from typing import Literal

from rag.lexical import terms

__all__ = ["Position", "position", "side"]

Position = Literal["agrees", "disagrees", "none"]

_AGREE = (
    r"(?:i|we) (?:\w+ )?(?:agree|concur)\b",
    r"(?:^|[.!] )(?:\W*\d+ ?% |totally |fully |completely |strongly |absolutely |quite |very much )?agree\b",
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
_OPENING = re.compile(
    r"\W*(?:(?:no|sorry|hardly|except|but|however|actually|and yet|huh|come on|not really|oh please)\b"
    r"|(?:really|seriously|source|proof|evidence|since when|says who|so what)\b[^.!?\n]{0,30}\?"
    r"|(?:what|how|why) (?:on earth|the (?:hell|heck)|are you|is your|makes you)\b[^.!\n]{0,80}\?"
    r"|(?:are|is|do) you (?:serious|seriously|kidding|joking|really)\b|you(?:['’]re| are) (?:kidding|joking|missing)\b"
    r"|you (?:forget|forgot|miss|missed|ignore|overlook)\b)",
    re.IGNORECASE,
)
"""What a reply begins with that takes the other side; further on, the same words only turn its own thought."""
_CONCEDING = re.compile(
    r"\W*(?:yes|yeah|yep|sure|true|right|okay|ok|granted|fair (?:point|enough)|agreed|good point|of course|in principle"
    r"|ja|oui)\b[^\n]{0,80}?[,.;:!–—-]\s*(?:but|however|except|although|though|yet|still|aber|mais|pero)\b",
    re.IGNORECASE,
)
"""What grants a point and turns: the side is the one that follows, which these words do not tell."""
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
    >>> position("Yeah, in principle. But the ferry is late.")
    'none'
    >>> position("The ferry leaves at nine.")
    'none'
    """
    if opens and _CONCEDING.match(text):
        return "disagrees" if _STRONG.search(text) else "none"
    against, agreeing = (opens and _OPENING.match(text)) or _DISAGREES.search(text), _AGREES.search(text)
    if against is None:
        return "agrees" if agreeing else "none"
    if agreeing is None or _STRONG.search(text):
        return "disagrees"
    return "disagrees" if against.start() <= agreeing.start() else "agrees"


_I = (
    r"\b(?:i|we)(?:['’](?:m|re|d|ve)| am| are| do| would| have)?"
    r"(?: (?:[a-z]+ly|also|all|still|very much|quite|just)){0,2}"
)
_NOT = r"(?: not|n['’]t| never| cannot| can['’]t)(?: (?:[a-z]+ly|be))?"
_IN_FAVOUR = (
    r"(?:support|favou?r|endorse|applaud|welcome|(?:stand|am|are) behind|in favou?r of|for(?! \w+ing\b)|pro|approve of"
    r"|agree(?! that\b|,? but\b| with (?:you|him|her|them|those|@|the (?:author|article|others?)|[A-Z])))\b"
)
_OPPOSED = (
    r"(?:oppose|opposed to|against|(?:vote|be|argue) against|object to|disapprove of|reject"
    r"|disagree(?! with (?:you|him|her|them|those|@|[A-Z])))\b"
)
_SIDES = tuple(
    (taken, re.compile(f"(?:{first}) {then}" if then else first, re.IGNORECASE))
    for taken, first, then in (
        ("disagrees", _I + _NOT, _IN_FAVOUR),
        ("agrees", _I, _IN_FAVOUR),
        ("disagrees", _I, _OPPOSED),
        ("agrees", r"\bich bin (?:\w+ )?(?:dafür|für)\b|\bje suis pour\b|\bestoy a favor\b", ""),
        ("disagrees", r"\bich bin (?!nicht )(?:\w+ )?(?:gegen|dagegen)\b|\bje suis contre\b|\bestoy en contra\b", ""),
    )
)
_SENTENCE = re.compile(r"[^.!?…\n]+")
_PAUSE = re.compile(r"\s*[,:;–—]")
_IT = re.compile(r"\W*(?:it|this|that|the (?:idea|plan|proposal|project|whole thing))\b(?! \w)", re.IGNORECASE)


_OBJECT = 6
"""Within so many words after its verb a sentence must name the subject that it takes a side on."""


def side(text: str, subject: Collection[str], *, alone: bool = False) -> Position:
    """Tell which side somebody takes on a subject in so many words, in the first person; the first such word wins.

    `subject` holds the subject's words as `rag.lexical.terms`. What is taken a side on must name one of them, or,
    where the comment stands `alone` and answers nobody, point at what is talked about. To agree that something else
    is so is no side, and neither is to agree with somebody.

    >>> side("We fully support the ferry.", {"ferri"}), side("I'm against it.", {"ferri"}, alone=True)
    ('agrees', 'disagrees')
    >>> side("I agree with Ben. The ferry is red.", {"ferri"}), side("I agree that a ferry is slow.", {"ferri"})
    ('none', 'none')
    """
    for sentence in _SENTENCE.findall(text):
        for taken, pattern in _SIDES:
            match = pattern.search(sentence)
            if match is None:
                continue
            after = sentence[match.end() :]
            near = " ".join(after.split()[:_OBJECT])
            plain = _PAUSE.match(after) and set(terms(after)) & set(subject)
            if plain or set(terms(near)) & set(subject) or (alone and _IT.match(after)):
                return "agrees" if taken == "agrees" else "disagrees"
    return "none"
