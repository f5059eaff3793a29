"""The table of site markups, in the order they are tried: one row a kind of site."""

import re
from collections.abc import Callable
from typing import Any

from ingest.formats.html_dom import Markup, classes, has

__all__ = ["MARKUPS"]

_DIGITS = re.compile(r"\d+")
_WORDPRESS_ID = re.compile(r"^(?:li-|div-)?comment-?(\d+|(?=[0-9a-z]*\d)[0-9a-z]{8,60})$")
_REPLIES = re.compile(
    r"(?:^|[-_ ])(?:children|indented|replies|comment-replies|thread-children|child|commentlist-child|comments-nested)"
    r"(?:[-_ ]|$)"
)


def _by_id(pattern: str, *tags: str) -> Callable[[Any], str | None]:
    """Key elements whose id matches, by the pattern's first group."""
    compiled = re.compile(pattern)

    def key(element: Any) -> str | None:
        if tags and element.tag not in tags:
            return None
        match = compiled.match(element.get("id") or "")
        return match.group(1) if match else None

    return key


def _by_class(name: str, attribute: str = "id", tag: str | None = None) -> Callable[[Any], str | None]:
    """Key elements of a class by the number in an attribute, "" where it has none."""

    def key(element: Any) -> str | None:
        if (tag is not None and element.tag != tag) or name not in classes(element):
            return None
        match = _DIGITS.search(element.get(attribute) or "")
        return match.group() if match else ""

    return key


def _wordpress(element: Any) -> str | None:
    if element.tag not in ("li", "div", "article", "section"):
        return None
    match = _WORDPRESS_ID.match(element.get("id") or "")
    return match.group(1) if match else None


def _blogger(element: Any) -> str | None:
    if element.tag == "li" and "comment" in classes(element) and element.xpath(has("comment-block", tag="div")):
        block = element.xpath(has("comment-block", tag="div"))[0]
        match = _DIGITS.search(block.get("id") or element.get("id") or "")
        return match.group() if match else ""
    return None


def _drupal(element: Any) -> str | None:
    kinds = classes(element)
    if "comment" not in kinds or element.tag not in ("div", "article"):
        return None
    about = f"{element.get('about') or ''} {element.get('id') or ''} {element.get('data-comment-id') or ''}"
    anchor = element.getprevious()
    if (
        anchor is not None
        and anchor.tag == "a"
        and re.match(r"comment-\d+$", anchor.get("id") or anchor.get("name") or "")
    ):
        about = anchor.get("id") or anchor.get("name")
    match = re.search(r"comment[-/](\d+)", about) or re.search(r"\b(\d+)\b", about)
    if match:
        return match.group(1)
    return "" if element.xpath(has("submitted")) else None


def _phpbb(element: Any) -> str | None:
    match = re.match(r"^p(\d+)$", element.get("id") or "")
    return match.group(1) if match and "post" in classes(element) else None


def _stack_exchange(element: Any) -> str | None:
    for name in ("data-questionid", "data-answerid", "data-comment-id"):
        if element.get(name) and element.tag in ("div", "li"):
            return f"{name[5]}{element.get(name)}"
    return None


def _github(element: Any) -> str | None:
    if "js-comment-container" not in classes(element):
        return None
    inner = next((place.get("id") for place in element.iter("div") if "comment-" in (place.get("id") or "")), "")
    match = _DIGITS.search(inner or "")
    return match.group() if match else ""


def _slashdot(element: Any) -> str | None:
    match = re.match(r"^(?:tree|comment)_(\d+)$", element.get("id") or "")
    return match.group(1) if match and element.tag == "li" else None


MARKUPS: tuple[Markup, ...] = (
    Markup(
        "WordPress",
        _wordpress,
        author=(
            has("comment-author", tag="*") + has("fn", axis="//"),
            has("fn"),
            has("comment-author"),
            has("comment_author"),
            has("commentauthor"),
            has("comment-author-name"),
            has("author"),
            ".//cite",
            has("comment-footer") + "//a",
            has("comment-footer"),
            ".//a[contains(@rel,'external') and contains(concat(' ',@class,' '),' url ')]",
            ".//*[self::strong or self::b][not(ancestor::p[string-length(normalize-space(.)) > 80])]",
            has("comment-meta") + "//a[contains(@class,'url')]",
        ),
        time=(
            ".//time",
            has("comment-date"),
            has("comment-metadata") + "//a",
            has("comment-meta") + "//a[contains(@href,'#comment-')]",
            has("commentmetadata"),
            has("comment-footer") + "//a[contains(@href,'#')]",
            ".//a[contains(@href,'#comment-')][contains(translate(., '0123456789', '##########'), '#')]",
            has("date"),
            ".//cite",
        ),
        body=(
            has("comment-content"),
            has("comment-text"),
            has("comment_text"),
            has("commenttext"),
            has("comment-entry"),
            has("comment__content"),
            has("comment-body-text"),
            has("comment-copy"),
            has("comment-entry-content"),
        ),
        nest=_REPLIES,
    ),
    Markup(
        "Disqus",
        _by_id(r"^dsq-comment-(\d+)$"),
        author=(
            ".//*[starts-with(@id,'dsq-author-user-')]",
            ".//*[starts-with(@id,'dsq-cite-')]",
            has("dsq-commenter-name"),
            has("dsq-comment-header"),
        ),
        time=(has("dsq-comment-meta") + "//a", has("dsq-comment-date")),
        body=(has("dsq-comment-message"), ".//*[starts-with(@id,'dsq-comment-message-')]", has("dsq-comment-body")),
        nest=_REPLIES,
    ),
    Markup(
        "Blogger",
        _blogger,
        author=(has("user"), has("comment-author"), has("comment-header") + "//cite"),
        time=(has("datetime"), has("comment-timestamp")),
        body=(has("comment-content"), has("comment-body")),
        nest=_REPLIES,
    ),
    Markup(
        "Blogger, classic",
        lambda element: (element.get("id") or "") if "comment-regrouped" in classes(element) else None,
        author=(has("comment-author"),),
        time=(has("comment-timestamp"),),
        body=(has("comment-body"),),
    ),
    Markup(
        "Slashdot",
        _slashdot,
        author=(has("by") + "//a", has("by")),
        time=(has("otherdetails"),),
        body=(".//*[starts-with(@id,'comment_body_')]", has("commentBody")),
        nest=_REPLIES,
        score=(has("score"),),
    ),
    Markup(
        "Lobsters",
        lambda element: element.get("data-shortid") if "comment" in classes(element) else None,
        author=(has("byline") + "//a[starts-with(@href,'/~') or starts-with(@href,'/u/')]",),
        time=(has("byline") + "//*[@title]", ".//time"),
        body=(has("comment_text"),),
        nest=re.compile(r"(?:^| )comments(?: |$)"),
        score=(has("score"), has("upvoter")),
    ),
    Markup(
        "XenForo",
        _by_class("message", "data-content"),
        author=(has("message-name"), has("username"), has("message-userDetails")),
        time=(".//time", has("DateTime")),
        body=(
            has("message-body") + has("bbWrapper", axis="//"),
            has("bbWrapper"),
            has("messageText"),
            has("message-body"),
        ),
        opens=True,
        score=(has("reactionsBar-count"),),
    ),
    Markup(
        "phpBB",
        _phpbb,
        author=(
            has("postprofile") + has("username", axis="//"),
            has("postprofile") + has("username-coloured", axis="//"),
            has("author") + "//strong",
            has("author") + "//a",
            has("postprofile") + "//dt",
        ),
        time=(".//time", has("author")),
        body=(has("content"),),
        opens=True,
    ),
    Markup(
        "vBulletin",
        _by_id(r"^(?:post_?|edit)(\d+)$", "table", "li", "div"),
        author=(has("bigusername"), has("username"), has("popupmenu") + "//a"),
        time=(has("date"), has("thead")),
        body=(".//*[starts-with(@id,'post_message_')]", has("postcontent"), has("post_message")),
        opens=True,
    ),
    Markup(
        "Discourse",
        _by_class("crawler-post", "id"),
        author=(has("creator") + "//*[@itemprop='name']", has("creator") + "//a", has("creator")),
        time=(".//time", has("post-time")),
        body=(has("post"),),
        opens=True,
        score=(has("post-likes"),),
    ),
    Markup(
        "Stack Exchange",
        _stack_exchange,
        author=(
            has("post-signature", "owner") + has("user-details", axis="//") + "//a",
            has("comment-user"),
            has("user-details") + "//a[starts-with(@href,'/users/')]",
            has("user-details"),
        ),
        time=(
            has("post-signature", "owner") + has("relativetime", axis="//"),
            has("comment-date") + "//*[@title]",
            has("relativetime"),
            ".//time",
        ),
        body=(has("s-prose"), has("post-text"), has("comment-copy")),
        opens=True,
        score=(has("js-vote-count"), has("vote-count-post"), has("comment-score")),
    ),
    Markup(
        "GitHub",
        _github,
        author=(has("author"),),
        time=(".//relative-time", ".//time-ago", ".//time"),
        body=(has("comment-body"),),
        opens=True,
    ),
    Markup(
        "Drupal",
        _drupal,
        author=(has("username"), has("comment-author"), has("comment__author"), has("author"), has("submitted")),
        time=(
            ".//time",
            ".//*[@property='dc:date dc:created']",
            has("comment__time"),
            has("comment-date"),
            has("submitted"),
            has("date"),
        ),
        body=(
            has("field-name-comment-body"),
            has("field--name-comment-body"),
            has("comment__content"),
            has("content"),
            has("comment-content"),
            has("comment-text"),
        ),
        nest=re.compile(r"(?:^| )indented(?: |$)"),
    ),
)
