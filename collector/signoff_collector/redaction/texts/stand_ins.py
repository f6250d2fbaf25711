"""Replace each masked run by a constant string before a detector reads the text.

What a detector finds on a line must not depend on the letters of a known value: otherwise the
masks beside it would leak information about the value (threat 6). So it reads a stand-in of
constant length and shape.
"""

from __future__ import annotations

import base64
import hashlib
from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.text.offsets import add_offsets

if TYPE_CHECKING:
    from signoff_collector.redaction.texts.shown import Run
    from signoff_collector.redaction.texts.texts import Text

PLACEHOLDER_LIKE: Final = "REDACTED_SECRET_1"
"""Detectors ignore it: used to scan the text as it is after masking."""
_DIGEST: Final = base64.b64encode(hashlib.sha256(b"stand-in").digest()).decode()
SECRET_LIKE: Final = "k7" + "".join(char for char in _DIGEST if char.isalnum())[:22]
"""Detectors take it for a secret: used to find the larger value that a known one is part of."""


class StoodIn(NamedTuple):
    """A part of a text with a stand-in for each masked run."""

    chars: str
    places: array[int]
    """For each character its offset in the text.

    For a character of a stand-in it is the bitwise complement (`~`) of its run's offset: so a
    negative number tells a stand-in from text.
    """

    def blanked(self) -> str:
        """Return the characters, with NUL in place of the stand-ins."""
        shown = zip(self.chars, self.places, strict=True)
        return "".join([char if place >= 0 else "\0" for char, place in shown])

    def run_in(self, start: int, end: int) -> int | None:
        """Return the offset of the first run that `chars[start:end]` touches."""
        return next((~place for place in self.places[start:end] if place < 0), None)

    def ids(self, text: Text, start: int, end: int) -> array[int]:
        """Return the ids of those of `chars[start:end]` that are no stand-in."""
        ids = array("i")
        for low, high in self.parts(start, end):
            ids += text.ids_of(self.places[low], self.places[high - 1] + 1)
        return ids

    def parts(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the ranges of `chars[start:end]` between stand-ins, as offsets in `chars`."""
        low = start
        for at in range(start, end + 1):
            if at == end or self.places[at] < 0:
                if low < at:
                    yield low, at
                low = at + 1


def stood_in(text: Text, low: int, high: int, runs: Sequence[Run], stand_in: str) -> StoodIn:
    """Return `text[low:high]` with `stand_in` for each run; all runs lie within the range."""
    pieces: list[str] = []
    places = array("i")
    place = low
    for run in runs:
        pieces += [text.part(place, run.start), stand_in]
        add_offsets(places, place, run.start)
        places += array("i", [~run.start]) * len(stand_in)
        place = run.end
    pieces.append(text.part(place, high))
    add_offsets(places, place, high)
    return StoodIn("".join(pieces), places)
