"""The key of a labeller, signatures over label sets, and who vouches for them.

The key is made for labels alone: it is none of those that sign episodes, so label sets and
sign-offs of one person cannot be joined by their keys.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.authority import Vouched
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.ssh_keygen import (
    make_key,
    read_public_key,
    sign_message,
)
from signoff_collector.consent.signatures.sshsig import LABELS
from signoff_collector.own_files.private_files import locked, make_private_folder
from signoff_schemas.errors import NotSignedError
from signoff_schemas.labels import parse_label_set

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from signoff_collector.consent.signatures.authority import AllowedSigners
    from signoff_collector.own_files.home import Home
    from signoff_schemas.labels import LabelSet

_ID_DIGITS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelKey:
    """The key with which a labeller signs."""

    path: Path
    """Of the private key."""
    public_key: bytes

    @property
    def labeller(self) -> str:
        """The name of its owner in label sets."""
        return labeller_of(self.public_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedSet:
    """A label set whose signature holds, and the key that made it."""

    found: LabelSet
    public_key: bytes
    fingerprint: str


def labeller_of(public_key: bytes) -> str:
    """Return the name of a key's owner in label sets: the beginning of the key's SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:_ID_DIGITS]


def label_key(home: Home) -> LabelKey:
    """Return the labeller's key of this home; made when there is none."""
    place = home.keys / "labels" / "id_ed25519"
    make_private_folder(place.parent)
    with locked(place.parent / "key.lock"):
        if not place.exists():
            place.with_suffix(".pub").unlink(missing_ok=True)
            make_key(place)
        return LabelKey(path=place, public_key=read_public_key(place.with_suffix(".pub")))


def sign_set(content: bytes, key: LabelKey) -> bytes:
    """Return a signature over the exact bytes of a label set.

    Raises:
        NotSignedError: the set names another labeller than the key's owner.
        SignoffError: ssh-keygen could not sign.
    """
    _need_labeller(parse_label_set(content), key.public_key)
    return sign_message(content, key=key.path, public_key=key.public_key, namespace=LABELS)


def verify_set(content: bytes, signature: bytes) -> SignedSet:
    """Return a label set after proving that its labeller's key signed these bytes.

    Raises:
        DamagedError: it is no label set.
        NotSignedError: the signature does not hold, or is another labeller's.
    """
    found = parse_label_set(content)
    signed = verify_signature(content, signature, LABELS)
    _need_labeller(found, signed.public_key)
    return SignedSet(found=found, public_key=signed.public_key, fingerprint=signed.fingerprint)


def vouch_for(
    signed: SignedSet, own: bytes | None, allowed: AllowedSigners | None, now: datetime
) -> Vouched:
    """Tell whether somebody vouches for the key: it is our own, or an allowed-signers file does.

    Args:
        signed: the set.
        own: our own public key for labels, if there is one.
        allowed: a file in which the line of a key has the labeller as its name.
        now: the time at which a line has to be valid.
    """
    if own is not None and signed.public_key == own:
        return Vouched(is_so=True, fact="your own key for labels")
    if allowed is None:
        return Vouched(is_so=False, fact="the key is not yours, and no --allowed-signers was given")
    return allowed.vouch(signed.found.labeller, signed.public_key, LABELS, now)


def _need_labeller(found: LabelSet, public_key: bytes) -> None:
    if found.labeller != labeller_of(public_key):
        raise NotSignedError(
            "these labels name another labeller than the key that signs them",
            hint="Only the labeller's own key can sign them.",
        )
