"""What rules propose: the same for the same episode, with reasons, and true on made days."""

from __future__ import annotations

import json

import pytest
from benchmarks.made_days.known_day import known_day
from hypothesis import given
from tests.support.episodes import episodes
from tests.support.labels import day, masked

from signoff_collector.labels.proposing import proposals_of
from signoff_collector.labels.schema_files import default_schema, parse_json_schema
from signoff_collector.levels.levels import levels_of
from signoff_collector.levels.wrong_turns import wrong_turns
from signoff_schemas.errors import DamagedError

pytestmark = pytest.mark.slow
SCHEMA = default_schema()


def test_a_day_has_proposals_of_every_kind_each_with_its_reason() -> None:
    found = proposals_of(levels_of(day()), SCHEMA)
    assert {one.value for one in found} == {"mistake", "recover", "dead-end", "weakened-test"}
    assert len({one.id for one in found}) == len(found)
    for one in found:
        assert one.reason
        assert SCHEMA.fault_of(one.field, one.value, one.first, one.last) is None
        assert 0 <= one.first <= one.last < day().step_count
        assert one.origin == "proposed"


def test_the_same_episode_gives_the_same_proposals_in_order() -> None:
    once, again = (proposals_of(levels_of(day()), SCHEMA) for _ in range(2))
    assert once == again
    assert list(once) == sorted(once, key=lambda one: (one.first, one.last, one.field, one.value))


def test_only_values_of_the_schema_are_proposed_in_the_field_that_has_them() -> None:
    other = {
        "label_schema": 1, "name": "o",
        "fields": [
            {"kind": "tag", "name": "turn", "where": "span", "values": [{"name": "mistake"}]}
        ],
    }  # fmt: skip
    found = proposals_of(levels_of(day()), parse_json_schema(json.dumps(other).encode()))
    assert {(one.field, one.value) for one in found} == {("turn", "mistake")}
    assert all(one.first < one.last for one in found)


@given(episode=episodes())
def test_whatever_happened_proposals_fit_the_schema_and_the_episode(episode: object) -> None:
    made = masked(episode)  # type: ignore[arg-type]
    try:
        levels = levels_of(made)
    except DamagedError:
        return
    for one in proposals_of(levels, SCHEMA):
        assert SCHEMA.fault_of(one.field, one.value, one.first, one.last) is None
        assert one.last < made.step_count


@pytest.mark.parametrize("seed", range(4))
def test_what_was_written_down_as_a_dead_end_or_a_weakened_test_is_proposed(seed: int) -> None:
    """The days of `benchmarks/levels.py`: each wrong turn is written down as it is done."""
    episode, truth = known_day(seed, tasks=4)
    found = proposals_of(levels_of(episode), SCHEMA)
    dead = [one for one in found if one.value == "dead-end"]
    for first, last in truth.dead_ends:
        assert any(one.first <= last and first <= one.last for one in dead), (first, last)
    assert len(dead) == len(truth.dead_ends)
    weakened = {one.last for one in found if one.value == "weakened-test"}
    assert weakened == {green for _, _, green in truth.weakened}


def test_wrong_turns_have_two_sides() -> None:
    found = list(wrong_turns(levels_of(day())))
    assert {one.side for one in found} == {"mistake", "recover"}
    assert {one.because for one in found} >= {"dead_end", "reverted"}
