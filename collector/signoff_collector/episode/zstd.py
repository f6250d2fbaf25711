"""The zstd library behind frames: Python's own from 3.14 on, its backport before.

All calls of it are here, so that tests can put other releases of zstd in its place
(`tests/support/zstd_release.py`) and nothing else depends on how its Python names things.
"""

from __future__ import annotations

import itertools
import sys
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import SignoffError

try:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
except ImportError as error:  # a Python that was built without zstd
    raise SignoffError(
        f"this Python cannot unpack zstd ({error})",
        hint="Use a Python that was built with zstd, as python.org, Debian and uv have it.",
    ) from error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CompressionParameter = zstd.CompressionParameter
VERSION: Final[str] = zstd.zstd_version
"""Release of zstd itself, such as `1.5.7`: it decides the bytes of a frame."""
BTOPT: Final = int(zstd.Strategy.btopt)
QUICK_LEVEL: Final = 3
"""Frames of level 19 are smaller than of this level, by a fifth in a day's file."""
_BLOCK: Final = zstd.ZstdCompressor.FLUSH_BLOCK
_FRAME: Final = zstd.ZstdCompressor.FLUSH_FRAME


def compress_frame(
    content: bytes, options: Mapping[int, int], boundaries: Iterable[int] = ()
) -> bytes:
    """Return one frame that says its content's size.

    Args:
        content: what it holds.
        options: parameters of zstd (its manual, "Advanced compression API"), by number.
        boundaries: ascending offsets inside of `content` where a new block begins.
    """
    compressor = zstd.ZstdCompressor(options=dict(options))
    compressor.set_pledged_input_size(len(content))
    places = [0, *boundaries, len(content)]
    found: list[bytes] = []
    for low, high in itertools.pairwise(places):
        is_last = high == len(content)
        part = content[low:high]
        found.append(compressor.compress(part, _FRAME if is_last else _BLOCK))
    return b"".join(found)


def decompress_frame(frame: bytes, window_log: int, size: int) -> bytes:
    """Return what one frame holds; no more than `size` bytes of it are ever in memory.

    Raises:
        ValueError: it is damaged, not ended, longer than one frame, needs a larger window or
            holds more.
    """
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: window_log}
    decompressor = zstd.ZstdDecompressor(options=options)
    try:
        content = decompressor.decompress(frame, max_length=size)
        if not decompressor.eof:  # all is out, its end is not read yet
            content += decompressor.decompress(b"", max_length=1)
    except (zstd.ZstdError, MemoryError) as error:
        raise ValueError(f"frame cannot be decompressed ({error})") from error
    if not decompressor.eof or len(content) > size or decompressor.unused_data:
        raise ValueError("frame cannot be decompressed (it does not end where it says)")
    return content


def quick_size(content: bytes) -> int:
    """Return the bytes of a frame of `QUICK_LEVEL`, without checksum."""
    return len(zstd.compress(content, QUICK_LEVEL))
