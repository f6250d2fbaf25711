"""Every save, test run and commit compared with the replay (DESIGN, promise 5).

What agrees becomes a matched save or a `checkpoint` step, what differs a `resync` with
the full content and the reason. What differs and cannot be shown is counted as blind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.content import encode_text
from signoff_collector.seal.building import Builder, as_text, text_sha256
from signoff_collector.seal.disk import GONE, Disk

if TYPE_CHECKING:
    from signoff_collector.seal.documents import Document, Documents

HELD_NS: Final = 2_000_000_000
"""A save may come this long before the change that holds its text (Kate does so)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """A SAVE record."""

    t_ns: int
    source: str
    disk_sha256: str | None
    text_sha256: str | None
    size_bytes: int | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFile:
    """One file as a journalled step saw it on disk."""

    path: str
    sha256: str | None
    """None when the file is gone."""
    size_bytes: int | None = None
    mode: str | None = None


class Checkpoints:
    """Compares, and keeps count."""

    def __init__(
        self,
        builder: Builder,
        disk: Disk,
        documents: Documents,
        read_blob: Callable[[str], bytes | None],
    ) -> None:
        self._builder = builder
        self._disk = disk
        self._documents = documents
        self._read_blob = read_blob
        self.held: dict[tuple[int, str], tuple[Document, Save]] = {}
        """Saves that wait for the change that holds their text."""
        self.checked = 0
        self.matched = 0
        self.resyncs = 0
        self.blind_spans = 0

    def saved(self, document: Document, save: Save) -> None:
        """A document was saved; one whose text is not here yet waits for its change.

        A writer that compared and found a difference gives the text: from then on its
        changes are made to that text, so nothing is waited for.
        """
        self.release(document)
        is_told = save.text is not None
        if is_told or self._explains(document, save) or self._is_no_save(document, save):
            self._write_save(document, save)
        else:
            self.held[document.buffer, document.path] = (document, save)

    def after_change(self, buffer: int, path: str) -> None:
        """A change was taken: a save that waited for it can be placed now."""
        held = self.held.get((buffer, path))
        if held is not None and self._explains(*held):
            self.release(held[0])

    def release(self, document: Document) -> None:
        """Write a save that still waits, as it is."""
        held = self.held.pop((document.buffer, document.path), None)
        if held is not None:
            self._write_save(*held)

    def release_before(self, t_ns: int) -> None:
        """Write every save that has waited long enough."""
        for document, save in [*self.held.values()]:
            if t_ns - save.t_ns > HELD_NS:
                self.release(document)

    def seen_on_disk(
        self, source: str, files: Iterable[SeenFile], *, moved_by: str | None
    ) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        """Compare files a step saw with the replay; write resyncs where they differ.

        Args:
            source: who saw them.
            files: what was seen.
            moved_by: `git` or `external` when differing files are the step's own doing
                (a checkout, say); None when the replay missed something.

        Returns:
            The `disk` items of the step, and those of the checkpoint that follows it.
        """
        items: list[dict[str, object]] = []
        agreed: list[dict[str, object]] = []
        for file in files:
            item: dict[str, object] = {"path": file.path, "mode": file.mode}
            known = self._disk.known(file.path)
            if file.sha256 is None:
                if known not in (None, GONE) and moved_by is None:
                    self._resync_disk(source, file.path, None, GONE)
                self._disk.put(file.path, GONE)
            elif self._disk.holds(file.path, file.sha256):
                item |= {"sha256": known, "size_bytes": file.size_bytes}
                self.checked += 1
                self.matched += 1
                agreed.append({"path": file.path, "sha256": known})
            else:
                item |= self._differing(source, file, known, moved_by=moved_by)
            items.append(item)
        return items, agreed

    def _differing(
        self, source: str, file: SeenFile, known: str | None, *, moved_by: str | None
    ) -> dict[str, object]:
        is_shown = (
            known is not None or moved_by is not None
        )  # text nobody opened stays out (THREATS 5)
        content = self._read_blob(file.sha256) if is_shown and file.sha256 is not None else None
        if content is None or file.sha256 is None or as_text(content) is None:
            if known is not None:
                self.checked += 1
                self.blind_spans += 1
                self._disk.forget(file.path)
            return {"sha256": "withheld"}
        if moved_by is None:
            self.checked += 1
            self._resync_disk(source, file.path, content, file.sha256)
            return {"sha256": file.sha256, "size_bytes": len(content)}
        self._disk.put(file.path, file.sha256, by=moved_by)
        return {
            "sha256": file.sha256,
            "size_bytes": len(content),
            "blob": self._builder.blob(content),
        }

    def _resync_disk(self, source: str, path: str, content: bytes | None, sha256: str) -> None:
        self._disk.put(path, sha256, by="external")
        self._builder.add(
            "resync",
            source,
            {
                "path": path,
                "target": "disk",
                "reason": "external",
                "blob": None if content is None else self._builder.blob(content),
                "disk_sha256": None if content is None else sha256,
                "state": self._disk.state,
            },
        )
        self.resyncs += 1

    def _explains(self, document: Document, save: Save) -> bool:
        """Say whether the replayed text is the saved one."""
        sha256 = document.sha256()
        return not document.is_lost and sha256 in (save.text_sha256, save.disk_sha256)

    def _is_no_save(self, document: Document, save: Save) -> bool:
        """Say whether nothing was written: some clients announce saves that were none."""
        return save.disk_sha256 is not None and save.disk_sha256 == self._disk.known(document.path)

    def _write_save(self, document: Document, save: Save) -> None:
        sha256 = document.sha256()
        if sha256 != save.disk_sha256 and self._is_no_save(document, save) and save.text is None:
            return
        self.checked += 1
        if document.is_lost or sha256 not in (save.text_sha256, save.disk_sha256):
            if save.text is None:
                self.blind_spans += 1
            else:
                reason = "missed_change" if document.is_lost else "mismatch"
                self._documents.resync(document, save.source, save.text, reason)
                sha256 = text_sha256(save.text)
        is_matched: bool | None = None
        if save.disk_sha256 is not None:
            is_matched = save.disk_sha256 == sha256 or _writes(document, save.disk_sha256)
            self.matched += is_matched
        self._disk.put(document.path, sha256)
        if is_matched and save.disk_sha256 is not None:
            self._disk.also(document.path, sha256, save.disk_sha256)
        self._builder.add(
            "save",
            save.source,
            {
                "path": document.path,
                "buffer": document.buffer,
                "disk_sha256": save.disk_sha256 if save.disk_sha256 == sha256 else None,
                "text_sha256": sha256,
                "size_bytes": save.size_bytes,
                "matched": is_matched,
                "state": self._disk.state,
            },
        )


def _writes(document: Document, wanted: str) -> bool:
    """Say whether an editor may have written bytes of this hash for a document's text.

    Editors keep some of the bytes to themselves: a byte order mark, a last line ending,
    CRLF endings, an encoding other than UTF-8 (notes on editors, section 3).
    """
    text = str(document.text)
    for ended in (text, text.removesuffix("\n").removesuffix("\r"), text + "\n"):
        for spelled in (ended, ended.replace("\r\n", "\n").replace("\n", "\r\n")):
            for form in _encodings(spelled):
                if hashlib.sha256(form).hexdigest() == wanted:
                    return True
    return False


def _encodings(text: str) -> Iterator[bytes]:
    utf8 = encode_text(text)
    yield utf8
    yield b"\xef\xbb\xbf" + utf8
    for codec, mark in (("latin-1", b""), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        try:
            yield mark + text.encode(codec)
        except UnicodeEncodeError:
            continue


def seen_files(value: object, relative: Callable[[str], str | None]) -> list[SeenFile]:
    """Return the files of a journalled `disk` or `changed` list that lie in the workspace."""
    found: list[SeenFile] = []
    for item in value if isinstance(value, list) else ():
        if not isinstance(item, Mapping):
            continue
        path, sha256 = item.get("path"), item.get("sha256")
        size, mode = item.get("size_bytes"), item.get("mode")
        inside = relative(path) if isinstance(path, str) else None
        if inside is None or not (sha256 is None or isinstance(sha256, str)):
            continue
        found.append(
            SeenFile(
                path=inside,
                sha256=sha256,
                size_bytes=size if isinstance(size, int) and size >= 0 else None,
                mode=mode if isinstance(mode, str) else None,
            )
        )
    return found
