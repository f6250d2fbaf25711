"""Search an episode for words: in every text that ever existed, and in all step texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.texts.pieces import Pieces, join_strings
from signoff_collector.replay.outputs import full_text
from signoff_schemas.steps import (
    CheckpointStep,
    CloseStep,
    EnvironmentStep,
    FocusStep,
    OpenStep,
    ResyncStep,
    SaveStep,
    SelectStep,
    ViewStep,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.moments.moments import BufferLife
    from signoff_collector.replay.reel import Reel

_WITHOUT_TEXT: Final = (
    OpenStep, CloseStep, SaveStep, ViewStep, SelectStep, FocusStep, CheckpointStep, ResyncStep,
    EnvironmentStep,
)  # fmt: skip
"""Steps without text of their own that anybody searches for."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Found:
    """A place where the words were inserted, or said."""

    place: int
    path: str | None = None
    offset: int = 0
    """Offset in the text at that place; 0 if not in a file."""


def seek(reel: Reel, words: str) -> list[Found]:
    """Return every place where words appear in a file or in the text of a step, in order.

    Case-insensitive. Text that was deleted later is found where it was written.
    """
    wanted = words.lower()
    if not wanted:
        return []
    found = {one.place: one for one in _said(reel, wanted)}
    for one in _written(reel, wanted):
        found.setdefault(one.place, one)
    return sorted(found.values(), key=lambda one: one.place)


def _said(reel: Reel, wanted: str) -> Iterator[Found]:
    for step in reel.episode.steps:
        if isinstance(step, _WITHOUT_TEXT):
            continue
        if wanted in full_text(step).lower() or wanted in (step.path or "").lower():
            yield Found(place=reel.place_of_seq(step.seq), path=step.path)


def _written(reel: Reel, wanted: str) -> Iterator[Found]:
    for life in reel.moments.lives():
        yield from _in_life(reel, life, wanted)
    for path, seq, text in reel.moments.disk_texts():
        at = (text or "").lower().find(wanted)
        if at >= 0:
            yield Found(place=reel.place_of_seq(seq), path=path, offset=at)


def _in_life(reel: Reel, life: BufferLife, wanted: str) -> Iterator[Found]:
    """Yield where an edit makes the words stand; only what it touches is looked at."""
    at = life.initial.lower().find(wanted)
    if at >= 0:
        yield Found(place=reel.place_of_seq(life.since), path=life.path, offset=at)
    own = reel.episode.edits.select(life.edit_numbers)
    text: Pieces[str] = Pieces(life.initial, join_strings)
    around = len(wanted) - 1
    rows = zip(own.start.tolist(), own.deleted.tolist(), own.texts(), own.seq.tolist(), strict=True)
    for start, deleted, put, seq in rows:
        text.replace(start, start + deleted, put)
        low = max(0, start - around)
        high = min(len(text), start + len(put) + around)
        at = text.part(low, high).lower().find(wanted)
        if at >= 0:
            yield Found(place=reel.place_of_seq(seq), path=life.path, offset=low + at)
