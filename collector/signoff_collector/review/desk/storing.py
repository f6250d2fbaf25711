"""Find the sealed episode of a review, and store shared episodes.

A shared episode is written once and read back; everything said about it afterwards describes the
bytes that were read (threat 3).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import (
    make_private_folder,
    read_regular,
    replace_private,
)
from signoff_schemas.errors import DamagedError, NotFoundError, SignoffError, UsageError
from signoff_schemas.plan import plan_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.episode.content import Episode
    from signoff_collector.own_files.home import Home
    from signoff_schemas.header import EpisodeHeader
    from signoff_schemas.plan import Plan

_NAME_DIGITS: Final = 16
MAX_BYTES: Final = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseEpisode:
    """The first sealed episode that a review is about."""

    path: Path
    sha256: str
    episode: Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFile:
    """One shared episode as it was read back from disk."""

    path: Path
    sha256: str
    size_bytes: int
    episode: Episode
    is_new: bool = False
    """Whether the file did not exist before."""


def find_base(home: Home, name: str) -> BaseEpisode:
    """Return the episode that a review of `name` begins from.

    `last` is the one sealed last, whatever was reviewed since.

    Raises:
        NotFoundError: there is none.
        UsageError: it was made by a review itself.
        RefusedError: it was imported, or never masked.
        DamagedError: it cannot be read.
    """
    return read_base(locate_base(home, name))


def locate_base(home: Home, name: str) -> Path:
    """Return the path of the episode that a review of `name` begins from; it may be damaged.

    Raises:
        NotFoundError: there is none.
        DamagedError: the last one does not even say what it is.
    """
    from signoff_collector.episode.file.reader import EpisodeFile
    from signoff_collector.episode.locating import LAST, locate

    if name != LAST:
        return locate(home, name)
    paths = list(home.episodes.glob("*.episode")) if home.episodes.is_dir() else []
    newest = sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    for path in newest:
        if EpisodeFile(read_regular(path, max_bytes=MAX_BYTES)).header.origin != "shared":
            return path
    raise NotFoundError(
        "there is no sealed episode yet",
        hint="`signoff stop` ends the session; its episode follows a few seconds later.",
    )


def find_planned(home: Home, plan: Plan) -> BaseEpisode:
    """Return the episode that a plan is for.

    Raises:
        NotFoundError: it is not among the sealed ones.
    """
    return find_base(home, plan.base_sha256)


def store_shared(home: Home, plan: Plan, data: bytes) -> SharedFile:
    """Write a shared episode and its plan, and return what was read back.

    Raises:
        DiskFullError: there is no room; the partial files are removed.
        DamagedError: what was read back is not what was written.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    make_private_folder(home.episodes)
    path = home.episodes / f"{sha256[:_NAME_DIGITS]}.episode"
    is_new = not path.exists()
    if is_new:
        replace_private(path, data)
    try:
        replace_private(path.with_suffix(".plan.json"), plan_bytes(plan))
    except SignoffError:
        if is_new:
            path.unlink(missing_ok=True)
        raise
    shared = replace(read_shared(path), is_new=is_new)
    if shared.sha256 != sha256:
        raise DamagedError(
            f"{path} differs from what was written to it", hint="Delete it and review again."
        )
    return shared


def remove_shared(shared: SharedFile) -> None:
    """Remove a rejected shared episode, unless it existed before."""
    if shared.is_new:
        shared.path.unlink(missing_ok=True)
        shared.path.with_suffix(".plan.json").unlink(missing_ok=True)


def read_shared(path: Path) -> SharedFile:
    """Return a shared episode parsed from its bytes, after every check that signing makes.

    Raises:
        DamagedError: the bytes hold what no reader shows.
    """
    from signoff_collector.episode.file.strict import strict_check

    data = read_regular(path, max_bytes=MAX_BYTES)
    return SharedFile(
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        episode=strict_check(data),
    )


def read_base(path: Path) -> BaseEpisode:
    """Return the first sealed episode at a path.

    Raises:
        UsageError: it was made by a review itself.
        RefusedError: it was imported, or never masked.
        DamagedError: it cannot be read.
    """
    return base_of(path, read_regular(path, max_bytes=MAX_BYTES))


def base_of(path: Path, data: bytes) -> BaseEpisode:
    """Return the first sealed episode parsed from bytes that were read from a path.

    Raises:
        UsageError: it was made by a review itself.
        RefusedError: it was imported, or never masked.
        DamagedError: it cannot be read.
    """
    from signoff_collector.episode.file.reader import read_episode
    from signoff_collector.episode.file.upgrade import upgraded

    episode = read_episode(upgraded(data))
    refuse_other(path, episode.header)
    return BaseEpisode(path=path, sha256=hashlib.sha256(data).hexdigest(), episode=episode)


def refuse_other(path: Path, header: EpisodeHeader) -> None:
    """Refuse an episode that a review cannot begin from.

    Raises:
        UsageError: it was made by a review itself.
        RefusedError: it was imported, or never masked.
    """
    from signoff_collector.episode.imported import refuse_imported
    from signoff_collector.episode.masked import refuse_unmasked

    refuse_imported(header)
    if header.origin == "shared":
        raise UsageError(
            f"{path.name} was made by a review; a review starts from the sealed episode",
            hint="`signoff list` names the sealed ones.",
        )
    refuse_unmasked(header)
