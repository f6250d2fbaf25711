"""Which episodes of a data set may be in it no longer, by what they are proven with."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from signoff_collector.consent.sign_off_files import SignOff
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import SIGN_OFF
from signoff_collector.consent.withdrawal import withdraws
from signoff_datasets.building.proofs import statement_path
from signoff_datasets.planning.choosing import superseded_in
from signoff_datasets.screening.terms import hold_fault
from signoff_schemas.errors import NotSignedError, RefusedError
from signoff_schemas.statement import parse_statement

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_datasets.screening.authority import Authority
    from signoff_datasets.sources.interface import Source
    from signoff_schemas.dataset import Manifest, Request


def refuse_stranger(manifest: Manifest, source: Source) -> None:
    """Refuse a source that knows nothing of a data set: it is not where withdrawals would be.

    Raises:
        RefusedError: it holds no sign-off of one of its episodes, and no tombstone.
    """
    held = {one.sha256 for one in manifest.episodes}
    if any(one in held or _names_one(source.sign_offs(one), held) for one in source.places()):
        return
    if any(source.tombstone(one) is not None for one in held):
        return
    raise RefusedError(
        f"--from holds none of the {len(held)} episodes of the data set, and no withdrawal of"
        " one; nothing was done",
        hint="Name the folder or store that the data set was built from: withdrawals are there.",
    )


def _names_one(sign_offs: tuple[SignOff, ...], held: set[str]) -> bool:
    for one in sign_offs:
        with suppress(NotSignedError):
            if parse_statement(one.statement).sha256 in held:
                return True
    return False


def gone_since(
    manifest: Manifest,
    request: Request,
    source: Source,
    authority: Authority,
    read: Callable[[str, str], bytes],
) -> dict[str, str]:
    """Return the digests of the episodes that have to go, each with the reason.

    The sign-offs of the data set's own proofs are asked, so no episode is read again. One that
    its source no longer has, without a tombstone, stays: its author took nothing back.

    Args:
        manifest: of the data set.
        request: with the day on which they have to hold.
        source: where withdrawals and newer sign-offs are.
        authority: who may sign, and what this machine's outbox knows.
        read: returns a file of the data set by path and SHA-256.

    Raises:
        DamagedError: a proof is not the one that the manifest names.
        NotSignedError: a proof holds no signature.
    """
    superseded = superseded_in(source, source.places(), authority)
    gone: dict[str, str] = {}
    for one in manifest.episodes:
        place = statement_path(one.statement.sha256)
        sign_off = SignOff(
            statement=read(place, one.statement.sha256),
            signature=read(f"{place}.sig", one.statement.signature_sha256),
        )
        predicate = parse_statement(sign_off.statement).predicate
        signer = verify_signature(sign_off.statement, sign_off.signature, SIGN_OFF).public_key
        tombstone = source.tombstone(one.sha256)
        if tombstone is not None and withdraws(tombstone, sign_off):
            gone[one.sha256] = "withdrawn"
        elif (reason := hold_fault(predicate, request, authority, superseded)) is not None:
            gone[one.sha256] = reason
        elif not authority.vouches(predicate, signer):
            gone[one.sha256] = "unknown-key"
    return gone
