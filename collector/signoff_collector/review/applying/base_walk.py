"""Walk a base episode once and cache what every plan for it needs to know of its texts.

The plan changes with every decision of a person, the episode never does. So placeholders, text
typed in pauses, viewed lines and snapshots of the texts are computed once, and `apply` starts from
there.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.redaction.texts.texts import DISK, Key, Text, TextStates
from signoff_collector.redaction.writing.placeholders import looks_in
from signoff_collector.redaction.writing.rewriting import Start
from signoff_collector.review.applying.changes import first_changes
from signoff_schemas.errors import MisplacedMaskError
from signoff_schemas.plan import TextMask
from signoff_schemas.steps import AnyStep, FilesStep, OpenStep, StepBase, ViewStep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from signoff_collector.episode.content import Column, Edit, Episode
    from signoff_schemas.values import LineSpan

PLACEHOLDER: Final = re.compile(r"REDACTED_([A-Z]{2,12})_(\d{1,6})(?!\d)")
"""Matches a placeholder of redaction, and text that looks like one: kind and number."""
_MAY_END: Final = re.compile(r"[A-Z_0-9]")
"""Is in what is typed last of something that looks like a placeholder."""
_REACH: Final = 32
"""Upper bound for the length of a placeholder, in characters."""
_EVERY: Final = 2048
"""Number of steps between two cached snapshots of the texts."""


class ViewedLines(NamedTuple):
    """Lines of a not yet changed text that were visible on screen."""

    seq: int
    path: str
    text: Text
    lines: tuple[LineSpan, ...]


class LoadedText(NamedTuple):
    """The whole text of a file when it was loaded, before the file first changed."""

    seq: int
    path: str
    ids: array[int]


class MaskedText(NamedTuple):
    """The characters that a mask of a plan covers."""

    ids: array[int]
    text: str


@dataclass(frozen=True, slots=True)
class _Moment:
    """Snapshot of all texts before step `seq`."""

    seq: int
    states: TextStates


class BaseWalk:
    """Cached facts about the texts of one base episode; see the module.

    Building it walks the episode once, some 10 µs per edit. Snapshots share the parts that did not
    change between them.
    """

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        self.seqs = [step.seq for step in episode.steps]
        self.first_changes = first_changes(episode)
        """Path to the `seq` of its first change."""
        self.placeholders: dict[tuple[str, str], int] = {}
        """Kind and number to the group of its characters, from 1 on, by first appearance."""
        self.placeholder_paths: dict[tuple[str, str], set[str]] = {}
        """Kind and number to the files that ever contained the placeholder."""
        self._looks: set[str] = set()
        self.groups: array[int] = array("i")
        """By id: the group of the placeholder that the character is part of, or 0."""
        self.paused: dict[int, array[int]] = {}
        """`seq` of a step to the ids of the text that it brought in from a pause."""
        self.looked: list[ViewedLines] = []
        self.loaded: list[LoadedText] = []
        self._moments: list[_Moment] = []
        self._marked: dict[TextMask, MaskedText] = {}
        self._walk()

    @property
    def paths(self) -> list[str]:
        """The episode's files, then the other paths that its steps name."""
        return self._moments[0].states.paths

    @cached_property
    def times(self) -> Column:
        """Times of all steps in ns, by `seq`."""
        return self.episode.times()

    def is_mask(self, placeholder: str) -> bool:
        """Return whether it stands for a masked value; else it is text that only looks so."""
        return placeholder in self.episode.header.masks

    @cached_property
    def taken(self) -> frozenset[str]:
        """What looks like a placeholder and is text: nothing that is masked may be called so."""
        said = (text for step in self.episode.steps for _, text in strings_of(step))
        looks = {one for text in said for one in looks_in(text)}
        return frozenset(one for one in looks | self._looks if not self.is_mask(one))

    @property
    def id_count(self) -> int:
        """Return how many characters were ever inserted into a text."""
        return len(self.groups)

    def steps(self, first: int, last: int) -> Iterator[AnyStep | Edit]:
        """Yield the steps from `first` up to and with `last`, edits among them."""
        edits = self.episode.edits
        table = edits.select(slice(edits.count_until(first - 1), edits.count_until(last)))
        low, high = bisect_left(self.seqs, first), bisect_right(self.seqs, last)
        others = iter(self.episode.steps[low:high])
        step = next(others, None)
        for edit in table.edits():
            while step is not None and step.seq < edit.seq:
                yield step
                step = next(others, None)
            yield edit
        while step is not None:
            yield step
            step = next(others, None)

    def start(self, first: int, last: int) -> Start:
        """Return the state to start from when only the steps from `first` to `last` are kept."""
        moment = self._before(first)
        ends = sorted({0, moment.seq - 1}) if moment.seq else []
        left_out = tuple(step for seq in ends for step in self.steps(seq, seq))
        steps = self.steps(moment.seq, last)
        return Start(states=moment.states.copy(), left_out=left_out, steps=steps)

    def states_after(self, seq: int) -> TextStates:
        """Return a mutable copy of all texts after a step."""
        moment = self._before(seq + 1)
        states = moment.states.copy()
        self._go_on(states, moment.seq, seq)
        return states

    def marked(self, masks: tuple[TextMask, ...]) -> list[MaskedText]:
        """Return the characters under some masks.

        Raises:
            MisplacedMaskError: a mask lies outside its text.
        """
        unknown = dict.fromkeys(mask for mask in masks if mask not in self._marked)
        new = sorted(unknown, key=lambda mask: mask.after_seq)
        if new and new[-1].after_seq >= self.episode.step_count:
            bad = next(one for one in new if one.after_seq >= self.episode.step_count)
            raise MisplacedMaskError(
                f"the plan masks text after step {bad.after_seq}, which is not there",
                seq=bad.after_seq,
                file=bad.file,
            )
        moments = self.visit([mask.after_seq for mask in new])
        for mask, states in zip(new, moments, strict=True):
            self._marked[mask] = _marked(states, mask)
        return [self._marked[mask] for mask in masks]

    def visit(self, seqs: Sequence[int]) -> Iterator[TextStates]:
        """Yield all texts after each of some ascending steps; the yielded object is reused."""
        states, done = None, -1
        for seq in seqs:
            moment = self._before(seq + 1)
            if states is None or moment.seq > done + 1:
                states, done = moment.states.copy(), moment.seq - 1
            self._go_on(states, done + 1, seq)
            done = seq
            yield states

    def whole_masks(self, texts: Iterable[tuple[int, Key]]) -> tuple[TextMask, ...]:
        """Return masks that cover each of some texts completely, as it is after a step."""
        by_seq: dict[int, list[Key]] = {}
        for seq, key in texts:
            by_seq.setdefault(seq, []).append(key)
        found: list[TextMask] = []
        for seq, keys in sorted(by_seq.items()):
            states = self.states_after(seq)
            for key in keys:
                text = states.texts[key]
                buffer = None if key.buffer == DISK else key.buffer
                mask = TextMask(
                    after_seq=seq, file=key.file, buffer=buffer, start=0, length=text.length
                )
                self.remember(mask, text.ids, text.chars)
                found.append(mask)
        return tuple(found)

    def remember(self, mask: TextMask, ids: array[int], text: str) -> None:
        """Cache the characters of a mask that the caller knows, so that `marked` need not walk."""
        self._marked[mask] = MaskedText(ids, text)

    def _go_on(self, states: TextStates, first: int, last: int) -> None:
        if last < first:
            return
        for step in self.steps(first, last):
            if isinstance(step, StepBase):
                states.apply_step(step)
            else:
                states.apply_edit(step)

    def _before(self, seq: int) -> _Moment:
        """Return the latest snapshot before a step."""
        return self._moments[bisect_right(self._moments, seq, key=lambda one: one.seq) - 1]

    def _walk(self) -> None:
        states = TextStates(self.episode)
        marks: list[tuple[array[int], int]] = []
        for step in self.episode.ordered():
            if step.seq % _EVERY == 0:
                self._moments.append(_Moment(step.seq, states.copy()))
            before = states.id_count
            if not isinstance(step, StepBase):
                states.apply_edit(step)
                if not step.text or _MAY_END.search(step.text):
                    text = states.texts[Key(step.file, step.buffer)]
                    end = step.start + len(step.text) + _REACH
                    path = states.paths[step.file]
                    marks += self._placeholders_in(text, max(0, step.start - _REACH), end, path)
                continue
            for key in states.apply_step(step):
                text_or_none = states.texts.get(key)
                if text_or_none is not None:
                    path, length = states.paths[key.file], text_or_none.length
                    self._came_in(step, path, text_or_none, before)
                    marks += self._placeholders_in(text_or_none, 0, length, path)
            if isinstance(step, ViewStep):
                self._looked_at(step, states)
        if not self._moments:
            self._moments.append(_Moment(0, states))
        self.groups = array("i", bytes(4 * states.id_count))
        for ids, group in marks:
            for one in ids:
                self.groups[one] = self.groups[one] or group

    def _placeholders_in(
        self, text: Text, low: int, high: int, path: str
    ) -> Iterator[tuple[array[int], int]]:
        piece = text.part(low, high)
        if "REDACTED_" not in piece:
            return
        for match in PLACEHOLDER.finditer(piece):
            if not self.is_mask(match[0]):
                self._looks.add(match[0])
                continue
            name = (match[1], match[2])
            group = self.placeholders.setdefault(name, len(self.placeholders) + 1)
            self.placeholder_paths.setdefault(name, set()).add(path)
            yield text.ids_of(low + match.start(), low + match.end()), group

    def _came_in(self, step: AnyStep, path: str, text: Text, before: int) -> None:
        if step.seq < self.first_changes.get(path, step.seq + 1):
            self.loaded.append(LoadedText(step.seq, path, text.ids))
        if isinstance(step, (OpenStep, FilesStep)) and step.while_paused:
            fresh = array("i", [one for one in text.ids if one >= before])
            self.paused.setdefault(step.seq, array("i")).extend(fresh)

    def _looked_at(self, step: ViewStep, states: TextStates) -> None:
        if step.path is None or step.seq >= self.first_changes.get(step.path, step.seq + 1):
            return
        key = states.key(step.path, step.buffer or 0)
        text = None if key is None else states.texts.get(key)
        if text is not None:
            self.looked.append(ViewedLines(step.seq, step.path, text.copy(), step.visible))


def _marked(states: TextStates, mask: TextMask) -> MaskedText:
    key = Key(mask.file, DISK if mask.buffer is None else mask.buffer)
    text = states.texts.get(key)
    end = mask.start + mask.length
    if text is None or end > text.length:
        length = "no text" if text is None else f"{text.length} characters"
        raise MisplacedMaskError(
            f"the plan masks characters {mask.start} to {end} of file {mask.file}, which has"
            f" {length} after step {mask.after_seq}",
            seq=mask.after_seq,
            file=mask.file,
        )
    return MaskedText(text.ids_of(mask.start, end), text.part(mask.start, end))
