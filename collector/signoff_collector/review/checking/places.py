"""Index where values occur in a base episode, as spans for a plan."""

from __future__ import annotations

from array import array
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.redaction.texts.text_lines import lines_around
from signoff_collector.redaction.texts.texts import DISK, Key, TextStates
from signoff_collector.review.checking.joined import GRAM, Found, Joined
from signoff_schemas.plan import FieldMask, TextMask
from signoff_schemas.steps import AnyStep, SaveStep, StepBase

if TYPE_CHECKING:
    import re
    from collections.abc import Container, Iterable, Iterator

    from signoff_collector.episode.content import Episode
    from signoff_collector.redaction.texts.texts import Text
    from signoff_collector.review.applying.base_walk import BaseWalk

_NAME_FIELDS: Final = ("/path", "/old_path")
"""File names cannot be masked; a plan cuts the file instead."""


class Line(NamedTuple):
    """One line of a text, after one step."""

    seq: int
    key: Key
    start: int


class Field(NamedTuple):
    """One string of one step."""

    seq: int
    pointer: str


class TextPlaces:
    """Index of every line that any text of an episode ever had. Walks the episode once."""

    def __init__(self, episode: Episode) -> None:
        self._episode = episode
        self._lines: Joined[Line] = Joined()
        self._ids = array("i")
        """Character ids of all lines, each line followed by -1."""
        self._known: set[int] = set()
        self._walk()

    def runs(
        self, whole: Iterable[str], pieces: Iterable[str], common: Container[str]
    ) -> Iterator[tuple[Found[Line], array[int]]]:
        """Yield every match with the ids of its characters; arguments as in `masks`.

        What only repeats characters that were yielded for the value before is left out.
        """
        covered: defaultdict[str, set[int]] = defaultdict(set)
        for one in (*self._lines.find_pieces(pieces, common), *self._lines.find(whole)):
            ids = self._ids[one.at : one.at + one.end - one.start]
            if not covered[one.value].issuperset(ids):
                covered[one.value].update(ids)
                yield one, ids

    def matches(self, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], array[int]]]:
        """Yield every match of a pattern in a line, with the ids of its characters."""
        for match in self._lines.matches(pattern):
            yield match, self._ids[match.start() : match.end()]

    def _walk(self) -> None:
        states = TextStates(self._episode)
        for step, touched in states.walk():
            if not isinstance(step, StepBase):
                key = Key(step.file, step.buffer)
                text = states.texts[key]
                low, high = lines_around(text, step.start, len(step.text))
                self._add(step.seq, key, text, low, high)
            elif not isinstance(step, SaveStep):
                for key in touched:
                    text_or_none = states.texts.get(key)
                    if text_or_none is not None:
                        self._add(step.seq, key, text_or_none, 0, text_or_none.length)

    def _add(self, seq: int, key: Key, text: Text, low: int, high: int) -> None:
        """Add the lines of a part of a text; lines with the same characters are added once."""
        ids = text.ids_of(low, high)
        start = 0
        for line in text.part(low, high).split("\n"):
            end = start + len(line)
            if len(line) >= GRAM:
                own = ids[start:end]
                known = hash((line, own.tobytes()))
                if known not in self._known:
                    self._known.add(known)
                    self._lines.add(Line(seq, key, low + start), line)
                    self._ids.extend(own)
                    self._ids.append(-1)
            start = end + 1


class BaseTexts:
    """The lines of a base episode, as spans for a plan."""

    def __init__(self, base: BaseWalk) -> None:
        self._base = base
        self._places = TextPlaces(base.episode)

    def masks(
        self, whole: Iterable[str], pieces: Iterable[str], common: Container[str]
    ) -> dict[str, list[TextMask]]:
        """Return spans over all occurrences of values.

        Args:
            whole: masked where they stand as a whole.
            pieces: masked also where only `GRAM` consecutive characters of them occur.
            common: n-grams that are too frequent to identify a value.
        """
        found: dict[str, list[TextMask]] = {}
        for one, ids in self._places.runs(whole, pieces, common):
            found.setdefault(one.value, []).append(self._mask(one, ids))
        return found

    def _mask(self, one: Found[Line], ids: array[int]) -> TextMask:
        line = one.record
        length = one.end - one.start
        mask = TextMask(
            after_seq=line.seq,
            file=line.key.file,
            buffer=None if line.key.buffer == DISK else line.key.buffer,
            start=line.start + one.start,
            length=length,
        )
        self._base.remember(mask, ids, one.text)
        return mask


class StringPlaces:
    """Index of the free-text strings of some steps of a base episode."""

    def __init__(self, steps: Iterable[AnyStep]) -> None:
        self._strings: Joined[Field] = Joined()
        for step in steps:
            for pointer, text in strings_of(step):
                if len(text) >= GRAM and not pointer.endswith(_NAME_FIELDS):
                    self._strings.add(Field(step.seq, pointer), text)

    def masks(
        self, whole: Iterable[str], pieces: Iterable[str], common: Container[str]
    ) -> dict[str, list[FieldMask]]:
        """Return spans over all occurrences of values; arguments as in `TextPlaces.masks`."""
        found: dict[str, list[FieldMask]] = {}
        for one in self._all(whole, pieces, common):
            seq, pointer = one.record
            span = FieldMask(seq=seq, field=pointer, start=one.start, length=one.end - one.start)
            found.setdefault(one.value, []).append(span)
        return found

    def _all(
        self, whole: Iterable[str], pieces: Iterable[str], common: Container[str]
    ) -> Iterator[Found[Field]]:
        yield from self._strings.find_pieces(pieces, common)
        yield from self._strings.find(whole)
