"""Count the records of one journal segment: a fold of `JournalFollower`.

For `status` and the self-check: almost no record is decoded, and imports are light. A tally is
plain data, so that it can be cached as JSON between two calls (`tally_file.py`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, TypeVar

from signoff_collector.capture.journal.frame_reader import HOLE
from signoff_collector.capture.journal.journal_frames import (
    RecordKind,
    body_in,
    end_reason,
    fields_in,
    method_in,
    quoted_uri_in,
    time_in,
    time_of,
    uri_text,
)
from signoff_schemas import lsp_messages
from signoff_schemas.untyped import fields_of, is_fields, list_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.capture.journal.journal_follower import Frames

_T = TypeVar("_T")
_DID_CHANGE: Final = b"textDocument/didChange"
_HELLO: Final = lsp_messages.HELLO.encode()
_BY_METHOD: Final[Mapping[bytes, str]] = {
    _DID_CHANGE: "edit",
    b"textDocument/didOpen": "open",
    b"textDocument/didClose": "close",
    lsp_messages.VIEW.encode(): "view",
    lsp_messages.SELECT.encode(): "select",
    lsp_messages.FOCUS.encode(): "focus",
    lsp_messages.DIAGNOSTICS.encode(): "diagnostics",
    lsp_messages.ASSIST.encode(): "assist",
    lsp_messages.SEARCH.encode(): "search",
}
_MESSAGES: Final = frozenset({RecordKind.LSP, RecordKind.COMPANION})
_WHOLE_TEXTS: Final[Mapping[int, str]] = {RecordKind.SAVE: "save", RecordKind.ANCHOR: "open"}
_LEAVES_FILES: Final = frozenset({"commit", "amend", "tag", "branch", "push", "fetch"})
"""Git operations that change no file of the work tree."""
_MOST_PATHS: Final = 400
_MOST_JUMPS: Final = 20
JUMP_NS: Final = 60 * 10**9
"""The wall clock was set when it moved by more than this against the time since boot."""


@dataclass(slots=True, kw_only=True)
class DocumentTally:
    """One document as one bridge recorded it."""

    last_ns: int = 0
    """Boot time of the last record about it."""
    is_open: bool = True
    saved_sha256: str | None = None
    """SHA-256 of the file on disk at the last save."""


@dataclass(slots=True, kw_only=True)
class SegmentTally:
    """The counts of one segment."""

    header: dict[str, object] = field(default_factory=dict[str, object])
    by_kind: dict[str, int] = field(default_factory=dict[str, int])
    last_ns: int = 0
    """Boot time of the last record other than clock readings."""
    end: str | None = None
    """Reason of the END record."""
    clock: list[int] = field(default_factory=list[int])
    """The last clock reading: boot and wall."""
    jumps: list[list[int]] = field(default_factory=list[list[int]])
    """Boot time, and by how much the wall clock was set."""
    documents: dict[str, DocumentTally] = field(default_factory=dict[str, DocumentTally])
    """By URI, those that were worked on last behind the others."""
    on_disk: dict[str, list[object]] = field(default_factory=dict[str, list[object]])
    """Path to boot time and SHA-256 (None: deleted), as last recorded by the file watcher."""
    single_saves: dict[str, int] = field(default_factory=dict[str, int])
    """File suffix to the number of bursts with one changed file, as when an editor saves it."""
    moved_ns: int = 0
    """Time of the last bulk change on disk or by git, which may not name each file."""
    has_companion: bool = False
    dropped: int = 0
    """Number of gaps that report lost records."""


def count(tally: SegmentTally, frames: Frames) -> SegmentTally:
    """Count new records."""
    counter = _Counter(tally)
    for kind, payload in frames:
        counter.take(kind, payload)
    counter.finish()
    return tally


def step_of(kind: int, payload: bytes) -> tuple[str | None, int]:
    """Return the kind of step that a record becomes, and how many steps. About 1 µs for an edit."""
    if kind in _MESSAGES:
        name = _BY_METHOD.get(method_in(payload))
        return name, _changes(payload) if name == "edit" else 1
    if kind == RecordKind.STEP:
        named = fields_in(payload).get("kind")
        return (named if isinstance(named, str) else None), 1
    return _WHOLE_TEXTS.get(kind), 1


class _Counter:
    """Processes new frames; what only the last of many decides waits until it is known."""

    def __init__(self, tally: SegmentTally) -> None:
        self._tally = tally
        self._edits = 0
        self._last: int | bytes = tally.last_ns
        """Time of the last record, or a message that has it."""
        self._edited: bytes | None = None
        """The document of the last edits, whose time is in `_edit`."""
        self._edit = b""

    def take(self, kind: int, payload: bytes) -> None:
        if kind in _MESSAGES:
            self._message(payload)
            return
        if kind == HOLE:
            return
        body = body_in(payload)
        fields = fields_of(body)
        match kind:
            case RecordKind.STEP:
                self._step(fields)
            case RecordKind.SAVE | RecordKind.ANCHOR:
                self._whole_text(kind, fields)
            case RecordKind.FILES:
                self._files(fields)
            case RecordKind.CLOCK:
                self._clock(list_of(body)[:2])
                return
            case RecordKind.HEADER:
                self._header(fields)
                return
            case RecordKind.END:
                self._tally.end = end_reason(fields)
                return
            case _:
                pass
        t_boot_ns = time_of(body)
        self._last = self._last if t_boot_ns is None else t_boot_ns

    def finish(self) -> None:
        """Do what was put off."""
        self._settle()
        if self._edits:
            self._add("edit", self._edits)
        last = self._last
        self._tally.last_ns = time_in(last) if isinstance(last, bytes) else last

    def _add(self, kind: str, count: int = 1) -> None:
        self._tally.by_kind[kind] = self._tally.by_kind.get(kind, 0) + count

    def _document(self, uri: str, t_ns: int) -> DocumentTally:
        """Note that a document was worked on; the one that was left alone longest makes room."""
        documents = self._tally.documents
        document = documents[uri] = documents.pop(uri, DocumentTally())
        document.last_ns = max(document.last_ns, t_ns)
        _trim(documents)
        return document

    def _settle(self) -> None:
        """Note when the document of the last edits was edited."""
        if self._edited is not None:
            self._document(uri_text(self._edited), time_in(self._edit))
            self._edited = None

    def _message(self, payload: bytes) -> None:
        method = method_in(payload)
        if not method:
            return
        self._last = payload
        if method == _DID_CHANGE:
            self._edits += _changes(payload)
            uri = quoted_uri_in(payload)
            if uri != self._edited:
                self._settle()
            self._edited, self._edit = uri, payload
        elif (kind := _BY_METHOD.get(method)) is not None:
            self._add(kind)
            if kind in ("open", "close") and (quoted := quoted_uri_in(payload)) is not None:
                self._settle()
                self._document(uri_text(quoted), time_in(payload)).is_open = kind == "open"
        elif method == _HELLO:
            self._tally.has_companion = True

    def _step(self, fields: Mapping[str, object]) -> None:
        kind = fields.get("kind")
        if isinstance(kind, str):
            self._add(kind)
        self._tally.dropped += kind == "gap" and fields.get("reason") == "dropped"
        t_ns = fields.get("t_boot_ns")
        if kind == "git" and fields.get("operation") not in _LEAVES_FILES and type(t_ns) is int:
            self._tally.moved_ns = t_ns
        self._on_disk(t_ns, fields.get("disk"))

    def _whole_text(self, kind: int, fields: Mapping[str, object]) -> None:
        self._add(_WHOLE_TEXTS[kind])
        uri, t_ns, sha256 = (fields.get(name) for name in ("uri", "t_boot_ns", "disk_sha256"))
        if not isinstance(uri, str):
            return
        self._settle()
        document = self._document(uri, t_ns if type(t_ns) is int else 0)
        document.is_open = True
        if kind == RecordKind.SAVE and isinstance(sha256, str):
            document.saved_sha256 = sha256

    def _files(self, fields: Mapping[str, object]) -> None:
        self._add("files")
        t_ns = fields.get("t_boot_ns")
        items = self._on_disk(t_ns, fields.get("changed"))
        if fields.get("is_bulk") and type(t_ns) is int:
            self._tally.moved_ns = t_ns
        if len(items) != 1 or fields.get("is_bulk") or fields.get("is_rescan"):
            return
        path, sha256 = items[0]
        if sha256 is not None:
            suffix = PurePosixPath(path).suffix.lower()
            self._tally.single_saves[suffix] = self._tally.single_saves.get(suffix, 0) + 1

    def _on_disk(self, t_ns: object, told: object) -> list[tuple[str, object]]:
        """Note the content hashes on disk; return path and hash of each file."""
        named = [item for item in list_of(told) if is_fields(item)]
        found = [
            (path, item.get("sha256"))
            for item in named
            if isinstance(path := item.get("path"), str)
        ]
        for path, sha256 in found[:_MOST_PATHS]:
            self._tally.on_disk.pop(path, None)
            self._tally.on_disk[path] = [t_ns, sha256]
        _trim(self._tally.on_disk)
        return found

    def _clock(self, told: list[object]) -> None:
        reading = [item for item in told if type(item) is int]
        if len(reading) != 2:
            return
        tally = self._tally
        if tally.clock:
            moved_ns = (reading[1] - reading[0]) - (tally.clock[1] - tally.clock[0])
            if abs(moved_ns) >= JUMP_NS:
                tally.jumps = [*tally.jumps, [reading[0], moved_ns]][-_MOST_JUMPS:]
        tally.clock = reading

    def _header(self, fields: Mapping[str, object]) -> None:
        names = ("writer", "writer_id", "pid", "boot_id", "marks_end", "t_boot_ns", "editor",
                 "editor_version", "editor_pid", "tool_version")  # fmt: skip
        self._tally.header = {name: fields[name] for name in names if name in fields}
        self._clock([fields.get("t_boot_ns"), fields.get("t_wall_ns")])


def _trim(known: dict[str, _T]) -> None:
    while len(known) > _MOST_PATHS:
        del known[next(iter(known))]


def _changes(payload: bytes) -> int:
    """Count the content changes; `"text"` with quotes can only be the key of one change."""
    if payload.count(b'"text"') == 1:
        return 1
    body = list_of(body_in(payload))
    params = body[2] if len(body) > 2 else None
    if not isinstance(params, bytes):
        return 0
    try:
        parsed: object = json.loads(params.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return 0
    return len(list_of(fields_of(parsed).get("contentChanges")))
