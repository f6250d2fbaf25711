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
from signoff_collector.review.applying.apply import apply_keep
from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.review.applying.coverage import Coverage
from signoff_collector.review.applying.selection import covered, select
from signoff_collector.review.checking.group_values import (
    SAMPLES,
    Action,
    Draft,
    Group,
    GroupKind,
    Item,
    ItemRow,
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
from signoff_collector.review.checking.occurrences import Occurrences
from signoff_collector.review.checking.places import StringPlaces
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import plan_bytes
from signoff_schemas.steps import StepBase

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from signoff_collector.episode.content import Episode
    from signoff_collector.review.applying.apply import Applied
    from signoff_collector.review.checking.known_groups import Said
    from signoff_schemas.plan import FieldMask, Plan, TextMask

__all__ = [
    "REST",
    "Action",
    "AskedItems",
    "CheckList",
    "Checking",
    "Decided",
    "Group",
    "GroupKind",
    "ItemRow",
    "ItemRows",
    "Sample",
    "State",
]
REST: Final = "rest"
"""Instead of a group's id: everything that waits for a decision."""
_LOOKS_KEPT: Final = 8
_AGAIN: Final = "Load the list again."


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
class AskedItems:
    """Which items of a group are asked for: it may have thousands."""

    group: str
    first: int
    count: int
    find: str
    """Words that their text has; empty for all items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRows:
    """Some items of a group."""

    items: tuple[ItemRow, ...]
    total: int
    """How many items the search found."""

    def row(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"items": [item.row() for item in self.items], "total": self.total}


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
        self._looks: dict[tuple[bytes, int], list[Draft]] = {}
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
            for draft in self._drafts(plan, place):
                if draft.default == "mask":
                    for item in self._unaccepted(draft, accepted):
                        texts.update(dict.fromkeys(item.texts))
                        fields.update(dict.fromkeys(item.fields))
        return _with_masks(plan, texts, fields)

    def check(self, plan: Plan, keep: int, accepted: frozenset[str] = frozenset()) -> CheckList:
        """Return the groups of one keep.

        Raises:
            UsageError: there is no such keep, or nothing is left of it.
        """
        coverage = Coverage(plan, self._base)
        drafts = self._drafts(plan, keep)
        return CheckList(groups=tuple(self._group(one, coverage, accepted) for one in drafts))

    def items(self, plan: Plan, keep: int, accepted: frozenset[str], asked: AskedItems) -> ItemRows:
        """Return a part of the items of a group.

        Raises:
            UsageError: there is no such group.
        """
        draft = next(
            (one for one in self._drafts(plan, keep) if one.id(self._key) == asked.group), None
        )
        if draft is None:
            raise UsageError(f"there is no group {asked.group}", hint=_AGAIN)
        words = asked.find.lower()
        found = [item for item in draft.items if not words or item.holds(words)]
        coverage = Coverage(plan, self._base)
        part = found[asked.first : asked.first + asked.count]
        return ItemRows(
            items=tuple(self._row(draft, item, coverage, accepted) for item in part),
            total=len(found),
        )

    def decide(
        self, plan: Plan, keep: int, accepted: frozenset[str], group: str, action: str
    ) -> Decided:
        """Return the plan and the accepted items after one action on one group or item.

        `mask` adds spans to the plan. `accept` removes them, except those that other masked items
        share, and records the items. `cut_file` leaves their files out of the keep. `show` changes
        nothing. `unmask` is handled by `unmasking`. The group `REST` is all items that wait for a
        decision and know the action.

        Raises:
            UsageError: there is no such group or item, or it does not know the action.
        """
        drafts = self._drafts(plan, keep)
        if group == REST:
            chosen = self._rest(plan, drafts, accepted, action)
        else:
            chosen = [self._chosen(drafts, group)]
        done = Decided(plan=plan, accepted=accepted)
        for draft in chosen:
            if action not in draft.actions or action == "unmask":
                raise UsageError(
                    f"{action} is not possible here", hint=f"Possible here: {draft.actions}"
                )
            done = self._decided(done, keep, drafts, draft, action)
        return done

    def _chosen(self, drafts: Sequence[Draft], name: str) -> Draft:
        """Return the group with an id, or the group of the item with it, with that item alone."""
        for draft in drafts:
            if draft.id(self._key) == name:
                return draft
        for draft in drafts:
            for item in draft.items:
                if draft.item_id(self._key, item) == name:
                    return draft.only(item)
        raise UsageError(f"there is no group {name}", hint=_AGAIN)

    def _rest(
        self, plan: Plan, drafts: Sequence[Draft], accepted: frozenset[str], action: str
    ) -> list[Draft]:
        coverage = Coverage(plan, self._base)
        return [
            draft.only(item)
            for draft in drafts
            if draft.default == "decide"
            for item in draft.items
            if self._state(draft, item, coverage, accepted) is None
            and action in draft.only(item).actions
        ]

    def _decided(
        self, done: Decided, keep: int, drafts: Sequence[Draft], draft: Draft, action: str
    ) -> Decided:
        plan, accepted = done.plan, done.accepted
        names = {draft.item_id(self._key, item) for item in draft.items}
        if action == "mask":
            texts = dict.fromkeys((*plan.mask_texts, *draft.texts))
            fields = dict.fromkeys((*plan.mask_fields, *draft.fields))
            return Decided(plan=_with_masks(plan, texts, fields), accepted=accepted - names)
        if action == "accept":
            accepted |= names
            others = [one.only(item) for one in drafts for item in self._unaccepted(one, accepted)]
            return Decided(plan=self._shown(plan, draft, others), accepted=accepted)
        if action == "cut_file":
            return Decided(plan=_without_files(plan, keep, draft.files), accepted=accepted)
        return done

    def _unaccepted(self, draft: Draft, accepted: frozenset[str]) -> list[Item]:
        return [item for item in draft.items if draft.item_id(self._key, item) not in accepted]

    def _shown(self, plan: Plan, draft: Draft, others: Sequence[Draft]) -> Plan:
        """Return the plan without a group's masks, except those that other masked items share."""
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
        return NovelGroups(self._base, self._words)

    def _group(self, draft: Draft, coverage: Coverage, accepted: frozenset[str]) -> Group:
        states: list[State | None] = [
            self._state(draft, item, coverage, accepted) for item in draft.items
        ]
        decides = draft.default == "decide"
        left = states.count(None)
        return Group(
            id=draft.id(self._key),
            kind=draft.kind,
            title=draft.title,
            samples=tuple(item.sample for item in draft.items if item.sample)[:SAMPLES],
            count=len(draft.items),
            places=draft.places,
            left=left if decides else 0,
            state=_common(states),
            actions=draft.actions,
            suggested=draft.suggested,
            needs_decision=decides,
        )

    def _row(
        self, draft: Draft, item: Item, coverage: Coverage, accepted: frozenset[str]
    ) -> ItemRow:
        return ItemRow(
            id=draft.item_id(self._key, item),
            title=item.title,
            sample=item.sample,
            places=item.places,
            where=item.where,
            state=self._state(draft, item, coverage, accepted),
            actions=draft.only(item).actions,
        )

    def _state(
        self, draft: Draft, item: Item, coverage: Coverage, accepted: frozenset[str]
    ) -> State | None:
        if draft.item_id(self._key, item) in accepted:
            return "accepted"
        return "masked" if item.placeholders or coverage.holds(item) else None

    def _drafts(self, plan: Plan, place: int) -> list[Draft]:
        """Return the groups of a kept task as it would be without any mask of the plan."""
        without: dict[str, object] = {"mask_texts": (), "mask_fields": (), "with_base": None}
        bare = plan.model_copy(update=without)
        name = (plan_bytes(bare), place)
        drafts = self._looks.pop(name, None)
        if drafts is None:
            drafts = self._looked(bare, place)
        self._looks[name] = drafts
        while len(self._looks) > _LOOKS_KEPT:
            del self._looks[next(iter(self._looks))]
        for draft in drafts:
            if draft.placeholders:
                self._placeholders[draft.id(self._key)] = draft.placeholders
                for item in draft.items:
                    self._placeholders[draft.item_id(self._key, item)] = item.placeholders
        return drafts

    def _drafts_of(
        self, applied: Applied, said: Said, strings: StringPlaces, worked_on: Collection[str]
    ) -> list[Draft]:
        tokens = novel_tokens(applied.episode, self._words)
        steps = [step for step, _, _ in said]
        counted_in = Occurrences(applied.episode)
        return [
            *self._novel.drafts(tokens, strings, counted_in),
            *entered_drafts(self._base, applied.entered, worked_on),
            *name_drafts(self._base, applied.episode, steps, self._words),
            *output_drafts(said),
            *redaction_drafts(applied, said, counted_in),
            *residue_drafts(self._residue),
        ]

    def _looked(self, plan: Plan, place: int) -> list[Draft]:
        base = self._base
        applied = apply_keep(plan, base, place)
        selection = select(plan, base, plan.keeps[place])
        low, high = bisect_left(base.seqs, selection.first), bisect_right(base.seqs, selection.last)
        steps = [step for step in base.episode.steps[low:high] if selection.in_range[step.seq]]
        worked_on = {step.path for step in steps if step.path is not None}
        for step in base.steps(selection.first, selection.last):
            if not isinstance(step, StepBase) and selection.in_range[step.seq]:
                worked_on.add(base.episode.files[step.file])
        said = said_in(steps)
        return self._drafts_of(applied, said, StringPlaces(steps), worked_on)


def _common(states: Sequence[State | None]) -> State | None:
    """Return the state of a group by those of its items."""
    if None in states:
        return None
    return states[0] if len(set(states)) == 1 else "mixed"


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
