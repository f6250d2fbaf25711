"""Leaves are appended with the deed they tell of, one after the other, whoever appends."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from tests.support.hub_log import entry_of, opened_log

from signoff_hub.database.tables import LOG_HEAD, LOG_LEAF, LOG_OPENING, LOG_STATE
from signoff_schemas.errors import DamagedError
from signoff_schemas.hub_log import commitment, parse_entry, parse_head
from signoff_schemas.merkle import EMPTY_ROOT, leaf_hash, root_of

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection
    from tests.support.hub_log import LogPlace


def test_entries_get_the_numbers_in_which_they_came(tmp_path: Path) -> None:
    place = opened_log(tmp_path)
    with place.database.write() as connection:
        assert place.log.append(connection, []) == ()
        assert place.log.append(connection, [entry_of(0), entry_of(1)]) == (0, 1)
        assert place.log.append(connection, [entry_of(2)]) == (2,)
    with place.database.write() as connection:
        assert place.log.append(connection, [entry_of(3)]) == (3,)
    with place.database.read() as connection:
        leaves = [bytes(row.hash) for row in connection.execute(select(LOG_LEAF))]
        opened = [(bytes(r.salt), bytes(r.entry)) for r in connection.execute(select(LOG_OPENING))]
    assert [parse_entry(entry) for _, entry in opened] == [entry_of(n) for n in range(4)]
    assert [commitment(salt, entry) for salt, entry in opened] == leaves
    assert len({salt for salt, _ in opened}) == 4
    assert (
        parse_head(place.log.sign_head().content).root
        == root_of([leaf_hash(leaf) for leaf in leaves]).hex()
    )
    place.database.close()


def test_a_leaf_is_there_only_with_what_it_tells_of(tmp_path: Path) -> None:
    place = opened_log(tmp_path)
    with pytest.raises(ZeroDivisionError), place.database.write() as connection:
        _append_and_fail(place, connection)
    assert place.log.sign_head().head.size == 0
    assert place.log.sign_head().head.root == EMPTY_ROOT.hex()
    place.database.close()


def _append_and_fail(place: LogPlace, connection: Connection) -> None:
    place.log.append(connection, [entry_of(0)])
    raise ZeroDivisionError


def test_many_writers_make_one_log(tmp_path: Path) -> None:
    place = opened_log(tmp_path)
    found: list[int] = []

    def write(first: int) -> None:
        for number in range(first, first + 20):
            with place.database.write() as connection:
                found.extend(place.log.append(connection, [entry_of(number)]))

    threads = [Thread(target=write, args=(100 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(80))
    with place.database.read() as connection:
        leaves = [bytes(r.hash) for r in connection.execute(select(LOG_LEAF).order_by("n"))]
    assert place.log.sign_head().head.root == root_of([leaf_hash(one) for one in leaves]).hex()
    place.database.close()


def test_one_size_has_one_head(tmp_path: Path) -> None:
    place = opened_log(tmp_path)
    with place.database.write() as connection:
        place.log.append(connection, [entry_of(0)])
    first = place.log.sign_head()
    place.clock.advance(5)
    assert place.log.sign_head() == first == place.log.newest_head()
    with place.database.write() as connection:
        place.log.append(connection, [entry_of(1)])
    assert place.log.newest_head() == first
    second = place.log.sign_head()
    assert (second.head.size, second.head.on) == (2, "2026-11-25T09:08:12Z")
    with place.database.read() as connection:
        assert len(connection.execute(select(LOG_HEAD)).all()) == 2
    place.database.close()


def test_an_erased_opening_leaves_the_tree_as_it_was(tmp_path: Path) -> None:
    place = opened_log(tmp_path)
    with place.database.write() as connection:
        place.log.append(connection, [entry_of(0), entry_of(1)])
    before = place.log.sign_head()
    with place.database.write() as connection:
        assert place.log.erase(connection, 0)
        assert not place.log.erase(connection, 0)
    assert place.log.sign_head() == before
    place.database.close()


def test_a_damaged_state_is_told(tmp_path: Path) -> None:
    place = opened_log(tmp_path)
    with place.database.write() as connection:
        place.log.append(connection, [entry_of(0)])
        connection.execute(update(LOG_STATE).values(size=3))
    with place.database.write() as connection, pytest.raises(DamagedError):
        place.log.append(connection, [entry_of(1)])
    place.database.close()
