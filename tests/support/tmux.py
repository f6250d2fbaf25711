"""A program in a real terminal: tmux, with its own server, its keys and what it shows."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from tests.support.deadline import deadline, wait_until
from tests.support.editors import COMPANION, LAUNCHER, need, neovim_program


def tmux_program() -> str:
    """Return where tmux is; skip the test where it is not, unless CI asks for everything."""
    found = shutil.which("tmux")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("tmux is not installed")
        pytest.skip("tmux is not installed")
    return found


class Tmux:
    """One program in one window; its server ends with it."""

    def __init__(
        self,
        folder: Path,
        argv: Sequence[str],
        *,
        term: str = "screen",
        size: tuple[int, int] = (80, 24),
        cwd: Path | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._program = tmux_program()
        self._socket = folder / "tmux.socket"
        self.shown = ""
        words = " ".join(
            f"{name}={shlex.quote(value)}" for name, value in (variables or {}).items()
        )
        line = f"env TERM={term} {words} {shlex.join(argv)}; echo ended with $?; exec cat"
        columns, rows = size
        self._call(
            "-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
            "-c", str(cwd or folder), f"/bin/sh -c {shlex.quote(line)}",
        )  # fmt: skip

    def _call(self, *words: str) -> str:
        done = subprocess.run(
            [self._program, "-S", str(self._socket), "-u", *words],
            capture_output=True,
            timeout=deadline(),
            check=False,
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.decode("utf-8")

    def press(self, *keys: str) -> None:
        """Press keys, by their names in tmux."""
        self._call("send-keys", *keys)

    def write(self, text: str) -> None:
        """Type text as it stands."""
        self._call("send-keys", "-l", text)

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        self._call("resize-window", "-x", str(columns), "-y", str(rows))

    def keep_server(self) -> None:
        """Open a second window, so that tmux stays when the first one is closed."""
        self._call("new-window", "-d", "cat")

    def close(self) -> None:
        """Close the program's window, as a person closes a terminal."""
        self._call("kill-window", "-t", ":0")

    def pid(self) -> int:
        """Return the process id of the program itself, in whose place a shell waits."""
        (shell,) = self._call("list-panes", "-t", ":0", "-F", "#{pane_pid}").split()
        children = Path(f"/proc/{shell}/task/{shell}/children")
        return int(wait_until(children.read_text, "the program to run").split()[0])

    def screen(self) -> str:
        """Return what the window shows now."""
        return self._call("capture-pane", "-p")

    def wait_for(self, *texts: str) -> str:
        """Wait until the window shows all of some texts; return all that it shows then."""

        def is_there() -> bool:
            self.shown = self.screen()
            return all(text in self.shown for text in texts)

        try:
            wait_until(is_there, f"the window shows {texts}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows:\n{self.shown}") from None
        return self.shown

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call("kill-server")


@contextmanager
def neovim_window(place: Path, workspace: Path, *, settings: str = "") -> Iterator[Tmux]:
    """Start a Neovim with the companion on `notes.txt`, in a terminal as a person sees it.

    Its window stands beside one that stays when it is closed.
    """
    program = need(neovim_program(), "Neovim 0.10 or newer")
    command = ", ".join(f"'{word}'" for word in LAUNCHER)
    place.mkdir(exist_ok=True)
    file = place / "init.lua"
    file.write_text(
        f"{settings}\n"
        f"vim.opt.runtimepath:append('{COMPANION}')\n"
        f"require('signoff').setup({{ cmd = {{ {command} }} }})\n"
    )
    folders = {f"XDG_{name}_HOME": str(place / name) for name in ("CONFIG", "DATA", "STATE")}
    argv = [program, "--clean", "-u", str(file), "notes.txt"]
    with Tmux(place, argv, cwd=workspace, variables=folders) as window:
        window.keep_server()
        yield window
