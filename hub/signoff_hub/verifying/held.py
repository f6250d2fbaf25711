"""What the store holds of one episode, and which keys have the hub's layout."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.receipts import MAX_RECEIPT_BYTES
from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES
from signoff_collector.consent.withdrawal import MAX_TOMBSTONE_BYTES
from signoff_collector.upload.stores.layout import (
    BLOBS,
    RECEIPTS,
    SIGN_OFFS,
    TOMBSTONES,
    blob_key,
    receipt_folder,
    sign_off_folder,
    tombstone_key,
)
from signoff_hub.verifying.findings import ASK, Finding, left_over
from signoff_schemas.errors import RefusedError
from signoff_schemas.statement import MAX_STATEMENT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_hub.objects.interface import Objects
    from signoff_hub.verifying.findings import Counts

PREFIXES: Final = tuple(f"{number:02x}" for number in range(256))
PARTS: Final = "parts"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_SIGNED: Final = re.compile(r"[0-9a-f]{64}\.json(\.sig)?")
_FLAT: Final = {BLOBS: "", TOMBSTONES: ".json"}
_DEEP: Final = (SIGN_OFFS, RECEIPTS, PARTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Objects of one episode, but for the bytes of its blob."""

    blob_bytes: int | None
    sign_offs: dict[str, bytes | None]
    """By name in the folder; None: larger than such an object may be."""
    receipts: dict[str, bytes | None]
    tombstone: bytes | None
    has_tombstone: bool
    has_parts: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the episode itself is here."""
        return self.blob_bytes is None and not (self.sign_offs or self.receipts or self.has_parts)


def read_held(objects: Objects, sha256: str) -> Held:
    """Return what a store holds of an episode."""
    key = tombstone_key(sha256)
    has_tombstone = objects.size(key) is not None
    return Held(
        blob_bytes=objects.size(blob_key(sha256)),
        sign_offs=_read_folder(objects, sign_off_folder(sha256), MAX_STATEMENT_BYTES),
        receipts=_read_folder(objects, receipt_folder(sha256), MAX_RECEIPT_BYTES),
        tombstone=read_at(objects, key, MAX_TOMBSTONE_BYTES) if has_tombstone else None,
        has_tombstone=has_tombstone,
        has_parts=next(objects.folders(f"{PARTS}/{sha256[:2]}/{sha256}"), None) is not None,
    )


def digest_at(objects: Objects, key: str, counts: Counts) -> str | None:
    """Return the digest of the bytes of an object; None: there is none."""
    pieces = objects.pieces(key)
    if pieces is None:
        return None
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        counts.bytes_read += len(piece)
    return digest.hexdigest()


class Digests:
    """Names the episodes of which a store holds anything in the right place."""

    def __init__(self, objects: Objects) -> None:
        """Look which prefixes there are; what comes later has rows too."""
        self._objects = objects
        self._there = {top: set(objects.folders(top)) for top in (*_FLAT, *_DEEP)}

    def with_prefix(self, prefix: str) -> set[str]:
        """Return the digests that begin with two digits."""
        found: set[str] = set()
        for top, there in self._there.items():
            if prefix not in there:
                continue
            place, end = f"{top}/{prefix}", _FLAT.get(top)
            if end is None:
                found.update(self._objects.folders(place))
            else:
                names = self._objects.names(place)
                found.update(one.removesuffix(end) for one in names if one.endswith(end))
        return {one for one in found if _is_digest(one, prefix)}


def strays(objects: Objects) -> Iterator[Finding]:
    """Yield keys in the hub's folders that no hub makes."""
    for top in (*_FLAT, *_DEEP):
        for name in objects.names(top):
            yield _stray(f"{top}/{name}")
        for prefix in objects.folders(top):
            yield from _strays_below(objects, top, prefix)


def _strays_below(objects: Objects, top: str, prefix: str) -> Iterator[Finding]:
    place, is_known = f"{top}/{prefix}", prefix in PREFIXES
    end = _FLAT.get(top)
    for name in objects.names(place):
        digest = name.removesuffix(end or "")
        is_own = end is not None and name.endswith(end) and _is_digest(digest, prefix)
        if not (is_known and is_own):
            yield _stray(f"{place}/{name}")
    for folder in objects.folders(place):
        if not (is_known and end is None and _is_digest(folder, prefix)):
            yield _stray(f"{place}/{folder}/")
            continue
        for name in objects.names(f"{place}/{folder}"):
            if top == PARTS or _SIGNED.fullmatch(name) is None:
                yield _stray(f"{place}/{folder}/{name}")
        if top != PARTS:
            for name in objects.folders(f"{place}/{folder}"):
                yield _stray(f"{place}/{folder}/{name}/")


def _is_digest(name: str, prefix: str) -> bool:
    return _DIGEST.fullmatch(name) is not None and name.startswith(prefix)


def _stray(key: str) -> Finding:
    return left_over(key, "nothing that a hub keeps", ASK)


def _read_folder(objects: Objects, folder: str, most: int) -> dict[str, bytes | None]:
    found: dict[str, bytes | None] = {}
    for name in objects.names(folder):
        if _SIGNED.fullmatch(name) is not None:
            limit = MAX_SIGNATURE_BYTES if name.endswith(".sig") else most
            found[name] = read_at(objects, f"{folder}/{name}", limit)
    return found


def read_at(objects: Objects, key: str, max_bytes: int) -> bytes | None:
    """Return the bytes of an object; None: there is none, or it is larger than it may be."""
    try:
        return objects.read(key, max_bytes=max_bytes)
    except RefusedError:
        return None
