"""Options of who may sign, shared by the parts that ask it."""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from signoff_datasets.screening.authority import Authority


def add_authority(parser: argparse.ArgumentParser) -> None:
    """Declare `--allowed-signers` and `--audience`."""
    parser.add_argument(
        "--allowed-signers",
        type=Path,
        metavar="FILE",
        help="who may sign, as ssh-keygen reads it; else your own keys alone",
    )
    parser.add_argument(
        "--audience", metavar="URL", help="the only audience that is accepted, with these keys"
    )


def add_builder(parser: argparse.ArgumentParser) -> None:
    """Declare `--builder`."""
    parser.add_argument(
        "--builder",
        metavar="KEY",
        help="who may have built it: a file of public keys, or SHA256:…; else this machine's own",
    )


def builder_of(named: str | None) -> Callable[[bytes, str], bool]:
    """Return whether a key, by wire form and fingerprint, may have signed a manifest.

    Raises:
        SignoffError: the file cannot be read.
    """
    from signoff_collector.consent.signatures.ssh_keygen import read_public_key
    from signoff_collector.system.home import resolve_home
    from signoff_datasets.building.signing import is_own_builder

    if named is None:
        home = resolve_home()
        return lambda key, _: is_own_builder(home, key)
    if named.startswith("SHA256:"):
        return lambda _, fingerprint: fingerprint == named
    wanted = read_public_key(Path(named))
    return lambda key, _: key == wanted


@contextmanager
def authority_of(arguments: argparse.Namespace, day: datetime) -> Generator[Authority]:
    """Yield who may sign.

    Raises:
        UsageError: one option is there without the other.
        SignoffError: the file cannot be read.
    """
    from signoff_collector.consent.terms.audience import canonical_audience
    from signoff_collector.system.home import resolve_home
    from signoff_datasets.screening.authority import allowed_signers, own_keys

    if (arguments.allowed_signers is None) != (arguments.audience is None):
        raise UsageError(
            "--allowed-signers and --audience go together",
            hint="A key may sign for one audience and not for another.",
        )
    if arguments.allowed_signers is None:
        with own_keys(resolve_home()) as authority:
            yield authority
        return
    yield allowed_signers(arguments.allowed_signers, canonical_audience(arguments.audience), day)


def now() -> datetime:
    """Return the time of this machine, to the second."""
    from signoff_collector.system.clock import SystemClock

    return datetime.fromtimestamp(SystemClock().wall_ns() // 1_000_000_000, UTC)
