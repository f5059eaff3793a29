"""Follow-ups that leave words out, completed by the question before: "why?", "how many times?", "and Don?". Pure."""

import re

from rag.recall import Memory

__all__ = ["ASKING", "BARE", "WHAT_ABOUT", "completed", "verbal"]


WHAT_ABOUT = re.compile(
    r"^(?:(?:and|but|so|ok|okay|now|then)[, ]+)*(?:what about|how about|and|what of|same for|und|und was ist mit|et"
    r"|y)\s+(?P<what>.+?)\s*\??$",
    re.IGNORECASE,
)


BARE = re.compile(
    r"^(?:(?:and|but|so|ok|okay)[, ]+)*(?P<what>why(?: not| so| is that)?|how so|how many(?: times"
    r"| (?:is|are|was|were) (?:that|this|those|these|they|there)| in (?:all|total))?|how often|when"
    r"|where|who|who else|anyone else|anybody else|what else"
    r"|(?:and )?(?:the )?others|who exactly|which ones?|what for|since when|how|really|are you sure|more"
    r"|tell me more|go on|elaborate|in what way|how come|says who|such as|for example|like what|what do you mean"
    r"|anything else|warum|wieso|pourquoi|por qué)\s*\??$",
    re.IGNORECASE,
)


def verbal(rest: str) -> bool:
    """Tell whether what follows "and" is a whole question of its own: "and does he agree?", "and a mixer, is it …?"."""
    head = rest.split()[0].lower() if rest.split() else ""
    return head in ASKING or _CLAUSE.search(rest) is not None


_CLAUSE = re.compile(
    r"[,;:] ?(?:is|are|was|were|does|do|did|has|have|can|could|should|would|who|what|why|how|when|where|which)\b",
    re.IGNORECASE,
)


ASKING = frozenset((
    "who", "what", "when", "where", "why", "how", "which", "whom", "whose", "did", "does", "do", "is", "are", "was",
    "were", "has", "have", "can", "could", "list", "show", "summarise", "summarize", "name", "tell", "should", "would",
))  # fmt: skip


_HOW_MANY = re.compile(r"how many(?! times)")


def completed(what: str, last: str, memory: Memory) -> str:
    """Complete a bare "why?", "how many times?", "when?" by the question before it."""
    lead = last.rstrip("?. ")
    what = "how many" if _HOW_MANY.match(what) else what
    if what.startswith("how many times") or what == "how often":
        if re.match(r"(?:did|does|do|has|have)\b", lead, re.IGNORECASE):
            return f"How many times {lead[0].lower()}{lead[1:]}?"
        return f"{lead}? How many times?"
    if what == "how many":
        match = re.match(r"(?:who|which (?:people|commenters|persons))\s+(?P<rest>.+)", lead, re.IGNORECASE)
        if match:
            plural = re.sub(r"^([a-z]+[^s])s ", r"\1 ", match["rest"])
            return f"How many people {plural}?"
        match = re.match(r"(?:did|does|has|have) (?:anyone|anybody|someone)\s+(?P<rest>.+)", lead, re.IGNORECASE)
        if match:
            return f"How many people {match['rest']}?"
        match = re.match(
            r"(?:which|what|list|show)(?: all)?(?: the)? (?P<rest>(?:comments|replies|posts)\b.*)", lead, re.IGNORECASE
        )
        return f"How many {match['rest']}?" if match else f"{lead}? How many?"
    if what == "when" and len(memory.comments) == 1:
        return f"When was {memory.comments[0][1]} written?"
    return f"{lead}? {what[0].upper()}{what[1:]}?"
