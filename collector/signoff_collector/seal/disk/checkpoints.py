"""Compares the replay with the disk at every save, test run and commit (promise 5).

A match becomes a matched save or a `checkpoint` step, a difference a `resync` step with
the full content and the reason. A difference without content is counted as a blind span.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.moments.disk_form import PLAIN, encode_form, find_form
from signoff_collector.seal.building.building import Builder, as_text, text_sha256
from signoff_collector.seal.building.known_disk import GONE, Disk, Moved, shown_forms
from signoff_schemas.errors import DamagedError
from signoff_schemas.words import RESTORED

if TYPE_CHECKING:
    from signoff_collector.seal.documents.documents import Document, Documents
    from signoff_schemas.values import DiskForm

Content = tuple[str, str | None]
"""A path and the SHA-256 of its content, None for a deleted file."""
HELD_NS: Final = 2_000_000_000
"""How long a save waits for the change with its text, which may arrive later (as in Kate)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """A SAVE record; without a `disk_sha256` the bytes written are unknown."""

    t_ns: int
    source: str
    disk_sha256: str | None
    text_sha256: str | None
    size_bytes: int | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFile:
    """One file on disk, as a journalled step reports it."""

    path: str
    sha256: str | None
    """None for a deleted file."""
    size_bytes: int | None = None
    mode: str | None = None
    changed_boot_ns: int | None = None
    """Its modification time, as time since boot; None where it was not read."""


def _nothing(_path: str) -> None:
    """Ignore a save."""


def _nobody(_path: str, _sha256: str | None, _t_ms: int) -> str | None:
    """Return None: there was no file watcher."""
    return None


def _external(_contents: list[Content], _from_ms: int, _to_ms: int) -> dict[str, object]:
    """Return an external actor: without a file watcher the cause is unknown."""
    return {"class": "external", "basis": "inferred"}


class Checkpoints:
    """Compares saves and files on disk with the replay, and counts the results."""

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
        """Saves that wait for the change with their text, by buffer and path."""
        self.after_save: Callable[[str], None] = _nothing
        """Called with the path after a save step was added."""
        self.watcher_will_report: Callable[[str, str | None, int], str | None] = _nobody
        """Returns the watcher source that reports this content about this time (ms), or None."""
        self.actor: Callable[[list[Content], int, int], dict[str, object]] = _external
        """Returns who wrote contents to disk between two times (ms)."""
        self._forms: dict[str, DiskForm] = {}
        self.checked = 0
        self.matched = 0
        self.resyncs = 0
        self.blind_spans = 0

    def saved(self, document: Document, save: Save) -> None:
        """Handle a SAVE record; hold it back when the change with its text is still to come.

        A writer that itself found a difference sends the text along. Its later changes
        apply to that text, so such a save never waits.
        """
        self.release(document)
        is_told = save.text is not None
        if is_told or self._explains(document, save) or self._is_no_save(document, save):
            self._write_save(document, save)
        else:
            self.held[document.buffer, document.path] = (document, save)

    def after_change(self, buffer: int, path: str) -> None:
        """Release a held save if the change just applied gives its text."""
        held = self.held.get((buffer, path))
        if held is not None and self._explains(*held):
            self.release(held[0])

    def release(self, document: Document) -> None:
        """Write a held save now."""
        held = self.held.pop((document.buffer, document.path), None)
        if held is not None:
            self._write_save(*held)

    def release_before(self, t_ns: int) -> None:
        """Write every save that was held for longer than `HELD_NS`."""
        for document, save in [*self.held.values()]:
            if t_ns - save.t_ns > HELD_NS:
                self.release(document)

    @contextmanager
    def holding(self, sha256: str, content: bytes) -> Generator[None]:
        """Let a content be read within the body, though no blob was kept of it."""
        read_blob = self._read_blob

        def read(wanted: str) -> bytes | None:
            return content if wanted == sha256 else read_blob(wanted)

        self._read_blob = read
        try:
            yield
        finally:
            self._read_blob = read_blob

    def seen_on_disk(
        self, source: str, files: Iterable[SeenFile], *, moved_by: str | None
    ) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        """Compare the files that a step reports with the replay; add resyncs on differences.

        Args:
            source: of the step.
            files: as reported.
            moved_by: `git`, `external` or `RESTORED` when the step itself changed the files (as a
                checkout does); None when a difference means that the replay missed something.

        Returns:
            The `disk` items of the step, and those of the checkpoint that follows it.
        """
        items: list[dict[str, object]] = []
        agreed: list[dict[str, object]] = []
        for file in files:
            item: dict[str, object] = {"path": file.path, "mode": file.mode}
            if file.sha256 is None:
                self._gone(source, file.path, moved_by=moved_by)
            elif self._disk.holds(file.path, file.sha256):
                item |= {"sha256": file.sha256, "size_bytes": file.size_bytes}
                self.checked += 1
                self.matched += 1
                agreed.append({"path": file.path, "sha256": file.sha256})
                if moved_by == RESTORED:  # the file watcher was here first, and knew nobody
                    self._disk.name_mover(file.path, RESTORED)
            else:
                item |= self._differing(source, file, moved_by=moved_by)
            if file.sha256 is not None:
                self._disk.see_mode(file.path, file.mode)
            items.append(item)
        return items, agreed

    def take_content(self, file: SeenFile, *, by: str, is_kept: bool = True) -> dict[str, object]:
        """Record a file written by something other than an editor; return its disk item.

        The item is without content when the content was not kept or is binary, or `is_kept` is
        false.
        """
        item: dict[str, object] = {"path": file.path, "mode": file.mode}
        if file.sha256 is None:
            self._disk.put(file.path, GONE)
            return item
        content = self._read_blob(file.sha256) if is_kept else None
        if content is None or b"\0" in content:
            self._disk.put(file.path, file.sha256)
            self._disk.see_mode(file.path, file.mode)
            return item | {"sha256": "withheld", "without_content": True}
        self._put(file.path, file.sha256, content, by)
        self._disk.see_mode(file.path, file.mode)
        return item | {
            "sha256": file.sha256,
            "size_bytes": len(content),
            "blob": self._builder.blob(content),
        }

    def learn_content(self, file: SeenFile, *, is_kept: bool = True) -> dict[str, object]:
        """Record the content that a file has had since the start; return its disk item.

        With `is_kept` false the item is without content.
        """
        sha256 = file.sha256 or GONE
        item: dict[str, object] = {"path": file.path, "mode": file.mode}
        content = self._read_blob(sha256) if is_kept else None
        if content is None or b"\0" in content:
            self._disk.learn(file.path, sha256)
            return item | {"sha256": "withheld", "without_content": True}
        text = None if as_text(content) is None else sha256
        self._disk.learn(file.path, sha256, text=text)
        blob = self._builder.blob(content)
        return item | {"sha256": sha256, "size_bytes": len(content), "blob": blob}

    def _put(self, path: str, sha256: str, content: bytes, by: str) -> None:
        text = None if as_text(content) is None else sha256
        self._disk.put(path, sha256, text=text, moved=Moved(shown_forms(content), by))

    def _gone(self, source: str, path: str, *, moved_by: str | None) -> None:
        if self._disk.known(path) not in (None, GONE) and moved_by is None:
            if not self._was_foreseen(SeenFile(path=path, sha256=None)):
                self._resync_disk(source, path, None, GONE)
            return
        self._disk.put(path, GONE)

    def _differing(self, source: str, file: SeenFile, *, moved_by: str | None) -> dict[str, object]:
        is_known = moved_by != RESTORED or self._disk.known(file.path) is not None
        if moved_by is not None and is_known:
            return self.take_content(file, by=moved_by)
        if self._was_foreseen(file):
            return {"sha256": file.sha256, "size_bytes": file.size_bytes}
        if self._disk.known(file.path) is None:
            return {"sha256": "withheld"}  # never opened: not shared (threat 5)
        self.checked += 1
        content = None if file.sha256 is None else self._read_blob(file.sha256)
        if content is None or file.sha256 is None or b"\0" in content:
            self.blind_spans += 1
            self._disk.forget(file.path)
            return {"sha256": "withheld", "without_content": True}
        self._resync_disk(source, file.path, content, file.sha256, mode=file.mode)
        return {"sha256": file.sha256, "size_bytes": len(content)}

    def _was_foreseen(self, file: SeenFile) -> bool:
        """Add the change now if the file watcher reports the same one a little later."""
        now = self._builder.t_ms
        source = self.watcher_will_report(file.path, file.sha256, now)
        if source is None:
            return False
        fields = {
            "actor": self.actor([(file.path, file.sha256)], now, now),
            "changed": [self.take_content(file, by="external")],
            "changed_count": 1,
            "state": self._disk.state,
        }
        return self._builder.add("files", source, fields) is not None

    def _resync_disk(
        self, source: str, path: str, content: bytes | None, sha256: str, mode: str | None = None
    ) -> None:
        if content is None:
            self._disk.put(path, GONE)
        else:
            self._put(path, sha256, content, "external")
        self._builder.add(
            "resync",
            source,
            {
                "path": path,
                "target": "disk",
                "reason": "external",
                "mode": mode,
                "blob": None if content is None else self._builder.blob(content),
                "disk_sha256": None if content is None else sha256,
                "state": self._disk.state,
            },
        )
        self.resyncs += 1

    def _explains(self, document: Document, save: Save) -> bool:
        """Say whether the replayed text is the saved text."""
        sha256 = document.sha256()
        return not document.is_lost and sha256 in (save.text_sha256, save.disk_sha256)

    def _is_no_save(self, document: Document, save: Save) -> bool:
        """Say whether nothing was written: some clients announce saves without writing."""
        return save.disk_sha256 is not None and save.disk_sha256 == self._disk.known(document.path)

    def _write_save(self, document: Document, save: Save) -> None:
        sha256, path = document.sha256(), document.path
        form = self._form(document, save)
        if form is None and self._is_no_save(document, save) and save.text is None:
            return
        self.checked += save.disk_sha256 is not None
        if document.is_lost or (
            form is None and sha256 not in (save.text_sha256, save.disk_sha256)
        ):
            if save.text is None:
                self.blind_spans += 1
            else:
                reason = "missed_change" if document.is_lost else "mismatch"
                self._documents.resync(document, save.source, save.text, reason)
                sha256, form = text_sha256(save.text), self._form(document, save)
        is_matched = None if save.disk_sha256 is None else form is not None
        self.matched += is_matched is True
        disk_sha256 = save.disk_sha256 if is_matched else None
        content = disk_sha256 or sha256
        if is_matched is None:
            content, form = self._as_last_time(document, sha256)
        self._disk.put(path, content, text=sha256)
        self._builder.add(
            "save",
            save.source,
            {
                "path": path,
                "buffer": document.buffer,
                "disk_sha256": disk_sha256,
                "text_sha256": sha256,
                "size_bytes": save.size_bytes,
                "matched": is_matched,
                "form": None if form == PLAIN else form,
                "state": self._disk.state,
            },
        )
        self.after_save(path)

    def _as_last_time(self, document: Document, sha256: str) -> tuple[str, DiskForm | None]:
        """Assume the form of the last save for one without a disk hash; return hash and form."""
        form = self._forms.get(document.path)
        if form is None:
            return sha256, None
        try:
            content = encode_form(str(document.text), form)
        except DamagedError:
            return sha256, None
        return hashlib.sha256(content).hexdigest(), form

    def _form(self, document: Document, save: Save) -> DiskForm | None:
        """Return the form in which the document's text has the saved bytes, or None.

        Editors do not report some of the bytes they write: a byte order mark, a last line
        ending, CRLF endings, an encoding other than UTF-8.
        """
        if save.disk_sha256 is None or document.is_lost:
            return None
        likely = self._forms.get(document.path)
        form = find_form(str(document.text), save.disk_sha256, likely=likely)
        if form is not None and form != PLAIN:
            self._forms[document.path] = form
        return form


def seen_files(value: object, relative: Callable[[str], str | None]) -> list[SeenFile]:
    """Return the files of a journalled `disk` or `changed` list that lie in the workspace."""
    found: list[SeenFile] = []
    for item in value if isinstance(value, list) else ():
        if not isinstance(item, Mapping):
            continue
        path, sha256 = item.get("path"), item.get("sha256")
        size, mode = item.get("size_bytes"), item.get("mode")
        changed_ns = item.get("changed_boot_ns")
        inside = relative(path) if isinstance(path, str) else None
        if inside is None or not (sha256 is None or isinstance(sha256, str)):
            continue
        found.append(
            SeenFile(
                path=inside,
                sha256=sha256,
                size_bytes=size if isinstance(size, int) and size >= 0 else None,
                mode=mode if isinstance(mode, str) else None,
                changed_boot_ns=changed_ns if type(changed_ns) is int else None,
            )
        )
    return found
