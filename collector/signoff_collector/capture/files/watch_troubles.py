"""Explain to the person why the system does not tell of every change."""

from __future__ import annotations

from dataclasses import dataclass, field

from signoff_collector.capture.files.watch_state import WatchMode, WatchState


@dataclass(slots=True, kw_only=True)
class Troubles:
    """The limitations of one file watcher."""

    network: str | None = None
    """Type of the network file system that contains the work tree."""
    no_teller: str | None = None
    """Why the system could not be asked to tell of changes."""
    is_limited: bool = False
    is_too_large: bool = False
    is_root_gone: bool = False
    failure: str | None = None
    """Why the watcher failed before its session ended."""
    unreadable: set[str] = field(default_factory=set[str])

    def state(self, *, folders: int, unwatched: int, mode: WatchMode) -> WatchState:
        """Return the state that `status` shows."""
        sentences = [*self._sentences(folders, unwatched, is_told=mode is not WatchMode.SCAN)]
        is_watching = self.failure is None and not self.is_root_gone
        return WatchState(
            mode=mode if is_watching else WatchMode.NONE,
            directories=folders if is_watching else 0,
            unwatched=unwatched if is_watching else 0,
            reason=" ".join(sentences) or None,
        )

    def _sentences(self, folders: int, unwatched: int, *, is_told: bool) -> list[str]:
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
        elif not is_told:
            why = f" ({self.no_teller})" if self.no_teller else ""
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
