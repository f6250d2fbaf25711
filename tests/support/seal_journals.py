"""Journals for tests of sealing, made in memory or on disk, without an editor."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from signoff_collector.capture.journal.control import ControlLine
from signoff_collector.capture.journal.journal import JournalHeader, RecordKind
from signoff_collector.capture.journal.journal_frames import encode_frame, pack_body
from signoff_collector.capture.journal.records import Entry, WriterRecords
from signoff_collector.episode.content import Edit, Episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.seal.gathering.gathered import Gathered, LateStep
from signoff_schemas.steps import GapStep
from signoff_schemas.words import ACTOR_CLASSES, BASES

ROOT = "/home/ada/project"
START_WALL_NS = 1_790_000_000 * 10**9
START_BOOT_NS = 20 * 10**9
"""Soon after the start of a machine: also where tests run on a new one it is past."""
MS = 10**6
S = 10**9


def sha256(text: str) -> str:
    """Return the hash of a text as UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def uri(path: str, root: str | Path = ROOT) -> str:
    """Return the URI of a workspace-relative path."""
    return f"file://{root}/{path}"


def gathered_for(*control: ControlLine, late: tuple[LateStep, ...] = ()) -> Gathered:
    """Return gathered facts with nothing surprising in them."""
    return Gathered(
        session="20260922T000000Z-0badcafe",
        root=ROOT,
        boot_id="boot-1",
        seed=b"\1" * 32,
        control=control,
        captured_on="2026-09-22",
        late=late,
    )


def kinds(episode: Episode) -> list[str]:
    """Return the kinds of all steps, edits among them."""
    return ["edit" if isinstance(step, Edit) else step.kind for step in episode.ordered()]


def gaps(episode: Episode) -> list[GapStep]:
    """Return the gaps."""
    return [step for step in episode.steps if isinstance(step, GapStep)]


def edit_authors(episode: Episode) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return class, basis and evidence of every edit."""
    sets = episode.edits.evidence_sets
    return [
        (str(ACTOR_CLASSES[edit.actor]), str(BASES[edit.basis]), sets[edit.evidence])
        for edit in episode.edits.edits()
    ]


def final_buffer(episode: Episode, path: str, buffer: int = 0) -> str | None:
    """Return a buffer's text at the end."""
    return Moments(episode).buffer(path, buffer, episode.step_count)


def final_disk(episode: Episode, path: str) -> str | bytes | None:
    """Return a file's text on disk at the end."""
    return Moments(episode).disk(path, episode.step_count)


def sound(episode: Episode) -> Episode:
    """Return the episode after writing, reading, strictly checking and replaying it."""
    assert strict_check(write_episode(episode)) == episode
    report = check_replay(episode)
    assert not report.mismatches
    assert report.resyncs == episode.header.check.resyncs
    assert episode.header.steps == episode.step_count
    return episode


class Journal:
    """One writer; every record comes 100 ms after the one before."""

    def __init__(
        self,
        writer: str = "lsp",
        pid: int = 100,
        *,
        boot_id: str = "boot-1",
        wall_ns: int = START_WALL_NS,
        t_boot_ns: int = START_BOOT_NS,
        root: str | Path = ROOT,
        **fields: object,
    ) -> None:
        self.t_boot_ns = t_boot_ns
        self.root = root
        self.version = 0
        self.header = JournalHeader(
            journal_version=1,
            writer=writer,
            writer_id=f"{writer}-{pid}-abcd",
            segment=0,
            first_index=0,
            tool_version="0.1.0",
            boot_id=boot_id,
            t_boot_ns=t_boot_ns,
            t_wall_ns=wall_ns,
            pid=pid,
            fields={"encoding": "utf-16", "editor": "Neovim", "editor_pid": 7, **fields},
        )
        self._records: list[Entry] = []

    def wait(self, seconds: float) -> None:
        """Let time go on."""
        self.t_boot_ns += int(seconds * 10**9)

    def add(self, kind: int, body: object) -> None:
        """Add a record as it is."""
        self._records.append((self.t_boot_ns, kind, body))

    def lsp(self, method: str, params: object) -> None:
        """Add a message of the editor."""
        self._message(RecordKind.LSP, f"textDocument/{method}", params)

    def companion(self, method: str, params: Mapping[str, object]) -> None:
        """Add a message of the companion."""
        self._message(RecordKind.COMPANION, f"signoff/{method}", params)

    def _message(self, kind: int, method: str, params: object) -> None:
        self.wait(0.1)
        raw = params if isinstance(params, bytes) else json.dumps(params).encode()
        self.add(kind, [self.t_boot_ns, method, raw])

    def uri(self, path: str) -> str:
        """Return the URI of a workspace-relative path."""
        return uri(path, self.root)

    def open(self, path: str, text: str) -> None:
        """Add a `didOpen`."""
        self.version = 0
        document = {"uri": uri(path, self.root), "languageId": "python", "version": 0, "text": text}
        self.lsp("didOpen", {"textDocument": document})

    def change(
        self, path: str, start: tuple[int, int], end: tuple[int, int], text: str,
        version: int | None = None,
    ) -> None:  # fmt: skip
        """Add a `didChange` with one ranged change."""
        places = [{"line": line, "character": column} for line, column in (start, end)]
        span = {"start": places[0], "end": places[1]}
        self.changes(path, [{"range": span, "text": text}], version)

    def changes(self, path: str, changes: object, version: int | None = None) -> None:
        """Add a `didChange`."""
        self.version = self.version + 1 if version is None else version
        document = {"uri": uri(path, self.root), "version": self.version}
        self.lsp("didChange", {"textDocument": document, "contentChanges": changes})

    def evidence(self, path: str, reason: str, version: int | None = None, **more: object) -> None:
        """Add evidence for a version."""
        version = self.version if version is None else version
        self.companion(
            "evidence", {"uri": uri(path, self.root), "version": version, "reason": reason, **more}
        )

    def save(
        self, path: str, text: str, *, disk: bytes | None = None, matches: bool = True
    ) -> None:
        """Add a SAVE record."""
        self.wait(0.1)
        content = text.encode() if disk is None else disk
        body = {
            "t_boot_ns": self.t_boot_ns,
            "uri": uri(path, self.root),
            "disk_sha256": hashlib.sha256(content).hexdigest(),
            "text_sha256": sha256(text),
            "size_bytes": len(content),
            "matches": matches,
            "text": None if matches else text,
        }
        self.add(RecordKind.SAVE, body)

    def unknown_save(self, path: str, text: str) -> None:
        """Add a SAVE record of bytes that were gone before they could be compared."""
        self.wait(0.1)
        body = {
            "t_boot_ns": self.t_boot_ns, "uri": uri(path, self.root), "disk_sha256": None,
            "text_sha256": sha256(text), "size_bytes": None, "matches": None, "text": None,
        }  # fmt: skip
        self.add(RecordKind.SAVE, body)

    def anchor(self, path: str, text: str, **more: object) -> None:
        """Add an ANCHOR record."""
        self.wait(0.1)
        body = {
            "t_boot_ns": self.t_boot_ns, "uri": uri(path, self.root), "language": "python",
            "version": self.version, "text": text, "reason": "anchor", "while_paused": False,
            **more,
        }  # fmt: skip
        self.add(RecordKind.ANCHOR, body)

    def step(self, kind: str, **fields: object) -> None:
        """Add a ready-made step."""
        self.wait(0.1)
        body = {"t_boot_ns": self.t_boot_ns, "t_kind": "event", "kind": kind, **fields}
        self.add(RecordKind.STEP, body)

    def clocks(self, *, asleep_ns: int, wall_ns: int = START_WALL_NS) -> None:
        """Add a CLOCK record."""
        self.add(RecordKind.CLOCK, [self.t_boot_ns, wall_ns, asleep_ns])

    def close(self, path: str) -> None:
        """Add a `didClose`."""
        self.lsp("didClose", {"textDocument": {"uri": uri(path, self.root)}})

    def records(self) -> WriterRecords:
        """Return the stream that sealing reads."""
        return WriterRecords(self.header, [list(self._records)])

    def to_bytes(self) -> bytes:
        """Return the journal file."""
        head = {
            **self.header.fields,
            **{
                name: getattr(self.header, name)
                for name in (
                    "journal_version", "writer", "writer_id", "segment", "first_index",
                    "tool_version", "boot_id", "t_boot_ns", "t_wall_ns", "pid",
                )
            },
        }  # fmt: skip
        frames = [encode_frame(RecordKind.HEADER, pack_body(head))]
        frames += [encode_frame(kind, pack_body(body)) for _, kind, body in self._records]
        return b"".join(frames)

    def write(self, folder: Path) -> Path:
        """Write the journal into a session's folder."""
        path = folder / f"{self.header.writer_id}.{self.header.segment}.journal"
        path.write_bytes(self.to_bytes())
        path.chmod(0o600)
        return path
