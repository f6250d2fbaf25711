"""Pages of the log for auditors: heads, leaves as far as they can be opened, proofs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select

from signoff_hub.database.tables import LOG_LEAF, LOG_OPENING, SIGN_OFF, TOMBSTONE
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.web.frame import facts, field, file, mono, note, page, section, table, when
from signoff_hub.web.markup import Content, Markup, group, tag
from signoff_hub.web.visits import as_number
from signoff_hub.web.words import happened, told_at
from signoff_schemas.errors import DamagedError
from signoff_schemas.hub_log import (
    EntryKind,
    decode_path,
    parse_consistency_proof,
    parse_entry,
    parse_head,
    parse_inclusion_proof,
)
from signoff_schemas.merkle import proves_consistency, proves_inclusion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from signoff_hub.web.visits import Visit
    from signoff_schemas.hub_log import LogEntry

_PAGE: Final = 50
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def log(visit: Visit) -> Response:
    """Show the newest head, and a page of leaves below it, the newest first."""
    signed = visit.node.log.newest_head()
    head = signed.head
    with visit.node.database.read() as connection:
        last = connection.execute(
            select(LOG_LEAF.c.n).order_by(LOG_LEAF.c.n.desc()).limit(1)
        ).scalar()
        size = 0 if last is None else int(last) + 1
        before = min(visit.number("before", size), size)
        first = max(0, before - _PAGE)
        rows = connection.execute(
            select(LOG_LEAF.c.n, LOG_OPENING.c.entry)
            .outerjoin(LOG_OPENING, LOG_OPENING.c.n == LOG_LEAF.c.n)
            .where(LOG_LEAF.c.n >= first, LOG_LEAF.c.n < before)
            .order_by(LOG_LEAF.c.n.desc())
        ).all()
    leaves = [_row(visit, row.n, None if row.entry is None else bytes(row.entry)) for row in rows]
    return page(
        visit,
        "Log",
        facts(
            ("Leaves of the newest signed head", str(head.size)),
            ("Its root", mono(head.root)),
            ("Signed on", told_at(head.on)),
            ("Signed by", mono(visit.node.key.fingerprint)),
            ("Leaves since", str(size - head.size) if size > head.size else None),
        ),
        tag(
            "nav",
            tag("a", "The head", href=visit.link("log/head.json")),
            tag("a", "Its signature", href=visit.link("log/head.sig")),
            class_="more",
            aria_label="Files",
        ),
        section(
            "Did it only grow?",
            tag(
                "p",
                "A log that only grew begins with what it was. Give the number of leaves of a head"
                " that you kept, and compare the root.",
            ),
            _ask_consistency(visit, 1, head.size),
        )
        if head.size
        else None,
        section(
            "Find an episode",
            tag("p", "By the SHA-256 of an episode or of a statement: when it came and ended."),
            _ask_digest(visit),
        ),
        section(
            "Leaves",
            tag(
                "p",
                "What a leaf says of an episode is erased with that episode; the tree still proves"
                " that there was a leaf.",
            ),
            table(
                f"Leaves {first} to {before - 1}, the newest first",
                ("Leaf", "When", "What happened", "To what"),
                leaves,
            )
            if leaves
            else tag("p", "There is none yet."),
            _more(visit, first, before, size),
        ),
        at="log",
    )


def find(visit: Visit) -> Response:
    """Show the leaves of an episode or statement; what was erased of it is not told again."""
    digest = visit.query.get("digest", "").strip().lower()
    if not _DIGEST.fullmatch(digest):
        raise HubFault(
            FaultCode.BAD_REQUEST,
            "a SHA-256 has 64 digits from 0 to 9 and a to f",
            hint="Go back and give one.",
        )
    # by rows that have an index: what a leaf says has none
    signed = (
        select(SIGN_OFF.c.received_leaf, SIGN_OFF.c.leaf)
        .where(or_(SIGN_OFF.c.statement == digest, SIGN_OFF.c.episode == digest))
        .limit(_PAGE)
    )
    ended = select(TOMBSTONE.c.leaf).where(TOMBSTONE.c.episode == digest)
    with visit.node.database.read() as connection:
        found = {n for row in connection.execute(signed) for n in row if n is not None}
        found |= set(connection.execute(ended).scalars())
        rows = connection.execute(
            select(LOG_OPENING.c.n, LOG_OPENING.c.entry)
            .where(LOG_OPENING.c.n.in_(found))
            .order_by(LOG_OPENING.c.n.desc())
        ).all()
    names = ("Leaf", "When", "What happened", "To what")
    leaves = [_row(visit, row.n, bytes(row.entry)) for row in rows]
    return page(
        visit,
        "Find an episode",
        facts(("SHA-256", mono(digest))),
        table("Its leaves, the newest first", names, leaves)
        if leaves
        else tag("p", "The log says nothing of it, or no longer."),
        tag(
            "p",
            "When it was received, admitted, and ended as a whole. Other leaves about it stand in"
            " the log, and once it is erased nothing but that it ended.",
        ),
        _ask_digest(visit),
        at="log",
    )


def head_file(visit: Visit) -> Response:
    """Return the newest head, as its exact bytes."""
    return file(visit.node.log.newest_head().content, "head.json")


def head_signature(visit: Visit) -> Response:
    """Return the signature over it."""
    return file(visit.node.log.newest_head().signature, "head.json.sig", "text/plain")


def leaf(visit: Visit) -> Response:
    """Show one leaf with its proof, checked here and ready to be checked elsewhere."""
    n = as_number(visit.path["n"])
    text, is_open = _proof(visit, n)
    proof = parse_inclusion_proof(text.encode("ascii"))
    head = parse_head(proof.head.encode("ascii"))
    holds = proves_inclusion(
        proof.leaf_hash(), n, head.size, decode_path(proof.path), bytes.fromhex(head.root)
    )
    entry = None if proof.entry is None else _entry(proof.entry.encode("ascii"))
    return page(
        visit,
        f"Leaf {n}",
        _holds(holds, f"It is in the tree of {head.size} leaves that the hub signed."),
        None if is_open else tag("p", "What it says was erased."),
        facts(
            ("What happened", None if entry is None else _said(entry)),
            ("When", None if entry is None else _on(entry)),
            ("To what", None if entry is None else mono(entry.subject)),
            ("Because", mono(entry.because) if entry is not None and entry.because else None),
            ("Salt", None if proof.salt is None else mono(proof.salt)),
            ("Entry", None if proof.entry is None else mono(proof.entry.strip())),
            ("Commitment", None if proof.commitment is None else mono(proof.commitment)),
            ("Hash of the leaf", mono(proof.leaf_hash().hex())),
            ("Root of the head", mono(head.root)),
            ("Hashes on the way", _hashes(decode_path(proof.path))),
        ),
        tag(
            "p",
            "The hub says so of itself. To be sure, check the file with a program of yours: the"
            " document hub/log.md of Signoff has every rule.",
        ),
        tag(
            "nav",
            tag("a", "The proof as a file", href=visit.link(f"log/{n}/proof.json")),
            class_="more",
            aria_label="Files",
        ),
        at="log",
    )


def leaf_proof(visit: Visit) -> Response:
    """Return the proof of a leaf as a file."""
    n = as_number(visit.path["n"])
    return file(_proof(visit, n)[0], f"leaf-{n}.proof.json")


def consistency(visit: Visit) -> Response:
    """Show that the log of one size begins with that of a smaller one."""
    first, second = visit.number("first"), visit.number("second")
    proof = parse_consistency_proof(visit.node.log.consistency(first, second).encode("ascii"))
    roots = [visit.node.log.root_of(size) for size in (first, second)]
    path = decode_path(proof.path)
    holds = proves_consistency(first, roots[0], second, roots[1], path)
    return page(
        visit,
        "Did the log only grow?",
        _holds(holds, f"The log of {second} leaves begins with the log of {first}."),
        facts(
            (f"Root of {first} leaves", mono(roots[0].hex())),
            (f"Root of {second} leaves", mono(roots[1].hex())),
            ("Hashes of the proof", _hashes(path)),
        ),
        tag("p", "Compare the roots with those of heads that you kept."),
        tag(
            "nav",
            tag(
                "a",
                "The proof as a file",
                href=visit.link("log/consistency.json", first=first, second=second),
            ),
            class_="more",
            aria_label="Files",
        ),
        section("Other sizes", _ask_consistency(visit, first, second)),
        at="log",
    )


def consistency_file(visit: Visit) -> Response:
    """Return the same proof as a file."""
    first, second = visit.number("first"), visit.number("second")
    return file(visit.node.log.consistency(first, second), f"log-{first}-{second}.proof.json")


def _row(visit: Visit, n: int, entry: bytes | None) -> tuple[Content, ...]:
    link = tag("a", str(n), href=visit.link(f"log/{n}"))
    said = None if entry is None else _entry(entry)
    if said is None:
        return (link, "", "what it says was erased", "")
    return (link, when(_on(said)), _said(said), mono(said.subject[:16]))


def _said(entry: LogEntry) -> str:
    return happened(entry.kind.value, entry.because)


def _on(entry: LogEntry) -> str:
    return told_at(entry.on, is_day=entry.kind is EntryKind.READ)


def _entry(content: bytes) -> LogEntry | None:
    try:
        return parse_entry(content)
    except DamagedError:
        return None


def _proof(visit: Visit, n: int) -> tuple[str, bool]:
    try:
        return visit.node.log.proof_of(n), True
    except HubFault as fault:
        if fault.code is not FaultCode.NOT_FOUND:
            raise
    return visit.node.log.proof_of(n, is_open=False), False  # erased; or there is no such leaf


def _holds(holds: bool, words: str) -> Markup:
    if holds:
        return note("good", tag("p", words))
    return note("bad", tag("p", "The proof does not hold: this log is damaged. Tell whoever runs"
                           " the hub."))  # fmt: skip


def _hashes(path: Sequence[bytes]) -> Content:
    if not path:
        return "none is needed"
    return tag("ol", (tag("li", mono(one.hex())) for one in path))


def _ask_digest(visit: Visit) -> Markup:
    return tag(
        "form",
        field("digest", "SHA-256", most=64, is_secret=False),
        tag("button", "Find it", type="submit"),
        method="get",
        action=visit.link("log/find"),
        class_="block",
    )


def _ask_consistency(visit: Visit, first: int, second: int) -> Markup:
    def field(name: str, words: str, value: int) -> Markup:
        return tag(
            "div",
            tag("label", words, for_=name),
            tag(
                "input",
                id=name,
                name=name,
                value=str(value),
                inputmode="numeric",
                pattern="[0-9]{1,15}",
                title="a number of leaves",
                required=True,
            ),
        )

    return tag(
        "form",
        field("first", "Leaves before", first),
        field("second", "Leaves after", second),
        tag("button", "Prove it", type="submit"),
        method="get",
        action=visit.link("log/consistency"),
        class_="line",
    )


def _more(visit: Visit, first: int, before: int, size: int) -> Markup | None:
    older = tag("a", "Older leaves", href=visit.link("log", before=first)) if first else None
    newer = (
        tag("a", "Newer leaves", href=visit.link("log", before=min(size, before + _PAGE)))
        if before < size
        else None
    )
    if older is None and newer is None:
        return None
    return tag("nav", group(newer, older), class_="more", aria_label="More leaves")
