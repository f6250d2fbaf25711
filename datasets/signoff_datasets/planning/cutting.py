"""Cut episodes into shards, so that no shard tells of few people (k) or mostly of one.

Contributors lie on a line by their pseudonyms, which are HMACs of the salt: whoever takes an
episode back touches few shards, and nobody chooses beside whom they lie. The line is cut where a
shard is large enough and holds enough people; what is left at its end joins the shard before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_datasets.planning.pseudonyms import pseudonym
from signoff_schemas.dataset import MOST_SHARE, PlannedShard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from signoff_datasets.screening.reasons import GroupReason
    from signoff_schemas.dataset import PlannedEpisode, Request, Split

_PIECES: Final = 8
"""A contributor with more than this part of a shard is laid on the line in several pieces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Shards of one split, and what is in none."""

    shards: tuple[PlannedShard, ...]
    left_out: dict[str, GroupReason]
    """Digest to reason."""


def cut(episodes: Iterable[PlannedEpisode], split: Split, request: Request, salt: str) -> Cut:
    """Cut the episodes of one split into shards of about `request.shard_bytes`."""
    groups: list[list[PlannedEpisode]] = []
    group: list[PlannedEpisode] = []
    size = 0
    for piece in _on_a_line(episodes, request.shard_bytes // _PIECES, salt):
        group += piece
        size += sum(one.size_bytes for one in piece)
        if size >= request.shard_bytes and fits(group, request.k):
            groups.append(group)
            group, size = [], 0
    while group:
        if fits(group, request.k):
            groups.append(group)
            break
        if not groups:
            break
        group = [*groups.pop(), *group]
    kept, left_out = trimmed(group, request.k, salt) if not groups else ([], {})
    if kept:
        groups.append(kept)
    return Cut(
        shards=tuple(
            PlannedShard(
                name=f"{split}-{number:05}",
                split=split,
                episodes=tuple(sorted(one.sha256 for one in members)),
            )
            for number, members in enumerate(groups)
        ),
        left_out=left_out,
    )


def fits(group: Sequence[PlannedEpisode], k: int) -> bool:
    """Say whether a shard of these would hold enough people, and of none too much."""
    return fits_counts(Counter(one.contributor for one in group), k)


def fits_counts(counts: Mapping[str, int], k: int) -> bool:
    """Say the same of the number of episodes of each contributor."""
    if len(counts) < k:
        return False
    return k == 1 or max(counts.values(), default=0) <= MOST_SHARE * sum(counts.values())


def _on_a_line(
    episodes: Iterable[PlannedEpisode], most_bytes: int, salt: str
) -> list[list[PlannedEpisode]]:
    """Return the episodes of each contributor in pieces, in the order of their keyed names."""
    by_person: dict[str, list[PlannedEpisode]] = defaultdict(list)
    for one in episodes:
        by_person[one.contributor].append(one)
    pieces: list[tuple[str, list[PlannedEpisode]]] = []
    for person, own in by_person.items():
        piece: list[PlannedEpisode] = []
        number = 0
        size = 0
        for one in sorted(own, key=lambda each: each.sha256):
            if piece and size + one.size_bytes > most_bytes:
                pieces.append((pseudonym(salt, "order", f"{person} {number}"), piece))
                piece, number, size = [], number + 1, 0
            piece.append(one)
            size += one.size_bytes
        pieces.append((pseudonym(salt, "order", f"{person} {number}"), piece))
    return [piece for _, piece in sorted(pieces, key=lambda one: one[0])]


def trimmed(
    group: list[PlannedEpisode], k: int, salt: str
) -> tuple[list[PlannedEpisode], dict[str, GroupReason]]:
    """Take from the one shard that there would be what its people have too much of.

    Returns:
        What it keeps, which is nothing where there are too few people, and the rest by reason.
    """
    counts = Counter(one.contributor for one in group)
    if len(counts) < k:
        return [], {one.sha256: "fewer-than-k" for one in group}
    most = max(counts.values(), default=0)
    while most and most > MOST_SHARE * sum(min(count, most) for count in counts.values()):
        most -= 1
    kept: list[PlannedEpisode] = []
    held = Counter[str]()
    for one in sorted(group, key=lambda each: pseudonym(salt, "order", each.sha256)):
        if held[one.contributor] < most:
            held[one.contributor] += 1
            kept.append(one)
    names = {one.sha256 for one in kept}
    return kept, {one.sha256: "more-than-a-share" for one in group if one.sha256 not in names}
