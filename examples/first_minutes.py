"""The first minutes in a fresh account: set up, type, look, take everything away again.

Needs Neovim 0.10 or newer. `--write FILE` keeps what was seen as a page of the documents; names of
folders of this machine are replaced.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import pty
import re
import select
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from editors import find_neovim  # noqa: E402

ROOT = HERE.parent
SIGNOFF = Path(sys.executable).with_name("signoff")
LIMIT_S = 180.0
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[@-_])")
_CODE = "def greet(name):\n    return 'hello ' + name\n"
_INTRODUCTION = """\
# The first minutes

Recorded by `examples/first_minutes.py` in a fresh account with {editor}; a test runs it again and
compares the commands. Nothing was typed by hand, nothing was cut.
"""


class FirstMinutesError(Exception):
    """Something did not go as this story says."""


class Talk:
    """A program on a terminal of its own."""

    def __init__(self, argv: Sequence[str], cwd: Path) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 100, 0, 0))
        self.printed = ""
        self._read = 0
        self._process = subprocess.Popen(
            argv, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)

    def expect(self, text: str) -> None:
        """Wait until `text` has been printed."""
        end = time.monotonic() + LIMIT_S
        while (place := self.printed.find(text, self._read)) < 0:
            if not self._take(end):
                raise FirstMinutesError(f"never printed: {text!r}; all of it:\n{self.printed}")
        self._read = place + len(text)

    def answer(self, question: str, answer: str) -> None:
        """Wait for a question and type an answer."""
        self.expect(question)
        os.write(self._ours, f"{answer}\n".encode())

    def end(self) -> str:
        """Wait for the end and return everything printed."""
        end = time.monotonic() + LIMIT_S
        while self._take(end):
            pass
        code = self._process.wait(LIMIT_S)
        os.close(self._ours)
        if code:
            raise FirstMinutesError(f"{self._process.args} ended with {code}:\n{self.printed}")
        return self.printed

    def stop(self) -> None:
        """End it if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(LIMIT_S)

    def _take(self, end: float) -> bool:
        left = end - time.monotonic()
        if left <= 0 or not select.select([self._ours], [], [], left)[0]:
            raise FirstMinutesError(f"silent for {LIMIT_S:.0f} s after:\n{self.printed}")
        try:
            data = os.read(self._ours, 65_536)
        except OSError:
            return False
        self.printed += _ESCAPES.sub("", data.decode("utf-8", "replace").replace("\r\n", "\n"))
        return bool(data)


class Story:
    """A fresh account and what was seen in it."""

    def __init__(self, folder: Path, neovim: str) -> None:
        self.folder = folder
        self.user = folder / "ada"
        self.project = self.user / "greeter"
        self.user.mkdir(mode=0o700)
        self.project.mkdir()
        (self.project / "greet.py").write_text(_CODE)
        programs = folder / "bin"
        programs.mkdir()
        (programs / "signoff").symlink_to(SIGNOFF)
        (programs / "nvim").write_text(f'#!/bin/sh\nexec {shlex.quote(neovim)} "$@"\n')
        (programs / "nvim").chmod(0o755)
        self.page: list[str] = []
        kept = {name: os.environ[name] for name in ("LANG", "TZ") if name in os.environ}
        os.environ.clear()
        os.environ.update(
            {
                "HOME": str(self.user),
                "PATH": f"{programs}:/usr/bin:/bin",
                "TERM": "xterm",
                "LANG": "C.UTF-8",
                "XDG_STATE_HOME": str(folder / "editor-state"),
                "XDG_CACHE_HOME": str(folder / "editor-cache"),
            }
            | kept
        )
        self.nvim = str(programs / "nvim")
        self.editor = self.run("nvim", "--version").split("\n")[0].replace("NVIM v", "Neovim ")
        self.run("git", "init", "--quiet", "--initial-branch=main")
        self.run("nvim", "--headless", "+qa")  # it makes folders of its own

    def run(self, *argv: str, expect: int = 0) -> str:
        """Run a program to its end."""
        done = subprocess.run(
            argv, cwd=self.project, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
        if done.returncode != expect:
            raise FirstMinutesError(f"{argv} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def tell(self, words: str) -> None:
        """Say something between the commands."""
        self.page.append(f"\n{words}\n")

    def show(self, command: str, printed: str) -> None:
        """Keep a command and what it printed."""
        text = printed.strip("\n").replace(str(self.folder), "/home")
        text = text.replace(str(SIGNOFF.parent), "/home/ada/.local/bin")
        text = text.replace(str(ROOT), "/home/ada/.local/share/signoff-program")
        lines = "\n".join(line.rstrip() for line in text.split("\n"))
        self.page.append(f"\n```text\n$ {command}\n{lines}\n```\n".replace("\n\n```", "\n```"))

    def listing(self) -> dict[str, tuple[object, ...]]:
        """Everything in the account: modes, contents, times of files."""
        found: dict[str, tuple[object, ...]] = {}
        for path in sorted(self.user.rglob("*")):
            state = path.lstat()
            is_file = path.is_file() and not path.is_symlink()
            content = hashlib.sha256(path.read_bytes()).hexdigest() if is_file else None
            time_ns = state.st_mtime_ns if is_file else None
            found[str(path.relative_to(self.user))] = (state.st_mode, content, time_ns)
        return found


def tell_story(story: Story) -> None:
    """Do everything once; the setup waits in one terminal while another one types."""
    talks: list[Talk] = []
    editor: subprocess.Popen[bytes] | None = None
    try:
        story.tell("In one terminal, in a repository of one's own:")
        setup = Talk(["signoff", "setup", "neovim"], story.project)
        talks.append(setup)
        setup.answer("Make this change? [y/N]", "y")
        setup.answer("unknown)", "mine")
        setup.answer("[y/N]", "y")
        setup.expect("Now type in your editor")
        editor = _type(story)
        setup.answer("Show the last minute now? [Y/n]", "y")
        story.show("signoff setup neovim", setup.end())
        story.tell("While it waited, in another terminal:")
        story.show("nvim greet.py", "(a line is typed at the end of the file, and saved)")
        story.tell("A script writes over the work, and Signoff gives it back:")
        (story.project / "greet.py").write_text("")
        story.show("> greet.py", "")
        _wait(lambda: "0 lines now" in story.run("signoff", "restore", "greet.py"), "the state")
        story.show("signoff restore greet.py", story.run("signoff", "restore", "greet.py"))
        story.tell("What is there, what is recorded in which editor, and what to mend:")
        story.show("signoff doctor", story.run("signoff", "doctor"))
        story.show("signoff status", story.run("signoff", "status"))
    finally:
        if editor is not None:
            _leave(story, editor)
        for talk in talks:
            talk.stop()


def _type(story: Story) -> subprocess.Popen[bytes]:
    """Start Neovim with the account's settings and press keys in it."""
    socket = str(story.folder / "nvim.sock")
    editor = subprocess.Popen(
        [story.nvim, "--headless", "--listen", socket, "greet.py"],
        cwd=story.project,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    attached = "luaeval('#vim.lsp.get_clients({ name = [[signoff]], bufnr = 0 })')"
    _wait(lambda: Path(socket).exists(), "Neovim's socket")
    _wait(lambda: _asked(story, socket, attached) == "1", "the bridge")
    for keys in ("G", "o", "<CR>", "print(greet('🎈 you 🎉'))", "<Esc>", ":w<CR>"):
        story.run("nvim", "--server", socket, "--remote-send", keys)
    saved = story.project / "greet.py"
    _wait(lambda: "🎉" in saved.read_text("utf-8"), "the file to be saved")
    return editor


def _asked(story: Story, socket: str, expression: str) -> str:
    done = subprocess.run(
        [story.nvim, "--server", socket, "--remote-expr", expression],
        cwd=story.project,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    return done.stdout.strip()


def _leave(story: Story, editor: subprocess.Popen[bytes]) -> None:
    socket = str(story.folder / "nvim.sock")
    subprocess.run(
        [story.nvim, "--server", socket, "--remote-send", ":qa!<CR>"],
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )
    try:
        editor.wait(LIMIT_S)
    except subprocess.TimeoutExpired:
        editor.kill()
        editor.wait(LIMIT_S)


def _wait(condition: object, what: str) -> None:
    end = time.monotonic() + LIMIT_S
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            raise FirstMinutesError(f"waited {LIMIT_S:.0f} s in vain for {what}")
        time.sleep(0.05)


def take_away(story: Story, before: dict[str, tuple[object, ...]]) -> None:
    """Uninstall with all data and compare the account with what it was."""
    story.tell("And all of it away again:")
    uninstall = Talk(["signoff", "uninstall", "--data"], story.project)
    try:
        uninstall.answer("Take this back? [y/N]", "y")
        uninstall.answer("Delete all of it for good? There is no undo. [y/N]", "y")
        story.show("signoff uninstall --data", uninstall.end())
    finally:
        uninstall.stop()
    after = story.listing()
    own = "greeter/greet.py"
    if {k: v for k, v in after.items() if k != own} != {
        k: v for k, v in before.items() if k != own
    }:
        raise FirstMinutesError(f"left or lost: {sorted(before.keys() ^ after.keys())}")
    story.tell(
        f"The {len(after)} files and folders of the account are what they were before: names, "
        "modes, contents, times of files. Only `greet.py` is new, and that was the person."
    )


def main() -> int:
    """Tell the story; 0 when all of it was so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="keep it as a page")
    chosen = parser.parse_args()
    program = find_neovim()
    if program is None:
        sys.stderr.write("error: no Neovim 0.10 or newer was found\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="signoff-first-") as name:
        story = Story(Path(name).resolve(), program)
        before = story.listing()
        try:
            tell_story(story)
            take_away(story, before)
        except (FirstMinutesError, subprocess.TimeoutExpired) as error:
            sys.stderr.write(f"error: {error}\n")
            return 1
    page = _INTRODUCTION.format(editor=story.editor) + "".join(story.page)
    if chosen.write:
        chosen.write.write_text(page, "utf-8")
    else:
        sys.stdout.write(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
