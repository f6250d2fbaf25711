"""The sealed episode that a review begins from, as bytes; it may be damaged."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

from signoff_collector.episode.file.reader import EpisodeFile
from signoff_collector.episode.file.upgrade import upgraded
from signoff_collector.own_files.private_files import read_regular
from signoff_collector.review.desk.storing import MAX_BYTES, base_of, refuse_other
from signoff_schemas.errors import DamagedError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.review.desk.storing import BaseEpisode

Stamp = tuple[int, int, int]
"""Inode, size and mtime: a difference means that the file was replaced or changed."""


class BaseFile:
    """A sealed episode as it was read when the review began.

    Its bytes are available at once; they are parsed on first use, because the page parses them at
    the same time. Not thread-safe except for `data`.
    """

    def __init__(self, path: Path, data: bytes, stamp: Stamp) -> None:
        self.path = path
        self.data = data
        self.sha256 = hashlib.sha256(data).hexdigest()
        self._stamp = stamp

    @cached_property
    def _read(self) -> tuple[BaseEpisode | None, str | None]:
        try:
            return base_of(self.path, self.data), None
        except DamagedError as error:
            found = [str(fault) for fault in EpisodeFile(self.data).damages()] or [str(error)]
            return None, "; ".join(dict.fromkeys(found))

    @property
    def whole(self) -> BaseEpisode | None:
        """The parsed episode; None if it is damaged."""
        return self._read[0]

    @property
    def damage(self) -> str | None:
        """What is wrong with it, or None. The page then shows what can be read."""
        return self._read[1]

    @property
    def base(self) -> BaseEpisode:
        """The parsed episode, for everything that keeps or signs.

        Raises:
            DamagedError: it is damaged.
        """
        if self.whole is None:
            raise DamagedError(
                f"{self.path.name} is damaged, and nothing of it can be shared: {self.damage}",
                hint="Look at what can be shown; `signoff check` says what is damaged.",
            )
        return self.whole

    def refuse_changed(self) -> None:
        """Refuse to continue if the file changed since the review began.

        Raises:
            NotFoundError: it is gone: discarded, forgotten, or purged.
            DamagedError: it holds other bytes.
        """
        try:
            if _stamp(self.path) == self._stamp:
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
                hint="Leave this review, find out what changed it, and start again.",
            )


def open_base_file(path: Path) -> BaseFile:
    """Read a sealed episode; a damaged one is accepted if its header can be read.

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
    refuse_other(path, EpisodeFile(upgraded(data)).header)
    return BaseFile(path, data, stamp)


def _stamp(path: Path) -> Stamp:
    found = path.stat(follow_symlinks=False)
    return (found.st_ino, found.st_size, found.st_mtime_ns)
