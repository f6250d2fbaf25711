"""Which key a hub has: asked for once, kept beside its terms, and never taken from it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.consent.hub_terms import all_terms, keep_terms
from signoff_collector.upload.hub.authorities import keep_authority
from signoff_collector.upload.hub.terms import fetch_terms
from signoff_datasets.hubs.asking import AGAIN_HINT
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.consent.hub_terms import KeptTerms
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home


def ask_terms(home: Home, audience: Audience, authority: Path | None = None) -> KeptTerms:
    """Return the terms of a hub, asked for now; the first ones pin its key, as for `sign`.

    Args:
        home: where they are kept.
        audience: the hub's address.
        authority: a file with a certificate (PEM) to trust for this hub from now on.

    Raises:
        RefusedError: the hub has another key than when it was first asked.
        ReceiverRefusedError: these are no terms of this address.
        NetworkError: the hub cannot be reached.
    """
    if authority is not None:
        keep_authority(home, audience, authority)
    content, signature = fetch_terms(home, audience, away_hint=AGAIN_HINT)
    return keep_terms(home, audience, content, signature)


def hub_with_key(home: Home, key_fingerprint: str | None) -> KeptTerms | None:
    """Return the hub that is known here by a key; None: no hub is.

    Raises:
        UsageError: several have it, so that the key does not say which.
    """
    found = [one for one in all_terms(home) if one.terms.receipt_key_fingerprint == key_fingerprint]
    if len(found) > 1:
        raise UsageError(
            f"the key {key_fingerprint} is that of {len(found)} hubs",
            hint=f"Name one: --hub {found[0].audience}",
        )
    return found[0] if found else None
