"""A command behind the pty of the relay, on a real terminal: keys, size, modes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.deadline import deadline
from tests.support.pseudo_terminal import Terminal

DRIVER = """
import os, sys
from pathlib import Path
from signoff_collector.capture.runs.running import run_command
kept = bytearray()
ending = run_command(sys.argv[1:], os.environ, sink=kept.extend)
Path("kept").write_bytes(bytes(kept))
print("ended", ending.exit_code, ending.has_terminal)
sys.exit(ending.exit_code)
"""


def relayed(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", DRIVER, sys.executable, "-c", program, *arguments]


def test_the_command_has_a_terminal_of_the_same_size_on_all_streams(tmp_path: Path) -> None:
    program = (
        "import os\n"
        "print([os.isatty(n) for n in range(3)], os.get_terminal_size(), flush=True)\n"
        "print('\\x1b[31mred 🎉𝄞\\x1b[0m')"
    )
    with Terminal(relayed(program), cwd=tmp_path, size=(33, 111)) as terminal:
        assert terminal.end() == 0
        assert b"[True, True, True] os.terminal_size(columns=111, lines=33)" in terminal.shown
        assert "\x1b[31mred 🎉𝄞\x1b[0m\r\n".encode() in terminal.shown
        assert b"ended 0 True" in terminal.shown
        assert terminal.modes == terminal.modes_before
    assert "red 🎉𝄞".encode() in (tmp_path / "kept").read_bytes()


def test_ctrl_c_interrupts_the_command_once_and_not_us(tmp_path: Path) -> None:
    program = (
        "import os, select, signal, sys\n"
        "def note(number, frame):\n"
        "    os.write(1, b'interrupted')\n"
        "    os._exit(9)\n"
        "signal.signal(signal.SIGINT, note)\n"
        "print('ready', flush=True)\n"
        "while True: select.select([], [], [], 0.05)"
    )
    with Terminal(relayed(program), cwd=tmp_path) as terminal:
        terminal.wait_for(b"ready")
        terminal.press(b"\x03")
        assert terminal.end() == 9
        assert terminal.shown.count(b"interrupted") == 1
        assert terminal.modes == terminal.modes_before


def test_ctrl_c_with_pipes_reaches_the_command_once(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys, select\n"
        "seen = []\n"
        "signal.signal(signal.SIGINT, lambda *_: seen.append(1))\n"
        "signal.signal(signal.SIGUSR1, lambda *_: None)\n"
        "sys.stderr.write('ready')\n"
        "sys.stderr.flush()\n"
        "while not seen: select.select([], [], [], 0.05)\n"
        "select.select([], [], [], 0.3)\n"
        "sys.stderr.write(f'interrupts {len(seen)}.')"
    )
    wrapper = (
        "import subprocess, sys, signal\n"
        "signal.signal(signal.SIGINT, lambda *_: None)\n"
        "sys.exit(subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode)"
    )
    argv = [sys.executable, "-c", wrapper, *relayed(program)]
    with Terminal(argv, cwd=tmp_path) as terminal:
        terminal.wait_for(b"ready")
        terminal.press(b"\x03")
        assert terminal.end() == 0
        assert b"interrupts 1." in terminal.shown


def test_resizing_the_window_reaches_the_command(tmp_path: Path) -> None:
    program = (
        "import os, select, signal\n"
        "changed = []\n"
        "signal.signal(signal.SIGWINCH, lambda *_: changed.append(os.get_terminal_size()))\n"
        "print('ready', flush=True)\n"
        "while (70, 20) not in changed: select.select([], [], [], 0.05)\n"
        "print('resized', flush=True)"
    )
    with Terminal(relayed(program), cwd=tmp_path) as terminal:
        terminal.wait_for(b"ready")
        terminal.resize(20, 70)
        terminal.wait_for(b"resized")
        assert terminal.end() == 0


def test_typed_lines_are_edited_and_read_as_without_us(tmp_path: Path) -> None:
    program = "print('name?', flush=True); print('hello', ascii(input()), flush=True)"
    with Terminal(relayed(program), cwd=tmp_path) as terminal:
        terminal.wait_for(b"name?")
        terminal.press("wrong\x15Ada 🎉𝄞\n".encode())
        assert terminal.end() == 0
        assert ascii("Ada 🎉𝄞").encode() in terminal.shown


def test_ctrl_d_ends_the_input(tmp_path: Path) -> None:
    program = "import sys; print('ready', flush=True); print(len(sys.stdin.read()), 'read')"
    with Terminal(relayed(program), cwd=tmp_path) as terminal:
        terminal.wait_for(b"ready")
        terminal.press(b"abc\n\x04")
        assert terminal.end() == 0
        assert b"4 read" in terminal.shown


def test_input_from_a_pipe_stays_a_pipe_beside_a_terminal(tmp_path: Path) -> None:
    program = "import os, sys; print([os.isatty(n) for n in range(3)], sys.stdin.read())"
    reading, writing = os.pipe()
    os.write(writing, "piped 🎉".encode())
    os.close(writing)
    with Terminal(relayed(program), cwd=tmp_path, stdin=reading) as terminal:
        os.close(reading)
        assert terminal.end() == 0
        assert "[False, True, True] piped 🎉".encode() in terminal.shown


def test_the_terminal_is_given_back_when_the_command_is_killed(tmp_path: Path) -> None:
    program = "import os, signal, tty\ntty.setraw(0)\nprint('raw', flush=True)\nsignal.pause()"
    with Terminal(relayed(program), cwd=tmp_path) as terminal:
        terminal.wait_for(b"raw")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end() == 128 + signal.SIGTERM
        assert terminal.modes == terminal.modes_before


SHELL = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
pid = os.fork()
if pid == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
os.waitpid(pid, os.WUNTRACED)
os.tcsetpgrp(0, os.getpgrp())
print("job stopped", flush=True)
sys.stdin.readline()
print("job goes on", flush=True)
os.tcsetpgrp(0, pid)
os.killpg(pid, signal.SIGCONT)
_, status = os.waitpid(pid, 0)
os.tcsetpgrp(0, os.getpgrp())
print("job ended", os.waitstatus_to_exitcode(status), flush=True)
"""


def test_ctrl_z_stops_the_job_and_fg_goes_on(tmp_path: Path) -> None:
    program = "print('ready', flush=True); print('read', input(), flush=True)"
    argv = [sys.executable, "-c", SHELL, *relayed(program)]
    with Terminal(argv, cwd=tmp_path) as terminal:
        terminal.wait_for(b"ready")
        terminal.press(b"\x1a")
        terminal.wait_for(b"job stopped")
        assert terminal.modes == terminal.modes_before
        terminal.press(b"fg\n")
        terminal.wait_for(b"job goes on")
        terminal.press(b"onward\n")
        terminal.wait_for(b"read onward")
        assert terminal.end() == 0
        assert b"job ended 0" in terminal.shown


def test_a_job_in_the_background_is_run_without_touching_the_terminal(tmp_path: Path) -> None:
    program = "print('in the background')"
    shell = (
        "import os, subprocess, sys\n"
        "job = subprocess.Popen(sys.argv[1:], process_group=0)\n"
        "print('job', job.wait(), flush=True)"
    )
    argv = [sys.executable, "-c", shell, *relayed(program)]
    with Terminal(argv, cwd=tmp_path) as terminal:
        assert terminal.end() == 0
        assert b"in the background" in terminal.shown
        assert b"job 0" in terminal.shown
        assert terminal.modes == terminal.modes_before


def test_the_last_words_before_the_end_are_never_lost(tmp_path: Path) -> None:
    program = "import sys\nfor n in range(3000): sys.stdout.write(f'line {n}\\n')"
    with Terminal(relayed(program), cwd=tmp_path) as terminal:
        assert terminal.end() == 0
        terminal.wait_for(b"line 2999")
    assert (tmp_path / "kept").read_bytes().endswith(b"line 2999\r\n")


def test_without_a_terminal_there_is_none(tmp_path: Path) -> None:
    result = subprocess.run(
        relayed("import os; print(os.isatty(1))"),
        cwd=tmp_path,
        capture_output=True,
        timeout=deadline(),
        check=False,
        start_new_session=True,
    )
    assert result.stdout == b"False\nended 0 False\n"
