"""Our own files are whole and private; foreign files cannot hang or mislead their reader."""

from __future__ import annotations

import multiprocessing
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.deadline import deadline

from signoff_collector.own_files import private_files
from signoff_collector.own_files.private_files import (
    append_line,
    create_private,
    locked,
    make_private_folder,
    read_regular,
    replace_private,
    try_lock,
)
from signoff_schemas.errors import DamagedError, NotFoundError, SignoffError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_new_files_are_for_the_owner_only_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        create_private(tmp_path / "new", b"1")
        replace_private(tmp_path / "replaced", b"2")
        make_private_folder(tmp_path / "a" / "b")
        append_line(tmp_path / "lines", "one")
    finally:
        os.umask(before)
    assert mode(tmp_path / "new") == 0o600
    assert mode(tmp_path / "replaced") == 0o600
    assert mode(tmp_path / "lines") == 0o600
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700


def test_creating_over_a_file_leaves_it_alone(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"old"
    assert [path.name for path in tmp_path.glob(".x*")] == []


def test_replacing_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    replace_private(tmp_path / "link", b"new")
    assert (tmp_path / "target").read_bytes() == b"old"
    assert (tmp_path / "link").read_bytes() == b"new"


def test_a_failed_write_is_an_error_of_ours_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SignoffError):
        replace_private(tmp_path / "no-such-folder" / "x", b"new")
    with pytest.raises(SignoffError):
        create_private(tmp_path / ("x" * 300), b"new")


_READ_PIPE = """
import sys
from pathlib import Path
from signoff_collector.own_files.private_files import read_regular
from signoff_schemas.errors import DamagedError
try:
    read_regular(Path(sys.argv[1]), max_bytes=10)
except DamagedError as error:
    print(error)
"""


def test_a_pipe_in_place_of_a_file_does_not_hang_the_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = subprocess.run(
        [sys.executable, "-c", _READ_PIPE, str(tmp_path / "pipe")],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=True,
    )
    assert "not a regular file" in done.stdout


def test_links_devices_folders_and_large_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for path in (tmp_path / "link", Path("/dev/zero"), tmp_path):
        with pytest.raises(DamagedError):
            read_regular(path, max_bytes=10)
    with pytest.raises(DamagedError):
        read_regular(tmp_path / "file", max_bytes=4)
    assert read_regular(tmp_path / "file", max_bytes=5) == b"12345"
    with pytest.raises(NotFoundError):
        read_regular(tmp_path / "none", max_bytes=5)


@pytest.mark.parametrize("line", ["a\nb", "a\tb", "a\rb", "a\x00b", "a\x1b[0m", "a\u202eb"])
def test_a_line_with_control_characters_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match="control characters"):
        append_line(tmp_path / "lines", line)
    assert not (tmp_path / "lines").exists()


def _append_many(path: Path, name: str) -> None:
    for number in range(200):
        append_line(path, f"{name} {number} 😀𝄞")


def test_lines_of_several_processes_never_mix(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    path = tmp_path / "lines"
    workers = [context.Process(target=_append_many, args=(path, name)) for name in "abc"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(deadline())
        assert worker.exitcode == 0
    lines = path.read_text().splitlines()
    for name in "abc":
        own = [line for line in lines if line.startswith(name)]
        assert own == [f"{name} {number} 😀𝄞" for number in range(200)]
    assert len(lines) == 600


def test_only_one_holds_the_exclusive_lock_and_many_the_shared(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = try_lock(path, is_shared=True)
    second = try_lock(path, is_shared=True)
    assert first is not None
    assert second is not None
    assert try_lock(path) is None
    first.release()
    first.release()
    assert try_lock(path) is None
    second.release()
    with locked(path):
        assert try_lock(path, is_shared=True) is None
    with try_lock(path) or pytest.fail("the lock was not released"):
        pass


def test_a_holder_that_does_not_let_go_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_files, "LOCK_WAIT_S", 0.1)
    with locked(tmp_path / "lock"), pytest.raises(SignoffError, match="another process"):
        append_line(tmp_path / "lock", "x")
    assert (tmp_path / "lock").read_bytes() == b""


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from signoff_collector.own_files.private_files import try_lock\n"
        "lock = try_lock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "lock")],
        env={"PYTHONPATH": ":".join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        assert try_lock(tmp_path / "lock") is None
        child.kill()
        child.wait(deadline())
    lock = try_lock(tmp_path / "lock")
    assert lock is not None
    lock.release()
