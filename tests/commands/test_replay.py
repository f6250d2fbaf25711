"""`signoff replay` as a person calls it, on live sessions too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signoff_collector.clock import SystemClock
from signoff_collector.episode.writer import write_episode
from support_cli import signoff
from support_episodes import ASTRAL, sample_episode


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.episode"
    path.write_bytes(write_episode(sample_episode()))
    return path


def test_a_playback_in_a_pipe_does_not_wait(home: Path, sample: Path) -> None:
    said = signoff("replay", sample)
    assert said.code == 0, said
    assert "typed       src/app.py:3 +7 -1" in said.out
    assert len(said.out.splitlines()) == 15
    fast = signoff("replay", sample, "--speed", "100000")
    assert fast.out == said.out
    assert not home.exists()


def test_only_the_last_part_is_played(home: Path, sample: Path) -> None:
    said = signoff("replay", sample, "--last", "1s")
    assert said.out.splitlines()[0].split()[1] == "10"
    rows = signoff("replay", sample, "--last", "1s", "--json").out.splitlines()
    assert [json.loads(row)["seq"] for row in rows] == list(range(10, 22))
    assert not home.exists()


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("step:1", f"a = 1  # {ASTRAL}\n"),
        ("5", f"a = 1  # {ASTRAL}\nb = 3"),
        ("time:+1s", f"a = 1  # {ASTRAL}\nb = 2\n"),
        ("time:2001-09-09T01:46:40.5Z", f"a = 1  # {ASTRAL}\nb = 3"),
        ("end", "from git\n"),
    ],
)
def test_a_moment_shows_its_files(home: Path, sample: Path, at: str, text: str) -> None:
    said = signoff("replay", sample, "--at", at, "--json")
    assert said.code == 0, said
    assert json.loads(said.out)["files"]["src/app.py"] == text
    plain = signoff("replay", sample, "--at", at)
    assert "── src/app.py" in plain.out
    assert not home.exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--at", "8"),
        ("--at", "soon"),
        ("--at", "step:99"),
        ("--last", "soon"),
        ("--last", "0s"),
        ("--speed", "-1"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(
    home: Path, sample: Path, options: tuple[str, ...]
) -> None:
    said = signoff("replay", sample, *options)
    assert said.code == 2, said
    assert "error: " in said.err
    assert not home.exists()


def test_live_is_the_session_that_goes_on(home: Path, tmp_path: Path) -> None:
    from seal_sessions import make_session
    from signoff_collector.capture.journal import RecordKind

    root = tmp_path / "work"
    session = make_session(root)
    assert signoff("replay", "live", cwd=tmp_path).code == 10
    clock = SystemClock()
    with session.join("editor", clock=clock) as writer:
        uri = (root / "a.txt").as_uri()
        text = f"x{ASTRAL}"
        writer.append_value(
            RecordKind.ANCHOR,
            {
                "t_boot_ns": clock.boot_ns(),
                "uri": uri,
                "language": "text",
                "version": 1,
                "text": text,
                "reason": "open",
                "while_paused": False,
            },
        )
        said = signoff("replay", "live", "--at", "end", "--json", cwd=root)
        assert said.code == 0, said
        assert json.loads(said.out)["files"]["a.txt"] == text
    assert not list((home / "data" / "episodes").iterdir())
