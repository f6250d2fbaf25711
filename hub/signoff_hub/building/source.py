"""The hub as a source of data sets: what is admitted now, and who signed it.

Nothing else is offered, whatever lies in the store: not what was received and not read, superseded,
withdrawn or expired, nor under a key that no admitted row names.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, select

from signoff_collector.consent.receipts import parse_receipt
from signoff_collector.consent.sign_off_files import MAX_EPISODE_BYTES, SignOff, Snapshot
from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES, fingerprint
from signoff_collector.consent.withdrawal import parse_tombstone
from signoff_collector.upload.stores.layout import blob_key, signature_key, statement_key
from signoff_datasets.screening.authority import Authority
from signoff_datasets.sources.interface import Offered
from signoff_hub.admitting.receipts import receipt_of
from signoff_hub.database.tables import EPISODE, SIGN_OFF, TOMBSTONE
from signoff_hub.receiving.states import SignOffIs, read_state
from signoff_schemas.statement import MAX_STATEMENT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import ColumnElement

    from signoff_collector.consent.receipts import Receipt
    from signoff_collector.consent.withdrawal import Tombstone
    from signoff_datasets.screening.reasons import TermsReason
    from signoff_hub.node.node import Node
    from signoff_schemas.statement import Predicate

_AT_ONCE: Final = 500


def holds_now(node: Node) -> ColumnElement[bool]:
    """Return the condition of a sign-off that lets its episode be in a data set now."""
    return and_(SIGN_OFF.c.state == SignOffIs.ADMITTED, SIGN_OFF.c.expires_at > node.now())


class HubSource:
    """A source over the rows of a hub; a place is the digest of an episode."""

    def __init__(self, node: Node, wanted: Iterable[str] | None = None) -> None:
        """Offer all that is admitted, or of some episodes those that are."""
        self._node = node
        self._wanted = None if wanted is None else sorted(set(wanted))

    def places(self) -> Iterator[str]:
        """Yield the digests of episodes with a sign-off that holds now, in order."""
        if self._wanted is not None:
            for at in range(0, len(self._wanted), _AT_ONCE):
                yield from self._held(
                    SIGN_OFF.c.episode.in_(self._wanted[at : at + _AT_ONCE]), _AT_ONCE
                )
            return
        after = ""
        while True:
            found = self.page(after, _AT_ONCE)
            yield from found
            if len(found) < _AT_ONCE:
                return
            after = found[-1]

    def sign_offs(self, place: str) -> tuple[SignOff, ...]:
        """Return the admitted sign-offs of an episode."""
        found: list[SignOff] = []
        for digest in self._statements(place):
            statement = self._read(statement_key(place, digest), MAX_STATEMENT_BYTES)
            signature = self._read(signature_key(place, digest), MAX_SIGNATURE_BYTES)
            if statement is not None and signature is not None:
                found.append(SignOff(statement=statement, signature=signature))
        return tuple(found)

    def offered(self, place: str) -> Offered:
        """Return the episode, its admitted sign-offs and their receipts."""
        content = self.content(place)
        snapshot = None
        if content is not None:
            snapshot = Snapshot(content=content, sha256=hashlib.sha256(content).hexdigest())
        return Offered(
            snapshot=snapshot,
            sign_offs=self.sign_offs(place),
            receipts=tuple(self._receipts(place)),
            tombstone=self.tombstone(place),
        )

    def content(self, place: str) -> bytes | None:
        """Return the bytes of an admitted episode; of any other None."""
        if not self._statements(place):
            return None
        return self._read(blob_key(place), MAX_EPISODE_BYTES)

    def tombstone(self, sha256: str) -> Tombstone | None:
        """Return the tombstone that a person made of an episode."""
        with self._node.database.read() as connection:
            content = connection.execute(
                select(TOMBSTONE.c.content).where(TOMBSTONE.c.episode == sha256)
            ).scalar()
        found = parse_tombstone(bytes(content)) if content else None
        return found if found is not None and found.sha256 == sha256 else None

    def close(self) -> None:
        """Do nothing: the node is somebody else's."""

    def page(self, after: str, most: int) -> list[str]:
        """Return the first digests behind one.

        Both tables are told where to begin: told of one, PostgreSQL reads the other's index from
        its beginning, so that each page costs more than the one before.
        """
        behind = and_(SIGN_OFF.c.episode > after, EPISODE.c.sha256 > after)
        return self._held(behind, most)

    def _held(self, which: ColumnElement[bool], most: int) -> list[str]:
        wanted = (
            select(SIGN_OFF.c.episode)
            .join(EPISODE, EPISODE.c.sha256 == SIGN_OFF.c.episode)
            .where(holds_now(self._node), EPISODE.c.state == SignOffIs.ADMITTED, which)
            .distinct()
            .order_by(SIGN_OFF.c.episode)
            .limit(most)
        )
        with self._node.database.read() as connection:
            return list(connection.execute(wanted).scalars())

    def _statements(self, place: str) -> list[str]:
        wanted = (
            select(SIGN_OFF.c.statement)
            .join(EPISODE, EPISODE.c.sha256 == SIGN_OFF.c.episode)
            .where(
                holds_now(self._node),
                EPISODE.c.state == SignOffIs.ADMITTED,
                SIGN_OFF.c.episode == place,
            )
            .order_by(SIGN_OFF.c.statement)
        )
        with self._node.database.read() as connection:
            return list(connection.execute(wanted).scalars())

    def _receipts(self, place: str) -> Iterator[Receipt]:
        for digest in self._statements(place):
            with self._node.database.read() as connection:
                state = read_state(connection, digest)
            signed = None if state is None else receipt_of(self._node, state)
            if signed is not None:
                name = f"{digest}.json"
                receipt = parse_receipt(place, name, signed.content, signed.signature)
                if receipt is not None:
                    yield receipt

    def _read(self, key: str, max_bytes: int) -> bytes | None:
        return self._node.objects.read(key, max_bytes=max_bytes)


def hub_authority(node: Node) -> Authority:
    """Return the authority of a hub: the key of an admitted row may have signed its statement.

    People are told apart by account: one who signs under ten pseudonyms is not ten.
    """

    def row(record: str) -> tuple[str, str, str] | None:
        columns = (SIGN_OFF.c.fingerprint, SIGN_OFF.c.account, SIGN_OFF.c.state)
        with node.database.read() as connection:
            found = connection.execute(select(*columns).where(SIGN_OFF.c.record == record)).first()
        return None if found is None else (found.fingerprint, found.account, found.state)

    def vouches(signed: Predicate, key: bytes) -> bool:
        found = row(signed.record_id)
        return found is not None and found[0] == fingerprint(key)

    def void_because(record: str) -> TermsReason | None:
        found = row(record)
        if found is not None and found[2] == SignOffIs.ADMITTED:
            return None
        if found is not None and found[2] == SignOffIs.SUPERSEDED:
            return "superseded"
        if found is not None and found[2] == SignOffIs.EXPIRED:
            return "expired"
        with node.database.read() as connection:
            because = connection.execute(
                select(TOMBSTONE.c.because).where(TOMBSTONE.c.record == record)
            ).scalar()
        return "expired" if because == "expired" else "withdrawn"

    def named(signed: Predicate) -> str:
        found = row(signed.record_id)
        return signed.contributor if found is None else found[1]

    return Authority(vouches=vouches, void_because=void_because, audience=node.address, named=named)
