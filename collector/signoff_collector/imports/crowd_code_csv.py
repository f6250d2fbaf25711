r"""Reads version 1 of crowd-code: one CSV row per event of the editor.

`Sequence,Time,File,RangeOffset,RangeLength,Text,Language,Type`; `Time` in milliseconds since the
start. Line endings and tabs in `Text` are written as `\n`, `\r`, `\t` without doubling
backslashes, so that a backslash and an n in the code cannot be told from a line ending.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.columns.times import MILLISECOND_NS
from signoff_collector.imports.building import Building
from signoff_collector.imports.reading import parse_csv
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import FocusStep, GitStep, SelectStep, ViewStep
from signoff_schemas.words import Coverage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.imports.people import Foreign

_SOURCE: Final = "crowd-code"
_WHAT: Final = "the recording"
_COLUMNS: Final = ("Sequence", "Time", "File", "RangeOffset", "RangeLength", "Text", "Type")
_SELECTIONS: Final = frozenset({"selection_command", "selection_mouse", "selection_keyboard"})
_OF_FILES: Final = _SELECTIONS | {"tab", "content"}
_MAX_TIME_DIGITS: Final = 13
_MAX_OFFSET_DIGITS: Final = 10
_ESCAPED: Final = re.compile(r"\\([nrt])")
_MEANT: Final = {"n": "\n", "r": "\r", "t": "\t"}


def read_rows(plain: bytes) -> Foreign:
    """Return the episode of a recording of version 1.

    Raises:
        DamagedError: it is none.
    """
    files = {row["File"] for row in parse_csv(plain, _WHAT, *_COLUMNS) if row["Type"] in _OF_FILES}
    rows = _Rows(files)
    for number, row in enumerate(parse_csv(plain, _WHAT, *_COLUMNS), 1):
        rows.take(number, row)
    return rows.finish()


class _Rows:
    """What the rows told so far."""

    def __init__(self, files: Iterable[str]) -> None:
        self._building = Building("crowd-code-1", _SOURCE, has_wall_clock=False)
        self._building.paths.begin_in(files)
        self._building.at(0)
        self._building.say("who made an edit is not recorded, and what agents wrote is missing")
        self._building.say("a backslash before n, r or t in the text reads as a line ending or tab")
        self._lost: set[str] = set()
        """Files whose text is not known until their next snapshot."""
        self._command: str | None = None
        self._output: list[str] = []

    def take(self, number: int, row: dict[str, str]) -> None:
        """Take the next row."""
        kind, text = row["Type"], _unescaped(row["Text"])
        if kind != "terminal_output":
            self._settle_command()
        time_ms = _number(row["Time"], number, _MAX_TIME_DIGITS)
        self._building.at(time_ms * MILLISECOND_NS)
        match kind:
            case "tab":
                self._tab(self._building.paths.of(row["File"]), text, row.get("Language"))
            case "content":
                self._edit(number, row, text)
            case _ if kind in _SELECTIONS:
                self._select(number, row)
            case "terminal_command":
                self._command = text
            case "terminal_output":
                self._output.append(text)
            case "terminal_focus":
                self._building.add(FocusStep, gained=True, to="terminal")
            case "git_branch_checkout":
                self._building.add(GitStep, operation="checkout", branch=text[:200] or None)
            case "heading":
                pass
            case _:
                self._building.count("rows of an unknown kind left out")

    def finish(self) -> Foreign:
        """Return the episode."""
        self._settle_command()
        return self._building.finished(
            edits=Coverage.PARTIAL,
            view=Coverage.PARTIAL,
            select=Coverage.PARTIAL,
            output=Coverage.PARTIAL,
            git=Coverage.PARTIAL,
        )

    def _tab(self, path: str, text: str, language: str | None) -> None:
        """Take a snapshot, or only a change of the tab: later visits of a file bring no text."""
        building = self._building
        known = building.buffer(path)
        if known is None:
            building.open(path, text, language=language)
        elif text and (text != known or path in self._lost):
            building.resync(path, text)
            building.count(
                "snapshots that differ from what the edits before gave, so something was missed"
            )
            self._lost.discard(path)
        building.add(ViewStep, path=path, buffer=0)

    def _edit(self, number: int, row: dict[str, str], text: str) -> None:
        building, path = self._building, self._building.paths.of(row["File"])
        start = _number(row["RangeOffset"], number, _MAX_OFFSET_DIGITS)
        deleted = _number(row["RangeLength"], number, _MAX_OFFSET_DIGITS)
        if building.buffer(path) is None:
            building.open(path, "")
            self._lost.add(path)
            building.count("files edited before their text was recorded")
        if path in self._lost or not building.edit_units(path, start, deleted, text):
            self._lost.add(path)
            building.count("edits left out, since they do not fit the text that is known")
            building.miss(path)

    def _select(self, number: int, row: dict[str, str]) -> None:
        path = self._building.paths.of(row["File"])
        if self._building.buffer(path) is None or path in self._lost:
            return
        start = _number(row["RangeOffset"], number, _MAX_OFFSET_DIGITS)
        length = _number(row["RangeLength"], number, _MAX_OFFSET_DIGITS)
        low, high = (self._building.point(path, unit) for unit in (start, start + length))
        self._building.add(SelectStep, path=path, buffer=0, cursor=high, selections=((low, high),))

    def _settle_command(self) -> None:
        """Add the command of which the output, if any, has been told."""
        if self._command is not None or self._output:
            output = "".join(self._output) if self._output else None
            self._building.command(output, line=self._command, tty=True, via="terminal")
        self._command = None
        self._output.clear()


def _number(text: str, number: int, digits: int) -> int:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit()) or len(plain) > digits:
        raise DamagedError(f"row {number} of {_WHAT} has a time, offset or length that is none")
    return int(plain)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: _MEANT[found[1]], text)
