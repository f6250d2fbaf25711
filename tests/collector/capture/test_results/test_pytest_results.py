"""The reporter lent to every pytest of a shell: what it tells, and that it disturbs nothing."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.cli import signoff
from tests.support.deadline import deadline
from tests.support.leaks import random_secret
from tests.support.runs import Project

from signoff_collector.capture.controls import pause
from signoff_collector.capture.journal.spools import clocks_of, read_spool
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import Session, end_session
from signoff_collector.capture.test_results import pytest_results
from signoff_collector.capture.test_results.pytest_results import (
    agree,
    is_agreed,
    is_current,
    keep_current,
    results_path,
    take_back,
)
from signoff_collector.own_files.home import Home
from signoff_collector.seal.live import recorded
from signoff_collector.system.clock import SystemClock
from signoff_schemas.steps import TestsStep

pytestmark = pytest.mark.slow

EMOJI = "😀𝄞"
SEED = 20261123
OLD = Path(sys.prefix) / "old-pytest"


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Project:
    """An enabled folder with a session, in whose home somebody agreed."""
    made = Project.create(tmp_path / "work")
    made.run("true")
    agree(own(home))
    return made


def own(home: Path) -> Home:
    return Home(root=home.resolve())


def pytest_in(
    folder: Path, home: Path, *words: str, before: tuple[str, ...] = (), **env: str
) -> subprocess.CompletedProcess[str]:
    """Run pytest as a shell with our hook would."""
    path = os.pathsep.join((*before, str(results_path(own(home)))))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=folder, env={**os.environ, "PYTHONPATH": path, **env},
        capture_output=True, text=True, timeout=deadline(), check=False,
    )  # fmt: skip


def told(project: Project) -> list[TestsStep]:
    steps = recorded(project.sessions[0]).steps
    return [step for step in steps if isinstance(step, TestsStep)]


def outcomes_of(run: TestsStep) -> dict[str, str]:
    return {case.id.partition("::")[2]: case.outcome for case in run.cases}


def test_a_run_of_an_old_pytest_is_told_too(project: Project, home: Path) -> None:
    project.tree.write("test_it.py", f"def test_a(): pass\ndef test_b(): assert '{EMOJI}' == ''\n")
    said = pytest_in(project.tree.root, home, before=(str(OLD),))
    assert said.returncode == 1, said.stdout + said.stderr
    (run,) = told(project)
    assert (run.framework_version, outcomes_of(run)) == (
        "7.0.1",
        {"test_a": "passed", "test_b": "failed"},
    )


def test_workers_of_xdist_tell_one_run(project: Project, home: Path) -> None:
    project.tree.write("test_it.py", "def test_a(): pass\ndef test_b(): assert 0\n")
    assert pytest_in(project.tree.root, home, "-n", "2").returncode == 1
    (run,) = told(project)
    assert (run.workers, outcomes_of(run)) == (2, {"test_a": "passed", "test_b": "failed"})


def test_a_process_that_dies_leaves_what_it_told(project: Project, home: Path) -> None:
    project.tree.write("test_it.py", "import os\ndef test_a(): pass\ndef test_b(): os._exit(3)\n")
    assert pytest_in(project.tree.root, home).returncode == 3
    (run,) = told(project)
    assert (outcomes_of(run), run.exit_code, run.stopped_early) == (
        {"test_a": "passed"},
        None,
        True,
    )


def test_what_tests_start_inherits_nothing(project: Project, home: Path) -> None:
    project.tree.write("inner/test_in.py", "def test_in(): pass\n")
    project.tree.write(
        "test_it.py",
        "import os, subprocess, sys\n"
        "def test_a():\n"
        "    assert 'PYTHONPATH' not in os.environ\n"
        "    subprocess.run([sys.executable, '-m', 'pytest', 'inner'], check=True)\n"
        "def test_fork():\n"
        "    pid = os.fork()\n"
        "    if not pid: raise SystemExit(0)\n"
        "    os.waitpid(pid, 0)\n",
    )
    said = pytest_in(project.tree.root, home, "test_it.py")
    assert said.returncode == 0, said.stdout
    (run,) = told(project)
    assert outcomes_of(run) == {"test_a": "passed", "test_fork": "passed"}


@pytest.mark.parametrize(
    ("words", "env"),
    [
        ((), {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}),
        (("-p", "no:signoff_run_reporter"), {}),
        ((), {"PYTHONPATH": ""}),
        (("--collect-only",), {}),
    ],
)
def test_where_the_reporter_is_taken_away_the_run_is_as_without_us(
    project: Project, home: Path, words: tuple[str, ...], env: dict[str, str]
) -> None:
    project.tree.write("test_it.py", "def test_a(): pass\n")
    said = pytest_in(project.tree.root, home, *words, **env)
    assert (said.returncode, said.stderr) == (0, "")
    assert told(project) == []


def test_a_run_prints_the_same_with_and_without_us(project: Project, home: Path) -> None:
    project.tree.write("test_it.py", "def test_a(): pass\n")
    said = pytest_in(project.tree.root, home, "-v").stdout
    plain = pytest_in(project.tree.root, home, "-v", PYTHONPATH="").stdout
    assert said.partition(" in ")[0] == plain.partition(" in ")[0]
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "list"], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(results_path(own(home)))}, timeout=deadline(),
    )  # fmt: skip
    assert "signoff-run" not in listed.stdout + listed.stderr


def test_no_module_of_a_project_is_taken_for_ours(project: Project, home: Path) -> None:
    for name in ("signoff_run_reporter", "pytest_reporter", "pytest_sessions"):
        project.tree.write(f"{name}.py", "raise SystemExit('a decoy ran')\n")
    project.tree.write("test_it.py", "def test_a(): pass\n")
    assert pytest_in(project.tree.root, home).returncode == 0
    assert len(told(project)) == 1


def test_a_secret_of_the_environment_is_in_no_spool(project: Project, home: Path) -> None:
    secret = random_secret(random.Random(SEED))  # noqa: S311  made to be found again
    project.tree.write(
        "test_it.py", "import os\ndef test_a(): assert os.environ['API_KEY'] == ''\n"
    )
    assert pytest_in(project.tree.root, home, API_KEY=secret).returncode == 1
    (spool,) = project.sessions[0].folder.glob("tests-*.spool")
    assert secret.encode() not in spool.read_bytes()
    assert b"REDACTED_VALUE" in spool.read_bytes()
    (run,) = told(project)
    assert outcomes_of(run) == {"test_a": "failed"}


def test_a_pause_or_the_end_of_a_workspace_during_a_run_leaves_nothing_of_it(
    project: Project, home: Path
) -> None:
    clock = SystemClock()
    project.tree.write(
        "test_it.py",
        "import pathlib, subprocess\n"
        f"def test_a(): subprocess.run([{sys.executable!r}, '-m', 'signoff_collector', 'pause'])\n",
    )
    assert pytest_in(project.tree.root, home).returncode == 0
    assert list(project.sessions[0].folder.glob("tests-*.spool")) == []
    pause(own(home), clock, Workspaces(own(home), clock).all())
    assert pytest_in(project.tree.root, home).returncode == 0
    assert list(own(home).root.rglob("tests-*.spool*")) == []


def test_a_run_that_is_over_before_its_session_began_waits_for_it(
    project: Project, home: Path
) -> None:
    project.tree.write("test_it.py", "def test_a(): pass\n")
    end_session(own(home), project.sessions[0])
    assert pytest_in(project.tree.root, home).returncode == 0
    (waiting,) = (own(home).state / "pytest").glob("tests-*.spool")
    opened = signoff("watch", "--open", ".", cwd=project.tree.root)
    assert opened.code == 0, opened
    assert not waiting.exists()
    folders = [path.parent for path in own(home).sessions.rglob("tests-*.spool")]
    assert folders
    assert folders != [project.sessions[0].folder]


def test_forget_takes_a_run(project: Project, home: Path) -> None:
    project.tree.write("test_it.py", "def test_a(): pass\n")
    pytest_in(project.tree.root, home)
    said = signoff("forget", "--last", "10m", "--yes", cwd=project.tree.root)
    assert said.code == 0, said
    assert [
        p for p in project.sessions[0].folder.glob("tests-*.spool") if p.read_bytes().strip()
    ] == []


def test_an_agreement_is_one_file_that_is_kept_current_and_taken_back(
    project: Project, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = own(home)
    content = results_path(owner).read_bytes()
    agree(owner)
    assert results_path(owner).read_bytes() == content, "the same bytes again"
    monkeypatch.setattr(pytest_results, "METADATA", b"Metadata-Version: 2.1\nName: older\n")
    assert not is_current(owner)
    keep_current(owner)
    assert is_current(owner)
    assert results_path(owner).read_bytes()[:90] == content[:90], "the same module, first"
    assert take_back(owner)
    assert not is_agreed(owner)
    keep_current(owner)
    assert not is_agreed(owner)
    assert not take_back(owner)


GOOD = {"kind": "start", "run": "tests-1-" + "0" * 16, "t_boot_ns": 1, "framework": "pytest"}


def spooled(session: Session, *lines: object) -> Path:
    path = session.folder / f"tests-1-{'0' * 16}.spool"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("".join(f"{text}\n" for text in texts))
    return path


def test_a_spool_gives_one_run_and_no_other_kind(project: Project) -> None:
    forged = {"kind": "command", "line": "rm -rf /"}
    more = {"cwd": "/etc", "disk": [], "runnable": True, "exactness": "exact", "blob": "x"}
    case = {"kind": "case", "id": "t::a", "outcome": "passed", "frame": {"path": "/x", "line": 1}}
    spooled(project.sessions[0], {**GOOD, **more}, forged, case, GOOD, {"kind": "finish"})
    (run,) = told(project)
    assert (run.exactness, run.runnable, outcomes_of(run)) == ("unknown", None, {"a": "passed"})


def test_a_hundred_thousand_tests_are_read(project: Project) -> None:
    cases = [{"kind": "case", "id": f"t::{n}", "outcome": "passed"} for n in range(100_001)]
    spooled(project.sessions[0], GOOD, *cases)
    (run,) = told(project)
    assert len(run.cases) == 100_000


@given(st.lists(st.one_of(st.binary(max_size=80), st.sampled_from([
    b'{"kind":"start"}\n', json.dumps(GOOD).encode() + b"\n", b'{"kind":"finish","exit_code":-1}\n',
    b'{"kind":"case","id":"a","outcome":"failed","frame":{"path":1}}\n', b'{"kind":"begin"}\n',
]))))  # fmt: skip
def test_reading_any_bytes_never_fails(pieces: list[bytes]) -> None:
    from signoff_collector.capture.journal.spools import SpoolClocks
    from signoff_collector.capture.test_results.tests_spool import READER

    reading = READER.read(b"".join(pieces), SpoolClocks(started_boot_ns=0, pairs=[(0, 0)]))
    assert len(reading.entries) <= 1


def test_a_spool_without_a_beginning_is_refused(project: Project) -> None:
    path = spooled(project.sessions[0], {"kind": "case", "id": "a", "outcome": "passed"})
    clocks = clocks_of(project.sessions[0].folder)
    assert clocks is not None
    reading = read_spool(path, clocks.clocks)
    assert (reading.entries, reading.refused) == ([], 1)
