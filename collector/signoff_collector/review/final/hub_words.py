"""Texts about a hub and its terms, for the command line, the full screens and the dialogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.text.linear import linearise
from signoff_schemas.hub import told_law

if TYPE_CHECKING:
    from signoff_collector.consent.offered_terms import OfferedHub


def hub_lines(hub: OfferedHub) -> list[str]:
    """Return what a hub's terms say, one line each; a statement for it holds these values."""
    changed = ["changed   these are not the terms that you signed under before"] * hub.has_changed
    return [
        *changed,
        f"hub       {hub.controller}",
        f"law       {told_law(hub.jurisdiction)}; it relies on: {hub.lawful_basis}",
        f"takes for {', '.join(hub.purposes)}; never {', '.join(hub.prohibited_uses)}",
        f"keeps     {hub.retention_days} days at most",
        f"terms     {hub.terms_sha256}, from {hub.valid_from}",
        f"its key   {hub.key}",
    ]


def hub_text(hub: OfferedHub) -> str:
    """Return the terms in the hub's words, so that nothing in them can hide."""
    return linearise(hub.text)


def hub_pages(hub: OfferedHub) -> str:
    """Return all of it, to be read before signing."""
    return "\n".join([*hub_lines(hub), "", hub_text(hub)])
