"""Does an action in a world: what it points at is what is drawn there, and nothing else is asked.

An action says what to do in pixels and keys. It names no offset, and only `go_to` a line. The keys
are those of the drawn workbench, which indents, completes and closes nothing by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from signoff_collector.picture.looking import Caret
from signoff_collector.picture.scene import OpenFile
from signoff_collector.picture.terminal_tail import TerminalLine
from signoff_datasets.frames.acts import BACKSPACE, DELETE, SAVE
from signoff_datasets.frames.pointing import hit_at
from signoff_datasets.frames.world import moved
from signoff_schemas.errors import DamagedError
from signoff_schemas.values import LineSpan

if TYPE_CHECKING:
    from signoff_collector.picture.scene import Scene
    from signoff_datasets.frames.acts import Act, ActKind
    from signoff_datasets.frames.pointing import Hit, Point
    from signoff_datasets.frames.world import World

_MOST_TERMINAL_LINES: Final = 300
"""As many as a scene holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """An action in the terms of a screen: this is what a record holds."""

    kind: ActKind
    points: tuple[Point, ...] = ()
    """What is clicked at; two: a drag from the first to the second. One of kind `caret` is not
    clicked: the cursor is there already."""
    text: str = ""
    key: str = ""
    count: int = 1
    line: int = 0
    column: int = 0
    """Of `go_to`, both from 1; columns are code points."""
    lines: tuple[int, int] | None = None
    """Of `scroll`: the first and last line in view then, from 0."""


def doing_of(act: Act, points: tuple[Point, ...], scene: Scene) -> Doing:
    """Return an act as an action on a frame; `points` are its targets there."""
    line = column = 0
    if act.kind == "go_to" and scene.text is not None:
        line = scene.text.count("\n", 0, act.start) + 1
        column = act.start - (scene.text.rfind("\n", 0, act.start) + 1) + 1
    return Doing(
        kind=act.kind,
        points=points,
        text=act.text,
        key=act.key,
        count=act.count,
        line=line,
        column=column,
        lines=act.lines if act.kind == "scroll" else None,
    )


def do(world: World, action: Doing) -> Scene:
    """Return the scene after an action, before anything else happens.

    Raises:
        DamagedError: what it points at is not drawn in this world.
    """
    scene = world.scene
    match action.kind:
        case "open_file":
            done = _opened(world, _hit(world, action).path)
        case "run_command":
            done = _ran(world, action)
        case "scroll":
            first, last = action.lines or (0, 0)
            done = replace(scene, visible=(LineSpan(first=first, last=last),))
        case "go_to":
            done = moved(scene, _offset(scene.text or "", action.line, action.column))
        case "select_range":
            done = _selected(scene, *_range(world, action))
        case "press_key":
            done = _pressed(world, action)
        case _:  # text is put in
            start, end = sorted(_range(world, action))
            done = _written(scene, start, end, action.text)
    return done


def _astray(action: Doing) -> DamagedError:
    return DamagedError(f"nothing that {action.kind} could be done to is drawn where it points")


def _hit(world: World, action: Doing) -> Hit:
    """Return what the first point of an action is at."""
    hit = hit_at(world.layout, action.points[0].x, action.points[0].y) if action.points else None
    if hit is None:
        raise _astray(action)
    return hit


def _range(world: World, action: Doing) -> tuple[int, int]:
    """Return where a click or a drag begins and ends in the text; without one, the selection."""
    caret = world.scene.caret
    if not action.points or action.points[0].kind == "caret":
        if caret.selections:
            return caret.selections[0]
        if caret.cursor is None:
            raise _astray(action)
        return caret.cursor, caret.cursor
    hits = [hit_at(world.layout, one.x, one.y) for one in action.points]
    offsets = [one.offset for one in hits if one is not None and one.kind == "text"]
    if len(offsets) != len(hits):
        raise _astray(action)
    return offsets[0], offsets[-1]


def _opened(world: World, path: str) -> Scene:
    if not path:
        raise DamagedError("no file is drawn where open_file points")
    scene = world.brought(path)
    if any(one.path == path for one in scene.open_files):
        return scene
    return replace(scene, open_files=(*scene.open_files, OpenFile(path=path, is_unsaved=False)))


def _ran(world: World, action: Doing) -> Scene:
    if _hit(world, action).kind != "terminal":
        raise _astray(action)
    typed = [TerminalLine(text=part, kind="command") for part in action.text.split("\n")]
    terminal = (*world.scene.terminal, *typed)[-_MOST_TERMINAL_LINES:]
    return replace(world.scene, terminal=terminal)


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return min(start + column - 1, len(text))


def _selected(scene: Scene, start: int, end: int) -> Scene:
    chosen = ((min(start, end), max(start, end)),) if start != end else ()
    return replace(scene, caret=Caret(cursor=end, selections=chosen, is_recorded=True))


def _pressed(world: World, action: Doing) -> Scene:
    scene = world.scene
    if action.key == SAVE:
        return _marked(scene, is_unsaved=False)
    if action.key not in {BACKSPACE, DELETE}:
        return scene  # the editor answers
    start, end = sorted(_range(world, action))
    if start == end and action.key == BACKSPACE:
        start = max(0, start - action.count)
    elif start == end:
        end = min(len(scene.text or ""), end + action.count)
    return _written(scene, start, end, "")


def _written(scene: Scene, start: int, end: int, text: str) -> Scene:
    before = scene.text or ""
    caret = Caret(cursor=start + len(text), is_recorded=True)
    after = replace(scene, text=before[:start] + text + before[end:], caret=caret)
    return _marked(after, is_unsaved=True)


def _marked(scene: Scene, *, is_unsaved: bool) -> Scene:
    """Return a scene in which the file in front has, or has no longer, the mark of the unsaved."""
    marked = [
        replace(one, is_unsaved=is_unsaved) if one.path == scene.path else one
        for one in scene.open_files
    ]
    return replace(scene, open_files=tuple(marked))
