"""The table `edits`: every single edit, by columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_datasets.tables.spans import each_none
from signoff_datasets.tables.texts import halves, whole
from signoff_schemas.words import ACTOR_CLASSES, BASES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.episode.content import Episode
    from signoff_datasets.tables.spans import Spans
    from signoff_datasets.tables.times import Times


def edit_columns(
    sha256: str, episode: Episode, spans: Spans, times: Times
) -> dict[str, Sequence[object]]:
    """Return the columns of all edits; with the texts as opened they replay to every state."""
    edits = episode.edits
    texts = edits.texts()
    paths = [whole(path) for path in episode.files]
    when = times.many(edits.t_ns)
    return {
        "episode": [sha256] * len(edits),
        "seq": edits.seq.tolist(),
        "t_ms": [None] * len(edits) if when is None else when.tolist(),
        "path": [paths[file] for file in edits.file.tolist()],
        "buffer": edits.buffer.tolist(),
        "start": edits.start.tolist(),
        "deleted": edits.deleted.tolist(),
        "text": [whole(text) for text in texts],
        "halves": [halves(text) for text in texts],
        "author": [str(ACTOR_CLASSES[actor]) for actor in edits.actor.tolist()],
        "author_basis": [str(BASES[basis]) for basis in edits.basis.tolist()],
        "cursor": list(each_none(edits.cursor)),
        "task": list(each_none(spans.tasks(edits.seq))),
        "attempt": list(each_none(spans.attempts(edits.seq))),
        "burst": list(each_none(spans.bursts())),
    }
