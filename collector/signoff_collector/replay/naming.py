"""The bytes that an EPISODE argument means, live sessions included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.episode.locating import LIVE, read_located
from signoff_collector.home import resolve_home

if TYPE_CHECKING:
    from signoff_collector.home import Home


def episode_bytes(name: str) -> bytes:
    """Return the bytes of a named episode; for ``live`` those of a seal made just now.

    Raises:
        NotFoundError: there is none.
        UsageError: several episodes begin with that prefix.
    """
    home = resolve_home()
    return read_located(home, name, (lambda: _live_bytes(home)) if name == LIVE else None)


def _live_bytes(home: Home) -> bytes:
    from pathlib import Path

    from signoff_collector.clock import SystemClock
    from signoff_collector.seal.live import live_episode

    return live_episode(home, Path.cwd(), SystemClock())
