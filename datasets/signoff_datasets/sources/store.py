"""A store as uploads fill it: a folder (`file://`) or a bucket, with the layout of sign_off.md."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.receipts import MAX_RECEIPT_BYTES, Receipt, parse_receipt
from signoff_collector.consent.sign_off_files import MAX_EPISODE_BYTES, SignOff, Snapshot
from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES
from signoff_collector.consent.withdrawal import MAX_TOMBSTONE_BYTES, Tombstone, parse_tombstone
from signoff_collector.upload.stores.layout import (
    SIGN_OFFS,
    blob_key,
    receipt_folder,
    sign_off_folder,
    tombstone_key,
)
from signoff_datasets.sources.interface import Offered
from signoff_schemas.errors import ReceiverRefusedError
from signoff_schemas.statement import MAX_STATEMENT_BYTES, statement_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.upload.stores.interface import Store

_SHELF: Final = re.compile(r"[0-9a-f]{2}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_STATEMENT: Final = re.compile(r"[0-9a-f]{64}\.json")


class StoreSource:
    """One store; a place is the digest of an episode that somebody signed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def places(self) -> Iterator[str]:
        """Yield the digests with a folder of sign-offs, sorted."""
        for shelf in self._store.folders(SIGN_OFFS):
            if _SHELF.fullmatch(shelf):
                for name in self._store.folders(f"{SIGN_OFFS}/{shelf}"):
                    if _DIGEST.fullmatch(name) and name.startswith(shelf):
                        yield name

    def sign_offs(self, place: str) -> tuple[SignOff, ...]:
        """Return every sign-off whose statement and signature lie there."""
        folder = sign_off_folder(place)
        found: list[SignOff] = []
        for name in self._store.names(folder):
            if not _STATEMENT.fullmatch(name):
                continue
            statement = self._read(f"{folder}/{name}", MAX_STATEMENT_BYTES)
            signature = self._read(f"{folder}/{name}.sig", MAX_SIGNATURE_BYTES)
            if statement is not None and signature is not None:
                found.append(SignOff(statement=statement, signature=signature))
        return tuple(found)

    def offered(self, place: str) -> Offered:
        """Return the episode, its sign-offs, their receipts, and whether it was withdrawn."""
        content = self.content(place)
        sign_offs = self.sign_offs(place)
        snapshot = None
        if content is not None:
            snapshot = Snapshot(content=content, sha256=hashlib.sha256(content).hexdigest())
        return Offered(
            snapshot=snapshot,
            sign_offs=sign_offs,
            receipts=tuple(self._receipts(place, sign_offs)),
            tombstone=self.tombstone(place),
        )

    def content(self, place: str) -> bytes | None:
        """Return the bytes of the episode."""
        return self._read(blob_key(place), MAX_EPISODE_BYTES)

    def tombstone(self, sha256: str) -> Tombstone | None:
        """Return the tombstone of an episode, if it proves itself."""
        content = self._read(tombstone_key(sha256), MAX_TOMBSTONE_BYTES)
        found = None if content is None else parse_tombstone(content)
        return found if found is not None and found.sha256 == sha256 else None

    def close(self) -> None:
        """Let go of every connection."""
        self._store.close()

    def _receipts(self, place: str, sign_offs: tuple[SignOff, ...]) -> Iterator[Receipt]:
        for sign_off in sign_offs:
            name = f"{statement_sha256(sign_off.statement)}.json"
            key = f"{receipt_folder(place)}/{name}"
            content = self._read(key, MAX_RECEIPT_BYTES)
            signature = self._read(f"{key}.sig", MAX_SIGNATURE_BYTES)
            if content is not None and signature is not None:
                receipt = parse_receipt(place, name, content, signature)
                if receipt is not None:
                    yield receipt

    def _read(self, key: str, max_bytes: int) -> bytes | None:
        """Return an object; None also where a link or something too large lies there."""
        with suppress(ReceiverRefusedError):
            return self._store.read(key, max_bytes=max_bytes)
        return None
