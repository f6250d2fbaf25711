"""Draw masks so that they are told from typed text, also without colours: `[masked host 1]`.

A sign is as long as the placeholder that it stands for, so columns and offsets stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from rich.segment import Segment

from signoff_collector.redaction.writing.placeholders import matcher
from signoff_collector.replay.drawing.palette import LOOKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.style import Style

LONGEST: Final = 40
"""No placeholder has more characters."""
_BEGINNING: Final = "REDACTED_"


class MaskSigns:
    """Finds the masks of an episode in its text, and draws them.

    Args:
        masks: the placeholders of the episode; text that only looks like one is not drawn.
    """

    def __init__(self, masks: Iterable[str] = ()) -> None:
        self._pattern = matcher(masks)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return start and end of each mask in a text."""
        return [] if self._pattern is None else [one.span() for one in self._pattern.finditer(text)]

    def drawn(self, text: str) -> str:
        """Return the text with a sign for each mask; it is as long."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda match: _sign(match[0]), text)

    def segments(self, text: str, style: Style) -> list[Segment]:
        """Return the text in segments, its masks in colour."""
        found: list[Segment] = []
        shown, place = self.drawn(text), 0
        for start, end in self.spans(text):
            found += [Segment(shown[place:start], style), Segment(shown[start:end], LOOKS["mask"])]
            place = end
        return [*found, Segment(shown[place:], style)]

    def around(self, text: str, start: int, end: int) -> tuple[str, Sequence[tuple[int, int]]]:
        """Return a range of a text as it is drawn, and the masks in it as offsets in the text.

        A mask that begins before the range or ends after it is drawn in part.
        """
        if self._pattern is None:
            return text[start:end], ()
        low = max(0, start - LONGEST)
        near = text[low : end + LONGEST]
        spans = [(low + first, low + last) for first, last in self.spans(near)]
        drawn = self.drawn(near)[start - low : end - low]
        return drawn, [(first, last) for first, last in spans if first < end and last > start]


NO_MASKS: Final = MaskSigns()


@runtime_checkable
class _ShowsMasks(Protocol):
    mask_signs: MaskSigns


def mask_signs_of(app: object) -> MaskSigns:
    """Return the masks of what an application shows."""
    return app.mask_signs if isinstance(app, _ShowsMasks) else NO_MASKS


def _sign(mask: str) -> str:
    if not mask.startswith(_BEGINNING):
        return mask
    named = mask.removeprefix(_BEGINNING).replace("MASK", "text")  # as long
    return f"[masked {named.lower().replace('_', ' ')}]"
