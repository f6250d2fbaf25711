"""The bridge beside a bare pygls server, in one run: start, memory, sustained `didChange`.

    .venv/bin/python benchmarks/bridge.py

Both servers get the same messages over a pipe: one character at spread places of a
document of 100 and of 100,000 lines. CPU is the server's own, of all its threads.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, cast

BARE: Final = """
from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1")

@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(ls, params):
    pass

@server.feature("signoff/status")
def status(ls, params):
    return 1

server.start_io()
"""
ENABLE: Final = """
import sys
from pathlib import Path
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.own_files.home import resolve_home
from signoff_schemas.words import Owner
Workspaces(resolve_home().ensure()).enable(Path(sys.argv[1]), owner=Owner.MINE, is_confirmed=True)
"""
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Server:
    """One language server process and the pipe to it."""

    def __init__(self, argv: list[str], environ: dict[str, str]) -> None:
        began = time.perf_counter()
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environ,
        )
        self._number = 0
        self.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self.start_s = time.perf_counter() - began
        self.notify("initialized", {})

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._write({"method": method, "params": params})

    def request(self, method: str, params: object) -> object:
        """Send a request and wait for its answer."""
        self._number += 1
        self._write({"id": self._number, "method": method, "params": params})
        while (answer := _read(self._output)).get("id") != self._number:
            pass
        return answer.get("result")

    def send(self, data: bytes) -> None:
        """Send bytes that are framed already."""
        self._input.write(data)
        self._input.flush()

    def cpu_s(self) -> float:
        """Seconds of CPU the process has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def rss_mb(self) -> float:
        """Resident memory in megabytes (10^6)."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def close(self) -> None:
        """End it."""
        self._input.close()
        self.process.wait(60)
        self._output.close()

    @property
    def _input(self) -> BinaryIO:
        return cast("BinaryIO", self.process.stdin)

    @property
    def _output(self) -> BinaryIO:
        return cast("BinaryIO", self.process.stdout)

    def _write(self, message: dict[str, object]) -> None:
        self.send(framed({"jsonrpc": "2.0", **message}))


def framed(message: object) -> bytes:
    """Return a message as LSP sends it."""
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def _read(stream: BinaryIO) -> dict[str, object]:
    length = 0
    while (line := stream.readline()) not in {b"\r\n", b""}:
        if line.lower().startswith(b"content-length"):
            length = int(line.split(b":")[1])
    return cast("dict[str, object]", json.loads(stream.read(length)))


def _change(uri: str, version: int, line: int) -> bytes:
    place = {"line": line, "character": 10}
    change = {"range": {"start": place, "end": place}, "rangeLength": 0, "text": "x"}
    params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
    return framed({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params})


def sustained(server: Server, folder: Path, lines: int, count: int) -> dict[str, object]:
    """Send `count` changes as fast as they are taken."""
    text = "".join(f"    value_{n} = compute({n}, other='abc')\n" for n in range(lines))
    file = folder / f"file_{lines}.py"
    file.write_text(text, encoding="utf-8")
    uri = file.as_uri()
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    server.notify("textDocument/didOpen", {"textDocument": document})
    server.request("signoff/status", {})
    _settle(server)
    messages = [_change(uri, n + 2, (lines // 2 + n * 7) % lines) for n in range(count)]
    cpu_before, began = server.cpu_s(), time.perf_counter()
    server.send(b"".join(messages))
    server.request("signoff/status", {})
    wall_s = time.perf_counter() - began
    _settle(server)
    cpu_s = server.cpu_s() - cpu_before
    return {
        "lines": lines,
        "messages": count,
        "per_s": round(count / wall_s),
        "cpu_us": round(cpu_s / count * 1e6, 1),
        "rss_mb": round(server.rss_mb(), 1),
    }


def _settle(server: Server) -> None:
    """Wait until the server uses no more CPU."""
    used = -1.0
    while (now := server.cpu_s()) != used:
        used = now
        time.sleep(0.3)


def rows(runs: int = 5) -> Iterator[dict[str, object]]:
    """Measure and yield one row per figure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "workspace"
        folder.mkdir()
        environ = {**os.environ, "SIGNOFF_HOME": str(Path(name) / "home"), "HOME": name}
        python = [sys.executable, "-I"]
        subprocess.run([*python, "-c", ENABLE, str(folder)], env=environ, check=True)
        commands = {"bridge": [*python, "-m", "signoff_bridge"], "pygls": [*python, "-c", BARE]}
        yield from _starts(commands, environ, runs)
        for lines in (100, 100_000):
            for kind, argv in commands.items():
                count = 60_000 if kind == "bridge" else (5_000 if lines == 100 else 100)
                for _ in range(max(1, runs // 2)):
                    server = Server(argv, environ)
                    row = sustained(server, folder, lines, count)
                    server.close()
                    yield {"figure": "didChange", "server": kind, **row}


def _starts(
    commands: dict[str, list[str]], environ: dict[str, str], runs: int
) -> Iterator[dict[str, object]]:
    starts: dict[str, list[float]] = {kind: [] for kind in commands}
    memory: dict[str, float] = {}
    for _ in range(runs):
        for kind, argv in commands.items():
            server = Server(argv, environ)
            starts[kind].append(server.start_s)
            server.request("signoff/status", {})
            memory[kind] = server.rss_mb()
            server.close()
    for kind, times in starts.items():
        yield {
            "figure": "start",
            "server": kind,
            "runs": runs,
            "median_s": round(statistics.median(times), 3),
            "worst_s": round(max(times), 3),
            "rss_mb": round(memory[kind], 1),
        }


def main() -> None:
    """Print every row as JSON, with the machine."""
    print(json.dumps({"python": sys.version.split()[0], "load": os.getloadavg()[0]}))
    for row in rows():
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
