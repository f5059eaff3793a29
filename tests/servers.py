"""Real servers for tests, on loopback, from what Debian's packages install."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.ports import free_port
from tests.required import missing

__all__ = ["Postgres"]


class Postgres:
    """A PostgreSQL server of its own in a temporary folder, never run by root; it can be killed and started again."""

    password = "not:a@secret/to%keep"  # characters that a URL must escape

    @property
    def quoted(self) -> str:
        """Return the password as it stands in a URL."""
        return quote(self.password, safe="")

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
        if not found:
            missing("PostgreSQL", "apt-get install postgresql")
        self._bin = found[-1].parent
        # A collation of people, not of bytes: nothing may rest on how the server happens to sort.
        collation = ["--locale-provider=icu", "--icu-locale=en"] if int(found[-1].parts[-3]) >= 15 else []
        self._user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.folder = Path(tempfile.mkdtemp(prefix="commentariat-pg-"))
        self._data = self.folder / "data"
        self.port = free_port()
        if os.geteuid() == 0:
            shutil.chown(self.folder, self._user)
        (self.folder / "password").write_text(self.password)
        (self.folder / "password").chmod(0o644)
        self._run(
            "initdb", "-D", str(self._data), "-U", "owner", "--auth=scram-sha-256", "--encoding=UTF8",
            "--locale=C.UTF-8", *collation, "--no-sync", f"--pwfile={self.folder / 'password'}",
        )  # fmt: skip
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", self._user, "--", *command]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = (
            f"-h 127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off"
            " -c full_page_writes=off -c shared_buffers=32MB -c max_connections=60 -c max_wal_size=256MB"
        )
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-l", log, "-o", options, "-w", "-t", "60", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server: `immediate` is a crash, `fast` an orderly end; connections are lost in both."""
        self._run("pg_ctl", "-D", str(self._data), "-m", mode, "-w", "-t", "60", "stop")

    def restart(self) -> None:
        """Crash and start again on the same port."""
        self.stop()
        self.start()

    def url(self, database: str = "postgres", password: str | None = None, schema: str = "") -> str:
        """Return the URL of a database, or of a schema in it."""
        secret = quote(self.password if password is None else password, safe="")
        options = f"?options=-csearch_path%3D{schema}" if schema else ""
        return f"postgresql://owner:{secret}@127.0.0.1:{self.port}/{database}{options}"

    def create(self) -> str:
        """Make an empty schema, which is faster than a database, and return its URL."""
        name = f"library_{uuid.uuid4().hex[:12]}"
        self.execute(f"CREATE SCHEMA {name}")
        return self.url(schema=name)

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement as the owner, beside the product."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def session(self, url: str) -> psycopg.Connection:
        """Open a session of another program, in a transaction; `url` is one that `create` returned."""
        return psycopg.connect(url)

    def terminate_waiting(self) -> None:
        """Wait until some session waits for a lock on a table, and end it as a failing network would."""
        query = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND wait_event = 'relation'"
        )
        for _ in range(600):
            if self.execute(query):
                return
            time.sleep(0.05)
        raise AssertionError("nobody waits for a lock")

    def close(self) -> None:
        """Stop the server and delete its files."""
        if (self._data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
