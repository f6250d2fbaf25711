"""Resolve an EPISODE argument to bytes, including running sessions."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.locating import LIVE, read_located
from signoff_collector.own_files.home import resolve_home
from signoff_collector.replay.origin import project_of
from signoff_schemas.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signoff_collector.own_files.home import Home
    from signoff_schemas.header import EpisodeHeader

_SESSION: Final = re.compile(r"[0-9]{8}T[0-9]{2,6}(?:Z(?:-[0-9a-f]{0,8})?)?")


def episode_bytes(name: str) -> bytes:
    """Return the bytes of a named episode; `live` assembles the running session now.

    The id of a session, or its prefix from the `T` on, selects that session in the owner's view: as
    recorded if its raw history is kept, else as sealed.

    Raises:
        NotFoundError: there is none.
        UsageError: several episodes begin with that prefix.
    """
    home = resolve_home()
    if _SESSION.fullmatch(name):
        return _session_bytes(home, name)
    return read_located(home, name, (lambda: _live_bytes(home)) if name == LIVE else None)


def root_of(name: str) -> Path | None:
    """Return the workspace of a named episode, or None if it cannot be known."""
    from pathlib import Path

    if name == LIVE:
        return Path.cwd()
    if not _SESSION.fullmatch(name):
        return None
    from signoff_collector.history.local_sessions import local_sessions
    from signoff_collector.system.clock import SystemClock

    sessions = local_sessions(resolve_home(), SystemClock())
    return next((one.root for one in sessions if one.id.startswith(name)), None)


def project_name(name: str, data: bytes) -> str | None:
    """Return the name of the folder that a named episode was recorded in; None: not here."""
    root = root_of(name)
    if root is not None:
        return root.name
    return project_of(resolve_home(), hashlib.sha256(data).hexdigest())


def mask_for(header: EpisodeHeader, name: str, *, is_raw: bool) -> Callable[[str], str]:
    """Return the mask for displayed text; the identity if sealing masked the episode.

    Args:
        header: of the episode.
        name: the EPISODE argument.
        is_raw: the person asked for unmasked text.

    Raises:
        RefusedError: unmasked text was requested in the environment of an agent.
    """
    from signoff_collector.episode.masked import is_masked
    from signoff_collector.history.on_screen import screen_mask
    from signoff_collector.replay.masking import unmasked

    if is_masked(header):
        return unmasked
    return screen_mask(resolve_home(), root_of(name), is_raw=is_raw)


def _session_bytes(home: Home, name: str) -> bytes:
    from signoff_collector.history.local_sessions import local_sessions
    from signoff_collector.system.clock import SystemClock

    found = [one for one in local_sessions(home, SystemClock()) if one.id.startswith(name)]
    if not found:
        raise NotFoundError(f"no session begins with {name}", hint="`signoff list` names them.")
    if len(found) > 1:
        raise UsageError(f"{len(found)} sessions begin with {name}", hint="Give more of the id.")
    return found[0].data


def _live_bytes(home: Home) -> bytes:
    from pathlib import Path

    from signoff_collector.seal.live import live_episode
    from signoff_collector.system.clock import SystemClock

    return live_episode(home, Path.cwd(), SystemClock())
