"""A sweep looks for what is due by indexes, and finds what a node that died left of a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event, select, text
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.hubs import (
    DAY_S,
    content_of,
    made_node,
    made_place,
    objects_of,
    send,
    sign,
    signed,
)
from tests.support.hubs_ended import admitted, run_jobs

from signoff_hub.admitting.admission import refuse
from signoff_hub.database.tables import BLOB
from signoff_hub.place.faults import FaultCode
from signoff_hub.withdrawing.sweeping import sweep

LARGE = ("blob", "episode", "sign_off", "tombstone")


def test_no_look_reads_a_whole_table(tmp_path: Path) -> None:
    asked: list[tuple[str, object]] = []
    with made_node(tmp_path / "hub", clock=FakeClock()) as node:
        if not node.database.is_sqlite:
            pytest.skip("its plans are asked of SQLite")
        admitted(node, signed(node, 1))

        def note(*given: object) -> None:
            asked.append((str(given[2]), given[3]))

        event.listen(node.database.engine, "before_cursor_execute", note)
        sweep(node)
        event.remove(node.database.engine, "before_cursor_execute", note)
        looks = [(sql, values) for sql, values in asked if sql.startswith("SELECT")]
        assert len(looks) >= 7
        with node.database.read() as connection:
            for sql, values in looks:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)  # type: ignore[arg-type]
                for row in plan.all():
                    words = str(row[-1]).split(" ")
                    is_whole = words[0] == "SCAN" and words[1] in LARGE and "INDEX" not in words
                    assert not is_whole, (sql, row)


class _DiedError(Exception):
    """The node is gone."""


def test_bytes_of_a_refusal_that_a_node_died_in_are_found(tmp_path: Path) -> None:
    clock = FakeClock()

    def dies(name: str) -> None:
        if name == "refusal committed":
            raise _DiedError

    with made_place(tmp_path / "hub") as place:
        node = place.open(clock=clock)
        first = signed(node, 1, expires="2026-10-01T00:00:00Z")
        admitted(node, first)
        second = sign(node, Person(number=2), content_of(1), record_id="6" * 32)
        send(node, second)
        clock.advance(30 * DAY_S)
        assert sweep(node).expired == 1  # alone: the second may still be admitted
        node.close()
        dying = place.open(clock=clock, probe=dies)
        with pytest.raises(_DiedError):
            refuse(dying, second.statement_sha256, FaultCode.CONTENT)
        dying.close()
        node = place.open(clock=clock)
        key = f"blobs/{first.sha256[:2]}/{first.sha256}"
        assert key in objects_of(node)
        clock.advance(DAY_S + 1)
        sweep(node)
        run_jobs(node)
        assert key not in objects_of(node)
        with node.database.read() as connection:
            assert connection.execute(select(BLOB)).all() == []
            assert connection.execute(text("SELECT count(*) FROM blob")).scalar() == 0
        node.close()
