"""Shards and trajectories: what is in them, in which order, and the same each time."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.support.episodes import ASTRAL
from tests.support.hands import HAND, TEXTS, read_action
from tests.support.imports import SAMPLES, imported
from tests.support.pictures import Desk, working_day

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.masked import MARK
from signoff_datasets.exports.formats import load_format
from signoff_datasets.exports.interface import File, Source
from signoff_datasets.frames import pairs
from signoff_datasets.frames.acts import ActKind
from signoff_datasets.frames.records import SIZE
from signoff_datasets.frames.tools import TOOL_DEFINITIONS
from signoff_schemas.errors import UsageError
from signoff_schemas.steps import CommandStep, FilesStep, SelectStep, TaskStep

Json = dict[str, Any]


def written(name: str, episode: Episode, task: int | None = None) -> list[File]:
    source = Source(
        episode=episode, sha256="a" * 64, statement_sha256="b" * 64, licence="MIT", task=task
    )
    return list(load_format(name).write(source))


def members(content: bytes) -> list[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        found = []
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            assert (member.mtime, member.uid, member.gid, member.uname) == (0, 0, 0, "")
            assert member.isreg()
            found.append((member.name, file.read()))
        return found


def records(episode: Episode, task: int | None = None) -> list[Json]:
    (file,) = written("frames", episode, task)
    return [json.loads(text) for name, text in members(file.content) if name.endswith(".json")]


def day(*, words: str = f"make it {ASTRAL}") -> Episode:
    """Return a day with an action of every kind that points at something."""
    desk = Desk()
    desk.add(TaskStep, text=words, stated="before_first_edit")
    desk.add(FilesStep, changed=tuple(
        {"path": path, "blob": desk.blob(text.encode())} for path, text in TEXTS.items()
    ), is_base=True)  # fmt: skip
    desk.open("a.py", TEXTS["a.py"])
    desk.type("a.py", 2, f"typed {ASTRAL}")
    desk.backspace("a.py", 4, 2)
    desk.add(SelectStep, path="a.py", buffer=0, cursor=6, selections=((2, 6),))
    desk.add(TaskStep, text=f"then that {ASTRAL}", stated="during")
    desk.edit("a.py", 2, 4, "REDACTED_TOKEN_1")
    desk.save("a.py")
    desk.command(("make", "REDACTED_TOKEN_1"), "REDACTED_TOKEN_1\n", actor=HAND)
    return desk.episode()


def test_a_shard_holds_json_and_picture_of_every_frame_in_order() -> None:
    (file,) = written("frames", day())
    found = members(file.content)
    keys = [f"{'a' * 16}-{number:06}" for number in range(len(found) // 2)]
    assert [name for name, _ in found] == [
        f"{key}.{ending}" for key in keys for ending in ("json", "png")
    ]
    assert file.records == len(keys) - 1
    for name, content in found:
        if name.endswith(".png"):
            with Image.open(io.BytesIO(content)) as picture:
                assert picture.size == (SIZE.width, SIZE.height)
                facts = json.loads(picture.text["signoff"])  # type: ignore[attr-defined]  # of PNG
            assert facts["episode_sha256"] == "a" * 64


def test_every_record_says_what_was_done_where_and_by_whom() -> None:
    rows = records(day())
    assert [row["key"] for row in rows][1:] == [row["next"] for row in rows][:-1]
    assert rows[-1]["next"] is None
    assert rows[-1]["action"] is None
    kinds = [row["action"]["kind"] for row in rows[:-1]]
    assert kinds == [
        "open_file", "type_text", "press_key", "select_range", "type_text", "press_key",
        "run_command",
    ]  # fmt: skip
    typed = rows[1]
    assert typed["action"]["text"] == f"typed {ASTRAL}"
    x, y, width, height = typed["action"]["target"]["box"]
    assert x <= typed["action"]["target"]["x"] < x + width
    assert y <= typed["action"]["target"]["y"] < y + height
    assert (typed["author"]["class"], typed["weight"], typed["seq"]) == ("typed", 1, [3, 10])
    assert typed["task"] == {
        "text": f"make it {ASTRAL}", "origin": "person", "stated": "before_first_edit"
    }  # fmt: skip
    assert rows[4]["task"]["text"] == f"then that {ASTRAL}"
    assert (rows[4]["weight"], rows[4]["zero_because"]) == (0, ["placeholder"])
    assert rows[3]["action"]["to"]["x"] > rows[3]["action"]["target"]["x"]
    assert rows[0]["weight"] == 0
    assert {row["statement_sha256"] for row in rows} == {"b" * 64}
    assert {row["licence"] for row in rows} == {"MIT"}
    assert {row["inferred"] for row in rows[:-1]} == {False}
    for row in rows[:-1]:
        assert read_action(json.dumps(row["action"])).kind == row["action"]["kind"]


def test_the_same_episode_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    episode = day()
    header = episode.header.model_copy(update={"versions": {MARK: "test"}})
    source = tmp_path / "a.episode"
    source.write_bytes(write_episode(replace(episode, header=header)))
    made = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        subprocess.run(
            [sys.executable, "-m", "signoff_collector", "export", source, "--format", "frames",
             "-o", out],
            env={**os.environ, "PYTHONHASHSEED": seed, "SIGNOFF_HOME": str(tmp_path / "home")},
            capture_output=True, timeout=120, check=True,
        )  # fmt: skip
        made.append(out.read_bytes())
    assert made[0] == made[1]
    assert written("frames", episode)[0].content == written("frames", episode)[0].content


def test_a_trajectory_has_a_picture_before_the_first_action_and_one_after_each() -> None:
    files = {file.name: file for file in written("frames-atif", day())}
    told = json.loads(files["trajectory.json"].content)
    steps = told["steps"]
    assert [step["step_id"] for step in steps] == list(range(1, len(steps) + 1))
    assert [step["source"] for step in steps] == [
        "system", "user", "agent", "agent", "agent", "agent", "user", "agent", "agent", "agent"
    ]  # fmt: skip
    shown = [steps[0]["message"][1], *(
        step["observation"]["results"][0]["content"][0] for step in steps if "observation" in step
    )]  # fmt: skip
    paths = [part["source"]["path"] for part in shown]
    assert paths == [f"images/{number:06}.png" for number in range(8)]
    assert {*paths, "trajectory.json", "export.json"} == files.keys()
    assert files["trajectory.json"].records == 7
    shard = dict(members(written("frames", day())[0].content))
    for number, path in enumerate(paths):
        assert files[path].content == shard[f"{'a' * 16}-{number:06}.png"]
    calls = [step["tool_calls"][0] for step in steps if "tool_calls" in step]
    rows = records(day())[:-1]
    assert [{"kind": one["function_name"], **one["arguments"]} for one in calls] == [
        row["action"] for row in rows
    ]
    assert json.loads(files["export.json"].content)["export_version"] == 1
    assert told["extra"]["statement_sha256"] == "b" * 64


def test_every_kind_of_action_is_defined_as_a_tool() -> None:
    named = {one["function"]["name"] for one in TOOL_DEFINITIONS}  # type: ignore[index]  # objects
    assert named == set(ActKind.__args__)  # type: ignore[attr-defined]  # of a Literal


def test_a_task_is_exported_alone() -> None:
    whole, first = records(day()), records(day(), task=0)
    assert 1 < len(first) < len(whole)
    assert [row["action"] for row in first[:-1]] == [
        row["action"] for row in whole[: len(first) - 1]
    ]
    with pytest.raises(UsageError, match="no task 9"):
        records(day(), task=9)


def test_no_more_actions_than_the_limit_are_written_and_the_rest_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pairs, "MOST", 3)
    (file,) = written("frames", day())
    assert file.records == 3
    assert file.notes == ("no action are 4 limit (docs/exports.md#frames)",)


def test_an_episode_without_actions_is_one_frame() -> None:
    (row,) = records(Desk().episode())
    assert row["action"] is None
    (file,) = written("frames", Desk().episode())
    assert file.records == 0


def test_of_an_imported_episode_no_guess_is_learnt() -> None:
    rows = records(imported("crowd-code", SAMPLES["crowd-code"][-1]))
    assert len(rows) > 1
    assert {row["imported"]["format"] for row in rows} == {"crowd-code-2"}
    learnt = [row for row in rows[:-1] if row["weight"]]
    assert all(row["author"]["basis"] == "observed" for row in learnt)


@pytest.mark.parametrize("made", [day, working_day])
def test_every_text_of_a_record_is_of_the_masked_episode(made: Callable[[], Episode]) -> None:
    episode = made()
    known = [episode.edits.text, *episode.files, *TEXTS]
    known += [shlex.join(one.argv) for one in episode.steps if isinstance(one, CommandStep)]
    known += [one.text for one in episode.steps if isinstance(one, TaskStep)]
    rows = records(episode)
    assert len(rows) > 4
    for row in rows:
        said = [row["frame"]["path"] or "", (row["task"] or {}).get("text", "")]
        said.append((row["action"] or {}).get("text", ""))
        assert all(any(text in one for one in known) for text in said), said
        assert str(Path.home()) not in json.dumps(row)
