"""List every mask in an episode with its place and how its value was found.

Uses only the episode file itself, so it reveals no more than the file does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.redaction.texts.text_lines import lines_around
from signoff_collector.redaction.texts.texts import DISK, Key, TextStates
from signoff_collector.redaction.values.ways import (
    BY_HAND,
    CUT,
    EXACT,
    IDENTITY,
    NOT_VIEWED,
    PAUSED,
)
from signoff_collector.redaction.writing.placeholders import matcher
from signoff_schemas.steps import StepBase

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.redaction.texts.texts import Text

_KIND: Final = re.compile(r"REDACTED_([A-Z]+)(?:_\d+)?|<([A-Z]+)>")
_WAYS: Final = {
    "VALUE": EXACT,
    "HOME": IDENTITY,
    "TMP": IDENTITY,
    "ABS": IDENTITY,
    "CUT": CUT,
    "MASK": BY_HAND,
    "PAUSED": PAUSED,
    "UNVIEWED": NOT_VIEWED,
}
"""Ways implied by the kind; all others are in the header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskPlace:
    """The first place of a mask in a file, or its place in a field of a step."""

    mask: str
    """The placeholder."""
    kind: str
    how: str
    """The way it was found, see `ways`; empty if nothing says it."""
    step: int | None
    """`seq` of the step after which it is visible; None in the header."""
    path: str | None = None
    line: int | None = None
    """Counted from 1, at that step."""
    field: str | None = None
    """JSON pointer into the step, or into the header."""

    @property
    def place(self) -> str:
        """A readable location."""
        if self.path is not None:
            return f"{self.path}:{self.line} at step {self.step}"
        where = "the header" if self.step is None else f"step {self.step}"
        return f"{where} {self.field}"


def mask_places(episode: Episode) -> list[MaskPlace]:
    """Return the first place of each mask in each file, and every field that contains it.

    Text that only looks like a mask is none, see `placeholders`.
    """
    masks = matcher(episode.header.masks)
    if masks is None:
        return []
    found = [*_in_texts(episode, masks), *_in_strings(episode, masks)]
    return sorted(found, key=lambda one: -1 if one.step is None else one.step)


def way_of(kind: str) -> str:
    """Return the way in which values of a kind are found if the kind implies it, else ""."""
    return _WAYS.get(kind, "")


def kind_of(placeholder: str) -> str:
    """Return the kind of value that a placeholder stands for."""
    match = _KIND.fullmatch(placeholder)
    return "" if match is None else match[1] or match[2]


def _in_texts(episode: Episode, masks: re.Pattern[str]) -> Iterator[MaskPlace]:
    states = TextStates(episode)
    seen: set[tuple[str, int]] = set()
    for step, touched in states.walk():
        if isinstance(step, StepBase):
            places = [
                (key, (0, states.texts[key].length)) for key in touched if key in states.texts
            ]
        else:
            key = Key(step.file, step.buffer)
            places = [(key, lines_around(states.texts[key], step.start, len(step.text)))]
        for key, (low, high) in sorted(places, key=lambda item: item[0].buffer == DISK):
            text = states.texts[key]
            for match in masks.finditer(text.part(low, high)):
                if (match[0], key.file) not in seen:
                    seen.add((match[0], key.file))
                    line = _line_of(text, low + match.start())
                    path = states.paths[key.file]
                    yield _place(episode, match[0], step.seq, path=path, line=line)


def _in_strings(episode: Episode, masks: re.Pattern[str]) -> Iterator[MaskPlace]:
    header = episode.header.model_copy(update={"masks": {}, "redaction": {}})
    for step in (*episode.steps, header):
        seq = step.seq if isinstance(step, StepBase) else None
        for pointer, text in strings_of(step):
            for found in dict.fromkeys(masks.findall(text)):
                yield _place(episode, found, seq, field=pointer)
    for path in episode.files:
        for found in masks.findall(path):
            yield _place(episode, found, None, field="/files")


def _line_of(text: Text, offset: int) -> int:
    return text.part(0, offset).count("\n") + 1


def _place(
    episode: Episode,
    mask: str,
    seq: int | None,
    *,
    path: str | None = None,
    line: int | None = None,
    field: str | None = None,
) -> MaskPlace:
    kind = kind_of(mask)
    how = episode.header.masks[mask] or way_of(kind)
    return MaskPlace(mask=mask, kind=kind, how=how, step=seq, path=path, line=line, field=field)
