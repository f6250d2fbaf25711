"""One record of changed files, as the file watcher wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from signoff_collector.seal.disk.checkpoints import seen_files
from signoff_collector.seal.disk.explaining import MS, RUN_WITHIN_MS
from signoff_schemas.untyped import list_of
from signoff_schemas.words import TimeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
        """Return the modification time of a file; None where it is implausible, or it is gone."""
        return None if file.sha256 is None else self.happened_ms(file)

    def happened_ms(self, file: SeenFile) -> int | None:
        """Return when a file changed, or was seen to be gone; None where that is implausible."""
        if self.last_boot_ns is None or file.changed_boot_ns is None:
            return None
        before_ms = (self.last_boot_ns - file.changed_boot_ns) // MS
        return self.to_ms - before_ms if abs(before_ms) <= RUN_WITHIN_MS else None

    @property
    def t_kind(self) -> TimeKind:
        """Kind of time of its steps: of the event, or when it was seen late."""
        return TimeKind.SEEN_LATE if self.is_late else TimeKind.EVENT


def read_burst(
    source: str,
    t_ms: int,
    first_ms: int,
    fields: Mapping[str, object],
    relative: Callable[[str], str | None],
) -> Burst:
    """Read a FILES record; what lies outside the workspace is left out.

    Args:
        source: its writer, as the episode names it.
        t_ms: time of its last event since session start.
        first_ms: of its first event.
        fields: the record.
        relative: returns the path relative to the workspace, None outside.
    """
    count, resolvable = fields.get("count"), fields.get("resolvable")
    last_ns = fields.get("t_boot_ns")
    return Burst(
        source=source,
        files=tuple(seen_files(fields.get("changed"), relative)),
        renamed=_pairs(fields.get("renamed"), relative),
        from_ms=min(first_ms, t_ms),
        to_ms=t_ms,
        count=count if type(count) is int and count >= 0 else 0,
        is_bulk=fields.get("is_bulk") is True,
        resolvable=resolvable if isinstance(resolvable, bool) else None,
        is_late=fields.get("is_rescan") is True,
        last_boot_ns=last_ns if type(last_ns) is int else None,
    )


def _pairs(value: object, relative: Callable[[str], str | None]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for item in list_of(value):
        names = cast("list[object]", item) if isinstance(item, list | tuple) else []
        inside = [relative(name) if isinstance(name, str) else None for name in names]
        if len(inside) == 2 and inside[0] is not None and inside[1] is not None:
            found.append((inside[0], inside[1]))
    return tuple(found)
