"""Matches file operations reported by editors with changes seen by the file watcher.

The watcher has the bytes, the editor knows the cause. Where both report a change, the watcher's
step is kept, with the editor as actor. Without a watcher the editor's own step is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from signoff_schemas.untyped import fields_of, items_of

if TYPE_CHECKING:
    from signoff_collector.seal.paths import WorkspacePaths

KINDS: Final = frozenset({"create", "rename", "delete"})
WITHIN_MS: Final = 5_000
"""Editors report an operation after it is done, and may be busy."""
_MAX_LABEL: Final = 64


@dataclass(slots=True)
class FileOperations:
    """Index of file operations by path; times in ms since session start."""

    _told: dict[str, list[tuple[int, str]]] = field(
        default_factory=dict[str, list[tuple[int, str]]]
    )
    """Path, old paths included, to (time, label) of an editor's reports."""
    _watched: dict[str, list[tuple[int, int]]] = field(
        default_factory=dict[str, list[tuple[int, int]]]
    )
    """Path to (first, last) of the watcher's bursts with this path."""

    def told(self, body: Mapping[str, object], t_ms: int, paths: WorkspacePaths) -> None:
        """Index a STEP record of an editor; other kinds are ignored."""
        if body.get("kind") not in KINDS:
            return
        for name in ("path", "old_path"):
            named = body.get(name)
            path = paths.relative(named) if isinstance(named, str) else None
            if path is not None:
                self._told.setdefault(path, []).append((t_ms, _label(body)))

    def watched(self, body: Mapping[str, object], first_ms: int, last_ms: int) -> None:
        """Index a FILES record of the watcher."""
        changed = [item for item in _items(body.get("changed")) if isinstance(item, Mapping)]
        named = [cast("Mapping[str, object]", item).get("path") for item in changed]
        named += [name for pair in _items(body.get("renamed")) for name in _items(pair)]
        for path in named:
            if isinstance(path, str):
                self._watched.setdefault(path, []).append((first_ms, last_ms))

    def will_tell(self, path: str, t_ms: int) -> bool:
        """Say whether the file watcher reports a file about this time."""
        return any(
            first - WITHIN_MS <= t_ms <= last + WITHIN_MS
            for first, last in self._watched.get(path, ())
        )

    def explaining(self, paths: Collection[str], from_ms: int, to_ms: int) -> tuple[str, ...]:
        """Return the labels of operations that cover all of these files; empty if not all."""
        found: list[str] = []
        for path in sorted(paths):
            near = [
                label
                for t_ms, label in self._told.get(path, ())
                if from_ms - WITHIN_MS <= t_ms <= to_ms + WITHIN_MS
            ]
            if not near:
                return ()
            found += near
        return tuple(dict.fromkeys(found))


def _label(body: Mapping[str, object]) -> str:
    """Return the editor's name for its operation."""
    actor = body.get("actor")
    said = fields_of(actor).get("evidence")
    label = next(iter(_items(said)), None)
    return label[:_MAX_LABEL] if isinstance(label, str) else f"file {body.get('kind')}"


def _items(value: object) -> Sequence[object]:
    return items_of(value)
