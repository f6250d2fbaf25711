"""An hour of bad luck in a minute: two editors, a shell, git, an agent and kills, all real.

`Torture` does one thing after another to a work tree that is being recorded by the real
processes, keeps a copy of the tree at every commit and test run, and says what it did.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

from tests.support.agents import FakeAgent
from tests.support.bridge import EMOJI, Client, lsp_records, saves
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.editors import Neovim, Terminal, is_gone, need, terminal
from tests.support.keyboard import Keyboard
from tests.support.repository import WorkTree
from tests.support.tree_session import Snapshot, snapshot

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.sessions.session_listing import list_sessions
from signoff_collector.own_files.home import resolve_home

TWO = f"{EMOJI} two"
VIM_SETTINGS = """
set nocompatible nobackup noswapfile encoding=utf-8 hidden viminfo= autoread
set rtp^=/usr/share/vim-ale
let g:ale_linters_explicit = 1
let g:ale_lint_delay = 0
let g:ale_lint_on_text_changed = 'always'
let g:ale_completion_enabled = 0
autocmd BufRead,BufNewFile * setlocal filetype=text
runtime plugin/ale.vim
call ale#linter#Define('text', {'name': 'signoff', 'lsp': 'stdio', 'language': 'text',
  \\ 'executable': $BRIDGE_PYTHON, 'command': '%e -I -m signoff_bridge',
  \\ 'project_root': {buffer -> $PROJECT}})
let g:ale_linters = {'text': ['signoff']}
"""


class Hand(Protocol):
    """A person at one editor."""

    name: str

    def type_below(self, path: Path, containing: str, text: str) -> None:
        """Type a line under the first one that holds a text; the file is opened if need be."""

    def save(self, path: Path) -> None:
        """Write the file as the editor does, and wait until the bridge has read it."""

    def close(self, path: Path) -> None:
        """Close the file; what was not saved is gone."""


class PlainHand:
    """Keys in a plain client."""

    name = "a plain client"

    def __init__(self, client: Client) -> None:
        self.client = client
        self._files: dict[Path, Keyboard] = {}

    def type_below(self, path: Path, containing: str, text: str) -> None:
        """Type a line."""
        if path not in self._files:
            self._files[path] = Keyboard(self.client, path)
        file = self._files[path]
        file.type_line_below(file.row(containing), text)

    def save(self, path: Path) -> None:
        """Write and tell."""
        self._files[path].save()
        self.client.status()

    def close(self, path: Path) -> None:
        """Close and wait until the bridge knows."""
        self._files.pop(path).close()
        self.client.status()


class NeovimHand:
    """Keys in a real Neovim."""

    name = "Neovim"

    def __init__(self, editor: Neovim) -> None:
        self.editor = editor

    def type_below(self, path: Path, containing: str, text: str) -> None:
        """Search as a person does, then `o`."""
        self.editor.edit(path)
        self.editor.press(f"gg/\\V{containing}<CR>")
        self.editor.press("o" + text.replace("<", "<lt>") + "<Esc>")

    def save(self, path: Path) -> None:
        """Write with `:w`."""
        self.editor.command(f"buffer {path}")
        self.editor.press(":w<CR>")
        self.editor.settle()

    def close(self, path: Path) -> None:
        """Wipe the buffer."""
        self.editor.command(f"bwipeout! {path}")
        self.editor.settle()


class VimHand:
    """Keys in a real Vim with ALE, on a terminal of its own."""

    name = "Vim with ALE"

    def __init__(self, screen: Terminal) -> None:
        self._screen = screen

    def type_below(self, path: Path, containing: str, text: str) -> None:
        """Search as a person does, then `o`."""
        self._press(f":e {path}", "Enter")
        self._press(f"gg/\\V{containing}", "Enter")
        before = len(lsp_records())
        self._press(f"o{text}", "Escape")
        wait_until(lambda: len(lsp_records()) > before, "ALE to tell of the line")

    def save(self, path: Path) -> None:
        """Write with `:w`."""
        before = len(saves())
        self._press(":w", "Enter")
        wait_until(lambda: len(saves()) > before, "ALE to tell of the save")

    def close(self, path: Path) -> None:
        """Wipe the buffer."""
        self._press(f":bwipeout! {path}", "Enter")

    def _press(self, keys: str, last: str) -> None:
        self._screen.keys(keys, literal=True)
        self._screen.keys(last)


@contextmanager
def vim(private: Path, folder: Path) -> Iterator[Terminal]:
    """Run a Vim with ALE, for which every file is text."""
    program = need(shutil.which("vim"), "Vim")
    settings = private / "vimrc"
    settings.write_text(VIM_SETTINGS)
    environ = {"BRIDGE_PYTHON": sys.executable, "PROJECT": str(folder)}
    with terminal([program, "-N", "-u", str(settings)], folder, environ) as screen:
        yield screen


@dataclass(slots=True)
class Torture:
    """The work tree, who works in it, and what happened."""

    tree: WorkTree
    copies: list[Snapshot] = field(default_factory=list[Snapshot])
    """The tree at each commit, checkout, stash and test run."""
    log: list[str] = field(default_factory=list[str])
    _markers: int = 0

    @property
    def root(self) -> Path:
        """The work tree's folder."""
        return self.tree.root

    def did(self, what: str) -> None:
        """Take a note, and wait until the file watcher has told everything up to now."""
        self.log.append(what)
        self.told()

    def told(self) -> None:
        """Make a change that nothing else makes, and wait until it is in a journal."""
        self._markers += 1
        path = self.root / f"told-{self._markers}.txt"
        path.write_text("told\n")
        wait_until(lambda: self._told_of(path.name), "the file watcher to tell")
        path.unlink()

    def told_all(self) -> None:
        """Wait until the change is told and gone again: what comes next is no part of its burst."""
        self.told()
        name = f"told-{self._markers}.txt"
        wait_until(lambda: self._is_told_gone(name), "the file watcher to be done")

    def _told_of(self, name: str) -> list[object]:
        """Return the digests told of a file, one each time; None once it is gone."""
        return [
            item["sha256"]
            for session in list_sessions(resolve_home())
            for journal in session.folder.glob("files-*.journal")
            for record in read_journal(journal).records
            for field in ("changed", "entries")
            for item in cast("list[dict[str, object]]", record.fields.get(field) or [])
            if item["path"] == name
        ]

    def _is_told_gone(self, name: str) -> bool:
        return self._told_of(name)[-1:] == [None]

    def shell(self, line: str) -> None:
        """Run a line that nobody records as a command."""
        subprocess.run(["/bin/sh", "-ec", line], cwd=self.root, check=True, timeout=60)
        self.did(f"shell: {line}")

    def git(self, *words: str) -> None:
        """Run git as a person does; keep a copy of the tree it leaves."""
        before = self._git_steps()
        self.tree.git(*words)
        self.copies.append(snapshot(self.root))
        wait_until(lambda: self._git_steps() > before, f"git {words[0]} to be told")
        self.did(f"git {' '.join(words)}")

    def _git_steps(self) -> int:
        count = 0
        for session in list_sessions(resolve_home()):
            for journal in session.folder.glob("git-*.journal"):
                for record in read_journal(journal).records:
                    count += record.kind == RecordKind.STEP and record.fields.get("kind") == "git"
        return count

    def tests(self, *, expect: int) -> None:
        """Run the tests as a person does, recorded."""
        self.copies.append(snapshot(self.root))
        words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        said = signoff("run", "--", *words, cwd=self.root)
        assert said.code == expect, said
        self.did(f"signoff run pytest: exit {expect}")

    def typed(self, hand: Hand, path: Path, containing: str, text: str) -> None:
        """Type a line in an editor and save it."""
        hand.type_below(path, containing, text)
        hand.save(path)
        self.did(f"{hand.name}: typed a line into {path.name}, saved")

    def agent(self, agent: FakeAgent, path: Path, text: str) -> None:
        """Have an agent write a file, as its hooks tell."""
        agent.tell("UserPromptSubmit", prompt=f"write {path.name}")
        tool: dict[str, object] = {
            "tool_name": "Write", "tool_use_id": f"w{self._markers}",
            "tool_input": {"file_path": str(path), "content": text},
        }  # fmt: skip
        agent.tell("PreToolUse", **tool)
        path.write_text(text)
        self.told()
        agent.tell("PostToolUse", **tool, tool_response={"content": text}, duration_ms=5)
        self.did(f"agent {agent.name}: wrote {path.name}")

    def kill_watcher(self) -> None:
        """Kill the session's watcher, as the system does when memory runs out."""
        name = f"told-{self._markers}.txt"
        wait_until(lambda: self._is_told_gone(name), "the file watcher to be done")
        (session,) = list_sessions(resolve_home())
        pids = {int(path.name.split("-")[1]) for path in session.folder.glob("git-*.journal")}
        pids |= {int(path.name.split("-")[1]) for path in session.folder.glob("files-*.journal")}
        for pid in pids:
            if not is_gone(pid):
                os.kill(pid, signal.SIGKILL)
                wait_until(lambda pid=pid: is_gone(pid), "the watcher to be gone")
        self.log.append("kill -9: the watcher")

    def kill_run(self) -> None:
        """Kill a recorded command together with who records it."""
        argv = [sys.executable, "-I", "-m", "signoff_collector", "run", "--", "sleep", "60"]
        process = subprocess.Popen(
            argv, cwd=self.root, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        wait_until(lambda: children.read_text().split(), "the command to run")
        wait_until(lambda: self._has_begun(process.pid), "who records it to have begun")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)
        self.did("kill -9: signoff run, with its command")

    def _has_begun(self, pid: int) -> bool:
        return any(
            read_journal(path).header is not None
            for session in list_sessions(resolve_home())
            for path in session.folder.glob(f"run-{pid}-*.journal")
        )


def project(folder: Path) -> WorkTree:
    """Make a repository with files of every kind, some of them changed and not committed."""
    tree = WorkTree.create(folder / "project")
    root = tree.root
    tree.git("config", "core.autocrlf", "false")
    for name in ("a.py", "src/b.py", "src/deep/c.py", "moved/d.py", "moved/e.py"):
        tree.write(name, f"# {name} {EMOJI}\nfirst = 1\nlast = 2\n")
    tree.write("tests/test_a.py", "import a\n\n\ndef test_first():\n    assert a.first == 1\n")
    tree.write("conftest.py", "")
    tree.write(".gitignore", "__pycache__/\nbuild/\n")
    (root / "crlf.txt").write_bytes(f"one {EMOJI}\r\ntwo\r\n".encode())
    (root / "bom.txt").write_bytes(b"\xef\xbb\xbf" + f"one {EMOJI}\n".encode())
    (root / "bare.txt").write_bytes(f"one {EMOJI}\nno end".encode())
    (root / "tool.sh").write_bytes(b"#!/bin/sh\nexit 0\n")
    (root / "tool.sh").chmod(0o755)
    (root / "link").symlink_to("src/b.py")
    (root / "picture.bin").write_bytes(bytes(range(256)))
    tree.git("add", "-A")
    tree.git("commit", "-q", "-m", "base")
    tree.write("dirty.txt", f"not committed {EMOJI}\n")
    tree.write("src/deep/c.py", f"# changed before the session {EMOJI}\nlast = 3\n")
    return tree


def script(
    torture: Torture, one: Hand, two: Hand, agent: FakeAgent, again: Callable[[], Hand]
) -> None:
    """Do it all.

    Args:
        torture: the work tree.
        one: an editor; it is killed half-way.
        two: another editor, which lives on.
        agent: writes files.
        again: kills the bridge of `one` and returns an editor in its place.
    """
    root = torture.root
    torture.typed(one, root / "a.py", "first = 1", f"# typed {TWO}")
    torture.typed(two, root / "src" / "b.py", "last = 2", f"# typed {TWO}")
    torture.shell("printf 'x = 1\\n' > new.py; sed -i 's/last = 2/last = 22/' src/b.py")
    torture.git("commit", "-qam", "typed")
    torture.shell("mv moved gone_over; mv gone_over/d.py gone_over/D.py; chmod +x new.py")
    torture.shell("ln -sf ../a.py src/to_a; ln -sfn src/deep/c.py link; rm bare.txt")
    two.close(root / "src" / "b.py")
    torture.tests(expect=0)
    torture.tree.git("add", "-A")
    torture.git("commit", "-qm", "moved")
    torture.agent(agent, root / "agent.py", f"made = 'by an agent {EMOJI}'\n")
    torture.agent(agent, root / "a.py", f"# a.py {EMOJI}\nfirst = 7\nlast = 2\n")
    torture.tests(expect=1)
    torture.git("stash", "-q", "-u")
    torture.git("checkout", "-q", "-b", "topic")
    torture.typed(two, root / "gone_over" / "e.py", "last = 2", f"# on topic {TWO}")
    torture.git("commit", "-qam", "topic")
    one.close(root / "a.py")
    torture.git("checkout", "-q", "main")
    torture.typed(one, root / "gone_over" / "D.py", "first = 1", f"# on main {TWO}")
    torture.git("commit", "-qam", "main goes on")
    two.close(root / "gone_over" / "e.py")
    torture.git("checkout", "-q", "topic")
    torture.git("rebase", "-q", "main")
    one.close(root / "gone_over" / "D.py")
    torture.git("checkout", "-q", "main")
    torture.git("merge", "-q", "--no-edit", "topic")
    torture.git("stash", "pop", "-q")
    torture.kill_run()
    one.type_below(root / "src" / "deep" / "c.py", "last = 3", f"# never saved {TWO}")
    one = again()
    torture.log.append("kill -9: the bridge of an editor with text not saved")
    torture.typed(one, root / "src" / "deep" / "c.py", "last = 3", f"# typed after it {TWO}")
    torture.kill_watcher()
    (root / "unseen.txt").write_text(f"while nobody looked {EMOJI}\n")
    torture.tests(expect=1)
    torture.shell("rm -r src/deep; printf 'a file now\\n' > src/deep")
    torture.tree.git("add", "-A")
    torture.git("commit", "-qm", "a file in place of a folder")
    torture.git("reset", "-q", "--hard", "HEAD~1")
    torture.git("revert", "--no-edit", "HEAD")
    torture.tests(expect=0)
