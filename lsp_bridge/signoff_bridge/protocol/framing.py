r"""Split a stream of bytes into LSP messages, and resynchronise after invalid input.

LSP 3.17, Base Protocol: `Content-Length: N\r\n`, other headers, an empty line, then N bytes. The
parser takes chunks of any size and returns bodies; it never raises. After an invalid frame it
searches for the next `Content-Length:`, so one faulty message costs only itself.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MAX_BODY_BYTES: Final = 64 << 20
"""A larger message is skipped, not buffered: 8 MiB of text escape to less than this."""
MAX_SKIPPED_BYTES: Final = 512 << 20
"""A header that says more is invalid: nothing that long will come, and all input would be lost."""
MAX_HEADER_BYTES: Final = 8 << 10

_END: Final = b"\r\n\r\n"
_NAME: Final = b"content-length"


class Malformed(NamedTuple):
    """Invalid input, reported in the error response."""

    fact: str


class FrameParser:
    """Incremental parser of message bodies; buffers at most one message."""

    __slots__ = ("_buffer", "_is_lost", "_length", "_max_body", "_skip")

    def __init__(self, *, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._buffer = bytearray()
        self._length = -1  # of the body that is being collected
        self._skip = 0  # bytes of an oversized body still to come
        self._is_lost = False  # looking for the next header
        self._max_body = max_body_bytes

    def feed(self, data: bytes) -> list[bytes | Malformed]:
        """Return the bodies that `data` completes, in order."""
        found: list[bytes | Malformed] = []
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        self._buffer += data
        while (item := self._next()) is not None:
            found.append(item)
        return found

    def _next(self) -> bytes | Malformed | None:
        buffer = self._buffer
        if self._length < 0:
            if self._is_lost and not self._find_header():
                return None
            end = buffer.find(_END, 0, MAX_HEADER_BYTES + len(_END))
            if end < 0:
                return self._lose("a header without an end") if self._is_header_long() else None
            length = _content_length(bytes(buffer[:end]))
            if length is None or length > MAX_SKIPPED_BYTES:
                return self._lose(f"a header without one Content-Length up to {MAX_SKIPPED_BYTES}")
            del buffer[: end + len(_END)]
            if length > self._max_body:
                return self._pass_over(length)
            self._length = length
        if len(buffer) < self._length:
            return None
        with memoryview(buffer) as view:
            body = bytes(view[: self._length])
        del buffer[: self._length]
        self._length = -1
        return body

    def _is_header_long(self) -> bool:
        return len(self._buffer) > MAX_HEADER_BYTES

    def _lose(self, fact: str) -> Malformed:
        """Discard input up to the next possible header."""
        self._is_lost = True
        del self._buffer[:1]
        return Malformed(fact)

    def _find_header(self) -> bool:
        at = bytes(self._buffer).lower().find(_NAME)
        if at < 0:
            del self._buffer[: max(0, len(self._buffer) - len(_NAME))]
            return False
        del self._buffer[:at]
        self._is_lost = False
        return True

    def _pass_over(self, length: int) -> Malformed:
        here = min(length, len(self._buffer))
        del self._buffer[:here]
        self._skip = length - here
        return Malformed(f"a message of {length} bytes, more than {self._max_body}")


def _content_length(header: bytes) -> int | None:
    """Return the length in a header; None if it has none, two, or an invalid one."""
    found: int | None = None
    for line in header.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if not colon:
            return None
        if name.strip().lower() == _NAME:
            digits = value.strip()
            if found is not None or not digits.isdigit() or len(digits) > 12:
                return None
            found = int(digits)
    return found


def frame(body: bytes) -> bytes:
    """Return `body` with the header that LSP asks for."""
    return b"Content-Length: %d\r\n\r\n" % len(body) + body
