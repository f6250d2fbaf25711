"""`signoff replay` as a person calls it, on live sessions too."""

from __future__ import annotations

import json
import random
import stat
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.episodes import ASTRAL, MS, SOURCE, sample_episode
from tests.support.history import ended_session
from tests.support.leaks import random_secret, windows
from tests.support.seal_journals import Journal

from signoff_collector.commands.words import at_in
from signoff_collector.episode.file.reader import EpisodeFile
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.masked import MARK
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock
from signoff_schemas.steps import NoteStep

pytestmark = pytest.mark.slow


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.episode"
    path.write_bytes(write_episode(sample_episode()))
    return path


def test_a_playback_in_a_pipe_does_not_wait(home: Path, sample: Path) -> None:
    said = signoff("replay", sample)
    assert said.code == 0, said
    assert "typed       src/app.py:3 +7 -1" in said.out
    assert "── still red: a" in said.out
    assert len(said.out.splitlines()) == 16
    fast = signoff("replay", sample, "--speed", "100000")
    assert fast.out == said.out
    assert not home.exists()


def test_only_the_last_part_is_played(home: Path, sample: Path) -> None:
    said = signoff("replay", sample, "--last", "1s")
    assert said.out.splitlines()[0].split()[1] == "10"
    rows = signoff("replay", sample, "--last", "1s", "--json").out.splitlines()
    assert [json.loads(row)["seq"] for row in rows] == list(range(10, 22))
    assert not home.exists()


def test_a_time_as_the_player_shows_it_is_counted_from_the_start(home: Path, sample: Path) -> None:
    whole = signoff("replay", sample).out
    assert signoff("replay", sample, "--from", "0:00").out == whole
    for shown in ("0:00:01", "time:0:00:01"):
        at = signoff("replay", sample, "--at", shown, "--json")
        assert at.out == signoff("replay", sample, "--at", "time:+1s", "--json").out, at
    assert signoff("replay", sample, "--from", "9:00").code == 2
    assert not home.exists()


def test_a_time_that_the_clock_showed_meanwhile_is_the_clocks() -> None:
    episode = sample_episode()
    started = datetime.now().astimezone().replace(microsecond=0) - timedelta(hours=1)
    header = {"started_wall_ns": round(started.timestamp()) * 10**9}
    episode = replace(episode, header=episode.header.model_copy(update=header))
    for seconds in (0, 1):
        moment = started + timedelta(seconds=seconds)
        assert at_in(episode, f"{moment:%H:%M:%S}") == f"time:{moment.isoformat()}"
    later = started + timedelta(minutes=30)
    assert at_in(episode, f"{later:%H:%M:%S}") == f"time:+{later:%-Hh%-Mm%-Ss}"


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
    from tests.support.seal_sessions import make_session

    from signoff_collector.capture.journal.journal import RecordKind

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


def test_of_a_damaged_episode_what_is_whole_is_told_and_the_damage_said(
    home: Path, tmp_path: Path
) -> None:
    del home
    episode = sample_episode()
    noise = "".join(map(chr, range(0x4E00, 0x7E00)))
    blobs = (*episode.blobs[:3], (noise * 40).encode())
    data = bytearray(write_episode(replace(episode, blobs=blobs)))
    frame = max(EpisodeFile(bytes(data)).frames, key=lambda one: one.length)
    data[frame.offset + frame.length // 2] ^= 0xFF
    path = tmp_path / "damaged.episode"
    path.write_bytes(data)
    said = signoff("replay", path)
    assert said.code == 11, said
    assert "error: " in said.err
    assert f"task        fix it {ASTRAL}" in said.out
    assert signoff("replay", path, "--at", "end").code == 11
    assert signoff("replay", path, "--json").code == 11


def test_a_page_is_written_for_its_owner_alone_and_replaces_nothing(
    home: Path, tmp_path: Path
) -> None:
    del home
    source = sample_episode()
    masked = source.header.model_copy(update={"versions": {MARK: "1"}})
    path = tmp_path / "sample.episode"
    path.write_bytes(write_episode(replace(source, header=masked)))
    page = tmp_path / f"{ASTRAL}.html"
    said = signoff("replay", path, "--html", page, "--json")
    assert said.code == 0, said
    content = page.read_bytes()
    assert json.loads(said.out)["size_bytes"] == len(content)
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert b"<html" in content
    assert signoff("replay", path, "--html", page).code == 13
    assert page.read_bytes() == content
    assert signoff("replay", path, "--html", tmp_path / "no" / "x.html").code == 2


def test_a_page_tells_no_masked_value_in_its_chapters(home: Path, tmp_path: Path) -> None:
    del home
    token = f"ghp_{random_secret(20261125, 36)}"
    journal = Journal(root=tmp_path / "project")
    journal.step("task", text=f"bill with {token} {ASTRAL}", stated="before_first_edit")
    journal.open("app.py", "x = 1\n")
    case = {"id": f"t.py::test[{token}]", "outcome": "failed", "message": f"E   no {token}"}
    journal.step("tests", run_id="r", framework="pytest", exit_code=1, cases=[case])
    journal.change("app.py", (0, 0), (0, 0), "# ", 1)
    journal.step("git", operation="commit", message=f"bill {token}\n")
    sealed = seal_session(
        ended_session(tmp_path / "project", journal), resolve_home(), SystemClock()
    ).path
    page = tmp_path / "page.html"
    assert signoff("replay", sealed, "--html", page).code == 0
    data = page.read_text("utf-8").partition('id="data"')[2]
    told = json.loads(data.partition(">")[2].partition("</script>")[0])["storyline"]
    assert {one["kind"] for one in told["chapters"]} == {"task", "red_green", "git"}
    assert told["red"][0]["count"] == 1
    said = json.dumps(told)
    assert not [one for one in windows(token[4:]) if one in said]


def test_a_page_of_what_was_never_masked_has_to_be_asked_for(
    home: Path, tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    page = tmp_path / "page.html"
    said = signoff("replay", sample, "--html", page)
    assert said.code == 13
    assert "never masked" in said.err
    assert not page.exists()
    monkeypatch.setenv("CLAUDECODE", "1")
    assert signoff("replay", sample, "--html", page, "--raw").code == 13
    assert not page.exists()
    monkeypatch.delenv("CLAUDECODE")
    assert signoff("replay", sample, "--html", page, "--raw").code == 0
    assert page.exists()


@pytest.mark.parametrize(
    "options", [(), ("--json",), ("--at", "end"), ("--at", "end", "--json"), ("--all",)]
)
def test_secret_values_of_this_machine_are_masked_on_every_way_to_the_screen(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    del home
    secret = random.Random(7).randbytes(15).hex()  # noqa: S311  of a seed: nobody's
    monkeypatch.setenv("EXAMPLE_API_TOKEN", secret)
    sample = sample_episode()
    note = NoteStep(seq=22, t_ns=3000 * MS, source=SOURCE, text=f"{'x' * 40} {secret} {ASTRAL}")
    blobs = (*sample.blobs[:3], f"key = {secret}\n".encode())
    path = tmp_path / "own.episode"
    path.write_bytes(write_episode(replace(sample, steps=(*sample.steps, note), blobs=blobs)))
    said = signoff("replay", path, *options)
    assert said.code == 0, said
    assert not [piece for piece in pieces(secret) if piece in said.out + said.err]
    shown = signoff("replay", path, *options, "--raw")
    assert secret[:8] in shown.out
    monkeypatch.setenv("CLAUDECODE", "1")
    assert signoff("replay", path, *options, "--raw").code == 13


def pieces(secret: str) -> list[str]:
    return [secret[place : place + 8] for place in range(len(secret) - 7)]


@pytest.mark.parametrize("option", ["--at", "--from"])
def test_an_error_names_the_option_that_was_typed(home: Path, option: str) -> None:
    del home
    said = signoff("replay", "live", option, "99999999999999999999:00")
    assert said.code == 2, said
    assert f"{option} '99999999999999999999:00' is not a moment" in said.err
