"""Count the records of one journal segment, incrementally.

For `status` and the self-check: almost no record is decoded, and imports are light. A tally is
plain data, so that it can be cached as JSON between two calls (`tally_file.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from signoff_collector.capture.journal.frame_reader import RESTART, FrameReader, Mark
from signoff_collector.capture.journal.journal_frames import RecordKind, unpack_body
from signoff_schemas import lsp_messages
from signoff_schemas.untyped import fields_of, is_fields, is_items, list_of

_BY_METHOD: Final[Mapping[bytes, str]] = {
    b"textDocument/didOpen": "open",
    b"textDocument/didClose": "close",
    lsp_messages.VIEW.encode(): "view",
    lsp_messages.SELECT.encode(): "select",
    lsp_messages.FOCUS.encode(): "focus",
    lsp_messages.DIAGNOSTICS.encode(): "diagnostics",
    lsp_messages.ASSIST.encode(): "assist",
    lsp_messages.SEARCH.encode(): "search",
}
_DID_CHANGE: Final = b"textDocument/didChange"
_HELLO: Final = lsp_messages.HELLO.encode()
_HEAD_BYTES: Final = 48
"""Length of a message record's head: its time and the longest counted method fit into it."""
_URI: Final = re.compile(rb'"uri"\s*:\s*"([^"\\]*)"')
"""Matches only keys, since quotes are escaped within text that an editor sends."""
_LIST_OF_3: Final = 0x93
_UINT64: Final = 0xCF
_LEAVES_FILES: Final = frozenset({"commit", "amend", "tag", "branch", "push", "fetch"})
"""Git operations that change no file of the work tree."""
_NO_WORK: Final = frozenset({RecordKind.CLOCK, RecordKind.END})
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
    """The counts of one segment, up to `mark`."""

    mark: Mark = field(default_factory=Mark)
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
    """By URI."""
    on_disk: dict[str, list[object]] = field(default_factory=dict[str, list[object]])
    """Path to boot time and SHA-256 (None: deleted), as last recorded by the file watcher."""
    single_saves: dict[str, int] = field(default_factory=dict[str, int])
    """File suffix to the number of bursts with one changed file, as when an editor saves it."""
    moved_ns: int = 0
    """Time of the last bulk change on disk or by git, which may not name each file."""
    has_companion: bool = False
    dropped: int = 0
    """Number of gaps that report lost records."""


def counted_on(path: Path, tally: SegmentTally) -> tuple[SegmentTally, int]:
    """Count the records added to a segment; return also the number of its unreadable bytes."""
    frames = FrameReader(path, tally.mark)
    reader = _Reader(tally)
    for kind, payload in frames:
        if kind == RESTART:
            tally = SegmentTally()
            reader = _Reader(tally)
        else:
            reader.frame(kind, payload)
    reader.finish()
    tally.mark = frames.mark
    return tally, frames.left_bytes


def step_of(kind: int, payload: bytes) -> tuple[str | None, int]:
    """Return the kind of step that a record becomes, and how many steps. About 1 µs for an edit."""
    match kind:
        case RecordKind.LSP | RecordKind.COMPANION:
            head = payload[:_HEAD_BYTES]
            if _DID_CHANGE in head:
                return "edit", _changes(payload)
            return next((name for method, name in _BY_METHOD.items() if method in head), None), 1
        case RecordKind.STEP:
            named = _fields(payload).get("kind")
            return (named if isinstance(named, str) else None), 1
        case RecordKind.SAVE:
            return "save", 1
        case RecordKind.ANCHOR:
            return "open", 1
        case _:
            return None, 0


class _Reader:
    """Processes new frames; what only the last of many frames decides is left to `finish`."""

    def __init__(self, tally: SegmentTally) -> None:
        self._tally = tally
        self._edits = 0
        self._last: bytes | None = None
        self._touched: dict[bytes, bytes] = {}

    def frame(self, kind: int, payload: bytes) -> None:
        if kind > 0 and kind not in _NO_WORK:
            self._last = payload
        match kind:
            case RecordKind.LSP | RecordKind.COMPANION:
                self._message(payload)
            case RecordKind.STEP:
                self._step(payload)
            case RecordKind.SAVE | RecordKind.ANCHOR:
                self._whole_text(kind, _fields(payload))
            case RecordKind.FILES:
                self._files(_fields(payload))
            case RecordKind.CLOCK:
                self._clock(_unpacked(payload))
            case RecordKind.HEADER:
                self._header(_fields(payload))
            case RecordKind.END:
                reason = _fields(payload).get("reason")
                self._tally.end = reason if isinstance(reason, str) else "closed"
            case _:
                pass

    def finish(self) -> None:
        """Do the deferred work."""
        tally = self._tally
        if self._edits:
            tally.by_kind["edit"] = tally.by_kind.get("edit", 0) + self._edits
        for uri, payload in self._touched.items():
            self._document(uri).last_ns = _time_of(payload)
        if self._last is not None:
            tally.last_ns = _time_of(self._last)
        for known in (tally.documents, tally.on_disk):
            for name in list(known)[: max(0, len(known) - _MOST_PATHS)]:
                del known[name]

    def _add(self, kind: str) -> None:
        self._tally.by_kind[kind] = self._tally.by_kind.get(kind, 0) + 1

    def _document(self, uri: bytes) -> DocumentTally:
        name = uri.decode("utf-8", "surrogateescape")
        return self._tally.documents.setdefault(name, DocumentTally())

    def _message(self, payload: bytes) -> None:
        head = payload[:_HEAD_BYTES]
        if _DID_CHANGE in head:
            self._edits += _changes(payload)
            if (found := _URI.search(payload)) is not None:
                self._touched[found[1]] = payload
            return
        for method, kind in _BY_METHOD.items():
            if method in head:
                self._add(kind)
                if kind in ("open", "close") and (found := _URI.search(payload)) is not None:
                    self._touched[found[1]] = payload
                    self._document(found[1]).is_open = kind == "open"
                return
        self._tally.has_companion |= _HELLO in head

    def _step(self, payload: bytes) -> None:
        fields = _fields(payload)
        kind = fields.get("kind")
        if isinstance(kind, str):
            self._add(kind)
        self._tally.dropped += kind == "gap" and fields.get("reason") == "dropped"
        t_ns = fields.get("t_boot_ns")
        if kind == "git" and fields.get("operation") not in _LEAVES_FILES and type(t_ns) is int:
            self._tally.moved_ns = t_ns
        self._on_disk(t_ns, fields.get("disk"))

    def _whole_text(self, kind: int, fields: Mapping[str, object]) -> None:
        self._add("save" if kind == RecordKind.SAVE else "open")
        uri, t_ns, sha256 = (fields.get(name) for name in ("uri", "t_boot_ns", "disk_sha256"))
        if not isinstance(uri, str):
            return
        document = self._document(uri.encode("utf-8", "surrogateescape"))
        self._touched.pop(uri.encode("utf-8", "surrogateescape"), None)
        document.is_open = True
        document.last_ns = t_ns if type(t_ns) is int else document.last_ns
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
        items = list_of(told)
        named = [item for item in items if is_fields(item)]
        found = [
            (path, item.get("sha256"))
            for item in named
            if isinstance(path := item.get("path"), str)
        ]
        for path, sha256 in found[:_MOST_PATHS]:
            self._tally.on_disk.pop(path, None)
            self._tally.on_disk[path] = [t_ns, sha256]
        return found

    def _clock(self, body: object) -> None:
        items = body[:2] if is_items(body) else []
        reading = [item for item in items if type(item) is int]
        if len(reading) == 2:
            self._read_clock(reading)

    def _read_clock(self, reading: list[int]) -> None:
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


def _changes(payload: bytes) -> int:
    """Count the content changes; `"text"` with quotes can only be the key of one change."""
    if payload.count(b'"text"') == 1:
        return 1
    body = _unpacked(payload)
    params = body[2] if is_items(body) and len(body) > 2 else None
    if not isinstance(params, bytes):
        return 0
    try:
        parsed: object = json.loads(params.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return 0
    if not is_fields(parsed):
        return 0
    changes = parsed.get("contentChanges")
    return len(changes) if is_items(changes) else 0


def _time_of(payload: bytes) -> int:
    """Decode a record's time; it is nearly always at the same offset."""
    if payload[:2] == bytes((_LIST_OF_3, _UINT64)):
        return int.from_bytes(payload[2:10], "big")
    body = _unpacked(payload)
    first: object = None
    if is_items(body) and body:
        first = body[0]
    elif is_fields(body):
        first = body.get("t_boot_ns")
    return first if type(first) is int else 0


def _fields(payload: bytes) -> Mapping[str, object]:
    body = _unpacked(payload)
    return fields_of(body)


def _unpacked(payload: bytes) -> object:
    try:
        return unpack_body(payload)
    except ValueError:
        return None
