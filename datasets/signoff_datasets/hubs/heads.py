"""The log of a hub as it is known here: each head that is seen has to hold the one before.

The newest head is kept beside the hub's terms, so that a hub that rewrote or shortened its log is
found by who asked it twice (docs/hub/log.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from signoff_collector.consent.hub_terms import hub_folder
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import LOG
from signoff_collector.own_files.private_files import (
    make_private_folder,
    read_regular,
    replace_private,
)
from signoff_collector.upload.hub.answers import not_a_hub
from signoff_schemas.errors import DamagedError, NotFoundError, NotSignedError
from signoff_schemas.hub_api import Signed
from signoff_schemas.hub_log import (
    decode_path,
    parse_consistency_proof,
    parse_head,
    parse_inclusion_proof,
)
from signoff_schemas.merkle import proves_consistency, proves_inclusion

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.consent.hub_terms import KeptTerms
    from signoff_collector.own_files.home import Home
    from signoff_datasets.hubs.asking import HubDatasets
    from signoff_schemas.hub_log import LogHead

_MAX_HEAD_BYTES: Final = 32 << 10


def follow_head(home: Home, hub: HubDatasets, terms: KeptTerms, leaf: int) -> LogHead:
    """Return the newest head of a hub's log, once it holds a leaf and what it held before; keep it.

    Args:
        home: where it is kept.
        hub: whose log.
        terms: of the hub, with its pinned key.
        leaf: number of the newest admission that the hub gave a receipt for.

    Raises:
        ReceiverRefusedError: it is not signed by the hub's key, does not have the leaf, or the
            log did not only grow.
        NetworkError: the hub cannot be reached.
    """
    try:
        proof = parse_inclusion_proof(hub.leaf_proof(leaf))
        signed = Signed(content=proof.head, signature=proof.signature)
        head = _read(signed, terms)
    except (DamagedError, NotSignedError, UnicodeEncodeError):
        raise not_a_hub(hub.place, "the head of its log is not signed by its key") from None
    path, root = decode_path(proof.path), bytes.fromhex(head.root)
    is_in_it = proves_inclusion(proof.leaf_hash(), leaf, head.size, path, root)
    if proof.leaf != leaf or not is_in_it:
        raise not_a_hub(hub.place, f"its log does not have entry {leaf}, which its receipt names")
    before = kept_head(home, terms)
    if before is not None and not _has_grown(hub, before, head):
        raise not_a_hub(
            hub.place,
            f"its log of {head.size} entries does not hold the {before.size} that it had",
        )
    place = _place(home, terms)
    make_private_folder(place.parent)
    replace_private(place, signed.model_dump_json().encode("utf-8"))
    return head


def kept_head(home: Home, terms: KeptTerms) -> LogHead | None:
    """Return the newest head that was seen here; None: none was, or it cannot be read."""
    try:
        content = read_regular(_place(home, terms), max_bytes=_MAX_HEAD_BYTES)
        return _read(Signed.model_validate_json(content), terms)
    except (NotFoundError, DamagedError, NotSignedError, ValidationError, UnicodeEncodeError):
        return None


def _read(signed: Signed, terms: KeptTerms) -> LogHead:
    content = signed.content.encode("ascii")
    head = parse_head(content)
    signer = verify_signature(content, signed.signature.encode("ascii"), LOG).fingerprint
    if (signer, head.receiver) != (terms.terms.receipt_key_fingerprint, terms.audience):
        raise NotSignedError("the head is another hub's")
    return head


def _has_grown(hub: HubDatasets, before: LogHead, head: LogHead) -> bool:
    if head.size < before.size:
        return False
    path: tuple[bytes, ...] = ()
    if 0 < before.size < head.size:
        try:
            proof = parse_consistency_proof(hub.growth(before.size, head.size))
        except DamagedError:
            return False
        path = decode_path(proof.path)
    first, second = bytes.fromhex(before.root), bytes.fromhex(head.root)
    return proves_consistency(before.size, first, head.size, second, path)


def _place(home: Home, terms: KeptTerms) -> Path:
    return hub_folder(home, terms.audience) / "head.json"
