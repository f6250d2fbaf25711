"""Encode journal frames; writer and reader share this module (docs/journal.md)."""

from __future__ import annotations

import struct
import zlib
from enum import IntEnum
from typing import Final, cast

import msgpack  # type: ignore[import-untyped]  # ships no types

JOURNAL_VERSION: Final = 1
"""Incremented when an older reader would misread what is written."""

FRAME_HEAD: Final = struct.Struct("<IIB")
"""Length of the payload, CRC-32 over kind and payload, kind."""

MAX_PAYLOAD_BYTES: Final = 256 << 20
"""Larger than any message an editor sends; a greater length field is damage."""


class RecordKind(IntEnum):
    """What a frame's payload holds; readers tolerate unknown kinds."""

    HEADER = 0
    LSP = 1
    """`[t_boot_ns, method, params_json: bytes]`, as the editor sent it."""
    ANCHOR = 2
    """A document's whole text: t_boot_ns, uri, language, version, text, reason, while_paused."""
    COMPANION = 3
    """Like LSP, for `signoff/*` messages of an editor extension."""
    STEP = 4
    """A complete step: t_boot_ns, t_kind, kind, and the fields of that kind."""
    CLOCK = 5
    """`[t_boot_ns, t_wall_ns, asleep_ns]`, at most 60 s apart while records are written."""
    CONTROL = 6
    """A control line that the writer followed: t_boot_ns, verb, and its fields."""
    SAVE = 7
    """t_boot_ns, uri, disk_sha256, text_sha256, size_bytes, matches, text when it does not."""
    TREE = 8
    """Where the work tree differs from HEAD: t_boot_ns, reason, head, entries, is_complete."""
    FILES = 9
    """What changed on disk in one burst: t_boot_ns, first_boot_ns, changed, and the cause."""
    END = 10
    """The writer's last record: t_boot_ns, reason (closed or failed). Missing when it was killed.
    """


def encode_frame(kind: int, payload: bytes) -> bytes:
    """Return the bytes of one frame."""
    crc = zlib.crc32(payload, zlib.crc32(bytes((kind,))))
    return FRAME_HEAD.pack(len(payload), crc, kind) + payload


def pack_body(value: object) -> bytes:
    """Encode a record's body as MessagePack; lone surrogates are preserved."""
    packed = msgpack.packb(value, use_bin_type=True, unicode_errors="surrogatepass")
    return cast("bytes", packed)


def unpack_body(payload: bytes) -> object:
    """Decode what `pack_body` encoded.

    Raises:
        ValueError: these are not the bytes of one MessagePack value.
    """
    try:
        return msgpack.unpackb(payload, raw=False, unicode_errors="surrogatepass")
    except (msgpack.UnpackException, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"not one MessagePack value: {type(error).__name__}") from error
