"""`signoff upload`: send a signed episode to the one audience it was signed for."""

from __future__ import annotations

import argparse
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.commands.withdraw import digest_named
from signoff_schemas.errors import NetworkError, NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.upload.outbox.outbox import Item, Outbox
    from signoff_collector.upload.outbox.queued import QueuedWithdrawal
    from signoff_collector.upload.sending.rounds import Outcome
    from signoff_collector.upload.sending.under_way import Sent

SUMMARY: Final = "Send a signed episode to the audience that it was signed for."
EXAMPLE: Final = "signoff upload last --to file:///mnt/share/store"
_CODE: Final = r"[A-Za-z0-9-]{16,80}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "episode",
        metavar="EPISODE",
        nargs="?",
        help="a path or an id prefix; else the last one made",
    )
    parser.add_argument(
        "--to",
        metavar="URL",
        help="file:///folder, s3://host/bucket/prefix or a hub's https://host",
    )
    parser.add_argument(
        "--ca",
        type=Path,
        metavar="FILE",
        help="trust this private authority (PEM) for this hub, from now on",
    )
    parser.add_argument(
        "--enrol",
        action="store_true",
        help="ask for the enrolment code of a hub that takes members alone; once for each key",
    )
    parser.add_argument(
        "--resume", action="store_true", help="send everything that waits in the outbox"
    )
    parser.add_argument(
        "--cancel",
        action="store_true",
        help="cancel the upload of EPISODE, and remove what was already sent",
    )
    parser.add_argument(
        "--wait",
        metavar="TIME",
        help="if the store is down: keep trying for this long, such as 10m",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Send one episode, with `--resume` all that waits, or cancel one."""
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.upload.outbox.outbox import Outbox, sending_lock

    _check_usage(arguments)
    wait_s = _seconds(arguments.wait)
    home = resolve_home().ensure()
    if arguments.ca is not None:
        _trust(home, arguments.to, arguments.ca)
    if arguments.cancel:
        with Outbox.open(home) as outbox:
            return _cancel(arguments, home, outbox, console)
    if arguments.resume:
        with sending_lock(home), Outbox.open(home) as outbox:
            return _resume(home, outbox, console, wait_s)
    with Outbox.open(home) as outbox:
        item = _queue(arguments, home, outbox)
        if arguments.enrol:
            _enrol(item, home, console)
        with sending_lock(home):
            _send(item, home, outbox, console, wait_s)
    return 0


def _trust(home: Home, named: str, authority: Path) -> None:
    """Keep the certificate by which a hub is recognised."""
    from signoff_collector.consent.terms.audience import canonical_audience
    from signoff_collector.upload.hub.authorities import keep_authority

    keep_authority(home, canonical_audience(named), authority)


def _enrol(item: Item, home: Home, console: Console) -> None:
    """Make the key that signed the episode one of a member of its hub."""
    from contextlib import closing

    from signoff_collector.consent.sign_off_files import SignOff
    from signoff_collector.consent.terms.audience import canonical_audience
    from signoff_collector.upload.hub.authorities import open_hub
    from signoff_collector.upload.hub.own_key import key_that_signed

    said = console.ask("Enrolment code:") if console.is_terminal else sys.stdin.readline()
    code = said.strip()
    if re.fullmatch(_CODE, code) is None:
        raise UsageError(
            "that is no enrolment code",
            hint="Copy it whole; whoever runs the hub says how one is drawn.",
        )
    sign_off = SignOff(statement=item.statement, signature=item.signature)
    audience = canonical_audience(item.audience)
    with closing(open_hub(home, audience)) as client:
        client.enrol(key_that_signed(home, audience, sign_off), code)
    console.say(f"enrolled at {audience}")


def _check_usage(arguments: argparse.Namespace) -> None:
    is_alone = arguments.resume and not (arguments.to or arguments.episode or arguments.cancel)
    if arguments.ca is not None and arguments.to is None:
        raise UsageError("--ca says how one hub is recognised", hint="Name it: --to https://HOST")
    if arguments.enrol and not (arguments.to or "").startswith("http"):
        raise UsageError("--enrol is for a hub", hint="Name it: --to https://HOST")
    is_one = not arguments.resume and (arguments.to is not None or arguments.cancel)
    if not (is_alone or is_one):
        raise UsageError(
            "give one of --to URL, --resume or --cancel EPISODE",
            hint="signoff upload last --to URL, or signoff upload --resume",
        )


def _seconds(text: str | None) -> float:
    from signoff_collector.commands.pause import parse_duration_ns

    return 0.0 if text is None else parse_duration_ns(text) / 1_000_000_000


def _queue(arguments: argparse.Namespace, home: Home, outbox: Outbox) -> Item:
    """Check everything that can be checked here, and put the episode into the outbox."""
    from signoff_collector.consent.sign_off_files import read_sign_off, take_snapshot
    from signoff_collector.consent.terms.audience import canonical_audience
    from signoff_collector.episode.imported import refuse_imported_bytes
    from signoff_collector.episode.locating import locate
    from signoff_collector.system.clock import SystemClock
    from signoff_collector.upload.sending.checks import check_before_sending
    from signoff_schemas.statement import parse_statement

    audience = canonical_audience(arguments.to)
    path = locate(home, "last" if arguments.episode is None else arguments.episode)
    snapshot = take_snapshot(path)
    refuse_imported_bytes(snapshot.content)
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


def _send(item: Item, home: Home, outbox: Outbox, console: Console, wait_s: float) -> None:
    """Send one upload, and with time to wait try again while only the way there is missing."""
    from signoff_collector.system.clock import SystemClock
    from signoff_collector.upload.sending.rounds import Sender

    with _progress(console) as on_start:
        sender = Sender(home=home, outbox=outbox, clock=SystemClock(), on_start=on_start)
        sent = sender.persist(item, for_s=wait_s)
    _report(item, sent, console)


def _report(item: Item, sent: Sent, console: Console) -> None:
    from signoff_collector.upload.outbox.outbox import State
    from signoff_collector.upload.stores.layout import blob_key, statement_key
    from signoff_schemas.statement import statement_sha256

    if sent.state == State.CANCELLED:
        _say_state("cancelled", item, "to", console)
        return
    statement = statement_key(item.sha256, statement_sha256(item.statement))
    console.say(f"sent      {item.sha256}")
    console.say(f"to        {item.audience}")
    console.say(f"episode   {blob_key(item.sha256)}")
    console.say(f"sign-off  {statement}")
    console.say(f"take back: signoff withdraw {item.sha256[:16]}")
    if sent.keeps_versions:
        console.note("this bucket keeps old versions: withdrawing cannot erase those (exit code 3)")
    if console.is_json:
        console.row(
            {
                "sha256": item.sha256,
                "record_id": item.record_id,
                "audience": item.audience,
                "state": "confirmed",
                "blob": blob_key(item.sha256),
                "statement": statement,
                "keeps_versions": sent.keeps_versions,
            }
        )


@contextmanager
def _progress(console: Console) -> Generator[Callable[[Item], Callable[[int], None]]]:
    """Show on a terminal how much of an episode has left; quiet anywhere else."""
    with console.counting("Sending") as tell:

        def on_start(item: Item) -> Callable[[int], None]:
            try:
                total = Path(item.episode_path).stat().st_size
            except OSError:
                total = 0
            gone = 0

            def on_sent(size: int) -> None:
                nonlocal gone
                gone += size
                tell(min(gone, total), total)

            return on_sent

        yield on_start


def _resume(home: Home, outbox: Outbox, console: Console, wait_s: float) -> int:
    """Send all that waits; one failure does not keep the rest from being tried."""
    from signoff_collector.system.clock import SystemClock
    from signoff_collector.upload.sending.rounds import Sender

    with _progress(console) as on_start:
        sender = Sender(
            home=home,
            outbox=outbox,
            clock=SystemClock(),
            on_start=on_start,
            on_end=lambda outcome: _say_outcome(outcome, console),
        )
        outcomes = sender.until_done(for_s=wait_s)
    failures = [outcome.error for outcome in outcomes if outcome.error is not None]
    if not outcomes:
        console.say("nothing waits to be sent")
    if failures and len(failures) == len(outcomes):
        raise failures[0]
    if all(isinstance(error, NetworkError) for error in failures):
        return 1 if failures else 0
    return 3


def _say_outcome(outcome: Outcome, console: Console) -> None:
    from signoff_collector.upload.outbox.outbox import Item

    waiting = outcome.waiting
    if outcome.error is not None:
        console.note(f"error: {waiting.sha256[:16]}: {outcome.error}")
    elif isinstance(waiting, Item) and outcome.sent is not None:
        _report(waiting, outcome.sent, console)
    else:
        _say_state("withdrawn", waiting, "from", console)


def _say_state(
    state: str, item: Item | QueuedWithdrawal, preposition: str, console: Console
) -> None:
    console.say(f"{state} {item.sha256} {preposition} {item.audience}")
    if console.is_json:
        row = {"sha256": item.sha256, "record_id": item.record_id, "audience": item.audience}
        console.row({**row, "state": state})


def _cancel(arguments: argparse.Namespace, home: Home, outbox: Outbox, console: Console) -> int:
    """Cancel what waits of one episode; what is at a store already is taken out again."""
    from signoff_collector.consent.terms.audience import canonical_audience
    from signoff_collector.system.clock import SystemClock
    from signoff_collector.upload.outbox.outbox import State
    from signoff_collector.upload.outbox.outbox_file import try_sending_lock
    from signoff_collector.upload.outbox.queued import OPEN_STATES
    from signoff_collector.upload.sending.rounds import Sender

    sha256 = digest_named(home, outbox, "last" if arguments.episode is None else arguments.episode)
    audience = canonical_audience(arguments.to) if arguments.to else None
    waiting = [
        item
        for item in outbox.items_of(sha256)
        if item.state in OPEN_STATES and audience in (None, item.audience)
    ]
    if not waiting:
        raise NotFoundError(
            f"no upload of {sha256[:16]} waits to be sent",
            hint=f"To take back what was sent: signoff withdraw {sha256[:16]}",
        )
    for item in waiting:
        if outbox.cancel(item.record_id) == State.CANCELLED:
            _say_state("cancelled", item, "to", console)
            continue
        lock = try_sending_lock(home)
        if lock is None:
            console.say(
                f"the upload that is running removes {item.sha256[:16]} from {item.audience}"
            )
            continue
        with lock:
            sender = Sender(home=home, outbox=outbox, clock=SystemClock())
            _report(item, sender.send(outbox.item(item.record_id)), console)
    return 0
