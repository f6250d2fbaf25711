"""Splits: train, validation and test, with nobody and nothing on two sides.

Episodes that share a contributor, a repository, or nearly all of their text hang together, over any
number of steps; such a group is never cut. Groups are laid on a line by a keyed number that follows
from their contributors alone, and the line is cut where the shares that were asked for end.

An episode that leaves shifts the cuts by its own part of the whole, so only groups that lie at a
cut can change sides; one whose group falls apart may change too. Groups heavier than half of the
smallest share lie at the end of the line, light ones first, since the last piece is the largest.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from signoff_schemas.dataset import Split
from signoff_schemas.errors import UsageError

THOUSAND: Final = 1000
IN_TIME: Final[tuple[Split, ...]] = ("train", "validation", "test")
"""Order of splits by time: what is tested on comes after all that was learnt from."""
NO_DAY: Final = "split-no-day"
OTHER_TIME: Final = "split-other-time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What splits look at of one episode."""

    sha256: str
    contributor: str
    repository: str
    weight: int = 1
    """What shares are measured in: 1 counts episodes, the size in bytes counts text."""
    day: str | None = None
    """ISO date of its capture, where the episode tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """Which split each episode belongs to, and how near that comes to what was asked."""

    of: dict[str, Split]
    """Episode to split."""
    left_out: dict[str, str] = field(default_factory=dict[str, str])
    """Episode to reason; only splits by time leave any out."""
    reached: dict[Split, int]
    """Parts of a thousand by weight, rounded down; of all splits that were asked for."""
    groups: int
    heaviest: int
    """Parts of a thousand that the heaviest group has. It is not cut: where it is large, no split
    can come near what was asked."""

    @property
    def empty(self) -> tuple[Split, ...]:
        """Splits that were asked for and got nothing."""
        full = set(self.of.values())
        return tuple(one for one in IN_TIME if one in self.reached and one not in full)


def split(
    samples: Sequence[Sample],
    near: Iterable[tuple[str, str]],
    parts: Mapping[Split, int],
    *,
    salt: str,
) -> Splits:
    """Part the episodes; `near` are pairs of digests with nearly the same text.

    The same episodes, pairs, parts and salt give the same splits, in whatever order they come.

    Raises:
        UsageError: the parts do not add up to a thousand.
    """
    wanted = _checked(parts)
    groups = _groups(samples, near)
    weights = {key: sum(one.weight for one in group) for key, group in groups.items()}
    total = sum(weights.values())
    line = _laid_out(groups, weights, salt, least=wanted[0][1] * total)
    of: dict[str, Split] = {}
    for later, (name, share) in zip(range(len(wanted) - 1, 0, -1), wanted, strict=False):
        have = 0
        # One group is left to each later split. The miss is compared doubled and in thousandths
        # of the total, so that no fraction is rounded.
        while len(line) > later and (2 * have + weights[line[-1]]) * THOUSAND <= 2 * share * total:
            key = line.pop()
            have += weights[key]
            of.update((one.sha256, name) for one in groups[key])
    for key in line:
        of.update((one.sha256, wanted[-1][0]) for one in groups[key])
    return _told(samples, of, {}, wanted, weights)


def split_by_time(
    samples: Sequence[Sample], near: Iterable[tuple[str, str]], parts: Mapping[Split, int]
) -> Splits:
    """Part the episodes by the day of capture: each split is later than the one before.

    A group belongs where most of it lies in time; its other episodes are left out, since they
    would be on the wrong side of a day or of a person. Days are not cut.

    Raises:
        UsageError: the parts do not add up to a thousand.
    """
    wanted = _checked(parts)
    dated = [one for one in samples if one.day is not None]
    periods = _periods(dated, dict(wanted))
    left_out = {one.sha256: NO_DAY for one in samples if one.day is None}
    of: dict[str, Split] = {}
    groups = _groups(dated, near)
    for group in groups.values():
        by_period: dict[Split, int] = defaultdict(int)
        for one in group:
            by_period[periods[one.day or ""]] += one.weight
        best = max(by_period, key=lambda name: (by_period[name], IN_TIME.index(name)))
        for one in group:
            if periods[one.day or ""] == best:
                of[one.sha256] = best
            else:
                left_out[one.sha256] = OTHER_TIME
    weights = {key: sum(one.weight for one in group) for key, group in groups.items()}
    return _told(samples, of, left_out, wanted, weights)


def _checked(parts: Mapping[Split, int]) -> list[tuple[Split, int]]:
    """Return the splits that were asked for, the smallest first."""
    if sum(parts.values()) != THOUSAND or min(parts.values()) < 0:
        raise UsageError(
            f"the splits are {sum(parts.values())} parts of {THOUSAND}",
            hint="Give parts that add up to 1000, for example 900 for train and 50 for each other.",
        )
    asked: list[tuple[Split, int]] = [(name, share) for name, share in parts.items() if share]
    asked.sort(key=lambda one: (one[1], -IN_TIME.index(one[0])))
    return asked


def _groups(samples: Sequence[Sample], near: Iterable[tuple[str, str]]) -> dict[str, list[Sample]]:
    """Return the episodes that hang together, each group by the name of one of its nodes."""
    links = Links()
    for one in samples:
        links.join(f"episode {one.sha256}", f"contributor {one.contributor}")
        links.join(f"episode {one.sha256}", f"repository {one.repository}")
    known = {one.sha256 for one in samples}
    for first, second in near:
        if first in known and second in known:
            links.join(f"episode {first}", f"episode {second}")
    groups: dict[str, list[Sample]] = defaultdict(list)
    for one in samples:
        groups[links.root(f"episode {one.sha256}")].append(one)
    return groups


class Links:
    """Nodes that hang together (union-find)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def root(self, node: str) -> str:
        """Return the node that stands for all that hang together with this one."""
        path: list[str] = []
        while (above := self._above.get(node, node)) != node:
            path.append(node)
            node = above
        self._above.update(dict.fromkeys(path, node))
        return node

    def join(self, first: str, second: str) -> None:
        """Let two nodes, and all that hang on them, hang together."""
        low, high = sorted((self.root(first), self.root(second)))
        self._above[high] = low


def _laid_out(
    groups: Mapping[str, list[Sample]], weights: Mapping[str, int], salt: str, *, least: int
) -> list[str]:
    """Return the groups as a stack: the first of the line on top.

    `least` is the smallest share in thousandths of the total weight.
    """

    def place(key: str) -> tuple[int, str]:
        contributors = {one.contributor for one in groups[key]}
        first = min(_keyed(salt, contributor) for contributor in contributors)
        heavy = 2 * weights[key] * THOUSAND > least
        return (weights[key].bit_length() if heavy else 0, first)

    return sorted(groups, key=place, reverse=True)


def _keyed(salt: str, contributor: str) -> str:
    message = f"signoff split {contributor}".encode()
    return hmac.new(salt.encode(), message, hashlib.sha256).hexdigest()


def _periods(dated: Sequence[Sample], parts: Mapping[Split, int]) -> dict[str, Split]:
    """Return the split of each day, so that the weights come near the parts."""
    by_day: dict[str, int] = defaultdict(int)
    for one in dated:
        by_day[one.day or ""] += one.weight
    total = sum(by_day.values())
    asked: list[Split] = [name for name in IN_TIME if parts.get(name)]
    periods: dict[str, Split] = {}
    before = 0
    for day in sorted(by_day):
        # The day belongs where its middle lies.
        middle = (2 * before + by_day[day]) * THOUSAND
        end = 0
        for name in asked:
            end += parts[name]
            if middle <= 2 * end * total:
                periods[day] = name
                break
        before += by_day[day]
    return periods


def _told(
    samples: Sequence[Sample],
    of: dict[str, Split],
    left_out: dict[str, str],
    wanted: list[tuple[Split, int]],
    weights: Mapping[str, int],
) -> Splits:
    got: dict[Split, int] = {name: 0 for name, _ in wanted}
    for one in samples:
        if one.sha256 in of:
            got[of[one.sha256]] += one.weight
    held, whole = sum(got.values()), sum(weights.values())
    return Splits(
        of=of,
        left_out=left_out,
        reached={name: weight * THOUSAND // max(held, 1) for name, weight in got.items()},
        groups=len(weights),
        heaviest=max(weights.values(), default=0) * THOUSAND // max(whole, 1),
    )
