"""What ended: its tombstone holds, and of what was erased nothing is left anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.upload.stores.layout import (
    blob_key,
    receipt_folder,
    sign_off_folder,
    tombstone_key,
)
from signoff_hub.place.faults import HubFault
from signoff_hub.receiving.states import SignOffIs
from signoff_hub.verifying.findings import ASK, RESTORE, SWEEP, Finding, damaged, left_over
from signoff_hub.withdrawing.proofs import read_tombstone
from signoff_schemas.hub_log import EntryKind
from signoff_schemas.strict import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import RowMapping

    from signoff_hub.node.node import Node
    from signoff_hub.verifying.held import Held
    from signoff_hub.verifying.rows import Rows
    from signoff_hub.verifying.said import Said

_HOUR_S: Final = 3_600
_ERASE: Final = f"It was erased once: run `signoff hub sweep --data DIR`. {ASK}"


def check_tombstone(
    node: Node, sha256: str, rows: Rows, held: Held, said: Said
) -> Iterator[Finding]:
    """Yield what is wrong with how an episode ended, or with that it did not."""
    row, key = rows.tombstone, tombstone_key(sha256)
    if row is None:
        if held.has_tombstone:
            yield damaged(key, "a tombstone that no row knows: it is not refused any more")
        if rows.episode is not None and rows.episode["state"] in ("withdrawn", "expired"):
            yield damaged(f"row tombstone {sha256}", "is missing, and the episode has ended")
        return
    yield from _check_row(row, rows)
    content = bytes(row["content"])
    if row["erased_at"] is None:
        if held.has_tombstone and held.tombstone != content:
            yield damaged(key, "it is another one than the row's")
        yield from _check_due(node, row, rows)
        return
    if content and held.tombstone != content:
        yield damaged(key, "is missing" if not held.has_tombstone else "is not the row's", _PUT)
    elif not content and held.has_tombstone:
        yield damaged(key, "a tombstone of what expired: nobody took it back", ASK)
    if not said.has(EntryKind.ERASED, sha256, None):
        yield damaged(f"row tombstone {sha256}", "is erased, and no leaf of the log says so")
    yield from _remains(sha256, rows, held)


def _check_row(row: RowMapping, rows: Rows) -> Iterator[Finding]:
    sha256, because = row["episode"], row["because"]
    where = f"row tombstone {sha256}"
    entry = rows.openings.get(row["leaf"])
    if entry is None or (str(entry.kind), entry.subject) != (because, sha256):
        yield damaged(where, f"leaf {row['leaf']} does not say that it ended so")
    elif parse_time(entry.on).timestamp() != row["withdrawn_at"]:
        yield damaged(where, f"leaf {row['leaf']} says that it ended at another time")
    content = bytes(row["content"])
    if because == SignOffIs.EXPIRED:
        if content:
            yield damaged(where, "expired, and has a tombstone that somebody made", ASK)
        return
    try:
        tombstone = read_tombstone(content)
    except HubFault:
        yield damaged(where, "its tombstone does not prove itself")
        return
    expected = (tombstone.sha256, tombstone.record_id, tombstone.handle)
    if (sha256, row["record"], row["handle"]) != expected:
        yield damaged(where, "says something else than its tombstone")


def _check_due(node: Node, row: RowMapping, rows: Rows) -> Iterator[Finding]:
    due = max(row["withdrawn_at"], rows.held_until) + node.settings.erase_within_hours * _HOUR_S
    if due < node.now():
        yield left_over(
            f"row tombstone {row['episode']}", "should have been erased by now, as promised"
        )


def _remains(sha256: str, rows: Rows, held: Held) -> Iterator[Finding]:
    """Yield what is left of an episode that was erased."""
    if held.blob_bytes is not None:
        yield damaged(blob_key(sha256), "it was erased, and its bytes are here", _ERASE)
    for name in sorted(held.sign_offs):
        yield damaged(f"{sign_off_folder(sha256)}/{name}", "of an episode that was erased", _ERASE)
    for name in sorted(held.receipts):
        yield damaged(f"{receipt_folder(sha256)}/{name}", "of an episode that was erased", _ERASE)
    if held.has_parts or rows.parts:
        yield left_over(f"parts/{sha256[:2]}/{sha256}/", "of an episode that was erased", SWEEP)
    if rows.blob is not None:
        yield damaged(f"row blob {sha256}", "of an episode that was erased", _ERASE)
    if rows.episode is not None:
        yield damaged(f"row episode {sha256}", "of an episode that was erased", _ERASE)
    for row in rows.sign_offs:
        yield damaged(f"row sign_off {row['statement']}", "of an erased episode", _ERASE)
    if rows.labels:
        yield damaged(f"row label of {sha256}", "of an episode that was erased", _ERASE)


_PUT: Final = f"Restore it: without it a mirror or an adoption takes the episode again. {RESTORE}"
