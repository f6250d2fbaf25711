"""Search the bytes that will be written for pieces of known values, in every encoding.

The last check before sealing: it knows nothing of steps and texts, only bytes. They are searched
as they are, decompressed, with JSON and percent escapes undone, and with base64 decoded.

All pieces are searched at once: a hash of every six-byte window is looked up in a bitmap, and only
the windows whose bit is set are compared.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np

GRAM_BYTES: Final = 6
_CHUNK: Final = 1 << 20
_BITS: Final = 22
"""Size of the bitmap as a power of two: 4 MiB, so that few windows match by chance."""
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
"""Multiplier of Fibonacci hashing: 2^64 divided by the golden ratio."""
_HASH: Final = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_ANY_ESCAPE: Final = re.compile(rb"\\[u/\"\\]|%[0-9A-Fa-f]{2}")
_BETWEEN: Final = bytes(range(0x21)) + b"\"'<>`"
"""What `_ESCAPED` does not contain beside its escapes: blanks, control characters and quotes."""
_REACH: Final = 256
_ESCAPED: Final = re.compile(
    rb"[^\s\x00-\x1f\"'<>`]{0,256}(?:\\[u/\"\\]|%[0-9A-Fa-f]{2})[^\s\x00-\x1f\"'<>`]{0,1024}"
)
_PLAIN: Final = bytes.maketrans(_BETWEEN, b" " * len(_BETWEEN))
_ESCAPE: Final = re.compile(
    rb"\\u([0-9A-Fa-f]{4})(?:\\u([Dd][C-Fc-f][0-9A-Fa-f]{2}))?|\\([/\"\\])|%([0-9A-Fa-f]{2})"
)
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{8,65536}")
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


class Found(NamedTuple):
    """A piece of a known value in the bytes."""

    spelling: str
    """`plain`, `escaped` or `base64`."""
    container: str
    """The escaped or encoded run that contains it, which is as secret; empty if plain."""
    at: int
    """Offset in the bytes: of the run if there is one, else of the piece."""


class Windows:
    """Finds where one of many windows of six bytes may stand; a few places are none."""

    def __init__(self, windows: Iterable[bytes]) -> None:
        self._bitmap = np.zeros(1 << _BITS, bool)
        known = np.frombuffer(b"".join(windows), np.uint8)
        self._bitmap[_hashes(known)[::GRAM_BYTES]] = True
        self._is_empty = not len(known)

    def places(self, content: bytes) -> Iterator[int]:
        """Yield the offsets at which a window may begin, in order."""
        whole = np.frombuffer(content, np.uint8)
        count = 0 if self._is_empty else len(whole) - GRAM_BYTES + 1
        for low in range(0, max(0, count), _CHUNK):
            hashes = _hashes(whole[low : low + _CHUNK + GRAM_BYTES - 1])
            yield from (np.flatnonzero(self._bitmap[hashes]) + low).tolist()


class ByteSearch:
    """Searches many short pieces at once; ten million bytes take about a second."""

    def __init__(self, pieces: Iterable[str]) -> None:
        """Index the pieces to search for.

        Args:
            pieces: of at least three characters; those of six or more bytes are indexed by
                their first six.
        """
        self._by_start: dict[bytes, list[bytes]] = {}
        self._short: list[bytes] = []
        for piece in pieces:
            content = piece.encode("utf-8", "surrogatepass")
            if len(content) < GRAM_BYTES:
                self._short.append(content)
            else:
                self._by_start.setdefault(content[:GRAM_BYTES], []).append(content)
        self._windows = Windows(self._by_start)

    def plain(self, content: bytes) -> Iterator[Found]:
        """Yield the matches in the bytes as they are."""
        for at in self._places(content):
            yield Found("plain", "", at)

    def spelt(self, content: bytes) -> Iterator[Found]:
        """Yield the matches in escaped and in base64 runs, once decoded."""
        yield from self._decoded(content, "escaped", escaped_runs, _unescaped)
        yield from self._decoded(content, "base64", _base64_runs, _from_base64)

    def _decoded(
        self,
        content: bytes,
        spelling: str,
        runs: Callable[[bytes], Iterator[tuple[int, bytes]]],
        decode: Callable[[bytes], Iterator[bytes]],
    ) -> Iterator[Found]:
        unique: dict[bytes, int] = {}
        for start, run in runs(content):
            unique.setdefault(run, start)
        owners: list[tuple[int, bytes]] = []
        parts: list[bytes] = []
        size = 0
        for run in unique:
            for decoded in decode(run):
                owners.append((size, run))
                parts += (decoded, b"\n")
                size += len(decoded) + 1
        starts = np.array([start for start, _ in owners], np.int64)
        for place in self._places(b"".join(parts)):
            run = owners[int(np.searchsorted(starts, place, side="right")) - 1][1]
            yield Found(spelling, run.decode("utf-8", "replace"), unique[run])

    def _places(self, content: bytes) -> Iterator[int]:
        for short in self._short:
            place = content.find(short)
            if place >= 0:
                yield place
        for at in self._windows.places(content):
            known = self._by_start.get(content[at : at + GRAM_BYTES], ())
            if any(content.startswith(piece, at) for piece in known):
                yield at


def without_hashes(content: bytes, hashes: Iterable[str]) -> bytes:
    """Blank out the given SHA-256 digests in hexadecimal.

    A digest of shown text reveals no value, but six of its characters may match one by chance.
    """
    known = {one.encode("ascii") for one in hashes}
    return _HASH.sub(lambda found: b" " * 64 if found[0] in known else found[0], content)


def _hashes(
    content: np.ndarray[tuple[int], np.dtype[np.uint8]],
) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return a hash below 2^_BITS for every window of six bytes."""
    count = len(content) - GRAM_BYTES + 1
    windows = np.zeros(max(0, count), np.uint64)
    for place in range(GRAM_BYTES):
        windows <<= np.uint64(8)
        windows |= content[place : place + count].astype(np.uint64)
    mixed: np.ndarray[tuple[int], np.dtype[np.uint64]] = (windows * _MIX) >> np.uint64(64 - _BITS)
    return mixed


def escaped_runs(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the offset and bytes of each match of `_ESCAPED`.

    Its start is found by the escape: tried at every byte it takes 0.7 s for 1 MB of dense code.
    """
    plain = content.translate(_PLAIN)
    place = 0
    while (escape := _ANY_ESCAPE.search(content, place)) is not None:
        low = max(place, escape.start() - _REACH)
        start = max(low, plain.rfind(b" ", low, escape.start()) + 1)
        match = _ESCAPED.match(content, start)
        place = escape.end() if match is None else match.end()
        yield start, content[start:place]


def _base64_runs(content: bytes) -> Iterator[tuple[int, bytes]]:
    for match in _BASE64.finditer(content):
        yield match.start(), match[0]


def _unescaped(run: bytes) -> Iterator[bytes]:
    """Yield the run with its escapes undone, and again if that leaves escapes."""
    for _ in range(2):
        plain = _ESCAPE.sub(_undone, run)
        if plain == run:
            return
        yield plain
        run = plain


def _undone(match: re.Match[bytes]) -> bytes:
    high, low, char, percent = match.groups()
    if percent is not None:
        return bytes([int(percent, 16)])
    if char is not None:
        return char
    units = int(high, 16).to_bytes(2, "big") + (int(low, 16).to_bytes(2, "big") if low else b"")
    return units.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")


def _from_base64(run: bytes) -> Iterator[bytes]:
    """Yield the decoded run for each of the four alignments: data may begin within the run."""
    standard = run.translate(_URL_SAFE)
    for shift in range(4):
        length = (len(standard) - shift) // 4 * 4
        rest = len(standard) - shift - length
        piece = standard[shift : shift + length] + (
            standard[shift + length :] + b"=" * (4 - rest) if rest >= 2 else b""
        )
        try:
            yield base64.b64decode(piece)
        except binascii.Error:  # a character of neither alphabet
            continue
