"""Encode frames and look into payloads; writer and readers share this module (docs/journal.md)."""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Mapping
from enum import IntEnum
from typing import Final, cast

import msgpack  # type: ignore[import-untyped]  # ships no types

from signoff_schemas.untyped import fields_of, is_fields, is_items

JOURNAL_VERSION: Final = 1
"""Incremented when an older reader would misread what is written."""

FRAME_HEAD: Final = struct.Struct("<IIB")
"""Length of the payload, CRC-32 over kind and payload, kind."""

MAX_PAYLOAD_BYTES: Final = 256 << 20
"""Larger than any message an editor sends; a greater length field is damage."""

_MESSAGE: Final = re.compile(
    rb"(?s)\x93(?:\xcf.{8}|\xce.{4}|\xcd..|\xcc.|[\x00-\x7f])(?:[\xa0-\xbf]|\xd9.)([!-~]*)"
)
"""A list of three: a whole number, and the method as a short string."""
_URI: Final = re.compile(rb'"uri"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")')
"""Matches only keys, since quotes are escaped within text that an editor sends."""
_LIST_WITH_UINT64: Final = b"\x93\xcf"


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


def body_in(payload: bytes) -> object:
    """Decode a payload; None when it is not one MessagePack value."""
    try:
        return unpack_body(payload)
    except ValueError:
        return None


def fields_in(payload: bytes) -> dict[str, object]:
    """Decode a payload that is a mapping; empty for all others."""
    return fields_of(body_in(payload))


def time_of(body: object) -> int | None:
    """Return the boot time of a decoded record; None when it holds no valid one."""
    first: object = None
    if is_items(body) and body:
        first = body[0]
    elif is_fields(body):
        first = body.get("t_boot_ns")
    return first if type(first) is int and first >= 0 else None


def time_in(payload: bytes) -> int:
    """Return a record's boot time, 0 without one; a message is not decoded for it."""
    if payload.startswith(_LIST_WITH_UINT64):
        return int.from_bytes(payload[2:10], "big")
    return time_of(body_in(payload)) or 0


def end_reason(fields: Mapping[str, object]) -> str:
    """Return why a writer ended, from the fields of its END record."""
    reason = fields.get("reason")
    return reason if isinstance(reason, str) else "closed"


def method_in(payload: bytes) -> bytes:
    """Return the method of a message, which is not decoded; empty for other payloads."""
    found = _MESSAGE.match(payload)
    return b"" if found is None else found[1]


def quoted_uri_in(payload: bytes) -> bytes | None:
    """Return the document of a text synchronisation message, as spelled in its JSON."""
    found = _URI.search(payload)
    return None if found is None else found[1]


def uri_text(quoted: bytes) -> str:
    """Decode what `quoted_uri_in` returned; empty when it is not valid JSON."""
    try:
        value: object = json.loads(quoted.decode("utf-8", "surrogateescape"))
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""


def uri_in(payload: bytes) -> str | None:
    """Return the document of a text synchronisation message, which is not decoded."""
    quoted = quoted_uri_in(payload)
    return None if quoted is None else uri_text(quoted)
