"""A hub in which everything occurs once, and what its verification names."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.hubs import (
    DAY_S,
    Place,
    bad_content,
    content_of,
    send,
    send_blob,
    sign,
    signed,
)
from tests.support.hubs_ended import ReaderHere, admitted, by_key, by_secret, run_jobs

from signoff_hub.admitting.admission import Admission
from signoff_hub.jobs.runner import Runner
from signoff_hub.verifying.findings import Counts
from signoff_hub.verifying.hubs import verify_hub
from signoff_hub.withdrawing.sweeping import sweep
from signoff_hub.withdrawing.withdrawals import withdraw

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from signoff_hub.node.node import Node
    from signoff_hub.verifying.findings import Finding

START_S = 1_790_000_000
LATER_S = START_S + 20 * DAY_S


def clock(at: int = LATER_S) -> FakeClock:
    return FakeClock(wall_ns=at * 10**9)


def admit_all(node: Node) -> None:
    """Do every admission that waits, in this process."""
    readers = ReaderHere()
    Runner(node=node, kinds={"admit": Admission(readers=readers)}).run_due()  # type: ignore[arg-type]  # no pool


def fill(root: Path) -> None:
    """Make a hub: admitted, refused, replaced, taken back, over, erased, and still to be read."""
    place = Place(root=root)
    node = place.open(clock=clock(START_S))
    first = signed(node, 1)
    admitted(node, first)
    admitted(node, sign(node, Person(number=1), content_of(2), supersedes=_record(first)))
    send(node, sign(node, Person(number=3), bad_content(3)))
    admitted(node, signed(node, 4, expires="2026-09-30T00:00:00Z"))
    gone = signed(node, 5)
    admitted(node, gone)
    shared = signed(node, 6)
    admitted(node, shared)
    also = sign(node, Person(number=7), content_of(6))
    admitted(node, also)
    admit_all(node)
    node.log.publish()
    withdraw(node, by_key(gone))
    withdraw(node, by_secret(also))
    run_jobs(node)
    node.close()
    node = place.open(clock=clock())
    sweep(node)
    last = signed(node, 8)
    admitted(node, last)
    withdraw(node, by_key(last))
    admit_all(node)
    send(node, signed(node, 9))
    unsigned = signed(node, 10)
    send_blob(node, unsigned)
    node.log.publish()
    with node.database.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    node.close()


@contextmanager
def copied(filled: Path, folder: Path) -> Generator[Node]:
    """Open a node on a copy of a hub."""
    root = folder / "hub"
    shutil.copytree(filled, root)
    node = Place(root=root).open(clock=clock())
    try:
        yield node
    finally:
        node.close()
        shutil.rmtree(root)


def found(node: Node) -> list[Finding]:
    """Return what the verification names."""
    return list(verify_hub(node, Counts()))


def _record(sent: object) -> str:
    from tests.support.hubs import Sent

    from signoff_schemas.statement import parse_statement

    assert isinstance(sent, Sent)
    return parse_statement(sent.sign_off.statement).predicate.record_id
