"""SSH signatures (OpenSSH, PROTOCOL.sshsig): reading, checking, one spelling.

Stricter than `ssh-keygen -Y verify` on purpose, because a signature travels with
an episode and must hold nothing else (threat 10): no certificates (they carry
names), no security-key application but `ssh:`, no reserved bytes, and an armour
that is byte for byte the one `armour()` writes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from typing import Final

from signoff_schemas.errors import NotSignedError

SIGN_OFF: Final = "signoff-episode-v1"
WITHDRAWAL: Final = "signoff-withdrawal-v1"
RECEIPT: Final = "signoff-receipt-v1"
LOGIN: Final = "signoff-login-v1"
DATASET: Final = "signoff-dataset-v1"
TERMS: Final = "signoff-terms-v1"
LOG: Final = "signoff-log-v1"
NOTICE: Final = "signoff-notice-v1"
BACKUP: Final = "signoff-backup-v1"
LABELS: Final = "signoff-labels-v1"
NAMESPACES: Final = (
    *(SIGN_OFF, WITHDRAWAL, RECEIPT, LOGIN, DATASET, TERMS, LOG, NOTICE, BACKUP),
    LABELS,
)
"""Namespaces: a signature made for one purpose is none for another (threat 30)."""

MAX_SIGNATURE_BYTES: Final = 16 << 10
_BEGIN: Final = b"-----BEGIN SSH SIGNATURE-----\n"
_END: Final = b"-----END SSH SIGNATURE-----\n"
_WRAP: Final = 70
_MAGIC: Final = b"SSHSIG"
_APPLICATION: Final = b"ssh:"
_COORDINATE_BYTES: Final = {b"nistp256": 32, b"nistp384": 48, b"nistp521": 66}
_HINT: Final = "Have the episode signed again: `signoff sign EPISODE --to AUDIENCE`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The parts of one signature, before any arithmetic."""

    public_key: bytes
    """The key's wire form, which allowed-signers files hold in base64."""
    key_type: str
    namespace: bytes
    hash_name: str
    signature: bytes
    """Type and value, as the key type lays them out."""

    @property
    def fingerprint(self) -> str:
        """The key as `ssh-keygen -l` names it."""
        return fingerprint(self.public_key)


class Wire:
    """A cursor over SSH wire bytes (RFC 4251, section 5)."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        if count > len(self._content) - self._at:
            raise _void("is cut short")
        self._at += count
        return self._content[self._at - count : self._at]

    def number(self) -> int:
        """Return the next 32-bit number."""
        return int(struct.unpack(">I", self.take(4))[0])

    def string(self) -> bytes:
        """Return the next length-prefixed string."""
        return self.take(self.number())

    def integer(self) -> int:
        """Return the next multiple-precision integer, in its shortest form and not negative."""
        content = self.string()
        if content[:1] >= b"\x80" or (content[:1] == b"\0" and content[1:2] < b"\x80"):
            raise _void("encodes a number in a non-canonical way")
        return int.from_bytes(content, "big")

    def end(self) -> None:
        """Refuse anything that is left."""
        if self._at != len(self._content):
            raise _void("has bytes after its end")


def wire_string(content: bytes) -> bytes:
    """Return `content` with its length before it."""
    return struct.pack(">I", len(content)) + content


def fingerprint(public_key: bytes) -> str:
    """Return the SHA-256 fingerprint of a key's wire form as `ssh-keygen -l` prints it."""
    digest = base64.b64encode(hashlib.sha256(public_key).digest()).rstrip(b"=")
    return f"SHA256:{digest.decode()}"


def armour(blob: bytes) -> bytes:
    """Return a signature as the only text form that is accepted."""
    text = base64.b64encode(blob)
    lines = [text[at : at + _WRAP] for at in range(0, len(text), _WRAP)]
    return _BEGIN + b"\n".join(lines) + b"\n" + _END


def unarmour(text: bytes, *, is_canonical: bool = True) -> bytes:
    """Return the signature inside its text form.

    Args:
        text: what the file holds.
        is_canonical: whether any other line breaks than `armour` writes are refused;
            False only for what a program of ours has just made.

    Raises:
        NotSignedError: it is no signature, or something is around it.
    """
    if len(text) > MAX_SIGNATURE_BYTES:
        raise _void(f"has {len(text)} bytes, more than {MAX_SIGNATURE_BYTES}")
    if not (text.startswith(_BEGIN) and text.endswith(_END)):
        raise _void("does not begin and end as an SSH signature")
    try:
        body = text[len(_BEGIN) : -len(_END)].replace(b"\n", b"")
        blob = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise _void("is not base64") from None
    if is_canonical and armour(blob) != text:
        raise _void("has text besides the signature, or other line breaks")
    return blob


def parse_signature(blob: bytes) -> Signature:
    """Take a signature apart, refusing all that could carry more than a signature.

    Raises:
        NotSignedError: it is malformed, a certificate, or for another application.
    """
    wire = Wire(blob)
    if wire.take(6) != _MAGIC or wire.number() != 1:
        raise _void("is not an SSH signature of version 1")
    public_key, namespace, reserved = wire.string(), wire.string(), wire.string()
    hash_name, signature = wire.string(), wire.string()
    wire.end()
    if reserved:
        raise _void(f"has {len(reserved)} reserved bytes")
    if hash_name not in (b"sha256", b"sha512"):
        raise _void("uses an unknown hash")
    return Signature(
        public_key=public_key,
        key_type=check_public_key(public_key),
        namespace=namespace,
        hash_name=hash_name.decode(),
        signature=signature,
    )


def check_public_key(public_key: bytes) -> str:
    """Return the type of a key after checking that it is a plain key of a known type.

    Raises:
        NotSignedError: a certificate, an application of its own, or malformed.
    """
    wire = Wire(public_key)
    key_type = wire.string()
    match key_type:
        case b"ssh-ed25519":
            _expect(len(wire.string()) == 32)
        case b"sk-ssh-ed25519@openssh.com":
            _expect(len(wire.string()) == 32)
            _expect_application(wire.string())
        case b"ecdsa-sha2-nistp256" | b"ecdsa-sha2-nistp384" | b"ecdsa-sha2-nistp521":
            curve = key_type.rpartition(b"-")[2]
            _expect(wire.string() == curve)
            _expect_point(wire.string(), _COORDINATE_BYTES[curve])
        case b"sk-ecdsa-sha2-nistp256@openssh.com":
            _expect(wire.string() == b"nistp256")
            _expect_point(wire.string(), _COORDINATE_BYTES[b"nistp256"])
            _expect_application(wire.string())
        case b"ssh-rsa":
            wire.integer()
            _expect(2048 <= wire.integer().bit_length() <= 16384)
        case _ if b"-cert-" in key_type:
            raise _void("is by a certificate, which carries names")
        case _:
            raise _void("is by a key of an unknown type")
    wire.end()
    return key_type.decode()


def signed_data(namespace: str, hash_name: str, message: bytes) -> bytes:
    """Return the bytes that the key itself signs."""
    digest = hashlib.new(hash_name, message).digest()
    parts = (namespace.encode(), b"", hash_name.encode(), digest)
    return _MAGIC + b"".join(map(wire_string, parts))


def _expect(is_so: bool) -> None:
    if not is_so:
        raise _void("is by a malformed or too short key")


def _expect_point(point: bytes, coordinate_bytes: int) -> None:
    """Refuse the short spelling of a point, as ssh-keygen does: one key, one fingerprint."""
    _expect(point[:1] == b"\x04" and len(point) == 1 + 2 * coordinate_bytes)


def _expect_application(application: bytes) -> None:
    if application != _APPLICATION:
        raise _void("is by a security key made for an application of its own")


def _void(fault: str) -> NotSignedError:
    return NotSignedError(f"the signature {fault}", hint=_HINT)
