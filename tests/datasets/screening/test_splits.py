"""Nobody, no repository and no text is on two sides of a split, and shares come near."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_datasets.screening.splits import (
    NO_DAY,
    OTHER_TIME,
    Sample,
    Splits,
    split,
    split_by_time,
)
from signoff_schemas.dataset import Split
from signoff_schemas.errors import UsageError

SALT = "5a" * 16
PARTS: dict[Split, int] = {"train": 800, "validation": 100, "test": 100}
DAYS = [f"2026-11-{day:02d}" for day in range(1, 29)]


def made(seed: int, *, people: int, alone: bool = False) -> list[Sample]:
    """Return episodes of people who share a few repositories, by a seed."""
    source = random.Random(seed)  # noqa: S311  # repeatable
    samples: list[Sample] = []
    for person in range(people):
        own = f"own {person}"
        for _ in range(source.randint(1, 9)):
            shared = not alone and source.random() < 0.05
            samples.append(
                Sample(
                    sha256=f"{source.getrandbits(256):064x}",
                    contributor=f"{person:032x}",
                    repository=f"shared {source.randint(0, people)}" if shared else own,
                    weight=source.randint(1, 1000),
                    day=source.choice(DAYS) if source.random() < 0.9 else None,
                )
            )
    return samples


SEEDS = st.integers(0, 1 << 32)
SAMPLES = st.builds(made, SEEDS, people=st.integers(0, 40))


def near_of(samples: Sequence[Sample], data: st.DataObject) -> list[tuple[str, str]]:
    if not samples:
        return []
    one = st.sampled_from([sample.sha256 for sample in samples])
    return data.draw(st.lists(st.tuples(one, one), max_size=5))


def never_cross(samples: Sequence[Sample], near: list[tuple[str, str]], splits: Splits) -> None:
    sides: dict[str, set[str]] = defaultdict(set)
    for one in samples:
        if (side := splits.of.get(one.sha256)) is not None:
            sides[f"contributor {one.contributor}"].add(side)
            sides[f"repository {one.repository}"].add(side)
    for first, second in near:
        if first in splits.of and second in splits.of:
            sides[f"{first} {second}"] = {splits.of[first], splits.of[second]}
    assert all(len(found) == 1 for found in sides.values())


@given(SAMPLES, st.data())
def test_no_contributor_repository_or_near_copy_is_on_two_sides(
    samples: list[Sample], data: st.DataObject
) -> None:
    near = near_of(samples, data)
    splits = split(samples, near, PARTS, salt=SALT)
    never_cross(samples, near, splits)
    assert set(splits.of) == {one.sha256 for one in samples}
    assert not splits.left_out


@given(SAMPLES, st.data())
def test_the_order_of_episodes_and_pairs_does_not_matter(
    samples: list[Sample], data: st.DataObject
) -> None:
    near = near_of(samples, data)
    again = split(samples[::-1], [pair[::-1] for pair in near[::-1]], PARTS, salt=SALT)
    assert again == split(samples, near, PARTS, salt=SALT)


def test_another_salt_gives_other_splits() -> None:
    samples = made(1, people=200, alone=True)
    assert split(samples, [], PARTS, salt=SALT).of != split(samples, [], PARTS, salt="1").of


@given(SEEDS, st.integers(1, 200))
def test_a_share_misses_by_half_of_the_heaviest_group_at_most(seed: int, people: int) -> None:
    splits = split(made(seed, people=people), [], PARTS, salt=SALT)
    for name in ("validation", "test"):
        missed = abs(splits.reached[name] - PARTS[name])
        assert missed <= splits.heaviest / 2 + 2 or not splits.of


def test_two_thousand_people_are_parted_to_within_a_thousandth_or_two() -> None:
    splits = split(made(3, people=2000, alone=True), [], PARTS, salt=SALT)
    assert all(abs(splits.reached[name] - PARTS[name]) <= 2 for name in PARTS)
    assert splits.empty == ()


def one_each(*weights: int) -> list[Sample]:
    return [
        Sample(sha256=f"{n:064x}", contributor=f"c{n}", repository=f"r{n}", weight=weight)
        for n, weight in enumerate(weights)
    ]


@pytest.mark.parametrize(
    "weights", [(10, 10, 80), (80, 10, 10), (100,) * 10, (20,) * 5, (1, 1, 98)]
)
def test_each_split_gets_something_where_there_are_as_many_groups(weights: Sequence[int]) -> None:
    splits = split(one_each(*weights), [], PARTS, salt=SALT)
    assert splits.empty == ()
    assert splits.reached["train"] >= 500


def test_one_huge_group_is_said_and_not_cut() -> None:
    samples = one_each(*(1,) * 99)
    chain = [(one.sha256, other.sha256) for one, other in itertools.pairwise(samples)]
    splits = split(samples, chain, PARTS, salt=SALT)
    assert set(splits.of.values()) == {"train"}
    assert (splits.groups, splits.heaviest) == (1, 1000)
    assert splits.empty == ("validation", "test")


def test_when_an_episode_leaves_hardly_anybody_changes_sides() -> None:
    samples = made(5, people=300)
    whole = split(samples, [], PARTS, salt=SALT).of
    moved: list[int] = []
    for gone in samples[::7]:
        kept = [one for one in samples if one is not gone]
        now = split(kept, [], PARTS, salt=SALT).of
        moved.append(sum(now[one.sha256] != whole[one.sha256] for one in kept))
    assert sum(moved) / len(moved) < 0.002 * len(samples)
    assert sum(not count for count in moved) > len(moved) / 2


@given(SAMPLES, st.data())
def test_by_time_each_split_is_later_than_the_one_before_and_nobody_is_on_two_sides(
    samples: list[Sample], data: st.DataObject
) -> None:
    near = near_of(samples, data)
    splits = split_by_time(samples, near, PARTS)
    never_cross(samples, near, splits)
    days: dict[str, list[str]] = defaultdict(list)
    for one in samples:
        if one.sha256 in splits.of:
            days[splits.of[one.sha256]].append(one.day or "")
    order = [days[name] for name in ("train", "validation", "test") if days[name]]
    assert all(max(one) < min(other) for one, other in itertools.pairwise(order))
    for one in samples:
        assert (one.sha256 in splits.of) != (one.sha256 in splits.left_out)
        assert (splits.left_out.get(one.sha256) == NO_DAY) == (one.day is None)


def test_by_time_what_lies_on_the_wrong_side_of_a_day_is_left_out_with_its_reason() -> None:
    def at(number: int, person: str, day: str) -> Sample:
        return Sample(sha256=f"{number:064x}", contributor=person, repository=person, day=day)

    early = [at(number, f"early {number}", DAYS[0]) for number in range(8)]
    late = [at(20, "late", DAYS[20]), at(21, "late", DAYS[20]), at(22, "late", DAYS[0])]
    splits = split_by_time([*early, *late], [], {"train": 800, "test": 200})
    assert {one.sha256 for one in early} <= {
        sha for sha, one in splits.of.items() if one == "train"
    }
    assert splits.of[late[0].sha256] == "test"
    assert splits.left_out == {late[2].sha256: OTHER_TIME}


@pytest.mark.parametrize("parts", [{}, {"train": 999}, {"train": 1100, "test": -100}])
def test_parts_that_are_no_thousand_are_refused(parts: dict[Split, int]) -> None:
    with pytest.raises(UsageError, match="parts of 1000"):
        split([], [], parts, salt=SALT)
