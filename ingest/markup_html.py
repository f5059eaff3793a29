"""HTML of one comment → text with quoted spans: a walk over the parsed tree, no recursion."""

import html as entities
import re
from typing import Any

from ingest.draft import Text
from ingest.writer import TextWriter, tidy

__all__ = ["by_class", "element_text", "html_text", "parse_page"]

_BLOCKS = frozenset(
    {
        "p",
        "div",
        "article",
        "section",
        "aside",
        "header",
        "footer",
        "main",
        "figure",
        "figcaption",
        "details",
        "summary",
        "table",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "center",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "address",
        "fieldset",
        "form",
        "hr",
        "pre",
        "blockquote",
    }
)
_LINES = frozenset({"li", "tr"})
_DROPPED = frozenset(
    {
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "button",
        "select",
        "textarea",
        "input",
        "head",
        "title",
        "video",
        "audio",
        "canvas",
        "map",
    }
)
_DROPPED_CLASSES = frozenset(
    {"title", "quote-controls", "bbCodeBlock-title", "bbCodeBlock-expandLink", "meta", "quote-avatar"}
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SAYS = re.compile(r"\s*(?:wrote|said|says|schrieb|sagt|escribi[óo]|dijo|a écrit|scrisse)?\s*:?\s*$", re.IGNORECASE)
_CUT = re.compile(r"\s*(?:…|\.\.\.)$")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_MARKUP = re.compile(r"[<&]")


def html_text(html: str) -> Text:
    """Read an HTML fragment: paragraphs and breaks kept, `blockquote` and quote boxes as quoted spans.

    Links keep their visible text, or their whole address where the visible text is cut with "…". Scripts, styles,
    hidden parts and link previews are left out. A quote's `comment_id` holds what the markup names (`topic/post`
    in a Discourse quote, the post's number in a XenForo one), else None.
    """
    if not _MARKUP.search(html):
        html = tidy(html)
        writer = TextWriter()
        writer.words(html)
        return writer.finish()
    root, whole = _parse(tidy(html))
    if root is None or not whole:
        writer = TextWriter()
        writer.words(entities.unescape(_TAG.sub(" ", html)))
        return writer.finish()
    return element_text(root)


def _parse(html: str) -> tuple[Any, bool]:
    """Parse a fragment; the flag is False where the parser gave up (it cuts at 2,048 levels)."""
    from lxml import etree  # loads a shared library: only when there is markup to read

    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(f"<div>{html}</div>".encode(), parser)
    except etree.ParserError:
        return None, False
    except etree.XMLSyntaxError:
        return None, False
    deep = html.count("<") > 2000 and any("depth" in entry.message.lower() for entry in parser.error_log)
    return root, root is not None and not deep


def element_text(root: Any) -> Text:
    """Read a parsed HTML element (lxml) as `html_text` does."""
    writer = TextWriter()
    images: list[str] = []
    stack: list[tuple[Any, bool]] = [(root, True)]
    pre = 0
    while stack:
        element, entering = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if not entering:
            _leave(writer, element, tag)
            pre -= tag == "pre"
            if element is not root:
                _run(writer, element.tail, pre)
            continue
        if not tag or _is_dropped(element, tag):
            _run(writer, element.tail if element is not root else None, pre)
            continue
        replaced = _replaced(element, tag, images)
        if replaced is not None:
            writer.words(replaced)
            _run(writer, element.tail if element is not root else None, pre)
            continue
        pre += tag == "pre"
        _enter(writer, element, tag)
        _run(writer, element.text, pre)
        stack.append((element, False))
        stack.extend((child, True) for child in reversed(element))
    if writer.empty and images:
        writer.words("[image]" if not images[0] else f"[image: {images[0]}]")
    return writer.finish()


def _run(writer: TextWriter, text: str | None, pre: int) -> None:
    if text:
        if pre:
            writer.exact(text)
        else:
            writer.words(text)


def _is_dropped(element: Any, tag: str) -> bool:
    if tag in _DROPPED or element.get("hidden") is not None:
        return True
    classes = element.get("class")
    if classes and not _DROPPED_CLASSES.isdisjoint(classes.split()) and _in_quote_box(element):
        return True
    style = element.get("style")
    return bool(style and _HIDDEN_STYLE.search(style))


def _in_quote_box(element: Any) -> bool:
    """Tell whether an element labels a quote box or a picture: its parent is one."""
    parent = element.getparent()
    for _ in range(2):
        if parent is None:
            return False
        if parent.tag in ("aside", "blockquote") or "lightbox" in (parent.get("class") or ""):
            return True
        parent = parent.getparent()
    return False


def _replaced(element: Any, tag: str, images: list[str]) -> str | None:
    """Return the words that stand for a whole element: an emoji, a cut link's address, a preview's link."""
    if tag == "img":
        alt = (element.get("alt") or "").strip()
        kind = element.get("class") or ""
        if alt and ("emoji" in kind or "smil" in kind or alt.startswith(":") or (len(alt) < 8 and not alt.isascii())):
            return alt
        images.append(alt)
        return ""
    if tag == "a":
        href = (element.get("href") or "").strip()
        shown = "".join(element.itertext())
        cut = _CUT.search(shown)
        if cut and href.startswith("http") and shown[: cut.start()].strip() in href:
            return href
        return None
    if tag == "aside" and "onebox" in (element.get("class") or ""):
        link = element.get("data-onebox-src") or next((a.get("href") for a in element.iter("a") if a.get("href")), "")
        return f" {link} "
    if tag == "cite" and (box := element.getparent()) is not None and box.tag == "blockquote":
        return "" if box[0] is element and not (box.text or "").strip() else None
    return None


def _enter(writer: TextWriter, element: Any, tag: str) -> None:
    if tag == "br":
        writer.hard_break()
    elif tag in _BLOCKS:
        writer.paragraph()
    elif tag in _LINES:
        writer.line()
        if tag == "li":
            writer.words("- ")
    elif tag in ("td", "th"):
        writer.words(" ")
    elif tag == "q":
        writer.words("“")
    if _is_quote(element, tag):
        writer.open_quote(*_quoted(element))


def _leave(writer: TextWriter, element: Any, tag: str) -> None:
    if _is_quote(element, tag):
        writer.close_quote()
    if tag in _BLOCKS:
        writer.paragraph()
    elif tag in _LINES:
        writer.line()
    elif tag == "q":
        writer.words("”")


def _is_quote(element: Any, tag: str) -> bool:
    """Tell whether an element begins a quotation; the blockquote inside a Discourse quote box does not again."""
    if tag == "aside":
        return "quote" in (element.get("class") or "").split()
    if tag != "blockquote":
        return False
    parent = element.getparent()
    return parent is None or parent.tag != "aside" or "quote" not in (parent.get("class") or "").split()


def _quoted(element: Any) -> tuple[str | None, str | None]:
    """Return what a quotation's markup says of its source: the quoted post, the quoted person."""
    if element.tag == "aside":
        post, topic = element.get("data-post"), element.get("data-topic")
        return (f"{topic or ''}/{post}" if post else None), element.get("data-username") or None
    source = (element.get("data-source") or "").removeprefix("post:").strip()
    author = element.get("data-quote") or None
    first = element[0] if len(element) else None
    if author is None and first is not None and first.tag == "cite" and not (element.text or "").strip():
        author = _SAYS.sub("", tidy("".join(first.itertext())).strip()) or None
    return source or None, author


def parse_page(html: str) -> Any:
    """Parse a whole page with lxml (up to 2,048 levels, no network); None where nothing is left to parse."""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
    try:
        return etree.fromstring(tidy(html).encode(), parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def by_class(element: Any, tag: str, kind: str) -> list[Any]:
    """Return the elements below one that have a tag (`*` for any) and a class, in document order."""
    found: list[Any] = element.xpath(f".//{tag}[contains(concat(' ', normalize-space(@class), ' '), ' {kind} ')]")
    return found
