"""Builds an episode from journal records and gathered facts: a pure function."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.capture.forgotten import forgotten_spans, is_forgotten
from signoff_collector.capture.journal import Record, RecordKind
from signoff_collector.episode.content import Episode
from signoff_collector.seal import heading
from signoff_collector.seal.authorship import parse_evidence
from signoff_collector.seal.building import MS, Builder
from signoff_collector.seal.checkpoints import Checkpoints, Save
from signoff_collector.seal.contest import find_losers
from signoff_collector.seal.disk import Disk
from signoff_collector.seal.documents import Documents
from signoff_collector.seal.gaps import SOURCE, Gaps, Stretch, forgotten, pauses
from signoff_collector.seal.lsp_params import parse_did_change, parse_params, uri_of, version_of
from signoff_collector.seal.merge import SessionScale, merge, session_scale
from signoff_collector.seal.observed import Observed
from signoff_collector.seal.paths import WorkspacePaths
from signoff_collector.seal.positions import Encoding
from signoff_collector.seal.pseudonyms import Pseudonyms
from signoff_schemas.errors import DamagedError, NotFoundError
from signoff_schemas.words import TimeKind

if TYPE_CHECKING:
    from signoff_collector.seal.gathered import Gathered, LateStep
    from signoff_collector.seal.records import WriterRecords

_OPENED: Final = "textDocument/didOpen"
_CHANGED: Final = "textDocument/didChange"
_CLOSED: Final = "textDocument/didClose"
_LONGEST_NS: Final = 30 * 24 * 3600 * 10**9
"""No session lasts so long; a time beyond it is damage and counts as the time before."""


def assemble(
    writers: Sequence[WriterRecords],
    gathered: Gathered,
    read_blob: Callable[[str], bytes | None] = lambda _: None,
) -> Episode:
    """Return the episode of one session, unmasked.

    Nothing is read from the environment, a clock or the workspace: equal arguments give
    an equal episode. Needs memory for the edits and the open texts, not for the records.

    Args:
        writers: one stream per writer; they are merged here.
        gathered: what was gathered from outside, once.
        read_blob: content kept during the session, by SHA-256.

    Raises:
        NotFoundError: there is no record at all.
    """
    if not writers:
        raise NotFoundError(
            f"session {gathered.session} holds no readable journal", hint="`signoff list`"
        )
    return Assembly(writers, gathered, read_blob).run()


class Assembly:
    """The state of one sealing, fed record after record."""

    def __init__(
        self,
        writers: Sequence[WriterRecords],
        gathered: Gathered,
        read_blob: Callable[[str], bytes | None],
    ) -> None:
        self._writers = writers
        self._gathered = gathered
        self._scale: SessionScale = session_scale([writer.header for writer in writers])
        self._paths = WorkspacePaths(gathered.root, gathered.paths)
        self._losers = find_losers(writers, self._paths)
        self._forgotten = forgotten_spans(gathered.control)
        self.names = Pseudonyms(gathered.seed)
        self.builder = builder = Builder()
        self._disk = Disk()
        self._documents = Documents(builder, self._disk)
        self._checkpoints = Checkpoints(builder, self._disk, self._documents, read_blob)
        self._observed = Observed(
            builder, self._disk, self._checkpoints, self.names, self._paths.relative, read_blob
        )
        self._gaps = Gaps(builder)
        self._editors = heading.number_editors(writers)
        self._sources = heading.name_sources(writers)
        self._encodings = {writer.writer_id: _encoding_of(writer) for writer in writers}

    def run(self) -> Episode:
        """Take every record in order, then put the episode together."""
        events = self._events()
        start_ns = latest_ns = self._scale.start_ns
        for t_ns, writer, place, record in merge(self._writers, self._scale):
            while events and events[0][0] <= t_ns:
                events.popleft()[1]()
            if latest_ns <= t_ns < start_ns + _LONGEST_NS:
                latest_ns = t_ns
            self._take((latest_ns - start_ns) // MS, writer, place, record)
        while events:
            events.popleft()[1]()
        self._checkpoints.release_before(1 << 63)
        self._documents.finish()
        self._report_damage()
        return heading.episode_of(
            builder=self.builder,
            gathered=self._gathered,
            writers=self._writers,
            names=self.names,
            checkpoints=self._checkpoints,
            start_wall_ns=start_ns,
        )

    def _events(self) -> deque[tuple[int, Callable[[], None]]]:
        """Return what no journal holds, by its time: pauses, forgotten spans, late steps."""
        found: list[tuple[int, Callable[[], None]]] = []
        offset = self._scale.offsets.get(self._gathered.boot_id)
        if offset is not None:
            end_ns = max((line.t_boot_ns for line in self._gathered.control), default=0)
            stretches = pauses(self._gathered.control, end_ns) + forgotten(self._forgotten)
            for stretch in stretches:
                found.append((stretch.from_ns + offset, partial(self._stretch, stretch, offset)))
        for late in self._gathered.late:
            late_offset = self._scale.offsets.get(late.boot_id)
            if late_offset is not None:
                found.append((late.t_boot_ns + late_offset, partial(self._late, late, late_offset)))
        return deque(sorted(found, key=lambda event: event[0]))

    def _ms(self, t_ns: int) -> int:
        return min(max(0, t_ns - self._scale.start_ns), _LONGEST_NS) // MS

    def _stretch(self, stretch: Stretch, offset: int) -> None:
        self._gaps.stretch(
            stretch, self._ms(stretch.from_ns + offset), self._ms(stretch.to_ns + offset)
        )
        self._documents.expect_jumps()

    def _late(self, late: LateStep, offset: int) -> None:
        self.builder.advance(self._ms(late.t_boot_ns + offset))
        try:
            self._observed.step("git", {**late.fields, "t_kind": TimeKind.SEEN_LATE})
        except DamagedError:
            self.builder.dropped_steps += 1

    def _take(self, t_ms: int, writer: str, place: int, record: Record) -> None:
        """Take one record; one that makes no sense is counted and left."""
        try:
            match record.kind:
                case RecordKind.LSP:
                    self._take_lsp(t_ms, writer, place, record)
                case RecordKind.COMPANION:
                    self._take_companion(t_ms, writer, place, record)
                case RecordKind.ANCHOR:
                    self._take_anchor(t_ms, writer, place, record)
                case RecordKind.SAVE:
                    self._take_save(t_ms, writer, place, record)
                case RecordKind.STEP:
                    if not self._is_forgotten(record, self._path_of_step(record)):
                        self.builder.advance(t_ms)
                        self._observed.step(self._sources[writer], record.fields)
                case _:
                    pass
        except DamagedError:
            self.builder.dropped_steps += 1

    def _take_lsp(self, t_ms: int, writer: str, place: int, record: Record) -> None:
        _, method, params = _message(record)
        if method == _CHANGED:
            change = parse_did_change(params)
            path = self._path(change.textDocument.uri, writer, place, record)
            if path is None:
                return
            if self._checkpoints.is_waiting:
                self._checkpoints.release_before(t_ms * MS)
            self.builder.advance(t_ms)
            buffer = self._editors[writer]
            self._documents.changed(
                buffer,
                path,
                self._sources[writer],
                change.contentChanges,
                version=change.textDocument.version,
                encoding=self._encodings[writer],
            )
            if self._checkpoints.is_waiting:
                document = self._documents.find(buffer, path)
                if document is not None:
                    self._checkpoints.after_change(document)
            return
        named = parse_params(params)
        uri = uri_of(named)
        path = None if uri is None else self._path(uri, writer, place, record)
        if path is None:
            return
        self.builder.advance(t_ms)
        buffer, source = self._editors[writer], self._sources[writer]
        if method == _OPENED:
            self._opened(buffer, path, source, named)
        elif method == _CLOSED:
            document = self._documents.find(buffer, path)
            if document is not None:
                self._checkpoints.release(document)
            self._documents.closed(buffer, path, source)

    def _opened(self, buffer: int, path: str, source: str, named: Mapping[str, object]) -> None:
        item = cast("Mapping[str, object]", named.get("textDocument") or {})
        text, language = item.get("text"), item.get("languageId")
        if not isinstance(text, str):
            raise DamagedError("a didOpen holds no text")
        self._documents.opened(
            buffer,
            path,
            source,
            text,
            version=version_of({"textDocument": item}) or 0,
            language=language if isinstance(language, str) else None,
        )

    def _take_anchor(self, t_ms: int, writer: str, place: int, record: Record) -> None:
        fields = record.fields
        uri, text = _text(fields, "uri"), _text(fields, "text")
        path = self._path(uri, writer, place, record)
        if path is None:
            return
        self.builder.advance(t_ms)
        version, language = fields.get("version"), fields.get("language")
        self._documents.opened(
            self._editors[writer],
            path,
            self._sources[writer],
            text,
            version=version if type(version) is int else 0,
            language=language if isinstance(language, str) and language else None,
            reason="open" if fields.get("reason") == "open" else "anchor",
            while_paused=fields.get("while_paused") is True,
        )

    def _take_save(self, t_ms: int, writer: str, place: int, record: Record) -> None:
        fields = record.fields
        path = self._path(_text(fields, "uri"), writer, place, record)
        document = None if path is None else self._documents.find(self._editors[writer], path)
        if document is None:
            return
        self.builder.advance(t_ms)
        size, text = fields.get("size_bytes"), fields.get("text")
        disk_sha256, text_sha256 = fields.get("disk_sha256"), fields.get("text_sha256")
        self._checkpoints.saved(
            document,
            Save(
                t_ns=t_ms * MS,
                source=self._sources[writer],
                disk_sha256=disk_sha256 if isinstance(disk_sha256, str) else None,
                text_sha256=text_sha256 if isinstance(text_sha256, str) else None,
                size_bytes=size if type(size) is int and size >= 0 else None,
                text=text if isinstance(text, str) else None,
            ),
        )

    def _take_companion(self, t_ms: int, writer: str, place: int, record: Record) -> None:
        _, method, params = _message(record)
        named = parse_params(params)
        uri = uri_of(named)
        path = None if uri is None else self._path(uri, writer, place, record)
        source = self._sources[writer]
        if method == "signoff/focus":
            if not self._is_forgotten(record, path):
                self.builder.advance(t_ms)
                self._gaps.focus(gained=named.get("gained") is True, to=named.get("to"))
                self._observed.focus(source, path, named)
            return
        if path is None:
            return
        buffer, version = self._editors[writer], version_of(named)
        if method == "signoff/evidence":
            evidence = parse_evidence(named)
            if evidence is not None and version is not None:
                self._documents.claimed(buffer, path, version, evidence)
            return
        if method == "signoff/disk":
            self._documents.compared_with_disk(buffer, path, named)
            return
        document = self._documents.find(buffer, path)
        if document is None or document.is_lost:
            return
        self.builder.advance(t_ms)
        encoding = self._encodings[writer]
        if method == "signoff/view":
            self._observed.view(document, source, named)
        elif method == "signoff/select":
            self._observed.select(document, source, named, encoding)
        elif method == "signoff/diagnostics":
            self._observed.diagnostics(document, source, named, encoding)

    def _path(self, uri: str, writer: str, place: int, record: Record) -> str | None:
        """Return the path a record is about, or None when it is not to be believed or kept."""
        path = self._paths.of_uri(uri)
        if path is None or self._losers.loses(writer, path, place):
            return None
        if self._forgotten and self._is_forgotten(record, path):
            if record.kind != RecordKind.COMPANION:
                self._documents.forgot(self._editors[writer], path)
            return None
        return path

    def _is_forgotten(self, record: Record, path: str | None) -> bool:
        return bool(self._forgotten) and is_forgotten(self._forgotten, record.t_boot_ns, path)

    def _path_of_step(self, record: Record) -> str | None:
        path = record.fields.get("path")
        return self._paths.relative(path) if isinstance(path, str) else None

    def _report_damage(self) -> None:
        """Say which journals were not whole, and what could not be understood."""
        killed = set(self._gathered.killed)
        for writer in self._writers:
            source = self._sources[writer.writer_id]
            if writer.writer_id in killed or writer.damage.left_bytes:
                self._gaps.lost(source, "crashed")
            if writer.damage.unreadable:
                self._gaps.lost(source, "dropped", writer.damage.unreadable)
        if self.builder.dropped_steps:
            self._gaps.lost(SOURCE, "dropped", self.builder.dropped_steps)


def _message(record: Record) -> tuple[int, str, bytes]:
    body = record.body
    if isinstance(body, list) and len(cast("list[object]", body)) == 3:
        t_boot_ns, method, params = cast("list[object]", body)
        if isinstance(method, str) and isinstance(params, bytes) and isinstance(t_boot_ns, int):
            return t_boot_ns, method, params
    raise DamagedError("a record of a message is not [time, method, parameters]")


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise DamagedError(f"a record has no {name}")
    return value


def _encoding_of(writer: WriterRecords) -> Encoding:
    named = writer.header.fields.get("encoding")
    return Encoding(named) if isinstance(named, str) and named in set(Encoding) else Encoding.UTF16
