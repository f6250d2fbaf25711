"""Records for the comparison of a document with the file on disk."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from signoff_bridge.recording.lane import Entry
from signoff_collector.capture.journal.journal_frames import RecordKind, pack_body
from signoff_schemas import lsp_messages

if TYPE_CHECKING:
    from signoff_bridge.documents.disk import DiskFile, Stamp
    from signoff_bridge.recording.documents import Document


def save_entry(document: Document, disk: DiskFile, buffer: str | None, now_ns: int) -> Entry:
    """Return the SAVE of a document that was compared, with the disk's text where it differs."""
    matches = buffer is not None and disk.matches(buffer)
    text = buffer if matches and buffer is not None else disk.text
    body = {
        "t_boot_ns": now_ns,
        "uri": document.uri,
        "disk_sha256": disk.sha256,
        "text_sha256": sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        "size_bytes": disk.size_bytes,
        "matches": matches,
        "text": None if matches else disk.text,
        **_form(disk, text),
    }
    return Entry(int(RecordKind.SAVE), pack_body(body), document)


def unknown_entry(document: Document, buffer: str, now_ns: int) -> Entry:
    """Return the SAVE of a text whose bytes were gone before they could be compared.

    The client's own text is the replayed one, or nothing speaks against it; what lies on
    disk is of a later write, and would be a false mismatch.
    """
    body = {
        "t_boot_ns": now_ns,
        "uri": document.uri,
        "disk_sha256": None,
        "text_sha256": sha256(buffer.encode("utf-8", "surrogatepass")).hexdigest(),
        "size_bytes": None,
        "matches": None,
        "text": None,
    }
    return Entry(int(RecordKind.SAVE), pack_body(body), document)


def disk_note(document: Document, disk: DiskFile | None, stamp: Stamp | None, now_ns: int) -> bytes:
    """Return a COMPANION record of the bridge's own: how the file compares with the text.

    Nothing is told of a file that was written since `stamp`: what its editor read is gone.
    """
    params: dict[str, object] = {"uri": document.uri}
    buffer = document.mirror.text or ""
    document.is_other_on_disk = stamp is not None and (
        disk is None or disk.stamp != stamp or not disk.matches(buffer)
    )
    if (None if disk is None else disk.stamp) == stamp:
        params["exists"] = disk is not None
    if disk is not None and disk.stamp == stamp:
        document.last_disk_sha256 = disk.sha256
        params |= {
            "sha256": disk.sha256,
            "size_bytes": disk.size_bytes,
            "matches": disk.matches(buffer),
            **_form(disk, buffer),
        }
    return pack_body([now_ns, lsp_messages.DISK_NOTE, json.dumps(params).encode("ascii")])


def _form(disk: DiskFile, buffer: str) -> dict[str, object]:
    return {
        "encoding": disk.encoding,
        "bom": disk.bom,
        "final_newline": not disk.lacks_final_newline_of(buffer),
    }
