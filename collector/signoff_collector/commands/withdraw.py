"""`signoff withdraw`: take an episode back from wherever it was sent."""

from __future__ import annotations

import argparse
import re
import sys
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, Final

from signoff_collector.commands.erasing import add_erasing, may_erase
from signoff_schemas.errors import (
    DamagedError,
    NewerVersionError,
    NotFoundError,
    NotSignedError,
    SignoffError,
)

if TYPE_CHECKING:
    from signoff_collector.consent.recovery import Seed
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.upload.outbox.outbox import Outbox, QueuedWithdrawal
    from signoff_collector.upload.sending.taking_back import Claim

SUMMARY: Final = "Take an episode back: the receiver erases it and refuses it afterwards."
EXAMPLE: Final = "signoff withdraw last      or: signoff withdraw SHA256 --from URL --recovery-code"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_ID: Final = re.compile(r"[0-9a-f]{8,64}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "episode",
        metavar="EPISODE",
        nargs="?",
        default="last",
        help="a path, an id prefix, or a SHA-256",
    )
    parser.add_argument("--from", metavar="URL", dest="source", help="only from this store")
    parser.add_argument(
        "--recovery-code",
        action="store_true",
        help="read the recovery code from standard input, when keys are lost",
    )
    parser.add_argument(
        "--print-secret",
        action="store_true",
        help="erase nothing: print the secret with which a hub's page takes this one back",
    )
    add_erasing(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Withdraw from every store that the episode went to, or from the one named."""
    from signoff_collector.consent.recovery import find_seed
    from signoff_collector.consent.terms.audience import Audience, canonical_audience
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.upload.outbox.outbox import Outbox
    from signoff_collector.upload.outbox.outbox_file import try_sending_lock

    home = resolve_home().ensure()
    seed = _typed_seed(console) if arguments.recovery_code else find_seed(home)
    # a sender at work may wait for hours: what is taken back counts no more at once all the same
    lock = try_sending_lock(home)
    with lock or nullcontext(), Outbox.open(home) as outbox:
        sha256 = digest_named(home, outbox, arguments.episode)
        audiences = (
            [canonical_audience(arguments.source)]
            if arguments.source is not None
            else [Audience(name) for name in _audiences(home, outbox, arguments.episode, sha256)]
        )
        if not audiences:
            raise NotFoundError(
                f"episode {sha256[:16]} was never signed here",
                hint="Name the store it went to: signoff withdraw EPISODE --from URL",
            )
        if arguments.print_secret:
            return _print_secrets(
                sha256, audiences, home=home, name=arguments.episode, outbox=outbox, seed=seed,
                console=console,
            )  # fmt: skip
        for audience in audiences:
            console.say(f"episode {sha256} at {audience}: its copy there, its statement, receipts")
            if console.is_json:
                console.row({"going": {"sha256": sha256, "audience": audience}})
        question = f"Erase {sha256[:16]} there for good? There is no undo."
        if not may_erase(arguments, console, question):
            return 0
        failures: list[SignoffError] = []
        for audience in audiences:  # one store that is down does not save the copy in another
            try:
                queued = _queue(
                    sha256,
                    audience,
                    home=home,
                    name=arguments.episode,
                    outbox=outbox,
                    seed=seed,
                )
                if lock is None:
                    raise SignoffError(  # noqa: TRY301 - told like any other store's failure
                        f"queued for {audience}: the sign-off is void now, but another upload"
                        " or withdrawal is running",
                        hint="When that has ended: signoff upload --resume",
                    )
                _carry_out(queued, home, outbox, console)
            except SignoffError as error:
                failures.append(error)
    for other in failures[1:]:
        console.note(f"error: {other}")
    if failures:
        raise failures[0]
    console.say("A model that was already trained with it cannot be un-trained.")
    return 0


def _print_secrets(
    sha256: str,
    audiences: list[Audience],
    *,
    home: Home,
    name: str,
    outbox: Outbox,
    seed: Seed | None,
    console: Console,
) -> int:
    """Print what proves a withdrawal, for each place that it went to; nothing changes.

    It is good for this one sign-off: the seed that it comes from is not told.
    """
    from signoff_collector.consent.recovery import withdrawal_handle, withdrawal_secret

    shown = 0
    for audience in audiences:
        claims = _claims(sha256, audience, home=home, name=name, outbox=outbox, seed=seed)
        for record_id, handle in sorted({(one.record_id, one.handle) for one in claims}):
            secret = None if seed is None else withdrawal_secret(seed, audience, record_id)
            if secret is None or withdrawal_handle(secret) != handle:
                continue
            shown += 1
            console.note(f"whoever has this can take {sha256[:16]} back from {audience}:")
            console.say(secret.hex())
            if console.is_json:
                console.row({"sha256": sha256, "audience": audience, "secret": secret.hex()})
    if not shown:
        raise NotFoundError(
            f"this machine has no secret with which {sha256[:16]} could be taken back",
            hint="On the machine that signed it, or with --recovery-code, it can be printed.",
        )
    return 0


def _typed_seed(console: Console) -> Seed:
    from signoff_collector.consent.recovery import parse_recovery_code

    if sys.stdin.isatty():
        console.note("recovery code:")
    return parse_recovery_code(sys.stdin.readline(200))


def digest_named(home: Home, outbox: Outbox, name: str) -> str:
    """Return the digest of an episode, also when its file is gone."""
    from signoff_collector.consent.sign_off_files import take_snapshot
    from signoff_collector.episode.locating import locate

    if _SHA256.fullmatch(name):
        return name
    known = outbox.digests_like(name) if _ID.fullmatch(name) else ()
    if len(known) == 1:
        return known[0]
    return take_snapshot(locate(home, name)).sha256


def _audiences(home: Home, outbox: Outbox, name: str, sha256: str) -> list[str]:
    """Return where our records, or the statement beside the episode, say that it went."""
    from signoff_collector.consent.sign_off_files import read_sign_off
    from signoff_collector.episode.locating import locate
    from signoff_schemas.statement import parse_statement

    found = [audience for _, audience, _ in outbox.records_of(sha256)]
    if not found:
        try:
            beside = parse_statement(read_sign_off(locate(home, name)).statement)
        except (NotFoundError, NotSignedError, DamagedError, NewerVersionError):
            return []
        if beside.sha256 == sha256:
            found.append(beside.predicate.audience)
    return sorted(set(found))


def _queue(
    sha256: str,
    audience: Audience,
    *,
    home: Home,
    name: str,
    outbox: Outbox,
    seed: Seed | None,
) -> QueuedWithdrawal:
    """Have the sign-offs count no more, and put the withdrawal into the outbox."""
    from signoff_collector.system.clock import SystemClock
    from signoff_collector.upload.outbox.outbox import WITHDRAWN
    from signoff_collector.upload.sending.taking_back import make_tombstone

    claims = _claims(sha256, audience, home=home, name=name, outbox=outbox, seed=seed)
    tombstone = make_tombstone(home, claims, audience, seed=seed, clock=SystemClock())
    because = f"{WITHDRAWN} on {tombstone.withdrawn_on}"
    for record_id in {tombstone.record_id, *(claim.record_id for claim in claims)}:
        outbox.void(record_id, sha256, audience, because)
    outbox.withdrawals.add(tombstone.record_id, sha256, audience, tombstone.encode())
    return next(item for item in outbox.withdrawals.open() if item.record_id == tombstone.record_id)


def _carry_out(queued: QueuedWithdrawal, home: Home, outbox: Outbox, console: Console) -> None:
    from signoff_collector.upload.sending.withdrawing import carry_out

    done = carry_out(queued, outbox, home)
    if done.erase_by is None:
        told = f"{len(done.erased)} objects erased, tombstone left"
    elif done.bytes_stay:
        told = (
            f"your sign-off counts no more, and is gone by {done.erase_by}; somebody else signed"
            " the same bytes before you, and they stay"
        )
    else:
        told = f"nobody reads it there from now on, its bytes are gone by {done.erase_by}"
    console.say(f"withdrawn {queued.sha256}")
    console.say(f"from      {queued.audience}: {told}")
    if console.is_json:
        console.row(
            {
                "sha256": queued.sha256,
                "audience": queued.audience,
                "record_id": queued.record_id,
                "erased": list(done.erased),
                "erase_by": done.erase_by,
                "bytes_stay": done.bytes_stay,
            }
        )


def _claims(
    sha256: str, audience: Audience, *, home: Home, name: str, outbox: Outbox, seed: Seed | None
) -> tuple[Claim, ...]:
    """Return what may be claimed; what the store holds comes last, so that it counts first.

    A store that is down is only a reason to stop when nothing is known without it. A hub shows
    sign-offs to nobody: there the one beside the episode counts.
    """
    from signoff_collector.consent.terms.audience import is_hub
    from signoff_collector.upload.sending.taking_back import (
        local_claims,
        recorded_claims,
        stored_claims,
    )
    from signoff_collector.upload.stores.stores import open_store
    from signoff_schemas.errors import NetworkError

    known = (
        *recorded_claims(outbox, sha256, audience, seed),
        *local_claims(outbox, sha256, audience),
    )
    if is_hub(audience):
        return (*_claims_beside(home, name, sha256, audience), *known)
    try:
        with closing(open_store(audience)) as store:
            return (*known, *stored_claims(store, sha256))
    except NetworkError as error:
        if not known:
            raise NetworkError(
                f"{error}; nothing was queued, since this machine knows of no episode sent there",
                hint="Check the name after --from; run it again when the store is back.",
            ) from error
        return known


def _claims_beside(home: Home, name: str, sha256: str, audience: Audience) -> tuple[Claim, ...]:
    """Return the claim for the sign-off beside the episode, where that is for this hub."""
    from signoff_collector.consent.sign_off_files import read_sign_off
    from signoff_collector.episode.locating import locate
    from signoff_collector.upload.sending.taking_back import claims_of
    from signoff_schemas.statement import parse_statement

    try:
        beside = read_sign_off(locate(home, name))
        named = parse_statement(beside.statement).predicate.audience
    except (NotFoundError, NotSignedError, DamagedError, NewerVersionError):
        return ()
    return claims_of(sha256, beside) if named == audience else ()
