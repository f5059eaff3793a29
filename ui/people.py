"""Pictures of a discussion, drawn by code as HTML and SVG: who wrote how much, who answers whom, when."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from ingest.thread import Thread
from ingest.wording import counted, noun
from ui.markup import esc, hues, shown_name

__all__ = ["activity_html", "exchanges", "map_html", "people_html"]

SHOWN = 24
"""People on the map; a larger circle cannot be read."""

BARS = 32
RADIUS = 165.0


def exchanges(thread: Thread) -> Counter[tuple[str, str]]:
    """Count who answered whom: (author, author of the parent) → replies. Unnamed people and oneself are left out."""
    pairs: Counter[tuple[str, str]] = Counter()
    for comment in thread.visible:
        parent = thread.parent(comment)
        if parent is None or comment.author is None or parent.author is None or comment.author == parent.author:
            continue
        pairs[comment.author, parent.author] += 1
    return pairs


def people_html(thread: Thread) -> str:
    """Return everybody with their number of comments and of replies received, those who wrote most first."""
    counts = Counter(comment.author for comment in thread.visible if comment.author is not None)
    received: Counter[str] = Counter()
    for comment in thread.visible:
        parent = thread.parent(comment)
        if parent is not None and parent.author is not None and parent.author != comment.author:
            received[parent.author] += 1
    colours, most = hues(thread), max(counts.values(), default=1)
    rows = [
        f'<tr class="cm-h{colours[author]}"><td>{_button(author)}</td>'
        f'<td class="cm-num">{count}</td><td class="cm-meter"><i style="--w:{100 * count / most:.1f}%"></i></td>'
        f'<td class="cm-num">{received[author]}</td></tr>'
        for author, count in counts.most_common()
    ]
    lost = sum(1 for comment in thread.visible if comment.author is None)
    if lost:
        rows.append(
            f'<tr class="cm-anon"><td><span class="cm-lost">name lost in extraction</span></td>'
            f'<td class="cm-num">{lost}</td><td class="cm-meter"><i style="--w:{100 * lost / most:.1f}%"></i></td>'
            "<td></td></tr>"
        )
    if not rows:
        return '<p class="cm-note">Nobody has commented.</p>'
    return (
        '<table class="cm-people"><caption>Click a name to read or ask that person alone.</caption>'
        "<thead><tr><th>Person</th><th>Comments</th><th><span class='cm-hide'>Share</span></th>"
        f"<th>Replies received</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _button(author: str) -> str:
    return (
        f'<button type="button" class="cm-who" data-cm="author" data-arg="{esc(author)}">'
        f"<bdi>{esc(shown_name(author))}</bdi></button>"
    )


def map_html(thread: Thread) -> str:
    """Return a circle of people, dots sized by comments, and a curve for each pair of whom one answered the other."""
    counts = Counter(comment.author for comment in thread.visible if comment.author is not None)
    people = [author for author, _ in counts.most_common(SHOWN)]
    pairs = {pair: n for pair, n in exchanges(thread).items() if pair[0] in people and pair[1] in people}
    if len(people) < 2 or not pairs:
        return '<p class="cm-note">Nobody answers anybody by name here, so there is no map to draw.</p>'
    order = _around(people, pairs)
    place = {author: _point(at, len(order), RADIUS) for at, author in enumerate(order)}
    most, heaviest = max(counts.values()), max(pairs.values())
    curves = [
        f'<path class="cm-edge" d="M{place[a][0]:.1f} {place[a][1]:.1f}Q0 0 {place[b][0]:.1f} {place[b][1]:.1f}" '
        f'stroke-width="{1 + 3.5 * (n / heaviest):.1f}" data-a="{esc(a)}" data-b="{esc(b)}">'
        f"<title>{esc(shown_name(a))} answered {esc(shown_name(b))} {counted(n, 'time')}</title></path>"
        for (a, b), n in sorted(pairs.items(), key=lambda item: item[1])
    ]
    colours = hues(thread)
    dots = []
    for at, author in enumerate(order):
        (x, y), (tx, ty) = place[author], _point(at, len(order), RADIUS + 14 + 11 * math.sqrt(counts[author] / most))
        side = "start" if tx > 12 else "end" if tx < -12 else "middle"
        name = esc(shown_name(author, limit=18))
        dots.append(
            f'<g class="cm-dot cm-h{colours[author]}" role="button" tabindex="0" data-cm="author" '
            f'data-arg="{esc(author)}" aria-label="{name}, {counted(counts[author], "comment")}">'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{4 + 10 * math.sqrt(counts[author] / most):.1f}"></circle>'
            f'<text x="{tx:.1f}" y="{ty + 4:.1f}" text-anchor="{side}">{name}</text></g>'
        )
    rest = len(counts) - len(people)
    note = f" The {rest} who wrote least {noun(rest, 'is', 'are')} left out." if rest > 0 else ""
    return (
        '<figure class="cm-map"><svg viewBox="-300 -225 600 450" role="group" aria-label="Map of who answers whom">'
        f"{''.join(curves)}{''.join(dots)}</svg><figcaption>A dot is a person, its size the number of comments; "
        f"a curve joins two of whom one answered the other, thicker for more. Click a person.{note}"
        "</figcaption></figure>"
    )


def _point(at: int, of: int, radius: float) -> tuple[float, float]:
    angle = 2 * math.pi * at / of - math.pi / 2
    return radius * math.cos(angle), radius * math.sin(angle)


def _around(people: Sequence[str], pairs: dict[tuple[str, str], int]) -> list[str]:
    """Order people so that those who talk to each other stand together: always the strongest tie to the last placed."""
    ties: Counter[frozenset[str]] = Counter()
    for (a, b), count in pairs.items():
        ties[frozenset((a, b))] += count
    left = list(people)
    order = [left.pop(0)]
    while left:
        best = max(left, key=lambda author: (ties[frozenset((order[-1], author))], -left.index(author)))
        left.remove(best)
        order.append(best)
    return order


def activity_html(thread: Thread) -> str:
    """Return bars of comments over the time the discussion lasted; empty where fewer than two comments are dated."""
    times = sorted(filter(None, (_instant(comment.created_at) for comment in thread.visible)))
    if len(times) < 2:
        return '<p class="cm-note">The comments carry no times.</p>'
    span = max(times[-1] - times[0], 1.0)
    bars = Counter(min(int((time - times[0]) / span * BARS), BARS - 1) for time in times)
    most = max(bars.values())
    width = 640 / BARS
    drawn = "".join(
        f'<rect class="cm-col" x="{at * width + 1:.1f}" y="{180 - 160 * count / most:.1f}" width="{width - 2:.1f}" '
        f'height="{160 * count / most:.1f}"><title>{count} from {_when(times[0] + at * span / BARS)}</title></rect>'
        for at, count in sorted(bars.items())
    )
    undated = len(thread.visible) - len(times)
    note = f" {undated} without a time {noun(undated, 'is', 'are')} not drawn." if undated else ""
    return (
        '<figure class="cm-activity"><svg viewBox="0 0 640 200" role="img" aria-label="Comments over time">'
        f'{drawn}<line x1="0" y1="180.5" x2="640" y2="180.5"></line></svg>'
        f'<p class="cm-ends"><span>{_when(times[0])}</span><span>{_when(times[-1])}</span></p>'
        f"<figcaption>{len(times):,} comments over time; the tallest bar stands for {most:,}.{note}"
        "</figcaption></figure>"
    )


def _instant(value: str | None) -> float | None:
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _when(instant: float) -> str:
    return datetime.fromtimestamp(instant, tz=UTC).strftime("%-d %b %Y, %H:%M")
