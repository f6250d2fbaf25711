"""The header of an episode, and the names its columns refer to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from signoff_collector.episode.content import Episode
from signoff_collector.seal.building import MS, Builder
from signoff_schemas.header import Base, CheckSummary, Editor, EpisodeHeader, Observability
from signoff_schemas.words import Coverage

if TYPE_CHECKING:
    from signoff_collector.seal.checkpoints import Checkpoints
    from signoff_collector.seal.gathered import Gathered
    from signoff_collector.seal.pseudonyms import Pseudonyms
    from signoff_collector.seal.records import WriterRecords


def number_editors(writers: Sequence[WriterRecords]) -> dict[str, int]:
    """Return the number of the editor process behind each writer."""
    numbers: dict[str, int] = {}
    return {
        writer.writer_id: numbers.setdefault(writer.editor_key, len(numbers))
        for writer in _by_time(writers)
    }


def name_sources(writers: Sequence[WriterRecords]) -> dict[str, str]:
    """Return what each writer is called in the episode: `bridge:1`, `git`, `run`."""
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
    start_wall_ns: int,
) -> Episode:
    """Put header, steps and edits together."""
    base = gathered.base
    edits = builder.edits.table()
    gaps = sum(getattr(step, "reason", None) in _BLIND for step in builder.steps)
    header = EpisodeHeader(
        session=gathered.session,
        workspace=names.workspace(gathered.root),
        base=Base(
            commit=None if base.commit is None else names.commit(base.commit),
            branch=None if base.branch is None else names.branch(base.branch),
            is_dirty=base.is_dirty,
            dirty_files=base.dirty_files,
        ),
        editors=_editors(writers),
        sources=tuple(builder.sources),
        policy_sha256=gathered.policy_sha256,
        observability=_observability(writers, builder),
        captured_on=gathered.captured_on,
        started_wall_ns=start_wall_ns,
        duration_ns=builder.t_ms * MS,
        edits=len(edits),
        steps=len(edits) + len(builder.steps),
        versions=dict(gathered.versions),
        check=CheckSummary(
            checkpoints=checkpoints.checked,
            matched=checkpoints.matched,
            resyncs=sum(getattr(step, "kind", "") == "resync" for step in builder.steps),
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
"""Gap reasons in which text may have changed unseen, as `check` counts them."""


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


def _observability(writers: Sequence[WriterRecords], builder: Builder) -> tuple[Observability, ...]:
    """Say per source what it could see; what a source never showed counts as not seen."""
    kinds: dict[str, set[str]] = {}
    for step in builder.steps:
        kinds.setdefault(step.source, set()).add(getattr(step, "kind", ""))
    has_evidence = len(builder.edits.authors) > 1
    found: list[Observability] = []
    for writer_id, source in name_sources(writers).items():
        seen = kinds.get(source, set())
        is_editor = writer_id.startswith("lsp-")
        if any(one.source == source for one in found):
            continue
        found.append(
            Observability(
                source=source,
                edits=Coverage.FULL if is_editor else Coverage.NONE,
                keys=Coverage.PARTIAL if is_editor else Coverage.NONE,
                reasons=_when(is_editor and has_evidence),
                view=_when("view" in seen),
                select=_when("select" in seen),
                focus=_when("focus" in seen),
                diagnostics=_when("diagnostics" in seen),
                output=_when("command" in seen),
                tests=_when("tests" in seen),
                agents=_when("agent" in seen),
                git=_when(source == "git" or "git" in seen),
                files=_when("files" in seen),
            )
        )
    return tuple(found)


def _when(is_seen: bool) -> Coverage:
    return Coverage.PARTIAL if is_seen else Coverage.NONE
