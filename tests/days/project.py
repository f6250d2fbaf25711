"""The project of a day: its first files, and its repository with two branches."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

PATHS: Final = ("a.txt", "b.txt", "src/c.txt", "d.txt")
BEASTS: Final = "\U0001f98a\U0001f600"


def make_project(folder: Path, root: Path, *, has_git: bool) -> None:
    """Make the files of a day, in a repository or not."""
    if has_git:
        first = folder.with_name("repository")
        if not first.exists():
            _make_repository(first)
        shutil.copytree(first, root)
    else:
        _write_first(root)


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
