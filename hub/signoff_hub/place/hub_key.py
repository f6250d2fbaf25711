"""The hub's own key: signs terms, receipts, heads of the log and notices, each in its namespace.

In process and not by `ssh-keygen`, which takes 13 ms a signature; stock `ssh-keygen -Y verify`
judges what comes out (OpenSSH PROTOCOL.sshsig).
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from signoff_collector.consent.signatures.ssh_keygen import parse_public_key
from signoff_collector.consent.signatures.sshsig import (
    armour,
    fingerprint,
    signed_data,
    wire_string,
)
from signoff_collector.own_files.private_files import replace_private
from signoff_hub.place.looking import is_there, read_own
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from pathlib import Path

_MAX_KEY_BYTES: Final = 16 << 10
_HASH: Final = "sha512"


class HubKey:
    """An ed25519 key that can sign now; safe to use from any thread."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        self.public_line: Final = line.decode("ascii")
        """As `TYPE BASE64`."""
        self.public_key: Final = parse_public_key(self.public_line)
        """Wire form."""
        self.fingerprint: Final = fingerprint(self.public_key)

    def secret_for(self, purpose: str) -> bytes:
        """Return 32 bytes that whoever has this key can make again, other ones for each purpose."""
        raw = self._key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return hmac.digest(raw, f"signoff hub\n{purpose}".encode(), "sha256")

    def sign(self, message: bytes, namespace: str) -> bytes:
        """Return an armoured SSHSIG over a message."""
        data = signed_data(namespace, _HASH, message)
        value = wire_string(b"ssh-ed25519") + wire_string(self._key.sign(data))
        parts = (namespace.encode("ascii"), b"", _HASH.encode("ascii"), value)
        head = b"SSHSIG" + (1).to_bytes(4, "big") + wire_string(self.public_key)
        return armour(head + b"".join(wire_string(part) for part in parts))


def open_hub_key(path: Path) -> HubKey:
    """Read the key of a hub, or make it when there is none yet.

    Raises:
        DamagedError: the file holds no ed25519 key without a passphrase.
    """
    if not is_there(path):  # a link that leads nowhere is a key that is away, and none to be made
        made = Ed25519PrivateKey.generate()
        content = made.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        replace_private(path, content)
    try:
        key = load_ssh_private_key(read_own(path, max_bytes=_MAX_KEY_BYTES), password=None)
    except (ValueError, TypeError):
        raise DamagedError(
            "the hub's key cannot be read", hint="Put the key from the backup in its place."
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise DamagedError(
            "the hub's key is not an ed25519 key", hint="Put the key from the backup in its place."
        )
    return HubKey(key)
