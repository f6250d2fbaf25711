"""Applies LSP messages (open, change, save, close) to open documents, and logs their edits.

One `Document` is one buffer: one file in one editor process. After a change that cannot be
applied (before the open, or invalid) the document is lost: later changes are counted, not
applied, until a message brings the full text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from signoff_collector.capture.opt_in.policy import MAX_OPEN_BYTES
from signoff_collector.episode.moments.disk_form import PLAIN, find_form
from signoff_collector.seal.building.authorship import UNKNOWN, Said, attribute, taken_over
from signoff_collector.seal.building.building import Builder, text_sha256
from signoff_collector.seal.building.edit_log import Context
from signoff_collector.seal.building.known_disk import GONE
from signoff_collector.seal.documents.text_shape import shape_of
from signoff_collector.text.differences import one_change
from signoff_collector.text.line_text import LineText
from signoff_schemas.steps import OpenStep
from signoff_schemas.words import ActorClass, Basis, GapReason

if TYPE_CHECKING:
    from signoff_collector.seal.agents import Agents
    from signoff_collector.seal.building.known_disk import Disk
    from signoff_collector.text.lsp_params import Change
    from signoff_collector.text.positions import Encoding

_LARGEST: Final = MAX_OPEN_BYTES + (1 << 20)
"""Longer texts are not followed. A bridge may exceed its limit a little before it counts."""
_REMEMBERED_VERSIONS: Final = 256
"""Evidence that arrives more than so many versions after its change may be ignored."""
_MOST_VERSIONS: Final = 2 * _REMEMBERED_VERSIONS
_Value = TypeVar("_Value")


class Document:
    """One buffer: its text and the state needed to attribute its changes."""

    __slots__ = (
        "awaiting",
        "buffer",
        "context",
        "disk_at_open",
        "file",
        "findings",
        "has_companion",
        "is_lost",
        "is_open",
        "latest",
        "may_jump",
        "missed",
        "open_step",
        "path",
        "room",
        "said",
        "source",
        "text",
        "told_disk",
        "version",
    )

    def __init__(self, path: str, file: int, buffer: int) -> None:
        self.path = path
        self.file = file
        self.buffer = buffer
        self.source = ""
        """The writer that last sent its full text; when it ends, the document is closed."""
        self.text = LineText("")
        self.room = 0
        """How many characters it may still grow by before it is too large."""
        self.version = 0
        self.context: Context = (file, buffer, "", None)
        self.has_companion = False
        """Whether a companion reports evidence for its changes."""
        self.latest: tuple[int, int, int] | None = None
        """The latest change: version before it, index of its first edit, number of edits."""
        self.is_open = False
        self.is_lost = False
        self.missed = 0
        """Changes that could not be applied since the text was lost."""
        self.said: dict[int, Said] = {}
        """Version to its evidence, which may arrive before its change."""
        self.awaiting: dict[int, tuple[int, int, int]] = {}
        """Version to `latest` as of that version, for evidence that arrives later."""
        self.may_jump = False
        """Set by a pause or a forgotten span: the next full text may differ without a resync."""
        self.open_step: int | None = None
        """Index of its latest `open` among the steps."""
        self.disk_at_open: str | None = None
        """The known SHA-256 of the file at that time."""
        self.told_disk = False
        """Whether that SHA-256 was assumed from the opened text."""
        self.findings: dict[str, dict[str, object]] = {}
        """The current diagnostics."""

    def put(self, text: str) -> None:
        """Replace the buffer text."""
        self.text = LineText(text)
        self.room = _LARGEST - len(text)

    def sha256(self) -> str:
        """Return the hash of the buffer text."""
        return text_sha256(str(self.text))


class Documents:
    """All documents of the session."""

    def __init__(self, builder: Builder, disk: Disk) -> None:
        self._builder = builder
        self._disk = disk
        self._by_key: dict[tuple[int, str], Document] = {}
        self._greeted: set[int] = set()
        self._too_large: set[tuple[int, str]] = set()
        """What grew too large: its changes are left out until the next full text."""
        self.before_close: Callable[[Document], None] = lambda _: None
        """Called with each document that closes."""
        self.agents: Agents | None = None
        """Agents that ran in the session, if any."""
        self.watcher_will_report: Callable[[str, str | None, int], str | None] = _reports_nothing
        """Returns the watcher that reports this content about this time, or None."""
        self.resyncs = 0
        self.blind_spans = 0

    def find(self, buffer: int, path: str) -> Document | None:
        """Return the open document at a path in one editor, or None."""
        document = self._by_key.get((buffer, path))
        return document if document is not None and document.is_open else None

    def opened(
        self,
        buffer: int,
        path: str,
        source: str,
        text: str,
        *,
        version: int = 0,
        language: str | None = None,
        reason: str = "open",
        while_paused: bool = False,
    ) -> None:
        """Handle a full text: the document was opened, or anchored again."""
        if len(text) > _LARGEST:
            self._outgrew(buffer, path, source)
            return
        self._too_large.discard((buffer, path))
        document = self._document(buffer, path)
        document.source = source
        sha256 = text_sha256(text)
        if document.is_open and not document.is_lost and document.sha256() == sha256:
            document.version = version
            return
        is_expected = while_paused or document.may_jump or document.is_lost
        if document.is_open and not is_expected:
            self.resync(document, source, text, "mismatch")
            document.version = version
            return
        known, known_text = self._disk.known(path), self._disk.text(path)
        was_known = document.is_open or document.is_lost
        is_gone = known == GONE and text != ""  # reason `open` would imply that it is on disk
        form = None
        if known not in (None, GONE) and known_text != sha256:
            form = find_form(text, known or "")
        self.report_missed(document, source)
        builder = self._builder
        document.open_step = len(builder.steps)
        builder.add(
            "open",
            source,
            {
                "path": path,
                "buffer": buffer,
                "reason": "anchor" if was_known or is_gone else reason,
                "language": language,
                "text_sha256": sha256,
                "blob": None if known_text == sha256 else builder.text_blob(text),
                "form": form,
                "while_paused": while_paused,
                "actor": {"class": ActorClass.PREEXISTING, "basis": Basis.OBSERVED},
                **shape_of(text),
            },
        )
        if form is not None:
            self._disk.settle(path, known or "", sha256)
        tells = reason == "open" and not was_known and text != ""
        document.told_disk = form is None and tells and known is None
        if document.told_disk:
            self._disk.learn(path, sha256, text=sha256)
        document.disk_at_open = self._disk.known(path)
        document.put(text)
        document.version = version
        document.is_open = True
        document.is_lost = document.may_jump = False

    def compared_with_disk(self, buffer: int, path: str, note: Mapping[str, object]) -> None:
        """Handle the bridge's comparison with the file on disk, made at opening."""
        document = self.find(buffer, path)
        if document is None or document.open_step is None:
            return
        known = {"encoding": str, "bom": bool, "final_newline": bool}
        told = {name: note[name] for name, kind in known.items() if type(note.get(name)) is kind}
        step = self._builder.steps[document.open_step]
        sha256, matches = note.get("sha256"), note.get("matches")
        form: dict[str, object] = {}
        if matches is True and self._is_opened_in_a_pause(document):
            told["reason"] = "open"
        if isinstance(sha256, str) and isinstance(step, OpenStep):
            form = self._form_at_open(document, sha256, step.text_sha256)
        told |= form
        if not form and (matches is False or note.get("exists") is False):
            told |= self._text_of_its_own(document)
        self._builder.steps[document.open_step] = step.model_copy(update=told)

    def _is_opened_in_a_pause(self, document: Document) -> bool:
        """Say whether an anchor is the first sight of a file; record its text as on disk."""
        step = self._builder.steps[document.open_step or 0]
        sha256, path = document.sha256(), document.path
        if not isinstance(step, OpenStep) or step.reason != "anchor" or not step.while_paused:
            return False
        if self._disk.known(path) is not None or step.text_sha256 != sha256:
            return False
        self._disk.learn(path, sha256, text=sha256)
        document.disk_at_open = sha256
        return True

    def _text_of_its_own(self, document: Document) -> dict[str, object]:
        """Undo the assumption that the opened text was on disk; it was unsaved.

        An editor opens unsaved text when its bridge was restarted, or when it restores unsaved
        files (VS Code).
        """
        path = document.path
        if not document.told_disk or self._disk.known(path) != document.disk_at_open:
            return {}
        document.told_disk = False
        self._disk.unlearn(path)
        document.disk_at_open = self._disk.known(path)
        return {"reason": "anchor"}

    def _form_at_open(self, document: Document, sha256: str, opened: object) -> dict[str, object]:
        """Record the form of an opened file; return it if it was not known."""
        path, text = document.path, document.sha256()
        is_unchanged = text == opened and self._disk.known(path) == document.disk_at_open
        form = find_form(str(document.text), sha256) if is_unchanged else None
        if form is None:
            return {}
        is_known = self._disk.text(path) == text and self._disk.known(path) in (text, sha256)
        self._disk.settle(path, sha256, text)
        document.disk_at_open = sha256
        return {} if form == PLAIN and is_known else {"form": form}

    def changed(  # noqa: PLR0912, PLR0917  once per edit: keywords cost
        self,
        buffer: int,
        path: str,
        source: str,
        changes: Sequence[Change],
        version: int | None,
        encoding: Encoding,
    ) -> None:
        """Apply `didChange` and log its edits; while the document is lost, count it only."""
        if self._is_left_out(buffer, path, source, changes):
            return
        document = self._by_key.get((buffer, path))
        if document is None or not document.is_open:
            document = self._document(buffer, path)
            document.is_lost = True
        edits = self._builder.edits
        before = document.version
        document.version = before + 1 if version is None else version
        if document.is_lost and not self._recovers(document, source, changes):
            document.missed += 1
            return
        context = document.context
        if context[3] != self._builder.task or context[2] != source:
            context = (document.file, buffer, source, self._builder.task)
            document.context = context
        if edits.now is not context:
            edits.context(context, self._builder.source(source))
        first, begins, t_ms = edits.count, 1, self._builder.t_ms
        text, version = document.text, document.version
        for change in changes:
            span = change.range
            if span is None:
                found = one_change(str(text), change.text)
                if found is None:
                    continue
                text.replace(*found)
                splice: tuple[int, int, str] = found
            else:
                start, end = span.start, span.end
                line, column = start.line, start.character
                last_line, last_column = end.line, end.character
                if line < 0 or column < 0 or last_line < 0 or last_column < 0:
                    self.lose(document)
                    break
                splice = text.change(line, column, last_line, last_column, change.text, encoding)
                if not splice[1] and not splice[2]:
                    continue
            document.room += splice[1] - len(splice[2])
            if document.room < 0:
                self._outgrew(buffer, path, source)
                break
            edits.add((t_ms, splice[0], splice[1], splice[2], version, begins))
            begins = 0
        if edits.count > first:
            self._took(document, before, first)

    def _is_left_out(self, buffer: int, path: str, source: str, changes: Sequence[Change]) -> bool:
        """Say whether a change is too large, or one of a document that was."""
        if any(len(change.text) > _LARGEST for change in changes):
            self._outgrew(buffer, path, source)
            return True
        return (buffer, path) in self._too_large and not _is_whole(changes)

    def _outgrew(self, buffer: int, path: str, source: str) -> None:
        """Follow a document no longer that is larger than what is recorded; say so once.

        Bridges say and do it themselves; those before them let documents grow.
        """
        self.closed(buffer, path, source)
        if (buffer, path) not in self._too_large:
            self._too_large.add((buffer, path))
            told = {"path": path, "reason": GapReason.TOO_LARGE, "over_bytes": MAX_OPEN_BYTES}
            self._builder.add("gap", source, told)

    def lose(self, document: Document) -> None:
        """Mark the text as unknown until the next full text."""
        document.is_lost = True
        document.missed += 1

    def lost_records(self, source: str) -> None:
        """Mark all documents of a writer as lost: its journal has a hole here."""
        for document in self.left_open(source):
            document.is_lost = True

    def report_missed(self, document: Document, source: str) -> None:
        """Add a gap with the number of changes that were not applied."""
        if document.missed:
            self._builder.add(
                "gap",
                source,
                {
                    "path": document.path,
                    "buffer": document.buffer,
                    "reason": "dropped",
                    "count": document.missed,
                },
            )
            self.blind_spans += 1
            document.missed = 0

    def left_open(self, source: str) -> list[Document]:
        """Return the documents that a writer did not close."""
        return [one for one in self._by_key.values() if one.source == source]

    def closed(self, buffer: int, path: str, source: str, reason: str | None = None) -> None:
        """Handle `didClose`, or the end of the editor."""
        document = self._by_key.pop((buffer, path), None)
        if document is None:
            return
        self.report_missed(document, source)
        if document.is_open:
            self.before_close(document)
            fields = {"path": path, "buffer": buffer, "reason": reason}
            self._builder.add("close", source, fields)

    def greeted(self, buffer: int) -> None:
        """Note that an editor has a companion, so any change may have evidence."""
        self._greeted.add(buffer)
        for (editor, _), document in self._by_key.items():
            document.has_companion |= editor == buffer

    def claimed(self, buffer: int, path: str, version: int, evidence: Said) -> None:
        """Handle evidence for a version; it may arrive before or after its change."""
        document = self._by_key.get((buffer, path)) or self._document(buffer, path)
        if not document.has_companion:
            document.has_companion = True
            if document.latest is not None:
                document.awaiting[document.version] = document.latest
        if version > document.version:
            said = document.said
            if version in said:
                said[version] += evidence
            else:
                said[version] = evidence
                if len(said) > _MOST_VERSIONS:
                    _forget_oldest(said)
            return
        change = document.awaiting.get(version)
        if change is not None and version not in document.said:
            document.said[version] = evidence
            self._settle(evidence, change[1], change[2])
            if self.agents is not None:
                self._by_agent(document, change, evidence)
            if len(document.said) > _MOST_VERSIONS:
                _forget_oldest(document.said)
            return
        for last, (before, first, count) in reversed(document.awaiting.items()):
            if before < version <= last or version == last:
                document.said[last] = together = document.said.get(last, ()) + evidence
                self._settle(together, first, count)
                return

    def resync(self, document: Document, source: str, text: str, reason: str) -> None:
        """Add a `resync` step: the buffer has this text, from which later edits go on."""
        self.report_missed(document, source)
        self._builder.add(
            "resync",
            source,
            {
                "path": document.path,
                "buffer": document.buffer,
                "target": "buffer",
                "reason": reason,
                "blob": self._builder.text_blob(text),
                "text_sha256": text_sha256(text),
            },
        )
        self.resyncs += 1
        document.put(text)
        document.is_lost = False

    def expect_jumps(self) -> None:
        """Note a pause: the next full text of any document may differ."""
        for document in self._by_key.values():
            document.may_jump = True

    def forgot(self, buffer: int, path: str) -> None:
        """Mark a document as lost because a record of it was forgotten."""
        document = self._by_key.get((buffer, path))
        if document is not None:
            document.is_lost = document.may_jump = True

    def finish(self) -> None:
        """Report changes that were never applied, at the end of the session."""
        for document in self._by_key.values():
            self.report_missed(document, "seal")

    def _document(self, buffer: int, path: str) -> Document:
        key = (buffer, path)
        document = self._by_key.get(key)
        if document is None:
            document = Document(path, self._builder.file(path), buffer)
            document.has_companion = buffer in self._greeted
            self._by_key[key] = document
        return document

    def _recovers(self, document: Document, source: str, changes: Sequence[Change]) -> bool:
        """Recover a lost document from a change with the full text; False if it has none."""
        if not _is_whole(changes):
            return False
        if document.is_open:
            self.resync(document, source, changes[-1].text, "missed_change")
        else:
            self.opened(
                document.buffer,
                document.path,
                source,
                changes[-1].text,
                version=document.version,
                reason="anchor",
            )
        return True

    def _took(self, document: Document, before: int, first: int) -> None:
        """Attribute the edits of the latest change."""
        document.latest = latest = (before, first, self._builder.edits.count - first)
        if self._disk.moved and document.path in self._disk.moved:
            self._infer(document, latest)
        if document.has_companion:
            self._attribute(document, latest)
        if self.agents is not None:
            self._by_agent(document, latest, document.said.get(document.version, ()))

    def _by_agent(self, document: Document, change: tuple[int, int, int], said: Said) -> None:
        """Attribute a reload from disk to the agent that just wrote the file.

        It is a reload if the editor says so, or if there is no evidence and the file watcher
        reports the same text.
        """
        agents, path, now = self.agents, document.path, self._builder.t_ms
        call = None if agents is None else agents.writing(path, now, now)
        if call is None:
            return
        if said:
            is_reload = all(one.reason == "external" for one in said)
        else:
            is_reload = self.watcher_will_report(path, document.sha256(), now) is not None
        if is_reload:
            author = taken_over(call.evidence)
            for index in range(change[1], change[1] + change[2]):
                self._builder.edits.attribute(index, author)

    def took_over(self, document: Document) -> None:
        """Attribute the latest change, found to be what the disk holds, unless evidence came."""
        change = document.latest
        is_told = document.version in document.said
        if change is not None and not is_told and document.path in self._disk.moved:
            self._infer(document, change)

    def _infer(self, document: Document, change: tuple[int, int, int]) -> None:
        """Attribute changes that end in a text on disk, written by another program, to it."""
        shown, by = self._disk.moved[document.path]
        if document.sha256() in shown:
            del self._disk.moved[document.path]
            for index in range(change[1], change[1] + change[2]):
                self._builder.edits.attribute(index, taken_over(by))

    def _attribute(self, document: Document, latest: tuple[int, int, int]) -> None:
        """Match the latest change with evidence that arrived before it."""
        before, first, count = latest
        version, said, awaiting = document.version, document.said, document.awaiting
        awaiting[version] = latest
        if len(awaiting) > _MOST_VERSIONS:
            _forget_oldest(awaiting)
        together = said.get(version)
        if version != before + 1 and said:  # the client skipped versions, or restarted
            earlier = [v for v in said if before < v < version]
            if earlier:
                found = [item for v in earlier for item in said.pop(v)]
                said[version] = together = (*found, *(together or ()))
        if together:
            self._settle(together, first, count)

    def _settle(self, said: Said, first: int, count: int) -> None:
        edits = self._builder.edits
        if count == 1 and len(said) == 1:
            author = said[0].alone
            if author is not None and len(edits.text(first)) <= 1:
                edits.attribute(first, author)
                return
        texts = [edits.text(index) for index in range(first, first + count)]
        for place, author in enumerate(attribute(said, texts)):
            if author is not UNKNOWN:
                edits.attribute(first + place, author)


def _is_whole(changes: Sequence[Change]) -> bool:
    """Return whether a change ends with the full text."""
    return bool(changes) and changes[-1].range is None


def _reports_nothing(_path: str, _sha256: str | None, _now_ms: int) -> str | None:
    return None


def _forget_oldest(versions: dict[int, _Value]) -> None:
    """Drop the oldest versions, in batches."""
    for version in list(islice(versions, _REMEMBERED_VERSIONS)):
        del versions[version]
