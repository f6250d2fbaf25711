"""A manifest that a hub gives, read strictly, and what a plan of it was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import DATASET
from signoff_collector.upload.hub.answers import not_a_hub
from signoff_datasets.tables.arrow import SCHEMAS
from signoff_schemas.dataset import digest_of, parse_manifest
from signoff_schemas.dataset_notice import parse_notice
from signoff_schemas.errors import DamagedError, NotSignedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.consent.hub_terms import KeptTerms
    from signoff_datasets.hubs.asking import HubDatasets
    from signoff_schemas.dataset import Manifest
    from signoff_schemas.dataset_notice import Notice
    from signoff_schemas.hub_api import Signed
    from signoff_schemas.hub_plan import HubPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A manifest as a hub gave it, signed by the hub's key."""

    manifest: Manifest
    content: bytes
    signature: bytes

    @property
    def sha256(self) -> str:
        """The digest of the manifest."""
        return digest_of(self.manifest)


def read_manifest(hub: HubDatasets, terms: KeptTerms, name: str, version: int) -> Given:
    """Ask for a manifest and return it, once it is the hub's own, of this version.

    Raises:
        ReceiverRefusedError: the hub says no; or it is signed by another key, of another data
            set, or names files where none of a data set lie.
        NetworkError: the hub cannot be reached.
    """
    content, signature = hub.manifest(name, version)
    try:
        manifest = parse_manifest(content)
        signer = verify_signature(content, signature, DATASET).fingerprint
    except (DamagedError, NotSignedError) as error:
        raise not_a_hub(hub.place, f"its manifest is not good: {error}") from error
    if signer != terms.terms.receipt_key_fingerprint:
        raise not_a_hub(hub.place, f"its manifest is signed by {signer}, which is not its key")
    if (manifest.name, manifest.version) != (name, version):
        raise not_a_hub(hub.place, "its manifest is of another data set than the one asked for")
    wrong = next(_misplaced(manifest), None)
    if wrong is not None:
        raise not_a_hub(hub.place, f"its manifest is not good: {wrong}")
    return Given(manifest=manifest, content=content, signature=signature)


def read_notice(hub: HubDatasets, terms: KeptTerms, signed: Signed, old: Manifest) -> Notice:
    """Return what a hub says of a version that was replaced, once it is the hub's own.

    Raises:
        ReceiverRefusedError: it is signed by another key, or of another version.
    """
    try:
        content = signed.content.encode("ascii")
        notice = parse_notice(content)
        signer = verify_signature(content, signed.signature.encode("ascii"), DATASET).fingerprint
    except (DamagedError, NotSignedError, UnicodeEncodeError):
        raise not_a_hub(hub.place, "its notice of the old version is none") from None
    if signer != terms.terms.receipt_key_fingerprint:
        raise not_a_hub(hub.place, f"its notice is signed by {signer}, which is not its key")
    said = (notice.name, notice.old_version, notice.old_manifest_sha256)
    if said != (old.name, old.version, digest_of(old)):
        raise not_a_hub(hub.place, "its notice is of another version than the one asked for")
    return notice


def plan_faults(manifest: Manifest, plan: HubPlan, built: str | None = None) -> Iterator[str]:
    """Yield where a manifest is other than what a plan of its hub was asked for.

    Args:
        manifest: of the data set.
        plan: that was asked for.
        built: the plan that the hub says it built instead, without what ended meanwhile.
    """
    if manifest.plan_sha256 != (built or plan.plan_sha256):
        yield "it was built from another plan"
        return
    asked, request = plan.asked, manifest.request
    splits = {name: share for name, share in request.splits.items() if share}
    questions = (
        ("name", manifest.name == asked.name),
        ("purpose", request.purpose == asked.purpose),
        ("list of uses that are promised not to be made",
         set(request.prohibited_uses) == set(asked.prohibited_uses)),
        ("k", request.k >= asked.k),
        ("splits", splits == {name: share for name, share in asked.splits.items() if share}),
        ("order in time", request.by_time == asked.by_time),
        ("list of gates", request.gates == asked.gates),
    )  # fmt: skip
    for what, is_so in questions:
        if not is_so:
            yield f"its {what} is not the one that was asked for"


def _misplaced(manifest: Manifest) -> Iterator[str]:
    """Yield what would put a file elsewhere than where a data set has it, or twice."""
    paths = [one.path for one in manifest.files]
    digests = [one.sha256 for one in manifest.episodes]
    statements = [one.statement.sha256 for one in manifest.episodes]
    for one in manifest.files:
        if one.table not in SCHEMAS or one.path != f"{one.table}/{one.shard}.parquet":
            yield "a file is not where its name says"
    if len(set(paths)) != len(paths) or len(set(statements)) != len(statements):
        yield "a file is named twice"
    if digests != sorted(set(digests)):
        yield "its episodes are not in order, each once"
