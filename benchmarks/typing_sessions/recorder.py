"""Journals as an editor's bridge and the other writers leave them, made without an editor.

Text goes the real way: LSP messages with UTF-16 positions, evidence of a companion, saves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from signoff_collector.capture.journal.journal import JournalHeader
from signoff_collector.capture.journal.journal_frames import RecordKind, encode_frame, pack_body
from signoff_collector.capture.journal.records import Entry, WriterRecords

MS = 1_000_000
BOOT_NS = 5_000 * 10**9
WALL_NS = 1_790_000_000 * 10**9

Change = tuple[int, int, str]
"""Offset, number of characters removed, characters put in: code points."""


def sha256(content: bytes) -> str:
    """Return a hash as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


class Writer:
    """One writer of the session."""

    def __init__(self, name: str, boot_id: str, t_boot_ns: int, wall_ns: int) -> None:
        self.header = JournalHeader(
            journal_version=1,
            writer=name,
            writer_id=f"{name}-{100 + len(name)}-abcd",
            segment=0,
            first_index=0,
            tool_version="0.1.0",
            boot_id=boot_id,
            t_boot_ns=t_boot_ns,
            t_wall_ns=wall_ns,
            pid=100,
            fields={"encoding": "utf-16", "editor": "made", "editor_pid": 7},
        )
        self.entries: list[Entry] = []

    def records(self) -> WriterRecords:
        """Return the stream that sealing reads."""
        return WriterRecords(self.header, [list(self.entries)])

    def write(self, folder: Path) -> None:
        """Write the journal into a session's folder."""
        names = ("journal_version", "writer", "writer_id", "segment", "first_index",
                 "tool_version", "boot_id", "t_boot_ns", "t_wall_ns", "pid")  # fmt: skip
        head = {**self.header.fields, **{name: getattr(self.header, name) for name in names}}
        frames = [encode_frame(RecordKind.HEADER, pack_body(head))]
        frames += [encode_frame(kind, pack_body(body)) for _, kind, body in self.entries]
        path = folder / f"{self.header.writer_id}.0.journal"
        path.write_bytes(b"".join(frames))
        path.chmod(0o600)


class Recorder:
    """All writers of one session and the time that they share."""

    def __init__(
        self,
        root: str = "/home/ada/project",
        *,
        boot_id: str = "boot-1",
        t_boot_ns: int = BOOT_NS,
        wall_ns: int = WALL_NS,
    ) -> None:
        self.root = root
        self.t_boot_ns = t_boot_ns
        self.edits = 0
        self.blobs: dict[str, bytes] = {}
        self.texts: dict[str, str] = {}
        """Buffer text by path."""
        self.disk: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._start = (boot_id, t_boot_ns, wall_ns)
        self._writers: dict[str, Writer] = {}

    def wait(self, ms: float) -> None:
        """Let time pass."""
        self.t_boot_ns += int(ms * MS)

    def writers(self) -> list[Writer]:
        """Return the writers that said something."""
        return list(self._writers.values())

    def _writer(self, name: str) -> Writer:
        if name not in self._writers:
            self._writers[name] = Writer(name, *self._start)
        return self._writers[name]

    def _add(self, writer: str, kind: int, body: object) -> None:
        self.t_boot_ns += MS
        self._writer(writer).entries.append((self.t_boot_ns, kind, body))

    def _message(self, kind: int, method: str, params: Mapping[str, object]) -> None:
        body = [self.t_boot_ns + MS, method, json.dumps(params).encode()]
        self._add("lsp", kind, body)

    def uri(self, path: str) -> str:
        """Return the URI of a path in the workspace."""
        return Path(self.root, path).as_uri()

    def open(self, path: str, text: str) -> None:
        """Open a document."""
        self.texts[path] = text
        self._versions[path] = 0
        document = {"uri": self.uri(path), "languageId": "text", "version": 0, "text": text}
        self._message(RecordKind.LSP, "textDocument/didOpen", {"textDocument": document})

    def close(self, path: str) -> None:
        """Close a document; what was not saved is lost."""
        del self.texts[path]
        self._message(
            RecordKind.LSP, "textDocument/didClose", {"textDocument": {"uri": self.uri(path)}}
        )

    def change(self, path: str, changes: Sequence[Change], reason: str | None = "key") -> None:
        """Change a document; several changes are one action, each seeing those before it."""
        self._versions[path] += 1
        where = {"uri": self.uri(path), "version": self._versions[path]}
        if reason is not None:
            self._message(RecordKind.COMPANION, "signoff/evidence", {**where, "reason": reason})
        content: list[dict[str, object]] = []
        for start, deleted, text in changes:
            old = self.texts[path]
            span = {"start": _place(old, start), "end": _place(old, start + deleted)}
            content.append({"range": span, "text": text})
            self.texts[path] = old[:start] + text + old[start + deleted :]
            self.edits += 1
        params = {"textDocument": where, "contentChanges": content}
        self._message(RecordKind.LSP, "textDocument/didChange", params)

    def replace_all(self, path: str, text: str) -> None:
        """Send the whole text anew, as some clients and formatters do."""
        self._versions[path] += 1
        where = {"uri": self.uri(path), "version": self._versions[path]}
        self.texts[path] = text
        self.edits += 1
        params = {"textDocument": where, "contentChanges": [{"text": text}]}
        self._message(RecordKind.LSP, "textDocument/didChange", params)

    def companion(self, method: str, path: str, **fields: object) -> None:
        """Send what a companion tells of a document."""
        where = {"uri": self.uri(path), "version": self._versions.get(path, 0)}
        self._message(RecordKind.COMPANION, f"signoff/{method}", {**where, **fields})

    def save(self, path: str) -> None:
        """Save a document."""
        text = self.texts[path]
        self.disk[path] = text
        content = text.encode("utf-8", "surrogatepass")
        body = {
            "t_boot_ns": self.t_boot_ns + MS, "uri": self.uri(path),
            "disk_sha256": sha256(content), "text_sha256": sha256(content),
            "size_bytes": len(content), "matches": True, "text": None,
        }  # fmt: skip
        self._add("lsp", RecordKind.SAVE, body)

    def step(self, writer: str, kind: str, **fields: object) -> None:
        """Add a step that a writer journalled ready-made."""
        body = {"t_boot_ns": self.t_boot_ns + MS, "t_kind": "event", "kind": kind, **fields}
        self._add(writer, RecordKind.STEP, body)

    def files(
        self, changed: Mapping[str, str | None], *, renamed: Sequence[Sequence[str]] = ()
    ) -> None:
        """Say what a program changed on disk; None: the file is gone."""
        items = [self._item(path, text) for path, text in sorted(changed.items())]
        now = self.t_boot_ns + MS
        body = {
            "t_boot_ns": now, "first_boot_ns": now - 10 * MS, "changed": items,
            "renamed": [], "count": len(items), "is_bulk": False,
            "resolvable": False, "is_rescan": False,
        }  # fmt: skip
        self._add("files", RecordKind.FILES, body)

    def tree(self) -> None:
        """Say that the work tree was clean when the watcher began."""
        body = {
            "t_boot_ns": self.t_boot_ns + MS, "reason": "start", "head": "c" * 40, "entries": [],
            "is_complete": True,
        }  # fmt: skip
        self._add("files", RecordKind.TREE, body)

    def _item(self, path: str, text: str | None) -> dict[str, object]:
        if text is None:
            self.disk.pop(path, None)
            return {"path": path, "sha256": None, "size_bytes": None, "mode": None}
        content = text.encode("utf-8", "surrogatepass")
        self.disk[path] = text
        self.blobs[sha256(content)] = content
        size = len(content)
        return {"path": path, "sha256": sha256(content), "size_bytes": size, "mode": "100644"}


def _place(text: str, offset: int) -> dict[str, int]:
    """Return an offset as a position of LSP: lines end with LF, CR LF or CR."""
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    if offset and text[offset - 1 : offset + 1] == "\r\n":
        before = before[:-1]
    line, _, column = before.rpartition("\n")
    number = before.count("\n")
    del line
    return {"line": number, "character": len(column.encode("utf-16-le", "surrogatepass")) // 2}
