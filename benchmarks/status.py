"""`signoff status` beside a live session: empty, and with 60,000 edits, first look and later ones.

    .venv/bin/python benchmarks/status.py

The session is written by this process as a bridge writes it, and is held open meanwhile. "First
look" is one without `tally.json`, as after an update; a bridge at work looks every half minute,
so the later looks are what a person waits for. CPU and wall time are those of the whole process.
"""

from __future__ import annotations

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

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import open_session
from signoff_collector.capture.tallies.tally_file import FILE_NAME
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.words import Owner

EDITS = 60_000
RUNS = 7
NEW_EDITS = 200
"""Written between two later looks: half a minute of typing, and more."""


def edits(writer: object, clock: SystemClock, root: Path, count: int) -> None:
    """Write changes as an editor sends them."""
    uri = (root / "src" / "module.py").as_uri()
    for number in range(count):
        place = {"line": number % 500, "character": number % 80}
        change = {"range": {"start": place, "end": place}, "text": "x"}
        params = {"textDocument": {"uri": uri, "version": number}, "contentChanges": [change]}
        body = [clock.boot_ns(), "textDocument/didChange", json.dumps(params).encode()]
        writer.append_value(RecordKind.LSP, body)  # type: ignore[attr-defined]


def status(root: Path) -> tuple[float, float]:
    """Return wall and CPU seconds of one `signoff status`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-I", "-m", "signoff_collector", "status"],
        cwd=root, check=True, capture_output=True,
    )  # fmt: skip
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def tell(name: str, runs: list[tuple[float, float]]) -> None:
    """Print one row."""
    walls, cpus = ([run[place] * 1000 for run in runs] for place in (0, 1))
    print(
        f"{name:32} wall median {statistics.median(walls):4.0f} worst {max(walls):4.0f} ms; "
        f"CPU median {statistics.median(cpus):4.0f} ms"
    )


def main() -> None:
    """Measure and print."""
    print(f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["SIGNOFF_HOME"] = f"{scratch}/home"
        os.environ["HOME"] = scratch
        root = Path(scratch, "work").resolve()
        root.mkdir()
        home, clock = resolve_home().ensure(), SystemClock()
        Workspaces(home).enable(root, owner=Owner.MINE, is_confirmed=True)
        workspace = Workspaces(home).look_up(root).workspace
        assert workspace is not None  # noqa: S101  just enabled
        session = open_session(home, workspace, clock)
        with session.join("lsp", clock=clock, header_fields={"editor": "bench"}) as writer:
            edits(writer, clock, root, 1)
            tell("1 edit", [status(root) for _ in range(RUNS)])
            edits(writer, clock, root, EDITS)
            first: list[tuple[float, float]] = []
            for _ in range(RUNS):
                (session.folder / FILE_NAME).unlink()
                first.append(status(root))
            tell(f"{EDITS:,} edits, first look", first)
            later: list[tuple[float, float]] = []
            for _ in range(RUNS):
                edits(writer, clock, root, NEW_EDITS)
                later.append(status(root))
            tell(f"{EDITS:,} edits, later looks", later)


if __name__ == "__main__":
    main()
