"""Read the page's HTML back, as a browser would, to check what it holds."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"input", "br", "hr", "img", "meta", "link"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def walk(self) -> "list[Element]":
        found: list[Element] = []
        stack = [child for child in reversed(self.children) if isinstance(child, Element)]
        while stack:
            element = stack.pop()
            found.append(element)
            stack.extend(child for child in reversed(element.children) if isinstance(child, Element))
        return found

    def all(self, name: str) -> "list[Element]":
        return [element for element in self.walk() if name in element.classes]

    def one(self, name: str) -> "Element":
        (element,) = self.all(name)
        return element


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"<{tag}> repeats an attribute"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"the page holds a comment: {data!r}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"the page holds a declaration: {decl!r}")


def parse(html: str) -> Element:
    """Parse HTML strictly: every tag must be closed where it should be."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == [reader.root], f"<{reader.open[-1].tag}> is not closed"
    return reader.root


SAFE_TAGS = {
    *("a", "article", "b", "bdi", "button", "del", "details", "div", "h1", "h2", "header", "i", "input", "li", "mark"),
    *("p", "section", "span", "summary", "time", "ul", "caption", "table", "tbody", "td", "th", "thead", "tr"),
    *("figure", "figcaption", "svg", "g", "circle", "path", "rect", "line", "text", "title"),
}


def assert_harmless(html: str) -> Element:
    """Fail where the HTML could run, load or style anything that we did not write."""
    root = parse(html)
    for element in root.walk():
        assert element.tag in SAFE_TAGS, f"<{element.tag}> may not stand in the page"
        for name, value in element.attributes.items():
            assert not name.startswith("on"), f"{name} on <{element.tag}>"
            assert name not in {"src", "srcset", "srcdoc", "action", "formaction", "xlink:href", "background"}, name
            if name == "href":
                assert value.startswith(("#", "https://", "http://")), value
            if name == "style":
                assert value.startswith("--w:"), value
                assert set(value[4:]) <= set("0123456789.%"), value
    return root
