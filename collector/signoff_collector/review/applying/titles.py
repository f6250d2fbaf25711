"""Add the title and outcome of a kept task as the first step of its episode."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.content import NONE, Edit
from signoff_collector.redaction.randomness.novel import common_words
from signoff_collector.redaction.writing.rewriting import REVIEW_SOURCE, Entry
from signoff_collector.review.checking.joined import GRAM, grams_of
from signoff_collector.review.plan.masked_values import LONGEST
from signoff_schemas.plan import TaskKeep
from signoff_schemas.steps import TaskStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from signoff_schemas.plan import Keep

_GONE: Final = "REDACTED_MASK_0"
_SHORTEST: Final = 3


def with_title(keep: Keep, entries: list[Entry], shown: Callable[[str], str]) -> list[Entry]:
    """Prepend a `task` step to the entries if the keep has a title or an outcome.

    Args:
        keep: has title and outcome.
        entries: of the keep, by time.
        shown: masks the text that the person wrote.
    """
    if not entries or (keep.title is None and keep.outcome is None):
        return entries
    first = entries[0].step
    task = keep.task if isinstance(keep, TaskKeep) else first.task
    step = TaskStep(
        seq=first.seq,
        t_ns=first.t_ns,
        source=REVIEW_SOURCE,
        task=None if isinstance(first, Edit) and task == NONE else task,
        text="" if keep.title is None else shown(keep.title),
        stated="review",
        outcome=keep.outcome,
        outcome_by=None if keep.outcome is None else "person",
    )
    return [Entry(step=step), *entries]


def without_secrets(pieces: Sequence[str], masked: Iterable[str]) -> list[str]:
    """Replace secrets and masked values in texts of the developer by placeholders.

    Uses only rules and the masks of the plan, because the shared episode may depend on nothing but
    plan and episode. The numbers of the placeholders are local to one call.
    """
    from signoff_collector.redaction.interface import RedactionPolicy
    from signoff_collector.redaction.redactor import Redactor

    redactor = Redactor(RedactionPolicy())
    values = [value.strip() for value in masked]
    known = [value for value in values if _SHORTEST <= len(value) <= LONGEST]
    return [redactor.mask_string(_without(piece, known)) for piece in pieces]


def _without(text: str, values: Sequence[str]) -> str:
    """Return the text without the values, and without parts of them that are no plain words."""
    hidden = bytearray(len(text))
    common = _common_grams() if values else frozenset()
    for value in values:
        for start in range(len(text) - len(value) + 1):
            if text.startswith(value, start):
                hidden[start : start + len(value)] = b"\1" * len(value)
        for gram in grams_of([value]):
            at = -1 if gram.lower() in common or not gram.isalnum() else text.find(gram)
            while at >= 0:
                hidden[at : at + GRAM] = b"\1" * GRAM
                at = text.find(gram, at + 1)
    runs = groupby(zip(text, hidden, strict=True), key=lambda pair: pair[1])
    return "".join(_GONE if is_hidden else "".join(c for c, _ in run) for is_hidden, run in runs)


@cache
def _common_grams() -> frozenset[str]:
    return grams_of(common_words())
