"""Group what a person should check in one kept task; one action decides on a group.

Undecided items are masked by default if a mask can cover them: `settled` puts these masks into the
plan, so that the preview, the sealed file and the signed file are the same. A few kinds are worth
more shown than masked and wait for a decision.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.randomness.novel import novel_tokens
from signoff_collector.redaction.texts.texts import named_paths
from signoff_collector.review.applying.apply import apply_keep
from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.review.applying.coverage import Coverage
from signoff_collector.review.applying.selection import covered, select
from signoff_collector.review.checking.group_values import (
    Action,
    Draft,
    Group,
    GroupKind,
    Sample,
    State,
)
from signoff_collector.review.checking.known_groups import (
    entered_drafts,
    name_drafts,
    output_drafts,
    redaction_drafts,
    residue_drafts,
    said_in,
)
from signoff_collector.review.checking.novel_groups import NovelGroups
from signoff_collector.review.checking.places import StringPlaces, TextPlaces
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import plan_bytes
from signoff_schemas.steps import StepBase

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from signoff_collector.episode.content import Episode
    from signoff_collector.redaction.randomness.novel import NovelToken
    from signoff_collector.review.applying.apply import Applied
    from signoff_collector.review.checking.known_groups import Said
    from signoff_schemas.plan import FieldMask, Plan, TextMask

__all__ = ["Action", "CheckList", "Checking", "Decided", "Group", "GroupKind", "Sample", "State"]
_LOOKS_KEPT: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckList:
    """The groups of one kept task."""

    groups: tuple[Group, ...]

    @property
    def decisions_needed(self) -> int:
        """Return how many groups need a decision."""
        return sum(group.needs_decision and group.state is None for group in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Result of an action."""

    plan: Plan
    accepted: frozenset[str]
    """Ids of the groups that are shared unchanged; stored in the review's state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One kept task as it would be without any mask of the plan."""

    applied: Applied
    said: Said
    strings: StringPlaces
    tokens: list[NovelToken]
    worked_on: frozenset[str]


class Checking:
    """The check lists of one base episode; expensive parts are cached.

    Not thread-safe.

    Args:
        episode: the first sealed one.
        key: 32 random bytes, drawn once per review and kept in its state.
        own_words: words of the repository's last commit, in lower case.
        residue: place and reason of what sealing could not decide (`capture.seal_notes.to_check`).
        base: of the same episode, where there is one already.
    """

    def __init__(
        self,
        episode: Episode,
        *,
        key: bytes,
        own_words: Collection[str] = (),
        residue: Sequence[tuple[str, str]] = (),
        base: BaseWalk | None = None,
    ) -> None:
        self._base = BaseWalk(episode) if base is None else base
        self._key = key
        self._words = own_words
        self._residue = residue
        self._looks: dict[tuple[bytes, int], _Look] = {}
        self._placeholders: dict[str, tuple[str, ...]] = {}

    def settled(self, plan: Plan, accepted: frozenset[str] = frozenset()) -> Plan:
        """Return the plan with the default masks of all its keeps; the same object if it has them.

        Call it whenever keeps were added or changed, and before a final episode is written.

        Raises:
            UsageError: the plan names what the episode does not have.
        """
        texts, fields = dict.fromkeys(plan.mask_texts), dict.fromkeys(plan.mask_fields)
        for place, keep in enumerate(plan.keeps):
            if 1 not in covered(plan, self._base, keep):
                continue  # its preview raises the error
            for draft in self._drafts(plan, place, accepted):
                if draft.default == "mask" and draft.id(self._key) not in accepted:
                    texts.update(dict.fromkeys(draft.texts))
                    fields.update(dict.fromkeys(draft.fields))
        return _with_masks(plan, texts, fields)

    def check(self, plan: Plan, keep: int, accepted: frozenset[str] = frozenset()) -> CheckList:
        """Return the groups of one keep.

        Raises:
            UsageError: there is no such keep, or nothing is left of it.
        """
        coverage = Coverage(plan, self._base)
        drafts = self._drafts(plan, keep, accepted)
        return CheckList(groups=tuple(self._group(one, coverage, accepted) for one in drafts))

    def decide(
        self, plan: Plan, keep: int, accepted: frozenset[str], group: str, action: str
    ) -> Decided:
        """Return the plan and the accepted groups after one action on one group.

        `mask` adds spans to the plan. `accept` removes them, except those that other masked groups
        share, and records the group. `cut_file` leaves its files out of the keep. `show` changes
        nothing. `unmask` is handled by `unmasking`.

        Raises:
            UsageError: there is no such group, or it does not know the action.
        """
        drafts = self._drafts(plan, keep, accepted)
        found = [one for one in drafts if one.id(self._key) == group]
        if not found:
            raise UsageError(f"there is no group {group}", hint="Load the list again.")
        draft = found[0]
        if action not in draft.actions or action == "unmask":
            raise UsageError(
                f"{action} is not possible here", hint=f"Possible here: {draft.actions}"
            )
        if action == "mask":
            texts = dict.fromkeys((*plan.mask_texts, *draft.texts))
            fields = dict.fromkeys((*plan.mask_fields, *draft.fields))
            return Decided(plan=_with_masks(plan, texts, fields), accepted=accepted - {group})
        if action == "accept":
            others = [one for one in drafts if one.id(self._key) not in accepted | {group}]
            return Decided(plan=self._shown(plan, draft, others), accepted=accepted | {group})
        if action == "cut_file":
            return Decided(plan=_without_files(plan, keep, draft.files), accepted=accepted)
        return Decided(plan=plan, accepted=accepted)

    def _shown(self, plan: Plan, draft: Draft, others: Sequence[Draft]) -> Plan:
        """Return the plan without a group's masks, except those that other masked groups share."""
        no_texts, no_fields = set(draft.texts), set(draft.fields)
        near = [
            one
            for one in others
            if not no_texts.isdisjoint(one.texts) or not no_fields.isdisjoint(one.fields)
        ]
        if near:
            coverage = Coverage(plan, self._base)
            for one in near:
                if coverage.holds(one):
                    no_texts -= set(one.texts)
                    no_fields -= set(one.fields)
        texts = dict.fromkeys(mask for mask in plan.mask_texts if mask not in no_texts)
        fields = dict.fromkeys(mask for mask in plan.mask_fields if mask not in no_fields)
        return _with_masks(plan, texts, fields)

    def placeholders(self, group: str) -> tuple[str, ...]:
        """Return the placeholders that a redaction group is about, as `unmasking` takes them.

        Only groups of lists that `check` returned before are known.

        Raises:
            UsageError: there is no such group of redactions.
        """
        if group not in self._placeholders:
            raise UsageError(f"there is no group {group} of masks", hint="Load the list again.")
        return self._placeholders[group]

    @cached_property
    def _novel(self) -> NovelGroups:
        return NovelGroups(self._base, TextPlaces(self._base), self._words)

    def _group(self, draft: Draft, coverage: Coverage, accepted: frozenset[str]) -> Group:
        name = draft.id(self._key)
        state: State | None = None
        if name in accepted:
            state = "accepted"
        elif draft.placeholders or coverage.holds(draft):
            state = "masked"
        return Group(
            id=name,
            kind=draft.kind,
            title=draft.title,
            samples=draft.samples,
            count=draft.count,
            state=state,
            actions=draft.actions,
            needs_decision=draft.default == "decide",
        )

    def _drafts(self, plan: Plan, place: int, accepted: frozenset[str]) -> list[Draft]:
        look = self._look(plan, place)
        steps = [step for step, _, _ in look.said]
        drafts = [
            *self._novel.drafts(
                look.tokens, look.strings, lambda what: self._novel_id(what) in accepted
            ),
            *entered_drafts(self._base, look.applied.entered, look.worked_on),
            *name_drafts(self._base, named_paths(look.applied.episode), steps, self._words),
            *output_drafts(look.said),
            *redaction_drafts(look.applied, look.said),
            *residue_drafts(self._residue),
        ]
        named = {draft.id(self._key): draft.placeholders for draft in drafts}
        self._placeholders |= {name: found for name, found in named.items() if found}
        return drafts

    def _novel_id(self, what: str) -> str:
        empty = Draft(kind="novel", what=what, title="", samples=(), count=0, default="decide")
        return empty.id(self._key)

    def _look(self, plan: Plan, place: int) -> _Look:
        without: dict[str, object] = {"mask_texts": (), "mask_fields": (), "with_base": None}
        bare = plan.model_copy(update=without)
        name = (plan_bytes(bare), place)
        look = self._looks.pop(name, None)
        if look is None:
            look = self._looked(bare, place)
        self._looks[name] = look
        while len(self._looks) > _LOOKS_KEPT:
            del self._looks[next(iter(self._looks))]
        return look

    def _looked(self, plan: Plan, place: int) -> _Look:
        base = self._base
        applied = apply_keep(plan, base, place)
        selection = select(plan, base, plan.keeps[place])
        low, high = bisect_left(base.seqs, selection.first), bisect_right(base.seqs, selection.last)
        steps = [step for step in base.episode.steps[low:high] if selection.in_range[step.seq]]
        worked_on = {step.path for step in steps if step.path is not None}
        for step in base.steps(selection.first, selection.last):
            if not isinstance(step, StepBase) and selection.in_range[step.seq]:
                worked_on.add(base.episode.files[step.file])
        return _Look(
            applied=applied,
            said=said_in(steps),
            strings=StringPlaces(steps),
            tokens=novel_tokens(applied.episode, self._words),
            worked_on=frozenset(worked_on),
        )


def _with_masks(plan: Plan, texts: dict[TextMask, None], fields: dict[FieldMask, None]) -> Plan:
    update = {"mask_texts": tuple(texts), "mask_fields": tuple(fields)}
    if update == {"mask_texts": plan.mask_texts, "mask_fields": plan.mask_fields}:
        return plan
    return plan.model_copy(update=update)


def _without_files(plan: Plan, place: int, files: tuple[int, ...]) -> Plan:
    keeps = list(plan.keeps)
    keep = keeps[place]
    keeps[place] = keep.model_copy(update={"leave_out": tuple(sorted({*keep.leave_out, *files}))})
    return plan.model_copy(update={"keeps": tuple(keeps)})
