"""Parse what the hooks of an agent wrote: the reader for spools of prefix `agent`.

Each line is one event of one conversation (docs/journal.md, Spools). It is an untrusted claim of
whoever could write to the home: every field is selected by name and type, nothing else is copied.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NoReturn

from signoff_collector.capture.journal.spool import MAX_FIELD_BYTES, MAX_RECORDS
from signoff_collector.capture.journal.spools import SpoolEntry, SpoolReading
from signoff_schemas.untyped import fields_of, is_items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.capture.journal.spools import SpoolClocks

EVENTS: Final = frozenset({"start", "prompt", "tool_call", "tool_result", "end"})
_NAMES: Final = ("tool", "tool_version", "model", "agent_session", "tool_name", "call_id")
_WORDS: Final = ("line", "text")
_SIGNS: Final = ("failed", "is_private", "has_no_call")
_LINE: Final = re.compile(rb"[^\n]+")
_MAX_LINES: Final = 2 * MAX_RECORDS
"""Most lines that are parsed; any further ones are refused unread."""
_MAX_NAME: Final = 128
_MAX_PATHS: Final = 500
_MAX_PATH: Final = 4096
_LONGEST_MS: Final = 24 * 3600 * 1000


class AgentSpool:
    """Implements `seal.spools.SpoolReader`."""

    kinds: Final = frozenset({"agent"})
    padding: Final = b"\n"

    def read(self, data: bytes, clocks: SpoolClocks) -> SpoolReading:
        """Parse a whole spool; never raises."""
        entries: list[SpoolEntry] = []
        refused = _Refused()
        torn = data.rfind(b"\n") + 1
        for looked_at, found in enumerate(_LINE.finditer(data, 0, torn)):
            if looked_at >= _MAX_LINES:  # no real agent writes so many
                left_lines = sum(1 for _ in _LINE.finditer(data, found.start(), torn))
                refused.add((found.start(), torn), left_lines)
                break
            entry = _entry(found[0], found.span(), clocks)
            if entry is None or len(entries) >= MAX_RECORDS:
                refused.add(found.span())
            else:
                entries.append(entry)
                refused.is_open = False
        left = [(torn, len(data))] if torn < len(data) else []
        return SpoolReading(
            entries=entries,
            refused=refused.count,
            left_bytes=len(data) - torn,
            unclaimed=(*refused.pieces, *left),
        )


class _Refused:
    """Collects refused lines; consecutive ones are merged into one byte range."""

    def __init__(self) -> None:
        self.count = 0
        self.pieces: list[tuple[int, int]] = []
        self.is_open = False
        """Whether the previous line was refused too."""

    def add(self, piece: tuple[int, int], count: int = 1) -> None:
        """Add one byte range that holds `count` lines."""
        start = self.pieces.pop()[0] if self.is_open else piece[0]
        self.pieces.append((start, piece[1]))
        self.count += count
        self.is_open = True


READER: Final = AgentSpool()


def _entry(line: bytes, piece: tuple[int, int], clocks: SpoolClocks) -> SpoolEntry | None:
    if len(line) > MAX_FIELD_BYTES:
        return None
    try:
        parsed: object = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    said = fields_of(parsed)
    t_boot_ns, event = said.get("t_boot_ns"), said.get("event")
    if said.get("kind") != "agent" or type(t_boot_ns) is not int or event not in EVENTS:
        return None
    body = _body(said)
    if "tool" not in body:
        return None
    t_boot_ns = clocks.within(t_boot_ns)
    duration_ms = body.get("duration_ms")
    lasted_ns = duration_ms * 1_000_000 if type(duration_ms) is int else 0
    return SpoolEntry(
        t_boot_ns=t_boot_ns,
        since_ns=max(0, t_boot_ns - lasted_ns),
        body={"kind": "agent", "t_kind": "event", "event": event, **body},
        pieces=(piece,),
    )


def _body(said: Mapping[str, object]) -> dict[str, object]:
    """Return the fields that have the expected type; the others are left out."""
    body: dict[str, object] = {}
    for name in _NAMES:
        value = said.get(name)
        if isinstance(value, str) and 0 < len(value) <= _MAX_NAME and value.isprintable():
            body[name] = value
    for name in _WORDS:
        value = said.get(name)
        if isinstance(value, str) and value:
            body[name] = value
    for name in _SIGNS:
        if said.get(name) is True:
            body[name] = True
    paths = said.get("paths")
    listed = paths[:_MAX_PATHS] if is_items(paths) else []
    named = [path for path in listed if isinstance(path, str) and _is_path(path)]
    if named:
        body["paths"] = named
    duration_ms = said.get("duration_ms")
    if type(duration_ms) is int and 0 <= duration_ms <= _LONGEST_MS:
        body["duration_ms"] = duration_ms
    if said.get("ends") in ("turn", "session"):
        body["ends"] = said["ends"]
    return body


def _is_path(path: str) -> bool:
    return path.startswith("/") and len(path) <= _MAX_PATH and "\0" not in path


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"not JSON: {name}")
