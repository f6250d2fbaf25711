"""Outside programs accept what `signoff export` wrote, and refuse what is broken."""

from __future__ import annotations

import copy
import json
import math
import os
import re
import subprocess
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from benchmarks.made_days.known_day import known_day
from tests.datasets.exports.test_chat import worked
from tests.support.cli import signoff
from tests.support.episodes import jumping_episode, later_episode, sample_episode

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.masked import MARK
from signoff_datasets.actions.trace import trace
from signoff_datasets.exports.calls import call_of, is_call

pytestmark = pytest.mark.exports

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = ROOT / "tests" / "support" / "outside"
PLACE = Path(os.environ.get("SIGNOFF_E2E_EXPORTS", "~/.cache/signoff-e2e/exports")).expanduser()
GOLDEN = sorted((ROOT / "tests" / "golden").rglob("*.episode"))
Json = dict[str, Any]
LIMIT_S = 500


def outside(environment: str, script: str, *words: object) -> list[Json]:
    """Run one of our scripts in an outside environment; return the rows that it prints."""
    python = PLACE / environment / "bin" / "python"
    if not python.exists():
        message = f"no {python}: `make e2e-exports` puts it there"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    done = subprocess.run(
        [python, OUTSIDE / script, *map(str, words)],
        capture_output=True, text=True, timeout=LIMIT_S, check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"path"')]


def episodes() -> dict[str, Episode]:
    found = {
        "day": known_day(1000, tasks=3)[0], "worked": worked(), "sample": sample_episode(),
        "jumping": jumping_episode(), "later": later_episode(),
    }  # fmt: skip
    found |= {f"{path.parent.name}-{path.stem}": read_episode(path.read_bytes()) for path in GOLDEN}
    return found


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Path]]:
    """Return a function that exports all episodes in one format, by the verb."""
    folder = tmp_path_factory.mktemp("exported")
    for name, episode in episodes().items():
        versions = {**episode.header.versions, MARK: "test"}  # nothing is to be searched
        header = episode.header.model_copy(update={"versions": versions})
        (folder / f"{name}.episode").write_bytes(write_episode(replace(episode, header=header)))

    def export(form: str) -> dict[str, Path]:
        made: dict[str, Path] = {}
        for name in episodes():
            made[name] = folder / f"{name}.{form}"
            if not made[name].exists():
                source = folder / f"{name}.episode"
                said = signoff("export", source, "--format", form, "-o", made[name])
                assert said.code in {0, 3}, said  # 3: a form has nothing of it
        return made

    return export


def _step(found: Json, source: str) -> Json:
    step: Json = next(one for one in found["steps"] if one["source"] == source)
    return step


def _call(found: Json) -> Json:
    step: Json = next(one for one in found["steps"] if one.get("tool_calls"))
    return step


BROKEN_TRAJECTORIES: dict[str, Callable[[Json], object]] = {
    "unknown name": lambda one: one.update(surprise=1),
    "a human source": lambda one: one["steps"][0].update(source="human"),
    "a call of the user's": lambda one: _step(one, "user").update(
        tool_calls=_call(one)["tool_calls"]
    ),
    "a gap in the numbers": lambda one: one["steps"].pop(1),
    "a result of no call": lambda one: _call(one)["observation"]["results"][0].update(
        source_call_id="other"
    ),
    "no step": lambda one: one.update(steps=[]),
    "no message": lambda one: one["steps"][0].pop("message"),
    "thoughts without a model": lambda one: _call(one).update(reasoning_content="hm"),
    "a later version": lambda one: one.update(schema_version="ATIF-v1.9"),
    "arguments as text": lambda one: _call(one)["tool_calls"][0].update(arguments="{}"),
}
NOT_SEEN_BY_ATIF = {"no step", "a later version"}
"""The light package takes any version, and a trajectory without steps."""


def broken(folder: Path, whole: Json, how: dict[str, Callable[[Json], object]]) -> dict[str, Path]:
    """Write a record broken in each way."""
    made: dict[str, Path] = {}
    for name, breaking in how.items():
        record = copy.deepcopy(whole)
        breaking(record)
        made[name] = folder / f"{name}.json"
        made[name].write_text(json.dumps(record) + "\n", "utf-8")
    return made


def judged(rows: Iterable[Json], files: dict[str, Path]) -> dict[str, bool]:
    """Return by name whether a file was accepted."""
    said = {row["path"]: not row["errors"] for row in rows}
    return {name: said[str(path)] for name, path in files.items()}


@pytest.mark.parametrize(("environment", "who"), [("harbor", "harbor"), ("trainers", "atif")])
def test_trajectories_are_valid_and_broken_ones_are_not(
    exported: Callable[[str], dict[str, Path]], tmp_path: Path, environment: str, who: str
) -> None:
    whole = exported("atif")
    bad = broken(tmp_path, json.loads(whole["worked"].read_text()), BROKEN_TRAJECTORIES)
    rows = outside(environment, "check_atif.py", who, *whole.values(), *bad.values())
    assert judged(rows, whole) == dict.fromkeys(whole, True), rows
    unseen = NOT_SEEN_BY_ATIF if who == "atif" else set()
    assert judged(rows, bad) == {name: name in unseen for name in bad}


def test_a_trajectory_of_a_task_and_of_an_agent_is_valid(
    exported: Callable[[str], dict[str, Path]], tmp_path: Path
) -> None:
    from tests.datasets.exports.test_atif import agents_episode, made

    exported("atif")
    (tmp_path / "agent").write_text(json.dumps(made(agents_episode())))
    (tmp_path / "task").write_text(json.dumps(made(worked(), task=0)))
    rows = outside("harbor", "check_atif.py", "harbor", tmp_path / "agent", tmp_path / "task")
    assert [row["errors"] for row in rows] == [[], []]


def test_shards_of_frames_are_read_by_webdataset_and_broken_ones_are_not(
    exported: Callable[[str], dict[str, Path]], tmp_path: Path
) -> None:
    whole = exported("frames")
    content = whole["worked"].read_bytes()
    at = content.index(b"\x89PNG")
    bad = {
        "torn": content[: at + 2_000],
        "no picture": content[:at] + b"JUNK" + content[at + 4 :],
        "no tar": b"{}" * 600,
    }
    for name, data in bad.items():
        (tmp_path / f"{name}.tar").write_bytes(data)
    files = [*whole.values(), *(tmp_path / f"{name}.tar" for name in bad)]
    rows = outside("webdataset", "read_shards.py", *files)
    for row, path in zip(rows, whole.values(), strict=False):
        records = [one["record"] for one in row["samples"]]
        assert [one["key"] for one in row["samples"]] == [one["key"] for one in records]
        assert [one["key"] for one in records][1:] == [one["next"] for one in records][:-1]
        with tarfile.open(path) as tar:
            assert 2 * len(records) == len(tar.getmembers())
        assert {tuple(one["size"]) for one in row["samples"]} == {(1280, 800)}
    assert sum(len(row["samples"]) for row in rows[: len(whole)]) > 100
    assert all("error" in row or not row["samples"] for row in rows[len(whole) :]), rows


def _image(found: Json) -> Json:
    part: Json = found["steps"][0]["message"][1]
    return part


BROKEN_FRAMES: dict[str, Callable[[Json], object]] = {
    "a picture that is not there": lambda one: _image(one)["source"].update(path="images/none.png"),
    "a picture of no kind": lambda one: _image(one)["source"].update(media_type="image/bmp"),
    "a picture with words": lambda one: _image(one).update(text="words"),
    "a part of no type": lambda one: _image(one).update(type="video"),
    "a picture without a source": lambda one: _image(one).pop("source"),
}


@pytest.mark.parametrize(("environment", "who"), [("harbor", "harbor"), ("trainers", "atif")])
def test_trajectories_with_pictures_are_valid_and_broken_ones_are_not(
    exported: Callable[[str], dict[str, Path]], environment: str, who: str
) -> None:
    whole = {name: folder / "trajectory.json" for name, folder in exported("frames-atif").items()}
    folder = whole["worked"].parent
    bad = broken(folder, json.loads(whole["worked"].read_text()), BROKEN_FRAMES)
    rows = outside(environment, "check_atif.py", who, *whole.values(), *bad.values())
    assert judged(rows, whole) == dict.fromkeys(whole, True), rows
    unseen = {"a picture that is not there"} if who == "atif" else set[str]()  # it has no files
    assert judged(rows, bad) == {name: name in unseen for name in bad}


BROKEN_CHATS: dict[str, Callable[[Json], object]] = {
    "arguments as objects": lambda one: _function(one).update(arguments={}),
    "a weight as text": lambda one: _calling(one).update(weight="1"),
    "a human role": lambda one: one["messages"][1].update(role="human"),
    "a result without a call": lambda one: one["messages"].remove(_calling(one)),
    "an unknown field": lambda one: one["messages"][1].update(surprise=1),
    "an unanswered call": lambda one: one["messages"].pop(one["messages"].index(_calling(one)) + 1),
    "a tool without a name": lambda one: one["tools"][0]["function"].pop("name"),
    "no messages": lambda one: one.pop("messages"),
}


def _calling(record: Json) -> Json:
    message: Json = next(one for one in record["messages"] if one.get("tool_calls"))
    return message


def _function(record: Json) -> Json:
    function: Json = _calling(record)["tool_calls"][0]["function"]
    return function


def test_fine_tuning_records_have_the_types_of_openai(
    exported: Callable[[str], dict[str, Path]], tmp_path: Path
) -> None:
    whole = exported("openai")
    bad = broken(tmp_path, json.loads(whole["worked"].read_text()), BROKEN_CHATS)
    rows = outside("trainers", "check_openai.py", *whole.values(), *bad.values())
    assert judged(rows, whole) == dict.fromkeys(whole, True), rows
    assert judged(rows, bad) == dict.fromkeys(bad, False)
    assert sum(row["records"] for row in rows[: len(whole)]) >= 3


BROKEN_ROWS: dict[str, Callable[[Json], object]] = {
    "a message without a role": lambda one: one["completion"][0].pop("role"),
    "no completion": lambda one: one.pop("completion"),
    "a completion that is text": lambda one: one.update(completion="done"),
}


def test_a_trainer_learns_exactly_the_calls_of_the_person(
    exported: Callable[[str], dict[str, Path]], tmp_path: Path
) -> None:
    whole = exported("chat")
    both = tmp_path / "both.jsonl"
    both.write_bytes(whole["worked"].read_bytes() + whole["day"].read_bytes())
    filled = tmp_path / "filled.from_list"
    filled.write_bytes(whole["worked"].read_bytes())
    first = json.loads(whole["worked"].read_text().splitlines()[0])
    bad = broken(tmp_path, first, BROKEN_ROWS)
    good, nulled, *rest = outside("trainers", "train.py", tmp_path, both, filled, *bad.values())
    assert good["nulls"] == 0
    assert math.isfinite(good["loss"])
    wanted = [*learnt(worked()), *learnt(episodes()["day"])]
    assert [said_in(text) for text in good["supervised"]] == wanted
    assert len(wanted) > 8
    assert "null" not in "".join(good["supervised"])
    assert nulled.get("nulls", 0) > 0, nulled  # so nulls would have been seen
    assert all("error" in row or not any(row["supervised"]) for row in rest), rest


def test_tables_are_read_by_others_and_broken_ones_are_not(
    exported: Callable[[str], dict[str, Path]], tmp_path: Path
) -> None:
    folder = exported("parquet")["worked"]
    content = (folder / "steps.parquet").read_bytes()
    bad = {
        "short": content[:-9],
        "without its end": content[:-4] + b"PAR2",
        "no table": b"{}",
        "nothing": b"",
        "torn": content[: len(content) // 2] + content[-300:],
    }
    for name, data in bad.items():
        (tmp_path / f"{name}.parquet").write_bytes(data)
    files = [folder / f"{name}.parquet" for name in ("episodes", "steps", "edits")]
    rows = outside("trainers", "read_tables.py", tmp_path, *files, *tmp_path.glob("*.parquet"))
    whole, broken_ones = rows[:3], rows[3:]
    assert [(row["duckdb"], row["datasets"]) for row in whole] == [(1, 1), (7, 7), (1, 1)], whole
    assert all(sorted(row["columns"]) == row["same"] for row in whole)
    assert len(broken_ones) == len(bad)
    assert all("duckdb_error" in row and "datasets_error" in row for row in broken_ones), rows


def learnt(episode: Episode) -> list[object]:
    """Return the person's calls and words of an episode, straight from its actions."""
    found: list[object] = []
    for action in trace(episode).actions:
        if action.weight and action.kind == "message":
            found.append(action.text)
        elif action.weight and is_call(action):
            name, arguments = call_of(action)
            found.append({"name": name, "arguments": arguments})
    return found


_CALL = re.compile(
    r"<think>\n\n</think>\n\n<tool_call>\n(.*)\n</tool_call><\|im_end\|>\n", re.DOTALL
)
_WORDS = re.compile(r"<think>\n\n</think>\n\n(.*)<\|im_end\|>\n", re.DOTALL)


def said_in(text: str) -> object:
    """Return the call or the words that are all there is in a supervised text."""
    call = _CALL.fullmatch(text)
    if call is not None:
        return json.loads(call[1])
    words = _WORDS.fullmatch(text)
    assert words is not None, text
    return words[1]
