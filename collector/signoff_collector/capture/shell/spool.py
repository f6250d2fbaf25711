"""Convert what the hooks of shells wrote to `command` steps: a reader for `spools.py`.

Records (docs/shell.md): `shell` version, name, release, level; `begin` n, uptime, wall, cwd,
markers, line; `private` n, uptime, wall; `end` n, uptime, wall, status; `output` n, state, bytes,
head, tail, middle bytes, middle lines. They are joined by `n`, in any order. An empty field
precedes each record, so that one torn by a full disk does not run into the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.agents.markers import agent_marker
from signoff_collector.capture.journal.spool import MAX_FIELD_BYTES, MAX_RECORDS
from signoff_collector.capture.journal.spools import SpoolEntry, SpoolReading

if TYPE_CHECKING:
    from signoff_collector.capture.journal.spools import SpoolClocks

COUNTS: Final[Mapping[bytes, int]] = {
    b"shell": 4,
    b"begin": 6,
    b"private": 3,
    b"end": 4,
    b"output": 7,
}
"""Kind of record to its number of fields."""

_SECONDS: Final = re.compile(r"(\d{1,11})(?:[.,](\d{1,10}))?")
_FILLED: Final = re.compile(rb"[^\0]")
_NUMBER: Final = re.compile(r"\d{1,9}")
_SHELLS: Final = frozenset({"bash", "zsh", "fish"})
_RELEASE: Final = re.compile(r"[0-9A-Za-z.+~-]{1,24}")
_HIGHEST_STATUS: Final = 255
_OUTPUT_STATES: Final = frozenset({"full", "head_tail"})
_SIGNALLED: Final = 128
_HIGHEST_SIGNAL: Final = 64
_MAX_LEVEL: Final = 1_000


@dataclass(slots=True, kw_only=True)
class _Line:
    """The records of one command line, collected in any order."""

    begin: tuple[str, ...] | None = None
    is_private: bool = False
    end: tuple[str, ...] | None = None
    output: tuple[str, ...] | None = None
    pieces: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One whole record, or a range of invalid bytes."""

    kind: str | None
    """None for bytes to be counted as refused."""
    fields: tuple[str, ...] = ()
    start: int = 0
    end: int = 0


class ShellReader:
    """Parses `shell-<pid>-<hex>.spool`."""

    kinds: Final = frozenset({"command", "gap"})
    padding: Final = b"\0"

    def read(self, data: bytes, clocks: SpoolClocks) -> SpoolReading:
        """Return one entry per command line."""
        lines: dict[int, _Line] = {}
        fields: dict[str, object] = {}
        refused, whole_bytes = 0, 0
        others: list[tuple[int, int]] = []
        for taken, found in enumerate(records_in(data), start=1):
            whole_bytes = found.end
            if found.kind is None or taken > MAX_RECORDS or not _take(found, lines, fields):
                refused += 1
                is_next = bool(others) and found.start <= others[-1][1] + 1  # an empty field
                start = others.pop()[0] if is_next else found.start
                others.append((start, found.end))
        entries = [entry for line in lines.values() if (entry := _entry(line, fields, clocks))]
        claimed = {entry.pieces for entry in entries}
        alone = (tuple(sorted(line.pieces)) for line in lines.values())
        orphans = [piece for pieces in alone if pieces not in claimed for piece in pieces]
        left_bytes = len(data[whole_bytes:].strip(b"\0"))
        return SpoolReading(
            entries=entries,
            refused=refused,
            left_bytes=left_bytes,
            unclaimed=(*others, *orphans, *([(whole_bytes, len(data))] if left_bytes else [])),
            fields=fields,
        )


READER: Final = ShellReader()


def records_in(data: bytes) -> Iterator[Found]:
    """Yield the records of a spool; resumes behind a record that was torn by a full disk."""
    place, is_lost, lost_from = 0, False, 0
    while True:
        if data.startswith(b"\0", place):  # `forget` overwrites with long runs of NUL
            filled = _FILLED.search(data, place)
            place = len(data) if filled is None else filled.start()
        end = data.find(b"\0", place)
        if end < 0:
            return
        count = COUNTS.get(data[place:end])
        found = None if count is None else _record(data, place, end, count)
        if found is not None:
            if is_lost:
                yield Found(kind=None, start=lost_from, end=place)
            is_lost = False
            yield found
            place = found.end
            continue
        if not is_lost and end > place:
            is_lost, lost_from = True, place
        place = end + 1


def _record(data: bytes, start: int, end: int, count: int) -> Found | None:
    """Parse the record at `start`, whose kind ends at `end`; None when it is not whole."""
    expected = b"%d\0" % count
    if not data.startswith(expected, end + 1):
        return None
    place = end + 1 + len(expected)
    values: list[bytes] = []
    for _ in range(count):
        stop = data.find(b"\0", place)
        if stop < 0:
            return None
        value, place = data[place:stop], stop + 1
        inner = COUNTS.get(value)
        if inner is not None and data.startswith(b"%d\0" % inner, place):
            return None  # the next record begins here: this one was torn
        values.append(value)
    if any(len(value) > MAX_FIELD_BYTES for value in values):
        return Found(kind=None, start=start, end=place)
    texts = tuple(value.decode("utf-8", "replace") for value in values)
    return Found(kind=data[start:end].decode("ascii"), fields=texts, start=start, end=place)


def _take(found: Found, lines: dict[int, _Line], fields: dict[str, object]) -> bool:
    """Assign a record to its command line or the shell; return whether it is valid."""
    if found.kind == "shell":
        return _take_shell(found.fields, fields)
    if not _NUMBER.fullmatch(found.fields[0]):
        return False
    line = lines.setdefault(int(found.fields[0]), _Line())
    match found.kind:
        case "begin" | "private" if line.begin is None:
            line.begin, line.is_private = found.fields, found.kind == "private"
        case "end" if line.end is None:
            line.end = found.fields
        case "output" if line.output is None:
            line.output = found.fields
        case _:
            return False
    line.pieces.append((found.start, found.end))
    return True


def _take_shell(values: tuple[str, ...], fields: dict[str, object]) -> bool:
    version, name, release, level = values
    if version != "1" or name not in _SHELLS:
        return False
    fields["shell"] = name
    if _RELEASE.fullmatch(release):
        fields["shell_version"] = release
    if _NUMBER.fullmatch(level) and int(level) <= _MAX_LEVEL:
        fields["shell_level"] = int(level)
    return True


def _entry(line: _Line, shell: Mapping[str, object], clocks: SpoolClocks) -> SpoolEntry | None:
    """Build the entry of one command line; None for an end without its beginning."""
    if line.begin is None:
        return None
    since_ns = _time(line.begin, clocks)
    if since_ns is None:
        return None
    ended_ns = None if line.end is None else _time(line.end, clocks)
    end_ns = since_ns if ended_ns is None else max(since_ns, ended_ns)
    body: dict[str, object] = {"t_kind": "event"}
    if ended_ns is not None:
        body["duration_ns"] = end_ns - since_ns
    if line.is_private:
        body |= {"kind": "gap", "reason": "private"}
        end_ns = since_ns
    else:
        body |= _command(line, line.begin, shell)
    return SpoolEntry(
        t_boot_ns=end_ns, since_ns=since_ns, body=body, pieces=tuple(sorted(line.pieces))
    )


def _command(line: _Line, begin: tuple[str, ...], shell: Mapping[str, object]) -> dict[str, object]:
    _, _, _, cwd, markers, text = begin
    body: dict[str, object] = {
        "kind": "command",
        "line": text,
        "cwd": cwd if cwd.startswith("/") else None,
        "shell": shell.get("shell"),
        "shell_level": shell.get("shell_level"),
        "tty": True,
        "agent_marker": agent_marker(dict.fromkeys(markers.split(" "), "set")),
        "output_state": "none",
    }
    status = line.end[3] if line.end is not None else ""
    if _NUMBER.fullmatch(status) and int(status) <= _HIGHEST_STATUS:
        body["exit_code"] = int(status)
        number = int(status) - _SIGNALLED
        body["signal"] = number if 0 < number <= _HIGHEST_SIGNAL else None
    return {**body, **_output(line.output)}


def _output(values: tuple[str, ...] | None) -> dict[str, object]:
    """Return the fields of the output that the recorded pty kept of a command, if any."""
    if values is None or values[1] not in _OUTPUT_STATES:
        return {}
    numbers = [int(word) if _NUMBER.fullmatch(word) else 0 for word in (values[2], *values[5:7])]
    return {
        "output_state": values[1],
        "output_bytes": numbers[0],
        "output": {
            "head": values[3],
            "tail": values[4],
            "middle_bytes": numbers[1],
            "middle_lines": numbers[2],
        },
    }


def _time(values: tuple[str, ...], clocks: SpoolClocks) -> int | None:
    return clocks.boot_ns(uptime_ns=nanoseconds(values[1]), wall_ns=nanoseconds(values[2]))


def nanoseconds(text: str) -> int | None:
    """Parse decimal seconds; some locales write a comma."""
    match = _SECONDS.fullmatch(text)
    if match is None:
        return None
    return int(match[1]) * 10**9 + int((match[2] or "").ljust(9, "0")[:9])
