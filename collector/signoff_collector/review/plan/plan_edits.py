"""Edit plans with pure functions from plan to plan; the plan store checks and saves them.

`plan_edits.ts` of the page makes the same plans from the same choices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import ValidationError

from signoff_schemas.errors import UsageError
from signoff_schemas.plan import (
    MOST_NOTES,
    NOTE_MAX,
    NoteAt,
    Plan,
    RangeCut,
    RangeKeep,
    RangesKeep,
    StepSpan,
    TaskKeep,
)
from signoff_schemas.steps import FILE_STATE_KINDS, STEP_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signoff_schemas.plan import FieldMask, Keep, NamedRepository, TextMask, WithBase

Outcome = Literal["solved", "partly", "abandoned"]
Resolution = Literal["1s", "100ms", "exact"]
Item = TypeVar("Item")
NumberList = Literal["cut_files", "whole_files", "overlay_files", "paused_texts"]


def spans_of(keep: Keep) -> tuple[StepSpan, ...]:
    """Return the spans that a keep names; none for a keep by task."""
    if isinstance(keep, RangesKeep):
        return keep.ranges
    if isinstance(keep, RangeKeep):
        return (StepSpan(from_seq=keep.from_seq, to_seq=keep.to_seq),)
    return ()


def steps_of(keep: Keep) -> Keep:
    """Return a keep by which its task is known, whatever was said of it since."""
    return keep.model_copy(update={"title": None, "outcome": None, "leave_out": ()})


def merged(spans: Iterable[StepSpan]) -> tuple[StepSpan, ...]:
    """Return spans in order, with adjacent ones merged."""
    made: list[StepSpan] = []
    for span in sorted(spans, key=lambda one: one.from_seq):
        if made and span.from_seq <= made[-1].to_seq + 1:
            last = max(made[-1].to_seq, span.to_seq)
            made[-1] = StepSpan(from_seq=made[-1].from_seq, to_seq=last)
        else:
            made.append(StepSpan(from_seq=span.from_seq, to_seq=span.to_seq))
    return tuple(made)


def keep_spans(
    plan: Plan,
    spans: Iterable[StepSpan],
    title: str | None = None,
    outcome: Outcome | None = None,
) -> Plan:
    """Keep these steps as one episode; steps that are kept already are not kept twice."""
    made = _keep_of(spans, title, outcome)
    return plan if made in plan.keeps else _with(plan, keeps=(*plan.keeps, made))


def keep_task(plan: Plan, task: int) -> Plan:
    """Keep the steps of a recorded task as one episode."""
    made = TaskKeep(task=task)
    return plan if made in plan.keeps else _with(plan, keeps=(*plan.keeps, made))


def drop_keep(plan: Plan, place: int) -> Plan:
    """Remove a keep."""
    return _with(plan, keeps=_without(plan.keeps, {place}))


def drop_all(plan: Plan) -> Plan:
    """Remove all keeps."""
    return _with(plan, keeps=())


def split_keep(plan: Plan, place: int, at: int, spans: Sequence[StepSpan]) -> Plan:
    """Split one keep in two: the second begins with step `at`.

    Args:
        plan: not changed.
        place: of the keep.
        at: a step inside it; otherwise nothing changes.
        spans: of the keep, since a keep by task names none.
    """
    keep = plan.keeps[place]
    before = [
        StepSpan(from_seq=one.from_seq, to_seq=min(one.to_seq, at - 1))
        for one in spans
        if one.from_seq < at
    ]
    after = [
        StepSpan(from_seq=max(one.from_seq, at), to_seq=one.to_seq)
        for one in spans
        if one.to_seq >= at
    ]
    if not before or not after:
        return plan
    halves = (_keep_of(before, keep.title, keep.outcome), _keep_of(after, None, None))
    return _with(plan, keeps=(*plan.keeps[:place], *halves, *plan.keeps[place + 1 :]))


def join_keep(
    plan: Plan, place: int, spans: Iterable[StepSpan], others: Iterable[int] = ()
) -> Plan:
    """Set the spans of a keep, and remove the keeps that were joined into it."""
    keep = plan.keeps[place]
    joined = _keep_of(spans, keep.title, keep.outcome)
    keeps = (*plan.keeps[:place], joined, *plan.keeps[place + 1 :])
    return _with(plan, keeps=_without(keeps, set(others)))


def name_keep(plan: Plan, place: int, title: str) -> Plan:
    """Set the title of a keep; a blank title removes it.

    Raises:
        UsageError: it is no line of text.
    """
    return _change_keep(plan, place, title=title.strip()[:200] or None)


def end_keep(plan: Plan, place: int, outcome: Outcome | None) -> Plan:
    """Set the outcome of a keep."""
    return _change_keep(plan, place, outcome=outcome)


def note_at(plan: Plan, seq: int, text: str) -> Plan:
    """Set what the person says afterwards of the moment after a step; blank words remove it.

    Raises:
        UsageError: it is no line of text, or too long, or there are too many.
    """
    rest = [one for one in plan.notes if one.after_seq != seq]
    try:
        made = [NoteAt(after_seq=seq, text=text.strip())] if text.strip() else []
        notes = tuple(sorted((*rest, *made), key=lambda one: one.after_seq))
        return Plan.model_validate({**plan.model_dump(), "notes": notes})
    except ValidationError:
        raise UsageError(
            f"a note is one line of at most {NOTE_MAX} characters; there may be {MOST_NOTES}",
            hint="Say it shorter, without line ends and control characters.",
        ) from None


def cut_range(plan: Plan, first: int, last: int) -> Plan:
    """Cut steps; adjacent cuts are merged."""
    cuts = merged((*plan.cut_ranges, RangeCut(from_seq=first, to_seq=last)))
    ranges = tuple(RangeCut(from_seq=one.from_seq, to_seq=one.to_seq) for one in cuts)
    return _with(plan, cut_ranges=ranges)


def uncut_range(plan: Plan, place: int) -> Plan:
    """Undo one range cut."""
    return _with(plan, cut_ranges=_without(plan.cut_ranges, {place}))


def tick(plan: Plan, name: NumberList, number: int, *, is_on: bool) -> Plan:
    """Add a number to one of the plan's lists, or remove it."""
    before: tuple[int, ...] = getattr(plan, name)
    rest = {one for one in before if one != number}
    return _with(plan, **{name: tuple(sorted(rest | {number} if is_on else rest))})


def tick_kind(plan: Plan, kind: str, *, is_on: bool) -> Plan:
    """Cut all steps of a kind, or undo that.

    Raises:
        UsageError: the kind holds states of files.
    """
    if kind not in STEP_KINDS or kind in FILE_STATE_KINDS:
        free = ", ".join(sorted(set(STEP_KINDS) - FILE_STATE_KINDS))
        raise UsageError(f"{kind} cannot be cut as a kind", hint=f"These can: {free}")
    rest = {one for one in plan.cut_kinds if one != kind}
    return _with(plan, cut_kinds=tuple(sorted(rest | {kind} if is_on else rest)))


def mask_texts(plan: Plan, masks: Iterable[TextMask], fields: Iterable[FieldMask] = ()) -> Plan:
    """Mask characters of texts and of other strings."""
    return _with(
        plan,
        mask_texts=tuple(dict.fromkeys((*plan.mask_texts, *masks))),
        mask_fields=tuple(dict.fromkeys((*plan.mask_fields, *fields))),
    )


def take_base(plan: Plan, wanted: WithBase | None) -> Plan:
    """Include the base tree, or, with None, leave it out."""
    return _with(plan, with_base=wanted)


def name_repository(plan: Plan, named: NamedRepository | None) -> Plan:
    """Set the public repository, or remove it."""
    return _with(plan, name_repository=named)


def resolve_times(plan: Plan, resolution: Resolution) -> Plan:
    """Set the time resolution."""
    return _with(plan, time_resolution=resolution)


def tell_day(plan: Plan, *, is_on: bool) -> Plan:
    """Tell the day on which each kept task began, or take it out again."""
    return _with(plan, wall_clock=is_on)


def _keep_of(spans: Iterable[StepSpan], title: str | None, outcome: Outcome | None) -> Keep:
    first, *rest = merged(spans)
    if rest:
        return RangesKeep(ranges=(first, *rest), title=title, outcome=outcome)
    return RangeKeep(from_seq=first.from_seq, to_seq=first.to_seq, title=title, outcome=outcome)


def _change_keep(plan: Plan, place: int, **fields: object) -> Plan:
    keep = plan.keeps[place]
    try:
        changed = type(keep).model_validate({**keep.model_dump(), **fields})
    except ValidationError:
        raise UsageError("a name is one line of at most 200 characters") from None
    return _with(plan, keeps=(*plan.keeps[:place], changed, *plan.keeps[place + 1 :]))


def _with(plan: Plan, **fields: object) -> Plan:
    return plan.model_copy(update=fields)


def _without(items: tuple[Item, ...], places: set[int]) -> tuple[Item, ...]:
    return tuple(item for place, item in enumerate(items) if place not in places)
