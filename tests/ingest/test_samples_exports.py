"""Real exports and API answers, compared with what their own fields say (read here without the loaders)."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ingest.errors import SourceError
from ingest.registry import load, pick
from ingest.source import Source
from ingest.thread import Comment, Thread
from tests.ingest import laws


def threads_of(shared: Path, name: str, format_name: str) -> tuple[Thread, ...]:
    source = Source.from_path(shared / "samples" / name)
    assert pick(source).name == format_name
    threads = load(source)
    for thread in threads:
        laws.check(thread)
    return threads


def raw(shared: Path, name: str) -> Any:
    return json.loads((shared / "samples" / name).read_text(encoding="utf-8"))


def by_key(threads: tuple[Thread, ...]) -> dict[str, Comment]:
    return {re.split("[:/]", comment.id)[-1]: comment for thread in threads for comment in thread.comments}


def key_of(comment_id: str | None) -> str | None:
    return re.split("[:/]", comment_id)[-1] if comment_id else None


def test_hacker_news_bundle_keeps_order_authors_and_statuses(shared: Path) -> None:
    bundle = raw(shared, "hackernews/hn_40846428_firebase_bundle.json")
    (thread,) = threads_of(shared, "hackernews/hn_40846428_firebase_bundle.json", "hackernews")
    living = {str(c["id"]): c for c in bundle["comments"] if not c.get("deleted") and not c.get("dead")}
    assert [key_of(c.id) for c in thread.visible] == [str(k) for k in bundle["post"]["kids"] if str(k) in living]
    assert all(comment.author == living[key_of(comment.id) or ""]["by"] for comment in thread.visible)
    assert all(comment.parent_id is None for comment in thread.visible)
    present = {c["id"] for c in bundle["comments"]}
    absent = {kid for c in bundle["comments"] for kid in c.get("kids", ())} - present
    assert thread.missing == max(len(absent), bundle["post"]["descendants"] - len(present))
    assert thread.article.author == bundle["post"]["by"]
    assert thread.article.title == bundle["post"]["title"]
    assert not any("<" in comment.body and "</" in comment.body for comment in thread.visible)


@pytest.mark.parametrize("name", ["3hahrw_limit10_many_more_stubs.json", "54hhwl_redditdev_chain.json"])
def test_reddit_listing_keeps_parents_authors_and_counts_its_stubs(shared: Path, name: str) -> None:
    said: dict[str, dict[str, Any]] = {}
    hidden = 0
    stack = [raw(shared, f"reddit/{name}")[1]]
    while stack:
        for child in stack.pop()["data"]["children"]:
            if child["kind"] == "more":
                hidden += child["data"]["count"]
                continue
            said[child["data"]["id"]] = child["data"]
            stack += [child["data"]["replies"]] if child["data"]["replies"] else []
    (thread,) = threads_of(shared, f"reddit/{name}", "reddit")
    assert {key_of(c.id) for c in thread.visible} == set(said)
    assert thread.missing == hidden
    assert bool(hidden) == any("load more comments" in note for note in thread.notes)
    for comment in thread.visible:
        data = said[key_of(comment.id) or ""]
        assert comment.author == (None if data["author"] == "[deleted]" else data["author"])
        assert (key_of(comment.parent_id) or thread.id.split(":")[1]) == data["parent_id"][3:]
        assert comment.score == data["score"]
        assert data["id"] in (comment.permalink or "")


def test_reddit_more_children_hang_together(shared: Path) -> None:
    things = raw(shared, "reddit/3hahrw_morechildren_response.json")["json"]["data"]["things"]
    said = {thing["data"]["id"]: thing["data"] for thing in things if thing["kind"] == "t1"}
    (thread,) = threads_of(shared, "reddit/3hahrw_morechildren_response.json", "reddit")
    assert {key_of(c.id) for c in thread.visible} == set(said)
    for comment in thread.visible:
        parent = said[key_of(comment.id) or ""]["parent_id"][3:]
        assert key_of(comment.parent_id) == (parent if parent in said else None)
        assert comment.author == said[key_of(comment.id) or ""]["author"]


def assert_nothing_private(threads: tuple[Thread, ...]) -> None:
    """The samples hold each commenter's (redacted) e-mail and IP address; what people wrote themselves stays."""
    stored = "".join(str(replace(c, body="", quotes=())) for thread in threads for c in thread.comments)
    stored += "".join(str(replace(thread.article, text="")) + str(thread.notes) for thread in threads)
    assert "192.0.2.1" not in stored
    assert "example.invalid" not in stored


DSQ = "{http://disqus.com/disqus-internals}id"
DISQUS = ["isso_fixture_edge_cases.xml", "remark42_disqus.xml", "remark42_disqus-deleted-post.xml"]


@pytest.mark.parametrize("name", DISQUS)
def test_disqus_export_shows_what_is_neither_deleted_nor_spam(shared: Path, name: str) -> None:
    text = (shared / "samples/disqus" / name).read_text(encoding="utf-8").strip("`\n ")
    root = ElementTree.fromstring(re.sub(r"dsq:id=(\d+)", r'dsq:id="\1"', text))
    at = "{http://disqus.com}"
    posts = {post.get(DSQ) or "": post for post in root.iter(f"{at}post")}
    shown = {
        key
        for key, post in posts.items()
        if post.findtext(f"{at}isDeleted") == "false" and post.findtext(f"{at}isSpam") == "false"
    }
    threads = threads_of(shared, f"disqus/{name}", "disqus")
    found = by_key(threads)
    nameless = [comment.author for comment in found.values() if comment.id.startswith("t:")]
    assert nameless == [posts[key].findtext(f"{at}author/{at}name") for key in shown & {""}]
    assert {key for key, c in found.items() if c.visible and not c.id.startswith("t:")} == shown - {""}
    for key in shown - {""}:
        parent = posts[key].find(f"{at}parent")
        assert key_of(found[key].parent_id) == (None if parent is None else parent.get(DSQ))
        assert found[key].author == posts[key].findtext(f"{at}author/{at}name")
    assert_nothing_private(threads)


WXR = ["cclabs_wxr.xml", "importer_small-export.xml", "wptt_themeunittestdata.xml"]


@pytest.mark.parametrize("name", WXR)
def test_wordpress_export_shows_approved_comments_of_people(shared: Path, name: str) -> None:
    text = (shared / "samples/wordpress" / name).read_text(encoding="utf-8")
    blocks = re.findall(r"<wp:comment>.*?</wp:comment>", text, re.DOTALL)

    def fact(block: str, tag: str) -> str:
        found = re.search(rf"<wp:comment_{tag}>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</wp:comment_{tag}>", block, re.DOTALL)
        return html.unescape(found.group(1)).strip() if found else ""

    people = {
        fact(block, "id"): block
        for block in blocks
        if fact(block, "approved") == "1" and fact(block, "type") in ("", "comment")
    }
    threads = threads_of(shared, f"wordpress/{name}", "wordpress")
    found = {key: comment for key, comment in by_key(threads).items() if comment.visible}
    assert set(found) == set(people)
    for key, comment in found.items():
        parent = fact(people[key], "parent")
        assert key_of(comment.parent_id) in ((None,) if parent == "0" else (parent, None))
        assert key_of(comment.parent_id) == (None if parent == "0" else parent) or "parent_missing" in comment.flags
        assert comment.author == (" ".join(fact(people[key], "author").split()) or None)
    assert_nothing_private(threads)


@pytest.mark.parametrize("name", ["importer_namespace-edge-cases.xml", "importer_wxr-utf-8-challenges.xml"])
def test_wordpress_export_without_comments_says_so(shared: Path, name: str) -> None:
    for thread in threads_of(shared, f"wordpress/{name}", "wordpress"):
        assert not thread.comments
        assert any("holds no comment" in note for note in thread.notes)


def test_wordpress_export_without_posts_is_refused(shared: Path) -> None:
    with pytest.raises(SourceError, match="holds no posts"):
        load(Source.from_path(shared / "samples/wordpress/importer_malformed.xml"))


DISCOURSE = [
    "delving_397_posts_array.json",
    "discourse_api_fixture_topic.json",
    "urho3d_stepping-down-from-urho-lead-dev-role.3478.topic.json",
]


@pytest.mark.parametrize("name", DISCOURSE)
def test_discourse_posts_answer_the_post_they_name_or_else_quote(shared: Path, name: str) -> None:
    data = raw(shared, f"discourse/{name}")
    posts = data if isinstance(data, list) else data["post_stream"]["posts"]
    newest: dict[int, dict[str, Any]] = {}
    for post in posts:
        old = newest.get(post["post_number"])
        if old is None or (post["version"], post["updated_at"]) >= (old["version"], old["updated_at"]):
            newest[post["post_number"]] = post
    (thread,) = threads_of(shared, f"discourse/{name}", "discourse")
    said = {n: p for n, p in newest.items() if n != 1 and p["post_type"] in (1, 2) and not p.get("user_deleted")}
    found = by_key((thread,))
    assert {key for key, c in found.items() if c.visible} == {str(p["id"]) for p in said.values()}
    assert thread.article.author == newest[1]["username"]
    for post in said.values():
        comment = found[str(post["id"])]
        assert comment.author == post["username"]
        named = post["reply_to_post_number"]
        if named is not None:
            assert key_of(comment.parent_id) == (None if named == 1 else str(newest[named]["id"]))
        likes = [action["count"] for action in post["actions_summary"] if action["id"] == 2]
        assert comment.score == sum(likes)
        boxes = re.findall(r'<aside class="quote[^>]*data-post="(\d+)" data-topic="(\d+)"', post["cooked"])
        same = [int(number) for number, topic in boxes if topic == str(post["topic_id"]) and int(number) in said]
        linked = {key_of(quote.comment_id) for quote in comment.quotes}
        assert {str(newest[number]["id"]) for number in same} <= linked
        if named is None and same:
            assert key_of(comment.parent_id) == str(newest[same[0]]["id"])
            assert "parent_by_quote" in comment.flags


def test_mastodon_context_says_that_its_status_is_absent(shared: Path) -> None:
    data = raw(shared, "mastodon/bigbone_context.json")
    (thread,) = threads_of(shared, "mastodon/bigbone_context.json", "mastodon")
    statuses = [*data["ancestors"], *data["descendants"]]
    assert [comment.author for comment in thread.visible] == [status["account"]["acct"] for status in statuses[1:]]
    assert thread.article.author == statuses[0]["account"]["acct"]
    assert [comment.parent_id for comment in thread.visible] == [None, None]
    assert thread.missing == 1
    assert any("not in the file" in note for note in thread.notes)


def test_github_comments_go_to_their_issues(shared: Path) -> None:
    data = raw(shared, "github/github_to_sqlite_issue_comments_rest.json")
    threads = threads_of(shared, "github/github_to_sqlite_issue_comments_rest.json", "github")
    found = by_key(threads)
    assert set(found) == {str(comment["id"]) for comment in data}
    assert len(threads) == len({comment["issue_url"] for comment in data})
    for comment in data:
        assert found[str(comment["id"])].author == comment["user"]["login"]
        assert found[str(comment["id"])].permalink == comment["html_url"]


def test_github_issues_say_how_many_comments_are_absent(shared: Path) -> None:
    data = raw(shared, "github/github_to_sqlite_issues_rest.json")
    threads = threads_of(shared, "github/github_to_sqlite_issues_rest.json", "github")
    assert [thread.missing for thread in threads] == [issue["comments"] for issue in data]
    assert [thread.article.title for thread in threads] == [issue["title"] for issue in data]


@pytest.mark.parametrize(
    ("name", "format_name", "authors", "depths"),
    [
        (
            "hackernews/defuddle_synthetic_hn.html",
            "hackernews",
            ["commenter_one", "commenter_two", "commenter_one", "commenter_three"],
            [0, 1, 2, 0],
        ),
        (
            "reddit/defuddle_synthetic_old_reddit.html",
            "reddit",
            ["user_alpha", "user_beta", "user_alpha", "user_gamma", "user_delta"],
            [0, 1, 2, 1, 0],
        ),
    ],
)
def test_saved_pages_of_known_sites_keep_their_trees(
    shared: Path, name: str, format_name: str, authors: list[str], depths: list[int]
) -> None:
    (thread,) = threads_of(shared, name, format_name)
    assert [comment.author for comment in thread.visible] == authors
    assert [thread.depths()[comment.id] for comment in thread.visible] == depths
