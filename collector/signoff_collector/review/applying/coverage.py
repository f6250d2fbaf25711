"""Check whether the masks of a plan already cover a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_collector.review.checking.group_values import Draft, Item
    from signoff_schemas.plan import FieldMask, Plan


class Coverage:
    """The set of characters that the masks of a plan name.

    Raises:
        UsageError: a mask lies outside its text.
    """

    def __init__(self, plan: Plan, base: BaseWalk) -> None:
        self._base = base
        self._masked = bytearray(base.id_count)
        for marked in base.marked(plan.mask_texts):
            for one in marked.ids:
                self._masked[one] = 1
        self._fields: dict[tuple[int, str], list[FieldMask]] = {}
        for mask in plan.mask_fields:
            self._fields.setdefault((mask.seq, mask.field), []).append(mask)

    def holds(self, draft: Draft | Item) -> bool:
        """Return whether every mask that a group or one of its items would add is covered."""
        if not draft.texts and not draft.fields:
            return False
        texts = self._base.marked(draft.texts)
        return all(self._masked[one] for marked in texts for one in marked.ids) and all(
            any(
                mask.start <= wanted.start
                and wanted.start + wanted.length <= mask.start + mask.length
                for mask in self._fields.get((wanted.seq, wanted.field), ())
            )
            for wanted in draft.fields
        )
