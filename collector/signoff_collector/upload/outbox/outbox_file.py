"""The outbox's file, `state/outbox.sqlite`: opening it, its tables, and who may send."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import (
    FileLock,
    make_private_folder,
    open_new,
    try_lock,
)
from signoff_schemas.errors import DamagedError, DiskFullError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from signoff_collector.own_files.home import Home

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS records (
  record_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, audience TEXT NOT NULL,
  void_because TEXT);
CREATE TABLE IF NOT EXISTS items (
  record_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, audience TEXT NOT NULL,
  episode_path TEXT NOT NULL, statement BLOB NOT NULL, signature BLOB NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, last_error TEXT);
CREATE TABLE IF NOT EXISTS withdrawals (
  record_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, audience TEXT NOT NULL,
  tombstone BLOB NOT NULL, is_done INTEGER NOT NULL DEFAULT 0, last_error TEXT);
CREATE TABLE IF NOT EXISTS tries (
  record_id TEXT PRIMARY KEY, due_ns INTEGER NOT NULL DEFAULT 0,
  is_begun INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS kept_versions (
  record_id TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (record_id, name));
CREATE TABLE IF NOT EXISTS probes (
  audience TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, probed_ns INTEGER NOT NULL,
  keeps_versions INTEGER NOT NULL);
"""
_BUSY_S: Final = 30.0


def outbox_path(home: Home) -> Path:
    """Return where the outbox lies."""
    return home.outbox


def try_sending_lock(home: Home) -> FileLock | None:
    """Return the lock that only one sender of this home holds; None while another one does."""
    return try_lock(home.state / "outbox.lock")


def sending_lock(home: Home) -> FileLock:
    """Return the lock that only one sender of this home holds.

    Raises:
        SignoffError: another one is sending now.
    """
    lock = try_sending_lock(home)
    if lock is None:
        raise SignoffError(
            "another upload or withdrawal is running", hint="Wait for it, then try again."
        )
    return lock


@contextmanager
def open_file(home: Home) -> Generator[sqlite3.Connection]:
    """Open the outbox's file, making it 0600 when there is none.

    Raises:
        DamagedError: the file is no outbox.
        DiskFullError: there is no room for it.
        SignoffError: it is busy, or cannot be opened or written.
    """
    path = outbox_path(home)
    make_private_folder(path.parent)
    try:
        _make_private(path)
        with closing(sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("PRAGMA secure_delete = ON")
            connection.executescript(_SCHEMA)
            yield connection
    except sqlite3.DatabaseError as error:
        raise _outbox_error(error, path) from error


def _outbox_error(error: sqlite3.DatabaseError, path: Path) -> SignoffError:
    """Return what the person should read for a failure of SQLite."""
    match getattr(error, "sqlite_errorcode", None):
        case sqlite3.SQLITE_FULL:
            return DiskFullError(f"no space left to write {path}", hint="Free some space.")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return SignoffError("the outbox is busy", hint="Try again in a moment.")
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_ERROR:
            return DamagedError(
                f"the outbox {path} cannot be read",
                hint="Move it away; episodes and sign-offs are untouched, but past withdrawals"
                " are not known any more: withdraw those again.",
            )
        case _:
            return SignoffError(
                f"cannot use {path}: {error}", hint="Check who owns it and that it can be written."
            )


def _make_private(path: Path) -> None:
    """Make an empty file of mode 0600 where there is none, so that SQLite keeps that mode."""
    with suppress(FileExistsError):
        os.close(open_new(path, os.O_RDWR))
