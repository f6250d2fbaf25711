"""Bodies as they come: hashed while they are written down, bounded in bytes and in time."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import anyio
from anyio import to_thread
from starlette.requests import ClientDisconnect

from signoff_hub.place.faults import FaultCode, HubFault
from signoff_schemas.errors import DiskFullError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from fastapi import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_JSON_BYTES: Final = (1 << 20) + (256 << 10)
"""A statement of 1 MiB, its signature, and what JSON adds."""
_SILENCE_S: Final = 30.0
"""Between two pieces."""
_LEAST_S: Final = 60.0
_SLOWEST_BYTES_PER_S: Final = 4 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """A body in a file of its own."""

    path: Path
    sha256: str
    size_bytes: int


def said_length(request: Request, most: int) -> int:
    """Return the length that a request says its body has.

    Raises:
        HubFault: it says none, or more than may come.
    """
    said = request.headers.get("content-length", "")
    if not (said.isascii() and said.isdigit() and len(said) <= 16):
        raise HubFault(
            FaultCode.LENGTH_NEEDED,
            "the request does not say how long its body is",
            hint="Send Content-Length.",
        )
    if int(said) > most:
        raise HubFault(FaultCode.TOO_LARGE, f"the body may have at most {most} bytes")
    return int(said)


@asynccontextmanager
async def spooled(request: Request, folder: Path, length: int) -> AsyncGenerator[Spooled]:
    """Write a body into a file, which is gone when the block ends.

    Raises:
        HubFault: it is not as long as it said, or comes too slowly.
        DiskFullError: there is no room.
    """
    path = folder / f"{secrets.token_hex(16)}.body"
    digest, size = hashlib.sha256(), 0
    try:
        async with await anyio.open_file(path, "xb") as file:
            with anyio.fail_after(_LEAST_S + length / _SLOWEST_BYTES_PER_S):
                pieces = request.stream()
                while True:
                    with anyio.fail_after(_SILENCE_S):
                        piece = await anext(pieces, None)
                    if piece is None:
                        break
                    size += len(piece)
                    if size > length:
                        raise _length_fault()
                    await to_thread.run_sync(digest.update, piece)
                    await file.write(piece)
        if size != length:
            raise _length_fault()
        yield Spooled(path=path, sha256=digest.hexdigest(), size_bytes=size)
    except ClientDisconnect:
        raise _length_fault() from None
    except TimeoutError:
        raise HubFault(FaultCode.BAD_REQUEST, "the body comes too slowly") from None
    except OSError:
        raise DiskFullError("what comes in cannot be written down") from None
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.Path(path).unlink(missing_ok=True)


def _length_fault() -> HubFault:
    return HubFault(
        FaultCode.BAD_REQUEST,
        "the body is not as long as the request said",
        hint="Send it again, whole.",
    )


class SmallBodies:
    """Reads every body that is no stream of bytes before it is parsed, so far as it is small.

    Nothing is parsed of one that is too large, and none may come too slowly.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body in hand."""
        if scope["type"] != "http" or _is_stream(scope):
            await self._app(scope, receive, send)
            return
        body = bytearray()
        try:
            with anyio.fail_after(_LEAST_S):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        return
                    body += message.get("body", b"")
                    if len(body) > MAX_JSON_BYTES:
                        await _refuse(
                            HubFault(
                                FaultCode.TOO_LARGE,
                                f"this body may have at most {MAX_JSON_BYTES} bytes",
                            ),
                            scope,
                            receive,
                            send,
                        )
                        return
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            slow = HubFault(FaultCode.BAD_REQUEST, "the body comes too slowly")
            await _refuse(slow, scope, receive, send)
            return
        whole: Message = {"type": "http.request", "body": bytes(body), "more_body": False}
        is_first = True

        async def again() -> Message:
            nonlocal is_first
            if is_first:
                is_first = False
                return whole
            return await receive()

        await self._app(scope, again, send)


def _is_stream(scope: Scope) -> bool:
    path: str = scope["path"]
    return scope["method"] == "PUT" and path.startswith("/v1/blobs/")


async def _refuse(fault: HubFault, scope: Scope, receive: Receive, send: Send) -> None:
    from signoff_hub.api.problems import problem_of

    await problem_of(fault)(scope, receive, send)
