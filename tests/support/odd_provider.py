"""An OpenID provider on the loopback that tests can have lie in any of its answers.

What a good one does is tried with other people's (`make e2e-hub`); this one is for what a bad one
may try. It signs with `cryptography` alone, so that nothing of the hub's reader judges itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from tests.support.tls import Certificates

CLIENT = "signoff-hub"


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def part(value: object) -> str:
    return b64(json.dumps(value).encode())


@dataclass
class OddProvider:
    """What it says; each may be replaced by a test."""

    issuer: str = ""
    now: int = 0
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)
    signs_with: str = "one"
    shown: list[str] | None = None
    """Ids of the keys it shows; None: all."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """What was asked at the sign-in, by the code it gave for it."""
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "ada", "groups": ["developers"]})
    description: dict[str, Any] = field(default_factory=dict)
    """Replaces what its discovery document says."""
    claims: dict[str, Any] = field(default_factory=dict)
    """Replaces claims; None leaves one away."""
    token: Callable[[dict[str, Any]], str] | None = None
    """Makes the identity in another way than it should."""
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Replaces a whole answer, by its path."""
    asked: list[str] = field(default_factory=list)

    def signed(self, claims: dict[str, Any], *, algorithm: str = "RS256") -> str:
        head = part({"alg": algorithm, "kid": self.signs_with, "typ": "JWT"})
        message = f"{head}.{part(claims)}"
        key = self.keys[self.signs_with]
        return f"{message}.{b64(key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def sign_in(self, address: str) -> dict[str, str]:
        """Be the page at which a person signs in: return what the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def _jwks(self) -> dict[str, Any]:
        found = []
        for kid in self.keys if self.shown is None else self.shown:
            numbers = self.keys[kid].public_key().public_numbers()
            n, e = (
                b64(one.to_bytes((one.bit_length() + 7) // 8, "big"))
                for one in (numbers.n, numbers.e)
            )
            found.append({"kty": "RSA", "kid": kid, "use": "sig", "n": n, "e": e})
        return {"keys": found}

    def _token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None:
            return 400, {"error": "invalid_grant"}
        if b64(hashlib.sha256(form["code_verifier"].encode()).digest()) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "exp": self.now + 300,
            "iat": self.now,
            "nonce": asked["nonce"],
            **self.person,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        made = self.signed(claims) if self.token is None else self.token(claims)
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": made}

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            said: tuple[int, Any] = (
                200,
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/auth",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/jwks",
                    "userinfo_endpoint": f"{self.issuer}/me",
                    **self.description,
                },
            )
        elif path == "/jwks":
            said = (200, self._jwks())
        elif path == "/token":
            said = self._token(form)
        else:
            said = (404, {})
        return said[0], json.dumps(said[1]).encode()


@contextmanager
def odd_provider(now: int, tls: Certificates | None = None) -> Iterator[OddProvider]:
    """Run one, without TLS or with a private authority's; yields it."""
    made = OddProvider(now=now)
    for kid in ("one", "two"):
        made.keys[kid] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    made.shown = ["one"]

    class Handler(BaseHTTPRequestHandler):
        def _say(self, form: dict[str, str]) -> None:
            status, content = made.answer(urlsplit(self.path).path, form)
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", content.decode())
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self._say({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say({name: values[0] for name, values in parse_qs(body).items()})

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.certificate, tls.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    made.issuer = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
