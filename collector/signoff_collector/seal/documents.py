"""Open documents folded from what editors sent: open, change, save, close.

One `Document` is one buffer text: one file in one editor process. What cannot be trusted
(a change before the document was opened, a change that cannot be understood) makes the
document lost; its changes are then counted, not applied, until a whole text comes along.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from signoff_collector.seal.authorship import UNKNOWN, Authorship, Evidence, attribute
from signoff_collector.seal.building import Builder, text_sha256
from signoff_collector.seal.differences import one_change
from signoff_collector.seal.line_text import LineText
from signoff_collector.seal.text_shape import shape_of
from signoff_schemas.words import ActorClass, Basis

if TYPE_CHECKING:
    from signoff_collector.seal.disk import Disk
    from signoff_collector.seal.lsp_params import Change
    from signoff_collector.seal.positions import Encoding

_REMEMBERED_VERSIONS: Final = 256
"""Evidence may come after its change, but not later than this many versions."""
_MAX_UNITS: Final = 1 << 31


class Document:
    """One buffer text and what is known about it."""

    __slots__ = (
        "awaiting",
        "buffer",
        "file",
        "findings",
        "is_lost",
        "is_open",
        "may_jump",
        "open_step",
        "missed",
        "path",
        "said",
        "text",
        "version",
    )

    def __init__(self, path: str, file: int, buffer: int) -> None:
        self.path = path
        self.file = file
        self.buffer = buffer
        self.text = LineText("")
        self.version = 0
        self.is_open = False
        self.is_lost = False
        self.missed = 0
        """Changes that could not be applied since the text was lost."""
        self.said: OrderedDict[int, list[Evidence]] = OrderedDict()
        """Version to evidence that came before its change."""
        self.awaiting: OrderedDict[int, tuple[int, int, int]] = OrderedDict()
        """Version to (version before, first edit, edits) of changes nobody has claimed yet."""
        self.may_jump = False
        """A pause or a forgotten span lies since the last text: the next one may differ."""
        self.open_step: int | None = None
        """Where its latest `open` stands among the steps."""
        self.findings: dict[str, dict[str, object]] = {}
        """The diagnostics shown now."""

    def sha256(self) -> str:
        """Return the hash of the buffer text."""
        return text_sha256(str(self.text))


class Documents:
    """All documents of the session."""

    def __init__(self, builder: Builder, disk: Disk) -> None:
        self._builder = builder
        self._disk = disk
        self._by_key: dict[tuple[int, str], Document] = {}
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
        """A whole text arrived: the document was opened, or anchored again."""
        document = self._document(buffer, path)
        sha256 = text_sha256(text)
        if document.is_open and not document.is_lost and document.sha256() == sha256:
            document.version = version
            return
        is_expected = while_paused or document.may_jump or document.is_lost
        if document.is_open and not is_expected:
            self.resync(document, source, text, "mismatch")
            document.version = version
            return
        known = self._disk.known(path)
        was_known = document.is_open or document.is_lost
        self.report_missed(document, source)
        builder = self._builder
        document.open_step = len(builder.steps)
        builder.add(
            "open",
            source,
            {
                "path": path,
                "buffer": buffer,
                "reason": "anchor" if was_known else reason,
                "language": language,
                "text_sha256": sha256,
                "blob": None if known == sha256 else builder.text_blob(text),
                "while_paused": while_paused,
                "actor": {"class": ActorClass.PREEXISTING, "basis": Basis.OBSERVED},
                **shape_of(text),
            },
        )
        if reason == "open" and not was_known and known is None and text:
            self._disk.learn(path, sha256)
        document.text = LineText(text)
        document.version = version
        document.is_open = True
        document.is_lost = document.may_jump = False

    def compared_with_disk(self, buffer: int, path: str, note: Mapping[str, object]) -> None:
        """The bridge looked at the file as the document was opened."""
        document = self.find(buffer, path)
        if document is None or document.open_step is None:
            return
        known = {"encoding": str, "bom": bool, "final_newline": bool}
        told = {name: note[name] for name, kind in known.items() if type(note.get(name)) is kind}
        step = self._builder.steps[document.open_step]
        self._builder.steps[document.open_step] = step.model_copy(update=told)
        sha256 = note.get("sha256")
        if note.get("matches") is True and isinstance(sha256, str):
            self._disk.also(path, document.sha256(), sha256)

    def changed(
        self,
        buffer: int,
        path: str,
        source: str,
        changes: Sequence[Change],
        *,
        version: int | None,
        encoding: Encoding,
    ) -> None:
        """An editor changed a document; edits are taken, or counted while it is lost."""
        document = self._by_key.get((buffer, path))
        if document is None or not document.is_open:
            document = self._document(buffer, path)
            document.is_lost = True
        builder, edits = self._builder, self._builder.edits
        before = document.version
        document.version = before + 1 if version is None else version
        if document.is_lost:
            if not self._recovers(document, source, changes):
                document.missed += 1
            return
        edits.context(document.file, buffer, builder.source(source), builder.task)
        first, begins, t_ms = len(edits), 1, builder.t_ms
        text = document.text
        for change in changes:
            span = change.range
            if span is None:
                splice = one_change(str(text), change.text)
                if splice is None:
                    continue
                text.replace(*splice)
            else:
                start, end = span.start, span.end
                if not (
                    0 <= start.line < _MAX_UNITS
                    and 0 <= start.character < _MAX_UNITS
                    and 0 <= end.line < _MAX_UNITS
                    and 0 <= end.character < _MAX_UNITS
                ):
                    self.lose(document)
                    break
                splice = text.change(
                    start.line, start.character, end.line, end.character, change.text, encoding
                )
                if not splice.deleted and not splice.text:
                    continue
            edits.add(t_ms, splice.start, splice.deleted, splice.text, document.version, begins)
            begins = 0
        if len(edits) > first:
            self._attribute(document, before, first)

    def lose(self, document: Document) -> None:
        """From here on the text is not known, until a whole one comes."""
        document.is_lost = True
        document.missed += 1

    def report_missed(self, document: Document, source: str) -> None:
        """Say with a gap how many changes were not applied."""
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

    def closed(self, buffer: int, path: str, source: str) -> None:
        """A document left its editor."""
        document = self._by_key.pop((buffer, path), None)
        if document is None:
            return
        self.report_missed(document, source)
        if document.is_open:
            self._builder.add("close", source, {"path": path, "buffer": buffer})

    def claimed(self, buffer: int, path: str, version: int, evidence: Evidence) -> None:
        """A companion said why a version came to be; before or after its change."""
        document = self._document(buffer, path)
        if version > document.version:
            document.said.setdefault(version, []).append(evidence)
            if len(document.said) > _REMEMBERED_VERSIONS:
                document.said.popitem(last=False)
            return
        for last, (before, first, count) in reversed(document.awaiting.items()):
            if before < version <= last or version == last:
                document.said.setdefault(last, []).append(evidence)
                self._settle(document.said[last], first, count)
                return

    def resync(self, document: Document, source: str, text: str, reason: str) -> None:
        """The truth about a buffer is this; replay goes on from here."""
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
        document.text = LineText(text)
        document.is_lost = False

    def expect_jumps(self) -> None:
        """The text of every document may be another one when recording goes on."""
        for document in self._by_key.values():
            document.may_jump = True

    def forgot(self, buffer: int, path: str) -> None:
        """A record about this document was forgotten: its text is unknown until an anchor."""
        document = self._by_key.get((buffer, path))
        if document is not None:
            document.is_lost = document.may_jump = True

    def finish(self) -> None:
        """Report what stayed lost when the session ended."""
        for document in self._by_key.values():
            self.report_missed(document, "seal")

    def _document(self, buffer: int, path: str) -> Document:
        key = (buffer, path)
        document = self._by_key.get(key)
        if document is None:
            document = Document(path, self._builder.file(path), buffer)
            self._by_key[key] = document
        return document

    def _recovers(self, document: Document, source: str, changes: Sequence[Change]) -> bool:
        """Take up a whole text sent to a lost document; False when there is none."""
        if not changes or changes[-1].range is not None:
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

    def _attribute(self, document: Document, before: int, first: int) -> None:
        """Join the edits just taken with evidence that came before them."""
        count = len(self._builder.edits) - first
        version = document.version
        said = document.said
        if said:
            mine = [v for v in said if before < v <= version or v == version]
            together = [item for v in mine for item in said.pop(v)]
            for v in [v for v in said if v <= version]:
                del said[v]
            if together:
                said[version] = together
                self._settle(together, first, count)
        document.awaiting[version] = (before, first, count)
        if len(document.awaiting) > _REMEMBERED_VERSIONS:
            document.awaiting.popitem(last=False)

    def _settle(self, said: list[Evidence], first: int, count: int) -> None:
        edits = self._builder.edits
        if len(said) == count == 1 and (author := _USUAL.get(said[0])) is not None:
            if len(edits.text(first)) <= 1:
                edits.attribute(first, author)
                return
        texts = [edits.text(index) for index in range(first, first + count)]
        for place, author in enumerate(attribute(said, texts)):
            if author is not UNKNOWN:
                edits.attribute(first + place, author)


_USUAL: Final[dict[Evidence, Authorship]] = {
    Evidence(reason="key", detail=mode): Authorship(
        cls=ActorClass.TYPED,
        basis=Basis.OBSERVED,
        evidence=("key" if mode is None else f"key:{mode}",),
    )
    for mode in (None, "insert", "normal")
}
