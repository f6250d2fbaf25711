"""Hubs that are saved and come back."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, text
from tests.support.hubs import Place
from tests.support.hubs_verified import clock

from signoff_hub.backups.checking import check
from signoff_hub.backups.kept import saved_rows, saved_tables
from signoff_hub.backups.restoring import Restored, Restoring, Where
from signoff_hub.backups.saving import Saved, save
from signoff_hub.database.tables import SIGN_OFF
from signoff_hub.verifying.findings import Counts, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from signoff_hub.node.node import Node

    Rows = dict[str, list[tuple[object, ...]]]

LOG = ("log_head", "log_leaf", "log_opening", "log_state")


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """A hub that came back."""

    node: Node
    done: Restored
    findings: list[str]
    """Of the verification at its end."""


def rows_of(node: Node) -> Rows:
    """Return the rows that a backup holds, by table."""
    with node.database.snapshot() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(saved_rows(table))]
            for table in saved_tables()
        }


def states_of(node: Node) -> dict[str, str]:
    """Return the state of each sign-off, by its statement."""
    with node.database.read() as connection:
        rows = connection.execute(select(SIGN_OFF.c.statement, SIGN_OFF.c.state))
        return {row.statement: row.state for row in rows}


@contextmanager
def opened(place: Place) -> Generator[Node]:
    """Open a node of a hub."""
    node = place.open(clock=clock())
    try:
        yield node
    finally:
        node.close()


def save_from(place: Place, out: Path, *, with_objects: bool = True) -> Saved:
    """Make a backup of a hub that nobody else works with."""
    with opened(place) as node:
        return save(node, out, with_objects=with_objects)


def restore_to(
    backup: Path, where: Where, *, probe: Callable[[str], None] = lambda _: None
) -> tuple[Restored, list[str]]:
    """Bring a hub back; return what became of it and what its verification found."""
    found: list[str] = []

    def show(findings: Iterator[Finding]) -> None:
        found.extend(f"{one.where}: {one.what}" for one in findings)

    restoring = Restoring(check(backup), where, clock=clock(), probe=probe)
    return restoring.restore(show, Counts(), lambda _, __: None), found


@contextmanager
def back(backup: Path, where: Where) -> Generator[Back]:
    """Bring a hub back, and open a node of it."""
    done, found = restore_to(backup, where)
    place = Place(root=where.root, database=where.database_url, store=where.store_url)
    with opened(place) as node:
        yield Back(node=node, done=done, findings=found)


def beside(place: Place) -> Where:
    """Return where a hub comes back that lost its database alone, which is taken away here."""
    with opened(place) as node, node.database.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    for path in place.root.glob("hub.sqlite*"):
        path.unlink()
    return Where(root=place.root, store_url=place.store)


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
