"""The front page, for anybody: what this hub is, what it binds itself to, and how to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_hub.web.frame import commands, facts, mono, page, section
from signoff_hub.web.markup import Content, group, tag
from signoff_hub.web.words import plain, size, told_at
from signoff_schemas.hub import parse_terms, terms_sha256, told_law

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
            ("Law", told_law(terms.jurisdiction)),
            ("It relies on", plain(terms.lawful_basis.value)),
            ("Kept at most", f"{terms.retention_days} days"),
            ("Used for", ", ".join(map(plain, terms.purposes))),
            ("Never used for", ", ".join(map(plain, terms.prohibited_uses))),
            ("Largest episode", size(terms.limits.max_episode_bytes)),
            ("Key of this hub", mono(terms.receipt_key_fingerprint)),
        ),
        section(
            "How to begin",
            members,
            tag(
                "p",
                "Signoff records on your own machine, in the folders that you chose, and nothing"
                " of it comes here by itself. You look at what was recorded, choose what is"
                " shared, sign that for this hub, and send it.",
            ),
            _step("Review the newest episode. Where it asks for a store, say", node.address),
            commands("signoff review last"),
            _step(
                "Before you sign, Signoff shows you the terms below and the key that signed them."
                " Ask whoever runs this hub whether it is",
                terms.receipt_key_fingerprint,
            ),
            tag("p", "Send what you signed. You get a receipt when it was admitted."),
            commands(f"signoff upload last --to {node.address}"),
            tag(
                "p",
                "See at any time what became of it, in your terminal or here on your own pages;"
                " and take it back.",
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
                ("Valid from", told_at(terms.valid_from)),
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


def _step(words: str, value: str) -> Content:
    return tag("p", f"{words} ", mono(value), ".")
