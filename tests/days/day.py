"""One day: deeds done to a real folder, with real recording code beside, and the truth of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.days.controlling import CONTROLLING
from tests.days.deeds import GAPS_MS, Deed
from tests.days.editing import EDITING
from tests.days.hands import Editor
from tests.days.programs import PROGRAMS
from tests.days.project import PATHS, make_project
from tests.days.repository import REPOSITORY
from tests.days.truth import Truth
from tests.days.watching import Watching
from tests.days.world import World, owned

from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.session_life import end_session
from signoff_collector.capture.sessions.session_listing import active_session, list_sessions
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.forgetting.session_removal import remove_raw
from signoff_collector.own_files.home import Home
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import SignoffError
from signoff_schemas.words import Owner

_SETTLED_MS: Final = 5_000
_DOINGS: Final = {**CONTROLLING, **EDITING, **PROGRAMS, **REPOSITORY}


@dataclass
class Day:
    """The world, the truth, and everybody at work."""

    folder: Path
    has_git: bool
    world: World = field(default_factory=World)
    truth: Truth = field(default_factory=Truth)
    log: list[str] = field(default_factory=list[str])
    watching: Watching | None = None
    session: Session | None = None
    is_over: bool = False
    _words: int = 0
    _watch_from: int | None = None
    _files_due: int | None = None
    git_due: int | None = None
    _work_due: int | None = None
    pause_ends: int | None = None
    """When a pause ends by itself."""
    calls: int = 0
    """What was saved since the watcher told last."""

    def __post_init__(self) -> None:
        self.clock = SystemClock()
        self.root = self.folder / "project"
        self.home = Home(root=self.folder / "home")
        names = ("one", "two")
        self.editors = [Editor(name, self.world, self.truth, self.root) for name in names]
        self._log_to = self.log

    # Beginning and end

    def begin(self) -> None:
        """Make the project, opt in, open the first file; all is recorded from then on."""
        make_project(self.folder, self.root, has_git=self.has_git)
        self.home.ensure()
        self.workspace = Workspaces(self.home, self.clock).enable(
            self.root, owner=Owner.MINE, is_confirmed=True
        )
        self.world.wrote()
        self.world.advance(1_000)
        self.truth.wrote(self.found(), self.world.ms)
        committed = set(PATHS[:3]) if self.has_git else set()
        for path in self.truth.paths():
            if path in committed:
                self.truth.base[path] = self.truth.on_disk(path)
            else:
                self.truth.known[path] = 0
        self.editors[0].open(PATHS[0])
        self.changed_work()
        self.pass_time(8_000)

    def stop(self) -> None:
        """End the session, as `signoff stop` does; editors may be open."""
        self.pass_time(6_000)
        session = self.active()
        assert session is not None
        session.ask("stop", clock=self.clock)
        end_session(self.home, session)
        self._look()
        for editor in self.editors:
            if editor.bridge is not None:
                editor.bridge.end()
                editor.bridge = None
        if self.watching is not None:
            self.watching.end()
            self.watching = None
        self.world.advance(1_000)
        self.is_over = True

    def seal(self) -> None:
        """Seal the session that is over and take its raw history away, as two weeks later."""
        for session in list_sessions(self.home):
            seal_session(session, self.home, self.clock)
            remove_raw(session)

    def active(self) -> Session | None:
        return active_session(self.home, self.root, self.clock)

    # Time

    def pass_time(self, ms: int) -> None:
        """Let time go by, and everybody at work do what is due."""
        end = self.world.ms + ms
        while True:
            due = [at for at in (self._watch_from, self._files_due, self.git_due,
                   self._work_due, self.pause_ends)
                   if at is not None and at <= end]  # fmt: skip
            if not due:
                break
            self.world.advance(min(due) - self.world.ms)
            self._do_what_is_due()
        self.world.advance(end - self.world.ms)
        if ms >= _SETTLED_MS:
            self._look()
            self.truth.settle(self.world.ms)
            self.world.advance(1)

    def _do_what_is_due(self) -> None:
        now = self.world.ms
        if self.pause_ends is not None and self.pause_ends <= now:
            self.go_on()
        if self._work_due is not None and self._work_due <= now:
            self._work_due = None
            for editor in self.editors:
                editor.do_work()
            self.world.wrote()
        if self._watch_from is not None and self._watch_from <= now:
            self._watch_from = None
            self._start_watching()
        if self.git_due is not None and self.git_due <= now:
            self.git_due = None
            if self.watching is not None:
                self.watching.look_at_git()
        if self._files_due is not None and self._files_due <= now:
            self._files_due = None
            if self.watching is not None:
                self.watching.look_at_files()
                left_ns = self.watching.files._watcher.due_in_ns(self.world.boot_ns())
                if left_ns is not None:
                    self._files_due = now + max(1, left_ns // 1_000_000)
        self.world.wrote()

    def _start_watching(self) -> None:
        session = self.active()
        if session is not None and self.watching is None:
            self.session = session
            self.world.pid = self.world.new_pid()
            self.watching = Watching(self.home, session, self.clock)
            self.world.wrote()

    def notice_control(self) -> None:
        """Let everybody see what a person asked for, within a second."""
        self.world.wrote()
        self.world.advance(400)
        self._look()
        if self.watching is not None:
            self.watching.look_at_files()
            self.watching.look_at_git()
        self.world.advance(200)

    def go_on(self) -> None:
        """The pause is over."""
        self.pause_ends = None
        self.notice_control()
        self.truth.resumed(self.world.ms)

    def _look(self) -> None:
        """Let every pulse look, as it does twice a second."""
        for _ in range(6):  # saves that wait are decided upon at the sixth
            for editor in self.editors:
                editor.look()

    def changed_work(self, late_ms: int = 15) -> None:
        """A bridge was told something: its work thread gets to it a little later."""
        at = self.world.ms + late_ms
        self._work_due = at if self._work_due is None else min(at, self._work_due)
        if self.watching is None and self._watch_from is None:
            self._watch_from = self.world.ms + 450

    def changed_disk(self, by: str, before: dict[str, bytes | None], how: int) -> list[str]:
        """Something was written: the truth sees it now, the watcher when it is its turn."""
        self.world.wrote()
        changed = self.truth.wrote(self.found(), self.world.ms)
        for path in changed:
            self.truth.took(path, before.get(path), by)
        late_ms = (30, 30, 30, 30, 8, 90, 700, 1_900)[how % 8]
        at = self.world.ms + late_ms
        self._files_due = at if self._files_due is None else min(at, self._files_due)
        return changed

    def found(self) -> dict[str, bytes]:
        """Read the whole disk, without any code of ours."""
        found: dict[str, bytes] = {}
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name != ".git"]
            for name in names:
                place = Path(folder) / name
                found[place.relative_to(self.root).as_posix()] = place.read_bytes()
        return found

    def word(self) -> str:
        """Return a word that nobody wrote before."""
        self._words += 1
        letters = "bcdfghjklmnprstv"
        word = f"zq{letters[self._words // 16 % 16]}{letters[self._words % 16]}{self._words}x"
        if self.truth.is_silent:
            self.truth.secrets[word] = None
        return word

    def do(self, deed: Deed) -> None:
        """Do one thing, and let time go by."""
        said = _DOINGS[deed.kind](self, deed)
        if said is None:
            return
        self.log.append(f"{self.world.ms:>8} ms  {said}")
        self.pass_time(GAPS_MS[deed.gap % len(GAPS_MS)])


@contextmanager
def day(folder: Path, *, has_git: bool) -> Iterator[Day]:
    """Begin a day in a folder of its own, which is gone after it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = Day(folder=folder.resolve(), has_git=has_git)
    before = os.environ.get("SIGNOFF_HOME")
    os.environ["SIGNOFF_HOME"] = str(made.home.root)
    try:
        with owned(made.world):
            made.begin()
            try:
                yield made
            finally:
                with suppress(SignoffError, OSError):
                    if not made.is_over:
                        made.stop()
    finally:
        if before is None:
            del os.environ["SIGNOFF_HOME"]
        else:
            os.environ["SIGNOFF_HOME"] = before
        shutil.rmtree(folder, ignore_errors=True)
