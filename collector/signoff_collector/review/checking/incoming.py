"""Texts that enter kept tasks from elsewhere: masked, or ticked one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.redaction.texts.texts import DISK, TextStates
from signoff_collector.review.applying.selection import overlay_paths
from signoff_collector.review.plan import plan_edits
from signoff_schemas.plan import TextMask
from signoff_schemas.steps import OpenStep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.episode.content import Episode
    from signoff_collector.review.applying.apply import Entered
    from signoff_collector.review.desk.desk import Desk


class Incoming:
    """Texts from omitted steps, from pauses, and of files that were never opened."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._wholes: dict[tuple[str, int, str], tuple[TextMask, ...]] = {}

    def entered(self) -> tuple[Entered, ...]:
        """Return the texts that enter any kept task from omitted steps."""
        places = range(len(self._desk.plan.keeps))
        found = [one for place in places for one in self._desk.preview(place).entered]
        unique = {(one.seq, one.path, one.key): one for one in found}
        return tuple(unique.values())

    def hide(self, entered: Iterable[Entered]) -> None:
        """Mask the entire text that enters."""
        masks = [mask for one in entered for mask in self._whole(one)]
        self._desk.change(plan_edits.mask_texts(self._desk.plan, masks))

    def hidden(self, entered: Iterable[Entered]) -> frozenset[Entered]:
        """Return those that are masked completely."""
        masked = set(self._desk.plan.mask_texts)
        return frozenset(one for one in entered if masked.issuperset(self._whole(one)))

    def _whole(self, one: Entered) -> tuple[TextMask, ...]:
        name = (self._desk.plan.base_sha256, one.seq, one.path)
        if name not in self._wholes:
            self._wholes[name] = tuple(whole_texts(self._desk.base, one.seq, one.path))
        return self._wholes[name]

    def paused(self) -> list[tuple[int, str]]:
        """Return step and file of each text that was typed while recording was paused."""
        return [
            (step.seq, step.path)
            for step in self._desk.base.steps
            if isinstance(step, OpenStep) and step.while_paused and step.path is not None
        ]

    def overlay(self) -> dict[int, str]:
        """Return the never opened files that differed from the commit, by file number."""
        return {
            self._desk.paths.index(path): path for path in sorted(overlay_paths(self._desk.base))
        }


def whole_texts(episode: Episode, seq: int, path: str) -> list[TextMask]:
    """Return masks that cover every text of a file at a moment completely."""
    states = TextStates(episode)
    for step, _ in states.walk():
        if step.seq == seq:
            break
    return [
        TextMask(
            after_seq=seq,
            file=key.file,
            buffer=None if key.buffer == DISK else key.buffer,
            start=0,
            length=len(text.chars),
        )
        for key, text in sorted(states.texts.items())
        if states.paths[key.file] == path and text.chars
    ]
