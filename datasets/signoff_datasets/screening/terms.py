"""Terms: whether an episode's own sign-off lets it be in a data set for one purpose.

There is no override: what its author did not allow is not asked for anywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import SIGN_OFF
from signoff_collector.consent.terms.notices import notice_fault
from signoff_collector.consent.verifying import CLOCK_SKEW
from signoff_collector.consent.withdrawal import withdraws
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.imported import imported_of
from signoff_datasets.screening.reasons import TERMS_REASONS
from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.statement import parse_statement, parse_time, statement_sha256

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.consent.receipts import Receipt
    from signoff_collector.consent.sign_off_files import SignOff, Snapshot
    from signoff_collector.episode.content import Episode
    from signoff_datasets.screening.authority import Authority
    from signoff_datasets.screening.reasons import TermsReason
    from signoff_datasets.sources.interface import Offered
    from signoff_schemas.dataset import Request
    from signoff_schemas.statement import Predicate, Statement

    Superseded = Callable[[Predicate], bool]
    """Whether a later sign-off of the same contributor replaces this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """An episode whose sign-off holds, for the purpose and on the day that were asked for."""

    snapshot: Snapshot
    sign_off: SignOff
    statement: Statement
    receipt: Receipt | None
    contributor: str
    """Who it is by, as far as `k` counts people."""
    episode: Episode

    @property
    def sha256(self) -> str:
        """Digest of the episode."""
        return self.snapshot.sha256

    @property
    def statement_sha256(self) -> str:
        """Digest of the statement."""
        return statement_sha256(self.sign_off.statement)

    @property
    def predicate(self) -> Predicate:
        """What was agreed to."""
        return self.statement.predicate


def agreed(
    offered: Offered,
    request: Request,
    authority: Authority,
    superseded: Superseded,
    *,
    wanted: str | None = None,
) -> Agreed | TermsReason:
    """Return the episode with the sign-off that allows it, or the one reason why none does.

    Of several sign-offs that allow it the latest counts.

    Args:
        offered: the episode and what lies beside it.
        request: purpose, promises, and the day.
        authority: who may sign.
        superseded: which sign-offs were replaced.
        wanted: the only statement that counts, by its digest; None for any.
    """
    snapshot = offered.snapshot
    if snapshot is None:
        return "withdrawn" if _is_withdrawn(offered) else "unreadable"
    reasons: list[TermsReason] = ["not-signed"]
    good: list[tuple[str, str, Statement, SignOff]] = []
    for sign_off in offered.sign_offs:
        digest = statement_sha256(sign_off.statement)
        if wanted not in {None, digest}:
            continue
        judged = _judged(snapshot, sign_off, request, authority, superseded)
        if isinstance(judged, str):
            reasons.append(judged)
        elif _is_withdrawn(offered):
            reasons.append("withdrawn")
        elif (fault := _terms_fault(judged.predicate, request)) is not None:
            reasons.append(fault)
        else:
            good.append((judged.predicate.event_time, digest, judged, sign_off))
    if not good:
        return max(reasons, key=TERMS_REASONS.index)
    _, digest, statement, sign_off = max(good, key=lambda one: one[:2])
    try:
        episode = strict_check(snapshot.content)
    except DamagedError:
        return "damaged"
    if imported_of(episode.header) is not None:
        return "imported"
    if episode.header.time_resolution != statement.predicate.episode.time_resolution:
        return "other-bytes"
    receipts = [one for one in offered.receipts if one.body.statement_sha256 == digest]
    return Agreed(
        snapshot=snapshot,
        sign_off=sign_off,
        statement=statement,
        receipt=receipts[0] if receipts else None,
        contributor=authority.person(statement.predicate),
        episode=episode,
    )


def _judged(
    snapshot: Snapshot,
    sign_off: SignOff,
    request: Request,
    authority: Authority,
    superseded: Superseded,
) -> Statement | TermsReason:
    """Return the statement, if it is about these bytes, by somebody who may, and holds."""
    try:
        statement = parse_statement(sign_off.statement)
        signature = verify_signature(sign_off.statement, sign_off.signature, SIGN_OFF)
    except NotSignedError:
        return "void"
    predicate = statement.predicate
    is_of_them = statement.sha256 == snapshot.sha256
    if not is_of_them or predicate.episode.size_bytes != snapshot.size_bytes:
        return "other-bytes"
    if not authority.vouches(predicate, signature.public_key):
        return "unknown-key"
    if authority.audience is not None and predicate.audience != authority.audience:
        return "other-audience"
    if notice_fault(predicate.notice) is not None:
        return "unknown-notice"
    return hold_fault(predicate, request, authority, superseded) or statement


def hold_fault(
    predicate: Predicate, request: Request, authority: Authority, superseded: Superseded
) -> TermsReason | None:
    """Return why a sign-off holds no longer, or not yet, on the day of a request."""
    day = parse_time(request.as_of)
    if parse_time(predicate.event_time) > day + CLOCK_SKEW:
        return "not-yet-given"
    if parse_time(predicate.expires) <= day:
        return "expired"
    if superseded(predicate):
        return "superseded"
    return authority.void_because(predicate.record_id)


def _terms_fault(predicate: Predicate, request: Request) -> TermsReason | None:
    if request.purpose not in predicate.purposes:
        return "purpose"
    if not set(predicate.prohibited_uses) <= set(request.prohibited_uses):
        return "prohibited-use"
    return None


def _is_withdrawn(offered: Offered) -> bool:
    """Say whether its tombstone was made by who may: the maker of one of its sign-offs."""
    tombstone = offered.tombstone
    return tombstone is not None and (
        not offered.sign_offs or any(withdraws(tombstone, one) for one in offered.sign_offs)
    )
