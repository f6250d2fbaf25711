"""Replay the texts of an episode with a stable id for every character.

Each code point that enters a text gets a number, its id, and keeps it through edits around
it, saves, renames and reopening. Masks apply to ids. So a masked character is masked in every
state of the text, also in states from before the secret was recognised.

Steps change texts by the rules of `episode.content.Episode`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.episode.moments.disk_form import encode_form
from signoff_collector.redaction.texts.pieces import Pieces, join_arrays, join_strings
from signoff_collector.text.offsets import add_offsets
from signoff_collector.text.text_ends import shared_head, shared_tail
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import (
    AnyStep,
    CloseStep,
    CreateStep,
    DeleteStep,
    OpenStep,
    RenameStep,
    ResyncStep,
    SaveStep,
    StepBase,
    seen_on_disk,
)
from signoff_schemas.values import DiskFile, DiskForm

if TYPE_CHECKING:
    from signoff_collector.episode.content import Edit, Episode

_LATIN: Final = DiskForm(encoding="latin-1")
DISK: Final = -1
"""Means the disk where a buffer number is expected."""


class Key(NamedTuple):
    """Identifies one text of an episode: a file on disk or in a buffer."""

    file: int
    """Index into `TextStates.paths`, which begin with `Episode.files`."""
    buffer: int
    """Number of the buffer, or `DISK`."""


class Text:
    """The current state of one text. `chars` and `ids` cost the length of the text."""

    __slots__ = ("_chars", "_ids")

    def __init__(self, chars: str = "", ids: array[int] | None = None) -> None:
        self._chars = Pieces(chars, join_strings)
        self._ids = Pieces(array("i") if ids is None else ids, join_arrays)

    @property
    def chars(self) -> str:
        """The whole text."""
        return self._chars.whole()

    @property
    def ids(self) -> array[int]:
        """The id of each character; not to be changed."""
        return self._ids.whole()

    @property
    def length(self) -> int:
        """How many characters it has."""
        return len(self._chars)

    def part(self, low: int, high: int) -> str:
        """Return `chars[low:high]` for offsets that are not negative."""
        return self._chars.part(low, high)

    def ids_of(self, low: int, high: int) -> array[int]:
        """Return `ids[low:high]` for offsets that are not negative."""
        return self._ids.part(low, high)

    def replace(self, start: int, end: int, chars: str, ids: array[int]) -> None:
        """Replace characters; the cost grows only with the root of the text's length."""
        self._chars.replace(start, end, chars)
        self._ids.replace(start, end, ids)

    def copy(self) -> Text:
        """Return an independent copy with the same characters and ids."""
        other = Text()
        other._chars, other._ids = self._chars.copy(), self._ids.copy()
        return other


def decode_blob(content: bytes) -> str:
    """Decode a blob as UTF-8, or as Latin-1 where it is no UTF-8: then one byte, one character."""
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def encode_like(text: str, original: bytes) -> bytes:
    """Encode `text` in the encoding that `decode_blob` uses for `original`."""
    if not _is_text(original):
        return text.encode("latin-1", "replace")
    return text.encode("utf-8", "surrogatepass")


def named_paths(episode: Episode) -> list[str]:
    """Return the episode's files, then the other paths that its steps name."""
    paths = dict.fromkeys(episode.files)
    for step in episode.steps:
        if step.path is not None:
            paths.setdefault(step.path)
        if isinstance(step, RenameStep):
            paths.setdefault(step.old_path)
        for item in seen_on_disk(step):
            paths.setdefault(item.path)
    return list(paths)


class TextStates:
    """Replays an episode step by step; every walk of the same episode gives the same ids."""

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        self.texts: dict[Key, Text] = {}
        self.forms: dict[Key, DiskForm] = {}
        """Encodings of texts on disk that are not UTF-8."""
        self.modes: dict[int, str] = {}
        """File modes by index into `paths`, in git's notation."""
        self.absent: set[Key] = set()
        """Files on disk whose content is not in the episode."""
        self.id_count = 0
        self.typed = bytearray()
        """By id: 1 if an edit inserted the character, 0 if it came with a whole text."""
        self.paths: list[str] = named_paths(episode)
        """The episode's files, then other paths that steps name."""
        self._files = {path: place for place, path in enumerate(self.paths)}
        self._seen: set[int] = set()
        """Files that had a text at some moment. Copies of this object share the set."""

    def copy(self) -> TextStates:
        """Return a copy of the current moment to continue from; its `typed` is empty."""
        other = copy(self)
        other.texts = {key: text.copy() for key, text in self.texts.items()}
        other.forms, other.modes = self.forms.copy(), self.modes.copy()
        other.absent, other.id_count = self.absent.copy(), self.id_count
        other.typed = bytearray()  # indexed by id from 0: useless when it starts in the middle
        return other

    def walk(self) -> Iterator[tuple[AnyStep | Edit, tuple[Key, ...]]]:
        """Apply each step in turn and yield it with the keys of texts it replaced as a whole.

        An edit yields no keys: it changed the text of its own file and buffer.
        """
        for step in self.episode.ordered():
            if isinstance(step, StepBase):
                yield step, self.apply_step(step)
            else:
                self.apply_edit(step)
                yield step, ()

    def key(self, path: str | None, buffer: int | None) -> Key | None:
        """Return the key of a step's text, or None when it names no file."""
        if path is None:
            return None
        return Key(self._files[path], DISK if buffer is None else buffer)

    def disk_bytes(self, key: Key, chars: str) -> bytes:
        """Encode a text as its file is encoded now."""
        return encode_form(chars, self.forms.get(key))

    def apply_edit(self, edit: Edit) -> array[int]:
        """Apply an edit to its buffer and return the ids of the inserted characters."""
        text = self.texts.get(Key(edit.file, edit.buffer))
        start, end = edit.start, edit.start + edit.deleted
        if text is None or end > text.length:
            length = None if text is None else text.length
            raise DamagedError(
                f"edit at step {edit.seq} replaces {start} to {end} of a text of {length}"
            )
        fresh = self._fresh(len(edit.text), is_typed=1)
        text.replace(start, end, edit.text, fresh)
        return fresh

    def apply_step(self, step: AnyStep) -> tuple[Key, ...]:
        """Apply a step; return the keys of texts that it replaced or dropped."""
        disk = self.key(step.path, None)
        touched: list[Key] = []
        if disk is not None:
            touched.extend(self._apply_own(step, disk))
        for item in seen_on_disk(step):
            touched.extend(self._apply_item(item))
        return tuple(touched)

    def _apply_own(self, step: AnyStep, disk: Key) -> list[Key]:
        """Apply a step to the text at its own path."""
        buffer = Key(disk.file, 0 if step.buffer is None else step.buffer)
        match step:
            case OpenStep():
                return self._open(step, disk, buffer)
            case RenameStep():
                self._note_mode(disk, step.mode)
                return self._rename(step, disk)
            case SaveStep() if buffer in self.texts:
                self._copy_to_disk(buffer, disk, step.form)
                target = disk
            case CloseStep():
                target = self._drop(buffer)
            case DeleteStep():
                target = self._drop(disk)
            case CreateStep():
                self._note_mode(disk, step.mode)
                target = self._put(disk, step.blob)
            case ResyncStep():
                self._note_mode(disk, step.mode)
                target = disk if step.target == "disk" else buffer
                target = self._drop(target) if step.blob is None else self._put(target, step.blob)
            case _:
                return []
        return [target]

    def _note_mode(self, disk: Key, mode: str | None) -> None:
        if mode is not None:
            self.modes[disk.file] = mode

    def _copy_to_disk(self, buffer: Key, disk: Key, form: DiskForm | None) -> None:
        self._seen.add(disk.file)
        self._drop(disk)
        self.texts[disk] = self.texts[buffer].copy()
        if form is not None:
            self.forms[disk] = form

    def _drop(self, key: Key) -> Key:
        self.texts.pop(key, None)
        self.forms.pop(key, None)
        self.absent.discard(key)
        return key

    def _open(self, step: OpenStep, disk: Key, buffer: Key) -> list[Key]:
        known = self.texts.get(disk)
        if step.blob is None:
            self._seen.add(buffer.file)
            self.texts[buffer] = Text() if known is None else known.copy()
        else:
            self._put(buffer, step.blob)
        if step.form is not None:
            self._copy_to_disk(buffer, disk, step.form)
            return [buffer, disk]
        is_unknown = known is None and disk not in self.absent
        is_news = step.blob is not None and step.reason == "open" and is_unknown
        if is_news and self.texts[buffer].length:
            self._copy_to_disk(buffer, disk, None)
            return [buffer, disk]
        return [buffer]

    def _rename(self, step: RenameStep, disk: Key) -> list[Key]:
        old = self.key(step.old_path, None)
        if old is None or old not in self.texts:
            return []
        text, form = self.texts[old], self.forms.get(old)
        self._drop(old)
        self._drop(disk)
        self._seen.add(disk.file)
        self.texts[disk] = text
        if form is not None:
            self.forms[disk] = form
        if step.mode is None and old.file in self.modes:
            self.modes[disk.file] = self.modes[old.file]
        return [old, disk]

    def _apply_item(self, item: DiskFile) -> list[Key]:
        key = self.key(item.path, None)
        if key is None:
            return []
        self._note_mode(key, item.mode)
        if item.blob is not None:
            self._put(key, item.blob)
            return [key]
        if item.without_content or item.sha256 is None:
            was_known = key in self.texts or key in self.absent
            self._drop(key)
            if item.without_content:
                self.absent.add(key)
            return [key] if was_known or item.without_content else []
        return []

    def _put(self, key: Key, blob: int | None) -> Key:
        """Replace a text by a blob; the common head and tail with the old text keep their ids."""
        chars = "" if blob is None else self._blob_text(blob)
        self.absent.discard(key)
        self.forms.pop(key, None)
        if blob is not None and not _is_text(self.episode.blobs[blob]):
            self.forms[key] = _LATIN
        old = self.texts.get(key)
        # Take the file's other text (disk or buffer): what they share keeps its ids.
        if old is None and key.file in self._seen:
            old = next((t for k, t in self.texts.items() if k.file == key.file), None)
        self._seen.add(key.file)
        if old is None:
            self.texts[key] = Text(chars, self._fresh(len(chars)))
            return key
        head = shared_head(old.chars, chars)
        tail = shared_tail(old.chars, chars, head)
        middle = self._fresh(len(chars) - head - tail)
        ids = old.ids[:head] + middle + old.ids[len(old.ids) - tail :]
        self.texts[key] = Text(chars, ids)
        return key

    def _blob_text(self, blob: int) -> str:
        if blob >= len(self.episode.blobs):
            raise DamagedError(
                f"a step names blob {blob}; the episode has {len(self.episode.blobs)}"
            )
        return decode_blob(self.episode.blobs[blob])

    def _fresh(self, count: int, *, is_typed: int = 0) -> array[int]:
        first = self.id_count
        self.id_count += count
        self.typed.extend(bytes((is_typed,)) * count)
        fresh: array[int] = array("i")
        add_offsets(fresh, first, self.id_count)
        return fresh
