"""Removes forgotten records from closed journal segments, so that the rest still replays.

Where changes of a document are removed and later ones stay, an anchor with the document's text at
that point is inserted. The text was in the editor then, so it reveals nothing that was forgotten
and deleted from it. Each segment is replaced atomically; a kill leaves the old or the new one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, cast

from signoff_collector.capture.journal.forgotten import is_forgotten
from signoff_collector.capture.journal.journal import JournalStream, Record, RecordKind, pack_body
from signoff_collector.capture.journal.journal_frames import encode_frame
from signoff_collector.capture.journal.record_paths import (
    digests_in,
    names_in,
    params_of,
    relative_path,
    uri_of,
    without_files,
)
from signoff_collector.own_files.private_files import replace_private
from signoff_collector.text.line_text import LineText
from signoff_collector.text.lsp_params import parse_did_change
from signoff_collector.text.positions import Encoding
from signoff_schemas.errors import DamagedError
from signoff_schemas.untyped import fields_of, is_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from signoff_collector.capture.journal.forgotten import ForgottenSpan
    from signoff_collector.capture.journal.journal import JournalHeader

_SPEAKS_OF_NOTHING = frozenset({RecordKind.CLOCK, RecordKind.CONTROL})
_LISTS_FILES = frozenset({RecordKind.STEP, RecordKind.TREE, RecordKind.FILES})
"""Kinds that may list many files: only the forgotten files are removed from them."""


@dataclass(slots=True, kw_only=True)
class Document:
    """State of one open document while a writer's records are read."""

    text: LineText | None
    """None when it is unknown."""

    language: object = None
    version: object = None
    is_stale: bool = False
    """Changes were removed since the last kept record, so the next one needs an anchor."""


@dataclass(slots=True, kw_only=True)
class Rewritten:
    """Result of rewriting the journals of one writer."""

    dropped: int = 0
    """Number of records removed, or to be removed from segments that are still open."""

    rewritten: int = 0
    """Number of records removed from segments that were replaced."""

    kept: int = 0
    """Number of records kept, without CLOCK and CONTROL records."""

    still_open: list[Path] = field(default_factory=list["Path"])
    """Segments with forgotten records that are still open for writing."""

    dropped_digests: set[str] = field(default_factory=set[str])
    kept_digests: set[str] = field(default_factory=set[str])
    dropped_paths: set[str] = field(default_factory=set[str])
    """Files with removed records, relative to the workspace."""

    dropped_ns: list[int] = field(default_factory=list[int])
    """Boot times of the first and the last removed record; empty when there is none."""


def rewrite_writer(
    segments: Sequence[Path], open_segments: frozenset[Path], spans: Sequence[ForgottenSpan],
    root: Path,
) -> Rewritten:  # fmt: skip
    """Rewrite one writer's closed segments, given in order; open ones are only read."""
    work = _Writer(spans, root)
    for path in segments:
        work.look_at(path, is_open=path in open_segments)
    work.replace_all()
    return work.result


def holds_forgotten(path: Path, spans: Sequence[ForgottenSpan], root: Path) -> bool:
    """Say whether a segment holds forgotten records, or cannot be read."""
    stream = JournalStream(path)
    if stream.header is None or stream.header.is_newer:
        return True
    return any(_left_of(record, spans, root) is not record for record in stream)


class _Writer:
    """Rewrites one writer's segments in order, while tracking the texts of its documents."""

    def __init__(self, spans: Sequence[ForgottenSpan], root: Path) -> None:
        self._spans = spans
        self._root = root
        self._documents: dict[str, Document] = {}
        self._replacements: list[tuple[Path, bytes | None, int]] = []
        self._anchors = 0
        self._paths: dict[str, str | None] = {}
        self.result = Rewritten()

    def replace_all(self) -> None:
        """Put the new segments in place, last one first.

        So an anchor exists before the records that it replaces are removed; a kill in between
        leaves both.
        """
        for path, content, taken_out in reversed(self._replacements):
            if content is None:
                path.unlink(missing_ok=True)
            else:
                replace_private(path, content)
            self.result.rewritten += taken_out

    def look_at(self, path: Path, *, is_open: bool) -> None:
        """Compute the new content of one segment."""
        stream = JournalStream(path)
        header = stream.header
        if header is None or header.is_newer:
            # It cannot be read, so it may hold forgotten records: remove it entirely.
            self.result.dropped += 1
            self._decide(path, None, 1, is_open=is_open)
            return
        encoding = _encoding(header)
        frames = bytearray(encode_frame(RecordKind.HEADER, pack_body(dict(header.fields))))
        dropped, anchors = self.result.dropped, self._anchors
        holes = 0
        for record in stream:
            if stream.holes != holes:
                holes = stream.holes
                self._lose_texts()
            for kept in self._take(record, encoding):
                frames += encode_frame(kept.kind, pack_body(kept.body))
        if stream.holes != holes:
            self._lose_texts()
        if stream.end is not None:
            frames += encode_frame(RecordKind.END, pack_body(stream.end.body))
        taken_out = self.result.dropped - dropped
        if taken_out or (not is_open and (self._anchors != anchors or stream.left_bytes)):
            self._decide(path, bytes(frames), taken_out, is_open=is_open)

    def _lose_texts(self) -> None:
        """Mark all texts as unknown after a hole: later changes would apply to a wrong text."""
        for document in self._documents.values():
            document.text = None

    def _decide(self, path: Path, content: bytes | None, taken_out: int, *, is_open: bool) -> None:
        if is_open:
            self.result.still_open.append(path)
        else:
            self._replacements.append((path, content, taken_out))

    def _take(self, record: Record, encoding: Encoding) -> Iterable[Record]:
        """Return what is kept of one record, with an anchor before it where one is needed."""
        if record.kind in _SPEAKS_OF_NOTHING:
            return (record,)
        left = _left_of(record, self._spans, self._root)
        params = params_of(record)
        uri = uri_of(record, params)
        document = self._documents.get(uri) if uri is not None else None
        anchor = None
        if left is not None and document is not None and _needs_text(record):
            if document.text is None:
                left = None
            elif document.is_stale:
                anchor = _anchor(record, cast("str", uri), document)
                document.is_stale = False
                self._anchors += 1
        if uri is not None:
            self._follow(record, uri, params, encoding, is_dropped=left is None)
        self._count(record, left, uri)
        return tuple(item for item in (anchor, left) if item is not None)

    def _follow(
        self, record: Record, uri: str, params: Mapping[str, object], encoding: Encoding,
        *, is_dropped: bool,
    ) -> None:  # fmt: skip
        """Apply a record to the tracked text, whether the record is kept or not."""
        method = _method(record)
        if _gives_text(record):
            self._documents[uri] = _opened(record, params, is_stale=is_dropped)
        elif method == "textDocument/didClose":
            self._documents.pop(uri, None)
        elif method == "textDocument/didChange" and uri in self._documents:
            document = self._documents[uri]
            document.is_stale |= is_dropped
            _change(document, record, encoding)

    def _count(self, record: Record, left: Record | None, uri: str | None) -> None:
        result = self.result
        result.dropped += left is not record
        result.kept += left is not None
        if left is not record:
            result.dropped_digests |= digests_in(record.body)
            result.dropped_ns = _wider(result.dropped_ns, record.t_boot_ns)
            result.dropped_paths |= self._dropped_paths(record, uri)
        if left is not None and record.kind in _LISTS_FILES:
            result.kept_digests |= digests_in(left.body)

    def _dropped_paths(self, record: Record, uri: str | None) -> set[str]:
        """Return the forgotten files that a record names."""
        spans = self._spans
        if record.kind == RecordKind.TREE:  # it lists the whole folder, whatever was done in it
            spans = [span for span in spans if span.patterns is not None]
        names = {uri} if uri is not None else set[str]()
        if record.kind in _LISTS_FILES and spans:
            names |= set(names_in(record.body))
        for name in names - self._paths.keys():
            self._paths[name] = None if "\0" in name else relative_path(self._root, name)
        paths = (self._paths[name] for name in names)
        return {
            path
            for path in paths
            if path is not None and is_forgotten(spans, record.t_boot_ns, path)
        }


def _wider(times: list[int], t_ns: int) -> list[int]:
    return [min(*times, t_ns), max(*times, t_ns)] if times else [t_ns, t_ns]


def _left_of(record: Record, spans: Sequence[ForgottenSpan], root: Path) -> Record | None:
    """Return the same record if nothing is removed, a reduced one, or None to remove it."""
    if record.kind in _SPEAKS_OF_NOTHING:
        return record
    if is_forgotten((span for span in spans if span.patterns is None), record.t_boot_ns, None):
        return None
    named = [span for span in spans if span.patterns is not None]
    if not named:
        return record
    if record.kind in _LISTS_FILES:
        covers = partial(is_forgotten, named, record.t_boot_ns)
        body = _without_renames(without_files(record.body, root, covers), covers)
        if body is None:
            return None
        return record if body == record.body else replace(record, body=body)
    uri = uri_of(record, params_of(record))
    path = None if uri is None else relative_path(root, uri)
    return None if is_forgotten(named, record.t_boot_ns, path) else record


def _without_renames(body: object, covers: Callable[[str], bool]) -> object:
    """Remove pairs of old and new path of which one is forgotten."""
    fields = fields_of(body)
    pairs = fields.get("renamed")
    if not is_items(pairs):
        return body
    kept = [
        pair
        for pair in pairs
        if isinstance(pair, list) and not any(covers(str(name)) for name in pair)
    ]
    return {**fields, "renamed": kept}


def _method(record: Record) -> object:
    body = record.body
    return body[1] if record.kind == RecordKind.LSP and isinstance(body, list) else None


def _needs_text(record: Record) -> bool:
    return record.kind == RecordKind.SAVE or _method(record) == "textDocument/didChange"


def _gives_text(record: Record) -> bool:
    return record.kind == RecordKind.ANCHOR or _method(record) == "textDocument/didOpen"


def _opened(record: Record, params: Mapping[str, object], *, is_stale: bool) -> Document:
    fields = record.fields
    if record.kind != RecordKind.ANCHOR:
        named = params.get("textDocument")
        item = fields_of(named)
        fields = {**item, "language": item.get("languageId")}
    text = fields.get("text")
    return Document(
        text=LineText(text) if isinstance(text, str) else None,
        language=fields.get("language"),
        version=fields.get("version"),
        is_stale=is_stale,
    )


def _change(document: Document, record: Record, encoding: Encoding) -> None:
    body = cast("list[object]", record.body)
    try:
        message = parse_did_change(cast("bytes", body[2]))
        for change in message.contentChanges:
            if change.range is None:
                document.text = LineText(change.text)
            elif document.text is not None:
                start, end = change.range.start, change.range.end
                document.text.change(
                    start.line, start.character, end.line, end.character, change.text, encoding
                )
    except (DamagedError, TypeError, IndexError, ValueError):
        document.text = None
        return
    document.version = message.textDocument.version


def _anchor(record: Record, uri: str, document: Document) -> Record:
    body = {
        "t_boot_ns": record.t_boot_ns,
        "uri": uri,
        "language": document.language,
        "version": document.version,
        "text": str(document.text),
        "reason": "anchor",
        "while_paused": False,
    }
    return replace(record, kind=int(RecordKind.ANCHOR), body=body)


def _encoding(header: JournalHeader) -> Encoding:
    named = header.fields.get("encoding")
    return Encoding(named) if named in {item.value for item in Encoding} else Encoding.UTF16
