"""A hub that says what it is told to: for what a client does with answers, good and bad.

It stands in for a hub only where the answer itself is the matter; the ways of a real hub are
tested with one (tests/e2e/test_hub.py).
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from signoff_collector.consent.terms.audience import Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        """The body as JSON."""
        found: dict[str, str] = json.loads(self.body)
        return found


Answering = Callable[[Asked], bytes]


@dataclass(slots=True, kw_only=True)
class SpokenHub:
    """Where it listens, and what it was asked."""

    audience: Audience
    asked: list[Asked] = field(default_factory=list)


def said(
    status: int, body: object = None, *, kind: str = "application/json", **headers: str
) -> bytes:
    """Return an answer of HTTP with a JSON body, or with bytes as they are."""
    content = (
        body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    )
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}"]
    lines += [f"Content-Type: {kind}"] if content else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def problem(status: int, code: str, **headers: str) -> bytes:
    """Return an answer that says no."""
    body = {
        "type": f"urn:signoff:problem:{code}",
        "title": "No",
        "status": status,
        "code": code,
        "detail": "it is so",
        "hint": "Do something.",
    }
    return said(status, body, kind="application/problem+json", **headers)


@contextmanager
def spoken_hub(answering: Answering) -> Iterator[SpokenHub]:
    """Listen for the time of the block, and answer each question as `answering` says."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hub = SpokenHub(audience=Audience(f"http://127.0.0.1:{listener.getsockname()[1]}"))

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client, suppress(OSError):
                    asked = _read(client)
                    hub.asked.append(asked)
                    client.sendall(answering(asked))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def _read(client: socket.socket) -> Asked:
    client.settimeout(10)
    content = b""
    while b"\r\n\r\n" not in content:
        piece = client.recv(1 << 16)
        if not piece:
            raise OSError("no question")
        content += piece
    head, _, body = content.partition(b"\r\n\r\n")
    line, *rows = head.decode("latin-1").split("\r\n")
    method, path, _ = line.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (r.partition(":") for r in rows)}
    while len(body) < int(headers.get("content-length", 0)):
        body += client.recv(1 << 16)
    return Asked(method=method, path=path, headers=headers, body=body)
