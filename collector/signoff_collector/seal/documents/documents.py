"""Open documents folded from what editors sent: open, change, save, close.

One `Document` is one buffer text: one file in one editor process. What cannot be trusted
(a change before the document was opened, a change that cannot be understood) makes the
document lost; its changes are then counted, not applied, until a whole text comes along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from signoff_collector.episode.moments.disk_form import PLAIN, find_form
from signoff_collector.seal.building import Builder, text_sha256
from signoff_collector.seal.disk.disk import GONE
from signoff_collector.seal.documents.authorship import UNKNOWN, Said, attribute, taken_over
from signoff_collector.seal.documents.text_shape import shape_of
from signoff_collector.text.differences import one_change
from signoff_collector.text.line_text import LineText
from signoff_schemas.steps import OpenStep
from signoff_schemas.words import ActorClass, Basis

if TYPE_CHECKING:
    from signoff_collector.seal.disk.disk import Disk
    from signoff_collector.seal.steps.agents import Agents
    from signoff_collector.text.lsp_params import Change
    from signoff_collector.text.positions import Encoding

_REMEMBERED_VERSIONS: Final = 256
"""Evidence may come after its change, but not later than this many versions."""
_MOST_VERSIONS: Final = 2 * _REMEMBERED_VERSIONS
_Value = TypeVar("_Value")
Context = tuple[int, int, str, int | None]
"""File, buffer, source and task of an edit."""


class Document:
    """One buffer text and what is known about it."""

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
        """Who told its text last: where that writer ends, its editor is gone."""
        self.text = LineText("")
        self.version = 0
        self.context: Context = (file, buffer, "", None)
        self.has_companion = False
        """Whether somebody says who made its changes."""
        self.latest: tuple[int, int, int] | None = None
        """Version before the latest change, its first edit, how many edits."""
        self.is_open = False
        self.is_lost = False
        self.missed = 0
        """Changes that could not be applied since the text was lost."""
        self.said: dict[int, Said] = {}
        """Version to evidence that came before its change."""
        self.awaiting: dict[int, tuple[int, int, int]] = {}
        """Version to (version before, first edit, edits) of the latest changes."""
        self.may_jump = False
        """A pause or a forgotten span lies since the last text: the next one may differ."""
        self.open_step: int | None = None
        """Where its latest `open` stands among the steps."""
        self.disk_at_open: str | None = None
        """What was known of the file's bytes then."""
        self.told_disk = False
        """Whether opening it was what told of them."""
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
        self._greeted: set[int] = set()
        self.agents: Agents | None = None
        """Agents at work in the session, if any."""
        self.foresees: Callable[[str, str | None, int], str | None] = _foresees_nothing
        """Says whether the file watcher will tell of this content about now."""
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
        is_gone = known == GONE and text != ""  # `open` would say that it lies on disk
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
            self._disk.learn(path, sha256, text=sha256)  # of one that is gone the disk is asked
        document.disk_at_open = self._disk.known(path)
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
        """Learn that the disk holds an anchor's text, where nobody told of the file before."""
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
        """Take back that the disk held a text as it was opened: its editor brought it along.

        One that went on after its bridge was killed does, or that kept what was unsaved (VS Code).
        """
        path = document.path
        if not document.told_disk or self._disk.known(path) != document.disk_at_open:
            return {}
        document.told_disk = False
        self._disk.unlearn(path)
        document.disk_at_open = self._disk.known(path)
        return {"reason": "anchor"}

    def _form_at_open(self, document: Document, sha256: str, opened: object) -> dict[str, object]:
        """Return the form a file was opened in, where the disk was not known to have it."""
        path, text = document.path, document.sha256()
        is_unchanged = text == opened and self._disk.known(path) == document.disk_at_open
        form = find_form(str(document.text), sha256) if is_unchanged else None
        if form is None:
            return {}
        is_known = self._disk.text(path) == text and self._disk.known(path) in (text, sha256)
        self._disk.settle(path, sha256, text)
        document.disk_at_open = sha256
        return {} if form == PLAIN and is_known else {"form": form}

    def changed(  # noqa: PLR0917  once per edit: keywords cost
        self,
        buffer: int,
        path: str,
        source: str,
        changes: Sequence[Change],
        version: int | None,
        encoding: Encoding,
    ) -> None:
        """An editor changed a document; edits are taken, or counted while it is lost."""
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
            edits.add((t_ms, splice[0], splice[1], splice[2], version, begins))
            begins = 0
        if edits.count > first:
            self._took(document, before, first)

    def lose(self, document: Document) -> None:
        """From here on the text is not known, until a whole one comes."""
        document.is_lost = True
        document.missed += 1

    def lost_records(self, source: str) -> None:
        """Records of a writer are lost here: no text that it told of is known any more."""
        for document in self.left_open(source):
            document.is_lost = True

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

    def left_open(self, source: str) -> list[Document]:
        """Return what a writer told of last and did not close."""
        return [one for one in self._by_key.values() if one.source == source]

    def closed(self, buffer: int, path: str, source: str, reason: str | None = None) -> None:
        """A document left its editor, or its editor ended."""
        document = self._by_key.pop((buffer, path), None)
        if document is None:
            return
        self.report_missed(document, source)
        if document.is_open:
            fields = {"path": path, "buffer": buffer, "reason": reason}
            self._builder.add("close", source, fields)

    def greeted(self, buffer: int) -> None:
        """A companion is at work in an editor: evidence may come behind any change."""
        self._greeted.add(buffer)
        for (editor, _), document in self._by_key.items():
            document.has_companion |= editor == buffer

    def claimed(self, buffer: int, path: str, version: int, evidence: Said) -> None:
        """A companion said why a version came to be; before or after its change."""
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
            document.has_companion = buffer in self._greeted
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

    def _took(self, document: Document, before: int, first: int) -> None:
        """Find out who made the edits just taken."""
        document.latest = latest = (before, first, self._builder.edits.count - first)
        if self._disk.moved and document.path in self._disk.moved:
            self._infer(document, first)
        if document.has_companion:
            self._attribute(document, latest)
        if self.agents is not None:
            self._by_agent(document, latest, document.said.get(document.version, ()))

    def _by_agent(self, document: Document, change: tuple[int, int, int], said: Said) -> None:
        """Give changes to an agent that wrote the file just now, if they came from the disk.

        They did where the editor says so, and where nobody says anything and the file watcher
        tells of the very same text.
        """
        agents, path, now = self.agents, document.path, self._builder.t_ms
        call = None if agents is None else agents.writing(path, now, now)
        if call is None:
            return
        if said:
            is_reload = all(one.reason == "external" for one in said)
        else:
            is_reload = self.foresees(path, document.sha256(), now) is not None
        if is_reload:
            author = taken_over(call.evidence)
            for index in range(change[1], change[1] + change[2]):
                self._builder.edits.attribute(index, author)

    def _infer(self, document: Document, first: int) -> None:
        """Changes that end in what something else wrote to disk were taken over from there."""
        shown, by = self._disk.moved[document.path]
        if document.sha256() in shown:
            del self._disk.moved[document.path]
            for index in range(first, self._builder.edits.count):
                self._builder.edits.attribute(index, taken_over(by))

    def _attribute(self, document: Document, latest: tuple[int, int, int]) -> None:
        """Join the edits just taken with evidence that came before them."""
        before, first, count = latest
        version, said, awaiting = document.version, document.said, document.awaiting
        awaiting[version] = latest
        if len(awaiting) > _MOST_VERSIONS:
            _forget_oldest(awaiting)
        together = said.get(version)
        if version != before + 1 and said:  # the client left versions out, or began anew
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


def _foresees_nothing(_path: str, _sha256: str | None, _now_ms: int) -> str | None:
    return None


def _forget_oldest(versions: dict[int, _Value]) -> None:
    """Let go of the oldest versions, many at a time."""
    for version in list(islice(versions, _REMEMBERED_VERSIONS)):
        del versions[version]
