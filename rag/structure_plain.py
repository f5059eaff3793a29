"""A marked question in plain words: idioms, contractions, shorthand and slips spelled out for the frames. Pure."""

import re
from collections.abc import Callable

from rapidfuzz.distance import OSA

from rag.structure_words import PEOPLE, VOCABULARY
from rag.words import COMMON

__all__ = ["plain"]

_POLITE = re.compile(
    r"^(?:(?:please|so|ok|okay|hey|hi|hello|and|also|now|well)[, ]+)*"
    r"(?:(?:can|could|would|will) you(?: please)?(?: (?:tell me|say|show me|give me))?|(?:please )?tell me"
    r"|i(?:'d| would) like to (?:know|see)|i want to (?:know|see)|do you know|(?:i )?wonder(?:ing)?|any idea|give me"
    r"|show me|let me know|find out|what about|i am curious|curious)\s+(?=\w)"
)
_SHORTHAND = {
    "hw": "how", "wat": "what", "wht": "what", "ppl": "people", "peeps": "people", "msgs": "messages", "nr": "number",
    "pls": "", "plz": "", "please": "", "thx": "", "thanks": "", "u": "you", "r": "are", "whos": "who is",
    "whats": "what is", "wheres": "where is", "whens": "when is", "hows": "how is", "cmts": "comments",
    "didnt": "did not", "doesnt": "does not", "hasnt": "has not", "havent": "have not", "wasnt": "was not",
    "werent": "were not", "isnt": "is not",
}  # fmt: skip
_ROOM = r"(?:discussion|thread|debate|conversation|comment section|comments section|comments|topic)"
_WHOEVER = r"^(?:list |show |name )?(?:all )?(?:everyone|everybody|anyone|anybody|those|the ones|people)"
_STARTED = (
    rf"(?:kick(?:ed|s) (?:(?:it|things|this|(?:the|this) {_ROOM}) )?off"
    r"|got (?:it|things|this|the ball) (?:going|started|rolling))"
)
_ANSWER = "reply|respond|answer|react|get back"
_ANSWERED = "replied|replying|replies|responded|responding|responds|answered|answering|answers|reacted|reacting"
_RANKED = "first|last|latest|newest|earliest|final|most recent"
_JOINING = r"(?:show|turn|pop|pip|speak|chip|jump|butt|drop)(?:p|s|es|ing|ping|ed|ped|e)* (?:up|in)|spoke up"
_SIZES = r"(?:large|big|busy|active|lively|crowded|popular|extensive|long(?= is))"
_IGNORED = r"(?:ignored|overlooked|neglected|disregarded|unanswered)"
_IDIOMS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (rf"\b(?:{'|'.join(_SHORTHAND)})\b(?!')", lambda match: _SHORTHAND[match.group()]),
    (rf"\b(?:{_JOINING})\b", lambda match: "participating" if "ing " in match.group() else "participated"),
    (rf"\bhead ?count\b(?: of)?(?: (?:the |all )?{PEOPLE})?", "how many people"),
    (
        rf"\bhow {_SIZES} (?:is|was|did|has) (?:the|this|that) (?:whole |entire )?{_ROOM}"
        r"(?: (?:here|get|got|become|been|grown?))*\b",
        "how many comments",
    ),
    (rf"\bhow much of (?:the|this) (?:whole |entire )?{_ROOM}\b", "what share of comments"),
    (
        r"\bhow many (?:conversations|branches|sub-?threads|sub-?discussions) (?:were|was|got|have been)"
        r" (?:started|opened|begun)",
        "how many top-level comments",
    ),
    (rf"\b(?:one|single)-(?:time|off|comment|post) {PEOPLE}", "people who wrote only one comment"),
    (
        rf"^(?:(?:name|identify|show|who (?:is|was)) )?(?:the )?(?:very )?({_RANKED}) (?:{PEOPLE}|one)"
        r" ?(?:to (?:comment|post|write|reply|respond))?$",
        r"who wrote the \1 comment",
    ),
    (
        rf"\b(share|percentage|part|portion|fraction) of (?:the|this|all|all the) (?:whole |entire )?{_ROOM}\b",
        r"\1 of comments",
    ),
    (r"^which ones? (?=(?:did|does|has|have) P\d)", "which comments "),
    (rf"\bhow (?:recent|old|fresh) (?:is|was) (?=(?:the )?(?:C\d|{_RANKED}))", "when was "),
    (r"\b(?:exchange|back-and-forth|dialogue|interaction|conversation) between (?=P\d)", "reply between "),
    (
        r"\b(?:if (?:you|we|i|one) )?(?:leave|leaving|count) (?:out|without)\b"
        r"|\bif (?:you|we|i|one) (?:ignore|exclude|omit|skip)\b",
        "except",
    ),
    (r"[, ]+(?:right|correct|true|no|or not|isn't it|didn't (?:he|she|they))$", ""),
    (rf"^(?=[PC]\d+ (?:has |had )?(?:{_ANSWERED})(?: to)? [PC]\d+$)", "did "),
    (r"^(?:is it (?:true|right|correct|so|the case) that|am i right that|true or false:?) (?=[PC]\d)", "did "),
    (rf"^(?=[PC]\d+ (?:ever )?(?:{_ANSWER})\b)", "did "),
    (rf"^([PC]\d+) (?:was |is )?(?:{_ANSWERED})(?: to)? (?:whom?|which {PEOPLE})$", r"whom did \1 reply to"),
    (
        r"^(?!did|does|do|has|have|is|are|was|were)(.*?)\s*[,;:–-]+ (how many|how often|who|whose)(?: are there)?$",
        r"\2 \1",
    ),
    (
        rf"^(who|which {PEOPLE}|how many {PEOPLE}|{PEOPLE}) (?:was|were|got|get|is|are|went) (?:left )?{_IGNORED}\b",
        r"\1 got no reply",
    ),
    (r"\bleft hanging\b(?: (?:there )?without .*)?", "unanswered"),
    (r"\bself-(repl(?:y|ies))\b", r"\1 to themselves"),
    (rf"\b(?:repeat|repeated|recurring|returning) {PEOPLE}", "people who wrote more than one comment"),
    (r"\bhow much (?:discussion|commenting|activity|conversation|debate)\b", "how many comments"),
    (
        r"\bhow (?:active|prolific|talkative|vocal|chatty|busy) (?:was|is|were|has) (P\d+)(?: been)?\b",
        r"how many comments did \1 write",
    ),
    (rf"\bwhat is the (?:name|username|handle) of (?:the )?(?={PEOPLE}|{_RANKED}|most)", "who is the "),
    (rf"{_WHOEVER} (?:who|that)\b", "who"),
    (rf"{_WHOEVER} with\b", "who wrote"),
    (
        r"\b(?:everything|all)(?: that)? (?=P\d+ (?:has |had |ever )?(?:wrote|written|posted|said|commented)\b)",
        "list comments ",
    ),
    (
        rf"\b(?:who|which {PEOPLE}) (?:first )?{_STARTED}(?: (?:in )?(?:the |this )?{_ROOM})?",
        "who wrote the first comment",
    ),
)
_EXPANSIONS = (
    (re.compile(r"\b(who|what|where|when|how|that|there|it|which)'s(?= )"), r"\1 is"),
    *((re.compile(pattern), spelled) for pattern, spelled in _IDIOMS),
    (re.compile(r"\b(article|story|piece|post|thread|essay|report|column)'s\b"), r"\1 's"),
    (re.compile(r"^((?:\w+ )*?)list (?=what|which)"), r"\1"),
    (re.compile(r"\bwho're\b"), "who are"),
    (re.compile(r"\b(\w+?)n't\b"), r"\1 not"),
    (re.compile(r"\bca not\b"), "can not"),
    (re.compile(r"\bwo not\b"), "will not"),
    (re.compile(r"\b(\w+)'ve\b"), r"\1 have"),
    (re.compile(r"\btop[ -]level\b"), "top-level"),
    (re.compile(r"\breplied[ -]to(?= (?:comment|post|commenter|person|one)s?\b)"), "replied-to"),
    (re.compile(r"\b(?:had|has|got|gets|have) the (last|final|first) (?:word|say)\b"), r"wrote the \1 comment"),
    (re.compile(r"\b(?:the )?(?:full |complete )?(?:names?|list) of (?:all )?(?:the )?(?=\w)"), "list "),
    (re.compile(r"\beverything (?=(?:by|from|of|that)\b)"), "comments "),
    (
        re.compile(
            rf"\b(?:who|which {PEOPLE}) (?:opened|started|began|kicked off) (?:the|this)"
            r" (?:discussion|conversation|debate|comments)\b"
        ),
        "who wrote the first comment",
    ),
    (
        re.compile(r"\bwho (?:ended|closed|concluded) (?:the|this) (?:discussion|conversation|debate)\b"),
        "who wrote the last comment",
    ),
    (
        re.compile(
            r"\b(?:any(?:one|body)|some(?:one|body)|an? (?:user|person|commenter|poster)) (?:called|named) (P\d+)"
        ),
        r"\1",
    ),
    (
        re.compile(r"\b(?:other than|apart from|aside from|except for|excluding|not counting|someone else than)\b"),
        "except",
    ),
    (re.compile(r"\bnot (?:written|made|posted|left) by\b"), "not by"),
    (re.compile(r"\b(?:each other|one another)\b"), "reciprocally"),
    (
        re.compile(
            r"\s*\b(?:at (?:any|some) point|so far|to date|up to now|until now|by now|already|yet|all told|in all"
            r"|at all)\b"
        ),
        "",
    ),
    (re.compile(r"\bwrote back\b"), "replied"),
    (re.compile(r"\bwrite back\b"), "reply"),
    (re.compile(r"\b(?:got|get|gets) back to\b"), "replied to"),
)


def plain(text: str) -> str:
    """Spell out contractions and idioms of a marked question, and drop its politeness."""
    text = _spelled(re.sub(r"[?!.]+(?= |$)", " ", text).strip())
    for pattern, spelled in _EXPANSIONS:
        text = pattern.sub(spelled, text)
    previous = None
    while previous != text:
        previous = text
        text = _POLITE.sub("", text)
    return text.strip()


_MISSPELT = frozenset(
    """comments comment commented commenter commenters commenting replied replies responded response responses answered
    unanswered participants participant participated discussion conversation longest shortest upvoted number
    average highest received different percentage""".split()  # noqa: SIM905 - a list of words reads better so
)
_SHORTEST_REPAIRED = 7  # letters: shorter words have too many neighbours ("relied")


def _spelled(text: str) -> str:
    """Repair a letter too many, too few or out of place in the long words that questions of structure are made of."""

    def repaired(match: re.Match[str]) -> str:
        word = match.group()
        if len(word) < _SHORTEST_REPAIRED or word in VOCABULARY or word in COMMON:
            return word
        near = [
            known
            for known in _MISSPELT
            if known[0] == word[0] and (len(known) != len(word) or sorted(known) == sorted(word))
            if OSA.distance(known, word, score_cutoff=2) <= (1 if len(known) < 10 else 2)
        ]
        return near[0] if len(near) == 1 else word

    return re.sub(r"[a-z]+", repaired, text)
