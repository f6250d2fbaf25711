"""What a step says about texts, said of the shown texts: blobs, hashes, offsets, ranges."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from signoff_collector.redaction.texts import (
    Key,
    TextStates,
    disk_items,
    encode_like,
)
from signoff_schemas.steps import (
    CreateStep,
    Diagnostic,
    DiagnosticsStep,
    DiskFile,
    LineSpan,
    OpenStep,
    Position,
    Range,
    ResyncStep,
    SelectStep,
    StepBase,
    ViewStep,
)

if TYPE_CHECKING:
    from signoff_collector.redaction.shown import ShownText

ShownOf = Callable[[Key], "ShownText | None"]


class BlobStore:
    """The blobs of the result; equal contents are stored once."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}

    def add(self, content: bytes) -> int:
        """Return the ordinal of a content."""
        return self._places.setdefault(content, len(self._places))

    @property
    def contents(self) -> tuple[bytes, ...]:
        """All contents by ordinal."""
        return tuple(self._places)


def show_step(
    step: StepBase,
    states: TextStates,
    shown_of: ShownOf,
    blobs: BlobStore,
    has_text: Callable[[str], bool],
) -> StepBase:
    """Return the step as it is after masking; `states` is already past it."""
    changed: dict[str, object] = {}
    disk = states.key(step.path, None)
    if disk is not None:
        buffer = Key(disk.file, 0 if step.buffer is None else step.buffer)
        changed |= _own_texts(step, states, shown_of, blobs, disk, buffer)
        if isinstance(step, (SelectStep, DiagnosticsStep, ViewStep)):
            changed |= _places(step, states, shown_of(buffer), buffer)
    elif getattr(step, "blob", None) is not None:
        changed["blob"] = None
    items = disk_items(step)
    if items:
        name = "changed" if hasattr(step, "changed") else "disk"
        changed[name] = tuple(
            _disk_item(item, states, shown_of, blobs) for item in items if has_text(item.path)
        )
    return step.model_copy(update=changed) if changed else step


def _own_texts(
    step: StepBase,
    states: TextStates,
    shown_of: ShownOf,
    blobs: BlobStore,
    disk: Key,
    buffer: Key,
) -> dict[str, object]:
    changed: dict[str, object] = {}
    target = disk
    if isinstance(step, OpenStep) or (isinstance(step, ResyncStep) and step.target == "buffer"):
        target = buffer
    if isinstance(step, (OpenStep, CreateStep, ResyncStep)) and step.blob is not None:
        changed["blob"] = _shown_blob(step.blob, states, shown_of(target), blobs)
    for name, key in (("text_sha256", buffer), ("disk_sha256", disk)):
        shown = shown_of(key)
        original = getattr(step, name, None)
        if original is not None and shown is None and name == "disk_sha256":
            changed["disk_sha256"] = "withheld"
        if original is not None and shown is not None and shown.runs:
            changed[name] = _shown_hash(original, states.texts[key].chars, shown)
    shown = shown_of(target)
    if getattr(step, "size_bytes", None) is not None and shown is not None and shown.runs:
        changed["size_bytes"] = _size(shown.text)
    return changed


def _shown_hash(original: str, chars: str, shown: ShownText) -> str | None:
    """Return the hash of the shown text, or None where the original did not match its text.

    A hash that never matched would match now, and hide that the replay differs.
    """
    if original != hashlib.sha256(chars.encode("utf-8", "surrogatepass")).hexdigest():
        return None
    return hashlib.sha256(shown.text.encode("utf-8", "surrogatepass")).hexdigest()


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _shown_blob(blob: int, states: TextStates, shown: ShownText | None, blobs: BlobStore) -> int:
    original = states.episode.blobs[blob]
    if shown is None or not shown.runs:
        return blobs.add(original)
    return blobs.add(encode_like(shown.text, original))


def _disk_item(item: DiskFile, states: TextStates, shown_of: ShownOf, blobs: BlobStore) -> DiskFile:
    key = states.key(item.path, None)
    shown = None if key is None else shown_of(key)
    changed: dict[str, object] = {}
    if item.blob is not None:
        changed["blob"] = _shown_blob(item.blob, states, shown, blobs)
    if item.sha256 is None:
        return item.model_copy(update=changed) if changed else item
    if shown is None or key is None:
        changed |= {"sha256": "withheld", "size_bytes": None}
    elif shown.runs:
        sha256 = _shown_hash(item.sha256, states.texts[key].chars, shown)
        changed |= {"sha256": sha256 or "withheld", "size_bytes": _size(shown.text)}
    return item.model_copy(update=changed) if changed else item


def _places(
    step: SelectStep | DiagnosticsStep | ViewStep,
    states: TextStates,
    shown: ShownText | None,
    buffer: Key,
) -> dict[str, object]:
    """Return offsets and ranges in the shown text; nothing changes where none is masked."""
    if shown is None or not shown.runs:
        return {}
    chars = states.texts[buffer].chars
    if isinstance(step, SelectStep):
        cursor = None if step.cursor is None else shown.offset(min(step.cursor, len(chars)))
        pairs = [
            (shown.offset(min(low, len(chars))), shown.offset(min(high, len(chars))))
            for low, high in step.selections
        ]
        return {"cursor": cursor, "selections": tuple(pairs)}
    lines = _Lines(chars, shown)
    if isinstance(step, ViewStep):
        spans = [LineSpan(first=lines.line(s.first), last=lines.line(s.last)) for s in step.visible]
        return {"visible": tuple(spans)}
    return {
        "appeared": tuple(lines.diagnostic(one) for one in step.appeared),
        "cleared": tuple(lines.diagnostic(one) for one in step.cleared),
    }


class _Lines:
    """Turns lines and columns of an original text into those of the shown text."""

    def __init__(self, chars: str, shown: ShownText) -> None:
        self._chars = chars
        self._shown = shown
        self._old = _line_starts(chars)
        self._text = shown.text
        self._new = _line_starts(self._text)

    def line(self, line: int) -> int:
        return self.position(Position(line=line, column=0)).line

    def position(self, place: Position) -> Position:
        start = self._old[min(place.line, len(self._old) - 1)]
        offset = self._shown.offset(min(start + place.column, len(self._chars)))
        line = _last_at_most(self._new, offset)
        return Position(line=line, column=offset - self._new[line])

    def diagnostic(self, one: Diagnostic) -> Diagnostic:
        if one.range is None:
            return one
        moved = Range(start=self.position(one.range.start), end=self.position(one.range.end))
        return one.model_copy(update={"range": moved})


def _line_starts(chars: str) -> list[int]:
    starts, place = [0], chars.find("\n")
    while place >= 0:
        starts.append(place + 1)
        place = chars.find("\n", place + 1)
    return starts


def _last_at_most(starts: list[int], offset: int) -> int:
    low, high = 0, len(starts) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if starts[middle] <= offset else (low, middle - 1)
    return low
