"""An exported record alone, done again in a real folder, gives the recorded files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.made_days.known_day import known_day
from hypothesis import given, settings
from tests.datasets.actions.test_trace import OPENED, episode_of, opened
from tests.support.episodes import ASTRAL, edit, episodes, sample_episode
from tests.support.tools import do_calls, lay, plain, read_back, run_bash, trajectory_calls

from signoff_collector.episode.content import Episode
from signoff_datasets.actions.reaching import reach
from signoff_datasets.actions.trace import trace
from signoff_datasets.exports.formats import load_format
from signoff_datasets.exports.interface import Source


def records(name: str, episode: Episode) -> list[dict[str, object]]:
    (file,) = load_format(name).write(Source(episode=episode, sha256="a" * 64))
    if name == "atif":
        return [json.loads(file.content)]
    return [json.loads(line) for line in file.content.splitlines()]


def redo_atif(episode: Episode, folder: Path) -> None:
    (trajectory,) = records("atif", episode)
    do_calls(folder, trajectory_calls(trajectory))


def redo_transcript(episode: Episode, folder: Path) -> None:
    for record in records("transcript", episode):
        steps = record["steps"]
        assert isinstance(steps, list)
        kinds = {"edit", "changed"}
        run_bash(folder, (one["bash"] for one in steps if one["kind"] in kinds and one["bash"]))


REDOING = pytest.mark.parametrize("redo", [redo_atif, redo_transcript])
Redo = Callable[[Episode, Path], None]


def check(redo: Redo, episode: Episode, folder: Path) -> None:
    found = trace(episode)
    reached = reach(episode, found)
    assert reached.is_whole
    lay(folder, found.start)
    redo(episode, folder)
    assert read_back(folder) == plain(reached.files)


@settings(max_examples=60, deadline=None)
@given(episodes())
def test_a_trajectory_of_any_episode(episode: Episode) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(redo_atif, episode, Path(folder))


@settings(max_examples=12, deadline=None)
@given(episodes())
def test_a_transcript_of_any_episode(episode: Episode) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(redo_transcript, episode, Path(folder))


@REDOING
def test_a_made_day(redo: Redo, tmp_path: Path) -> None:
    check(redo, known_day(1000, tasks=3)[0], tmp_path)


@REDOING
def test_an_episode_of_every_kind(redo: Redo, tmp_path: Path) -> None:
    check(redo, sample_episode(), tmp_path)


@REDOING
@pytest.mark.parametrize(
    "name",
    [
        "".join(map(chr, [*range(1, 47), *range(48, 128)])),
        "-rf $(touch x) `touch x` 'x' \"x\"",
        "a\udcff\udcfe",
        "EOF",
        f"{ASTRAL}\u2028/\n/x",
    ],
    ids=ascii,
)
def test_a_file_of_any_name(redo: Redo, name: str, tmp_path: Path) -> None:
    rows = [{"kind": "create", "seq": 0, "path": name, "blob": 0}]
    rows += [{"kind": "files", "seq": 1, "changed": [{"path": name, "blob": 1, "mode": "100755"}]}]
    rows += [{"kind": "rename", "seq": 2, "path": f"to/{name}", "old_path": name}]
    check(redo, episode_of(rows, blobs=(OPENED.replace("two", "2").encode(),)), tmp_path)


@REDOING
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\x00",
        b"no ending",
        b"EOF\nEOF_1\n",
        b"$HOME `id` $(id) \\ ' \" ) EOF",
        b"a\r\nb\r\n\r",
        b"```bash\nrm -rf /\n```\n</changed>\n",
        "\ufeffbom \u2028\x0b\x0c\x85\n".encode(),
    ],
    ids=ascii,
)
def test_a_file_of_any_content(redo: Redo, content: bytes, tmp_path: Path) -> None:
    item = {"path": "a.txt", "blob": 1}
    back = {"path": "a.txt", "blob": 0}
    rows = [opened(), {"kind": "files", "seq": 1, "changed": [item]}]
    rows += [{"kind": "files", "seq": 2, "changed": [back]}]
    rows += [{"kind": "command", "seq": 3, "line": "x", "disk": [item]}]
    rows += [{"kind": "create", "seq": 4, "path": "whole.txt", "blob": 1}]
    check(redo, episode_of(rows, blobs=(content,)), tmp_path)


@REDOING
def test_a_link_that_becomes_a_file(redo: Redo, tmp_path: Path) -> None:
    link = {"path": "link", "blob": 1, "mode": "120000"}
    file = {"path": "link", "blob": 0, "mode": "100644"}
    rows: list[dict[str, object]] = [opened()]
    rows += [{"kind": "files", "seq": n, "changed": [one]} for n, one in ((1, link), (2, file))]
    check(redo, episode_of(rows, blobs=(b"a.txt",)), tmp_path)


@REDOING
def test_crlf_is_kept_while_typing(redo: Redo, tmp_path: Path) -> None:
    form = {"eol": "crlf", "bom": True}
    rows = [opened(form=form), {"kind": "save", "seq": 2, "form": form}]
    check(redo, episode_of(rows, edit(1, 0, 3, "won")), tmp_path)
