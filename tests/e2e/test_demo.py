"""The demo runs as a stranger would run it, and what it left behind is true."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from tests.support.cli import signoff
from tests.support.hub_pages import SAME_SITE
from tests.support.pseudo_terminal import Terminal

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 400


def _run_demo(folder: Path, editor: str, *more: str) -> str:
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            ROOT / "examples" / "demo.py",
            "--editor",
            editor,
            "--folder",
            folder,
            *more,
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def _rows(folder: Path, *arguments: object) -> list[dict[str, object]]:
    said = signoff(*arguments, "--json", SIGNOFF_HOME=str(folder / "signoff-home"))
    assert said.code == 0, said
    return [json.loads(line) for line in said.out.splitlines()]


def _first_sealed(folder: Path) -> Path:
    """Return the local episode: the one that no plan made."""
    episodes = (folder / "signoff-home" / "data" / "episodes").glob("*.episode")
    (local,) = (path for path in episodes if not path.with_suffix(".plan.json").exists())
    return local


def _replays_exactly(folder: Path) -> None:
    for episode in (folder / "signoff-home" / "data" / "episodes").glob("*.episode"):
        (found,) = _rows(folder, "check", episode)
        assert found["resyncs"] == 0, found
        assert found["checkpoints"] == found["matched"], found
        assert int(str(found["checkpoints"])) >= 8, found


def _project_is_untouched_by_us(folder: Path) -> None:
    project = folder / "tally"
    status = subprocess.run(
        ["git", "status", "--porcelain", "--ignored"],
        cwd=project, capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    assert not [line for line in status.splitlines() if "__pycache__" not in line], status
    ours = [path for path in project.rglob("*") if "signoff" in path.name.lower()]
    assert ours == []


def test_the_demo_runs_with_a_plain_client_from_typing_to_a_verified_upload(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "demo"
    said = _run_demo(folder, "plain")
    assert 'Good "signoff-episode-v1" signature' in said
    assert "byte for byte" in said
    _replays_exactly(folder)
    _project_is_untouched_by_us(folder)
    edits = [
        r for r in _rows(folder, "show", _first_sealed(folder), "--steps") if r["kind"] == "edit"
    ]
    assert len(edits) > 100
    assert {row["actor"]["class"] for row in edits} == {"unknown"}  # type: ignore[index]


def test_the_demos_episode_becomes_a_data_set_that_names_one_flipped_bit(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    said = _run_demo(folder, "plain", "--until", "dataset")
    assert "no episode may be in this data set: 1 not-signed, 1 purpose" in said
    assert "of 1 episode, for research" in said
    assert re.search(r"│ tests +│ ", said), said
    assert "steps/train-00000.parquet" in said.rpartition("is flipped:")[2]


def test_the_demos_episode_goes_to_a_hub_is_looked_at_and_taken_back(tmp_path: Path) -> None:
    """At a terminal it waits, so that its pages can be looked at by what it printed."""
    folder = tmp_path / "demo"
    demo = [sys.executable, "-I", str(ROOT / "examples" / "demo.py"), "--editor", "plain"]
    argv = [*demo, "--until", "hub", "--folder", str(folder)]
    with Terminal(argv, cwd=tmp_path, size=(50, 200)) as terminal:
        terminal.wait_for(b"another link> ")
        assert b"What this hub does with an episode" in terminal.shown
        link, code = _found(terminal, rb"within two minutes +(\S+)#(\S+)")
        sign_in, token = _found(terminal, rb"operator +(\S+) with this token:\s+(\S+)")
        with httpx.Client(follow_redirects=True, trust_env=False, headers=SAME_SITE) as browser:
            assert "How to begin" in browser.get(urljoin(link, "/")).text
            assert "admitted" in browser.post(link, data={"code": code}).text
            terminal.press(b"l\n")
            terminal.wait_for(b"another link> l")
            terminal.press(b"\n")
            terminal.wait_for(b"Enter ends the hub> ")
            log = browser.post(sign_in, data={"token": token})
            assert "a sign-off was taken back" in log.text
        terminal.press(b"\n")
        assert terminal.end() == 0
    assert b"the hub no longer has the bytes" in terminal.shown
    assert list((folder / "hub" / "objects" / "tombstones").rglob("*.json"))


def _found(terminal: Terminal, pattern: bytes) -> tuple[str, str]:
    found = re.search(pattern, terminal.shown)
    assert found is not None, terminal.shown
    first, second = found.groups()
    return first.decode("ascii"), second.decode("ascii")


def test_a_folder_that_holds_something_or_is_no_folder_is_refused_with_a_hint(
    tmp_path: Path,
) -> None:
    kept = tmp_path / "kept \U0001f600\U0001f603"
    kept.write_text("\U0001f600")
    for folder in (tmp_path, kept, kept / "below"):
        argv = [sys.executable, "-I", ROOT / "examples" / "demo.py", "--folder", folder]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2, done
        assert done.stderr.startswith(f"error: {folder} cannot be used: "), done
        assert "\nhint: " in done.stderr
        assert "Traceback" not in done.stderr
    assert kept.read_text() == "\U0001f600"


@pytest.mark.editors
def test_the_demo_runs_with_neovim_and_its_edits_are_seen_to_be_typed(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    _run_demo(folder, "neovim")
    _replays_exactly(folder)
    _project_is_untouched_by_us(folder)
    edits = [
        r for r in _rows(folder, "show", _first_sealed(folder), "--steps") if r["kind"] == "edit"
    ]
    assert len(edits) > 100
    classes = [(row["actor"]["class"], row["actor"]["basis"]) for row in edits]  # type: ignore[index]
    assert classes.count(("typed", "observed")) == len(edits)
