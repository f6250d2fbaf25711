"""How many steps of each kind a session's journals hold, for `status`: nothing is imported for it.

What is counted is what was handed over, one count per content change; sealing may merge or split.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.capture.journal_frames import FRAME_HEAD, RecordKind, unpack_body
from signoff_collector.private_files import read_regular
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.capture.sessions import Session

_BY_METHOD: Final[Mapping[bytes, str]] = {
    b"textDocument/didOpen": "open",
    b"textDocument/didClose": "close",
    b"signoff/view": "view",
    b"signoff/select": "select",
    b"signoff/focus": "focus",
    b"signoff/diagnostics": "diagnostics",
}
_DID_CHANGE: Final = b"textDocument/didChange"
_HEAD_BYTES: Final = 48
"""A message record begins with its time and method; the longest counted method ends before."""

_MAX_BYTES: Final = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCounts:
    """What a session holds so far."""

    by_kind: Mapping[str, int]
    last_ns: Mapping[str, int]
    """Source to the boot time of its last record."""

    left_bytes: int
    """Bytes at the ends of journals that cannot be read."""


def count_steps(session: Session) -> StepCounts:
    """Read every journal of a session once; about 2 µs a record, since most are not decoded."""
    by_kind: Counter[str] = Counter()
    last_ns: dict[str, int] = {}
    left_bytes = 0
    for path in session.journals:
        try:
            data = read_regular(path, max_bytes=_MAX_BYTES)
        except SignoffError:
            continue
        source, last, counted_bytes = _count(data, by_kind)
        left_bytes += len(data) - counted_bytes
        if last is not None:
            body = _unpacked(data[last[0] : last[1]])
            last_ns[source] = max(last_ns.get(source, 0), _time_of(body))
    return StepCounts(by_kind=dict(sorted(by_kind.items())), last_ns=last_ns, left_bytes=left_bytes)


def _count(data: bytes, by_kind: Counter[str]) -> tuple[str, tuple[int, int] | None, int]:
    """Count one journal; give its source, where its last record lies, and the bytes read."""
    source, last, at = "unknown", None, 0
    while at + FRAME_HEAD.size <= len(data):
        length, crc, kind = FRAME_HEAD.unpack_from(data, at)
        start, end = at + FRAME_HEAD.size, at + FRAME_HEAD.size + length
        if end > len(data) or zlib.crc32(data[start - 1 : end]) != crc:
            break
        at = end
        if kind == RecordKind.HEADER:
            header = _unpacked(data[start:end])
            named = cast("dict[str, object]", header).get("writer") if header else None
            source = named if isinstance(named, str) else source
            continue
        if kind not in (RecordKind.CLOCK, RecordKind.END):
            last = (start, end)
        name, count = _kind_of(kind, data[start:end])
        if name is not None:
            by_kind[name] += count
    return source, last, at


def _kind_of(kind: int, payload: bytes) -> tuple[str | None, int]:
    match kind:
        case RecordKind.STEP:
            body = _unpacked(payload)
            named = cast("dict[str, object]", body).get("kind") if isinstance(body, dict) else None
            return (named if isinstance(named, str) else None), 1
        case RecordKind.ANCHOR:
            return "open", 1
        case RecordKind.SAVE:
            return "save", 1
        case RecordKind.LSP | RecordKind.COMPANION:
            return _kind_of_message(payload)
        case _:
            return None, 0


def _kind_of_message(payload: bytes) -> tuple[str | None, int]:
    head = payload[:_HEAD_BYTES]
    if _DID_CHANGE in head:
        return "edit", _changes(payload)
    for method, name in _BY_METHOD.items():
        if method in head:
            return name, 1
    return None, 0


def _changes(payload: bytes) -> int:
    """Count the content changes; one `"text"` can only be the key of one change."""
    if payload.count(b'"text"') == 1:
        return 1
    body = _unpacked(payload)
    params = cast("list[object]", body)[2] if isinstance(body, list) and len(body) > 2 else None
    if not isinstance(params, bytes):
        return 0
    try:
        parsed: object = json.loads(params.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return 0
    if not isinstance(parsed, dict):
        return 0
    changes = cast("dict[str, object]", parsed).get("contentChanges")
    return len(cast("list[object]", changes)) if isinstance(changes, list) else 0


def _unpacked(payload: bytes) -> object:
    try:
        return unpack_body(payload)
    except ValueError:
        return None


def _time_of(body: object) -> int:
    first: object = None
    if isinstance(body, list) and body:
        first = cast("list[object]", body)[0]
    elif isinstance(body, dict):
        first = cast("dict[str, object]", body).get("t_boot_ns")
    return first if type(first) is int else 0
