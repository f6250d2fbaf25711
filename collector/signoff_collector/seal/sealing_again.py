"""Seals a session again, from journals and gathered facts, with some values unmasked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from signoff_collector.seal.sealing import masking_of

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.episode.content import Episode
    from signoff_collector.own_files.home import Home
    from signoff_collector.redaction.redactor import Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Result of sealing again."""

    episode: Episode
    data: bytes
    redactor: Redactor
    """Holds the original values of its placeholders."""


def seal_again(
    session: Session,
    home: Home,
    shown_values: frozenset[str],
    *,
    environ: Mapping[str, str] = os.environ,
) -> Again:
    """Seal a session in memory, with some values shown instead of masked; nothing is written.

    Raises:
        NotFoundError: the session holds no readable journal, or no gathered facts.
        RefusedError: masks could not be verified.
    """
    from signoff_collector.episode.moments.tree_hash import with_tree_hashes
    from signoff_collector.redaction.redactor import Redactor

    recorded, policy = masking_of(session, home, environ)
    redactor = Redactor(replace(policy, shown_values=shown_values), engine_cache=home.engines)
    episode, data = redactor.seal_episode(recorded, finish=with_tree_hashes)
    return Again(episode=episode, data=data, redactor=redactor)
