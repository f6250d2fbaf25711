"""How many steps of each kind a session's journals hold, for `status`: nothing is imported for it.

What is counted is what was handed over, one count per content change; sealing may merge or split.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.capture.journal import JournalStream, Record, RecordKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.capture.sessions import Session

_BY_LSP_METHOD: Final[Mapping[str, str]] = {
    "textDocument/didOpen": "open",
    "textDocument/didClose": "close",
}
_BY_COMPANION_METHOD: Final[Mapping[str, str]] = {
    "signoff/view": "view",
    "signoff/select": "select",
    "signoff/focus": "focus",
    "signoff/diagnostics": "diagnostics",
}
_DID_CHANGE: Final = "textDocument/didChange"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCounts:
    """What a session holds so far."""

    by_kind: Mapping[str, int]
    last_ns: Mapping[str, int]
    """Source to the boot time of its last record."""

    left_bytes: int
    """Bytes at the ends of journals that cannot be read."""


def count_steps(session: Session) -> StepCounts:
    """Read every journal of a session once."""
    by_kind: Counter[str] = Counter()
    last_ns: dict[str, int] = {}
    left_bytes = 0
    for path in session.journals:
        stream = JournalStream(path)
        source = stream.header.writer if stream.header is not None else path.name
        for record in stream:
            if record.kind != RecordKind.CLOCK:
                last_ns[source] = max(last_ns.get(source, 0), record.t_boot_ns)
            kind, count = _kind_of(record)
            if kind is not None:
                by_kind[kind] += count
        left_bytes += stream.left_bytes
    return StepCounts(by_kind=dict(sorted(by_kind.items())), last_ns=last_ns, left_bytes=left_bytes)


def _kind_of(record: Record) -> tuple[str | None, int]:
    match record.kind:
        case RecordKind.STEP:
            kind = record.fields.get("kind")
            return (kind if isinstance(kind, str) else None), 1
        case RecordKind.ANCHOR:
            return "open", 1
        case RecordKind.SAVE:
            return "save", 1
        case RecordKind.LSP | RecordKind.COMPANION:
            return _kind_of_message(cast("list[object]", record.body))
        case _:
            return None, 0


def _kind_of_message(body: list[object]) -> tuple[str | None, int]:
    method = body[1] if len(body) > 1 else None
    if not isinstance(method, str):
        return None, 0
    if method == _DID_CHANGE and len(body) > 2:
        return "edit", _changes(body[2])
    return _BY_LSP_METHOD.get(method) or _BY_COMPANION_METHOD.get(method), 1


def _changes(params: object) -> int:
    if not isinstance(params, bytes):
        return 0
    try:
        parsed: object = json.loads(params)
    except (ValueError, RecursionError):
        return 0
    if not isinstance(parsed, dict):
        return 0
    changes = cast("dict[str, object]", parsed).get("contentChanges")
    return len(cast("list[object]", changes)) if isinstance(changes, list) else 0
