"""The end of what the terminal showed: command lines and their outputs, the latest last."""

from __future__ import annotations

import re
import shlex
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_schemas.steps import CommandStep, TestsStep

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_schemas.values import Output

_ORDER: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]"
)
"""Escape sequences (ECMA-48): a drawn terminal shows what they do only as plain text."""
_MOST_LINES: Final = 200
_MOST_CHARACTERS: Final = 40_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalLine:
    """One line of the terminal, before it is wrapped."""

    text: str
    """Recorded characters, unless `is_own`."""
    kind: str
    """`command`, `output`, `left_out`, `failed`."""
    is_own: bool = False


class Terminal:
    """The commands of an episode by `seq`, and the lines that they left on the terminal."""

    def __init__(self, episode: Episode) -> None:
        in_commands = {
            run
            for step in episode.steps
            if isinstance(step, CommandStep)
            for run in step.run_ids or ()
        }
        self._steps = [
            step
            for step in episode.steps
            if isinstance(step, CommandStep)
            or (isinstance(step, TestsStep) and step.argv and step.run_id not in in_commands)
        ]
        self._drawn: dict[int, tuple[TerminalLine, ...]] = {}

    def at(self, seq: int, rows: int) -> tuple[TerminalLine, ...]:
        """Return the last lines after a step, at most `rows` of them, oldest first."""
        place = bisect_right(self._steps, seq, key=lambda step: step.seq)
        found: list[TerminalLine] = []
        while place and len(found) < rows:
            place -= 1
            found = [*self._lines_of(place), *found]
        return tuple(found[-rows:] if rows > 0 else ())

    def _lines_of(self, place: int) -> tuple[TerminalLine, ...]:
        if place not in self._drawn:
            self._drawn[place] = tuple(_lines(self._steps[place]))
        return self._drawn[place]


def _lines(step: CommandStep | TestsStep) -> list[TerminalLine]:
    line = (step.line if isinstance(step, CommandStep) else None) or shlex.join(step.argv)
    found = [TerminalLine(text=part, kind="command") for part in line.split("\n")]
    output = step.output if isinstance(step, CommandStep) else None
    if output is None:
        found.append(
            TerminalLine(text="(its output was not recorded)", kind="left_out", is_own=True)
        )
    else:
        found += _printed(output)
    if step.exit_code:
        said = f"exit code {step.exit_code}"
        found.append(TerminalLine(text=said, kind="failed", is_own=True))
    return found


def _printed(output: Output) -> list[TerminalLine]:
    parts = [_plain(output.head)]
    if output.middle_bytes or output.middle_lines or output.tail:
        parts.append(_plain(output.tail))
    found = [
        [TerminalLine(text=line, kind="output") for line in part[-_MOST_LINES:]] for part in parts
    ]
    if output.middle_bytes or output.middle_lines:
        said = f"… {output.middle_lines} lines, {output.middle_bytes} bytes not kept …"
        found.insert(1, [TerminalLine(text=said, kind="left_out", is_own=True)])
    return [line for part in found for line in part]


def _plain(text: str) -> list[str]:
    """Return the lines that a terminal shows: without orders, and without what was overwritten."""
    shown = _ORDER.sub("", text[-_MOST_CHARACTERS:]).replace("\r\n", "\n")
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in shown.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    return lines
