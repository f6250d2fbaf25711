"""The last row: test state, problems, place of the cursor, time, and that something is assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.levels.test_runs.failing import bare_name, telling_line
from signoff_collector.picture.cells import Look, put
from signoff_collector.replay.drawing.line_index import LineIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.picture.panes.drawn import Drawn, Room
    from signoff_collector.picture.scene import Scene

_LOOK: Final = Look("status_text", "status")
_BOLD: Final = Look("status_text", "status", is_bold=True)
_NAMED: Final = ("cursor", "view", "columns", "from_disk")
"""What the row says of what is assumed; the facts of the picture say all of it."""

Part = tuple[str, bool]
"""Words, and whether they are ours."""


def draw_state(drawn: Drawn, room: Room, scene: Scene, assumed: Sequence[str]) -> None:
    """Draw the row of state; where it is narrow, tests and time."""
    right = _right(scene, assumed)
    if len(right) > room.cells // 2:  # what the tests say comes first
        right = _clock(scene.t_ns)
    begin = max(room.column, room.end - len(right) - 1)
    drawn.add(room.row, put(right, begin, room.end - begin, _LOOK, is_own=True)[0])
    column = room.column + 1
    for words, is_own in _left(scene):
        pieces, column = put(words, column, begin - 1 - column, _BOLD, is_own=is_own)
        drawn.add(room.row, pieces)


def _left(scene: Scene) -> list[Part]:
    if scene.tests is None:
        return [("no test run", True)]
    failing = scene.tests.failing
    found: list[Part] = [(f"tests: {scene.tests.passed} passed, {scene.tests.failed} failed", True)]
    if failing is not None:
        found.append((f"  {failing.count} red: ", True))
        for name, message in failing.tests[:1]:
            found.append((bare_name(name), False))
            line = telling_line(message)
            if line:
                found += [(" - ", True), (line, False)]
    return found


def _right(scene: Scene, assumed: Sequence[str]) -> str:
    parts: list[str] = []
    named = [name for name in _NAMED if name in assumed]
    if named:
        parts.append(f"assumed: {', '.join(named).replace('from_disk', 'text from disk')}")
    for severity, count in (("error", scene.errors), ("warning", scene.warnings)):
        if count:
            parts.append(f"{count} {severity}{'s' if count > 1 else ''}")
    cursor = scene.caret.cursor
    if cursor is not None and scene.text is not None:
        lines = LineIndex(scene.text)
        line = lines.line_of(cursor)
        parts.append(f"Ln {line + 1}, Col {cursor - lines.start(line) + 1}")
    return "   ".join([*parts, _clock(scene.t_ns)])


def _clock(t_ns: int) -> str:
    seconds = t_ns // 1_000_000_000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
