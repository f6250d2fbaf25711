"""Builds the header of an episode, and the names its columns refer to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from signoff_collector.episode.content import Episode
from signoff_collector.seal.building.building import MS, Builder
from signoff_collector.seal.steps.observing import observability
from signoff_schemas.header import Base, CheckSummary, Editor, EpisodeHeader
from signoff_schemas.steps import GapStep, ResyncStep

if TYPE_CHECKING:
    from signoff_collector.capture.journal.records import WriterRecords
    from signoff_collector.seal.disk.checkpoints import Checkpoints
    from signoff_collector.seal.disk.tree_steps import TreeSteps
    from signoff_collector.seal.gathering.gathered import Gathered
    from signoff_collector.seal.pseudonyms import Pseudonyms
    from signoff_collector.seal.times.merge import SessionScale


def number_editors(writers: Sequence[WriterRecords]) -> dict[str, int]:
    """Return the number of the editor process behind each writer."""
    numbers: dict[str, int] = {}
    return {
        writer.writer_id: numbers.setdefault(writer.editor_key, len(numbers))
        for writer in _by_time(writers)
    }


def name_sources(writers: Sequence[WriterRecords]) -> dict[str, str]:
    """Return the source name of each writer in the episode: `bridge:1`, `git`, `run`."""
    names: dict[str, str] = {}
    bridges = 0
    for writer in _by_time(writers):
        if writer.is_editor:
            bridges += 1
            names[writer.writer_id] = f"bridge:{bridges}"
        else:
            names[writer.writer_id] = writer.header.writer
    return names


def episode_of(
    *,
    builder: Builder,
    gathered: Gathered,
    writers: Sequence[WriterRecords],
    names: Pseudonyms,
    checkpoints: Checkpoints,
    tree: TreeSteps,
    scale: SessionScale,
) -> Episode:
    """Assemble header, steps and edits."""
    base = gathered.base
    is_dirty, dirty_files = base.is_dirty, base.dirty_files
    if is_dirty is None and tree.overlay is not None and base.commit is not None:
        is_dirty, dirty_files = tree.overlay > 0, tree.overlay
    edits = builder.edits.table()
    gaps = sum(isinstance(step, GapStep) and step.reason in _BLIND for step in builder.steps)
    header = EpisodeHeader(
        session=gathered.session,
        workspace=names.workspace(gathered.root),
        base=Base(
            commit=None if base.commit is None else names.commit(base.commit),
            branch=None if base.branch is None else names.branch(base.branch),
            is_dirty=is_dirty,
            dirty_files=dirty_files,
        ),
        editors=_editors(writers),
        sources=tuple(builder.sources),
        policy_sha256=gathered.policy_sha256,
        observability=observability(
            writers,
            name_sources(writers),
            builder,
            tree,
            scale=scale,
            endings=gathered.endings,
        ),
        captured_on=gathered.captured_on,
        started_wall_ns=scale.start_ns,
        duration_ns=builder.t_ms * MS,
        edits=len(edits),
        steps=len(edits) + len(builder.steps),
        versions=dict(gathered.versions),
        check=CheckSummary(
            checkpoints=checkpoints.checked,
            matched=checkpoints.matched,
            resyncs=sum(isinstance(step, ResyncStep) for step in builder.steps),
            blind_spans=gaps + checkpoints.blind_spans,
        ),
        exact_values="relearned" if gathered.exact_values == "relearned" else "none",
        sealed_offline=gathered.is_offline,
    )
    return Episode(
        header=header,
        files=tuple(builder.files),
        steps=tuple(builder.steps),
        edits=edits,
        blobs=tuple(builder.blobs),
    )


_BLIND = frozenset(
    {"paused", "private", "crashed", "dropped", "too_large", "forgotten", "withheld"}
)
"""Reasons of gaps in which text may have changed without being recorded, as in `checking`."""


def _by_time(writers: Sequence[WriterRecords]) -> list[WriterRecords]:
    return sorted(writers, key=lambda one: (one.header.t_wall_ns, one.writer_id))


def _editors(writers: Sequence[WriterRecords]) -> tuple[Editor, ...]:
    """Return the editor processes in the order of their buffer numbers."""
    numbers = number_editors(writers)
    found: dict[int, Editor] = {}
    for writer in _by_time(writers):
        fields = writer.header.fields
        name, version = fields.get("editor"), fields.get("editor_version")
        encoding = fields.get("encoding")
        if writer.is_editor:
            found.setdefault(
                numbers[writer.writer_id],
                Editor(
                    name=name if isinstance(name, str) and name else "unknown",
                    version=version if isinstance(version, str) and version else None,
                    position_encoding=(
                        "utf-8" if encoding == "utf-8"
                        else "utf-32" if encoding == "utf-32" else "utf-16"
                    ),
                ),
            )  # fmt: skip
    return tuple(found.values())
