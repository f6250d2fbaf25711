"""The database of each released revision is moved up, keeps its rows, and a node works on it."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select
from tests.support.hubs import made_place, send, signed

from signoff_hub.database.revision import NEWEST, name_of, read_mark
from signoff_hub.database.tables import EPISODE, JOB, LOG_LEAF, METADATA, SIGN_OFF, TOKEN
from signoff_hub.log.verifying import verify_log

GOLDEN = Path(__file__).resolve().parents[4] / "golden" / "hub_databases"
REVISIONS = [name_of(number) for number in range(1, NEWEST + 1)]


def test_every_revision_has_its_golden_database() -> None:
    assert [path.stem for path in sorted(GOLDEN.glob("*.sqlite"))] == REVISIONS


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_node_works_on_the_database_of_every_revision(tmp_path: Path, revision: str) -> None:
    """Before a release, after a change: `python tests/write_hub_revision.py`."""
    with made_place(tmp_path / "hub") as place:
        shutil.copy(GOLDEN / f"{revision}.sqlite", place.root / "hub.sqlite")
        with closing(place.open()) as node:
            with node.database.read() as connection:
                assert read_mark(connection) == name_of(NEWEST)
                assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
                for table in (EPISODE, SIGN_OFF, JOB, TOKEN, LOG_LEAF):
                    count = connection.execute(select(func.count()).select_from(table)).scalar()
                    assert count == 1, table.name
            assert send(node, signed(node, 2)).state == "received"
            report = verify_log(
                node.database, node.objects, public_key=node.key.public_key, address=node.address
            )
            assert (report.leaves, report.openings, report.faults) == (2, 2, [])
