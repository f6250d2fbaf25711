"""Compute what is shown at one place of a reel: file, text, recent changes and their author."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.content import Edit
from signoff_collector.text.text_ends import shared_head, shared_tail
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import (
    AnyStep,
    CheckpointStep,
    CommandStep,
    CreateStep,
    FilesStep,
    GitStep,
    RenameStep,
    ResyncStep,
    SelectStep,
    ViewStep,
)
from signoff_schemas.words import ACTOR_CLASSES, ActorClass

if TYPE_CHECKING:
    from signoff_collector.replay.reel import Reel

BURST_NS: Final = 2_000_000_000
"""Edits with shorter pauses between them are shown as one change."""
_MOST_EDITS: Final = 300
_REPLACED_WHOLE: Final = (
    ResyncStep, FilesStep, GitStep, CreateStep, CommandStep, CheckpointStep, RenameStep
)  # fmt: skip
"""Steps that replace the text of a whole file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A range of inserted characters; an empty range marks a deletion."""

    start: int
    end: int
    actor: ActorClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything shown for one place."""

    place: int
    path: str | None = None
    text: str | None = None
    """Text of the file, from its buffer if one is open; None if there is none to show."""
    why_not: str = ""
    """Why there is no text."""
    cursor: int | None = None
    """Offset in the text."""
    changes: tuple[Change, ...] = ()
    first_line: int | None = None
    """First visible line in the recorded editor, if the step has it."""
    step: AnyStep | Edit | None = field(default=None, repr=False)


def scene_at(reel: Reel, place: int) -> Scene:
    """Return the scene after the step at a place; -1 is before the first."""
    path = reel.path(place)
    step = reel.step(place) if 0 <= place < reel.count else None
    if path is None:
        return Scene(place=place, why_not="no file has been looked at", step=step)
    text, buffer, why_not = _text_at(reel, path, reel.seq(place))
    if text is None:
        return Scene(place=place, path=path, why_not=why_not, step=step)
    last = None if buffer is None else _last_edit(reel, path, buffer, place)
    changes = _burst(reel, last, place) if last is not None else ()
    if isinstance(step, _REPLACED_WHOLE):
        changes = _replaced(reel, path, step, text) or changes
    first_line = step.visible[0].first if isinstance(step, ViewStep) and step.visible else None
    return Scene(
        place=place,
        path=path,
        text=text,
        cursor=_cursor(reel, path, place, last, changes),
        changes=tuple(one for one in changes if one.end <= len(text)),
        first_line=first_line if isinstance(step, ViewStep) and step.path == path else None,
        step=step,
    )


def _text_at(reel: Reel, path: str, seq: int) -> tuple[str | None, int | None, str]:
    """Return text and buffer number, or the reason why there is no text."""
    try:
        buffer = reel.moments.shown_buffer(path, seq)
        if buffer is not None:
            return reel.moments.buffer(path, buffer, seq), buffer, ""
        content = reel.moments.disk(path, seq)
    except DamagedError as error:
        return None, None, f"its text cannot be rebuilt here: {error}"
    if isinstance(content, bytes):
        return None, None, f"{len(content)} bytes that are not text"
    if content is None:
        is_gone = path in reel.moments.gone(seq)
        return None, None, "there is no such file now" if is_gone else "not opened yet"
    return content, None, ""


def _last_edit(reel: Reel, path: str, buffer: int, place: int) -> int | None:
    """Return the index of the last edit of a buffer among the newest edits, or None."""
    edits = reel.episode.edits
    end = edits.count_until(reel.seq(place))
    file = reel.paths.index(path)
    for number in range(end - 1, max(-1, end - 1 - _MOST_EDITS), -1):
        if int(edits.file[number]) == file and int(edits.buffer[number]) == buffer:
            return number
    return None


def _burst(reel: Reel, last: int, place: int) -> tuple[Change, ...]:
    """Return what the last burst of edits changed, as offsets in the resulting text."""
    edits = reel.episode.edits
    if reel.time(place) - int(edits.t_ns[last]) > BURST_NS:
        return ()
    first = last
    low = max(0, last - _MOST_EDITS)
    while first > low and _continues(reel, first - 1, last=first):
        first -= 1
    found: list[Change] = []
    for number in range(first, last + 1):
        edit = edits.edit(number)
        if (edit.file, edit.buffer) == (int(edits.file[last]), int(edits.buffer[last])):
            found = _moved(found, edit)
    return tuple(found)


def _continues(reel: Reel, number: int, *, last: int) -> bool:
    edits = reel.episode.edits
    return (
        int(edits.t_ns[last]) - int(edits.t_ns[number]) <= BURST_NS
        and int(edits.file[last]) == int(edits.file[number])
        and int(edits.buffer[last]) == int(edits.buffer[number])
    )


def _moved(changes: list[Change], edit: Edit) -> list[Change]:
    """Move the ranges of changes over one more edit, and add its own."""
    stop, size = edit.start + edit.deleted, len(edit.text)
    shift = size - edit.deleted
    found: list[Change] = []
    for one in changes:
        if one.end <= edit.start:
            found.append(one)
        elif one.start >= stop:
            found.append(Change(start=one.start + shift, end=one.end + shift, actor=one.actor))
        else:
            if one.start < edit.start:
                found.append(Change(start=one.start, end=edit.start, actor=one.actor))
            if one.end > stop:
                found.append(Change(start=edit.start + size, end=one.end + shift, actor=one.actor))
    own = Change(start=edit.start, end=edit.start + size, actor=ACTOR_CLASSES[edit.actor])
    at = bisect_left(found, own.start, key=lambda one: one.start)
    before = found[at - 1] if at else None
    if before is not None and before.end == own.start and before.actor == own.actor:
        found[at - 1] = Change(start=before.start, end=own.end, actor=own.actor)
    else:
        found.insert(at, own)
    return found


def _replaced(reel: Reel, path: str, step: AnyStep, text: str) -> tuple[Change, ...]:
    """Return the lines in which a file differs from its text before a step."""
    before, _, _ = _text_at(reel, path, step.seq - 1)
    before = before or ""
    if before == text:
        return ()
    low = shared_head(before, text)
    behind = shared_tail(before, text, low)
    start = text.rfind("\n", 0, low) + 1
    stop = text.find("\n", len(text) - behind)
    end = max(start, len(text) if stop < 0 else stop)
    return (Change(start=start, end=end, actor=step.actor.cls),)


def _cursor(
    reel: Reel, path: str, place: int, last: int | None, changes: tuple[Change, ...]
) -> int | None:
    step = reel.step(place) if 0 <= place < reel.count else None
    if isinstance(step, SelectStep) and step.path == path and step.cursor is not None:
        return step.cursor
    if last is not None:
        edit = reel.episode.edits.edit(last)
        return edit.cursor if edit.cursor >= 0 else edit.start + len(edit.text)
    return changes[0].start if changes else None
