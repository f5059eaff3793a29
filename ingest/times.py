"""Times as sources write them → ISO 8601 in UTC."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["iso_time"]

_DIGITS = re.compile(r"-?\d+(?:\.\d+)?$")


def iso_time(value: object, *, utc: bool = True) -> str | None:
    """Return a point in time as ISO 8601 in UTC (`2024-02-03T16:43:55Z`), or None for what is no time.

    Takes unix seconds or milliseconds (number or digits), ISO 8601, `YYYY-MM-DD HH:MM:SS`, and RFC 822 dates. A time
    without a zone is taken as UTC; with `utc=False` it is returned without a zone.
    """
    if isinstance(value, str):
        value = value.strip()
        if _DIGITS.match(value):
            value = float(value)
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if abs(value) > 1e11 else value
            return _stamp(datetime.fromtimestamp(seconds, UTC)) if seconds > 0 else None
        if not isinstance(value, str) or len(value) < 8 or len(value) > 64:
            return None
        moment = parsedate_to_datetime(value) if value[:3].isalpha() or value[1:3].strip().isalpha() else _iso(value)
        if moment.tzinfo is None and not utc:
            return moment.isoformat(timespec="seconds")
        return _stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None


def _iso(value: str) -> datetime:
    return datetime.fromisoformat(value.removesuffix(" UTC"))


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
