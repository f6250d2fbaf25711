"""Data sets of a hub: change, remove or add any one row or file, and it is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import and_, delete, insert, select, update
from tests.support.clock import FakeClock
from tests.support.hubs import DATABASE, STORE, made_node
from tests.support.hubs_built import PEOPLE, built, run_builds, share
from tests.support.hubs_ended import by_key, run_jobs

from signoff_hub.database.tables import (
    DATASET_VERSION,
    PLAN,
    PLAN_EPISODE,
    SHARD,
    SHARD_EPISODE,
    TOMBSTONE,
)
from signoff_hub.node.node import Node
from signoff_hub.verifying.datasets import OUT_WITHIN_S, check_datasets
from signoff_hub.verifying.findings import Counts
from signoff_hub.verifying.hubs import verify_hub
from signoff_hub.withdrawing.withdrawals import withdraw

if TYPE_CHECKING:
    from sqlalchemy import Column, Table

pytestmark = pytest.mark.skipif(
    bool(DATABASE or STORE), reason="it changes files of the hub's folder by hand"
)
TABLES = (PLAN, PLAN_EPISODE, DATASET_VERSION, SHARD, SHARD_EPISODE)
UNTOLD = {
    ("plan", "token_hash"),
    ("plan", "log_size"),
    ("plan", "made_at"),
    ("plan", "became"),
    ("dataset_version", "made_at"),
    ("dataset_version", "replaced_at"),
    ("dataset_version", "replaced_leaf"),
    ("dataset_version", "successor"),
    ("dataset_version", "fault"),
    ("shard", "file"),
}
"""Columns that nothing signed tells (docs/hub/verifying.md)."""


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, clock: FakeClock) -> Iterator[Node]:
    """A hub whose data set was replaced once, since somebody took an episode back."""
    with made_node(tmp_path_factory.mktemp("sets") / "hub", clock=clock) as made:
        sent = share(made, range(PEOPLE + 1))
        built(made)
        withdraw(made, by_key(sent[3]))
        run_jobs(made)
        run_builds(made)
        yield made


def told(node: Node) -> list[str]:
    return [f"{one.weight} {one.where}: {one.what}" for one in check_datasets(node, Counts())]


def _rows(node: Node, table: Table) -> list[dict[str, object]]:
    with node.database.read() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def _is(table: Table, row: dict[str, object]) -> object:
    return and_(*(one == row[one.name] for one in table.primary_key.columns))


def _run(node: Node, *statements: object) -> None:
    with node.database.write() as connection:
        for one in statements:
            connection.execute(one)  # type: ignore[call-overload]  # an update, delete or insert


def _other(column: Column[object], held: object) -> object:
    if isinstance(held, int):
        return held + 1
    if isinstance(held, str):
        return f"{held[:-1]}{'a' if held[-1:] != 'a' else 'b'}"
    return 1 if column.type.python_type is int else "0" * 32


def test_a_sound_hub_has_no_finding(node: Node) -> None:
    versions = {(row["version"], row["state"]) for row in _rows(node, DATASET_VERSION)}
    assert versions == {(1, "replaced"), (2, "ready")}
    counts = Counts()
    assert list(check_datasets(node, counts)) == []
    assert counts.objects > 4 * PEOPLE
    assert [one.where for one in verify_hub(node, Counts())] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda one: one.name)
def test_each_column_that_is_changed_is_named(node: Node, table: Table) -> None:
    tried = 0
    for row in _rows(node, table):
        if row.get("version") == 1:
            continue  # it is gone: its notice alone is left to compare with
        if table is PLAN and not _is_built(node, row["sha256"]):
            continue
        for column in table.columns:
            if column.primary_key or (table.name, column.name) in UNTOLD:
                continue
            value = _other(column, row[column.name])
            _run(node, update(table).where(_is(table, row)).values({column.name: value}))  # type: ignore[arg-type]
            assert told(node), (column.name, row)
            back = {column.name: row[column.name]}
            _run(node, update(table).where(_is(table, row)).values(back))  # type: ignore[arg-type]
            tried += 1
    assert tried or table is PLAN_EPISODE  # all of its columns are its key
    assert told(node) == []


def _is_built(node: Node, plan: object) -> bool:
    return any(
        row["plan"] == plan and row["state"] == "ready" for row in _rows(node, DATASET_VERSION)
    )


@pytest.mark.parametrize("table", [PLAN_EPISODE, SHARD, SHARD_EPISODE], ids=lambda one: one.name)
def test_each_row_that_is_removed_is_named(node: Node, table: Table) -> None:
    version = {"version": 2} if "version" in table.columns else {}
    those = [
        row for row in _rows(node, table) if all(row[name] == of for name, of in version.items())
    ]
    assert len(those) >= 1
    for row in those:
        _run(node, delete(table).where(_is(table, row)))  # type: ignore[arg-type]
        assert told(node), row
        _run(node, insert(table).values(row))
    assert told(node) == []


@pytest.mark.parametrize("how", ["change", "cut", "remove", "copy"])
def test_each_file_that_is_changed_is_named(node: Node, how: str) -> None:
    root = node.folder.objects
    files = [
        path for top in ("datasets", "plans") for path in (root / top).rglob("*") if path.is_file()
    ]
    assert len(files) > 4 * PEOPLE
    for path in sorted(files):
        content = path.read_bytes()
        middle = len(content) // 2
        copy = path.with_name(f"{path.name}-copy")
        match how:
            case "change":
                changed = bytes([content[middle] ^ 1])
                path.write_bytes(content[:middle] + changed + content[middle + 1 :])
            case "cut":
                path.write_bytes(content[:-1])
            case "remove":
                path.unlink()
            case _:
                copy.write_bytes(content)
        assert told(node), (how, path.relative_to(root))
        copy.unlink(missing_ok=True)
        path.write_bytes(content)
    assert told(node) == []


def test_a_manifest_that_somebody_else_signed_is_named(node: Node) -> None:
    place = node.folder.objects / "datasets" / "made" / "2" / "manifest.json.sig"
    signature = place.read_bytes()
    from tests.support.datasets import Person

    content = place.with_name("manifest.json").read_bytes()
    place.write_bytes(Person(number=99).signature(content, "signoff-dataset-v1"))
    assert [one for one in told(node) if one.startswith("not-signed")]
    place.write_bytes(signature)
    assert told(node) == []


def test_an_episode_that_had_to_be_out_by_now_is_named(node: Node, clock: FakeClock) -> None:
    row = next(one for one in _rows(node, SHARD_EPISODE) if one["version"] == 2)
    values = {
        "episode": row["episode"],
        "record": "0" * 32,
        "handle": "0" * 64,
        "withdrawn_at": node.now(),
        "because": "withdrawn",
        "content": b"",
        "leaf": 10**6,
    }
    _run(node, insert(TOMBSTONE).values(values))
    assert told(node) == []
    clock.advance(OUT_WITHIN_S)
    assert [one for one in told(node) if "ended more than seven days ago" in one]
    _run(node, delete(TOMBSTONE).where(TOMBSTONE.c.episode == row["episode"]))
    assert told(node) == []


def test_what_no_row_knows_is_named(node: Node) -> None:
    root: Path = node.folder.objects
    for place in ("datasets/made/9/x", "datasets/other/1/x", f"plans/ab/{'ab' * 32}.json"):
        node.objects.create(place, b"x")
        assert any(one.startswith("left-over") for one in told(node)), place
        (root / place).unlink()
    assert told(node) == []
