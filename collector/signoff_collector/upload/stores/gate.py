"""The gate: the one way by which the object store's native client reaches anything.

obstore connects by itself, follows redirects of reads and takes a proxy from the environment
(docs/decisions/0016-obstore-behind-a-gate.md). So it is given this proxy, on the loopback and
behind a token: it connects to the audience's host and port and to nothing else, counts what
goes through, stops at a limit, and cuts all connections when asked. Python's audit hooks see
these connections; TLS stays between the client and the store.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_CONNECT_S: Final = 20.0
_IDLE_S: Final = 60.0
_WAKE_S: Final = 1.0
_MAX_HEAD_BYTES: Final = 64 << 10
_CHUNK_BYTES: Final = 64 << 10
_NAME: Final = "signoff"


class Gate:
    """HTTP proxy for one process, to one host and port."""

    def __init__(self, host: str, port: int, *, is_tls: bool) -> None:
        self._host, self._port, self._is_tls = host, port, is_tls
        self._token = secrets.token_hex(32)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._is_closed = False
        self._left_bytes = 0
        self.on_sent: Callable[[int], None] = lambda _: None
        """Told how many bytes went to the store with each piece."""
        self.was_led_away = False
        """Whether the client tried to reach another host: a redirect."""
        self.is_unreachable = False
        """Whether the store could not be connected to."""
        self.was_too_much = False
        """Whether the store exceeded the size limit."""
        self._accepting = threading.Thread(target=self._accept, name="gate", daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        """The proxy's address with its token; never printed."""
        return f"http://{_NAME}:{self._token}@127.0.0.1:{self._listener.getsockname()[1]}"

    def begin(self, *, max_received_bytes: int) -> None:
        """Reset the counters, and set the limit for received bytes."""
        with self._lock:
            self._left_bytes = max_received_bytes
            self.was_led_away = self.is_unreachable = self.was_too_much = False

    def close(self) -> None:
        """Cut every connection and accept no more; may be called twice."""
        with self._lock:
            self._is_closed = True
            cut = tuple(self._open)
        for end in (self._listener, *cut):
            _cut(end)
        self._accepting.join(_WAKE_S)
        if self._accepting.is_alive():  # not every system wakes who accepts when it is cut
            with suppress(OSError):
                socket.create_connection(self._listener.getsockname(), timeout=_WAKE_S).close()

    def _accept(self) -> None:
        with self._listener:
            while True:
                try:
                    client, _ = self._listener.accept()
                except OSError:
                    return
                if not self._keep(client):
                    return
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _keep(self, end: socket.socket) -> bool:
        """Have an end cut by `close`; an end that comes too late is cut at once."""
        end.settimeout(_IDLE_S)
        with self._lock:
            if not self._is_closed:
                self._open.add(end)
                return True
        end.close()
        return False

    def _drop(self, end: socket.socket) -> None:
        with self._lock:
            self._open.discard(end)
        _cut(end)
        end.close()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError, ValueError):
            head, rest = _read_head(client)
            line, *headers = head.decode("latin-1").split("\r\n")
            forwarded = self._forwarded(line, headers)
            if forwarded is None:
                # before the token is looked at: the client leaves it out when redirected
                self.was_led_away = True
                client.sendall(_answer(403, "Forbidden"))
            elif not self._is_ours(headers):
                client.sendall(_answer(407, "Proxy Authentication Required"))
            else:
                self._connect(client, forwarded, headers, rest)
        self._drop(client)

    def _is_ours(self, headers: list[str]) -> bool:
        """Tell whether the client knows the token: other users of the machine do not."""
        expected = b"Basic " + base64.b64encode(f"{_NAME}:{self._token}".encode())
        given = _header(headers, "proxy-authorization").encode("latin-1")
        return hmac.compare_digest(given, expected)

    def _forwarded(self, line: str, headers: list[str]) -> bytes | None:
        """Return what the store is sent instead of the client's head; None: not to be reached."""
        method, target, version = line.split(" ")
        place = f"[{self._host}]" if ":" in self._host else self._host
        if self._is_tls:
            return b"" if (method, target) == ("CONNECT", f"{place}:{self._port}") else None
        for start in (f"http://{place}:{self._port}/", *self._short(place)):
            if target.startswith(start):
                hop = ("proxy-", "connection:")
                kept = [each for each in headers if not each.lower().startswith(hop)]
                path = target[len(start) - 1 :]
                lines = (f"{method} {path} {version}", *kept, "connection: close", "", "")
                return "\r\n".join(lines).encode("latin-1")
        return None

    def _short(self, place: str) -> tuple[str, ...]:
        return (f"http://{place}/",) if self._port == 80 else ()

    def _connect(
        self, client: socket.socket, forwarded: bytes, headers: list[str], rest: bytes
    ) -> None:
        try:
            store = socket.create_connection((self._host, self._port), timeout=_CONNECT_S)
        except OSError:
            self.is_unreachable = True
            client.sendall(_answer(502, "Bad Gateway"))
            return
        if not self._keep(store):
            return
        try:
            if self._is_tls:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                store.sendall(forwarded)
            # without TLS one request only: the next one has to pass the gate again
            left = None if self._is_tls else int(_header(headers, "content-length") or 0)
            back = threading.Thread(target=self._bring_back, args=(store, client), daemon=True)
            back.start()
            self._take_there(client, store, rest, left)
            back.join()
        finally:
            self._drop(store)

    def _take_there(
        self, client: socket.socket, store: socket.socket, piece: bytes, left: int | None
    ) -> None:
        """Send what the client sends, at most `left` bytes, until it ends."""
        with suppress(OSError):
            while left is None or left:
                piece = piece or client.recv(_CHUNK_BYTES)
                if not piece:
                    break
                piece = piece[:left]
                store.sendall(piece)
                self.on_sent(len(piece))
                left = left if left is None else left - len(piece)
                piece = b""
            if left is None:
                store.shutdown(socket.SHUT_WR)

    def _bring_back(self, store: socket.socket, client: socket.socket) -> None:
        """Send what the store answers, up to the limit, until it ends."""
        with suppress(OSError):
            while piece := store.recv(_CHUNK_BYTES):
                with self._lock:
                    self._left_bytes -= len(piece)
                    self.was_too_much = self._left_bytes < 0
                if self.was_too_much:
                    break
                client.sendall(piece)
        _cut(client)
        _cut(store)


def _read_head(client: socket.socket) -> tuple[bytes, bytes]:
    """Return a request's first lines, and what came behind them."""
    content = b""
    while b"\r\n\r\n" not in content:
        piece = client.recv(_CHUNK_BYTES)
        if not piece or len(content) > _MAX_HEAD_BYTES:
            raise ValueError("no request")
        content += piece
    head, _, rest = content.partition(b"\r\n\r\n")
    return head, rest


def _header(headers: list[str], name: str) -> str:
    for each in headers:
        found, _, value = each.partition(":")
        if found.lower() == name:
            return value.strip()
    return ""


def _answer(status: int, words: str) -> bytes:
    return f"HTTP/1.1 {status} {words}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()


def _cut(end: socket.socket) -> None:
    """Wake whoever waits at this socket, in any thread."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
