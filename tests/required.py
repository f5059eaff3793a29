"""What a test needs beside Python: where it is missing the test is skipped, and under CI the run fails."""

import os
from typing import NoReturn

import pytest

__all__ = ["missing"]


def missing(what: str, remedy: str) -> NoReturn:
    """Skip the test for want of something, saying what provides it; under `CI=true` fail, for CI has to have it all."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI may not skip what needs it: {remedy}", pytrace=False)
    pytest.skip(f"{what} is missing: {remedy}")
