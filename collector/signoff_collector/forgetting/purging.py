"""Deletes raw history 14 days after capture, and keeps the episodes under a size limit.

Raw history is deleted whether it was sealed or not. Episodes are masked and stay; only above the
limit the oldest unsigned ones are deleted, a day after `status` first listed them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.sessions.sessions import list_sessions, sealed_as
from signoff_collector.forgetting.session_removal import (
    RAW_KEPT,
    remove_leftovers,
    remove_raw,
    remove_session,
)
from signoff_collector.kept.episode_files import SUFFIX, episode_paths, is_signed
from signoff_collector.kept.replaced_files import purge_replaced
from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import fields_of

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

DAY_NS: Final = 24 * 3600 * 1_000_000_000
RAW_DAYS: Final = 14
CAP_BYTES: Final = 1 << 30
_SAID_NS: Final = DAY_NS
_MAX_BYTES: Final = 1 << 20


@dataclass(slots=True, kw_only=True)
class Purged:
    """Result of a purge: what was deleted, and what will be."""

    sessions: list[str] = field(default_factory=list[str])
    episodes: list[str] = field(default_factory=list[str])
    announced: list[str] = field(default_factory=list[str])
    """Episodes to be deleted a day after their announcement, unless signed or room is made."""


def purge(home: Home, clock: Clock, *, cap_bytes: int = CAP_BYTES) -> Purged:
    """Delete what is due; cheap when nothing is. After a kill the next run does the rest."""
    done = Purged()
    if not home.exists:
        return done
    remove_leftovers(home)
    purge_replaced(home, clock)
    for session in list_sessions(home):
        if is_due(session, clock) and _purge_session(home, session):
            done.sessions.append(session.id)
    _keep_under_cap(home, clock, cap_bytes, done)
    return done


def is_due(session: Session, clock: Clock) -> bool:
    """Say whether a session is 14 days old and still has raw history."""
    if not session.is_over(clock):
        return False
    captured_ns = session.started_wall_ns + max(
        0, session.last_activity_ns(clock) - session.started_boot_ns
    )
    is_old = clock.wall_ns() - captured_ns >= RAW_DAYS * DAY_NS
    return is_old and any(path.name not in RAW_KEPT for path in session.folder.iterdir())


def announced_episodes(home: Home) -> tuple[str, ...]:
    """Return the names of the episodes that are announced to be deleted."""
    return tuple(name for name in _read_announced(home) if (home.episodes / name).exists())


def _purge_session(home: Home, session: Session) -> bool:
    try:
        lock = session.try_own()
        if lock is None:
            return False
        with lock:
            if sealed_as(session) is None:
                remove_session(home, session)
            else:
                remove_raw(session)
    except SignoffError:
        return False
    return True


def _keep_under_cap(home: Home, clock: Clock, cap_bytes: int, done: Purged) -> None:
    sizes = {path: _with_index_bytes(path) for path in episode_paths(home)}
    said = _read_announced(home)
    over_bytes = sum(sizes.values()) - cap_bytes
    if over_bytes <= 0:
        if said:
            _announced_file(home).unlink(missing_ok=True)
        return
    oldest = sorted(
        (path for path in sizes if not is_signed(path)), key=lambda path: path.stat().st_mtime_ns
    )
    going: dict[str, int] = {}
    for path in oldest:
        if over_bytes <= 0:
            break
        over_bytes -= sizes[path]
        since_ns = said.get(path.name, clock.wall_ns())
        if clock.wall_ns() - since_ns >= _SAID_NS:
            for made in (".plan.json", SUFFIX, ".find"):
                path.with_name(f"{path.name.removesuffix(SUFFIX)}{made}").unlink(missing_ok=True)
            _remove_drafts(home, path.name.removesuffix(SUFFIX))
            done.episodes.append(path.name)
        else:
            going[path.name] = since_ns
    done.announced = list(going)
    if going != said:
        replace_private(_announced_file(home), json.dumps(going).encode("ascii"))


def _remove_drafts(home: Home, name: str) -> None:
    """Remove the review drafts of an episode, which are useless without it."""
    for draft in (home.state / "reviews").glob("*.draft"):
        if draft.name.startswith(name):
            draft.unlink(missing_ok=True)


def _with_index_bytes(path: Path) -> int:
    index = path.with_suffix(".find")
    return path.stat().st_size + (index.stat().st_size if index.is_file() else 0)


def _announced_file(home: Home) -> Path:
    return home.state / "purge-announced.json"


def _read_announced(home: Home) -> dict[str, int]:
    try:
        parsed: object = json.loads(read_regular(_announced_file(home), max_bytes=_MAX_BYTES))
    except (SignoffError, ValueError, RecursionError):
        return {}
    fields = fields_of(parsed)
    return {name: since for name, since in fields.items() if type(since) is int}
