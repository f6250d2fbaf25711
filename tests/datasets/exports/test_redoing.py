"""An exported record alone, done again in a real folder, gives the recorded files."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest
from benchmarks.made_days.known_day import known_day
from hypothesis import given, settings
from tests.datasets.actions.test_trace import OPENED, episode_of, opened
from tests.support.episodes import ASTRAL, edit, episodes, sample_episode
from tests.support.redoing import FORMS, redone

from signoff_collector.episode.content import Episode
from signoff_datasets.actions.trace import trace
from signoff_datasets.exports.formats import load_format
from signoff_datasets.exports.interface import Source

FORMED = pytest.mark.parametrize("form", FORMS)


def check(form: str, episode: Episode, folder: Path) -> None:
    (file,) = load_format(form).write(Source(episode=episode, sha256="a" * 64))
    found = redone(form, file.content, episode, folder)
    assert found.differences == ()
    assert found.is_whole


@settings(max_examples=40, deadline=None)
@given(episodes())
def test_a_trajectory_of_any_episode(episode: Episode) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check("atif", episode, Path(folder))


@settings(max_examples=25, deadline=None)
@given(episodes())
def test_a_chat_of_any_episode(episode: Episode) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check("chat", episode, Path(folder))


@settings(max_examples=12, deadline=None)
@given(episodes())
def test_a_transcript_of_any_episode(episode: Episode) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check("transcript", episode, Path(folder))


@FORMED
def test_a_made_day(form: str, tmp_path: Path) -> None:
    check(form, known_day(1000, tasks=3)[0], tmp_path)


@FORMED
def test_an_episode_of_every_kind(form: str, tmp_path: Path) -> None:
    check(form, sample_episode(), tmp_path)


@FORMED
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
def test_a_file_of_any_name(form: str, name: str, tmp_path: Path) -> None:
    rows = [{"kind": "create", "seq": 0, "path": name, "blob": 0}]
    rows += [{"kind": "files", "seq": 1, "changed": [{"path": name, "blob": 1, "mode": "100755"}]}]
    rows += [{"kind": "rename", "seq": 2, "path": f"to/{name}", "old_path": name}]
    check(form, episode_of(rows, blobs=(OPENED.replace("two", "2").encode(),)), tmp_path)


@FORMED
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
def test_a_file_of_any_content(form: str, content: bytes, tmp_path: Path) -> None:
    item = {"path": "a.txt", "blob": 1}
    back = {"path": "a.txt", "blob": 0}
    rows = [opened(), {"kind": "files", "seq": 1, "changed": [item]}]
    rows += [{"kind": "files", "seq": 2, "changed": [back]}]
    rows += [{"kind": "command", "seq": 3, "line": "x", "disk": [item]}]
    rows += [{"kind": "create", "seq": 4, "path": "whole.txt", "blob": 1}]
    check(form, episode_of(rows, blobs=(content,)), tmp_path)


@FORMED
def test_a_link_that_becomes_a_file(form: str, tmp_path: Path) -> None:
    link = {"path": "link", "blob": 1, "mode": "120000"}
    file = {"path": "link", "blob": 0, "mode": "100644"}
    rows: list[dict[str, object]] = [opened()]
    rows += [{"kind": "files", "seq": n, "changed": [one]} for n, one in ((1, link), (2, file))]
    check(form, episode_of(rows, blobs=(b"a.txt",)), tmp_path)


@FORMED
def test_crlf_is_kept_while_typing(form: str, tmp_path: Path) -> None:
    disk = {"eol": "crlf", "bom": True}
    rows = [opened(form=disk), {"kind": "save", "seq": 2, "form": disk}]
    check(form, episode_of(rows, edit(1, 0, 3, "won")), tmp_path)


@FORMED
def test_a_record_that_says_something_else_is_found(form: str, tmp_path: Path) -> None:
    episode = known_day(1000, tasks=1)[0]
    (file,) = load_format(form).write(Source(episode=episode, sha256="a" * 64))
    typed = max(
        (change.new for one in trace(episode).actions for change in one.changes if one.weight),
        key=len,
    )
    word = max(re.findall(r"[a-z]{4,}", typed), key=len)
    other = file.content.replace(word.encode(), word[::-1].encode())
    assert other != file.content
    found = redone(form, other, episode, tmp_path)
    assert found.differences
    assert not found.is_whole


@FORMED
def test_a_record_that_lacks_an_action_is_found(form: str, tmp_path: Path) -> None:
    episode = known_day(1000, tasks=1)[0]
    (file,) = load_format(form).write(Source(episode=episode, sha256="a" * 64))
    whole = redone(form, file.content, episode, tmp_path / "whole")
    assert 0 < whole.exported <= whole.recorded or form == "atif"
    assert whole.compared > 5
    if form == "chat":
        return  # it need not say all
    record = json.loads(file.content.splitlines()[0] if form != "atif" else file.content)
    names = {"tool_calls", "bash"}
    steps = record["steps"]
    steps.remove(next(one for one in reversed(steps) if names & one.keys() and _changes(one)))
    less = json.dumps(record).encode()
    assert not redone(form, less, episode, tmp_path / "less").is_whole


def _changes(step: dict[str, object]) -> bool:
    calls = step.get("tool_calls")
    if isinstance(calls, list):
        return calls[0]["function_name"] == "str_replace"
    return step.get("kind") == "edit"
