"""Lines of `doctor` beside the thing itself: real disks, real processes, a real failed seal."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, bridge, enable
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.repository import WorkTree
from tests.support.sessions import current_home, workspace
from tests.support.setup import put
from tests.support.small_disk import fill, mounted_small_disk

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.sessions.sessions import end_session, join_workspace, list_sessions
from signoff_collector.health import places, surroundings
from signoff_collector.health.checks import line_of
from signoff_collector.health.interface import Level, Surroundings
from signoff_collector.system.clock import SystemClock

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  where Linux keeps a tmpfs for everybody
OLD_BRIDGE = """
import os, sys
import signoff_collector
signoff_collector.__version__ = "0.0.1"
from signoff_bridge.process import Bridge
sink = os.dup(1)
os.dup2(2, 1)
os._exit(Bridge(0, sink).run())
"""


def around(here: Path) -> Surroundings:
    return Surroundings(here=here)


def test_a_home_in_memory_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not SHARED_MEMORY.is_dir() or not os.access(SHARED_MEMORY, os.W_OK):
        pytest.skip("no tmpfs for everybody here")
    folder = SHARED_MEMORY / f"signoff-test-{secrets.token_hex(8)}"
    monkeypatch.setenv("SIGNOFF_HOME", str(folder))
    try:
        current_home()
        found = line_of("disk", around(tmp_path))
        assert (found.level, "in memory (tmpfs)" in found.fact) == (Level.NOTE, True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_home_in_the_layer_of_a_container_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unshare = shutil.which("unshare")
    if sys.platform != "linux" or os.geteuid() != 0 or unshare is None:
        pytest.skip("only root on Linux can lay one file system over another")
    for name in ("lower", "parts", "merged"):
        (tmp_path / name).mkdir()
    script = (
        'mount -t tmpfs none "$0/parts" && mkdir "$0/parts/upper" "$0/parts/work" && '
        "mount -t overlay overlay "
        '-o "lowerdir=$0/lower,upperdir=$0/parts/upper,workdir=$0/parts/work" "$0/merged" || '
        'exit 77\nexec "$1" -I -m signoff_collector doctor'
    )
    done = subprocess.run(
        [unshare, "--mount", "/bin/sh", "-c", script, str(tmp_path), sys.executable],
        env={**os.environ, "SIGNOFF_HOME": str(tmp_path / "merged" / "home")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
    )
    if done.returncode in {1, 77}:
        pytest.skip(f"mounting is not allowed here: {done.stderr}")
    assert "lies in a container's layer (overlay)" in done.stdout, done


def test_a_disk_that_is_nearly_full_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mounted_small_disk(tmp_path / "small", kib=30 << 10) as disk:
        monkeypatch.setenv("SIGNOFF_HOME", str(disk / "home"))
        current_home()
        assert places.room(around(tmp_path)).level is Level.NOTE
        fill(disk)
        found = places.room(around(tmp_path))
        assert (found.level, "0 KiB free" in found.fact) == (Level.BAD, True)


def test_a_bridge_of_an_older_release_that_runs_is_named(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    with bridge([sys.executable, "-I", "-c", OLD_BRIDGE]) as client:
        client.initialize(clientInfo={"name": "Ed", "version": "1"})
        client.open(put(folder / "a.py", b"x\n"), EMOJI)
        wait_until(
            lambda: "Ed 1 still runs release 0.0.1" in line_of("bridges", around(tmp_path)).fact,
            "the bridge to say who it is",
        )
        assert client.quit() == 0
    assert line_of("bridges", around(tmp_path)).level is Level.OK


def test_a_session_that_cannot_be_sealed_is_named(home: Path, tmp_path: Path) -> None:
    place, clock = current_home(), SystemClock()
    session, writer = join_workspace(place, workspace(tmp_path / "project"), "lsp", clock)
    writer.append_value(RecordKind.LSP, [clock.boot_ns(), "m", b"{}"])
    writer.close()
    end_session(place, session)
    for path in session.journals:
        path.write_bytes(b"damaged")
    assert signoff("seal", session.id).code == 10
    found = line_of("seals", around(tmp_path))
    assert (found.level, "no readable journal" in found.fact) == (Level.BAD, True), found
    assert found.hint == f"`signoff discard {session.id}` removes it."
    assert signoff("discard", "--yes", session.id).code == 0
    assert list_sessions(place) == []
    assert line_of("seals", around(tmp_path)).level is Level.OK


def test_a_repository_that_git_cannot_read_is_named(home: Path, tmp_path: Path) -> None:
    tree = WorkTree.create(tmp_path / "work")
    tree.commit("one")
    assert surroundings.repository(around(tree.root)).level is Level.OK
    (tree.root / ".git" / "config").write_text("[core\n")
    found = surroundings.repository(around(tree.root))
    assert (found.level, "no git step is recorded here" in found.fact) == (Level.NOTE, True)


def test_the_kernels_own_watch_limits_are_read(tmp_path: Path) -> None:
    if not Path("/proc/sys/fs/inotify/max_user_watches").exists():
        pytest.skip("no inotify here")
    limit = Path("/proc/sys/fs/inotify/max_user_watches").read_text().strip()
    assert surroundings.watches(around(tmp_path)).fact.startswith(f"{limit} folders, ")
