"""Requests to a running session: lines in `control` that every writer polls (docs/journal.md).

A line is `<verb> <t_boot_ns> [name=value …]`; values are percent-encoded. Lines are only ever
appended, under a lock. Shell hooks read the same file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from signoff_collector.own_files.private_files import append_line, read_regular
from signoff_collector.system.clock import Clock
from signoff_schemas.errors import SignoffError

VERBS: Final = frozenset({"pause", "resume", "forget", "stop", "disable"})
PAUSED: Final = "paused"
PRIVATE: Final = "private"
SHARED: Final = "shared"
"""Reasons of a pause, in the `reason` field of its line; `paused` is the default and left out."""
POLL_PERIOD_NS: Final = 250_000_000
"""Writers poll the file at most this often, and only when an event occurs."""

_MAX_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlLine:
    """One request."""

    verb: str
    t_boot_ns: int
    fields: Mapping[str, str] = field(default_factory=dict[str, str])


def append_control(
    path: Path, verb: str, *, clock: Clock, fields: Mapping[str, str] | None = None
) -> ControlLine:
    """Append one request to a session's `control` file.

    Raises:
        ValueError: the verb is none of `VERBS`.
        SignoffError: it cannot be written.
    """
    if verb not in VERBS:
        raise ValueError(f"not a control verb: {verb!r}")
    line = ControlLine(verb=verb, t_boot_ns=clock.boot_ns(), fields=dict(fields or {}))
    words = [verb, str(line.t_boot_ns)]
    words += [f"{name}={quote(value, safe='/')}" for name, value in line.fields.items()]
    append_line(path, " ".join(words))
    return line


def read_control(path: Path) -> list[ControlLine]:
    """Parse every request in the file, oldest first; invalid lines are skipped."""
    try:
        data = read_regular(path, max_bytes=_MAX_BYTES)
    except SignoffError:
        return []
    return _parse(data)


def _parse(data: bytes) -> list[ControlLine]:
    whole = data[: data.rfind(b"\n") + 1]
    lines = whole.decode("utf-8", "replace").split("\n")
    return [parsed for line in lines if (parsed := _parse_line(line)) is not None]


def _parse_line(line: str) -> ControlLine | None:
    words = line.split(" ")
    if len(words) < 2 or words[0] not in VERBS or not _is_number(words[1]):
        return None
    fields = dict(word.split("=", 1) for word in words[2:] if "=" in word)
    return ControlLine(
        verb=words[0],
        t_boot_ns=int(words[1]),
        fields={name: unquote(value) for name, value in fields.items()},
    )


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlState:
    """The state that the requests so far result in."""

    paused_since_ns: int | None = None
    paused_until_ns: int | None = None
    """When the pause ends by itself; None when only `resume` ends it."""
    pause_reason: str = PAUSED
    is_stopped: bool = False

    def is_paused(self, t_boot_ns: int) -> bool:
        """Whether recording is paused at this time."""
        if self.paused_since_ns is None or t_boot_ns < self.paused_since_ns:
            return False
        return self.paused_until_ns is None or t_boot_ns < self.paused_until_ns

    def after(self, line: ControlLine) -> ControlState:
        """Return the state after one more request."""
        if line.verb == "pause":
            until = line.fields.get("until", "")
            return ControlState(
                paused_since_ns=line.t_boot_ns,
                paused_until_ns=int(until) if _is_number(until) else None,
                pause_reason=_reason(line),
                is_stopped=self.is_stopped,
            )
        if line.verb == "resume":
            return ControlState(is_stopped=self.is_stopped)
        if line.verb in {"stop", "disable"}:
            return ControlState(
                paused_since_ns=self.paused_since_ns,
                paused_until_ns=self.paused_until_ns,
                pause_reason=self.pause_reason,
                is_stopped=True,
            )
        return self


def _reason(line: ControlLine) -> str:
    told = line.fields.get("reason")
    return told if told in (PRIVATE, SHARED) else PAUSED


def control_state(lines: list[ControlLine]) -> ControlState:
    """Return the state after all requests of a file."""
    state = ControlState()
    for line in lines:
        state = state.after(line)
    return state


class ControlReader:
    """One writer's cached view of the control file: cheap to ask at every event."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._next_ns = 0
        self._size_bytes = -1
        self._seen = 0
        self.state = ControlState()

    def poll(self, *, is_forced: bool = False) -> list[ControlLine]:
        """Return requests added since the last call; reads the file at most every 250 ms."""
        now_ns = self._clock.boot_ns()
        if now_ns < self._next_ns and not is_forced:
            return []
        self._next_ns = now_ns + POLL_PERIOD_NS
        try:
            size_bytes = self._path.stat().st_size
        except OSError:
            return []
        if size_bytes == self._size_bytes:
            return []
        self._size_bytes = size_bytes
        lines = read_control(self._path)
        fresh, self._seen = lines[self._seen :], len(lines)
        self.state = control_state(lines)
        return fresh
