"""The task list: proposals, the person's own split, and what is kept.

`day.ts` of the page gives the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.levels.tasks import lasting_ns
from signoff_collector.review.plan.plan_edits import merged, spans_of
from signoff_schemas.plan import StepSpan, TaskKeep

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signoff_collector.episode.content import Column
    from signoff_collector.levels.tasks import Proposal
    from signoff_collector.review.plan.parting import Parting
    from signoff_collector.review.plan.plan_edits import Outcome
    from signoff_schemas.plan import Keep, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One task of the list."""

    spans: tuple[StepSpan, ...]
    place: int | None
    """Index in `plan.keeps`; None if it is not kept."""
    title: str
    is_named: bool
    """Whether the developer set the title."""
    outcome: Outcome | None
    why: tuple[str, ...]
    edits: int
    """This and the following fields are sums over its proposals."""
    files: int
    test_runs: int
    commits: int
    duration_ns: int
    """Recorded time from its first to its last step, whatever lies between."""

    @property
    def first(self) -> int:
        """Its first step."""
        return self.spans[0].from_seq

    @property
    def last(self) -> int:
        """Its last step."""
        return self.spans[-1].to_seq


def task_rows(
    proposals: Sequence[Proposal],
    plan: Plan,
    times: Column,
    parting: Parting,
) -> tuple[TaskRow, ...]:
    """Return all rows in order; kept and unkept ones do not overlap.

    Args:
        proposals: of the base episode.
        plan: for it.
        times: of its steps, in ns, by `seq`.
        parting: of what is not kept.
    """
    kept = [_kept_row(keep, place, proposals, times) for place, keep in enumerate(plan.keeps)]
    covered = [span for row in kept for span in row.spans]
    rest = [
        _row((span,), proposals, times)
        for piece in _pieces(proposals, parting)
        for span in _outside(piece, covered)
    ]
    return tuple(sorted((*kept, *rest), key=lambda row: (row.first, row.last)))


def spans_of_keep(keep: Keep, proposals: Sequence[Proposal]) -> tuple[StepSpan, ...]:
    """Return the spans of a keep, also of a keep by task."""
    if isinstance(keep, TaskKeep):
        found = merged(_span(one) for one in proposals if one.task == keep.task)
        return found or (StepSpan(from_seq=0, to_seq=0),)
    return spans_of(keep)


def _kept_row(keep: Keep, place: int, proposals: Sequence[Proposal], times: Column) -> TaskRow:
    return _row(
        spans_of_keep(keep, proposals),
        proposals,
        times,
        place=place,
        title=keep.title,
        outcome=keep.outcome,
    )


def _row(
    spans: tuple[StepSpan, ...],
    proposals: Sequence[Proposal],
    times: Column,
    *,
    place: int | None = None,
    title: str | None = None,
    outcome: Outcome | None = None,
) -> TaskRow:
    inside = [
        one
        for one in proposals
        if any(one.from_seq <= span.to_seq and one.to_seq >= span.from_seq for span in spans)
    ]
    proposed = inside[-1].outcome if inside and place is None else None
    return TaskRow(
        spans=spans,
        place=place,
        title=title or _title(inside),
        is_named=title is not None,
        outcome=outcome or proposed,
        why=tuple(dict.fromkeys(why for one in inside for why in one.why)),
        edits=sum(one.edits for one in inside),
        files=sum(one.files for one in inside),
        test_runs=sum(one.test_runs for one in inside),
        commits=sum(one.commits for one in inside),
        duration_ns=lasting_ns(times, spans[0].from_seq, spans[-1].to_seq),
    )


def _title(inside: Sequence[Proposal]) -> str:
    titles = list(dict.fromkeys(one.title for one in inside))
    if not titles:
        return "steps of no task"
    more = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
    return titles[0] + more


def _pieces(proposals: Sequence[Proposal], parting: Parting) -> list[StepSpan]:
    made: list[StepSpan] = []
    for one in proposals:
        inner = sorted(at for at in parting.begins if one.from_seq < at <= one.to_seq)
        starts = [one.from_seq, *inner]
        ends = [*(at - 1 for at in inner), one.to_seq]
        for start, end in zip(starts, ends, strict=True):
            if made and start in parting.joined:
                made[-1] = StepSpan(from_seq=made[-1].from_seq, to_seq=end)
            else:
                made.append(StepSpan(from_seq=start, to_seq=end))
    return made


def _outside(span: StepSpan, others: Iterable[StepSpan]) -> list[StepSpan]:
    """Return a span minus other spans."""
    left = [(span.from_seq, span.to_seq)]
    for other in others:
        cut: list[tuple[int, int]] = []
        for low, high in left:
            if other.to_seq < low or other.from_seq > high:
                cut.append((low, high))
                continue
            cut += [(low, other.from_seq - 1)] * (low < other.from_seq)
            cut += [(other.to_seq + 1, high)] * (other.to_seq < high)
        left = cut
    return [StepSpan(from_seq=low, to_seq=high) for low, high in left]


def _span(one: Proposal) -> StepSpan:
    return StepSpan(from_seq=one.from_seq, to_seq=one.to_seq)
