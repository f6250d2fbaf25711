"""Trajectories: what the first lines of the module say is what is written."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import cast

from hypothesis import given, settings
from tests.datasets.actions.test_trace import episode_of, opened
from tests.datasets.exports.test_chat import worked
from tests.support.episodes import ASTRAL, MS, edit, episodes
from tests.support.imports import CLAUDE, SAMPLES, imported
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_datasets.exports.atif import AGENT_NAME, SCHEMA_VERSION, trajectory
from signoff_datasets.exports.interface import Source
from signoff_schemas.steps import EnvironmentStep

Json = dict[str, object]


def made(episode: Episode, **more: object) -> Json:
    found = trajectory(Source(episode=episode, sha256="a" * 64, **more))  # type: ignore[arg-type]
    return cast("Json", json.loads(json.dumps(found)))


def steps_of(found: Json) -> list[Json]:
    return cast("list[Json]", found["steps"])


def test_a_person_is_the_agent_and_no_model() -> None:
    found = made(worked(), licence="MIT")
    assert (found["schema_version"], found["trajectory_id"]) == (SCHEMA_VERSION, f"{'a' * 16}/all")
    agent = cast("Json", found["agent"])
    assert agent["name"] == AGENT_NAME
    assert "model_name" not in agent
    assert [one["step_id"] for one in steps_of(found)] == [*range(1, 7)]
    assert [one["source"] for one in steps_of(found)] == [
        "user", "agent", "agent", "agent", "agent", "system"
    ]  # fmt: skip
    assert {one.get("llm_call_count") for one in steps_of(found) if one["source"] == "agent"} == {0}
    extra = cast("Json", found["extra"])
    assert (extra["episode_sha256"], extra["seq"], extra["licence"]) == ("a" * 64, [0, 6], "MIT")


def test_every_call_is_of_a_defined_tool_and_has_its_result() -> None:
    found = made(worked())
    defined = {
        one["function"]["name"]: one["function"]["parameters"]
        for one in cast("dict[str, list[dict[str, Json]]]", found["agent"])["tool_definitions"]
    }
    for step in steps_of(found):
        for call in cast("list[Json]", step.get("tool_calls", [])):
            shape = cast("dict[str, Json]", defined[call["function_name"]])
            arguments = cast("Json", call["arguments"])
            assert set(arguments) <= set(shape["properties"])
            assert set(shape["required"]) <= set(arguments)
            results = cast("dict[str, list[Json]]", step["observation"])["results"]
            assert [one["source_call_id"] for one in results] == [call["tool_call_id"]]


def test_what_another_tool_recorded_of_an_agent_is_the_agents_work() -> None:
    found = made(imported("claude-code", CLAUDE))
    assert cast("Json", found["agent"])["name"] == "claude-code"
    assert cast("Json", found["extra"])["imported"] == {"format": "claude-code"}
    assert "subagent_trajectories" not in found
    told = [(one["source"], one["message"]) for one in steps_of(found)]
    assert told.count(("user", f"fix it {ASTRAL}")) == 1
    assert ("agent", "Looking.") in told
    calls = [
        call for one in steps_of(found) for call in cast("list[Json]", one.get("tool_calls", []))
    ]
    assert [one["function_name"] for one in calls] == ["Write", "Edit", "Bash"]
    assert cast("Json", calls[1]["arguments"])["new_string"] == "2"
    results = [
        cast("dict[str, list[Json]]", one["observation"])["results"][0]
        for one in steps_of(found) if "tool_calls" in one
    ]  # fmt: skip
    assert (
        cast("list[Json]", cast("Json", results[1]["extra"])["file_changes"])[0]["function_name"]
        == "str_replace"
    )
    assert cast("Json", results[2]["extra"])["exit_code"] == 1


def test_what_another_tool_recorded_of_a_person_is_named_by_its_format() -> None:
    found = made(imported("asciicast", SAMPLES["asciicast"][-1]))
    assert cast("Json", found["agent"])["name"] == "asciicast"
    (run,) = [one for one in steps_of(found) if "tool_calls" in one]
    assert cast("list[dict[str, Json]]", run["tool_calls"])[0]["extra"]["weight"] == 0


def surrounded() -> Episode:
    """Return an episode with a test run of which is known what stood around it."""
    typist = Typist()
    installed = {"attrs": "25.1.0", ASTRAL: "1"}
    python = {"python": "3.12.1"}
    typist.add(EnvironmentStep, interpreters=python, installed=installed, installed_unnamed=2)
    run_tests(typist, {"t.py::a": "passed"}, services=("redis",))
    return typist.episode()


def test_what_stood_around_the_test_runs_is_told_where_it_is_known() -> None:
    assert cast("Json", made(surrounded())["extra"])["environment"] == {
        "interpreters": {"python": "3.12.1"},
        "packages": {"attrs": "25.1.0", ASTRAL: "1"},
        "unnamed_packages": 2,
        "services": ["redis"],
    }
    assert "environment" not in cast("Json", made(worked())["extra"])


def test_a_change_of_nobody_is_no_call() -> None:
    last = steps_of(made(worked()))[-1]
    extra = cast("Json", last["extra"])
    assert cast("Json", extra["author"])["class"] == "unknown"
    (change,) = cast("list[Json]", extra["file_changes"])
    assert change["function_name"] == "str_replace"


def test_times_are_told_as_far_as_the_episode_has_them() -> None:
    episode = episode_of([opened(), {"kind": "save", "seq": 2}], edit(1, 0, 3, "won", t_ms=7))
    assert "timestamp" not in str(made(episode))
    assert cast("Json", steps_of(made(episode))[1]["extra"])["t_ms"] == 7
    dated = replace(
        episode, header=episode.header.model_copy(update={"started_wall_ns": 1_000 * MS})
    )
    assert steps_of(made(dated))[1]["timestamp"] == "1970-01-01T00:00:01.007Z"
    none = replace(episode, header=episode.header.model_copy(update={"time_resolution": "none"}))
    assert "t_ms" not in str(made(none))


def agents_episode() -> Episode:
    told = {
        "kind": "agent",
        "tool": "claude-code",
        "model": "m",
        "agent_session": "1",
        "path": None,
    }
    rows: list[dict[str, object]] = [
        {**told, "seq": 0, "event": "prompt", "text": f"do it {ASTRAL}"},
        {**told, "seq": 1, "event": "tool_call", "call": 1, "tool_name": "Write", "paths": ["a"]},
        {**told, "seq": 2, "event": "tool_result", "call": 1, "failed": False},
        {**told, "seq": 3, "event": "end"},
    ]
    return episode_of(rows)


def test_an_agent_has_a_trajectory_of_its_own() -> None:
    found = made(agents_episode())
    (within,) = cast("list[Json]", found["subagent_trajectories"])
    assert [one["source"] for one in steps_of(within)] == ["user", "agent", "system"]
    assert "failed" in str(steps_of(within)[1]["observation"])
    (root,) = steps_of(found)
    assert root["source"] == "system"
    assert f"'trajectory_id': '{within['trajectory_id']}'" in str(root["observation"])


@settings(max_examples=30)
@given(episodes())
def test_any_episode_is_text_that_utf8_can_hold(episode: Episode) -> None:
    json.dumps(trajectory(Source(episode=episode, sha256="a" * 64)), ensure_ascii=False).encode()
