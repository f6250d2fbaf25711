"""Which characters of an episode a plan masks, and what stands for them.

Besides what the plan names, these are: placeholders that are there already (they are
numbered anew for every shared episode), text typed while recording was paused, and lines
of files that were only opened and never seen (THREATS 8, 13, 18).
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.shown import Masks
from signoff_collector.redaction.texts import DISK, Key, Text, TextStates
from signoff_collector.review.selection import Selection, changed_paths
from signoff_schemas.errors import UsageError
from signoff_schemas.steps import FilesStep, OpenStep, StepBase, ViewStep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.episode.content import Episode
    from signoff_schemas.plan import Plan, TextMask

PLACEHOLDER: Final = re.compile(r"REDACTED_([A-Z]{2,12})_(\d{1,6})(?!\d)")
"""What redaction put in: kind and number."""
_PLACEHOLDER_REACH: Final = 32


@dataclass(slots=True)
class Labels:
    """Groups of masked text and the placeholders of one shared episode."""

    _groups: dict[tuple[str, str], int] = field(default_factory=dict)
    _kinds: list[str] = field(default_factory=lambda: [""])
    _labels: dict[int, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def group(self, kind: str, what: str) -> int:
        """Return the group of a kind and of what tells its members from others."""
        key = (kind, what)
        if key not in self._groups:
            self._groups[key] = len(self._kinds)
            self._kinds.append(kind)
        return self._groups[key]

    def label(self, group: int) -> str:
        """Return the placeholder of a group, numbered in order of first use."""
        if group not in self._labels:
            kind = self._kinds[group]
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._labels[group] = f"REDACTED_{kind}_{self._counts[kind]}"
        return self._labels[group]

    def summary(self) -> dict[str, int]:
        """Return placeholder kind to number of groups shown."""
        return dict(sorted(self._counts.items()))

    def ways(self, known: Mapping[str, str]) -> dict[str, str]:
        """Return how the values were found, for placeholders that redaction had put in.

        Args:
            known: the same of the episode that was sealed first.
        """
        found = {
            self._labels[group]: known.get(f"REDACTED_{kind}_{what}", "")
            for (kind, what), group in self._groups.items()
            if group in self._labels
        }
        return {label: how for label, how in found.items() if how}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMasks:
    """Masked ids of one episode, and whether any is more than renumbered."""

    masks: Masks
    labels: Labels
    has_new: bool


def masks_of(plan: Plan, episode: Episode, selection: Selection) -> PlanMasks:
    """Return what the plan masks in the texts of an episode.

    Raises:
        UsageError: a mask of the plan lies outside its text.
    """
    return _Marking(plan, episode, selection).run()


class _Marking:
    def __init__(self, plan: Plan, episode: Episode, selection: Selection) -> None:
        self._plan = plan
        self._selection = selection
        self._states = TextStates(episode)
        self._labels = Labels()
        self._masks = Masks(0, self._labels.label)
        self._new = 0
        self._by_seq: dict[int, list[TextMask]] = {}
        for mask in plan.mask_texts:
            self._by_seq.setdefault(mask.after_seq, []).append(mask)
        ticked = (*plan.whole_files, *plan.overlay_files)
        whole = {self._states.paths[file] for file in ticked}
        changed = changed_paths(episode, selection.last)
        self._partly_seen = selection.entering - changed - whole
        self._seen = bytearray()
        self._unseen: dict[str, list[array[int]]] = {}
        self._has_placeholders = "REDACTED_" in episode.edits.text or any(
            b"REDACTED_" in blob for blob in episode.blobs
        )

    def run(self) -> PlanMasks:
        for step in self._states.episode.ordered():
            before = self._states.id_count
            if isinstance(step, StepBase):
                touched = self._states.apply_step(step)
            else:
                self._states.apply_edit(step)
                touched = ()
            self._masks.grow(self._states.id_count)
            if self._has_placeholders:
                self._mark_placeholders(step, touched)
            if isinstance(step, StepBase):
                self._note_unseen(touched)
                self._mark_paused(step, touched, before)
                self._note_view(step)
            for mask in self._by_seq.pop(step.seq, ()):
                self._mark_span(mask)
        if self._by_seq:
            seq = min(self._by_seq)
            raise UsageError(f"the plan masks text after step {seq}, which is not there")
        self._mark_unseen()
        return PlanMasks(masks=self._masks, labels=self._labels, has_new=self._new > 0)

    def _mark_placeholders(self, step: object, touched: tuple[Key, ...]) -> None:
        if isinstance(step, StepBase):
            for key in touched:
                if key in self._states.texts:
                    whole = self._states.texts[key]
                    self._placeholders_in(whole, 0, whole.length)
            return
        start, text = getattr(step, "start", 0), getattr(step, "text", "")
        key = Key(getattr(step, "file", 0), getattr(step, "buffer", 0))
        low = max(0, start - _PLACEHOLDER_REACH)
        high = start + len(text) + _PLACEHOLDER_REACH
        self._placeholders_in(self._states.texts[key], low, high)

    def _placeholders_in(self, text: Text, low: int, high: int) -> None:
        piece = text.part(low, high)
        if "REDACTED_" not in piece:
            return
        for match in PLACEHOLDER.finditer(piece):
            group = self._labels.group(match[1], match[2])
            self._masks.mark(text.ids_of(low + match.start(), low + match.end()), group)

    def _mark_paused(self, step: StepBase, touched: tuple[Key, ...], before: int) -> None:
        if not isinstance(step, (OpenStep, FilesStep)) or not step.while_paused:
            return
        if step.seq in self._plan.paused_texts:
            return
        group = self._labels.group("PAUSED", str(step.seq))
        for key in touched:
            text = self._states.texts.get(key)
            if text is not None:
                self._mark_new(array("i", [one for one in text.ids if one >= before]), group)

    def _note_unseen(self, touched: tuple[Key, ...]) -> None:
        for key in touched:
            path = self._states.paths[key.file]
            if path in self._partly_seen and key in self._states.texts:
                self._unseen.setdefault(path, []).append(self._states.texts[key].ids[:])

    def _note_view(self, step: StepBase) -> None:
        if not isinstance(step, ViewStep) or step.path not in self._partly_seen:
            return
        if not self._selection.in_range[step.seq]:
            return
        key = self._states.key(step.path, step.buffer or 0)
        text = None if key is None else self._states.texts.get(key)
        if text is None:
            return
        missing = self._states.id_count - len(self._seen)
        self._seen.extend(bytes(max(0, missing)))
        lines = text.chars.split("\n")
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        for span in step.visible:
            first = starts[min(span.first, len(lines))]
            end = min(starts[min(span.last + 1, len(lines))], len(text.chars))
            for one in text.ids[first:end]:
                self._seen[one] = 1

    def _mark_unseen(self) -> None:
        seen = self._seen
        for path, texts in sorted(self._unseen.items()):
            group = self._labels.group("UNVIEWED", path)
            for ids in texts:
                hidden = [one for one in ids if one >= len(seen) or not seen[one]]
                self._mark_new(array("i", hidden), group)

    def _mark_span(self, mask: TextMask) -> None:
        key = Key(mask.file, DISK if mask.buffer is None else mask.buffer)
        text = self._states.texts.get(key)
        end = mask.start + mask.length
        if text is None or end > text.length:
            raise UsageError(
                f"the plan masks {mask.start} to {end} of a text that is shorter"
                f" after step {mask.after_seq}"
            )
        group = self._labels.group("MASK", text.part(mask.start, end))
        self._mark_new(text.ids_of(mask.start, end), group)

    def _mark_new(self, ids: array[int], group: int) -> None:
        before = self._masks.round
        self._masks.mark(ids, group)
        self._new += self._masks.round - before
