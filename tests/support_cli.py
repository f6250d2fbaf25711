"""Calling the real command line as a child process."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one call came to."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out[-4000:]}\n--- stderr\n{self.err[-4000:]}"


def signoff(*arguments: object, cwd: Path | None = None, **environment: str) -> Said:
    """Run `signoff ARGUMENTS` with no terminal; never raise on its exit code."""
    done = subprocess.run(
        [sys.executable, "-I", "-m", "signoff_collector", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )
    return Said(
        code=done.returncode,
        out=done.stdout.decode("utf-8", "replace"),
        err=done.stderr.decode("utf-8", "replace"),
    )
