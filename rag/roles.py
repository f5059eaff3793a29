"""Whose words a question of content asks for, and whom they answer. Pure."""

import re
from dataclasses import dataclass

from rag.query import Kind
from rag.references import Marked
from rag.words import MINDING, SPEAKING

__all__ = ["Roles", "roles"]

_MARK = re.compile(r"[PC]\d+")
_TOKEN = re.compile(r"[PCA]\d+|'s\b|[^\W_][\w'\-]*|\d+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Roles:
    """Speakers and addressees; `explicit` where the question itself says that one answers the other.

    `told` where it asks what the addressees were told, by whomever: "what was Ada advised?". `preferred` are people
    to whom something happens or who do something: "why did Ada lose time?" is told best by her, but others may.
    """

    speakers: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    explicit: bool = False
    branch: str | None = None
    told: bool = False
    preferred: tuple[str, ...] = ()


_REPLYING = re.compile(
    r"\b(?:repl\w+|respon(?:d|se)\w*|answer\w*|react\w*|rejoin\w*|retort\w*|rebut\w*|counter\w*|wr(?:o|i)te back"
    r"|reagier\w*|antwort\w*|beantwort\w*|erwider\w*|entgegn\w*|répon\w+|réag\w+|contest\w+)\b"
)
_ASKED_FIRST = frozenset(("was", "wie", "warum", "wieso", "weshalb", "que", "qué", "comment", "pourquoi", "cómo"))
_RECEIVED = re.compile(
    r"^(?:(?:get|gets|got|was|were|been|is|being) )?(?:told|asked|answered|advised|given|offered|recommended|suggested"
    r"|reminded|warned|accused|corrected|reproached|criticised|criticized|contradicted|taught)\b"
)
_RECEIVING = re.compile(r"^(?:get|gets|got|receive|received|receives|hear|be given|been given)\b")
_GIVEN = frozenset(
    """answer answers reply replies response responses advice tip tips hint hints suggestion suggestions feedback
    recommendation recommendations reaction reactions help explanation criticism""".split()  # noqa: SIM905 - as below
)
_ASKING = frozenset(
    """tell tells told ask asks asked answer answers answered advise advises advised remind reminds reminded warn warns
    warned accuse accuses accused correct corrects corrected contradict contradicts contradicted challenge challenges
    challenged criticise criticises criticised criticize criticizes criticized rebut rebuts rebutted counter counters
    countered thank thanks thanked attack attacks attacked insult insults insulted address addresses addressed urge
    urges urged recommend recommends recommended suggest refute refutes refuted convince persuade mock mocks mocked
    give gives gave""".split()  # noqa: SIM905 - a list of words reads better so
)
_TELLING = frozenset(("answer", "answered", "answers", "tell", "told", "ask", "asked"))
_SIDING = frozenset(
    """agree agrees agreed disagree disagrees disagreed side sides sided argue argues argued with against""".split()  # noqa: SIM905 - a list of words reads better so
)
_TOPICAL = frozenset(
    """about of on regarding concerning like mention mentions mentioned mentioning quote quotes quoted cite cites cited
    than call calls called describe describes described support supports supported oppose opposes opposed defend
    defends defended praise praises praised blame blames blamed""".split()  # noqa: SIM905 - a list of words reads better so
)
_AUXILIARY = frozenset("""does did do has have had is was are were would will can could should might""".split())  # noqa: SIM905 - as above
_LEADING = frozenset(
    """why what where how when that if whether summarise summarize explain""".split(),  # noqa: SIM905 - as above
)
_SAYING = re.compile(
    r"(?:comment|claim|point|argument|view|opinion|position|reply|post|statement|criticism|suggestion|remark)"
)
_SKIPPED = frozenset(("the", "user", "commenter", "a", "poster", "der", "die", "das", "herr", "frau"))
_BEFORE_WHO = frozenset(
    """sagt sagte meint meinte schreibt schrieb findet denkt behauptet fordert antwortet wendet kritisiert berichtet dit
    pense écrit affirme répond dice piensa opina cree escribe responde""".split()  # noqa: SIM905 - as above
)  # in these languages the verb of a question stands before who speaks
_ADVERBS = frozenset(
    """also ever really actually not then still already just only always often usually originally personally now once
    even too n't""".split()  # noqa: SIM905 - as above
)
_PERFECT = frozenset(("has", "have"))  # what somebody has tried or been is told by nobody else
_PER = frozenset(("per", "laut", "selon", "según", "secondo", "volgens"))
_SAYS = SPEAKING | MINDING


def roles(marked: Marked, kind: Kind) -> Roles:
    """Read from a marked question who speaks and who is spoken to; people merely spoken of are neither."""
    tokens = _TOKEN.findall(marked.text)
    speakers: list[str] = []
    addressees: list[str] = []
    explicit = False
    branch: str | None = None
    told = False
    preferred: tuple[str, ...] = ()
    witnesses: list[str] = []  # "how could Ada win, according to Ben?" asks for Ben's words alone
    heard = {"speaker": speakers, "to": addressees, "told": addressees, "receiver": addressees}
    last = ""
    replying = bool(_REPLYING.search(marked.text))
    for at, token in enumerate(tokens):
        if not _MARK.fullmatch(token):
            continue
        number = int(token[1:])
        role = (
            last
            if at > 1 and tokens[at - 1] in ("and", "or") and _MARK.fullmatch(tokens[at - 2])
            else _role(tokens, at, replying, kind)
        )
        last = role
        if token[0] == "C":
            reference = marked.references[number]
            if role == "under" and len(reference.ids) == 1:
                branch = reference.ids[0]
            speakers.extend(reference.by if role != "to" else ())
            continue
        names = marked.people[number].names
        heard.get(role, []).extend(names)
        if role == "speaker" and (tokens[max(0, at - 2) : at] == ["according", "to"] or tokens[at - 1] in _PER):
            witnesses.extend(names)
        explicit = explicit or (role == "to" and replying)
        told = told or role == "receiver"
        preferred = preferred or (names if role == "doer" else ())
    speakers = witnesses or speakers
    if kind == "stance":
        addressees.extend(name for name in speakers if name not in addressees)
        speakers = []
    if kind == "who_said":
        speakers = []  # who said it is the question
    addressees = [name for name in addressees if name not in speakers]
    taken = kind != "fact" or speakers or addressees or replying  # those who speak, or are answered, are asked about
    return Roles(
        tuple(dict.fromkeys(speakers)),
        tuple(dict.fromkeys(addressees)),
        explicit,
        branch,
        told,
        () if taken else preferred,
    )


def _role(tokens: list[str], at: int, replying: bool, kind: Kind) -> str:
    """Decide a name's part from its neighbours: speaker, doer, to (answered), told (maybe answered), under, about."""
    before = [word for word in tokens[max(0, at - 4) : at] if word not in _SKIPPED]
    prev = before[-1] if before else ""
    after = [word for word in tokens[at + 1 : at + 5] if word not in _ADVERBS]
    earlier = any(_MARK.fullmatch(word) for word in tokens[:at])
    if prev in ("under", "below", "beneath"):
        return "under"
    if before[-2:] == ["according", "to"] or prev in ("by", "from") or prev in _PER:
        return "speaker"
    if _addressed(before, after, replying) or (replying and _MARK.fullmatch(prev)):
        return "to"
    if _receives(tokens, at):
        return "receiver"
    if prev in _SIDING:
        return "told"
    if prev in _ASKING and (earlier or kind == "who_said" or prev in _TELLING):
        return "to" if replying else "told"
    if prev in _TOPICAL:
        said = after[:1] == ["'s"] and len(after) > 1 and _SAYING.match(after[1])
        return ("told" if earlier else "speaker") if said else "about"
    if earlier and prev in ("when", "that", "if", "whether", "because", "where"):
        return "about"
    return _subject(before, after, at)


def _addressed(before: list[str], after: list[str], replying: bool) -> bool:
    prev = before[-1] if before else ""
    if prev == "to":
        return replying or (len(before) > 1 and before[-2] in SPEAKING | {"wrong", "back"})
    if prev in ("auf", "à", "a"):
        return replying
    return after[:1] == ["'s"] and replying and prev in ("answer", "answered")


def _receives(tokens: list[str], at: int) -> bool:
    """Tell whether somebody was told something: "what was Ada told", "what advice did Ada get"."""
    after = " ".join(tokens[at + 1 : at + 4])
    if _RECEIVED.match(after):
        passive = tokens[at - 1] if at else ""
        return passive in ("was", "were", "is") or after.split()[0] in (
            "get",
            "gets",
            "got",
            "was",
            "were",
            "been",
            "is",
        )
    return bool(_RECEIVING.match(after)) and bool(_GIVEN.intersection(tokens))


def _subject(before: list[str], after: list[str], at: int) -> str:
    """Tell whether somebody speaks or thinks, so that their words are asked for, or does or undergoes something."""
    prev = before[-1] if before else ""
    if len(after) > 2 and after[0] in ("and", "or") and _MARK.fullmatch(after[1]):
        if prev in _AUXILIARY | _LEADING or not at:
            return "speaker"  # what is common to two people, or sets them apart, is in their own words
        after = after[2:]
    if after[:1] == ["'s"] or prev in _BEFORE_WHO or (len(before) > 1 and before[0] in _ASKED_FIRST and at == 2):
        return "speaker"
    if not after:  # "…, jokes Ada?", "what did it do for Ada?"
        return "speaker" if _speaks(prev) else "doer"
    verb = after[1] if after[0] in _AUXILIARY and len(after) > 1 else after[0]
    if verb in SPEAKING or prev in _PERFECT:
        return "speaker"
    return "speaker" if prev in _AUXILIARY | _LEADING and _speaks(verb) else "doer"


def _speaks(verb: str) -> bool:
    """Tell whether a verb is one of saying or minding, in the form for what goes on as well."""
    stem = verb.removesuffix("ing")
    return verb in _SAYS or (stem != verb and (stem in _SAYS or f"{stem}e" in _SAYS))
