"""Structure questions in German, French and Spanish, word by word into the English that the frames read. Pure.

The frames read a bag of words and roles, so word order hardly matters: "wer hat auf P0 geantwortet" becomes "who has to
P0 replied". A word that is not here stays, and makes it a question of content.
"""

import re
from collections.abc import Mapping

__all__ = ["FOREIGN", "LEANING", "in_english"]

_GERMAN = {
    "wie viele": "how many", "wieviele": "how many", "wie oft": "how often", "wie lang": "how long",
    "wie tief": "how deep", "am meisten": "most often", "die meisten": "most", "am wenigsten": "least",
    "die wenigsten": "fewest", "gibt es": "are there", "auf wen": "to whom", "wem": "to whom", "wer": "who",
    "wen": "whom", "welche": "which", "welcher": "which", "welches": "which", "welchen": "which", "wann": "when",
    "was": "what", "kommentare": "comments", "kommentaren": "comments", "kommentar": "comment",
    "beiträge": "comments", "beiträgen": "comments", "beitrag": "comment", "antworten": "replies", "antwort": "reply",
    "geantwortet": "replied", "antwortet": "replied", "antwortete": "replied", "reagiert": "replied",
    "erwidert": "replied", "beantwortet": "answered", "unbeantwortet": "unanswered", "personen": "people",
    "person": "person", "leute": "people", "menschen": "people", "kommentatoren": "commenters",
    "kommentierende": "commenters", "kommentator": "commenter", "nutzer": "users", "teilnehmer": "participants",
    "sich beteiligt": "participated", "beteiligt": "participated", "mitdiskutiert": "participated",
    "teilgenommen": "participated", "kommentiert": "commented", "kommentierte": "commented",
    "geschrieben": "written", "schrieb": "wrote", "verfasst": "written", "gepostet": "posted",
    "abgegeben": "made", "stammen": "are", "stammt": "is", "bekommen": "received", "bekam": "received",
    "erhalten": "received", "erhielt": "received", "hat": "has", "haben": "have", "hatte": "had", "ist": "is",
    "sind": "are", "war": "was", "waren": "were", "wurde": "was", "wurden": "were", "keinen": "no", "keine": "no",
    "kein": "no", "ohne": "without", "niemand": "nobody", "jemand": "anyone", "namen": "name", "name": "name",
    "mit": "with", "auf": "to", "an": "to", "von": "by", "vom": "by", "unter": "under", "zu": "to", "und": "and",
    "oder": "or", "in": "in", "im": "in the", "der": "the", "die": "the", "das": "the", "den": "the", "dem": "the",
    "des": "of the", "ein": "a", "eine": "a", "einen": "a", "es": "", "hier": "here", "insgesamt": "in total",
    "erste": "first", "ersten": "first", "zuerst": "first", "letzte": "last", "letzten": "last", "zuletzt": "last",
    "längste": "longest", "längsten": "longest", "kürzeste": "shortest", "kürzesten": "shortest", "nur": "only",
    "einmal": "once", "mehr als": "more than", "diskussion": "discussion", "artikel": "article", "thread": "thread",
    "liste": "list", "zeige": "show", "alle": "all", "aller": "all", "verschiedene": "different",
    "geschrieben hat": "written", "autor": "A0", "titel": "title", "veröffentlicht": "published",
    "erschienen": "published", "heißt": "is called", "wörter": "words", "stimmen": "votes",
    "jemals": "ever", "je": "ever", "überhaupt": "", "schon": "", "eigentlich": "", "denn": "", "nie": "never",
    "blieben": "were", "blieb": "was", "bleiben": "are", "gab es": "were there", "fehlen": "are missing",
    "fehlt": "is missing", "datei": "file", "seite": "page", "zweimal": "twice", "dreimal": "three times",
    "mehrmals": "several times", "öfter als": "more than", "höchstens": "at most", "mindestens": "at least",
    "genau": "exactly", "wie viel prozent": "what percentage of", "von wem": "by whom", "auf wie viele": "to how many",
    "anzahl": "number of", "gesamtzahl": "total number of", "anteil": "share", "prozent": "percent",
    "am häufigsten": "most often", "am aktivsten": "most active", "aktivste": "most active", "aktivsten": "most active",
    "wenigsten": "least", "als erster": "first", "als erste": "first", "als letzter": "last", "als letzte": "last",
    "erster": "first", "letzter": "last", "erstes": "first", "letztes": "last", "längster": "longest",
    "kürzester": "shortest", "meiste": "most", "meisten": "most", "beste": "best", "neueste": "latest",
    "neuesten": "latest", "älteste": "earliest", "ältesten": "earliest", "tiefste": "deepest", "tiefsten": "deepest",
    "kette": "chain", "antwortkette": "reply chain", "schreibt": "writes", "schreiben": "write", "schrieben": "wrote",
    "kommentieren": "comment", "kommentierten": "commented", "diskutiert": "participated", "diskutieren": "participate",
    "diskutieren mit": "participate", "mitdiskutieren": "participate", "äußerte": "commented", "sich": "",
    "gemeldet": "commented", "meldete": "commented", "sich selbst": "themselves", "verschiedenen": "different",
    "unterschiedliche": "different", "unterschiedlichen": "different", "unbeantwortete": "unanswered",
    "unbeantworteten": "unanswered", "antworteten": "replied", "reagierte": "replied", "reagierten": "replied",
    "hatten": "had", "wem hat": "to whom has", "am": "on", "seit": "since", "nach": "after", "vor": "before",
    "bis": "until", "zwischen": "between", "tag": "day", "tagen": "days", "tage": "days", "welchem": "which",
    "punkte": "points", "wie hoch": "what", "likes": "likes", "verfassten": "wrote", "verfasste": "wrote",
    "nicht": "not", "oberster": "top", "ebene": "level", "ebenen": "levels", "darunter": "among",
    "wort": "word", "letzte wort": "last comment", "nachrichten": "messages", "postings": "posts", "user": "users",
    "usern": "users", "schreiber": "commenters", "autoren": "commenters", "teilnehmern": "participants",
}  # fmt: skip
_FRENCH = {
    "combien de": "how many", "combien d'": "how many ", "combien": "how many", "y a-t-il": "are there",
    "il y a": "there are", "le plus de": "most", "le plus long": "longest", "la plus longue": "longest",
    "le plus court": "shortest", "le plus": "most often", "le moins": "least", "à qui": "to whom", "qui": "who",
    "quel": "which", "quelle": "which", "quels": "which", "quelles": "which", "quand": "when", "a-t-il": "has",
    "a-t-elle": "has", "commentaires": "comments", "commentaire": "comment", "messages": "comments",
    "réponses": "replies", "réponse": "reply", "répondu": "replied", "répond": "replied", "personnes": "people",
    "gens": "people", "commentateurs": "commenters", "participants": "participants", "utilisateurs": "users",
    "écrit": "written", "écrits": "written", "posté": "posted", "publié": "published", "participé": "participated",
    "commenté": "commented", "reçu": "received", "a": "has", "ont": "have", "est": "is", "sont": "are", "à": "to",
    "au": "to", "de": "of", "du": "of the", "des": "of the", "par": "by", "sous": "under", "et": "and", "ou": "or",
    "sans": "without", "nom": "name", "personne n'": "nobody ", "premier": "first", "première": "first",
    "dernier": "last", "dernière": "last", "le": "the", "la": "the", "les": "the", "l'": "the ", "un": "a",
    "une": "a", "cet": "this", "cette": "this", "ce": "this", "dans": "in", "article": "article",
    "discussion": "discussion", "total": "total", "au total": "in total", "en tout": "in total", "auteur": "A0",
    "titre": "title", "liste": "list", "tous": "all", "mots": "words",
}  # fmt: skip
_SPANISH = {
    "cuántos": "how many", "cuántas": "how many", "cuantos": "how many", "cuantas": "how many", "a quién": "to whom",
    "quién": "who", "quien": "who", "quiénes": "who", "cuándo": "when", "cuál": "which", "qué": "which",
    "hay": "are there", "más largo": "longest", "más corto": "shortest", "el más": "most", "más": "most",
    "menos": "least", "comentarios": "comments", "comentario": "comment", "mensajes": "comments",
    "respuestas": "replies", "respuesta": "reply", "respondió": "replied", "respondido": "replied",
    "respondieron": "replied", "contestó": "replied", "personas": "people", "usuarios": "users",
    "comentaristas": "commenters", "participantes": "participants", "escribió": "wrote", "escrito": "written",
    "publicó": "published", "comentó": "commented", "comentaron": "commented", "participaron": "participated",
    "recibió": "received", "tiene": "has", "tienen": "have", "ha": "has", "han": "have", "es": "is", "son": "are",
    "a": "to", "de": "of", "del": "of the", "por": "by", "bajo": "under", "y": "and", "o": "or", "sin": "without",
    "nombre": "name", "nadie": "nobody", "alguien": "anyone", "primer": "first", "primero": "first",
    "último": "last", "última": "last", "el": "the", "la": "the", "los": "the", "las": "the", "un": "a", "una": "a",
    "este": "this", "esta": "this", "en": "in", "artículo": "article", "discusión": "discussion",
    "total": "total", "autor": "A0", "título": "title", "lista": "list", "todos": "all", "palabras": "words",
}  # fmt: skip
FOREIGN = frozenset(word for table in (_GERMAN, _FRENCH, _SPANISH) for key in table for word in key.split())
"""The words of other languages that questions of structure are made of."""
_OPENINGS = (
    (
        re.compile(
            r"^(?:von wem|(?:auf )?wie (?:viele?|oft|lang|tief|hoch)|wieviele?|wer|wem|wen|auf wen|wann|hat|haben"
            r"|gab|gibt|(?:an |in |von )?welche[rsnm]?|liste|zeige?|nenne?|anzahl|gesamtzahl|wurden?"
            r"|(?:seit|bis|zwischen|von) wann)\b"
        ),
        _GERMAN,
    ),
    (re.compile(r"^(?:combien|qui|à qui|quels?|quelles?|quand|liste)\b"), _FRENCH),
    (re.compile(r"^[¿\s]*(?:cu[aá]nt[oa]s|qui[eé]n(?:es)?|a qui[eé]n|cu[aá]ndo|cu[aá]l|lista)\b"), _SPANISH),
)
LEANING = re.compile(
    r"\b(?:darauf|dazu|davon|dagegen|dafür|damit|darüber|daran|er|ihm|ihn|ihr|deren|dessen|dies|il|elle|lui|leur|cela"
    r"|ella|él|eso)\b",
    re.IGNORECASE,
)
"""Words of other languages by which a question leans on the one before it."""


def in_english(text: str) -> str:
    """Put a marked question's structural words into English; a question in English comes back as it is."""
    for opening, table in _OPENINGS:
        if opening.match(text) and not re.search(r"\b(?:the|of|did|does|who|how)\b", text):
            return _translated(text.lstrip("¿ "), table)
    return text


def _translated(text: str, table: Mapping[str, str]) -> str:
    keys = sorted(table, key=len, reverse=True)
    pattern = re.compile(r"(?<![\w'])(?:" + "|".join(map(re.escape, keys)) + r")(?:(?<=')|(?![\w']))")
    text = pattern.sub(lambda match: table[match.group()], text)
    text = re.sub(r"\b(of) (?=[PC]\d)", "by ", text)
    text = re.sub(r"\breceived ([PC]\d+)\b", r"\1 received", text)
    who_before = re.search(r"\bwho\b|P\d+ (?=P\d)", text)
    if who_before:
        text = re.sub(r"(?<!to )(?<!by )\b([PC]\d+)(?= (?:not |nicht )?(?:replied)\b)", r"to \1", text)
    return re.sub(r"\s+", " ", text).strip()
