"""Imports recordings of a terminal by asciinema: asciicast of version 1, 2 or 3.

One command step holds what the terminal showed, with the colours and cursor movements as they were
written; markers become notes, and so do keys, where they were recorded. Which programs ran inside,
and what they did to files, is nowhere in the source.
Source: docs.asciinema.org/manual/asciicast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.episode.columns.times import MILLISECOND_NS
from signoff_collector.imports.building import OUTPUT_CHARACTERS, Building
from signoff_collector.imports.reading import inflate, parse_json, parse_json_lines
from signoff_schemas.errors import DamagedError, NewerVersionError
from signoff_schemas.steps import NoteStep
from signoff_schemas.untyped import fields_of, items_of
from signoff_schemas.words import Coverage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.imports.people import Foreign

_SOURCE: Final = "terminal"
_NEWEST: Final = 3
_MAX_SECONDS: Final = 1e9
_WHAT: Final = "the recording"
_Event = tuple[float, str, str]
"""Seconds since the start, the code, the data."""


def read_asciicast(content: bytes) -> Foreign:
    """Return the episode of a terminal's recording.

    Raises:
        DamagedError: it is none.
    """
    plain = inflate(content, _WHAT)
    first = plain.partition(b"\n")[0]
    header = fields_of(_header(first, plain))
    version = header.get("version")
    if type(version) is not int or version < 1:
        raise DamagedError(f"{_WHAT} does not name its version: it is no asciicast")
    if version > _NEWEST:
        raise NewerVersionError(_WHAT, found=version, newest_known=_NEWEST)
    events = _frames(header) if version == 1 else _events(plain, is_relative=version == _NEWEST)
    return _built(header, events)


def _header(first: bytes, plain: bytes) -> object:
    """Return the first line, or the whole of a file of version 1, which may have many lines."""
    try:
        header = parse_json(first, _WHAT)
    except DamagedError:
        return parse_json(plain, _WHAT)
    return header


def _frames(header: dict[str, object]) -> Iterator[_Event]:
    now = 0.0
    stdout = header.get("stdout")
    if not isinstance(stdout, list):
        raise DamagedError(f"{_WHAT} has no list `stdout`")
    for number, frame in enumerate(items_of(stdout)):
        match items_of(frame):
            case [int() | float() as delay, str() as data]:
                now += _seconds(delay, number)
                yield now, "o", data
            case _:
                raise DamagedError(f"frame {number} of {_WHAT} is not [delay, data]")


def _events(plain: bytes, *, is_relative: bool) -> Iterator[_Event]:
    now = 0.0
    for number, value in parse_json_lines(plain, _WHAT):
        if number == 1:
            continue
        match items_of(value):
            case [int() | float() as time, str() as code, str() as data]:
                told = _seconds(time, number)
                now = now + told if is_relative else told
                yield now, code, data
            case _ if value is None:
                yield now, "", ""
            case _:
                raise DamagedError(f"line {number} of {_WHAT} is not [time, code, data]")


def _seconds(value: float, number: int) -> float:
    if not 0 <= value <= _MAX_SECONDS:
        raise DamagedError(f"event {number} of {_WHAT} is at an impossible time")
    return float(value)


def _built(header: dict[str, object], events: Iterator[_Event]) -> Foreign:
    start_s = header.get("timestamp")
    has_start = type(start_s) is int and 0 < start_s < _MAX_SECONDS * 100
    start_ns = start_s * 1_000_000_000 if isinstance(start_s, int) and has_start else 0
    building = Building("asciicast", _SOURCE, has_wall_clock=has_start)
    building.say("a recording of a terminal knows no files, no edits and no programs inside it")
    building.at(start_ns)
    building.paths.people.environment(fields_of(header.get("env")))
    if isinstance(title := header.get("title"), str) and title:
        building.add(NoteStep, text=title)
    told = _Told(building, start_ns)
    for event in events:
        told.take(event)
    told.finish(header)
    return building.finished(output=Coverage.FULL, keys=told.keys)


class _Told:
    """What the events told so far."""

    def __init__(self, building: Building, start_ns: int) -> None:
        self._building = building
        self._start_ns = start_ns
        self._output: list[str] = []
        self._keys: list[str] = []
        self._exit_code: int | None = None
        self._latest_s = 0.0
        self.keys = Coverage.NONE

    def take(self, event: _Event) -> None:
        """Take the next event."""
        time_s, code, data = event
        self._latest_s = max(self._latest_s, time_s)
        if code != "i":
            self._settle_keys()
        self._building.at(self._start_ns + round(self._latest_s * 1000) * MILLISECOND_NS)
        match code:
            case "o":
                self._output.append(data)
            case "i":
                self.keys = Coverage.FULL
                self._keys.append(data)
            case "m":
                self._building.add(NoteStep, text=data or "marker")
            case "x":
                digits = data.strip().removeprefix("-")
                is_number = digits.isascii() and digits.isdigit() and len(digits) < 10
                self._exit_code = int(data) if is_number else None
            case "r":
                self._building.count("changes of the terminal's size left out")
            case "":
                self._building.count("torn lines at the end left out")
            case _:
                self._building.count("events of an unknown kind left out")

    def finish(self, header: dict[str, object]) -> None:
        """Add the command."""
        self._settle_keys()
        building, output = self._building, "".join(self._output)
        if len(output) > OUTPUT_CHARACTERS:
            building.say(
                f"of its {len(output)} characters of output the first and the last"
                f" {OUTPUT_CHARACTERS // 2} are kept"
            )
        command, shell = header.get("command"), fields_of(header.get("env")).get("SHELL")
        building.command(
            output,
            line=command if isinstance(command, str) else None,
            shell=shell if isinstance(shell, str) else None,
            tty=True,
            exit_code=self._exit_code,
            duration_ns=round(self._latest_s * 1000) * MILLISECOND_NS,
        )

    def _settle_keys(self) -> None:
        if self._keys:
            self._building.add(NoteStep, text=f"typed: {''.join(self._keys)}")
            self._keys.clear()
