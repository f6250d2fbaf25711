"""A reduced plan holds what is not gone, keeps `k`, and leaves what lost nothing as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.datasets import DAY, request, words

from signoff_datasets.planning.cutting import cut, fits
from signoff_datasets.refreshing.reduced import reduced
from signoff_schemas.dataset import DatasetPlan, PlannedEpisode
from signoff_schemas.statement import Purpose

SALT = words("salt")
LATER = "2027-02-01T00:00:00Z"


def episode(number: int, person: int) -> PlannedEpisode:
    return PlannedEpisode(
        sha256=words(("episode", number), 64),
        statement_sha256=words(("statement", number), 64),
        size_bytes=100,
        contributor=words(("person", person)),
        repository=words(("repository", person)),
        licence="MIT",
        repository_licence="Apache-2.0",
        prohibited_uses=(),
        purposes=(Purpose.MODEL_TRAINING,),
        expires="2027-11-20T12:00:00Z",
    )


@st.composite
def plans(draw: st.DrawFn) -> DatasetPlan:
    k = draw(st.sampled_from([1, 3, 6, 10]))
    people = draw(st.lists(st.integers(0, 40), min_size=1, max_size=120))
    asked = request(k=k, shard_bytes=draw(st.sampled_from([1, 700, 2000])))
    known = [episode(number, person) for number, person in enumerate(people)]
    done = cut(known, "train", asked, SALT)
    held = {one for shard in done.shards for one in shard.episodes}
    return DatasetPlan(
        name="made",
        request=asked,
        salt=SALT,
        episodes=tuple(sorted((one for one in known if one.sha256 in held), key=_digest)),
        shards=done.shards,
        left_out={},
        versions={"pyarrow": "1"},
    )


def _digest(one: PlannedEpisode) -> str:
    return one.sha256


@given(plans(), st.data())
def test_what_is_gone_is_not_in_it_and_every_shard_keeps_k(
    plan: DatasetPlan, data: st.DataObject
) -> None:
    digests = [one.sha256 for one in plan.episodes]
    gone = data.draw(st.sets(st.sampled_from(digests))) if digests else set[str]()
    new = reduced(plan, dict.fromkeys(gone, "withdrawn"), LATER)
    DatasetPlan.model_validate_json(new.model_dump_json())  # in its order, each episode once
    known = {one.sha256: one for one in plan.episodes}
    held = {one for shard in new.shards for one in shard.episodes}
    assert held == {one.sha256 for one in new.episodes}
    assert held <= known.keys() - gone
    assert sum(new.left_out.values()) == len(known) - len(held)
    assert new.left_out.get("withdrawn", 0) == len(gone)
    for shard in new.shards:
        assert fits([known[one] for one in shard.episodes], plan.request.k)
    if plan.request.k == 1:
        assert held == known.keys() - gone


@given(plans(), st.data())
def test_one_episode_that_goes_touches_two_shards_at_most(
    plan: DatasetPlan, data: st.DataObject
) -> None:
    if not plan.episodes:
        return
    gone = data.draw(st.sampled_from([one.sha256 for one in plan.episodes]))
    new = reduced(plan, {gone: "expired"}, LATER)
    kept = set(plan.shards) & set(new.shards)
    assert len(kept) >= len(plan.shards) - 2


@given(plans())
def test_without_anything_gone_only_the_day_is_another(plan: DatasetPlan) -> None:
    new = reduced(plan, {}, LATER)
    assert new.request.as_of == LATER
    assert new == plan.model_copy(update={"request": new.request})
    assert reduced(plan, {}, DAY) == plan
