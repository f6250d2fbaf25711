"""A plan with splits lays nobody on two sides, and says what time left out."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.datasets import request, words

from signoff_datasets.planning.choosing import Chosen
from signoff_datasets.planning.plans import draw
from signoff_datasets.screening.splits import Sample
from signoff_datasets.similarity.near_copies import BANDS, FEWEST, ROWS, Sketch
from signoff_schemas.dataset import DatasetPlan, PlannedEpisode

SALT = words("salt")


def sketch_like(number: int, text: int) -> Sketch:
    """Return a sketch; two of one text are near-copies."""
    source = np.random.default_rng(text)
    shingles = np.unique(source.integers(0, 1 << 62, 4 * FEWEST, np.uint64))
    least = source.integers(0, 1 << 62, BANDS * ROWS, np.uint64)
    return Sketch(sha256=words(number, 64), shingles=shingles, least=least)


def chosen(count: int, *, texts: int) -> Chosen:
    found = Chosen()
    for number in range(count):
        one = PlannedEpisode(
            sha256=words(number, 64),
            statement_sha256=words(number, 64),
            size_bytes=1000,
            contributor=words(("person", number)),
            repository=words(("repository", number)),
            licence="MIT",
            repository_licence="MIT",
            prohibited_uses=(),
            purposes=(),
            expires="2027-11-20T12:00:00Z",
        )
        found.episodes[one.sha256] = one
        found.samples.append(
            Sample(
                sha256=one.sha256,
                contributor=one.contributor,
                repository=one.repository,
                weight=one.size_bytes,
                day=f"2026-11-{1 + number % 28:02}" if number else None,
            )
        )
        found.sketches.append(sketch_like(number, number % texts))
    return found


def split_of(plan: DatasetPlan) -> dict[str, str]:
    return {digest: shard.split for shard in plan.shards for digest in shard.episodes}


def test_near_copies_of_two_people_lie_in_one_split() -> None:
    asked = request(splits={"train": 600, "validation": 200, "test": 200})
    of = split_of(draw("made", chosen(200, texts=100), asked, salt=SALT, versions={}))
    assert set(of.values()) == {"train", "validation", "test"}
    assert all(of[words(n, 64)] == of[words(n + 100, 64)] for n in range(100))


@pytest.mark.parametrize("by_time", [False, True])
def test_k_holds_in_every_split(by_time: bool) -> None:
    asked = request(k=10, splits={"train": 900, "validation": 0, "test": 100}, by_time=by_time)
    plan = draw("made", chosen(300, texts=300), asked, salt=SALT, versions={})
    assert {shard.split for shard in plan.shards} == {"train", "test"}
    assert all(len(shard.episodes) >= 10 for shard in plan.shards)
    assert plan.left_out == ({"split-no-day": 1} if by_time else {})


def test_by_time_what_is_tested_lies_after_what_was_learnt() -> None:
    found = chosen(100, texts=100)
    asked = request(splits={"train": 900, "test": 100}, by_time=True)
    of = split_of(draw("made", found, asked, salt=SALT, versions={}))
    days = {one.sha256: one.day or "" for one in found.samples}
    train = max(days[sha] for sha, split in of.items() if split == "train")
    assert train < min(days[sha] for sha, split in of.items() if split == "test")
