"""Terms of a hub: fetched, with the signature of the key that they name."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from signoff_collector.consent.hub_terms import find_terms
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import TERMS
from signoff_collector.upload.hub.answers import not_a_hub
from signoff_collector.upload.hub.authorities import open_hub
from signoff_schemas.errors import NetworkError, NotSignedError
from signoff_schemas.hub import parse_terms, terms_sha256

if TYPE_CHECKING:
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home
    from signoff_collector.upload.hub.client import HubClient
    from signoff_schemas.hub import HubTerms
    from signoff_schemas.statement import Statement


def fetch_terms(
    home: Home, audience: Audience, *, away_hint: str | None = None
) -> tuple[bytes, bytes]:
    """Return what a hub publishes as its terms, and the signature over exactly these bytes.

    Args:
        home: where the hub's authority is kept, if it has one of its own.
        audience: the hub's address.
        away_hint: what a person does when the hub cannot answer; None: as for what is sent.

    Raises:
        NetworkError: the hub cannot be reached.
        ReceiverRefusedError: these are no terms of this address, or not signed by their own key.
    """
    with closing(open_hub(home, audience, away_hint=away_hint)) as hub:
        return checked_terms(hub)


def checked_terms(hub: HubClient) -> tuple[bytes, bytes]:
    """Return the terms of a hub and their signature, as `fetch_terms`."""
    published = hub.terms()
    content = published.terms.encode("ascii")
    signature = published.signature.encode("ascii")
    try:
        terms = parse_terms(content)
        signed = verify_signature(content, signature, TERMS)
    except NotSignedError as error:
        raise not_a_hub(hub.place, str(error)) from error
    if signed.fingerprint != terms.receipt_key_fingerprint:
        raise not_a_hub(hub.place, "its terms are signed by another key than the one they name")
    if terms.receiver != hub.audience:
        raise not_a_hub(hub.place, "its terms are those of another address")
    return content, signature


def terms_signed(home: Home, hub: HubClient, statement: Statement) -> HubTerms:
    """Return the terms whose digest stands in a statement: no others bind, and no other key.

    Raises:
        NetworkError: they are not kept here, and the hub has others by now.
    """
    receiver = statement.predicate.receiver
    wanted = receiver.terms_sha256 if receiver is not None else ""
    kept = find_terms(home, hub.audience, wanted)
    if kept is not None:
        return kept.terms
    content, _ = checked_terms(hub)
    if terms_sha256(content) != wanted:
        raise NetworkError(
            f"the hub {hub.place} has changed its terms since you signed, and the terms that you"
            " signed are not on this machine: its receipt cannot be checked",
            hint="Ask whoever runs the hub for the terms that you signed.",
        )
    return parse_terms(content)
