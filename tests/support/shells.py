"""Real shells at a terminal, with the hook in their own start-up files."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until
from tests.support.pseudo_terminal import Terminal

from signoff_collector.capture.sessions.sessions import Session, list_sessions
from signoff_collector.capture.shell.spool import records_in
from signoff_collector.own_files.home import Home

SIGNOFF = Path(sys.executable).with_name("signoff")
SHELLS = ("bash", "zsh", "fish")
_STARTS = {
    "bash": ["--noprofile", "--rcfile", "{rc}", "-i"],
    "zsh": ["-d", "-i"],
    "fish": ["-i"],
}
_RC = {"bash": "rc.bash", "zsh": ".zshrc", "fish": "fish/config.fish"}
HOOKS = {
    "bash": 'eval "$({signoff} shell-init bash)"\n',
    "zsh": 'eval "$({signoff} shell-init zsh)"\n',
    "fish": "{signoff} shell-init fish | source\n",
}
_READY = {
    "bash": "bind 'set enable-bracketed-paste off'\nPS1='rea''dy> '\n",
    "zsh": "unsetopt zle_bracketed_paste 2>/dev/null\nunset zle_bracketed_paste\nPS1='rea''dy> '\n",
    "fish": "function fish_prompt; echo -n 'rea''dy> '; end\nfunction fish_greeting; end\n",
}


def needs_shell(name: str) -> str:
    """Return the path of a shell; without it the test is skipped, with CI=true it fails."""
    found = shutil.which(name)
    if found is None:
        said = f"{name} is not installed here; .ci/system.sh installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return found


def shell_words(name: str, config: Path) -> list[str]:
    """Return how a shell is started that reads its start-up file below a folder."""
    return [needs_shell(name), *(word.format(rc=config / _RC[name]) for word in _STARTS[name])]


class Shell(Terminal):
    """An interactive shell in a folder; keys are written while its output is read."""

    def __init__(
        self,
        name: str,
        folder: Path,
        config: Path,
        *,
        before: str = "",
        after: str = "",
        is_hooked: bool = True,
        env: dict[str, str] | None = None,
        argv: Sequence[str] = (),
    ) -> None:
        self.name = name
        rc = config / _RC[name]
        if (
            argv and name == "bash" and "--rcfile" not in argv
        ):  # started by a program: it reads its usual file
            rc = Path(os.environ["HOME"], ".bashrc")
        rc.parent.mkdir(parents=True, exist_ok=True)
        hook = HOOKS[name].format(signoff=SIGNOFF) if is_hooked else ""
        rc.write_text(f"{_READY[name]}{before}\n{hook}{after}\n")
        program = argv or shell_words(name, config)
        places = {"ZDOTDIR": str(config), "XDG_CONFIG_HOME": str(config)}
        super().__init__(program, cwd=folder, env={**os.environ, **places, **(env or {})})
        self.wait_for(b"ready> ")

    def type(self, keys: bytes) -> None:
        """Write keys as fast as they are taken; what comes back is read meanwhile."""
        end = time.monotonic() + deadline()
        left = memoryview(keys)
        while left:
            assert time.monotonic() < end, f"{self.name} took no keys; shown: {self.shown[-500:]!r}"
            readable, writable, _ = select.select([self._master], [self._master], [], 0.2)
            if readable:
                self._read(0)
            if writable:
                left = left[os.write(self._master, left[:256]) :]

    def line(self, text: str | bytes) -> None:
        """Type one line and Enter."""
        data = text.encode() if isinstance(text, str) else text
        self.type(data + b"\r")

    def read_on(self) -> None:
        """Read what is there."""
        while self._read(0):
            pass

    def said(self, line: str, answer: bytes) -> None:
        """Type a line and wait until its answer was shown."""
        self.shown = b""
        self.line(line)
        self.wait_for(answer)

    def leave(self) -> int:
        """Type `exit` and wait until the shell is gone."""
        self.line("exit")
        return self.end()


def enabled(home: Path, folder: Path) -> Home:
    """Enable a folder, as a person would."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [SIGNOFF, "enable", str(folder), "--yes", "--owner", "mine"],
        check=True,
        capture_output=True,
        timeout=deadline(),
    )
    return Home(root=home.resolve())


def sessions(home: Home) -> list[Session]:
    """Every session of a home."""
    return list_sessions(home)


def recorded(home: Home) -> list[tuple[str, tuple[str, ...]]]:
    """Every record that the hooks of any session wrote, in order."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for session in list_sessions(home):
        for path in sorted(session.folder.glob("shell-*.spool")):
            records = records_in(path.read_bytes())
            found += [(one.kind or "", one.fields) for one in records]
    return found


def lines_of(home: Home) -> list[str]:
    """The command lines recorded so far."""
    return [fields[5] for kind, fields in recorded(home) if kind == "begin"]


def wait_for_lines(home: Home, *lines: str) -> None:
    """Wait until these command lines were recorded, in a shell that somebody else reads."""

    def is_there() -> bool:
        found = lines_of(home)
        return all(line in found for line in lines)

    wait_until(is_there, f"{lines} to be recorded")


def wait_for_ends(shell: Shell, home: Home, count: int) -> list[tuple[str, tuple[str, ...]]]:
    """Wait until so many lines have ended, reading what the shell shows."""

    def ended() -> list[tuple[str, tuple[str, ...]]]:
        shell.read_on()
        records = recorded(home)
        return records if sum(kind == "end" for kind, _ in records) >= count else []

    try:
        return wait_until(ended, f"{count} lines ended")
    except AssertionError as error:
        raise AssertionError(f"{error}; {shell.shown[-800:]!r}; {recorded(home)[-4:]}") from None


def begin_session(shell: Shell, home: Home) -> None:
    """Type `true`, the line that opens the session, and wait until it is recorded with its end."""
    before = len(recorded(home))
    shell.line("true")

    def is_begun() -> bool:
        shell.read_on()
        return len(recorded(home)) > before

    wait_until(is_begun, f"{shell.name} began a session")
    ends = sum(kind == "end" for kind, _ in recorded(home))
    if not any(kind == "end" for kind, _ in recorded(home)[before:]):
        shell.line("")
        wait_for_ends(shell, home, ends + 1)
