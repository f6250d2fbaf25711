"""Tell text of the base commit from text that the session added.

Personal data in the base was not added by the session. If the base is declared public, a mask
over its text would publish the value: whoever has the base can read what is under the mask
(threat 4). So text of a public base is never masked, and a file of it that holds a secret is
withheld as a whole (`Redactor`).

A character belongs to the base if its line is, or ever was, a line of that file in the base. It
keeps this property through later edits.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.redaction.texts.texts import Text

_MARKERS: Final = re.compile(
    r"\s*(?:[-+>|<#*]\s?|\S{1,200}?[:-]\d{1,7}[:-]|\d{1,7}[:|\t ]\s?){1,3}"
)
"""What diffs, searches and tracebacks print before a line that they quote."""
_REACH: Final = 2_000
"""Longer lines are not compared with the base, so that an edit in one stays cheap."""


@dataclass(frozen=True)
class BaseText:
    """The texts of one episode's files at the base commit."""

    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Workspace-relative path to text; files that the base does not have are missing."""
    is_public: bool = False
    """Whether it was declared public (docs/decisions/0013-public-base.md)."""

    @cached_property
    def lines(self) -> Mapping[str, frozenset[str]]:
        """Path to the set of lines of that file, without line ends."""
        return {path: frozenset(lines_of(text)) for path, text in self.texts.items()}

    @cached_property
    def quoted(self) -> frozenset[str]:
        """The lines of all files, stripped of surrounding white space."""
        return frozenset(line.strip() for lines in self.lines.values() for line in lines)

    def holds_quote(self, line: str) -> bool:
        """Return whether a line of an output or message quotes a line of the base."""
        if line.strip() in self.quoted:
            return True
        marked = _MARKERS.match(line)
        return marked is not None and line[marked.end() :].strip() in self.quoted


NO_BASE: Final = BaseText()
"""Used where there is no base, or its texts are unknown."""


def lines_of(text: str) -> list[str]:
    """Split a text into lines without their ends, LF or CRLF."""
    return text.replace("\r\n", "\n").split("\n")


class BaseMarks:
    """Records which characters of an episode's texts belong to the base.

    Gives the same answer before and after masking, since masks never touch text of a public
    base. Costs one walk through the episode, some 5 us per edit.
    """

    def __init__(self, episode: Episode, base: BaseText) -> None:
        self.is_public = base.is_public
        self._is_base = bytearray()
        if base.texts:
            self._walk(episode, base)

    @property
    def is_empty(self) -> bool:
        """Return whether no character belongs to the base."""
        return 1 not in self._is_base

    def covers(self, ids: array[int]) -> bool:
        """Return whether all these characters belong to the base."""
        marks = self._is_base
        return bool(marks) and all(marks[one] for one in ids)

    def own(self, ids: array[int]) -> array[int]:
        """Return only those of these characters that the session added."""
        marks = self._is_base
        return array("i", [one for one in ids if not marks[one]]) if marks else ids

    def _walk(self, episode: Episode, base: BaseText) -> None:
        from signoff_collector.redaction.texts.texts import Key, TextStates
        from signoff_schemas.steps import StepBase

        states = TextStates(episode)
        for step, touched in states.walk():
            missing = states.id_count - len(self._is_base)
            if missing > 0:
                self._is_base.extend(bytes(missing))
            if isinstance(step, StepBase):
                for key in touched:
                    known = base.lines.get(states.paths[key.file])
                    if known and key in states.texts:
                        text = states.texts[key]
                        self._mark_lines(text, 0, text.chars, known)
                continue
            known = base.lines.get(states.paths[step.file])
            if known:
                text = states.texts[Key(step.file, step.buffer)]
                for low, lines in _lines_at(text, step.start, len(step.text)):
                    self._mark_lines(text, low, lines, known)

    def _mark_lines(self, text: Text, place: int, chars: str, known: frozenset[str]) -> None:
        marks = self._is_base
        for line in chars.split("\n"):
            if line.removesuffix("\r") in known:
                for one in text.ids_of(place, place + len(line) + 1):
                    marks[one] = 1
            place += len(line) + 1


def _lines_at(text: Text, start: int, length: int) -> Iterator[tuple[int, str]]:
    """Yield the offset and text of the whole lines that an insertion touches."""
    floor = max(0, start - _REACH)
    near = text.part(floor, start + length + _REACH)
    low = near.rfind("\n", 0, start - floor) + 1
    high = near.find("\n", start - floor + length)
    yield floor + low, near[low : high if high >= 0 else len(near)]
