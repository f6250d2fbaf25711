"""Every save, test run and commit compared with the replay (promise 5).

What agrees becomes a matched save or a `checkpoint` step, what differs a `resync` with
the full content and the reason. What differs and cannot be shown is counted as blind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.moments.disk_form import PLAIN, encode_form, find_form
from signoff_collector.seal.building import Builder, as_text, text_sha256
from signoff_collector.seal.disk.disk import GONE, Disk, Moved, shown_forms
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from signoff_collector.seal.documents.documents import Document, Documents
    from signoff_schemas.values import DiskForm

Content = tuple[str, str | None]
"""A path and the SHA-256 of what was there, None when it was gone."""
HELD_NS: Final = 2_000_000_000
"""A save may come this long before the change that holds its text (Kate does so)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """A SAVE record; without a `disk_sha256` nobody knows which bytes it wrote."""

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
    changed_boot_ns: int | None = None
    """When its file system says it changed; None where nobody asked."""


def _nothing(_path: str) -> None:
    """Nobody waits for saves."""


def _nobody(_path: str, _sha256: str | None, _t_ms: int) -> str | None:
    """No file watcher was at work."""
    return None


def _external(_contents: list[Content], _from_ms: int, _to_ms: int) -> dict[str, object]:
    """No file watcher was at work, so nobody is known."""
    return {"class": "external", "basis": "inferred"}


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
        self.after_save: Callable[[str], None] = _nothing
        """Called with the path when a save was written."""
        self.foresees: Callable[[str, str | None, int], str | None] = _nobody
        """Which source saw a path change to this content about this time (ms), if one did."""
        self.actor: Callable[[list[Content], int, int], dict[str, object]] = _external
        """Who left contents on disk between two times (ms)."""
        self._forms: dict[str, DiskForm] = {}
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
            if file.sha256 is None:
                self._gone(source, file.path, moved_by=moved_by)
            elif self._disk.holds(file.path, file.sha256):
                item |= {"sha256": file.sha256, "size_bytes": file.size_bytes}
                self.checked += 1
                self.matched += 1
                agreed.append({"path": file.path, "sha256": file.sha256})
            else:
                item |= self._differing(source, file, moved_by=moved_by)
            if file.sha256 is not None:
                self._disk.see_mode(file.path, file.mode)
            items.append(item)
        return items, agreed

    def take_content(self, file: SeenFile, *, by: str, is_kept: bool = True) -> dict[str, object]:
        """Take over what something else than an editor wrote; return it as a disk item.

        Content that was not kept, or is no text, makes the file one without content; so does
        `is_kept` false.
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
        """Take note of what a file held all along; return it as a disk item.

        With `is_kept` false it is one without content.
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
        if moved_by is not None:
            return self.take_content(file, by=moved_by)
        if self._was_foreseen(file):
            return {"sha256": file.sha256, "size_bytes": file.size_bytes}
        if self._disk.known(file.path) is None:
            return {"sha256": "withheld"}  # text nobody opened stays out (threat 5)
        self.checked += 1
        content = None if file.sha256 is None else self._read_blob(file.sha256)
        if content is None or file.sha256 is None or b"\0" in content:
            self.blind_spans += 1
            self._disk.forget(file.path)
            return {"sha256": "withheld", "without_content": True}
        self._resync_disk(source, file.path, content, file.sha256, mode=file.mode)
        return {"sha256": file.sha256, "size_bytes": len(content)}

    def _was_foreseen(self, file: SeenFile) -> bool:
        """Take a change that the file watcher saw too, and tells of a little later."""
        now = self._builder.t_ms
        source = self.foresees(file.path, file.sha256, now)
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
        """Say whether the replayed text is the saved one."""
        sha256 = document.sha256()
        return not document.is_lost and sha256 in (save.text_sha256, save.disk_sha256)

    def _is_no_save(self, document: Document, save: Save) -> bool:
        """Say whether nothing was written: some clients announce saves that were none."""
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
        """Return hash and form of the bytes that a save made which nobody compared."""
        form = self._forms.get(document.path)
        if form is None:
            return sha256, None
        try:
            content = encode_form(str(document.text), form)
        except DamagedError:
            return sha256, None
        return hashlib.sha256(content).hexdigest(), form

    def _form(self, document: Document, save: Save) -> DiskForm | None:
        """Return the form in which an editor may have written a document's text, if any.

        Editors keep some of the bytes to themselves: a byte order mark, a last line ending,
        CRLF endings, an encoding other than UTF-8 (notes on editors, section 3).
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
