"""The whole way on disk: journals in a session's folder, gathered, sealed, read again."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from signoff_collector.capture.sessions.session_life import open_session
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import RefusedError

from .leak_search import find_leaks
from .recorder import Recorder
from .session import Setting, make_session
from .trial import Outcome


@dataclass(frozen=True)
class _Root:
    root: Path


def try_on_disk(setting: Setting, seed: int, number: int) -> Outcome:
    """Seal a session from its journals; its secrets are variables of the environment."""
    with tempfile.TemporaryDirectory() as name:
        before = os.environ.get("SIGNOFF_HOME")
        os.environ["SIGNOFF_HOME"] = str(Path(name, "home"))
        try:
            return _try_in(Path(name, "project"), setting, seed, number)
        finally:
            os.environ.pop("SIGNOFF_HOME")
            if before is not None:
                os.environ["SIGNOFF_HOME"] = before


def _try_in(root: Path, setting: Setting, seed: int, number: int) -> Outcome:
    root.mkdir()
    home, clock = resolve_home(), SystemClock()
    opened = open_session(home, _Root(root.resolve()), clock)
    recorder = Recorder(
        str(opened.root),
        boot_id=opened.boot_id,
        t_boot_ns=opened.started_boot_ns,
        wall_ns=opened.started_wall_ns,
    )
    session = make_session(setting, seed, number, recorder)
    for writer in recorder.writers():
        writer.write(opened.folder)
    blobs = opened.folder / "blobs"
    blobs.mkdir(mode=0o700, exist_ok=True)
    for digest, content in recorder.blobs.items():
        (blobs / digest).write_bytes(content)
        (blobs / digest).chmod(0o600)
    environ = {
        f"PLANTED_{place}_TOKEN": secret.text for place, secret in enumerate(session.secrets)
    }
    try:
        sealed = seal_session(opened, home, clock, environ=environ)
    except RefusedError:
        return Outcome(is_refused=True, edits=recorder.edits)
    data = sealed.path.read_bytes()
    episode = strict_check(data)
    return Outcome(
        leaks=tuple(find_leaks(data, episode, session.windows())),
        replay_errors=len(check_replay(episode).mismatches),
        edits=recorder.edits,
    )
