"""Converts all steps, edits included, to their published JSON (schemas/json/step.schema.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.episode.content import NONE, Edit
from signoff_schemas.steps import step_json
from signoff_schemas.words import ACTOR_CLASSES, BASES, TIME_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode

_FIRST = ("seq", "t_ns", "t_kind", "kind")


def step_rows(episode: Episode) -> Iterator[dict[str, object]]:
    """Yield one mapping per step, by rising ``seq``; about 3 µs per edit."""
    number = 0
    for step in episode.ordered():
        if isinstance(step, Edit):
            number += 1
            yield _edit_row(episode, step, number)
        else:
            fields = step_json(step)
            first = {name: fields.pop(name) for name in _FIRST if name in fields}
            yield first | fields


def _edit_row(episode: Episode, edit: Edit, number: int) -> dict[str, object]:
    sources = episode.header.sources
    row: dict[str, object] = {
        "seq": edit.seq,
        "t_ns": edit.t_ns,
        "t_kind": TIME_KINDS[edit.t_kind].value,
        "kind": "edit",
        "source": sources[edit.source] if edit.source < len(sources) else "",
        "actor": {
            "class": ACTOR_CLASSES[edit.actor].value,
            "basis": BASES[edit.basis].value,
            "evidence": list(episode.edits.evidence_sets[edit.evidence])
            if episode.edits.evidence_sets
            else [],
        },
    }
    if edit.task != NONE:
        row["task"] = edit.task
    row |= {"path": episode.files[edit.file], "buffer": edit.buffer}
    if edit.batch_ns:
        row["batch_ns"] = edit.batch_ns
    row |= {"n": number, "start": edit.start, "deleted": edit.deleted, "text": edit.text}
    for name in ("txn", "version", "cursor"):
        value = getattr(edit, name)
        if value != NONE:
            row[name] = value
    return row
