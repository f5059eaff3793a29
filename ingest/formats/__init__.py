"""One loader per file; `LOADERS` is the table that the registry, the command line and the README read."""

from ingest.formats import (
    archive,
    canonical,
    discord,
    discourse,
    disqus,
    github,
    hackernews,
    html_page,
    lemmy,
    markdown,
    mastodon,
    outline,
    pdf,
    plaintext,
    reddit,
    slack,
    stackexchange,
    wordpress,
    youtube,
)
from ingest.loader import Loader

__all__ = ["LOADERS"]

LOADERS: tuple[Loader, ...] = (
    canonical.LOADER,
    hackernews.LOADER,
    reddit.LOADER,
    disqus.LOADER,
    wordpress.LOADER,
    discourse.LOADER,
    mastodon.LOADER,
    lemmy.LOADER,
    github.LOADER,
    stackexchange.LOADER,
    youtube.LOADER,
    slack.LOADER,
    discord.LOADER,
    outline.LOADER,
    html_page.LOADER,
    markdown.LOADER,
    pdf.LOADER,
    archive.LOADER,
    plaintext.LOADER,
)
"""In order of preference: a tie between two sniffs goes to the first."""
