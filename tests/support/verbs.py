"""Verbs as processes of their own, mostly forked from a Python that has imported them before.

Starting Python and importing a verb is most of what a short verb costs. A server per thread of
the tests has done both, isolated as the real one is; each call is a child of it with its own
folder, environment and pipes, and ends as Python ends. `tests/e2e` starts each verb afresh, as a
person's shell does, and so does what is tested of starting.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

_SERVER = r"""
import atexit, gc, importlib, json, os, pkgutil, socket, struct, sys, time, traceback
import signoff_collector

os.environ.update(OPENBLAS_NUM_THREADS="1", PYDANTIC_DISABLE_PLUGINS="__all__")
for found in pkgutil.walk_packages(signoff_collector.__path__, "signoff_collector."):
    if not found.name.endswith(("__main__", ".system.windows")):
        importlib.import_module(found.name)
from signoff_collector.__main__ import start

def serve(asked, out, err):
    os.dup2(out, 1)
    os.dup2(err, 2)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.closerange(3, 64)
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    os.chdir(asked["cwd"])
    sys.argv[1:] = asked["words"]
    code = 1
    try:
        code = start(asked["words"])
    except SystemExit as stop:
        code = int(stop.code or 0)
    except BaseException:
        traceback.print_exc()  # and exit code 1, as Python itself ends
    finally:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)

asks = socket.socket(fileno=int(sys.argv[1]))
gc.collect()
gc.freeze()
while True:
    head, files, _, _ = socket.recv_fds(asks, 8, 2)
    if not head:
        break
    rest, body = struct.unpack("!Q", head)[0], bytearray()
    while len(body) < rest:
        body += asks.recv(rest - len(body))
    assert len(os.listdir("/proc/self/task")) == 1, "a thread that a fork would lose"
    child = os.fork()
    if not child:
        serve(json.loads(body), *files)
    for file in files:
        os.close(file)
    asks.sendall(struct.pack("!q", child))
    asks.sendall(struct.pack("!q", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
"""
_own = threading.local()
is_forked = True
"""Whether verbs are forked; `tests/e2e/conftest.py` says no."""


class _Server:
    """One Python that forks verbs, one at a time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _SERVER, str(theirs.fileno())],
                cwd="/",
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._socket = ours

    def run(
        self, words: list[str], cwd: Path, env: Mapping[str, str], limit_s: float
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one verb to the end of it and of everything that holds its output."""
        asked = json.dumps({"words": words, "cwd": str(cwd), "env": dict(env)}).encode()
        (out, their_out), (err, their_err) = os.pipe(), os.pipe()
        try:
            socket.send_fds(self._socket, [len(asked).to_bytes(8)], [their_out, their_err])
        finally:
            os.close(their_out)
            os.close(their_err)
        self._socket.sendall(asked)
        child = self._number()
        try:
            said = _read_all([out, err], time.monotonic() + limit_s)
        except TimeoutError:
            os.kill(child, signal.SIGKILL)
            self._number()
            raise subprocess.TimeoutExpired(words, limit_s) from None
        finally:
            os.close(out)
            os.close(err)
        return subprocess.CompletedProcess(words, self._number(), *said)

    def _number(self) -> int:
        said = self._socket.recv(8, socket.MSG_WAITALL)
        assert len(said) == 8, f"the server of verbs ended with {self._process.wait()}"
        return int.from_bytes(said, signed=True)


def _read_all(files: list[int], until: float) -> list[bytes]:
    said = {file: bytearray() for file in files}
    with selectors.DefaultSelector() as waiting:
        for file in files:
            waiting.register(file, selectors.EVENT_READ)
        while waiting.get_map():
            if time.monotonic() > until:
                raise TimeoutError
            for key, _ in waiting.select(1):
                data = os.read(key.fd, 1 << 20)
                said[key.fd] += data
                if not data:
                    waiting.unregister(key.fd)
    return [bytes(data) for data in said.values()]


def run_verb(
    words: list[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    limit_s: float,
) -> subprocess.CompletedProcess[bytes]:
    """Run `signoff WORDS` with no terminal and no input to its end.

    Raises:
        subprocess.TimeoutExpired: it was killed after `limit_s` seconds.
    """
    whole = {**os.environ, **(env or {})}
    if not is_forked:
        argv = [sys.executable, "-I", "-m", "signoff_collector", *words]
        return subprocess.run(
            argv,
            cwd=cwd,
            env=whole,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit_s,
            check=False,
        )
    server: _Server | None = getattr(_own, "server", None)
    if server is None:
        server = _own.server = _Server()
    return server.run(words, cwd or Path.cwd(), whole, limit_s)
