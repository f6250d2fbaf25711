"""The log on a real PostgreSQL: two nodes append at once, one log comes of it."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from tests.support.hub_log import ADDRESS, MemoryObjects, entry_of, opened_log
from tests.support.postgres import postgres

from signoff_hub.database.tables import LOG_LEAF
from signoff_hub.log.verifying import verify_log
from signoff_schemas.hub_log import parse_inclusion_proof

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.hub


def test_two_nodes_make_one_log_that_proves_itself(tmp_path: Path) -> None:
    objects = MemoryObjects()
    with postgres() as server:
        url = server.url.replace("+psycopg", "")
        places = [opened_log(tmp_path, objects, url=url) for _ in range(2)]
        found: list[int] = []

        def write(turn: int) -> None:
            place = places[turn % 2]
            for number in range(40):
                with place.database.write() as connection:
                    found.extend(place.log.append(connection, [entry_of(100 * turn + number)] * 2))
                if number % 16 == 0:
                    place.log.publish()

        threads = [Thread(target=write, args=(turn,)) for turn in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == list(range(320))
        for place in places:
            place.log.publish()
            proof = parse_inclusion_proof(place.log.proof_of(256).encode())
            assert proof.leaf == 256
        key, database = places[0].key.public_key, places[0].database
        report = verify_log(database, objects, public_key=key, address=ADDRESS)
        assert (report.leaves, report.openings, report.faults) == (320, 320, [])
        with database.write() as connection:
            connection.execute(update(LOG_LEAF).where(LOG_LEAF.c.n == 9).values(hash=b"\0" * 32))
        report = verify_log(database, objects, public_key=key, address=ADDRESS)
        assert report.first_leaf == 9
        for place in places:
            place.database.close()
