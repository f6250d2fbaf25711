"""Check that the masks of a plan lie inside texts of its episode, before it is saved."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_schemas.errors import MisplacedMaskError

if TYPE_CHECKING:
    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_schemas.plan import FieldMask, Plan


def check_masks(plan: Plan, base: BaseWalk) -> None:
    """Refuse a plan with a mask outside the text, including steps that are not kept.

    Raises:
        MisplacedMaskError: it names the first such place.
    """
    base.marked(plan.mask_texts)
    by_step: dict[int, list[FieldMask]] = {}
    for mask in plan.mask_fields:
        by_step.setdefault(mask.seq, []).append(mask)
    for seq, masks in sorted(by_step.items()):
        lengths = _lengths(base, seq)
        for mask in masks:
            length = lengths.get(mask.field)
            if length is None or mask.start + mask.length > length:
                raise misplaced_field(mask, length)


def misplaced_field(mask: FieldMask, length: int | None) -> MisplacedMaskError:
    """Return the error for a mask that lies outside its string.

    Args:
        mask: of the plan.
        length: of the string, in code points; None when there is no such string.
    """
    said = "which is no text of that step"
    if length is not None:
        said = f"which has {length} characters"
    return MisplacedMaskError(
        f"the plan masks characters {mask.start} to {mask.start + mask.length} of {mask.field}"
        f" of step {mask.seq}, {said}",
        seq=mask.seq,
        field=mask.field,
    )


def _lengths(base: BaseWalk, seq: int) -> dict[str, int]:
    """Return the length of every string of a step; empty for an edit."""
    place = bisect_left(base.seqs, seq)
    if place == len(base.seqs) or base.seqs[place] != seq:
        return {}
    return {pointer: len(text) for pointer, text in strings_of(base.episode.steps[place])}
