"""Proving what needs no database: a hub's store without the hub, and a mirror of its log.

The hub's public key is all that is believed. What the rows alone know is not proven: which leaf
says what, whether a sign-off that has no receipt was read, and what was refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES, TERMS
from signoff_collector.upload.stores.layout import (
    blob_key,
    receipt_folder,
    sign_off_folder,
    tombstone_key,
)
from signoff_hub.log.layout import HEADS, parse_head_key
from signoff_hub.log.verifying import verify_mirror
from signoff_hub.node.kept_terms import SignedTerms
from signoff_hub.place.faults import HubFault
from signoff_hub.verifying.findings import ASK, Finding, damaged, left_over, not_signed
from signoff_hub.verifying.held import PREFIXES, Digests, digest_at, read_held, strays
from signoff_hub.verifying.hubs import log_findings
from signoff_hub.verifying.statements import check_receipts, check_statement
from signoff_hub.withdrawing.proofs import read_tombstone
from signoff_schemas.errors import DamagedError, NotSignedError, RefusedError
from signoff_schemas.hub import MAX_TERMS_BYTES, parse_terms, terms_sha256
from signoff_schemas.hub_log import MAX_HEAD_BYTES, parse_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from signoff_hub.objects.interface import Objects
    from signoff_hub.verifying.findings import Counts
    from signoff_hub.verifying.held import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hub:
    """Whose store it has to be."""

    public_key: bytes
    address: str
    terms: Mapping[str, SignedTerms]


_NOBODY: Final = "http://nobody.invalid"
_LATER: Final = "Where the hub runs, it may just be coming in: verify again in a day."


def verify_tiles(
    objects: Objects,
    counts: Counts,
    *,
    public_key: bytes,
    known_heads: Iterable[tuple[bytes, bytes]] = (),
) -> Iterator[Finding]:
    """Yield what is wrong with a copy of the folder `log/`.

    Args:
        objects: where it lies.
        counts: told what was looked at.
        public_key: wire form of the hub's key.
        known_heads: heads with their signatures, that others kept.
    """
    report = verify_mirror(
        objects, public_key=public_key, address=_address(objects), known_heads=known_heads
    )
    for one in log_findings(report, counts):
        counts.add(one)
        yield one


def verify_store(
    objects: Objects,
    counts: Counts,
    *,
    public_key: bytes,
    known_heads: Iterable[tuple[bytes, bytes]] = (),
    tell: Callable[[int, int], None] = lambda _, __: None,
) -> Iterator[Finding]:
    """Yield what is wrong with a hub's store, its log included.

    Args:
        objects: the store.
        counts: told what was looked at.
        public_key: wire form of the hub's key.
        known_heads: heads with their signatures, that others kept.
        tell: called with how many of how many parts are done.
    """
    yield from verify_tiles(objects, counts, public_key=public_key, known_heads=known_heads)
    for one in _all(objects, counts, public_key, tell):
        counts.add(one)
        yield one


def _all(
    objects: Objects,
    counts: Counts,
    public_key: bytes,
    tell: Callable[[int, int], None],
) -> Iterator[Finding]:
    address = _address(objects)
    terms, found = _terms(objects, public_key, address)
    yield from found
    yield from strays(objects)
    digests = Digests(objects)
    hub = _Hub(public_key=public_key, address=address, terms=terms)
    for number, prefix in enumerate(PREFIXES):
        tell(number, len(PREFIXES))
        for sha256 in sorted(digests.with_prefix(prefix)):
            yield from _check(objects, counts, sha256, hub)


def _check(objects: Objects, counts: Counts, sha256: str, hub: _Hub) -> Iterator[Finding]:
    held = read_held(objects, sha256)
    counts.objects += len(held.sign_offs) + len(held.receipts) + held.has_tombstone
    counts.objects += held.blob_bytes is not None
    if held.has_tombstone:
        yield from _check_ended(sha256, held)
        return
    if held.blob_bytes is not None and digest_at(objects, blob_key(sha256), counts) != sha256:
        yield damaged(blob_key(sha256), "its bytes have another SHA-256 than its name")
    receipts, wrong = check_receipts(
        held.receipts, sha256, public_key=hub.public_key, address=hub.address
    )
    yield from wrong
    statements = {name.split(".")[0] for name in held.sign_offs}
    for statement in sorted(statements | set(receipts)):
        if f"{statement}.json" not in held.sign_offs and statement not in receipts:
            where = f"{sign_off_folder(sha256)}/{statement}.json.sig"
            yield left_over(where, "a signature without its statement", _LATER)
            continue
        checked, found = check_statement(
            held.sign_offs, sha256, statement, audience=hub.address, find_terms=hub.terms.get
        )
        yield from found
        size = None if checked is None else checked.predicate.episode.size_bytes
        if held.blob_bytes is None:
            what = "the bytes that were signed are missing"
            yield damaged(blob_key(sha256), what)
        elif size not in (None, held.blob_bytes):
            yield not_signed(blob_key(sha256), f"has {held.blob_bytes} bytes, {size} were signed")
    for statement, receipt in sorted(receipts.items()):
        if (receipt.body.log_index or 0) >= counts.leaves:
            where = f"{receipt_folder(sha256)}/{statement}.json"
            yield left_over(where, "its leaf is not published yet", _LATER)
    if held.blob_bytes is not None and not statements:
        yield left_over(blob_key(sha256), "nobody signed for these bytes", _LATER)


def _check_ended(sha256: str, held: Held) -> Iterator[Finding]:
    key = tombstone_key(sha256)
    try:
        tombstone = read_tombstone(held.tombstone or b"")
    except HubFault:
        yield not_signed(key, "it does not prove itself: somebody else made it")
    else:
        if tombstone.sha256 != sha256:
            yield not_signed(key, "it takes back another episode than it lies with")
    if not held.is_empty:
        what = "the episode was taken back, and something of it is here"
        yield damaged(key, what, f"Let a node run, which erases it. {ASK}")


def _terms(
    objects: Objects, public_key: bytes, address: str
) -> tuple[dict[str, SignedTerms], list[Finding]]:
    """Return the terms that this key signed, and what lies beside them that is none."""
    good: dict[str, SignedTerms] = {}
    found: list[Finding] = []
    names = set(objects.names("terms"))
    for name in sorted(names):
        key = f"terms/{name}"
        if not name.endswith(".json"):
            continue
        try:
            content = objects.read(key, max_bytes=MAX_TERMS_BYTES) or b""
            signature = objects.read(f"{key}.sig", max_bytes=MAX_SIGNATURE_BYTES) or b""
            terms = parse_terms(content)
            signed = verify_signature(content, signature, TERMS)
        except (NotSignedError, RefusedError):
            found.append(not_signed(key, "these are no signed terms"))
            continue
        if f"{terms_sha256(content)}.json" != name:
            found.append(damaged(key, "its bytes have another SHA-256 than its name"))
        elif (signed.public_key, terms.receiver) == (public_key, address):
            sha256 = name.removesuffix(".json")
            good[sha256] = SignedTerms(terms=terms, content=content, signature=signature)
    return good, found


def _address(objects: Objects) -> str:
    """Return the hub's address as its newest head has it; the key says whether that is believed."""
    sizes = [size for name in objects.names(HEADS) if (size := parse_head_key(f"{HEADS}/{name}"))]
    for size in sorted(set(sizes), reverse=True):
        try:
            content = objects.read(f"{HEADS}/{size}.json", max_bytes=MAX_HEAD_BYTES)
            return parse_head(content or b"").receiver
        except (DamagedError, RefusedError):
            continue
    return _NOBODY
