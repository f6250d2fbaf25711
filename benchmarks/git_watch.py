"""The git watcher at rest and at work, and what `signoff run` adds to a command.

    .venv/bin/python benchmarks/git_watch.py

Looks are timed in this process on a repository with 2,000 files, 200 branches and 500 tags; the CPU
at rest is that of a real watcher child over 20 s. `signoff run -- true` is compared with `true`.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from signoff_collector.capture.git.git import Git
from signoff_collector.capture.git.git_watch import GitWatcher, step_fields
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import open_session
from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.words import Owner

LOOKS = 2_000
REST_S = 20.0
RUNS = 15


def git(root: Path, *arguments: str) -> None:
    """Run git as a person would."""
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)  # noqa: S607


def repository(root: Path) -> None:
    """Make a repository of some size."""
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.email", "ada@example.org")
    git(root, "config", "user.name", "Ada")
    for number in range(2_000):
        path = root / f"part{number % 40}" / f"file{number}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"value = {number}\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    for number in range(200):
        git(root, "branch", f"topic/{number}")
    for number in range(500):
        git(root, "tag", f"v{number}")


def cpu_s(pid: int) -> float:
    """Return the CPU seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> float:
    """Return a process's resident memory."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def said(name: str, values: list[float], unit: str) -> None:
    """Print median and 99th percentile."""
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(f"{name:<46} median {statistics.median(values):8.3f} {unit}   p99 {p99:8.3f} {unit}")


def timed(action: Callable[[], object]) -> float:
    """Return milliseconds."""
    begun = time.perf_counter()
    action()
    return (time.perf_counter() - begun) * 1e3


def measure_looks(root: Path) -> None:
    """Time looks with and without something to see."""
    watcher = GitWatcher(root)
    said("a look that sees nothing", [timed(watcher.look) * 1e3 for _ in range(LOOKS)], "us")
    reading, asking = [], []
    for number in range(RUNS):
        (root / "part0" / "file0.py").write_text(f"changed = {number}\n")
        git(root, "commit", "-q", "-a", "-m", f"change {number}")
        begun = time.perf_counter()
        seen = watcher.look()
        reading.append((time.perf_counter() - begun) * 1e3)
        asking.append(timed(lambda seen=seen: step_fields(Git(root), seen)))
    said("a look that sees a commit, 700 refs", reading, "ms")
    said("asking git about it (4 children)", asking, "ms")


def measure_rest(root: Path) -> None:
    """Measure a real watcher that has nothing to see."""
    home = resolve_home().ensure()
    workspace = Workspaces(home).enable(root, owner=Owner.MINE, is_confirmed=True)
    session = open_session(home, workspace, SystemClock())
    ensure_watcher(session, home)
    while not (found := [p for p in session.journals if p.name.startswith("git-")]):
        time.sleep(0.05)
    pid = int(found[0].name.split("-")[1])
    time.sleep(1)
    before = cpu_s(pid)
    time.sleep(REST_S)
    used = cpu_s(pid) - before
    print(f"watcher at rest: {used / REST_S * 100:.3f} % CPU, {rss_mb(pid):.1f} MB RSS")
    signoff = [sys.executable, "-I", "-m", "signoff_collector", "run", "--", "true"]
    said("`true`", [timed(lambda: subprocess.run(["true"], check=True)) for _ in range(RUNS)], "ms")  # noqa: S607
    said(
        "`signoff run -- true`, 2,000 tracked files",
        [timed(lambda: subprocess.run(signoff, cwd=root, check=True)) for _ in range(RUNS)],
        "ms",
    )
    python = [sys.executable, "-I", "-c", ""]
    said(
        "`python -I -c ''` (the price of any Python)",
        [timed(lambda: subprocess.run(python, check=True)) for _ in range(RUNS)],
        "ms",
    )
    shutil.rmtree(home.sessions)


def main() -> None:
    """Run all of it in a throw-away home."""
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} CPUs")
    with tempfile.TemporaryDirectory() as name:
        os.environ["SIGNOFF_HOME"] = f"{name}/home"
        root = Path(name, "work")
        repository(root)
        measure_looks(root)
        measure_rest(root)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"(this process: {peak:.0f} MB)")


if __name__ == "__main__":
    main()
