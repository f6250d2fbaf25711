"""Storms of changes: CPU of our watcher beside watchdog's own observer; run from run.py.

watchdog is no dependency: where it is not installed its column is left out, and that is said.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import Session, open_session
from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.words import Owner

FILES = 1_000
FOLDERS = 20_000
QUIET_S = 3.0
REST_S = 10.0
WAIT_S = 120.0
PEER = """
import os, sys
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer
class Count(FileSystemEventHandler):
    seen = 0
    def on_any_event(self, event):
        Count.seen += event.event_type in ("created", "modified", "moved", "deleted")
observer = Observer()
observer.schedule(Count(), sys.argv[1], recursive=True)
observer.start()
print("ready", flush=True)
for line in sys.stdin:
    print(Count.seen, flush=True)
"""


def git(root: Path, *arguments: str) -> None:
    """Run git as a person would."""
    settings = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *settings, *arguments], cwd=root, check=True, capture_output=True)  # noqa: S607


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process and of the children it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int, name: str = "VmRSS") -> float:
    """Return a process's resident memory, or its peak by `VmHWM`."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split(f"{name}:")[1].split()[0]) / 1024


def wait(is_true: Callable[[], bool]) -> None:
    """Wait for a condition of the setup."""
    end = time.monotonic() + WAIT_S
    while not is_true():
        if time.monotonic() > end:
            raise TimeoutError("the setup did not come about")
        time.sleep(0.05)


class Peer:
    """watchdog's recursive observer in a process of its own, where it is installed."""

    def __init__(self, root: Path) -> None:
        """Start it and wait until it watches."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", PEER, str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.pid = self._process.pid
        self.is_there = self._answer() == "ready"

    def seen(self) -> int:
        """Return how many events it has seen; -1 when it does not answer any more."""
        if self._process.stdin is None:
            return -1
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._answer() or -1)

    def end(self) -> None:
        """Stop it."""
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> str:
        return "" if self._process.stdout is None else self._process.stdout.readline().strip()


class Recorded:
    """A work tree with a real watcher process, and watchdog beside it."""

    def __init__(self, home: Home, root: Path) -> None:
        """Begin a session and wait until its tree at the start is written."""
        workspace = Workspaces(home).enable(root, owner=Owner.MINE, is_confirmed=True)
        self.session: Session = open_session(home, workspace, SystemClock())
        ensure_watcher(self.session, home)
        wait(lambda: bool(self.records(RecordKind.TREE)))
        self.pid = int(next(self.session.folder.glob("files-*")).name.split("-")[1])
        self.peer = Peer(root)
        time.sleep(1)

    def records(self, kind: RecordKind) -> list[object]:
        """Return the file watcher's records of a kind."""
        return [
            record.body
            for journal in self.session.journals
            for record in read_journal(journal).records
            if record.kind == kind
        ]

    def measure(self, name: str, storm: Callable[[], None]) -> None:
        """Let a storm pass and say what it cost to see it."""
        records, used = len(self.records(RecordKind.FILES)), cpu_s(self.pid)
        has_peer = self.peer.is_there
        peer_used, peer_seen = (cpu_s(self.peer.pid), self.peer.seen()) if has_peer else (0, 0)
        storm()
        time.sleep(QUIET_S)
        used = cpu_s(self.pid) - used
        told = len(self.records(RecordKind.FILES)) - records
        peak = memory_mb(self.pid, "VmHWM")
        line = f"{name:<30} {used:5.2f} s CPU, {told} record(s), peak {peak:.0f} MB"
        if has_peer:
            peer_used = cpu_s(self.peer.pid) - peer_used
            line += f" | watchdog {peer_used:5.2f} s, {self.peer.seen() - peer_seen} events"
        print(line)

    def measure_rest(self, name: str) -> None:
        """Say what watching costs when nothing happens."""
        pids = {"": self.pid} | ({" | watchdog": self.peer.pid} if self.peer.is_there else {})
        before = {label: cpu_s(pid) for label, pid in pids.items()}
        time.sleep(REST_S)
        used = {label: (cpu_s(pid) - before[label]) / REST_S * 100 for label, pid in pids.items()}
        parts = [
            f"{label} {used[label]:.2f} % CPU, {memory_mb(pids[label]):.0f} MB" for label in pids
        ]
        print(f"{name:<30}{''.join(parts)}")

    def end(self) -> None:
        """Stop both watchers."""
        self.peer.end()
        self.session.ask("stop", clock=SystemClock())
        wait(lambda: not Path(f"/proc/{self.pid}").exists())


def write_all(root: Path, text: str) -> None:
    """Write the files of a storm."""
    for number in range(FILES):
        (root / f"part{number % 20}" / f"file{number}.py").write_text(f"{text} = {number}\n" * 40)


def replace_all(root: Path) -> None:
    """Replace every file the way editors and formatters do."""
    for number in range(FILES):
        path = root / f"part{number % 20}" / f"file{number}.py"
        fresh = path.with_suffix(".tmp")
        fresh.write_text(f"replaced = {number}\n" * 40)
        fresh.replace(path)


def storms(home: Home, root: Path) -> None:
    """Measure what happens to a thousand files."""
    for number in range(20):
        (root / f"part{number}").mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    write_all(root, "value")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    git(root, "checkout", "-q", "-b", "topic")
    write_all(root, "topic")
    git(root, "commit", "-q", "-a", "-m", "second")
    recorded = Recorded(home, root)
    if not recorded.peer.is_there:
        print("watchdog is not installed: no column for it")
    recorded.measure(f"{FILES:,} files replaced", lambda: replace_all(root))
    git(root, "checkout", "-q", ".")
    time.sleep(QUIET_S)
    recorded.measure(f"branch switch, {FILES:,} files", lambda: git(root, "checkout", "-q", "main"))
    recorded.measure("one file written", lambda: write_one(root / "part0/file0.py"))
    recorded.measure("a folder of 50 files renamed", lambda: move(root / "part1"))
    recorded.measure(f"{FILES:,} files deleted", lambda: shutil.rmtree(root, ignore_errors=True))
    recorded.end()


def write_one(path: Path) -> None:
    """Write one file."""
    path.write_text("one = 1\n")


def move(folder: Path) -> None:
    """Rename a folder."""
    folder.rename(folder.with_name("moved"))


def many_folders(home: Home, root: Path) -> None:
    """Measure 20,000 folders at rest, and whether a change among them is seen."""
    for number in range(FOLDERS):
        (root / str(number % 150) / str(number)).mkdir(parents=True)
    recorded = Recorded(home, root)
    recorded.measure_rest(f"{FOLDERS:,} folders at rest")
    last = root / str((FOLDERS - 1) % 150) / str(FOLDERS - 1) / "here.py"
    recorded.measure("one file written among them", lambda: write_one(last))
    recorded.end()


def main() -> None:
    """Measure in a throw-away home."""
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} CPUs")
    with tempfile.TemporaryDirectory() as name:
        os.environ["SIGNOFF_HOME"] = f"{name}/home"
        home = resolve_home().ensure()
        storms(home, Path(name, "storm").resolve())
        many_folders(home, Path(name, "many").resolve())


if __name__ == "__main__":
    main()
