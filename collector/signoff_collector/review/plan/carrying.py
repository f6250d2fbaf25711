"""Map a plan to another episode of the same session that has other masks.

If the text under a mask differs, the mask grows to cover the whole changed stretch. Entries that
cannot be mapped are reported.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.redaction.texts.texts import DISK, Key
from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.text.text_ends import shared_head, shared_tail
from signoff_schemas.plan import FieldMask, NoteAt, RangeKeep, RangesKeep, StepSpan, TextMask

Span = TypeVar("Span", bound=StepSpan)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_collector.episode.content import Episode
    from signoff_schemas.plan import Keep, Plan


class Carrying:
    """Maps the numbers of one base episode to those of another.

    Args:
        old: the episode that the plan is for.
        new: the other one.
        origins: for the steps of both, by `seq`, the recorded step that each comes from.
    """

    def __init__(
        self, old: Episode, new: Episode, *, origins: tuple[Sequence[int], Sequence[int]]
    ) -> None:
        self._old, self._new = old, new
        self._from = list(accumulate(origins[0], max))
        self._to = list(accumulate(origins[1], max))
        self.lost: list[str] = []

    def plan(self, plan: Plan, base_sha256: str) -> Plan:
        """Return the plan in the new numbers; `lost` lists the entries that could not be mapped.

        The base tree is always lost: with other values shown, other files may be shared.
        """
        if plan.with_base is not None:
            self.lost.append("the files of the base tree, to be chosen again")
        return plan.model_copy(
            update={
                "base_sha256": base_sha256,
                "keeps": tuple(self._keep(keep) for keep in plan.keeps),
                "cut_ranges": tuple(self._span(cut, wide=True) for cut in plan.cut_ranges),
                "mask_texts": tuple(dict.fromkeys(self._texts(plan.mask_texts))),
                "mask_fields": tuple(dict.fromkeys(self._fields(plan.mask_fields))),
                "notes": tuple(self._notes(plan.notes)),
                "with_base": None,
                "paused_texts": tuple(self._at(seq) for seq in plan.paused_texts),
            }
        )

    def _keep(self, keep: Keep) -> Keep:
        if isinstance(keep, RangesKeep):
            spans = tuple(self._span(span, wide=False) for span in keep.ranges)
            return keep.model_copy(update={"ranges": spans})
        return self._span(keep, wide=False) if isinstance(keep, RangeKeep) else keep

    def _span(self, span: Span, *, wide: bool) -> Span:
        """Map a span of steps; a wide one includes steps that were hidden beside it."""
        first, last = span.from_seq, span.to_seq
        if wide:
            low = bisect_right(self._to, self._from[first - 1]) if first else 0
            is_last = last + 1 >= len(self._from)
            high = len(self._to) if is_last else bisect_left(self._to, self._from[last + 1])
        else:
            low = bisect_left(self._to, self._from[first])
            high = bisect_right(self._to, self._from[last])
        low = min(low, len(self._to) - 1)
        return span.model_copy(update={"from_seq": low, "to_seq": max(low, high - 1)})

    def _at(self, seq: int) -> int:
        """Map an old step to the last new step with the same or an earlier origin."""
        return max(0, bisect_right(self._to, self._from[seq]) - 1)

    def _notes(self, notes: Sequence[NoteAt]) -> Iterator[NoteAt]:
        """Map notes to the new steps; of two that come to one step the later is lost."""
        taken: set[int] = set()
        for note in notes:
            at = self._at(note.after_seq)
            if at in taken:
                self.lost.append(f"the note after step {note.after_seq}")
                continue
            taken.add(at)
            yield note.model_copy(update={"after_seq": at})

    def _texts(self, masks: Sequence[TextMask]) -> Iterator[TextMask]:
        ordered = sorted(masks, key=lambda mask: mask.after_seq)
        if not ordered:
            return
        before = BaseWalk(self._old).visit([mask.after_seq for mask in ordered])
        after = BaseWalk(self._new).visit([self._at(mask.after_seq) for mask in ordered])
        for mask, old, new in zip(ordered, before, after, strict=True):
            key = Key(mask.file, DISK if mask.buffer is None else mask.buffer)
            was, now = old.texts.get(key), new.texts.get(key)
            if was is None or now is None:
                self.lost.append(f"a mask in file {mask.file} after step {mask.after_seq}")
                continue
            start, end = _moved(was.chars, now.chars, mask.start, mask.start + mask.length)
            at = self._at(mask.after_seq)
            yield mask.model_copy(update={"after_seq": at, "start": start, "length": end - start})

    def _fields(self, masks: Sequence[FieldMask]) -> Iterator[FieldMask]:
        if not masks:
            return
        old, new = _strings(self._old, masks), _strings(self._new, ())
        for mask in masks:
            at = self._at(mask.seq)
            was, now = old.get((mask.seq, mask.field)), new.get((at, mask.field))
            if was is None or now is None:
                self.lost.append(f"a mask in {mask.field} of step {mask.seq}")
                continue
            start, end = _moved(was, now, mask.start, mask.start + mask.length)
            yield mask.model_copy(update={"seq": at, "start": start, "length": end - start})


def _strings(episode: Episode, masks: Sequence[FieldMask]) -> dict[tuple[int, str], str]:
    """Return the strings of the steps that masks refer to, or of all steps if there are none."""
    wanted = {mask.seq for mask in masks}
    return {
        (step.seq, pointer): text
        for step in episode.steps
        if not wanted or step.seq in wanted
        for pointer, text in strings_of(step)
    }


def _moved(old: str, new: str, start: int, end: int) -> tuple[int, int]:
    """Map a range between two texts; it grows to cover any difference that it touches."""
    head = shared_head(old, new)
    tail = shared_tail(old, new, head)
    shift, changed = len(new) - len(old), len(old) - tail
    if end <= head:
        return start, end
    if start >= changed:
        return start + shift, end + shift
    low, high = min(start, head), max(end, changed) + shift
    return low, max(high, low + 1)
