"""Recover the values that a plan masks as whole strings.

A value that was typed key by key is masked as many one-character masks.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.strings.step_strings import strings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_schemas.plan import FieldMask, Plan

LONGEST: Final = 256
"""A longer masked text is a file, and its words are not what the person wanted to hide."""
_TYPOS: Final = (0, 2)
"""Numbers of deleted characters allowed between two of a value, tried in turn."""


def masked_values(plan: Plan, base: BaseWalk) -> list[str]:
    """Return the values that a plan masks anywhere in the session, kept or not.

    Characters are numbered in the order in which they are written, so those of a typed value are
    consecutive.

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
    """Yield strings of characters with consecutive, or nearly consecutive, numbers."""
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
    """Yield masked text in strings of steps, including steps that are not kept."""
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
