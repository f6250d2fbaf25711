"""One question to a hub at a time: HTTP/1.1, to the address that was signed and nowhere else.

Nothing of the environment has a say: no proxy, no trust store, no file for TLS keys (threat 26);
a private authority is named by a person, for one hub (`authorities`).
No redirect is followed. What is sent says nothing about this machine: no program, version,
system or language. Every answer is bounded in bytes, and every question in time.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from signoff_schemas.errors import NetworkError, ReceiverRefusedError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from signoff_collector.consent.terms.audience import Audience

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
BUSY_HINT: Final = "Nothing is lost: `signoff upload --resume` sends it when the hub is back."
_STEP_S: Final = 30.0
"""For connecting, and between two pieces of an answer."""
_LEAST_S: Final = 60.0
_SLOWEST_UP_BYTES_PER_S: Final = 8 << 10
_SLOWEST_DOWN_BYTES_PER_S: Final = 64 << 10
_PIECE_BYTES: Final = 64 << 10
_LONGEST_RETRY_S: Final = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a hub answered, unread."""

    status: int
    kind: str
    """Media type without parameters, in lower case."""
    body: bytes
    retry_after_s: float
    """0 where the hub did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """One question, whole."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    max_bytes: int
    into: Callable[[bytes], object] | None = None

    @property
    def limit_s(self) -> float:
        """For all of it, there and back."""
        up_s = len(self.body) / _SLOWEST_UP_BYTES_PER_S
        return _LEAST_S + up_s + self.max_bytes / _SLOWEST_DOWN_BYTES_PER_S


class HubConnection:
    """The way to one hub; each question has a connection of its own."""

    def __init__(
        self,
        audience: Audience,
        *,
        root_certificate: bytes | None = None,
        away_hint: str = BUSY_HINT,
    ) -> None:
        """Look the way up; nothing is contacted.

        Args:
            audience: the hub's address.
            root_certificate: PEM, trusted besides what the system trusts.
            away_hint: what a person does when the hub cannot be reached.

        Raises:
            RefusedError: this system trusts nobody, so that no TLS is possible.
        """
        parts = urlsplit(audience)
        self._host = parts.hostname or ""
        is_tls = parts.scheme == "https"
        self._port = parts.port or (443 if is_tls else 80)
        self._base = parts.path
        self._tls = _trusting(root_certificate) if is_tls else None
        self.place: Final = parts.netloc
        """Host and port, for messages."""
        self._away_hint = away_hint
        self.on_sent: Callable[[int], None] = lambda _: None
        """Told how many bytes of a body went out with each piece."""

    def ask(
        self,
        method: str,
        path: str,
        *,
        max_bytes: int,
        body: bytes = b"",
        kind: str = JSON,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        into: Callable[[bytes], object] | None = None,
    ) -> Answer:
        """Put one question and return the whole answer, whatever its status.

        Args:
            method: of HTTP.
            path: from `/v1` on.
            max_bytes: that the answer may have.
            body: what is sent.
            kind: media type of the body.
            token: of whoever is signed in.
            headers: more of them.
            into: called with each piece of an answer of status 200, whose body is empty then: for
                what has no place in memory. It was cut where an error follows.

        Raises:
            NetworkError: the hub cannot be reached, broke off, or took too long.
            ReceiverRefusedError: its certificate is not trusted, it redirects, or says too much.
        """
        sent = {"Host": self.place, "Accept": f"{JSON}, {PROBLEM}", "Connection": "close"}
        if body or method in ("PUT", "POST"):
            sent |= {"Content-Type": kind, "Content-Length": str(len(body))}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        request = _Request(
            method=method,
            target=f"{self._base}{path}",
            headers={**sent, **(headers or {})},
            body=body,
            max_bytes=max_bytes,
            into=into,
        )
        with closing(self._connection()) as connection:
            try:
                return self._exchange(connection, request)
            except ssl.SSLCertVerificationError:
                raise ReceiverRefusedError(
                    f"the certificate of {self.place} is not trusted by this system",
                    hint="Check the address; nothing was sent. A private authority is named by its"
                    " certificate: signoff upload --to URL --ca FILE.",
                ) from None
            except (OSError, http.client.HTTPException, ValueError):
                # what the hub sent instead of HTTP is not repeated
                raise NetworkError(
                    f"the hub {self.place} cannot be reached, or broke off", hint=self._away_hint
                ) from None

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is not None:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=_STEP_S, context=self._tls
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=_STEP_S)

    def _exchange(self, connection: http.client.HTTPConnection, request: _Request) -> Answer:
        connection.connect()
        # a hub may say something every second for ever: the time of all of it is bounded too
        guard = threading.Timer(request.limit_s, _cut, (connection.sock,))
        guard.daemon = True
        guard.start()
        try:
            connection.putrequest(
                request.method, request.target, skip_host=True, skip_accept_encoding=True
            )
            for name, value in request.headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            body = memoryview(request.body)
            with suppress(BrokenPipeError, ConnectionResetError):  # it may have answered already
                for at in range(0, len(body), _PIECE_BYTES):
                    piece = body[at : at + _PIECE_BYTES]
                    connection.send(piece)
                    self.on_sent(len(piece))
            with closing(connection.getresponse()) as response:
                return self._read(response, request)
        finally:
            guard.cancel()

    def _read(self, response: http.client.HTTPResponse, request: _Request) -> Answer:
        max_bytes = request.max_bytes
        if 300 <= response.status < 400:
            raise ReceiverRefusedError(
                "the hub answered with a redirect; redirects are never followed",
                hint="Use the address that the hub redirects to, if you trust it.",
            )
        if response.length is None and not response.chunked:  # nobody could tell that it was cut
            raise http.client.HTTPException
        body = b""
        if request.into is None or response.status != 200:
            body = response.read(max_bytes + 1)
        else:
            while piece := response.read(_PIECE_BYTES):
                request.into(piece)
        if len(body) <= max_bytes and response.length:
            raise http.client.IncompleteRead(b"", response.length)
        if len(body) > max_bytes:
            raise ReceiverRefusedError(
                f"the hub {self.place} sent a larger answer than the {max_bytes} bytes allowed"
            )
        return Answer(
            status=response.status,
            kind=response.headers.get_content_type() if "content-type" in response.headers else "",
            body=body,
            retry_after_s=_retry_after_s(response.headers.get("Retry-After", "")),
        )


def _retry_after_s(text: str) -> float:
    """Return seconds; a date, which needs a clock that both share, counts as nothing said."""
    said = text.strip()
    is_number = said.isascii() and said.isdigit() and len(said) <= 9
    return float(min(int(said), _LONGEST_RETRY_S)) if is_number else 0.0


def _trusting(root_certificate: bytes | None) -> ssl.SSLContext:
    """Return TLS that trusts what the system trusts, whatever the environment says.

    `ssl.create_default_context` reads SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    paths = ssl.get_default_verify_paths()
    file, folder = Path(paths.openssl_cafile), Path(paths.openssl_capath)
    is_known = file.is_file() or folder.is_dir()
    try:
        if is_known:
            context.load_verify_locations(
                cafile=file if file.is_file() else None, capath=folder if folder.is_dir() else None
            )
        if root_certificate is not None:
            context.load_verify_locations(cadata=root_certificate.decode("ascii"))
    except (OSError, ValueError):
        raise RefusedError(
            "the certificates that are to be trusted cannot be read",
            hint="They are a file in PEM; the system's come with its package ca-certificates.",
        ) from None
    if not is_known and root_certificate is None:
        raise RefusedError(
            "this system has no certificates by which a hub could be recognised",
            hint="Install the package ca-certificates.",
        )
    return context


def _cut(end: socket.socket) -> None:
    """Wake whoever waits at this socket, below its TLS: that belongs to who reads."""
    with suppress(OSError):
        socket.socket.shutdown(end, socket.SHUT_RDWR)
