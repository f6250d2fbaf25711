"""A real work tree with a real file watcher, for tests that wait on what it tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.clock import FakeClock
from tests.support.deadline import wait_until

from signoff_collector.capture.files.file_folders import Limits, system_teller
from signoff_collector.capture.files.file_recording import FileRecording
from signoff_collector.capture.files.file_rules import FileRules
from signoff_collector.capture.files.file_settling import Burst
from signoff_collector.capture.files.file_watch import FileWatcher
from signoff_collector.capture.files.tree_listing import TreeReader
from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.opt_in.policy import Policy
from signoff_collector.capture.opt_in.workspaces import Workspace, Workspaces
from signoff_collector.capture.sessions.sessions import Session, open_session
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_collector.system.files.teller import Hint, Teller, Told
from signoff_collector.system.files.watchdog_teller import WatchdogTeller
from signoff_schemas.words import Owner

CLOCK = SystemClock()
NOTES = "naïve 🎉 and 𝄞\n"
LATER_S = 10


def enabled(root: Path) -> tuple[Home, Workspace]:
    """Enable a folder in the test's own home."""
    home = resolve_home().ensure()
    return home, Workspaces(home).enable(root, owner=Owner.MINE, is_confirmed=True)


class StoppedClock(FakeClock):
    """Time since boot is the test's own; the time of day is that of the files."""

    def wall_ns(self) -> int:
        return CLOCK.wall_ns()


class PromptTeller(WatchdogTeller):
    """Watchdog on Linux, asked only once it has told of all that was done before.

    What is done last is a file with a name that the watcher passes over.
    """

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self._marks = Path(root, "id_rsa")
        self._count = 0

    def take(self) -> Told:
        if not self._marks.parent.is_dir():
            return super().take()
        self._count += 1
        mark = self._marks.with_name(f"id_rsa{self._count}~")
        mark.touch()
        hints: list[Hint] = []
        is_lost = False

        def is_told() -> bool:
            nonlocal is_lost
            told = super(PromptTeller, self).take()
            hints.extend(told.hints)
            is_lost |= told.is_lost
            return any(hint.path == str(mark) for hint in hints)

        wait_until(is_told, "watchdog to tell", pause_s=0.002)
        mark.unlink()
        return Told(hints=hints, is_lost=is_lost)


def prompt_teller(root: str, _limits: Limits) -> Teller:
    return PromptTeller(root)


TELLERS = {"inotify": system_teller, "watchdog": prompt_teller}
"""What tells a watcher under test; both have to come to the same."""


class Watched:
    """A watcher over a folder, driven by hand: no thread, and time is the test's own."""

    def __init__(
        self,
        root: Path,
        limits: Limits | None = None,
        make_teller: Callable[[str, Limits], Teller] = system_teller,
    ) -> None:
        _, workspace = enabled(root)
        policy = Policy.for_workspace(workspace)
        self.root = root.resolve()
        self.clock = StoppedClock()
        self.rules = FileRules(self.root, lambda: policy)
        self.watcher = FileWatcher(self.root, self.rules, self.clock, limits, make_teller)
        self.watcher.start()
        self.tree = TreeReader(self.root, self.rules)
        read = self.tree.read(
            self.watcher.paths(), self.clock.wall_ns(), folders=self.watcher.folders()
        )
        self.watcher.learn(read.contents)

    def told(self) -> Burst | None:
        """Look once, let the burst settle, and return what it changed.

        The kernel queues an event before the call that caused it returns: one look is enough.
        """
        self.watcher.look()
        self.clock.advance(LATER_S)
        return self.watcher.burst()

    def changed(self) -> dict[str, str | None]:
        """Return path to mode of what has changed; None for what is gone."""
        burst = self.told()
        return {} if burst is None else {item.path: item.mode for item in burst.changed}

    def scanned(self, path: str) -> Burst:
        """Look until comparing in turn has come to a path."""

        def once() -> Burst | None:
            burst = self.told()
            return burst if burst is not None and path in burst.paths else None

        return wait_until(once, f"{path} is compared")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A session whose files are recorded by a thread of this process."""

    home: Home
    session: Session
    recording: FileRecording

    @classmethod
    def begin(cls, root: Path, limits: Limits | None = None) -> Recorded:
        """Open a session and watch; return once the tree at the start is written."""
        home, workspace = enabled(root)
        session = open_session(home, workspace, CLOCK)
        made = cls(
            home=home, session=session, recording=FileRecording(home, session, CLOCK, limits)
        )
        made.recording.start()
        return made

    def wait_for_tree(self) -> dict[str, object]:
        """Return the first TREE record."""
        return wait_until(lambda: self.records(RecordKind.TREE), "a tree record")[0]

    def records(self, kind: RecordKind) -> list[dict[str, object]]:
        """Return the records of a kind so far."""
        return [
            dict(record.fields)
            for journal in self.session.journals
            if journal.name.startswith("files-")
            for record in read_journal(journal).records
            if record.kind == kind
        ]

    def items(self, *, since: int = 0) -> dict[str, dict[str, object]]:
        """Return the last item of each path in FILES records."""
        found: dict[str, dict[str, object]] = {}
        for record in self.records(RecordKind.FILES)[since:]:
            for item in record["changed"]:  # type: ignore[attr-defined]  # a list of items
                found[item["path"]] = item
        return found

    def wait_for(self, path: str, content: bytes | None) -> dict[str, object]:
        """Wait until a file is told of with this content, kept as a blob; None: gone."""

        def told() -> dict[str, object] | None:
            item = self.items().get(path)
            if item is None or (item["sha256"] is None) != (content is None):
                return None
            is_it = content is None or self.session.read_blob(str(item["sha256"])) == content
            return item if is_it else None

        return wait_until(told, f"{path} is told of")

    def stop(self) -> None:
        """End the recording."""
        self.recording.stop()
        assert not self.recording.is_alive()
