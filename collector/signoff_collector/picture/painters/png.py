"""Pixels as PNG and WebP, with the facts of the picture in them."""

from __future__ import annotations

import io
import json
import struct
import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.picture.painters.raster import Pixels

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
KEYWORD: Final = "signoff"
"""Of the text chunk that holds the facts as JSON."""
_QUICK: Final = 1
_UP: Final = 2
"""The filter of each row: its difference from the row above (PNG, section 9.2)."""


def png_bytes(pixels: Pixels, facts: Mapping[str, object], *, level: int = _QUICK) -> bytes:
    """Return a PNG of 8 bits per colour.

    Args:
        pixels: height, width, and red, green, blue.
        facts: of the picture.
        level: how hard zlib tries, 1 to 9.
    """
    height, width, _ = pixels.shape
    flat = pixels.reshape(height, width * 3)
    rows = np.empty((height, width * 3 + 1), np.uint8)
    rows[:, 0] = _UP
    rows[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])
    said = json.dumps(facts, sort_keys=True).encode("ascii")
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"tEXt", KEYWORD.encode("ascii") + b"\0" + said),
            _chunk(b"IDAT", zlib.compress(rows.data, level)),
            _chunk(b"IEND", b""),
        )
    )


def webp_bytes(pixels: Pixels, facts: Mapping[str, object]) -> bytes:
    """Return a WebP without losses, the facts in its XMP chunk."""
    from PIL import Image

    held = io.BytesIO()
    said = json.dumps(facts, sort_keys=True).encode("ascii")
    Image.fromarray(pixels).save(held, "WEBP", lossless=True, quality=20, method=0, xmp=said)
    return held.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
