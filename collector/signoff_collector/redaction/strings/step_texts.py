"""Recompute a step's fields about texts for the shown texts: blobs, hashes, offsets, ranges."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.texts.texts import (
    DISK,
    Key,
    TextStates,
    encode_like,
)
from signoff_schemas.steps import (
    AnyStep,
    CreateStep,
    DiagnosticsStep,
    FilesStep,
    OpenStep,
    ResyncStep,
    SelectStep,
    ViewStep,
    seen_on_disk,
)
from signoff_schemas.values import Diagnostic, DiskFile, LineSpan, Position, Range

if TYPE_CHECKING:
    from signoff_collector.redaction.texts.shown import ShownText

_SHORT: Final = 1 << 18
"""Line starts are cached only for texts of up to this many characters."""
ShownOf = Callable[[Key], "ShownText | None"]


class BlobStore:
    """The blobs of the result; equal contents are stored once."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}

    def add(self, content: bytes) -> int:
        """Store a content if it is new, and return its ordinal."""
        return self._places.setdefault(content, len(self._places))

    @property
    def contents(self) -> tuple[bytes, ...]:
        """All contents by ordinal."""
        return tuple(self._places)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShower:
    """Translates steps from the original texts to the shown texts."""

    states: TextStates
    """The texts after the step."""
    shown_of: ShownOf
    blobs: BlobStore
    has_text: Callable[[str], bool]
    """Whether the result may contain the text at a path."""

    def show(self, step: AnyStep) -> AnyStep:
        """Return the step as it is after masking."""
        changed: dict[str, object] = {}
        disk = self.states.key(step.path, None)
        if disk is not None:
            buffer = Key(disk.file, 0 if step.buffer is None else step.buffer)
            changed |= self._own_texts(step, disk, buffer)
            if isinstance(step, (SelectStep, DiagnosticsStep, ViewStep)):
                changed |= _places(step, self.shown_of(buffer))
        elif vars(step).get("blob") is not None:
            changed["blob"] = None
        items = seen_on_disk(step)
        if items:
            name = "changed" if isinstance(step, FilesStep) else "disk"
            kept = [item for item in items if self.has_text(item.path)]
            changed[name] = tuple(map(self._item, kept))
            if isinstance(step, FilesStep) and len(kept) < len(items):
                changed["withheld_count"] = (step.withheld_count or 0) + len(items) - len(kept)
        return step.model_copy(update=changed) if changed else step

    def _own_texts(self, step: AnyStep, disk: Key, buffer: Key) -> dict[str, object]:
        changed: dict[str, object] = {}
        target = disk
        if isinstance(step, OpenStep) or (isinstance(step, ResyncStep) and step.target == "buffer"):
            target = buffer
        shown = self.shown_of(target)
        if isinstance(step, (OpenStep, CreateStep, ResyncStep)) and step.blob is not None:
            changed["blob"] = self._blob(step.blob, shown)
        for name, key in (("text_sha256", buffer), ("disk_sha256", disk)):
            changed |= self._hash(step, name, key)
        if shown is not None and shown.runs and vars(step).get("size_bytes") is not None:
            is_text = target.buffer != DISK
            content = _encoded(shown.text) if is_text else self._on_disk(target, shown.text)
            changed["size_bytes"] = len(content)
        return changed

    def _on_disk(self, key: Key, text: str) -> bytes:
        return self.states.disk_bytes(key, text)

    def _hash(self, step: AnyStep, name: str, key: Key) -> dict[str, object]:
        original: object = vars(step).get(name)
        if not isinstance(original, str):
            return {}
        shown = self.shown_of(key)
        if shown is None:
            return {name: "withheld"} if name == "disk_sha256" else {}
        return {name: self._shown_hash(original, key, shown)} if shown.runs else {}

    def _shown_hash(self, original: str, key: Key, shown: ShownText) -> str | None:
        """Return the hash of the shown text; None if the original hash did not match its text.

        Otherwise a hash that never matched would match now, and hide that the replay differs.
        """
        encode = _encoded if key.buffer != DISK else partial(self._on_disk, key)
        if original != hashlib.sha256(encode(shown.original.chars)).hexdigest():
            return None
        return hashlib.sha256(encode(shown.text)).hexdigest()

    def _blob(self, blob: int, shown: ShownText | None) -> int:
        original = self.states.episode.blobs[blob]
        if shown is None or not shown.runs:
            return self.blobs.add(original)
        return self.blobs.add(encode_like(shown.text, original))

    def _item(self, item: DiskFile) -> DiskFile:
        key = self.states.key(item.path, None)
        shown = None if key is None else self.shown_of(key)
        changed: dict[str, object] = {}
        if item.blob is not None:
            changed["blob"] = self._blob(item.blob, shown)
        if item.without_content:
            return item
        if item.sha256 is not None and (key is None or shown is None):
            changed |= {"sha256": "withheld", "size_bytes": None}
        elif item.sha256 is not None and key is not None and shown is not None and shown.runs:
            sha256 = self._shown_hash(item.sha256, key, shown)
            size = len(self._on_disk(key, shown.text))
            changed |= {"sha256": sha256 or "withheld", "size_bytes": size}
        return item.model_copy(update=changed) if changed else item


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _places(
    step: SelectStep | DiagnosticsStep | ViewStep, shown: ShownText | None
) -> dict[str, object]:
    """Return the changed offsets and ranges in the shown text; {} if nothing is masked."""
    if shown is None or not shown.runs:
        return {}
    length = shown.original.length
    if isinstance(step, SelectStep):
        cursor = None if step.cursor is None else shown.offset(min(step.cursor, length))
        pairs = [
            (shown.offset(min(low, length)), shown.offset(min(high, length)))
            for low, high in step.selections
        ]
        return {"cursor": cursor, "selections": tuple(pairs)}
    lines = _Lines(shown.original.chars, shown)
    if isinstance(step, ViewStep):
        spans = [LineSpan(first=lines.line(s.first), last=lines.line(s.last)) for s in step.visible]
        return {"visible": tuple(spans)}
    return {
        "appeared": tuple(lines.diagnostic(one) for one in step.appeared),
        "cleared": tuple(lines.diagnostic(one) for one in step.cleared),
    }


class _Lines:
    """Translates lines and columns of an original text to those of the shown text."""

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


def _line_starts(chars: str) -> Sequence[int]:
    """Return the offsets of all lines; cached, as successive steps are about the same text."""
    return _known_starts(chars) if len(chars) <= _SHORT else _starts_of(chars)


def _starts_of(chars: str) -> Sequence[int]:
    lengths = map(len, chars.split("\n")[:-1])
    return [start + line for line, start in enumerate(accumulate(lengths, initial=0))]


_known_starts = lru_cache(maxsize=32)(_starts_of)


def _last_at_most(starts: Sequence[int], offset: int) -> int:
    low, high = 0, len(starts) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if starts[middle] <= offset else (low, middle - 1)
    return low
