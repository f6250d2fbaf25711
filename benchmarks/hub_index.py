"""The index of a hub with ten million episodes, in a real PostgreSQL: pages, single looks, a sweep.

    .venv/bin/python benchmarks/hub_index.py [--episodes N] [--tombstones N]

The rows are generated in the database, in the tables and with the indexes of a hub. What is timed
are the hub's own functions, at random places, over one connection to the loopback: wall time, since
they wait for the database. PostgreSQL runs with 512 MB of shared buffers; the files lie in the
page cache or not, as on any machine. Its fsync is off, which no reading notices.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from sqlalchemy import Connection, select, text  # noqa: E402
from sqlalchemy.schema import CreateIndex, DropIndex  # noqa: E402
from tests.support.datasets import Person  # noqa: E402
from tests.support.hubs import content_of, sign  # noqa: E402
from tests.support.postgres import postgres  # noqa: E402

from signoff_hub.building.source import HubSource  # noqa: E402
from signoff_hub.building.uses import versions_with  # noqa: E402
from signoff_hub.database.tables import (  # noqa: E402
    BLOB,
    EPISODE,
    JOB,
    SHARD_EPISODE,
    SIGN_OFF,
    TOMBSTONE,
)
from signoff_hub.jobs.queue import take  # noqa: E402
from signoff_hub.node.node import Node, open_node  # noqa: E402
from signoff_hub.place.hub_folder import open_hub_folder  # noqa: E402
from signoff_hub.receiving.checks import read_signed  # noqa: E402
from signoff_hub.receiving.standing import has_admitted, standing_of  # noqa: E402
from signoff_hub.receiving.states import read_own_states  # noqa: E402
from signoff_hub.withdrawing.feed import feed  # noqa: E402
from signoff_hub.withdrawing.sweeping import sweep  # noqa: E402

ACCOUNTS: Final = 70_000
LOOKS: Final = 200
PAGE: Final = 100
LIMIT_MS: Final = 50.0
ADDRESS: Final = "https://hub.example.org/team"
KINDS: Final = ("admit", "erase", "sweep")
# One episode in a hundred was refused, the bytes of one in a thousand are not admitted; those that
# were withdrawn are in the tombstones alone.
FILL: Final = (
    (
        BLOB,
        "SELECT {digest}, 34000, CASE WHEN n % 1000 = 1 THEN {account} END, {now} - 864000 - n"
        " FROM generate_series(1, :count) n WHERE n % 100 <> 0",
    ),
    (
        EPISODE,
        "SELECT {digest}, 34000, {state}, {now} - n, 1, NULL FROM generate_series(1, :count) n",
    ),
    (
        SIGN_OFF,
        "SELECT {statement}, {digest}, md5('record' || n), md5('contributor' || n % {accounts}),"
        " md5('repository' || n % 5000), 'SHA256:' || left({account}, 43), {account},"
        " {now} - n, {now} + 31536000 + n, {now} - n, 'MIT',"
        """ '["model-training","research"]'::json, '["performance-evaluation"]'::json,"""
        " '1', :terms, encode(sha256(('handle' || n)::bytea), 'hex'), NULL, {state},"
        " CASE WHEN n % 100 = 0 THEN 'unmasked' END, n, n, false, NULL"
        " FROM generate_series(1, :count) n",
    ),
    (
        SHARD_EPISODE,
        "SELECT 'set' || n % 20, 1, n / 2000, {digest}, {statement}"
        " FROM generate_series(1, :count, 2) n",
    ),
    (
        JOB,
        "SELECT n, 'admit', {statement}, 'failed', 5, {now} - n, NULL, NULL, NULL"
        " FROM generate_series(1, :count, 1000) n",
    ),
)
TOMBSTONES: Final = (
    "SELECT encode(sha256(('gone' || n)::bytea), 'hex'), md5('gone' || n),"
    " encode(sha256(('handle' || -n)::bytea), 'hex'), {now} - 864000 - n, 'expired',"
    " {now} - 600000 - n, false, ''::bytea, n * 3 FROM generate_series(1, :count) n"
)


def main() -> int:
    """Print a line for each question; 1 when a page takes longer than it may."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--episodes", type=int, default=10_000_000)
    parser.add_argument("--tombstones", type=int, default=1_000_000)
    arguments = parser.parse_args()
    print(
        f"hub_index: {platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )
    with TemporaryDirectory(prefix="signoff-hub-index-") as made, postgres() as server:
        folder = open_hub_folder(Path(made) / "hub")
        with closing(
            open_node(folder, database_url=server.url.replace("+psycopg", ""), address=ADDRESS)
        ) as node:
            fill(node, arguments.episodes, arguments.tombstones)
            return looked(node, arguments.episodes, arguments.tombstones)


def fill(node: Node, episodes: int, tombstones: int) -> None:
    """Generate the rows; indexes are made behind them, since that is faster."""
    began = time.perf_counter()
    fills = [
        *((table, rows, episodes) for table, rows in FILL),
        (TOMBSTONE, TOMBSTONES, tombstones),
    ]
    words = {
        "digest": "encode(sha256(n::text::bytea), 'hex')",
        "statement": "encode(sha256(('statement' || n)::bytea), 'hex')",
        "account": f"md5('account' || n % {ACCOUNTS})",
        "accounts": ACCOUNTS,
        "state": "CASE WHEN n % 100 = 0 THEN 'refused' ELSE 'admitted' END",
        "now": node.now(),
    }
    for table, rows, count in fills:
        with node.database.write() as connection:
            indexes = sorted(table.indexes, key=lambda index: str(index.name))
            for index in indexes:
                connection.execute(DropIndex(index))
            names = ", ".join(column.name for column in table.columns)
            wanted = text(f"INSERT INTO {table.name} ({names}) {rows.format(**words)}")
            if "terms" in wanted.compile().params:
                wanted = wanted.bindparams(terms=hashlib.sha256(node.terms).hexdigest())
            connection.execute(wanted, {"count": count})
            for index in indexes:
                connection.execute(CreateIndex(index))
        with node.database.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            connection.execute(text(f"VACUUM ANALYZE {table.name}"))
    with node.database.read() as connection:
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    print(
        f"{episodes:,} episodes and {tombstones:,} tombstones made in"
        f" {time.perf_counter() - began:.0f} s, {size / 1e9:.1f} GB, {size / episodes:,.0f} B each"
    )


def looked(node: Node, episodes: int, tombstones: int) -> int:
    """Ask each question at random places, and say how long it took."""
    draw = random.Random(22)  # noqa: S311
    checked = read_signed(*_sign_off(node))

    def held(ask: Callable[[Connection], object]) -> None:
        with node.database.read() as connection:
            ask(connection)

    def digest() -> str:
        return f"{draw.getrandbits(256):064x}"

    def anywhere() -> str:
        """Return a digest behind which a whole page lies."""
        return f"{draw.choice('0123456789abcde')}{digest()[1:]}"

    def account() -> str:
        with node.database.read() as connection:
            found: str = connection.execute(
                text("SELECT md5('account' || :n)"), {"n": draw.randrange(ACCOUNTS)}
            ).scalar_one()
        return found

    def page_of_the_plan(after: str) -> None:
        if len(HubSource(node).page(after, PAGE)) != PAGE:
            raise AssertionError("a page is not full")

    def one_held() -> str:
        with node.database.read() as connection:
            found: str = connection.execute(
                select(EPISODE.c.sha256).where(EPISODE.c.sha256 > digest()).limit(1)
            ).scalar_one()
        return found

    questions: dict[str, tuple[Callable[[], str], Callable[[str], object]]] = {
        f"{PAGE} admitted episodes, for a plan": (
            anywhere,
            page_of_the_plan,
        ),
        f"{PAGE} of one's own, by account": (
            account,
            lambda who: held(lambda at: read_own_states(at, who, "", PAGE)),
        ),
        "whether an account has anything": (account, lambda who: has_admitted(node, who)),
        "how a sign-off that comes stands": (
            account,
            lambda who: held(lambda at: standing_of(at, who, checked)),
        ),
        "which data sets hold an episode": (
            one_held,
            lambda which: held(lambda at: versions_with(at, which, 10)),
        ),
        "a page of the feed, signed": (
            lambda: str(draw.randrange(3 * tombstones)),
            lambda after: feed(node, int(after)),
        ),
        "the next job": (
            lambda: "",
            lambda _: held(lambda at: take(at, KINDS, now=node.now(), lease_s=9, worker="w")),
        ),
    }
    is_good = True
    for what, (drawn, ask) in questions.items():
        times: list[float] = []
        for _ in range(LOOKS):
            place = drawn()
            began = time.perf_counter()
            ask(place)
            times.append((time.perf_counter() - began) * 1000)
        times.sort()
        p99 = times[LOOKS * 99 // 100]
        is_good &= p99 <= LIMIT_MS
        print(f"{what}: median {statistics.median(times):.1f} ms, p99 {p99:.1f} ms")
    began = time.perf_counter()
    done = sweep(node)
    took = time.perf_counter() - began
    print(f"a sweep with nothing to do among {episodes:,}: {took:.1f} s, {done}")
    print(f"target: p99 of each {LIMIT_MS:g} ms: {'met' if is_good else 'MISSED'}")
    return 0 if is_good else 1


def _sign_off(node: Node) -> tuple[bytes, bytes]:
    sent = sign(node, Person(number=1), content_of(1))
    return sent.sign_off.statement, sent.sign_off.signature


if __name__ == "__main__":
    sys.exit(main())
