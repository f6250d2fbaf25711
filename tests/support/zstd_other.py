"""Puts python-zstandard, of whatever release lies on the path, in the place of the product's zstd.

Python's own zstd comes with one release of the library; python-zstandard's wheels carry older
ones, so they judge what the product writes, and write what it reads.

    python -m tests.support.zstd_other VERB…     a verb of signoff with it
"""

from __future__ import annotations

import itertools
import sys
from typing import TYPE_CHECKING, Final

import zstandard

from signoff_collector.episode import zstd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NAME = zstd.CompressionParameter
_TO_ZSTANDARD: Final = {
    _NAME.window_log: "window_log",
    _NAME.hash_log: "hash_log",
    _NAME.chain_log: "chain_log",
    _NAME.search_log: "search_log",
    _NAME.min_match: "min_match",
    _NAME.strategy: "strategy",
    _NAME.checksum_flag: "write_checksum",
}


def replace_zstd() -> None:
    """Let every module of this process compress and decompress with python-zstandard."""
    zstd.compress_frame = compress_frame
    zstd.decompress_frame = decompress_frame
    zstd.quick_size = quick_size
    zstd.VERSION = ".".join(map(str, zstandard.ZSTD_VERSION))  # type: ignore[misc]  # of this one


def compress_frame(
    content: bytes, options: Mapping[int, int], boundaries: Iterable[int] = ()
) -> bytes:
    """Do what the function of this name in `signoff_collector.episode.zstd` does."""
    told = {_TO_ZSTANDARD[name]: value for name, value in options.items() if name in _TO_ZSTANDARD}
    made = zstandard.ZstdCompressionParameters.from_level(
        options[_NAME.compression_level],
        source_size=max(len(content), 1),
        write_content_size=True,
        write_dict_id=False,
        **told,
    )
    stream = zstandard.ZstdCompressor(compression_params=made).compressobj(size=len(content))
    found: list[bytes] = []
    for low, high in itertools.pairwise([0, *boundaries, len(content)]):
        found.append(stream.compress(content[low:high]))
        if high < len(content):
            found.append(stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))
    return b"".join([*found, stream.flush()])


def decompress_frame(frame: bytes, window_log: int, size: int) -> bytes:
    """Do what the function of this name in `signoff_collector.episode.zstd` does."""
    try:
        return zstandard.ZstdDecompressor(max_window_size=1 << window_log).decompress(
            frame, max_output_size=size, allow_extra_data=False
        )
    except (zstandard.ZstdError, MemoryError) as error:
        raise ValueError(f"frame cannot be decompressed ({error})") from error


def quick_size(content: bytes) -> int:
    """Do what the function of this name in `signoff_collector.episode.zstd` does."""
    return len(zstandard.ZstdCompressor(level=zstd.QUICK_LEVEL).compress(content))


if __name__ == "__main__":
    from signoff_collector.cli import main

    replace_zstd()
    sys.exit(main(sys.argv[1:]))
