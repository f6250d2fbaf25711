"""`signoff receipts`: what receivers confirmed, kept on this machine; nobody is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import NotFoundError, PartlyDoneError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.consent.log_proofs import Finding
    from signoff_collector.consent.receipts import Receipt
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console

SUMMARY: Final = "Show the receipts that are kept here, and check each; no hub is asked."
EXAMPLE: Final = "signoff receipts last"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "episode",
        metavar="EPISODE",
        nargs="?",
        help="a path, an id prefix, or a SHA-256; else all of them",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print one line for each receipt; 3 when one of them does not hold."""
    from signoff_collector.consent.log_proofs import judge_receipt
    from signoff_collector.consent.receipts import all_receipts
    from signoff_collector.own_files.home import resolve_home

    home = resolve_home()
    receipts = all_receipts(home)
    if arguments.episode is not None:
        sha256 = _digest(home, arguments.episode, receipts)
        receipts = tuple(one for one in receipts if one.body.sha256 == sha256)
        if not receipts:
            raise NotFoundError(
                f"there is no receipt for episode {sha256[:16]}",
                hint="A hub gives one when it admits an episode: signoff upload EPISODE --to URL",
            )
    if not receipts:
        console.say("no receipt is kept here")
    findings = [(receipt, judge_receipt(home, receipt)) for receipt in receipts]
    for receipt, finding in findings:
        _say(receipt, finding, console)
    faults = sum(not finding.is_good for _, finding in findings)
    if faults:
        raise PartlyDoneError(
            f"{faults} of {len(findings)} receipts {'does' if faults == 1 else 'do'} not hold",
            hint="Keep them, and ask whoever runs the hub.",
        )
    return 0


def _digest(home: Home, name: str, receipts: tuple[Receipt, ...]) -> str:
    """Return the digest of an episode, also when only its receipt is left."""
    from signoff_collector.consent.sign_off_files import take_snapshot
    from signoff_collector.episode.locating import locate

    known = {one.body.sha256 for one in receipts if one.body.sha256.startswith(name)}
    if len(name) >= 8 and len(known) == 1:
        return known.pop()
    if len(name) == 64 and not set(name) - set("0123456789abcdef"):
        return name
    return take_snapshot(locate(home, name)).sha256


def _say(receipt: Receipt, finding: Finding, console: Console) -> None:
    body = receipt.body
    console.say(f"{body.received_on}  {body.sha256[:16]}  {body.receiver}")
    console.say(
        f"  {'good' if finding.is_good else 'BAD'}: {finding.fact}",
        style="green" if finding.is_good else "bold red",
    )
    if console.is_json:
        console.row(
            {
                "sha256": body.sha256,
                "statement_sha256": body.statement_sha256,
                "receiver": body.receiver,
                "received_on": body.received_on,
                "fingerprint": receipt.fingerprint,
                "log_index": body.log_index,
                "good": finding.is_good,
                "fact": finding.fact,
            }
        )
