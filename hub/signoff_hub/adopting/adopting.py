"""Taking over a store: each sign-off in it meets the checks of an upload, then those of admission.

Nothing is believed but signatures: of contributors on statements, of this hub's own key on
receipts and heads, of tombstones on themselves. Safe to kill anywhere and to repeat: what is
here already is left.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, update

from signoff_collector.consent.sign_off_files import SignOff
from signoff_collector.consent.terms.notices import notice_fault
from signoff_collector.upload.stores.layout import blob_key
from signoff_hub.admitting.receipts import receipt_key
from signoff_hub.adopting.tombstones import adopt_tombstone
from signoff_hub.database.tables import BLOB, SIGN_OFF
from signoff_hub.database.writing import create_row
from signoff_hub.jobs.queue import put
from signoff_hub.log.restoring import restore_log
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.checks import Checked, read_signed, refuse_terms
from signoff_hub.receiving.sign_offs import ADMIT, note_episode, row_of, supersede
from signoff_hub.receiving.standing import standing_of
from signoff_hub.receiving.states import read_state
from signoff_hub.signing_in.accounts import has_key, kept_account
from signoff_hub.verifying.findings import Counts
from signoff_hub.verifying.held import PREFIXES, Digests, digest_at, read_held
from signoff_hub.verifying.statements import check_receipts
from signoff_schemas.hub_log import EntryKind, log_entry
from signoff_schemas.statement import parse_time, statement_sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from signoff_collector.consent.receipts import Receipt
    from signoff_hub.node.node import Node
    from signoff_hub.verifying.held import Held


@dataclass(slots=True, kw_only=True)
class Adopted:
    """What became of all that was found."""

    leaves: int = 0
    """Of the log, that were restored."""
    adopted: int = 0
    """Sign-offs that are received now; a node reads them next."""
    receipts_kept: int = 0
    """Of these, how many stay admitted at the place in the log that their receipt names."""
    known: int = 0
    """Sign-offs that were here before."""
    tombstones: int = 0
    left_out: Counter[str] = field(default_factory=Counter[str])
    """All others, by the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A sign-off in the store, with its receipt where that holds."""

    checked: Checked
    receipt: Receipt | None

    @property
    def order(self) -> tuple[int, str, str]:
        """As they came: who came first has the episode."""
        index = None if self.receipt is None else self.receipt.body.log_index
        given = self.checked.predicate.event_time
        return (1 << 62 if index is None else index, given, self.checked.statement_sha256)


def adopt(
    node: Node,
    *,
    audiences: Collection[str] = (),
    tell: Callable[[int, int], None] = lambda _, __: None,
) -> Adopted:
    """Take over what lies in the store of a node.

    Args:
        node: of a hub that is not served meanwhile.
        audiences: for which statements may be signed besides the hub's own address.
        tell: called with how many of how many parts are done.

    Raises:
        DamagedError: the published log is not whole, or not this hub's.
        NetworkError: database or store are away; doing it again goes on.
    """
    done = Adopted()
    done.leaves = restore_log(
        node.database, node.objects, public_key=node.key.public_key, address=node.address
    )
    digests = Digests(node.objects)
    for number, prefix in enumerate(PREFIXES):
        tell(number, len(PREFIXES))
        for sha256 in sorted(digests.with_prefix(prefix)):
            _adopt_episode(node, sha256, audiences, done)
    return done


def _adopt_episode(node: Node, sha256: str, audiences: Collection[str], done: Adopted) -> None:
    held = read_held(node.objects, sha256)
    statements = sorted({name.split(".")[0] for name in held.sign_offs})
    if held.has_tombstone:
        try:
            done.tombstones += adopt_tombstone(node, sha256, _sign_offs(held, statements))
        except HubFault as fault:
            done.left_out[fault.code] += 1
        else:
            return
    found: list[_Found] = []
    receipts, _ = check_receipts(
        held.receipts, sha256, public_key=node.key.public_key, address=node.address
    )
    for statement in statements:
        try:
            found.append(_read(held, sha256, statement, receipts))
        except HubFault as fault:
            done.left_out[fault.code] += 1
    is_whole: bool | None = None
    for one in sorted(found, key=lambda one: one.order):
        try:
            if _is_known(node, one):
                done.known += 1
                continue
            _refuse(node, one, audiences)
            if is_whole is None:
                is_whole = digest_at(node.objects, blob_key(sha256), Counts()) == sha256
            done.receipts_kept += _commit(node, one, _size(held, is_whole=is_whole))
            done.adopted += 1
        except HubFault as fault:
            done.left_out[fault.code] += 1
    if not statements and not held.is_empty:
        done.left_out["unsigned"] += 1


def _size(held: Held, *, is_whole: bool) -> int:
    if held.blob_bytes is None:
        raise HubFault(FaultCode.NO_BLOB, "its bytes are not here")
    if not is_whole:
        raise HubFault(FaultCode.DIGEST_MISMATCH, "its bytes are others")
    return held.blob_bytes


def _read(held: Held, sha256: str, statement: str, receipts: Mapping[str, Receipt]) -> _Found:
    content, signature = (held.sign_offs.get(f"{statement}.json{end}") for end in ("", ".sig"))
    if content is None or signature is None or statement_sha256(content) != statement:
        raise HubFault(FaultCode.VOID, "statement or signature are missing or others")
    checked = read_signed(content, signature, is_for_hub=False)
    size = checked.predicate.episode.size_bytes
    if checked.sha256 != sha256 or held.blob_bytes not in (None, size):
        raise HubFault(FaultCode.SUBJECT, "it signs other bytes than it lies with")
    return _Found(checked=checked, receipt=receipts.get(statement))


def _refuse(node: Node, one: _Found, audiences: Collection[str]) -> None:
    """Refuse what an upload of it would be refused for.

    Raises:
        HubFault: the first reason.
    """
    predicate = one.checked.predicate
    if predicate.audience == node.address:
        read_signed(one.checked.content, one.checked.signature)
        refuse_terms(node, one.checked)
    elif predicate.audience in audiences:
        _refuse_foreign(node, one.checked)
    else:
        raise HubFault(FaultCode.AUDIENCE, "it is signed for another receiver")
    with node.database.read() as connection:
        is_member = not node.settings.needs_enrolment or has_key(connection, one.checked.public_key)
    if not is_member and one.receipt is None:
        raise HubFault(FaultCode.NOT_MEMBER, "its key is not enrolled here")


def _refuse_foreign(node: Node, checked: Checked) -> None:
    """Refuse a sign-off for a bucket by what holds for any: purpose, notice, time and size."""
    predicate, settings = checked.predicate, node.settings
    if not {str(one) for one in predicate.purposes} <= set(settings.purposes):
        raise HubFault(FaultCode.PURPOSE, "it allows a purpose that this hub has not")
    if notice_fault(predicate.notice) is not None:
        raise HubFault(FaultCode.NOTICE, "its notice was never published")
    if parse_time(predicate.expires) <= node.moment():
        raise HubFault(FaultCode.EXPIRED, "it is over")
    if predicate.episode.size_bytes > settings.max_episode_bytes:
        raise HubFault(FaultCode.TOO_LARGE, "it is too large")


def _is_known(node: Node, one: _Found) -> bool:
    with node.database.read() as connection:
        return read_state(connection, one.checked.statement_sha256) is not None


def _commit(node: Node, one: _Found, size_bytes: int) -> bool:
    """Write rows, job and leaf of one sign-off; True when its receipt stays as it is."""
    checked, now = one.checked, node.now()
    body = None if one.receipt is None else one.receipt.body
    with node.database.read() as connection:
        keeps = body is not None and node.log.has_lost(connection, body.log_index)
    if not keeps:  # a receipt of a place that the log has otherwise by now is no receipt
        key = receipt_key(checked.sha256, checked.statement_sha256)
        node.objects.remove(key)
        node.objects.remove(f"{key}.sig")
    node.probe("adoption prepared")
    with node.database.write() as connection:
        blob = {"sha256": checked.sha256, "size_bytes": size_bytes, "received_at": now}
        account = kept_account(node, connection, one.checked.public_key)
        create_row(connection, BLOB, {**blob, "account": account})
        node.database.lock_log(connection)
        standing = standing_of(connection, account, checked)
        standing.refuse_key(now)
        standing.refuse_conflicts()
        note_episode(connection, checked)
        received_at = now
        if keeps and body is not None:
            received_at = int(parse_time(body.received_on).timestamp())
        row = row_of(account, checked, received_at)
        if keeps and body is not None:
            row["leaf"] = body.log_index
        connection.execute(insert(SIGN_OFF).values(row))
        supersede(connection, account, checked)
        put(connection, ADMIT, checked.statement_sha256)
        at = datetime.fromtimestamp(now, UTC)
        entry = log_entry(EntryKind.ADOPTED, checked.statement_sha256, at)
        (leaf,) = node.log.append(connection, (entry,))
        this = SIGN_OFF.c.statement == checked.statement_sha256
        connection.execute(update(SIGN_OFF).where(this).values(received_leaf=leaf))
        node.probe("adoption written")
    node.probe("adoption committed")
    return keeps


def _sign_offs(held: Held, statements: list[str]) -> list[SignOff]:
    pairs = (
        (held.sign_offs.get(f"{one}.json"), held.sign_offs.get(f"{one}.json.sig"))
        for one in statements
    )
    return [
        SignOff(statement=content, signature=signature)
        for content, signature in pairs
        if content is not None and signature is not None
    ]
