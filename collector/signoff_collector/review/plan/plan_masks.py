"""Compute which characters of an episode a plan masks, and their placeholders.

Besides the masks of the plan these are: existing placeholders (they are renumbered for every shared
episode), text typed while recording was paused, and lines of files that were only opened and never
visible (threats 8, 13, 18).
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.texts.shown import Masks
from signoff_collector.redaction.writing.explaining import way_of
from signoff_collector.redaction.writing.placeholders import looks_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_collector.review.applying.selection import Selection
    from signoff_schemas.plan import Plan


_OWN: Final = frozenset({"MASK", "PAUSED", "UNVIEWED"})
"""Kinds that only review creates."""


@dataclass(slots=True)
class Labels:
    """Groups of masked text and their placeholders in one shared episode."""

    masks: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of the base episode: placeholder to how its value was found."""
    taken: frozenset[str] = frozenset()
    """Text of the base episode that looks like a placeholder, so is never given as one."""
    _groups: dict[tuple[str, str], int] = field(default_factory=dict)
    _kinds: list[str] = field(default_factory=lambda: [""])
    _labels: dict[int, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def group(self, kind: str, what: str) -> int:
        """Return the group of a kind and of the value that identifies its members."""
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
            self._labels[group] = self._next(kind)
        return self._labels[group]

    def _next(self, kind: str) -> str:
        while True:
            self._numbers[kind] = self._numbers.get(kind, 0) + 1
            label = f"REDACTED_{kind}_{self._numbers[kind]}"
            if label not in self.taken:
                return label

    def values(self, kind: str) -> list[str]:
        """Return the identifying values of all groups of a kind."""
        return [what for name, what in self._groups if name == kind]

    def originals(self) -> dict[str, str]:
        """Return the base placeholder of each renumbered placeholder."""
        return {
            self._labels[group]: f"REDACTED_{kind}_{what}"
            for (kind, what), group in self._groups.items()
            if group in self._labels and kind not in _OWN and what.isdecimal()
        }

    def summary(self) -> dict[str, int]:
        """Return the number of displayed groups per kind of placeholder."""
        return dict(sorted(self._counts.items()))

    def ways(self) -> dict[str, str]:
        """Return for each placeholder and sign in use how its value was found."""
        signs = {one: how for one, how in self.masks.items() if not one[-1].isdecimal()}
        return {
            **{
                self._labels[group]: self.masks.get(f"REDACTED_{kind}_{what}") or way_of(kind)
                for (kind, what), group in self._groups.items()
                if group in self._labels
            },
            **signs,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMasks:
    """Masked character ids of one episode, and whether any mask is more than a renumbering."""

    masks: Masks
    labels: Labels
    has_new: bool


def masks_of(
    plan: Plan, base: BaseWalk, selection: Selection, as_opened: frozenset[str] = frozenset()
) -> PlanMasks:
    """Return what the plan masks in the texts of an episode.

    Args:
        plan: names masks and choices.
        base: the first sealed episode.
        selection: of the keep.
        as_opened: files included whole, as they were opened: lines of them that nobody
            viewed need no mask.

    Raises:
        UsageError: a mask of the plan lies outside its text.
    """
    return _Marking(plan, base, selection, as_opened).run()


def _taken(plan: Plan, base: BaseWalk) -> frozenset[str]:
    titles = [looks_in(keep.title or "") for keep in plan.keeps]
    return base.taken.union(one for looks in titles for one in looks if not base.is_mask(one))


class _Marking:
    def __init__(
        self, plan: Plan, base: BaseWalk, selection: Selection, as_opened: frozenset[str]
    ) -> None:
        self._plan = plan
        self._base = base
        self._selection = selection
        self._as_opened = as_opened
        self._labels = Labels(masks=base.episode.header.masks, taken=_taken(plan, base))
        for kind, number in base.placeholders:
            self._labels.group(kind, number)
        self._masks = Masks(0, self._labels.label)
        self._masks.groups = base.groups[:]
        self._masks.is_empty = not base.placeholders
        self._new = 0

    def run(self) -> PlanMasks:
        for seq, ids in self._base.paused.items():
            if seq not in self._plan.paused_texts:
                self._mark_new(ids, self._labels.group("PAUSED", str(seq)))
        for marked in self._base.marked(self._plan.mask_texts):
            self._mark_new(marked.ids, self._labels.group("MASK", marked.text))
        self._mark_unseen()
        return PlanMasks(masks=self._masks, labels=self._labels, has_new=self._new > 0)

    def _mark_unseen(self) -> None:
        """Mask the lines of merely opened files that no kept step made visible."""
        partly = self._partly_seen()
        seen = self._seen(partly)
        for loaded in self._base.loaded:
            if loaded.path in partly and loaded.seq <= self._selection.last:
                hidden = [one for one in loaded.ids if not seen[one]]
                group = self._labels.group("UNVIEWED", loaded.path)
                self._mark_new(array("i", hidden), group)

    def _partly_seen(self) -> frozenset[str]:
        paths = self._base.paths
        whole = {paths[file] for file in (*self._plan.whole_files, *self._plan.overlay_files)}
        return self._selection.entering - self._selection.changed - whole - self._as_opened

    def _seen(self, partly: frozenset[str]) -> bytearray:
        seen = bytearray(self._base.id_count)
        for looked in self._base.looked:
            if looked.path not in partly or not self._selection.in_range[looked.seq]:
                continue
            chars, ids = looked.text.chars, looked.text.ids
            starts = [0, *(place + 1 for place, char in enumerate(chars) if char == "\n")]
            starts.append(len(chars) + 1)
            count = len(starts) - 1
            for span in looked.lines:
                first = starts[min(span.first, count)]
                end = min(starts[min(span.last + 1, count)], len(chars))
                # with the break before, else what stands for the lines above would be part of it
                for one in ids[max(0, first - 1) : end]:
                    seen[one] = 1
        return seen

    def _mark_new(self, ids: array[int], group: int) -> None:
        before = self._masks.round
        self._masks.mark(ids, group)
        self._new += self._masks.round - before
