"""Text that the base commit had before the session began, and what follows from it.

What a base has is not personal data that the session added. Where the base is declared
public, masking its text would even tell what stands there: whoever has the base can read
the hole back (threat 4). So text of a public base is never masked; a file of it that holds
a secret is left out as a whole (`Redactor`).

Text is of the base when its line is, or was at some time, a line that the base has in that
file. A character keeps this for good: through edits around it and to other lines.
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
"""What differences, searches and tracebacks put before a line that they quote."""
_REACH: Final = 2_000
"""A line that is longer is not looked for among those of the base."""


@dataclass(frozen=True)
class BaseText:
    """What the base commit holds of the files of one episode."""

    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Path in the workspace to text; files that it does not have are missing."""
    is_public: bool = False
    """Whether it was declared public (docs/decisions/0013-public-base.md)."""

    @cached_property
    def lines(self) -> Mapping[str, frozenset[str]]:
        """Path to the lines that the base has there, without line ends."""
        return {path: frozenset(lines_of(text)) for path, text in self.texts.items()}

    @cached_property
    def quoted(self) -> frozenset[str]:
        """The lines of all files, without the blanks around them."""
        return frozenset(line.strip() for lines in self.lines.values() for line in lines)

    def holds_quote(self, line: str) -> bool:
        """Return whether a line of an output or message quotes a line of the base."""
        if line.strip() in self.quoted:
            return True
        marked = _MARKERS.match(line)
        return marked is not None and line[marked.end() :].strip() in self.quoted


NO_BASE: Final = BaseText()
"""There is no base, or nothing is known of it."""


def lines_of(text: str) -> list[str]:
    """Return the lines of a text without their ends, whichever those are."""
    return text.replace("\r\n", "\n").split("\n")


class BaseMarks:
    """Which characters of an episode's texts are text of the base.

    Works on an episode before and after masking alike: masks never touch such text where it
    matters. One walk through the episode, some 5 us per edit.
    """

    def __init__(self, episode: Episode, base: BaseText) -> None:
        self.is_public = base.is_public
        self._is_base = bytearray()
        if base.texts:
            self._walk(episode, base)

    @property
    def is_empty(self) -> bool:
        """Return whether no character is the base's."""
        return 1 not in self._is_base

    def covers(self, ids: array[int]) -> bool:
        """Return whether all of some characters are text of the base."""
        marks = self._is_base
        return bool(marks) and all(marks[one] for one in ids)

    def own(self, ids: array[int]) -> array[int]:
        """Return those of some characters that the session brought in."""
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
    """Yield the whole lines that an insertion touches and where they begin."""
    floor = max(0, start - _REACH)
    near = text.part(floor, start + length + _REACH)
    low = near.rfind("\n", 0, start - floor) + 1
    high = near.find("\n", start - floor + length)
    yield floor + low, near[low : high if high >= 0 else len(near)]
