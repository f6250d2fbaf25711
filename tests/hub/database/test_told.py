"""What a database says is told in words of ours: away, damaged, foreign, never its address."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from tests.support.cli import signoff
from tests.support.postgres import postgres

from signoff_hub.database import database as module
from signoff_hub.database.database import Database
from signoff_hub.database.revision import prepare
from signoff_schemas.errors import DamagedError, NetworkError, SignoffError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.postgres import Postgres

SECRET = "-".join(("pass", "of", "nobody"))


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as made:
        yield made


def url_of(server: Postgres, user: str = "postgres", name: str = "postgres") -> str:
    return f"postgresql://{user}@127.0.0.1:{server.port}/{name}"


def error_of(url: str, statement: str = "SELECT 1") -> SignoffError:
    with (
        pytest.raises(SignoffError) as told,
        closing(Database(url)) as database,
        database.write() as connection,
    ):
        connection.execute(text(statement))
    assert told.value.hint
    assert SECRET not in f"{told.value}{told.value.hint}"
    assert told.value.__cause__ is None
    return told.value


def cut_off(server: Postgres, database: Database, *, goes_on: bool) -> None:
    """Have the server close the connection of a transaction."""
    with database.write() as connection:
        number = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with closing(Database(url_of(server))) as other, other.write() as another:
            another.execute(text("SELECT pg_terminate_backend(:n)"), {"n": number})
        if goes_on:
            connection.execute(text("SELECT 1"))


@pytest.mark.parametrize(
    ("database", "code", "says"),
    [
        (f"postgresql://nobody:{SECRET}@127.0.0.1:1/x", 1, "does not answer"),
        (f"postgresql://nobody:{SECRET}@127.0.0.1:notaport/x", 2, "cannot be understood"),
        (f"postgresql://nobody:{SECRET}@127.0.0.1:1/x?colour=blue", 2, "PostgreSQL does not know"),
        (f"mysql://nobody:{SECRET}@127.0.0.1/x", 2, "neither SQLite nor PostgreSQL"),
    ],
)
def test_serve_says_what_is_wrong_with_its_database(
    tmp_path: Path, database: str, code: int, says: str
) -> None:
    argv = ("--data", str(tmp_path / "hub"), "--listen", "127.0.0.1:0", "--database", database)
    done = signoff("hub", "serve", *argv)
    assert done.code == code
    assert says in done.err
    assert SECRET not in done.err + done.out


def test_serve_says_that_its_file_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir(mode=0o700)
    (tmp_path / "hub" / "hub.sqlite").write_bytes(os.urandom(8192))
    done = signoff("hub", "serve", "--data", str(tmp_path / "hub"), "--listen", "127.0.0.1:0")
    assert done.code == 11
    assert "damaged or is none" in done.err


def test_a_file_that_was_damaged_later_is_told(tmp_path: Path) -> None:
    path = tmp_path / "hub.sqlite"
    with closing(Database(f"sqlite:///{path}")) as database:
        prepare(database)
    content = bytearray(path.read_bytes())
    content[100:8192] = os.urandom(8092)
    path.write_bytes(content)
    assert isinstance(error_of(f"sqlite:///{path}", "SELECT * FROM account"), DamagedError)


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    assert isinstance(error_of(f"sqlite:///{tmp_path}"), NetworkError)


def test_a_writer_who_waits_in_vain_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hub.sqlite"
    with closing(Database(f"sqlite:///{path}")) as database:
        prepare(database)
    monkeypatch.setattr(module, "_WAIT_S", 0.01)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert isinstance(error_of(f"sqlite:///{path}"), NetworkError)


@pytest.mark.parametrize("statement", ["SELECT * FROM none", "SELECT none FROM account"])
def test_a_missing_table_is_not_told_as_a_database_that_is_away(
    tmp_path: Path, statement: str
) -> None:
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    with closing(Database(url)) as database:
        prepare(database)
    assert isinstance(error_of(url, statement), DamagedError)


@pytest.mark.hub
@pytest.mark.parametrize(
    ("user", "name", "statement", "error"),
    [
        ("postgres", "postgres", "SELECT * FROM none", DamagedError),
        ("postgres", "postgres", "SELECT none FROM pg_class", DamagedError),
        ("postgres", "none", "SELECT 1", NetworkError),
        ("nobody", "postgres", "SELECT 1", NetworkError),
        ("postgres", "postgres", "SET TRANSACTION READ ONLY; CREATE TABLE x ()", NetworkError),
        ("postgres", "postgres", "SELECT pg_terminate_backend(pg_backend_pid())", NetworkError),
        ("postgres", "postgres?colour=blue", "SELECT 1", UsageError),
    ],
)
def test_postgresql_is_told_by_its_codes(
    server: Postgres, user: str, name: str, statement: str, error: type[SignoffError]
) -> None:
    assert isinstance(error_of(url_of(server, user, name), statement), error)


@pytest.mark.hub
def test_a_server_that_closes_a_waiting_connection_is_told(server: Postgres) -> None:
    with closing(Database(url_of(server))) as database:
        with pytest.raises(NetworkError):
            cut_off(server, database, goes_on=True)
        with database.read() as connection:  # and the next one is a new one
            assert connection.execute(text("SELECT 1")).scalar_one() == 1


@pytest.mark.hub
def test_a_server_that_closes_a_connection_before_its_end_is_told(server: Postgres) -> None:
    with closing(Database(url_of(server))) as database, pytest.raises(NetworkError):
        cut_off(server, database, goes_on=False)


@pytest.mark.hub
def test_a_node_whose_connections_are_all_in_use_is_told(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WAIT_S", 0.01)
    with closing(Database(url_of(server))) as database:
        held = [database.engine.connect() for _ in range(16)]
        with pytest.raises(NetworkError, match="in use"), database.read():
            pass
        for one in held:
            one.close()
