"""The one reader of journal frames, with the one rule for damage (docs/journal.md, Reading).

Everything that reads a journal iterates over a `FrameReader`, so that sealing, `status`, `forget`
and editors agree about which records a damaged file still holds.
"""

from __future__ import annotations

import os
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.journal_frames import (
    FRAME_HEAD,
    MAX_PAYLOAD_BYTES,
    RecordKind,
)
from signoff_collector.own_files.private_files import open_regular
from signoff_collector.system.files.descriptors import read_at
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLE: Final = -1
"""Pseudo-kind: records were lost here; the frames that follow were found behind the damage."""
RESTART: Final = -2
"""Pseudo-kind: the file was replaced since the mark; it is read again from its start."""

_PIECE_BYTES: Final = 1 << 18
_KIND_CRC: Final = tuple(zlib.crc32(bytes((kind,))) for kind in range(256))
_MAYBE_FRAME: Final = re.compile(rb"(?s)...[\x00-\x10].{5}[\x80-\x9f\xdc-\xdf]")
"""Pattern of a possible frame head: a length of at most 256 MiB, and a payload that begins as a
MessagePack list or map.
"""
_MOST_CHECKED: Final = 16
"""Limit on checksum work, as a multiple of the bytes behind a damaged place: without it crafted
bytes could make the search quadratic.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A resume position in a journal that still grows."""

    offset: int = 0
    """End of the last whole frame that was read."""
    checked_at: int = 0
    """Start of that frame: its head tells whether the file is still the same."""
    checked_crc: int = 0
    hole_bytes: int = 0
    """Bytes before `offset` that are lost."""
    inode: int = 0
    """Number of the file, since one that takes its place may hold that frame too."""


class FrameReader:
    """Iterates once over kind and payload of every whole frame of one journal segment.

    The first frame is the header; a segment that does not begin with one yields nothing. Never
    raises on damage. The counts are final after the last frame.
    """

    def __init__(
        self, path: Path, mark: Mark | None = None, *, end_bytes: int | None = None
    ) -> None:
        """Start at a mark, or at the beginning; read no further than `end_bytes`."""
        mark = mark or Mark()
        self._path = path
        self._end_bytes = end_bytes
        self._offset = mark.offset
        self._checked_at, self._checked_crc = mark.checked_at, mark.checked_crc
        self._inode = mark.inode
        self.hole_bytes = mark.hole_bytes
        """Lost bytes that have whole frames behind them."""
        self.holes = 0
        """Number of places with lost bytes, in this reading."""
        self.size_bytes = mark.offset

    @property
    def left_bytes(self) -> int:
        """Bytes that belong to no whole frame: in holes, and behind the last frame."""
        return self.hole_bytes + self.size_bytes - self._offset

    @property
    def mark(self) -> Mark:
        """The position from which a later reader can resume."""
        return Mark(
            offset=self._offset,
            checked_at=self._checked_at,
            checked_crc=self._checked_crc,
            hole_bytes=self.hole_bytes,
            inode=self._inode,
        )

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        try:
            descriptor = open_regular(self._path)
        except SignoffError:
            return
        with os.fdopen(descriptor, "rb", buffering=0):
            status, end_bytes = os.fstat(descriptor), self._end_bytes
            size_bytes, inode = status.st_size, status.st_ino
            self.size_bytes = size_bytes if end_bytes is None else min(size_bytes, end_bytes)
            known, self._inode = self._inode, inode
            if self._offset and not (known == inode and self._is_same(descriptor)):
                self._offset = self.hole_bytes = 0
                yield RESTART, b""
            yield from self._frames(descriptor)

    def _frames(self, descriptor: int) -> Iterator[tuple[int, bytes]]:
        unpack, head_bytes, crc32 = FRAME_HEAD.unpack_from, FRAME_HEAD.size, zlib.crc32
        # `data` begins at `base` of the file; the next frame begins at `at` of `data`.
        data, base, at = b"", self._offset, 0
        while True:
            if at + head_bytes > len(data):
                base += at
                data, at = self._read(descriptor, data[at:], base, head_bytes), 0
            payload = None
            kind = crc = end = 0
            if at + head_bytes <= len(data):
                length, crc, kind = unpack(data, at)
                end = at + head_bytes + length
                if end > len(data) and base + end <= self.size_bytes:
                    base += at
                    data, at = self._read(descriptor, data[at:], base, end - at), 0
                    end = head_bytes + length
                if end <= len(data) and length <= MAX_PAYLOAD_BYTES:
                    payload = data[at + head_bytes : end]
            if payload is not None and crc32(payload, _KIND_CRC[kind]) == crc:
                if base + at == 0 and kind != RecordKind.HEADER:
                    return
                self._checked_at, self._checked_crc = base + at, crc
                at = end
                self._offset = base + at
                yield kind, payload
                continue
            base += at
            found = None
            if 0 < base < self.size_bytes:
                data = self._read(descriptor, data[at:], base, self.size_bytes - base)
                found = find_frame(data)
            if found is None:
                return
            at = found
            self.holes += 1
            self.hole_bytes += found
            yield HOLE, b""

    def _is_same(self, descriptor: int) -> bool:
        """Whether the last frame before the mark is unchanged: `forget` rewrites segments."""
        head = read_at(descriptor, FRAME_HEAD.size, self._checked_at)
        if self.size_bytes < self._offset or len(head) < FRAME_HEAD.size:
            return False
        length, crc, _ = FRAME_HEAD.unpack(head)
        end = self._checked_at + FRAME_HEAD.size + int(length)
        return bool(crc == self._checked_crc) and end == self._offset

    def _read(self, descriptor: int, begun: bytes, base: int, wanted: int) -> bytes:
        """Return `wanted` bytes or more from offset `base`, reusing `begun`; fewer at the end."""
        pieces, have = [begun], len(begun)
        while have < wanted and base + have < self.size_bytes:
            piece_bytes = max(_PIECE_BYTES, wanted - have)
            piece_bytes = min(piece_bytes, self.size_bytes - base - have)
            try:
                piece = read_at(descriptor, piece_bytes, base + have)
            except OSError:  # a sector that cannot be read is damage too
                break
            if not piece:
                break
            pieces.append(piece)
            have += len(piece)
        return b"".join(pieces)


def find_frame(damaged: bytes) -> int | None:
    """Return the offset of the next trustworthy frame after a damaged one; None when there is none.

    Recorded text may itself contain the bytes of a frame, so one valid checksum is not enough: from
    the chosen offset frames have to lead on to the end.
    """
    # First assume that only payloads are damaged: follow the length fields to a whole frame.
    behind = _claimed_end(damaged, 0)
    while behind is not None and _whole_end(damaged, behind) is None:
        behind = _claimed_end(damaged, behind)
    if behind is not None and _leads_on(damaged, behind):
        return behind
    # A length field is damaged too: search byte by byte for what looks like a frame head.
    allowance = _MOST_CHECKED * len(damaged)
    refused: set[int] = set()
    place = 1
    while allowance > 0 and (found := _MAYBE_FRAME.search(damaged, place)) is not None:
        at: int | None = found.start()
        place = found.start() + 1
        while at is not None and at not in refused and at < len(damaged):
            refused.add(at)
            allowance -= _checked_bytes(damaged, at)
            at = _whole_end(damaged, at)
        if at == len(damaged):
            return found.start()
    return None


def _leads_on(data: bytes, at: int) -> bool:
    """Whether frames lead from an offset to the end; a damaged one needs a plausible length."""
    while at + FRAME_HEAD.size <= len(data):
        end = _whole_end(data, at) or _claimed_end(data, at)
        if end is None:
            return False
        at = end
    return True  # what is left is a torn head, or the last frame is torn or damaged


def _claimed_end(data: bytes, at: int) -> int | None:
    """Return the end of a frame by its length field alone; None when the length is implausible."""
    if at + FRAME_HEAD.size > len(data):
        return None
    length = int(FRAME_HEAD.unpack_from(data, at)[0])
    return at + FRAME_HEAD.size + length if 0 < length <= MAX_PAYLOAD_BYTES else None


def _checked_bytes(data: bytes, at: int) -> int:
    """Return the number of bytes that have to be checksummed to verify a frame."""
    if at + FRAME_HEAD.size > len(data):
        return 0
    length = int(FRAME_HEAD.unpack_from(data, at)[0])
    return length if at + FRAME_HEAD.size + length <= len(data) else 0


def _whole_end(data: bytes, at: int) -> int | None:
    """Return the end of the frame at an offset; None when it is not whole."""
    if at + FRAME_HEAD.size > len(data):
        return None
    length, crc, kind = FRAME_HEAD.unpack_from(data, at)
    start, end = at + FRAME_HEAD.size, at + FRAME_HEAD.size + int(length)
    if end > len(data) or length > MAX_PAYLOAD_BYTES:
        return None
    return end if zlib.crc32(memoryview(data)[start:end], _KIND_CRC[kind]) == crc else None
