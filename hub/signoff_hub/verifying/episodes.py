"""One episode: its rows, its objects and its leaves, each held against the others, both ways.

Rows are read in one transaction, objects after it. Nodes may work meanwhile, so who verifies
looks a second time at whatever does not agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.upload.stores.layout import blob_key, receipt_folder, sign_off_folder
from signoff_hub.admitting.receipts import receipt_of
from signoff_hub.place.faults import FaultCode
from signoff_hub.receiving.sign_offs import row_of
from signoff_hub.receiving.states import LIVE, SignOffIs, State
from signoff_hub.verifying.findings import (
    ASK,
    Finding,
    damaged,
    left_over,
    not_signed,
)
from signoff_hub.verifying.held import digest_at, read_held
from signoff_hub.verifying.rows import Rows, read_rows
from signoff_hub.verifying.statements import (
    check_receipts,
    check_statement,
    sign_offs_without_row,
)
from signoff_hub.verifying.tombstones import check_tombstone
from signoff_schemas.hub_log import EntryKind
from signoff_schemas.strict import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import RowMapping

    from signoff_collector.consent.receipts import Receipt
    from signoff_hub.node.node import Node
    from signoff_hub.receiving.checks import Checked
    from signoff_hub.verifying.findings import Counts
    from signoff_hub.verifying.held import Held
    from signoff_hub.verifying.said import Said

_KEPT: Final = (SignOffIs.RECEIVED, SignOffIs.ADMITTED, SignOffIs.SUPERSEDED)
"""States whose statement and signature lie in the store."""
_ENDED: Final = (SignOffIs.WITHDRAWN, SignOffIs.EXPIRED)
_AGAIN: Final = "Look at the jobs that failed; its contributor may also send it again."


def check_episode(node: Node, sha256: str, said: Said, counts: Counts) -> list[Finding]:
    """Return all that is wrong with one episode."""
    with node.database.read() as connection:
        rows = read_rows(connection, sha256)
    held = read_held(node.objects, sha256)
    counts.rows += rows.count
    counts.objects += (
        len(held.sign_offs)
        + len(held.receipts)
        + (held.blob_bytes is not None)
        + held.has_tombstone
    )
    found = [*check_tombstone(node, sha256, rows, held, said)]
    if rows.tombstone is not None and rows.tombstone["erased_at"] is not None:
        return found  # all else would be told again, as something that should not be here
    found += _check_blob(node, sha256, rows, held, counts)
    receipts, wrong = check_receipts(
        held.receipts, sha256, public_key=node.key.public_key, address=node.address
    )
    found += wrong
    for row in rows.sign_offs:
        found += _check_sign_off(node, row, rows, held, said)
        found += _check_receipt(node, row, rows, receipts)
    known = {row["statement"]: row for row in rows.sign_offs}
    found += sign_offs_without_row(held.sign_offs, sha256, known)
    for statement in sorted(set(receipts) - set(known)):
        where = f"{receipt_folder(sha256)}/{statement}.json"
        found.append(damaged(where, "a receipt that no row knows"))
    return [*found, *_check_states(sha256, rows)]


def _check_blob(
    node: Node, sha256: str, rows: Rows, held: Held, counts: Counts
) -> Iterator[Finding]:
    where, row = blob_key(sha256), rows.blob
    needed = [one for one in rows.sign_offs if one["state"] in LIVE]
    if row is None:
        if needed:
            yield damaged(f"row blob {sha256}", "is missing, and a sign-off needs it")
        if held.blob_bytes is not None:
            yield damaged(where, "bytes that no row answers for", ASK)
    if held.blob_bytes is None:
        if needed:
            yield damaged(where, "the bytes of an episode are missing")
        elif row is not None and not rows.sign_offs and sha256 not in rows.waiting:
            yield left_over(f"row blob {sha256}", "of bytes that never came, or were cut off")
        return
    if row is not None and row["size_bytes"] != held.blob_bytes:
        what = f"says {row['size_bytes']} bytes, and there are {held.blob_bytes}"
        yield damaged(f"row blob {sha256}", what)
    is_admitted = any(one["state"] == SignOffIs.ADMITTED for one in needed)
    if row is not None and row["account"] is not None and is_admitted:
        yield damaged(f"row blob {sha256}", "counts admitted bytes against a quota")
    if digest_at(node.objects, blob_key(sha256), counts) not in (sha256, None):
        yield damaged(where, "its bytes have another SHA-256 than its name")


def _check_sign_off(
    node: Node, row: RowMapping, rows: Rows, held: Held, said: Said
) -> Iterator[Finding]:
    statement, state = row["statement"], row["state"]
    where = f"row sign_off {statement}"
    if state not in tuple(SignOffIs):
        yield damaged(where, "has a state that there is not")
        return
    is_held = state in _ENDED and f"{statement}.json" in held.sign_offs
    if state in _KEPT or is_held:  # what the law holds may be asked for: it has to be unchanged
        checked, found = check_statement(
            held.sign_offs,
            row["episode"],
            statement,
            audience=None if said.has(EntryKind.ADOPTED, statement, None) else node.address,
            find_terms=node.kept_terms.find,
        )
        yield from found
        if checked is not None and state in _KEPT:
            yield from _compare(row, checked, rows, held)
    if state == SignOffIs.REFUSED:
        yield from _check_refused(row, rows, held, said)
    elif state in _ENDED and rows.tombstone is None and row["episode"] not in rows.waiting:
        yield from _nothing_of(row, held, "of a sign-off that was taken back, or is over")
    if state in LIVE and row["refused_because"] is not None:
        yield damaged(where, f"is {state}, and has a reason why it was refused")
    yield from _check_leaves(row, rows, said)
    if state == SignOffIs.RECEIVED and statement not in rows.waiting:
        yield left_over(where, "waits to be read, and no job will do it", _AGAIN)


def _compare(row: RowMapping, checked: Checked, rows: Rows, held: Held) -> Iterator[Finding]:
    """Hold the columns of a row against what was signed."""
    where = f"row sign_off {row['statement']}"
    expected = row_of(row["account"], checked, row["received_at"])
    for name, value in expected.items():
        if name not in ("state", "statement", "episode") and row[name] != value:
            yield damaged(where, f"its {name} is not what was signed")
    said, episode = checked.predicate.episode, rows.episode
    size = said.size_bytes
    if episode is not None and episode["size_bytes"] != size:
        yield damaged(f"row episode {checked.sha256}", "its size_bytes is not what was signed")
    if (
        episode is not None
        and row["leaf"] is not None
        and episode["state"] == SignOffIs.ADMITTED
        and (episode["format_version"], (episode["facts"] or {}).get("steps"))
        != (said.format_version, dict(said.steps))
    ):
        what = "its format_version or steps are not what was signed"
        yield damaged(f"row episode {checked.sha256}", what)
    if held.blob_bytes not in (None, size):
        key = blob_key(checked.sha256)
        yield not_signed(key, f"has {held.blob_bytes} bytes, and {size} were signed")


def _check_refused(row: RowMapping, rows: Rows, held: Held, said: Said) -> Iterator[Finding]:
    statement, because = row["statement"], row["refused_because"]
    where = f"row sign_off {statement}"
    if because not in tuple(FaultCode):
        yield damaged(where, "is refused for a reason that there is not")
    elif not said.has(EntryKind.REFUSED, statement, because):
        yield damaged(where, "is refused, and no leaf of the log says so for this reason")
    if statement in rows.waiting:
        return
    yield from _nothing_of(row, held, "of a sign-off that was refused: nothing of it may be kept")


def _nothing_of(row: RowMapping, held: Held, what: str) -> Iterator[Finding]:
    for folder, names in (
        (sign_off_folder(row["episode"]), held.sign_offs),
        (receipt_folder(row["episode"]), held.receipts),
    ):
        for name in sorted(names):
            if name.startswith(row["statement"]):
                yield damaged(f"{folder}/{name}", what, _GONE)


def _check_leaves(row: RowMapping, rows: Rows, said: Said) -> Iterator[Finding]:
    statement, state = row["statement"], row["state"]
    where = f"row sign_off {statement}"
    n = row["received_leaf"]
    entry = None if n is None else rows.openings.get(n)
    is_told = entry is not None and (
        entry.kind in (EntryKind.RECEIVED, EntryKind.ADOPTED) and entry.subject == statement
    )
    if state in _ENDED and (n is None or n not in rows.openings):
        return  # its openings were erased
    if not is_told:
        yield damaged(where, f"leaf {n} does not say that it was received")
    elif (
        entry is not None
        and entry.kind is EntryKind.RECEIVED
        and parse_time(entry.on).timestamp() != row["received_at"]
    ):
        yield damaged(where, f"leaf {n} says that it was received at another time")
    adopted_at = n if entry is not None and entry.kind is EntryKind.ADOPTED else None
    n = row["leaf"]
    if n is None:
        if state == SignOffIs.ADMITTED:
            yield damaged(where, "is admitted without a leaf of the log")
        return
    if adopted_at is not None and n < adopted_at and n not in rows.openings:
        return  # what the log said before it was restored is lost; the receipt says it
    entry = rows.openings.get(n)
    if entry is None or (entry.kind, entry.subject) != (EntryKind.ADMITTED, statement):
        yield damaged(where, f"leaf {n} does not say that it was admitted")


def _check_receipt(
    node: Node, row: RowMapping, rows: Rows, receipts: Mapping[str, Receipt]
) -> Iterator[Finding]:
    statement, state = row["statement"], row["state"]
    where = f"{receipt_folder(row['episode'])}/{statement}.json"
    receipt = receipts.get(statement)
    if state in _ENDED:
        return
    is_adopted = state == SignOffIs.RECEIVED and statement in rows.waiting  # with its receipt
    if row["leaf"] is not None and (
        is_adopted or state in (SignOffIs.ADMITTED, SignOffIs.SUPERSEDED)
    ):
        if receipt is None:
            if statement not in rows.waiting:
                yield damaged(where, "the receipt of an admitted sign-off is missing", _RECEIPT)
            return
        expected = receipt_of(
            node,
            State(
                statement_sha256=statement,
                sha256=row["episode"],
                account=row["account"],
                state=SignOffIs(state),
                reason=None,
                received_at=row["received_at"],
                leaf=row["leaf"],
            ),
        )
        if expected is None or expected.content != receipt.content:
            yield damaged(where, "it says something else than row and log")
        elif expected.signature != receipt.signature:
            yield damaged(f"{where}.sig", "it is another signature than the hub's key makes")
    elif receipt is not None:
        yield damaged(where, f"a receipt of a sign-off that is {state}", ASK)


def _check_states(sha256: str, rows: Rows) -> Iterator[Finding]:
    where, row = f"row episode {sha256}", rows.episode
    states = {one["state"] for one in rows.sign_offs}
    if row is None:
        if rows.sign_offs:
            yield damaged(where, "is missing, and a sign-off refers to it")
        return
    if not states:
        yield damaged(where, "nobody signed it")
        return
    state = row["state"]
    expected = (
        {str(rows.tombstone["because"])}
        if rows.tombstone is not None
        else {"admitted"}
        if SignOffIs.ADMITTED in states
        else {"received", "admitted"}
        if SignOffIs.RECEIVED in states
        else {"received", "admitted", "refused"}
    )
    if state not in expected:
        yield damaged(where, f"is {state}, and its sign-offs are {', '.join(sorted(states))}")
    if state == SignOffIs.ADMITTED and (row["admitted_at"] is None or not row["facts"]):
        yield damaged(where, "is admitted, and not told when or as what")


_GONE: Final = f"Erase it. {ASK}"
_RECEIPT: Final = (
    "Its contributor has it; `GET /v1/sign-offs` makes the same again. Restore it from a backup."
)
