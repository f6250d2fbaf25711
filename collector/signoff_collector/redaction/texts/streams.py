"""Search the concatenated inserted and deleted characters of all edits for known values.

Successive edits can spell a value whose pieces are never adjacent in a file (threat 15). So the
unmasked inserted and deleted characters are joined in the order of the edits and searched as
well. What is found is masked by id. Deleted text is also read backwards, since backspace
deletes from the end.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from signoff_collector.redaction.detectors.detectors import PLACEHOLDER
from signoff_collector.redaction.texts.pieces import join_arrays
from signoff_collector.redaction.texts.texts import Key, TextStates
from signoff_schemas.steps import StepBase

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.redaction.texts.shown import Masks
    from signoff_collector.redaction.values.secrets_table import SecretsTable

_HOLE: Final = "\0"
"""Replaces a masked character; no value contains it."""
_WINDOW: Final = 1 << 18
"""So many characters are searched at once: twelve pasted files are no reason for gigabytes."""
_IS_BLANK: Final = np.array([chr(code).isspace() for code in range(0x3002)])
"""By code point; none behind the ideographic space is blank."""


class Stream(NamedTuple):
    """Characters in the order of their edits, with their ids."""

    name: str
    chars: str
    ids: array[int]
    starts: tuple[int, ...]
    """Offset at which the characters of each edit begin."""
    files: tuple[int, ...]
    """File of each edit, as an index into `Episode.files`."""

    def files_of(self, start: int, end: int) -> list[int]:
        """Return the files whose edits a range of characters comes from."""
        low = bisect_right(self.starts, start) - 1
        return sorted(set(self.files[low : bisect_left(self.starts, end)]))


def streams_of(episode: Episode, *, with_ids: bool = True) -> list[Stream]:
    """Return three streams: inserted, deleted, and deleted in reverse order of the edits.

    Costs one walk, and ten bytes per character; without ids, two.
    """
    states = TextStates(episode)
    inserted, deleted = _Pieces(), _Pieces()
    none: array[int] = array("i")
    for step in episode.ordered():
        if isinstance(step, StepBase):
            states.apply_step(step)
            continue
        text = states.texts.get(Key(step.file, step.buffer))
        if text is not None and step.deleted:
            span = step.start, step.start + step.deleted
            ids = text.ids_of(*span) if with_ids else none
            deleted.add(text.part(*span), ids, step.file)
        fresh = states.apply_edit(step)
        inserted.add(step.text, fresh if with_ids else none, step.file)
    return [
        inserted.stream("the inserted text"),
        deleted.stream("the deleted text"),
        deleted.backwards().stream("the deleted text"),
    ]


def mark_streams(streams: Sequence[Stream], masks: Masks, table: SecretsTable) -> bool:
    """Mask known values that the streams spell; return whether there were any."""
    before = masks.round
    for stream in streams:
        for chars, ids in _windows(stream, masks, table):
            for span in table.find_raw(chars):
                masks.mark(ids[span.start : span.end], span.group)
    return masks.round != before


def visible_streams(episode: Episode) -> Iterator[Stream]:
    """Yield the streams of a redacted episode, each as it is and without white space.

    Their `ids` are meaningless; `chars`, `starts` and `files` are valid.
    """
    for stream in streams_of(episode, with_ids=False):
        shown = PLACEHOLDER.sub(lambda match: _HOLE * len(match[0]), stream.chars)
        yield stream._replace(chars=shown)
        yield _without_blanks(stream._replace(chars=shown))


def _without_blanks(stream: Stream) -> Stream:
    spans = pairwise((*stream.starts, len(stream.chars)))
    pieces = ["".join(stream.chars[low:high].split()) for low, high in spans]
    starts = (0, *accumulate(map(len, pieces)))[: len(pieces)]
    return stream._replace(chars="".join(pieces), starts=starts)


class _Pieces:
    def __init__(self) -> None:
        self._chars: list[str] = []
        self._ids: list[array[int]] = []
        self._files: list[int] = []

    def add(self, chars: str, ids: array[int], file: int) -> None:
        self._chars.append(chars)
        self._ids.append(ids)
        self._files.append(file)

    def backwards(self) -> _Pieces:
        other = _Pieces()
        other._chars, other._ids = self._chars[::-1], self._ids[::-1]
        other._files = self._files[::-1]
        return other

    def stream(self, name: str) -> Stream:
        starts = (0, *accumulate(map(len, self._chars)))[: len(self._chars)]
        ids = join_arrays(self._ids)
        return Stream(name, "".join(self._chars), ids, starts, tuple(self._files))


def _windows(stream: Stream, masks: Masks, table: SecretsTable) -> Iterator[tuple[str, array[int]]]:
    """Yield the stream piece by piece, masked characters as holes, with and without white space.

    A window begins with what the one before ended with: twice the length of the longest value,
    so that each value is in one of them whole, with as much beside it.
    """
    views = [("", array("i")), ("", array("i"))]
    for at in range(0, len(stream.chars), _WINDOW):
        ids = stream.ids[at : at + _WINDOW]
        # Both are read before either is searched: what one masks would be a hole in the other.
        shown = masks.blanked(stream.chars[at : at + _WINDOW], ids, _HOLE)
        pieces = (shown, ids), _squeezed(shown, ids)
        views = [
            _joined(*view, *more, table.reach) for view, more in zip(views, pieces, strict=True)
        ]
        yield from views


def _squeezed(chars: str, ids: array[int]) -> tuple[str, array[int]]:
    codes = np.frombuffer(chars.encode("utf-32-le", "surrogatepass"), np.uint32)
    kept = ~_IS_BLANK[np.minimum(codes, len(_IS_BLANK) - 1)]
    return "".join(chars.split()), array("i", np.frombuffer(ids, np.int32)[kept].tobytes())


def _joined(
    chars: str, ids: array[int], more_chars: str, more_ids: array[int], reach: int
) -> tuple[str, array[int]]:
    low = max(0, len(chars) - 2 * reach)
    return chars[low:] + more_chars, ids[low:] + more_ids
