"""Places for libraries: a folder, or a real PostgreSQL server. Where that is missing, its tests are skipped."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.rag.places import Place
from tests.required import missing

if TYPE_CHECKING:
    from tests.servers import Postgres


@pytest.fixture(scope="session")
def postgres() -> "Iterator[Postgres]":
    """Start a PostgreSQL server for all tests that want one; each makes a library of its own in it."""
    try:
        from tests.servers import Postgres
    except ImportError:
        missing("psycopg", "pip install -e '.[postgres]'")
    server = Postgres()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Return an empty place for a library, on SQLite and then on PostgreSQL."""
    url = request.getfixturevalue("postgres").create() if request.param == "postgres" else ""
    made = Place(tmp_path / "home", url)
    yield made
    made.close()
