"""Reading the state of a work tree of 5,000 files, cold and warm; run from benchmarks/run.py."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from signoff_collector.capture.files.file_items import keep_items
from signoff_collector.capture.files.file_rules import FileRules
from signoff_collector.capture.files.file_watch import FileWatcher
from signoff_collector.capture.files.tree_listing import TreeReader
from signoff_collector.capture.opt_in.policy import Policy
from signoff_collector.capture.opt_in.workspaces import Workspace, Workspaces
from signoff_collector.capture.sessions.sessions import open_session
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.words import Owner

FILES = 5_000
DIRTY = 50
RUNS = 11


def git(root: Path, *arguments: str) -> None:
    """Run git as a person would."""
    settings = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *settings, *arguments], cwd=root, check=True, capture_output=True)  # noqa: S607


def make_files(root: Path) -> None:
    """Write files of some 1.5 kB in 100 folders."""
    for number in range(FILES):
        path = root / f"part{number % 20}" / f"sub{number % 100}" / f"file{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"value = {number}\n" * 100)


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Return wall and CPU milliseconds, those of git among them."""
    begun, used = time.perf_counter(), sum(os.times()[:4])
    action()
    return (time.perf_counter() - begun) * 1e3, (sum(os.times()[:4]) - used) * 1e3


def said(name: str, values: list[tuple[float, float]]) -> None:
    """Print medians: wall time says more on a quiet machine, CPU on a busy one."""
    wall, cpu = (statistics.median(column) for column in zip(*values, strict=True))
    print(f"{name:<58} median {wall:7.1f} ms, CPU {cpu:5.0f} ms")


def enable(root: Path) -> Workspace:
    """Enable a folder in the throw-away home."""
    home = resolve_home().ensure()
    return Workspaces(home).enable(root, owner=Owner.MINE, is_confirmed=True)


def rules_of(root: Path, workspace: Workspace) -> FileRules:
    """Return rules whose policy remembers nothing yet."""
    policy = Policy.for_workspace(workspace)
    return FileRules(root, lambda: policy)


def measure(root: Path, label: str) -> None:
    """Read the tree with a fresh reader and then again with the same one."""
    clock = SystemClock()
    workspace = enable(root)
    cold, warm, starts = [], [], []
    for _ in range(RUNS):
        rules = rules_of(root, workspace)
        watcher = FileWatcher(root, rules, clock)
        starts.append(timed(watcher.start))
        paths = list(watcher.paths())
        reader = TreeReader(root, rules_of(root, workspace))
        cold.append(timed(lambda reader=reader, paths=paths: reader.read(paths, clock.wall_ns())))
        warm.append(timed(lambda reader=reader, paths=paths: reader.read(paths, clock.wall_ns())))
        watcher.close()
    said(f"{label}: watching begins ({FILES:,} files)", starts)
    said(f"{label}: state of the tree, cold", cold)
    said(f"{label}: state of the tree, warm", warm)
    session = open_session(resolve_home(), workspace, clock)
    tree = TreeReader(root, rules_of(root, workspace)).read(paths, clock.wall_ns())
    kept, _ = timed(lambda: keep_items(session, tree.items))
    print(f"{label}: {len(tree.items):,} contents kept as blobs, once: {kept:.0f} ms")


def main() -> None:
    """Measure with and without git in a throw-away home."""
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} CPUs")
    with tempfile.TemporaryDirectory() as name:
        os.environ["SIGNOFF_HOME"] = f"{name}/home"
        root = Path(name, "work").resolve()
        make_files(root)
        measure(root, "without git")
        git(root, "init", "-q", "-b", "main")
        git(root, "add", ".")
        git(root, "commit", "-q", "-m", "first")
        for number in range(DIRTY):
            path = root / f"part{number % 20}" / f"sub{number % 100}" / f"file{number}.py"
            path.write_text(f"changed = {number}\n")
        measure(root, f"git, {DIRTY} files differ")


if __name__ == "__main__":
    main()
