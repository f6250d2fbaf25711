"""A real CPython for Windows under Wine (.ci/wine.sh), with this checkout's code."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
WINE: Final = Path("/usr/lib/wine/wine64")
LIMIT_S: Final = 500
_NAMED: Final = "SIGNOFF_E2E_WINE"


def place() -> Path | None:
    """Return where `.ci/wine.sh` made it, if it did."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path(os.path.expanduser("~"), ".cache"))  # noqa: PTH111
    folder = Path(os.environ.get(_NAMED) or cache / "signoff-e2e" / "wine")
    return folder if WINE.exists() and any(folder.glob(".made-*")) else None


def spelled(path: Path) -> str:
    """Return a path of this machine as Windows programs under Wine spell it."""
    return "Z:" + str(path).replace("/", "\\")


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Windows, as far as Wine is it: one account with its profile."""

    folder: Path
    profile: Path
    """Where the account's own files lie, seen from this machine."""

    @property
    def home(self) -> Path:
        """Signoff's home there."""
        return self.profile / "AppData" / "Local" / "signoff"

    def started(self, words: Sequence[str | Path], *, cwd: Path) -> subprocess.Popen[str]:
        """Start its Python; a `Path` is spelled as Windows does."""
        components = ("collector", "schemas", "lsp_bridge", "datasets")
        environ = {
            "PATH": os.defpath,
            "LC_ALL": "C.UTF-8",  # else Wine makes no file whose name is not ASCII
            "HOME": os.environ["HOME"],
            "WINEPREFIX": str(self.folder / "prefix"),
            "WINEDEBUG": "-all",
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": ";".join(map(spelled, (ROOT, *(ROOT / name for name in components)))),
        }
        argv = [spelled(one) if isinstance(one, Path) else one for one in words]
        return subprocess.Popen(
            [WINE, self.folder / "python" / "python.exe", *argv], cwd=cwd, env=environ,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            encoding="utf-8", errors="backslashreplace",
        )  # fmt: skip

    def run(self, words: Sequence[str | Path], *, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run its Python to its end."""
        with self.started(words, cwd=cwd) as process:
            try:
                out, err = process.communicate(timeout=LIMIT_S)
            finally:
                process.kill()
        return subprocess.CompletedProcess(list(words), process.returncode, out, err)

    def signoff(self, *words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a verb."""
        return self.run(["-m", "signoff_collector", *words], cwd=cwd)

    @contextmanager
    def holding(self, home: Path) -> Iterator[None]:
        """Put a copy of a home of this machine where Signoff looks for it."""
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(home, self.home)
        try:
            yield
        finally:
            shutil.rmtree(self.home, ignore_errors=True)


def windows(folder: Path) -> Windows:
    """Return it; the account is the only one that Wine made."""
    users = folder / "prefix" / "drive_c" / "users"
    (profile,) = (one for one in users.iterdir() if one.is_dir() and one.name != "Public")
    return Windows(folder=folder, profile=profile)
