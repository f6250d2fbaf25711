"""Bodies as they come: hashed while they are written down, bounded in bytes and in time."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

import anyio
from anyio import to_thread
from starlette.requests import ClientDisconnect

from signoff_hub.api.problems import problem_of
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_schemas.errors import DiskFullError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from fastapi import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_JSON_BYTES: Final = (1 << 20) + (256 << 10)
"""A statement of 1 MiB, its signature, and what JSON adds."""
MAX_STRANGERS_JSON_BYTES: Final = 256 << 10
"""The same for what nobody signs in for: a key, a signature, a tombstone."""
_AT_ONCE_BYTES: Final = 128 << 10
"""Of a streamed body, before a thread writes them: each way to a thread costs 0.2 ms."""
MOST_HELD_BYTES: Final = 64 << 20
"""Of small bodies that are under way at once, of everybody together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How slowly a body may come."""

    silence_s: float = 30.0
    """Between two pieces."""
    least_s: float = 30.0
    """So long nobody looks at how much came."""
    slowest_bytes_per_s: int = 4 << 10
    """From then on, over the whole time: who promises much cannot hold a place the longer."""
    small_s: float = 20.0
    """For a whole body of JSON."""

    def refuse(self, size: int, seconds: float) -> None:
        """Refuse a body that came too slowly so far.

        Raises:
            HubFault: it did.
        """
        if size < (seconds - self.least_s) * self.slowest_bytes_per_s:
            raise _slow()


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
async def spooled(request: Request, folder: Path, length: int, pace: Pace) -> AsyncGenerator[Spool]:
    """Take a body into a file, which is gone when the block ends.

    What came last is not written yet: `end` of the spool does that, on the thread that goes on with
    the file, since each way to a thread has its cost.

    Raises:
        HubFault: it is not as long as it said, or comes too slowly.
        DiskFullError: there is no room.
    """
    spool = Spool(folder / f"{secrets.token_hex(16)}.body")
    try:
        await _take(request, spool, length, pace)
        yield spool
    finally:
        spool.close()
        spool.path.unlink(missing_ok=True)  # at once, also when all that is under way is cut off


async def _take(request: Request, spool: Spool, length: int, pace: Pace) -> None:
    """Take a body as it comes; what is small is only held."""
    size = 0
    try:
        pieces, began = request.stream(), anyio.current_time()
        while True:
            with anyio.fail_after(pace.silence_s):
                piece = await anext(pieces, None)
            if piece is None:
                break
            size += len(piece)
            if size > length:
                raise _length_fault()
            pace.refuse(size, anyio.current_time() - began)
            spool.held += piece
            if len(spool.held) >= _AT_ONCE_BYTES:
                await to_thread.run_sync(spool.write)
        if size != length:
            raise _length_fault()
    except ClientDisconnect:
        raise _length_fault() from None
    except TimeoutError:
        raise _slow() from None


class Spool:
    """A new file that is written and hashed, both on a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held = bytearray()
        """What came and is not written yet."""
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()

    def write(self) -> None:
        """Write what is held.

        Raises:
            DiskFullError: there is no room.
        """
        try:
            if self._file is None:
                self._file = self.path.open("xb")
            self._file.write(self.held)
            self._digest.update(self.held)
        except OSError:
            raise _unwritten() from None
        self.held.clear()

    def end(self) -> str:
        """Write the last bytes; returns the SHA-256 of all of them, lower-case hexadecimal.

        Raises:
            DiskFullError: there is no room.
        """
        self.write()
        try:
            if self._file is not None:
                self._file.close()
        except OSError:
            raise _unwritten() from None
        return self._digest.hexdigest()

    def close(self) -> None:
        """Let the file go; what could not be written was told before."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()


def _unwritten() -> DiskFullError:
    return DiskFullError("what comes in cannot be written down")


def _length_fault() -> HubFault:
    return HubFault(
        FaultCode.BAD_REQUEST,
        "the body is not as long as the request said",
        hint="Send it again, whole.",
    )


def _slow() -> HubFault:
    return HubFault(
        FaultCode.BAD_REQUEST, "the body comes too slowly", hint="Send it again, without a pause."
    )


class SmallBodies:
    """Reads every body that is no stream of bytes before it is parsed, so far as it is small.

    Nothing is parsed of one that is too large, none may come too slowly, and all that are under
    way together have an upper bound: so memory stays flat, however many send.
    """

    def __init__(self, app: ASGIApp, pace: Pace) -> None:
        self._app = app
        self._pace = pace
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body in hand."""
        if scope["type"] != "http" or _is_stream(scope):
            await self._app(scope, receive, send)
            return
        body = bytearray()
        try:
            try:
                with anyio.fail_after(self._pace.small_s):
                    is_whole = await self._read(receive, body, _most(scope))
            except TimeoutError:
                raise _slow() from None
        except HubFault as fault:
            self._held -= len(body)
            body.clear()
            await _refuse(fault, scope, receive, send)
            return
        except BaseException:
            self._held -= len(body)
            raise
        try:
            if is_whole:
                await self._app(scope, _once(bytes(body), receive), send)
        finally:
            self._held -= len(body)

    async def _read(self, receive: Receive, body: bytearray, most: int) -> bool:
        """Read a body; False when whoever sent it went away."""
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return False
            piece: bytes = message.get("body", b"")
            body += piece
            self._held += len(piece)
            if len(body) > most:
                raise HubFault(FaultCode.TOO_LARGE, f"this body may have at most {most} bytes")
            if self._held > MOST_HELD_BYTES:
                raise HubFault(
                    FaultCode.AWAY,
                    "more is coming in than this hub can hold now",
                    hint="Nothing is lost: ask again in a minute.",
                )
            if not message.get("more_body"):
                return True


def _once(body: bytes, receive: Receive) -> Receive:
    """Return what tells of a body that was read, and then of whatever comes after it."""
    whole: Message = {"type": "http.request", "body": body, "more_body": False}
    is_first = True

    async def again() -> Message:
        nonlocal is_first
        if is_first:
            is_first = False
            return whole
        return await receive()

    return again


def _is_stream(scope: Scope) -> bool:
    path: str = scope["path"]
    return scope["method"] == "PUT" and path.startswith("/v1/blobs/")


def _most(scope: Scope) -> int:
    path: str = scope["path"]
    is_statement = scope["method"] == "PUT" and path.startswith("/v1/sign-offs/")
    return MAX_JSON_BYTES if is_statement else MAX_STRANGERS_JSON_BYTES


async def _refuse(fault: HubFault, scope: Scope, receive: Receive, send: Send) -> None:
    await problem_of(fault)(scope, receive, send)
