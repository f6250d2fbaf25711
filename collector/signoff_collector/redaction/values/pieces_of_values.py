"""Mask short pieces of a known value that together spell it, though each alone is harmless.

Edits or labels of completions may contain a value five characters at a time; overlapping pieces
can be reassembled (threat 15). If more than one piece of a value occurs in this way, all of them
are masked.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from signoff_schemas.steps import AssistStep

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.redaction.texts.shown import Masks
    from signoff_collector.redaction.texts.streams import Stream
    from signoff_collector.redaction.values.secrets_table import SecretsTable

_SHORT: Final = 12
_TOKEN: Final = re.compile(r"[\w+/=~!@#%^&*-]+")


def piece_in(text: str) -> tuple[str, int]:
    """Return the only token of a short text and its offset; ("", 0) if there are several."""
    tokens = list(_TOKEN.finditer(text)) if len(text) <= _SHORT else []
    return (tokens[0][0], tokens[0].start()) if len(tokens) == 1 else ("", 0)


def spelt_in_labels(episode: Episode, table: SecretsTable) -> frozenset[int]:
    """Return the groups of which the labels of completions contain more than one piece."""
    found: dict[int, set[str]] = {}
    for step in episode.steps:
        if isinstance(step, AssistStep):
            for text in _labels(step):
                piece, _ = piece_in(text)
                group = table.piece_of(piece)
                if group:
                    found.setdefault(group, set()).add(piece)
    return frozenset(group for group, pieces in found.items() if len(pieces) > 1)


def mark_pieces(inserted: Stream, masks: Masks, table: SecretsTable) -> bool:
    """Mask short pieces of a value that several edits inserted; return whether there were any.

    Each is too short to be masked alone; several of one value overlap into it.
    """
    before = masks.round
    found: dict[int, list[tuple[str, array[int]]]] = {}
    ends = (*inserted.starts[1:], len(inserted.chars))[: len(inserted.starts)]
    for low, high in zip(inserted.starts, ends, strict=True):
        piece, place = piece_in(inserted.chars[low:high])
        group = table.piece_of(piece)
        if group:
            ids = inserted.ids[low + place : low + place + len(piece)]
            found.setdefault(group, []).append((piece, ids))
    for group, pieces in found.items():
        if len({piece for piece, _ in pieces}) > 1:
            for _, ids in pieces:
                masks.mark(ids, group)
    return masks.round != before


def _labels(step: AssistStep) -> Iterator[str]:
    yield from step.offered
    yield from (text for text in (step.chosen, step.inserted) if text)
