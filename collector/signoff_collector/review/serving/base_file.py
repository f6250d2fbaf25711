"""The first sealed episode of a review as the page gets it: its bytes, whole or damaged."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.private_files import read_regular
from signoff_collector.review.storing import MAX_BYTES, BaseEpisode, read_base, refuse_other
from signoff_schemas.errors import DamagedError, NewerVersionError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseFile:
    """One sealed episode as it was read when the review began."""

    path: Path
    data: bytes
    sha256: str
    whole: BaseEpisode | None
    """What it holds; None when it is damaged."""
    damage: str | None
    """What is wrong with it, or None. The page then shows what can be read."""
    stamp: tuple[int, int, int]
    """Inode, size and time of change: by these it is seen to be another file."""

    @property
    def base(self) -> BaseEpisode:
        """What it holds, for all that keeps and signs.

        Raises:
            DamagedError: it is damaged.
        """
        if self.whole is None:
            raise DamagedError(
                f"{self.path.name} is damaged, and nothing of it can be kept: {self.damage}",
                hint="Look at what can be shown; `signoff check` says what is damaged.",
            )
        return self.whole

    def refuse_changed(self) -> None:
        """Refuse to go on when the file is not the one that the review began with.

        Raises:
            NotFoundError: it is gone: discarded, forgotten, or purged.
            DamagedError: it holds other bytes.
        """
        try:
            if _stamp(self.path) == self.stamp:
                return
            data = read_regular(self.path, max_bytes=MAX_BYTES)
        except (NotFoundError, FileNotFoundError):
            raise NotFoundError(
                f"{self.path.name} is gone: it was discarded, forgotten or unmasked elsewhere",
                hint="Leave this review; `signoff list` names the episodes there are.",
            ) from None
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise DamagedError(
                f"{self.path.name} was changed on disk during this review",
                hint="Leave this review, see what changed it, and begin again.",
            )


def open_base_file(path: Path) -> BaseFile:
    """Read a sealed episode; one whose header can be read is opened though it is damaged.

    Raises:
        NotFoundError: there is no such file.
        UsageError: it was made by a review itself.
        RefusedError: it was never masked.
        DamagedError: it is no episode, or does not say what it is.
    """
    try:
        stamp = _stamp(path)
    except FileNotFoundError:
        raise NotFoundError(f"there is no episode {path.name}") from None
    data = read_regular(path, max_bytes=MAX_BYTES)
    whole: BaseEpisode | None = None
    damage: str | None = None
    try:
        whole = read_base(path)
    except NewerVersionError:
        raise
    except DamagedError as error:
        damage = _damage(path, data, error)
    return BaseFile(
        path=path,
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
        whole=whole,
        damage=damage,
        stamp=stamp,
    )


def _damage(path: Path, data: bytes, error: DamagedError) -> str:
    """Return what is wrong, once it is sure that what can be read may be shown."""
    from signoff_collector.episode.reader import EpisodeFile

    file = EpisodeFile(data)
    refuse_other(path, file.header)
    found = [str(fault) for fault in file.damages()] or [str(error)]
    return "; ".join(dict.fromkeys(found))


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat(follow_symlinks=False)
    return (found.st_ino, found.st_size, found.st_mtime_ns)
