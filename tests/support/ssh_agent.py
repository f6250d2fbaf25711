"""An ssh-agent of the tests with a security key made of software (PROTOCOL.agent, .u2f)."""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signoff_collector.consent.signatures.sshsig import Wire, wire_string

APPLICATION = b"ssh:"
TOUCHED, VERIFIED = 1, 4
_FAILURE, _IDENTITIES, _SIGNED = 5, 12, 14


@dataclass
class SoftwareKey:
    """A security key: signs when it is touched, counts its signatures."""

    private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
    flags: int = TOUCHED
    counter: int = 7
    application: bytes = APPLICATION
    asked: list[bytes] = field(default_factory=list[bytes])

    @property
    def kind(self) -> bytes:
        is_ed25519 = isinstance(self.private, ed25519.Ed25519PrivateKey)
        return (
            b"sk-ssh-ed25519@openssh.com" if is_ed25519 else b"sk-ecdsa-sha2-nistp256@openssh.com"
        )

    @property
    def public(self) -> bytes:
        """Wire form."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            point = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            parts = (self.kind, point, self.application)
        else:
            point = self.private.public_key().public_bytes(
                Encoding.X962, PublicFormat.UncompressedPoint
            )
            parts = (self.kind, b"nistp256", point, self.application)
        return b"".join(map(wire_string, parts))

    @property
    def line(self) -> str:
        """As a `.pub` file holds it."""
        return f"{self.kind.decode()} {base64.b64encode(self.public).decode()}"

    def sign(self, data: bytes) -> bytes:
        """Return type, value, flags and counter, as SSH signatures hold them."""
        self.asked.append(data)
        self.counter += 1
        tail = bytes([self.flags]) + struct.pack(">I", self.counter)
        signed = hashlib.sha256(self.application).digest() + tail + hashlib.sha256(data).digest()
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            value = self.private.sign(signed)
        else:
            pair = decode_dss_signature(self.private.sign(signed, ec.ECDSA(hashes.SHA256())))
            value = b"".join(wire_string(_number(part)) for part in pair)
        return wire_string(self.kind) + wire_string(value) + tail


def software_key(kind: str, seed: int = 1) -> SoftwareKey:
    """Return a security key made from a seed; `kind` is ed25519 or ecdsa."""
    secret = hashlib.sha256(b"security key %d" % seed).digest()
    if kind == "ed25519":
        return SoftwareKey(private=ed25519.Ed25519PrivateKey.from_private_bytes(secret))
    return SoftwareKey(private=ec.derive_private_key(int.from_bytes(secret), ec.SECP256R1()))


@contextmanager
def agent_with(key: SoftwareKey, place: Path, *, refuses: bool = False) -> Iterator[str]:
    """Listen at `place` as ssh-agent does and yield the socket's path."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(place))
    listener.listen()

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client, client.makefile("rwb") as stream:
                while head := stream.read(4):
                    answer = _answer(key, stream.read(int.from_bytes(head)), refuses=refuses)
                    stream.write(wire_string(answer))
                    stream.flush()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield str(place)
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        listener.close()


def _answer(key: SoftwareKey, question: bytes, *, refuses: bool) -> bytes:
    match question[:1]:
        case b"\x0b":
            identity = wire_string(key.public) + wire_string(b"")
            return bytes([_IDENTITIES]) + struct.pack(">I", 1) + identity
        case b"\x0d" if not refuses:
            wire = Wire(question[1:])
            if wire.string() == key.public:
                return bytes([_SIGNED]) + wire_string(key.sign(wire.string()))
    return bytes([_FAILURE])


def _number(value: int) -> bytes:
    """Return a multiple-precision integer (RFC 4251, section 5)."""
    return value.to_bytes(value.bit_length() // 8 + 1)
