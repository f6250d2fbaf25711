"""Transactions: whole or not at all, one writer at a time, errors in words of ours."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, insert, select

from signoff_hub.database.database import Database
from signoff_hub.database.tables import ACCOUNT, METADATA
from signoff_schemas.errors import NetworkError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def _opened(folder: Path) -> Database:
    database = Database(f"sqlite:///{folder / 'hub.sqlite'}")
    METADATA.create_all(database.engine)
    return database


def _count(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(ACCOUNT)).scalar_one()


def _write_and_fail(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(ACCOUNT).values(id="b" * 32, state="active"))
        raise ZeroDivisionError


def test_what_a_block_wrote_is_there_only_if_it_ended_well(tmp_path: Path) -> None:
    database = _opened(tmp_path)
    with database.write() as connection:
        connection.execute(insert(ACCOUNT).values(id="a" * 32, state="active"))
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(database)
    assert _count(database) == 1
    database.close()


def test_writers_in_threads_wait_for_each_other(tmp_path: Path) -> None:
    database = _opened(tmp_path)

    def write(first: int) -> None:
        for number in range(first, first + 25):
            with database.write() as connection:
                connection.execute(insert(ACCOUNT).values(id=f"{number:032d}", state="active"))

    threads = [Thread(target=write, args=(100 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _count(database) == 100
    database.close()


@pytest.mark.parametrize("url", ["mysql://localhost/hub", "", "hub.sqlite"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        Database(url)


def test_a_database_that_is_away_is_told_without_its_address() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/hub")
    with pytest.raises(NetworkError) as told, database.read():
        pass
    assert "nobody" not in str(told.value)
    database.close()
