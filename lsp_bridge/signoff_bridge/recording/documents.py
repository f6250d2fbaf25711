"""In-memory state of each open document, from which a snapshot can be written any time.

The thread that reads messages only appends to `pending`, which costs the same for every size of
document; the work thread owns the mirror and applies pending changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, cast

from signoff_bridge.documents.differences import changes_between
from signoff_collector.capture.opt_in.policy import MAX_OPEN_BYTES
from signoff_collector.text.line_text import LineText

if TYPE_CHECKING:
    from signoff_bridge.documents.disk import Stamp
    from signoff_bridge.recording.recording import Recording
    from signoff_collector.capture.opt_in.policy import Reason
    from signoff_collector.text.positions import Encoding

Changes: TypeAlias = Sequence[object]
"""The `contentChanges` of one message, parsed and not yet validated."""

PENDING_MESSAGES: Final = 1024
"""After so many pending changes the work thread is asked to apply them."""
_FARTHEST: Final = 1 << 31
"""LSP 3.17, uinteger: no position is larger."""


class Mirror:
    """Copy of the client's text of one document. For the work thread only."""

    def __init__(self, text: str | None) -> None:
        self._raw = text
        self._lines: LineText | None = None
        self.is_doubtful = False
        """Whether a change did not apply: the text may differ from the client's."""

    @property
    def text(self) -> str | None:
        """The whole text, or None when it was never sent."""
        if self._lines is not None:
            self._raw, self._lines = str(self._lines), None
        return self._raw

    def reset(self, text: str) -> None:
        """Replace the whole text."""
        self._raw, self._lines = text, None
        self.is_doubtful = False

    @property
    def length(self) -> int:
        """Number of characters, 0 for no text; does not look at them."""
        held = self._lines if self._lines is not None else self._raw
        return 0 if held is None else len(held)

    @property
    def may_be_large(self) -> bool:
        """Whether the text may be too large to be recorded; does not look at its characters."""
        return self.length * 4 > MAX_OPEN_BYTES

    def drop(self) -> None:
        """Hold no text any more: nobody knows it until it is sent or read anew."""
        self._raw, self._lines = None, None

    def apply(self, changes: Changes, encoding: Encoding) -> None:
        """Apply the changes of one message."""
        for change in changes:
            self._apply_one(change, encoding)

    def as_ranged(self, changes: Changes, encoding: Encoding) -> list[object]:
        """Apply one message's changes; return them with whole texts converted to ranges."""
        ranged: list[object] = []
        for change in changes:
            full = full_text_of(change)
            before = self.text if full is not None else None
            self._apply_one(change, encoding)
            if full is None or before is None:
                ranged.append(change)
            else:
                ranged.extend(changes_between(before, full, encoding))
        return ranged

    def _apply_one(self, change: object, encoding: Encoding) -> None:
        full = full_text_of(change)
        if full is not None:
            self.reset(full)
            return
        places = _places(change)
        if places is None or (self._raw is None and self._lines is None):
            self.is_doubtful = True
            return
        if self._lines is None:
            self._lines, self._raw = LineText(self._raw or ""), None
        start_line, start_column, end_line, end_column, text = places
        if max(start_line, end_line) > self._lines.line_count:
            self.is_doubtful = True
        self._lines.change(start_line, start_column, end_line, end_column, text, encoding)


class LateSave(NamedTuple):
    """A save notification that arrived before the change with its text."""

    text: str
    """The text that the client says it saved."""
    is_overtaken: bool
    """Whether the file had been written again before it could be compared."""


class Document:
    """One open document. Fields change under the recorder's lock, `mirror` never does."""

    __slots__ = (
        "changed_while_off", "compared", "has_saved", "is_decided", "is_kept", "is_other_on_disk",
        "language", "last_disk_sha256", "late_save", "let_go_at", "mirror", "path", "pending",
        "read_at", "received_bytes", "recording", "refusal", "saved_while_off",
        "small_until_bytes", "stamp", "uri", "version",
    )  # fmt: skip

    def __init__(
        self, *, uri: str, path: Path, language: str, version: int, text: str | None
    ) -> None:
        self.uri = uri
        self.path = path
        self.language = language
        self.version = version
        self.is_decided = False
        """Whether the policy was evaluated."""
        self.is_kept = False
        """Whether it may be recorded; only meaningful once decided."""
        self.refusal: Reason | None = None
        """Why it may not be recorded."""
        self.recording: Recording | None = None
        self.pending: list[Changes] = []
        self.received_bytes = 0
        """Length of all its changes; for the thread that reads messages."""
        self.small_until_bytes = MAX_OPEN_BYTES - (0 if text is None else len(text))
        """Up to so many received bytes its text cannot be too large; for the work thread."""
        self.changed_while_off = self.saved_while_off = False
        """Whether text changed that no journal has."""
        self.mirror = Mirror(text)
        self.last_disk_sha256: str | None = None
        self.is_other_on_disk = False
        """Whether its file held another text when it was first read: it may have been saved before
        the bridge came to read it, so nothing written since then is needed for a save. For the
        work thread."""
        self.late_save: LateSave | None = None
        """A save whose text the client has not sent yet (Kate). For the work thread."""
        self.let_go_at: Stamp | None = None
        """The file's stamp when the text had become too large. For the work thread."""
        self.stamp: Stamp | None = None
        """The file's stamp when it was opened or saved; for the thread that reads messages."""
        self.read_at: Stamp | None = None
        """The stamp of what something else wrote to its file, once that was read; for the thread
        that reads messages."""
        self.compared: tuple[Stamp | None, int] = (None, 0)
        """Stamp and number of characters of what something else wrote to its file, once that was
        compared. For the work thread."""
        self.has_saved = False
        """Whether a save came since the last change: the next change may explain it."""

    @property
    def may_be_large(self) -> bool:
        """Whether its text may have become too large, so is to be counted."""
        return self.received_bytes > self.small_until_bytes

    def take_pending(self) -> list[Changes]:
        """Return and clear the pending changes, oldest first."""
        taken, self.pending = self.pending, []
        return taken


def inserts_too_much(changes: Changes) -> bool:
    """Say whether one of a message's changes alone is longer than what is recorded."""
    texts = (cast("dict[str, object]", one).get("text") for one in changes if type(one) is dict)
    return any(isinstance(text, str) and len(text) > MAX_OPEN_BYTES for text in texts)


def full_text_of(change: object) -> str | None:
    """Return the text of a change that replaces the whole document, else None."""
    if not isinstance(change, Mapping):
        return None
    fields = cast("Mapping[str, object]", change)
    text = fields.get("text")
    return text if fields.get("range") is None and isinstance(text, str) else None


def is_key(changes: Sequence[object]) -> bool:
    """Say whether a message's changes are no more than one key puts in."""
    first = changes[0] if len(changes) == 1 else None
    text = cast("dict[str, object]", first).get("text") if type(first) is dict else None
    if not isinstance(text, str) or len(text) > 1 or not text:
        return False
    span = cast("dict[str, object]", first).get("range")
    return type(span) is dict and span.get("start") == span.get("end")


def has_full_text(changes: Changes) -> bool:
    """Say whether any of a message's changes replaces the whole document."""
    for change in changes:  # noqa: SIM110  hot: a generator costs a third more
        if type(change) is dict and "range" not in change:
            return True
    return False


def _places(change: object) -> tuple[int, int, int, int, str] | None:
    """Return line, column, line, column and text of a ranged change; None if invalid."""
    try:
        fields = cast("dict[str, dict[str, dict[str, int]]]", change)
        start, end = fields["range"]["start"], fields["range"]["end"]
        numbers = (start["line"], start["character"], end["line"], end["character"])
        text = cast("object", fields["text"])
    except (KeyError, TypeError, IndexError):
        return None
    if not isinstance(text, str):
        return None
    if not all(type(number) is int and 0 <= number <= _FARTHEST for number in numbers):
        return None
    return (*numbers, text)
