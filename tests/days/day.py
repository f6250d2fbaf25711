"""One day: deeds done to a real folder, with real recording code beside, and the truth of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from days.deeds import GAPS_MS, Deed
from days.hands import Editor
from days.truth import Buffer, Truth
from days.watching import Watching
from days.world import World, owned
from signoff_collector.capture.agents.hook import append
from signoff_collector.capture.agents.hook_fields import fields_of
from signoff_collector.capture.agents.hook_json import line_of
from signoff_collector.capture.journal import RecordKind
from signoff_collector.capture.session_life import end_session, join_workspace
from signoff_collector.capture.session_listing import active_session, list_sessions
from signoff_collector.capture.sessions import Session
from signoff_collector.capture.workspaces import Workspaces
from signoff_collector.clock import SystemClock
from signoff_collector.home import Home
from signoff_collector.seal.sealing import seal_session
from signoff_collector.session_removal import remove_raw
from signoff_schemas.errors import SignoffError
from signoff_schemas.words import Owner

PATHS: Final = ("a.txt", "b.txt", "src/c.txt", "d.txt")
BEASTS: Final = "\U0001f98a\U0001f600"
_KEY_MS: Final = 70
_SETTLED_MS: Final = 5_000


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
    _git_due: int | None = None
    _work_due: int | None = None
    _calls: int = 0
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
        self._make_project()
        self.home.ensure()
        self.workspace = Workspaces(self.home, self.clock).enable(
            self.root, owner=Owner.MINE, is_confirmed=True
        )
        self.world.wrote()
        self.world.advance(1_000)
        self.truth.wrote(self._found(), self.world.ms)
        committed = set(PATHS[:3]) if self.has_git else set()
        for path in self.truth.paths():
            if path in committed:
                self.truth.base[path] = self.truth.on_disk(path)
            else:
                self.truth.known[path] = 0
        self.editors[0].open(PATHS[0])
        self._changed_work()
        self.pass_time(8_000)

    def _make_project(self) -> None:
        if self.has_git:
            first = self.folder.with_name("repository")
            if not first.exists():
                _make_repository(first)
            shutil.copytree(first, self.root)
        else:
            _write_first(self.root)

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
            due = [at for at in (self._watch_from, self._files_due, self._git_due, self._work_due)
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
        if self._work_due is not None and self._work_due <= now:
            self._work_due = None
            for editor in self.editors:
                editor.do_work()
            self.world.wrote()
        if self._watch_from is not None and self._watch_from <= now:
            self._watch_from = None
            self._start_watching()
        if self._git_due is not None and self._git_due <= now:
            self._git_due = None
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

    def _look(self) -> None:
        """Let every pulse look, as it does twice a second."""
        for _ in range(6):  # saves that wait are decided upon at the sixth
            for editor in self.editors:
                editor.look()

    def _changed_work(self, late_ms: int = 15) -> None:
        """A bridge was told something: its work thread gets to it a little later."""
        at = self.world.ms + late_ms
        self._work_due = at if self._work_due is None else min(at, self._work_due)
        if self.watching is None and self._watch_from is None:
            self._watch_from = self.world.ms + 450

    def _changed_disk(self, by: str, before: dict[str, bytes | None], how: int) -> list[str]:
        """Something was written: the truth sees it now, the watcher when it is its turn."""
        self.world.wrote()
        changed = self.truth.wrote(self._found(), self.world.ms)
        for path in changed:
            self.truth.took(path, before.get(path), by)
        late_ms = (30, 30, 30, 30, 8, 90, 700, 1_900)[how % 8]
        at = self.world.ms + late_ms
        self._files_due = at if self._files_due is None else min(at, self._files_due)
        return changed

    def _found(self) -> dict[str, bytes]:
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
        return f"zq{letters[self._words // 16 % 16]}{letters[self._words % 16]}{self._words}x"

    # Deeds

    def do(self, deed: Deed) -> None:
        """Do one thing, and let time go by."""
        said = getattr(self, f"_{deed.kind}")(deed)
        if said is None:
            return
        self.log.append(f"{self.world.ms:>8} ms  {said}")
        self.pass_time(GAPS_MS[deed.gap % len(GAPS_MS)])

    def _editor(self, deed: Deed) -> Editor:
        return self.editors[deed.who % len(self.editors)]

    def _buffer(self, deed: Deed) -> Buffer | None:
        own = self._editor(deed).buffers()
        return own[deed.what % len(own)] if own else None

    def _path(self, deed: Deed) -> str | None:
        there = sorted(path for path in PATHS if self.truth.on_disk(path) is not None)
        return there[deed.what % len(there)] if there else None

    def _before(self) -> dict[str, bytes | None]:
        return {path: self.truth.file(path) for path in self.truth.paths()}

    def _open(self, deed: Deed) -> str | None:
        editor, path = self._editor(deed), PATHS[deed.what % len(PATHS)]
        if editor.buffer(path) is not None:
            return None
        editor.open(path)
        self._changed_work()
        return f"editor {editor.name} opens {path}"

    def _place(self, buffer: Buffer, deed: Deed) -> int:
        return deed.how % (buffer.text.count(b"\n") + 1)

    def _type(self, deed: Deed) -> str | None:
        editor, buffer = self._editor(deed), self._buffer(deed)
        if buffer is None:
            return None
        word, row = self.word(), self._place(buffer, deed)
        if row and buffer.text.count(b"\n") < row:
            row -= 1
        editor.change(buffer, (row, 0), (row, 0), "\n")
        column = 0
        for key in f"{word} {BEASTS}":
            self.pass_time(_KEY_MS)
            editor.change(buffer, (row, column), (row, column), key)
            column += len(key.encode("utf-16-le")) // 2
        self._changed_work()
        return f"editor {editor.name} typed {word} into {buffer.path} at line {row + 1}"

    def _paste(self, deed: Deed) -> str | None:
        editor, buffer = self._editor(deed), self._buffer(deed)
        if buffer is None:
            return None
        word, row = self.word(), self._place(buffer, deed)
        editor.change(buffer, (row, 0), (row, 0), f"{word} {BEASTS}\n")
        self._changed_work()
        return f"editor {editor.name} pastes {word} into {buffer.path} at line {row + 1}"

    def _erase(self, deed: Deed) -> str | None:
        editor, buffer = self._editor(deed), self._buffer(deed)
        if buffer is None or not buffer.text.count(b"\n"):
            return None
        row = deed.how % buffer.text.count(b"\n")
        editor.change(buffer, (row, 0), (row + 1, 0), "")
        self._changed_work()
        return f"editor {editor.name} erases line {row + 1} of {buffer.path}"

    def _replace(self, deed: Deed) -> str | None:
        editor, buffer = self._editor(deed), self._buffer(deed)
        if buffer is None or not buffer.text.strip():
            return None
        word, row = self.word(), deed.how % max(1, buffer.text.count(b"\n"))
        length = len(buffer.text.decode().split("\n")[row].split(" ")[0])
        editor.change(buffer, (row, 0), (row, length), word)
        self._changed_work()
        return f"editor {editor.name} puts {word} in place of a word of {buffer.path}"

    def _undo(self, deed: Deed) -> str | None:
        editor, buffer = self._editor(deed), self._buffer(deed)
        if buffer is None or not buffer.past:
            return None
        text = buffer.past[deed.how % len(buffer.past)]
        if text == buffer.text:
            return None
        editor.replace(buffer, text)
        self._changed_work()
        return f"editor {editor.name} goes back to an earlier text of {buffer.path}"

    def _save(self, deed: Deed) -> str | None:
        editor, buffer = self._editor(deed), self._buffer(deed)
        if buffer is None:
            return None
        self._save_one(editor, buffer, deed.how)
        return f"editor {editor.name} saves {buffer.path}"

    def _save_one(self, editor: Editor, buffer: Buffer, how: int) -> None:
        before = self._before()
        editor.save(buffer, is_renamed=how % 2 == 1)
        self._changed_disk("a save", before, how)
        editor.tell_save(buffer)
        self._changed_work((4, 15, 60, 600)[how % 4])

    def _reload(self, deed: Deed) -> str | None:
        """An editor takes over what something else wrote, where it has no changes of its own."""
        editor = self._editor(deed)
        told: list[str] = []
        for buffer in editor.buffers():
            text = self.truth.on_disk(buffer.path)
            if text is not None and text != buffer.text and not self.truth.is_dirty(buffer):
                editor.replace(buffer, text)
                told.append(buffer.path)
        if not told:
            return None
        self._changed_work()
        return f"editor {editor.name} reads anew {', '.join(told)}"

    def _close(self, deed: Deed) -> str | None:
        editor, buffer = self._editor(deed), self._buffer(deed)
        if buffer is None:
            return None
        word = " without saving" if self.truth.is_dirty(buffer) else ""
        editor.close(buffer)
        self._changed_work()
        return f"editor {editor.name} closes {buffer.path}{word}"

    def _quit_saved(self, deed: Deed) -> str | None:
        editor = self._editor(deed)
        if editor.bridge is None:
            return None
        for buffer in editor.buffers():
            if self.truth.is_dirty(buffer):
                self._save_one(editor, buffer, deed.how)
        return self._leave(editor, "quits, all saved (:wqa)", is_lost=False)

    def _quit(self, deed: Deed) -> str | None:
        editor = self._editor(deed)
        if editor.bridge is None:
            return None
        return self._leave(editor, "quits (:qa!)", is_lost=False)

    def _hang_up(self, deed: Deed) -> str | None:
        editor = self._editor(deed)
        if editor.bridge is None:
            return None
        return self._leave(editor, "is gone with its terminal", is_lost=True)

    def _kill_editor(self, deed: Deed) -> str | None:
        editor = self._editor(deed)
        if editor.bridge is None:
            return None
        return self._leave(editor, "and its bridge are killed", is_lost=True, is_killed=True)

    def _leave(self, editor: Editor, how: str, *, is_lost: bool, is_killed: bool = False) -> str:
        editor.leave(how, is_lost=is_lost, is_killed=is_killed)
        self.world.wrote()
        return f"editor {editor.name} {how}"

    def _kill_bridge(self, deed: Deed) -> str | None:
        editor = self._editor(deed)
        if editor.bridge is None:
            return None
        self.pass_time(2_000)  # another one takes its time to start
        editor.kill_bridge()
        self._changed_work()
        return f"the bridge of editor {editor.name} is killed, another one starts"

    # Programs

    def _write(self, deed: Deed) -> str | None:
        path, before = PATHS[deed.what % len(PATHS)], self._before()
        word = self.word()
        place = self.root / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"{word} {BEASTS}\n" * (1 + deed.how % 2))
        self._changed_disk("a script", before, deed.how)
        return f"a script writes {word} to {path}"

    def _append(self, deed: Deed) -> str | None:
        path, before = self._path(deed), self._before()
        if path is None:
            return None
        word = self.word()
        with (self.root / path).open("a") as file:
            file.write(f"{word} {BEASTS}\n")
        self._changed_disk("a script", before, deed.how)
        return f"a script appends {word} to {path}"

    def _delete(self, deed: Deed) -> str | None:
        path, before = self._path(deed), self._before()
        if path is None:
            return None
        (self.root / path).unlink()
        self._changed_disk("rm", before, deed.how)
        return f"rm {path}"

    def _rename(self, deed: Deed) -> str | None:
        path, before = self._path(deed), self._before()
        target = PATHS[deed.how % len(PATHS)]
        if path is None or path == target:
            return None
        (self.root / target).parent.mkdir(exist_ok=True)
        (self.root / path).rename(self.root / target)
        self._changed_disk("mv", before, deed.how)
        return f"mv {path} {target}"

    def _git(self, deed: Deed, *commands: str) -> str | None:
        if not self.has_git:
            return None
        before = self._before()
        wall_s = self.world.wall_ns() // 10**9
        dates = {"GIT_AUTHOR_DATE": f"{wall_s} +0000", "GIT_COMMITTER_DATE": f"{wall_s} +0000"}
        for command in commands:
            subprocess.run(
                ["git", *command.split()], cwd=self.root, env={**os.environ, **dates},
                check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        self._changed_disk(f"git {commands[-1].split()[0]}", before, deed.how)
        self._git_due = self.world.ms + (4, 4, 60, 350)[deed.how // 3 % 4]
        return "; ".join(f"git {command}" for command in commands)

    def _commit(self, deed: Deed) -> str | None:
        self.truth.committed.update(text for text in self._found().values())
        return self._git(deed, "add -A", "commit -q -m done")

    def _switch(self, deed: Deed) -> str | None:
        return self._git(deed, f"checkout -q {('main', 'topic', 'topic')[deed.how % 3]}")

    def _checkout_all(self, deed: Deed) -> str | None:
        return self._git(deed, "checkout -q .")

    def _reset(self, deed: Deed) -> str | None:
        return self._git(deed, f"reset -q --hard {('HEAD', 'HEAD', 'HEAD~1')[deed.how % 3]}")

    def _stash(self, deed: Deed) -> str | None:
        return self._git(deed, ("stash push -q", "stash push -q -u")[deed.how % 2])

    def _pop(self, deed: Deed) -> str | None:
        return self._git(deed, "stash pop -q")

    def _restore(self, deed: Deed) -> str | None:
        """Get back one of the points that `restore` lists, with its own verb."""
        from days.verbs import points_of, restore

        path = PATHS[deed.what % len(PATHS)]
        points = points_of(self, path)
        if not points:
            return None
        seq = points[deed.how % len(points)].seq
        before = self._before()
        self.world.pid = self.world.new_pid()
        if not restore(self, path, seq):
            return None
        self._changed_disk("signoff restore", before, 0)
        return f"signoff restore {path} --at step:{seq}"

    def _agent(self, deed: Deed) -> str | None:
        session = self.active()
        if session is None:
            return None
        path = PATHS[deed.what % len(PATHS)]
        word = self.word()
        content = f"{word} {BEASTS}\n"
        self._calls += 1
        tool: dict[str, object] = {
            "tool_name": "Write", "tool_use_id": f"w{self._calls}", "cwd": str(self.root),
            "session_id": "5f2e", "tool_input": {"file_path": str(self.root / path)},
        }  # fmt: skip
        self._tell_agent(session, {**tool, "hook_event_name": "PreToolUse"})
        self.pass_time(20)
        before = self._before()
        (self.root / path).parent.mkdir(exist_ok=True)
        (self.root / path).write_text(content)
        self._changed_disk("an agent", before, deed.how)
        self.pass_time(20)
        self._tell_agent(session, {**tool, "hook_event_name": "PostToolUse"})
        return f"an agent writes {word} to {path}"

    def _tell_agent(self, session: Session, payload: dict[str, object]) -> None:
        fields = fields_of("claude-code", payload, {}, keeps_text=False)
        assert fields is not None
        line = line_of({"kind": "agent", "t_boot_ns": self.world.boot_ns(), **fields})
        append(f"{session.folder}/agent-0-5f2e5f2e.spool", line)

    def _tests(self, deed: Deed) -> str | None:
        """Run three tests, of which some fail; the results are told as `signoff run` tells them."""
        failed = {number for number in range(3) if deed.how >> number & 1}
        cases = [
            {"id": f"test_{number}", "outcome": "failed" if number in failed else "passed"}
            for number in range(3)
        ]
        self.world.pid = self.world.new_pid()
        _, writer = join_workspace(self.home, self.workspace, "run", self.clock)
        now = self.world.boot_ns()
        self._calls += 1
        body: dict[str, object] = {
            "t_boot_ns": now, "t_kind": "event", "kind": "tests", "run_id": f"{self._calls:016x}",
            "framework": "pytest", "argv": ["pytest"], "exit_code": int(bool(failed)),
            "cases": cases, "duration_ns": 1_000_000, "exactness": "exact", "unsaved_paths": [],
        }  # fmt: skip
        with writer:
            writer.append_value(RecordKind.STEP, body)
        self._changed_work()
        for case in cases:
            if case["outcome"] == "failed":
                self.truth.red[case["id"]] = None
            else:
                self.truth.red.pop(case["id"], None)
        return f"pytest: {len(failed)} of 3 fail"


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


def _write_first(root: Path) -> None:
    for number, path in enumerate(PATHS[:3]):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"zqfirst{number}x {BEASTS}\nzqsecond{number}x {BEASTS}\n")


def _make_repository(root: Path) -> None:
    """Make a repository with two branches that differ in one file."""
    _write_first(root)
    for command in (
        "init -q -b main --template=", "config user.name Ada", "config user.email a@example.org",
        "config gc.auto 0", "config core.autocrlf false", "add -A", "commit -q -m first",
        "checkout -q -b topic",
    ):  # fmt: skip
        subprocess.run(["git", *command.split()], cwd=root, check=True)
    (root / PATHS[1]).write_text(f"zqtopic1x {BEASTS}\n")
    for command in ("commit -q -a -m topic", "checkout -q main", "commit -q --allow-empty -m two"):
        subprocess.run(["git", *command.split()], cwd=root, check=True)
