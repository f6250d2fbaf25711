"""Statements and receipts as objects: what each proves by itself, whatever the rows say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.consent.receipts import make_receipt, parse_receipt
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import RECEIPT
from signoff_collector.upload.stores.layout import receipt_folder, sign_off_folder
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.checks import Checked, read_signed
from signoff_hub.verifying.findings import ASK, Finding, damaged, left_over, not_signed
from signoff_schemas.hub import receiver_of
from signoff_schemas.statement import statement_sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from signoff_collector.consent.receipts import Receipt
    from signoff_hub.node.kept_terms import SignedTerms

    FindTerms = Callable[[str], SignedTerms | None]

_NO_ROW = "Its sender sends it again. Erase it once no upload is under way."


def check_statement(
    held: Mapping[str, bytes | None],
    sha256: str,
    statement: str,
    *,
    audience: str | None,
    find_terms: FindTerms,
) -> tuple[Checked | None, list[Finding]]:
    """Prove one sign-off from its two objects.

    Args:
        held: what lies in the folder of the episode's sign-offs.
        sha256: of the episode.
        statement: digest of the statement.
        audience: for which it has to be signed; None: the operator vouched for another one.
        find_terms: returns terms that this hub offered.

    Returns:
        The sign-off, where it is one that holds, and what is wrong with it.
    """
    name = f"{statement}.json"
    where = f"{sign_off_folder(sha256)}/{name}"
    content, signature = held.get(name), held.get(f"{name}.sig")
    if content is None or signature is None:
        missing = where if content is None else f"{where}.sig"
        what = "is too large" if missing.rpartition("/")[2] in held else "is missing"
        return None, [damaged(missing, what)]
    if statement_sha256(content) != statement:
        return None, [damaged(where, "its bytes have another SHA-256 than its name")]
    try:
        checked = read_signed(content, signature, is_for_hub=False)
    except HubFault as fault:
        is_signature = fault.code == FaultCode.BAD_SIGNATURE
        return None, [not_signed(f"{where}.sig" if is_signature else where, str(fault))]
    found: list[Finding] = []
    if checked.sha256 != sha256:
        found.append(not_signed(where, "it signs other bytes than those it lies with"))
    predicate = checked.predicate
    if audience is not None and predicate.audience != audience:
        found.append(not_signed(where, "it is signed for another receiver"))
    receiver = predicate.receiver
    if receiver is not None:
        terms = find_terms(receiver.terms_sha256)
        if terms is None:
            lost = f"terms/{receiver.terms_sha256}.json"
            found.append(damaged(lost, "terms that somebody signed are missing or not this hub's"))
        elif receiver_of(terms.content) != receiver:
            found.append(not_signed(where, "it says of the hub's terms what they do not say"))
    return checked, found


def check_receipts(
    held: Mapping[str, bytes | None], sha256: str, *, public_key: bytes, address: str
) -> tuple[dict[str, Receipt], list[Finding]]:
    """Return the good receipts of an episode by statement, and what is wrong with others."""
    good: dict[str, Receipt] = {}
    found: list[Finding] = []
    for name in sorted(one for one in held if one.endswith(".json")):
        where = f"{receipt_folder(sha256)}/{name}"
        content, signature = held[name], held.get(f"{name}.sig")
        receipt = (
            None
            if content is None or signature is None
            else parse_receipt(sha256, name, content, signature)
        )
        if receipt is None:
            found.append(not_signed(where, "it is no receipt of this episode", _AGAIN))
        elif make_receipt(receipt.body) != receipt.content:
            found.append(damaged(where, "it is written in another way than a hub does", _AGAIN))
        elif receipt.body.receiver != address:
            found.append(not_signed(where, "it is of another hub"))
        elif verify_signature(receipt.content, receipt.signature, RECEIPT).public_key != public_key:
            found.append(not_signed(where, "it is signed by another key than the hub's", _AGAIN))
        else:
            good[receipt.body.statement_sha256] = receipt
    for name in sorted(one for one in held if one.endswith(".sig")):
        if name.removesuffix(".sig") not in held:
            where = f"{receipt_folder(sha256)}/{name}"
            found.append(left_over(where, "a signature without its receipt"))
    return good, found


def sign_offs_without_row(
    held: Mapping[str, bytes | None], sha256: str, known: Collection[str]
) -> Iterator[Finding]:
    """Yield objects of sign-offs that no row knows, and signatures without their statement."""
    for name in sorted(held):
        statement = name.split(".")[0]
        if statement not in known:
            where = f"{sign_off_folder(sha256)}/{name}"
            what = "no row knows this sign-off: its node died, or somebody else put it here"
            yield left_over(where, what, _NO_ROW)


_AGAIN = f"Erase it and let the sweep write it again, or restore it. {ASK}"
