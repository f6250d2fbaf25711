"""A sound hub has no finding; change, remove or add any one thing, and it is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import and_, delete, select, text, update
from tests.support.hubs import DATABASE, STORE
from tests.support.hubs_verified import copied, fill, found

from signoff_hub.database.tables import METADATA
from signoff_hub.verifying.findings import exit_code
from signoff_hub.withdrawing.sweeping import sweep

if TYPE_CHECKING:
    from sqlalchemy import Column, Table

    from signoff_hub.node.node import Node

    Rows = list[tuple[Table, dict[str, object]]]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(DATABASE or STORE), reason="each try begins with a copy of the hub's folder"
    ),
]
UNTOLD = {
    ("blob", "received_at"),
    ("blob", "account"),
    ("episode", "facts"),
    ("episode", "admitted_at"),
    ("episode", "format_version"),
    ("episode", "size_bytes"),
    ("sign_off", "refused_because"),
    ("tombstone", "record"),
    ("tombstone", "handle"),
    ("key", "valid_from"),
    ("key", "valid_to"),
    ("key", "revoked_at"),
    ("account", "state"),
    ("log_state", "published"),
    ("log_head", "published"),
    ("tombstone", "erased_at"),
    ("tombstone", "kept_versions"),
}
"""Columns that nothing signed tells (docs/hub/verifying.md), or only in some of their values."""
UNTOLD_TABLES = {"job", "token", "challenge"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("filled") / "hub"
    fill(root)
    return root


@pytest.fixture(scope="module")
def rows(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    with (
        copied(filled, tmp_path_factory.mktemp("rows")) as node,
        node.database.read() as connection,
    ):
        return [
            (table, dict(row))
            for table in METADATA.sorted_tables
            if table.name not in UNTOLD_TABLES
            for row in connection.execute(select(table)).mappings()
        ]


def told(node: Node) -> list[str]:
    return [f"{one.weight} {one.where}: {one.what}" for one in found(node)]


def test_a_hub_in_which_everything_occurred_has_no_finding(filled: Path, tmp_path: Path) -> None:
    with copied(filled, tmp_path) as node:
        assert told(node) == []
        sweep(node)
        assert told(node) == []


def test_an_empty_hub_has_no_finding(tmp_path: Path) -> None:
    from tests.support.hubs import made_node

    with made_node(tmp_path / "hub") as node:
        assert told(node) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_column_that_was_changed_is_named(
    filled: Path,
    rows: Rows,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:
    table, row = data.draw(st.sampled_from(rows))
    columns = [
        one for one in table.columns if not one.primary_key and (table.name, one.name) not in UNTOLD
    ]
    is_gone = row.get("state") in ("refused", "withdrawn", "expired")
    if not columns or (table.name == "sign_off" and is_gone):
        return  # nothing that was signed is left to compare with
    column = data.draw(st.sampled_from(columns))
    with copied(filled, tmp_path_factory.mktemp("column")) as node:
        _run(node, update(table).where(_is(table, row)).values({column.name: _other(column, row)}))
        assert told(node), (table.name, column.name, row)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(number=st.integers(0, 1 << 20))
def test_a_row_that_was_removed_is_named(
    filled: Path,
    rows: Rows,
    tmp_path_factory: pytest.TempPathFactory,
    number: int,
) -> None:
    those = [one for one in rows if one[0].name != "account"]
    table, row = those[number % len(those)]
    if table.name == "log_opening" and not _is_needed(row, rows):
        return  # it looks as one that was erased
    with copied(filled, tmp_path_factory.mktemp("removed")) as node:
        _run(node, delete(table).where(_is(table, row)))
        assert told(node), (table.name, row)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_an_object_that_was_changed_removed_or_moved_is_named(
    filled: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    files = [path for path in (filled / "objects").rglob("*") if path.is_file()]
    objects = sorted(path.relative_to(filled) for path in files)
    which = data.draw(st.sampled_from(objects))
    how = data.draw(st.sampled_from(["change", "cut", "remove", "copy"]))
    with copied(filled, tmp_path_factory.mktemp("object")) as node:
        path = node.folder.root / which
        content = path.read_bytes()
        if how == "change":
            at = data.draw(st.integers(0, len(content) - 1))
            path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        elif how == "cut":
            path.write_bytes(content[:-1])
        elif how == "remove":
            if which.parts[1] == "blobs" and _is_unsigned(node, which.name):
                return
            path.unlink()
        else:
            path.with_name(f"{path.name}-copy").write_bytes(content)
        assert told(node), (how, which)


@pytest.mark.parametrize("top", ["blobs", "signoffs", "receipts", "tombstones"])
def test_something_that_nobody_sent_is_named(filled: Path, tmp_path: Path, top: str) -> None:
    strange = {
        "blobs": f"ab/{'ab' * 32}",
        "signoffs": f"ab/{'ab' * 32}/{'cd' * 32}.json",
        "receipts": f"ab/{'ab' * 32}/{'cd' * 32}.json",
        "tombstones": f"ab/{'ab' * 32}.json",
    }[top]
    with copied(filled, tmp_path) as node:
        node.objects.create(f"{top}/{strange}", b"x")
        assert any(f"{top}/{strange}" in one for one in told(node))
        node.objects.create(f"{top}/zz/strange", b"x")
        assert f"left-over {top}/zz/strange: nothing that a hub keeps" in told(node)


def test_what_comes_back_of_an_erased_episode_is_named(filled: Path, tmp_path: Path) -> None:
    with copied(filled, tmp_path) as node:
        (name,) = list(_ended(node))[:1]
        node.objects.create(f"blobs/{name[:2]}/{name}", b"from a backup")
        told_now = told(node)
        assert f"damaged blobs/{name[:2]}/{name}: it was erased, and its bytes are here" in told_now
        sweep(node)
        assert told(node) == []


def test_the_gravest_decides_the_exit_code() -> None:
    assert exit_code([]) == 0
    assert exit_code(["left-over"]) == 3
    assert exit_code(["left-over", "not-signed"]) == 12
    assert exit_code(["left-over", "not-signed", "damaged"]) == 11


def _ended(node: Node) -> list[str]:
    with node.database.read() as connection:
        wanted = text("SELECT episode FROM tombstone WHERE erased_at IS NOT NULL ORDER BY episode")
        return list(connection.execute(wanted).scalars())


def _is_unsigned(node: Node, sha256: str) -> bool:
    """Whether nobody needs these bytes: they never came, or were replaced."""
    with node.database.read() as connection:
        wanted = text("SELECT state FROM sign_off WHERE episode = :sha256")
        states = set(connection.execute(wanted, {"sha256": sha256}).scalars())
    return bool(states) and not states & {"received", "admitted"}


def _is_needed(row: dict[str, object], rows: Rows) -> bool:
    """Whether a row says that this leaf has to have its opening."""
    entry = json.loads(bytes(row["entry"]))  # type: ignore[arg-type]  # a row of the log
    if entry["kind"] in ("refused", "erased"):
        return True
    return any(
        row["n"] in (one.get("received_leaf"), one.get("leaf"))
        and one.get("state") not in ("withdrawn", "expired")
        for _, one in rows
    )


def _is(table: Table, row: dict[str, object]) -> object:
    return and_(*(one == row[one.name] for one in table.primary_key.columns))


def _other(column: Column[object], row: dict[str, object]) -> object:
    held = row[column.name]
    match held:
        case bool():
            return not held
        case int():
            return held + 1
        case str():
            return f"{held[:-1]}{'A' if held[-1:] != 'A' else 'B'}"
        case bytes():
            return bytes([held[0] ^ 1]) + held[1:] if held else b"x"
        case list():
            return held[1:] if held else ["research"]
        case _:
            is_number = column.type.python_type is int
            return 1 if is_number else b"x" if column.type.python_type is bytes else "0" * 32


def _run(node: Node, statement: object) -> None:
    with node.database.engine.connect() as connection:
        for one in ("PRAGMA foreign_keys=OFF", "BEGIN"):
            connection.execute(text(one))
        connection.execute(statement)  # type: ignore[call-overload]  # an update or a delete
        connection.execute(text("COMMIT"))
