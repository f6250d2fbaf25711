"""Operations that need a document's text, run in order on the work thread.

Each `write_*` reserves a slot in the lane at once and fills it when the work is done. They are
called under the recorder's lock; the submitted jobs run without it and own the mirrors.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_bridge.documents.disk import read_disk, stamp_of
from signoff_bridge.recording.documents import LateSave, full_text_of
from signoff_bridge.recording.lane import Entry
from signoff_bridge.recording.save_records import disk_note, save_entry, unknown_entry
from signoff_collector.capture.journal.journal_frames import RecordKind, pack_body
from signoff_collector.capture.opt_in.policy import MAX_OPEN_BYTES, Reason, is_too_large
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
_MOST_HIDDEN: Final = 2
"""Most characters of a file that an editor does not show: its last line ending."""
_MOST_AT_ONCE_BYTES: Final = 1 << 20
"""A larger file is read by the work thread alone."""
RECOUNT_BYTES: Final = 64 << 10
"""A text near the limit is counted once in so many bytes of messages, so may exceed it by them."""


class TextWork:
    """Creates the records that cannot be written immediately."""

    def __init__(self, clock: Clock, work: WorkQueue) -> None:
        self._clock = clock
        self._work = work
        self.encoding = Encoding.UTF16

    def fold(self, document: Document) -> None:
        """Apply the pending changes to the mirror; drop a text that is too large by now."""
        batch = document.take_pending()
        received_bytes = document.received_bytes if document.may_be_large else None

        def job() -> None:
            self._catch_up(document, batch)
            if received_bytes is not None and self._is_outgrown(document, received_bytes):
                self._let_go(document)

        self._work.submit(job)

    def take_text(self, document: Document, text: str) -> None:
        """Reset the mirror to the client's whole text."""
        batch = document.take_pending()

        received_bytes = document.received_bytes

        def job() -> None:
            self._catch_up(document, batch)
            document.mirror.reset(text)
            self._is_outgrown(document, received_bytes)

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
        document.stamp = stamp = stamp_of(document.path)

        def work() -> list[Entry]:
            disk = read_disk(document.path)  # first: the editor may save soon
            note = disk_note(document, disk, stamp, now_ns)
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
        is_behind_pause: bool = False,
    ) -> None:
        """Write the whole text as it is at this place in the order.

        Behind a pause with a save, or how it compares, where the file holds this very text: it may
        have been written or put back meanwhile, and is what the editor shows.
        """
        batch = document.take_pending()
        version, while_paused = document.version, document.changed_while_off
        was_saved = document.saved_while_off
        document.changed_while_off = document.saved_while_off = False

        def work() -> list[Entry]:
            self._catch_up(document, batch)
            if not document.is_decided:
                self._decide(recording, document)
            text = document.mirror.text
            if not document.is_kept or text is None:
                return []
            entries = self._anchor(document, version, now_ns, while_paused=while_paused)
            compares = was_saved or while_paused or is_behind_pause
            disk = read_disk(document.path) if compares else None
            if disk is None or not disk.matches(text):
                return entries  # changes by others during a pause are not recorded
            if was_saved:
                document.last_disk_sha256 = disk.sha256
                return [*entries, save_entry(document, disk, text, now_ns)]
            note = disk_note(document, disk, disk.stamp, now_ns)
            return [*entries, Entry(int(RecordKind.COMPANION), note, document)]

        self._later(lane, work)

    def write_grown(
        self,
        lane: Lane,
        document: Document,
        changes: Changes | None,
        payload: bytes,
        now_ns: int,
    ) -> None:
        """Write a change behind which the text may be too large, or that it is not kept any more.

        Args:
            lane: of the document's recording.
            document: kept so far.
            changes: of one message; None if they alone are too large, so that nobody holds them.
            payload: the record of them.
            now_ns: when it came.
        """
        batch, received_bytes = document.take_pending(), document.received_bytes

        def work() -> list[Entry]:
            self._catch_up(document, batch)
            if not document.is_kept:
                return []
            if changes is not None:
                document.mirror.apply(changes, self.encoding)
                if not self._is_outgrown(document, received_bytes):
                    return [Entry(_LSP, payload, document)]
            return self._let_go(document, now_ns)

        self._later(lane, work)

    def write_return(
        self, recording: Recording, lane: Lane, document: Document, now_ns: int
    ) -> None:
        """Record a document again that was too large, if its file was written and is small.

        The document counts as undecided until then, so that changes behind the save wait for it.
        """
        stamp, received_bytes = stamp_of(document.path), document.received_bytes
        document.is_decided = False
        document.pending.clear()

        def work() -> list[Entry]:
            disk = None if stamp == document.let_go_at else read_disk(document.path)
            if disk is None or disk.stamp != stamp or is_too_large(disk.text):
                document.is_decided = True
                document.pending.clear()
                return []
            document.mirror.reset(disk.text)
            self._is_outgrown(document, received_bytes)
            self._decide(recording, document)
            return self._anchor(document, document.version, now_ns) if document.is_kept else []

        self._later(lane, work)

    def write_difference(
        self, lane: Lane, document: Document, changes: Changes, now_ns: int
    ) -> None:
        """Write the diff of a client that sends whole texts."""
        batch = document.take_pending()
        document.has_saved = False
        version, written = document.version, _written_by_others(document)

        def work() -> list[Entry]:
            self._catch_up(document, batch)
            if not document.is_kept:
                return []
            if any(is_too_large(text) for text in filter(None, map(full_text_of, changes))):
                return self._let_go(document, now_ns)
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
            entries += self._reloaded(document, written, now_ns)
            return entries + self._late_save(document)

        self._later(lane, work)

    def write_save(self, lane: Lane, document: Document, text: str | None, now_ns: int) -> None:
        """Compare a saved document with the disk and write the result.

        The stamp tells the bytes of this save from those of one that comes before the work
        thread has looked.
        """
        batch = document.take_pending()
        document.has_saved = True
        document.stamp = stamp = stamp_of(document.path)

        def work() -> list[Entry]:
            self._catch_up(document, batch)
            return self._save(document, text, stamp, now_ns)

        self._later(lane, work)

    def write_reload(self, lane: Lane, document: Document, now_ns: int) -> None:
        """Write that the file holds the text, where the editor read what something else wrote.

        No message tells of that, and the file may be written again before the file watcher reads
        it. Costs one `stat` where nothing wrote the file since it was opened or saved.
        """
        written = _written_by_others(document)
        if written is None:
            return
        batch = document.take_pending()

        def work() -> list[Entry]:
            self._catch_up(document, batch)
            return self._reloaded(document, written, now_ns)

        self._later(lane, work)

    @staticmethod
    def _reloaded(document: Document, written: Written | None, now_ns: int) -> list[Entry]:
        """Compare a text with a file that was written; once more only a text as long as that."""
        if written is None or not document.is_kept:
            return []
        mirror, (before, length) = document.mirror, document.compared
        if before == written.stamp and abs(mirror.length - length) > _MOST_HIDDEN:
            return []
        disk, text = written.disk or read_disk(document.path), mirror.text
        if disk is None or text is None or disk.stamp != written.stamp:
            return []
        document.compared = written.stamp, len(disk.text)
        if not disk.matches(text):
            return []
        note = disk_note(document, disk, written.stamp, now_ns)
        return [Entry(int(RecordKind.COMPANION), note, document)]

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

    @staticmethod
    def _anchor(
        document: Document, version: int, now_ns: int, *, while_paused: bool = False
    ) -> list[Entry]:
        body = {
            "t_boot_ns": now_ns,
            "uri": document.uri,
            "language": document.language,
            "version": version,
            "text": document.mirror.text,
            "reason": "anchor",
            "while_paused": while_paused,
        }
        return [Entry(int(RecordKind.ANCHOR), pack_body(body), document)]

    @staticmethod
    def _is_outgrown(document: Document, received_bytes: int) -> bool:
        """Count the text and return whether it is too large.

        Args:
            document: its mirror holds the changes up to now.
            received_bytes: of the document when the count was asked for.
        """
        text = document.mirror.text if document.mirror.may_be_large else ""
        if text is None or is_too_large(text):
            return text is not None
        left = MAX_OPEN_BYTES - len(text.encode("utf-8", "surrogatepass"))
        # A text near the limit would be counted at every key.
        document.small_until_bytes = received_bytes + max(RECOUNT_BYTES, left if text else 0)
        return False

    def _let_go(self, document: Document, now_ns: int = 0) -> list[Entry]:
        """Keep a document no longer that has become too large; return that it is closed."""
        text, recording = document.mirror.text, document.recording
        document.let_go_at = stamp_of(document.path)
        size = max(MAX_OPEN_BYTES + 1, len(text or ""))
        params = {"textDocument": {"uri": document.uri}}
        body = [now_ns, "textDocument/didClose", json.dumps(params).encode("ascii")]
        self._refuse(recording, document, Reason.TOO_LARGE, size)
        return [Entry(_LSP, pack_body(body), None)]

    def _decide(self, recording: Recording, document: Document) -> None:
        """Evaluate the policy; a text that may not be recorded is dropped from memory too."""
        text = document.mirror.text
        if text is None:
            verdict = recording.policy.verdict(document.path)
        else:
            verdict = recording.policy.text_verdict(document.path, text)
        document.is_kept = verdict.recorded
        document.is_decided = True
        document.refusal = None
        if not verdict.recorded:
            self._refuse(recording, document, verdict.reason, len(text or ""))

    def _refuse(
        self, recording: Recording | None, document: Document, reason: Reason, size: int
    ) -> None:
        """Keep nothing of a document, in memory neither."""
        document.is_kept, document.is_decided, document.refusal = False, True, reason
        document.pending.clear()
        document.mirror.drop()
        if recording is None:
            return
        if reason is Reason.TOO_LARGE and size and recording.unseen.begins_to_name(document.path):
            now_ns = self._clock.boot_ns()
            recording.unseen.too_large(document.path, size, recording.policy, now_ns)
        recording.note_refusal(reason)

    def _save(
        self, document: Document, text: str | None, stamp: Stamp | None, now_ns: int
    ) -> list[Entry]:
        disk = read_disk(document.path)
        buffer = document.mirror.text
        was_there = document.last_disk_sha256 is not None or document.is_other_on_disk
        # The next save may just be replacing the file; the text of a linter's word is another.
        if not document.is_kept or (
            disk is None and stamp is None and (not was_there or text is None or text != buffer)
        ):
            return []
        if disk is None or disk.stamp != stamp:
            return self._overtaken(document, text, disk, now_ns)
        known, document.last_disk_sha256 = document.last_disk_sha256, disk.sha256
        if buffer is None or disk.matches(buffer):
            document.is_other_on_disk = False
            return [self._go_on_from(document, disk, buffer, now_ns)]
        if text is not None and disk.matches(text):
            document.late_save = LateSave(text, is_overtaken=False)
            return []  # Kate says didSave before the change it holds
        was_written = disk.sha256 != known  # ALE says didSave whenever it lints
        if text == buffer and (was_written or document.is_other_on_disk):
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


class Written(NamedTuple):
    """A file that is not as it was when it was opened or saved."""

    stamp: Stamp
    disk: DiskFile | None
    """What was read of it at once; None leaves that to the work thread."""


def _written_by_others(document: Document) -> Written | None:
    """Return what something else wrote to a file, else None.

    It is read at once, the first time: it may be written again before the work thread looks. For a
    large file messages would have to wait.
    """
    stamp = stamp_of(document.path)
    if stamp is None or stamp == document.stamp:
        return None
    if stamp == document.read_at or stamp.size_bytes > _MOST_AT_ONCE_BYTES:
        return Written(stamp, None)
    document.read_at = stamp
    return Written(stamp, read_disk(document.path))
