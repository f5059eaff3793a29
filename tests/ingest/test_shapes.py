"""The same discussion, saved in several ways, is the same tree."""

import json
from collections.abc import Callable

import pytest

from ingest.registry import load
from ingest.source import Source
from tests.ingest.printing import Printed, pdf

Told = list[tuple[int, str, str]]

DEBATE: Told = [
    (0, "Ann Reed", "How much does the rope carry?"),
    (1, "Kim", "Two goats.\n\nOr one cow."),
    (2, "Ann Reed", "Brave goats."),
    (1, "Tom", "Who measured that?"),
    (0, "Eve", "The old bridge was made of wood, I think."),
]
ARTICLE = "The bridge is made of rope. It was hung on Monday, and the whole village walked across it in the evening."


def as_page() -> tuple[str, bytes]:
    html = ""
    open_items = 0
    for place, (depth, name, body) in enumerate(DEBATE):
        while open_items > depth:
            html += "</ol></li>"
            open_items -= 1
        words = "".join(f"<p>{paragraph}</p>" for paragraph in body.split("\n\n"))
        html += f'<li id="comment-{place}"><b class="fn">{name}</b><div class="comment-content">{words}</div>'
        html += '<ol class="children">'
        open_items += 1
    html += "</ol></li>" * open_items
    return "page.html", f"<html><body><h1>Bridge</h1><p>{ARTICLE}</p><ol>{html}</ol></body></html>".encode()


def as_outline() -> tuple[str, bytes]:
    text = f"Bridge\n\n{ARTICLE}\n\n"
    for depth, name, body in DEBATE:
        pad = "  " * (depth + 1)
        text += f"{pad}• {name}\n\n" + "".join(f"{pad}  {paragraph}\n\n" for paragraph in body.split("\n\n"))
    return "page.txt", text.encode()


def as_pasted() -> tuple[str, bytes]:
    text = f"Bridge\n\n{ARTICLE}\n\n"
    for place, (depth, name, body) in enumerate(DEBATE):
        pad = "    " * depth
        text += f"{pad}{name} — July {place + 1}, 2012, 1:26 am\n\n"
        text += "".join(f"{pad}{paragraph}\n\n" for paragraph in body.split("\n\n"))
    return "pasted.txt", text.encode()


def as_markdown() -> tuple[str, bytes]:
    text = f"# Bridge\n\n{ARTICLE}\n\n## Comments\n\n"
    for depth, name, body in DEBATE:
        marks = "> " * (depth + 1)
        lines = [f"**{name}** · [2025-01-15](https://board.example/1)", "", *body.split("\n")]
        text += "".join(f"{marks}{line}\n" for line in lines) + "\n"
    return "export.md", text.encode()


def as_hacker_news() -> tuple[str, bytes]:
    def node(place: int, depth: int, name: str, body: str) -> dict[str, object]:
        html = "<p>".join(body.split("\n\n"))
        return {"id": 100 + place, "created_at_i": 1, "type": "comment", "author": name, "text": html, "children": []}

    story: dict[str, object] = {"id": 1, "created_at_i": 1, "type": "story", "title": "Bridge", "children": []}
    path = [story]
    for place, (depth, name, body) in enumerate(DEBATE):
        del path[depth + 1 :]
        child = node(place, depth, name, body)
        children = path[-1]["children"]
        assert isinstance(children, list)
        children.append(child)
        path.append(child)
    return "item.json", json.dumps(story).encode()


def as_print() -> tuple[str, bytes]:
    lines: list[Printed] = [(72, 80, "Bridge"), (72, 110, ARTICLE[:80]), (72, 122, ARTICLE[81:])]
    top = 160.0
    for place, (depth, name, body) in enumerate(DEBATE):
        left = 72.0 + 30 * depth
        for text in (f"{name} — July {place + 1}, 2012, 1:26 am", *body.split("\n\n")):
            lines.append((left, top, text))
            top += 30
    return "print.pdf", pdf([lines])


@pytest.mark.parametrize("shape", [as_page, as_outline, as_pasted, as_markdown, as_hacker_news, as_print])
def test_the_same_discussion_in_any_shape_is_the_same_tree(shape: Callable[[], tuple[str, bytes]]) -> None:
    name, data = shape()
    (thread,) = load(Source(name, data))
    depths = thread.depths()
    assert [(depths[c.id], c.author, c.body) for c in thread.comments] == DEBATE
    assert thread.title == "Bridge"
