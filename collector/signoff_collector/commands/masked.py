"""A named episode as it may be given out: masked; one that is not is masked now, in memory.

Sealed episodes are masked. `live` and the id of a session are the owner's view of what was
recorded; here they are searched and masked as sealing does, but nothing is sealed.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.episode.content import Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A masked episode."""

    episode: Episode
    sha256: str
    """Of its bytes; where it was masked now, of the bytes it would have."""
    size_bytes: int


def masked_episode(name: str) -> Masked:
    """Return the episode that an EPISODE argument names, masked.

    Raises:
        NotFoundError: there is none.
        DamagedError: it is no episode.
        UsageError: several episodes begin with that prefix.
    """
    from signoff_collector.episode.file.reader import read_episode
    from signoff_collector.episode.file.upgrade import upgraded
    from signoff_collector.episode.file.writer import write_episode
    from signoff_collector.episode.masked import is_masked
    from signoff_collector.replay.naming import episode_bytes, root_of

    data = episode_bytes(name)
    episode = read_episode(upgraded(data))
    if not is_masked(episode.header):
        episode = _masked(episode, root_of(name))
        data = write_episode(episode)
    return Masked(episode=episode, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))


def _masked(episode: Episode, root: Path | None) -> Episode:
    from pathlib import Path

    from signoff_collector.known_values.credential_stores import allowed_stores
    from signoff_collector.known_values.exact_values import gather_exact_values
    from signoff_collector.known_values.kept_values import kept_values
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.redaction.interface import RedactionPolicy
    from signoff_collector.redaction.redactor import Redactor
    from signoff_collector.redaction.values.identities import machine_identities

    home = resolve_home()
    here = root or Path.cwd()
    values = gather_exact_values(os.environ, here, origin="relearned", stores=allowed_stores(home))
    policy = RedactionPolicy(
        exact_values=values.with_values(kept_values(home).values),
        identities=machine_identities(os.environ, here),
    )
    cache = home.engines if home.engines.is_dir() else None
    return Redactor(policy, engine_cache=cache).redact_episode(episode)
