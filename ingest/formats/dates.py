"""Dates as pages and blogs print them, in a few languages → ISO 8601 without a zone.

A date is read only where it is whole (day, month, year); "2 years ago" and "10 March" are not guessed at. Whether
`03/04/2012` is March or April is decided for the whole file, by a date in it that can be read in one way only.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from ingest.clean import iso_time

__all__ = ["month_names", "read_dates"]

_MONTHS = {
    1: "january januar janvier enero gennaio januari janeiro jan ene gen jän jänner janv",
    2: "february februar février febrero febbraio februari fevereiro feb fév févr fev",
    3: "march märz mars marzo maart março mar mär mrz mrt",
    4: "april avril abril aprile apr avr abr",
    5: "may mai mayo maggio mei maio mag",
    6: "june juni juin junio giugno junho jun giu",
    7: "july juli juillet julio luglio julho jul juil lug",
    8: "august août agosto augustus aug aoû ago",
    9: "september septembre septiembre settembre setembro sep sept set",
    10: "october oktober octobre octubre ottobre outubro oct okt ott out",
    11: "november novembre noviembre novembro nov",
    12: "december dezember décembre diciembre dicembre dezembro dec dez déc dic",
}
_MONTH = {name: number for number, names in _MONTHS.items() for name in names.split()}
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_CLOCK = re.compile(r"(?<![\d:.])(\d{1,2})(?::|h|\.)(\d{2})(?::(\d{2}))?\s*([ap])?\.?m?\.?(?![\d.])", re.IGNORECASE)
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_MONTH_FIRST = re.compile(rf"\b({_NAMES})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b", re.IGNORECASE)
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.|er|º)?\s*[- ]?(?:de\s+|of\s+)?({_NAMES})\.?,?[- ]?\s*(?:de\s+|del\s+)?"
    r"(\d{4})\b",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/-])")


def month_names() -> frozenset[str]:
    """Return the names of months that are understood, in lower case."""
    return frozenset(_MONTH)


def read_dates(shown: Sequence[str | None]) -> list[str | None]:
    """Return each shown date as ISO 8601 (`2013-04-21T02:20:00` or `2013-04-21`), None where it is not whole.

    >>> read_dates(["Le 21/04/2013 à 02:20", "October 27, 2011 at 5:39 AM", "yesterday"])
    ['2013-04-21T02:20:00', '2011-10-27T05:39:00', None]
    """
    day_first = _day_first([text for text in shown if text])
    return [_read(text, day_first) if text else None for text in shown]


def _day_first(shown: Sequence[str]) -> bool | None:
    """Tell how numeric dates of a file are written; None where no date of it tells.

    A number above 12 is a day. Else the reading in which the dates lie closer together is the right one: a thread
    lasts days more often than months. Else dots mean that the day comes first, unless the clock says am and pm.
    """
    dates = [match for match in (_NUMBERS.search(text) for text in shown) if match]
    pairs = [(int(match.group(1)), int(match.group(3))) for match in dates]
    if any(first > 12 for first, _ in pairs) or any(second > 12 for _, second in pairs):
        return any(first > 12 for first, _ in pairs)
    spans = [
        _span([(match.group(4), month, day) for match, (month, day) in zip(dates, order, strict=True)])
        for order in ([(b, a) for a, b in pairs], pairs)
    ]
    if spans and spans[0] != spans[1]:
        return spans[0] < spans[1]
    dotted = bool(dates) and all(match.group(2) == "." for match in dates)
    return True if dotted and not any(re.search(r"\d\s*[ap]\.?m", text, re.IGNORECASE) for text in shown) else None


def _span(dates: Sequence[tuple[str, int, int]]) -> int:
    """Return about how many days lie between the first and the last of (year, month, day)."""
    days = [int(year) * 372 + month * 31 + day for year, month, day in dates]
    return max(days) - min(days) if days else 0


def _read(text: str, day_first: bool | None) -> str | None:
    exact = iso_time(text, utc=False) if re.match(r"\d{4}-\d\d-\d\d[T ]\d", text) else None
    if exact is not None:
        return exact
    found = _day(text, day_first)
    if found is None:
        return None
    (year, month, day), end = found
    clock = _CLOCK.search(text, end) or _CLOCK.search(text[: max(0, end - 8)])
    try:
        if clock is None:
            return datetime(year, month, day).date().isoformat()
        hour = int(clock.group(1)) % 12 if clock.group(4) else int(clock.group(1))
        hour += 12 if (clock.group(4) or "").lower() == "p" else 0
        second = int(clock.group(3) or 0)
        return datetime(year, month, day, hour, int(clock.group(2)), second).isoformat(timespec="seconds")
    except ValueError:
        return None


def _day(text: str, day_first: bool | None) -> tuple[tuple[int, int, int], int] | None:
    if match := _ISO.search(text):
        return (int(match.group(1)), int(match.group(2)), int(match.group(3))), match.end()
    if match := _MONTH_FIRST.search(text):
        return (int(match.group(3)), _MONTH[match.group(1).lower()], int(match.group(2))), match.end()
    if match := _DAY_FIRST.search(text):
        return (int(match.group(3)), _MONTH[match.group(2).lower()], int(match.group(1))), match.end()
    match = _NUMBERS.search(text)
    if match is None or day_first is None:
        return None
    first, second, year = int(match.group(1)), int(match.group(3)), int(match.group(4))
    year += 2000 if year < 70 and len(match.group(4)) == 2 else 1900 if len(match.group(4)) == 2 else 0
    return (year, second, first) if day_first else (year, first, second), match.end()
