"""`signoff seal`: turn a session into an episode."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from signoff_collector.known_values.kept_values import kept_values
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.sealing import PARTS
from signoff_collector.system.clock import SystemClock
from signoff_collector.system.offline import leave_network
from signoff_schemas.errors import GaveWayError, SignoffError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from signoff_collector.capture.sessions.session_folder import Session
    from signoff_collector.known_values.kept_values import Kept
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.seal.sealing import SealedEpisode
    from signoff_collector.system.clock import Clock

SUMMARY = "Turn a session into an episode: one masked file that can be replayed."
EXAMPLE = "signoff seal --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "session",
        nargs="?",
        metavar="SESSION",
        help="id, or its beginning; else the newest session of this folder",
    )
    parser.add_argument(
        "--sweep", action="store_true", help="seal every session that is over, quietly"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Leave the network, then seal one session or all that are over."""
    home, clock = resolve_home(), SystemClock()
    kept = kept_values(home)  # before leaving: another user namespace has another keyring
    is_offline = leave_network()
    if arguments.sweep:
        return _sweep(home, clock, console, kept)
    with console.counting("Sealing") as tell:
        sealed = _seal_one(
            home, clock, arguments.session, kept, lambda part: tell(PARTS.index(part), len(PARTS))
        )
    if not console.is_json:
        console.say(f"Sealed session {sealed.session}: {sealed.steps} steps")
        console.say(str(sealed.path))
        for place in sealed.left_out:
            console.say(f"! Left out, since it could not be masked: {place}")
        where = "in an empty network namespace" if is_offline else "without a network namespace"
        console.say(f"Sealed {where}. `signoff review` shows what is in it.")
    else:
        console.row(sealed.row())
    return 0


def _seal_one(
    home: Home, clock: Clock, name: str | None, kept: Kept, progress: Callable[[str], None]
) -> SealedEpisode:
    from signoff_collector.seal.gathering.owning import choose_session, owned
    from signoff_collector.seal.sealing import seal_session

    session = choose_session(home, name, Path.cwd())
    with owned(session, home, clock):
        return seal_session(session, home, clock, kept=kept, progress=progress)


def _sweep(home: Home, clock: Clock, console: Console, kept: Kept) -> int:
    """Seal what is left until nobody asks for more; return the first failure's exit code."""
    from signoff_collector.capture.sessions.session_life import in_rounds
    from signoff_collector.history.search.finding import bring_up_to_date

    codes: dict[str, int] = {}
    if home.exists:
        in_rounds(home, lambda: _seal_waiting(home, clock, console, codes, kept))
        bring_up_to_date(home, clock)
    return next((code for code in codes.values() if code), 0)


def _seal_waiting(
    home: Home, clock: Clock, console: Console, codes: dict[str, int], kept: Kept
) -> None:
    """Seal one session after another; a failure is kept and does not stop the others.

    What failed in an earlier round is left for another sweep: attempts are counted.
    """
    from signoff_collector.capture.sessions.session_listing import waiting_sessions
    from signoff_collector.seal.upkeep import finish_and_purge

    finish_and_purge(home, clock)
    for session in waiting_sessions(home, clock):
        if not codes.get(session.id):
            codes[session.id] = _seal_if_free(session, home, clock, console, kept)


def _seal_if_free(session: Session, home: Home, clock: Clock, console: Console, kept: Kept) -> int:
    from signoff_collector.seal.giving_way import let_pass
    from signoff_collector.seal.sealing import seal_session

    try:
        own = session.try_own()
        if own is None:
            return 0  # whoever holds it sweeps after letting go
        with own:
            console.row(seal_session(session, home, clock, kept=kept).row())
    except GaveWayError:
        let_pass(home)
        return 0  # its `forget` asks for another round when it has ended
    except SignoffError as error:
        return error.exit_code
    except Exception as error:  # noqa: BLE001  a fault of ours costs one session, not all
        console.note(f"error: session {session.id}: unexpected {type(error).__name__}")
        return 1
    return 0
