"""Verify a sign-off: integrity, authenticity and authority, each with its own answer (threat 11).

integrity: are these the bytes that were shown and signed? authenticity: did the key in the
signature sign this statement? authority: is the key allowed to, and is the statement still valid?
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import SIGN_OFF
from signoff_collector.consent.terms.notices import notice_fault
from signoff_schemas.errors import NotSignedError
from signoff_schemas.statement import Predicate, Statement, parse_statement, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from signoff_collector.consent.sign_off_files import SignOff, Snapshot
    from signoff_collector.consent.signatures.authority import Vouched

    Voucher = Callable[[Predicate, bytes], Vouched]
    """From what was signed and public key to whether somebody vouches for the key."""

CLOCK_SKEW: Final = timedelta(days=1)
"""Allowed clock difference before a statement counts as from the future."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, with the fact behind it."""

    is_good: bool
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The three answers about one episode."""

    integrity: Answer
    authenticity: Answer
    authority: Answer
    statement: Statement | None
    """None when the statement is void."""
    fingerprint: str | None
    """Of the key that signed; None when the signature is not good."""

    @property
    def is_good(self) -> bool:
        """Whether all three are."""
        return self.integrity.is_good and self.authenticity.is_good and self.authority.is_good

    def answers(self) -> tuple[tuple[str, Answer], ...]:
        """Return the answers by name, in order."""
        return (
            ("integrity", self.integrity),
            ("authenticity", self.authenticity),
            ("authority", self.authority),
        )

    def fault(self) -> str:
        """Return the first answer that is not good, in words."""
        bad = [f"{name}: {answer.fact}" for name, answer in self.answers() if not answer.is_good]
        return bad[0] if bad else "the sign-off is good"


def judge(
    snapshot: Snapshot,
    sign_off: SignOff,
    *,
    voucher: Voucher,
    now: datetime,
    audience: str | None = None,
    void_because: Callable[[str], str | None] = lambda _: None,
) -> Verdict:
    """Answer all three questions; never raises for invalid input bytes.

    Args:
        snapshot: the episode; that it follows its format is checked apart.
        sign_off: what lies beside it.
        voucher: who vouches for keys.
        now: when it is asked.
        audience: the only audience that is accepted, or None for the statement's own.
        void_because: from record id to why that record counts no more, or None.
    """
    try:
        statement = parse_statement(sign_off.statement)
    except NotSignedError as error:
        void = Answer(is_good=False, fact=str(error))
        return Verdict(
            integrity=void, authenticity=void, authority=void, statement=None, fingerprint=None
        )
    try:
        signature = verify_signature(sign_off.statement, sign_off.signature, SIGN_OFF)
    except NotSignedError as error:
        nobody = Answer(is_good=False, fact="the signer is not known")
        return Verdict(
            integrity=_integrity(snapshot, statement),
            authenticity=Answer(is_good=False, fact=str(error)),
            authority=nobody,
            statement=statement,
            fingerprint=None,
        )
    predicate = statement.predicate
    fault = _hold_fault(statement, now, audience) or void_because(predicate.record_id)
    fault = fault or notice_fault(predicate.notice)
    vouched = voucher(predicate, signature.public_key)
    return Verdict(
        integrity=_integrity(snapshot, statement),
        authenticity=Answer(is_good=True, fact=f"signed by {signature.fingerprint} for {SIGN_OFF}"),
        authority=Answer(
            is_good=fault is None and vouched.is_so,
            fact=fault or f"{vouched.fact} ({predicate.audience})",
        ),
        statement=statement,
        fingerprint=signature.fingerprint,
    )


def _integrity(snapshot: Snapshot, statement: Statement) -> Answer:
    if snapshot.sha256 != statement.sha256:
        return Answer(
            is_good=False,
            fact=f"the file is {snapshot.sha256[:16]}…, signed was {statement.sha256[:16]}…",
        )
    if snapshot.size_bytes != statement.predicate.episode.size_bytes:
        return Answer(is_good=False, fact="the statement names another size")
    return Answer(is_good=True, fact=f"sha256 {snapshot.sha256} as shown and signed")


def _hold_fault(statement: Statement, now: datetime, audience: str | None) -> str | None:
    predicate = statement.predicate
    if audience is not None and predicate.audience != audience:
        return f"signed for {predicate.audience}, not for {audience}"
    if parse_time(predicate.event_time) > now + CLOCK_SKEW:
        return f"the statement is from the future: {predicate.event_time}"
    if parse_time(predicate.expires) <= now:
        return f"the sign-off expired at {predicate.expires}"
    return None
