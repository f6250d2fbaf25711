"""What a search of one session looks through, packed: the lines of its files, and what was said.

MessagePack in one xz stream, in the session's index (`word_index`); made once and read whole.
"""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.history.line_log import LineEvent, Track, tracks_of
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.history.searchable import Searchable

_MAX_BYTES: Final = 1 << 29
_MAX_MEMORY: Final = 1 << 27
_MS: Final = 1_000_000
_FILTERS: Final = ({"id": 33, "preset": 6, "lc": 4, "lp": 0, "pb": 0},)
"""LZMA2 for text: 2 % smaller than its preset."""
_FORM: Final = f"1 {sys.byteorder}"


@dataclass(frozen=True, slots=True)  # positional: thousands of them
class Saying:
    """The words of one step."""

    seq: int
    t_ns: int
    kind: str
    path: str | None
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldWords:
    """All that can be found in one session."""

    tracks: tuple[Track, ...]
    sayings: tuple[Saying, ...]


def held_words(searchable: Searchable) -> HeldWords:
    """Return what can be found in a session, from its steps.

    Raises:
        DamagedError: the session cannot be read.
    """
    return HeldWords(tracks=tuple(tracks_of(searchable)), sayings=tuple(searchable.sayings()))


def packed(held: HeldWords) -> bytes:
    """Return it as bytes."""
    import lzma

    import msgpack  # type: ignore[import-untyped]  # ships no types

    rows: list[tuple[int, ...]] = []
    lines: dict[str, int] = {}
    places: list[tuple[int, ...]] = []
    for track in held.tracks:
        before_seq = before_ms = 0
        for event in track.events:
            t_ms = max(event.t_ns // _MS, before_ms)
            rows.append(
                (
                    (event.seq - before_seq) << 1 | event.is_deletion,
                    event.seq - event.begun,
                    t_ms - before_ms,
                    event.at,
                    event.removed,
                    len(event.inserted),
                )
            )
            places.extend((lines.setdefault(line, len(lines)),) for line in event.inserted)
            before_seq, before_ms = event.seq, t_ms
    said = held.sayings
    moments = [(0, 0), *((one.seq, one.t_ns // _MS) for one in said)]
    body = [
        _FORM,
        [[track.path, track.is_main, len(track.events)] for track in held.tracks],
        _columns(rows),
        "\n".join(lines),
        _columns([(b - a,) for (a,), (b,) in pairwise([(0,), *places])]),
        _columns([(seq - a, t_ms - b) for (a, b), (seq, t_ms) in pairwise(moments)]),
        [[one.kind, one.path, list(one.texts)] for one in said],
    ]
    data = cast("bytes", msgpack.packb(body, unicode_errors="surrogatepass"))
    return lzma.compress(data, check=lzma.CHECK_CRC32, filters=_FILTERS)


def _columns(rows: list[tuple[int, ...]]) -> list[bytes]:
    return [array("q", column).tobytes() for column in zip(*rows, strict=True)]


def unpacked(data: bytes) -> HeldWords:
    """Return what `packed` made bytes of.

    Raises:
        DamagedError: these are other bytes.
    """
    import lzma

    import msgpack

    try:
        body = lzma.LZMADecompressor(memlimit=_MAX_MEMORY).decompress(data, _MAX_BYTES)
        form, tracks, events, text, places, times, said = cast(
            "list[object]", msgpack.unpackb(body, unicode_errors="surrogatepass")
        )
        if form != _FORM:
            raise DamagedError("the words of a session are in another form")
        return HeldWords(
            tracks=_tracks(
                cast("list[list[object]]", tracks),
                _rows(cast("list[bytes]", events)),
                _lines(cast("str", text), _rows(cast("list[bytes]", places))),
            ),
            sayings=_sayings(cast("list[list[object]]", said), _rows(cast("list[bytes]", times))),
        )
    except (lzma.LZMAError, ValueError, TypeError, AttributeError, StopIteration):
        raise DamagedError("the words of a session cannot be read") from None


def _rows(columns: list[bytes]) -> Iterator[tuple[int, ...]]:
    return zip(*(array("q", column) for column in columns), strict=True)


def _lines(text: str, rows: Iterator[tuple[int, ...]]) -> list[str]:
    """Return every line that came, one after the other; each is held once."""
    distinct = text.split("\n")
    return [distinct[place] for place in accumulate(step for (step,) in rows)]


def _tracks(
    tracks: list[list[object]], rows: Iterator[tuple[int, ...]], lines: list[str]
) -> tuple[Track, ...]:
    found: list[Track] = []
    low = 0
    for path, is_main, count in tracks:
        events: list[LineEvent] = []
        seq = t_ms = 0
        for step, begun, wait_ms, at, removed, inserted in islice(rows, cast("int", count)):
            seq, t_ms = seq + (step >> 1), t_ms + wait_ms
            put = tuple(lines[low : low + inserted])
            low += inserted
            events.append(LineEvent(seq, seq - begun, t_ms * _MS, at, removed, put, bool(step & 1)))
        found.append(Track(path=str(path), is_main=bool(is_main), events=tuple(events)))
    return tuple(found)


def _sayings(said: list[list[object]], rows: Iterator[tuple[int, ...]]) -> tuple[Saying, ...]:
    found: list[Saying] = []
    seq = t_ms = 0
    for (step, wait_ms), (kind, path, texts) in zip(rows, said, strict=True):
        seq, t_ms = seq + step, t_ms + wait_ms
        texts_said = tuple(str(text) for text in cast("list[object]", texts))
        found.append(
            Saying(seq, t_ms * _MS, str(kind), None if path is None else str(path), texts_said)
        )
    return tuple(found)
