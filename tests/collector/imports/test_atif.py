"""ATIF becomes an episode and gives the same trajectory again."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import MS
from tests.support.imports import ASTRAL, ATIF, disk_text, imported

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.imports.atif import HUMAN, trajectory_of
from signoff_collector.imports.building import without_times
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import AgentStep, CommandStep, FilesStep, TaskStep
from signoff_schemas.words import ActorClass


def _read(trajectory: object) -> object:
    episode = imported("atif", json.dumps(trajectory).encode())
    return trajectory_of(read_episode(write_episode(episode)))


def test_a_trajectory_comes_back_as_it_was() -> None:
    assert _read(ATIF) == ATIF


def test_its_first_question_is_the_task_and_its_calls_change_files() -> None:
    episode = imported("atif", json.dumps(ATIF).encode())
    assert [one.text for one in episode.steps if isinstance(one, TaskStep)] == [f"fix it {ASTRAL}"]
    assert disk_text(episode, "cart.py") == f"a = 1  # {ASTRAL}\n"
    [command] = [one for one in episode.steps if isinstance(one, CommandStep)]
    assert (command.line, command.exit_code) == ("pytest -q", 1)
    assert command.output is not None
    assert command.output.head == "1 failed"
    [files] = [one for one in episode.steps if isinstance(one, FilesStep)]
    assert files.actor.cls is ActorClass.ASSISTANT
    assert files.actor.evidence == ("agent 0",)


def test_what_a_person_did_is_not_said_to_be_an_agents() -> None:
    mine = deepcopy(ATIF)
    mine["agent"] = {"name": HUMAN, "version": "1"}
    episode = imported("atif", json.dumps(mine).encode())
    classes = {one.actor.cls for one in episode.steps if isinstance(one, FilesStep | CommandStep)}
    assert classes == {ActorClass.UNKNOWN}
    assert trajectory_of(episode) == mine


def test_a_call_without_a_result_or_with_a_failed_one_changes_nothing() -> None:
    for results in ([], [{"source_call_id": "a", "content": "no", "extra": {"is_error": True}}]):
        changed = deepcopy(ATIF)
        changed["steps"][2]["observation"] = {"results": results}  # type: ignore[index]
        episode = imported("atif", json.dumps(changed).encode())
        assert disk_text(episode, "cart.py") is None
        assert trajectory_of(episode) == changed


def test_without_times_no_date_is_left() -> None:
    episode = without_times(imported("atif", json.dumps(ATIF).encode()))
    assert b"2025-01-02" not in write_episode(episode)
    assert "2025-01-02" not in json.dumps(trajectory_of(episode))
    assert set(episode.times().tolist()) == {0}


def test_another_episode_has_no_trajectory_to_give() -> None:
    episode = imported("asciicast", b'{"version": 2}\n[0.5, "o", "x"]\n')
    assert trajectory_of(episode) is None


def test_masking_that_broke_the_json_is_damage() -> None:
    episode = imported("atif", json.dumps(ATIF).encode())
    steps = tuple(
        one.model_copy(update={"foreign": "{broken"}) if isinstance(one, AgentStep) else one
        for one in episode.steps
    )
    with pytest.raises(DamagedError):
        trajectory_of(type(episode)(header=episode.header, steps=steps))


def test_the_tools_that_signoff_itself_exports_are_replayed() -> None:
    calls: list[tuple[str, dict[str, str], dict[str, object]]] = [
        ("create", {"path": "a.py", "text": f"one {ASTRAL}\n"}, {}),
        ("str_replace", {"path": "a.py", "old_str": "one", "new_str": "two"}, {}),
        ("rename", {"path": "a.py", "new_path": "b/c.py"}, {}),
        ("bash", {"command": "make"}, {"exit_code": 0, "file_changes": [
            {"function_name": "create", "arguments": {"path": "made", "text": ASTRAL}}
        ]}),
        ("create", {"path": "gone", "text": "x"}, {}),
        ("delete", {"path": "gone"}, {}),
    ]  # fmt: skip
    steps: list[dict[str, object]] = [
        {
            "step_id": number,
            "source": "agent",
            "message": "",
            "extra": {"t_ms": 100 * number},
            "tool_calls": [
                {"tool_call_id": f"s{number}", "function_name": name, "arguments": arguments}
            ],
            "observation": {
                "results": [{"source_call_id": f"s{number}", "content": "ok", "extra": extra}]
            },
        }
        for number, (name, arguments, extra) in enumerate(calls, 1)
    ]
    found = {"file_changes": [{"function_name": "delete", "arguments": {"path": "made"}}]}
    steps.append({"step_id": 7, "source": "system", "message": "made is gone", "extra": found})
    mine = {**ATIF, "agent": {"name": HUMAN, "version": "1"}, "steps": steps}
    episode = imported("atif", json.dumps(mine).encode())
    moments = Moments(episode)
    texts = {path: moments.disk(path, episode.step_count) for path in ("a.py", "b/c.py", "gone")}
    assert texts == {"a.py": None, "b/c.py": f"two {ASTRAL}\n", "gone": None}
    made = [moments.disk("made", seq) for seq in range(episode.step_count)]
    assert ASTRAL in made
    assert made[-1] is None
    assert episode.header.captured_on is None
    assert episode.header.duration_ns == 500 * MS
    assert "writes whose resulting text is not known" not in " ".join(
        episode.header.imported.said  # type: ignore[union-attr]
    )


_TEXT = st.text(st.sampled_from(f'ab\n\0"\\{ASTRAL}\ud83d'), max_size=5)
_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
_FIELDS = st.dictionaries(_TEXT, _VALUE, max_size=3)
_PARTS = st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": _TEXT}), max_size=2)


@st.composite
def _steps(draw: st.DrawFn) -> list[dict[str, object]]:
    steps: list[dict[str, object]] = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        step: dict[str, object] = {
            "step_id": number,
            "source": draw(st.sampled_from(["agent", "user", "system"])),
            "message": draw(_TEXT | _PARTS),
            **draw(st.fixed_dictionaries({}, optional={"extra": _FIELDS, "metrics": _FIELDS})),
        }
        if draw(st.booleans()):
            calls = [
                {
                    "tool_call_id": f"c{number}.{place}",
                    "function_name": draw(st.sampled_from(["bash", "create", "str_replace", ""])),
                    "arguments": {
                        **draw(_FIELDS),
                        **draw(
                            st.fixed_dictionaries(
                                {},
                                optional={
                                    "path": st.sampled_from(["a", "b/c", "../d", "/e", ""]),
                                    "command": _TEXT,
                                    "file_text": _TEXT,
                                    "old_str": _TEXT,
                                    "new_str": _TEXT,
                                    "insert_line": st.integers(),
                                },
                            )
                        ),
                    },
                    **draw(st.fixed_dictionaries({}, optional={"extra": _FIELDS})),
                }
                for place in range(draw(st.integers(0, 3)))
            ]
            step["tool_calls"] = calls
            some = draw(st.lists(st.sampled_from([one["tool_call_id"] for one in calls])) if calls
                        else st.just([]))  # fmt: skip
            step["observation"] = {
                "results": [
                    {"source_call_id": one, **draw(
                        st.fixed_dictionaries({}, optional={"content": _TEXT | _PARTS | st.none(),
                                                            "extra": _FIELDS}))}
                    for one in some
                ]
            }  # fmt: skip
        steps.append(step)
    return steps


@given(_steps(), _FIELDS)
def test_any_trajectory_comes_back_as_it_was(
    steps: list[dict[str, object]], extra: dict[str, object]
) -> None:
    trajectory = {
        "schema_version": "ATIF-v1.8",
        "agent": {"name": "x", "version": "1"},
        "extra": extra,
        "steps": steps,
    }
    content = json.dumps(trajectory).encode()
    episode = read_episode(write_episode(imported("atif", content)))
    # What JSON itself cannot keep apart, such as halves that meet, is as JSON reads it.
    assert trajectory_of(episode) == json.loads(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        json.dumps({**ATIF, "schema_version": "1.7"}).encode(),
        json.dumps({**ATIF, "steps": []}).encode(),
        json.dumps({**ATIF, "steps": [3]}).encode(),
        json.dumps({**ATIF, "agent": {"version": "1"}}).encode(),
    ],
)
def test_what_is_no_trajectory_is_damage(content: bytes) -> None:
    with pytest.raises(DamagedError):
        imported("atif", content)
