"""`signoff run`: what the person gets is the command's own; what is recorded is what happened."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until
from tests.support.leaks import random_secret, windows
from tests.support.pseudo_terminal import Terminal
from tests.support.runs import SIGNOFF, Project, head, outcomes

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.slow

CLOCK = SystemClock()


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Iterator[Project]:
    del home
    made = Project.create(tmp_path / "work")
    yield made
    made.end()


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_a_command_is_recorded_with_code_output_place_and_duration(project: Project) -> None:
    argv = python("import sys; print('out 🎉𝄞'); sys.exit(3)")
    result = project.run(*argv)
    assert (result.returncode, result.stdout, result.stderr) == (3, "out 🎉𝄞\n".encode(), b"")
    step = project.step("command")
    assert (step["exit_code"], step["signal"], step["tty"]) == (3, None, False)
    assert step["argv"] == argv
    assert step["cwd"] == str(project.tree.root)
    assert head(step) == "out 🎉𝄞\n"
    assert isinstance(step["duration_ns"], int)
    assert step["duration_ns"] > 0


def test_the_journalled_code_of_a_killed_command_has_its_signal(project: Project) -> None:
    result = project.run(*python("import os; os.kill(os.getpid(), 9)"))
    assert result.returncode == 137
    step = project.step("command")
    assert (step["exit_code"], step["signal"]) == (137, 9)


def test_a_missing_program_is_127_and_recorded(project: Project) -> None:
    assert project.run("no-such-program").returncode == 127
    assert project.step("command")["exit_code"] == 127


def test_options_of_the_command_are_the_commands(project: Project) -> None:
    result = subprocess.run(
        [*SIGNOFF, "run", "echo", "--json", "--junit", "-h", "--", "x"],
        cwd=project.tree.root, capture_output=True, timeout=deadline(), check=False,
    )  # fmt: skip
    assert result.stdout == b"--json --junit -h -- x\n"


def test_nothing_to_run_is_a_usage_error(project: Project) -> None:
    result = project.run()
    assert result.returncode == 2
    assert b"hint:" in result.stderr


def test_where_nothing_is_enabled_it_runs_with_one_line_on_stderr(
    tmp_path: Path, home: Path
) -> None:
    project = Project.create(tmp_path / "off", is_enabled=False)
    result = project.run(*python("print('ran'); raise SystemExit(4)"))
    assert (result.returncode, result.stdout) == (4, b"ran\n")
    assert result.stderr.startswith(b"signoff: not recorded: ")
    assert result.stderr.count(b"\n") == 1
    assert not home.exists()
    assert project.run("no-such-program").returncode == 127


def test_while_paused_it_runs_unrecorded_and_says_so(project: Project) -> None:
    project.run("true")
    (session,) = project.sessions
    session.ask("pause", clock=CLOCK)
    result = project.run("echo", "quiet")
    assert result.stdout == b"quiet\n"
    assert b"paused" in result.stderr
    assert len(project.steps("command")) == 1


@pytest.mark.parametrize("verb", ["pause", "disable", "forget"])
def test_a_pause_while_it_runs_keeps_it_out(project: Project, verb: str) -> None:
    project.run("true")
    (session,) = project.sessions
    program = (
        "import sys; from pathlib import Path; "
        "from signoff_collector.capture.journal.control import "
        "append_control; from signoff_collector.system.clock import SystemClock; "
        f"append_control(Path({str(session.control)!r}), {verb!r}, clock=SystemClock())"
    )
    assert project.run(*python(program)).returncode == 0
    assert len(project.steps("command")) == 1


def test_a_command_that_names_a_secret_file_keeps_no_output(project: Project) -> None:
    project.tree.write(".env", "TOKEN=abc\n")
    project.tree.write(".signoffignore", "private/\n")
    project.tree.write("private/plan.txt", "hidden words\n")
    commands = [
        ("cat", ".env"),
        ("sh", "-c", "cat ./.env | head"),
        ("sh", "-c", "VALUE=$(cat<.env); echo $VALUE"),
        ("grep", "-r", "T", "--file=/dev/null", "--include=.env"),
        ("cat", "private/plan.txt"),
    ]
    for command in commands:
        project.run(*command)
    steps = project.steps("command")
    assert [step["output_state"] for step in steps] == ["none"] * len(commands)
    assert all(step.get("output") is None for step in steps)


def test_a_known_secret_is_masked_in_output_and_arguments(project: Project) -> None:
    secret = "tok-8f3b2c1d9e7a6f5048"  # noqa: S105  made up
    result = project.run("echo", "--key", secret, env={"SERVICE_TOKEN": secret})
    assert secret.encode() in result.stdout
    assert secret not in json.dumps(project.step("command"))
    assert "REDACTED_VALUE" in head(project.step("command"))


def test_long_output_is_kept_at_both_ends(project: Project) -> None:
    program = "for n in range(100_000): print('line', n)"
    result = project.run(*python(program))
    assert result.stdout.count(b"\n") == 100_000
    step = project.step("command")
    assert step["output_state"] == "head_tail"
    output = step["output"]
    assert isinstance(output, dict)
    assert output["head"].startswith("line 0\n")
    assert output["tail"].endswith("line 99999\n")
    assert output["middle_lines"] == 1 << 17


def test_dirty_and_touched_files_are_kept_as_they_are_after_it(project: Project) -> None:
    project.tree.commit("code", "shop.py", "print('🎉')\n")
    project.tree.write("shop.py", "print('𝄞')\n")
    project.run(*python("open('shop.py', 'a').write('# after\\n')"))
    (file,) = project.step("command")["disk"]  # type: ignore[misc]  # a list of one
    assert file["path"] == "shop.py"
    (session,) = project.sessions
    assert session.read_blob(file["sha256"]) == "print('𝄞')\n# after\n".encode()


def test_on_a_terminal_the_command_has_one(project: Project) -> None:
    program = "import os; print([os.isatty(n) for n in range(3)], '\\x1b[32mgreen\\x1b[0m')"
    argv = [*SIGNOFF, "run", "--", *python(program)]
    with Terminal(argv, cwd=project.tree.root) as terminal:
        assert terminal.end() == 0
        assert b"[True, True, True] \x1b[32mgreen" in terminal.shown
        assert terminal.modes == terminal.modes_before
    assert project.step("command")["tty"] is True


def test_ctrl_c_ends_the_command_and_is_recorded(project: Project) -> None:
    program = "import signal; print('ready', flush=True)\nwhile True: signal.pause()"
    argv = [*SIGNOFF, "run", "--", *python("import signal\n"
            "signal.signal(signal.SIGINT, signal.SIG_DFL)\n" + program)]  # fmt: skip
    with Terminal(argv, cwd=project.tree.root) as terminal:
        terminal.wait_for(b"ready")
        terminal.press(b"\x03")
        assert terminal.end() == 130
    assert project.step("command")["signal"] == signal.SIGINT


def test_what_is_typed_at_a_password_prompt_is_nowhere(project: Project, home: Path) -> None:
    secret = random_secret(20261122)
    program = "import getpass; print('got', len(getpass.getpass('Password 🎉𝄞: ')))"
    argv = [*SIGNOFF, "run", "--", *python(program)]
    with Terminal(argv, cwd=project.tree.root) as terminal:
        terminal.wait_for("Password 🎉𝄞: ".encode())
        terminal.press(secret.encode() + b"\r")
        assert terminal.end() == 0
        assert f"got {len(secret)}".encode() in terminal.shown
    assert "got 24" in head(project.step("command"))
    for path in home.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert not any(one.encode() in data for one in windows(secret)), path


FAULTY = python("import sys; print('out 🎉'); print('err 𝄞', file=sys.stderr); sys.exit(6)")
AS_WITHOUT_US = (6, "out 🎉\n".encode(), "err 𝄞\n".encode())


def test_a_full_disk_changes_nothing(project: Project) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    result = project.run(*FAULTY, limits=no_room)
    assert (result.returncode, result.stdout, result.stderr) == AS_WITHOUT_US


def test_a_home_that_vanishes_while_it_runs_changes_nothing(project: Project) -> None:
    vanish = f"import shutil; shutil.rmtree({str(project.home.state)!r}, True)\n"
    result = project.run(*FAULTY[:-1], vanish + FAULTY[-1])
    assert (result.returncode, result.stdout, result.stderr) == AS_WITHOUT_US


@pytest.mark.parametrize("content", [None, b"not a folder"])
def test_a_home_that_cannot_be_used_changes_nothing(
    project: Project, tmp_path: Path, content: bytes | None
) -> None:
    broken = tmp_path / "broken"
    if content is None:
        broken.mkdir(mode=0o755)
        broken.chmod(0o777)
    else:
        broken.write_bytes(content)
    result = project.run(*FAULTY, env={"SIGNOFF_HOME": str(broken)})
    assert (result.returncode, result.stdout, result.stderr) == AS_WITHOUT_US


def test_a_session_whose_files_are_garbage_changes_nothing(project: Project) -> None:
    project.run("true")
    (session,) = project.sessions
    (session.folder / "control").write_bytes(b"\xff\x00 pause pause")
    (session.folder / "session.json").write_bytes(b"{")
    result = project.run(*FAULTY)
    assert (result.returncode, result.stdout, result.stderr) == AS_WITHOUT_US


def test_a_session_that_is_stopped_while_it_runs_still_gets_the_command(project: Project) -> None:
    project.run("true")
    (session,) = project.sessions
    program = (
        "from pathlib import Path; "
        "from signoff_collector.capture.journal.control import append_control; "
        "from signoff_collector.system.clock import SystemClock; "
        f"append_control(Path({str(session.control)!r}), 'stop', clock=SystemClock())"
    )
    project.run(*python(program))
    assert len(project.steps("command")) == 2


def test_no_lock_is_left_behind_by_a_program_that_goes_on_running(project: Project) -> None:
    reading, writing = os.pipe()
    program = (
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import sys; sys.stdin.read()'],"
        f" stdin={reading})"
    )
    process = subprocess.Popen(
        [*SIGNOFF, "run", "--", *python(program)],
        cwd=project.tree.root, pass_fds=(reading,), stdout=subprocess.PIPE,
    )  # fmt: skip
    os.close(reading)
    assert process.wait(deadline()) == 0
    (session,) = project.sessions
    session.ask("stop", clock=CLOCK)
    lock = wait_until(session.try_own, "nobody holds the session")
    lock.release()
    os.close(writing)
    assert process.stdout is not None
    process.stdout.close()


def test_a_run_that_is_killed_with_its_command_is_a_crash_when_sealed(project: Project) -> None:
    process = subprocess.Popen(
        [*SIGNOFF, "run", "--", *python("import sys; print('up', flush=True); sys.stdin.read()")],
        cwd=project.tree.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    begun = wait_until(
        lambda: [
            path
            for session in project.sessions
            for path in session.journals
            if path.name.startswith("run-") and read_journal(path).header is not None
        ],
        "the journal of the run",
    )
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(deadline())
    process.stdin.close()
    process.stdout.close()
    assert read_journal(begun[0]).end is None
    sealed = json.loads(
        subprocess.run(
            [*SIGNOFF, "seal", "--json"], cwd=project.tree.root, check=True, capture_output=True
        ).stdout.splitlines()[-1]
    )
    gaps = [step for step in read_episode(Path(sealed["episode"])).steps if step.kind == "gap"]
    assert [(gap.source, str(getattr(gap, "reason", ""))) for gap in gaps] == [("run", "crashed")]


REPORT = (
    "<testsuite name='jest'><testcase classname='cart' name='adds 🎉'/>"
    "<testcase classname='cart' name='fails'><failure message='𝄞'/></testcase></testsuite>"
)


def test_a_junit_report_becomes_a_test_run(project: Project) -> None:
    program = f"open('report.xml', 'w', encoding='utf-8').write({REPORT!r}); raise SystemExit(1)"
    project.run(*python(program), options=["--junit", "report.xml"])
    step = project.step("tests")
    assert step["framework"] == "jest"
    assert outcomes(step) == {"cart::adds 🎉": "passed", "cart::fails": "failed"}


def test_an_old_or_broken_report_is_no_test_run(project: Project) -> None:
    project.tree.write("old.xml", REPORT)
    result = project.run("true", options=["--junit", "old.xml"])
    assert (result.returncode, result.stderr) == (0, b"")
    bad = "<!DOCTYPE x><testsuite/>"
    project.run(*python(f"open('new.xml', 'w').write({bad!r})"), options=["--junit", "new.xml"])
    project.run("true", options=["--junit", "missing.xml"])
    assert project.steps("tests") == []


def test_the_workspace_and_git_are_left_alone(project: Project) -> None:
    from tests.support.repository import listing

    before = listing(project.tree.root)
    project.run("true")
    assert listing(project.tree.root) == before


def test_the_commands_own_files_have_its_own_mode(project: Project) -> None:
    project.run(*python("open('made.txt', 'w').close()"))
    assert (project.tree.root / "made.txt").stat().st_mode & 0o777 == 0o644


def test_closed_streams_are_no_reason_to_fail(project: Project) -> None:
    command = " ".join([*SIGNOFF, "run", "--", "sh", "-c", "'exit 5'"])
    for closed in ("<&- >&- 2>&-", ">&-", "2>&-"):
        result = subprocess.run(
            ["sh", "-c", f"{command} {closed}"],
            cwd=project.tree.root, timeout=deadline(), check=False,
        )  # fmt: skip
        assert result.returncode == 5, closed
    assert len(project.steps("command")) == 3


def test_records_of_one_run_are_in_order(project: Project) -> None:
    project.run("true")
    (session,) = project.sessions
    from signoff_collector.capture.journal.journal import read_journal

    (journal,) = (path for path in session.journals if path.name.startswith("run-"))
    times = [r.t_boot_ns for r in read_journal(journal).records if r.kind == RecordKind.STEP]
    assert times == sorted(times)
