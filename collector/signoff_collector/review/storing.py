"""Where review reads the first sealed episode and keeps what may be shared.

A shared episode is written once, read back, and everything said about it afterwards is
said about the bytes that were read (THREATS 3).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from signoff_collector.private_files import (
    make_private_folder,
    read_regular,
    replace_private,
)
from signoff_schemas.errors import DamagedError, NotFoundError, UsageError
from signoff_schemas.plan import plan_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.episode.content import Episode
    from signoff_collector.home import Home
    from signoff_schemas.plan import Plan

_NAME_DIGITS: Final = 16
_MAX_BYTES: Final = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseEpisode:
    """The first sealed episode that a review is about."""

    path: Path
    sha256: str
    episode: Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFile:
    """One shared episode as it was read back."""

    path: Path
    sha256: str
    size_bytes: int
    episode: Episode
    is_new: bool = False
    """Whether it was not there before."""


def find_base(home: Home, name: str) -> BaseEpisode:
    """Return the episode that a review of `name` begins from.

    `last` is the one sealed last, whatever was reviewed since.

    Raises:
        NotFoundError: there is none.
        UsageError: it was made by a review itself.
        RefusedError: it was never masked.
        DamagedError: it cannot be read.
    """
    from signoff_collector.episode.locating import LAST, locate

    if name != LAST:
        return _checked(_read(locate(home, name)))
    paths = list(home.episodes.glob("*.episode")) if home.episodes.is_dir() else []
    newest = sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    for path in newest:
        base = _read(path)
        if base.episode.header.origin != "shared":
            return _checked(base)
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


def store_shared(home: Home, plan: Plan, episode: Episode) -> SharedFile:
    """Write a shared episode and its plan, and return what was read back."""
    from signoff_collector.episode.writer import write_episode

    data = write_episode(episode)
    sha256 = hashlib.sha256(data).hexdigest()
    make_private_folder(home.episodes)
    path = home.episodes / f"{sha256[:_NAME_DIGITS]}.episode"
    replace_private(path.with_name(f"{sha256[:_NAME_DIGITS]}.plan.json"), plan_bytes(plan))
    is_new = not path.exists()
    if is_new:
        replace_private(path, data)
    shared = replace(read_shared(path), is_new=is_new)
    if shared.sha256 != sha256:
        raise DamagedError(
            f"{path} does not hold what was written to it", hint="Delete it and review again."
        )
    return shared


def remove_shared(shared: SharedFile) -> None:
    """Remove a shared episode that was not accepted, unless it was there before."""
    if shared.is_new:
        shared.path.unlink(missing_ok=True)
        shared.path.with_suffix(".plan.json").unlink(missing_ok=True)


def read_shared(path: Path) -> SharedFile:
    """Return a shared episode as its bytes say, after every check that signing makes.

    Raises:
        DamagedError: the bytes hold what no reader shows.
    """
    from signoff_collector.episode.strict import strict_check

    data = read_regular(path, max_bytes=_MAX_BYTES)
    return SharedFile(
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        episode=strict_check(data),
    )


def _read(path: Path) -> BaseEpisode:
    from signoff_collector.episode.reader import read_episode
    from signoff_collector.episode.upgrade import upgraded

    data = read_regular(path, max_bytes=_MAX_BYTES)
    episode = read_episode(upgraded(data))
    return BaseEpisode(path=path, sha256=hashlib.sha256(data).hexdigest(), episode=episode)


def _checked(base: BaseEpisode) -> BaseEpisode:
    from signoff_collector.episode.masked import refuse_unmasked

    if base.episode.header.origin == "shared":
        raise UsageError(
            f"{base.path.name} is what a review kept; a review begins from the first episode",
            hint="`signoff list` names the sealed ones.",
        )
    refuse_unmasked(base.episode.header)
    return base
