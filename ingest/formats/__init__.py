"""One loader per file; `LOADERS` is the table that the registry, the command line and the README read."""

from ingest.formats import canonical, outline
from ingest.loader import Loader

__all__ = ["LOADERS"]

LOADERS: tuple[Loader, ...] = (
    canonical.LOADER,
    outline.LOADER,
)
"""In order of preference: a tie between two sniffs goes to the first."""
