"""Snapshots: one a quarter, never made again, and nothing in them that betrays a withdrawal."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select

from signoff_hub.database.database import Database
from signoff_hub.database.tables import EPISODE, METADATA, SIGN_OFF, STATISTIC
from signoff_hub.statistics.snapshots import freeze, last_quarter, read_snapshot, snapshots

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = int(datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp())
QUARTER_S = 92 * 86_400


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    METADATA.create_all(made.engine)
    yield made
    made.close()


def admit(
    database: Database, number: int, *, languages: list[str], purposes: list[str], state: str
) -> None:
    sha256, contributor = f"{number:064x}", f"{number:032x}"
    with database.write() as connection:
        connection.execute(
            insert(EPISODE).values(
                sha256=sha256, size_bytes=1, state=state, facts={"languages": languages}
            )
        )
        connection.execute(
            insert(SIGN_OFF).values(
                statement=f"{number + (1 << 200):064x}",
                episode=sha256,
                record=contributor,
                contributor=contributor,
                repository=contributor,
                fingerprint="SHA256:x",
                account=contributor,
                given_at=0,
                expires_at=0,
                received_at=0,
                licence="MIT",
                purposes=purposes,
                prohibited=[],
                notice="1",
                terms_sha256="",
                handle=sha256,
                state=state,
            )
        )


def fill(database: Database, people: int, *, first: int = 0) -> None:
    random = Random(first)  # noqa: S311
    for number in range(first, first + people):
        admit(
            database,
            number,
            languages=[random.choice(["python", "go"])],
            purposes=["research"],
            state="admitted",
        )


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        ("2026-01-01", "2025-Q4"),
        ("2026-03-31", "2025-Q4"),
        ("2026-04-01", "2026-Q1"),
        ("2026-12-31", "2026-Q3"),
    ],
)
def test_a_snapshot_is_named_for_the_quarter_that_ended(day: str, quarter: str) -> None:
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert last_quarter(int(moment.timestamp())) == quarter


def test_it_says_tens_of_contributors_and_episodes(database: Database) -> None:
    fill(database, 50)
    assert freeze(database, now=NOW, k=10)
    lines = read_snapshot(database, "2026-Q3")
    assert lines is not None
    assert {(line.what, line.purpose) for line in lines} == {
        ("contributors", "research"),
        ("episodes", "research"),
    }
    assert sorted({line.language for line in lines}) == ["go", "python"]
    assert all(line.value is not None and line.value in {10, 20, 30} for line in lines)


def test_it_is_never_made_again(database: Database) -> None:
    fill(database, 50)
    assert freeze(database, now=NOW, k=10)
    before = read_snapshot(database, "2026-Q3")
    fill(database, 50, first=1_000)
    assert not freeze(database, now=NOW + 86_400, k=10)
    assert read_snapshot(database, "2026-Q3") == before
    assert freeze(database, now=NOW + QUARTER_S, k=10)
    assert read_snapshot(database, "2026-Q4") != before
    assert read_snapshot(database, "2026-Q3") == before
    assert snapshots(database) == ("2026-Q3", "2026-Q4")


def test_an_empty_one_is_frozen_too(database: Database) -> None:
    assert freeze(database, now=NOW, k=10)
    fill(database, 50)
    assert not freeze(database, now=NOW, k=10)
    assert read_snapshot(database, "2026-Q3") == ()


def test_only_what_is_admitted_counts(database: Database) -> None:
    for number, state in enumerate(["received", "refused", "withdrawn", "expired"] * 20):
        admit(database, number, languages=["python"], purposes=["research"], state=state)
    assert freeze(database, now=NOW, k=10)
    assert read_snapshot(database, "2026-Q3") == ()


def test_a_small_cell_is_not_even_named(database: Database) -> None:
    for number in range(9):
        admit(database, number, languages=["cobol"], purposes=["teaching"], state="admitted")
    assert freeze(database, now=NOW, k=1)
    lines = read_snapshot(database, "2026-Q3")
    assert lines == ()


@pytest.mark.parametrize("name", ["", "2026-Q5", "2026-Q3' OR 1=1", "../2026-Q3", "2026"])
def test_other_names_are_of_no_snapshot(database: Database, name: str) -> None:
    assert freeze(database, now=NOW, k=10)
    assert read_snapshot(database, name) is None


def test_no_row_of_a_snapshot_names_a_contributor(database: Database) -> None:
    fill(database, 50)
    assert freeze(database, now=NOW, k=10)
    with database.read() as connection:
        rows = connection.execute(select(STATISTIC)).all()
        people = set(connection.execute(select(SIGN_OFF.c.contributor)).scalars())
    assert rows
    assert not [row for row in rows if any(one in str(row) for one in people)]
