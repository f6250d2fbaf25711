"""Children get a bare environment, absolute programs and hard limits."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until

from signoff_collector.own_files.home import Home
from signoff_collector.programs import children
from signoff_collector.programs.children import (
    child_environment,
    find_program,
    run_child,
    search_program,
)
from signoff_collector.programs.fixed_programs import fix_programs
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


class AppleGit:
    """Stand-ins for the two programs of macOS; the one that opens a dialog leaves a trace."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        folder.mkdir()
        self.dialog = folder / "dialog"
        self.asked = folder / "asked"
        self._tools = folder / "tools"
        self._put("git", f"touch '{self.dialog}'")
        self._put(
            "xcode-select",
            f"echo x >>'{self.asked}'; test \"$1\" = -p && test -d '{self._tools}' || exit 2; "
            f"echo '{self._tools}'",
        )
        monkeypatch.setattr(children, "APPLE_STUB", folder / "git")
        monkeypatch.setattr(children, "XCODE_SELECT", folder / "xcode-select")
        monkeypatch.setattr(sys, "platform", "darwin")
        children._ask_for_developer_tools.cache_clear()

    def install(self) -> None:
        self._tools.mkdir()

    def times_asked(self) -> int:
        return len(self.asked.read_text().splitlines()) if self.asked.exists() else 0

    def _put(self, name: str, script: str) -> None:
        (self.folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.folder / name).chmod(0o755)


@pytest.fixture
def apple(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppleGit]:
    yield AppleGit(tmp_path / "apple 🎉", monkeypatch)
    children._ask_for_developer_tools.cache_clear()


def test_apples_git_without_its_tools_is_said_and_never_run(apple: AppleGit, home: Path) -> None:
    del home
    folders = [str(apple.folder)]
    for _ in range(2):
        with pytest.raises(MissingProgramError, match="developer tools") as caught:
            find_program("git", environ={}, folders=folders)
        assert "xcode-select --install" in (caught.value.hint or "")
    with pytest.raises(MissingProgramError, match="developer tools"):
        search_program("git", environ={"PATH": str(apple.folder)}, folders=folders)
    assert not apple.dialog.exists()


def test_apples_git_is_found_once_its_tools_are_there(apple: AppleGit, home: Path) -> None:
    del home
    folders = [str(apple.folder)]
    with pytest.raises(MissingProgramError):
        find_program("git", environ={}, folders=folders)
    apple.install()
    for _ in range(3):
        assert find_program("git", environ={}, folders=folders) == apple.folder / "git"
    assert apple.times_asked() == 2, "it is not asked again once they are there"


def test_another_git_is_taken_instead_of_apples(
    apple: AppleGit, home: Path, tmp_path: Path
) -> None:
    del home
    other = tmp_path / "homebrew" / "git"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    search = {"PATH": str(other.parent)}
    assert find_program("git", environ=search, folders=[str(apple.folder)]) == other
    on_path = {"PATH": f"{apple.folder}:{other.parent}"}
    assert find_program("git", environ=on_path, folders=[str(apple.folder)]) == other


def test_a_fixed_git_of_apple_without_its_tools_is_said(apple: AppleGit, home: Path) -> None:
    own = Home(root=home.resolve()).ensure()
    fix_programs(own, lambda name: apple.folder / name)
    with pytest.raises(MissingProgramError, match="developer tools"):
        find_program("git", environ={"SIGNOFF_HOME": str(home)}, folders=[])
    assert not apple.dialog.exists()


def test_on_other_systems_nothing_is_asked(
    apple: AppleGit, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    monkeypatch.setattr(sys, "platform", "linux")
    assert find_program("git", environ={}, folders=[str(apple.folder)]) == apple.folder / "git"
    assert apple.times_asked() == 0
