"""Sessions on disk and the real command, for tests of sealing."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from signoff_collector.capture.sessions.session_life import open_session
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.system.clock import SystemClock
from signoff_collector.system.home import resolve_home

LIMIT_S = 120


@dataclass(frozen=True)
class Root:
    """A workspace as far as a session needs one."""

    root: Path


def make_session(root: Path) -> Session:
    """Open a session in a folder, which is made."""
    root.mkdir(parents=True, exist_ok=True)
    return open_session(resolve_home(), Root(root.resolve()), SystemClock())


def signoff(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the real command to its end."""
    return subprocess.run(
        [sys.executable, "-I", "-m", "signoff_collector", *arguments],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
