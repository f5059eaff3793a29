"""Who says it: the speakers that a sentence of an answer names, clause by clause. Pure.

The speaker is the subject of the reporting verb ("Ada tells Ben that …": Ada), whoever is "according to", whose view
it is, or the person that a pronoun stands for. Names come from the threads, never from here.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.thread import Thread
from rag.lexical import STOP_WORDS

__all__ = ["ANY_COMMENTER", "STRANGER", "THE_ARTICLE", "Attribution", "Mention", "Roster"]

THE_ARTICLE = "\x00article"
"""Stands as speaker for "the article says"."""
ANY_COMMENTER = "\x00commenter"
"""Stands as speaker for "one commenter says": anybody but the article."""

STRANGER = "\x00?"
"""Begins a speaker who is named but wrote nothing here: whoever the sources may tell about."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A known person named in a text, at `text[start:end]`."""

    author: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Attribution:
    """A clause at `text[start:end]` and whose words it reports; `content` is the clause without "Ada says that".

    `weak` means that a person is the subject but no verb of saying follows ("Ada lives in Oslo").
    """

    speakers: tuple[str, ...]
    start: int
    end: int
    content: str
    weak: bool = False


def _verbs(table: str) -> str:
    return "|".join(table.split())


# Stems with their endings; tense and person do not matter here.
_SAY = _verbs(
    r"sa(?:y|ys|id|ying) argu(?:e|es|ed|ing) claim\w* thinks? thought thinking believ\w+ writ(?:e|es|ing) wrote "
    r"written stat(?:e|es|ed|ing) not(?:e|es|ed|ing) point(?:s|ed|ing)? add(?:s|ed|ing)? repl(?:y|ies|ied|ying) puts? "
    r"respon\w+ answer\w* ask(?:s|ed|ing)? agre\w+ disagre\w+ "
    r"suggest\w* mention\w* object(?:s|ed|ing)? complain\w* explain\w* "
    r"report(?:s|ed|ing)? insist\w* warn\w* tell(?:s|ing)? told describ\w+ call(?:s|ed|ing)? recommend\w* "
    r"prais(?:e|es|ed|ing) critici[sz]\w+ doubt(?:s|ed|ing)? question(?:s|ed|ing)? den(?:y|ies|ied|ying) admit\w* "
    r"conced\w+ counter(?:s|ed|ing)? quot(?:e|es|ed|ing) jok(?:e|es|ed|ing) predict\w* hop(?:e|es|ed|ing) "
    r"fear(?:s|ed|ing)? worr(?:y|ies|ied|ying) wants? wanted prefer\w* likes? liked loves? loved hat(?:e|es|ed) "
    r"propos\w+ urg(?:e|es|ed|ing) support(?:s|ed|ing)? oppos(?:e|es|ed|ing) reject\w* accept\w* acknowledg\w+ "
    r"observ\w+ remark\w* comment(?:s|ed|ing)? conclud\w+ consider\w* finds? found feels? felt expect\w* wonder\w* "
    r"demand\w* dismiss\w* refer(?:s|red|ring)? cit(?:e|es|ed|ing) compar(?:e|es|ed|ing) accus\w+ "
    r"thank(?:s|ed|ing)? recall\w* remember\w* emphasi[sz]\w+ stress\w* maintain\w* assert\w* contend\w* confirm\w* "
    r"impl(?:y|ies|ied|ying) holds? held regards? regarded sees? saw views? viewed express\w* shar(?:e|es|ed|ing) "
    r"offer(?:s|ed|ing)? "
    r"giv(?:e|es|ing) gave post(?:s|ed|ing)? announc\w+ advis\w+ adds calls? rebut\w* refut\w+ challeng\w+ defend\w* "
    r"favou?rs? favou?red understands? understood knows? knew guess\w* assum\w+ speculat\w+ summari[sz]\w+ "
    r"highlight\w* raises? raised makes? made draws? drew appreciat\w+ echo(?:es|ed|ing)? clarif\w+ correct(?:s|ed) "
    r"elaborat\w+ sid(?:e|es|ed|ing) declar\w+ alleg\w+ blam(?:e|es|ed|ing) attribut\w+ mock(?:s|ed|ing)? "
    r"sagt\w* schreibt schrieb mein(?:t|te) find(?:et) fand glaubt\w* behauptet\w* erklärt\w* fragt\w* antwortet\w* "
    r"widersprich\w* stimmt berichtet\w* hält denkt dachte dit pense affirme estime écrit croit explique déclare "
    r"répond demande dice dijo piensa cree afirma opina escribe responde pregunta explica"
)
_DENSE_SAY = (
    r"(?:表示|认为|認為|说|說|指出|写道|寫道|称|稱|问|問|回复|回覆|回应|回應|建议|建議|と言|は言|述べ|主張|말했|말한)"
)
_AUX = (
    r"(?:(?:has|have|had|did|does|do|is|are|was|were|been|being|be|would|will|could|can|might|may|must|should|not|never|"
    r"didn['’]t|doesn['’]t|don['’]t|isn['’]t|wasn['’]t|also|too|both|each|all|further|then|later|still|even|once|again|"
    r"often|simply|just|rather|only|first|finally|instead|himself|herself|who|auch|aussi|también|\w+ly)\s+)"
)
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|been|being|be)\s+(?:\w+ly\s+|not\s+|also\s+)*(?:\w+ed|told|quoted)\b", re.I
)
_FELT = re.compile(
    r"\b(?:worried|concerned|convinced|opposed|surprised|disappointed|interested|annoyed|pleased)\b", re.I
)
_ASIDE = r"(?:\s*\([^()]{0,80}\)|,[^,;.]{1,80},(?!\s*and\b))?"
_AFTER = re.compile(rf"{_ASIDE},?\s+(?P<aux>{_AUX}*)(?P<verb>{_SAY})\b(?:\s+(?:that|dass|que|qu['’]))?(?!\w)", re.I)
_AFTER_DENSE = re.compile(rf"\s*{_DENSE_SAY}")
_NOUN = (
    r"(?:views?|opinions?|arguments?|comments?|repl(?:y|ies)|points?|claims?|answers?|words|posts?|questions?|position|"
    r"objections?|complaints?|suggestions?|concerns?|responses?|remarks?|criticisms?|stance|belief|experience|estimate)"
)
_POSSESSIVE = re.compile(rf"['’]s?\s+(?:\w+\s+){{0,2}}?{_NOUN}\b", re.I)
_BEFORE = re.compile(
    r"(?:\b(?:according to|as per|per|for|laut|selon|según|secondo|per|nach ansicht von|nach|in reply from)|根据|據|"
    rf"\b(?:noted|argued|said|stated|claimed|written|suggested|asked|raised|made|posted|quoted|shared|reported|"
    rf"mentioned|pointed out|expressed|described|explained)\s+by|\b{_NOUN}\s+(?:by|from|of))\s*$",
    re.I,
)
_FOR = re.compile(r"\b(?:for|nach|per)\s*$", re.I)
_INVERTED = re.compile(rf"(?:[,”\"’'»“?!]\s*|^\s*as\s+)(?:{_SAY})\s*$", re.I)
_BREAK = re.compile(
    r";|\s[–—]\s|,?\s*\b(?:while|whereas|but|although|though|however|yet|during which|und|aber|während|mais|pero)\b|"
    r",\s*and\b|\band\b(?=[^,;]{0,3}$)",
    re.I,
)
_JOIN = re.compile(r"^\s*(?:,|,?\s*(?:and|&|und|et|y|e|as well as|plus|or|和|与|與|、))\s*$", re.I)
_PRONOUN = re.compile(
    rf"(?:^|[,;:]\s*(?:and|but|while|whereas|though)?\s*)(?:(?:but|and|also|later|then|in reply|additionally|"
    rf"furthermore|moreover|however),?\s+)?(?P<who>he|she|they|the same (?:commenter|person|user)|this commenter|"
    rf"er|sie|il|elle|él|ella|他|她)\b(?:\s+(?P<aux>{_AUX}*)(?P<verb>{_SAY})\b(?:\s+that)?|{_DENSE_SAY})",
    re.I,
)
_HIS = re.compile(rf"\b(?:in|according to|as per)\s+(?:his|her|their|him|them)\b(?:\s+{_NOUN})?", re.I)
_ARTICLE = re.compile(
    r"\b(?:according to|in|by)?\s*the\s+(?:article|piece|story|report|newspaper|op-ed|column|author|journalist|writer|"
    rf"original post)(?:['’]s\s+\w+)?(?:\s+itself)?(?:,|\s+{_AUX}*(?:{_SAY})\b(?:\s+that)?|\s+(?:is|was)\b)",
    re.I,
)
_SOMEBODY = re.compile(
    r"\b(?:an?|one|another|some|several|many|most|two|three|four|five|few|other|both|the other|unnamed|anonymous)\s+"
    r"(?:\w+\s+){0,2}?(?:commenters?|commentators?|users?|readers?|posters?|people|persons?|respondents?|participants?)"
    rf"(?:\s+(?:without a name|\([^()]*\)))*\s+{_AUX}*(?:{_SAY})\b(?:\s+that)?",
    re.I,
)

_SOME = re.compile(
    r"(?:^|,\s+)(?:(?:but|and|while|whereas)\s+)?(?:some|others?|many|several|most|all|both|commenters|commentators|users|"
    rf"readers|posters|people|critics|supporters|opponents|proponents)\s+{_AUX}*(?:{_SAY})\b(?:\s+that)?",
    re.I,
)
_STRANGER = re.compile(
    rf"^(?P<who>[A-Z][\w'’.-]*(?:\s+(?:(?:de|van|von|al|bin|la|du|der)\s+)?[A-Z][\w'’.-]*){{0,3}}){_ASIDE}\s+"
    rf"{_AUX}*(?:says?|said|argue[sd]?|claim(?:s|ed)|states|stated|writes|wrote|tells|told|asks|asked|replie[sd]|notes|noted|"
    r"reports|reported|thinks|thought|believe[sd]|agree[sd]|disagree[sd]|explain(?:s|ed)|mention(?:s|ed))\b(?:\s+that)?"
)

_NOT_NAMES = frozenset().union(*STOP_WORDS.values()) | {
    "nobody",
    "somebody",
    "everyone",
    "everybody",
    "someone",
    "nothing",
}


class Roster:
    """Everybody who may be named in answers over some threads; finds them in a sentence, and who of them speaks."""

    def __init__(self, threads: Iterable[Thread]) -> None:
        authors: dict[str, None] = {}
        for thread in threads:
            for comment in thread.visible:
                if comment.author:
                    authors.setdefault(comment.author)
            if thread.article.author:
                authors.setdefault(thread.article.author)
        self.authors = tuple(authors)
        self._by_alias = _aliases(self.authors)
        self._find = _finder(self._by_alias)

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Return the known people named in a text, in order; a longer unknown name that contains one is not one."""
        found = []
        for match in self._find.finditer(text) if self._find else ():
            author = self._by_alias.get(match[1]) or self._by_alias.get(match[1].casefold())
            if author is None or not _stands_alone(text, match, author):
                continue
            found.append(Mention(author, match.start(1), match.end(1)))
        return tuple(found)

    def attributions(self, text: str, previous: Sequence[str] = ()) -> tuple[Attribution, ...]:
        """Return the clauses of a sentence with their speakers; empty where it names nobody as speaking.

        `previous` are the speakers of the sentence before, for "she" and "they".
        """
        masked = _mask_quotes(text)
        found = [*self._named(masked), *_unnamed(masked, previous)]
        stranger = _STRANGER.match(masked)
        if stranger and not any(start <= stranger.end() for _, start, _, _ in found) and _is_name(stranger["who"]):
            found.append(((STRANGER + stranger["who"],), 0, stranger.end(), False))
        found.sort(key=lambda item: (item[1], item[2]))
        kept: list[tuple[tuple[str, ...], int, int, bool]] = []
        for speakers, start, end, weak in found:
            if kept and not _BREAK.search(masked, kept[-1][2], start):
                if kept[-1][3] and not weak:
                    kept[-1] = (speakers, start, end, weak)
                continue  # inside what the first speaker reports
            kept.append((speakers, start, end, weak))
        return tuple(_clauses(text, masked, kept))

    def _named(self, text: str) -> Iterable[tuple[tuple[str, ...], int, int, bool]]:
        groups: list[list[Mention]] = []
        for mention in self.mentions(text):
            if groups and _JOIN.match(text[groups[-1][-1].end : mention.start]):
                groups[-1].append(mention)
            else:
                groups.append([mention])
        for group in groups:
            start, end = group[0].start, group[-1].end
            speakers = tuple(dict.fromkeys(mention.author for mention in group))
            span = _speech(text, start, end)
            if span is not None:
                yield speakers, span[0], span[1], False
            elif (
                not text[:start].strip(" \"“'‘@*_(")
                and re.match(r"\s+[a-zà-ÿ]", text[end:])
                and not _passive(text[end:])
            ):
                yield speakers, start, end, True


def _speech(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the span of "Ada says that", "according to Ada", "in Ada's view" around a name, or None."""
    if re.match(r"\s*[:：]", text[end:]) and not text[:start].strip(' "“*_('):
        return start, end
    after = _AFTER.match(text, end)
    if after and not _passive(text[end : after.end() + 12]):
        return start, after.end()
    dense = _AFTER_DENSE.match(text, end)
    if dense:
        return start, dense.end()
    possessive = _POSSESSIVE.match(text, end)
    if possessive and not re.search(
        r"\b(?:to|with|on|about|of|against|than|rejects?|disputes?)\s*$", text[:start], re.I
    ):
        rest = re.match(rf"\s+{_AUX}*(?:{_SAY})\b(?:\s+that)?", text[possessive.end() :], re.I)
        lead = re.search(r"\bin\s+$", text[:start], re.I)
        return (lead.start() if lead else start), possessive.end() + (rest.end() if rest else 0)
    before = _BEFORE.search(text[:start])
    if before and not (_FOR.search(text[:start]) and (before.start() > 2 or text[end : end + 1] != ",")):
        return before.start(), end
    inverted = _INVERTED.search(text[:start])
    if inverted:
        return inverted.start() + 1, end
    return None


def _passive(after: str) -> bool:
    match = _PASSIVE.search(after[:60])
    return match is not None and not _FELT.search(match[0]) and not re.search(_SAY_BOUND, after[: match.start()], re.I)


_SAY_BOUND = rf"\b(?:{_SAY})\b"


def _unnamed(text: str, previous: Sequence[str]) -> Iterable[tuple[tuple[str, ...], int, int, bool]]:
    for match in _ARTICLE.finditer(text):
        yield (THE_ARTICLE,), match.start(), match.end(), False
    for pattern in (_SOMEBODY, _SOME):
        for match in pattern.finditer(text):
            yield (ANY_COMMENTER,), match.start(), match.end(), False
    for pattern in (_PRONOUN, _HIS):
        for match in pattern.finditer(text):
            if previous and not _passive(text[match.start() : match.end() + 12]):
                yield tuple(previous), match.start(), match.end(), False


def _clauses(text: str, masked: str, found: Sequence[tuple[tuple[str, ...], int, int, bool]]) -> Iterable[Attribution]:
    for place, (speakers, start, end, weak) in enumerate(found):
        left, right = 0, len(text)
        if place:
            breaks = [match.start() for match in _BREAK.finditer(masked, found[place - 1][2], start)]
            left = breaks[-1] if breaks else start
        if place + 1 < len(found):
            breaks = [match.start() for match in _BREAK.finditer(masked, end, found[place + 1][1])]
            right = breaks[-1] if breaks else found[place + 1][1]
        content = (text[left:start] + " " + text[end:right]).strip(" ,;:–—")
        if not place and weak:
            content = text[end:right].strip(" ,;:–—")
        yield Attribution(speakers, left, right, content, weak)


def _is_name(who: str) -> bool:
    return who.split()[0].casefold() not in _NOT_NAMES


def _mask_quotes(text: str) -> str:
    """Blank what stands in quotation marks, so that a name inside somebody's words is not a speaker."""
    return re.sub(
        r"“[^”]{3,}”|„[^“”]{3,}[“”]|«[^»]{3,}»|「[^」]{2,}」|\"[^\"]{3,}\"",
        lambda match: f"{match[0][0]}{'·' * (len(match[0]) - 2)}{match[0][-1]}",
        text,
    )


def _aliases(authors: Sequence[str]) -> dict[str, str]:
    """Return the forms by which each author may be named: the whole name, its first and last word where unshared."""
    forms: dict[str, set[str]] = {}
    for author in authors:
        bare = author.strip().lstrip("@")
        for form in {author.strip(), bare, *_parts(bare)}:
            if len(form) > 1 or not form.isascii():
                forms.setdefault(form, set()).add(author)
            if not form.isascii() or len(form) > 2:
                forms.setdefault(form.casefold(), set()).add(author)
    whole = {author.strip().lstrip("@").casefold(): author for author in authors}
    chosen = {}
    for form, owners in forms.items():
        exact = whole.get(form.casefold())
        if exact is not None or len(owners) == 1:
            chosen[form] = exact if exact is not None else next(iter(owners))
    for author in authors:
        chosen[author.strip()] = author
    return chosen


def _parts(name: str) -> tuple[str, ...]:
    parts = re.findall(r"[^\W\d_][\w'’-]+", name) if " " in name else []
    return tuple(part for part in (parts[:1] + parts[-1:]) if len(part) > 2 and part[0].isupper())


def _finder(aliases: Iterable[str]) -> re.Pattern[str] | None:
    forms = sorted({form for form in aliases if form}, key=len, reverse=True)
    if not forms:
        return None
    dense = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
    bounded = [re.escape(form) if dense.search(form) else rf"(?<![\w@./-]){re.escape(form)}(?![\w])" for form in forms]
    return re.compile(f"@?({'|'.join(bounded)})", re.I)


def _stands_alone(text: str, match: re.Match[str], author: str) -> bool:
    """Tell a person from a word or a part of a longer name: the case fits, and no other surname follows."""
    seen = match[1]
    if not any(letter.isupper() or letter.isdigit() or letter in "_-" for letter in seen) and seen.isascii():
        marked = match[0].startswith("@") or (author == seen and len(seen) > 3)
        return marked
    following = re.match(r"\s+([A-Z][\w'’-]+)", text[match.end() :])
    if following and seen.casefold() != author.casefold().lstrip("@"):
        return False
    return not (following and " " not in author and _is_surname(following[1], text, match))


def _is_surname(word: str, text: str, match: re.Match[str]) -> bool:
    return not re.match(_SAY_BOUND, word, re.I) and word.casefold() not in {"and", "i"} and text[match.end()] == " "
