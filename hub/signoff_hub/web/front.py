"""The front page, for anybody: what this hub is, what it binds itself to, and how to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_hub.web.frame import commands, facts, mono, page, section
from signoff_hub.web.markup import group, tag
from signoff_hub.web.words import size
from signoff_schemas.hub import parse_terms, terms_sha256

if TYPE_CHECKING:
    from starlette.responses import Response

    from signoff_hub.web.visits import Visit


def front(visit: Visit) -> Response:
    """Show it; asks neither database nor store, so that it is there when they are away."""
    node = visit.node
    terms = parse_terms(node.terms)
    members = (
        tag(
            "p",
            "This hub takes episodes of its members alone: ask whoever runs it for an enrolment"
            " code first.",
        )
        if node.settings.needs_enrolment
        else None
    )
    return page(
        visit,
        "A hub for signed episodes",
        tag(
            "p",
            "This server takes recordings of work that developers reviewed, masked and signed on"
            " their own machines. It checks each before it keeps it, writes what it does into a"
            " log that anybody can check, and erases an episode when its signer takes it back."
            " It gives no figures about any person.",
        ),
        facts(
            ("Address", mono(node.address)),
            ("Who answers for it", terms.controller),
            ("Jurisdiction", terms.jurisdiction),
            ("Lawful basis", terms.lawful_basis.value),
            ("Kept at most", f"{terms.retention_days} days"),
            ("Used for", _words(terms.purposes)),
            ("Never used for", _words(terms.prohibited_uses)),
            ("Largest episode", size(terms.limits.max_episode_bytes)),
            ("Key of this hub", mono(terms.receipt_key_fingerprint)),
        ),
        section(
            "How to begin",
            members,
            tag("p", "With Signoff on your machine, and an episode that you reviewed:"),
            commands(
                f"signoff sign last --to {node.address}",
                f"signoff upload last --to {node.address}",
            ),
            tag("p", "Before anything is signed, these terms are shown to you, with the key"),
            commands(terms.receipt_key_fingerprint),
            tag(
                "p", "Afterwards: what became of it, in your terminal or here, and taking it back."
            ),
            commands(
                f"signoff uses --from {node.address}",
                f"signoff uses --from {node.address} --open",
                f"signoff withdraw last --from {node.address}",
            ),
        ),
        section(
            "Its terms in full",
            facts(
                ("Valid from", terms.valid_from),
                ("SHA-256 of the signed bytes", mono(terms_sha256(node.terms))),
                (
                    "Signed with",
                    group(mono(terms.receipt_key_fingerprint), ", in signoff-terms-v1"),
                ),
            ),
            tag("div", terms.text, class_="terms", lang=terms.language),
        ),
        at="",
    )


def _words(said: tuple[str, ...]) -> str:
    return ", ".join(one.replace("-", " ") for one in said)
