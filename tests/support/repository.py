"""A real git repository for tests, made by the real git."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

NOTES = "naïve 🎉 and 𝄞\n"


@dataclass(frozen=True, slots=True)
class WorkTree:
    """A work tree and the git commands of a person in it."""

    root: Path

    @classmethod
    def create(cls, root: Path, *options: str) -> WorkTree:
        """Make an empty repository on branch main."""
        root.mkdir(parents=True, exist_ok=True)
        made = cls(root)
        made.git("init", "-q", "-b", "main", *options)
        return made

    def git(self, *arguments: str, may_fail: bool = False) -> str:
        """Run git as a person would and return what it prints."""
        result = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env={**os.environ, "GIT_EDITOR": "true", "GIT_CONFIG_GLOBAL": "/dev/null"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert may_fail or result.returncode == 0, (arguments, result.stdout, result.stderr)
        return result.stdout.strip()

    def write(self, name: str, text: str = NOTES) -> Path:
        """Write a file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def commit(self, message: str, name: str = "notes.txt", text: str | None = None) -> str:
        """Change a file, commit it, return the commit."""
        self.write(name, text if text is not None else f"{message}\n{NOTES}")
        self.git("add", name)
        self.git("commit", "-q", "-m", message)
        return self.head

    @property
    def head(self) -> str:
        """The commit that HEAD is at."""
        return self.git("rev-parse", "HEAD")


def listing(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return name, modification time, inode and bytes of everything below a folder."""
    found: dict[str, tuple[int, int, bytes]] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path.relative_to(folder))] = (status.st_mtime_ns, status.st_ino, content)
    return found
