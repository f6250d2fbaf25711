"""Notes that a person writes in the review: each becomes a step right after its moment.

Such a step says `stated: review` and bears the time of the moment that it speaks of: nobody is to
take it for a thing said at that time (format.md, section 6).
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from signoff_collector.episode.content import NONE, Edit
from signoff_collector.redaction.writing.rewriting import REVIEW_SOURCE, Entry, Fate
from signoff_schemas.errors import UsageError
from signoff_schemas.steps import NoteStep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_collector.review.applying.selection import Selection
    from signoff_schemas.plan import NoteAt, Plan
    from signoff_schemas.steps import AnyStep

_HINT = "Take the note away, or what cuts its moment."


def check_notes(plan: Plan, base: BaseWalk) -> None:
    """Refuse notes at moments that are not there, or that a range cut takes away.

    Raises:
        UsageError: it names the first such step; never the words.
    """
    count = base.episode.step_count
    for note in plan.notes:
        seq = note.after_seq
        if seq >= count:
            raise UsageError(
                f"the plan has a note after step {seq}; the episode has {count} steps",
                hint="`signoff show --steps` lists the steps; the plan counts by their seq.",
            )
        if any(cut.from_seq <= seq <= cut.to_seq for cut in plan.cut_ranges):
            raise _cut(seq)


def notes_of(plan: Plan, base: BaseWalk, selection: Selection) -> list[NoteAt]:
    """Return the notes at steps of one keep; those of steps that are not included stay behind.

    Raises:
        UsageError: the step is included, but its kind or file is cut.
    """
    found = [note for note in plan.notes if selection.in_range[note.after_seq]]
    for note in found:
        if selection.fate_of(step_at(base, note.after_seq)) is Fate.DROPPED:
            raise _cut(note.after_seq)
    return found


def with_notes(
    notes: Sequence[NoteAt], entries: list[Entry], shown: Callable[[NoteAt], str]
) -> list[Entry]:
    """Return the entries with a step for each note, at the time of its moment.

    Args:
        notes: of the keep, by step.
        entries: of the keep, in order, with their final times.
        shown: masks the words.
    """
    if not notes or not entries:
        return entries
    places = [entry.step.seq for entry in entries]
    made: list[Entry] = []
    begin = 0
    for note in notes:
        end = max(begin, _behind(places, note.after_seq))
        made += entries[begin:end]
        made.append(Entry(step=_note(note, entries[max(0, end - 1)].step, shown(note))))
        begin = end
    return [*made, *entries[begin:]]


def _behind(places: Sequence[int], seq: int) -> int:
    """Return the place behind the last entry of a step up to `seq`; what was brought comes first.

    An environment from before the keep stands at its beginning with a number of its own.
    """
    return next((at + 1 for at in range(len(places) - 1, -1, -1) if places[at] <= seq), 0)


def _note(note: NoteAt, about: AnyStep | Edit, text: str) -> NoteStep:
    task = None if isinstance(about, Edit) and about.task == NONE else about.task
    return NoteStep(
        seq=about.seq,
        t_ns=about.t_ns,
        source=REVIEW_SOURCE,
        task=task,
        text=text,
        stated="review",
    )


def step_at(base: BaseWalk, seq: int) -> AnyStep | Edit:
    """Return a step of the base episode by its number, which has to be there."""
    place = bisect_left(base.seqs, seq)
    if place < len(base.seqs) and base.seqs[place] == seq:
        return base.episode.steps[place]
    edits = base.episode.edits
    return edits.edit(edits.count_until(seq) - 1)


def _cut(seq: int) -> UsageError:
    return UsageError(f"there is a note after step {seq}, which the plan cuts", hint=_HINT)
