"""Operations that need a document's text, run in order on the work thread.

Each `write_*` reserves a slot in the lane at once and fills it when the work is done. They are
called under the recorder's lock; the submitted jobs run without it and own the mirrors.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from signoff_bridge.documents.disk import read_disk, stamp_of
from signoff_bridge.recording.documents import LateSave
from signoff_bridge.recording.lane import Entry
from signoff_bridge.recording.save_records import disk_note, save_entry, unknown_entry
from signoff_collector.capture.journal.journal_frames import RecordKind, pack_body
from signoff_collector.capture.opt_in.policy import Reason
from signoff_collector.text.positions import Encoding

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_bridge.documents.disk import DiskFile, Stamp
    from signoff_bridge.protocol.work import WorkQueue
    from signoff_bridge.recording.documents import Changes, Document
    from signoff_bridge.recording.lane import Lane
    from signoff_bridge.recording.recording import Recording
    from signoff_collector.system.clock import Clock

_LSP: Final = int(RecordKind.LSP)


class TextWork:
    """Creates the records that cannot be written immediately."""

    def __init__(self, clock: Clock, work: WorkQueue) -> None:
        self._clock = clock
        self._work = work
        self.encoding = Encoding.UTF16

    def fold(self, document: Document) -> None:
        """Apply the pending changes to the mirror."""
        batch = document.take_pending()
        self._work.submit(lambda: self._catch_up(document, batch))

    def take_text(self, document: Document, text: str) -> None:
        """Reset the mirror to the client's whole text."""
        batch = document.take_pending()

        def job() -> None:
            self._catch_up(document, batch)
            document.mirror.reset(text)

        self._work.submit(job)

    def write_opening(
        self,
        recording: Recording,
        lane: Lane,
        document: Document,
        payload: bytes | None,
        now_ns: int,
    ) -> None:
        """Evaluate the policy, then write the `didOpen` and the comparison with the disk."""
        stamp = stamp_of(document.path)

        def work() -> list[Entry]:
            note = disk_note(document, stamp, now_ns)  # first: the editor may save soon
            self._decide(recording, document)
            if not document.is_kept or payload is None:
                return []
            return [
                Entry(_LSP, payload, document),
                Entry(int(RecordKind.COMPANION), note, document),
            ]

        self._later(lane, work)

    def write_anchor(
        self,
        recording: Recording,
        lane: Lane,
        document: Document,
        now_ns: int,
        *,
        is_from_pause: bool = False,
    ) -> None:
        """Write the whole text as it is at this place in the order.

        Behind a pause with a save, or how it compares, where the file holds this very text.
        """
        batch = document.take_pending()
        version, while_paused = document.version, document.changed_while_off or is_from_pause
        was_saved = document.saved_while_off
        document.changed_while_off = document.saved_while_off = False

        def work() -> list[Entry]:
            self._catch_up(document, batch)
            if not document.is_decided:
                self._decide(recording, document)
            text = document.mirror.text
            if not document.is_kept or text is None:
                return []
            body = {
                "t_boot_ns": now_ns,
                "uri": document.uri,
                "language": document.language,
                "version": version,
                "text": text,
                "reason": "anchor",
                "while_paused": while_paused,
            }
            entries = [Entry(int(RecordKind.ANCHOR), pack_body(body), document)]
            disk = read_disk(document.path) if was_saved or while_paused else None
            if disk is None or not disk.matches(text):
                return entries  # changes by others during a pause are not recorded
            if was_saved:
                document.last_disk_sha256 = disk.sha256
                return [*entries, save_entry(document, disk, text, now_ns)]
            note = disk_note(document, disk.stamp, now_ns)
            return [*entries, Entry(int(RecordKind.COMPANION), note, document)]

        self._later(lane, work)

    def write_difference(
        self, lane: Lane, document: Document, changes: Changes, now_ns: int
    ) -> None:
        """Write the diff of a client that sends whole texts."""
        batch = document.take_pending()
        document.has_saved = False
        version = document.version

        def work() -> list[Entry]:
            self._catch_up(document, batch)
            ranged = document.mirror.as_ranged(changes, self.encoding)
            entries: list[Entry] = []
            if ranged:
                params = {
                    "textDocument": {"uri": document.uri, "version": version},
                    "contentChanges": ranged,
                    "signoff": {"from": "full_text"},
                }
                body = [now_ns, "textDocument/didChange", json.dumps(params).encode("ascii")]
                entries.append(Entry(_LSP, pack_body(body), document))
            return entries + self._late_save(document)

        self._later(lane, work)

    def write_save(self, lane: Lane, document: Document, text: str | None, now_ns: int) -> None:
        """Compare a saved document with the disk and write the result.

        The stamp tells the bytes of this save from those of one that comes before the work
        thread has looked.
        """
        batch = document.take_pending()
        document.has_saved = True
        stamp = stamp_of(document.path)

        def work() -> list[Entry]:
            self._catch_up(document, batch)
            return self._save(document, text, stamp, now_ns)

        self._later(lane, work)

    def write_late_save(self, lane: Lane, document: Document) -> None:
        """Compare again after the change that a save may have preceded."""
        batch = document.take_pending()
        document.has_saved = False

        def work() -> list[Entry]:
            self._catch_up(document, batch)
            return self._late_save(document)

        self._later(lane, work)

    def _later(self, lane: Lane, work: Callable[[], list[Entry]]) -> None:
        slot = lane.reserve()

        def job() -> None:
            entries: list[Entry] = []
            try:
                entries = work()
            finally:
                lane.fill(slot, entries)

        self._work.submit(job)

    def _catch_up(self, document: Document, batch: list[Changes]) -> None:
        for changes in batch:
            document.mirror.apply(changes, self.encoding)

    def _decide(self, recording: Recording, document: Document) -> None:
        """Evaluate the policy; a text that may not be recorded is dropped from memory too."""
        text = document.mirror.text
        if text is None:
            verdict = recording.policy.verdict(document.path)
        else:
            verdict = recording.policy.text_verdict(document.path, text)
        document.is_kept = verdict.recorded
        document.is_decided = True
        if not verdict.recorded:
            document.refusal = verdict.reason
            is_large = text is not None and verdict.reason is Reason.TOO_LARGE
            if is_large and recording.unseen.begins_to_name(document.path):
                now_ns = self._clock.boot_ns()
                recording.unseen.too_large(document.path, len(text or ""), recording.policy, now_ns)
            document.pending.clear()
            document.mirror.reset("")
            recording.note_refusal(verdict.reason)

    def _save(
        self, document: Document, text: str | None, stamp: Stamp | None, now_ns: int
    ) -> list[Entry]:
        disk = read_disk(document.path)
        buffer = document.mirror.text
        if not document.is_kept or (disk is None and stamp is None):
            return []
        if disk is None or disk.stamp != stamp:
            return self._overtaken(document, text, disk, now_ns)
        known, document.last_disk_sha256 = document.last_disk_sha256, disk.sha256
        if buffer is None or disk.matches(buffer):
            return [self._go_on_from(document, disk, buffer, now_ns)]
        if text is not None and disk.matches(text):
            document.late_save = LateSave(text, is_overtaken=False)
            return []  # Kate says didSave before the change it holds
        was_written = disk.sha256 != known  # ALE says didSave whenever it lints
        if was_written and text == buffer:
            return [unknown_entry(document, buffer, now_ns)]  # written again before we were told
        return [self._go_on_from(document, disk, buffer, now_ns)] if was_written else []

    @staticmethod
    def _overtaken(
        document: Document, text: str | None, disk: DiskFile | None, now_ns: int
    ) -> list[Entry]:
        """Write a save whose file was written again before it could be compared."""
        buffer = document.mirror.text
        if disk is not None and buffer is not None and disk.matches(buffer):
            document.last_disk_sha256 = disk.sha256
            return [save_entry(document, disk, buffer, now_ns)]
        if buffer is None:
            return []
        if text in (None, buffer):
            return [unknown_entry(document, buffer, now_ns)]
        document.late_save = LateSave(str(text), is_overtaken=True)
        return []

    def _late_save(self, document: Document) -> list[Entry]:
        late, document.late_save = document.late_save, None
        disk = read_disk(document.path)
        buffer = document.mirror.text
        if late is None or not document.is_kept:
            return []
        now_ns = self._clock.boot_ns()
        if disk is not None and buffer is not None and disk.matches(buffer):
            document.last_disk_sha256 = disk.sha256
            return [save_entry(document, disk, buffer, now_ns)]
        if buffer is not None and buffer == late.text:
            return [unknown_entry(document, buffer, now_ns)]
        if disk is None or late.is_overtaken:
            return []  # it is unknown whether the client wrote what it announced
        document.last_disk_sha256 = disk.sha256
        return [self._go_on_from(document, disk, buffer, now_ns)]

    @staticmethod
    def _go_on_from(document: Document, disk: DiskFile, buffer: str | None, now_ns: int) -> Entry:
        """Return a comparison; where it differs the disk is right, for the sealer too."""
        if buffer is None or not disk.matches(buffer):
            document.mirror.reset(disk.text)
        return save_entry(document, disk, buffer, now_ns)
