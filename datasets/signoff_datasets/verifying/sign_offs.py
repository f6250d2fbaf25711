"""Whether each episode of a manifest has a sign-off that allows it here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.consent.receipts import MAX_RECEIPT_BYTES, parse_receipt
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES, SIGN_OFF
from signoff_collector.consent.terms.notices import notice_fault
from signoff_collector.own_files.private_files import read_regular
from signoff_datasets.building.proofs import receipt_path, statement_path
from signoff_datasets.verifying.findings import Finding
from signoff_schemas.errors import DamagedError, NotFoundError, NotSignedError
from signoff_schemas.statement import MAX_STATEMENT_BYTES, parse_statement, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from signoff_collector.consent.receipts import Receipt
    from signoff_datasets.screening.authority import Authority
    from signoff_schemas.dataset import Manifest, ManifestEpisode
    from signoff_schemas.statement import Predicate


def sign_off_findings(
    folder: Path,
    manifest: Manifest,
    authority: Authority,
    day: datetime,
    tell: Callable[[], None],
) -> Iterator[Finding]:
    """Yield what is wrong with each episode's sign-off, and what the manifest makes of them."""
    purposes: set[str] | None = None
    prohibited: set[str] = set()
    is_whole = True
    replaced: dict[tuple[str, str], str] = {}
    records: list[tuple[str, str, str]] = []
    for one in manifest.episodes:
        tell()
        try:
            predicate = _predicate(folder, one, authority)
        except (NotFoundError, DamagedError):
            is_whole = False
            continue  # said with the files
        except NotSignedError as error:
            is_whole = False
            yield Finding(weight="not-signed", where=one.sha256, what=str(error))
            continue
        purposes = set(map(str, predicate.purposes)) & (
            set(map(str, predicate.purposes)) if purposes is None else purposes
        )
        prohibited |= set(map(str, predicate.prohibited_uses))
        person = authority.person(predicate)
        records.append((person, predicate.record_id, one.sha256))
        if predicate.supersedes is not None:
            replaced[person, predicate.supersedes] = one.sha256
        for what in _term_faults(manifest, one, predicate, authority, day):
            yield Finding(weight="not-proven", where=one.sha256, what=what)
    for person, record, sha256 in records:
        if (person, record) in replaced:
            yield Finding(
                weight="not-proven", where=sha256, what="another sign-off here replaces its own"
            )
    if is_whole:  # else what is missing would be told again, as another fault
        yield from _sums(manifest, purposes or set(), prohibited)


def _predicate(folder: Path, one: ManifestEpisode, authority: Authority) -> Predicate:
    """Return what was agreed to, by whom the authority knows.

    Raises:
        NotSignedError: nobody who may has signed it.
        NotFoundError: the statement is not there.
        DamagedError: it cannot be read.
    """
    place = folder / statement_path(one.statement.sha256)
    content = read_regular(place, max_bytes=MAX_STATEMENT_BYTES)
    signature = read_regular(place.with_name(f"{place.name}.sig"), max_bytes=MAX_SIGNATURE_BYTES)
    statement = parse_statement(content)
    signed = verify_signature(content, signature, SIGN_OFF)
    predicate = statement.predicate
    if statement.sha256 != one.sha256:
        raise NotSignedError("its sign-off is about another episode")
    if not authority.vouches(predicate, signed.public_key):
        raise NotSignedError(f"nobody vouches for {signed.fingerprint}, which signed it")
    if authority.audience not in {None, predicate.audience}:
        raise NotSignedError("it was signed for another audience")
    if notice_fault(predicate.notice) is not None:
        raise NotSignedError("it was signed under a notice that was never published")
    receipt = None if one.receipt is None else _receipt(folder, one)
    fault = None if authority.receipt_fault is None else authority.receipt_fault(receipt)
    if fault is not None:
        raise NotSignedError(fault)
    return predicate


def _receipt(folder: Path, one: ManifestEpisode) -> Receipt:
    place = folder / receipt_path(one.statement.sha256)
    content = read_regular(place, max_bytes=MAX_RECEIPT_BYTES)
    signature = read_regular(place.with_name(f"{place.name}.sig"), max_bytes=MAX_SIGNATURE_BYTES)
    name = f"{one.statement.sha256}.json"
    receipt = parse_receipt(one.sha256, name, content, signature)
    if receipt is None:
        raise NotSignedError("its receipt is none")
    return receipt


def _term_faults(
    manifest: Manifest,
    one: ManifestEpisode,
    predicate: Predicate,
    authority: Authority,
    day: datetime,
) -> Iterator[str]:
    request = manifest.request
    if parse_time(predicate.expires) <= day:
        yield f"its sign-off expired at {predicate.expires}"
    void = authority.void_because(predicate.record_id)
    if void is not None:
        yield f"its sign-off was {void}"
    if request.purpose not in predicate.purposes:
        yield f"its author does not allow {request.purpose}"
    for use in sorted(set(predicate.prohibited_uses) - set(request.prohibited_uses)):
        yield f"its author prohibits {use}, and the data set does not promise to"
    said = (one.licence, one.repository_licence, one.expires)
    signed = (predicate.licence, predicate.rights.repository_licence, predicate.expires)
    for name, here, there in zip(_LABELS, said, signed, strict=True):
        if here != there:
            yield f"the manifest says {name} {here}, its author signed {there}"


_LABELS = ("licence", "repository licence", "expiry")


def _sums(manifest: Manifest, purposes: set[str], prohibited: set[str]) -> Iterator[Finding]:
    """Yield where the manifest says another purpose or prohibition than the sign-offs together."""
    if set(map(str, manifest.purposes)) != purposes:
        yield Finding(
            weight="not-proven", where="manifest.json", what="purposes are not those all allow"
        )
    if set(map(str, manifest.prohibited_uses)) != prohibited:
        yield Finding(
            weight="not-proven",
            where="manifest.json",
            what="prohibited uses are not those that any prohibits",
        )
