"""Write the fictional threads in the formats of their platforms: `python -m eval.data.make`.

The texts are written by hand in `threads/<name>.txt`; ids and times are made up here, the same ones every time.
A comment begins with as many dashes as its level, then the author (`?` where the source lost the name), then in any
order `#tag` (a name for questions to cite it by), `[+12]` (votes) and a status such as `[deleted]`.
"""

import html
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape  # nosec - writes only

__all__ = ["WRITERS", "Authored", "Node", "main", "read", "tags", "write"]

_HEAD = re.compile(r"^(-+) (.*)$")
_STATUSES = ("deleted", "removed", "pending", "spam", "pingback")


@dataclass(frozen=True, slots=True)
class Node:
    """One comment as it was written; `parent` is a place in the list; `number` is None for what is not visible."""

    place: int
    parent: int | None
    level: int
    author: str | None
    body: str
    tag: str | None
    score: int | None
    status: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Authored:
    """A thread as it was written."""

    name: str
    head: dict[str, str]
    text: str
    nodes: tuple[Node, ...]

    def children(self, place: int | None) -> tuple[Node, ...]:
        """Return the replies to a comment, or the top level for None."""
        return tuple(node for node in self.nodes if node.parent == place)

    def time(self, place: int) -> datetime:
        """Return the made-up time of a comment: some minutes after the one before it."""
        start = datetime.fromisoformat(self.head.get("published", "2024-01-01T00:00:00Z")).astimezone(UTC)
        return start + timedelta(minutes=11 + 7 * place, seconds=(place * 37) % 60)


def read(name: str) -> Authored:
    """Read a thread as it was written."""
    text = (files("eval.data") / "threads" / f"{name}.txt").read_text(encoding="utf-8")
    top, _, below = text.partition("\n----\n")
    lines, _, article = top.partition("\n\n")
    head = dict(line.split(": ", 1) for line in lines.splitlines())
    return Authored(name, head, article.strip(), _nodes(below))


def tags(thread: Authored) -> dict[str, str]:
    """Return the number (`c10`) of every tagged comment."""
    return {node.tag: f"c{node.number}" for node in thread.nodes if node.tag and node.number}


def _nodes(text: str) -> tuple[Node, ...]:
    nodes: list[Node] = []
    above: list[int] = []
    number = 0
    blocks: list[tuple[str, str, list[str]]] = []
    for line in text.splitlines():
        head = _HEAD.match(line)
        if head:
            blocks.append((head[1], head[2], []))
        else:
            blocks[-1][2].append(line)
    for place, (dashes, line, body) in enumerate(blocks):
        tag = re.search(r" #(\w+)", line)
        score = re.search(r" \[([+-]\d+)\]", line)
        status = next((status for status in _STATUSES if re.search(rf"\[{status}\]$", line)), "visible")
        author = re.sub(r"\s*( #\w+| ?\[[+-]\d+\]| \[(?:deleted|removed|pending|spam|pingback)\])", "", line).strip()
        kept = "\n".join(body).strip()
        if author == "[deleted]" and score:
            status = "visible"  # the account is gone, the words stay
        number += status == "visible"
        level = len(dashes) - 1
        above[level:] = [place]
        nodes.append(
            Node(
                place,
                above[level - 1] if level else None,
                level,
                None if author.startswith(("?", "[")) else author,
                kept,
                tag[1] if tag else None,
                int(score[1]) if score else None,
                status,
                number if status == "visible" else None,
            )
        )
    return tuple(nodes)


def _paragraphs(text: str) -> list[str]:
    return [part for part in text.split("\n\n") if part]


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def hackernews(thread: Authored) -> str:
    """Write one nested item of the search API; texts are HTML with `<p>` as separator."""

    def marked(text: str) -> str:
        return "<p>".join(html.escape(part, quote=False).replace("'", "&#x27;") for part in _paragraphs(text))

    def item(node: Node, parent: int) -> dict[str, Any]:
        own = 43_300_000 + node.place * 13
        gone = node.status == "deleted"
        return {
            "id": own,
            "created_at": _stamp(thread.time(node.place)),
            "created_at_i": int(thread.time(node.place).timestamp()),
            "type": "comment",
            "author": None if gone else node.author,
            "title": None,
            "url": None,
            "text": None if gone else marked(node.body),
            "points": None,
            "parent_id": parent,
            "story_id": 43_299_001,
            "children": [item(child, own) for child in thread.children(node.place)],
            "options": [],
        }

    story = {
        "id": 43_299_001,
        "created_at": thread.head["published"],
        "created_at_i": int(datetime.fromisoformat(thread.head["published"]).timestamp()),
        "type": "story",
        "author": thread.head["author"],
        "title": thread.head["title"],
        "url": thread.head["url"],
        "text": marked(thread.text),
        "points": int(thread.head["points"]),
        "parent_id": None,
        "story_id": 43_299_001,
        "children": [item(node, 43_299_001) for node in thread.children(None)],
        "options": [],
    }
    return json.dumps(story, ensure_ascii=False, indent=1) + "\n"


def reddit(thread: Authored) -> str:
    """Write the two listings of a post's `.json`, entities escaped as without `raw_json`, with a stub of 7 more."""
    link = "t3_1f9kq2z"

    def comment(node: Node, parent: str, depth: int) -> dict[str, Any]:
        own = f"lm{node.place:04x}"
        replies = [comment(child, f"t1_{own}", depth + 1) for child in thread.children(node.place)]
        removed = node.status == "removed"
        return {
            "kind": "t1",
            "data": {
                "id": own,
                "name": f"t1_{own}",
                "parent_id": parent,
                "link_id": link,
                "author": "[deleted]" if removed else node.author or "[deleted]",
                "created_utc": thread.time(node.place).timestamp(),
                "body": "[removed]" if removed else html.escape(node.body, quote=False),
                "score": node.score if node.score is not None else 1,
                "score_hidden": False,
                "edited": False,
                "stickied": False,
                "distinguished": None,
                "depth": depth,
                "permalink": f"/r/trailracing/comments/1f9kq2z/race_report_corrie_ridge_50/{own}/",
                "replies": {"kind": "Listing", "data": {"children": replies}} if replies else "",
            },
        }

    more = {
        "kind": "more",
        "data": {
            "id": "lmffff",
            "name": "t1_lmffff",
            "parent_id": link,
            "depth": 0,
            "count": 7,
            "children": ["lmffff", "lmfffe", "lmfffd"],
        },
    }
    post = {
        "kind": "t3",
        "data": {
            "id": "1f9kq2z",
            "name": link,
            "subreddit": "trailracing",
            "title": thread.head["title"],
            "author": thread.head["author"],
            "selftext": html.escape(thread.text, quote=False),
            "created_utc": datetime.fromisoformat(thread.head["published"]).timestamp(),
            "score": int(thread.head["points"]),
            "num_comments": len(thread.nodes) + 7,
            "permalink": "/r/trailracing/comments/1f9kq2z/race_report_corrie_ridge_50/",
            "url": thread.head["url"],
        },
    }
    tops = [comment(node, link, 0) for node in thread.children(None)]
    listings = [
        {"kind": "Listing", "data": {"children": [post]}},
        {"kind": "Listing", "data": {"children": [*tops, more]}},
    ]
    return json.dumps(listings, ensure_ascii=False, indent=1) + "\n"


def discourse(thread: Authored) -> str:
    """Write a topic's `.json`; post 1 is the article, quotes are asides, and a quoting post names no one it answers."""
    topic, numbers = 8841, {node.place: node.place + 2 for node in thread.nodes}

    def cooked(node: Node) -> str:
        parts, before = [], thread.nodes[: node.place]
        for paragraph in _paragraphs(node.body):
            plain = []
            for line in paragraph.split("\n"):
                quote = re.match(r"^> @([\w.]+): (.*)$", line)
                if not quote:
                    plain.append(html.escape(line, quote=False))
                    continue
                post = max([numbers[n.place] for n in before if n.author == quote[1] and quote[2] in n.body] or [1])
                parts.append(
                    f'<aside class="quote no-group" data-username="{quote[1]}" data-post="{post}" '
                    f'data-topic="{topic}">\n<div class="title">\n{quote[1]}:</div>\n'
                    f"<blockquote>\n<p>{html.escape(quote[2], quote=False)}</p>\n</blockquote>\n</aside>"
                )
            if plain:
                parts.append(f"<p>{'<br>'.join(plain)}</p>")
        return "\n".join(parts)

    def post(number: int, user: str, text: str, moment: str, node: Node | None) -> dict[str, Any]:
        parent = node.parent if node else None
        answered = thread.nodes[parent].author if parent is not None else None
        gone = node is not None and node.status == "deleted"
        return {
            "id": 71_000 + number * 3,
            "name": "",
            "username": user,
            "created_at": moment,
            "cooked": "<p>(post deleted by author)</p>" if gone else text,
            "post_number": number,
            "post_type": 1,
            "updated_at": moment,
            "reply_count": len(thread.children(node.place)) if node else 0,
            "reply_to_post_number": numbers[parent] if parent is not None else None,
            **({"reply_to_user": {"username": answered}} if answered and "<aside" not in text else {}),
            "topic_id": topic,
            "topic_slug": "firmware-3-2-on-the-halden-g2-grinder",
            "version": 1,
            "actions_summary": [],
            "hidden": False,
            "deleted_at": None,
            "user_deleted": gone,
        }

    first = "\n".join(f"<p>{html.escape(part, quote=False)}</p>" for part in _paragraphs(thread.text))
    posts = [post(1, thread.head["author"], first, thread.head["published"], None)]
    posts += [
        post(numbers[node.place], node.author or "ghost", cooked(node), _stamp(thread.time(node.place)), node)
        for node in thread.nodes
    ]
    data = {
        "id": topic,
        "title": thread.head["title"],
        "fancy_title": thread.head["title"],
        "slug": "firmware-3-2-on-the-halden-g2-grinder",
        "posts_count": len(posts),
        "created_at": thread.head["published"],
        "post_stream": {"posts": posts, "stream": [item["id"] for item in posts]},
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def wordpress(thread: Authored) -> str:
    """Write a WXR export of one post; waiting, binned and pingback comments are in it, as in real exports."""
    approved = {"pending": "0", "removed": "trash", "deleted": "trash", "spam": "spam"}
    rows = []
    for node in thread.nodes:
        when = thread.time(node.place).strftime("%Y-%m-%d %H:%M:%S")
        kind = "pingback" if node.status == "pingback" else "comment"
        parent = 501 + thread.nodes[node.parent].place if node.parent is not None else 0
        rows.append(
            "\t\t<wp:comment>\n"
            f"\t\t\t<wp:comment_id>{501 + node.place}</wp:comment_id>\n"
            f"\t\t\t<wp:comment_author><![CDATA[{node.author or ''}]]></wp:comment_author>\n"
            f"\t\t\t<wp:comment_author_email><![CDATA[reader{node.place}@mail.example]]></wp:comment_author_email>\n"
            "\t\t\t<wp:comment_author_url></wp:comment_author_url>\n"
            f"\t\t\t<wp:comment_author_IP><![CDATA[192.0.2.{node.place % 250}]]></wp:comment_author_IP>\n"
            f"\t\t\t<wp:comment_date><![CDATA[{when}]]></wp:comment_date>\n"
            f"\t\t\t<wp:comment_date_gmt><![CDATA[{when}]]></wp:comment_date_gmt>\n"
            f"\t\t\t<wp:comment_content><![CDATA[{node.body}]]></wp:comment_content>\n"
            f"\t\t\t<wp:comment_approved><![CDATA[{approved.get(node.status, '1')}]]></wp:comment_approved>\n"
            f"\t\t\t<wp:comment_type><![CDATA[{kind}]]></wp:comment_type>\n"
            f"\t\t\t<wp:comment_parent>{parent}</wp:comment_parent>\n"
            "\t\t\t<wp:comment_user_id>0</wp:comment_user_id>\n"
            "\t\t</wp:comment>\n"
        )
    moment = datetime.fromisoformat(thread.head["published"])
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        '<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:wp="http://wordpress.org/export/1.2/">\n<channel>\n\t<title>The Lowton Lantern</title>\n'
        "\t<wp:wxr_version>1.2</wp:wxr_version>\n\t<item>\n"
        f"\t\t<title><![CDATA[{thread.head['title']}]]></title>\n\t\t<link>{thread.head['url']}</link>\n"
        f"\t\t<pubDate>{moment.strftime('%a, %d %b %Y %H:%M:%S +0000')}</pubDate>\n"
        f"\t\t<dc:creator><![CDATA[{thread.head['author']}]]></dc:creator>\n"
        f"\t\t<content:encoded><![CDATA[{thread.text}]]></content:encoded>\n"
        "\t\t<wp:post_id>318</wp:post_id>\n"
        f"\t\t<wp:post_date_gmt><![CDATA[{moment.strftime('%Y-%m-%d %H:%M:%S')}]]></wp:post_date_gmt>\n"
        "\t\t<wp:status><![CDATA[publish]]></wp:status>\n\t\t<wp:post_type><![CDATA[post]]></wp:post_type>\n"
        f"{''.join(rows)}\t</item>\n</channel>\n</rss>\n"
    )


def disqus(thread: Authored) -> str:
    """Write a Disqus XML export: it has no article text, and what was deleted keeps its words."""
    rows = []
    for node in thread.nodes:
        marked = "".join(f"<p>{part}</p>" for part in _paragraphs(node.body))
        if "<p>" in node.body:
            marked = node.body
        parent = f'    <parent dsq:id="{9000 + node.parent}"/>\n' if node.parent is not None else ""
        rows.append(
            f'  <post dsq:id="{9000 + node.place}">\n    <id/>\n    <message><![CDATA[{marked}]]></message>\n'
            f"    <createdAt>{_stamp(thread.time(node.place))}</createdAt>\n"
            f"    <isDeleted>{str(node.status == 'deleted').lower()}</isDeleted>\n"
            f"    <isSpam>{str(node.status == 'spam').lower()}</isSpam>\n"
            f"    <author>\n      <name>{escape(node.author or '')}</name>\n      <isAnonymous>true</isAnonymous>\n"
            f'    </author>\n    <thread dsq:id="77"/>\n{parent}  </post>\n'
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<disqus xmlns="http://disqus.com" '
        'xmlns:dsq="http://disqus.com/disqus-internals">\n  <thread dsq:id="77">\n    <id>/humpback-song</id>\n'
        f"    <link>{thread.head['url']}</link>\n    <title>{escape(thread.head['title'])}</title>\n    <message/>\n"
        f"    <createdAt>{thread.head['published']}</createdAt>\n    <isClosed>false</isClosed>\n  </thread>\n"
        f"{''.join(rows)}</disqus>\n"
    )


def outline(thread: Authored) -> str:
    """Write the indented bullets of a text extraction, where a lost author leaves no line."""
    lines = [f"{thread.head['title']} | {thread.head['subtitle']}", ""]
    for part in _paragraphs(thread.text):
        lines += [part, ""]
    lines += [f"Autor: {thread.head['author']}", ""]
    for node in thread.nodes:
        indent = " " * (2 * node.level + 2)
        first, *rest = ([node.author] if node.author else []) + _paragraphs(node.body)
        lines += [f"{indent}• {first}", ""]
        for part in rest:
            lines += [*(f"{indent}  {line}" for line in part.split("\n")), ""]
    return "\n".join(lines).rstrip() + "\n"


WRITERS: dict[str, tuple[str, Callable[[Authored], str]]] = {
    "driftnote": ("driftnote.hackernews.json", hackernews),
    "millstreet": ("millstreet.wordpress.xml", wordpress),
    "kettle": ("kettle.discourse.json", discourse),
    "trailrace": ("trailrace.reddit.json", reddit),
    "freibad": ("freibad.txt", outline),
    "whales": ("whales.disqus.xml", disqus),
}


def write(name: str) -> str:
    """Return the text of a thread in its platform's format."""
    return WRITERS[name][1](read(name))


def main(arguments: Sequence[str] = ()) -> int:
    """Write every thread into a folder, by default the one that the evaluation reads."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent
    for name, (file, _) in WRITERS.items():
        (folder / file).write_text(write(name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
