"""Open an episode to be labelled: its units, what is proposed, and the labels beside it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.episode.file.reader import read_bytes, read_episode
from signoff_collector.episode.file.upgrade import upgraded
from signoff_collector.episode.locating import LIVE, locate
from signoff_collector.episode.masked import is_masked
from signoff_collector.labels.comparing import refuse_incomparable
from signoff_collector.labels.label_file import (
    LabelFile,
    Labelled,
    read_set,
    refuse_other_episode,
)
from signoff_collector.labels.proposing import proposals_of
from signoff_collector.labels.schema_files import default_schema
from signoff_collector.labels.signing import label_key, verify_set
from signoff_collector.labels.units import Units
from signoff_collector.levels.levels import levels_of
from signoff_schemas.errors import NotSignedError, RefusedError, UsageError
from signoff_schemas.labels import parse_label_set

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from signoff_collector.episode.content import Episode
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock
    from signoff_schemas.labels import LabelSchema, LabelSet, ProposedLabel


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An episode that is being labelled."""

    path: Path
    data: bytes
    sha256: str
    episode: Episode
    units: Units
    proposals: tuple[ProposedLabel, ...]
    """All of them, decided ones too."""
    file: LabelFile


def open_labels(
    home: Home,
    name: str,
    *,
    chosen: LabelSchema | None,
    mask: Callable[[str], str],
    clock: Clock,
) -> Opened:
    """Read a sealed episode and the labels beside it; 1 s of CPU for a long day.

    Args:
        home: where the key for labels is kept, and made.
        name: the EPISODE argument.
        chosen: the label schema that a person named.
        mask: takes secrets out of words.
        clock: names the day.

    Raises:
        UsageError: it is a session that goes on.
        RefusedError: the episode was never masked, or the labels are of something else.
        DamagedError: it cannot be read.
    """
    if name == LIVE:
        raise UsageError("a session that goes on cannot be labelled", hint="`signoff stop` it.")
    path = locate(home, name)
    data = read_bytes(path)
    episode = read_episode(upgraded(data))
    if not is_masked(episode.header):
        raise RefusedError(
            "this episode was never masked, so its labels could not be given on",
            hint="`signoff seal` makes a masked one from its session.",
        )
    sha256 = hashlib.sha256(data).hexdigest()
    about = Labelled(path=path, sha256=sha256, steps=episode.step_count, key=label_key(home))
    file = LabelFile(home, about, schema=default_schema, chosen=chosen, mask=mask, clock=clock)
    levels = levels_of(episode)
    return Opened(
        path=path,
        data=data,
        sha256=sha256,
        episode=episode,
        units=Units(episode, levels.bursts),
        proposals=proposals_of(levels, file.schema),
        file=file,
    )


def with_others(opened: Opened, places: Iterable[Path]) -> list[LabelSet]:
    """Return one's own labels, where there are some, and then the sets of others.

    Raises:
        NotSignedError: a set of another labeller is not signed by them.
        RefusedError: a set is of another episode.
        UsageError: they cannot be compared.
    """
    own = opened.file.found
    found = [_other(place, opened.sha256, own.labeller) for place in places]
    if opened.file.exists and own.labeller not in {one.labeller for one in found}:
        found.insert(0, own)
    refuse_incomparable(found)
    return found


def _other(place: Path, sha256: str, own: str) -> LabelSet:
    content, signature = read_set(place)
    found = parse_label_set(content)
    if signature is not None:
        found = verify_set(content, signature).found
    elif found.labeller != own:
        raise NotSignedError(
            f"{place.name} is not signed", hint="Its labeller signs it: `signoff label --sign`."
        )
    refuse_other_episode(found, sha256)
    return found
