"""Plain text as people paste it: an article and comments, each with a line that names who wrote it and when.

Whether names stand before or after what they wrote is decided once for the file: by which reading leaves no words
without a name at either end. A wrong guess would shift every name by one, so an undecided file is refused.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.clean import plain_text, tidy
from ingest.draft import Draft, ThreadDraft
from ingest.errors import MalformedSource, NoComments
from ingest.formats.dates import read_dates
from ingest.formats.depthcap import CAPPED, Seat, likely_parents
from ingest.formats.plain_markers import BUTTONS, Marker, find_markers, separators, uniform
from ingest.formats.plain_tree import linked_parents
from ingest.formats.prose import is_boilerplate, is_count_line, is_prose, paragraphs, read_article
from ingest.formats.textual import plain
from ingest.loader import Loader
from ingest.source import Source
from ingest.thread import Thread, normalise
from ingest.tree import assemble
from ingest.wording import counted as number

__all__ = ["LOADER"]

_SUBJECT = re.compile(r"^(?P<subject>.*?)\s*\(Score\s*:?\s*(?P<score>-?\d)(?:,\s*\w+)?\)$")
_GREETING = re.compile(r"^(?:hi|hello|hey|dear|hallo|bonjour|hola)\b|^@\w", re.IGNORECASE)
_VOTES = re.compile(r"^\s*[+-]?\d[\d.,]*\s?[kK]?\s*$")
_LEAST = 2
_LEAST_SEPARATORS = 3


@dataclass(slots=True)
class _Piece:
    """One comment: its marker and its lines."""

    marker: Marker
    lines: list[str]
    uncertain: bool = False


def _sniff(source: Source) -> float:
    text = plain(source)
    if not text:
        return 0.0
    markers = _style(text.splitlines())
    if len(markers) >= _LEAST:
        return 0.55 if len(markers) > 2 else 0.5
    return 0.2 if is_prose(text) else 0.0


def _load(source: Source) -> tuple[Thread, ...]:
    lines = tidy(source.text).replace("\u00a0", " ").splitlines()
    markers = _style(lines)
    if len(markers) < _LEAST:
        return (assemble(_article_only(source, lines), source),)
    head = _names_lead(lines, markers)
    if head is None:
        raise MalformedSource(
            f"{source.name} does not tell whether names stand before or after what they wrote.",
            remedy="Add the missing name or words at the beginning or end, or save the page as HTML.",
        )
    above, pieces = _led(lines, markers) if head else _followed(lines, markers)
    prose = read_article(above)
    drafts, notes = _drafts(pieces)
    stated = prose.stated
    lost = max((stated or 0) - len(drafts), _gaps(markers), 0)
    if stated is not None and stated > len(drafts):
        notes.append(f"The page counts {number(stated, 'comment')}; this file holds {len(drafts):,}.")
    draft = ThreadDraft(
        platform="plaintext",
        key=None,
        article=prose.article,
        comments=tuple(drafts),
        notes=(*prose.notes, *notes),
        missing=lost or None,
    )
    return (assemble(draft, source),)


def _article_only(source: Source, lines: Sequence[str]) -> ThreadDraft:
    """Load prose without any comment structure as an article; refuse what is not even prose."""
    if not is_prose("\n".join(lines)):
        raise NoComments(
            f"{source.name} holds no comments that can be told apart, and no prose.",
            remedy="Give the saved page or an export of the site.",
        )
    prose = read_article(lines)
    note = "No comments can be told apart in this text; it was read as an article alone."
    return ThreadDraft("plaintext", None, prose.article, (), notes=(*prose.notes, note), missing=None)


def _style(lines: Sequence[str]) -> list[Marker]:
    """Return the markers of the one kind that the file uses: the most frequent; separators where no line names."""
    markers = find_markers(lines)
    counts = Counter(marker.kind for marker in markers)
    kind = max(counts, key=lambda name: counts[name], default="")
    if counts[kind] >= _LEAST:
        chosen = [marker for marker in markers if marker.kind == kind]
        numbered = [marker for marker in chosen if marker.number is not None]
        return uniform(numbered if len(numbered) >= max(_LEAST, 0.75 * len(chosen)) else chosen)
    runs = separators(lines)
    return runs if len(runs) >= _LEAST_SEPARATORS else []


def _names_lead(lines: Sequence[str], markers: Sequence[Marker]) -> bool | None:
    """Decide for the whole file: True where each name stands before its words, False after, None undecided."""
    if markers[0].kind == "separator":
        return False
    after = _words(lines[markers[-1].line + markers[-1].span :])
    between = [bool(_words(lines[one.line + one.span : two.line])) for one, two in pairwise(markers)]
    if sum(between) < 0.5 * len(between):
        return None
    before = _words(_after_count(lines[: markers[0].line]))
    if after and not all(is_boilerplate(block) for block in after):
        return True
    tight_above = sum(bool(marker.line and lines[marker.line - 1].strip()) for marker in markers)
    if after and tight_above < 0.5 * len(markers):
        return True
    return False if before else None


def _words(lines: Sequence[str]) -> list[str]:
    return [block for block in paragraphs(lines) if not BUTTONS.match(block)]


def _after_count(lines: Sequence[str]) -> Sequence[str]:
    """Return what follows the last line that counts comments, or everything where none does."""
    places = [place for place, line in enumerate(lines) if is_count_line(line)]
    return lines[places[-1] + 1 :] if places else lines


def _led(lines: Sequence[str], markers: Sequence[Marker]) -> tuple[Sequence[str], list[_Piece]]:
    """Cut where each marker begins a comment; a line above it that repeats its name or titles it goes with it."""
    starts = [_title_above(lines, marker) for marker in markers]
    pieces = []
    for place, marker in enumerate(markers):
        end = starts[place + 1] if place + 1 < len(markers) else len(lines)
        title = list(lines[starts[place] : marker.line])
        pieces.append(_Piece(marker, [*title, *lines[marker.line + marker.span : end]]))
    return lines[: starts[0]], pieces


def _title_above(lines: Sequence[str], marker: Marker) -> int:
    """Return where a comment begins: at its marker, or at a title or repeated name right above it."""
    above = lines[marker.line - 1].strip() if marker.line else ""
    if above and (above == marker.author or _SUBJECT.match(above)):
        return marker.line - 1
    return marker.line


def _followed(lines: Sequence[str], markers: Sequence[Marker]) -> tuple[Sequence[str], list[_Piece]]:
    """Cut where each marker ends a comment; where the first begins is known only after a line that counts them."""
    first = lines[: markers[0].line]
    counted = _after_count(first)
    sure = len(counted) < len(first)
    start = len(first) - len(counted) if sure else _first_words(first)
    pieces = []
    at = start
    for place, marker in enumerate(markers):
        pieces.append(_Piece(marker, list(lines[at : marker.line]), uncertain=place == 0 and not sure))
        at = marker.line + marker.span
    return lines[:start], pieces


def _first_words(lines: Sequence[str]) -> int:
    """Guess where the first comment begins without a sign: at the last greeting, else at the last paragraph."""
    starts = [
        place for place, line in enumerate(lines) if line.strip() and (place == 0 or not lines[place - 1].strip())
    ]
    greeted = [place for place in starts[len(starts) // 2 :] if _GREETING.match(lines[place].strip())]
    return greeted[-1] if greeted else starts[-1] if starts else 0


def _drafts(pieces: Sequence[_Piece]) -> tuple[list[Draft], list[str]]:
    bodies = [_body(piece) for piece in pieces]
    times = read_dates([piece.marker.when for piece in pieces])
    seats = _seats(pieces, bodies)
    linked = linked_parents([piece.marker.links for piece in pieces])
    placed = likely_parents(seats)
    keys = _keys(pieces)
    drafts = []
    for here, piece in enumerate(pieces):
        body, score = bodies[here]
        shown, likely = seats[here].parent, placed[here].parent
        flags = [CAPPED] if placed[here].capped else []
        if linked is not None:
            shown = likely = linked[here].parent
            flags = ["parent_guessed"] if linked[here].guessed else []
        flags += ["start_uncertain"] if piece.uncertain else []
        flags += [] if body else ["empty"]
        drafts.append(
            Draft(
                key=keys[here],
                parent_key=keys[likely] if likely is not None else None,
                author=piece.marker.author,
                text=plain_text(body),
                created_at=times[here],
                score=score,
                flags=tuple(flags),
                native=False,
                shown_key=keys[shown] if shown is not None else None,
            )
        )
    return drafts, _notes(drafts)


def _keys(pieces: Sequence[_Piece]) -> list[str]:
    """Return the comments' own numbers where each has another one, else their places."""
    own = [piece.marker.key for piece in pieces]
    return (
        [str(key) for key in own]
        if None not in own and len(set(own)) == len(own)
        else [f"{place}" for place in range(len(pieces))]
    )


def _seats(pieces: Sequence[_Piece], bodies: Sequence[tuple[str, int | None]]) -> list[Seat]:
    """Place comments by the indents of their markers."""
    seats: list[Seat] = []
    stack: list[int] = []
    for here, piece in enumerate(pieces):
        while stack and pieces[stack[-1]].marker.indent >= piece.marker.indent:
            stack.pop()
        seats.append(Seat(stack[-1] if stack else None, len(stack), piece.marker.author, bodies[here][0][:200]))
        stack.append(here)
    return seats


def _body(piece: _Piece) -> tuple[str, int | None]:
    """Return a comment's words and its score: without buttons, a repeated name, and a `Re:` title."""
    lines = list(piece.lines)
    score = None
    while lines and not lines[0].strip():
        lines.pop(0)
    if lines and piece.marker.author and normalise(lines[0]) == normalise(piece.marker.author):
        lines.pop(0)
    if lines and (match := _SUBJECT.match(lines[0].strip())):
        score = int(match.group("score"))
        subject = match.group("subject")
        lines[0:1] = [] if subject.lower().startswith("re:") or not subject else [subject, ""]
    button = False
    while lines and (not lines[-1].strip() or BUTTONS.match(lines[-1].strip()) or (button and _VOTES.match(lines[-1]))):
        button = bool(lines.pop().strip()) or button
    return "\n\n".join(paragraphs(lines)), score


def _gaps(markers: Sequence[Marker]) -> int:
    """Count the numbers that numbered comments skip."""
    numbers = [marker.number for marker in markers]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers) or known != sorted(known) or known[0] > 1:
        return 0
    return max(0, known[-1] - len(known))


def _notes(drafts: Sequence[Draft]) -> list[str]:
    notes = ["Pasted text does not tell whether comments are missing."]
    nested = any(draft.parent_key for draft in drafts)
    if all(draft.author is None for draft in drafts):
        notes.append("The text names nobody: it does not say who wrote which comment.")
    if not nested:
        notes.append("The text does not show who answers whom: all comments stand at the top level.")
    if any("start_uncertain" in draft.flags for draft in drafts):
        notes.append("Where the article ends and the first comment begins is a guess.")
    capped = sum(CAPPED in draft.flags for draft in drafts)
    if capped:
        many = "comments at the deepest level may answer the one printed before them"
        one = "comment at the deepest level may answer the one printed before it"
        notes.append(f"{capped:,} {one if capped == 1 else many}.")
    return notes


LOADER = Loader("plaintext", "Plain text", _sniff, _load)
