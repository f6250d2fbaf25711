"""A text in which something that is always the same stands for each masked run.

What a detector says of a line must not depend on the letters of a value that is known: else
it could be read from what is masked beside it (threat 6). It reads a stand-in instead, of
one length and shape whatever the value is.
"""

from __future__ import annotations

import base64
import hashlib
from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from signoff_collector.redaction.texts.shown import Run
    from signoff_collector.redaction.texts.texts import Text

PLACEHOLDER_LIKE: Final = "REDACTED_SECRET_1"
"""Is no name and no value to detectors: they see what is left when it is gone."""
_DIGEST: Final = base64.b64encode(hashlib.sha256(b"stand-in").digest()).decode()
SECRET_LIKE: Final = "k7" + "".join(char for char in _DIGEST if char.isalnum())[:22]
"""Is a secret to detectors: they see what it belongs to."""


class StoodIn(NamedTuple):
    """Part of a text with a stand-in for each masked run."""

    chars: str
    places: array[int]
    """For each character its offset in the text; in a stand-in `~` the offset of its run."""

    def blanked(self) -> str:
        """Return the characters without the stand-ins."""
        shown = zip(self.chars, self.places, strict=True)
        return "".join([char if place >= 0 else "\0" for char, place in shown])

    def run_in(self, start: int, end: int) -> int | None:
        """Return the offset of the first run that `chars[start:end]` touches."""
        return next((~place for place in self.places[start:end] if place < 0), None)

    def ids(self, text: Text, start: int, end: int) -> array[int]:
        """Return the ids of what of `chars[start:end]` stands in the text."""
        ids = array("i")
        for low, high in self.parts(start, end):
            ids += text.ids_of(self.places[low], self.places[high - 1] + 1)
        return ids

    def parts(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the runs of `chars[start:end]` between stand-ins, as offsets in `chars`."""
        low = start
        for at in range(start, end + 1):
            if at == end or self.places[at] < 0:
                if low < at:
                    yield low, at
                low = at + 1


def stood_in(text: Text, low: int, high: int, runs: Sequence[Run], stand_in: str) -> StoodIn:
    """Return `text[low:high]` with `stand_in` for each of the runs, all of them inside."""
    pieces: list[str] = []
    places = array("i")
    place = low
    for run in runs:
        pieces += [text.part(place, run.start), stand_in]
        places.extend(range(place, run.start))
        places += array("i", [~run.start]) * len(stand_in)
        place = run.end
    pieces.append(text.part(place, high))
    places.extend(range(place, high))
    return StoodIn("".join(pieces), places)
