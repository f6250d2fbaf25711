"""Results of a pytest typed in a shell, where the person agreed: and nowhere else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.shells import (
    SHELLS,
    SIGNOFF,
    Shell,
    begin_session,
    enabled,
    sessions,
    wait_for_ends,
)
from tests.support.shells import recorded as records

from signoff_collector.capture.controls import pause
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.test_results.pytest_results import agree, results_path, take_back
from signoff_collector.own_files.home import Home
from signoff_collector.seal.live import recorded
from signoff_collector.system.clock import SystemClock
from signoff_schemas.steps import CommandStep, TestsStep

pytestmark = pytest.mark.slow

EMOJI = "😀𝄞"
PYTEST = f"{sys.executable} -m pytest -q -p no:cacheprovider"
CASES = f"""
import os
def test_a(): assert "PYTHONPATH" not in os.environ
def test_b(): assert "{EMOJI}" == "b"
"""


@pytest.fixture(params=SHELLS)
def name(request: pytest.FixtureRequest) -> str:
    """Each shell that has a hook."""
    return str(request.param)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with two tests, to be enabled."""
    folder = tmp_path / f"it's {EMOJI}"
    folder.mkdir()
    (folder / "test_it.py").write_text(CASES)
    return folder


def do(shell: Shell, home: Home, line: str) -> None:
    """Type a line that is recorded, and wait for its end."""
    ended = sum(kind == "end" for kind, _ in records(home))
    shell.line(line)
    wait_for_ends(shell, home, ended + 1)


def runs_in(home: Home) -> list[TestsStep]:
    return [s for one in sessions(home) for s in recorded(one).steps if isinstance(s, TestsStep)]


def commands_of(home: Home) -> list[CommandStep]:
    return [s for one in sessions(home) for s in recorded(one).steps if isinstance(s, CommandStep)]


def spools(home: Home) -> list[Path]:
    return sorted(home.root.rglob("tests-*.spool*"))


def test_a_typed_pytest_is_one_command_with_its_tests(
    name: str, home: Path, project: Path, tmp_path: Path
) -> None:
    owner = enabled(home, project)
    agree(owner)
    shell = Shell(name, project, tmp_path)
    begin_session(shell, owner)
    do(shell, owner, PYTEST)
    shell.leave()
    (run,) = runs_in(owner)
    assert {case.id: case.outcome for case in run.cases} == {
        "test_it.py::test_a": "passed",
        "test_it.py::test_b": "failed",
    }
    assert (run.framework, run.exit_code, run.source) == ("pytest", 1, "tests")
    assert run.cases[1].frame is not None
    assert run.cases[1].frame.path == "test_it.py"
    typed = [one for one in commands_of(owner) if one.line == PYTEST]
    assert [one.run_ids for one in typed] == [(run.run_id,)]


def test_the_line_that_begins_a_session_tells_its_tests_too(
    name: str, home: Path, project: Path, tmp_path: Path
) -> None:
    owner = enabled(home, project)
    agree(owner)
    shell = Shell(name, project, tmp_path)
    shell.line(PYTEST)
    wait_for_ends(shell, owner, 0)
    shell.said("echo on''ce", b"once")
    do(shell, owner, "true")
    shell.leave()
    assert [run.exit_code for run in runs_in(owner)] == [1]
    assert len(spools(owner)) == 1


SAY = "sh -c 'echo \"<${PYTHONPATH-unset}>\"'"


@pytest.mark.parametrize("before", [None, "", "/opt/a", "/opt/a:", ":/opt/a:/opt/b"])
def test_a_persons_own_path_is_kept_and_given_back_exactly(
    name: str, home: Path, project: Path, tmp_path: Path, before: str | None
) -> None:
    owner = enabled(home, project)
    agree(owner)
    ours = str(results_path(owner))
    shell = Shell(name, tmp_path, tmp_path, env={} if before is None else {"PYTHONPATH": before})
    was = f"<{'unset' if before is None else before}>".encode()
    shell.said(SAY, was)
    shell.said(f"cd {project.name.replace(chr(39), '?')[:2]}*; echo the''re", b"there")
    shell.said(SAY, f"<{before}:{ours}>".encode() if before else f"<{ours}>".encode())
    shell.said("cd ..; echo ba''ck", b"back")
    shell.said(SAY, was)
    shell.leave()


def test_a_path_that_is_changed_while_ours_is_in_it_stays_changed(
    name: str, home: Path, project: Path, tmp_path: Path
) -> None:
    owner = enabled(home, project)
    agree(owner)
    shell = Shell(name, project, tmp_path)
    begin_session(shell, owner)
    change = "set -gxp PYTHONPATH /x" if name == "fish" else "PYTHONPATH=/x:$PYTHONPATH"
    shell.said(f"{change}; echo do''ne", b"done")
    shell.said(SAY, f"</x:{results_path(owner)}>".encode())
    take_back(owner)
    shell.said("true; echo do''ne", b"done")
    shell.said(SAY, b"</x>")
    shell.leave()


def test_nothing_is_told_where_nothing_is_recorded(
    name: str, home: Path, project: Path, tmp_path: Path
) -> None:
    owner = enabled(home, project)
    other = tmp_path / "other"
    (other / "inner" / ".git").mkdir(parents=True)
    (project / "inner").symlink_to(other / "inner")
    for folder in (other, other / "inner"):
        (folder / "test_it.py").write_text(CASES)
    (project / "away.sh").write_text(f"cd '{other}'; {PYTEST}; cd inner; {PYTEST}\n")
    shell = Shell(name, project, tmp_path)
    begin_session(shell, owner)
    do(shell, owner, PYTEST)
    assert spools(owner) == [], "nobody agreed"
    agree(owner)
    do(shell, owner, "true")
    do(shell, owner, "sh away.sh")
    do(shell, owner, f"{PYTEST} '{other}'")
    do(shell, owner, f"{PYTEST} --rootdir=. '{other}/test_it.py'")
    do(shell, owner, f'sh -c \'cd {other} && {PYTEST} --rootdir="$OLDPWD" "$OLDPWD"\'')
    told = [case for run in runs_in(owner) for case in run.cases]
    assert told == []
    shell.line(f" {PYTEST}; echo hid''den")
    shell.wait_for(b"hidden")
    do(shell, owner, "true")
    pause(owner, SystemClock(), Workspaces(owner, SystemClock()).all())
    shell.said(f"true; {PYTEST}; echo pau''sed", b"paused")
    shell.leave()
    assert [path for path in spools(owner) if b"test_b" in path.read_bytes()] == []


def test_a_typed_signoff_run_is_one_command_with_its_tests(
    name: str, home: Path, project: Path, tmp_path: Path
) -> None:
    owner = enabled(home, project)
    agree(owner)
    shell = Shell(name, project, tmp_path)
    begin_session(shell, owner)
    do(shell, owner, f"{SIGNOFF} run -- {PYTEST}")
    do(shell, owner, f"{PYTEST} -k nomatch")
    do(shell, owner, f"{SIGNOFF} find nomatch | cat")
    shell.leave()
    run, empty = runs_in(owner)
    assert [case.outcome for case in run.cases] == ["passed", "failed"]
    assert (empty.exit_code, len(empty.cases)) == (5, 0)
    told = [one for one in commands_of(owner) if one.run_ids]
    assert [(one.source, one.run_ids) for one in told] == [
        ("run", (run.run_id,)),
        ("shell", (empty.run_id,)),
    ]
    sources = [one.source for one in commands_of(owner) if one.line not in ("true", "exit")]
    assert sources == ["run", "shell", "shell"], "the run, the empty one, the search"
    said = signoff("today", "--json", "--since", "2h", cwd=project)
    assert [one["test"] for one in json.loads(said.out)["red"]] == ["test_it.py::test_b"]
    found = signoff("find", "nomatch", "--json", cwd=project)
    texts = [json.loads(line)["text"] for line in found.out.splitlines()]
    assert texts[0] == f"{PYTEST} -k nomatch"
    assert not any("find" in text for text in texts)
