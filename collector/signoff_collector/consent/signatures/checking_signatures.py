"""Verify SSH signatures cryptographically, with `cryptography` (PROTOCOL.sshsig, PROTOCOL.u2f)."""

from __future__ import annotations

import hashlib
import struct
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from signoff_collector.consent.signatures.sshsig import (
    Signature,
    Wire,
    parse_signature,
    signed_data,
    unarmour,
)
from signoff_schemas.errors import NotSignedError

_USER_PRESENT: Final = 1
_CURVES: Final[dict[bytes, tuple[ec.EllipticCurve, hashes.HashAlgorithm]]] = {
    b"nistp256": (ec.SECP256R1(), hashes.SHA256()),
    b"nistp384": (ec.SECP384R1(), hashes.SHA384()),
    b"nistp521": (ec.SECP521R1(), hashes.SHA512()),
}


def verify_signature(message: bytes, text: bytes, namespace: str) -> Signature:
    """Return the signature in `text` after proving that it is over `message`.

    It says which key signed, not whether anybody knows that key: see `authority`.

    Raises:
        NotSignedError: it is malformed, for another purpose, or over other bytes.
    """
    signature = parse_signature(unarmour(text))
    if signature.namespace != namespace.encode():
        raise NotSignedError(
            f"the signature was made for another purpose than {namespace}",
            hint="A commit's or another tool's signature is not a sign-off.",
        )
    data = signed_data(namespace, signature.hash_name, message)
    try:
        _verify(signature, data)
    except (InvalidSignature, ValueError):
        raise NotSignedError(
            f"the signature by {signature.fingerprint} is not over these bytes",
            hint="The statement or its signature was changed; sign again.",
        ) from None
    return signature


def _verify(signature: Signature, data: bytes) -> None:
    key, wire = Wire(signature.public_key), Wire(signature.signature)
    key_type, algorithm, value = key.string(), wire.string(), wire.string()
    match key_type:
        case b"ssh-ed25519" if algorithm == key_type:
            wire.end()
            _ed25519(key.string(), value, data)
        case b"sk-ssh-ed25519@openssh.com" if algorithm == key_type:
            point = key.string()
            _ed25519(point, value, _touched(key.string(), wire, data))
        case b"ssh-rsa" if algorithm in (b"rsa-sha2-256", b"rsa-sha2-512"):
            wire.end()
            _rsa(key, algorithm, value, data)
        case b"sk-ecdsa-sha2-nistp256@openssh.com" if algorithm == key_type:
            curve, point = key.string(), key.string()
            _ecdsa(curve, point, value, _touched(key.string(), wire, data))
        case _ if key_type.startswith(b"ecdsa-sha2-") and algorithm == key_type:
            wire.end()
            _ecdsa(key.string(), key.string(), value, data)
        case _:
            raise InvalidSignature


def _ed25519(point: bytes, value: bytes, data: bytes) -> None:
    ed25519.Ed25519PublicKey.from_public_bytes(point).verify(value, data)


def _rsa(key: Wire, algorithm: bytes, value: bytes, data: bytes) -> None:
    exponent, modulus = key.integer(), key.integer()
    digest = hashes.SHA256() if algorithm.endswith(b"256") else hashes.SHA512()
    public = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    public.verify(value, data, padding.PKCS1v15(), digest)


def _ecdsa(curve_name: bytes, point: bytes, value: bytes, data: bytes) -> None:
    curve, digest = _CURVES[curve_name]
    wire = Wire(value)
    encoded = encode_dss_signature(wire.integer(), wire.integer())
    wire.end()
    public = ec.EllipticCurvePublicKey.from_encoded_point(curve, point)
    public.verify(encoded, data, ec.ECDSA(digest))


def _touched(application: bytes, wire: Wire, data: bytes) -> bytes:
    """Return the data that a security key signed, after checking the user-presence flag."""
    flags, counter = wire.take(1)[0], wire.number()
    wire.end()
    if not flags & _USER_PRESENT:
        raise NotSignedError(
            "the signature was made by a security key that nobody touched",
            hint="Sign again and touch the key.",
        )
    parts = (hashlib.sha256(application).digest(), bytes([flags]), struct.pack(">I", counter))
    return b"".join(parts) + hashlib.sha256(data).digest()
