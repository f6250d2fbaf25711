"""`signoff shell`: outputs cut per command, nothing forged, nothing in the way."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.shells import (
    SHELLS,
    SIGNOFF,
    Shell,
    begin_session,
    enabled,
    needs_shell,
    recorded,
    sessions,
    wait_for_ends,
)

from signoff_collector.capture.journal.writers import read_writers
from signoff_collector.capture.runs.output_keeping import OutputKeeper
from signoff_collector.capture.sessions.sessions import list_sessions
from signoff_collector.capture.shell.marks import Command, OutputCutter
from signoff_collector.own_files.home import Home

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]

MARK = "0123456789abcdef0123456789abcdef"
NAME = "shell-12-0a1b2c3d.spool"
SESSION = "20261122T101010Z-0a1b2c3d"


def mark(kind: str, number: int, *, mark: str = MARK, status: str = "") -> bytes:
    return f"\x1b]133;{kind};{mark};{number};{SESSION};{NAME}{status}\x07".encode()


def cut(pieces: list[bytes]) -> dict[int, str]:
    found: dict[int, str] = {}

    def give(command: Command, keeper: OutputKeeper) -> None:
        assert (command.session, command.spool) == (SESSION, NAME)
        found[command.number] = keeper.finish(lambda text: text).head

    cutter = OutputCutter(MARK, give)
    for piece in pieces:
        cutter.take(piece)
    return found


def test_outputs_are_cut_the_same_wherever_pieces_end() -> None:
    seed = 20261122
    print(f"seed {seed}")  # noqa: T201  shown when it fails
    chance = random.Random(seed)  # noqa: S311  not for secrets
    stream = (
        b"prompt$ \x1b[0m" + mark("C", 1) + "one 😀𝄞\r\n\x1b[31mred\x1b".encode() + b"[0m"
        + mark("D", 1, status=";0") + b"prompt$ " + mark("C", 2) + mark("D", 2, status=";1")
        + mark("C", 3) + b"\x1b[?1;1049hfull screen\x1b[?1049l" + mark("D", 3)
        + mark("C", 4, mark="f" * 32) + b"forged" + mark("D", 4, mark="f" * 32)
        + mark("C", 5) + b"a" + mark("D", 4) + mark("C", 6) + b"\x1b]133;C" + mark("D", 6)
    )  # fmt: skip
    expected = {1: "one 😀𝄞\r\n\x1b[31mred\x1b[0m", 2: "", 6: "\x1b]133;C"}
    assert cut([stream]) == expected
    assert cut([bytes((byte,)) for byte in stream]) == expected
    for _ in range(50):
        places = sorted(chance.choices(range(len(stream)), k=chance.randrange(9)))
        ends = [*places, len(stream)]
        assert cut([stream[a:b] for a, b in zip([0, *places], ends, strict=True)]) == expected


def test_a_private_line_typed_ahead_costs_the_output_it_is_echoed_in() -> None:
    now = 0
    found: list[int] = []
    cutter = OutputCutter(MARK, lambda command, _: found.append(command.number), lambda: now)
    typed: tuple[tuple[int, bytes], ...] = (
        (1, b"make\r"), (2, b"make\r secret\r"), (3, b"make\recho public\r"), (4, b"make\r"),
    )  # fmt: skip
    for number, keys in typed:
        now += 10**10
        cutter.typed(keys[:5])
        cutter.take(mark("C", number))
        for key in keys[5:]:
            cutter.typed(bytes((key,)))
        cutter.take(b"echoed " + keys[5:] + mark("D", number))
    assert found == [1, 3, 4]


def outputs(home: Home) -> dict[str, tuple[str, ...]]:
    """Command line to the fields of its output."""
    records = recorded(home)
    lines = {fields[0]: fields[5] for kind, fields in records if kind == "begin"}
    return {lines[fields[0]]: fields for kind, fields in records if kind == "output"}


def run(shell: Shell, home: Home, line: str) -> None:
    """Type a line and wait for its end: the terminal echoes what is typed ahead into outputs."""
    ended = sum(kind == "end" for kind, _ in recorded(home))
    shell.line(line)
    wait_for_ends(shell, home, ended + 1)


@pytest.mark.parametrize("name", SHELLS)
def test_commands_of_a_recorded_shell_have_their_outputs(
    name: str, home: Path, tmp_path: Path
) -> None:
    place = tmp_path / "w"
    own = enabled(home, place)
    secret = "".join(random.Random(7).choices("abcdefghkmnpqrst23456789", k=24))  # noqa: S311
    (place / ".env").write_text(f"PLANTED={secret}\n")
    (place / "big").write_text("".join(f"line {number}\n" for number in range(60_000)))
    program = needs_shell(name)
    lines = [
        f"echo {secret[:12]}''{secret[12:]} 😀𝄞",
        "sh -c 'stty size; exit 3'",
        "cat .env",
        "cat .e*",
        "cat big",
        "printf '\\033[?1049hscreen\\033[?1049l'",
        " echo private-one",
    ]
    with Shell(name, place, tmp_path / name, argv=[str(SIGNOFF), "shell", program]) as shell:
        shell.resize(33, 101)
        begin_session(shell, own)
        for line in (*lines[:-1], "echo do'n'e"):
            run(shell, own, line)
        shell.line(lines[-1])
        run(shell, own, "echo a'fte'r")
        shell.line("exit 5")
        assert shell.end() == 5
    wait_until(lambda: len(outputs(own)) >= 4, "outputs")
    found = outputs(own)
    assert secret not in str(found)
    assert found[lines[0]][3].endswith(" 😀𝄞\r\n")
    assert found[lines[1]][3] == "33 101\r\n"
    big = found["cat big"]
    assert big[1] == "head_tail"
    assert big[3].startswith("line 0\r\n")
    assert big[4].endswith("line 59999\r\n")
    assert found["echo do'n'e"][3] == "done\r\n"
    for silent in (lines[2], lines[3], lines[5]):
        assert silent not in found
    assert "private-one" not in str(recorded(own))
    (session,) = list_sessions(own)
    writers, _ = read_writers(session.folder)
    (stream,) = [one for one in writers if one.header.writer == "shell"]
    bodies = [body for _, _, body in stream if isinstance(body, dict)]
    step = next(body for body in bodies if body.get("line") == lines[1])
    assert (step["output_state"], step["exit_code"]) == ("full", 3)
    assert signoff("seal", session.id, cwd=place).code == 0
    shown = signoff("show", "last", "--steps", "--json", cwd=place).out
    assert "33 101" in shown
    assert signoff("check", "last", cwd=place).code == 0


@pytest.mark.parametrize("name", SHELLS)
def test_a_session_that_begins_behind_the_prompt_has_the_output_of_the_next_line(
    name: str, home: Path, tmp_path: Path
) -> None:
    place = tmp_path / "w"
    own = enabled(home, place)
    argv = [str(SIGNOFF), "shell", needs_shell(name)]
    with Shell(name, place, tmp_path / name, argv=argv) as shell:
        assert signoff("watch", "--open", ".", cwd=place).code == 0
        run(shell, own, "echo fi''rst 😀𝄞")
        run(shell, own, "echo se''cond")
        shell.leave()
    wait_until(lambda: len(outputs(own)) >= 2, "outputs")
    found = outputs(own)
    assert found["echo fi''rst 😀𝄞"][3] == "first 😀𝄞\r\n"
    assert found["echo se''cond"][3] == "second\r\n"


SLOW_FILES = """
eval "slow$(declare -f __signoff_target)"
__signoff_target() { sleep 0.3; slow__signoff_target; }
"""


def test_what_is_typed_while_the_hook_looks_at_files_is_in_no_output(
    home: Path, tmp_path: Path
) -> None:
    """The end of a line is marked before anything else is done, also on a slow disk."""
    place = tmp_path / "w"
    own = enabled(home, place)
    argv = [str(SIGNOFF), "shell", needs_shell("bash")]
    with Shell("bash", place, tmp_path / "bash", after=SLOW_FILES, argv=argv) as shell:
        begin_session(shell, own)
        run(shell, own, "echo fi''rst 😀𝄞")
        shell.leave()
    wait_until(lambda: "echo fi''rst 😀𝄞" in outputs(own), "outputs")
    assert outputs(own)["echo fi''rst 😀𝄞"][3] == "first 😀𝄞\r\n"


def wait_for_prompt(shell: Shell, answer: bytes) -> None:
    """Wait until the prompt stands behind an answer: what is typed sooner a ^C may take away."""

    def is_ready() -> bool:
        shell.read_on()
        return b"ready> " in shell.shown.partition(answer)[2]

    wait_until(is_ready, f"a prompt behind {answer!r}")


def test_keys_and_signals_reach_the_jobs_of_the_shell(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "w"
    own = enabled(home, place)
    argv = [str(SIGNOFF), "shell", needs_shell("bash")]
    with Shell("bash", place, tmp_path / "bash", argv=argv) as shell:
        begin_session(shell, own)
        shell.shown = b""
        shell.line("cat; echo status=$?")
        shell.wait_for(b"]133;C;")
        shell.line("echoed")
        shell.wait_for(b"echoed\r\nechoed")
        shell.type(b"\x1a")
        wait_for_prompt(shell, b"status=148\r\n")
        shell.said("fg; echo again=$?", b"cat")
        shell.type(b"\x04")
        wait_for_prompt(shell, b"again=0\r\n")
        shell.said("sh -c 'echo up; exec sleep 1000'; echo never", b"up\r\n")
        assert len(sessions(own)) == 1
        shell.type(b"\x03")
        wait_for_prompt(shell, b"up\r\n")
        shell.said("echo int=$?", b"int=130\r\n")
        wait_for_prompt(shell, b"int=130\r\n")
        shell.line("kill -9 $$")
        assert shell.end() == 137


def test_without_a_terminal_the_shell_simply_runs(home: Path, tmp_path: Path) -> None:
    enabled(home, tmp_path / "w")
    said = signoff("shell", needs_shell("bash"), cwd=tmp_path / "w")
    assert said.code == 0
    assert signoff("shell", "tcsh", cwd=tmp_path).code == 2
