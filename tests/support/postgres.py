"""A real PostgreSQL on the loopback, a child of the tests; it can go down and come back.

It keeps its data in a folder of its own and ends with the tests. Nothing of a PostgreSQL that is
installed on the machine is read but its programs. PostgreSQL does not run as root, so there it
runs as its package's user.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until

_USER = "postgres"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",  # a power cut is no matter of these tests
    "shared_buffers": "64MB",
    "max_connections": "100",
}


def postgres_programs() -> Path:
    """Return the folder of the newest programs; without any, skip, or with CI=true fail."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found and os.environ.get("CI") == "true":
        pytest.fail("PostgreSQL is missing, and CI must have it (.ci/hub.sh)")
    if not found:
        pytest.skip("PostgreSQL is not installed here (.ci/hub.sh installs it)")
    return found[-1].parent


class Postgres:
    """One database server."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder = programs, folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The database that every server has, as SQLAlchemy names it."""
        return f"postgresql+psycopg://{_USER}@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        """Make the server's files."""
        argv = ("initdb", "-D", self._data, "-U", _USER, "-A", "trust", "--no-sync")
        done = subprocess.run(
            self._as_user(*argv, "-E", "UTF8", "--locale=C"),
            capture_output=True,
            text=True,
            timeout=4 * deadline(),
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        words = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        argv = ("postgres", "-D", self._data, "-k", str(self._folder), "-p", str(self.port))
        with (self._folder / "out").open("ab") as output:
            self._server = subprocess.Popen(
                self._as_user(*argv, *words), stdout=output, stderr=output, cwd=self._folder
            )
        wait_until(self._answers, "PostgreSQL answers")

    def stop(self, *, is_killed: bool = False) -> None:
        """End it, cutting every connection; what was committed stays."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT if is_killed else signal.SIGINT)
            self._server.wait(timeout=deadline())
            self._server = None

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _answers(self) -> bool:
        assert self._server is not None
        assert self._server.poll() is None, (self._folder / "out").read_text()
        argv = (self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port))
        return subprocess.run(argv, timeout=deadline(), check=False).returncode == 0

    def _as_user(self, program: str, *words: str) -> list[str]:
        """Return a command that dies with the tests, and is not root's."""
        argv = ["setpriv", "--pdeathsig", "KILL"]
        if os.geteuid() == 0:
            argv += [f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"]
        return [*argv, str(self._programs / program), *words]


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a PostgreSQL for the time of the block."""
    programs = postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _USER, _USER)
        server = Postgres(programs, folder)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop(is_killed=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
