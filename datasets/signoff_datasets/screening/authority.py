"""Who may sign for a data set: a file of keys with an audience, or one's own keys."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.authority import read_allowed_signers, vouch_own
from signoff_collector.consent.signatures.keys import KeyRegister
from signoff_collector.consent.signatures.sshsig import SIGN_OFF
from signoff_collector.upload.outbox.outbox import WITHDRAWN, Outbox, outbox_path

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime
    from pathlib import Path

    from signoff_collector.consent.receipts import Receipt
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home
    from signoff_datasets.screening.reasons import TermsReason
    from signoff_schemas.statement import Predicate

_MYSELF: Final = "myself"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who vouches for keys, and what is known of sign-offs besides what a source says."""

    vouches: Callable[[Predicate, bytes], bool]
    """Whether a key, in wire form, may have signed this."""
    void_because: Callable[[str], TermsReason | None]
    """From record id to why this machine's own outbox counts it no more."""
    audience: Audience | None
    """The only one that is accepted; None for one's own keys, each of which is for one."""
    named: Callable[[Predicate], str] | None = None
    """Who a sign-off is by, where more is known than its pseudonym: of several, one person's."""
    receipt_fault: Callable[[Receipt | None], str | None] | None = None
    """Where a receiver vouches by its receipts: why one does not vouch for its sign-off."""

    @property
    def is_own(self) -> bool:
        """Whether all that it vouches for is by the person at this machine."""
        return self.audience is None

    def person(self, predicate: Predicate) -> str:
        """Return who it is by: one's own pseudonyms at several stores are one person."""
        if self.named is not None:
            return self.named(predicate)
        return _MYSELF if self.is_own else predicate.contributor


def allowed_signers(path: Path, audience: Audience, day: datetime) -> Authority:
    """Return an authority that vouches for the keys that a file lists, on a day.

    Raises:
        SignoffError: the file cannot be read, or lies in a repository.
    """
    signers = read_allowed_signers(path)
    return Authority(
        vouches=lambda signed, key: signers.vouch(signed.contributor, key, SIGN_OFF, day).is_so,
        void_because=lambda _: None,
        audience=audience,
    )


def receiver(audience: Audience, key_fingerprint: str, log_size: int | None) -> Authority:
    """Return an authority that vouches for what a hub admitted, by the hub's own receipts.

    Who signed what is the hub's to know: it looked at the key of each contributor before it gave
    the receipt, and nobody gets a list of them.

    Args:
        audience: the hub; what was signed for another one is not accepted.
        key_fingerprint: of the hub's key.
        log_size: leaves of the hub's log as it is known here; None: that is not known.
    """

    def receipt_fault(receipt: Receipt | None) -> str | None:
        if receipt is None:
            return "the hub gave no receipt for it"
        if receipt.fingerprint != key_fingerprint or receipt.body.receiver != audience:
            return "its receipt is another receiver's"
        index = receipt.body.log_index
        if index is None or (log_size is not None and index >= log_size):
            return "its receipt names a place that the hub's log does not have"
        return None

    return Authority(
        vouches=lambda _, __: True,
        void_because=lambda _: None,
        audience=audience,
        receipt_fault=receipt_fault,
    )


@contextmanager
def own_keys(home: Home) -> Generator[Authority]:
    """Yield an authority that vouches for the keys of this home, and knows its outbox."""
    register = KeyRegister(home)
    with ExitStack() as stack:
        outbox = None
        if outbox_path(home).is_file():
            outbox = stack.enter_context(Outbox.open(home))

        def void_because(record_id: str) -> TermsReason | None:
            because = None if outbox is None else outbox.void_because(record_id)
            if because is None:
                return None
            return "withdrawn" if because.startswith(WITHDRAWN) else "superseded"

        yield Authority(
            vouches=lambda signed, key: vouch_own(register, signed.audience, key).is_so,
            void_because=void_because,
            audience=None,
        )
