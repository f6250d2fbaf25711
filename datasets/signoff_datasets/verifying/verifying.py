"""Verify a data set: its manifest, its files, its sign-offs, its rows, and its plan if given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import DATASET, MAX_SIGNATURE_BYTES
from signoff_collector.own_files.private_files import read_regular
from signoff_datasets.building.workplace import MANIFEST
from signoff_datasets.verifying.files import NOTICE, file_findings
from signoff_datasets.verifying.findings import Finding
from signoff_datasets.verifying.plans import plan_findings
from signoff_datasets.verifying.rows import row_findings
from signoff_datasets.verifying.sign_offs import sign_off_findings
from signoff_schemas.dataset import MAX_BYTES, parse_manifest
from signoff_schemas.errors import DamagedError, NotFoundError, NotSignedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from signoff_datasets.screening.authority import Authority
    from signoff_schemas.dataset import DatasetPlan, Manifest

_SIGNATURE: Final = f"{MANIFEST}.sig"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a look at a data set found."""

    manifest: Manifest
    builder: str | None
    """Fingerprint of the key that signed the manifest; None when no signature holds."""
    findings: list[Finding]


def read_manifest(folder: Path) -> tuple[Manifest, bytes]:
    """Return the manifest of a data set, and its bytes; nothing is proven.

    Raises:
        NotFoundError: there is none.
        DamagedError: it cannot be read.
    """
    if not folder.is_dir():
        raise NotFoundError(f"{folder} is no folder", hint="Name the folder of a data set.")
    try:
        content = read_regular(folder / MANIFEST, max_bytes=MAX_BYTES)
    except NotFoundError as error:
        if (folder / NOTICE).is_file():
            raise NotFoundError(
                f"{folder} was replaced by a newer version and erased; {NOTICE} is left of it",
                hint=f"{folder / NOTICE} says what is gone, and the SHA-256 of the new manifest.",
            ) from error
        raise NotFoundError(
            f"{folder} holds no data set: there is no {MANIFEST}",
            hint="A build writes it last; an unfinished one has none. Run the build again.",
        ) from error
    return parse_manifest(content), content


def signature_findings(
    folder: Path, content: bytes, is_builder: Callable[[bytes, str], bool]
) -> tuple[str | None, list[Finding]]:
    """Return who signed a manifest, None when no signature holds, and what is wrong with it."""
    try:
        signature = read_regular(folder / _SIGNATURE, max_bytes=MAX_SIGNATURE_BYTES)
        signed = verify_signature(content, signature, DATASET)
    except (NotSignedError, NotFoundError, DamagedError) as error:
        return None, [Finding(weight="not-signed", where=_SIGNATURE, what=str(error))]
    if is_builder(signed.public_key, signed.fingerprint):
        return signed.fingerprint, []
    what = f"nobody vouches for {signed.fingerprint}, which signed the manifest"
    return signed.fingerprint, [Finding(weight="not-signed", where=_SIGNATURE, what=what)]


def verify(
    folder: Path,
    *,
    authority: Authority,
    is_builder: Callable[[bytes, str], bool],
    day: datetime,
    plan: DatasetPlan | None,
    tell: Callable[[int, int], None],
) -> Verified:
    """Look at everything in a data set; what is wrong is found, not raised.

    Args:
        folder: the data set.
        authority: who may sign episodes.
        is_builder: whether a key (wire form, fingerprint) may sign a manifest.
        day: on which sign-offs have to hold.
        plan: that it was built from, where it is at hand.
        tell: called with how much of how much is done.

    Raises:
        NotFoundError: there is no manifest.
        DamagedError: the manifest cannot be read.
    """
    manifest, content = read_manifest(folder)
    builder, findings = signature_findings(folder, content, is_builder)
    done = 0
    every = 5 * len(manifest.episodes) + 2 * len(manifest.files)

    def step() -> None:
        nonlocal done
        done += 1
        tell(min(done, every), every)

    findings += file_findings(folder, manifest, step)
    findings += sign_off_findings(folder, manifest, authority, day, step)
    findings += row_findings(folder, manifest, step)
    if plan is not None:
        findings += plan_findings(manifest, plan)
    return Verified(manifest=manifest, builder=builder, findings=findings)
