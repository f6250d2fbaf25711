"""The one form in which zstd frames of a file are written (format.md, strict form).

One content can be compressed in very many ways, and releases of zstd choose differently, so the
bytes are not compared. What is judged here is what follows from the content or from the bytes
alone: the header, the form of every block, that none is empty, and that the frame is no larger
than a quick compression. What is left to whoever compresses is how, within that size.
"""

from __future__ import annotations

import struct
from typing import Final

from signoff_collector.episode import zstd
from signoff_collector.episode.frames import WINDOW_LOG, ZSTD_MAGIC

SLACK_BYTES: Final = 64
SLACK_SHARE: Final = 64
"""A frame may be larger by this part of the quick one, and by `SLACK_BYTES`: levels and
releases differ by less, also where nothing can be compressed."""

_CHECKSUM_BYTES: Final = 4
_RAW, _REPEATED, _COMPRESSED = 0, 1, 2
_MANY_SEQUENCES: Final = 0x7F00


def refuse_other_form(frame: bytes, content: bytes) -> None:
    """Check a frame, which was decompressed to `content`.

    Raises:
        ValueError: its header is not the one that a writer gives, a block is empty or told in a
            longer way than needed, or it is larger than a quick compression of its content.
    """
    begin = _header(len(content))
    if not frame.startswith(begin):
        raise ValueError("its zstd header has another form than writers give it")
    at, is_last = len(begin), False
    while not is_last:
        word = int.from_bytes(frame[at : at + 3], "little")
        is_last, kind, size = bool(word & 1), (word >> 1) & 3, word >> 3
        at += 3
        if size == 0 and not (is_last and kind == _RAW):
            raise ValueError("it holds an empty block")
        if kind == _COMPRESSED:
            _check_compressed(frame[at : at + size])
        at += 1 if kind == _REPEATED else size
    if at + _CHECKSUM_BYTES != len(frame):
        raise ValueError("it does not end with its last block and its checksum")
    quick = zstd.quick_size(content) + _CHECKSUM_BYTES
    if len(frame) > quick + quick // SLACK_SHARE + SLACK_BYTES:
        raise ValueError(f"it takes {len(frame)} bytes for what zstd says in {quick}")


def _header(size: int) -> bytes:
    """Return how a frame with so much content begins; with checksum, without dictionary."""
    is_single = size <= 1 << WINDOW_LOG  # the window is the content
    code, form = (0, "<B") if size < 256 else (1, "<H") if size < 65_536 + 256 else (2, "<I")
    descriptor = code << 6 | is_single << 5 | 1 << 2
    window = b"" if is_single else bytes([(WINDOW_LOG - 10) << 3])
    told = struct.pack(form, size - 256 if code == 1 else size)
    return ZSTD_MAGIC + bytes([descriptor]) + window + told


def _check_compressed(block: bytes) -> None:
    """Check that literals and sequences of a compressed block say their sizes in the short way.

    RFC 8878, 3.1.1.3. Decompressors of some releases refuse more than others; what differs in
    the fields read here is refused with all of them.
    """
    kind, form = block[0] & 3, (block[0] >> 2) & 3
    head = int.from_bytes(block[:5], "little")
    if kind in (_RAW, _REPEATED):
        length = (1, 2, 1, 3)[form]
        count = head >> (3 if length == 1 else 4) & ((1 << (5, 12, 20)[length - 1]) - 1)
        is_short = length == 1 + (count > 31) + (count > 4095)
        at = length + (count if kind == _RAW else 1)
    else:
        length = (3, 3, 4, 5)[form]
        bits = (10, 10, 14, 18)[form]
        count, held = (head >> place & ((1 << bits) - 1) for place in (4, 4 + bits))
        is_short = length == 3 + (count >= 1 << 10) + (count >= 1 << 14)
        at = length + held
    if not is_short or not _is_short_count(block[at : at + 4]):
        raise ValueError("a block says its sizes in a longer way than needed")


def _is_short_count(section: bytes) -> bool:
    """Say whether the sequences begin with their count in its shortest form, and with modes."""
    if not section:
        return False
    first = section[0]
    if first < 128:
        length, is_short = 1, True
    elif first < 255:
        length, is_short = 2, first > 128 or section[1:2] >= b"\x80"
    else:
        length, is_short = 3, True
    has_modes = first != 0
    modes = section[length : length + 1]
    return is_short and (not has_modes or (modes != b"" and modes[0] & 3 == 0))
