"""What a hook of an agent costs: one process per event, beside `true` and Python alone.

Run: `python benchmarks/agent_hook.py [--events N]`. Each row is N runs, taken in turn with the
others so that a busy machine slows all of them; times include starting the process and its shell.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import open_session
from signoff_collector.installation.agent_hooks import hook_command
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.words import Owner


def main() -> None:
    """Measure and print one row per command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=200)
    events = parser.parse_args().events
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIGNOFF_HOME"] = f"{folder}/home"
        root = Path(folder, "project")
        root.mkdir()
        home = resolve_home().ensure()
        workspace = Workspaces(home).enable(root, owner=Owner.MINE, is_confirmed=True)
        open_session(home, workspace, SystemClock())
        rows = measure(_commands(), root, events)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{events} events each; milliseconds")
    for name, runs in rows.items():
        times, cpu = sorted(took for took, _ in runs), [used for _, used in runs]
        median, p99 = statistics.median(times), times[int(len(times) * 0.99) - 1]
        print(
            f"{name:34} median {median:6.1f}   p99 {p99:6.1f}   least {times[0]:6.1f}   "
            f"CPU {statistics.median(cpu):5.1f}"
        )


def _commands() -> dict[str, tuple[str, bytes]]:
    hook = hook_command(launcher_path(), "claude-code")
    off = hook.replace("/home'", "/home-that-is-not-there'")
    python = launcher_path().with_name("python")
    small, large = _event(40), _event(1 << 20)
    return {
        "true": ("true", small),
        "python -I -S -c pass": (f"'{python}' -I -S -c pass", small),
        "python -I -S -c 'import json'": (f"'{python}' -I -S -c 'import json'", small),
        "hook, nothing enabled": (off, small),
        "hook, one line written": (hook, small),
        "hook, 1 MiB of tool output": (hook, large),
    }


def _event(output_bytes: int) -> bytes:
    event = {
        "session_id": "s", "hook_event_name": "PostToolUse", "cwd": "@", "tool_name": "Bash",
        "tool_use_id": "t", "tool_input": {"command": "pytest -q tests/collector"},
        "tool_response": {"stdout": "x" * output_bytes},
    }  # fmt: skip
    return json.dumps(event).encode()


def measure(
    commands: dict[str, tuple[str, bytes]], root: Path, events: int
) -> dict[str, list[tuple[float, float]]]:
    """Return the milliseconds of each run: on the clock, and of the processor."""
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(events):
        for name, (command, data) in commands.items():
            used, begun = _used_s(), time.perf_counter()
            subprocess.run(
                ["/bin/sh", "-c", command],
                input=data.replace(b'"@"', json.dumps(str(root)).encode()),
                check=True,
                cwd=root,
                stdout=sys.stderr,
            )
            took = time.perf_counter() - begun
            rows[name].append((took * 1e3, (_used_s() - used) * 1e3))
    return rows


def _used_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
