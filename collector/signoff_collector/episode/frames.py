"""Packs and unpacks zstd frames, each with one MessagePack array (format.md, 2 and 3).

The bytes are untrusted: sizes are checked before memory is allocated, and callers turn
every fault into a ``DamagedError`` with the offset of the frame.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn, Protocol, cast

import msgpack  # type: ignore[import-untyped]  # ships no types

from signoff_collector.episode import zstd
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
LEVEL: Final = 19
WINDOW_LOG: Final = 23
SMALL_BYTES: Final = 128 << 10
"""Up to this size zstd chooses tables that are small anyhow."""
LARGE_BYTES: Final = 1 << 20
"""Larger contents are compressed faster: a day of test runs took 5 s at level 19, now 1.6."""
MANY_BYTES: Final = 4 << 20
"""Up to this size zstd's tables stay small: 4 MB, not 11, for 0.1 % more bytes."""
MAX_FRAME_BYTES: Final = 64 << 20
"""Decompressed size; a frame that declares more is refused before it is decompressed."""

MAX_VALUES: Final = 1 << 21
"""MessagePack values per frame; an empty array takes 1 byte there, some 64 in memory."""

_COUNTED_ABOVE_BYTES: Final = MAX_VALUES  # each takes a byte or more
_MAX_HEADER_BYTES: Final = 18
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def pack(value: object) -> bytes:
    """Return the MessagePack bytes of a value; lone surrogates become U+FFFD."""
    try:
        return cast("bytes", msgpack.packb(value, use_bin_type=True))
    except UnicodeEncodeError:
        return cast("bytes", msgpack.packb(_replace_surrogates(value), use_bin_type=True))


def packer() -> Callable[[object], bytes]:
    """Return a function that does what ``pack`` does, in half the time for many small values.

    It keeps its buffer, which takes longer to make than a row to pack; one thread may use it.
    """
    inner = msgpack.Packer(use_bin_type=True)

    def packed(value: object) -> bytes:
        try:
            return cast("bytes", inner.pack(value))
        except UnicodeEncodeError:
            return pack(value)

    return packed


def pack_array_header(count: int) -> bytes:
    """Return the MessagePack bytes that begin an array of `count` values."""
    return cast("bytes", msgpack.Packer().pack_array_header(count))


def _replace_surrogates(value: object) -> object:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_replace_surrogates(k): _replace_surrogates(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_replace_surrogates(item) for item in value]
    return value


def _map_without_duplicates(pairs: Iterable[tuple[object, object]]) -> dict[object, object]:
    listed = list(pairs)
    made = dict(listed)
    if len(made) != len(listed):
        message = "a map holds the same key twice"
        raise ValueError(message)
    return made


def _refuse_extension(code: int, _data: bytes) -> NoReturn:
    message = f"extension type {code} is not allowed"
    raise ValueError(message)


def unpack(content: bytes) -> object:
    """Return the one MessagePack value that `content` holds.

    Raises:
        ValueError: it holds none, more than one, a map with a duplicate key, an extension
            type, text that is not UTF-8, or more than MAX_VALUES values.
    """
    _refuse_crowd(content)
    try:
        value = _unpacked(content, None)
        if _is_packed_as(value, content):  # no duplicate key: it would be gone from `value`
            return value
        return _unpacked(content, _map_without_duplicates)
    except (msgpack.UnpackException, TypeError, OverflowError, RecursionError) as error:
        message = f"not one MessagePack value ({type(error).__name__})"
        raise ValueError(message) from error


def _unpacked(content: bytes, pairs_hook: object) -> object:
    value: object = msgpack.unpackb(
        content,
        raw=False,
        strict_map_key=True,
        object_pairs_hook=pairs_hook,
        ext_hook=_refuse_extension,
    )
    return value


def _is_packed_as(value: object, content: bytes) -> bool:
    """Say whether packing gives the same bytes; three times as fast as checking all keys."""
    try:
        return bool(msgpack.packb(value, use_bin_type=True) == content)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return False


class ValueReader(Protocol):
    """The part of msgpack's `Unpacker` that is used here; the package ships no types."""

    def feed(self, content: bytes, /) -> None:
        """Append bytes to the input."""
        ...

    def read_array_header(self) -> int:
        """Return the length of an array; its values are read next."""
        ...

    def read_map_header(self) -> int:
        """Return the number of pairs of a map; they are read next."""
        ...

    def skip(self) -> None:
        """Skip the next value."""
        ...

    def tell(self) -> int:
        """Return how many bytes have been read."""
        ...


def unpacker(content: bytes) -> ValueReader:
    """Return a streaming reader of the MessagePack values in `content`.

    Use it to skip values. Untrusted values that are wanted must be decoded by ``unpack``,
    which refuses duplicate keys and too many values.
    """
    reader: ValueReader = msgpack.Unpacker(
        raw=False,
        strict_map_key=True,
        ext_hook=_refuse_extension,
        max_buffer_size=max(len(content), 1),
        max_array_len=MAX_VALUES,
        max_map_len=MAX_VALUES,
    )
    reader.feed(content)
    return reader


def _token_bytes() -> tuple[tuple[int, int], ...]:
    """Return, per first byte of a MessagePack value, bytes to skip and size of its length field.

    Members of arrays and maps are counted as values of their own.
    """
    table = [(1, 0)] * 256
    for byte in range(0xA0, 0xC0):
        table[byte] = (1 + (byte & 31), 0)
    for byte, steps in {0xC7: 2, 0xC8: 2, 0xC9: 2, 0xCA: 5, 0xCB: 9, 0xD4: 3, 0xD5: 4,
                        0xD6: 6, 0xD7: 10, 0xD8: 18, 0xDC: 3, 0xDD: 5, 0xDE: 3,
                        0xDF: 5}.items():  # fmt: skip
        table[byte] = (steps, 0)
    for first, lengths in ((0xC4, (1, 2, 4)), (0xC7, (1, 2, 4)), (0xD9, (1, 2, 4))):
        for number, length in enumerate(lengths):
            table[first + number] = (1 + length + (first == 0xC7), length)
    for byte in range(0xCC, 0xD4):
        table[byte] = (1 + (1 << (byte & 3)), 0)
    return tuple(table)


_TOKENS: Final = _token_bytes()
_SINGLES: Final = re.compile(rb"[\x00-\x9f\xc0-\xc3\xe0-\xff]+")
"""One-byte values; the regular expression skips whole runs of them at once."""


def _refuse_crowd(content: bytes) -> None:
    """Count values without decoding, to refuse a memory bomb; small frames cannot be one.

    Raises:
        ValueError: it holds more than MAX_VALUES.
    """
    if len(content) <= _COUNTED_ABOVE_BYTES:
        return
    at = count = 0
    while at < len(content):
        singles = _SINGLES.match(content, at, at + MAX_VALUES + 1)
        if singles is not None:
            count += singles.end() - at
            at = singles.end()
        else:
            step, length = _TOKENS[content[at]]
            if length:
                step += int.from_bytes(content[at + 1 : at + 1 + length], "big")
            at += step
            count += 1
        if count > MAX_VALUES:
            raise ValueError(f"it holds more than {MAX_VALUES} values")


def compress(content: bytes, boundaries: Iterable[int] = ()) -> bytes:
    """Return one zstd frame with content size and checksum.

    Args:
        content: what it holds.
        boundaries: ascending offsets where zstd begins a new block, with its own entropy
            tables: set where the data on both sides differs in kind.

    Raises:
        ValueError: the content is larger than a reader accepts.
    """
    if len(content) > MAX_FRAME_BYTES:
        raise ValueError(f"a frame would hold {len(content)} bytes")
    places = [place for place in boundaries if 0 < place < len(content)]
    return zstd.compress_frame(content, zstd_options(len(content)), places)


def zstd_options(size: int) -> dict[int, int]:
    """Return level 19, made cheaper for large contents: a third of the time and memory."""
    name = zstd.CompressionParameter
    options: dict[int, int] = {name.compression_level: LEVEL, name.checksum_flag: 1}
    if size > SMALL_BYTES:
        options |= {name.chain_log: 21 if size > MANY_BYTES else 19}
        options |= {name.hash_log: 19 if size > MANY_BYTES else 18}
    if size > LARGE_BYTES:
        options |= {name.search_log: 4, name.min_match: 5, name.strategy: zstd.BTOPT}
    if size > 1 << WINDOW_LOG:
        options |= {name.window_log: WINDOW_LOG}
    return options


def content_size(data: bytes, offset: int) -> int:
    """Return the decompressed size that the frame at `offset` declares, 0 if none."""
    try:
        return _read_header(data, offset).content_size or 0
    except ValueError:
        return 0


def decompress(frame: bytes) -> bytes:
    """Return what one frame holds.

    Raises:
        ValueError: the frame is damaged, too large, or lacks its size or checksum.
    """
    said = _read_header(frame, 0)
    if said.content_size is None:
        raise ValueError("frame does not say how much it holds")
    if said.content_size > MAX_FRAME_BYTES:
        raise ValueError(f"frame says it holds {said.content_size} bytes")
    if not said.has_checksum or said.dict_id or said.window_bytes > max(1 << WINDOW_LOG, 1024):
        raise ValueError("frame lacks its checksum, names a dictionary or has too large a window")
    return zstd.decompress_frame(frame, WINDOW_LOG, said.content_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """What a frame says of itself before its first block (RFC 8878, section 3.1.1.1)."""

    length: int
    content_size: int | None
    window_bytes: int
    """What a decoder has to keep; the content itself where a frame has one segment."""
    dict_id: int
    has_checksum: bool


def _read_header(data: bytes, offset: int) -> _Header:
    """Return the header of the zstd frame at `offset`.

    Raises:
        ValueError: none begins there.
    """
    head = data[offset : offset + _MAX_HEADER_BYTES]
    if head[:4] != ZSTD_MAGIC or len(head) < 6:
        raise ValueError("no zstd frame begins here")
    descriptor = head[4]
    is_single = bool(descriptor & 0x20)
    window_at = 5
    dict_at = window_at + (not is_single)
    size_at = dict_at + (0, 1, 2, 4)[descriptor & 3]
    length = size_at + (1 if is_single else 0, 2, 4, 8)[descriptor >> 6]
    if descriptor & 8 or len(head) < length:
        raise ValueError("the header of a zstd frame is damaged")
    size = None
    if length > size_at:
        size = int.from_bytes(head[size_at:length], "little") + (256 if descriptor >> 6 == 1 else 0)
    if is_single:
        window = size or 0
    else:
        exponent, eighths = head[window_at] >> 3, head[window_at] & 7
        window = (1 << 10 + exponent) // 8 * (8 + eighths)
    return _Header(
        length=length,
        content_size=size,
        window_bytes=window,
        dict_id=int.from_bytes(head[dict_at:size_at], "little"),
        has_checksum=bool(descriptor & 4),
    )


def frame_length(data: bytes, offset: int) -> int:
    """Return the length of the zstd frame at `offset`, from its block headers alone.

    RFC 8878, section 3.1.1.

    Raises:
        ValueError: there is no complete frame.
    """
    said = _read_header(data, offset)
    at = offset + said.length
    while True:
        block = data[at : at + 3]
        if len(block) < 3:
            raise ValueError("frame is cut short")
        word = int.from_bytes(block, "little")
        kind, size = (word >> 1) & 3, word >> 3
        at += 3 + (1 if kind == 1 else size)
        if kind == 3:
            raise ValueError("frame holds a reserved block")
        if word & 1:
            break
    at += 4 if said.has_checksum else 0
    if at > len(data):
        raise ValueError("frame is cut short")
    return at - offset


def skippable(magic: int, content: bytes) -> bytes:
    """Return a skippable frame."""
    return struct.pack("<II", magic, len(content)) + content


def damaged(what: str, offset: int, cause: object) -> DamagedError:
    """Return the error for a fault in the frame that begins at `offset`."""
    return DamagedError(
        f"{what} at byte {offset} is damaged: {cause}",
        hint="`signoff show` lists what can still be read.",
        offset_bytes=offset,
    )
