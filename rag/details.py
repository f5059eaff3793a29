"""What detail a question asks for (an age, a sum, a count of something, a name), and whether a text gives one. Pure.

English, German and French, and a few words of Spanish. A kind is only told where the question's words leave no doubt;
what a text holds is read generously, so that a missing detail is missing indeed.
"""

import re
from collections.abc import Collection

from rag.facts import names, numbers
from rag.lexical import stem
from rag.words import FUNCTION

__all__ = ["asks_for_a_name", "counted", "counts", "expected", "gives_a_name", "holds"]

_MONTHS = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul"
    r"|aug|sept?|oct|nov|dec|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet"
    r"|août|septembre|octobre|novembre|décembre)"
)
_SPANS = (
    r"(?:seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|yrs?|decades?|centur(?:y|ies)|sekunden?"
    r"|minuten?|stunden?|tage?n?|wochen?|monate?n?|jahre?n?|secondes?|heures?|jours?|semaines?|mois|ans?|années?)"
)
_FEW = (
    r"(?:\d[\d.,]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty"
    r"|sixty|half|few|couple|several|nearly a|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|eine[mnr]?|deux|trois"
    r"|quatre|cinq|dix)"
)
_HOLDS = {
    "age": re.compile(
        rf"\b{_FEW}[\s-]*(?:years?|yrs?|jahre?|ans)[\s-]*(?:old|alt|of age)\b|\b\d+[- ]?(?:y/?o|jährig\w*)\b"
        r"|\baged?\s+(?:of\s+)?\d+|\bborn\b|\bgeboren\b|\bnée?\b|\bturn(?:ed|ing|s)?\s+\d+"
        r"|\bmit\s+\d{1,3}\s+jahren\b|\bI(?:’|'| a)?m\s+(?:now\s+|only\s+)?\d{1,2}\b"
        r"(?![.,]?\d|\s*(?:%|°|[a-z]*(?:feet|foot|miles?|km|lbs?|pounds?|kilos?|minutes?|hours?|days?|weeks?|months?)\b))"
        r"|\b(?:(?:he|she)(?:’|'| i)s|was|were|bin|ist)\s+\d{1,2}\b(?=\s*(?:[.,;!?]|when|and|und|$))",
        re.IGNORECASE,
    ),
    "money": re.compile(
        r"[$€£¥]\s*\d|\d[\d.,]*(?:,[-–—]+)?\s*(?:[kKmM]\b)?\s*(?:[$€£¥]|(?:euros?|eur|dollars?|bucks|pounds?|cents?|usd|chf"
        r"|francs?|pence|quid|million|milliard|billion)\w*)|\b\d{1,3}[.,]\d{3}\b|\b(?:euros?|dollars?|pounds|bucks|cents)\b"
        r"|\b(?:free|kostenlos|gratis|gratuit|umsonst)\b",
        re.IGNORECASE,
    ),
    "percent": re.compile(
        r"\d\s*(?:%|per\s?cent|prozent|pour\s?cent)|\b\w+ per\s?cent\b|\bprozent\b"
        r"|\b(?:half|third|quarter|majority|hälfte|drittel|viertel|moitié|tiers|quart)\b|\d+ (?:of|out of|in|von) \d+",
        re.IGNORECASE,
    ),
    "temperature": re.compile(r"\d\s*(?:°|degrees?|grad|degrés?)|\b\d+\s*[CF]\b|\bdegrees\b", re.IGNORECASE),
    "duration": re.compile(
        rf"\b{_FEW}\+?[\s-]*(?:\w+\s+)?{_SPANS}\b|\b(?:since|seit|depuis)\s+\w+|\b{_SPANS}\s+ago\b"
        r"|\b(?:decades|years|weeks|months|hours|days|jahrelang|always|immer|toujours)\b|\d:\d\d",
        re.IGNORECASE,
    ),
    "year": re.compile(r"\b(?:1\d{3}|20\d\d)\b|\b\d{1,2}(?:st|nd|rd|th)\s+century\b", re.IGNORECASE),
    "time": re.compile(
        rf"\b(?:1[5-9]|20)\d\ds?\b|\b{_MONTHS}\b|\b\d{{1,2}}[:.h]\d\d\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b"
        r"|\b(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi"
        r"|dimanche|today|yesterday|tomorrow|tonight|gestern|heute|morgen|hier|demain|ago|spring|summer|autumn|winter"
        r"|morning|evening|night|noon|midnight|once|after|before|until|uhr|century|decade)\b"
        rf"|\b{_FEW}\s+{_SPANS}\s+(?:ago|later|after|before)\b|\bvor\s+\w+\s+{_SPANS}\b"
        r"|\b(?:last|next|this|letzte\w*|nächste\w*)\s+(?:year|month|week|fall|jahr|monat|woche|sommer)\b"
        r"|\bat (?:age )?\d+\b|\bwhen (?:i|he|she|they|it|we)\b|\bas soon as\b|\d+(?:st|nd|rd|th)\b|\bvor jahren\b",
        re.IGNORECASE,
    ),
}
_PERSON = re.compile(r"\b(?:he|she|they|we|i|his|her|their|my|our|er|sie|ich|wir|ihr|il|elle|je|nous)\b", re.IGNORECASE)
_SPOT = re.compile(
    r"\b(?:in|inside|into|at|near|under|underneath|behind|beside|between|outside|on|above|below|next to"
    r"|in front of|unter|hinter|neben|vor|auf|bei|über|zwischen|dans|sous|sur|chez|derrière|devant)\s+"
    r"(?:the|an?|my|our|his|her|its|their|your|this|that|some|one|two|every|each|de[rmn]|die|das|eine[mnr]?"
    r"|meine[mnr]?|le|la|les|une?|mon|ma|sa|son)\s+\w"
    r"|\b(?:im|am|ins|au|aux|upstairs|downstairs|indoors|outdoors|abroad|everywhere|home|here|there|hier|dort|ici)\b",
    re.IGNORECASE,
)
"""Where something is, without a name."""
_NAMED_PLACE = re.compile(
    r"\b(?:live[sd]?|living|born|from|come[s]?|wohn\w*|geboren|woher|stamm\w*|habit\w*|né|country|city|town|village|state"
    r"|based|located|headquarter\w*|stadt|land|ort|ville|pays|street|straße|address|adresse)\b",
    re.IGNORECASE,
)
"""A question whose place must have a name."""
_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|on|of|by|behind|between|outside|through|around|aus|bei|nach|am|im|à|au|en|de)\s+"
    r"(?:the\s+|der\s+|la\s+|le\s+)?[A-ZÄÖÜÉ]|https?://|\bwww\."
)
_ASKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("age", r"\bhow old\b|\bwie alt\b|\bquel âge\b|\b(?:what|which) age\b|\bcuántos años\b"),
        (
            "percent",
            r"\bhow many per\s?cent\b|\b(?:what|which) (?:share|percentage|per\s?cent|proportion|fraction)\b"
            r"|\bwie ?viel prozent\b|\bwelche[rn] anteil\b|\bquelle part\b|\bquel pourcentage\b",
        ),
        (
            "money",
            r"\bhow much\b.*\b(?:costs?|pay|pays|paid|price|charges?d?|earns?|money|donat\w+|spen[dt]\w*|worth|fee)\b"
            r"|\bhow expensive\b|\bwhat (?:do|does|did|would|will)\b.*\b(?:cost|earn|charge)\b"
            r"|\b(?:what|which)\b(?: \w+){0,3} (?:price|cost|salary|fee|budget|wage)\b|\bwie (?:teuer|viel geld)\b"
            r"|\bwie hoch (?:ist|sind|war|waren)\b.*\b\w*(?:kosten|preis|gebühr\w*|strafe|miete|lohn)\b"
            r"|\bwas kostet\b|\bwie ?viel\b.*\b(?:kostete?n?|zahlt|bezahl\w+|geld|euro|umsatz)\b"
            r"|\bwas hat\b.*\bgekostet\b"
            r"|\bcombien\b.*\b(?:coût\w*|prix|euros?|payé|touché|argent|vaut)\b|\bcuánto cuesta\b",
        ),
        ("temperature", r"\b(?:what|which) temperature\b|\bhow (?:hot|cold|warm)\b|\bwelche temperatur\b"),
        (
            "duration",
            r"\bhow long\b|\bhow many (?:more )?(?:days|weeks|months|years|hours|minutes)\b|\bwie lange\b"
            r"|\bwie viele (?:tage|wochen|monate|jahre|stunden|minuten)\b"
            r"|\bcombien de (?:temps|jours|mois|semaines|heures)\b",
        ),
        ("year", r"\b(?:what|which)\s+years?\b|\bwelche[mns]?\s+jahr|\bquelle année\b|\bqué año\b"),
        (
            "time",
            r"^\W*(?:\w+\W+){0,3}?(?:when|wann|quand|cuándo)\b"
            r"|\b(?:what|which)\s+(?:date|day|month|decade|century)\b",
        ),
        (
            "number",
            r"\bhow\s+(?:many|much|far|tall|often|high|fast|deep|wide|loud|big|large|heavy)\b"
            r"|\bwie\s*(?:viele?|oft|hoch|weit|groß|laut|schwer|schnell)\b|\bcombien\b|\bcuánt\w+"
            r"|\b(?:what|which)(?:'s|’s| is)? (?:the )?(?:phone )?(?:number|amount|distance|score|size)\b",
        ),
        (
            "person",
            r"^\W*(?:\w+\W+){0,2}?(?:who|whom|whose|wer|wem|wen|qui)\b"
            r"(?!\s+(?:says?|thinks?|mentions?|agrees?|disagrees?))",
        ),
        (
            "place",
            r"^\W*(?:\w+\W+){0,2}?(?:where|wo|woher|wohin|où|dónde)\b|\b(?:what|which|welche[rmn]?|quelle?)\s+"
            r"(?:country|city|town|village|state|street|place|stadt|land|ort|straße|ville|pays|address|adresse)\b",
        ),
    )
)
_NAME_ASKED = re.compile(
    r"\b(?:name of|named|called|titled?|title of|wie heiß(?:t|en)|s'appelle)\b"
    r"|\b(?:which|what|welche[rsmn]?|quelle?)\s+"
    r"(?:company|brand|university|school|firm|bank|label|vendor|newspaper|book|film|movie|band)\b",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"(?<![.!?:…]\s)(?<!^)\b[A-ZÄÖÜ][\w&.'-]*\w")
_OPENERS = frozenset(word.capitalize() for word in FUNCTION) | {"I'm", "I've", "I'd", "I'll"}
_GERMAN_NAME = re.compile(
    r"\b(?:namens|heißt|heiße|genannt|Herrn?|Frau)\s+[A-ZÄÖÜ]|[„\"“][A-ZÄÖÜ]"
    r"|(?<!^)(?<![.!?:…]\s)\b[A-ZÄÖÜ][a-zäöüß]+ [A-ZÄÖÜ](?:[a-zäöüß]+|\.)"
)
_COUNTED = re.compile(
    r"\b(?P<how>how many|how much|wie ?viele?|combien d(?:e|u|es)|combien d['’]|cu[aá]nt[oa]s?)\s*"
    r"(?P<run>(?:[^\W\d_][\w'’-]*\s*){1,4})",
    re.IGNORECASE,
)
_LIKE = frozenset(("less", "more", "other", "fewer", "new", "different"))
_NOT_COUNTED = FUNCTION | frozenset(
    """hat haben hatte hatten sind ist war waren werden wird wurde wurden würde würden kann gibt bekommt kostet kosten a
    ont est sont per percent hundred million thousand""".split()  # noqa: SIM905 - a list of words reads better so
)
_PLURALS = frozenset(
    ["people", "men", "women", "children", "feet", "teeth", "mice", "police", "folk", "fish", "sheep", "dice", "cattle"]
)
_TOKEN = re.compile(r"\d[\d.,]*\w*|[^\W\d_][\w'’-]*")
_AFTER, _BEFORE = 4, 3
"""How many words a number may stand before, and after, what it counts."""
_NAME_WITHIN = 6
"""How many words a name may stand from a word of what bears it."""


def expected(question: str) -> str:
    """Return what kind of answer a question asks for: a kind of detail, or nothing special.

    >>> expected("How many people live there?"), expected("Wie alt ist Ada?"), expected("Why not?")
    ('number', 'age', '')
    """
    kind = next((kind for kind, pattern in _ASKS if pattern.search(question)), "")
    return "spot" if kind == "place" and not _NAMED_PLACE.search(question) else kind


def holds(kind: str, text: str) -> bool:
    """Tell whether a text holds a detail of a kind that `expected` returns; every text holds nothing special."""
    match kind:
        case "":
            return True
        case "number":
            return bool(numbers(text)) or any(letter.isdigit() for letter in text)
        case "person":
            return bool(names(f"– {text}")) or _PERSON.search(text) is not None
        case "place":
            return _PLACE.search(text) is not None
        case "spot":
            return (_PLACE.search(text) or _SPOT.search(text)) is not None
        case _:
            return _HOLDS[kind].search(text) is not None


def _is_head(how: str, word: str) -> bool:
    """Tell whether a word of what is counted ends it: a plural; a German noun; for "how much" the first word."""
    if how.startswith("wie"):
        return word[:1].isupper()
    if how == "how many":
        return word.casefold() in _PLURALS or (word.endswith("s") and not word.endswith(("ss", "us")))
    return True


def counted(question: str) -> str:
    """Return the word for what a question counts, as written, or "": the first plural, else the last word.

    >>> counted("How many electric cars were sold?"), counted("How many of them came?")
    ('cars', '')
    """
    match = _COUNTED.search(question)
    found = ""
    for word in match["run"].split() if match else ():
        word = re.sub(r"^[ld]['’]", "", word)
        if word.casefold() in _NOT_COUNTED | _LIKE:
            if found or word.casefold() not in _LIKE:
                break
            continue
        found = word
        if match and _is_head(match["how"].casefold(), word):
            break
    return found


def counts(thing: str, text: str, language: str) -> bool:
    """Tell whether a number stands beside a word for a thing, in any of its forms.

    >>> counts("cars", "We sold 40 red cars.", "english"), counts("cars", "40 people saw the red car", "english")
    (True, False)
    """
    wanted = stem([thing.casefold()], language)
    tokens = [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]
    stems = stem([word.casefold() for word, _, _ in tokens], language)
    figures = {number.start for number in numbers(text)}
    for at, (word, start, end) in enumerate(tokens):
        if word[0].isdigit() or any(start <= figure < end for figure in figures):
            near = [*stems[max(0, at - _BEFORE) : at], *stems[at + 1 : at + 1 + _AFTER]]
            if wanted[0] in near:
                return True
    return False


def asks_for_a_name(question: str) -> bool:
    """Tell whether the answer must be a proper name: "what is it called", "which company"."""
    return _NAME_ASKED.search(question) is not None


def gives_a_name(text: str, known: Collection[str], near: Collection[str], language: str) -> bool:
    """Tell whether a proper name besides the `known` words (lower case) stands within some words of a `near` stem.

    German capitalises every noun: there, only what is marked as a name counts.

    >>> gives_a_name("We asked an architect, Ada Roe, for a plan.", ("ada",), ("architect",), "english")
    True
    """
    if language == "german":
        return _GERMAN_NAME.search(text) is not None
    tokens = list(_TOKEN.finditer(text))
    stems = stem([token[0].casefold() for token in tokens], language)
    places = [at for at, one in enumerate(stems) if one in near]
    named = {match.start() for match in _CAPITAL.finditer(text)}
    return any(
        token.start() in named
        and token[0].casefold() not in known
        and token[0] not in _OPENERS
        and any(abs(at - place) <= _NAME_WITHIN for place in places)
        for at, token in enumerate(tokens)
    )
