"""Disks of a test's own: small ones, and such as nobody may write."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

__all__ = ["mounted"]


@contextlib.contextmanager
def mounted(place: Path, *options: str) -> Iterator[Path]:
    """Mount something for a while; skip where this user may not."""
    place.mkdir(exist_ok=True)
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", *options, str(place)], capture_output=True, check=False).returncode
    ):
        pytest.skip("only root may mount, and not everywhere")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
