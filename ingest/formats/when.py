"""Points in time as people write them: telling them from other words, in a few languages."""

import re
from collections.abc import Sequence

from ingest.formats.dates import month_names

__all__ = ["EDGE", "is_when", "starts_time"]

EDGE = " \t|—–-·•,:;@/()[]»«"
"""What may stand around a name or a time without being part of it."""

_DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun montag "
    "dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes "
    "martes miércoles jueves viernes sábado domingo"
)
_UNITS = (
    "second seconds sec min mins minute minutes hour hours hr hrs day days week weeks month months year years "
    "sekunde sekunden minuten stunde stunden tag tage tagen woche wochen monat monate monaten jahr jahre jahren "
    "heure heures jour jours semaine semaines mois an ans"
)
_LINKING = (
    "at on the of de del um uhr am pm a.m p.m ago vor il y a à le el den about st nd rd th utc gmt est edt pst pdt "
    "cst cdt mst mdt cet cest bst edited h"
)
_RELATIVE = frozenset({"yesterday", "today", "gestern", "heute", "hier", "now"})
_DATED = month_names() | frozenset(_DAYS.split()) | frozenset(_UNITS.split())
_KNOWN = _DATED | frozenset(_LINKING.split()) | _RELATIVE
_STARTERS = _DATED | _RELATIVE | frozenset({"on", "at", "am", "le", "el", "vor", "il", "about", "um", "den"})
_WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*|\d+")
_NUMERIC = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\b(?:19|20)\d\d\b.*\d|\d{1,2}:\d\d")


def is_when(text: str) -> bool:
    """Tell whether a text is a point in time and nothing else.

    >>> is_when("July 10th, 2012, 1:26 am"), is_when("2 years ago"), is_when("Chapter 5")
    (True, True, False)
    """
    if len(text) > 80:
        return False
    words = [word.lower() for word in _WORD.findall(text)]
    if not words or any(not word.isdigit() and word not in _KNOWN for word in words):
        return False
    if not any(word.isdigit() for word in words):
        return False
    return any(word in _DATED or word in _RELATIVE for word in words) or bool(_NUMERIC.search(text))


def starts_time(words: Sequence[str]) -> bool:
    """Tell whether a time may begin here: a number alone belongs to the name unless a date goes on from it."""
    first = words[0].strip(EDGE)
    if not first:
        return True
    if not first.isdigit() or len(words) == 1:
        return first[0].isdigit() or first.lower().rstrip(".,") in _STARTERS
    following = [word.lower() for word in _WORD.findall(words[1])]
    return bool(following) and following[0] in _DATED
