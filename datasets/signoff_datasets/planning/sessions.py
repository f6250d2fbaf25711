"""Episodes of one session that hold the same work: reviewed twice, one of them is enough.

Two tasks of one session are two episodes and share no edits; both may be in a data set.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_datasets.tables.texts import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from signoff_collector.episode.content import Episode

_RUN: Final = 64
"""So many equal edits in a row are not typed twice by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """An episode that was chosen, and the session that it is of."""

    sha256: str
    place: str
    contributor: str
    session: str
    """As its header names it: a pseudonym."""
    signed: str
    """When."""


def repeated(
    sittings: Iterable[Sitting], read: Callable[[Sitting], Episode | None]
) -> Iterator[Sitting]:
    """Yield each episode with work that another of its session holds too, signed later.

    Args:
        sittings: all that were chosen.
        read: reads the episode again; called only where a session has several.
    """
    by_session: dict[tuple[str, str], list[Sitting]] = defaultdict(list)
    for one in sittings:
        by_session[one.contributor, one.session].append(one)
    for group in by_session.values():
        if len(group) == 1:
            continue
        seen: set[bytes] = set()
        for one in sorted(group, key=lambda each: (each.signed, each.sha256), reverse=True):
            episode = read(one)
            found = set() if episode is None else _runs(episode)
            if found & seen:
                yield one
            seen |= found


def _runs(episode: Episode) -> set[bytes]:
    """Return the digests of every run of edits, or of all of them where they are fewer."""
    edits, files = episode.edits, episode.files
    paths, texts = edits.file.tolist(), edits.texts()
    each = [
        hashlib.sha256(f"{whole(files[file])}\0{deleted}\0{whole(text)}".encode()).digest()[:8]
        for file, deleted, text in zip(paths, edits.deleted.tolist(), texts, strict=True)
    ]
    length = min(_RUN, len(each))
    if not length:
        return set()
    return {
        hashlib.sha256(b"".join(each[at : at + length])).digest()[:16]
        for at in range(len(each) - length + 1)
    }
