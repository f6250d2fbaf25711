"""The hooks in real shells: what is recorded, what is not, and that no shell is disturbed."""

from __future__ import annotations

import os
import random
import shutil
import stat
import time
from contextlib import suppress
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.deadline import deadline, wait_until
from tests.support.shells import (
    SHELLS,
    Shell,
    begin_session,
    enabled,
    lines_of,
    recorded,
    sessions,
    wait_for_ends,
)

from signoff_collector.capture.controls import pause, resume
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.own_files.home import Home
from signoff_collector.own_files.private_files import read_regular
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.slow

EMOJI = "😀𝄞"
SEED = 20261122


@pytest.fixture(params=SHELLS)
def name(request: pytest.FixtureRequest) -> str:
    """Each shell that has a hook."""
    return str(request.param)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder whose name would mislead a careless shell."""
    return tmp_path / f"it's $(touch x) `y` \\ * {EMOJI}"


def ends(home: Home) -> int:
    return sum(kind == "end" for kind, _ in recorded(home))


def do(shell: Shell, home: Home, line: str | bytes) -> tuple[str, ...]:
    """Type a line that is recorded, wait for its end, and return the end's fields."""
    wanted = ends(home) + 1
    shell.shown = b""
    shell.line(line)
    return [fields for kind, fields in wait_for_ends(shell, home, wanted) if kind == "end"][-1]


def test_a_day_at_the_shell_is_recorded_as_it_was_typed(
    name: str, home: Path, place: Path, tmp_path: Path
) -> None:
    own = enabled(home, place)
    nested = place / "vendored"
    (nested / ".git").mkdir(parents=True)
    before = "HISTCONTROL=ignoreboth" if name == "bash" else ""
    with Shell(
        name, place, tmp_path / name, before=before, env={"CLAUDECODE": "1", "AGENT": "planted"}
    ) as shell:
        begin_session(shell, own)
        assert do(shell, own, f"echo {EMOJI} 'a  b'")[3] == "0"
        assert do(shell, own, "sh -c 'exit 7'")[3] == "7"
        assert do(shell, own, "sh -c 'exit 7'")[3] == "7"
        assert do(shell, own, " echo classified")[3] == "0"
        assert do(shell, own, "sh -c 'kill -9 $$'")[3] == "137"
        assert do(shell, own, "cd vendored")[3] == "0"
        shell.said("echo an'y'where", b"anywhere\r\n")
        shell.said("cd /; echo el'se'where", b"elsewhere\r\n")
        shell.said(f"cd {quoted(name, place)}; echo ba'c'k", b"back\r\n")
        assert do(shell, own, "export CLAUDECODE=; echo done" if name != "fish"
                  else "set -e CLAUDECODE; echo done")[3] == "0"  # fmt: skip
        last = do(shell, own, "echo last")
        shell.leave()
    records = recorded(own)
    assert lines_of(own) == [
        "true",
        f"echo {EMOJI} 'a  b'",
        "sh -c 'exit 7'",
        "sh -c 'exit 7'",
        "sh -c 'kill -9 $$'",
        "cd vendored",
        "export CLAUDECODE=; echo done" if name != "fish" else "set -e CLAUDECODE; echo done",
        "echo last",
        "exit",
    ]
    assert [kind for kind, _ in records].count("private") == 1
    begins = {fields[0]: fields for kind, fields in records if kind == "begin"}
    assert {fields[3] for fields in begins.values()} == {os.fspath(place.resolve())}
    assert begins["1"][4] == "CLAUDECODE AGENT"
    assert begins[last[0]][4] == "AGENT"
    everything = b"".join(read_regular(path, max_bytes=1 << 20) for s in sessions(own)
                          for path in s.spools)  # fmt: skip
    for secret in (b"classified", b"anywhere", b"elsewhere", b"planted"):
        assert secret not in everything
    (session,) = sessions(own)
    assert {stat.S_IMODE(path.stat().st_mode) for path in session.spools} == {0o600}
    assert not (place / "x").exists()
    assert sorted(path.name for path in place.iterdir()) == ["vendored"]


def quoted(name: str, path: Path) -> str:
    """Quote a path for a shell."""
    if name == "fish":
        return "'" + os.fspath(path).replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + os.fspath(path).replace("'", "'\\''") + "'"


def test_paused_stopped_disabled_and_expired_leave_nothing(
    name: str, home: Path, tmp_path: Path
) -> None:
    place = tmp_path / "w"
    own = enabled(home, place)
    clock = SystemClock()
    with Shell(name, place, tmp_path / name) as shell:
        begin_session(shell, own)
        chosen = Workspaces(own, clock).all()
        pause(own, clock, chosen)
        shell.said("echo pau'se'd", b"paused\r\n")
        resume(own, clock, chosen)
        shell.said("echo betw'ee'n", b"between\r\n")
        do(shell, own, "echo resumed")
        assert signoff("stop", cwd=place).code == 0
        # the next line begins the next session and is not lost
        known = lines_of(own)
        shell.line("echo afterwards")
        wait_until(
            lambda: (shell.read_on(), "echo afterwards" in lines_of(own))[1], "a second session"
        )
        assert "echo afterwards" not in known
        assert len([s for s in sessions(own) if s.is_active]) == 1
        assert signoff("disable", cwd=place).code == 0
        shell.said("echo n'o'more", b"nomore\r\n")
        tsv = own.enabled_tsv
        tsv.write_text(f"{place.resolve()}\t1000\t0123456789abcdef\tdirectory\t0\n")
        shell.said("echo exp'ir'ed", b"expired\r\n")
        shell.leave()
    assert not {"echo pau'se'd", "echo n'o'more", "echo exp'ir'ed"} & set(lines_of(own))


def test_a_shell_behaves_as_without_the_hook(name: str, home: Path, tmp_path: Path) -> None:
    """The same lines with and without it show the same, under every awkward option."""
    place = tmp_path / "w"
    own = enabled(home, place)
    (place / "file").write_text("x")
    before, lines = AWKWARD[name]
    shown: list[list[bytes]] = []
    for is_hooked in (False, True):
        with Shell(
            name, place, tmp_path / f"{name}{is_hooked}", before=before, is_hooked=is_hooked
        ) as shell:
            answers: list[bytes] = []
            if is_hooked:
                begin_session(shell, own)
            else:
                shell.said("true; echo be'gu'n", b"begun\r\n")
            for number, line in enumerate(lines):
                mark = f"<{number}>".encode()
                shell.shown = b""
                shell.line(line)
                shell.line(f"echo '<'{number}'>'")
                shell.wait_for(mark)
                answers.append(answer(shell.shown))
            shown.append(answers)
            shell.leave()
    assert shown[0] == shown[1]


def answer(screen: bytes) -> bytes:
    """Return what stood between the marks `[[` and `]]` on the screen."""
    return b"|".join(part.split(b"]]")[0] for part in screen.split(b"[[")[1:])


_ASK = """printf '[%s%s]]\\n' '[' "$_/$?" """
AWKWARD = {
    "bash": (
        "set -u; set -o noclobber; HISTCONTROL=ignoredups\n"
        "alias printf=false; local() { echo broken; }; IFS=_\n"
        "trap 'seen=$BASH_COMMAND' DEBUG\n"
        "PROMPT_COMMAND='last=$?'\nPS0='${unset-}'\n",
        [
            "sh -c 'exit 4'",
            "command printf '[%s%s]]\\n' '[' \"$last\"",
            "true a b c",
            "command printf '[%s%s]]\\n' '[' \"$_\"",
            "false",
            "command printf '[%s%s]]\\n' '[' \"$?\"",
            "false | true | false",
            "command printf '[%s%s]]\\n' '[' \"${PIPESTATUS[*]}\"",
            "echo y > file; command printf '[%s%s]]\\n' '[' \"$?\"",
            "(command printf '[%s%s]]\\n' '[' sub; exit 3)",
            "command printf '[%s%s]]\\n' '[' \"$?\"",
            "set -o | command grep -c on$ | { read n; command printf '[%s%s]]\\n' '[' \"$n\"; }",
            "command printf '[%s%s]]\\n' '[' \"$IFS$-\"",
            "trap -p DEBUG | { read -r n; command printf '[%s%s]]\\n' '[' \"$n\"; }",
            "set -e",
            "false || command printf '[%s%s]]\\n' '[' \"still here $?\"",
            "! true",
            "command printf '[%s%s]]\\n' '[' \"$?\"",
            "set +e; set -T; umask; command printf '[%s%s]]\\n' '[' \"$(umask)\"",
            'bash --norc -c \'printf "[%s%s]]\\n" "[" "$SHLVL ${PROMPT_COMMAND-none}"\'',
        ],
    ),
    "zsh": (
        "setopt no_unset noclobber sh_word_split ksh_arrays hist_ignore_space\n"
        "precmd() { last=$? }\nalias printf=false\npreexec() { seen=$1 }\n",
        [
            "sh -c 'exit 4'",
            "command printf '[%s%s]]\\n' '[' \"$last\"",
            "true a b c",
            "command printf '[%s%s]]\\n' '[' \"$_\"",
            "false",
            "command printf '[%s%s]]\\n' '[' \"$?\"",
            "echo y > file; command printf '[%s%s]]\\n' '[' \"$?\"",
            "(command printf '[%s%s]]\\n' '[' sub; exit 3)",
            "command printf '[%s%s]]\\n' '[' \"$? $seen\"",
            "setopt err_exit; command printf '[%s%s]]\\n' '[' \"$(setopt)\"",
            "false || command printf '[%s%s]]\\n' '[' \"still here $?\"",
            "unsetopt err_exit; command printf '[%s%s]]\\n' '[' \"$(umask)\"",
        ],
    ),
    "fish": (
        "function watch_it --on-event fish_postexec; set -g last $status; end\n"
        "function printf; builtin printf $argv; end\n",
        [
            "sh -c 'exit 4'",
            "command printf '[%s%s]]\\n' '[' \"$last\"",
            "false",
            "command printf '[%s%s]]\\n' '[' \"$status\"",
            "true | false | true",
            "command printf '[%s%s]]\\n' '[' \"$pipestatus\"",
            "command printf '[%s%s]]\\n' '[' (umask)",
        ],
    ),
}
"""What a person may have set, and lines that would show a disturbance between `[[` and `]]`."""


def test_odd_settings_of_bash_show_nothing_of_the_hook(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "w"
    own = enabled(home, place)
    (place / "sub").mkdir()
    odd = {
        "PROMPT_COMMAND=('one=$?' 'two=$?')": True,
        "export PROMPT_COMMAND='one=$?'": True,
        "set -o posix": True,
        "set -x; exec 2>/dev/null; set +x; exec 2>&1": True,
        "HISTCONTROL=ignoreboth:erasedups; HISTTIMEFORMAT='%F '; readonly IFS": True,
        "shopt -u promptvars": False,
        "readonly PS0=": False,
        "readonly PROMPT_COMMAND=": False,
        "HISTIGNORE='*'": False,
        "set +o history": False,
    }
    with Shell("bash", place, tmp_path / "bash") as shell:
        begin_session(shell, own)
        shell.leave()
    for number, (before, is_recorded) in enumerate(odd.items()):
        with Shell("bash", place, tmp_path / f"b{number}", before=before) as shell:
            answers = (f"echo al'ive'{number}", "echo ag'ai'n")
            shell.said(answers[0], f"alive{number}\r\n".encode())
            shell.said(answers[1], b"again\r\n")
            shell.said(answers[0], f"alive{number}\r\n".encode())
            shell.said("bash --norc --noprofile -i -c 'echo ins'ide", b"inside\r\n")
            assert b"signoff" not in shell.shown
            assert b"unbound" not in shell.shown
            shell.leave()
        told = [line for line in lines_of(own) if line == answers[0]]
        assert len(told) == (2 if is_recorded else 0), before


LONGEST_BEFORE_A_PROMPT = 4_000
"""A terminal drops what is typed beyond its 4,096 bytes while no program reads (N_TTY_BUF_SIZE)."""


def stands_at_prompt(shell: Shell) -> bool:
    shell.read_on()
    return b"ready> " in shell.shown.rpartition(b"\n")[2]


def test_odd_lines_come_back_whole_or_private(name: str, home: Path, tmp_path: Path) -> None:
    """Seeded; the seed is printed. Every line runs, and is recorded as the shell took it."""
    print(f"seed {SEED}")  # noqa: T201  shown when it fails
    chance = random.Random(SEED)  # noqa: S311  not for secrets
    place = tmp_path / "w"
    own = enabled(home, place)
    alphabet = "ab z\"'\\${}()[]|&;<>*?~#%^=+-_,.:/@é\u200b\u202e😀𝄞".replace("!", "")
    odd = ["".join(chance.choices(alphabet, k=chance.randrange(1, 30))) for _ in range(12)]
    lines = [f": '{text.replace(chr(39), '').replace(chr(92), '')}'" for text in odd]
    lines.append(": '" + "x" * (3_500 if name == "zsh" else 40_000) + EMOJI + "'")
    with Shell(name, place, tmp_path / name) as shell:
        begin_session(shell, own)
        for line in lines:
            if len(line) > LONGEST_BEFORE_A_PROMPT:
                wait_until(lambda: stands_at_prompt(shell), "the prompt")
            assert do(shell, own, line)[3] == "0"
        # half a line, then interrupted; keys that mean nothing, a NUL among them
        shell.type(b"echo half\x03\x00\x1b[200~\x1b[201~\x0czz\x03")
        survive(shell, own)
        shell.leave()
    assert [line for line in lines_of(own) if line.startswith(": ")] == lines


def survive(shell: Shell, home: Home) -> None:
    """Type a line until it is recorded: around Ctrl-C the terminal itself may drop keys."""
    end = time.monotonic() + deadline()
    while "echo survived" not in lines_of(home):
        assert time.monotonic() < end, shell.shown[-500:]
        shell.line(b"\x15echo survived")
        with suppress(AssertionError):
            wait_until(
                lambda: (shell.read_on(), "echo survived" in lines_of(home))[1],
                "the line is recorded",
                limit_s=5,
            )


def test_two_shells_a_nested_one_and_a_kill(name: str, home: Path, tmp_path: Path) -> None:
    place = tmp_path / "w"
    own = enabled(home, place)
    with (
        Shell(name, place, tmp_path / name) as one,
        Shell(name, place, tmp_path / name) as two,
    ):
        begin_session(one, own)
        do(two, own, "echo two")
        do(one, own, "echo one")
        inner = {
            "bash": f"bash --rcfile {tmp_path}/bash/rc.bash -i",
            "zsh": "zsh -d -i",
            "fish": "fish -i",
        }[name]
        one.shown = b""
        one.line(inner)
        one.wait_for(b"ready> ")
        do(one, own, "echo inner")
        two.line("sleep 1000")
        wait_until(lambda: (two.read_on(), "sleep 1000" in lines_of(own))[1], "the sleep began")
        two.process.kill()
        two.process.wait()
        do(one, own, "echo on")
    (session,) = sessions(own)
    assert len(session.spools) == 3
    levels = {fields[3] for kind, fields in recorded(own) if kind == "shell"}
    assert len(levels) == 2
    assert "sleep 1000" in lines_of(own)


def test_a_home_that_is_gone_or_full_disturbs_nothing(
    name: str, home: Path, tmp_path: Path
) -> None:
    place = tmp_path / "w"
    own = enabled(home, place)
    with Shell(name, place, tmp_path / name) as shell:
        begin_session(shell, own)
        (session,) = sessions(own)
        for spool in session.spools:
            spool.unlink()
            spool.symlink_to("/dev/full")
        shell.said("echo on'e'", b"one\r\n")
        shell.said("echo a'gain'", b"again\r\n")
        # fish itself tells of a full disk, and cannot be kept from it; then the hook rests
        assert name == "fish" or b"space" not in shell.shown
        assert shell.shown.count(b"space") <= 1
        gone = home.rename(tmp_path / "gone")  # at once: its watcher may just be writing there
        shutil.rmtree(gone, ignore_errors=True)
        shell.said("echo tw'o'", b"two\r\n")
        shell.said("echo thr'ee'", b"three\r\n")
        for word in (b"signoff", b"No such file", b"space", b"rror"):
            assert word not in shell.shown
        assert shell.leave() == 0
    assert not home.exists()
