"""A trajectory that is imported and exported again is the same trajectory."""

from __future__ import annotations

import json

from hypothesis import given, settings
from tests.datasets.exports.test_atif import made, surrounded
from tests.support.episodes import episodes
from tests.support.imports import ASTRAL, ATIF, imported

from signoff_collector.episode.content import Episode
from signoff_datasets.exports.atif import trajectory
from signoff_datasets.exports.interface import Source


def _again(found: object) -> Episode:
    return imported("atif", json.dumps(found).encode())


@settings(max_examples=40)
@given(episodes())
def test_any_of_our_own_comes_back(episode: Episode) -> None:
    found = made(episode)
    assert made(_again(found)) == found


def test_what_stood_around_the_test_runs_comes_back() -> None:
    found = made(surrounded())
    assert "environment" in str(found)
    assert made(_again(found)) == found


def test_one_of_another_tool_comes_back() -> None:
    assert made(_again(ATIF)) == ATIF


def test_a_task_of_an_imported_one_is_told_anew() -> None:
    again = _again(ATIF)
    found = trajectory(Source(episode=again, sha256="a" * 64, task=0))
    assert found["schema_version"] == "ATIF-v1.7"
    assert ASTRAL in json.dumps(found, ensure_ascii=False)
