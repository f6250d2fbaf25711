"""Shards: of enough people, mostly of nobody, about as large as was asked."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from tests.support.datasets import request, words

from signoff_datasets.planning.cutting import cut, fits
from signoff_schemas.dataset import PlannedEpisode
from signoff_schemas.statement import Purpose

SALT = words("salt")


def episode(number: int, person: int, size: int = 100) -> PlannedEpisode:
    return PlannedEpisode(
        sha256=words(("episode", number), 64),
        statement_sha256=words(("statement", number), 64),
        size_bytes=size,
        contributor=words(("person", person)),
        repository=words(("repository", person)),
        licence="MIT",
        repository_licence="MIT",
        prohibited_uses=(),
        purposes=(Purpose.MODEL_TRAINING,),
        expires="2027-11-20T12:00:00Z",
    )


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 400)), max_size=120),
    st.integers(1, 12),
    st.integers(1, 3000),
)
def test_every_episode_is_in_one_shard_or_left_out_and_every_shard_fits(
    drawn: list[tuple[int, int]], k: int, shard_bytes: int
) -> None:
    episodes = [episode(number, person, size) for number, (person, size) in enumerate(drawn)]
    asked = request(k=k, shard_bytes=shard_bytes)
    done = cut(episodes, "train", asked, SALT)
    by_digest = {one.sha256: one for one in episodes}
    held = [digest for shard in done.shards for digest in shard.episodes]
    assert Counter([*held, *done.left_out]) == Counter(by_digest.keys())
    for shard in done.shards:
        assert fits([by_digest[digest] for digest in shard.episodes], k)
        assert list(shard.episodes) == sorted(shard.episodes)
    if len({one.contributor for one in episodes}) < k:
        assert not done.shards
        assert set(done.left_out.values()) <= {"fewer-than-k"}
    assert cut(sorted(episodes, key=lambda one: one.size_bytes), "train", asked, SALT) == done


def test_shards_are_about_as_large_as_was_asked() -> None:
    episodes = [episode(number, number // 3, 100) for number in range(900)]
    done = cut(episodes, "train", request(k=10, shard_bytes=9000), SALT)
    sizes = [100 * len(shard.episodes) for shard in done.shards]
    assert len(sizes) >= 8
    assert all(9000 <= size <= 20_000 for size in sizes)
    assert done.left_out == {}


def test_an_ordinary_contributor_lies_in_one_shard() -> None:
    episodes = [episode(number, number // 3, 100) for number in range(900)]
    done = cut(episodes, "train", request(k=10, shard_bytes=9000), SALT)
    shard_of = {digest: one.name for one in done.shards for digest in one.episodes}
    lies_in: dict[str, set[str]] = {}
    for one in episodes:
        lies_in.setdefault(one.contributor, set()).add(shard_of[one.sha256])
    assert {len(shards) for shards in lies_in.values()} == {1}


def test_of_who_has_most_of_everything_only_a_fifth_stays() -> None:
    episodes = [episode(number, max(0, number - 88)) for number in range(100)]
    done = cut(episodes, "train", request(k=10), SALT)
    (shard,) = done.shards
    assert len(shard.episodes) == 13
    assert Counter(done.left_out.values()) == {"more-than-a-share": 87}


def test_one_person_alone_fills_a_shard_of_k_1_and_none_of_k_10() -> None:
    episodes = [episode(number, 0) for number in range(5)]
    assert len(cut(episodes, "train", request(k=1), SALT).shards) == 1
    none = cut(episodes, "train", request(k=10), SALT)
    assert not none.shards
    assert set(none.left_out.values()) == {"fewer-than-k"}
