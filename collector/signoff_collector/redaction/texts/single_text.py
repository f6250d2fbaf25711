"""Redact one text and its edits, without an episode."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from signoff_collector.episode.content import Edit, EditTable, Episode
from signoff_collector.redaction.interface import TextEdit
from signoff_collector.redaction.texts.learning import TextLearner
from signoff_collector.redaction.texts.shown import ShownText
from signoff_collector.redaction.texts.texts import Key, TextStates
from signoff_schemas.header import EpisodeHeader
from signoff_schemas.steps import OpenStep

if TYPE_CHECKING:
    from signoff_collector.redaction.values.secrets_table import SecretsTable


def redact_single(
    opened: str, edits: Sequence[TextEdit], table: SecretsTable
) -> list[TextEdit | None]:
    """Return the edits between the shown states; None for an edit that changes none of them."""
    episode = _episode_of(opened, edits)
    learner = TextLearner(episode, table)
    learner.detect()
    learner.spread()
    learner.masks.label = table.label
    states = TextStates(episode)
    states.apply_step(episode.steps[0])
    text = states.texts[Key(0, 0)]
    shown = ShownText(text, learner.masks)
    result: list[TextEdit | None] = []
    for edit in episode.edits.edits():
        pending = shown.before_edit(edit.start, edit.deleted)
        fresh: array[int] = states.apply_edit(edit)
        change = pending.done(fresh, edit.text)
        result.append(
            None
            if change is None
            else TextEdit(start=change.start, deleted=change.deleted, text=change.text)
        )
    return result


def _episode_of(opened: str, edits: Sequence[TextEdit]) -> Episode:
    step = OpenStep(seq=0, t_ns=0, source="", path="text", buffer=0, blob=0)
    rows = [
        Edit(place + 1, 0, 0, 0, edit.start, edit.deleted, edit.text, 0, 0)
        for place, edit in enumerate(edits)
    ]
    return Episode(
        header=EpisodeHeader(session="", workspace=""),
        files=("text",),
        steps=(step,),
        edits=EditTable.from_rows(rows),
        blobs=(opened.encode("utf-8", "surrogatepass"),),
    )
