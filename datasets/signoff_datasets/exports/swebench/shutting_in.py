"""Run a program of strangers where it can harm nothing: no network, one folder to write, an end.

Three walls, each where the system has it: empty namespaces for network and processes (`unshare`),
Landlock for files, limits on time, output and sizes. `walls` of a run says which stood.
"""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.programs.children import find_program, run_child
from signoff_collector.system.processes import SYSTEM_FOLDERS
from signoff_datasets.exports.swebench.base_clone import NEUTRAL
from signoff_schemas.errors import ChildFailedError, MissingProgramError
from signoff_schemas.untyped import items_of

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMEOUT_S: Final = 600.0
MOST_OUTPUT_BYTES: Final = 16 << 20
_LOCK: Final = Path(__file__).with_name("landlock.py")
_NAMESPACES: Final = (
    ("--user", "--map-current-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"),
    ("--user", "--map-current-user", "--net", "--pid", "--fork", "--kill-child"),
    ("--user", "--map-current-user", "--net"),
    ("--net",),
)
"""From the best; the first that the system allows is taken."""
_ASK: Final = "import json, sys; print(json.dumps([sys.prefix, sys.base_prefix]))"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutIn:
    """How a run ended."""

    log: str
    """Both outputs, as they came."""
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Where programs of one interpreter run."""

    python: Path
    """As it is called: the one of a virtual environment finds its packages by its own path."""
    readable: tuple[str, ...]
    """Folders that it needs besides the system's."""
    namespaces: tuple[str, ...]

    @classmethod
    def of(cls, python: Path) -> Cell:
        """Look at an interpreter and at what the system allows.

        Raises:
            MissingProgramError: there is no such interpreter.
            ChildFailedError: it does not say where it lies.
        """
        if not python.is_absolute() or not python.exists():
            raise MissingProgramError(
                f"there is no Python at {python}",
                hint="Name the interpreter that has the packages of the tests by its whole path.",
            )
        said = run_child([python, "-I", "-c", _ASK], cwd=Path("/"), timeout_s=60)
        try:
            prefixes = [str(one) for one in items_of(json.loads(said.stdout))]
        except ValueError:
            raise ChildFailedError(f"{python} does not run") from None
        return cls(python=python, readable=tuple(dict.fromkeys(prefixes)), namespaces=_allowed())

    @property
    def walls(self) -> dict[str, bool]:
        """Say which walls the system gave."""
        return {
            "network": "--net" in self.namespaces,
            "processes": "--pid" in self.namespaces,
            "files": has_landlock(),
        }

    def run(self, argv: Sequence[str], folder: Path, *, timeout_s: float = TIMEOUT_S) -> ShutIn:
        """Run a program in a folder, with both outputs in one.

        Args:
            argv: what `/bin/bash` is to execute.
            folder: its own: `home` and `tmp` in it are made, `work` is where it begins.
            timeout_s: after this it is killed, with all that it started.

        Raises:
            ChildFailedError: it took too long, or wrote too much.
        """
        for name in ("home", "tmp"):
            (folder / name).mkdir(exist_ok=True)
        entered: list[str | Path] = []
        if self.namespaces:
            entered = [find_program("unshare"), *self.namespaces, "--"]
        locked = [sys.executable, "-I", str(_LOCK), str(folder), *self.readable, "--"]
        result = run_child(
            [*entered, *locked, "/bin/bash", "-c", 'exec 2>&1; exec "$@"', "bash", *argv],
            cwd=folder / "work",
            timeout_s=timeout_s,
            max_output_bytes=MOST_OUTPUT_BYTES,
            extra_env={
                **NEUTRAL,
                "HOME": str(folder / "home"),
                "TMPDIR": str(folder / "tmp"),
                "PATH": ":".join([str(folder / "bin"), *SYSTEM_FOLDERS]),
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONHASHSEED": "0",
                "LC_ALL": "C.UTF-8",
            },
        )
        said = result.stdout or result.stderr
        return ShutIn(log=said.decode("utf-8", "replace"), exit_code=result.exit_code)

    def prepare(self, folder: Path) -> None:
        """Make `python` and `python3` of a folder's `bin` the interpreter."""
        (folder / "bin").mkdir()
        for name in ("python", "python3"):
            place = folder / "bin" / name
            place.write_text(f'#!/bin/sh\nexec {shlex.quote(str(self.python))} "$@"\n', "utf-8")
            place.chmod(0o755)


@cache
def _allowed() -> tuple[str, ...]:
    try:
        program = find_program("unshare")
    except MissingProgramError:
        return ()
    for words in _NAMESPACES:
        done = run_child([program, *words, "--", "/bin/true"], cwd=Path("/"), timeout_s=30)
        if done.exit_code == 0:
            return words
    return ()


def has_landlock() -> bool:
    """Say whether the system has Landlock."""
    from signoff_datasets.exports.swebench.landlock import version

    return version() > 0
