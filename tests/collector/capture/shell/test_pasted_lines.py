"""Lines that are pasted while a session is only being opened are all recorded."""

from __future__ import annotations

import os
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from tests.support.deadline import wait_until
from tests.support.shells import SHELLS, SIGNOFF, Shell, enabled, recorded

from signoff_collector.capture.shell.opening import open_for_shell
from signoff_collector.forgetting.forgetting import forget, make_request
from signoff_collector.own_files.home import Home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import NotFoundError

pytestmark = pytest.mark.slow

_PASTED = 8


@pytest.fixture(params=SHELLS)
def name(request: pytest.FixtureRequest) -> str:
    """Each shell that has a hook."""
    return str(request.param)


def paste(shell: Shell, word: str) -> list[tuple[str, str]]:
    """Type eight lines at once; return each with its exit code."""
    pasted = [(f"sh -c 'exit {n}' {word}{n}", str(n)) for n in range(1, _PASTED + 1)]
    shell.type(b"".join(line.encode() + b"\r" for line, _ in pasted))
    return pasted


def told(home: Home, word: str) -> list[tuple[str, str]]:
    """Return the recorded lines that hold a word, by time, each with the exit codes told of it."""
    records = recorded(home)
    codes = {n: code for kind, (n, *_, code) in records if kind == "end"}
    lines = sorted(
        (float(fields[1]), int(fields[0]), fields[5])
        for kind, fields in records
        if kind == "begin" and word in fields[5]
    )
    return [(line, codes.get(str(n), "")) for _, n, line in lines]


def wait_until_told(shell: Shell, home: Home, word: str, pasted: list[tuple[str, str]]) -> None:
    """Wait until all lines are recorded, with nothing more typed, and see that each is once."""

    def is_told() -> bool:
        shell.read_on()
        return len(told(home, word)) >= len(pasted) and all(code for _, code in told(home, word))

    try:
        wait_until(is_told, f"{len(pasted)} lines are told with their ends")
    except AssertionError as error:
        raise AssertionError(f"{error}: {told(home, word)}") from None
    assert told(home, word) == pasted


def test_lines_pasted_at_the_start_and_after_a_stop_are_all_recorded(
    name: str, home: Path, tmp_path: Path
) -> None:
    own = enabled(home, tmp_path / "work")
    with Shell(name, tmp_path / "work", tmp_path / name) as shell:
        wait_until_told(shell, own, "first", paste(shell, "first"))
        shell.line(f"{SIGNOFF} stop")
        wait_until_told(shell, own, "second", paste(shell, "second"))
        shell.line("sh -c 'exit 9' third9")
        wait_until_told(shell, own, "third", [("sh -c 'exit 9' third9", "9")])
        assert shell.leave() is not None
    assert not list(own.state.glob("*.lines"))


_LATE = {
    "bash": """
eval "prompt$(declare -f __signoff_wait)"
__signoff_wait() {{ [ ! -p {shell} ] || command cat {shell}; prompt__signoff_wait "$@"; }}
__signoff_launcher={opener}
""",
    "zsh": """
functions[prompt_wait]=$functions[__signoff_wait]
__signoff_wait() {{ [[ ! -p {shell} ]] || command cat {shell}; prompt_wait "$@" }}
__signoff_launcher={opener}
""",
    "fish": """
functions -c __signoff_wait prompt_wait
function __signoff_wait; test -p {shell}; and command cat {shell}; prompt_wait $argv; end
set -g __signoff_launcher {opener}
""",
}
"""A hook whose records wait before they are written, and one who opens that waits too."""


def test_what_a_slow_shell_writes_behind_the_one_who_opens_is_taken_in(
    name: str, home: Path, tmp_path: Path
) -> None:
    own = enabled(home, tmp_path / "work")
    shell_waits, opener_waits = tmp_path / "shell", tmp_path / "opener-waits"
    for pipe in (shell_waits, opener_waits):
        os.mkfifo(pipe)
    opener, ended = tmp_path / "opener", tmp_path / "ended"
    opener.write_text(
        f"#!/bin/sh\n[ ! -p {opener_waits} ] || cat {opener_waits}\n"
        f'{SIGNOFF} "$@"\necho >>{ended}\n'
    )
    opener.chmod(0o700)
    after = _LATE[name].format(shell=shell_waits, opener=opener)
    with Shell(name, tmp_path / "work", tmp_path / name, after=after) as shell:
        shell.line("true late")
        told_shell = opened_by_its_reader(shell, shell_waits)
        os.close(opened_by_its_reader(shell, opener_waits))
        wait_until(lambda: (shell.read_on(), ended.exists())[1], "the one who opens has ended")
        assert told(own, "late") == [("true late", "")]
        os.close(told_shell)
        wait_until_told(shell, own, "late", [("true late", "0")])
        shell.leave()
    assert not list(own.state.glob("*.lines"))


def opened_by_its_reader(shell: Shell, pipe: Path) -> int:
    """Wait until somebody reads a pipe; return its other end. Nobody waits for it again."""
    opened: list[int] = []

    def is_read() -> bool:
        shell.read_on()
        with suppress(OSError):
            opened.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        return bool(opened)

    wait_until(is_read, f"{pipe.name} is read")
    pipe.unlink()
    return opened[0]


def test_waiting_lines_go_when_nothing_is_recorded_any_more_and_with_forget(
    home: Path, tmp_path: Path
) -> None:
    own = enabled(home, tmp_path / "work")
    waiting = own.state / "shell-1-00000000.0123456789abcdef.lines"
    waiting.write_bytes(b"\0private\0003\0001\0001\0001\0")
    with pytest.raises(NotFoundError):
        open_for_shell(own, tmp_path, "shell-1-00000000.spool", BytesIO(), SystemClock())
    assert not waiting.exists()
    waiting.write_bytes(b"")
    forget(own, SystemClock(), make_request(SystemClock()))
    assert not waiting.exists()
