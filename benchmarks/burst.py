"""What a day costs after 100,000 files went and came back; run from run.py.

The same work is recorded twice in one work tree, by a real watcher: once quietly, once with
`git checkout` to a branch without its packages and back, then `rm -r` and `git checkout .`.
CPU and peak memory of every verb and of sealing stand side by side. `--files N` makes fewer files,
`--keep FOLDER` leaves the recordings.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import Session, open_session, try_sweep_lock
from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.words import Owner

FILES = 100_000
PER_FOLDER = 40
RUNS = 5
STATES = 6
QUIET_S = 3.0
WAIT_S = 300.0
VERBS = {
    "today": ("today",),
    "find": ("find", "quokka"),
    "find, nowhere": ("find", "wombatwombat"),
    "restore": ("restore", "src/app.py"),
    "replay --plain": ("replay", "live", "--plain"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one process took, with the children it waited for."""

    cpu_s: float
    peak_mb: float
    output: str


@dataclass(slots=True, kw_only=True)
class Recording:
    """One session in a home of its own, and what its verbs cost."""

    home: Path
    root: Path
    rows: dict[str, list[Cost]] = field(default_factory=dict[str, list[Cost]])
    watcher: str = ""
    session: Session | None = None

    def begin(self) -> None:
        """Open the session, and wait until its tree at the start is written."""
        os.environ["SIGNOFF_HOME"] = str(self.home)
        home = resolve_home().ensure()
        workspace = Workspaces(home).enable(self.root, owner=Owner.MINE, is_confirmed=True)
        self.session = open_session(home, workspace, SystemClock())
        ensure_watcher(self.session, home)
        wait(lambda: any(self.records(RecordKind.TREE)))

    def records(self, kind: RecordKind) -> list[object]:
        """Return the file watcher's records of a kind."""
        journals = [] if self.session is None else self.session.journals
        files = [path for path in journals if path.name.startswith("files-")]
        records = (record for path in files for record in read_journal(path).records)
        return [record.body for record in records if record.kind == kind]

    def settle(self) -> None:
        """Wait until the watcher has had nothing to do for some seconds."""
        pid, used, since = self.pid, -1.0, time.monotonic()
        while time.monotonic() - since < QUIET_S:
            time.sleep(0.1)
            if (now := cpu_s(pid)) - used > 0.05:
                used, since = now, time.monotonic()

    @property
    def pid(self) -> int:
        """The watcher's process."""
        assert self.session is not None  # noqa: S101  begun
        return int(next(self.session.folder.glob("files-*")).name.split("-")[1])

    def end(self) -> None:
        """Stop the session and say what watching took."""
        pid = self.pid
        told = len(self.records(RecordKind.FILES))
        self.watcher = f"{cpu_s(pid):.2f} s | {memory_mb(pid):.0f} MB, {told} records"
        sweeping = try_sweep_lock(resolve_home())
        assert sweeping is not None  # noqa: S101  nothing is over yet
        with sweeping:  # the watcher would have it sealed in the background
            signoff(self.root, "stop")
            wait(lambda: not Path(f"/proc/{pid}").exists())
            self.measure("seal", "seal", runs=1)

    def measure(self, name: str, *arguments: str, runs: int = RUNS) -> None:
        """Run a verb some times; the first, which may make what later ones read, counts apart."""
        os.environ["SIGNOFF_HOME"] = str(self.home)
        self.rows[name] = [signoff(self.root, *arguments) for _ in range(runs)]


def signoff(root: Path, *arguments: str) -> Cost:
    """Run one verb as a person does, its output caught."""
    with tempfile.TemporaryFile() as output:
        command = [sys.executable, "-I", "-m", "signoff_collector", *arguments]
        process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
        output.seek(0)
        text = output.read().decode(errors="replace")
    return Cost(cpu_s=used.ru_utime + used.ru_stime, peak_mb=used.ru_maxrss / 1024, output=text)


def git(root: Path, *arguments: str) -> None:
    """Run git as a person would."""
    settings = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "gc.auto=0")
    subprocess.run(["git", *settings, *arguments], cwd=root, check=True, capture_output=True)  # noqa: S607


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process and of the children it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Return a process's peak of resident memory."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) / 1024


def wait(is_true: Callable[[], bool]) -> None:
    """Wait for a condition of the setup."""
    end = time.monotonic() + WAIT_S
    while not is_true():
        if time.monotonic() > end:
            raise TimeoutError("the setup did not come about")
        time.sleep(0.1)


def make_tree(root: Path, files: int) -> None:
    """Make a repository whose branch `full` has that many tracked files of packages."""
    (root / "src").mkdir(parents=True)
    (root / "src/app.py").write_text("def first():\n    return 1\n")
    git(root, "init", "-q", "-b", "bare")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    git(root, "checkout", "-q", "-b", "full")
    for number in range(files):
        folder = root / f"node_modules/package-{number // PER_FOLDER}/lib"
        if number % PER_FOLDER == 0:
            folder.mkdir(parents=True)
        name = ("index", "helper", "types.d", "render")[number % 4]
        (folder / f"{name}{number}.js").write_text(f"export const value{number} = {number};\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "packages")


def work(recording: Recording, word: str) -> None:
    """Change a file some times, each seen by itself."""
    for number in range(STATES):
        text = "".join(f"def {word}{line}():\n    return {line * number}\n" for line in range(40))
        (recording.root / "src/app.py").write_text(text)
        before = len(recording.records(RecordKind.FILES))
        wait(lambda before=before: len(recording.records(RecordKind.FILES)) > before)


def go_and_come_back(recording: Recording) -> None:
    """Let all packages go and come back, once by branches and once by hand."""
    root = recording.root
    for branch in ("bare", "full"):
        git(root, "checkout", "-q", branch)
        recording.settle()
    shutil.rmtree(root / "node_modules")
    recording.settle()
    git(root, "checkout", "-q", "--", ".")
    recording.settle()


def record(recording: Recording, *, has_burst: bool) -> None:
    """Record the day and measure."""
    root = recording.root
    recording.begin()
    work(recording, "quokka")
    git(root, "checkout", "-q", "--", "src/app.py")
    if has_burst:
        go_and_come_back(recording)
    work(recording, "numbat")
    recording.settle()
    for name, arguments in VERBS.items():
        recording.measure(name, *arguments)
    with tempfile.TemporaryDirectory() as elsewhere:
        recording.rows["today, in another folder"] = [
            signoff(Path(elsewhere), "today", "--here") for _ in range(RUNS)
        ]
    recording.end()
    for name, arguments in VERBS.items():
        if "live" not in arguments:
            recording.measure(f"{name}, over", *arguments)
    git(root, "checkout", "-q", "--", "src/app.py")


def tell(quiet: Recording, burst: Recording) -> None:
    """Print the rows side by side."""
    print("| verb | quiet: CPU, median and first | peak | after the burst | peak | times |")
    print("|---|---|---|---|---|---|")
    for name, costs in quiet.rows.items():
        cells: list[str] = []
        medians: list[float] = []
        for row in (costs, burst.rows[name]):
            medians.append(statistics.median(one.cpu_s for one in row))
            peak = max(one.peak_mb for one in row)
            cells.append(f"{medians[-1]:.2f} s, {row[0].cpu_s:.2f} | {peak:.0f} MB")
        print(f"| {name} | {' | '.join(cells)} | {medians[1] / medians[0]:.2f} |")
    print(f"| the watcher, all day | {quiet.watcher} | {burst.watcher} | |")


def main() -> None:
    """Measure in a throw-away home."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{platform.platform()}, Python {platform.python_version()}, load {load:.1f}")
    with tempfile.TemporaryDirectory() as name:
        place = (options.keep or Path(name)).resolve()
        os.environ["HOME"] = str(place)
        root = place / "work"
        if not root.exists():
            make_tree(root, options.files)
        quiet = Recording(home=place / "quiet", root=root)
        burst = Recording(home=place / "burst", root=root)
        record(quiet, has_burst=False)
        record(burst, has_burst=True)
        tell(quiet, burst)


if __name__ == "__main__":
    main()
