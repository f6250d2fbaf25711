"""What a person is asked to look at in one kept task, in groups; one action per group.

Everything that nobody decided on is masked by default, where a mask fits it: `settled` puts
these masks into the plan, so that what is shown, sealed and signed is the same.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from signoff_collector.episode.content import Episode
    from signoff_schemas.plan import Plan

GroupKind = Literal["novel", "redaction", "name", "output", "entered", "residue"]
State = Literal["accepted", "masked", "unmasked"]
Action = Literal["mask", "accept", "unmask", "cut_file", "show"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One place of a group, with what stands around it."""

    seq: int | None
    """The step in the base episode; None where it is no step."""
    path: str
    context: str
    """Recorded text, not linearised."""
    start: int
    length: int
    """Where in `context` it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Things that one action decides on."""

    id: str
    """Holds no value: a digest with the review's random key."""
    kind: GroupKind
    title: str
    samples: tuple[Sample, ...]
    count: int
    """How many things it holds."""
    state: State | None
    """None: nobody decided yet."""
    actions: tuple[Action, ...]
    needs_decision: bool
    """Whether signing should wait for a decision: not for what is masked by default."""

    def row(self) -> dict[str, object]:
        """Return the JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckList:
    """The groups of one kept task."""

    groups: tuple[Group, ...]

    @property
    def decisions_needed(self) -> int:
        """How many groups wait for a decision."""
        return sum(group.needs_decision and group.state is None for group in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What an action changed."""

    plan: Plan
    accepted: frozenset[str]
    """Ids of the groups that are shared as they are; remembered in the review's state."""


class Checking:
    """The lists "to check" of one base episode; what is dear is worked out once.

    Args:
        episode: the first sealed one.
        key: 32 random bytes, drawn once per review and kept in its state.
        own_words: words of the repository's last commit, in lower case.
        residue: place and reason of what sealing left (`capture.seal_notes.to_check`).
    """

    def __init__(
        self,
        episode: Episode,
        *,
        key: bytes,
        own_words: Container[str] = (),
        residue: Sequence[tuple[str, str]] = (),
    ) -> None:
        raise NotImplementedError

    def settled(self, plan: Plan, accepted: frozenset[str] = frozenset()) -> Plan:
        """Return the plan with the default masks of all its keeps; the same if it has them.

        To be called whenever keeps were added or changed, and before a final episode is made.
        """
        raise NotImplementedError

    def check(self, plan: Plan, keep: int, accepted: frozenset[str] = frozenset()) -> CheckList:
        """Return the groups of one keep.

        Raises:
            UsageError: there is no such keep, or nothing is left of it.
        """
        raise NotImplementedError

    def decide(
        self, plan: Plan, keep: int, accepted: frozenset[str], group: str, action: str
    ) -> Decided:
        """Return the plan and the accepted groups after one action on one group.

        `mask` puts spans into the plan, `accept` takes them out again and remembers the
        group, `cut_file` cuts its files, `unmask` of a redaction needs `unmasking`, `show`
        changes nothing.

        Raises:
            UsageError: there is no such group, or it does not know the action.
        """
        raise NotImplementedError

    def placeholders(self, group: str) -> tuple[str, ...]:
        """Return the placeholders that a redaction group is about, as `unmasking` takes them.

        Raises:
            UsageError: there is no such group of redactions.
        """
        raise NotImplementedError
