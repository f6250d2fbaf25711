"""The table `episodes`: one row for each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from signoff_collector.levels.levels import LEVELS_VERSION
from signoff_collector.levels.writing.shares import shares
from signoff_datasets.tables.texts import json_text, maybe_whole, whole
from signoff_schemas.steps import OpenStep, seen_on_disk

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_datasets.tables.facts import Facts
    from signoff_datasets.tables.times import Times

Row = dict[str, object]


def episode_row(facts: Facts, episode: Episode, times: Times) -> Row:
    """Return the row of an episode. Its session and workspace are told to nobody."""
    header, planned = episode.header, facts.planned
    last = int(episode.times()[-1]) if episode.step_count else 0
    inserted = Counter[str]()
    for share in shares(episode, [(0, max(episode.step_count - 1, 0))]):
        inserted[share.group] += share.inserted
    return {
        "episode": planned.sha256,
        "statement": planned.statement_sha256,
        "split": facts.shard.split,
        "shard": facts.shard.name,
        "contributor": planned.contributor,
        "repository": planned.repository,
        "licence": planned.licence,
        "repository_licence": planned.repository_licence,
        "purposes": [str(one) for one in planned.purposes],
        "prohibited_uses": [str(one) for one in planned.prohibited_uses],
        "expires": planned.expires,
        "size_bytes": planned.size_bytes,
        "format_version": header.format_version,
        "captured_on": header.captured_on,
        "time_resolution": header.time_resolution,
        "duration_ms": times.at(last),
        "steps": episode.step_count,
        "edits": len(episode.edits),
        "files": len(_paths(episode)),
        "languages": _languages(episode),
        "editors": sorted({whole(editor.name) for editor in header.editors}),
        "repository_url": maybe_whole(header.base.repository),
        "base_commit": maybe_whole(header.base.commit),
        "checkpoints": header.check.checkpoints,
        "matched": header.check.matched,
        "resyncs": header.check.resyncs,
        "blind_spans": header.check.blind_spans,
        "inserted": inserted.total(),
        **{f"inserted_{group}": inserted[group] for group in _GROUPS},
        "masks": sum(header.redaction.values()),
        "levels_version": LEVELS_VERSION,
        "observability": json_text(
            [
                one.model_dump(mode="json", exclude={"from_ns", "to_ns"})
                for one in header.observability
            ]
        ),
    }


_GROUPS = ("person", "assistant", "tool", "unknown")


def _paths(episode: Episode) -> set[str]:
    paths = {episode.files[file] for file in set(episode.edits.file.tolist())}
    for step in episode.steps:
        if isinstance(step, OpenStep) and step.path is not None:
            paths.add(step.path)
        paths.update(item.path for item in seen_on_disk(step))
    return paths


def _languages(episode: Episode) -> list[str]:
    steps = (step for step in episode.steps if isinstance(step, OpenStep))
    return sorted({whole(step.language) for step in steps if step.language is not None})
