"""Settings → `Library`: which encoder, which vector index. Nothing heavy is loaded before it is needed."""

from typing import TYPE_CHECKING

from ingest.errors import ModelError, SettingsError
from rag.adapters.chroma import ChromaIndex, collection_name
from rag.adapters.chroma_sources import ChromaFolder, ChromaServer
from rag.adapters.encoders import open_encoder
from rag.adapters.onnx_encoder import EIGHT_BITS
from rag.adapters.weights import BUNDLED
from rag.catalogue import FILE_NAME, SqliteCatalogue, StoredCatalogue
from rag.library import Library
from rag.passages import CHUNKER
from rag.ports import Encoder
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.adapters.postgres import PostgresStore

__all__ = ["CHROMA_FOLDER", "holds_library", "open_catalogue", "open_library"]

CHROMA_FOLDER = "chroma"


def open_catalogue(settings: Settings) -> StoredCatalogue:
    """Open the catalogue that the settings describe, making an empty one where there is none.

    Raises `LibraryError`s, `SettingsError` where what PostgreSQL needs is not installed or its URL is none.
    """
    if not settings.catalogue_url:
        return SqliteCatalogue(settings.home / FILE_NAME)
    return StoredCatalogue(_server(settings))


def holds_library(settings: Settings) -> bool:
    """Tell whether there is a library already. Makes none, raises what `open_catalogue` does."""
    if not settings.catalogue_url:
        return (settings.home / FILE_NAME).exists()
    server = _server(settings, make=False)
    try:
        return not server.is_empty()
    finally:
        server.close()


def _server(settings: Settings, *, make: bool = True) -> "PostgresStore":
    try:
        from rag.adapters.postgres import PostgresStore
    except ImportError as error:
        raise SettingsError(
            f"COMMENTARIAT_CATALOGUE_URL is set, and what it needs is not installed: {error}.",
            remedy="Run `pip install 'commentariat[postgres]'`, or unset it for a file in the folder.",
        ) from error
    return PostgresStore(settings.catalogue_url, make=make)


def open_library(settings: Settings, *, encoder: Encoder | None = None, anew: bool = False) -> Library:
    """Open the library that the settings describe, making an empty one where there is none.

    A library keeps the bundled encoder in the precision that it was begun with, where the settings name the default;
    with `anew` they count, as for making all vectors again.

    Raises `LibraryError`s, `ModelMissing` where the encoder is not installed, `SettingsError` for a bad Chroma URL.
    """
    if settings.chroma_url and not settings.chroma_url.startswith(("http://", "https://")):
        raise SettingsError(
            f"COMMENTARIAT_CHROMA_URL={settings.chroma_url!r} is not a URL.",
            remedy="Give one such as http://127.0.0.1:8000, or unset it for the embedded Chroma.",
        )
    catalogue = open_catalogue(settings)
    if encoder is None:
        chosen = settings.encoder if anew else _kept(settings.encoder, catalogue.store.meta("encoder"))
        try:
            encoder = open_encoder(chosen, cache=settings.cache, threads=settings.model_threads)
        except ModelError:
            catalogue.close()
            raise
    name = encoder.name
    source: ChromaFolder | ChromaServer = (
        ChromaServer(settings.chroma_url, settings.chroma_token)
        if settings.chroma_url
        else ChromaFolder(settings.home / CHROMA_FOLDER, catalogue.store.index_lock())
    )

    def connect(kind: str, dimension: int) -> ChromaIndex:
        return ChromaIndex(source, collection_name(kind, name, dimension, CHUNKER))

    return Library(settings.home, encoder, connect, source.close, catalogue=catalogue)


def _kept(encoder: str, stored: str | None) -> str:
    """Return the encoder to open for a library that holds vectors of `stored` (`<name>/<dimension>`), if any."""
    begun = (stored or "").rpartition("/")[0]
    return begun if encoder == Settings().encoder and begun.removesuffix(EIGHT_BITS) == BUNDLED else encoder
