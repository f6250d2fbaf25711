"""Children get a bare environment, absolute programs and hard limits."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until

from signoff_collector.programs.children import child_environment, find_program, run_child
from signoff_collector.programs.launching import launch_detached
from signoff_schemas.errors import ChildFailedError, MissingProgramError

DANGEROUS = (
    "GIT_DIR",
    "GIT_CONFIG_GLOBAL",
    "GIT_SSH_COMMAND",
    "SSH_SK_PROVIDER",
    "SSH_ASKPASS",
    "SSH_AUTH_SOCK",
    "HTTPS_PROXY",
    "https_proxy",
    "AWS_ENDPOINT_URL_S3",
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "DYLD_INSERT_LIBRARIES",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "SIGNOFF_HOME",
    "XDG_CONFIG_HOME",
    "BASH_ENV",
    "ENV",
    "IFS",
)


def python(code: str, **options: object) -> bytes:
    return run_child(
        [sys.executable, "-I", "-c", code], cwd=Path("/"), timeout_s=deadline(), **options
    ).stdout  # type: ignore[arg-type]


def test_only_listed_variables_reach_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DANGEROUS:
        monkeypatch.setenv(name, "/planted")
    monkeypatch.setenv("PATH", "/planted:relative:")
    names = python("import os; print('\\n'.join(os.environ))").decode().split()
    assert not set(names) & set(DANGEROUS)
    assert "HOME" in names
    assert "/planted" not in child_environment()["PATH"]


def test_extra_variables_are_given_by_name() -> None:
    assert python("import os; print(os.environ['X'])", extra_env={"X": "1"}) == b"1\n"


def test_output_input_and_exit_code_come_back_whole() -> None:
    data = os.urandom(3_000_000)
    done = run_child(
        [
            sys.executable,
            "-I",
            "-c",
            "import sys; d = sys.stdin.buffer.read(); sys.stdout.buffer.write(d);"
            "sys.stderr.write('err'); sys.exit(7)",
        ],
        cwd=Path("/"),
        timeout_s=deadline(),
        stdin=data,
    )
    assert done.stdout == data
    assert done.stderr == b"err"
    assert done.exit_code == 7


def test_a_child_that_reads_nothing_does_not_stop_us() -> None:
    assert python("print('done')", stdin=b"x" * 3_000_000) == b"done\n"


def test_a_child_that_takes_too_long_is_killed_with_all_it_started(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, os\n"
        "child = subprocess.Popen([sys.executable, '-I', '-c', 'import sys; sys.stdin.read()'],"
        " stdin=subprocess.PIPE)\n"
        "open(sys.argv[1] + '.new', 'w').write(f'{os.getpid()} {child.pid}')\n"
        "os.rename(sys.argv[1] + '.new', sys.argv[1])\n"
        "child.wait()\n"
    )
    pids = tmp_path / "pids"
    for timeout_s in (2, 8, 32):
        with pytest.raises(ChildFailedError, match="took too long"):
            run_child([sys.executable, "-I", "-c", code, pids], cwd=tmp_path, timeout_s=timeout_s)
        if pids.exists():
            break
    for pid in pids.read_text().split():
        wait_until(lambda pid=pid: not is_running(int(pid)), f"{pid} is gone")


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            return status.read_text().rpartition(")")[2].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_that_writes_without_end_is_stopped() -> None:
    with pytest.raises(ChildFailedError, match="more than 1000 bytes"):
        python("while True: print('x' * 1000)", max_output_bytes=1000)


def test_a_program_is_named_by_its_absolute_path(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="absolute"):
        run_child(["sh"], cwd=tmp_path, timeout_s=1)
    with pytest.raises(MissingProgramError):
        run_child([tmp_path / "none"], cwd=tmp_path, timeout_s=1)
    (tmp_path / "no-program").write_text("x")
    with pytest.raises(ChildFailedError):
        run_child([tmp_path / "no-program"], cwd=tmp_path, timeout_s=1)


def make_program(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text("#!/bin/sh\necho planted\n")
    program.chmod(0o755)
    return program


def test_no_workspace_can_provide_a_program(tmp_path: Path) -> None:
    tree = tmp_path / "project"
    (tree / ".git").mkdir(parents=True)
    make_program(tree / "bin", "oddtool")
    plain = make_program(tmp_path / "plain", "oddtool")
    path = f"relative::{tree / 'bin'}:{plain.parent}"
    assert find_program("oddtool", environ={"PATH": path}) == plain
    with pytest.raises(MissingProgramError):
        find_program("oddtool", environ={"PATH": path}, avoid=[tmp_path / "plain"])
    make_program(tmp_path / "bin", "sh")
    assert find_program("sh", environ={"PATH": str(tmp_path / "bin")}) != tmp_path / "bin" / "sh"


def test_a_link_does_not_hide_that_a_program_lies_in_the_workspace(tmp_path: Path) -> None:
    tree = tmp_path / "project"
    program = make_program(tree, "oddtool")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "oddtool").symlink_to(program)
    with pytest.raises(MissingProgramError):
        find_program("oddtool", environ={"PATH": str(tmp_path / "bin")}, avoid=[tree])


def test_a_detached_child_is_nobodys_and_runs_at_low_priority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    program = tmp_path / "python"
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, os, sys\n"
        f"new = {str(told)!r} + '.new'\n"
        "facts = [sys.argv[1:], os.nice(0), os.getsid(0), os.environ['SIGNOFF_HOME']]\n"
        "open(new, 'w').write(json.dumps(facts))\n"
        f"os.rename(new, {str(told)!r})\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    launch_detached(["seal", "--sweep"], cwd=tmp_path, extra_env={"SIGNOFF_HOME": "/somewhere"})
    wait_until(told.exists, "the detached child ran")
    words, niceness, session, home = json.loads(told.read_text())
    assert words == ["-I", "-m", "signoff_collector", "seal", "--sweep"]
    assert niceness == min(os.nice(0) + 10, 19)
    assert session != os.getsid(0)
    assert home == "/somewhere"
