"""A real Ray cluster of several nodes: each node is processes of its own on the loopback.

Ray listens on every interface it finds, so the tests that use it run where there is none but the
loopback: `make e2e-ray`. A node is a session of its own, and all its processes are ended by that.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.support.deadline import wait_until

_MEMORY = 120 << 20
"""Bytes of each node's store of results; the least that Ray takes is 75 MiB."""


def need_ray() -> None:
    """Skip where Ray or a network of the test's own is missing; with CI=true that fails."""
    devices = Path("/proc/self/net/dev").read_text("ascii").splitlines()[2:]
    beyond = {line.partition(":")[0].strip() for line in devices} - {"lo"}
    fault = ""
    if find_spec("ray") is None:
        fault = "Ray is not installed here (requirements/ray.txt)"
    elif beyond:
        fault = f"there is more than the loopback here ({', '.join(sorted(beyond))})"
    if fault and os.environ.get("CI") == "true":
        pytest.fail(f"{fault}: run it with `make e2e-ray`")
    if fault:
        pytest.skip(f"{fault}: run it with `make e2e-ray`")


class RayCluster:
    """Nodes of one processor each; the first is the head, where the driver runs too."""

    def __init__(self, *, port: int = 6379, environment: Mapping[str, str] | None = None) -> None:
        self.address = f"127.0.0.1:{port}"
        self.folder = Path(tempfile.mkdtemp(prefix="ray-"))
        self.environment = {
            **os.environ,
            **(environment or {}),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_health_check_period_ms": "500",
            "RAY_health_check_timeout_ms": "2000",
            "RAY_health_check_failure_threshold": "2",
        }
        self.nodes: list[subprocess.Popen[bytes]] = []
        self.sessions: set[int] = set()
        """Of all nodes that were ever started."""

    def add_node(self) -> None:
        """Start a node and wait until it says that it is up: two at once take the same socket."""
        log = self.folder / f"node-{len(self.nodes)}.log"
        head = ["--head", f"--port={self.address.partition(':')[2]}", "--include-dashboard=false"]
        role = (
            [f"--address={self.address}"] if self.nodes else [*head, f"--temp-dir={self.folder}/t"]
        )
        words = [
            *(sys.executable, "-m", "ray.scripts.scripts", "start", "--block"),
            *role,
            *("--node-ip-address=127.0.0.1", "--num-cpus=1", f"--object-store-memory={_MEMORY}"),
            *("--disable-usage-stats", "--include-log-monitor=false"),
        ]
        with log.open("wb") as said:
            node = subprocess.Popen(
                words,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.nodes.append(node)
        self.sessions.add(node.pid)

        def is_up() -> bool:
            assert node.poll() is None, log.read_text("utf-8", "replace")
            return b"Ray runtime started." in log.read_bytes()

        wait_until(is_up, "a node of Ray is up")

    def lose_node(self) -> None:
        """Kill all processes of the last node at once, as a machine goes that loses its power."""
        node = self.nodes.pop()
        self._kill({node.pid})
        node.wait()

    def end(self) -> None:
        """Kill what this cluster started and take its folder away."""
        self._kill(self.sessions)
        for node in self.nodes:
            node.wait()
        shutil.rmtree(self.folder)

    def _kill(self, sessions: set[int]) -> None:
        wait_until(lambda: not _kill_of(sessions), "the processes of Ray end")


def _kill_of(sessions: set[int]) -> int:
    """Kill the processes of some sessions; return how many there were."""
    killed = 0
    for process in Path("/proc").iterdir():
        with suppress(OSError, IndexError):
            fields = (process / "stat").read_text("utf-8", "replace").rpartition(") ")[2].split()
            if fields[0] not in "ZX" and int(fields[3]) in sessions:
                os.kill(int(process.name), signal.SIGKILL)
                killed += 1
    return killed
