"""AWS Signature Version 4 for S3 requests, as pure functions.

Source: Amazon S3 API Reference, "Signature Calculations for the Authorization Header:
Transferring Payload in a Single Chunk".
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALGORITHM: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who asks; never printed."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request before it is signed."""

    method: str
    path: str
    """Not yet percent-encoded, beginning with a slash."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """In lower case, `host` among them."""
    body: bytes = b""

    @property
    def target(self) -> str:
        """What follows the method on the request line."""
        return f"{_encoded_path(self.path)}{'?' if self.query else ''}{_encoded_query(self.query)}"


def sign_request(
    request: Request, credentials: Credentials, *, region: str, amz_date: str
) -> dict[str, str]:
    """Return all headers of the request, with date, payload digest and signature.

    Args:
        request: what is asked.
        credentials: by whom.
        region: the store's region.
        amz_date: the time as `20130524T000000Z`.
    """
    payload = hashlib.sha256(request.body).hexdigest()
    headers = {**request.headers, "x-amz-content-sha256": payload, "x-amz-date": amz_date}
    if credentials.session_token is not None:
        headers["x-amz-security-token"] = credentials.session_token
    names = ";".join(sorted(headers))
    canonical = "\n".join(
        (
            request.method,
            _encoded_path(request.path),
            _encoded_query(request.query),
            *(f"{name}:{headers[name].strip()}" for name in sorted(headers)),
            "",
            names,
            payload,
        )
    )
    scope = f"{amz_date[:8]}/{region}/s3/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join((_ALGORITHM, amz_date, scope, digest))
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = _keyed(key, part)
    headers["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={_keyed(key, to_sign).hex()}"
    )
    return headers


def _encoded_path(path: str) -> str:
    return quote(path, safe="/-_.~")


def _encoded_query(query: Mapping[str, str]) -> str:
    pairs = sorted((quote(name, safe="-_.~"), quote(query[name], safe="-_.~")) for name in query)
    return "&".join(f"{name}={value}" for name, value in pairs)


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
