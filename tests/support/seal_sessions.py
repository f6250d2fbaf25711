"""Sessions on disk and the real command, for tests of sealing."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.verbs import run_verb

from signoff_collector.capture.sessions.session_life import open_session
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

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
    done = run_verb(list(arguments), cwd=cwd, env=env, limit_s=LIMIT_S)
    out, err = (data.decode().replace("\r\n", "\n") for data in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)
