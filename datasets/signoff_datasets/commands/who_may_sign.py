"""Options of who may sign, shared by the parts that ask it."""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from signoff_schemas.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from signoff_collector.consent.terms.audience import Audience
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
    from signoff_collector.own_files.home import resolve_home
    from signoff_datasets.building.signing import is_own_builder

    if named is None:
        home = resolve_home()
        return lambda key, _: is_own_builder(home, key)
    if named.startswith("SHA256:"):
        return lambda _, fingerprint: fingerprint == named
    wanted = read_public_key(Path(named))
    return lambda key, _: key == wanted


def add_hub(parser: argparse.ArgumentParser) -> None:
    """Declare `--hub`."""
    parser.add_argument(
        "--hub",
        metavar="URL",
        help="the hub that it is from, whose receipts vouch for who signed; else the one known"
        " here by the key of the manifest",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HubThatBuilt:
    """A hub that vouches for what is in a data set, as it is known on this machine."""

    address: Audience
    key_fingerprint: str
    log_size: int | None
    """None: the log was never asked for here."""

    def authority(self) -> Authority:
        """Return who may sign: whose episodes the hub admitted."""
        from signoff_datasets.screening.authority import receiver

        return receiver(self.address, self.key_fingerprint, self.log_size)


def hub_that_built(arguments: argparse.Namespace) -> HubThatBuilt | None:
    """Return the hub of the data set in `arguments.folder`, by `--hub` or its manifest's key.

    None where other options say who may sign, or no hub is known by that key.

    Raises:
        UsageError: `--hub` is no hub's address, or stands beside other options of who may sign.
        NotFoundError: neither the terms of that hub are here, nor is its key given.
    """
    from signoff_collector.consent.hub_terms import find_terms
    from signoff_collector.consent.terms.audience import canonical_audience, is_hub
    from signoff_collector.own_files.home import resolve_home
    from signoff_datasets.hubs.heads import kept_head
    from signoff_datasets.hubs.pinning import hub_with_key
    from signoff_datasets.verifying.verifying import read_manifest, signature_findings

    others = arguments.allowed_signers is not None or arguments.audience is not None
    if others and arguments.hub is not None:
        raise UsageError(
            "--hub says who may sign, and so do --allowed-signers and --audience",
            hint="Leave out one or the other.",
        )
    if others:
        return None
    home = resolve_home()
    if arguments.hub is None:
        _, content = read_manifest(arguments.folder)
        signer, _ = signature_findings(arguments.folder, content, lambda _, __: True)
        kept = hub_with_key(home, signer)
        address = None if kept is None else kept.audience
    else:
        address = canonical_audience(arguments.hub)
        if not is_hub(address):
            raise UsageError("--hub is the address of no hub", hint="Write https://hub/team.")
        kept = find_terms(home, address)
    if address is None:
        return None
    if kept is not None:
        head = kept_head(home, kept)
        return HubThatBuilt(
            address=address,
            key_fingerprint=kept.terms.receipt_key_fingerprint,
            log_size=None if head is None else head.size,
        )
    named = arguments.builder
    if named is None:
        raise NotFoundError(
            f"the key of {address} is not known here",
            hint="Give it as --builder: a file with the public key, or SHA256:… from its terms.",
        )
    return HubThatBuilt(address=address, key_fingerprint=_fingerprint(named), log_size=None)


def _fingerprint(named: str) -> str:
    from signoff_collector.consent.signatures.ssh_keygen import read_public_key
    from signoff_collector.consent.signatures.sshsig import fingerprint

    return named if named.startswith("SHA256:") else fingerprint(read_public_key(Path(named)))


@contextmanager
def authority_of(arguments: argparse.Namespace, day: datetime) -> Generator[Authority]:
    """Yield who may sign.

    Raises:
        UsageError: one option is there without the other.
        SignoffError: the file cannot be read.
    """
    from signoff_collector.consent.terms.audience import canonical_audience
    from signoff_collector.own_files.home import resolve_home
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
