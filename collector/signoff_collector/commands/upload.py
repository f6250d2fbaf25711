"""`signoff upload`: send a signed episode to the one audience it was signed for."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import NetworkError, SignoffError, UsageError

if TYPE_CHECKING:
    from signoff_collector.console import Console
    from signoff_collector.home import Home
    from signoff_collector.upload.outbox import Item, Outbox

SUMMARY: Final = "Send a signed episode to the audience that it was signed for."
EXAMPLE: Final = "signoff upload last --to file:///mnt/share/store"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "episode",
        metavar="EPISODE",
        nargs="?",
        help="a path or an id prefix; else the last one made",
    )
    parser.add_argument("--to", metavar="URL", help="file:///folder or s3://host/bucket/prefix")
    parser.add_argument(
        "--resume", action="store_true", help="send everything that waits in the outbox"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Send one episode, or with `--resume` all that waits."""
    from signoff_collector.home import resolve_home
    from signoff_collector.upload.outbox import Outbox, sending_lock

    if arguments.resume == (arguments.to is not None) or (arguments.resume and arguments.episode):
        raise UsageError(
            "say either where to send one episode, or --resume",
            hint="signoff upload last --to URL, or signoff upload --resume",
        )
    home = resolve_home().ensure()
    if arguments.resume:
        with sending_lock(home), Outbox.open(home) as outbox:
            return _resume(home, outbox, console)
    with Outbox.open(home) as outbox:
        item = _queue(arguments, home, outbox)
        with sending_lock(home):
            _send(item, home, outbox, console)
    return 0


def _queue(arguments: argparse.Namespace, home: Home, outbox: Outbox) -> Item:
    """Check everything that can be checked here, and put the episode into the outbox."""
    from signoff_collector.clock import SystemClock
    from signoff_collector.consent.audience import canonical_audience
    from signoff_collector.consent.sign_off_files import read_sign_off, take_snapshot
    from signoff_collector.episode.locating import locate
    from signoff_collector.upload.sending import check_before_sending
    from signoff_schemas.statement import parse_statement

    audience = canonical_audience(arguments.to)
    path = locate(home, arguments.episode or "last")
    snapshot = take_snapshot(path)
    sign_off = read_sign_off(path)
    check_before_sending(
        snapshot, sign_off, audience=audience, outbox=outbox, home=home, clock=SystemClock()
    )
    return outbox.add_item(
        record_id=parse_statement(sign_off.statement).predicate.record_id,
        sha256=snapshot.sha256,
        audience=audience,
        episode_path=path.resolve(),
        statement=sign_off.statement,
        signature=sign_off.signature,
    )


def _send(item: Item, home: Home, outbox: Outbox, console: Console) -> None:
    from signoff_collector.clock import SystemClock
    from signoff_collector.consent.audience import Audience
    from signoff_collector.upload.layout import blob_key, statement_key
    from signoff_collector.upload.sending import send_item
    from signoff_collector.upload.stores import open_store
    from signoff_schemas.statement import statement_sha256

    store = open_store(Audience(item.audience))
    send_item(item, store=store, outbox=outbox, home=home, clock=SystemClock())
    statement = statement_key(item.sha256, statement_sha256(item.statement))
    console.say(f"sent      {item.sha256}")
    console.say(f"to        {item.audience}")
    console.say(f"episode   {blob_key(item.sha256)}")
    console.say(f"sign-off  {statement}")
    console.say(f"take back: signoff withdraw {item.sha256[:16]}")
    if console.is_json:
        console.row(
            {
                "sha256": item.sha256,
                "record_id": item.record_id,
                "audience": item.audience,
                "state": "confirmed",
                "blob": blob_key(item.sha256),
                "statement": statement,
            }
        )


def _resume(home: Home, outbox: Outbox, console: Console) -> int:
    """Send all that waits; one failure does not keep the rest from being tried."""
    from signoff_collector.upload.withdrawing import carry_out

    failures: list[SignoffError] = []
    withdrawals, items = outbox.open_withdrawals(), outbox.open_items()
    for withdrawal in withdrawals:
        try:
            carry_out(withdrawal, outbox)
            console.say(f"withdrawn {withdrawal.sha256} from {withdrawal.audience}")
        except SignoffError as error:
            failures.append(error)
            console.note(f"error: {withdrawal.sha256[:16]}: {error}")
    for item in items:
        try:
            _send(item, home, outbox, console)
        except SignoffError as error:
            failures.append(error)
            console.note(f"error: {item.sha256[:16]}: {error}")
    total = len(withdrawals) + len(items)
    if not total:
        console.say("nothing waits")
    if failures and len(failures) == total:
        raise failures[0]
    if all(isinstance(error, NetworkError) for error in failures):
        return 1 if failures else 0
    return 3
