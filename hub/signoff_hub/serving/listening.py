"""Where a node listens: the loopback in plain HTTP, elsewhere TLS or a proxy in front."""

from __future__ import annotations

import signal
import socket
import ssl
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import uvicorn

from signoff_hub.api.bodies import Pace
from signoff_hub.place.looking import is_file
from signoff_hub.serving.connections import PatientProtocol
from signoff_hub.serving.journal import journal
from signoff_hub.serving.node_app import serve_app
from signoff_schemas.errors import DamagedError, NotFoundError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path
    from types import FrameType

    from signoff_hub.node.node import Node

_BACKLOG: Final = 512
_KEEP_ALIVE_S: Final = 15
_GRACE_S: Final = 30
_MAX_HEAD_BYTES: Final = 16 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """An address, and how it is protected."""

    host: str
    port: int
    certificate: Path | None
    key: Path | None
    is_behind_proxy: bool

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def bind(self) -> socket.socket:
        """Return a socket that listens; children do not inherit it.

        Raises:
            RefusedError: others could read along.
            UsageError: the address cannot be listened on.
            NotFoundError: certificate or key are not there.
        """
        if not (self.is_loopback or self.is_behind_proxy or self.certificate is not None):
            raise RefusedError(
                "nothing is taken over plain HTTP beyond this machine",
                hint="Give --certificate and --key, or --behind-proxy where a proxy speaks TLS.",
            )
        for path in (self.certificate, self.key):
            if path is not None and not is_file(path):
                raise NotFoundError(f"there is no file {path}")
        host = "127.0.0.1" if self.host == "localhost" else self.host
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, self.port))
            listener.listen(_BACKLOG)
            listener.set_inheritable(False)
        except OSError as error:
            listener.close()
            raise UsageError(
                f"{self.host}:{self.port} cannot be listened on: {error.strerror}",
                hint="Give another --listen; port 0 takes a free one.",
            ) from error
        return listener

    def address(self, listener: socket.socket) -> str:
        """Return where a listener is reached."""
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        return f"{'http' if self.certificate is None else 'https'}://{shown}:{port}"


@contextmanager
def until_told() -> Generator[None]:
    """Leave the block, in order and without an error, on SIGTERM or Ctrl-C.

    uvicorn takes both for itself, finishes what is under way, and then raises the signal again for
    whoever handled it before.
    """
    before = {one: signal.signal(one, _end) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        with suppress(_EndedError):
            yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class _EndedError(Exception):
    """Somebody asked the hub to end."""


def _end(_: int, __: FrameType | None) -> None:
    raise _EndedError


def server_of(
    node: Node,
    listening: Listening,
    pace: Pace = Pace(),  # noqa: B008  (frozen)
) -> uvicorn.Server:
    """Return what serves a node; set its `should_exit` to end it from another thread.

    Raises:
        DamagedError: certificate or key cannot be used.
    """
    server = uvicorn.Server(
        uvicorn.Config(
            serve_app(node, is_behind_proxy=listening.is_behind_proxy, pace=pace),
            lifespan="on",
            access_log=False,
            log_config=journal(),
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_GRACE_S,
            h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
            http=PatientProtocol,
            ws="none",
            ssl_certfile=listening.certificate,
            ssl_keyfile=listening.key,
        )
    )
    try:
        server.config.load()
    except OSError as error:  # of ssl, too
        if listening.certificate is None:
            raise
        raise _unusable(listening, error) from error
    return server


def _unusable(listening: Listening, error: OSError) -> DamagedError:
    certificate, key = listening.certificate, listening.key
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return DamagedError(
            f"{key} is not the key of {certificate}", hint="Name the two that were made together."
        )
    return DamagedError(
        f"{certificate} and {key} cannot be used as a certificate and its key",
        hint="Both are PEM, and readable for the user that runs the hub.",
    )
