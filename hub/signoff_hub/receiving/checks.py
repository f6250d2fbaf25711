"""What is asked of a sign-off before it is kept: all that can be told without its episode.

The client asks the same before it sends (`signoff_collector.consent.verifying`); here nobody is
believed. Reading a statement and its signature takes about a millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import SIGN_OFF
from signoff_collector.consent.terms.notices import notice_fault
from signoff_collector.consent.verifying import CLOCK_SKEW
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_schemas.errors import NotSignedError
from signoff_schemas.hub import receiver_of
from signoff_schemas.statement import (
    PREDICATE_TYPE_HUB,
    parse_statement,
    parse_time,
    statement_sha256,
)

if TYPE_CHECKING:
    from signoff_hub.node.kept_terms import SignedTerms
    from signoff_hub.node.node import Node
    from signoff_schemas.statement import Predicate, Statement

_SIGN_AGAIN = "Sign it again: `signoff sign EPISODE --to {address}`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A sign-off whose signature is good and whose terms hold; its key may be anybody's."""

    statement: Statement
    content: bytes
    """The statement's exact bytes."""
    signature: bytes
    public_key: bytes
    """Of who signed, in wire form."""
    fingerprint: str
    """Of that key."""
    statement_sha256: str
    """How the sign-off is named."""

    @property
    def predicate(self) -> Predicate:
        """What was agreed to."""
        return self.statement.predicate

    @property
    def sha256(self) -> str:
        """Digest of the episode."""
        return self.statement.sha256


def read_signed(content: bytes, signature: bytes, *, is_for_hub: bool = True) -> Checked:
    """Read a statement that somebody signed.

    Args:
        content: the statement's exact bytes.
        signature: armoured SSH signature over them.
        is_for_hub: whether it has to be under a hub's terms; one for a folder or a bucket is not.

    Raises:
        HubFault: `void`, `terms` or `bad_signature`: the first that does not hold.
    """
    try:
        statement = parse_statement(content)
    except NotSignedError as error:
        raise HubFault(FaultCode.VOID, str(error), hint=error.hint) from None
    if is_for_hub and statement.predicate_type != PREDICATE_TYPE_HUB:
        raise HubFault(
            FaultCode.TERMS,
            "it was signed for a folder or a bucket, under no terms of a hub",
            hint="Sign it for this hub: its terms are shown then.",
        )
    try:
        signed = verify_signature(content, signature, SIGN_OFF)
    except NotSignedError as error:
        raise HubFault(FaultCode.BAD_SIGNATURE, str(error), hint=error.hint) from None
    return Checked(
        statement=statement,
        content=content,
        signature=signature,
        public_key=signed.public_key,
        fingerprint=signed.fingerprint,
        statement_sha256=statement_sha256(content),
    )


def refuse_terms(node: Node, checked: Checked) -> None:
    """Refuse what this hub may not have: by address, terms, purpose, notice, time and size.

    Raises:
        HubFault: the first that does not hold.
        NetworkError: the store of earlier terms is away.
    """
    predicate = checked.predicate
    if predicate.audience != node.address:
        raise _fault(node, FaultCode.AUDIENCE, "it is signed for another receiver than this hub")
    terms = _terms(node, predicate)
    if not set(predicate.purposes) <= set(terms.terms.purposes):
        raise _fault(
            node, FaultCode.PURPOSE, "it allows a purpose for which this hub takes no episodes"
        )
    fault = notice_fault(predicate.notice)
    if fault is not None or predicate.notice.version not in terms.terms.notices:
        raise _fault(node, FaultCode.NOTICE, fault or "it was signed under an older notice")
    now = datetime.fromtimestamp(node.now(), UTC)
    if parse_time(predicate.event_time) > now + CLOCK_SKEW:
        raise _fault(node, FaultCode.FUTURE, "it is from the future, as this hub's clock has it")
    if parse_time(predicate.expires) <= now:
        raise _fault(node, FaultCode.EXPIRED, f"it expired at {predicate.expires}")
    if predicate.episode.size_bytes > node.settings.max_episode_bytes:
        raise HubFault(
            FaultCode.TOO_LARGE,
            f"an episode has at most {node.settings.max_episode_bytes} bytes here",
            hint="Keep fewer tasks of it: `signoff review`.",
        )


def _terms(node: Node, predicate: Predicate) -> SignedTerms:
    """Return the terms that were signed, if this hub ever had them and they say what was signed."""
    receiver = predicate.receiver
    found = None if receiver is None else node.kept_terms.find(receiver.terms_sha256)
    if found is None or receiver_of(found.content) != receiver:
        raise _fault(node, FaultCode.TERMS, "it was signed under terms that this hub never had")
    return found


def _fault(node: Node, code: FaultCode, detail: str) -> HubFault:
    return HubFault(code, detail, hint=_SIGN_AGAIN.format(address=node.address))
