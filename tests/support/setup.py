"""An account with editors for `setup`: real files, programs that only have to be there."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from pathlib import Path

from tests.support.cli import Said

from signoff_collector import cli
from signoff_collector.screen.console import Console
from signoff_schemas.errors import SignoffError

EDITORS = ("neovim", "helix", "emacs", "vim")
OLD_TIME_NS = 1_600_000_000_123_456_789
LANGUAGES = (
    b'[[language]]\nname = "python"\nlanguage-servers = ["pylsp"]'
    b"  # \xf0\x9f\x8e\x88\xf0\x9f\x8e\x89"
)
"""Without a newline at the end, with two characters outside the BMP."""
INIT_EL = b";;; init.el -*- lexical-binding: t; -*-\n(setq inhibit-startup-screen t)\n"


def make_account(user: Path) -> Path:
    """Fill a home folder with settings of four editors; return the folder with their programs."""
    programs = user.parent / f"{user.name}-bin"
    programs.mkdir()
    for name in ("nvim", "hx", "emacs", "vim"):
        program = programs / name
        program.write_text("#!/bin/sh\nexit 1\n")
        program.chmod(0o755)
    put(user / "dotfiles" / "languages.toml", LANGUAGES, mode=0o640)
    (user / ".config" / "helix").mkdir(parents=True)
    (user / ".config" / "helix" / "languages.toml").symlink_to("../../dotfiles/languages.toml")
    put(user / ".emacs.d" / "init.el", INIT_EL, mode=0o600)
    (user / ".local" / "share").mkdir(parents=True)
    return programs


def put(path: Path, content: bytes, *, mode: int = 0o644) -> Path:
    """Write a file of the person's, made long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    os.utime(path, ns=(OLD_TIME_NS, OLD_TIME_NS))
    return path


def listing(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything below a folder: kinds, modes, contents, link targets, times of files."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        state = path.lstat()
        name = str(path.relative_to(folder))
        if stat.S_ISLNK(state.st_mode):
            found[name] = ("link", str(path.readlink()))
        elif stat.S_ISDIR(state.st_mode):
            found[name] = ("folder", stat.S_IMODE(state.st_mode))
        else:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[name] = ("file", stat.S_IMODE(state.st_mode), digest, state.st_mtime_ns)
    return found


def call(*argv: str) -> Said:
    """Run one verb inside this process, nobody to be asked."""
    out, err = io.StringIO(), io.StringIO()
    command = cli.load_verb(argv[0])
    arguments = cli.parser_of(argv[0], command).parse_args(list(argv[1:]))
    console = Console(is_json="--json" in argv, out=out, err=err)
    try:
        code = command.run(arguments, console)
    except SignoffError as error:
        code = error.exit_code
        err.write(f"error: {error}\nhint: {error.hint}\n")
    return Said(code=code, out=out.getvalue(), err=err.getvalue())
