"""Recognise texts that `signoff restore` put back, and the characters that they were before."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from signoff_collector.redaction.texts.texts import Key, TextStates
from signoff_schemas.steps import CommandStep, FilesStep, StepBase
from signoff_schemas.words import is_restored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from signoff_collector.episode.content import Episode

_RESTORE = ("signoff", "restore")


class RestoredTexts:
    """The texts that restores of an episode ended in, by file; walked along once."""

    def __init__(self, wanted: Mapping[int, set[str]], putting: set[int]) -> None:
        self._wanted = wanted
        self._putting = putting
        self._lengths = {file: {len(text) for text in texts} for file, texts in wanted.items()}
        self._first: dict[tuple[int, str], NDArray[np.int32]] = {}
        self._origins: list[tuple[NDArray[np.int32], NDArray[np.int32]]] = []

    def takes(
        self, states: TextStates, touched: Iterable[Key], before: int, *, seq: int, is_anew: bool
    ) -> bool:
        """Look at texts just changed; say whether one was put back of which nothing is known.

        Args:
            states: the texts after the change.
            touched: keys of what changed.
            before: ids from here on are new.
            seq: of the step that changed them.
            is_anew: the author writes: equal text is no text that was put back.
        """
        is_foreign = False
        for key in touched:
            text = states.texts.get(key)
            if text is None or text.length not in self._lengths.get(key.file, ()):
                continue
            chars = text.chars
            if chars not in self._wanted[key.file]:
                continue
            ids = np.frombuffer(text.ids, np.int32).copy()
            known = self._first.setdefault((key.file, chars), ids)
            if known is ids:
                is_foreign |= seq in self._putting
            elif not is_anew:
                fresh = ids >= before
                self._origins.append((ids[fresh], known[fresh]))
        return is_foreign

    def originals(self, id_count: int) -> NDArray[np.int32]:
        """Return, by id of a character, the id under which it stood first."""
        original = np.arange(id_count, dtype=np.int32)
        for fresh, old in self._origins:
            original[fresh] = original[old]
        return original


def restored_texts(episode: Episode) -> RestoredTexts:
    """Find them; an episode without a restore is not walked for it."""
    wanted: dict[int, set[str]] = defaultdict(set)
    putting: set[int] = set()
    said = {place for place, one in enumerate(episode.edits.evidence_sets) if is_restored(one)}
    if said or any(_is_restore(step) for step in episode.steps):
        states = TextStates(episode)
        seen_by: dict[Key, int] = {}
        """By text: the step of the file watcher that brought it, and knew of nobody."""
        for step in episode.ordered():
            if isinstance(step, StepBase):
                touched = states.apply_step(step)
                is_watched = isinstance(step, FilesStep)
                seen_by |= dict.fromkeys(touched, step.seq if is_watched else -1)
                put_back = step.disk if isinstance(step, CommandStep) and _is_restore(step) else ()
                keys = [key for item in put_back if (key := states.key(item.path, None))]
            else:
                states.apply_edit(step)
                keys = [Key(step.file, step.buffer)] if step.evidence in said else []
            for key in keys:
                if key in states.texts:
                    wanted[key.file].add(states.texts[key].chars)
                    putting |= {step.seq, seen_by.get(key, -1)}
    return RestoredTexts(wanted, putting)


def _is_restore(step: object) -> bool:
    return isinstance(step, CommandStep) and step.argv[:2] == _RESTORE
