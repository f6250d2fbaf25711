"""Asking a hub for its terms, which a person reads before signing for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_schemas.errors import NetworkError

if TYPE_CHECKING:
    from signoff_collector.consent.hub_terms import AskHub, KeptTerms
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console


def asker(home: Home, console: Console | None = None) -> AskHub:
    """Return what asks a hub for its terms and keeps them; nothing but the question is sent.

    Where the hub is not to be reached, the terms that are kept hold.

    Args:
        home: where they are kept.
        console: is told that the kept ones are taken; None: nobody is.
    """

    def ask(audience: Audience) -> KeptTerms:
        from signoff_collector.consent.hub_terms import find_terms, keep_terms
        from signoff_collector.upload.hub.terms import fetch_terms

        try:
            content, signature = fetch_terms(home, audience)
        except NetworkError as error:
            kept = find_terms(home, audience)
            if kept is None:
                raise
            if console is not None:
                console.note(f"{error}: taking its terms of {kept.terms.valid_from}, kept here")
            return kept
        return keep_terms(home, audience, content, signature)

    return ask
