"""Builds an unmasked episode from journal records and gathered facts, as a pure function."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from signoff_collector.capture.journal.forgotten import forgotten_spans, is_forgotten
from signoff_collector.capture.journal.frame_reader import HOLE
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.journal.pauses import Stretch, pauses
from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.disk_form import encode_form, find_form
from signoff_collector.seal import heading
from signoff_collector.seal.agents import agents_at_work
from signoff_collector.seal.building.authorship import known_evidence
from signoff_collector.seal.building.building import MS, Builder, text_sha256
from signoff_collector.seal.building.known_disk import Disk, contents_of
from signoff_collector.seal.disk import file_operations
from signoff_collector.seal.disk.burst import Burst, read_burst
from signoff_collector.seal.disk.checkpoints import Checkpoints, Save
from signoff_collector.seal.disk.explaining import explain
from signoff_collector.seal.disk.tree_steps import TreeSteps
from signoff_collector.seal.documents.documents import Documents
from signoff_collector.seal.documents.duplicate_writers import find_duplicate_reports
from signoff_collector.seal.paths import WorkspacePaths
from signoff_collector.seal.pseudonyms import Pseudonyms
from signoff_collector.seal.steps.command_pairs import pair_commands
from signoff_collector.seal.steps.observed import Observed
from signoff_collector.seal.times.gaps import Gaps, forgotten
from signoff_collector.seal.times.lifetimes import Lifetimes
from signoff_collector.seal.times.merge import LONGEST_NS, SessionScale, merge, session_scale
from signoff_collector.text.lsp_params import (
    close_reason,
    document_of,
    message_of,
    parse_did_change,
    parse_evidence,
    parse_params,
    uri_of,
    version_of,
)
from signoff_collector.text.positions import Encoding
from signoff_schemas import lsp_messages
from signoff_schemas.errors import DamagedError, NotFoundError
from signoff_schemas.untyped import is_fields
from signoff_schemas.words import TimeKind

if TYPE_CHECKING:
    from signoff_collector.capture.journal.records import WriterRecords
    from signoff_collector.seal.gathering.gathered import Gathered, LateStep

_OPENED: Final = "textDocument/didOpen"
_CHANGED: Final = "textDocument/didChange"
_EVIDENCE: Final = lsp_messages.EVIDENCE
_CLOSED: Final = "textDocument/didClose"
_LSP: Final = int(RecordKind.LSP)
_COMPANION: Final = int(RecordKind.COMPANION)
_CLOCK: Final = int(RecordKind.CLOCK)
_FILES: Final = frozenset({RecordKind.FILES})
_OF_THE_TREE: Final = frozenset({RecordKind.TREE, RecordKind.FILES})


def assemble(
    writers: Sequence[WriterRecords],
    gathered: Gathered,
    read_blob: Callable[[str], bytes | None] = lambda _: None,
) -> Episode:
    """Return the episode of one session, unmasked.

    Nothing is read from the environment, a clock or the workspace: equal arguments give
    an equal episode. Records are streamed; memory is needed for edits and open texts only.

    Args:
        writers: one stream of records per writer; they are merged here.
        gathered: facts from outside the journals, collected once.
        read_blob: returns content kept during the session, by SHA-256.

    Raises:
        NotFoundError: there is no record at all.
    """
    if not writers:
        raise NotFoundError(
            f"session {gathered.session} holds no readable journal", hint="`signoff list`"
        )
    return Assembly(writers, gathered, read_blob).run()


@dataclass(frozen=True, slots=True)
class Voice:
    """One writer, with what is needed to interpret its records."""

    writer_id: str
    source: str
    buffer: int
    """Number of the editor process that it records."""
    encoding: Encoding


class Seen(NamedTuple):
    """Writer, index and time of a record, to decide whether it is a duplicate or forgotten."""

    voice: Voice
    place: int
    t_boot_ns: int


class Assembly:
    """Dispatches the merged records of one session to the parts that build its episode."""

    def __init__(
        self,
        writers: Sequence[WriterRecords],
        gathered: Gathered,
        read_blob: Callable[[str], bytes | None],
        names: Pseudonyms | None = None,
    ) -> None:
        self._writers = writers
        self._gathered = gathered
        self._voices = _voices(writers)
        self._scale: SessionScale = session_scale(
            [writer.header for writer in writers], gathered.boot_id
        )
        self._paths = WorkspacePaths(gathered.root, gathered.paths)
        self._duplicates = find_duplicate_reports(writers, self._paths)
        self._forgotten = forgotten_spans(gathered.control)
        self._pairs = pair_commands(
            writers, self._scale, lambda t_ns: not is_forgotten(self._forgotten, t_ns, None)
        )
        self.names = Pseudonyms(gathered.seed) if names is None else names
        self.builder = builder = Builder()
        self._disk = Disk()
        self._documents = Documents(builder, self._disk)
        self._checkpoints = Checkpoints(builder, self._disk, self._documents, read_blob)
        self._documents.before_close = self._checkpoints.release
        self._observed = Observed(
            builder,
            self._disk,
            self._checkpoints,
            self.names,
            relative=self._paths.relative,
            read_blob=read_blob,
        )
        explanations = explain(writers, self._scale, self._paths, self._late_fields())
        self._agents = agents_at_work(writers, self._scale, self._paths.relative)
        explanations.agents = self._documents.agents = self._agents
        self._documents.watcher_will_report = explanations.watcher_will_report
        self._checkpoints.actor = explanations.actor
        self._tree = TreeSteps(
            builder,
            self._disk,
            self._checkpoints,
            explanations.called(self._voices),
            base_files=gathered.base_files,
            in_repository=gathered.in_repository,
            relative=self._paths.relative,
        )
        self._look_ahead()
        self._observed.has_tree = explanations.has_watcher
        self._operations = explanations.operations
        self._gaps = Gaps(builder)
        self._lifetimes = Lifetimes(
            writers, gathered, self._scale, self._voices, self._gaps, leave=self._close_left
        )
        self._silent = {
            writer.writer_id
            for writer in writers
            if writer.is_editor and writer.header.fields.get("closes_documents") is not True
        }
        """Writers of older releases, which do not close their documents when the editor ends."""
        self._has_record_filters = bool(self._duplicates.spans or self._forgotten)
        """Whether records must be filtered: duplicates of another writer, or forgotten ones."""

    def run(self) -> Episode:
        """Process every record in order, then assemble the episode."""
        events = self._events()
        start_ns = self._scale.start_ns
        voices, take = self._voices, self._take
        take_change, take_evidence = self._changed, self._claimed
        for t_ns, writer, place, kind, body, t_boot_ns in merge(self._writers, self._scale):
            while events and events[0][0] <= t_ns:
                events.popleft()[1]()
            voice = voices[writer]
            try:
                if kind == _LSP:
                    method, params = message_of(body)
                    if method == _CHANGED:  # hot path: nearly every record, so allocate little
                        take_change((t_ns - start_ns) // MS, params, voice, place, t_boot_ns)
                        continue
                    seen = Seen(voice, place, t_boot_ns)
                    self._other_message((t_ns - start_ns) // MS, method, params, seen)
                elif kind == _COMPANION:
                    method, params = message_of(body)
                    if method == _EVIDENCE:  # hot path as well: one per change
                        take_evidence(params, voice, place, t_boot_ns)
                        continue
                    seen = Seen(voice, place, t_boot_ns)
                    self._companion((t_ns - start_ns) // MS, method, params, seen)
                elif kind == HOLE:
                    self._documents.lost_records(voice.source)
                elif kind == _CLOCK:
                    self._lifetimes.clocks((t_ns - start_ns) // MS, writer, body)
                else:
                    take((t_ns - start_ns) // MS, kind, body, Seen(voice, place, t_boot_ns))
            except DamagedError:
                self.builder.dropped_steps += 1
        while events:
            events.popleft()[1]()
        self._checkpoints.release_before(1 << 63)
        self._documents.finish()
        self._tree.finish()
        self._lifetimes.report_damage(self.builder)
        return heading.episode_of(
            builder=self.builder,
            gathered=self._gathered,
            writers=self._writers,
            names=self.names,
            checkpoints=self._checkpoints,
            tree=self._tree,
            scale=self._scale,
        )

    def _events(self) -> deque[tuple[int, Callable[[], None]]]:
        """Return callbacks, by time, for what no record holds: pauses, forgotten spans, ends."""
        found: list[tuple[int, Callable[[], None]]] = []
        offset = self._scale.offsets.get(self._gathered.boot_id)
        if offset is not None:
            end_ns = max((line.t_boot_ns for line in self._gathered.control), default=0)
            stretches = pauses(self._gathered.control, end_ns) + forgotten(self._forgotten)
            found += [
                (stretch.from_ns + offset, partial(self._stretch, stretch, offset))
                for stretch in stretches
            ]
        for late in self._gathered.late:
            late_offset = self._scale.offsets.get(late.boot_id)
            if late_offset is not None:
                found.append((late.t_boot_ns + late_offset, partial(self._late, late, late_offset)))
        found += self._lifetimes.events()
        return deque(sorted(found, key=lambda event: event[0]))

    def _ms(self, t_ns: int) -> int:
        return min(max(0, t_ns - self._scale.start_ns), LONGEST_NS) // MS

    def _stretch(self, stretch: Stretch, offset: int) -> None:
        self._gaps.stretch(
            stretch, self._ms(stretch.from_ns + offset), self._ms(stretch.to_ns + offset)
        )
        self._documents.expect_jumps()
        self._tree.expect_jumps()

    def _late(self, late: LateStep, offset: int) -> None:
        self.builder.advance(self._ms(late.t_boot_ns + offset))
        try:
            self._observed.step("git", {**late.fields, "t_kind": TimeKind.SEEN_LATE})
        except DamagedError:
            self.builder.dropped_steps += 1

    def _take(self, t_ms: int, kind: int, body: object, seen: Seen) -> None:
        """Dispatch one record that is not a message.

        Raises:
            DamagedError: a field is missing or invalid.
        """
        if is_fields(body):
            fields = body
            if kind == RecordKind.ANCHOR:
                self._anchor(t_ms, fields, seen)
            elif kind == RecordKind.SAVE:
                self._saved(t_ms, fields, seen)
            elif kind == RecordKind.STEP:
                self._step(t_ms, fields, seen)
            elif kind in _OF_THE_TREE:
                self._tree_record(t_ms, kind, fields, seen)
            elif kind == RecordKind.END:
                self._gaps.left(seen.voice.buffer)
                if seen.voice.writer_id in self._silent and fields.get("reason") == "closed":
                    self.builder.advance(t_ms)
                    self._close_left(seen.voice.source, "ended")

    def _changed(self, t_ms: int, params: bytes, voice: Voice, place: int, t_boot_ns: int) -> None:
        change = parse_did_change(params)
        document = change.textDocument
        path = self._paths.of_uri(document.uri)
        if self._has_record_filters and path is not None:
            path = self._path(document.uri, Seen(voice, place, t_boot_ns))
        if path is None:
            return
        builder, waiting = self.builder, self._checkpoints.held
        if waiting:
            self._checkpoints.release_before(t_ms * MS)
        if self._tree.ahead.is_due(path, t_ms):
            self._tree.tell_ahead(path, t_ms)
        if 0 < t_ms - builder.t_ms < builder.silence_ms:
            builder.t_ms = t_ms
        else:
            builder.advance(t_ms)
        self._documents.changed(
            voice.buffer,
            path,
            voice.source,
            change.contentChanges,
            document.version,
            voice.encoding,
        )
        if waiting:
            self._checkpoints.after_change(voice.buffer, path)

    def _other_message(self, t_ms: int, method: str, params: bytes, seen: Seen) -> None:
        named = parse_params(params)
        uri = uri_of(named)
        path = None if uri is None else self._path(uri, seen)
        if path is None:
            return
        self._tree.tell_ahead(path, t_ms)
        self.builder.advance(t_ms)
        voice = seen.voice
        if method == _OPENED:
            item = document_of(named)
            language = item.get("languageId")
            self._documents.opened(
                voice.buffer,
                path,
                voice.source,
                _text(item, "text"),
                version=version_of(named) or 0,
                language=language if isinstance(language, str) and language else None,
            )
        elif method == _CLOSED:
            self._documents.closed(voice.buffer, path, voice.source, close_reason(named))

    def _close_left(self, source: str, reason: str) -> None:
        """Close the documents that an ended writer left open."""
        for document in self._documents.left_open(source):
            self._documents.closed(document.buffer, document.path, source, reason)

    def _anchor(self, t_ms: int, fields: Mapping[str, object], seen: Seen) -> None:
        text = _text(fields, "text")
        path = self._path(_text(fields, "uri"), seen)
        if path is None:
            return
        self._tree.tell_ahead(path, t_ms)
        self.builder.advance(t_ms)
        version, language = fields.get("version"), fields.get("language")
        self._documents.opened(
            seen.voice.buffer,
            path,
            seen.voice.source,
            text,
            version=version if type(version) is int else 0,
            language=language if isinstance(language, str) and language else None,
            reason="open" if fields.get("reason") == "open" else "anchor",
            while_paused=fields.get("while_paused") is True,
        )

    def _saved(self, t_ms: int, fields: Mapping[str, object], seen: Seen) -> None:
        path = self._path(_text(fields, "uri"), seen)
        document = None if path is None else self._documents.find(seen.voice.buffer, path)
        if document is None:
            return
        self.builder.advance(t_ms)
        size = fields.get("size_bytes")
        self._checkpoints.saved(
            document,
            Save(
                t_ns=t_ms * MS,
                source=seen.voice.source,
                disk_sha256=_text_or_none(fields, "disk_sha256"),
                text_sha256=_text_or_none(fields, "text_sha256"),
                size_bytes=size if type(size) is int and size >= 0 else None,
                text=_text_or_none(fields, "text"),
            ),
        )

    def _step(self, t_ms: int, fields: Mapping[str, object], seen: Seen) -> None:
        if self._forgotten:
            path = fields.get("path")
            inside = self._paths.relative(path) if isinstance(path, str) else None
            if self._is_forgotten(seen, inside):
                return
        if fields.get("kind") == "gap":
            self._gap(t_ms, fields, seen.voice.source)
            return
        paired = self._pairs.take(seen.voice.writer_id, seen.t_boot_ns, fields)
        if paired is None or self._is_told_by_watcher(t_ms, fields):
            return
        self.builder.advance(t_ms)
        fields, source, agents = paired, seen.voice.source, self._agents
        if agents is None or not agents.step(source, fields, self.builder, self._disk):
            self._observed.step(source, fields)

    def _is_told_by_watcher(self, t_ms: int, fields: Mapping[str, object]) -> bool:
        """Say whether the watcher reports the same create, rename or delete, with the bytes."""
        path = fields.get("path")
        inside = self._paths.relative(path) if isinstance(path, str) else None
        is_of_file = fields.get("kind") in file_operations.KINDS
        return is_of_file and inside is not None and self._operations.will_tell(inside, t_ms)

    def _gap(self, t_ms: int, fields: Mapping[str, object], source: str) -> None:
        named = fields.get("path")
        path = self._paths.relative(named) if isinstance(named, str) else None
        self._gaps.told(source, t_ms, {**fields, "path": path})

    def _tree_record(self, t_ms: int, kind: int, fields: Mapping[str, object], seen: Seen) -> None:
        if self._forgotten:
            if self._is_forgotten(seen, None):
                return
            fields = self._without_forgotten(fields, seen)
        self.builder.advance(t_ms)
        self._tree.release_before(self.builder.t_ms)
        source = seen.voice.source
        if kind == RecordKind.TREE:
            self._tree.tree(source, fields)
            return
        self._tree.record(self._burst(t_ms, fields, seen))

    def _burst(self, t_ms: int, fields: Mapping[str, object], seen: Seen) -> Burst:
        """Read a FILES record."""
        first = fields.get("first_boot_ns")
        lasted = seen.t_boot_ns - first if type(first) is int else 0
        first_ms = max(0, t_ms - max(0, lasted) // MS)
        return read_burst(seen.voice.source, t_ms, first_ms, fields, self._paths.relative)

    def _look_ahead(self) -> None:
        """Index the changes of files by when they happened, which is before their records."""
        for writer in self._writers:
            voice = self._voices[writer.writer_id]
            offset = self._scale.offsets[writer.header.boot_id]
            for t_boot_ns, _, body in () if writer.is_editor else writer.only(_FILES):
                seen = Seen(voice, -1, t_boot_ns)
                if is_fields(body) and not self._is_forgotten(seen, None):
                    fields = self._without_forgotten(body, seen) if self._forgotten else body
                    self._tree.ahead.add(self._burst(self._ms(t_boot_ns + offset), fields, seen))

    def _without_forgotten(self, fields: Mapping[str, object], seen: Seen) -> dict[str, object]:
        """Return a TREE or FILES record without forgotten files."""
        kept = dict(fields)
        for name in ("entries", "changed"):
            items = fields.get(name)
            if isinstance(items, list):
                kept[name] = [
                    item
                    for item, content in zip(
                        items, map(contents_of, ([i] for i in items)), strict=True
                    )
                    if content and not self._is_forgotten(seen, content[0][0])
                ]
        pairs = fields.get("renamed")
        if isinstance(pairs, list):
            kept["renamed"] = [
                pair
                for pair in pairs
                if not any(self._is_forgotten(seen, str(name)) for name in pair)
            ]
        return kept

    def _late_fields(self) -> list[tuple[int, Mapping[str, object]]]:
        return [
            (self._ms(late.t_boot_ns + self._scale.offsets[late.boot_id]), late.fields)
            for late in self._gathered.late
            if late.boot_id in self._scale.offsets
        ]

    def _claimed(self, params: bytes, voice: Voice, place: int, t_boot_ns: int) -> None:
        said = parse_evidence(params)
        path = self._paths.of_uri(said.uri)
        if self._has_record_filters and path is not None:
            path = self._path(said.uri, Seen(voice, place, t_boot_ns))
        evidence = known_evidence(said.reason, said.detail, said.changes)
        if path is not None and evidence is not None:
            self._documents.claimed(voice.buffer, path, said.version, evidence)

    def _companion(self, t_ms: int, method: str, params: bytes, seen: Seen) -> None:
        named = parse_params(params)
        uri = uri_of(named)
        path = None if uri is None else self._path(uri, seen)
        voice = seen.voice
        if method == lsp_messages.FOCUS and not self._is_forgotten(seen, path):
            self.builder.advance(t_ms)
            self._gaps.focus(voice.buffer, gained=named.get("gained") is True, to=named.get("to"))
            self._observed.focus(voice.source, path, named)
        if method == lsp_messages.HELLO:
            self._documents.greeted(voice.buffer)
        if path is None:
            return
        if method == lsp_messages.DISK_NOTE:
            self._documents.compared_with_disk(voice.buffer, path, named)
            if named.get("matches") is True:
                self._lies_there(t_ms, path, named.get("sha256"), voice)
            elif named.get("exists") is False:
                self.builder.advance(t_ms)
                self._tree.missed_by_editor(voice.source, path)
            return
        document = self._documents.find(voice.buffer, path)
        if document is None or document.is_lost:
            return
        self.builder.advance(t_ms)
        if method == lsp_messages.VIEW:
            self._observed.view(document, voice.source, named)
        elif method == lsp_messages.SELECT:
            self._observed.select(document, voice.source, named, voice.encoding)
        elif method == lsp_messages.DIAGNOSTICS:
            self._observed.diagnostics(document, voice.source, named, voice.encoding)
        elif method == lsp_messages.ASSIST:
            self._observed.assist(document, voice.source, named)
        elif method == lsp_messages.SEARCH:
            self._observed.search(document, voice.source, named)

    def _lies_there(self, t_ms: int, path: str, sha256: object, voice: Voice) -> None:
        """Handle that a file was found to hold what an editor shows."""
        document = self._documents.find(voice.buffer, path)
        if document is None or document.is_lost or not isinstance(sha256, str):
            return
        text = str(document.text)
        form = find_form(text, sha256)
        if form is not None and self._disk.text(path) != text_sha256(text):
            self.builder.advance(t_ms)
            self._tree.read_by_editor(voice.source, path, sha256, encode_form(text, form))
            self._documents.took_over(document)

    def _path(self, uri: str, seen: Seen) -> str | None:
        """Return the path of a record; None when outside, a duplicate, or forgotten."""
        path = self._paths.of_uri(uri)
        if path is None:
            return None
        if self._duplicates.spans and self._duplicates.loses(
            seen.voice.writer_id, path, seen.place
        ):
            return None
        if self._forgotten and self._is_forgotten(seen, path):
            self._documents.forgot(seen.voice.buffer, path)
            return None
        return path

    def _is_forgotten(self, seen: Seen, path: str | None) -> bool:
        return bool(self._forgotten) and is_forgotten(self._forgotten, seen.t_boot_ns, path)


def _voices(writers: Sequence[WriterRecords]) -> dict[str, Voice]:
    editors, sources = heading.number_editors(writers), heading.name_sources(writers)
    voices: dict[str, Voice] = {}
    for writer in writers:
        name = writer.writer_id
        named = writer.header.fields.get("encoding")
        is_known = isinstance(named, str) and named in set(Encoding)
        voices[name] = Voice(
            writer_id=name,
            source=sources[name],
            buffer=editors[name],
            encoding=Encoding(cast("str", named)) if is_known else Encoding.UTF16,
        )
    return voices


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise DamagedError(f"a record has no {name}")
    return value


def _text_or_none(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None
