"""Computes the observability of each source: what it could see, and when (promise 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from signoff_collector.seal.building.building import MS, Builder
from signoff_schemas.header import Observability
from signoff_schemas.words import Coverage

if TYPE_CHECKING:
    from signoff_collector.capture.journal.records import WriterRecords
    from signoff_collector.seal.disk.tree_steps import TreeSteps
    from signoff_collector.seal.gathering.endings import Ending
    from signoff_collector.seal.times.merge import SessionScale

_WATCHERS: Final = frozenset({"files", "git"})
"""Sources restarted after a kill, with several writers of one name: each is listed separately."""


def observability(
    writers: Sequence[WriterRecords],
    names: Mapping[str, str],
    builder: Builder,
    tree: TreeSteps,
    *,
    scale: SessionScale,
    endings: Sequence[Ending],
) -> tuple[Observability, ...]:
    """Return what each source could see; a kind of step it never produced counts as not seen.

    Args:
        writers: of the session.
        names: writer id to source name.
        builder: with all steps of the session.
        tree: coverage of the file watcher.
        scale: maps the writers' clocks to session time.
        endings: writers that did not close their journals.
    """
    kinds: dict[str, set[str]] = {}
    for step in builder.steps:
        kinds.setdefault(step.source, set()).add(step.kind)
    has_evidence = len(builder.edits.authors) > 1
    times = _Times(scale, {ending.writer_id: ending.t_boot_ns for ending in endings})
    found: list[Observability] = []
    for source, group in _groups(writers, names):
        seen = kinds.get(source, set())
        is_editor = group[0].is_editor
        from_ns, to_ns = times.of(group)
        found.append(
            Observability(
                source=source,
                from_ns=from_ns,
                to_ns=to_ns,
                edits=Coverage.FULL if is_editor else Coverage.NONE,
                keys=Coverage.PARTIAL if is_editor else Coverage.NONE,
                reasons=_when(is_editor and has_evidence),
                view=_when("view" in seen),
                select=_when("select" in seen),
                focus=_when("focus" in seen),
                diagnostics=_when("diagnostics" in seen),
                suggestions=_when("assist" in seen),
                search=_when("search" in seen),
                output=_when("command" in seen),
                tests=_when("tests" in seen),
                agents=_when("agent" in seen),
                git=_when(source == "git" or "git" in seen),
                files=tree.coverage if source == "files" else _when("files" in seen),
            )
        )
    return tuple(found)


class _Times:
    """Start times of sources, and end times of those that did not close."""

    def __init__(self, scale: SessionScale, ended: Mapping[str, int]) -> None:
        self._scale = scale
        self._ended = ended

    def of(self, group: Sequence[WriterRecords]) -> tuple[int, int | None]:
        """Return start and end of a group of writers; an end of None is the session's end."""
        begins = [self._at(one, one.header.t_boot_ns) for one in group]
        if not all(one.writer_id in self._ended for one in group):
            return min(begins), None
        ends = [self._at(one, self._ended[one.writer_id]) for one in group]
        return min(begins), max(ends)

    def _at(self, writer: WriterRecords, t_boot_ns: int) -> int:
        place = self._scale.at(writer.header.boot_id, t_boot_ns) - self._scale.start_ns
        return max(0, place) // MS * MS


def _groups(
    writers: Sequence[WriterRecords], names: Mapping[str, str]
) -> list[tuple[str, list[WriterRecords]]]:
    """Group the writers by source; watchers are not grouped."""
    by_id = {writer.writer_id: writer for writer in writers}
    groups: list[tuple[str, list[WriterRecords]]] = []
    places: dict[str, int] = {}
    for writer_id, source in names.items():
        if source in places and source not in _WATCHERS:
            groups[places[source]][1].append(by_id[writer_id])
        else:
            places[source] = len(groups)
            groups.append((source, [by_id[writer_id]]))
    return groups


def _when(is_seen: bool) -> Coverage:
    return Coverage.PARTIAL if is_seen else Coverage.NONE
