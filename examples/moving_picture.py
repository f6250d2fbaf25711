"""Make the README's moving picture from a real session in a real terminal.

.venv/bin/python examples/moving_picture.py docs/lost_and_found.svg
.venv/bin/python examples/moving_picture.py /tmp/terminal.svg --film docs/pictures/film.svg

A function is written and never committed, `git reset --hard` takes it, `signoff restore` gives it
back; then a test is red, is made green, and `signoff today` tells it. A shell, Neovim with the
companion, git and pytest do all of it; waits are shortened, nothing is drawn by hand. `--film`
writes what `signoff film` makes of that session, the workbench instead of the terminal.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from editors import COMPANION, find_neovim  # noqa: E402
from screen_film import Filmed, FilmError, Screen, drawn  # noqa: E402

SIGNOFF = Path(sys.executable).with_name("signoff")
SIZE = (88, 20)
TEST = "signoff run pytest -q --tb=line"
PROMPT = "$ "
TITLE = "A function that git reset took is restored; a red test is made green"
CODE = '''"""Count words."""

from collections import Counter


def split(text):
    return text.lower().split()
'''
FUNCTION = ("def top(text, most):", "    return Counter(split(text)).most_common(most)")
MENDED = '    return [word.strip(".,!") for word in text.lower().split()]'
TESTS = """\
from words import split, top


def test_top():
    assert top("go stop go", 1) == [("go", 2)]


def test_punctuation():
    assert split("Stop, go!") == ["stop", "go"]
"""
SETTINGS = """\
vim.o.swapfile, vim.o.ruler, vim.o.showcmd, vim.o.autoindent = false, false, false, false
vim.o.shortmess = vim.o.shortmess .. 'I'
vim.cmd('filetype indent off')
"""


class Account:
    """A fresh account with one repository, a shell and Neovim set up for Signoff."""

    def __init__(self, folder: Path, neovim: str) -> None:
        self.home = folder / "ada"
        self.project = self.home / "words"
        programs = folder / "bin"
        for made in (self.home, self.project, programs):
            made.mkdir(mode=0o700)
        beside = {name: SIGNOFF.with_name(name) for name in ("signoff", "pytest")}
        for name, program in (beside | {"nvim": Path(neovim)}).items():
            (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(str(program))} "$@"\n')
            (programs / name).chmod(0o755)
        self.variables = {
            "HOME": str(self.home),
            "PATH": f"{programs}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "SHELL": "/bin/bash",
            "GIT_CONFIG_NOSYSTEM": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
        }
        settings = self.home / ".config" / "nvim"
        settings.mkdir(parents=True)
        start = f"vim.opt.rtp:prepend({str(COMPANION)!r})\nrequire('signoff').setup({{}})\n"
        (settings / "init.lua").write_text(SETTINGS + start)
        (self.home / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n")
        (self.project / "words.py").write_text(CODE)
        (self.project / "test_words.py").write_text(TESTS)
        self.run("git", "init", "--quiet", "--initial-branch=main")
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "-m", "Count words")
        self.run("signoff", "enable", "--yes", "--owner", "mine")
        hook = self.run("signoff", "shell-init", "bash")
        (self.home / ".bashrc").write_text(f"PS1='{PROMPT}'\nHISTFILE=/dev/null\n{hook}")

    def run(self, *argv: str) -> str:
        """Run a program to its end in the repository."""
        program = shutil.which(argv[0], path=self.variables["PATH"])
        done = subprocess.run(
            [program or argv[0], *argv[1:]],
            cwd=self.project, env=self.variables, capture_output=True, text=True,
            timeout=120, check=True,
        )  # fmt: skip
        return done.stdout

    def film(self, file: Path) -> None:
        """Seal the session and play it into a file, which is written anew."""
        self.run("signoff", "stop")
        self.run("signoff", "seal")
        file.unlink(missing_ok=True)
        words = ("--theme", "dark", "--size", "760x430", "--font-size", "12")
        self.run("signoff", "film", "last", "-o", str(file.resolve()), *words)

    def opened(self) -> int:
        """Return how often the session has seen a file opened."""
        session = json.loads(self.run("signoff", "status", "--json"))["session"]
        return 0 if session is None else session["counts"].get("open", 0)


def is_at_prompt(shown: str) -> bool:
    """Return whether the shell waits for a line."""
    return shown.rstrip("\n").endswith(PROMPT.strip()) or shown.rstrip().endswith("\n$")


def command(film: Filmed, line: str, *expected: str, then_s: float = 0.5) -> None:
    """Type a line at the prompt, wait for what it prints and for the next prompt."""
    film.wait(is_at_prompt, "a prompt")
    film.type(line)
    film.press("Enter")
    film.wait(
        lambda shown: all(re.search(text, shown) for text in expected) and is_at_prompt(shown),
        f"{line} to print {expected}",
    )
    film.rest(then_s)


def edit(film: Filmed, account: Account, keys: list[str], expected: str) -> None:
    """Open the file in Neovim, press keys, save and leave; `expected` is in the file then."""
    film.wait(is_at_prompt, "a prompt")
    before = account.opened()
    film.type("nvim words.py")
    film.press("Enter")
    film.wait(lambda shown: "Count words" in shown and "words.py" in shown, "Neovim")
    film.wait(lambda _: account.opened() > before, "the recorder, which a busy machine starts late")
    file = account.project / "words.py"
    film.rest(0.3)
    for key in keys:
        film.press(key[1:-1]) if key.startswith("<") else film.type(key)
    film.wait(lambda shown: expected.strip() in shown, "what was typed to be seen")
    film.see()
    film.type(":wq")
    film.press("Enter")
    film.wait(
        lambda shown: is_at_prompt(shown) and expected in file.read_text("utf-8"),
        f"the file with {expected!r} to be saved",
    )


def play(film: Filmed, account: Account) -> None:
    """Lose a function and get it back; make a red test green."""
    written = ["Go", "<Enter>", "<Enter>", FUNCTION[0], "<Enter>", FUNCTION[1], "<Escape>"]
    edit(film, account, written, FUNCTION[1])
    command(film, "clear", then_s=0)
    command(film, "git reset --hard", "HEAD is now at", then_s=0.7)
    film.type("signoff restore words.py")
    film.press("Enter")
    film.wait(lambda shown: "Number to restore" in shown, "the list of states")
    film.rest(1.5)
    shown = film.shown()
    number = re.search(r"(?m)^\s+(\d+) .*before git reset", shown)
    if number is None:  # a busy machine: the watcher has not read git's log yet
        number = re.search(r"(?m)^\s+(\d+) .*as it was last rec", shown)
    if number is None:
        raise FilmError(f"no state before the reset in\n{shown}")
    film.type(number[1])
    film.press("Enter")
    film.wait(lambda shown: "+def top" in shown and "[y/N]" in shown, "the difference")
    film.rest(1.5)
    film.type("y")
    film.press("Enter")
    film.rest(1.5)
    command(film, "clear", then_s=0)
    command(film, TEST, "1 failed", then_s=1.3)
    edit(film, account, ["/text.low", "<Enter>", "S", MENDED, "<Escape>"], MENDED)
    command(film, "clear", then_s=0)
    command(film, TEST, "2 passed")
    command(film, "signoff today", "red→green")


def _at_home(screen: Screen, folder: Path) -> Screen:
    """Name the throw-away folder as an account's is."""
    return replace(screen, rows=tuple(row.replace(str(folder), "/home") for row in screen.rows))


def _remove(folder: Path) -> None:
    """Remove the throw-away folder as soon as what recorded in it has ended."""
    end = time.monotonic() + 60
    while folder.exists() and time.monotonic() < end:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.1)


def main() -> int:
    """Play it once and write the picture; 0 when all went as told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--film", type=Path)
    chosen = parser.parse_args()
    neovim, tmux = find_neovim(), shutil.which("tmux")
    if neovim is None or tmux is None:
        sys.stderr.write("error: this needs Neovim 0.10 or newer and tmux\n")
        return 1
    folder = Path(tempfile.mkdtemp(prefix="signoff-film-")).resolve()
    try:
        account = Account(folder, neovim)
        film = Filmed(
            tmux, folder, ["/bin/bash", "--rcfile", str(account.home / ".bashrc"), "-i"],
            cwd=account.project, variables=account.variables, size=SIZE,
        )  # fmt: skip
        try:
            play(film, account)
        finally:
            shown = film.end()
            if chosen.film is not None:
                account.film(chosen.film)
            account.run("signoff", "forget", "--all", "--yes")  # ends what records, too
        renamed = [(pause_s, _at_home(screen, folder)) for pause_s, screen in shown]
        chosen.picture.write_text(drawn(renamed, title=TITLE, size=SIZE), "utf-8")
    finally:
        _remove(folder)
    size = chosen.picture.stat().st_size
    sys.stdout.write(f"{len(shown)} screens, {sum(s for s, _ in shown):.1f} s, {size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
