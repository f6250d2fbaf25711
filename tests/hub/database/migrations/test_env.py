"""What alembic runs stays in the transaction that it was given."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect

from signoff_hub.database.database import Database
from signoff_hub.database.revision import MARK, move_up

if TYPE_CHECKING:
    from pathlib import Path


def made_and_failed(database: Database) -> None:
    with database.write() as connection:
        move_up(connection)
        assert MARK in inspect(connection).get_table_names()
        raise ZeroDivisionError


def test_revisions_are_undone_with_their_transaction(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / '50% hub.sqlite'}")) as database:
        with pytest.raises(ZeroDivisionError):
            made_and_failed(database)
        with database.read() as connection:
            assert inspect(connection).get_table_names() == []
