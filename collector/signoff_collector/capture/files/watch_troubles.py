"""Explain to the person why inotify does not watch everything."""

from __future__ import annotations

from dataclasses import dataclass, field

from signoff_collector.capture.files.watch_state import WatchMode, WatchState


@dataclass(slots=True, kw_only=True)
class Troubles:
    """The limitations of one file watcher."""

    network: str | None = None
    """Type of the network file system that contains the work tree."""
    no_inotify: str | None = None
    """Why no inotify descriptor could be opened."""
    is_limited: bool = False
    is_too_large: bool = False
    is_root_gone: bool = False
    failure: str | None = None
    """Why the watcher failed before its session ended."""
    unreadable: set[str] = field(default_factory=set[str])

    def state(self, *, folders: int, unwatched: int, has_inotify: bool) -> WatchState:
        """Return the state that `status` shows."""
        sentences = [*self._sentences(folders, unwatched, has_inotify=has_inotify)]
        is_watching = self.failure is None and not self.is_root_gone
        mode = WatchMode.INOTIFY if has_inotify else WatchMode.SCAN
        return WatchState(
            mode=mode if is_watching else WatchMode.NONE,
            directories=folders if is_watching else 0,
            unwatched=unwatched if is_watching else 0,
            reason=" ".join(sentences) or None,
        )

    def _sentences(self, folders: int, unwatched: int, *, has_inotify: bool) -> list[str]:
        found: list[str] = []
        if self.failure is not None:
            return [f"Changes on disk are not watched: {self.failure}."]
        if self.is_root_gone:
            return ["The workspace's folder is not there at present."]
        if self.network is not None:
            found.append(
                f"The workspace is on a network file system ({self.network}), which reports no "
                f"changes: files are compared at intervals, so changes are recorded late."
            )
        elif not has_inotify:
            why = f" ({self.no_inotify})" if self.no_inotify else ""
            found.append(
                f"The system reports no changes of files{why}: files are compared at intervals, "
                f"so changes are recorded late."
            )
        elif self.is_limited and unwatched:
            found.append(
                f"The system's limit of watched folders is reached: {unwatched:,} of {folders:,} "
                "folders are compared at intervals, so changes in them are recorded late. "
                "A higher fs.inotify.max_user_watches helps."
            )
        if self.is_too_large:
            found.append(
                "The workspace has more files than are tracked: in the rest, changes are "
                "recorded only while the watcher runs."
            )
        if self.unreadable:
            found.append(
                f"{len(self.unreadable):,} folders cannot be read, such as "
                f"{min(self.unreadable)}: what changes in them is not recorded."
            )
        return found
