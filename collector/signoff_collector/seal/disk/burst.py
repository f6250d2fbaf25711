"""One record of changed files, as the file watcher wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.seal.disk.explaining import MS, RUN_WITHIN_MS
from signoff_schemas.words import TimeKind

if TYPE_CHECKING:
    from signoff_collector.seal.disk.checkpoints import SeenFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """One record of changed files."""

    source: str
    files: tuple[SeenFile, ...]
    renamed: tuple[tuple[str, str], ...] = ()
    from_ms: int
    to_ms: int
    count: int = 0
    """Total number of changed files, listed or not."""
    is_bulk: bool = False
    resolvable: bool | None = None
    is_late: bool = False
    last_boot_ns: int | None = None
    """`to_ms` as time since boot."""
    without_content: frozenset[str] = frozenset()
    """Files whose content is left out although it was kept."""

    @property
    def unlisted(self) -> int:
        """Number of changed files that are not listed."""
        named = {file.path for file in self.files} | {path for _, path in self.renamed}
        return max(0, self.count - len(named))

    def changed_ms(self, file: SeenFile) -> int | None:
        """Return the modification time of a file, None where it is implausible."""
        if self.last_boot_ns is None or file.changed_boot_ns is None:
            return None
        before_ms = (self.last_boot_ns - file.changed_boot_ns) // MS
        return self.to_ms - before_ms if abs(before_ms) <= RUN_WITHIN_MS else None

    @property
    def t_kind(self) -> TimeKind:
        """Kind of time of its steps: of the event, or when it was seen late."""
        return TimeKind.SEEN_LATE if self.is_late else TimeKind.EVENT
