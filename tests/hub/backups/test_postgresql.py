"""A hub goes from SQLite to PostgreSQL and back by backups, and loses nothing on the way."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, text
from tests.support.hubs import Place, signed
from tests.support.hubs_backed_up import (
    LOG,
    back,
    opened,
    restore_to,
    rows_of,
    save_from,
    states_of,
)
from tests.support.hubs_ended import admitted
from tests.support.hubs_verified import admit_all, fill
from tests.support.postgres import postgres

from signoff_hub.backups.restoring import Where
from signoff_hub.backups.saving import save
from signoff_hub.database.database import Database
from signoff_hub.database.tables import READING
from signoff_hub.withdrawing.sweeping import sweep
from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.hub


def test_there_and_back(tmp_path: Path) -> None:
    first = Place(root=tmp_path / "hub")
    fill(first.root)
    key = first.root / "keys" / "hub"
    with opened(first) as node:
        sweep(node)
        with node.database.write() as connection:
            row = {"access_grant": "0" * 32, "dataset": "a", "version": 1, "purpose": "research"}
            connection.execute(insert(READING).values(**row, read_on=0, leaf=1, id=41))
        rows = rows_of(node)
    save_from(first, tmp_path / "one")
    with postgres() as server:
        url = server.url.replace("+psycopg", "")
        there = Where(root=tmp_path / "there", database_url=url, key=key)
        with back(tmp_path / "one", there) as again:
            node = again.node
            assert again.findings == []
            after = rows_of(node)
            assert {name: after[name] for name in rows if name not in LOG} == {
                name: held for name, held in rows.items() if name not in LOG
            }
            admitted(node, signed(node, 21))  # its jobs are numbered on
            admit_all(node)
            with node.database.write() as connection:
                row = {"access_grant": "1" * 32, "dataset": "a", "version": 1, "leaf": 2}
                connection.execute(insert(READING).values(**row, purpose="research", read_on=0))
            assert [one[0] for one in rows_of(node)["reading"]] == [41, 42]
            node.log.publish()
            rows, states = rows_of(node), states_of(node)

            def write(point: str) -> None:
                if point == "table saved" and not late:
                    late.append(signed(node, 22).statement_sha256)
                    admitted(node, signed(node, 22))

            late: list[str] = []
            place = Place(root=there.root, database=url)
            other = place.open(clock=node.clock, probe=write)
            try:
                saved = save(other, tmp_path / "two", with_key=True)
            finally:
                other.close()
            assert late, "somebody wrote while the rows were read"
            assert saved.missing == []
        with pytest.raises(RefusedError, match="not empty"):
            restore_to(tmp_path / "two", Where(root=tmp_path / "third", database_url=url))
        with closing(Database(url)) as database, database.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM sign_off")).scalar() == 8
    with back(tmp_path / "two", Where(root=tmp_path / "home")) as again:
        assert again.findings == []
        assert states_of(again.node) == states, "one moment: what came after it is not in it"
        after = rows_of(again.node)
        assert {name: after[name] for name in rows if name not in LOG} == {
            name: held for name, held in rows.items() if name not in LOG
        }
