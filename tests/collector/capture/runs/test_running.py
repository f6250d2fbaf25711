"""A command under the relay behaves as without it: streams, exit codes, signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until

DRIVER = """
import os, sys
from pathlib import Path
from signoff_collector.capture.runs.running import run_command
kept = bytearray()
ending = run_command(sys.argv[2:], os.environ, sink=kept.extend)
Path(sys.argv[1]).write_bytes(
    b"%d %s\\n" % (ending.exit_code, str(ending.signal).encode()) + bytes(kept)
)
sys.exit(ending.exit_code)
"""


def relayed(*argv: str) -> list[str]:
    return [sys.executable, "-c", DRIVER, "kept", *argv]


def python(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", program, *arguments]


def run(tmp_path: Path, *argv: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]  # options of run
        relayed(*argv),
        cwd=tmp_path,
        **{"capture_output": True, "timeout": deadline(), **options},
        check=False,
    )


def kept(tmp_path: Path) -> tuple[str, bytes]:
    head, _, output = (tmp_path / "kept").read_bytes().partition(b"\n")
    return head.decode(), output


@pytest.mark.parametrize("code", [0, 1, 7, 255])
def test_the_exit_code_is_the_commands(tmp_path: Path, code: int) -> None:
    assert run(tmp_path, *python(f"raise SystemExit({code})")).returncode == code


def test_a_missing_program_is_127_and_a_folder_126(tmp_path: Path) -> None:
    missing = run(tmp_path, "no-such-program-🎉")
    assert missing.returncode == 127
    assert missing.stderr.decode() == "signoff: no-such-program-🎉: command not found\n"
    assert run(tmp_path, str(tmp_path)).returncode == 126
    assert run(tmp_path, "").returncode == 127


def test_a_script_without_a_first_line_is_run_by_the_shell(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("echo from the shell\nexit 5\n")
    script.chmod(0o755)
    result = run(tmp_path, str(script))
    assert (result.returncode, result.stdout) == (5, b"from the shell\n")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_death_by_a_signal_is_128_and_its_number(tmp_path: Path, number: signal.Signals) -> None:
    program = (
        "import os, signal, resource\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        f"os.kill(os.getpid(), {int(number)})\n"
        "signal.pause()"
    )
    assert run(tmp_path, *python(program)).returncode == 128 + number
    assert kept(tmp_path)[0] == f"{128 + number} {int(number)}"


def test_streams_stay_apart_and_bytes_stay_as_they_are(tmp_path: Path) -> None:
    program = (
        "import os\nos.write(1, b'out \\xff\\x00 \\xf0\\x9f\\x8e\\x89')\nos.write(2, b'err \\xfe')"
    )
    result = run(tmp_path, *python(program))
    assert result.stdout == b"out \xff\x00 \xf0\x9f\x8e\x89"
    assert result.stderr == b"err \xfe"
    assert sorted(kept(tmp_path)[1]) == sorted(result.stdout + result.stderr)


def test_two_streams_into_one_place_keep_their_order(tmp_path: Path) -> None:
    program = "import os\nfor n in range(300): os.write(1 + n % 2, b'%d\\n' % n)"
    expected = b"".join(b"%d\n" % number for number in range(300))
    result = run(
        tmp_path,
        *python(program),
        capture_output=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert result.stdout == expected
    assert kept(tmp_path)[1] == expected


def test_standard_input_is_passed_on(tmp_path: Path) -> None:
    text = "naïve 🎉𝄞\n".encode() * 50_000
    assert run(tmp_path, "cat", input=text).stdout == text


def test_much_output_is_all_passed_on(tmp_path: Path) -> None:
    program = "import sys\nfor n in range(400): sys.stdout.write(('%d ' % n) * 5000 + '\\n')"
    expected = "".join(f"{n} " * 5000 + "\n" for n in range(400)).encode()
    assert run(tmp_path, *python(program)).stdout == expected


def test_a_reader_that_leaves_ends_the_writer_as_without_us(tmp_path: Path) -> None:
    program = "import os\nwhile True: os.write(1, b'y\\n')"
    process = subprocess.Popen(relayed(*python(program)), cwd=tmp_path, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.read(4) == b"y\ny\n"
    process.stdout.close()
    assert process.wait(deadline()) in {1, 128 + signal.SIGPIPE}


def test_a_program_left_running_can_go_on_writing(tmp_path: Path) -> None:
    later = (
        "import os, sys, select\nselect.select([int(sys.argv[1])], [], [])\nos.write(1, b'later')\n"
    )
    reading, writing = os.pipe()
    os.set_inheritable(reading, True)
    program = (
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {later!r}, '{reading}'], pass_fds=({reading},))\n"
        "print('now', flush=True)"
    )
    process = subprocess.Popen(
        relayed(*python(program)), cwd=tmp_path, stdout=subprocess.PIPE, pass_fds=(reading,)
    )
    assert process.wait(deadline()) == 0
    os.write(writing, b"go")
    assert process.stdout is not None
    assert process.stdout.read() == b"now\nlater"
    process.stdout.close()
    os.close(reading)
    os.close(writing)


def test_descriptors_above_two_are_passed_on(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    run(tmp_path, *python(f"import os; os.write({writing}, b'through')"), pass_fds=(writing,))
    os.close(writing)
    assert os.read(reading, 100) == b"through"
    os.close(reading)


WAITER = """
import os, select, signal, sys
def note(number, frame):
    os.write(1, b"got %d\\n" % number)
    if number == signal.SIGTERM:
        raise SystemExit(3)
for name in sys.argv[1:]:
    signal.signal(getattr(signal, name), note)
os.write(1, b"ready\\n")
while True:
    select.select([], [], [], 0.05)
"""


def test_signals_are_forwarded_and_the_command_decides(tmp_path: Path) -> None:
    process = subprocess.Popen(
        relayed(*python(WAITER, "SIGINT", "SIGHUP", "SIGTERM")),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        process.send_signal(number)
        assert process.stdout.readline() == b"got %d\n" % number
    assert process.wait(deadline()) == 3
    process.communicate()


def test_a_signal_that_was_ignored_before_us_stays_ignored(tmp_path: Path) -> None:
    program = "import signal; print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)"

    def ignore() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    assert run(tmp_path, *python(program), preexec_fn=ignore).stdout == b"True\n"


def test_the_command_gets_default_signals_and_the_old_umask(tmp_path: Path) -> None:
    program = (
        "import os, signal, resource\n"
        "print(oct(os.umask(0)), resource.getrlimit(resource.RLIMIT_CORE)[0])\n"
        "print(open('/proc/self/status').read().split('SigIgn:')[1].split()[0]"
        " if os.path.exists('/proc/self/status') else '')"
    )
    hardened = "from signoff_collector.system.hardening import harden\nharden()\n" + DRIVER
    plain = subprocess.run(
        python(program), capture_output=True, check=True, timeout=deadline(), cwd=tmp_path
    )
    ours = subprocess.run(
        [sys.executable, "-c", hardened, "kept", *python(program)],
        capture_output=True,
        check=True,
        timeout=deadline(),
        cwd=tmp_path,
    )
    assert ours.stdout == plain.stdout


def test_a_sink_that_fails_changes_nothing(tmp_path: Path) -> None:
    failing = DRIVER.replace("sink=kept.extend", "sink=lambda piece: 1 // 0")
    result = subprocess.run(
        [sys.executable, "-c", failing, "kept", *python("print('one', flush=True); print('two')")],
        cwd=tmp_path,
        capture_output=True,
        timeout=deadline(),
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, b"one\ntwo\n", b"")


def test_no_child_is_left_behind(tmp_path: Path) -> None:
    run(
        tmp_path,
        *python(f"import os; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))"),
    )
    pid = int((tmp_path / "pid").read_text())
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), "the command is gone")
