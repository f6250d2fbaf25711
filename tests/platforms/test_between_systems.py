"""An episode of one system is read, checked, written again and checked out alike on each other."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.support import between_systems
from tests.support.between_systems import GOLDEN
from tests.support.deadline import deadline
from tests.support.fake_mac import FakeMac
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session, signoff
from tests.support.windows import Windows

from signoff_collector.own_files.home import resolve_home

pytestmark = pytest.mark.platforms

Report = dict[str, dict[str, dict[str, object]]]
SCRIPT = Path(between_systems.__file__)
FITTED: dict[str, dict[str, str]] = json.loads(
    (GOLDEN / "version_1" / "hard_names.fitted.json").read_text()
)
TEXTS: dict[str, str] = json.loads((GOLDEN / "version_1" / "hard_names.end.json").read_text())


def reported(done: subprocess.CompletedProcess[str]) -> Report:
    assert done.returncode == 0, done
    report: Report = json.loads(done.stdout)
    return report


def on_linux(out: Path) -> Report:
    return reported(
        subprocess.run(
            [sys.executable, "-I", SCRIPT, GOLDEN, out],
            capture_output=True,
            text=True,
            timeout=deadline(),
            check=False,
        )
    )


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return on_linux(tmp_path_factory.mktemp("here"))


def without_names(report: Report) -> object:
    """Return all of a report but what the names of files depend on."""
    kept = ("check", "rows", "tree", "written")
    rows = {name: {key: row[key] for key in kept} for name, row in report["episodes"].items()}
    return rows, report["imported"]


def assert_names(report: Report, names: Mapping[str, str]) -> None:
    """Check each file of the hard names: under the name that a target gives it, with its text."""
    found = report["episodes"]["hard_names"]
    assert found["renamed"] == names
    assert found["files"] == {
        names.get(path, path): hashlib.sha256(text.encode()).hexdigest()
        for path, text in TEXTS.items()
    }


def test_this_system_writes_the_golden_files_again(here: Report) -> None:
    wanted = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
              for path in GOLDEN.rglob("*.episode")}  # fmt: skip
    assert {name: row["written"] for name, row in here["episodes"].items()} == wanted
    assert_names(here, FITTED["linux"])


def test_a_mac_makes_the_same_of_them(mac: FakeMac, here: Report, tmp_path: Path) -> None:
    there = reported(mac.run([SCRIPT, GOLDEN, tmp_path], cwd=tmp_path))
    assert there == here


def test_a_disk_that_folds_holds_every_file_of_them(here: Report, disk: Path) -> None:
    there = on_linux(disk)
    assert without_names(there) == without_names(here)
    assert_names(there, FITTED["linux"] | FITTED["macos"])  # it counts bytes, as the disk beneath


def test_a_mac_seals_a_session_into_the_same_bytes(
    mac: FakeMac, home: Path, tmp_path: Path
) -> None:
    """What was recorded and gathered here, sealed here and there: one episode."""
    session = make_session(tmp_path / "project \U0001f389")
    journal = Journal(
        root=session.root, boot_id=session.boot_id, t_boot_ns=session.started_boot_ns,
        wall_ns=session.started_wall_ns,
    )  # fmt: skip
    journal.open("\u00e4.py", "one \U0001f600\U0001d11e\n")
    for number in range(20):
        journal.change("\u00e4.py", (0, number), (0, number), "x", number + 1)
    journal.save("\u00e4.py", "x" * 20 + "one \U0001f600\U0001d11e\n")
    journal.close("\u00e4.py")
    journal.write(session.folder)
    episodes = resolve_home().episodes

    def sealed(done: subprocess.CompletedProcess[str]) -> bytes:
        assert done.returncode == 0, done
        (path,) = episodes.glob("*.episode")
        content = path.read_bytes()
        shutil.rmtree(episodes)
        (session.folder / "sealed.json").unlink()
        return content

    here = sealed(signoff("seal", session.id, cwd=session.root))
    assert sealed(mac.signoff("seal", session.id, cwd=session.root)) == here


def test_windows_makes_the_same_of_them(system: Windows, here: Report, tmp_path: Path) -> None:
    there = reported(system.run([SCRIPT, GOLDEN, tmp_path], cwd=tmp_path))
    assert without_names(there) == without_names(here)
    assert_names(there, FITTED["linux"] | FITTED["windows"])  # Wine keeps them on a disk of Linux
