"""Reads version 2 of crowd-code: one JSON object with observations and actions.

The text of a file is known from its creation or from a snapshot of the workspace on; actions before
that cannot be replayed and are said. `source` of an action is what crowd-code itself concluded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.episode.columns.times import MILLISECOND_NS
from signoff_collector.imports.building import Building
from signoff_collector.imports.patches import apply_unified
from signoff_collector.imports.reading import parse_json
from signoff_collector.text.positions import Encoding, column_in, split_lines
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import FocusStep, SelectStep, ViewStep
from signoff_schemas.untyped import fields_of, is_fields, items_of
from signoff_schemas.values import Actor, LineSpan
from signoff_schemas.words import ActorClass, Basis, Coverage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.imports.people import Foreign

_SOURCE: Final = "crowd-code"
_WHAT: Final = "the recording"
_MAX_MS: Final = 1 << 53
_MAX_LINE: Final = 1 << 31
_ACTORS: Final = {
    "agent": ActorClass.ASSISTANT,
    "git": ActorClass.GIT,
    "git_checkout": ActorClass.GIT,
    "user": ActorClass.UNKNOWN,
}
"""The user typed, pasted or accepted: which of them is not recorded."""


def read_events(plain: bytes) -> Foreign:
    """Return the episode of a recording of version 2.

    Raises:
        DamagedError: it is none.
    """
    session = parse_json(plain, _WHAT)
    events = session.get("events") if is_fields(session) else None
    if not is_fields(session) or not isinstance(events, list):
        raise DamagedError(f"{_WHAT} has no list `events`")
    version = session.get("version")
    if not isinstance(version, str) or version.partition(".")[0] != "2":
        raise DamagedError(f"{_WHAT} does not say that it is of version 2")
    start_ms = session.get("startTime")
    has_start = type(start_ms) is int and 0 < start_ms < _MAX_MS
    told = _Events(start_ms if isinstance(start_ms, int) and has_start else 0, has_start=has_start)
    told.begin_in(_files_of(map(fields_of, items_of(events))))
    for number, event in enumerate(items_of(events)):
        told.take(number, fields_of(event))
    return told.finish()


class _Events:
    """What the events told so far."""

    def __init__(self, start_ms: int, *, has_start: bool) -> None:
        self._start_ms = start_ms
        self._building = Building("crowd-code-2", _SOURCE, has_wall_clock=has_start)
        self._building.at(start_ms * MILLISECOND_NS)
        self._building.say("whether the user typed, pasted or accepted an edit is not recorded")
        self._building.say("what was shown in terminals is not taken over, only what was run")
        self._visible: tuple[str, int, int] | None = None
        self._lost: set[str] = set()

    def begin_in(self, files: Iterable[str]) -> None:
        """Say which files there will be."""
        self._building.paths.begin_in(files)

    def take(self, number: int, event: dict[str, object]) -> None:
        """Take the next event."""
        time = event.get("timestamp")
        if not isinstance(time, int | float) or not -_MAX_MS < time < _MAX_MS:
            raise DamagedError(f"event {number} of {_WHAT} has no time in milliseconds")
        # Relative to the start, except in early recordings, which hold the wall clock.
        since_ms = round(time) - self._start_ms if time >= self._start_ms > 0 else round(time)
        self._building.at((self._start_ms + since_ms) * MILLISECOND_NS)
        if event.get("type") == "observation":
            self._observe(fields_of(event.get("observation")))
        elif event.get("type") == "action":
            self._act(number, fields_of(event.get("action")))
        else:
            self._building.count("events of an unknown kind left out")

    def finish(self) -> Foreign:
        """Return the episode."""
        return self._building.finished(
            edits=Coverage.PARTIAL,
            view=Coverage.PARTIAL,
            select=Coverage.PARTIAL,
            agents=Coverage.PARTIAL,
            files=Coverage.PARTIAL,
        )

    def _observe(self, observation: dict[str, object]) -> None:
        """Take what was visible, where it changed: it is told ten times a second."""
        view = fields_of(observation.get("viewport"))
        match view.get("file"), view.get("startLine"), view.get("endLine"):
            case str() as file, int() as first, int() as last if (
                0 <= first <= last < _MAX_LINE and type(first) is type(last) is int
            ):
                seen = (file, first, last)
                if seen != self._visible:
                    self._visible = seen
                    lines = (LineSpan(first=first, last=last),)
                    path = self._building.paths.of(file)
                    self._building.add(ViewStep, path=path, buffer=0, visible=lines)
            case _:
                pass

    def _act(self, number: int, action: dict[str, object]) -> None:
        building, file = self._building, action.get("file")
        cls = _ACTORS.get(str(action.get("source")), ActorClass.UNKNOWN)
        basis = Basis.NONE if cls is ActorClass.UNKNOWN else Basis.INFERRED
        actor = Actor.model_validate({"class": cls, "basis": basis})
        match action.get("kind"), file:
            case "edit", str() as name:
                self._edit(number, building.paths.of(name), fields_of(action.get("diff")), actor)
            case "file_change", str() as name:
                self._change(building.paths.of(name), action, actor)
            case "tab_switch", str() as name:
                building.add(ViewStep, path=building.paths.of(name), buffer=0)
            case "selection", str() as name:
                self._select(building.paths.of(name), action)
            case "terminal_focus", _:
                building.add(FocusStep, gained=True, to="terminal", actor=actor)
            case "terminal_command", _:
                line = action.get("command")
                told = line if isinstance(line, str) else None
                building.command(None, line=told, tty=True, via="terminal", actor=actor)
            case "workspace_snapshot", _:
                self._snapshot(action)
            case _:
                building.count("actions of an unknown kind left out")

    def _edit(self, number: int, path: str, diff: dict[str, object], actor: Actor) -> None:
        building = self._building
        match diff.get("rangeOffset"), diff.get("rangeLength"), diff.get("text"):
            case int() as start, int() as deleted, str() as text if start >= 0 <= deleted:
                pass
            case _:
                raise DamagedError(f"event {number} of {_WHAT} has no diff of offset, length, text")
        if path not in self._lost and building.buffer(path) is None:
            known = building.disk(path)
            if known is None:
                self._lost.add(path)
                building.count("files edited whose text is nowhere in the recording before")
            else:
                building.open(path, known)
        if path in self._lost:
            building.miss(path)
            building.count("edits left out, since they do not fit the text that is known")
        elif not building.edit_units(path, start, deleted, text, actor):
            self._lose(path)

    def _lose(self, path: str) -> None:
        self._lost.add(path)
        self._building.count("edits left out, since they do not fit the text that is known")
        self._building.miss(path)

    def _change(self, path: str, action: dict[str, object], actor: Actor) -> None:
        building, diff = self._building, action.get("diff")
        if action.get("changeType") == "delete":
            building.write(path, None, actor)
            return
        before = "" if action.get("changeType") == "create" else building.disk(path)
        after = None
        if isinstance(diff, str) and before is not None:
            building.spend(len(before) + len(diff))
            after = apply_unified(before, diff)
        elif action.get("changeType") == "create" and diff is None:
            after = ""
        if after is None:
            building.write_unknown(path, actor)
            building.count("changes on disk to a text that is not in the recording")
        else:
            self._tell(path, after, actor)

    def _tell(self, path: str, text: str, actor: Actor) -> None:
        """Take a text on disk; a buffer whose own text is unknown has it from now on."""
        self._building.write(path, text, actor)
        if path in self._lost:
            self._lost.discard(path)
            if self._building.buffer(path) is not None:
                self._building.resync(path, text)

    def _snapshot(self, action: dict[str, object]) -> None:
        for name, text in _texts_of(action.get("files")):
            if isinstance(name, str) and isinstance(text, str):
                path = self._building.paths.of(name)
                if path in self._lost or self._building.disk(path) != text:
                    self._tell(path, text, Actor())

    def _select(self, path: str, action: dict[str, object]) -> None:
        """Take a selection: lines and columns of UTF-16."""
        text = self._building.buffer(path)
        if text is None or path in self._lost:
            return
        self._building.spend(len(text))
        places = [
            _place(text, fields_of(action.get(name))) for name in ("selectionStart", "selectionEnd")
        ]
        low, high = (one for one in places)
        if low is not None and high is not None:
            self._building.add(
                SelectStep, path=path, buffer=0, cursor=high, selections=((low, high),)
            )


def _files_of(events: Iterable[dict[str, object]]) -> set[str]:
    """Return the names of all files that events name."""
    found: set[object] = set()
    for event in events:
        action = fields_of(event.get("action"))
        view = fields_of(fields_of(event.get("observation")).get("viewport"))
        told = [action.get("file"), view.get("file")]
        told += [pair[0] for pair in _texts_of(action.get("files"))]
        found.update(name for name in told if isinstance(name, str))
    return {name for name in found if isinstance(name, str)}


def _texts_of(files: object) -> list[tuple[object, object]]:
    """Return names and texts of a snapshot."""
    if is_fields(files):
        return list(files.items())
    return [(fields_of(one).get("file"), fields_of(one).get("content")) for one in items_of(files)]


def _place(text: str, position: dict[str, object]) -> int | None:
    """Return the offset of a line and a column in a text; None where there is no such line."""
    line, column = position.get("line"), position.get("character")
    if type(line) is not int or type(column) is not int or line < 0 or column < 0:
        return None
    lines = split_lines(text)
    if line >= len(lines):
        return None
    within = column_in(lines[line], min(column, _MAX_LINE), Encoding.UTF16)
    return sum(map(len, lines[:line])) + within
