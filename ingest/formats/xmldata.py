"""Untrusted XML, parsed without entities, DTD or network; damaged files are repaired and the caller is told."""

import re
from typing import Any

from ingest.errors import MalformedSource
from ingest.source import Source

__all__ = ["content", "local", "parse_xml"]

_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#([xX]?)([0-9a-fA-F]{1,12});")
_NOTHING = "\u200b"  # removed with all unseen characters; here it keeps what stands around from making a reference


def parse_xml(source: Source) -> tuple[Any, tuple[str, ...]]:
    """Parse a source as XML; return the root element and notes on what was repaired.

    Entities are never resolved, so external files and entity bombs stay unread. Raises `MalformedSource`.
    """
    from lxml import etree  # loads a shared library: only when there is XML to read

    whole = source.text
    text = whole[max(0, whole.find("<")) : whole.rfind(">") + 1]
    notes: tuple[str, ...] = (
        ("Stray characters around the XML were left out.",) if text != whole.strip("\ufeff \t\n") else ()
    )
    text = _DECLARATION.sub("", text, count=1)
    clean = _REFERENCE.sub(_legal, _ILLEGAL.sub("", text))
    notes += () if clean == text else ("Control characters that XML forbids were removed.",)
    data = clean.encode()
    safe = {"resolve_entities": False, "no_network": True, "load_dtd": False, "encoding": "utf-8"}
    try:
        return etree.fromstring(data, etree.XMLParser(**safe)), notes
    except (etree.XMLSyntaxError, ValueError):
        pass
    try:
        root = etree.fromstring(data, etree.XMLParser(recover=True, **safe))
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        raise MalformedSource(f"{source.name} is not readable as XML.", remedy="Export it again.")
    return root, (*notes, "The file is not well-formed XML; what could be read of it was kept.")


def _legal(reference: re.Match[str]) -> str:
    """Keep a numeric character reference unless XML forbids its character: a repairing parser would let it in."""
    base, digits = (16, reference.group(2)) if reference.group(1) else (10, reference.group(2))
    try:
        character = chr(int(digits, base))
    except (ValueError, OverflowError):
        return _NOTHING
    return _NOTHING if _ILLEGAL.match(character) else reference.group()


def local(element: Any) -> str:
    """Return an element's name without namespace or prefix; empty for comments and the like."""
    tag = element.tag
    return re.split("[}:]", tag)[-1] if isinstance(tag, str) else ""


def content(element: Any) -> str:
    """Return an element's own text, white space stripped; empty for None."""
    return ((element.text if element is not None else None) or "").strip()
