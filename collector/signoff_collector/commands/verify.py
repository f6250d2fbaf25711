"""`signoff verify`: is this sign-off good? Three answers and an exit code."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import DamagedError, NotFoundError, NotSignedError, UsageError

if TYPE_CHECKING:
    from signoff_collector.consent.sign_off_files import SignOff, Snapshot
    from signoff_collector.consent.verifying import Verdict, Voucher
    from signoff_collector.episode.moments.checking import CheckReport
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "Check a sign-off: integrity, authenticity, authority; exit code 0 only if all three are good."
)
EXAMPLE: Final = "signoff verify last --allowed-signers team.txt --audience s3://host/bucket"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "episode",
        metavar="EPISODE",
        nargs="?",
        default="last",
        help="a path or an id prefix; else the last one made",
    )
    parser.add_argument(
        "--sign-off", type=Path, metavar="FILE", help="the statement, when not beside the episode"
    )
    parser.add_argument(
        "--allowed-signers", type=Path, metavar="FILE", help="who may sign, as ssh-keygen reads it"
    )
    parser.add_argument("--audience", metavar="URL", help="the only audience that is accepted")
    parser.add_argument(
        "--commands",
        action="store_true",
        help="print the commands with which standard tools check the same",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print the three answers and the replay's, and return 0 only when all are good."""
    from signoff_collector.consent.sign_off_files import read_sign_off, take_snapshot
    from signoff_collector.episode.file.strict import strict_check
    from signoff_collector.episode.locating import locate
    from signoff_collector.episode.moments.checking import check_replay
    from signoff_collector.own_files.home import resolve_home

    if (arguments.allowed_signers is None) != (arguments.audience is None):
        raise UsageError(
            "--allowed-signers and --audience go together",
            hint="A key may sign for one audience and not for another.",
        )
    home = resolve_home()
    path = locate(home, arguments.episode)
    snapshot = take_snapshot(path)
    place: Path | None = arguments.sign_off
    sign_off = read_sign_off(path) if place is None else _read_named(place)
    verdict = _judge(arguments, home, snapshot, sign_off)
    for name, answer in verdict.answers():
        console.say(
            f"{name:<13} {'good' if answer.is_good else 'BAD'}: {answer.fact}",
            style="green" if answer.is_good else "bold red",
        )
    holds = _receipts_hold(home, snapshot.sha256, verdict, console)
    try:
        with console.counting("Checking the recording"):
            report = check_replay(strict_check(snapshot.content))
    except DamagedError:
        _row(console, verdict, None)
        raise
    console.say(
        f"{'replay':<13} {report.matched} of {report.checkpoints} checkpoints match, "
        f"{report.resyncs} resyncs, {report.blind_spans} blind spans"
    )
    _row(console, verdict, report)
    if not verdict.is_good:
        raise NotSignedError(
            f"this sign-off is not valid: {verdict.fault()}",
            hint="Do not rely on the episode." if verdict.fingerprint is None else None,
        )
    if arguments.commands:
        _show_commands(console, path, place, sign_off)
    return 3 if report.mismatches or not holds else 0


def _receipts_hold(home: Home, sha256: str, verdict: Verdict, console: Console) -> bool:
    """Show the receipts that are kept here; tell whether nothing contradicts one."""
    from signoff_collector.consent.log_proofs import judge_receipt
    from signoff_collector.consent.receipts import kept_receipts

    holds = True
    statement = verdict.statement
    for receipt in kept_receipts(home, sha256):
        body = receipt.body
        console.say(f"{'receipt':<13} {body.received_on} by {body.receiver}, {receipt.fingerprint}")
        receiver = statement.predicate.receiver if statement is not None else None
        is_for_it = statement is not None and statement.predicate.audience == body.receiver
        named = receiver.terms_sha256 if receiver is not None and is_for_it else None
        finding = judge_receipt(home, receipt, named)
        console.say(
            f"{'':<13} {'good' if finding.is_good else 'BAD'}: {finding.fact}",
            style="green" if finding.is_good else "bold red",
        )
        holds = holds and finding.is_good
    return holds


def _read_named(place: Path) -> SignOff:
    from signoff_collector.consent.sign_off_files import SignOff
    from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES
    from signoff_collector.own_files.private_files import read_regular
    from signoff_schemas.statement import MAX_STATEMENT_BYTES

    try:
        return SignOff(
            statement=read_regular(place, max_bytes=MAX_STATEMENT_BYTES),
            signature=read_regular(
                place.with_name(f"{place.name}.sig"), max_bytes=MAX_SIGNATURE_BYTES
            ),
        )
    except (NotFoundError, DamagedError) as error:
        raise NotSignedError(
            f"there is no complete sign-off at {place}",
            hint="It is two files: X.json and X.json.sig",
        ) from error


def _judge(
    arguments: argparse.Namespace, home: Home, snapshot: Snapshot, sign_off: SignOff
) -> Verdict:
    from signoff_collector.consent.terms.audience import canonical_audience
    from signoff_collector.consent.verifying import judge
    from signoff_collector.system.clock import SystemClock
    from signoff_collector.upload.outbox.outbox import Outbox, outbox_path
    from signoff_collector.upload.sending.checks import void_because

    now = datetime.fromtimestamp(SystemClock().wall_ns() // 1_000_000_000, UTC)
    with ExitStack() as stack:
        outbox = None
        if outbox_path(home).is_file():
            outbox = stack.enter_context(Outbox.open(home))
        return judge(
            snapshot,
            sign_off,
            voucher=_voucher(arguments, home, now),
            now=now,
            audience=canonical_audience(arguments.audience) if arguments.audience else None,
            void_because=partial(void_because, home, outbox),
        )


def _voucher(arguments: argparse.Namespace, home: Home, now: datetime) -> Voucher:
    from signoff_collector.consent.signatures.authority import read_allowed_signers, vouch_own
    from signoff_collector.consent.signatures.keys import KeyRegister
    from signoff_collector.consent.signatures.sshsig import SIGN_OFF

    if arguments.allowed_signers is None:
        register = KeyRegister(home)
        return lambda signed, key: vouch_own(register, signed.audience, key)
    signers = read_allowed_signers(arguments.allowed_signers)
    return lambda signed, key: signers.vouch(signed.contributor, key, SIGN_OFF, now)


def _row(console: Console, verdict: Verdict, report: CheckReport | None) -> None:
    if not console.is_json:
        return
    answers = {name: {"good": a.is_good, "fact": a.fact} for name, a in verdict.answers()}
    statement = verdict.statement
    console.row(
        {
            **answers,
            "good": verdict.is_good and report is not None,
            "sha256": statement.sha256 if statement else None,
            "record_id": statement.predicate.record_id if statement else None,
            "audience": statement.predicate.audience if statement else None,
            "fingerprint": verdict.fingerprint,
            "check": report.row() if report is not None else None,
        }
    )


def _show_commands(console: Console, path: Path, place: Path | None, sign_off: SignOff) -> None:
    """Print the commands with which anybody checks the same, without Signoff."""
    from signoff_collector.consent.sign_off_files import statement_path
    from signoff_collector.consent.stock_commands import stock_commands

    for command in stock_commands(path, place or statement_path(path), sign_off):
        console.say(command)
