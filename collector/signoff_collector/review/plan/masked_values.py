"""What a plan masks, as whole values: typed key by key, a value is many masks of one character."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.strings.step_strings import strings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_schemas.plan import FieldMask, Plan

LONGEST: Final = 256
"""A longer text that was masked is a file, and its words are not what was to be hidden."""
_TYPOS: Final = (0, 2)
"""So many characters that were taken back may lie between two of a value."""


def masked_values(plan: Plan, base: BaseWalk) -> list[str]:
    """Return the values that a plan masks anywhere in the session, whatever is kept of it.

    Characters are numbered as they are written, so those of a value that somebody typed follow
    each other.

    Raises:
        UsageError: a mask lies outside its text.
    """
    typed: dict[int, str] = {}
    found: dict[str, None] = {}
    for marked in base.marked(plan.mask_texts):
        if len(marked.text) <= LONGEST:
            found[marked.text] = None
            typed.update(zip(marked.ids, marked.text, strict=True))
    for gap in _TYPOS:
        found.update(dict.fromkeys(_runs(typed, gap)))
    found.update(dict.fromkeys(_said(plan.mask_fields, base)))
    return list(found)


def _runs(typed: Mapping[int, str], gap: int) -> Iterator[str]:
    """Yield what characters with nearly neighbouring numbers make."""
    run: list[str] = []
    last = -1
    for one in sorted(typed):
        if run and one > last + 1 + gap:
            yield "".join(run)
            run = []
        run.append(typed[one])
        last = one
    if run:
        yield "".join(run)


def _said(masks: tuple[FieldMask, ...], base: BaseWalk) -> Iterator[str]:
    """Yield what is masked in strings of steps, also of steps that are not kept."""
    by_seq: dict[int, list[FieldMask]] = {}
    for mask in masks:
        by_seq.setdefault(mask.seq, []).append(mask)
    for seq, wanted in by_seq.items():
        place = bisect_left(base.seqs, seq)
        if place == len(base.seqs) or base.seqs[place] != seq:
            continue
        texts = dict(strings_of(base.episode.steps[place]))
        for mask in wanted:
            yield texts.get(mask.field, "")[mask.start : mask.start + mask.length]
