"""Serialise the searchable content of one session for its index (`word_index`).

MessagePack in one zstd frame, written once. All lines form one text and all texts of steps
another, so that a search can rule out a match before any event or step is decoded.
"""

from __future__ import annotations

import sys
from array import array
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.history.search.line_log import LineEvent, Track
from signoff_collector.history.search.searchable_text import (
    SessionText,
    decoded,
    encoded,
    numbers_at,
)
from signoff_collector.history.search.step_text import StepText
from signoff_schemas.errors import DamagedError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

_MS: Final = 1_000_000
_FORM: Final = f"3 {sys.byteorder}"
_WIDTHS: Final = (("b", 7), ("h", 15), ("i", 31), ("q", 63))
Columns = list[tuple[str, bytes]]
"""Type code of `array` and bytes of each column of numbers."""


def packed(held: SessionText) -> bytes:
    """Return the content as bytes.

    Raises:
        SignoffError: it exceeds the maximal frame size.
    """
    import msgpack  # type: ignore[import-untyped]  # ships no types

    from signoff_collector.episode.frames import compress

    paths: dict[str | None, int] = {}
    said = [(kind, *_packed_step_texts(held, kind, paths)) for kind in held.kinds()]
    end = [held.end[0], held.end[1] // _MS]
    body = [_FORM, *_packed_files(held.tracks), list(paths), said, end]
    try:
        return compress(cast("bytes", msgpack.packb(body, unicode_errors="surrogatepass")))
    except ValueError:
        raise SignoffError("a session has more words than the index can store") from None


def _packed_files(tracks: Sequence[Track]) -> tuple[object, Columns, Columns, bytes]:
    rows: list[tuple[int, ...]] = []
    lines: dict[str, int] = {}
    places: list[int] = []
    for track in tracks:
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
            places.extend(lines.setdefault(line, len(lines)) for line in event.inserted)
            before_seq, before_ms = event.seq, t_ms
    named = [[track.path, track.is_main, len(track.events)] for track in tracks]
    steps = [(b - a,) for a, b in pairwise([0, *places])]
    return named, _columns(rows), _columns(steps), encoded("\n".join(lines))


def _packed_step_texts(
    held: SessionText, kind: str, paths: dict[str | None, int]
) -> tuple[Columns, Columns, bytes]:
    rows: list[tuple[int, ...]] = []
    before_seq = before_ms = 0
    own = held.of_kind(kind)
    for one in own:
        seq, t_ms = one.seq, one.t_ns // _MS
        path = paths.setdefault(one.path, len(paths))
        rows.append((seq - before_seq, t_ms - before_ms, path, len(one.texts)))
        before_seq, before_ms = seq, t_ms
    lengths = [(len(text) + 1,) for one in own for text in one.texts]
    return _columns(rows), _columns(lengths), held.said(kind)


def _columns(rows: Iterable[tuple[int, ...]]) -> Columns:
    return [_column(column) for column in zip(*rows, strict=True)]


def _column(numbers: Sequence[int]) -> tuple[str, bytes]:
    """Return numbers in the smallest sufficient array type."""
    low, high = min(numbers), max(numbers)
    code = next(code for code, bits in _WIDTHS if -(1 << bits) <= low and high < 1 << bits)
    return code, array(code, numbers).tobytes()


class PackedWords:
    """Implementation of `SearchableText` over the bytes that `packed` made."""

    def __init__(self, data: bytes) -> None:
        """Decode the bytes.

        Raises:
            DamagedError: `packed` did not make these bytes.
        """
        import msgpack

        from signoff_collector.episode.frames import decompress

        try:
            body = cast(
                "list[object]", msgpack.unpackb(decompress(data), unicode_errors="surrogatepass")
            )
            form, files, events, places, lines, paths, said, end = body
        except (ValueError, TypeError):
            raise DamagedError("the words of a session cannot be read") from None
        if form != _FORM:
            raise DamagedError("the words of a session are in another form")
        self._files = cast("list[tuple[str, bool, int]]", files)
        self._events, self._places = cast("Columns", events), cast("Columns", places)
        self._lines, self._paths = cast("bytes", lines), cast("list[str | None]", paths)
        kinds = cast("list[tuple[str, Columns, Columns, bytes]]", said)
        seq, t_ms = cast("list[int]", end)
        self.end: Final = (seq, t_ms * _MS)
        """Last step of the session and its time."""
        self._kinds = {kind: (rows, lengths, texts) for kind, rows, lengths, texts in kinds}

    def lines(self) -> bytes:
        """Return every distinct line of its files, newline-separated."""
        return self._lines

    def kinds(self) -> Collection[str]:
        """Return the kinds of steps that have text."""
        return self._kinds

    def said(self, kind: str) -> bytes:
        """Return all texts of steps of a kind, newline-separated."""
        return self._kinds[kind][2]

    def step_texts_at(self, kind: str, places: Iterable[int] | None) -> Iterator[StepText]:
        """Yield the texts of steps at some offsets into `said`; None for all."""
        rows, lengths, said = self._kinds[kind]
        steps, waits, paths, counts = _arrays(rows)
        seqs, times = list(accumulate(steps)), list(accumulate(waits))
        texts = [0, *(end for column in _arrays(lengths) for end in accumulate(column))]
        firsts = [0, *accumulate(counts)]
        ends, whole = [texts[first] for first in firsts[1:]], decoded(said)
        for number in range(len(ends)) if places is None else numbers_at(ends, places):
            own = pairwise(texts[firsts[number] : firsts[number + 1] + 1])
            put = tuple(whole[low : high - 1] for low, high in own)
            path = self._paths[paths[number]]
            yield StepText(seqs[number], times[number] * _MS, kind, path, put)

    def tracks_with(self, lines: Collection[str], wants: Callable[[str], bool]) -> Iterator[Track]:
        """Yield the tracks that contain some of the lines, for paths that `wants` accepts."""
        if not any(wants(path) for path, _, _ in self._files):
            return
        distinct = decoded(self._lines).split("\n")
        wanted = {number for number, line in enumerate(distinct) if line in lines}
        places = list(accumulate(step for (step,) in _numbers(self._places)))
        columns = _arrays(self._events)
        first = low = 0
        for path, is_main, count in self._files:
            own = [column[first : first + count] for column in columns]
            high = low + (sum(own[-1]) if own else 0)
            if wants(path) and not wanted.isdisjoint(places[low:high]):
                came = [distinct[place] for place in places[low:high]]
                rows = zip(*own, strict=True)
                yield Track(path=path, is_main=is_main, events=tuple(_events(rows, came)))
            first, low = first + count, high


def _arrays(columns: Columns) -> list[array[int]]:
    return [array(code, data) for code, data in columns]


def _numbers(columns: Columns) -> Iterator[tuple[int, ...]]:
    return zip(*_arrays(columns), strict=True)


def _events(rows: Iterable[tuple[int, ...]], lines: Sequence[str]) -> Iterator[LineEvent]:
    seq = t_ms = low = 0
    for step, begun, wait_ms, at, removed, inserted in rows:
        seq, t_ms = seq + (step >> 1), t_ms + wait_ms
        put = tuple(lines[low : low + inserted])
        low += inserted
        yield LineEvent(seq, seq - begun, t_ms * _MS, at, removed, put, bool(step & 1))
