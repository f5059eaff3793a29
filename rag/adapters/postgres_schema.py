"""The tables of a library on PostgreSQL: those of SQLite (rag/store.py), version by version, with tsvector for words.

The version stands in a table of its own, and a library of a newer one is left alone.
"""

import uuid
from typing import Any

import psycopg
from psycopg import errors

from ingest.errors import LibraryError
from rag.people_table import TABLES

__all__ = ["VERSION", "prepare", "schema_version"]

VERSION = 4
_WAIT = 20  # seconds to wait for another process that makes or upgrades the same library

_ANSWERS = """
CREATE TABLE answers(
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key TEXT NOT NULL UNIQUE, size BIGINT NOT NULL,
    payload TEXT NOT NULL);
CREATE TABLE answers_of(
    thread TEXT NOT NULL, answer BIGINT NOT NULL REFERENCES answers ON DELETE CASCADE, PRIMARY KEY(thread, answer));
CREATE INDEX answers_of_answer ON answers_of(answer);
CREATE FUNCTION forget_answers_of_thread() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM answers WHERE seq IN (SELECT answer FROM answers_of WHERE thread = OLD.id);
    RETURN NULL;
END $$;
CREATE FUNCTION forget_answers_of_library() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM answers WHERE seq IN (SELECT answer FROM answers_of WHERE thread = '');
    RETURN NULL;
END $$;
CREATE TRIGGER threads_removed AFTER DELETE ON threads
    FOR EACH ROW EXECUTE FUNCTION forget_answers_of_thread();
CREATE TRIGGER threads_changed AFTER UPDATE OF revision ON threads
    FOR EACH ROW EXECUTE FUNCTION forget_answers_of_thread();
CREATE TRIGGER library_changed AFTER UPDATE OF value ON meta
    FOR EACH ROW WHEN (OLD.key = 'revision') EXECUTE FUNCTION forget_answers_of_library();
"""
_SCHEMA = """
CREATE TABLE commentariat_schema(version INTEGER NOT NULL);
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE threads(
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
    source TEXT NOT NULL, origin TEXT NOT NULL, comments INTEGER NOT NULL, people INTEGER NOT NULL,
    revision BIGINT NOT NULL, added_at TEXT NOT NULL, updated_at TEXT NOT NULL, body BYTEA NOT NULL,
    renamed TEXT NOT NULL DEFAULT '');
CREATE TABLE pending(
    id TEXT PRIMARY KEY, title TEXT NOT NULL, source TEXT NOT NULL, origin TEXT NOT NULL, comments INTEGER NOT NULL,
    people INTEGER NOT NULL, saved_at TEXT NOT NULL, body BYTEA NOT NULL, passages BYTEA NOT NULL);
CREATE TABLE staged(digest BYTEA PRIMARY KEY, vector BYTEA NOT NULL);
-- `words` and `length` (in words) are what SQLite's tokeniser makes of the text (rag/adapters/postgres_words.py).
CREATE TABLE passages(
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id TEXT NOT NULL UNIQUE, thread BIGINT NOT NULL,
    place INTEGER NOT NULL, comment_id TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
    sentences TEXT NOT NULL, header TEXT NOT NULL, text TEXT NOT NULL, words TSVECTOR NOT NULL,
    length INTEGER NOT NULL);
CREATE INDEX passages_by_thread ON passages(thread, place);
CREATE INDEX passages_by_word ON passages USING gin(words);
CREATE TABLE vectors(
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id TEXT NOT NULL UNIQUE, sentence INTEGER NOT NULL,
    thread BIGINT NOT NULL, digest BYTEA NOT NULL, vector BYTEA NOT NULL, synced INTEGER NOT NULL DEFAULT 0);
CREATE INDEX vectors_by_thread ON vectors(thread, sentence);
CREATE INDEX vectors_unsynced ON vectors(sentence) WHERE synced = 0;
CREATE INDEX vectors_synced ON vectors(sentence, seq) WHERE synced = 1;
CREATE TABLE gone(id TEXT PRIMARY KEY, sentence INTEGER NOT NULL);
"""
# What makes a library of a schema one of the next; each runs once, in one transaction with the version's step.
_STEPS = {2: _ANSWERS, 3: TABLES}


def prepare(connection: psycopg.Connection, where: str) -> None:
    """Make the tables of a library in an empty database, or bring those of an earlier version up to this one.

    All of it or nothing, whoever else does so at once. Raises `LibraryError` for a library of a newer version and for
    a database that cannot hold one.
    """
    found = schema_version(connection)
    if found < VERSION:
        with connection.transaction():
            connection.execute(f"SET LOCAL lock_timeout = '{_WAIT}s'".encode())
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('commentariat'), hashtext(current_schema()))")
            found = schema_version(connection)  # another process may have been faster
            if found == 0:
                _create(connection, where)
            for version in range(found or VERSION, VERSION):
                connection.execute(_script(_STEPS[version]))
            connection.execute("UPDATE commentariat_schema SET version = %s", (max(found, VERSION),))
    if found > VERSION:
        raise LibraryError(
            f"The library in {where} was made by a newer version (schema {found}).",
            remedy="Upgrade Commentariat, or choose another database with COMMENTARIAT_CATALOGUE_URL.",
        )


def schema_version(connection: psycopg.Connection) -> int:
    """Return the version of the library in a database; 0 where there is none."""
    if _one(connection, "SELECT to_regclass('commentariat_schema')") is None:
        return 0
    return int(_one(connection, "SELECT version FROM commentariat_schema"))


def _create(connection: psycopg.Connection, where: str) -> None:
    encoding = _one(connection, "SHOW server_encoding")
    if encoding != "UTF8":
        raise LibraryError(
            f"The database {where} is in {encoding}: it cannot hold every text.",
            remedy="Make one with `createdb --encoding=UTF8 --template=template0 NAME`.",
        )
    try:
        connection.execute(_script(_SCHEMA + _ANSWERS + TABLES))
    except (errors.DuplicateTable, errors.DuplicateFunction) as error:
        raise LibraryError(
            f"The database {where} already holds something else: {error.diag.message_primary}.",
            remedy="Give the library a database of its own.",
        ) from error
    connection.execute("INSERT INTO commentariat_schema VALUES (%s)", (VERSION,))
    connection.execute(
        "INSERT INTO meta VALUES ('revision', '0'), ('authors', '1'), ('library', %s)", (uuid.uuid4().hex,)
    )


def _script(statements: str) -> bytes:
    """Return statements under which text is compared and sorted by its code points, as in SQLite, wherever it is."""
    return statements.replace(" TEXT", ' TEXT COLLATE "C"').encode()


def _one(connection: psycopg.Connection, query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None
