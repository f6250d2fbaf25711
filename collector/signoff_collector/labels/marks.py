"""What a labeller has said so far, and each thing that can be done to it: pure values.

A proposal becomes a label here alone, in `accepted`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from signoff_schemas.labels import Acceptance, Label, Rejection, rejection_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signoff_schemas.labels import ProposedLabel

Place = tuple[int, int, str]
"""First step, last step, field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The labels of one labeller, and the proposals that they turned down; both in order."""

    labels: tuple[Label, ...] = ()
    rejected: tuple[Rejection, ...] = ()

    def at(self, place: Place) -> Label | None:
        """Return what is said of a place."""
        return next((label for label in self.labels if label.place == place), None)


def with_labels(marks: Marks, *labels: Label) -> Marks:
    """Return the marks with some labels more, each in place of what was said of its place."""
    found = {one.place: one for one in (*marks.labels, *labels)}
    return replace(marks, labels=tuple(found[place] for place in sorted(found)))


def without(marks: Marks, place: Place) -> Marks:
    """Return the marks with nothing said of a place."""
    return replace(marks, labels=tuple(one for one in marks.labels if one.place != place))


def accepted(marks: Marks, proposal: ProposedLabel, *, day: str, version: str) -> Marks:
    """Return the marks after a person took a proposal over: now it is a label of theirs."""
    label = Label(
        origin="person",
        field=proposal.field,
        value=proposal.value,
        first=proposal.first,
        last=proposal.last,
        set_on=day,
        tool="signoff",
        version=version,
        accepted=Acceptance(rule=proposal.rule, rule_version=proposal.rule_version),
    )
    turned = tuple(one for one in marks.rejected if one != _rejection(proposal))
    return with_labels(replace(marks, rejected=turned), label)


def rejected(marks: Marks, proposal: ProposedLabel) -> Marks:
    """Return the marks after a person turned a proposal down; labels stay as they are."""
    turned = _rejection(proposal)
    if turned in marks.rejected:
        return marks
    return replace(marks, rejected=tuple(sorted([*marks.rejected, turned], key=rejection_order)))


def undecided(marks: Marks, proposals: Iterable[ProposedLabel]) -> list[ProposedLabel]:
    """Return the proposals that nobody accepted, turned down, or answered with a label."""
    turned = {rejection_order(one) for one in marks.rejected}
    return [
        one for one in proposals
        if rejection_order(_rejection(one)) not in turned and not _is_answered(marks.labels, one)
    ]  # fmt: skip


def _is_answered(labels: Sequence[Label], proposal: ProposedLabel) -> bool:
    """Whether a label of the same field is said of all that a proposal is about."""
    return any(
        label.field == proposal.field
        and label.first <= proposal.first
        and proposal.last <= label.last
        for label in labels
    )


def _rejection(proposal: ProposedLabel) -> Rejection:
    return Rejection(
        field=proposal.field,
        value=proposal.value,
        first=proposal.first,
        last=proposal.last,
        rule=proposal.rule,
        rule_version=proposal.rule_version,
    )
